//! Opening a portfolio. Its notice is published apart.

use domain::{Currency, GoverningLaw, PortfolioId, SubjectKind};
use gate::portfolio_chain;
use store::reference::PortfolioRow;
use store::subject::SubjectRow;
use store::{Store, StoreError};

use crate::ServiceError;

/// What a portfolio is opened with.
#[derive(Debug, Clone)]
pub struct NewPortfolio {
    /// Its id.
    pub portfolio: PortfolioId,
    /// Its name.
    pub name: String,
    /// The currency of its float account.
    pub currency: Currency,
    /// The float account's IBAN: an organisation's, no personal data.
    pub float_account: String,
    /// The law that governs its cover where nothing else is said of a person.
    pub law: GoverningLaw,
}

/// Opens a portfolio. The same again changes nothing. Refused: a name that holds a payment card's number.
pub async fn create_portfolio(store: &Store, new: &NewPortfolio) -> Result<(), ServiceError> {
    domain::no_card_number("portfolio's name", &new.name).map_err(ServiceError::Unusable)?;
    let row = PortfolioRow {
        portfolio: new.portfolio,
        name: new.name.clone(),
        currency: new.currency,
        float_account: new.float_account.clone(),
        law: new.law,
    };
    // The chain that takes the entries about the portfolio as a whole. Version 0 binds nobody.
    let chain = SubjectRow {
        subject: portfolio_chain(new.portfolio),
        portfolio: new.portfolio,
        kind: SubjectKind::Employee,
        law: new.law,
        notice: 0,
        version: 1,
        taken_up: domain::Timestamp::from_micros(0),
    };
    store
        .write(move |unit| match store::reference::insert_portfolio(unit, &row) {
            Ok(()) => store::subject::insert_many(unit, std::slice::from_ref(&chain)),
            Err(StoreError::Duplicate) => Ok(()),
            Err(error) => Err(error),
        })
        .await?;
    Ok(())
}
