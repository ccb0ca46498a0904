//! What every use case works with: the gate and the plans. Cheap to clone; one per process.

use gate::Gate;

use crate::ServiceError;
use crate::plans::PlanBook;

/// A site, opened.
#[derive(Clone, Debug)]
pub struct App {
    /// The gate.
    pub gate: Gate,
    /// The plans in force.
    pub plans: PlanBook,
}

impl App {
    /// Opens a site: reads its plans.
    pub async fn open(gate: Gate) -> Result<Self, ServiceError> {
        let plans = PlanBook::load(gate.store()).await?;
        Ok(Self { gate, plans })
    }

    /// The store, for plain columns and sealed rows.
    #[must_use]
    pub fn store(&self) -> &store::Store {
        self.gate.store()
    }

    /// Today, in UTC.
    pub fn today(&self) -> Result<domain::Date, ServiceError> {
        self.gate.now().date().map_err(|_| ServiceError::Clock)
    }
}
