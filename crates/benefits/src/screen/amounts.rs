//! Rules about amounts: round ones, those just below what needs authorisation, and how their first digits are spread.

use std::collections::BTreeSet;

use domain::{ClaimLine, ScreenFlag, ScreenRule};

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

/// Above which amounts the person's plans ask for an authorisation, in the claim's currency.
fn limits(screening: &Screening<'_>) -> BTreeSet<i128> {
    let currency = screening.claim.currency;
    let benefits = screening.plans.iter().flat_map(|plan| plan.benefits.iter().map(move |one| (plan, one)));
    benefits
        .filter_map(|(plan, benefit)| {
            let above = benefit.preauthorisation.as_ref()?.above.as_ref()?;
            let column = plan.currencies.iter().position(|one| *one == currency)?;
            above.fixed(column).map(i128::from)
        })
        .filter(|limit| *limit > 0)
        .collect()
}

/// An amount just below a limit.
pub(super) fn just_under_limit(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let limits = limits(screening);
    let is_just_under = |line: &&ClaimLine| {
        let charge = i128::from(line.charge.minor());
        limits.iter().any(|limit| charge <= *limit && charge * 100 >= limit * (100 - JUST_UNDER))
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
