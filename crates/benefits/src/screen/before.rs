//! Rules about the person's own claims that came before: the same again, too many, numbered like nobody's.

use domain::{ClaimLine, Date, ScreenFlag, ScreenRule};

use super::{ScreenedClaim, Screening, count, flag, of_claims};

/// How many claims a person has in [`MANY_DAYS`] before it is many.
const MANY_CLAIMS: usize = 20;
const MANY_DAYS: i32 = 30;
/// How many invoices without a gap, over how many days, are no coincidence.
const SEQUENCE: usize = 4;
const SEQUENCE_DAYS: i32 = 21;
/// From how many services of a single day that fall on weekends there is something to say.
const WEEKEND_SERVICES: usize = 6;

/// Every line was claimed before: the same provider, days and charge, and the same service where that is shown.
pub(super) fn same_claim(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let same = screening.before.iter().filter(|other| is_same(claim, other));
    of_claims(ScreenRule::SameClaim, same)
}

fn is_same(claim: &ScreenedClaim<'_>, other: &ScreenedClaim<'_>) -> bool {
    is_of_provider(claim, other)
        && !claim.lines.is_empty()
        && claim.lines.iter().all(|line| {
            other.lines.iter().any(|before| {
                (before.service_start, before.service_end) == (line.service_start, line.service_end)
                    && before.charge == line.charge
                    && is_same_service(claim, line, other, before)
            })
        })
}

/// The same service, as far as both are shown.
fn is_same_service(
    claim: &ScreenedClaim<'_>,
    line: &ClaimLine,
    other: &ScreenedClaim<'_>,
    before: &ClaimLine,
) -> bool {
    match (claim.service(line.number), other.service(before.number)) {
        (Some(one), Some(another)) => one.code == another.code,
        _ => true,
    }
}

fn is_of_provider(claim: &ScreenedClaim<'_>, other: &ScreenedClaim<'_>) -> bool {
    (claim.provider, claim.currency) == (other.provider, other.currency)
}

/// A line was claimed with the same charge for the day before or after.
pub(super) fn near_claim(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let is_near = |line: &ClaimLine, other: &ScreenedClaim<'_>, before: &ClaimLine| {
        before.charge == line.charge
            && before.service_start.days_until(line.service_start).abs() == 1
            && is_same_service(claim, line, other, before)
    };
    let near = screening.before.iter().filter(|other| {
        let mut lines = claim.lines.iter();
        is_of_provider(claim, other)
            && lines.any(|line| other.lines.iter().any(|before| is_near(line, other, before)))
    });
    of_claims(ScreenRule::NearClaim, near)
}

/// The same invoice of the same provider came before.
pub(super) fn same_document(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let number = claim.invoice_number?;
    let same = screening.before.iter().filter(|other| {
        let is_same = |other: &domain::InvoiceNumber| other.plain() == number.plain();
        other.provider == claim.provider && other.invoice_number.is_some_and(is_same)
    });
    of_claims(ScreenRule::SameDocument, same)
}

/// The provider's invoices to this person follow one another without a gap, over weeks: as if it had nobody else.
pub(super) fn invoice_sequence(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let (prefix, mut next) = claim.invoice_number?.serial()?;
    let (mut first, mut claims) = (claim.first_day()?, Vec::new());
    while let Some(wanted) = next.checked_sub(1) {
        let is_before = |other: &&ScreenedClaim<'_>| {
            other.provider == claim.provider
                && other.invoice_number.and_then(domain::InvoiceNumber::serial) == Some((prefix, wanted))
        };
        let Some(other) = screening.before.iter().find(is_before) else { break };
        claims.push(other.claim);
        first = other.first_day().map_or(first, |day| day.min(first));
        next = wanted;
    }
    let is_long = claims.len() + 1 >= SEQUENCE && first.days_until(claim.first_day()?) >= SEQUENCE_DAYS;
    is_long.then(|| ScreenFlag { claims, ..flag(ScreenRule::InvoiceSequence) })
}

/// More than half of the services of one day fell on a Saturday or Sunday.
pub(super) fn weekends(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let lines = || std::iter::once(&screening.claim).chain(screening.before).flat_map(of_one_day);
    let on_weekends = lines().filter(|line| line.service_start.is_weekend()).count();
    let many = on_weekends >= WEEKEND_SERVICES && on_weekends * 2 > lines().count();
    let own = screening.claim.lines.iter().any(|line| line.service_start.is_weekend());
    (many && own).then(|| ScreenFlag { count: Some(count(on_weekends)), ..flag(ScreenRule::Weekends) })
}

/// Care of one day that was also given, on that day, in a country far from the claim's. A stay of several days says of no single
/// one where the person was; of claims whose country nobody said, nothing is flagged.
pub(super) fn far_countries(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let country = claim.country?;
    let mut found = flag(ScreenRule::FarCountries);
    let is_far = |other: &&ScreenedClaim<'_>| other.country.is_some_and(|other| country.is_far_from(other));
    for other in screening.before.iter().filter(is_far) {
        let days: Vec<Date> = of_one_day(other).map(|line| line.service_start).collect();
        let lines: Vec<&ClaimLine> =
            of_one_day(claim).filter(|line| days.contains(&line.service_start)).collect();
        if !lines.is_empty() {
            found.claims.push(other.claim);
            found.days.extend(lines.iter().map(|line| line.service_start));
            found.lines.extend(lines.iter().map(|line| line.number));
        }
    }
    found.lines.sort_unstable();
    found.lines.dedup();
    found.days.sort_unstable();
    found.days.dedup();
    (!found.claims.is_empty()).then_some(found)
}

fn of_one_day<'a>(claim: &ScreenedClaim<'a>) -> impl Iterator<Item = &'a ClaimLine> {
    claim.lines.iter().filter(|line| line.service_start == line.service_end)
}

/// Many claims in a short time.
pub(super) fn many_claims(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let received = screening.claim.received;
    let lately =
        screening.before.iter().filter(|other| other.received.days_until(received).abs() < MANY_DAYS);
    let number = lately.count() + 1;
    (number > MANY_CLAIMS).then(|| ScreenFlag { count: Some(count(number)), ..flag(ScreenRule::ManyClaims) })
}
