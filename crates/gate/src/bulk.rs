//! Entries about many at once. In a part of a run the people about whom exactly the same was decided share one entry: one
//! leaf, in the list of each of them, and in the run's own chain. Its body does not name them; it commits them, by the root
//! of a tree of tokens that are salted with a key of the site, so that what one person is given of it tells nothing of
//! another. Whom it is about, and for which work item of each, stands beside the body, and goes into the salts.
//!
//! Each of them is tested as if they had an entry of their own, in the statement that writes it. Where one does not pass,
//! nothing is written; what is so of all of them is read, and they are put together anew. Who does not pass then either
//! has an entry alone, which says what it was.

use std::collections::BTreeMap;

use domain::{SubjectId, Timestamp, WorkItemId};
use store::log::Entry as Stored;
use store::{About, NewDisclosure, TestedPerson};
use transparency::{Hash, OneOfMany, Token, Whose, root_of_many, salted_token};
use zeroize::Zeroizing;

use crate::ask::Verdict;
use crate::entry::Entry;
use crate::outline::{Outline, Whom};
use crate::portfolio_chain;
use crate::record::Decided;
use crate::sealer::SITE;
use crate::site_keys::{SiteKeys, keyed};
use crate::stub::Stub;
use crate::truth::Attempt;

/// What salts the tokens: only the site can tell whose one is.
#[derive(Clone)]
pub(crate) struct Salts(Zeroizing<[u8; 32]>);

impl Salts {
    pub(crate) fn of(site: &SiteKeys) -> Self {
        Self(site.bulk_key())
    }

    fn salt(&self, of_entry: &[u8; 16], about: &About) -> [u8; 32] {
        let item = about.item.map_or([0; 16], |item| *item.bytes());
        keyed(&self.0, b"one-of-many", &[of_entry, about.subject.bytes(), &item])
    }

    fn tokens<'a>(&'a self, of_entry: &'a [u8; 16], people: &'a [About]) -> impl Iterator<Item = Token> + 'a {
        people.iter().map(|one| salted_token(&self.salt(of_entry, one), one.subject.bytes()))
    }

    /// The root that commits these people, who stand in order and each once for a work item; `None` otherwise.
    fn root(&self, of_entry: &[u8; 16], people: &[About]) -> Option<Hash> {
        let are_in_order = people.is_sorted_by(|one, next| one < next);
        are_in_order.then(|| root_of_many(self.tokens(of_entry, people)).ok()).flatten()
    }

    /// The code that watches what is left of an erased entry.
    pub(crate) fn stub_code(&self, parts: &[&[u8]]) -> [u8; 32] {
        keyed(&self.0, b"stub", parts)
    }

    /// Whether an entry is about those under whom it is stored, and nobody else.
    pub(crate) fn are_true(&self, stored: &Stored) -> bool {
        if let Some(stub) = Stub::of(&stored.body) {
            return stub.is_true(self, stored);
        }
        match Outline::of(&stored.body) {
            // What does not read as anybody's is held to the tree alone.
            None => stored.people.is_empty(),
            Some(outline) => outline.whom.subject() == stored.subject && self.commit(outline.whom, stored),
        }
    }

    /// Whether an entry commits those beside whom it is stored, and nobody else.
    pub(crate) fn commit(&self, whom: Whom, stored: &Stored) -> bool {
        match whom {
            Whom::One(_) => stored.people.is_empty(),
            Whom::Many { salt, root, .. } => self.root(&salt, &stored.people) == Some(root),
            Whom::Contradictory(_) => false,
        }
    }

    /// What shows that an entry about many is about a person; `None` of an entry about one alone.
    pub(crate) fn one_of_many(&self, stored: &Stored, person: SubjectId) -> Option<OneOfMany> {
        let Whom::Many { salt, .. } = Outline::of(&stored.body)?.whom else { return None };
        let own = self.salt(&salt, stored.people.iter().find(|one| one.subject == person)?);
        OneOfMany::of(own, person.bytes(), self.tokens(&salt, &stored.people))
    }
}

/// The chain of a run's entries about many.
pub(crate) fn chain_of_run(run: WorkItemId) -> SubjectId {
    SubjectId::from_bytes(*run.bytes())
}

/// Whose an entry is, as whoever checks a list reads it from the body.
pub(crate) fn whose(body: &[u8]) -> Option<Whose> {
    match Outline::of(body)?.whom {
        Whom::One(subject) => Some(Whose::One(*subject.bytes())),
        Whom::Many { root, .. } => Some(Whose::Many(root)),
        Whom::Contradictory(_) => None,
    }
}

/// An entry to write, with those whom it is about and what was decided of each.
pub(crate) struct Write {
    pub(crate) about: Vec<(Attempt, Verdict)>,
    pub(crate) disclosure: NewDisclosure,
}

/// What was decided about each target of a group.
type Group = Vec<(Attempt, Decided)>;

/// The entries to write for what was decided: of a run, those alike are put together.
pub(crate) fn writes(salts: &Salts, decided: Group) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut alike: BTreeMap<Vec<u8>, Group> = BTreeMap::new();
    for (attempt, decided) in decided {
        match decided.alike().filter(|_| !attempt.is_alone) {
            Some(key) => alike.entry(key).or_default().push((attempt, decided)),
            None => writes.push(alone(attempt, decided)),
        }
    }
    for group in alike.into_values() {
        together(salts, group, &mut writes);
    }
    writes
}

fn alone(attempt: Attempt, decided: Decided) -> Write {
    let Decided { verdict, entry, rests_on } = decided;
    let disclosure = NewDisclosure { body: entry.to_bytes(), ..rests_on };
    Write { about: vec![(attempt, verdict)], disclosure }
}

fn together(salts: &Salts, group: Group, writes: &mut Vec<Write>) {
    match shared(salts, &group) {
        Some(disclosure) => {
            let about = group.into_iter().map(|(attempt, decided)| (attempt, decided.verdict)).collect();
            writes.push(Write { about, disclosure });
        }
        None => writes.extend(group.into_iter().map(|(attempt, decided)| alone(attempt, decided))),
    }
}

/// The entry of a group; `None` of one alone.
fn shared(salts: &Salts, group: &[(Attempt, Decided)]) -> Option<NewDisclosure> {
    let [(_, Decided { entry, rests_on, .. }), _, ..] = group else { return None };
    let tested = |(attempt, decided): &(Attempt, Decided)| TestedPerson {
        about: About { subject: attempt.target.subject, item: decided.entry.item },
        tests: decided.rests_on.tests.clone(),
    };
    let mut people: Vec<TestedPerson> = group.iter().map(tested).collect();
    people.sort_by_key(|one| one.about);
    // Who is asked about twice for the same, on the same conditions, is in it once.
    people.dedup();
    let about: Vec<About> = people.iter().map(|one| one.about).collect();
    let (subject, many) = (chain_of_run(entry.run?), salts.root(&entry.salt, &about)?);
    let body = Entry { subject, item: None, many: Some(many), ..entry.clone() }.to_bytes();
    Some(NewDisclosure { subject, tests: Vec::new(), people, body, ..rests_on.clone() })
}

impl Decided {
    /// What those have in common whose entry may be one; `None` of what stands alone. Of a run, what was granted, and is
    /// shown at once.
    fn alike(&self) -> Option<Vec<u8>> {
        let Self { verdict, entry, rests_on } = self;
        let is_shared = entry.run.is_some() && verdict.is_ok() && entry.deferred.is_none();
        if !is_shared || entry.subject == portfolio_chain(entry.portfolio) {
            return None;
        }
        let NewDisclosure { notice, kinds, laws, recipient_tests, .. } = rests_on;
        let (salt, at) = ([0; 16], Timestamp::from_micros(0));
        let blank = Entry { salt, at, subject: SITE, item: None, ..entry.clone() };
        let mut key = blank.to_bytes();
        key.extend(
            [notice.to_be_bytes(), kinds.bits().to_be_bytes(), laws.bits().to_be_bytes()].as_flattened(),
        );
        for test in recipient_tests {
            key.push(test.condition.code());
            key.extend(test.recipient.bytes());
        }
        Some(key)
    }
}
