//! The proof that a person can take away: their list from the log, that each entry is in it, and that the list
//! is complete up to a roll. Made only with a grant to answer an access request, so that it is on the record
//! itself; checked by anyone with the public keys of the site and of a witness, without a database.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use domain::{Purpose, SubjectId, Timestamp};
use store::log::Entry as Stored;
use store::log::tree::RollRow;
use store::{StoreError, Unit};
use transparency::map::token;
use transparency::{
    ChainState, Checkpoint, Content, KeyKind, ListProof, MapIndex, MapProof, Note, ProvenEntry, TileCache,
    VerifierKey, inclusion_proofs,
};

use crate::bulk::{Salts, whose};
use crate::chains::{Progress, ends};
use crate::deferral::due;
use crate::entry::Lapse;
use crate::history::{Indexed, whole};
use crate::lapse::declaration;
use crate::sealer::{SITE, number, signed};
use crate::stub::{Stub, committed};
use crate::verify::StoredTiles;
use crate::{Gate, GateError, Grant, HistoryLine, Witness};

/// The fact by which whoever wants a roll now says so to the sealer at work.
const ROLL_WANTED: &str = "roll-wanted";
/// How often it is looked whether the sealer at work has rolled, and how many times.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 80;
/// Checkpoints looked through for one that a witness has cosigned.
const CHECKPOINTS: usize = 1_000;

/// Tiles kept while a proof is made, some 5 MB.
const TILES: usize = 512;

fn no_proof(problem: impl Into<String>) -> GateError {
    GateError::NoProof { problem: problem.into() }
}

impl Gate {
    /// Has the log rolled now: by a sealer of its own, or by the one at work, which is waited for. False when that
    /// one did not roll in time.
    pub async fn roll_now(&self, witness: Option<Witness>) -> Result<bool, GateError> {
        let sealer = self.sealer(witness).await?;
        match sealer.roll().await {
            Ok(()) => return sealer.finish().await.map(|()| true),
            Err(GateError::SealedElsewhere) => {}
            Err(error) => return Err(error),
        }
        let request = self.request().to_string();
        self.inner.store.write(move |unit| store::lease::set_meta(unit, ROLL_WANTED, &request)).await?;
        for _ in 0..LOOKS {
            tokio::time::sleep(LOOK).await;
            if self.wanted_roll().await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The request for a roll that was not met yet.
    pub(crate) async fn wanted_roll(&self) -> Result<Option<String>, StoreError> {
        let wanted = self.inner.store.read(|unit| store::lease::meta(unit, ROLL_WANTED)).await?;
        Ok(wanted.filter(|request| !request.is_empty()))
    }

    /// Says that the request is met: the roll is sealed and cosigned. One that came since stands.
    pub(crate) async fn roll_given(&self, request: String) -> Result<(), StoreError> {
        let given = move |unit: &mut Unit<'_>| match store::lease::meta(unit, ROLL_WANTED)? {
            Some(wanted) if wanted == request => store::lease::set_meta(unit, ROLL_WANTED, ""),
            _ => Ok(()),
        };
        self.inner.store.write(given).await
    }
}

impl<S: domain::Views> Grant<S> {
    /// The entries about one subject up to the last roll, with their proof. Only for a grant to answer an access
    /// request. Errors: there was no roll yet, or the stored log does not give a proof that holds.
    pub async fn prove(&self, subject: SubjectId) -> Result<ListProof, GateError> {
        self.shown(subject)?;
        if self.purpose() != Purpose::AccessRequest {
            return Err(GateError::Compute("the list of disclosures is proven for an access request only"));
        }
        let gate = Gate { inner: std::sync::Arc::clone(self.inner()) };
        let key = gate.log_signer().await?.verifier().clone();
        let salts = Salts::of(&self.inner().site);
        self.inner().store.read(move |unit| make(unit, &key, &salts, subject)).await
    }
}

fn make(
    unit: &mut Unit<'_>,
    key: &VerifierKey,
    salts: &Salts,
    subject: SubjectId,
) -> Result<ListProof, GateError> {
    let roll = store::log::tree::latest_roll(unit)?;
    let roll =
        roll.ok_or_else(|| no_proof("there was no roll yet: have the log rolled with `moretus log roll`"))?;
    if Progress::read(unit)? != (Progress { done: number(roll.size), batch: None }) {
        return Err(no_proof("the chains have gone on since the last roll: ask again after the next one"));
    }
    let (checkpoint, note) = covering(unit, key, roll.leaf)?;
    let size = checkpoint.size;
    // The chains go as far as the roll: so does the list, with what has joined at the roll itself.
    let stored = Indexed::of(unit, subject)?.list;
    let map = map_proof(unit, &roll, subject, &stored)?;
    let roll_entry = entry_at(unit, number(roll.leaf))?;
    let listed = std::iter::once(roll_entry).chain(stored);
    let (mut shown, mut portfolios) = (Vec::new(), BTreeSet::new());
    for (leaf, entry) in listed {
        let entry = whole(unit, entry)?;
        if !salts.are_true(&entry) {
            return Err(no_proof(format!("entry {leaf} was altered: run `moretus log verify`")));
        }
        let one_of_many = salts.one_of_many(&entry, subject);
        let stub = Stub::of(&entry.body);
        portfolios.extend(stub.map(|stub| stub.portfolio));
        let content = stub.map_or(Content::Body(entry.body.into()), |stub| Content::Erased(stub.commitment));
        shown.push((leaf, content, one_of_many));
    }
    let declared = portfolios.len();
    for portfolio in portfolios {
        let missing = || no_proof("no entry declares what was erased: run `moretus log verify`");
        let (leaf, entry) = declaration(unit, portfolio)?.ok_or_else(missing)?;
        shown.insert(1, (leaf, Content::Body(entry.body.into()), None));
    }
    let tiles = TileCache::new(StoredTiles(RefCell::new(unit)), TILES);
    let leaves: Vec<u64> = shown.iter().map(|(leaf, ..)| *leaf).collect();
    let proofs = inclusion_proofs(&leaves, size, &tiles).map_err(|error| no_proof(error.to_string()))?;
    let proven = |((leaf, content, one_of_many), proof)| ProvenEntry { leaf, content, proof, one_of_many };
    let mut shown = shown.into_iter().zip(proofs).map(proven);
    let missing = || no_proof("the roll is missing: run `moretus log verify`");
    let roll = shown.next().ok_or_else(missing)?;
    let lapses = shown.by_ref().take(declared).collect();
    let entries = shown.collect();
    let made = ListProof { owner: *subject.bytes(), size, roll, map, lapses, entries, checkpoint: note };
    are_in(&made, &checkpoint)?;
    Ok(made)
}

/// Tiles that were altered give proofs that do not hold: nobody is to take one home.
fn are_in(made: &ListProof, checkpoint: &Checkpoint) -> Result<(), GateError> {
    let problem = "the stored tiles do not show it: run `moretus log verify`, which says what was altered";
    let mut entries = [&made.roll].into_iter().chain(&made.lapses).chain(&made.entries);
    entries.try_for_each(|entry| {
        entry.verify(checkpoint).map_err(|_| no_proof(format!("entry {}: {problem}", entry.leaf)))
    })
}

/// The newest checkpoint that takes the roll in, and of those the newest that a witness has cosigned.
fn covering(unit: &mut Unit<'_>, key: &VerifierKey, leaf: i64) -> Result<(Checkpoint, String), GateError> {
    let rows = store::log::tree::checkpoints_down_from(unit, i64::MAX, CHECKPOINTS)?;
    let mut rows: Vec<_> = rows.into_iter().take_while(|row| row.size > leaf).collect();
    let is_cosigned = |note: &str| {
        note.parse::<Note>().is_ok_and(|note| note.signers().any(|signer| signer != (key.name(), key.id())))
    };
    let place = rows.iter().position(|row| is_cosigned(&row.note)).unwrap_or(0);
    if rows.len() <= place {
        return Err(no_proof("no checkpoint takes the last roll in: run `moretus log verify`"));
    }
    let row = rows.swap_remove(place);
    let checkpoint = Checkpoint::parse_and_verify(&row.note, key)
        .map_err(|error| no_proof(format!("the checkpoint of size {}: {error}", row.size)))?;
    Ok((checkpoint, row.note))
}

/// What the roll's map says of the subject, which must be the end of these entries.
fn map_proof(
    unit: &mut Unit<'_>,
    roll: &RollRow,
    subject: SubjectId,
    stored: &[(u64, Stored)],
) -> Result<MapProof, GateError> {
    let due = due(unit, roll.at)?;
    let ends = ends(unit, &due)?;
    let altered =
        |what: &str| no_proof(format!("{what}: run `moretus log verify`, which says what was altered"));
    let index = MapIndex::build(MapIndex::bits_for(ends.len() as u64), ends.iter().copied());
    let index = index.map_err(|error| altered(&error.to_string()))?;
    if index.root() != roll.map_root {
        return Err(altered("the stored chains are not those that the last roll committed"));
    }
    let token = token(subject.bytes());
    let range = index.range_to_read(&token);
    let within = |token: &[u8; 32]| range.is_some_and(|(first, last)| first <= *token && *token <= last);
    let bucket: Vec<_> = ends.into_iter().filter(|(token, _)| within(token)).collect();
    let proof = index.prove(&token, &bucket).map_err(|error| altered(&error.to_string()))?;
    let of_roll = proof.verify(&token, &roll.map_root).map_err(|error| altered(&error.to_string()))?;
    let chain = stored
        .iter()
        .fold(ChainState::START, |chain, (leaf, entry)| chain.extend(*leaf, &committed(&entry.body)));
    if of_roll.unwrap_or(ChainState::START) != chain {
        return Err(altered("the entries found are not those that the last roll committed"));
    }
    Ok(proof)
}

/// The log's own entry at a leaf.
fn entry_at(unit: &mut Unit<'_>, leaf: u64) -> Result<(u64, Stored), GateError> {
    let missing = || no_proof(format!("entry {leaf} is missing: run `moretus log verify`"));
    let group = store::log::sealed_at(unit, signed(leaf))?.ok_or_else(missing)?;
    let entries = store::log::entries_between(unit, group.batch, group.batch)?;
    let rank = usize::try_from(leaf - number(group.first_leaf)).ok();
    let entry = rank.and_then(|rank| entries.into_iter().nth(rank));
    entry.filter(|entry| entry.subject == SITE).map(|entry| (leaf, entry)).ok_or_else(missing)
}

/// A list that was checked: whose, up to when, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenList {
    /// The log's name.
    pub origin: String,
    /// Whose list.
    pub subject: SubjectId,
    /// The entries of the log that the checkpoint signs.
    pub size: u64,
    /// When the witness saw the checkpoint.
    pub witnessed: Timestamp,
    /// When the roll was made up to which the list is complete, as the site says.
    pub complete_to: Timestamp,
    /// How many entries of the log the roll takes in.
    pub taken_in: u64,
    /// The entries, each with its leaf.
    pub lines: Vec<(u64, HistoryLine)>,
    /// Entries that were erased since their retention had run out.
    pub erased: Vec<u64>,
    /// Before when those were made, as the log declares.
    pub erased_before: Option<Timestamp>,
}

/// Checks a proof with nothing but the public keys of the site and of a witness. Errors say what does not hold.
pub fn check_list(text: &str, site: &VerifierKey, witness: &VerifierKey) -> Result<ProvenList, GateError> {
    let failed = |error: transparency::ListFault| GateError::Proof { problem: error.to_string() };
    for (key, kind, whose) in [(site, KeyKind::Log, "site"), (witness, KeyKind::Witness, "witness")] {
        if key.kind() != kind {
            let problem = format!("key `{}` is not a {whose}'s: give the {whose}'s own", key.name());
            return Err(GateError::Proof { problem });
        }
    }
    let proof: ListProof = text.parse().map_err(failed)?;
    let lapsed = |body: &[u8]| Lapse::of(body).map(|lapse| lapse.end);
    let checked = proof.check(site, witness, whose, lapsed).map_err(failed)?;
    let line = |(leaf, body): (u64, &[u8])| {
        let problem = format!("entry {leaf} is of a kind that this program does not know");
        HistoryLine::of_body(body).map(|line| (leaf, line)).ok_or(GateError::Proof { problem })
    };
    let whole = proof.entries.iter().filter_map(|entry| Some((entry.leaf, entry.body()?)));
    let erased = proof.entries.iter().filter(|entry| entry.body().is_none());
    let lapses = proof.lapses.iter().filter_map(|entry| Lapse::of(entry.body()?));
    Ok(ProvenList {
        origin: checked.checkpoint.origin,
        subject: SubjectId::from_bytes(proof.owner),
        size: checked.checkpoint.size,
        witnessed: Timestamp::from_micros(signed(checked.witnessed_s.saturating_mul(1_000_000))),
        complete_to: Timestamp::from_micros(signed(checked.roll.at_us)),
        taken_in: checked.roll.size,
        lines: whole.map(line).collect::<Result<_, _>>()?,
        erased: erased.map(|entry| entry.leaf).collect(),
        erased_before: lapses.map(|lapse| lapse.before).max(),
    })
}
