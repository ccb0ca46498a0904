//! Who pays a premium: what the employer bears of it, by the member's yearly reference salary, and what is left for the member.
//! Exact: the member's part is rounded once, a half up, and the two always sum to the premium. It collects nothing.

use toml::Spanned;

use super::Amounts;
use super::parts::{Noted, Reader, every};
use super::premium::{PremiumError, fixed};
use super::raw::RawSubsidy;
use crate::exact::{Ratio, half_up};

/// What the employer pays of a premium from a yearly salary on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subsidy {
    /// From which yearly salary on; from any where it does not say.
    pub(crate) from_salary: Option<Amounts>,
    pub(crate) share: Share,
}

/// How a premium is shared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Share {
    /// The employer pays this part of the premium.
    OfPremium(Ratio),
    /// The member pays this part of the salary of the months that the premium is for; the employer the rest, but at most the
    /// other part of the premium.
    OfSalary { member: Ratio, employer_most: Ratio },
}

/// Who pays how much of a premium, in minor units. The two sum to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PremiumShares {
    /// What the member pays.
    pub member: i64,
    /// What the employer pays.
    pub employer: i64,
}

impl Share {
    /// Of a premium of zero or more for so many months, by a yearly salary.
    pub(crate) fn of(self, premium: i64, months: i32, salary: i64) -> PremiumShares {
        let member = match self {
            Self::OfPremium(rate) => rest_of(rate, premium),
            Self::OfSalary { member, employer_most } => {
                let yearly = i128::from(salary.max(0)) * i128::from(months) * member.over();
                let of_salary = half_up(yearly, member.under() * 12);
                // Rounding keeps the order of two amounts, so that the greater may be taken after it.
                of_salary.max(rest_of(employer_most, premium)).min(i128::from(premium))
            }
        };
        // INVARIANT: from zero to the premium, which fits.
        let member = i64::try_from(member).unwrap_or(premium);
        PremiumShares { member, employer: premium - member }
    }

    /// Whether it takes a salary to say what it comes to.
    const fn asks_salary(self) -> bool {
        matches!(self, Self::OfSalary { .. })
    }
}

/// What is left of a premium once this part of it is paid, to the unit.
fn rest_of(rate: Ratio, premium: i64) -> i128 {
    let rest = rate.rest();
    half_up(i128::from(premium) * rest.over(), rest.under())
}

/// Who pays a premium under the subsidies of a plan, the lowest first. Without any, and below the first, the member does.
///
/// # Errors
/// The shares depend on a salary that is not known.
pub(super) fn shares(
    subsidies: &[Subsidy],
    (premium, months): (i64, i32),
    salary: Option<i64>,
    column: usize,
) -> Result<PremiumShares, PremiumError> {
    let begins = |subsidy: &Subsidy| subsidy.from_salary.as_ref().and_then(|amounts| amounts.fixed(column));
    let whole = PremiumShares { member: premium, employer: 0 };
    match (subsidies, salary) {
        ([], _) => Ok(whole),
        ([only], None) if only.from_salary.is_none() && !only.share.asks_salary() => {
            Ok(only.share.of(premium, months, 0))
        }
        (_, None) => Err(PremiumError::Salary),
        (all, Some(salary)) => {
            let holds = all.iter().rev().find(|subsidy| begins(subsidy).is_none_or(|from| from <= salary));
            Ok(holds.map_or(whole, |subsidy| subsidy.share.of(premium, months, salary)))
        }
    }
}

pub(super) fn read(reader: &Reader<'_>, raw: &[Spanned<RawSubsidy>]) -> Result<Vec<Subsidy>, Noted> {
    let mut all = every(raw.iter().map(|item| Ok((subsidy(reader, item)?, item))))?;
    let first = |subsidy: &Subsidy| subsidy.from_salary.as_ref().map(|amounts| amounts.fixed(0));
    all.sort_by_key(|(subsidy, _)| first(subsidy));
    // Each begins above the one before it, in every currency: else who has which would depend on the currency.
    let rising = every(all.array_windows().map(|[(one, _), (next, item)]| {
        if rises(one.from_salary.as_ref(), next.from_salary.as_ref()) {
            return Ok(());
        }
        let problem = "begins where another subsidy does, or above it in one currency and below it in another: \
                       write each `from_salary` above the one before it";
        Err::<(), _>(reader.error(item.span(), problem))
    }));
    rising?;
    Ok(all.into_iter().map(|(subsidy, _)| subsidy).collect())
}

fn rises(one: Option<&Amounts>, next: Option<&Amounts>) -> bool {
    match (one, next) {
        (None, Some(Amounts::Columns(next))) => next.iter().all(|from| *from > 0),
        (Some(Amounts::Columns(one)), Some(Amounts::Columns(next))) => {
            one.iter().zip(next).all(|(one, next)| one < next)
        }
        _ => false,
    }
}

fn subsidy(reader: &Reader<'_>, item: &Spanned<RawSubsidy>) -> Result<Subsidy, Noted> {
    let table = item.get_ref();
    let from_salary = table.from_salary.as_ref().map(|amount| fixed(reader, amount)).transpose();
    let rate = table.rate.as_ref().map(|rate| reader.rate(rate)).transpose();
    let member = table.member_salary_rate.as_ref().map(|rate| reader.rate(rate)).transpose();
    let share = match (rate?, member?) {
        (Some(rate), None) => Share::OfPremium(rate),
        (rate, Some(member)) => {
            Share::OfSalary { member, employer_most: rate.unwrap_or_else(|| Ratio::of(1, 1)) }
        }
        (None, None) => {
            let problem = "subsidises nothing: add `rate` (what the employer pays of the premium), \
                           `member_salary_rate` (what the member pays of the salary), or both";
            return Err(reader.error(item.span(), problem));
        }
    };
    Ok(Subsidy { from_salary: from_salary?, share })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_salary(member: (u32, u32), most: (u32, u32)) -> Share {
        Share::OfSalary { member: Ratio::of(member.0, member.1), employer_most: Ratio::of(most.0, most.1) }
    }

    #[test]
    fn a_part_of_the_premium_is_the_employers_and_the_rest_the_members() {
        let parts = |rate: (u32, u32), premium| {
            let shares = Share::OfPremium(Ratio::of(rate.0, rate.1)).of(premium, 1, 0);
            (shares.member, shares.employer)
        };
        assert_eq!(parts((3, 4), 89_800), (22_450, 67_350));
        // A half of a minor unit is the member's.
        assert_eq!(parts((1, 2), 101), (51, 50));
        assert_eq!(parts((2, 3), 100), (33, 67));
        assert_eq!((parts((1, 1), 100), parts((0, 1), 100)), ((0, 100), (100, 0)));
    }

    #[test]
    fn a_part_of_the_salary_is_the_members_up_to_the_premium() {
        let parts = |share: Share, premium, months, salary| {
            let shares = share.of(premium, months, salary);
            (shares.member, shares.employer)
        };
        // 4.5 % of 7,000.00 a month.
        assert_eq!(parts(of_salary((45, 1_000), (1, 1)), 89_800, 1, 8_400_000), (31_500, 58_300));
        assert_eq!(parts(of_salary((45, 1_000), (1, 1)), 89_800, 12, 8_400_000), (89_800, 0));
        // The employer pays three quarters at most.
        assert_eq!(parts(of_salary((45, 1_000), (3, 4)), 89_800, 1, 2_400_000), (22_450, 67_350));
        assert_eq!(parts(of_salary((1, 100), (1, 1)), 89_800, 1, 0), (0, 89_800));
    }
}
