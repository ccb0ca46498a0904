//! Entries of the log whose retention has run out: their bodies are erased, their leaves stay. The notice in force says
//! after how many years; an entry of the log declares it first, and is sealed before anything goes. So a body that is
//! missing without a declaration, or that is younger than one says, stays a fault.
//!
//! Age is by rolls: what stands before the size of a roll was made before that roll. Never erased are what later
//! verification rests on: rolls, what says that a log follows another, declarations of deferral, and those of this kind. An
//! entry that is deferred still stays until it has joined its person's list, and one that stands in the list of somebody about
//! whom a legal matter is open until that is over. Nobody's data is opened, and keys are destroyed elsewhere.

use std::collections::BTreeSet;

use domain::{Date, PortfolioId, Purpose, Recipient, RetentionClass, SubjectId, Timestamp, WorkItemId};
use notice::RetentionStart;
use store::log::Entry as Stored;
use store::{About, Appended, Position, StoreError, Unit};

use crate::bulk::Salts;
use crate::chains::{Progress, as_sealed};
use crate::deferral::Mark;
use crate::entry::{EntryOutcome, Lapse};
use crate::index::entries_from;
use crate::receiver::Receiver;
use crate::run::in_chain;
use crate::sealer::{number, signed};
use crate::stub::{Stub, is_erased};
use crate::{Asking, Entry, Gate, GateError};

/// Places in lists that one unit looks through, unless a single group has more.
const PLACES_A_PART: u64 = 1_000;

/// The first instant of which entries have not lapsed, at this moment, where they lapse after so many years.
pub(crate) fn lapsed_before(at: Timestamp, years: u32) -> Option<Timestamp> {
    let months = i32::try_from(years).ok()?.checked_mul(-12)?;
    let day: Date = at.date().ok()?.plus_months(months)?;
    Some(Timestamp::start_of(day))
}

/// How far the erasing of a portfolio's entries has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Erasing {
    /// The leaf before which each entry was looked at.
    done: u64,
    /// Where the newest declaration is.
    declared: Option<Position>,
    /// Leaves before that whose entries have lapsed and could not go yet.
    kept: BTreeSet<u64>,
}

/// What is to become of an entry.
enum Fate {
    /// It stays: it is another portfolio's, was erased already, or later verification rests on it.
    Stays,
    /// It has lapsed, and must stay for now.
    Kept,
    /// It goes.
    Goes { item: Option<WorkItemId> },
}

impl Gate {
    /// Erases the bodies of a portfolio's entries that have lapsed as the notice in force says, in parts that another call
    /// takes up where one was interrupted. Answers how many went. Where another sealer does not seal the declaration in
    /// time, nothing goes before the next call.
    ///
    /// # Errors
    /// No notice is in force; an entry was altered: nothing of what could show that is erased.
    pub async fn erase_entries(&self, portfolio: PortfolioId) -> Result<u64, GateError> {
        let (_, notice) = self.notice(portfolio)?;
        let rule = notice.retention(RetentionClass::Disclosure);
        let rule = rule.filter(|rule| rule.after == RetentionStart::RecordMade);
        let Some(rule) = rule else { return Ok(0) };
        let Some(before) = lapsed_before(self.now(), rule.years) else { return Ok(0) };
        // What stands before it was made before it: so that roll, and each before it, must be of before.
        let last = Timestamp::from_micros(before.micros().saturating_sub(1));
        let roll =
            self.inner.store.read(move |unit| store::log::tree::last_roll_of_before(unit, last)).await?;
        let Some(end) = roll.map(|roll| number(roll.size)) else { return Ok(0) };
        if self.is_any_to_go(portfolio, end).await? {
            self.declare_lapse(portfolio, Lapse { before, end, years: rule.years }).await?;
        }
        let mut erased = self.erase_kept(portfolio).await?;
        let salts = Salts::of(&self.inner.site);
        loop {
            let (salts, now) = (salts.clone(), self.now());
            let part = move |unit: &mut Unit<'_>| erase_part(unit, portfolio, &salts, now);
            match self.inner.store.write(part).await? {
                Some(count) => erased += count,
                None => return Ok(erased),
            }
        }
    }

    /// Erases those that could not go in an earlier call, and now can.
    async fn erase_kept(&self, portfolio: PortfolioId) -> Result<u64, GateError> {
        let read = move |unit: &mut Unit<'_>| Erasing::read(unit, portfolio);
        let kept = self.inner.store.read(read).await.map_err(|error: StoreError| error)?.kept;
        let kept: Vec<u64> = kept.into_iter().collect();
        let (salts, mut erased) = (Salts::of(&self.inner.site), 0);
        for leaves in kept.chunks(PLACES_A_PART as usize) {
            let (salts, leaves, now) = (salts.clone(), leaves.to_vec(), self.now());
            let part = move |unit: &mut Unit<'_>| {
                let (end, mut entries) = (declared_end(unit, portfolio)?, Vec::with_capacity(leaves.len()));
                for leaf in leaves.iter().filter(|leaf| **leaf < end) {
                    entries.extend(entry_of(unit, *leaf)?.map(|entry| (*leaf, entry)));
                }
                let (count, still) = erase_those(unit, portfolio, &salts, entries, now)?;
                let mut erasing = Erasing::read(unit, portfolio)?;
                for leaf in leaves.iter().filter(|leaf| **leaf < end && !still.contains(leaf)) {
                    erasing.kept.remove(leaf);
                }
                erasing.write(unit, portfolio)?;
                Ok::<_, StoreError>(count)
            };
            erased += self.inner.store.write(part).await?;
        }
        Ok(erased)
    }

    /// Whether an entry is to go that no declaration takes in yet.
    async fn is_any_to_go(&self, portfolio: PortfolioId, end: u64) -> Result<bool, GateError> {
        let store = &self.inner.store;
        let declared = move |unit: &mut Unit<'_>| {
            let declared = declared_end(unit, portfolio)?;
            Ok::<_, StoreError>(Erasing::read(unit, portfolio)?.done.max(declared))
        };
        let (mut from, mut kept) = (store.read(declared).await?, BTreeSet::new());
        while from < end {
            let look = move |unit: &mut Unit<'_>| {
                let entries = before(entries_from(unit, from, PLACES_A_PART)?, end);
                let mut kept = Vec::new();
                for (leaf, entry) in &entries {
                    match fate(unit, portfolio, *leaf, entry)? {
                        Fate::Goes { .. } => return Ok::<_, StoreError>(None),
                        Fate::Kept => kept.push(*leaf),
                        Fate::Stays => {}
                    }
                }
                Ok(Some((entries.last().map_or(end, |(last, _)| last + 1), kept)))
            };
            match store.read(look).await? {
                Some((next, stay)) => {
                    from = next;
                    kept.extend(stay);
                }
                None => return Ok(true),
            }
        }
        // Nobody looks through them again: none of this portfolio's is among them that could go.
        let looked = move |unit: &mut Unit<'_>| {
            let mut erasing = Erasing::read(unit, portfolio)?;
            // What was declared and has not gone is not looked at here.
            if erasing.done < declared_end(unit, portfolio)? {
                return Ok(());
            }
            erasing.done = erasing.done.max(from);
            erasing.kept.extend(&kept);
            erasing.write(unit, portfolio)
        };
        store.write(looked).await.map_err(|error: StoreError| error)?;
        Ok(false)
    }

    /// Puts the declaration on the record, durably, and has it sealed.
    async fn declare_lapse(&self, portfolio: PortfolioId, lapse: Lapse) -> Result<(), GateError> {
        let job = self.job(Recipient::RetentionJob)?;
        let asking = Asking::new(&job, portfolio, Purpose::LegalObligation, self.request());
        let in_force = self.inner.notices.in_force(portfolio, None, self.now())?;
        let words = format!("entries before {} erased, made before {}", lapse.end, lapse.before);
        let entry = Entry {
            notice: in_force.version.clone(),
            outcome: EntryOutcome::Changed,
            change: Some(words),
            lapse: Some(lapse),
            ..self.inner.entry(&asking, &Receiver::default(), String::new())
        };
        let appended = self.inner.store.append(vec![in_chain(portfolio, &entry)], self.now()).await?;
        let &[Appended::At(position)] = appended.as_slice() else { return Err(GateError::NotInPortfolio) };
        let keep = move |unit: &mut Unit<'_>| {
            let erasing = Erasing::read(unit, portfolio)?;
            Erasing { declared: Some(position), ..erasing }.write(unit, portfolio)
        };
        self.inner.store.write(keep).await?;
        // Where it was not sealed in time, the next call goes on.
        self.roll_now(None).await.map(drop)
    }
}

/// The newest declaration about a portfolio that is sealed, with its leaf.
pub(crate) fn declaration(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
) -> Result<Option<(u64, Stored)>, StoreError> {
    let Some(position) = Erasing::read(unit, portfolio)?.declared else { return Ok(None) };
    let Some(group) = store::log::sealed_of(unit, position.batch)? else { return Ok(None) };
    let entries = store::log::entries_between(unit, group.batch, group.batch)?;
    Ok((number(group.first_leaf)..).zip(entries).find(|(_, entry)| entry.position == position))
}

/// The leaf before which a portfolio's entries lapsed, as its newest declaration says once a roll takes that in: so
/// that whoever proves a list from then on can show it.
fn declared_end(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<u64, StoreError> {
    let rolled = store::log::tree::latest_roll(unit)?.map_or(0, |roll| number(roll.size));
    let declared = declaration(unit, portfolio)?.filter(|(leaf, _)| *leaf < rolled);
    let entry = declared.map(|(_, entry)| entry);
    Ok(match entry.map(|entry| Mark::of(&entry.body)) {
        Some(Mark::Lapses { portfolio: own, lapse, .. }) if own == portfolio => lapse.end,
        _ => 0,
    })
}

/// Looks at the next entries before the end that is declared, and erases those that go. Answers how many; `None` when
/// there is nothing more to look at.
fn erase_part(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    salts: &Salts,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let end = declared_end(unit, portfolio)?;
    let mut erasing = Erasing::read(unit, portfolio)?;
    // Index and chains are made of bodies: they have gone past that roll long ago.
    if erasing.done >= end || Progress::read(unit)?.done < end {
        return Ok(None);
    }
    let entries = before(entries_from(unit, erasing.done, PLACES_A_PART)?, end);
    erasing.done = entries.last().map_or(end, |(last, _)| last + 1);
    let (count, kept) = erase_those(unit, portfolio, salts, entries, now)?;
    erasing.kept.extend(kept);
    erasing.write(unit, portfolio)?;
    Ok(Some(count))
}

/// Erases those of these entries that go. Answers how many, and the leaves of those that have lapsed and must stay for now.
fn erase_those(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    salts: &Salts,
    entries: Vec<(u64, Stored)>,
    now: Timestamp,
) -> Result<(u64, BTreeSet<u64>), StoreError> {
    let held = held(unit, &entries, now)?;
    let (mut going, mut kept) = (Vec::new(), BTreeSet::new());
    for (leaf, entry) in entries {
        match fate(unit, portfolio, leaf, &entry)? {
            Fate::Stays => {}
            Fate::Goes { .. } if entry.listed().any(|subject| held.contains(&subject)) => {
                kept.insert(leaf);
            }
            Fate::Kept => {
                kept.insert(leaf);
            }
            Fate::Goes { item } => going.push(((leaf, entry), item)),
        }
    }
    let (entries, items): (Vec<_>, Vec<_>) = going.into_iter().unzip();
    // What was altered stays as it is, so that verifying finds it.
    as_sealed(unit, &entries, salts)?;
    let count = entries.len() as u64;
    for ((_, mut entry), item) in entries.into_iter().zip(items) {
        // For which work item it was about each of many is not needed; in whose lists it stands is.
        let people: Vec<About> =
            entry.listed().skip(1).map(|subject| About { subject, item: None }).collect();
        entry.people = people;
        let body = Stub::new(salts, &entry, portfolio, item).to_bytes();
        store::log::replace_body(unit, &Stored { body: body.into(), ..entry })?;
    }
    Ok((count, kept))
}

/// Those in whose lists these entries stand about whom a legal matter is open: what was done with their data may be what it is about.
/// One that is opened at the same moment is among them, or is opened after this unit.
fn held(
    unit: &mut Unit<'_>,
    entries: &[(u64, Stored)],
    now: Timestamp,
) -> Result<BTreeSet<SubjectId>, StoreError> {
    let listed: BTreeSet<SubjectId> = entries.iter().flat_map(|(_, entry)| entry.listed()).collect();
    let people = store::many::subjects(unit, &listed.into_iter().collect::<Vec<_>>())?;
    let people: Vec<SubjectId> = people.into_iter().map(|row| row.subject).collect();
    store::matter::one_at_a_time(unit, &people)?;
    let mut held = BTreeSet::new();
    for person in people {
        if !store::matter::standing_about(unit, person, now)?.is_empty() {
            held.insert(person);
        }
    }
    Ok(held)
}

/// Those before a leaf.
fn before(mut entries: Vec<(u64, Stored)>, end: u64) -> Vec<(u64, Stored)> {
    entries.retain(|(leaf, _)| *leaf < end);
    entries
}

fn entry_of(unit: &mut Unit<'_>, leaf: u64) -> Result<Option<Stored>, StoreError> {
    let Some(group) = store::log::sealed_at(unit, signed(leaf))? else { return Ok(None) };
    let entries = store::log::entries_between(unit, group.batch, group.batch)?;
    let place = usize::try_from(leaf - number(group.first_leaf)).ok();
    Ok(place.and_then(|place| entries.into_iter().nth(place)))
}

fn fate(unit: &mut Unit<'_>, portfolio: PortfolioId, leaf: u64, stored: &Stored) -> Result<Fate, StoreError> {
    let Some(entry) = Entry::from_bytes(&stored.body).filter(|_| !is_erased(&stored.body)) else {
        return Ok(Fate::Stays);
    };
    if entry.portfolio != portfolio {
        return Ok(Fate::Stays);
    }
    Ok(match Mark::of(&stored.body) {
        Mark::Plain if entry.defers.is_none() && entry.lapse.is_none() => Fate::Goes { item: None },
        Mark::Deferred { .. } => {
            let rows = store::log::deferred::of_subject(unit, stored.subject)?;
            match rows.iter().find(|row| row.leaf == signed(leaf)) {
                // Nothing declared it: it stood in the list at once.
                None => Fate::Goes { item: None },
                Some(row) if row.joined.is_some() => Fate::Goes { item: Some(row.item) },
                Some(_) => Fate::Kept,
            }
        }
        _ => Fate::Stays,
    })
}

impl Erasing {
    fn name(portfolio: PortfolioId) -> String {
        format!("erased-{portfolio}")
    }

    fn read(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Self, StoreError> {
        let Some(stored) = store::log::tree::state(unit, &Self::name(portfolio))? else {
            return Ok(Self::default());
        };
        Self::from_bytes(&stored).ok_or(StoreError::Corrupt { table: "log_state" })
    }

    fn write(&self, unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<(), StoreError> {
        store::log::tree::set_state(unit, &Self::name(portfolio), &self.to_bytes())
    }

    /// The leaf, the place of the declaration, and the leaves that are kept: 8 bytes each. No group has the number -1.
    fn to_bytes(&self) -> Vec<u8> {
        let declared = self.declared.unwrap_or(Position { batch: -1, offset: 0 });
        let numbers = [self.done.to_be_bytes(), declared.batch.to_be_bytes(), declared.offset.to_be_bytes()];
        numbers.into_iter().chain(self.kept.iter().map(|leaf| leaf.to_be_bytes())).flatten().collect()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let (&[done, batch, offset], kept) = numbers.split_first_chunk::<3>()?;
        let declared = Position { batch: i64::from_be_bytes(batch), offset: i64::from_be_bytes(offset) };
        rest.is_empty().then(|| Self {
            done: u64::from_be_bytes(done),
            declared: Some(declared).filter(|declared| declared.batch >= 0),
            kept: kept.iter().map(|leaf| u64::from_be_bytes(*leaf)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_has_come_reads_back() {
        let declared = Some(Position { batch: 7, offset: 2 });
        for erasing in [
            Erasing::default(),
            Erasing { done: 9, declared, kept: BTreeSet::new() },
            Erasing { done: 9, declared, kept: BTreeSet::from([3, 8]) },
        ] {
            assert_eq!(Erasing::from_bytes(&erasing.to_bytes()), Some(erasing.clone()));
            assert_eq!(Erasing::from_bytes(&erasing.to_bytes()[1..]), None);
        }
    }

    #[test]
    fn an_entry_lapses_when_the_day_on_which_it_was_made_is_so_many_years_past() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let before = |text: &str| lapsed_before(at(text), 10).unwrap();
        assert_eq!(before("2036-11-02T00:00:00Z"), at("2026-11-02"));
        assert_eq!(before("2036-11-02T23:59:59Z"), at("2026-11-02"));
        assert_eq!(before("2036-02-29T12:00:00Z"), at("2026-02-28"));
    }
}
