//! Entries about many at once. In a part of a run the people about whom exactly the same was decided share one entry: one
//! leaf, in the list of each of them. Its body does not name them; it commits them, by the root of a tree of tokens that
//! are salted with a key of the site, so that what one person is given of it tells nothing of another. Whom it is about,
//! and for which work item of each, stands beside the body, and goes into the salts.
//!
//! Each of them is tested as if they had an entry of their own, in the statement that writes it. Where one does not pass,
//! the entry is not written, and halves are tried, down to entries about one alone: those say what it was.

use std::collections::BTreeMap;

use domain::{PortfolioId, SubjectId, Timestamp};
use minicbor::{Decode, Decoder, Encode};
use store::log::Entry as Stored;
use store::{About, NewDisclosure};
use transparency::{Hash, OneOfMany, Roll, Token, Whose, root_of_many, salted_token};
use zeroize::Zeroizing;

use crate::ask::Verdict;
use crate::entry::Entry;
use crate::record::Decided;
use crate::sealer::SITE;
use crate::site_keys::{SiteKeys, keyed};
use crate::truth::Attempt;
use crate::{Reopened, portfolio_chain};

/// Whom an entry about many is about, as its body says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Many {
    /// How many, counted once for each work item of a person.
    #[n(0)]
    pub count: u64,
    /// The root of the tree of their tokens.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub root: Hash,
}

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

    /// What a body says of these people, each of whom is there once; `None` otherwise.
    fn many(&self, of_entry: &[u8; 16], people: &[About]) -> Option<Many> {
        let root = root_of_many(self.tokens(of_entry, people)).ok()?;
        Some(Many { count: people.len() as u64, root })
    }

    /// Whether an entry is about those under whom it is stored, and nobody else.
    pub(crate) fn are_true(&self, stored: &Stored) -> bool {
        match Whom::of(&stored.body) {
            // What is in nobody's list needs no proof of whose it is.
            None => stored.people.is_empty(),
            Some(Whom::One(subject)) => subject == stored.subject && stored.people.is_empty(),
            Some(Whom::Many { chain, salt, many }) => {
                chain == stored.subject && self.many(&salt, &stored.people) == Some(many)
            }
        }
    }

    /// What shows that an entry about many is about a person; `None` of an entry about one alone.
    pub(crate) fn one_of_many(&self, stored: &Stored, person: SubjectId) -> Option<OneOfMany> {
        let Whom::Many { salt, .. } = Whom::of(&stored.body)? else { return None };
        let own = self.salt(&salt, stored.people.iter().find(|one| one.subject == person)?);
        OneOfMany::of(own, person.bytes(), self.tokens(&salt, &stored.people))
    }
}

/// Whom an entry is about, as its body says.
enum Whom {
    /// This subject: a person, or a chain that is nobody's.
    One(SubjectId),
    /// Many people; and it stands in the chain of their portfolio.
    Many { chain: SubjectId, salt: [u8; 16], many: Many },
}

/// The numbers of [`Entry::salt`], [`Entry::portfolio`], [`Entry::subject`] and [`Entry::many`] among an entry's fields.
const SALT: u64 = 0;
const PORTFOLIO: u64 = 10;
const SUBJECT: u64 = 15;
const MANY: u64 = 38;

impl Whom {
    /// Reads a body, whatever its kind; `None` when it does not read. Nearly all entries are about one person, and are
    /// not read further than to whom that is.
    fn of(body: &[u8]) -> Option<Self> {
        if Roll::from_body(body).is_some() || Reopened::from_body(body).is_some() {
            return Some(Self::One(SITE));
        }
        let mut decoder = Decoder::new(body);
        let (mut salt, mut portfolio, mut subject) = (None, None::<PortfolioId>, None);
        for _ in 0..decoder.map().ok()?? {
            match decoder.u64().ok()? {
                SALT => salt = decoder.bytes().ok()?.try_into().ok(),
                PORTFOLIO => portfolio = Some(decoder.decode().ok()?),
                SUBJECT => {
                    let found: SubjectId = decoder.decode().ok()?;
                    if portfolio.map(portfolio_chain) != Some(found) {
                        return Some(Self::One(found));
                    }
                    subject = Some(found);
                }
                MANY => {
                    if let Some(many) = decoder.decode().ok()? {
                        return Some(Self::Many { chain: subject?, salt: salt?, many });
                    }
                }
                _ => decoder.skip().ok()?,
            }
        }
        subject.map(Self::One)
    }
}

/// Whose an entry is, as whoever checks a list reads it from the body.
pub(crate) fn whose(body: &[u8]) -> Option<Whose> {
    Whom::of(body).map(|whom| match whom {
        Whom::One(subject) => Whose::One(*subject.bytes()),
        Whom::Many { many, .. } => Whose::Many(many.root),
    })
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
    let mut alike: BTreeMap<(Vec<u8>, usize), Group> = BTreeMap::new();
    for (attempt, decided) in decided {
        match decided.alike() {
            Some(key) => alike.entry((key, attempt.most_together)).or_default().push((attempt, decided)),
            None => writes.push(alone(attempt, decided)),
        }
    }
    for ((_, most), mut group) in alike {
        while !group.is_empty() {
            let rest = group.split_off(group.len().min(most.max(1)));
            together(salts, std::mem::replace(&mut group, rest), &mut writes);
        }
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
    let of_each = |(attempt, decided): &(Attempt, Decided)| store::OneOfMany {
        about: About { subject: attempt.target.subject, item: attempt.target.item },
        tests: decided.rests_on.tests.clone(),
    };
    let mut people: Vec<store::OneOfMany> = group.iter().map(of_each).collect();
    people.sort_by_key(|one| one.about);
    // Who is asked about twice for the same is in it once: the same was decided, and rests on the same.
    people.dedup_by_key(|one| one.about);
    let about: Vec<About> = people.iter().map(|one| one.about).collect();
    let (subject, many) = (portfolio_chain(entry.portfolio), salts.many(&entry.salt, &about)?);
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
