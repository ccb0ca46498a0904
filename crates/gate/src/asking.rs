//! What an ask says: who asks, why, in which portfolio, about whom and for whom; and what bars it before any clause is
//! looked at. Deciding and writing stand in `record`.

use std::collections::BTreeMap;

use domain::{
    CategorySet, GoverningLaw, PortfolioId, Purpose, Recipient, RecipientId, RequestId, SubjectId,
    SupplementId, Views, WorkItemId,
};

use crate::entry::Bar;
use crate::gate::Inner;
use crate::receiver::Receiver;
use crate::{Actor, GateError, Refused};

/// Who asks, why, in which portfolio, serving which work item, for whom.
#[derive(Debug)]
pub struct Asking<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// The portfolio that the subjects must belong to.
    pub portfolio: PortfolioId,
    /// Why.
    pub purpose: Purpose,
    /// The organisation of the portfolio's register that gets it, when that is not the actor.
    pub to: Option<RecipientId>,
    /// Whose relation to the subject counts where no organisation gets the data: a programme that staff run.
    pub party: Option<[u8; 16]>,
    /// Fields searched, filtered, sorted or counted by.
    pub filters: &'a [&'static str],
    /// Categories that a computation will seal anew: the clause must name them too.
    pub writes: CategorySet,
    /// The supplement whose clauses decide, and what was collected under which opens. Without one the notice
    /// decides, and what was collected under a supplement opens only as far as that lets the notice's purpose.
    pub supplement: Option<SupplementId>,
    /// The request that this is part of.
    pub request: RequestId,
}

impl<'a> Asking<'a> {
    /// An actor's own use, with nothing handed on.
    #[must_use]
    pub fn new(actor: &'a Actor, portfolio: PortfolioId, purpose: Purpose, request: RequestId) -> Self {
        Self {
            actor,
            portfolio,
            purpose,
            to: None,
            party: None,
            filters: &[],
            writes: CategorySet::EMPTY,
            supplement: None,
            request,
        }
    }
}

/// One subject of an ask, and the work item that the actor serves for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Whom the data is about.
    pub subject: SubjectId,
    /// The open work item, assigned to the actor, that this serves.
    pub item: Option<WorkItemId>,
}

impl Target {
    /// A subject, serving a work item.
    #[must_use]
    pub fn for_item(subject: SubjectId, item: impl Into<WorkItemId>) -> Self {
        Self { subject, item: Some(item.into()) }
    }

    /// A subject, serving none.
    #[must_use]
    pub fn of(subject: SubjectId) -> Self {
        Self { subject, item: None }
    }
}

/// What was asked for, beside by whom: the views' names and categories, and whether only sums will leave.
#[derive(Clone, Copy)]
pub(crate) struct Wanting {
    pub(crate) names: fn() -> String,
    pub(crate) needed: CategorySet,
    pub(crate) wanted: CategorySet,
    /// The group is large enough, and nothing but sums over it will leave: [`Gate::total`] says so, nobody else.
    pub(crate) total: bool,
    /// A search found them: nothing usual is supposed of any of them.
    pub(crate) searched: bool,
    /// They were found by details of one person, and the views show no more than who that is: [`Gate::search`] says so,
    /// nobody else.
    pub(crate) own_details: bool,
}

impl Wanting {
    pub(crate) fn of<S: Views>(asking: &Asking<'_>) -> Self {
        Self {
            names: S::names,
            needed: S::NEEDED.union(asking.writes),
            wanted: S::WANTED.union(asking.writes),
            total: false,
            searched: false,
            own_details: false,
        }
    }
}

/// An ask with what it wants and who gets it: the same for all its targets.
pub(crate) struct Case<'a> {
    pub(crate) asking: &'a Asking<'a>,
    pub(crate) wanting: Wanting,
    pub(crate) receiver: Receiver,
    /// What bars whatever this actor asks.
    pub(crate) barred: Option<Bar>,
    /// What bars the ask about some of its targets: whom the actor does not work for, and of whom a search would tell with too
    /// many others.
    pub(crate) of_targets: BTreeMap<SubjectId, Bar>,
}

impl Case<'_> {
    /// As which kind of recipient the notice decides.
    pub(crate) fn recipient(&self) -> Recipient {
        self.receiver.organisation.as_ref().map_or(self.asking.actor.recipient, |one| one.kind)
    }

    /// The law that is supposed to govern the subject's cover, until the statement says which does: that of where the
    /// actor works.
    pub(crate) fn supposed_law(&self) -> GoverningLaw {
        self.asking.actor.country.into()
    }

    /// Whose relation to the subject counts: of an organisation, what the register says; of whoever represents
    /// the subject, their own.
    pub(crate) fn party(&self) -> Option<[u8; 16]> {
        let actor = self.asking.actor;
        match &self.receiver.organisation {
            Some(organisation) => Some(*organisation.party.bytes()),
            None if actor.recipient == Recipient::Representative => Some(*actor.id.bytes()),
            None => self.asking.party,
        }
    }

    /// What bars an ask about a target whatever the notice says: nobody on the staff handles their own file, or any
    /// without current training, or that of somebody whose sponsor they do not work for; and no search tells of too many.
    pub(crate) fn bar(&self, target: Target) -> Option<Bar> {
        let own = self.asking.actor.is_own_file(target.subject).then_some(Bar::OwnFile);
        own.or(self.barred).or_else(|| self.of_targets.get(&target.subject).copied())
    }

    /// The refusal that names no clause: where the register does not know who gets it, or a clause would ask for
    /// no condition.
    pub(crate) fn unknown(&self) -> Refused {
        let unregistered = self.receiver.unregistered;
        let bar = self.barred;
        Refused {
            recipient: self.recipient(),
            unregistered,
            bar,
            ..Refused::nothing(self.asking, self.wanting)
        }
    }
}

impl Inner {
    /// Looks at who asks, and finds who gets it.
    pub(crate) async fn case<'a>(
        &self,
        asking: &'a Asking<'a>,
        wanting: Wanting,
    ) -> Result<Case<'a>, GateError> {
        self.check_actor(asking, wanting).await?;
        let barred = asking.actor.bar(self.clock.now());
        let receiver = self.receiver(asking).await?;
        Ok(Case { asking, wanting, receiver, barred, of_targets: BTreeMap::new() })
    }
}
