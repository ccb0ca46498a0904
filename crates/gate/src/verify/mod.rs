//! Verifying the whole log: every entry against the tree, the tree against every signed checkpoint and those
//! held outside the site, and every chain, roll and line of the index against the entries once more. It reads
//! one snapshot in parts, in memory that depends on [`LogCheck::chains_a_pass`] and not on the log. It changes
//! nothing, and it cannot tell whether an entry is true.

mod beside;
mod bodies;
mod fault;
mod lapsed;
mod read;
mod recount;
mod tree;

use std::collections::BTreeMap;

use domain::PortfolioId;
use store::Unit;
use store::log::Entry as Stored;
use store::log::tree::RollRow;
use transparency::{Checkpoint, Subtree, VerifierKey};

use self::beside::beside;
use self::bodies::Bodies;
pub use self::fault::LogFault;
pub use self::lapsed::Lapsed;
pub(crate) use self::read::StoredTiles;
use self::read::{Followed, SealedEntries, Stop};
use self::recount::{Part, Recount, Start, state};
use self::tree::{check_rest, check_tree};
use crate::bulk::Salts;
use crate::chains::Progress;
use crate::deferral::{DeferredTokens, Mark};
use crate::restore::place_outside;
use crate::sealer::{number, signed};
use crate::stub::committed;
use crate::{Gate, GateError, Reopened};

/// Chains that are followed at a time, in some 220 MB.
const CHAINS_A_PASS: u64 = 1_000_000;

/// What a log is verified against besides itself.
#[derive(Debug, Clone)]
pub struct LogCheck {
    /// A checkpoint that a witness or a member holds, of this log or of one that it follows.
    pub outside: Option<String>,
    /// The witnesses' keys. With any, a signature on a stored checkpoint that is neither the log's nor theirs is
    /// a fault; with none, such signatures are counted and not checked.
    pub witnesses: Vec<VerifierKey>,
    /// The chains that are followed at a time: more take more memory, fewer more passes over the log.
    pub chains_a_pass: u64,
}

impl Default for LogCheck {
    fn default() -> Self {
        Self { outside: None, witnesses: Vec::new(), chains_a_pass: CHAINS_A_PASS }
    }
}

/// What verifying found to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogReport {
    /// The log's name.
    pub origin: String,
    /// Entries whose leaves were recomputed.
    pub entries: u64,
    /// Entries of which only the leaf is left, since their retention ran out.
    pub erased: u64,
    /// These by portfolio, each with the entry that declares that they lapsed.
    pub lapsed: Vec<Lapsed>,
    /// Committed entries that are not sealed yet.
    pub pending: u64,
    /// Stored checkpoints whose signatures and roots were compared.
    pub checkpoints: u64,
    /// Checkpoints compared that somebody else holds, or held of a log that this one follows.
    pub outside: u64,
    /// Signatures of witnesses on stored checkpoints that were not checked, since no witness's key was given.
    pub unchecked_signatures: u64,
    /// Chains computed again from the entries.
    pub chains: u64,
    /// Rolls whose maps were computed again.
    pub rolls: u64,
    /// The logs that this one follows, where the site was restored: each with what of it is missing.
    pub former: Vec<Reopened>,
}

/// What is known beforehand.
pub(crate) struct Verification {
    key: VerifierKey,
    former_keys: Vec<VerifierKey>,
    formers: Vec<Reopened>,
    /// Checkpoints that others hold or held, their signatures checked.
    others: Vec<Checkpoint>,
    witnesses: Vec<VerifierKey>,
    chains_a_pass: u64,
    tokens: DeferredTokens,
    salts: Salts,
    years: BTreeMap<PortfolioId, u32>,
    seed: [u8; 16],
}

impl Gate {
    /// Verifies the whole log, and against `outside` when given: a checkpoint that a witness or a member holds,
    /// of this log or of one that it follows. Errors say what is wrong, and where.
    pub async fn verify_log(&self, outside: Option<&str>) -> Result<LogReport, GateError> {
        self.check_log(LogCheck { outside: outside.map(str::to_owned), ..LogCheck::default() }).await
    }

    /// As [`Gate::verify_log`], saying against what.
    pub async fn check_log(&self, check: LogCheck) -> Result<LogReport, GateError> {
        let key = self.log_signer().await?.verifier().clone();
        let log = |problem: String| GateError::Log { problem };
        if let Some(other) = check.witnesses.iter().find(|key| !tree::is_witness(key)) {
            return Err(log(format!("key `{}` is no witness's: give the witness's own", other.name())));
        }
        let formers = self.formers().await?;
        let mut others = Vec::new();
        for former in &formers {
            let seen = former.outside.iter().filter(|outside| outside.size <= former.checkpoint.size);
            others.extend(std::iter::once(&former.checkpoint).chain(seen).cloned());
        }
        if let Some(note) = &check.outside {
            others.extend(place_outside(note, &key, &formers).map_err(log)?);
        }
        let verification = Verification {
            key,
            former_keys: formers.iter().map(|former| former.key.clone()).collect(),
            formers: formers.into_iter().map(|former| former.entry).collect(),
            others,
            witnesses: check.witnesses,
            chains_a_pass: check.chains_a_pass.max(1),
            tokens: DeferredTokens::of(&self.inner.site),
            salts: Salts::of(&self.inner.site),
            years: self.inner.notices.years_of_entries(),
            seed: self.random_id(),
        };
        let checked = self.inner.store.read(move |unit| match verify(unit, &verification) {
            Ok(report) => Ok(Ok(report)),
            Err(Stop::Fault(fault)) => Ok(Err(fault.to_string())),
            Err(Stop::Store(error)) => Err(error),
        });
        checked.await?.map_err(log)
    }
}

fn verify(unit: &mut Unit<'_>, against: &Verification) -> Result<LogReport, Stop> {
    let (state, rolls) = (state(unit)?, store::log::tree::rolls(unit)?);
    let bits = part_bits(number(store::log::chain::count(unit)?), against.chains_a_pass);
    let start = Start { state, rolls: &rolls, tokens: against.tokens.clone(), seed: against.seed };
    let mut recount = Recount::new(Part { bits, number: 0 }, &start);
    let mut bodies = Bodies::new(against, &rolls);
    let hear = |entry: Followed| bodies.follow(&entry).map(|mark| recount.push(&entry, mark));
    let mut report = beside(hear, |follow| check_tree(unit, against, follow))?;
    report.lapsed = bodies.finish(report.entries)?;
    report.pending = check_rest(unit, report.entries)?;
    check_state(unit, state, report.entries)?;
    let (mut parts, mut faults, mut stored) = (Vec::new(), Vec::new(), 0);
    loop {
        parts.push(recount.finish(report.entries));
        report.chains += recount.chains();
        stored += recount.compare_chains(unit, &mut faults)?;
        recount.compare_deferred(unit, &mut faults)?;
        recount.compare_index(unit, &mut faults)?;
        if parts.len() == 1 << bits {
            break;
        }
        let part = Part { bits, number: parts.len() as u32 };
        recount = follow(unit, Recount::new(part, &start))?;
    }
    // Declarations are followed in every part.
    recount.compare_declarations(unit, &mut faults)?;
    check_rolls(&rolls, &parts, &mut faults);
    let found = number(store::log::chain::count(unit)?);
    if faults.is_empty() && found != stored {
        faults.push(LogFault::Chains { found, expected: stored });
    }
    report.rolls = rolls.len() as u64;
    report.former.clone_from(&against.formers);
    match faults.len() {
        0 => Ok(report),
        _ => Err(LogFault::several(faults).into()),
    }
}

/// The leading bits that tokens of a part share, so that a part has about as many chains as may be followed.
fn part_bits(chains: u64, chains_a_pass: u64) -> u32 {
    chains.div_ceil(chains_a_pass).next_power_of_two().ilog2().min(16)
}

/// Follows the chains of another part through the whole log, which was held to the tree already.
fn follow(unit: &mut Unit<'_>, mut recount: Recount) -> Result<Recount, Stop> {
    let followed = |(leaf, stored): (u64, Stored)| {
        let commitment = committed(&stored.body);
        Followed { leaf, stored, commitment }
    };
    let push = |entry: Followed| {
        recount.push(&entry, Mark::of(&entry.stored.body));
        Ok(())
    };
    beside(push, |follow| {
        let mut entries = SealedEntries::default();
        loop {
            let part = entries.read(unit)?;
            if part.is_empty() {
                return Ok(());
            }
            follow(part.into_iter().map(followed).collect())?;
        }
    })?;
    Ok(recount)
}

/// Index and chains go no further than the log, and no run has a number that was never given.
fn check_state(unit: &mut Unit<'_>, state: (Progress, u64), entries: u64) -> Result<(), Stop> {
    let (progress, indexed) = state;
    let chained = progress.batch.map_or(progress.done, |(end, _)| end);
    let last = store::log::index::runs(unit)?.last().map_or(0, |run| run.run);
    if indexed > entries || chained > indexed || last > store::log::index::last_run(unit)? {
        return Err(LogFault::State { entries }.into());
    }
    Ok(())
}

/// Compares what each roll commits with the map as it was.
fn check_rolls(rolls: &[RollRow], parts: &[Vec<Subtree>], faults: &mut Vec<LogFault>) {
    for (place, roll) in rolls.iter().enumerate() {
        let parts: Vec<Subtree> = parts.iter().filter_map(|roots| roots.get(place).copied()).collect();
        let map = Subtree::join_all(&parts);
        if map.hash != roll.map_root || signed(map.entries) != roll.tokens {
            faults.push(LogFault::Roll { roll: roll.roll, leaf: roll.leaf, size: roll.size });
            // What a forged chain led to from there on follows from the first.
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::part_bits;

    #[test]
    fn a_part_has_no_more_chains_than_may_be_followed() {
        assert_eq!(
            [0, 1, 9, 10, 11, 1_000_000, u64::MAX].map(|chains| part_bits(chains, 10)),
            [0, 0, 0, 0, 1, 17, 16].map(|bits: u32| bits.min(16))
        );
    }
}
