//! The view of a lien, for whoever handles it: who is liable and what came of it, and nothing of what the care was.

use domain::{ActorId, CostShare, Date, LiableParty, Lien, LienReceipt, LienRelease, View};

/// A lien, whole.
#[derive(View)]
#[of(Lien)]
pub struct LienToHandle {
    /// Who is liable.
    #[category(Claims)]
    pub liable: LiableParty,
    /// The day it was asserted.
    #[category(Claims)]
    pub asserted: Date,
    /// By whom.
    #[category(Claims)]
    pub by: ActorId,
    /// What of it goes to those who recover it.
    #[category(Financial)]
    pub costs: CostShare,
    /// What was received, in order.
    #[category(Financial)]
    pub receipts: Vec<LienReceipt>,
    /// That what is left was given up.
    #[category(Claims)]
    pub release: Option<LienRelease>,
}

impl LienToHandle {
    pub(crate) fn into_lien(self) -> Lien {
        let Self { liable, asserted, by, costs, receipts, release } = self;
        Lien { liable, asserted, by, costs, receipts, release }
    }
}
