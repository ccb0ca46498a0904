//! The gate: the only place that seals and opens personal data, and the disclosure log that it
//! writes first.
//!
//! Ask for a view ([`Gate::ask`], [`Gate::run`], [`Gate::search`]) and get a [`Grant`], or for sums over a group
//! ([`Gate::total`]) and get a [`Total`], once a clause
//! of the notice that binds the subject allows it and the entry is durable. It deliberately has no
//! bypass: no test mode, no administrator, no cache of opened values.

mod actor;
mod ask;
mod asking;
mod bulk;
mod chains;
mod collect;
mod copy;
mod deferral;
mod emergency;
mod entry;
mod error;
mod gate;
mod grant;
mod history;
mod index;
mod keys;
mod lapse;
mod lookup;
mod mark;
mod notices;
mod outline;
mod passphrase;
mod plain;
mod preview;
mod prove;
mod receiver;
mod record;
mod refusal;
mod register;
mod restore;
mod roll;
mod root;
mod roots;
mod rotate;
mod run;
mod sealed;
mod sealer;
mod search;
mod site_keys;
mod stub;
mod surroundings;
#[cfg(test)]
mod testing;
mod total;
mod truth;
mod uses;
mod verify;
mod weigh;
mod witness;

pub use actor::{Actor, assignment, filed_for, job_actor_id, team_assignment};
pub use asking::{Asking, Target};
pub use collect::Collection;
pub use copy::{CopyIdentity, CopyRecipient};
pub use deferral::{MOST_DEFERRED_DAYS, under_deferral};
pub use entry::{Bar, Entry, EntryOutcome, Lapse};
pub use error::{GateError, Refused};
pub use gate::Gate;
pub use grant::{ComputeFor, ComputeTogether, Computed, Grant, Reader, Writer};
pub use history::HistoryLine;
pub use lookup::{LookupKind, Term, birth_date_term};
pub use mark::{Care, Mark, MarkToken};
pub use passphrase::PassphraseKey;
pub use plain::{Plain, Totals};
pub use prove::{ProvenList, check_list};
pub use receiver::staff_of;
pub use register::{ActorChange, Changed, MatterChange, RegisterChange};
pub use restore::Reopened;
pub use root::{NO_ROOT_KEY, RootKey, RootKeyId, RootKeyProvider};
pub use rotate::Rotated;
pub use run::{MAX_PART, Part, Run, portfolio_chain};
pub use sealed::Sealed;
pub use sealer::{LogHead, Sealer};
pub use search::{ANSWER_EVERY, MAX_FOUND, MAX_HITS, MAX_SEARCHES_A_MINUTE, MAX_TERMS};
pub use stub::is_erased;
pub use surroundings::{Clock, Randomness};
pub use total::{PersonReader, Total};
pub use transparency::ListProof;
pub use uses::{Sought, Use, Uses};
pub use verify::{Lapsed, LogCheck, LogFault, LogReport};
pub use weigh::Weighed;
pub use witness::Witness;
