//! Rules about amounts: a total that is not the sum, round ones, those just below what needs authorisation, and how their first digits
//! are spread.

use std::collections::BTreeSet;

use domain::{ClaimLine, CoverageStatus, ScreenFlag, ScreenRule};

use crate::adjudicate::benefit;
use crate::plan::Benefit;
use crate::{Case, Cover, Facts, Plan};

use super::{ScreenedClaim, Screening, count, flag, of_claims, of_lines};

/// From how many lines on round amounts are no coincidence; and what is round, in whole units of the currency.
const ROUND_LINES: usize = 3;
const ROUND: i128 = 50;
/// How far below a limit is just below it, in hundredths of the limit.
const JUST_UNDER: i128 = 5;
/// Over how many days amounts of one provider are taken together.
const SPLIT_DAYS: i32 = 7;
/// From how many amounts on their first digits say something.
const DIGIT_AMOUNTS: usize = 100;
/// How often amounts of invoices begin with 1 to 9, of a thousand (Benford's law), and the sum of squares beyond which the
/// spread is another (chi-square, 8 degrees of freedom, one in a hundred), in hundredths.
const BENFORD: [i128; 9] = [301, 176, 125, 97, 79, 67, 58, 51, 46];
const CHI_SQUARE: i128 = 2_009;

/// The total that the claim came with is not the sum of its lines: the document was added up wrongly, or altered, or a line of it was left
/// out or read wrongly.
pub(super) fn other_total(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let is_other = claim.other_total.is_some_and(|total| i128::from(total.minor()) != claim.charged());
    is_other.then(|| flag(ScreenRule::OtherTotal))
}

/// Several lines, and every amount a round one.
pub(super) fn round(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    // Nothing is no round amount.
    let is_round = |line: &&ClaimLine| {
        let charge = i128::from(line.charge.minor());
        charge > 0 && charge % claim.units(ROUND) == 0
    };
    let all = claim.lines.len() >= ROUND_LINES && claim.lines.iter().all(|line| is_round(&line));
    of_lines(ScreenRule::RoundAmounts, claim.lines.iter().filter(|_| all))
}

/// Above which amount a benefit needs an authorisation, in the claim's currency.
fn limit(screening: &Screening<'_>, plan: &Plan, benefit: &Benefit) -> Option<i128> {
    let above = benefit.preauthorisation.as_ref()?.above.as_ref()?;
    let column = plan.currencies.iter().position(|one| *one == screening.claim.currency)?;
    above.fixed(column).map(i128::from).filter(|limit| *limit > 0)
}

/// Above which amounts the person's plans ask for an authorisation.
fn limits(screening: &Screening<'_>) -> BTreeSet<i128> {
    let of_plan = |plan: &&Plan| -> Vec<i128> {
        plan.benefits.iter().filter_map(|benefit| limit(screening, plan, benefit)).collect()
    };
    screening.plans.iter().flat_map(of_plan).collect()
}

/// The claim as the plan looks at it, as far as it takes to find which benefit a line falls under.
fn case<'a>(screening: &Screening<'a>) -> Case<'a> {
    let (claim, person) = (screening.claim, screening.person);
    Case {
        claim: claim.claim,
        received: claim.received,
        decided: claim.received,
        provider: claim.provider,
        currency: claim.currency,
        lines: claim.lines,
        services: claim.services,
        diagnoses: claim.diagnoses,
        cover: Cover {
            id: None,
            start: claim.received,
            end: None,
            status: CoverageStatus::Active,
            currency: claim.currency,
            exclusions: &[],
        },
        birth_date: Some(person.birth_date),
        death_date: person.death_date,
        confirmed: false,
        facts: Facts { sex: Some(person.sex), ..Facts::default() },
    }
}

/// An amount just below the limit of the benefit that it falls under. Where it is not shown what it was for, none is known.
pub(super) fn just_under_limit(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let case = case(screening);
    let own_limit = |line: &ClaimLine| {
        let service = screening.claim.service(line.number)?;
        screening.plans.iter().find_map(|plan| {
            let (_, benefit) = benefit(plan, &case, service, line.service_start)?;
            limit(screening, plan, benefit)
        })
    };
    let is_just_under = |line: &&ClaimLine| {
        let charge = i128::from(line.charge.minor());
        own_limit(line).is_some_and(|limit| charge <= limit && charge * 100 >= limit * (100 - JUST_UNDER))
    };
    of_lines(ScreenRule::JustUnderLimit, screening.claim.lines.iter().filter(is_just_under))
}

/// Claims of one provider within days, each below a limit, that are above it together.
pub(super) fn split_under_limit(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let first = claim.first_day()?;
    let is_near = |other: &&ScreenedClaim<'_>| {
        (other.provider, other.currency) == (claim.provider, claim.currency)
            && other.first_day().is_some_and(|day| day.days_until(first).abs() < SPLIT_DAYS)
    };
    limits(screening).into_iter().find_map(|limit| {
        let near = || screening.before.iter().filter(is_near).filter(|other| other.charged() <= limit);
        let together: i128 = near().map(ScreenedClaim::charged).sum::<i128>() + claim.charged();
        let is_split = claim.charged() <= limit && together > limit;
        of_claims(ScreenRule::SplitUnderLimit, near().filter(|_| is_split))
    })
}

/// The first digits of the person's amounts are not spread as those of invoices are.
pub(super) fn first_digits(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let all = std::iter::once(&screening.claim).chain(screening.before);
    let amounts: Vec<i64> = all.flat_map(|claim| claim.lines).map(|line| line.charge.minor()).collect();
    let digits: Vec<i64> = amounts.iter().filter_map(|amount| first_digit(*amount)).collect();
    if digits.len() < DIGIT_AMOUNTS {
        return None;
    }
    let number = i128::try_from(digits.len()).ok()?;
    let squares = (1..=9).zip(BENFORD).map(|(digit, often)| {
        let found = digits.iter().filter(|one| **one == digit).count();
        let difference = i128::try_from(found).unwrap_or(0) * 1_000 - number * often;
        difference * difference * 100 / (number * often * 1_000)
    });
    let is_other = squares.sum::<i128>() > CHI_SQUARE;
    is_other.then(|| ScreenFlag { count: Some(count(digits.len())), ..flag(ScreenRule::FirstDigits) })
}

fn first_digit(amount: i64) -> Option<i64> {
    let tens = std::iter::successors(Some(amount), |left| (*left >= 10).then(|| left / 10));
    tens.last().filter(|digit| *digit > 0)
}
