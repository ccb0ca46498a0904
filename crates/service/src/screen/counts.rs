//! What claims share, as counts: from equal codes, without opening anybody's claim. Of each code a bounded number of rows is read, by
//! its index.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use benefits::screen::{Elsewhere, NEW_PROVIDER_DAYS};
use domain::{ClaimId, Date, SubjectId};
use store::StoreError;
use store::claim::ClaimRow;
use store::mark::{self, AccountMark, CareMark, Code};

use super::compute::Span;
use super::marks::{ClaimMarks, MarkRows};
use crate::{App, ServiceError};

/// The most rows of one code that are counted; and the most claims of the same care among which those are looked for that share more:
/// where every test costs the same, a day of a large laboratory has thousands.
const COUNTED: usize = 100;
const OF_CARE: usize = 20_000;

/// What is known of the codes of a part.
pub(super) struct Shared {
    /// How many claims there are of a provider's day.
    on_day: BTreeMap<Code, usize>,
    provider_since: BTreeMap<Code, Date>,
    /// When claims of a provider that is new were received.
    of_new: BTreeMap<Code, Vec<Date>>,
    /// Claims with a code that is looked for among claims of the same care.
    with_code: BTreeMap<Code, Vec<CareMark>>,
    /// Who is paid to an account.
    with_account: BTreeMap<Code, BTreeSet<SubjectId>>,
    /// The accounts of each person, the one that is known longest first.
    accounts: BTreeMap<SubjectId, Vec<AccountMark>>,
    families: BTreeMap<SubjectId, BTreeSet<SubjectId>>,
    excluded: BTreeMap<Code, Vec<Span>>,
    /// The claims that are screened together.
    part: BTreeSet<ClaimId>,
}

impl Shared {
    /// Counts for the claims of a part. Their marks are written before, so that they are seen beside each other, and of two parts
    /// at the same time one sees the other.
    pub(super) async fn of(
        app: &App,
        marks: MarkRows,
        part: BTreeSet<ClaimId>,
    ) -> Result<Self, ServiceError> {
        let marks = Arc::new(marks);
        let written = Arc::clone(&marks);
        app.store().write(move |unit| written.put(unit)).await.map_err(|error: StoreError| error)?;
        let read = move |unit: &mut store::Unit<'_>| read(unit, &marks, part.clone());
        Ok(app.store().read(read).await.map_err(|error: StoreError| error)?)
    }

    /// What is known beside a claim.
    pub(super) fn beside(&self, claim: &ClaimRow, marks: &ClaimMarks) -> Elsewhere {
        let (provider, day) = marks.care.map(|(provider, day, _)| (provider, day)).unzip();
        let with_code = |code: &Code| self.with_code.get(code).map_or(&[][..], Vec::as_slice);
        let same_person: BTreeSet<SubjectId> =
            marks.same_person.iter().flat_map(|code| self.others_before(with_code(code), claim)).collect();
        let is_lately =
            |received: &&Date| (0..NEW_PROVIDER_DAYS).contains(&received.days_until(claim.received));
        let of_new = provider.and_then(|code| self.of_new.get(&code)).into_iter().flatten();
        let own = self.accounts.get(&claim.subject).map_or(&[][..], Vec::as_slice);
        // Since a claim before this one: on the same day it may be this one.
        let since =
            |account: Code| own.iter().find(|known| known.account == account && known.since < claim.received);
        Elsewhere {
            same_document: marks.document.map_or(0, |code| self.of_others_before(with_code(&code), claim)),
            provider_day: day.and_then(|code| self.on_day.get(&code)).map_or(0, |number| count(*number)),
            provider_since: provider.and_then(|code| self.provider_since.get(&code)).copied(),
            provider_claims: count(of_new.filter(is_lately).count()),
            same_account: marks.account.map_or(0, |code| self.others_with(code, claim.subject)),
            same_person: count(same_person.len()),
            any_account_since: own.first().map(|known| known.since),
            account_since: marks.account.and_then(since).map(|known| known.since),
        }
    }

    /// When the provider of a claim with these codes is excluded.
    pub(super) fn excluded(&self, marks: &ClaimMarks) -> Vec<Span> {
        marks.excluded.and_then(|code| self.excluded.get(&code)).cloned().unwrap_or_default()
    }

    /// Claims of others that came before: all but those of the part that sort after this one.
    fn of_others_before(&self, rows: &[CareMark], claim: &ClaimRow) -> u32 {
        count(rows.iter().filter(|row| self.came_before(row, claim)).count())
    }

    fn came_before(&self, row: &CareMark, claim: &ClaimRow) -> bool {
        row.subject != claim.subject
            && (!self.part.contains(&row.claim) || (row.received, row.claim) < (claim.received, claim.claim))
    }

    /// People under another contract of whom a claim came before.
    fn others_before(&self, rows: &[CareMark], claim: &ClaimRow) -> BTreeSet<SubjectId> {
        let before = rows.iter().filter(|row| self.came_before(row, claim)).map(|row| row.subject);
        before.filter(|other| self.is_other(claim.subject, *other)).collect()
    }

    /// Whether somebody is another person, under another contract.
    fn is_other(&self, subject: SubjectId, other: SubjectId) -> bool {
        let family = self.families.get(&subject);
        other != subject && family.is_none_or(|family| !family.contains(&other))
    }

    /// People who are paid to an account and are under another contract.
    fn others_with(&self, account: Code, subject: SubjectId) -> u32 {
        let people = self.with_account.get(&account).into_iter().flatten();
        count(people.filter(|other| self.is_other(subject, **other)).count())
    }
}

/// Reads what is known of the codes of a part.
fn read(unit: &mut store::Unit<'_>, marks: &MarkRows, part: BTreeSet<ClaimId>) -> Result<Shared, StoreError> {
    let providers: Vec<Code> = marks.providers.keys().copied().collect();
    let provider_since: BTreeMap<Code, Date> = mark::since_of_providers(unit, &providers)?
        .into_iter()
        .map(|known| (known.provider, known.since))
        .collect();
    // Only of a provider that is new its claims are counted.
    let is_new = |(provider, first): &(&Code, &Date)| {
        provider_since.get(*provider).is_none_or(|since| since.days_until(**first) < NEW_PROVIDER_DAYS)
    };
    let new: Vec<Code> = marks.providers.iter().filter(is_new).map(|(provider, _)| *provider).collect();
    let of_new = grouped(mark::received_of_providers(unit, &new, COUNTED)?);
    let days: BTreeSet<(Code, Code)> = marks.care.iter().map(|mark| (mark.provider, mark.day)).collect();
    let on_day = mark::count_on_days(unit, &days.into_iter().collect::<Vec<_>>(), COUNTED)?;
    let with_code = with_codes(unit, &marks.care)?;
    let accounts: BTreeSet<Code> = marks.accounts.keys().map(|(account, _)| *account).collect();
    let with_account = mark::with_accounts(unit, &accounts.into_iter().collect::<Vec<_>>(), COUNTED)?;
    let with_account: BTreeMap<Code, BTreeSet<SubjectId>> = grouped(
        with_account.iter().map(|known| (known.account, known.subject)).chain(marks.accounts.keys().copied()),
    );
    let subjects: Vec<SubjectId> = marks.subjects.iter().copied().collect();
    let accounts = mark::accounts_of(unit, &subjects, COUNTED)?;
    let accounts = grouped(accounts.into_iter().map(|known| (known.subject, known)));
    // Only of those who share an account, or more than care: few, and mostly families.
    let of_code = |rows: &Vec<CareMark>| rows.iter().map(|row| row.subject).collect::<BTreeSet<_>>();
    let with_code_people: Vec<BTreeSet<SubjectId>> = with_code.values().map(of_code).collect();
    let sharing: BTreeSet<SubjectId> = with_account
        .values()
        .chain(&with_code_people)
        .filter(|people| people.len() > 1)
        .flatten()
        .copied()
        .collect();
    let families = store::family::of_subjects(unit, &sharing.into_iter().collect::<Vec<_>>())?;
    let excluded: Vec<Code> = marks.excluded.iter().copied().collect();
    let excluded = store::exclusion::of_tokens(unit, &excluded)?;
    let excluded = grouped(excluded.into_iter().map(|row| (row.token, (row.first, row.last))));
    let on_day = on_day.into_iter().collect();
    Ok(Shared { on_day, provider_since, of_new, with_code, with_account, accounts, families, excluded, part })
}

/// The claims with each code of these that is looked for among claims of the same care: those of the part, whatever else is read.
fn with_codes(
    unit: &mut store::Unit<'_>,
    marks: &[CareMark],
) -> Result<BTreeMap<Code, Vec<CareMark>>, StoreError> {
    let cares: BTreeSet<(Code, Code, Code)> =
        marks.iter().map(|mark| (mark.provider, mark.day, mark.care)).collect();
    let asked: BTreeSet<Code> = marks.iter().flat_map(|mark| &mark.codes).copied().collect();
    let of_part: BTreeSet<ClaimId> = marks.iter().map(|mark| mark.claim).collect();
    let mut with_code: BTreeMap<Code, Vec<CareMark>> = BTreeMap::new();
    for mark in marks {
        for code in &mark.codes {
            with_code.entry(*code).or_default().push(mark.clone());
        }
    }
    let mut number: BTreeMap<Code, usize> = BTreeMap::new();
    for row in mark::of_care(unit, &cares.into_iter().collect::<Vec<_>>(), OF_CARE)? {
        *number.entry(row.care).or_default() += 1;
        let is_asked = |code: &&Code| asked.contains(*code) && !of_part.contains(&row.claim);
        for code in row.codes.iter().filter(is_asked) {
            with_code.entry(*code).or_default().push(row.clone());
        }
    }
    if number.values().any(|number| *number == OF_CARE) {
        tracing::warn!(
            most = OF_CARE,
            "of a provider's day more claims of one amount than the screen looks through"
        );
    }
    Ok(with_code)
}

fn grouped<K: Ord, V, C: Default + Extend<V>>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, C> {
    let mut grouped: BTreeMap<K, C> = BTreeMap::new();
    for (key, value) in pairs {
        grouped.entry(key).or_default().extend([value]);
    }
    grouped
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use store::testing::Scratch;
    use store::{Location, Store};

    use super::*;

    const CARE: (Code, Code, Code) = ([1; 16], [2; 16], [3; 16]);

    /// A claim of that care, with these codes beside; the smaller the number, the sooner it is read.
    fn mark(number: u64, codes: &[Code]) -> CareMark {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let (provider, day, care) = CARE;
        let (subject, claim) = (SubjectId::from_bytes(id), ClaimId::from_bytes(id));
        CareMark {
            provider,
            day,
            care,
            subject,
            claim,
            received: "2026-11-19".parse().unwrap(),
            codes: codes.to_vec(),
        }
    }

    async fn with_code(location: &Location, known: Vec<CareMark>, of_part: Vec<CareMark>) -> Vec<CareMark> {
        let store = Store::create(location).await.unwrap();
        let written: Result<_, StoreError> = store.write(move |unit| mark::put_care(unit, &known)).await;
        written.unwrap();
        let read: Result<_, StoreError> = store.read(move |unit| with_codes(unit, &of_part)).await;
        read.unwrap().remove(&[9; 16]).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_match_behind_thousands_of_claims_of_one_care_is_found() {
        let scratch = Scratch::sqlite().unwrap();
        let mut known: Vec<CareMark> = (0..5_000).map(|number| mark(number, &[[8; 16]])).collect();
        known.push(mark(5_000, &[[9; 16]]));
        let own = mark(6_000, &[[9; 16]]);
        let found = with_code(scratch.location(), known.clone(), vec![own.clone()]).await;
        assert_eq!(found, [own, known[5_000].clone()]);
    }

    #[tokio::test]
    async fn a_parts_own_claims_are_seen_beside_each_other_behind_however_many_others() {
        let scratch = Scratch::sqlite().unwrap();
        let mut known: Vec<CareMark> = (0..OF_CARE as u64 + 2).map(|number| mark(number, &[])).collect();
        let part: Vec<CareMark> = [0, 1].map(|more| mark(OF_CARE as u64 + 10 + more, &[[9; 16]])).into();
        known.extend(part.clone());
        assert_eq!(with_code(scratch.location(), known, part.clone()).await, part);
    }
}
