//! What is left of an entry whose body was erased: its commitment, by which leaf and chains compute as ever, the portfolio
//! that it belonged to, and the work item under which it was deferred, if it was. A keyed code over all of that, the
//! place and those whom it was about watches each byte. Nothing of it says what was asked, by whom, why or when.
//!
//! It does not say that an entry may be erased: that is for a declaration in the log to say (`lapse.rs`).

use domain::{PortfolioId, WorkItemId};
use store::log::Entry as Stored;
use transparency::{Hash, commitment};

use crate::bulk::Salts;

/// What the stored bytes begin with. No body does: entries are CBOR maps, and the log's own have prefixes of theirs.
const PREFIX: &[u8] = b"moretus/erased/1\n";

/// Whether what is stored of an entry is no body any more, since that was erased.
#[must_use]
pub fn is_erased(body: &[u8]) -> bool {
    body.starts_with(PREFIX)
}

/// What is left of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stub {
    pub(crate) commitment: Hash,
    pub(crate) portfolio: PortfolioId,
    /// The work item under which its showing was deferred.
    pub(crate) item: Option<WorkItemId>,
    code: [u8; 32],
}

impl Stub {
    /// What is to be left of an entry, under the code that is made for it.
    pub(crate) fn new(
        salts: &Salts,
        stored: &Stored,
        portfolio: PortfolioId,
        item: Option<WorkItemId>,
    ) -> Self {
        let unwatched = Self { commitment: commitment(&stored.body), portfolio, item, code: [0; 32] };
        Self { code: unwatched.expected(salts, stored), ..unwatched }
    }

    /// Reads what is stored; `None` of a body.
    pub(crate) fn of(stored: &[u8]) -> Option<Self> {
        let (commitment, rest) = stored.strip_prefix(PREFIX)?.split_first_chunk::<32>()?;
        let (portfolio, rest) = rest.split_first_chunk::<16>()?;
        let (item, code) = rest.split_first_chunk::<16>()?;
        Some(Self {
            commitment: *commitment,
            portfolio: PortfolioId::from_bytes(*portfolio),
            item: Some(*item).filter(|item| *item != [0; 16]).map(WorkItemId::from_bytes),
            code: code.try_into().ok()?,
        })
    }

    /// As it is stored in the place of the body.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [PREFIX, &self.commitment, self.portfolio.bytes(), &self.item_bytes(), &self.code].concat()
    }

    /// Whether nothing of it, its place or those beside whom it is stored was altered.
    pub(crate) fn is_true(&self, salts: &Salts, stored: &Stored) -> bool {
        self.code == self.expected(salts, stored)
    }

    fn item_bytes(&self) -> [u8; 16] {
        self.item.map_or([0; 16], |item| *item.bytes())
    }

    fn expected(&self, salts: &Salts, stored: &Stored) -> [u8; 32] {
        let (batch, offset) = (stored.position.batch.to_be_bytes(), stored.position.offset.to_be_bytes());
        let item = self.item_bytes();
        let own: [&[u8]; 6] =
            [&batch, &offset, stored.subject.bytes(), &self.commitment, self.portfolio.bytes(), &item];
        let people: Vec<[u8; 16]> = stored
            .people
            .iter()
            .flat_map(|one| [*one.subject.bytes(), one.item.map_or([0; 16], |item| *item.bytes())])
            .collect();
        let parts: Vec<&[u8]> = own.into_iter().chain([people.as_flattened()]).collect();
        salts.stub_code(&parts)
    }
}

/// The commitment of an entry, whether its body is there still or was erased.
pub(crate) fn committed(stored: &[u8]) -> Hash {
    Stub::of(stored).map_or_else(|| commitment(stored), |stub| stub.commitment)
}
