//! What every use case works with: the gate, the plans and the rates of exchange. Cheap to clone; one per process.

use gate::Gate;

use crate::ServiceError;
use crate::exchange_rates::RateBook;
use crate::plans::PlanBook;

/// A site, opened.
#[derive(Clone, Debug)]
pub struct App {
    /// The gate.
    pub gate: Gate,
    /// The plans in force.
    pub plans: PlanBook,
    /// The rates of exchange.
    pub rates: RateBook,
}

impl App {
    /// Opens a site: reads its plans. Rates of exchange are read when claims are decided.
    pub async fn open(gate: Gate) -> Result<Self, ServiceError> {
        let plans = PlanBook::load(gate.store()).await?;
        Ok(Self { gate, plans, rates: RateBook::default() })
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
