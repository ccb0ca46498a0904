//! The record of uses, read across people: who of the staff used what, when, under which clause and for which task.
//!
//! It tells of those who work here, so it needs a clause about them, and a case that is somebody's task; each part of the
//! answer is an entry of its own in the portfolio's chain before anything of it is read. Whom the data was about it does
//! not tell: a person is a code, which is another one in every answer. Reading the uses of one person's data is reading
//! about them, and needs the clause by which the list is prepared for that person as well.
//!
//! Nothing is kept: a part is read, told and forgotten. A time is found by the rolls, which are hourly; what lies between
//! is read through. One person's entries are found by their index.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ActorId, Category, CategorySet, Country, GoverningLaw, PortfolioId, Purpose, Recipient, RequestId,
    SubjectId, Timestamp, Views, WorkItemId,
};
use sha2::{Digest, Sha256};
use store::log::Entry as Stored;
use store::{About, Unit};
use transparency::Roll;

use crate::bulk::Salts;
use crate::history::entries_of;
use crate::sealer::{SITE, number, signed};
use crate::stub::is_erased;
use crate::{Actor, Asking, Bar, Entry, EntryOutcome, Gate, GateError, Reopened, Target, portfolio_chain};

/// How far the clocks of a site's servers may be apart, with the time that an entry takes to become durable: so much
/// is read before and after the time that is asked for.
const SKEW_SECONDS: i64 = 600;
/// Entries that are read through for one part of an answer, those about many counted for each of them.
const ENTRIES_A_PART: usize = 20_000;
/// Groups that are looked up at once.
const GROUPS: usize = 64;
/// Uses that may wait for the sealer, those about many counted for each; with more, it is not at work.
const MOST_PENDING: i64 = 100_000;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant that is not meant any more.
    pub to: Timestamp,
    /// By whom.
    pub actor: Option<ActorId>,
    /// Under which clause, or refused for want of which.
    pub clause: Option<String>,
    /// About whom.
    pub subject: Option<SubjectId>,
}

/// One use, as the officer is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: ActorId,
    /// What they are.
    pub asker: Recipient,
    /// Their role.
    pub role: String,
    /// Their team.
    pub team: Option<String>,
    /// From where.
    pub asker_country: Country,
    /// What the one who got it is.
    pub recipient: Recipient,
    /// An outside recipient's name.
    pub recipient_name: Option<String>,
    /// Where the recipient is.
    pub recipient_country: Country,
    /// Why.
    pub purpose: Purpose,
    /// The clauses that allowed it; for a refusal, the nearest.
    pub clauses: Vec<String>,
    /// The task that it served.
    pub item: Option<WorkItemId>,
    /// The views asked for.
    pub view: String,
    /// The fields searched by.
    pub filters: Vec<String>,
    /// What was shown.
    pub shown: CategorySet,
    /// What became of it.
    pub outcome: EntryOutcome,
    /// What barred it.
    pub bar: Option<Bar>,
    /// What was changed.
    pub change: Option<String>,
    /// A code for the person, the same throughout this answer and in no other; none where it was about nobody.
    pub person: Option<u64>,
    /// The law that governs that person's cover.
    pub law: Option<GoverningLaw>,
    /// Until when its showing to that person is deferred, or was, as it was declared when it was written.
    pub deferred: Option<Timestamp>,
}

/// The views of an ask to read the record. No record has them: what opens is the log.
struct UsesByStaff;

impl Views for UsesByStaff {
    const NEEDED: CategorySet = CategorySet::of(&[Category::Identity]);
    const WANTED: CategorySet = Self::NEEDED;
    fn names() -> String {
        "UsesByStaff".to_owned()
    }
}

/// An answer that is under way.
pub struct Uses<'a> {
    gate: Gate,
    actor: &'a Actor,
    portfolio: PortfolioId,
    item: Option<WorkItemId>,
    request: RequestId,
    filters: Vec<&'static str>,
    sought: Sought,
    /// What the codes of this answer are made with.
    secret: [u8; 32],
    next: Next,
}

/// What is to be read next.
#[derive(Clone, Copy)]
enum Next {
    Begin,
    /// Groups from one leaf up to another, and then, without a bound, what waits for the sealer.
    Leaves {
        from: u64,
        end: Option<u64>,
    },
    Nothing,
}

impl Gate {
    /// Begins to read the record of a portfolio's uses, in the service of a case. Nothing is read yet.
    #[must_use]
    pub fn uses<'a>(
        &self,
        actor: &'a Actor,
        portfolio: PortfolioId,
        item: Option<WorkItemId>,
        sought: Sought,
    ) -> Uses<'a> {
        let mut secret = [0; 32];
        self.inner.randomness.fill(&mut secret);
        let by = [(sought.actor.is_some(), "actor"), (sought.clause.is_some(), "clause")];
        let by_person = sought.subject.is_some().then_some("person");
        let filters = by.iter().filter(|(is_used, _)| *is_used).map(|(_, field)| *field);
        Uses {
            gate: self.clone(),
            actor,
            portfolio,
            item,
            request: self.request(),
            filters: std::iter::once("time").chain(filters).chain(by_person).collect(),
            sought,
            secret,
            next: Next::Begin,
        }
    }
}

impl Gate {
    /// Asks to be told of the uses by staff, in the service of a case, where they are counted elsewhere than in the log.
    ///
    /// # Errors
    /// No clause allows it, or the case is not open.
    pub async fn ask_for_uses(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        item: Option<WorkItemId>,
    ) -> Result<(), GateError> {
        let asking = Asking::new(actor, portfolio, Purpose::StaffMonitoring, self.request());
        let target = Target { subject: portfolio_chain(portfolio), item };
        self.ask::<UsesByStaff>(&asking, target).await.map(drop)
    }
}

impl Uses<'_> {
    /// The next part, oldest first; none at the end. A part may be empty.
    ///
    /// # Errors
    /// No clause allows it, or the case is not open; an entry does not read; the log is not sealed.
    pub async fn next(&mut self) -> Result<Option<Vec<Use>>, GateError> {
        let part = self.next_about().await?;
        Ok(part.map(|part| part.into_iter().map(|(_, one)| one).collect()))
    }

    /// As [`Uses::next`], each with whom it was about: for who then asks about each of them under a clause that says so.
    /// An id is told to nobody otherwise.
    pub async fn next_about(&mut self) -> Result<Option<Vec<(Option<SubjectId>, Use)>>, GateError> {
        if matches!(self.next, Next::Nothing) {
            return Ok(None);
        }
        let asking = |purpose| Asking {
            filters: &self.filters,
            ..Asking::new(self.actor, self.portfolio, purpose, self.request)
        };
        let target = |subject| Target { subject, item: self.item };
        let chain = portfolio_chain(self.portfolio);
        let grant = self.gate.ask::<UsesByStaff>(&asking(Purpose::StaffMonitoring), target(chain)).await?;
        if let Some(subject) = self.sought.subject {
            self.gate.ask::<UsesByStaff>(&asking(Purpose::AccessRequest), target(subject)).await?;
        }
        let (sought, portfolio, next) = (self.sought.clone(), self.portfolio, self.next);
        let salts = Salts::of(&self.gate.inner.site);
        let read = move |unit: &mut Unit<'_>| {
            let (stored, next) = match sought.subject {
                Some(subject) => (entries_of(unit, subject, &salts)?, Next::Nothing),
                None => page(unit, next, &sought)?,
            };
            let found = select(stored, portfolio, &sought, &salts)?;
            let people: BTreeSet<SubjectId> = found.iter().map(|entry| entry.subject).collect();
            let rows = store::many::subjects(unit, &people.into_iter().collect::<Vec<_>>())?;
            let laws: BTreeMap<SubjectId, GoverningLaw> =
                rows.into_iter().map(|row| (row.subject, row.law)).collect();
            Ok::<_, GateError>((found, laws, next))
        };
        let (found, laws, next) = self.gate.inner.store.read(read).await?;
        // Reading took longer than a grant lives: nothing of it is told.
        grant.shown(chain)?;
        self.next = next;
        Ok(Some(found.into_iter().map(|entry| self.tell(entry, &laws)).collect()))
    }

    fn tell(&self, entry: Entry, laws: &BTreeMap<SubjectId, GoverningLaw>) -> (Option<SubjectId>, Use) {
        let subject = Some(entry.subject).filter(|subject| *subject != portfolio_chain(self.portfolio));
        let told = Use {
            at: entry.at,
            actor: entry.actor,
            asker: entry.actor_recipient,
            role: entry.role,
            team: entry.team,
            asker_country: entry.actor_country,
            recipient: entry.recipient,
            recipient_name: entry.recipient_name,
            recipient_country: entry.recipient_country,
            purpose: entry.purpose,
            clauses: entry.clauses,
            item: entry.item,
            view: entry.view,
            filters: entry.filters,
            shown: entry.shown,
            outcome: entry.outcome,
            bar: entry.bar,
            deferred: entry.deferred,
            change: entry.change,
            person: subject.map(|subject| code(&self.secret, subject)),
            law: subject.and_then(|subject| laws.get(&subject).copied()),
        };
        (subject, told)
    }
}

/// A code for a person, which only this answer's secret leads to.
fn code(secret: &[u8; 32], subject: SubjectId) -> u64 {
    let digest = Sha256::new_with_prefix(secret).chain_update(subject.bytes()).finalize();
    digest.iter().take(8).fold(0, |code, byte| (code << 8) | u64::from(*byte))
}

/// The entries that are meant. One that does not read is not passed over: it was altered.
fn select(
    stored: Vec<Stored>,
    portfolio: PortfolioId,
    sought: &Sought,
    salts: &Salts,
) -> Result<Vec<Entry>, GateError> {
    let altered = || GateError::Log {
        problem: "an entry does not read, or is another's: it was altered; run `moretus log verify`"
            .to_owned(),
    };
    let mut found = Vec::new();
    for stored in stored {
        if stored.subject == SITE
            && (Roll::from_body(&stored.body).is_some() || Reopened::from_body(&stored.body).is_some())
        {
            continue;
        }
        // Of somebody's own list all is held to it already, and it tells of nobody else.
        let is_true = sought.subject.is_some() || salts.are_true(&stored);
        if is_true && is_erased(&stored.body) {
            // It lapsed: there is nothing to tell of it any more.
            continue;
        }
        let entry =
            Entry::from_bytes(&stored.body).filter(|entry| is_true && entry.subject == stored.subject);
        let entry = entry.ok_or_else(altered)?;
        // What people do with their own data is no use by the staff; their name there would be their own.
        // Who was turned away at another portfolio's wall stands in the chain of their own.
        let is_of_it = entry.portfolio == portfolio || entry.subject == portfolio_chain(portfolio);
        let is_meant = is_of_it
            && !entry.actor_recipient.is_the_person()
            && (sought.from..sought.to).contains(&entry.at)
            && sought.actor.is_none_or(|actor| actor == entry.actor)
            && sought.clause.as_ref().is_none_or(|clause| entry.clauses.contains(clause));
        if is_meant && entry.many.is_none() {
            found.push(entry);
        } else if is_meant {
            // A use about each of them, as if they had an entry of their own.
            let is_sought = |one: &&About| sought.subject.is_none_or(|sought| sought == one.subject);
            let people = stored.people.iter().filter(is_sought);
            found.extend(people.map(|one| Entry { subject: one.subject, item: one.item, ..entry.clone() }));
        }
    }
    Ok(found)
}

/// The leaves between which everything of a time lies. What was sealed before a roll was made before it; and a roll seals
/// whatever is durable before it is made.
fn bounds(unit: &mut Unit<'_>, sought: &Sought) -> Result<(u64, Option<u64>), GateError> {
    let before = store::log::tree::roll_before(unit, sought.from.plus_seconds(-SKEW_SECONDS))?;
    let after = store::log::tree::roll_after(unit, sought.to.plus_seconds(SKEW_SECONDS))?;
    let from = before.map_or(0, |roll| number(roll.size));
    // A group may begin before the leaf and end after it.
    let group = store::log::sealed_at(unit, signed(from))?;
    Ok((group.map_or(from, |group| number(group.first_leaf)), after.map(|roll| number(roll.leaf))))
}

/// The next entries in order, whole groups, and where to go on.
fn page(unit: &mut Unit<'_>, next: Next, sought: &Sought) -> Result<(Vec<Stored>, Next), GateError> {
    let (mut from, end) = match next {
        Next::Begin => bounds(unit, sought)?,
        Next::Leaves { from, end } => (from, end),
        Next::Nothing => return Ok((Vec::new(), Next::Nothing)),
    };
    let (mut entries, mut uses) = (Vec::new(), 0);
    loop {
        let groups = store::log::sealed_from(unit, signed(from), GROUPS)?;
        if groups.is_empty() {
            break;
        }
        for group in groups {
            if end.is_some_and(|end| number(group.first_leaf) > end) {
                return Ok((entries, Next::Nothing));
            }
            if uses >= ENTRIES_A_PART {
                return Ok((entries, Next::Leaves { from, end }));
            }
            if group.count <= 0 {
                return Err(store::StoreError::Corrupt { table: "log_sealed" }.into());
            }
            let of_group = store::log::entries_between(unit, group.batch, group.batch)?;
            if i64::try_from(of_group.len()) != Ok(group.count) {
                let problem = "entries are missing: some were taken out; run `moretus log verify`";
                return Err(GateError::Log { problem: problem.to_owned() });
            }
            uses += of_group.iter().map(|entry| entry.people.len().max(1)).sum::<usize>();
            entries.extend(of_group);
            from = number(group.first_leaf) + number(group.count);
        }
    }
    // What is committed and waits for the sealer, in the same snapshot.
    if store::log::pending_uses(unit)? > MOST_PENDING {
        let problem = "too many entries wait to be sealed: start the server, or run `moretus log roll`";
        return Err(GateError::Log { problem: problem.to_owned() });
    }
    let pending = store::log::pending(unit, usize::try_from(MOST_PENDING).unwrap_or(usize::MAX))?;
    entries.extend(pending.into_iter().flat_map(|batch| batch.entries));
    Ok((entries, Next::Nothing))
}
