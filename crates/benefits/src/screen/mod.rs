//! The screen for fraud and error: one small rule for each thing that may be wrong with a claim. A rule flags, with the
//! lines, claims and days that it rests on; it decides no amount, refuses nothing, scores nobody, and knows of no other rule.
//! Whether a payment waits is said by the rule's name ([`ScreenRule::waits`]), and a person decides.
//!
//! Not here, for want of the datum on a site: how far places of care in one country lie apart, hours of service, public holidays, addresses and telephones of providers, and images of documents.

mod amounts;
mod before;
mod codes;
mod levels;
mod life;
mod others;
mod words;

use domain::{
    ClaimId, ClaimLine, Country, Currency, Date, Diagnosis, InvoiceNumber, LineService, Money, ProviderId,
    ScreenFlag, ScreenRule, Sex,
};

use crate::Plan;
pub use levels::{LevelCount, LevelsOfCodes, Peers, Shares};
pub use others::{NEW_PROVIDER_DAYS, care_while_excluded};
pub use words::explain;

/// How far back a person's claims are looked at, in days.
pub const SCREEN_DAYS: i32 = 400;
/// The most claims of a person that are looked at, the newest ones.
pub const SCREEN_CLAIMS: usize = 100;

/// A claim as the screen looks at it.
#[derive(Clone, Copy)]
pub struct ScreenedClaim<'a> {
    /// Its id.
    pub claim: ClaimId,
    /// The day it was received.
    pub received: Date,
    /// Who gave the care.
    pub provider: ProviderId,
    /// The currency of every charge.
    pub currency: Currency,
    /// The provider's invoice number.
    pub invoice_number: Option<&'a InvoiceNumber>,
    /// Where the care was given; none where nobody said.
    pub country: Option<Country>,
    /// The total that it came with, where that is not the sum of the charges.
    pub other_total: Option<Money>,
    /// What was charged.
    pub lines: &'a [ClaimLine],
    /// What each line was for; empty where that is not shown.
    pub services: &'a [LineService],
    /// Diagnoses; empty where they are not shown.
    pub diagnoses: &'a [Diagnosis],
}

/// What the screen knows of the person.
#[derive(Clone)]
pub struct ScreenedPerson {
    /// Birth date.
    pub birth_date: Date,
    /// Date of death.
    pub death_date: Option<Date>,
    /// Administrative sex.
    pub sex: Sex,
    /// First and last day of each span of cover.
    pub cover: Vec<(Date, Option<Date>)>,
}

/// What is known beside the person's own claims, as counts and days alone. Counts of others are of those seen before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Claims of others with the same invoice number, first day and amount of the same provider.
    pub same_document: u32,
    /// Claims of the provider on the claim's first day of service, this one among them.
    pub provider_day: u32,
    /// When the provider's first claim was received.
    pub provider_since: Option<Date>,
    /// Claims of the provider received in the last [`NEW_PROVIDER_DAYS`] days.
    pub provider_claims: u32,
    /// People under other contracts who are paid to the same account.
    pub same_account: u32,
    /// People under other contracts of whom two of name, birth date and account are the same, who have a claim of the same
    /// provider, first day and amount that came before.
    pub same_person: u32,
    /// When the first claim of the person was received that is known with any account.
    pub any_account_since: Option<Date>,
    /// The same with this account.
    pub account_since: Option<Date>,
}

/// One claim before the screen.
#[derive(Clone, Copy)]
pub struct Screening<'a> {
    /// The claim.
    pub claim: ScreenedClaim<'a>,
    /// The person's claims that came before it, also where they were received later.
    pub before: &'a [ScreenedClaim<'a>],
    /// The person.
    pub person: &'a ScreenedPerson,
    /// What is known beside.
    pub elsewhere: Elsewhere,
    /// First and last day of each time for which the provider is excluded.
    pub excluded: &'a [(Date, Option<Date>)],
    /// Lines at the high level of a family of codes, each with what its provider and the peers claimed of the family.
    pub levels: &'a [(u32, Peers)],
    /// The plan versions of the person's cover on the first day of the claim.
    pub plans: &'a [&'a Plan],
}

/// Looks at a claim by one rule.
type Rule = fn(&Screening<'_>) -> Option<ScreenFlag>;

/// Every rule.
const RULES: &[(ScreenRule, Rule)] = &[
    (ScreenRule::SameClaim, before::same_claim),
    (ScreenRule::NearClaim, before::near_claim),
    (ScreenRule::SameDocument, before::same_document),
    (ScreenRule::DocumentOfOthers, others::document),
    (ScreenRule::OverlappingStays, codes::overlapping_stays),
    (ScreenRule::CareDuringStay, codes::care_during_stay),
    (ScreenRule::AfterDeath, life::after_death),
    (ScreenRule::BeforeBirth, life::before_birth),
    (ScreenRule::OutsideCover, life::outside_cover),
    (ScreenRule::OtherSex, codes::other_sex),
    (ScreenRule::OtherAge, codes::other_age),
    (ScreenRule::ApartFromBundle, codes::apart_from_bundle),
    (ScreenRule::ProviderDay, others::provider_day),
    (ScreenRule::NewProvider, others::new_provider),
    (ScreenRule::SharedAccount, others::shared_account),
    (ScreenRule::NewAccount, others::new_account),
    (ScreenRule::InvoiceSequence, before::invoice_sequence),
    (ScreenRule::RoundAmounts, amounts::round),
    (ScreenRule::FirstDigits, amounts::first_digits),
    (ScreenRule::Weekends, before::weekends),
    (ScreenRule::SoonAfterStart, life::soon_after_start),
    (ScreenRule::JustUnderLimit, amounts::just_under_limit),
    (ScreenRule::SplitUnderLimit, amounts::split_under_limit),
    (ScreenRule::ManyClaims, before::many_claims),
    (ScreenRule::SameServiceOften, codes::same_service_often),
    (ScreenRule::FarCountries, before::far_countries),
    (ScreenRule::ExcludedProvider, others::excluded_provider),
    (ScreenRule::OtherTotal, amounts::other_total),
    (ScreenRule::SamePerson, others::same_person),
    (ScreenRule::HighLevels, levels::high_levels),
];

/// What every rule flags of a claim, in the order of the rules.
#[must_use]
pub fn screen(screening: &Screening<'_>) -> Vec<ScreenFlag> {
    RULES.iter().filter_map(|(_, rule)| rule(screening)).collect()
}

/// A flag of a rule that rests on nothing yet.
fn flag(rule: ScreenRule) -> ScreenFlag {
    ScreenFlag { rule, lines: Vec::new(), claims: Vec::new(), days: Vec::new(), count: None }
}

/// A flag, if it rests on at least one of the lines.
fn of_lines<'a>(rule: ScreenRule, lines: impl Iterator<Item = &'a ClaimLine>) -> Option<ScreenFlag> {
    let found: Vec<&ClaimLine> = lines.collect();
    let mut days: Vec<Date> = found.iter().map(|line| line.service_start).collect();
    days.dedup();
    let lines: Vec<u32> = found.iter().map(|line| line.number).collect();
    (!lines.is_empty()).then(|| ScreenFlag { lines, days, ..flag(rule) })
}

/// A flag, if it rests on at least one claim.
fn of_claims<'a>(
    rule: ScreenRule,
    claims: impl Iterator<Item = &'a ScreenedClaim<'a>>,
) -> Option<ScreenFlag> {
    let claims: Vec<ClaimId> = claims.map(|claim| claim.claim).collect();
    (!claims.is_empty()).then(|| ScreenFlag { claims, ..flag(rule) })
}

impl ScreenedClaim<'_> {
    /// What it was for, of a line.
    fn service(&self, line: u32) -> Option<&LineService> {
        self.services.iter().find(|service| service.line == line)
    }

    /// What was charged in all, in minor units.
    fn charged(&self) -> i128 {
        self.lines.iter().map(|line| i128::from(line.charge.minor())).sum()
    }

    /// So many whole units of its currency, in minor units.
    fn units(&self, whole: i128) -> i128 {
        whole * 10_i128.pow(self.currency.decimals())
    }

    /// The first day of service.
    fn first_day(&self) -> Option<Date> {
        self.lines.iter().map(|line| line.service_start).min()
    }
}

/// A count that fits.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_there_once_and_flags_under_its_own_name() {
        let names: BTreeSet<ScreenRule> = RULES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ScreenRule::ALL);
        assert_eq!(RULES.len(), ScreenRule::ALL.len());
    }
}
