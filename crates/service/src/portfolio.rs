//! Opening a portfolio and publishing its notice. A version that was published never changes; its hash
//! is stored with it, and the gate refuses one that does not read back to it.

use domain::{Currency, PortfolioId, SubjectKind, Timestamp};
use gate::{Gate, portfolio_chain};
use notice::Notice;
use store::reference::{NoticeRow, PortfolioRow};
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
}

/// Opens a portfolio. The same again changes nothing.
pub async fn create_portfolio(store: &Store, new: &NewPortfolio) -> Result<(), ServiceError> {
    let row = PortfolioRow {
        portfolio: new.portfolio,
        name: new.name.clone(),
        currency: new.currency,
        float_account: new.float_account.clone(),
    };
    // The chain that takes the entries about the portfolio as a whole. Version 0 binds nobody.
    let chain = SubjectRow {
        subject: portfolio_chain(new.portfolio),
        portfolio: new.portfolio,
        kind: SubjectKind::Employee,
        notice: 0,
        version: 1,
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

/// Publishes a notice for a portfolio: read and checked, then stored with its hash. Publishing the
/// same version again changes nothing; another text under a published version is refused.
pub async fn publish_notice(
    store: &Store,
    gate: Option<&Gate>,
    portfolio: PortfolioId,
    files: &[(String, String)],
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let notice = Notice::read(&pairs).map_err(|problems| {
        ServiceError::Notice(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let (version, effective, hash) = (notice.version().to_owned(), notice.effective(), notice.hash());
    let by_name: std::collections::BTreeMap<&str, &str> = pairs.iter().copied().collect();
    let files =
        serde_json::to_string(&by_name).map_err(|_| ServiceError::Notice("its files are no text".into()))?;
    let number = store
        .write(move |unit| {
            let published: Vec<NoticeRow> = store::reference::notices(unit)?
                .into_iter()
                .filter(|row| row.portfolio == portfolio)
                .collect();
            if let Some(same) = published.iter().find(|row| row.version == version) {
                return Ok((same.hash == hash).then_some(same.number));
            }
            let number = published.iter().map(|row| row.number).max().unwrap_or(0) + 1;
            store::reference::insert_notice(
                unit,
                &NoticeRow {
                    portfolio,
                    number,
                    version: version.clone(),
                    effective,
                    published: now,
                    hash,
                    files: files.clone(),
                },
            )?;
            Ok::<_, StoreError>(Some(number))
        })
        .await?
        .ok_or_else(|| {
            ServiceError::Notice(
                "its version was published with another text: give the new text a new version".into(),
            )
        })?;
    if let Some(gate) = gate {
        gate.refresh_notices().await?;
    }
    Ok(number)
}
