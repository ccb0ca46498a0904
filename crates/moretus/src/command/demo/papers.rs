//! The papers of the demo: statements of benefits for a few members, and a bank file per portfolio. How they are written is what a real
//! site's commands share with it.

use std::net::SocketAddr;
use std::path::PathBuf;

use documents::Debtor;
use domain::{ClaimId, ClaimState, Iban, Language, SubjectId};
use service::ExportReport;
use store::StoreError;

use super::DemoPortfolio;
use crate::command::papers::bank_file::BankFile;
use crate::command::papers::statement::Statements;
use crate::report::Error;
use crate::site::{Site, make_folder};

/// Statements written for each portfolio.
const STATEMENTS: usize = 3;

/// Writes a bank file with all payments of a portfolio that are ready, and says what became of them; no file
/// when there is nothing to pay.
pub(super) async fn write_bank_file(
    site: &Site,
    portfolio: &DemoPortfolio,
) -> Result<(Option<PathBuf>, ExportReport), Error> {
    let folder = site.data.join("payments");
    make_folder(&folder)?;
    let file = BankFile {
        portfolio: portfolio.id,
        bank: portfolio.bank,
        debtor: Debtor {
            name: portfolio.row.name.clone(),
            town: Some(("Antwerp".to_owned(), "BE".parse()?)),
            account: Iban::parse(&portfolio.row.float_account)?,
            bank: None,
        },
        place: folder.join(format!("pain.001-{}.xml", portfolio.short)),
    };
    let report = file.export(&site.app).await?.report;
    Ok(((report.handed > 0).then_some(file.place), report))
}

/// Writes statements of a few claims of each portfolio, in the four languages in turn.
pub(super) async fn write_statements(
    site: &Site,
    portfolios: &[DemoPortfolio],
    address: SocketAddr,
) -> Result<Vec<PathBuf>, Error> {
    let folder = site.data.join("statements");
    make_folder(&folder)?;
    let mut written = Vec::new();
    let mut languages =
        [Language::English, Language::Dutch, Language::French, Language::German].into_iter().cycle();
    for portfolio in portfolios {
        let statements = Statements::new(&site.app, &portfolio.row, &format!("http://{address}"))?;
        let claims = some_claims(site, portfolio).await?;
        for statement in service::statements(&site.app, portfolio.id, &claims).await? {
            let language = languages.next().unwrap_or(Language::English);
            let path = folder.join(format!("{}.pdf", statement.claim_id));
            if statements.write(&path, &statement, language)?.is_none() {
                continue;
            }
            service::end_statement(&site.app, &statement).await?;
            written.push(path);
        }
    }
    Ok(written)
}

async fn some_claims(site: &Site, portfolio: &DemoPortfolio) -> Result<Vec<(SubjectId, ClaimId)>, Error> {
    let id = portfolio.id;
    let rows = site
        .app
        .store()
        .read(move |unit| {
            let mut rows = store::claim::page_by_state(unit, id, ClaimState::InPayment, None, STATEMENTS)?;
            rows.extend(store::claim::page_by_state(unit, id, ClaimState::Settled, None, 1)?);
            Ok::<_, StoreError>(rows)
        })
        .await?;
    Ok(rows.into_iter().map(|row| (row.subject, row.claim)).collect())
}
