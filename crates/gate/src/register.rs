//! Changes of a portfolio's registers on the record, of recipients and of legal matters: who changed what, before it
//! is changed. Such an entry stands in the portfolio's own chain; where a matter is opened for a person, it stands in
//! theirs as well. What a register holds, and whether a change is sound, is not decided here.

use domain::{
    ActorId, Country, MatterId, PortfolioId, Purpose, Recipient, RecipientId, SubjectId, SubjectKind,
    SubjectKindSet, Timestamp, WorkItemId,
};
use store::{Appended, NewDisclosure};

use crate::bulk::Salts;
use crate::deferral::latest;
use crate::entry::EntryOutcome;
use crate::history::entries_of;
use crate::receiver::Receiver;
use crate::stub::is_erased;
use crate::{Actor, Asking, Bar, Entry, Gate, GateError, portfolio_chain};

/// What is about to be changed in the register of recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterChange {
    /// The organisation, or the portfolio's own staff.
    pub recipient: RecipientId,
    /// What it is, its name and its country; none of staff.
    pub organisation: Option<(Recipient, String, Country)>,
    /// What, in words of the register: no person's data.
    pub change: String,
}

/// What is about to be changed in the register of legal matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterChange {
    /// The matter: the work item of the entry.
    pub matter: MatterId,
    /// Whose task it becomes, where it is opened.
    pub assignee: Option<ActorId>,
    /// What, in words of the register: no person's data.
    pub change: String,
}

/// What is about to be changed in the register of actors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorChange {
    /// Whose record.
    pub actor: ActorId,
    /// What, in words of the register: no person's data.
    pub change: String,
}

/// That something is opened as somebody's task.
struct Opening<'a> {
    purpose: Purpose,
    item: WorkItemId,
    /// Whose task it is.
    whom: Option<ActorId>,
    words: &'a str,
    deferred: Option<Timestamp>,
}

/// A change of a register as it stands on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<C> {
    /// When.
    pub at: Timestamp,
    /// The role of whoever made it.
    pub role: String,
    /// What was changed.
    pub change: C,
}

/// Rounds before giving up on somebody's binding: each round learns it.
const ROUNDS: usize = 4;

impl Gate {
    /// Puts a change of a portfolio's register of recipients on the record. From the moment this returns, the entry is
    /// durable: it says that the change was about to be made.
    ///
    /// # Errors
    /// The actor may not keep the register: an organisation itself, for instance, which would agree with itself.
    pub async fn record_change(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        change: RegisterChange,
    ) -> Result<(), GateError> {
        let entry = self.change_entry(actor, portfolio).await?;
        let (kind, name, country) = match change.organisation {
            Some((kind, name, country)) => (kind, Some(name), country),
            None => (actor.recipient, None, actor.country),
        };
        let entry = Entry {
            recipient: kind,
            recipient_name: name,
            recipient_country: country,
            to: Some(change.recipient),
            change: Some(change.change),
            ..entry
        };
        self.append_changes(portfolio, vec![entry]).await
    }

    /// Puts a change of a portfolio's register of legal matters on the record, as [`Gate::record_change`] does, and for
    /// each of these people in their own chain too.
    ///
    /// Opening a matter for a person is what lets somebody ask for their data. So it is about them, and belongs to the
    /// list that they can have proven complete: they see on which order, reasons or law a use rests, since when and for
    /// whom, also where nobody used it. That a matter is registered, reviewed or ended gives nobody anything, and stands
    /// in the portfolio's chain alone.
    ///
    /// Where the showing of what is asked under the matter is deferred until an instant, so is that of these entries.
    ///
    /// # Errors
    /// The actor may not keep the register; somebody is not in the portfolio; it is the actor's own file, or a relative's.
    pub async fn record_matter(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        change: &MatterChange,
        (people, deferred): (&[SubjectId], Option<Timestamp>),
    ) -> Result<(), GateError> {
        let item = WorkItemId::from(change.matter);
        let (words, whom) = (change.change.as_str(), change.assignee);
        let opening = Opening { purpose: Purpose::LegalObligation, item, whom, words, deferred };
        self.record_opening(actor, portfolio, opening, people).await
    }

    /// Declares on the record that what is asked under a matter is shown to the person from an instant on only; the
    /// present one ends that. It stands in the portfolio's chain, where whoever verifies the log finds it.
    ///
    /// # Errors
    /// The actor is not the portfolio's data protection officer; the instant is further away than one declaration defers.
    pub async fn record_deferral(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        change: &MatterChange,
        until: Timestamp,
    ) -> Result<(), GateError> {
        let entry = self.change_entry(actor, portfolio).await?;
        if actor.recipient != Recipient::DataProtectionOfficer || until > latest(entry.at) {
            let asking = Asking::new(actor, portfolio, Purpose::LegalObligation, self.request());
            return Err(self.not_the_keeper(&asking).await);
        }
        let (item, words) = (Some(WorkItemId::from(change.matter)), Some(change.change.clone()));
        let entry = Entry { item, change: words, defers: Some(until), ..entry };
        self.append_changes(portfolio, vec![entry]).await
    }

    /// Puts on the record that a case about the uses of a portfolio's data is opened as somebody's task, and for each of
    /// these people in their own chain too, as [`Gate::record_matter`] does.
    ///
    /// # Errors
    /// The actor may not keep the registers; somebody is not in the portfolio; it is the actor's own file, or a
    /// relative's.
    pub async fn record_case(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        (case, officer): (WorkItemId, ActorId),
        words: &str,
        people: &[SubjectId],
    ) -> Result<(), GateError> {
        let (purpose, whom) = (Purpose::StaffMonitoring, Some(officer));
        let opening = Opening { purpose, item: case, whom, words, deferred: None };
        self.record_opening(actor, portfolio, opening, people).await
    }

    /// Puts on the record that a work item about a person is assigned, to an actor or to a team, or ended: in the chain of
    /// the person and in the portfolio's, as [`Gate::record_matter`] does.
    ///
    /// # Errors
    /// The actor may not keep the registers; the person is not in the portfolio; it is the actor's own file, or a
    /// relative's.
    pub async fn record_work(
        &self,
        keeper: &Actor,
        portfolio: PortfolioId,
        (item, whom): (WorkItemId, Option<ActorId>),
        words: &str,
        subject: SubjectId,
    ) -> Result<(), GateError> {
        // For which purposes it is worked on the clauses say.
        let opening = Opening { purpose: Purpose::Transactions, item, whom, words, deferred: None };
        self.record_opening(keeper, portfolio, opening, &[subject]).await
    }

    /// Puts on the record that an actor acts for a person from now on, or no longer: in the chain of the person and in the
    /// portfolio's, as [`Gate::record_matter`] does.
    ///
    /// # Errors
    /// The actor may not keep the registers; the person is not in the portfolio; it is the actor's own file, or a
    /// relative's.
    pub async fn record_representation(
        &self,
        keeper: &Actor,
        portfolio: PortfolioId,
        (item, representative): (WorkItemId, ActorId),
        words: &str,
        subject: SubjectId,
    ) -> Result<(), GateError> {
        let (purpose, whom) = (Purpose::AccessRequest, Some(representative));
        let opening = Opening { purpose, item, whom, words, deferred: None };
        self.record_opening(keeper, portfolio, opening, &[subject]).await
    }

    /// Puts a change of a portfolio's register of actors on the record, in the portfolio's chain, as
    /// [`Gate::record_change`] does.
    ///
    /// # Errors
    /// The actor may not keep the register.
    pub async fn record_actor(
        &self,
        keeper: &Actor,
        portfolio: PortfolioId,
        change: ActorChange,
    ) -> Result<(), GateError> {
        let entry = self.change_entry(keeper, portfolio).await?;
        let entry = Entry { whom: Some(change.actor), change: Some(change.change), ..entry };
        self.append_changes(portfolio, vec![entry]).await
    }

    /// Puts on the record, in the portfolio's chain, that a programme is ended, before any consent to it is taken back.
    ///
    /// # Errors
    /// The actor may not keep the registers.
    pub async fn record_programme_end(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        programme: [u8; 16],
    ) -> Result<(), GateError> {
        let entry = self.change_entry(actor, portfolio).await?;
        let words = format!("programme {} ended", WorkItemId::from_bytes(programme));
        self.append_changes(portfolio, vec![Entry { change: Some(words), ..entry }]).await
    }

    /// Whether an actor keeps the registers of a portfolio, before anything in them is looked up. A refusal is on the record.
    ///
    /// # Errors
    /// It does not, or may not now; the record cannot be written.
    pub async fn must_keep(&self, actor: &Actor, portfolio: PortfolioId) -> Result<(), GateError> {
        self.change_entry(actor, portfolio).await.map(drop)
    }

    /// An entry in each of these people's chains, and in the portfolio's.
    async fn record_opening(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        Opening { purpose, item, whom, words, deferred }: Opening<'_>,
        people: &[SubjectId],
    ) -> Result<(), GateError> {
        // A portfolio's own chain is in it, and is nobody.
        if people.contains(&portfolio_chain(portfolio)) {
            return Err(GateError::NotInPortfolio);
        }
        let asking = Asking::new(actor, portfolio, purpose, self.request());
        for subject in people {
            self.may_handle(&asking, *subject).await?;
        }
        let mut entries = Vec::with_capacity(people.len() + 1);
        for subject in people.iter().copied().chain([portfolio_chain(portfolio)]) {
            let entry = self.change_entry(actor, portfolio).await?;
            let (item, change) = (Some(item), Some(words.to_owned()));
            // The portfolio's own chain names nobody, and nothing in it is deferred.
            let deferred = deferred.filter(|_| subject != portfolio_chain(portfolio));
            entries.push(Entry { subject, purpose, item, change, whom, deferred, ..entry });
        }
        self.append_changes(portfolio, entries).await
    }

    /// An entry of a change by this actor, which may keep the registers.
    async fn change_entry(&self, actor: &Actor, portfolio: PortfolioId) -> Result<Entry, GateError> {
        let asking = Asking::new(actor, portfolio, Purpose::LegalObligation, self.request());
        let may_keep_it = matches!(
            actor.recipient,
            Recipient::Operator | Recipient::DataProtectionOfficer | Recipient::LegalStaff
        );
        if !may_keep_it || actor.portfolio.is_some_and(|own| own != portfolio) {
            return Err(self.not_the_keeper(&asking).await);
        }
        self.inner.check_record(actor).await?;
        self.unless_barred(&asking, actor.bar(self.now())).await?;
        // What ends must end also where no notice is in force.
        let in_force = self.inner.notices.in_force(portfolio, None, self.now());
        let notice = in_force.map(|in_force| in_force.version.clone()).unwrap_or_default();
        let entry = self.inner.entry(&asking, &Receiver::default(), String::new());
        Ok(Entry { notice, outcome: EntryOutcome::Changed, ..entry })
    }

    /// The refusal to change a register, once it is on the record; or why it cannot be put there.
    async fn not_the_keeper(&self, asking: &Asking<'_>) -> GateError {
        self.record_refusal(asking, Bar::NotTheKeeper).await.err().unwrap_or(GateError::NotTheKeeper)
    }

    /// Appends entries that rest on nothing but that whom they are about is in the portfolio.
    pub(crate) async fn append_changes(
        &self,
        portfolio: PortfolioId,
        entries: Vec<Entry>,
    ) -> Result<(), GateError> {
        let kinds: SubjectKindSet = SubjectKind::ALL.iter().copied().collect();
        let disclosure = |entry: Entry| NewDisclosure {
            subject: entry.subject,
            portfolio,
            // A portfolio's own chain is bound to version 0.
            notice: 0,
            kinds,
            laws: domain::GoverningLawSet::ALL,
            tests: Vec::new(),
            recipient_tests: Vec::new(),
            register: None,
            body: entry.to_bytes(),
            people: Vec::new(),
        };
        let mut open: Vec<NewDisclosure> = entries.into_iter().map(disclosure).collect();
        for _ in 0..ROUNDS {
            let appended = self.inner.store.append(open.clone(), self.now()).await?;
            let mut again = Vec::new();
            for (disclosure, appended) in open.into_iter().zip(appended) {
                match appended {
                    Appended::At(_) => {}
                    Appended::NotBound { bound: Some(bound) } if bound.portfolio == portfolio => {
                        again.push(NewDisclosure { notice: bound.notice, ..disclosure });
                    }
                    _ => return Err(GateError::NotInPortfolio),
                }
            }
            if again.is_empty() {
                return Ok(());
            }
            open = again;
        }
        Err(GateError::NotInPortfolio)
    }

    /// The changes of a portfolio's register of recipients that are on the record, the oldest first.
    pub async fn register_changes(
        &self,
        portfolio: PortfolioId,
    ) -> Result<Vec<Changed<RegisterChange>>, GateError> {
        self.changes(portfolio, |entry| {
            let organisation =
                entry.recipient_name.map(|name| (entry.recipient, name, entry.recipient_country));
            Some(RegisterChange { recipient: entry.to?, organisation, change: entry.change? })
        })
        .await
    }

    /// The changes of a portfolio's register of legal matters that are on the record, the oldest first.
    pub async fn matter_changes(
        &self,
        portfolio: PortfolioId,
    ) -> Result<Vec<Changed<MatterChange>>, GateError> {
        self.changes(portfolio, |entry| {
            if entry.purpose != Purpose::LegalObligation {
                return None;
            }
            let matter = MatterId::from_bytes(*entry.item?.bytes());
            Some(MatterChange { matter, assignee: entry.whom, change: entry.change? })
        })
        .await
    }

    /// The changes of a portfolio's register of actors that are on the record, the oldest first.
    pub async fn actor_changes(
        &self,
        portfolio: PortfolioId,
    ) -> Result<Vec<Changed<ActorChange>>, GateError> {
        self.changes(portfolio, |entry| {
            let is_record = entry.item.is_none();
            Some(ActorChange { actor: entry.whom.filter(|_| is_record)?, change: entry.change? })
        })
        .await
    }

    /// The cases that were opened as tasks of this actor, as the record has them.
    pub async fn cases_of(
        &self,
        portfolio: PortfolioId,
        officer: ActorId,
    ) -> Result<Vec<WorkItemId>, GateError> {
        let opened = self.changes(portfolio, |entry| {
            let is_case = entry.purpose == Purpose::StaffMonitoring && entry.change.is_some();
            entry.item.filter(|_| is_case).zip(entry.whom)
        });
        let of_officer = opened.await?.into_iter().filter(|opened| opened.change.1 == officer);
        Ok(of_officer.map(|opened| opened.change.0).collect())
    }

    /// Those changes in a portfolio's own chain of which something is told. Of those that lapsed nothing is.
    async fn changes<C>(
        &self,
        portfolio: PortfolioId,
        told: fn(Entry) -> Option<C>,
    ) -> Result<Vec<Changed<C>>, GateError> {
        let chain = portfolio_chain(portfolio);
        let salts = Salts::of(&self.inner.site);
        let stored = self.inner.store.read(move |unit| entries_of(unit, chain, &salts)).await?;
        let mut changes = Vec::new();
        for stored in stored.into_iter().filter(|stored| !is_erased(&stored.body)) {
            let entry = Entry::from_bytes(&stored.body).filter(|entry| entry.subject == chain);
            let altered = || GateError::Log { problem: "an entry does not read: it was altered".to_owned() };
            let entry = entry.ok_or_else(altered)?;
            let (at, role) = (entry.at, entry.role.clone());
            changes.extend(told(entry).map(|change| Changed { at, role, change }));
        }
        Ok(changes)
    }
}
