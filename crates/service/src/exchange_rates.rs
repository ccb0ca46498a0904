//! Exchange rates of a site: read once and again when others were added. They are public, and the same for every portfolio; a
//! rate is never changed, since what was decided rests on it. By which day's a claim is exchanged, its plan says.

use std::sync::{Arc, PoisonError, RwLock};

use benefits::ExchangeRates;
use domain::{Currency, Date};
use intake::PublishedRate;
use store::exchange_rate::{self, ExchangeRateRow};
use store::{Store, StoreError, Unit};

use crate::ServiceError;

/// Rates that are read at once.
const PAGE: usize = 10_000;

/// The rates, up to one of a number.
#[derive(Clone, Debug, Default)]
pub struct RateBook {
    known: Arc<RwLock<(i64, Arc<ExchangeRates>)>>,
}

/// What became of rates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddedRates {
    /// Written now.
    pub new: u64,
    /// There before.
    pub known: u64,
}

impl RateBook {
    /// The rates that are known here.
    #[must_use]
    pub fn all(&self) -> Arc<ExchangeRates> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Reads the rates that were added since.
    pub async fn refresh(&self, store: &Store) -> Result<(), ServiceError> {
        loop {
            let from = self.known.read().unwrap_or_else(PoisonError::into_inner).0;
            let rows = store.read(move |unit| exchange_rate::after(unit, from, PAGE)).await;
            let rows = rows.map_err(|error: StoreError| error)?;
            let Some(last) = rows.last().map(|row| row.number) else { return Ok(()) };
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.0 != from {
                continue;
            }
            let rates = Arc::make_mut(&mut known.1);
            for row in &rows {
                if !rates.add(row.currency, row.day, &row.units) {
                    tracing::error!(currency = row.currency.code(), day = %row.day, "a stored rate cannot be read");
                }
            }
            known.0 = last;
        }
    }

    /// Adds rates, those of one file or none. The same again changes nothing.
    ///
    /// Errors: one cannot be taken ([`ServiceError::OtherRate`]): it is there with another value, or has more than ten decimals.
    pub async fn add(&self, store: &Store, rates: &[PublishedRate]) -> Result<AddedRates, ServiceError> {
        let refused =
            |rate: &PublishedRate| ServiceError::OtherRate { currency: rate.currency, day: rate.day };
        let mut fits = ExchangeRates::default();
        let unfit = |rate: &&PublishedRate| !fits.add(rate.currency, rate.day, &rate.units.to_string());
        if let Some(rate) = rates.iter().find(unfit) {
            return Err(refused(rate));
        }
        let rates = rates.to_vec();
        let write = move |unit: &mut Unit<'_>| {
            let mut number = exchange_rate::last(unit)?;
            let (mut rows, mut added) = (Vec::new(), AddedRates::default());
            for rate in &rates {
                let PublishedRate { currency, day, units } = *rate;
                let units = units.to_string();
                match exchange_rate::get(unit, currency, day)? {
                    Some(known) if known.units == units => added.known += 1,
                    Some(_) => return Err(ServiceError::OtherRate { currency, day }),
                    None => {
                        number += 1;
                        rows.push(ExchangeRateRow { currency, day, units, number });
                    }
                }
            }
            added.new = rows.len() as u64;
            exchange_rate::insert_many(unit, &rows)?;
            Ok(added)
        };
        let added = store.write(write).await?;
        self.refresh(store).await?;
        Ok(added)
    }

    /// The rate of a currency on a day, with the day on which it was published.
    #[must_use]
    pub fn on(&self, currency: Currency, day: Date) -> Option<(Date, String)> {
        self.all().on(currency, day).map(|(published, units)| (published, units.to_string()))
    }
}
