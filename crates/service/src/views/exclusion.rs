//! The view of a provider's exclusions, for whoever keeps them.

use domain::{Exclusion, Exclusions, View};

/// The exclusions of a provider, whole.
#[derive(View)]
#[of(Exclusions)]
pub struct ExclusionsToKeep {
    /// Each, by its first day.
    #[category(Claims)]
    pub spans: Vec<Exclusion>,
}
