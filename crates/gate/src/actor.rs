//! Actors: whoever asks. An actor is minted only by authentication: an API token, the root key at
//! the command line, or the program's own named jobs. There is no actor that may do everything.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::{
    ActorId, CategorySet, Country, PortfolioId, Purpose, Recipient, RecipientId, SubjectId, Timestamp,
    WorkItemId,
};
use sha2::{Digest, Sha256};
use store::reference::ActorRow;

use crate::{Bar, GateError, Refused};

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
    /// The people whose files it handles never, as declared: whoever is behind it, and their relatives.
    pub(crate) own_files: Vec<SubjectId>,
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

    /// Refuses what is about such a file.
    ///
    /// # Errors
    /// It is one.
    pub fn may_handle(&self, subject: SubjectId, purpose: Purpose) -> Result<(), GateError> {
        if self.is_own_file(subject) {
            return Err(Refused::barred(purpose, self.recipient, CategorySet::EMPTY, Bar::OwnFile).into());
        }
        Ok(())
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
    object(b"moretus/assignment/1", item, assignee.bytes())
}

/// The object of a condition that is filed with a work item (an order, an agreement, a cited law), where an
/// organisation gets the data: the item and the organisation in one. What one authority ordered opens nothing to
/// another.
#[must_use]
pub fn filed_for(item: WorkItemId, recipient: RecipientId) -> [u8; 16] {
    object(b"moretus/filed/1", item, recipient.bytes())
}

fn object(label: &[u8], item: WorkItemId, with: &[u8; 16]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(label).chain_update(item.bytes()).chain_update(with).finalize();
    let mut object = [0; 16];
    object.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    object
}
