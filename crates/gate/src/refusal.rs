//! Refusals that are about nobody who could be told of them: at the staff wall, of handing on, of taking something in, of
//! handling a file at all, of keeping a register. Each is on the record before it is answered, in a portfolio's own chain,
//! without what was to come in and without whom it was about.

use domain::{CategorySet, PortfolioId};

use crate::asking::Wanting;
use crate::entry::{Bar, Entry, EntryOutcome};
use crate::gate::Inner;
use crate::receiver::Receiver;
use crate::run::in_chain;
use crate::{Asking, Gate, GateError, Refused};

/// The refusal of who works behind another wall, or may not hand data on; none for who may ask.
pub(crate) fn beyond(asking: &Asking<'_>, wanting: Wanting) -> Option<(Bar, Refused)> {
    let behind_wall = asking.actor.portfolio.is_none_or(|portfolio| portfolio == asking.portfolio);
    let may_hand_over = asking.to.is_none() || asking.actor.may_hand_over();
    let bar = match (behind_wall, may_hand_over) {
        (true, true) => return None,
        (false, _) => Bar::StaffWall,
        (true, false) => Bar::HandingOn,
    };
    Some((bar, Refused::nothing(asking, wanting)))
}

impl Gate {
    /// Refuses an actor that works behind another portfolio's wall, before anything of the portfolio is looked at. The
    /// refusal is on the record.
    ///
    /// # Errors
    /// It works there; the record cannot be written.
    pub async fn check_wall(&self, asking: &Asking<'_>) -> Result<(), GateError> {
        let wanting = Wanting {
            names: String::new,
            needed: CategorySet::EMPTY,
            wanted: CategorySet::EMPTY,
            total: false,
            searched: false,
            own_details: false,
        };
        self.inner.check_actor(asking, wanting).await
    }

    /// Puts on the record what a service refuses whatever the clauses say. Whom it was about is not told, so that it is the
    /// same of somebody who is there and of nobody.
    ///
    /// # Errors
    /// The record cannot be written.
    pub async fn record_refusal(&self, asking: &Asking<'_>, bar: Bar) -> Result<(), GateError> {
        self.inner.record_refused(asking, String::new(), CategorySet::EMPTY, bar).await
    }

    /// Refuses what is barred, and puts it on the record.
    pub(crate) async fn unless_barred(&self, asking: &Asking<'_>, bar: Option<Bar>) -> Result<(), GateError> {
        let Some(bar) = bar else { return Ok(()) };
        self.record_refusal(asking, bar).await?;
        Err(Refused::barred(asking.purpose, asking.actor.recipient, CategorySet::EMPTY, bar).into())
    }
}

impl Inner {
    /// Whether the actor's record still stands, the staff wall, and who may hand data on.
    pub(crate) async fn check_actor(&self, asking: &Asking<'_>, wanting: Wanting) -> Result<(), GateError> {
        self.check_record(asking.actor).await?;
        let Some((bar, refused)) = beyond(asking, wanting) else { return Ok(()) };
        self.record_refused(asking, (wanting.names)(), wanting.wanted, bar).await?;
        Err(refused.into())
    }

    /// Puts a refusal on the record, in the chain of the portfolio that was asked and, where the actor works behind the
    /// wall of another, in that one's as well: a portfolio that there is not has no chain.
    pub(crate) async fn record_refused(
        &self,
        asking: &Asking<'_>,
        view: String,
        categories: CategorySet,
        bar: Bar,
    ) -> Result<(), GateError> {
        let entry = |portfolio: PortfolioId| Entry {
            subject: crate::portfolio_chain(portfolio),
            notice: self.version_in_force(asking),
            withheld: categories,
            outcome: EntryOutcome::Refused,
            bar: Some(bar),
            ..self.entry(asking, &Receiver::default(), view.clone())
        };
        let own = asking.actor.portfolio.filter(|own| *own != asking.portfolio);
        let chains = [Some(asking.portfolio), own].into_iter().flatten();
        let disclosures = chains.map(|portfolio| in_chain(portfolio, &entry(portfolio))).collect();
        self.store.append(disclosures, self.clock.now()).await?;
        Ok(())
    }

    /// The version of the notice that would have decided; empty where none is in force.
    fn version_in_force(&self, asking: &Asking<'_>) -> String {
        let in_force = self.notices.in_force(asking.portfolio, None, self.clock.now());
        in_force.map(|in_force| in_force.version.clone()).unwrap_or_default()
    }
}
