//! What claims share, as counts: from equal marks, without opening anybody's claim. Of each mark a bounded number is read, by
//! its index.

use std::collections::{BTreeMap, BTreeSet};

use benefits::screen::{Elsewhere, NEW_PROVIDER_DAYS};
use domain::{ClaimId, Date, SubjectId};
use gate::MarkToken;
use store::StoreError;
use store::claim::ClaimRow;
use store::mark::MarkRow;

use super::compute::Span;
use crate::{App, ServiceError};

/// The most claims of one mark that are counted.
const COUNTED: usize = 100;

/// What is known of the marks of a part.
pub(super) struct Shared {
    newest: BTreeMap<[u8; 32], Vec<MarkRow>>,
    oldest: BTreeMap<[u8; 32], MarkRow>,
    with_account: BTreeMap<SubjectId, Date>,
    families: BTreeMap<SubjectId, BTreeSet<SubjectId>>,
    excluded: BTreeMap<[u8; 32], Vec<Span>>,
    /// The claims that are screened together.
    part: BTreeSet<ClaimId>,
}

impl Shared {
    /// Counts for the claims of a part. Their marks are written before, so that they are seen beside each other, and of two parts
    /// at the same time one sees the other.
    pub(super) async fn of(
        app: &App,
        marks: Vec<MarkRow>,
        part: BTreeSet<ClaimId>,
    ) -> Result<Self, ServiceError> {
        let asked = Asked::of(&marks);
        // Nothing is kept of which claims are of an excluded provider but what is flagged.
        let marks: Vec<MarkRow> = marks.into_iter().filter(|mark| mark.kind != MarkToken::EXCLUDED).collect();
        app.store()
            .write(move |unit| store::mark::insert_missing(unit, &marks))
            .await
            .map_err(|error: StoreError| error)?;
        let read = move |unit: &mut store::Unit<'_>| asked.read(unit, part.clone());
        Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
    }

    /// What is known beside a claim.
    pub(super) fn beside(&self, claim: &ClaimRow, tokens: &[MarkToken]) -> Elsewhere {
        let mut known = Elsewhere {
            any_account_since: self.with_account.get(&claim.subject).copied(),
            ..Elsewhere::default()
        };
        let mut same_person = BTreeSet::new();
        for mark in tokens {
            let MarkToken { kind, token } = mark;
            let rows = self.newest.get(token).map_or(&[][..], Vec::as_slice);
            let oldest = self.oldest.get(token);
            match *kind {
                MarkToken::DOCUMENT => known.same_document = self.of_others_before(rows, claim),
                MarkToken::PROVIDER_DAY => known.provider_day = count(rows.len()),
                MarkToken::PROVIDER => {
                    let is_lately = |row: &&MarkRow| {
                        (0..NEW_PROVIDER_DAYS).contains(&row.received.days_until(claim.received))
                    };
                    known.provider_claims = count(rows.iter().filter(is_lately).count());
                    known.provider_since = oldest.map(|row| row.received);
                }
                _ if mark.is_same_person() => same_person.extend(self.others_before(rows, claim)),
                MarkToken::EXCLUDED => {}
                _ => {
                    known.same_account = self.others_with(rows, claim.subject);
                    let own = rows
                        .iter()
                        .chain(oldest)
                        .filter(|row| row.subject == claim.subject && row.claim != claim.claim);
                    known.account_since = own.map(|row| row.received).min();
                }
            }
        }
        known.same_person = count(same_person.len());
        known
    }

    /// When the provider of a claim with these codes is excluded.
    pub(super) fn excluded(&self, tokens: &[MarkToken]) -> Vec<Span> {
        let of = |one: &MarkToken| self.excluded.get(&one.token).into_iter().flatten().copied();
        tokens.iter().flat_map(of).collect()
    }

    /// Claims of others that came before: all but those of the part that sort after this one.
    fn of_others_before(&self, rows: &[MarkRow], claim: &ClaimRow) -> u32 {
        count(rows.iter().filter(|row| self.came_before(row, claim)).count())
    }

    fn came_before(&self, row: &MarkRow, claim: &ClaimRow) -> bool {
        row.subject != claim.subject
            && (!self.part.contains(&row.claim) || (row.received, row.claim) < (claim.received, claim.claim))
    }

    /// People under another contract of whom a claim came before.
    fn others_before(&self, rows: &[MarkRow], claim: &ClaimRow) -> BTreeSet<SubjectId> {
        let before = rows.iter().filter(|row| self.came_before(row, claim)).map(|row| row.subject);
        before.filter(|other| self.is_other(claim.subject, *other)).collect()
    }

    /// Whether somebody is another person, under another contract.
    fn is_other(&self, subject: SubjectId, other: SubjectId) -> bool {
        let family = self.families.get(&subject);
        other != subject && family.is_none_or(|family| !family.contains(&other))
    }

    /// People with one of these marks who are under another contract.
    fn others_with(&self, rows: &[MarkRow], subject: SubjectId) -> u32 {
        let people: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
        count(people.into_iter().filter(|other| self.is_other(subject, *other)).count())
    }
}

/// What is asked about the marks of a part.
struct Asked {
    /// Codes of which the newest marks are counted.
    counted: BTreeSet<[u8; 32]>,
    /// Codes of providers, each with the day on which the first claim of the part with it was received: they are counted as
    /// well while the provider is new.
    providers: BTreeMap<[u8; 32], Date>,
    accounts: BTreeSet<[u8; 32]>,
    /// Codes of care of which it counts whether several people have them.
    care: BTreeSet<[u8; 32]>,
    /// Codes of providers in the register of those who are excluded.
    excluded: BTreeSet<[u8; 32]>,
    subjects: BTreeSet<SubjectId>,
}

impl Asked {
    fn of(marks: &[MarkRow]) -> Self {
        let of_kind = |kind| marks.iter().filter(move |mark| mark.kind == kind);
        let mut providers = BTreeMap::new();
        for mark in of_kind(MarkToken::PROVIDER) {
            let first = providers.entry(mark.token).or_insert(mark.received);
            *first = mark.received.min(*first);
        }
        let counted =
            marks.iter().filter(|mark| !matches!(mark.kind, MarkToken::PROVIDER | MarkToken::EXCLUDED));
        Self {
            counted: counted.map(|mark| mark.token).collect(),
            providers,
            accounts: of_kind(MarkToken::ACCOUNT).map(|mark| mark.token).collect(),
            care: marks.iter().filter(|mark| is_same_person(mark)).map(|mark| mark.token).collect(),
            excluded: of_kind(MarkToken::EXCLUDED).map(|mark| mark.token).collect(),
            subjects: marks.iter().map(|mark| mark.subject).collect(),
        }
    }

    fn read(&self, unit: &mut store::Unit<'_>, part: BTreeSet<ClaimId>) -> Result<Shared, StoreError> {
        let first_of: Vec<[u8; 32]> = self.providers.keys().chain(&self.accounts).copied().collect();
        let oldest: BTreeMap<[u8; 32], MarkRow> =
            store::mark::oldest(unit, &first_of)?.into_iter().map(|row| (row.token, row)).collect();
        let is_new = |token: &[u8; 32], first: &Date| {
            oldest.get(token).is_none_or(|row| row.received.days_until(*first) < NEW_PROVIDER_DAYS)
        };
        let new = self.providers.iter().filter(|(token, first)| is_new(token, first)).map(|(token, _)| token);
        let counted: Vec<[u8; 32]> = self.counted.iter().chain(new).copied().collect();
        let newest = by_token(store::mark::newest(unit, &counted, COUNTED)?);
        let subjects: Vec<SubjectId> = self.subjects.iter().copied().collect();
        let with_account = store::mark::oldest_of(unit, &subjects, MarkToken::ACCOUNT)?;
        // Only of those who share an account, or care: few, and mostly families.
        let mut sharing: BTreeSet<SubjectId> = BTreeSet::new();
        for token in self.accounts.iter().chain(&self.care) {
            let rows = newest.get(token).into_iter().flatten();
            let people: BTreeSet<SubjectId> = rows.map(|row| row.subject).collect();
            if people.len() > 1 {
                sharing.extend(people);
            }
        }
        let families = store::family::of_subjects(unit, &sharing.into_iter().collect::<Vec<_>>())?;
        let with_account = with_account.into_iter().map(|row| (row.subject, row.received)).collect();
        let mut excluded: BTreeMap<[u8; 32], Vec<Span>> = BTreeMap::new();
        let asked: Vec<[u8; 32]> = self.excluded.iter().copied().collect();
        for row in store::exclusion::of_tokens(unit, &asked)? {
            excluded.entry(row.token).or_default().push((row.first, row.last));
        }
        Ok(Shared { newest, oldest, with_account, families, excluded, part })
    }
}

fn is_same_person(MarkRow { kind, token, .. }: &MarkRow) -> bool {
    MarkToken { kind: *kind, token: *token }.is_same_person()
}

fn by_token(rows: Vec<MarkRow>) -> BTreeMap<[u8; 32], Vec<MarkRow>> {
    let mut by_token: BTreeMap<[u8; 32], Vec<MarkRow>> = BTreeMap::new();
    for row in rows {
        by_token.entry(row.token).or_default().push(row);
    }
    by_token
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
