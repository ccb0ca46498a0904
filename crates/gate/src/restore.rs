//! What a restored site does before it works again: it opens a log of its own, whose first entry names the
//! former log and what of it is missing, and destroys again what was erased since the backup.
//!
//! A restored log is never continued under its name: entries after the backup existed, others may hold
//! checkpoints of them, and to write others in their place would be a forgery. It copies no rows: that is
//! the store's.

use domain::{PortfolioId, RetentionClass, SubjectId, SubjectKind, SubjectKindSet, Timestamp};
use minicbor::{Decode, Encode};
use store::backup::RESTORED_LOG;
use store::key::Erasure;
use store::{Appended, NewDisclosure, StoreError, Unit};
use transparency::{Checkpoint, KeyKind, SignerKey, VerifierKey};

use crate::sealer::SITE;
use crate::{Gate, GateError, Witness};

/// What the body of the first entry of a restored site's log begins with.
const PREFIX: &[u8] = b"moretus/reopened/1\n";
/// Erasures replayed in one transaction.
const ERASURES_A_PART: usize = 500;

/// The first entry of a restored site's log: which log it follows, and what of that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Reopened {
    /// When it was opened.
    #[n(0)]
    pub at: Timestamp,
    /// The former log's name.
    #[n(1)]
    pub former: String,
    /// The leaves of the former log that the restored site has: they are the first of the new one.
    #[n(2)]
    pub size: u64,
    /// The former log's checkpoint of that size, as a signed note.
    #[n(3)]
    pub checkpoint: String,
    /// The leaves in the last checkpoint of the former log that someone outside holds, if one was given.
    #[n(4)]
    pub outside_size: Option<u64>,
    /// That checkpoint, as a signed note.
    #[n(5)]
    pub outside: Option<String>,
}

impl Reopened {
    /// Leaves of the former log that someone outside has seen signed and that are not here.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.outside_size.unwrap_or(0).saturating_sub(self.size)
    }

    /// The entry's body.
    #[must_use]
    pub fn to_body(&self) -> Vec<u8> {
        let mut body = PREFIX.to_vec();
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(self, &mut body);
        body
    }

    /// Reads an entry's body; `None` when it is another kind of entry.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Option<Self> {
        minicbor::decode(body.strip_prefix(PREFIX)?).ok()
    }
}

/// A log that this site's log follows, as [`Gate::verify_log`] needs it.
pub(crate) struct Former {
    pub(crate) key: VerifierKey,
    /// Of the size at which it was restored.
    pub(crate) checkpoint: Checkpoint,
    /// The last that someone outside held.
    pub(crate) outside: Option<Checkpoint>,
    pub(crate) entry: Reopened,
}

impl Gate {
    /// Opens a log on a restored database, and seals it. `outside` is the last checkpoint of the former log
    /// that someone outside holds. Errors: the database was not restored, or has its log already; a
    /// checkpoint that the former log did not sign.
    pub async fn reopen_log(
        &self,
        outside: Option<&str>,
        witness: Option<Witness>,
    ) -> Result<Reopened, GateError> {
        let log = |problem: String| GateError::Log { problem };
        let former = self.restored_log().await?;
        let former =
            former.ok_or_else(|| log("this database was not restored, or has its log already".to_owned()))?;
        let signer = self.signer_of(&former)?;
        let outside = outside
            .map(|note| {
                Checkpoint::parse_and_verify(note, signer.verifier())
                    .map(|checkpoint| (checkpoint, note.to_owned()))
                    .map_err(|error| log(format!("the checkpoint held outside, of log {former}: {error}")))
            })
            .transpose()?;
        let note = match self.inner.store.read(store::log::tree::latest_checkpoint).await? {
            Some(row) => row.note,
            None => empty_log(&signer).map_err(log)?,
        };
        let checkpoint = Checkpoint::parse_and_verify(&note, signer.verifier())
            .map_err(|error| log(format!("the newest checkpoint of the backup: {error}")))?;
        let entry = Reopened {
            at: self.now(),
            former,
            size: checkpoint.size,
            checkpoint: note,
            outside_size: outside.as_ref().map(|(checkpoint, _)| checkpoint.size),
            outside: outside.map(|(_, note)| note),
        };
        let own = self.signer_of(&self.log_origin().await?)?;
        let sealer = self.sealer_with(own, witness).await?;
        self.append_to_site(entry.to_body()).await?;
        let remembered = entry.clone();
        self.inner.store.write(move |unit| remember(unit, &remembered)).await?;
        // The lease is given back: what has lapsed since the backup is erased next, which another sealer seals.
        sealer.finish().await?;
        Ok(entry)
    }

    /// The logs that this site's log follows, the first one first.
    pub async fn former_logs(&self) -> Result<Vec<Reopened>, GateError> {
        Ok(self.formers().await?.into_iter().map(|former| former.entry).collect())
    }

    pub(crate) async fn formers(&self) -> Result<Vec<Former>, GateError> {
        let log = |problem: String| GateError::Log { problem };
        let entries: Vec<String> = self.inner.store.read(remembered).await?;
        entries
            .iter()
            .map(|text| {
                let entry = from_hex(text).and_then(|body| Reopened::from_body(&body));
                let entry =
                    entry.ok_or_else(|| log("what is kept of a former log does not read".to_owned()))?;
                let key = self.signer_of(&entry.former)?.verifier().clone();
                let check = |note: &str| {
                    Checkpoint::parse_and_verify(note, &key).map_err(|error| {
                        log(format!("the last checkpoint of former log {}: {error}", entry.former))
                    })
                };
                let checkpoint = check(&entry.checkpoint)?;
                let outside = entry.outside.as_deref().map(check).transpose()?;
                Ok(Former { checkpoint, outside, key, entry })
            })
            .collect()
    }

    /// Destroys again what was erased after the backup was taken, and puts it on the list of erasures. The
    /// same list again changes nothing, and whoever was taken up anew before the backup keeps their new keys.
    /// Returns how many keys were there still.
    pub async fn replay_erasures(&self, erasures: &[Erasure]) -> Result<u64, GateError> {
        let mut destroyed = 0;
        for part in erasures.chunks(ERASURES_A_PART) {
            let part = part.to_vec();
            let replay = move |unit: &mut Unit<'_>| {
                part.iter().try_fold(0, |destroyed, erasure| {
                    let Erasure { subject, category, class, at } = *erasure;
                    let known = known_erasure(unit, erasure)?;
                    // Done before the backup, and the key that is there now was made after it: for someone who was
                    // taken up anew. The list and the keys are of one place, so they tell of each other.
                    if known.is_some_and(|known| known >= at)
                        && store::key::get(unit, subject, category, class)?.is_some()
                    {
                        return Ok(destroyed);
                    }
                    let at = known.map_or(at, |known| known.max(at));
                    store::sealed::delete_class(unit, subject, category, class)?;
                    forget(unit, subject, class, at)?;
                    let was_there = store::key::erase(unit, subject, category, class, at)?;
                    Ok::<u64, StoreError>(destroyed + u64::from(was_there))
                })
            };
            destroyed += self.inner.store.write(replay).await?;
        }
        Ok(destroyed)
    }

    /// The former log of a database that was restored and has no log of its own yet.
    pub(crate) async fn restored_log(&self) -> Result<Option<String>, GateError> {
        let former = self.inner.store.read(|unit| store::lease::meta(unit, RESTORED_LOG)).await?;
        Ok(former.filter(|name| !name.is_empty()))
    }

    pub(crate) fn signer_of(&self, origin: &str) -> Result<SignerKey, GateError> {
        let seed = self.inner.site.log_seed(origin);
        SignerKey::new(origin, KeyKind::Log, &seed)
            .map_err(|error| GateError::Log { problem: error.to_string() })
    }

    /// Appends an entry about the site itself.
    async fn append_to_site(&self, body: Vec<u8>) -> Result<(), GateError> {
        let disclosure = NewDisclosure {
            subject: SITE,
            portfolio: PortfolioId::from_bytes([0; 16]),
            notice: 0,
            kinds: SubjectKindSet::of(&[SubjectKind::Employee]),
            laws: domain::GoverningLawSet::ALL,
            tests: Vec::new(),
            recipient_tests: Vec::new(),
            register: None,
            body,
            people: Vec::new(),
        };
        match self.inner.store.append(vec![disclosure], self.now()).await?.as_slice() {
            [Appended::At(_)] => Ok(()),
            _ => Err(GateError::Log { problem: "the entry about the site could not be appended".to_owned() }),
        }
    }
}

/// When the same was erased, as the restored list of erasures says.
fn known_erasure(unit: &mut Unit<'_>, erasure: &Erasure) -> Result<Option<Timestamp>, StoreError> {
    let Erasure { subject, category, class, .. } = *erasure;
    let same = |known: &&Erasure| known.category == category && known.class == class;
    Ok(store::key::erasures_of(unit, &[subject])?.iter().find(same).map(|known| known.at))
}

/// The checkpoint of a log that nothing was sealed in: a backup of a site that had just begun.
fn empty_log(signer: &SignerKey) -> Result<String, String> {
    let root = transparency::TreeState::new().root();
    let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size: 0, root };
    checkpoint.sign(signer).map_err(|error| error.to_string())
}

/// The name of the fact that keeps what is known of a former log.
fn former_name(number: u64) -> String {
    format!("log-former-{number}")
}

fn remembered(unit: &mut Unit<'_>) -> Result<Vec<String>, StoreError> {
    let mut entries = Vec::new();
    while let Some(text) = store::lease::meta(unit, &former_name(entries.len() as u64 + 1))? {
        entries.push(text);
    }
    Ok(entries)
}

/// Keeps the entry where verifying finds it, and ends the state of being restored.
fn remember(unit: &mut Unit<'_>, entry: &Reopened) -> Result<(), StoreError> {
    let number = remembered(unit)?.len() as u64 + 1;
    let text: String = entry.to_body().iter().map(|byte| format!("{byte:02x}")).collect();
    store::lease::set_meta(unit, &former_name(number), &text)?;
    store::lease::set_meta(unit, RESTORED_LOG, "")
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = |index: usize| u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok();
    (0..text.len() / 2).map(digits).collect()
}

/// Where a checkpoint held outside belongs: to this log, to a former one as far as that was restored, or to
/// the gap that this log names (`None`: there is nothing here to compare it with).
pub(crate) fn place_outside(
    note: &str,
    own: &VerifierKey,
    formers: &[Former],
) -> Result<Option<Checkpoint>, String> {
    let origin = note.lines().next().unwrap_or_default();
    let Some(former) = formers.iter().find(|former| former.entry.former == origin) else {
        return Checkpoint::parse_and_verify(note, own)
            .map(Some)
            .map_err(|error| format!("the checkpoint held outside: {error}"));
    };
    let checkpoint = Checkpoint::parse_and_verify(note, &former.key)
        .map_err(|error| format!("the checkpoint held outside, of former log {origin}: {error}"))?;
    let (restored, named) =
        (former.checkpoint.size, former.outside.as_ref().map_or(0, |outside| outside.size));
    if checkpoint.size <= restored {
        return Ok(Some(checkpoint));
    }
    if checkpoint.size <= named {
        return Ok(None);
    }
    Err(format!(
        "the checkpoint held outside is of former log {origin} at {} entries; this log was restored from it at \
         {restored} and names a gap up to {}: entries {} to {} are missing and unaccounted for",
        checkpoint.size,
        named.max(restored),
        named.max(restored),
        checkpoint.size - 1,
    ))
}

/// Takes away the plain rows that went with a class, and whatever anybody was let do for whom nobody knows any more. Material goes
/// piece by piece, so that a key of its class says nothing of the others.
fn forget(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    class: RetentionClass,
    at: Timestamp,
) -> Result<(), StoreError> {
    if class == RetentionClass::Communication {
        return Ok(());
    }
    store::plain::delete_of_class(unit, subject, class, at)?;
    if class == RetentionClass::Membership {
        for row in store::condition::of_subject(unit, subject)? {
            store::condition::end(unit, subject, row.condition, row.object, at)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reopened(size: u64, outside_size: Option<u64>) -> Reopened {
        Reopened {
            at: Timestamp::from_micros(1),
            former: "moretus/a".to_owned(),
            size,
            checkpoint: "note".to_owned(),
            outside_size,
            outside: outside_size.map(|_| "note".to_owned()),
        }
    }

    #[test]
    fn the_first_entry_reads_back_and_counts_what_is_missing() {
        let entry = reopened(100, Some(120));
        assert_eq!(Reopened::from_body(&entry.to_body()), Some(entry.clone()));
        assert_eq!(Reopened::from_body(b"moretus/roll/1\n"), None);
        assert_eq!(
            [entry.missing(), reopened(100, Some(90)).missing(), reopened(5, None).missing()],
            [20, 0, 0]
        );
        let text: String = entry.to_body().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(from_hex(&text).and_then(|body| Reopened::from_body(&body)), Some(entry));
    }

    #[test]
    fn a_checkpoint_of_the_former_log_is_compared_or_in_the_named_gap_or_refused() {
        let signer = |name: &str| SignerKey::new(name, KeyKind::Log, &[7; 32]).unwrap();
        let (own, former) = (signer("moretus/b"), signer("moretus/a"));
        let checkpoint = |size| Checkpoint { origin: "moretus/a".to_owned(), size, root: [1; 32] };
        let note = |size| checkpoint(size).sign(&former).unwrap();
        let formers = [Former {
            key: former.verifier().clone(),
            checkpoint: checkpoint(100),
            outside: Some(checkpoint(120)),
            entry: reopened(100, Some(120)),
        }];
        let place = |size| place_outside(&note(size), own.verifier(), &formers);
        assert_eq!(place(100).unwrap(), Some(checkpoint(100)));
        assert_eq!(place(120).unwrap(), None);
        assert!(place(121).unwrap_err().contains("entries 120 to 120 are missing"));
        let forged = Checkpoint { origin: "moretus/a".to_owned(), size: 90, root: [2; 32] };
        let forged = forged.sign(&SignerKey::new("moretus/a", KeyKind::Log, &[8; 32]).unwrap()).unwrap();
        assert!(place_outside(&forged, own.verifier(), &formers).is_err());
        assert!(
            place_outside(&note(5), own.verifier(), &[]).is_err(),
            "of a log that this one does not follow"
        );
    }
}
