//! Changes of the register of recipients on the record: who changed what of which organisation, before it is changed.
//! Such an entry is about no person and stands in the portfolio's own chain. What the register holds, and whether a
//! change is sound, is not decided here.

use domain::{Country, PortfolioId, Purpose, Recipient, RecipientId, SubjectKind, SubjectKindSet, Timestamp};
use store::{Appended, NewDisclosure};

use crate::entry::EntryOutcome;
use crate::history::entries_of;
use crate::receiver::Receiver;
use crate::{Actor, Asking, Entry, Gate, GateError, portfolio_chain};

/// What is about to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterChange {
    /// The organisation, or the portfolio's own staff.
    pub recipient: RecipientId,
    /// What it is, its name and its country; none of staff.
    pub organisation: Option<(Recipient, String, Country)>,
    /// What, in words of the register: no person's data.
    pub change: String,
}

/// A change as it stands on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterLine {
    /// When.
    pub at: Timestamp,
    /// The role of whoever made it.
    pub role: String,
    /// What was changed of whom.
    pub change: RegisterChange,
}

impl Gate {
    /// Puts a change of a portfolio's register on the record. From the moment this returns, the entry is durable: it
    /// says that the change was about to be made.
    ///
    /// # Errors
    /// The actor may not keep the register: an organisation itself, for instance, which would agree with itself.
    pub async fn record_change(
        &self,
        actor: &Actor,
        portfolio: PortfolioId,
        change: RegisterChange,
    ) -> Result<(), GateError> {
        let may_keep_it = matches!(
            actor.recipient,
            Recipient::Operator | Recipient::DataProtectionOfficer | Recipient::LegalStaff
        );
        if !may_keep_it || actor.portfolio.is_some_and(|own| own != portfolio) {
            return Err(GateError::NotTheKeeper);
        }
        let asking = Asking::new(actor, portfolio, Purpose::LegalObligation, self.request());
        // What ends must end also where no notice is in force.
        let in_force = self.inner.notices.in_force(portfolio, None, self.now());
        let notice = in_force.map(|in_force| in_force.version.clone()).unwrap_or_default();
        let entry = self.inner.entry(&asking, &Receiver::default(), String::new());
        let (kind, name, country) = match change.organisation {
            Some((kind, name, country)) => (kind, Some(name), country),
            None => (actor.recipient, None, actor.country),
        };
        let entry = Entry {
            recipient: kind,
            recipient_name: name,
            recipient_country: country,
            to: Some(change.recipient),
            notice,
            outcome: EntryOutcome::Changed,
            change: Some(change.change),
            ..entry
        };
        let disclosure = NewDisclosure {
            subject: portfolio_chain(portfolio),
            portfolio,
            notice: 0,
            kinds: SubjectKindSet::of(&[SubjectKind::Employee]),
            laws: domain::GoverningLawSet::ALL,
            tests: Vec::new(),
            recipient_tests: Vec::new(),
            register: None,
            body: entry.to_bytes(),
        };
        match self.inner.store.append(vec![disclosure], self.now()).await?.as_slice() {
            [Appended::At(_)] => Ok(()),
            _ => Err(GateError::NoNotice),
        }
    }

    /// The changes of a portfolio's register that are on the record, the oldest first.
    pub async fn register_changes(&self, portfolio: PortfolioId) -> Result<Vec<RegisterLine>, GateError> {
        let chain = portfolio_chain(portfolio);
        let stored = self.inner.store.read(move |unit| entries_of(unit, chain)).await?;
        let mut lines = Vec::new();
        for stored in stored {
            let entry = Entry::from_bytes(&stored.body).filter(|entry| entry.subject == chain);
            let altered = || GateError::Log { problem: "an entry does not read: it was altered".to_owned() };
            let entry = entry.ok_or_else(altered)?;
            if let (Some(change), Some(recipient)) = (entry.change, entry.to) {
                let organisation =
                    entry.recipient_name.map(|name| (entry.recipient, name, entry.recipient_country));
                let change = RegisterChange { recipient, organisation, change };
                lines.push(RegisterLine { at: entry.at, role: entry.role, change });
            }
        }
        Ok(lines)
    }
}
