//! A double-entry posting: what a determination or a payment moved between accounts.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::vocabulary::vocabulary;
use crate::{Currency, Date, Personal};

vocabulary! {
    /// An account of the ledger.
    Account, "account" {
        /// What plans owe for adjudicated claims: cost of claims.
        ClaimsCost = 0 "claims-cost",
        /// Owed to members.
        PayableToMembers = 1 "payable-to-members",
        /// Owed to providers.
        PayableToProviders = 2 "payable-to-providers",
        /// The float account at the bank.
        Bank = 3 "bank",
        /// Owed back by members, who had more for a claim than it comes to.
        OwedBackByMembers = 4 "owed-back-by-members",
        /// Owed back by providers.
        OwedBackByProviders = 5 "owed-back-by-providers",
        /// Owed back and given up.
        WrittenOff = 6 "written-off",
    }
}

/// A posting. INVARIANT: its entries sum to zero (made and checked in one place, `service`).
#[derive(Clone, PartialEq, Eq, Personal)]
#[personal(kind = Posting, retention = Accounting)]
pub struct Posting {
    /// The day it counts for.
    #[category(Financial)]
    #[tag(1)]
    pub booked: Date,
    /// The currency of every entry.
    #[category(Financial)]
    #[tag(2)]
    pub currency: Currency,
    /// Entries: debit positive, credit negative, in minor units.
    #[category(Financial)]
    #[tag(3)]
    pub entries: Vec<PostingEntry>,
}

/// One side of a posting.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PostingEntry {
    /// The account.
    #[n(0)]
    pub account: Account,
    /// Debit positive, credit negative, in minor units.
    #[n(1)]
    pub amount: i64,
}

redacted!(PostingEntry);
