//! What the test knows of the site because it set it up: who there is, what each of them gave, was given or had taken
//! back, and when. Plain lists, never read from the site; what follows from them, the judge says.

use std::collections::BTreeSet;

use domain::{
    ActorId, Condition, Date, GoverningLaw, PortfolioId, Recipient, RecipientId, RecipientRole, SubjectId,
    SubjectKind, SupplementId, Timestamp, TransferSafeguard, WorkItemId,
};
use gate::LookupKind;
use notice::{Notice, Supplement};

/// A second, in the units in which the model counts time.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// Everything.
pub(crate) struct World {
    /// Microseconds since 1970: when the asks of a round begin. Nothing begins or ends while they last.
    pub(crate) now: i64,
    /// The versions of the notice that are in force, the oldest first.
    pub(crate) versions: Vec<Notice>,
    pub(crate) travel: (SupplementId, Supplement),
    pub(crate) people: Vec<Person>,
    pub(crate) askers: Vec<Asker>,
    pub(crate) organisations: Vec<Organisation>,
    /// What was agreed for staff who read from outside the European Economic Area.
    pub(crate) staff_abroad: Vec<Agreed>,
    /// Legal matters of which the officer declared that what is asked under them is shown later.
    pub(crate) deferred: BTreeSet<WorkItemId>,
}

/// Somebody whose data there is.
pub(crate) struct Person {
    pub(crate) id: SubjectId,
    pub(crate) portfolio: PortfolioId,
    pub(crate) kind: SubjectKind,
    pub(crate) law: GoverningLaw,
    /// The place of the version of the notice that binds them.
    pub(crate) version: usize,
    /// Those who are covered together have the same number.
    pub(crate) family: Option<usize>,
    /// By what the index of look-ups leads to them; none for whom no record was taken in.
    pub(crate) known: Option<Known>,
    pub(crate) covers: Vec<Cover>,
    pub(crate) facts: Vec<Fact>,
}

/// What can be searched by.
pub(crate) struct Known {
    pub(crate) names: [&'static str; 2],
    pub(crate) born: Date,
    pub(crate) number: String,
}

/// A span of cover.
pub(crate) struct Cover {
    pub(crate) sponsor: Option<&'static str>,
    pub(crate) first: Date,
    pub(crate) last: Option<Date>,
}

/// Something that is so of a person for a time.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) what: What,
    pub(crate) from: i64,
    /// Until just before when.
    pub(crate) until: Option<i64>,
}

/// What is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// They consented, to their portfolio.
    Consent(Condition),
    /// They consented, to one programme or app.
    ConsentToOne(Condition, [u8; 16]),
    /// They stand in a relation to somebody.
    Relation(Condition, [u8; 16]),
    /// A work item about them is somebody's task.
    Task(WorkItemId, Whose),
    /// Something is filed with a work item: for the staff, or for one who gets data under it.
    Filed(Condition, WorkItemId, Option<RecipientId>),
    /// One of the staff, by their place, wrote down why it cannot wait.
    Emergency(WorkItemId, usize),
}

/// Whose task it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// This asker's, by their place.
    Asker(usize),
    /// Of all who are in this team.
    Team(&'static str),
}

/// Whoever asks.
pub(crate) struct Asker {
    pub(crate) id: ActorId,
    pub(crate) kind: Recipient,
    /// Behind whose wall they work; jobs and the operator behind none.
    pub(crate) portfolio: Option<PortfolioId>,
    pub(crate) country: &'static str,
    pub(crate) team: &'static str,
    /// The place of the organisation that they belong to.
    pub(crate) organisation: Option<usize>,
    /// The places of those whom they named as themselves or near to them.
    pub(crate) own: Vec<usize>,
    /// For whose people they work; none for everybody's.
    pub(crate) sponsors: Vec<&'static str>,
    /// The last day on which their training is current.
    pub(crate) trained: Option<Date>,
    /// Whom they are, where they are a person who asks for their own data.
    pub(crate) is: Option<usize>,
    /// From when on nobody takes their token any more.
    pub(crate) ends: Option<i64>,
}

/// An organisation of a register.
pub(crate) struct Organisation {
    pub(crate) id: RecipientId,
    pub(crate) portfolio: PortfolioId,
    pub(crate) kind: Recipient,
    pub(crate) country: &'static str,
    pub(crate) role: RecipientRole,
    /// The place of the one that it acts for.
    pub(crate) acts_for: Option<usize>,
    /// The clauses that it is registered for.
    pub(crate) clauses: Vec<String>,
    pub(crate) agreed: Vec<Agreed>,
}

/// What was agreed with an organisation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    pub(crate) condition: Condition,
    pub(crate) safeguard: Option<TransferSafeguard>,
    pub(crate) from: i64,
    pub(crate) until: Option<i64>,
}

/// The first instant of a day.
pub(crate) fn start_of(day: Date) -> i64 {
    Timestamp::start_of(day).micros()
}

/// The first instant after a day.
pub(crate) fn end_of(day: Date) -> i64 {
    start_of(day) + DAY
}

fn is_now(now: i64, from: i64, until: Option<i64>) -> bool {
    from <= now && until.is_none_or(|until| now < until)
}

impl World {
    pub(crate) fn person(&self, id: SubjectId) -> Option<(usize, &Person)> {
        self.people.iter().enumerate().find(|(_, person)| person.id == id)
    }

    /// The places of those whose name and birth date are somebody else's too.
    pub(crate) fn doubles(&self) -> Vec<usize> {
        let details =
            |place: &usize| self.people[*place].known.as_ref().map(|known| (known.names, known.born));
        let is_double = |place: &usize| {
            let alike = (0..self.people.len()).filter(|other| details(other) == details(place));
            details(place).is_some() && alike.count() > 1
        };
        (0..self.people.len()).filter(is_double).collect()
    }

    pub(crate) fn today(&self) -> Date {
        Timestamp::from_micros(self.now).date().unwrap()
    }

    pub(crate) fn stands(&self, fact: &Fact) -> bool {
        is_now(self.now, fact.from, fact.until)
    }

    pub(crate) fn holds(&self, agreed: &Agreed) -> bool {
        is_now(self.now, agreed.from, agreed.until)
    }

    pub(crate) fn works(&self, asker: &Asker) -> bool {
        asker.ends.is_none_or(|end| self.now < end)
    }

    /// Whose relations count for an organisation: those of whom it acts for.
    pub(crate) fn party(&self, organisation: &Organisation) -> RecipientId {
        organisation.acts_for.map_or(organisation.id, |other| self.organisations[other].id)
    }

    /// Writes down that something is so, in place of what was said of the same.
    pub(crate) fn note(&mut self, person: usize, what: What, from: i64, until: Option<i64>) {
        let facts = &mut self.people[person].facts;
        facts.retain(|fact| fact.what != what);
        facts.push(Fact { what, from, until });
    }

    /// Writes down that something is not so any more, of whomever it was.
    pub(crate) fn end(&mut self, at: i64, is_it: impl Fn(&What) -> bool) {
        for fact in self.people.iter_mut().flat_map(|person| &mut person.facts) {
            if is_it(&fact.what) && fact.until.is_none_or(|until| at < until) {
                fact.until = Some(at);
            }
        }
    }

    /// Everything that stands and is such, with the place of whom it is about.
    pub(crate) fn standing(&self, is_it: impl Fn(&What) -> bool) -> Vec<(usize, What)> {
        self.facts(|fact| self.stands(fact) && is_it(&fact.what))
    }

    /// Everything that was ever such.
    pub(crate) fn facts(&self, is_it: impl Fn(&Fact) -> bool) -> Vec<(usize, What)> {
        let of = |(place, person): (usize, &Person)| {
            let facts = person.facts.iter().filter(|fact| is_it(fact));
            facts.map(|fact| (place, fact.what.clone())).collect::<Vec<_>>()
        };
        self.people.iter().enumerate().flat_map(of).collect()
    }

    /// How much later nothing begins or ends for a while, by seconds: an ask before and an ask after would be
    /// answered otherwise, and when exactly the site reads its clock is not known here.
    pub(crate) fn seconds_to_calm(&self, now: i64) -> i64 {
        const STEP: i64 = 90;
        let facts = self.people.iter().flat_map(|person| &person.facts).map(|fact| (fact.from, fact.until));
        let organisations = self.organisations.iter().flat_map(|one| &one.agreed);
        let agreed = organisations.chain(&self.staff_abroad).map(|one| (one.from, one.until));
        let ends = self.askers.iter().filter_map(|asker| asker.ends).map(|end| (end, None));
        let spans: Vec<(i64, Option<i64>)> = facts.chain(agreed).chain(ends).collect();
        let mut seconds = 0;
        loop {
            let at = now + seconds * SECOND;
            let is_near = |instant: i64| (at - 2 * SECOND..at + 60 * SECOND).contains(&instant);
            let is_near_midnight = at.rem_euclid(DAY) < 2 * SECOND || at.rem_euclid(DAY) > DAY - 60 * SECOND;
            let moves = |(from, until): &(i64, Option<i64>)| is_near(*from) || until.is_some_and(is_near);
            if !is_near_midnight && !spans.iter().any(moves) {
                return seconds;
            }
            seconds += STEP;
        }
    }
}

impl Known {
    /// Whether a term of a search leads to them.
    pub(crate) fn is_found_by(&self, (kind, text): &(LookupKind, String)) -> bool {
        match kind {
            LookupKind::NamePart => self.names.contains(&text.as_str()),
            LookupKind::BirthDate => self.born.to_string() == *text,
            LookupKind::MemberNumber => self.number == *text,
            LookupKind::Iban | LookupKind::Email | LookupKind::PolicyNumber => false,
        }
    }
}
