//! Actors: whoever asks. An actor is minted only by authentication: an API token, the root key at
//! the command line, or the program's own named jobs. There is no actor that may do everything.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use domain::{
    ActorId, Condition, Country, Date, PortfolioId, Recipient, RecipientId, SponsorId, SubjectId, Timestamp,
    WorkItemId,
};
use sha2::{Digest, Sha256};
use store::coverage::CoverageRow;
use store::reference::ActorRow;
use store::{ConditionTest, StoreError};

use crate::gate::Inner;
use crate::{Asking, Bar, Gate, GateError};

/// Someone or something that asks. Fields are private, there is no public constructor, and it is
/// not Clone: whoever holds one was authenticated for this use.
#[derive(Debug)]
pub struct Actor {
    pub(crate) id: ActorId,
    pub(crate) recipient: Recipient,
    pub(crate) role: String,
    pub(crate) team: Option<String>,
    pub(crate) country: Country,
    /// The staff wall: the only portfolio that it may ask in. Jobs and the operator have none.
    pub(crate) portfolio: Option<PortfolioId>,
    /// The organisation of the register that it belongs to.
    pub(crate) organisation: Option<RecipientId>,
    /// The person that a subject's own actor is.
    pub(crate) subject: Option<SubjectId>,
    /// The people whose files it handles never: whoever is behind it, as declared, and who is covered with them.
    pub(crate) own_files: Vec<SubjectId>,
    /// The sponsors whose people it works for; none for those of every one.
    pub(crate) sponsors: Vec<SponsorId>,
    /// From when on its training is not current any more; of staff that was never trained, always.
    pub(crate) trained_until: Option<Timestamp>,
    /// The hash of the token that it was authenticated by, and when; none of jobs and the operator.
    pub(crate) token: Option<([u8; 32], Timestamp)>,
}

impl Actor {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.id
    }

    /// What kind of recipient it is.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        self.recipient
    }

    /// Whether it is this person.
    #[must_use]
    pub fn is(&self, subject: SubjectId) -> bool {
        self.subject == Some(subject)
    }

    /// Whether this is the file of whoever is behind it, or of a relative of theirs: a colleague handles it. The
    /// person themself, and whoever represents them, are not at work.
    #[must_use]
    pub fn is_own_file(&self, subject: SubjectId) -> bool {
        self.own_files().contains(&subject)
    }

    /// The people whose files it never handles; none for the person themself, or who represents them.
    #[must_use]
    pub fn own_files(&self) -> &[SubjectId] {
        if self.recipient.is_the_person() { &[] } else { &self.own_files }
    }

    /// The sponsors whose people it works for; none where it works for those of every one.
    #[must_use]
    pub fn sponsors(&self) -> &[SponsorId] {
        &self.sponsors
    }

    /// Whether it works for the people of every sponsor.
    #[must_use]
    pub fn works_for_all(&self) -> bool {
        self.sponsors.is_empty()
    }

    /// What bars whatever it asks: staff works with current training alone. Jobs, the person themself and
    /// organisations are not staff.
    pub(crate) fn bar(&self, now: Timestamp) -> Option<Bar> {
        let is_current = self.trained_until.is_some_and(|until| now < until);
        (self.recipient.is_staff() && !is_current).then_some(Bar::Untrained)
    }

    /// An actor that no token leads to: a job, or the holder of the root key.
    pub(crate) fn of_site(id: ActorId, recipient: Recipient, country: Country) -> Self {
        Self {
            id,
            recipient,
            role: recipient.word().to_owned(),
            team: None,
            country,
            portfolio: None,
            organisation: None,
            subject: None,
            own_files: Vec::new(),
            sponsors: Vec::new(),
            trained_until: None,
            token: None,
        }
    }

    /// Who a token belongs to.
    pub(crate) fn of_token(row: ActorRow, hash: [u8; 32], now: Timestamp) -> Self {
        // To the end of the last day; one without a next day has no end.
        let end = |day: Date| day.plus_days(1).map_or(Timestamp::from_micros(i64::MAX), Timestamp::start_of);
        Self {
            id: row.actor,
            recipient: row.recipient,
            role: row.role,
            team: Some(row.team).filter(|team| !team.is_empty()),
            country: row.country,
            portfolio: Some(row.portfolio).filter(|portfolio| *portfolio.bytes() != [0; 16]),
            organisation: row.organisation,
            // A member's own actor has the member's id.
            subject: (row.recipient == Recipient::Subject).then(|| SubjectId::from_bytes(*row.actor.bytes())),
            own_files: row.own_files,
            sponsors: row.sponsors,
            trained_until: row.trained_until.map(end),
            token: Some((hash, now)),
        }
    }

    /// The team whose work it does, where it works; none of who is not staff: only staff is assigned to in teams.
    fn team_at_work(&self) -> Option<(PortfolioId, &str)> {
        let team = self.team.as_deref().filter(|_| self.recipient.is_staff())?;
        Some((self.portfolio?, team))
    }

    /// That a work item is open and its task, or its team's: either will do, and both are tested together.
    pub(crate) fn task(&self, item: WorkItemId) -> ConditionTest {
        let of_team = self.team_at_work().map(|(portfolio, team)| team_assignment(item, portfolio, team));
        ConditionTest { or: of_team, ..ConditionTest::of(Condition::WorkItem, assignment(item, self.id)) }
    }

    /// The portfolio behind whose wall it works.
    #[must_use]
    pub fn portfolio(&self) -> Option<PortfolioId> {
        self.portfolio
    }

    /// Whether it may hand data to someone else: staff and jobs may, outsiders may not.
    pub(crate) fn may_hand_over(&self) -> bool {
        matches!(
            self.recipient,
            Recipient::ClaimsStaff
                | Recipient::CustomerService
                | Recipient::EnrolmentStaff
                | Recipient::PaymentsStaff
                | Recipient::DataProtectionOfficer
                | Recipient::Analyst
                | Recipient::ClinicalStaff
                | Recipient::LegalStaff
                | Recipient::StatementJob
                | Recipient::PaymentJob
        )
    }
}

impl Gate {
    /// The actor that an API token belongs to. The token is compared by its keyed hash. Whoever asks often is
    /// looked up once a second: a token whose holder's record is ended works for at most so long, on any server.
    pub async fn authenticate(&self, token: &str) -> Result<Actor, GateError> {
        let (hash, now) = (self.inner.site.token_hash(token), self.inner.clock.now());
        Ok(Actor::of_token(self.inner.standing_row(&hash, now).await?, hash, now))
    }

    /// Those of these people whose files an actor does not handle: its own and its relatives', and, where it works for some
    /// sponsors, those of people whom others cover.
    ///
    /// # Errors
    /// The store's.
    pub async fn not_handled(
        &self,
        actor: &Actor,
        people: &[SubjectId],
    ) -> Result<Vec<SubjectId>, GateError> {
        let mut others = self.inner.out_of_scope(actor, people).await?;
        others.extend(actor.own_files());
        Ok(others.into_iter().collect())
    }

    /// Whether an actor may handle a person's file at all, before anything is asked. A refusal is on the record.
    ///
    /// # Errors
    /// It is its own file or a relative's; its training is not current; its record was ended; the person is covered by no
    /// sponsor that it works for; the record cannot be written.
    pub async fn may_handle(&self, asking: &Asking<'_>, subject: SubjectId) -> Result<(), GateError> {
        self.inner.check_record(asking.actor).await?;
        let bar = self.inner.bar_about(asking.actor, subject).await?;
        self.unless_barred(asking, bar).await
    }

    /// Whether a person's file is neither the actor's own nor a relative's, and no more than that: for what also who is not
    /// trained may do. A refusal is on the record.
    ///
    /// # Errors
    /// It is such a file; the record cannot be written.
    pub async fn must_not_own(&self, asking: &Asking<'_>, subject: SubjectId) -> Result<(), GateError> {
        let bar = asking.actor.is_own_file(subject).then_some(Bar::OwnFile);
        self.unless_barred(asking, bar).await
    }

    /// Whether whoever has this record may handle a person's file: what somebody asks before they give them a task.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_handled_by(&self, colleague: ActorRow, subject: SubjectId) -> Result<bool, GateError> {
        // It stays in here, and nobody asks as it.
        let colleague = Actor::of_token(self.inner.with_family(colleague).await?, [0; 32], self.now());
        Ok(self.inner.bar_about(&colleague, subject).await?.is_none())
    }
}

impl Inner {
    /// The row of whose token this is, if it still works.
    async fn standing_row(&self, hash: &[u8; 32], now: Timestamp) -> Result<ActorRow, GateError> {
        let row = match self.recent.get(hash, now) {
            Some(row) => row,
            None => {
                let row = self.store.actor_of_token(hash).await?.ok_or(GateError::NotAuthenticated)?;
                let row = self.with_family(row).await?;
                self.recent.put(*hash, &row, now);
                row
            }
        };
        if row.works(now) { Ok(row) } else { Err(GateError::NotAuthenticated) }
    }

    /// The same actor, to whom the files of all who are covered with those that it never handles are closed as well.
    async fn with_family(&self, row: ActorRow) -> Result<ActorRow, GateError> {
        if row.own_files.is_empty() {
            return Ok(row);
        }
        let declared = row.own_files.clone();
        let families = self.store.read(move |unit| {
            let mut all = BTreeSet::new();
            for subject in &declared {
                all.extend(store::family::of_subject(unit, *subject)?);
            }
            Ok::<_, StoreError>(all)
        });
        Ok(ActorRow { own_files: families.await?.into_iter().collect(), ..row })
    }

    /// What bars an actor from a person's file: it is its own or a relative's, its training is not current, or no sponsor
    /// that it works for covers the person.
    async fn bar_about(&self, actor: &Actor, subject: SubjectId) -> Result<Option<Bar>, GateError> {
        let own = actor.is_own_file(subject).then_some(Bar::OwnFile);
        match own.or_else(|| actor.bar(self.clock.now())) {
            Some(bar) => Ok(Some(bar)),
            None => {
                let is_within = self.out_of_scope(actor, &[subject]).await?.is_empty();
                Ok((!is_within).then_some(Bar::OutOfScope))
            }
        }
    }

    /// Those of these people who are covered by no sponsor that an actor works for: today, or else last. Who works for
    /// all sponsors costs no look-up.
    pub(crate) async fn out_of_scope(
        &self,
        actor: &Actor,
        people: &[SubjectId],
    ) -> Result<BTreeSet<SubjectId>, GateError> {
        if actor.sponsors.is_empty() {
            return Ok(BTreeSet::new());
        }
        let (asked, today) =
            (people.to_vec(), self.clock.now().date().map_err(|_| GateError::NotAuthenticated)?);
        let spans = self.store.read(move |unit| store::many::coverages(unit, &asked)).await;
        let spans = spans.map_err(|error: StoreError| error)?;
        let is_within = |subject: &SubjectId| {
            let own = || spans.iter().filter(|span| span.subject == *subject);
            let holds = |span: &&CoverageRow| span.start <= today && span.end.is_none_or(|end| today <= end);
            let begun = own().filter(|span| span.start <= today);
            let last = begun.max_by_key(|span| span.start).filter(|_| !own().any(|span| holds(&span)));
            let counted = own().filter(holds).chain(last);
            counted.into_iter().any(|span| actor.sponsors.contains(&span.sponsor))
        };
        Ok(people.iter().filter(|subject| !is_within(subject)).copied().collect())
    }

    /// Whether the record of an actor that was authenticated some time ago still stands, and it is in the same team: who
    /// asks part after part for minutes is stopped as soon as who asks anew.
    pub(crate) async fn check_record(&self, actor: &Actor) -> Result<(), GateError> {
        let (Some((hash, seen)), now) = (&actor.token, self.clock.now()) else { return Ok(()) };
        if now < seen.plus_seconds(RECENT_SECONDS) {
            return Ok(());
        }
        let row = self.standing_row(hash, now).await?;
        let is_moved = row.team != actor.team.as_deref().unwrap_or_default();
        if is_moved { Err(GateError::NotAuthenticated) } else { Ok(()) }
    }
}

/// How long an actor is taken to be who it was.
const RECENT_SECONDS: i64 = 1;
/// Actors that are remembered; with more, the look-ups begin anew.
const RECENT_ACTORS: usize = 1_024;

/// Who was authenticated in the last second, by the keyed hash of the token. A person's name is not kept.
#[derive(Default)]
pub(crate) struct RecentActors(RwLock<HashMap<[u8; 32], (ActorRow, Timestamp)>>);

impl RecentActors {
    pub(crate) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<ActorRow> {
        let recent = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (row, until) = recent.get(hash)?;
        (*until > now).then(|| row.clone())
    }

    pub(crate) fn put(&self, hash: [u8; 32], row: &ActorRow, now: Timestamp) {
        let mut recent = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= RECENT_ACTORS {
            recent.clear();
        }
        let row = ActorRow { name: String::new(), ..row.clone() };
        recent.insert(hash, (row, now.plus_seconds(RECENT_SECONDS)));
    }
}

/// The id of a job's actor: the same on every site, since a job is a named automated recipient.
#[must_use]
pub fn job_actor_id(job: Recipient) -> ActorId {
    let mut bytes = *b"moretus-job\0\0\0\0\0";
    if let Some(last) = bytes.last_mut() {
        *last = job.code();
    }
    ActorId::from_bytes(bytes)
}

/// The object of a work item's condition: the item and whom it is assigned to, in one.
#[must_use]
pub fn assignment(item: WorkItemId, assignee: ActorId) -> [u8; 16] {
    object(b"moretus/assignment/1", item, &[assignee.bytes()])
}

/// The object of a work item's condition where it is a team's task: the item, the portfolio and the team's name in one. A
/// name is a team's within its portfolio alone, so that another portfolio's team of the same name is another.
#[must_use]
pub fn team_assignment(item: WorkItemId, portfolio: PortfolioId, team: &str) -> [u8; 16] {
    object(b"moretus/team-assignment/1", item, &[portfolio.bytes(), team.as_bytes()])
}

/// The object of a condition that is filed with a work item (an order, an agreement, a cited law), where an
/// organisation gets the data: the item and the organisation in one. What one authority ordered opens nothing to
/// another.
#[must_use]
pub fn filed_for(item: WorkItemId, recipient: RecipientId) -> [u8; 16] {
    object(b"moretus/filed/1", item, &[recipient.bytes()])
}

/// All but the last of the parts are of one length, so that no two objects are made of the same bytes.
fn object(label: &[u8], item: WorkItemId, with: &[&[u8]]) -> [u8; 16] {
    let of_item = Sha256::new_with_prefix(label).chain_update(item.bytes());
    let digest = with.iter().fold(of_item, |digest, part| digest.chain_update(part));
    let mut object = [0; 16];
    object.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items, actors, portfolios and recipients of the same bytes, and teams whose names are a piece of one another's or
    /// bytes of an id: no two of them are one object.
    #[test]
    fn no_two_tasks_have_one_object() {
        let ids: [[u8; 16]; 4] = [[0; 16], [1; 16], *b"moretus/assignme", *b"north north nort"];
        let names = ["", "n", "north", "north ", "North", "norths", "north north nort", "\u{1}", "nt/1"];
        let mut objects = Vec::new();
        for item in ids.map(WorkItemId::from_bytes) {
            objects.push(*item.bytes());
            for id in ids {
                objects.push(assignment(item, ActorId::from_bytes(id)));
                objects.push(filed_for(item, RecipientId::from_bytes(id)));
                let portfolio = PortfolioId::from_bytes(id);
                objects.extend(names.map(|team| team_assignment(item, portfolio, team)));
            }
        }
        let count = objects.len();
        assert_eq!(objects.into_iter().collect::<BTreeSet<_>>().len(), count);
        let item = WorkItemId::from_bytes([1; 16]);
        let north = team_assignment(item, PortfolioId::from_bytes([2; 16]), "north");
        assert_eq!(north, NORTH, "stored conditions are found by it");
    }

    /// The first 16 bytes of SHA-256 of `moretus/team-assignment/1`, 16 bytes of 1, 16 of 2 and `north`.
    const NORTH: [u8; 16] = [201, 164, 215, 202, 121, 42, 6, 149, 222, 117, 59, 57, 39, 134, 97, 66];
}
