//! What every use case works with: the gate, the plans and the rates of exchange. Cheap to clone; one per process.

use domain::{Personal, PortfolioId, SubjectId};
use gate::Gate;
use store::StoreError;
use store::key::WrappedKey;
use store::subject::SubjectRow;

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

    /// What stands in the clear of a person; none of who is not in the portfolio.
    pub(crate) async fn person(
        &self,
        portfolio: PortfolioId,
        subject: SubjectId,
    ) -> Result<Option<SubjectRow>, ServiceError> {
        let row = self.store().read(move |unit| store::subject::get(unit, subject)).await;
        Ok(row.map_err(|error: StoreError| error)?.filter(|row| row.portfolio == portfolio))
    }

    /// The wrapped keys of a person, with which a computation about them seals what leaves it.
    pub(crate) async fn keys_of(&self, subject: SubjectId) -> Result<Vec<WrappedKey>, ServiceError> {
        let keys = self.store().read(move |unit| store::many::keys(unit, &[subject])).await;
        Ok(keys.map_err(|error: StoreError| error)?)
    }

    /// The same, with those for a record that few people have: made now if this is the first.
    pub(crate) async fn keys_for<P: Personal>(
        &self,
        subject: SubjectId,
    ) -> Result<Vec<WrappedKey>, ServiceError> {
        let mut keys = self.keys_of(subject).await?;
        let missing = self.gate.missing_keys::<P>(subject, &keys)?;
        if !missing.is_empty() {
            keys.extend(self.gate.keep_keys(missing).await?);
        }
        Ok(keys)
    }

    /// Today, in UTC.
    pub fn today(&self) -> Result<domain::Date, ServiceError> {
        self.gate.now().date().map_err(|_| ServiceError::Clock)
    }
}
