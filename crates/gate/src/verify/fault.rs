//! What can be wrong with the log, and where. Entries are counted from 0; subjects are named by their
//! pseudonymous ids. Messages carry nothing else.

use domain::{MatterId, SubjectId};
use store::log::deferred::DeferredRow;
use transparency::Fault;

/// What is wrong with the log, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// The entries, the tree and the newest checkpoint do not agree.
    #[error(transparent)]
    Tree(#[from] Fault),
    /// A group of entries is not as large as was committed.
    #[error(
        "the group of entries at leaf {leaf} has {found} entries, not the {expected} that were committed"
    )]
    Group {
        /// Its first leaf.
        leaf: i64,
        /// The entries found.
        found: u64,
        /// The entries committed.
        expected: i64,
    },
    /// The same of a group that is not sealed yet.
    #[error(
        "group {batch}, which waits to be sealed, has {found} entries, not the {expected} that were committed"
    )]
    PendingGroup {
        /// Its number.
        batch: i64,
        /// The entries found.
        found: i64,
        /// The entries committed.
        expected: i64,
    },
    /// An entry belongs to no group.
    #[error(
        "entry {offset} of group {batch} is in the database and not in the log: it was put there, or its group was taken away"
    )]
    Stray {
        /// The group's number.
        batch: i64,
        /// The entry's place in it.
        offset: i64,
    },
    /// An entry's row names another subject than its body.
    #[error("entry {index} (counted from 0) is stored under another subject than its own")]
    OtherSubject {
        /// The entry.
        index: u64,
    },
    /// An entry about many is stored beside others than its body commits.
    #[error(
        "entry {index} (counted from 0) is about many, and those beside whom it is stored are not those: somebody was dropped from it, or put into it"
    )]
    OtherPeople {
        /// The entry.
        index: u64,
    },
    /// What is left of an erased entry is not what was left.
    #[error(
        "entry {index} (counted from 0) was erased, and what is left of it, or those beside whom it is stored, was altered"
    )]
    Stub {
        /// The entry.
        index: u64,
    },
    /// An entry was erased that no entry declares to have lapsed.
    #[error(
        "entry {index} (counted from 0) was erased, and nothing in the log declares that it lapsed: it was younger than the notice says, or of another portfolio"
    )]
    NotLapsed {
        /// The entry.
        index: u64,
    },
    /// There are more tiles than the tree has.
    #[error("there are {found} tiles, a tree of {entries} entries has {expected}: tiles were put there")]
    Tiles {
        /// The tiles found.
        found: u64,
        /// The tiles of the tree.
        expected: u64,
        /// The tree's size.
        entries: u64,
    },
    /// A stored checkpoint is not to be believed.
    #[error("the checkpoint of size {size}: {problem}")]
    Checkpoint {
        /// The size that it is stored for.
        size: i64,
        /// Why.
        problem: String,
    },
    /// A checkpoint that the site has signed is of another tree.
    #[error(
        "the checkpoint of size {size} is signed and of another tree than the entries: the log was forked, or the entries from {after} up to {size} were rewritten"
    )]
    Forked {
        /// The size of the last checkpoint that agrees.
        after: u64,
        /// Its size.
        size: u64,
    },
    /// The newest checkpoint does not sign all entries.
    #[error(
        "there are {entries} entries, and this log's newest checkpoint signs {signed}: one was taken away"
    )]
    Unsigned {
        /// The entries.
        entries: u64,
        /// What is signed.
        signed: u64,
    },
    /// What is kept of a former log is not what this log's entry says.
    #[error("entry {index} names the log that this one follows, and what is kept of that log says otherwise")]
    Former {
        /// The entry; the log's size when there is none.
        index: u64,
    },
    /// The table of rolls differs from the rolls among the entries.
    #[error(
        "entry {leaf} is a roll, and the table of rolls does not have it so: a row was taken away or altered"
    )]
    RollRow {
        /// The roll's leaf.
        leaf: u64,
    },
    /// The table has a roll that is no entry.
    #[error("roll {roll} is in the table of rolls and is no entry of the log")]
    NoRoll {
        /// Its number.
        roll: i64,
    },
    /// A roll commits other chains than the entries give.
    #[error(
        "roll {roll} (entry {leaf}) commits other chains than the entries before {size} give: a chain was forked, or somebody's last entries were left out, before it was signed"
    )]
    Roll {
        /// Its number.
        roll: i64,
        /// Its leaf.
        leaf: i64,
        /// The entries that it takes in.
        size: i64,
    },
    /// A subject's chain is not what its entries give.
    #[error(
        "the chain of subject {subject} is stored with {found} entries, and the log has {expected} of them up to there: it was forked or cut"
    )]
    ChainLength {
        /// Whose.
        subject: SubjectId,
        /// Entries by the chain.
        found: i64,
        /// Entries by the log.
        expected: u64,
    },
    /// The same, with as many entries.
    #[error("the chain of subject {subject} ends otherwise than its {entries} entries give: it was forked")]
    ChainHead {
        /// Whose.
        subject: SubjectId,
        /// Its entries.
        entries: u64,
    },
    /// A chain stands under another token.
    #[error("the chain of subject {subject} stands under another token, or as another kind, than its own")]
    ChainToken {
        /// Whose.
        subject: SubjectId,
    },
    /// A chain of somebody without entries.
    #[error("there is a chain of subject {subject}, of whom the log has no entry up to there")]
    StrayChain {
        /// Whose.
        subject: SubjectId,
    },
    /// A subject has entries and no chain.
    #[error("the chain of subject {subject}, of {entries} entries, was taken away")]
    NoChain {
        /// Whose.
        subject: SubjectId,
        /// The entries.
        entries: u64,
    },
    /// The same of the chain of somebody's deferred entries.
    #[error("the chain of what is deferred about subject {subject}, of {entries} entries, was taken away")]
    NoDeferredChain {
        /// Whose.
        subject: SubjectId,
        /// The entries.
        entries: u64,
    },
    /// A deferred entry is in no list, and must be.
    #[error(
        "entry {leaf} is over its deferral and is kept as if it were not: it must have joined the list of subject {subject} at the roll of size {size}"
    )]
    HeldBack {
        /// The entry.
        leaf: i64,
        /// Whose.
        subject: SubjectId,
        /// The roll's size.
        size: i64,
    },
    /// A deferred entry has joined its list too early, or elsewhere in it.
    #[error(
        "entry {leaf} is kept as if it had joined the list of subject {subject} at a roll of size {size}: by the log it has not"
    )]
    JoinedElsewhere {
        /// The entry.
        leaf: i64,
        /// Whose.
        subject: SubjectId,
        /// The size that is kept.
        size: i64,
    },
    /// A deferred entry is not kept as one.
    #[error(
        "entry {leaf} about subject {subject} is deferred, and is not kept as such: a row was taken away or altered"
    )]
    NotDeferred {
        /// The entry.
        leaf: i64,
        /// Whose.
        subject: SubjectId,
    },
    /// What is kept as deferred is not.
    #[error("entry {leaf} about subject {subject} is kept as deferred, and by the log it is not, or not so")]
    StrayDeferred {
        /// The entry.
        leaf: i64,
        /// Whose.
        subject: SubjectId,
    },
    /// What is kept of the declarations differs from the log.
    #[error("what is kept of until when entries are deferred is not what the log declares: it was altered")]
    Declarations,
    /// The register has a declaration that the log has not.
    #[error(
        "the register defers the showing of matter {matter} until a time that no entry of the log declares: it was prolonged or put there"
    )]
    Undeclared {
        /// The matter.
        matter: MatterId,
    },
    /// There are chains that no kind of chain accounts for.
    #[error("there are {found} chains, and {expected} of a kind that is known: chains were put there")]
    Chains {
        /// The chains found.
        found: u64,
        /// Those of a kind that is known.
        expected: u64,
    },
    /// The index, by which a subject's entries are found, does not lead to all of them and no others.
    #[error(
        "the index of subject {subject} does not lead to each of their entries, once and in order: entries were left out, moved or put there"
    )]
    Index {
        /// Whose.
        subject: SubjectId,
    },
    /// A run of the index is not as long as was written.
    #[error("run {run} of the index has {found} subjects, not the {expected} that were written")]
    IndexRun {
        /// Its number.
        run: i64,
        /// The subjects found.
        found: u64,
        /// The subjects written.
        expected: i64,
    },
    /// How far the sealer has come does not fit the log.
    #[error(
        "what is kept of how far index and chains have come does not fit a log of {entries} entries: it was altered"
    )]
    State {
        /// The log's size.
        entries: u64,
    },
    /// Several, of which the first matters most.
    #[error("{}", joined(.0))]
    Several(Vec<LogFault>),
}

/// Faults told at once.
const MOST_TOLD: usize = 8;

impl LogFault {
    /// How a row of a deferred entry differs from what it must be.
    pub(crate) fn deferred(expected: Option<&DeferredRow>, found: &DeferredRow) -> LogFault {
        let (leaf, subject) = (found.leaf, found.subject);
        match expected.filter(|row| (row.subject, row.leaf) <= (subject, leaf)) {
            Some(row) if (row.subject, row.leaf) != (subject, leaf) => {
                LogFault::NotDeferred { leaf: row.leaf, subject: row.subject }
            }
            Some(row) if row.joined == found.joined => LogFault::NotDeferred { leaf, subject },
            Some(row) => match (row.joined, found.joined) {
                (Some(size), None) => LogFault::HeldBack { leaf, subject, size },
                (_, joined) => LogFault::JoinedElsewhere { leaf, subject, size: joined.unwrap_or_default() },
            },
            None => LogFault::StrayDeferred { leaf, subject },
        }
    }

    /// One or several faults.
    pub(crate) fn several(mut faults: Vec<LogFault>) -> LogFault {
        match faults.len() {
            1 => faults.remove(0),
            _ => LogFault::Several(faults),
        }
    }
}

fn joined(faults: &[LogFault]) -> String {
    let mut told: Vec<String> = faults.iter().take(MOST_TOLD).map(LogFault::to_string).collect();
    if faults.len() > MOST_TOLD {
        told.push("there are more".to_owned());
    }
    told.join("\n  and: ")
}
