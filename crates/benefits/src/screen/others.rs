//! Rules about what others claim too: the same document, the same account, the same provider, and whether that one is excluded. They
//! are given counts and days alone, and look at nobody else's claims.

use domain::{ClaimLine, Date, ScreenFlag, ScreenRule};

use super::{Screening, flag, of_lines};

/// How long a provider is new, in days; and from how many claims in that time it has many.
pub const NEW_PROVIDER_DAYS: i32 = 60;
const NEW_PROVIDER_CLAIMS: u32 = 50;
/// From how many claims on one day nobody treats so many people.
const PROVIDER_DAY_CLAIMS: u32 = 60;
/// How long an account is new, and how long another must have been known, in days; and what is large, in whole units.
const NEW_ACCOUNT_DAYS: i32 = 14;
const LARGE: i128 = 1_000;

/// The same receipt came from somebody else.
pub(super) fn document(screening: &Screening<'_>) -> Option<ScreenFlag> {
    counted(ScreenRule::DocumentOfOthers, screening.elsewhere.same_document, 1)
}

/// The provider has more claims on one day than anybody treats people in one.
pub(super) fn provider_day(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let flag = counted(ScreenRule::ProviderDay, screening.elsewhere.provider_day, PROVIDER_DAY_CLAIMS)?;
    Some(ScreenFlag { days: screening.claim.first_day().into_iter().collect(), ..flag })
}

/// A provider that was not known before has many claims.
pub(super) fn new_provider(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let since = screening.elsewhere.provider_since?;
    let is_new = since.days_until(screening.claim.received) < NEW_PROVIDER_DAYS;
    let many = counted(ScreenRule::NewProvider, screening.elsewhere.provider_claims, NEW_PROVIDER_CLAIMS);
    many.filter(|_| is_new)
}

/// People who are not covered together are paid to one account.
pub(super) fn shared_account(screening: &Screening<'_>) -> Option<ScreenFlag> {
    counted(ScreenRule::SharedAccount, screening.elsewhere.same_account, 1)
}

/// Somebody under another contract who seems to be the same person has a claim of the same care. Two of name, birth date and account alone
/// are those of namesakes, or of a household: only with the same care are they one. An account alone with it is that of a couple, each
/// covered by their own employer, who went together.
pub(super) fn same_person(screening: &Screening<'_>) -> Option<ScreenFlag> {
    counted(ScreenRule::SamePerson, screening.elsewhere.same_person, 1)
}

/// A large claim, and the account of a person who was paid to another one before is new.
pub(super) fn new_account(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let known = screening.elsewhere.any_account_since?;
    if known.days_until(claim.received) < NEW_ACCOUNT_DAYS || claim.charged() < claim.units(LARGE) {
        return None;
    }
    let since = screening.elsewhere.account_since;
    let is_new = since.is_none_or(|since| since.days_until(claim.received) < NEW_ACCOUNT_DAYS);
    is_new.then(|| ScreenFlag { days: since.into_iter().collect(), ..flag(ScreenRule::NewAccount) })
}

/// Care on a day on which the provider was excluded.
pub(super) fn excluded_provider(screening: &Screening<'_>) -> Option<ScreenFlag> {
    care_while_excluded(screening.claim.lines, screening.excluded)
}

/// The lines with a day on which their provider was excluded, by the first and last day of each time for which it was: for a claim
/// that is looked at again by this rule alone.
#[must_use]
pub fn care_while_excluded(lines: &[ClaimLine], excluded: &[(Date, Option<Date>)]) -> Option<ScreenFlag> {
    let is_excluded = |line: &&ClaimLine| {
        let mut spans = excluded.iter();
        spans.any(|(first, last)| {
            *first <= line.service_end && last.is_none_or(|last| line.service_start <= last)
        })
    };
    of_lines(ScreenRule::ExcludedProvider, lines.iter().filter(is_excluded))
}

fn counted(rule: ScreenRule, number: u32, from: u32) -> Option<ScreenFlag> {
    (number >= from).then(|| ScreenFlag { count: Some(number), ..flag(rule) })
}
