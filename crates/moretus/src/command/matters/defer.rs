//! `moretus matters defer` and `end-deferral`: the data protection officer, with a token of their own, says that a law
//! keeps it from people for a time that their data is asked for under a matter. It opens nothing.

use std::path::PathBuf;

use clap::Args;
use domain::{MatterId, Timestamp};
use service::NewDeferral;

use super::InPortfolio;
use crate::report::Error;

/// The officer, and about which matter.
#[derive(Args)]
struct Declaring {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the officer's token; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The matter.
    #[arg(long, value_name = "ID")]
    matter: MatterId,
    /// Why, without the name of a person.
    #[arg(long, value_name = "TEXT")]
    reasons: String,
}

/// Defer the showing of what is asked under a matter.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus matters defer --data moretus-data --portfolio officina --token-file officer.token --matter 00000000-0000-0000-0000-000000000000 \\\n    --until 2027-03-01 --law 'Code of criminal procedure, article 46' --reasons 'The court has ordered that it is kept secret.'\n\nIt is declared before the matter is opened, by somebody else than who registered it and whose task it becomes, for at\nmost 180 days; for longer, or for less, declare it again before it is over. Each declaration is on the record, the\nofficer's list of uses shows at once what is asked, and what was deferred joins each person's list when it is over."
)]
pub(super) struct Defer {
    #[command(flatten)]
    declaring: Declaring,
    /// Until when: a day, or an instant such as 2027-03-01T14:30:00Z.
    #[arg(long, value_name = "TIME")]
    until: Timestamp,
    /// The law that defers it, with its article.
    #[arg(long, value_name = "TEXT")]
    law: String,
}

impl Defer {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer) = self.declaring.place.open_with(&self.declaring.token_file).await?;
        let Declaring { matter, reasons, .. } = self.declaring;
        let new = NewDeferral { portfolio, matter, until: self.until, law: self.law, reasons };
        service::defer_matter(&site.app, &officer, &new).await?;
        site.close().await
    }
}

/// End a deferral, now.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus matters end-deferral --data moretus-data --portfolio officina --token-file officer.token \\\n    --matter 00000000-0000-0000-0000-000000000000 --reasons 'The court has lifted the secrecy.'\n\nWhat is over stays over: a matter is not deferred a second time."
)]
pub(super) struct EndDeferral {
    #[command(flatten)]
    declaring: Declaring,
}

impl EndDeferral {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer) = self.declaring.place.open_with(&self.declaring.token_file).await?;
        let Declaring { matter, reasons, .. } = self.declaring;
        service::end_deferral(&site.app, &officer, portfolio, matter, &reasons).await?;
        site.close().await
    }
}
