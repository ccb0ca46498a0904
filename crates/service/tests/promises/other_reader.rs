//! Another reader of the proofs that people take away: written from `docs/log.md`, with other people's libraries
//! for notes, checkpoints and inclusion, and nothing of ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{Checkpoint, check_record, record_hash};

type Hash = [u8; 32];

/// The entries of a proof that holds: leaf and body, which is empty of one that was erased.
pub(crate) fn entries(text: &str, site: &str, witness: &str) -> Result<Vec<(u64, Vec<u8>)>, String> {
    let (list, note) = text.split_once("\n\n").ok_or("no checkpoint")?;
    let (size, root) = checkpoint(note, site, witness)?;
    let mut lines = list.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mut next = |kind: &str| match lines.next() {
        Some(words) if words[0] == kind => Ok(words[1..].to_vec()),
        other => Err(format!("no {kind} but {other:?}")),
    };
    next("moretus/list-proof/2")?;
    let owner = bytes(next("owner")?[0])?;
    if next("size")?[0] != size.to_string() {
        return Err("another size".to_owned());
    }
    let roll = included(&next("roll")?, size, root)?.1;
    let roll = roll.strip_prefix(b"moretus/roll/1\n").ok_or("no roll")?;
    let map_root: Hash = roll[8..40].try_into().unwrap();
    let siblings = hashes(next("map")?[0])?;
    let end = next("chain")?;
    let count: u64 = end[0].parse().map_err(|_| "no count")?;
    let head: Hash = bytes(end[1])?.try_into().map_err(|_| "no head")?;
    if map_of(&owner, count, &head, &siblings) != map_root {
        return Err("another map".to_owned());
    }
    let mut entries = Vec::new();
    let mut chain: Hash = [0; 32];
    let mut lapsed = 0;
    for words in lines {
        if words[0] == "lapse" {
            let (leaf, body) = included(&words[1..], size, root)?;
            lapsed = lapsed.max(lapsed_before(&body).filter(|end| *end <= leaf).ok_or("no lapse")?);
            continue;
        }
        if words[0] == "erased" {
            let (leaf, commitment) = erased(&words[1..], size, root)?;
            if leaf >= lapsed {
                return Err("not lapsed".to_owned());
            }
            chain = sha(&[b"moretus/chain/1\n", &chain, &leaf.to_be_bytes(), &commitment]);
            entries.push((leaf, Vec::new()));
            continue;
        }
        let (leaf, body) = included(&words[1..], size, root)?;
        chain = sha(&[b"moretus/chain/1\n", &chain, &leaf.to_be_bytes(), &commitment(&body)]);
        let (subject, many) = whose(&body).map_err(|error| error.to_string())?;
        let is_theirs = match words[0] {
            "entry" => many.is_none() && subject.as_deref() == Some(owner.as_slice()),
            "many" => {
                let salt: Hash = bytes(words[4])?.try_into().map_err(|_| "no salt")?;
                let token = sha(&[b"moretus/one-of-many/1\n", &salt, &owner]);
                many.as_deref() == Some(&root_of(&token, 0, &[0; 32], &hashes(words[5])?))
            }
            _ => return Err("no entry".to_owned()),
        };
        if !is_theirs {
            return Err("another person's entry".to_owned());
        }
        entries.push((leaf, body));
    }
    if (entries.len() as u64, chain) != (count, head) {
        return Err("another chain".to_owned());
    }
    Ok(entries)
}

/// Bytes that may stand in a body.
type Cell = Option<Vec<u8>>;

/// What stands in a body, a CBOR map, under 15 and under 38.
fn whose(body: &[u8]) -> Result<(Cell, Cell), minicbor::decode::Error> {
    let mut decoder = minicbor::Decoder::new(body);
    let (mut subject, mut many) = (None, None);
    for _ in 0..decoder.map()?.unwrap_or_default() {
        let key = decoder.u64()?;
        match (key, decoder.datatype()?) {
            (15, minicbor::data::Type::Bytes) => subject = Some(decoder.bytes()?.to_vec()),
            (38, minicbor::data::Type::Bytes) => many = Some(decoder.bytes()?.to_vec()),
            _ => decoder.skip()?,
        }
    }
    Ok((subject, many))
}

fn sha(parts: &[&[u8]]) -> Hash {
    Sha256::digest(parts.concat()).into()
}

fn commitment(body: &[u8]) -> Hash {
    sha(&[b"moretus/entry/1\n", body])
}

fn bytes(word: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(word).map_err(|error| error.to_string())
}

fn hashes(word: &str) -> Result<Vec<Hash>, String> {
    Ok(bytes(word)?.chunks(32).map(|hash| hash.try_into().unwrap()).collect())
}

/// Leaf and body of an entry that is in the tree.
fn included(words: &[&str], size: u64, root: tlog_tiles::Hash) -> Result<(u64, Vec<u8>), String> {
    let body = bytes(words[1])?;
    let leaf = in_tree(words, &commitment(&body), size, root)?;
    Ok((leaf, body))
}

/// Leaf and commitment of an entry that is in the tree.
fn erased(words: &[&str], size: u64, root: tlog_tiles::Hash) -> Result<(u64, Hash), String> {
    let commitment: Hash = bytes(words[1])?.try_into().map_err(|_| "no commitment")?;
    Ok((in_tree(words, &commitment, size, root)?, commitment))
}

fn in_tree(words: &[&str], commitment: &Hash, size: u64, root: tlog_tiles::Hash) -> Result<u64, String> {
    let leaf: u64 = words[0].parse().map_err(|_| "no leaf")?;
    let proof: Vec<_> = hashes(words[2])?.into_iter().map(tlog_tiles::Hash).collect();
    check_record(&proof, size, root, leaf, record_hash(commitment))
        .map_err(|error| format!("entry {leaf}: {error}"))?;
    Ok(leaf)
}

/// The leaf before which a body declares that entries lapsed: the second of the three under 39.
fn lapsed_before(body: &[u8]) -> Option<u64> {
    let mut decoder = minicbor::Decoder::new(body);
    for _ in 0..decoder.map().ok()?? {
        if decoder.u64().ok()? == 39 {
            decoder.array().ok()?;
            decoder.skip().ok()?;
            return decoder.u64().ok();
        }
        decoder.skip().ok()?;
    }
    None
}

/// The root of the map in which this chain ends so, at the end of these siblings.
fn map_of(owner: &[u8], count: u64, head: &Hash, siblings: &[Hash]) -> Hash {
    root_of(&sha(&[b"moretus/map-token/1\n", owner]), count, head, siblings)
}

fn root_of(token: &Hash, count: u64, head: &Hash, siblings: &[Hash]) -> Hash {
    let value = sha(&[b"moretus/map-value/1\n", &count.to_be_bytes(), head]);
    let mut hash = sha(&[b"moretus/map-leaf/1\n", token, &value]);
    for (level, sibling) in siblings.iter().enumerate().rev() {
        let is_right = token[level / 8] >> (7 - level % 8) & 1 == 1;
        let (left, right) = if is_right { (sibling, &hash) } else { (&hash, sibling) };
        hash = sha(&[b"moretus/map-node/1\n", left, right]);
    }
    hash
}

/// Size and root of a checkpoint that the site has signed and the witness cosigned.
fn checkpoint(note: &str, site: &str, witness: &str) -> Result<(u64, tlog_tiles::Hash), String> {
    let note = Note::from_bytes(note.as_bytes()).map_err(|error| error.to_string())?;
    let site = StandardVerifier::new(site).map_err(|error| error.to_string())?;
    let known = VerifierList::new(vec![Box::new(site), Box::new(TheirWitness::new(witness))]);
    let (verified, _) = note.verify(&known).map_err(|error| error.to_string())?;
    if verified.len() != 2 {
        return Err("not signed by both".to_owned());
    }
    let text = Checkpoint::from_bytes(note.text()).map_err(|error| error.to_string())?;
    Ok((text.size(), *text.hash()))
}

/// The cosignature format on top of their signature check.
struct TheirWitness {
    name: String,
    id: u32,
    key: StandardVerifier,
}

impl TheirWitness {
    fn new(key: &str) -> TheirWitness {
        let (name, rest) = key.split_once('+').unwrap();
        let public = STANDARD.decode(rest.split_once('+').unwrap().1).unwrap();
        assert_eq!(public[0], 4, "a cosignature key");
        let plain = [[1].as_slice(), &public[1..]].concat();
        let id = signed_note::key_id(name, &plain);
        let plain = StandardVerifier::new(&format!("{name}+{id:08x}+{}", STANDARD.encode(&plain))).unwrap();
        TheirWitness { name: name.to_owned(), id: signed_note::key_id(name, &public), key: plain }
    }
}

impl Verifier for TheirWitness {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let time = u64::from_be_bytes(*time).to_string();
        self.key.verify(&[b"cosignature/v1\ntime ", time.as_bytes(), b"\n", text].concat(), signature)
    }
}
