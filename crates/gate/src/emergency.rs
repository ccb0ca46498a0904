//! What is put on the record of an access in an emergency, beside its uses: that somebody opened one, before it opens
//! anything, and that it was reviewed. Both stand in the list of the person whom it is about, and in the portfolio's.
//! Whether a clause lets somebody open one the ask decides, as always; nothing opens here.

use domain::{PortfolioId, Purpose, SubjectId, WorkItemId};

use crate::entry::EntryOutcome;
use crate::receiver::Receiver;
use crate::{Actor, Asking, Entry, Gate, GateError, portfolio_chain};

impl Gate {
    /// Puts on the record what was done about an access in an emergency: in the chain of the person, and in the
    /// portfolio's. From the moment this returns, both entries are durable.
    ///
    /// # Errors
    /// It is the actor's own file or a relative's; their training is not current; they work behind another wall; the
    /// person is not in the portfolio.
    pub async fn record_emergency(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        (subject, emergency): (SubjectId, WorkItemId),
        words: &str,
    ) -> Result<(), GateError> {
        let asking = Asking::new(actor, portfolio, Purpose::EmergencyAccess, self.request());
        self.may_handle(&asking, subject).await?;
        if actor.portfolio.is_some_and(|own| own != portfolio) {
            return Err(GateError::NotInPortfolio);
        }
        let notice = self.inner.notices.in_force(portfolio, None, self.now())?.version.clone();
        let entry = |subject| Entry {
            subject,
            notice: notice.clone(),
            item: Some(emergency),
            change: Some(words.to_owned()),
            outcome: EntryOutcome::Changed,
            ..self.inner.entry(&asking, &Receiver::default(), String::new())
        };
        let entries = [subject, portfolio_chain(portfolio)].map(entry);
        self.append_changes(portfolio, entries.into()).await
    }
}
