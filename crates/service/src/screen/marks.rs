//! The codes of claims by what they are of, and the rows that stand for them: one for a claim's care, and, once for many claims, since
//! when its provider is known and its person is paid to an account. What is looked up of them is beside this file.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Date, RetentionClass, SubjectId};
use gate::MarkToken;
use store::claim::ClaimRow;
use store::mark::{AccountMark, CareMark, Code, ProviderMark};
use store::{StoreError, Unit};

/// The codes of a claim.
#[derive(Default)]
pub(super) struct ClaimMarks {
    /// Its provider, the provider's day, and the care.
    pub(super) care: Option<(Code, Code, Code)>,
    /// Its provider in the register of those who are excluded.
    pub(super) excluded: Option<Code>,
    /// The account that it is paid to, where that is the person's.
    pub(super) account: Option<Code>,
    /// Its document.
    pub(super) document: Option<Code>,
    /// Its care of whoever two of name, birth date and account are the same of.
    pub(super) same_person: Vec<Code>,
}

impl ClaimMarks {
    /// By what they are of.
    pub(super) fn of(tokens: &[MarkToken]) -> Self {
        let of_kind = |kind| tokens.iter().find(|one| one.kind == kind).map(|one| one.token);
        let (provider, day) = (of_kind(MarkToken::PROVIDER), of_kind(MarkToken::PROVIDER_DAY));
        let care = provider.zip(day).zip(of_kind(MarkToken::CARE));
        Self {
            care: care.map(|((provider, day), care)| (provider, day, care)),
            excluded: of_kind(MarkToken::EXCLUDED),
            account: of_kind(MarkToken::ACCOUNT),
            document: of_kind(MarkToken::DOCUMENT),
            same_person: tokens.iter().filter(|one| one.is_same_person()).map(|one| one.token).collect(),
        }
    }

    fn care_mark(&self, claim: &ClaimRow) -> Option<CareMark> {
        let (provider, day, care) = self.care?;
        let codes = self.document.iter().chain(&self.same_person).copied().collect();
        let ClaimRow { subject, claim, received, .. } = *claim;
        Some(CareMark { provider, day, care, subject, claim, received, codes })
    }
}

/// The rows of a part of claims. Nothing is kept of which claims are of an excluded provider but what is flagged.
#[derive(Default)]
pub(super) struct MarkRows {
    pub(super) care: Vec<CareMark>,
    /// The first day of the part with each account of somebody.
    pub(super) accounts: BTreeMap<(Code, SubjectId), Date>,
    /// The first day of the part with each provider.
    pub(super) providers: BTreeMap<Code, Date>,
    /// Providers in the register of those who are excluded: asked for, and not stored.
    pub(super) excluded: BTreeSet<Code>,
    pub(super) subjects: BTreeSet<SubjectId>,
}

impl MarkRows {
    /// Of these claims.
    pub(super) fn of<'a>(claims: impl Iterator<Item = &'a (ClaimRow, ClaimMarks)>) -> Self {
        let mut rows = Self::default();
        for (claim, marks) in claims {
            let received = claim.received;
            rows.subjects.insert(claim.subject);
            rows.excluded.extend(marks.excluded);
            rows.care.extend(marks.care_mark(claim));
            if let Some(account) = marks.account {
                let first = rows.accounts.entry((account, claim.subject)).or_insert(received);
                *first = received.min(*first);
            }
            if let Some((provider, ..)) = marks.care {
                let first = rows.providers.entry(provider).or_insert(received);
                *first = received.min(*first);
            }
        }
        rows
    }

    /// Writes them, of those whose claims were not erased meanwhile: what is not there any more leaves no mark.
    pub(super) fn put(&self, unit: &mut Unit<'_>) -> Result<(), StoreError> {
        let here = store::key::with_class(unit, &self.subjects, RetentionClass::Claims)?;
        let account = |((account, subject), since): (&(Code, SubjectId), &Date)| AccountMark {
            account: *account,
            subject: *subject,
            since: *since,
        };
        let provider =
            |(provider, since): (&Code, &Date)| ProviderMark { provider: *provider, since: *since };
        let care: Vec<CareMark> =
            self.care.iter().filter(|mark| here.contains(&mark.subject)).cloned().collect();
        let accounts = self.accounts.iter().filter(|((_, subject), _)| here.contains(subject)).map(account);
        store::mark::put_care(unit, &care)?;
        store::mark::put_accounts(unit, &accounts.collect::<Vec<_>>())?;
        store::mark::put_providers(unit, &self.providers.iter().map(provider).collect::<Vec<_>>())
    }
}
