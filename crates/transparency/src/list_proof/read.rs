//! Reading the text of a proof, strictly: there is one text for each proof. It checks nothing of what the text says.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Content, HEAD, ListFault, ListProof, ProvenEntry};
use crate::{
    chain::ChainState,
    hash::Hash,
    many::OneOfMany,
    map::{MapEnd, MapProof},
};

impl FromStr for ListProof {
    type Err = ListFault;

    fn from_str(text: &str) -> Result<ListProof, ListFault> {
        let lines_of = |text: &str| 1 + text.lines().count();
        let no_checkpoint = ListFault::Shape {
            line: lines_of(text),
            problem: "there is no blank line with a checkpoint after it",
        };
        let (list, checkpoint) = text.split_once("\n\n").ok_or(no_checkpoint)?;
        let mut lines = Lines { lines: list.split('\n'), line: 0 };
        if lines.next_words(1)?.as_slice() != [HEAD] {
            return Err(lines.problem("this is no proof of a list: it begins with `moretus/list-proof/2`"));
        }
        let owner = lines.field("owner", 1)?;
        let owner = lines.array(owner.first())?;
        let size = lines.field("size", 1)?;
        let size = lines.number(size.first())?;
        let roll = lines.field("roll", 3)?;
        let roll = lines.entry(&roll)?;
        let siblings = lines.field("map", 1)?;
        let siblings = lines.hashes(siblings.first())?;
        let end = lines.next_words(3)?;
        let end = match end.as_slice() {
            ["chain", count, head] => MapEnd::Present(ChainState {
                count: lines.number(Some(count))?,
                head: lines.array(Some(head))?,
            }),
            ["nobody"] => MapEnd::Empty,
            ["other", token, value] => {
                MapEnd::Other { token: lines.array(Some(token))?, value_hash: lines.array(Some(value))? }
            }
            _ => return Err(lines.problem("here stands `chain`, `other` or `nobody`")),
        };
        let mut lapses = Vec::new();
        while lines.is_at("lapse ") {
            let lapse = lines.field("lapse", 3)?;
            lapses.push(lines.entry(&lapse)?);
        }
        let mut entries = Vec::new();
        while !lines.is_at_end() {
            entries.push(lines.listed()?);
        }
        let map = MapProof { siblings, end };
        Ok(ListProof { owner, size, roll, map, lapses, entries, checkpoint: checkpoint.to_owned() })
    }
}

/// The lines of a proof, and the number of the one read last.
struct Lines<'text> {
    lines: std::str::Split<'text, char>,
    line: usize,
}

impl<'text> Lines<'text> {
    fn problem(&self, problem: &'static str) -> ListFault {
        ListFault::Shape { line: self.line, problem }
    }

    fn is_at_end(&self) -> bool {
        self.lines.clone().next().is_none()
    }

    /// Whether the next line begins so.
    fn is_at(&self, start: &str) -> bool {
        self.lines.clone().next().is_some_and(|line| line.starts_with(start))
    }

    /// The words of the next line: at most so many.
    fn next_words(&mut self, most: usize) -> Result<Vec<&'text str>, ListFault> {
        self.line += 1;
        let line = self.lines.next().ok_or(self.problem("the proof ends here"))?;
        let words: Vec<&str> = line.split(' ').collect();
        if words.len() > most { Err(self.problem("there are too many words")) } else { Ok(words) }
    }

    /// The words after this first one.
    fn field(&mut self, first: &'static str, words: usize) -> Result<Vec<&'text str>, ListFault> {
        let found = self.next_words(words + 1)?;
        match found.split_first() {
            Some((word, rest)) if *word == first && rest.len() == words => Ok(rest.to_vec()),
            _ => Err(self.problem("a line of another kind belongs here")),
        }
    }

    fn number(&self, word: Option<&&str>) -> Result<u64, ListFault> {
        let number =
            word.and_then(|word| word.parse::<u64>().ok().filter(|number| number.to_string() == **word));
        number.ok_or(self.problem("this is not a number without leading zeroes"))
    }

    fn bytes(&self, word: Option<&&str>) -> Result<Vec<u8>, ListFault> {
        let bytes = word.and_then(|word| STANDARD.decode(word).ok());
        bytes.ok_or(self.problem("this is not base64"))
    }

    fn array<const N: usize>(&self, word: Option<&&str>) -> Result<[u8; N], ListFault> {
        let bytes = self.bytes(word)?;
        bytes.as_slice().try_into().map_err(|_| self.problem("this has another length than it must have"))
    }

    fn hashes(&self, word: Option<&&str>) -> Result<Vec<Hash>, ListFault> {
        let bytes = self.bytes(word)?;
        match bytes.as_chunks::<32>() {
            (hashes, []) => Ok(hashes.to_vec()),
            _ => Err(self.problem("these are not hashes of 32 bytes")),
        }
    }

    /// An entry of the list: `entry`, `many` with what shows that the owner is one of them, or `erased`.
    fn listed(&mut self) -> Result<ProvenEntry, ListFault> {
        let words = self.next_words(6)?;
        match words.as_slice() {
            ["entry", words @ ..] if words.len() == 3 => self.entry(words),
            ["erased", leaf, commitment, proof] => Ok(ProvenEntry {
                leaf: self.number(Some(leaf))?,
                content: Content::Erased(self.array(Some(commitment))?),
                proof: self.hashes(Some(proof))?,
                one_of_many: None,
            }),
            ["many", words @ .., salt, siblings] if words.len() == 3 => {
                let (salt, siblings) = (self.array(Some(salt))?, self.hashes(Some(siblings))?);
                Ok(ProvenEntry { one_of_many: Some(OneOfMany { salt, siblings }), ..self.entry(words)? })
            }
            _ => Err(self.problem("a line of another kind belongs here")),
        }
    }

    fn entry(&self, words: &[&str]) -> Result<ProvenEntry, ListFault> {
        Ok(ProvenEntry {
            one_of_many: None,
            leaf: self.number(words.first())?,
            content: Content::Body(self.bytes(words.get(1))?),
            proof: self.hashes(words.get(2))?,
        })
    }
}
