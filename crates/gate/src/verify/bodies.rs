//! What bodies say, held to what stands beside them: whose an entry is, rolls and their table, the logs that this one
//! follows, and what is left of erased entries. It follows entries that agree with the tree already, so that what it finds
//! is older than whatever the tree has yet to show.

use std::iter::Zip;
use std::ops::RangeFrom;
use std::slice::Iter;

use store::log::Entry as Stored;
use store::log::tree::RollRow;
use transparency::Roll;

use super::lapsed::{Lapsed, LapsedEntries};
use super::read::Followed;
use super::{LogFault, Verification};
use crate::Reopened;
use crate::deferral::Mark;
use crate::outline::{Outline, Whom};
use crate::sealer::{SITE, roll_row};
use crate::stub::Stub;

/// What bodies said, as far as the log was followed.
pub(crate) struct Bodies<'a> {
    against: &'a Verification,
    rolls: Zip<RangeFrom<i64>, Iter<'a, RollRow>>,
    formers: Iter<'a, Reopened>,
    lapsed: LapsedEntries<'a>,
}

impl<'a> Bodies<'a> {
    pub(crate) fn new(against: &'a Verification, rolls: &'a [RollRow]) -> Self {
        Self {
            against,
            rolls: (1..).zip(rolls),
            formers: against.formers.iter(),
            lapsed: LapsedEntries::new(rolls, &against.years),
        }
    }

    /// Takes in the next entry of the log. Answers what it means for others.
    pub(crate) fn follow(&mut self, entry: &Followed) -> Result<Mark, LogFault> {
        let (index, stored) = (entry.leaf, &entry.stored);
        let stub = Stub::of(&stored.body);
        let mark = match &stub {
            Some(stub) if stub.is_true(&self.against.salts, stored) => Mark::of_stub(stub),
            Some(_) => return Err(LogFault::Stub { index }),
            None => self.follow_body(index, stored)?,
        };
        self.lapsed.follow(index, stub.as_ref(), mark);
        Ok(mark)
    }

    /// The entry is stored under whom its body says it is about; what the log itself wrote is what its tables say.
    fn follow_body(&mut self, index: u64, stored: &Stored) -> Result<Mark, LogFault> {
        let outline = Outline::of(&stored.body).ok_or(LogFault::OtherSubject { index })?;
        if outline.whom.subject() != stored.subject {
            return Err(LogFault::OtherSubject { index });
        }
        if !self.against.salts.commit(outline.whom, stored) {
            return Err(LogFault::OtherPeople { index });
        }
        if outline.whom == Whom::One(SITE) {
            self.follow_own(index, &stored.body)?;
        }
        Ok(if outline.is_marked { Mark::of_marked(&stored.body) } else { Mark::Plain })
    }

    /// An entry of the log's own: the table of rolls has a roll as its next one, and the site knows the log it follows.
    fn follow_own(&mut self, index: u64, body: &[u8]) -> Result<(), LogFault> {
        if let Some(roll) = Roll::from_body(body) {
            let is_next =
                |(number, row): (i64, &RollRow)| *row == RollRow { roll: number, ..roll_row(index, &roll) };
            let is_sound = roll.size <= index && self.rolls.next().is_some_and(is_next);
            return if is_sound { Ok(()) } else { Err(LogFault::RollRow { leaf: index }) };
        }
        match Reopened::from_body(body) {
            Some(reopened) if self.formers.next() != Some(&reopened) => Err(LogFault::Former { index }),
            _ => Ok(()),
        }
    }

    /// Ends the pass over a log of so many entries: nothing may be left over. Answers what was erased.
    pub(crate) fn finish(mut self, entries: u64) -> Result<Vec<Lapsed>, LogFault> {
        if let Some((_, row)) = self.rolls.next() {
            return Err(LogFault::NoRoll { roll: row.roll });
        }
        if self.formers.next().is_some() {
            return Err(LogFault::Former { index: entries });
        }
        self.lapsed.finish()
    }
}
