//! What claims share, as counts: from equal marks, without opening anybody's claim. Of each mark a bounded number is read, by
//! its index.

use std::collections::{BTreeMap, BTreeSet};

use benefits::screen::{Elsewhere, NEW_PROVIDER_DAYS};
use domain::{ClaimId, Date, SubjectId};
use gate::MarkToken;
use store::StoreError;
use store::claim::ClaimRow;
use store::mark::MarkRow;

use crate::{App, ServiceError};

/// The most claims of one mark that are counted.
const COUNTED: usize = 100;

/// What is known of the marks of a part.
pub(super) struct Shared {
    newest: BTreeMap<[u8; 32], Vec<MarkRow>>,
    oldest: BTreeMap<[u8; 32], MarkRow>,
    with_account: BTreeMap<SubjectId, Date>,
    families: BTreeMap<SubjectId, BTreeSet<SubjectId>>,
    /// The claims that are screened together.
    part: BTreeSet<ClaimId>,
}

impl Shared {
    pub(super) async fn read(
        app: &App,
        marks: &[MarkRow],
        part: BTreeSet<ClaimId>,
    ) -> Result<Self, ServiceError> {
        let tokens: BTreeSet<[u8; 32]> = marks.iter().map(|mark| mark.token).collect();
        let tokens: Vec<[u8; 32]> = tokens.into_iter().collect();
        let subjects: BTreeSet<SubjectId> = marks.iter().map(|mark| mark.subject).collect();
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        let read = move |unit: &mut store::Unit<'_>| {
            let newest = by_token(store::mark::newest(unit, &tokens, COUNTED)?);
            let oldest = store::mark::oldest(unit, &tokens)?;
            let with_account = store::mark::oldest_of(unit, &subjects, MarkToken::ACCOUNT)?;
            // Only of those who share an account: few, and mostly families.
            let mut families = BTreeMap::new();
            for rows in newest.values().filter(|rows| rows.iter().any(|row| row.kind == MarkToken::ACCOUNT)) {
                let people: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
                for subject in people.iter().filter(|_| people.len() > 1) {
                    families.insert(*subject, store::family::of_subject(unit, *subject)?);
                }
            }
            Ok::<_, StoreError>(Self {
                newest,
                oldest: oldest.into_iter().map(|row| (row.token, row)).collect(),
                with_account: with_account.into_iter().map(|row| (row.subject, row.received)).collect(),
                families,
                part: part.clone(),
            })
        };
        Ok(app.store().read(read).await?)
    }

    /// What is known beside a claim.
    pub(super) fn beside(&self, claim: &ClaimRow, tokens: &[MarkToken]) -> Elsewhere {
        let mut known = Elsewhere {
            any_account_since: self.with_account.get(&claim.subject).copied(),
            ..Elsewhere::default()
        };
        for MarkToken { kind, token } in tokens {
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
        known
    }

    /// Claims of others that came before: all but those of the part that sort after this one.
    fn of_others_before(&self, rows: &[MarkRow], claim: &ClaimRow) -> u32 {
        let came_before = |row: &&MarkRow| {
            row.subject != claim.subject
                && (!self.part.contains(&row.claim)
                    || (row.received, row.claim) < (claim.received, claim.claim))
        };
        count(rows.iter().filter(came_before).count())
    }

    /// People with one of these marks who are under another contract.
    fn others_with(&self, rows: &[MarkRow], subject: SubjectId) -> u32 {
        let family = self.families.get(&subject);
        let people: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
        let is_other =
            |other: &&SubjectId| **other != subject && family.is_none_or(|family| !family.contains(*other));
        count(people.iter().filter(is_other).count())
    }
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
