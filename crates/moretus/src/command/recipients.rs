//! `moretus recipients`: the register of recipients, and who received a person's data. The register holds
//! organisations only; who gets what the notice decides by it.

mod agreed;
pub(super) mod changes;
mod import;
mod list;
mod received;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::{Condition, Country, PortfolioId, Recipient, RecipientId, RecipientRole};
use gate::Actor;
use serde_json::json;
use service::{AGREEMENTS, NewRecipient};
use store::recipient::RecipientRow;

use self::agreed::Agreed;
pub(super) use self::agreed::Days;
use crate::output::say;
use crate::report::Error;
use crate::site::{Site, SiteArguments};

/// The register of recipients.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients list --data moretus-data --portfolio officina\n  moretus recipients end --data moretus-data --portfolio officina --recipient 'First Bank' --what contract"
)]
pub(crate) struct Recipients {
    #[command(subcommand)]
    command: RecipientsCommand,
}

#[derive(Subcommand)]
enum RecipientsCommand {
    /// Enter an organisation, with what was agreed with it.
    Add(Add),
    /// Enter the organisations of a CSV file: all of them, or none.
    Import(import::Import),
    /// Set the clauses that an organisation is registered for, in place of those before: it gets nothing under others.
    Clauses(Clauses),
    /// Set what was agreed with an organisation, or the safeguard for staff who read from abroad, in place of what
    /// was agreed of the same kind.
    Agree(Agree),
    /// End something agreed, now: the next ask that relies on it is refused.
    End(End),
    /// The organisations in the register, all or of one kind: also the list that anyone may ask for.
    List(list::List),
    /// What was changed in the register, from the log.
    Changes(changes::Changes),
    /// Who received a person's data, from the log, and who may, from the register; itself on the record first.
    Received(received::Received),
}

impl Recipients {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self.command {
            RecipientsCommand::Add(command) => command.run().await,
            RecipientsCommand::Import(command) => command.run().await,
            RecipientsCommand::Clauses(command) => command.run().await,
            RecipientsCommand::Agree(command) => command.run().await,
            RecipientsCommand::End(command) => command.run().await,
            RecipientsCommand::List(command) => command.run().await,
            RecipientsCommand::Changes(command) => command.run().await,
            RecipientsCommand::Received(command) => command.run().await,
        }
    }
}

/// A portfolio of a site.
#[derive(Args)]
pub(super) struct InPortfolio {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio whose register it is, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
}

impl InPortfolio {
    pub(super) async fn open(&self) -> Result<(Site, PortfolioId), Error> {
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        Ok((site, portfolio))
    }

    /// The same, and whose token stands in a file; `-` is standard input.
    pub(super) async fn open_with(&self, token_file: &Path) -> Result<(Site, PortfolioId, Actor), Error> {
        let token = crate::files::read_text(token_file)?;
        let (site, portfolio) = self.open().await?;
        let actor = site.app.gate.authenticate(token.trim()).await?;
        Ok((site, portfolio, actor))
    }

    /// The same, and the holder of the root key who changes its register.
    pub(super) async fn open_as(&self, operator: &str) -> Result<(Site, PortfolioId, Actor), Error> {
        let (site, portfolio) = self.open().await?;
        let keeper = site.app.gate.operator(&site.root, operator)?;
        Ok((site, portfolio, keeper))
    }
}

/// Who asks.
#[derive(Args)]
pub(super) struct AsStaff {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the token of whoever asks; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
}

impl AsStaff {
    pub(super) async fn open(&self) -> Result<(Site, PortfolioId, Actor), Error> {
        self.place.open_with(&self.token_file).await
    }
}

/// A portfolio whose register somebody changes.
#[derive(Args)]
struct Keeping {
    #[command(flatten)]
    place: InPortfolio,
    /// Who changes it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
}

impl Keeping {
    async fn open(&self) -> Result<(Site, PortfolioId, Actor), Error> {
        self.place.open_as(&self.operator).await
    }
}

/// Enter an organisation.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients add --data moretus-data --portfolio officina --kind bank --name 'First Bank' --country BE \\\n    --role controller --for 'carrying out payments' --clause disclose.payment.bank --contract 2026-01-01..2028-12-31\n  moretus recipients add --portfolio officina --kind service-provider --name 'Claims House' --country IN --role processor \\\n    --for 'handling claims' --clause vendor.claims --contract 2026-01-01.. --transfer-safeguard standard-clauses:2026-01-01..2027-12-31"
)]
struct Add {
    #[command(flatten)]
    place: Keeping,
    /// What kind of recipient it is, in the notice's words.
    #[arg(long)]
    kind: Recipient,
    /// Its name: of an organisation, never of a person.
    #[arg(long)]
    name: String,
    /// Where it gets the data.
    #[arg(long)]
    country: Country,
    /// What it is for the data: controller, processor or joint. The last two get nothing without a contract.
    #[arg(long)]
    role: RecipientRole,
    /// The organisation in the register that it acts for, by its name or id.
    #[arg(long, value_name = "NAME")]
    acts_for: Option<String>,
    /// What it gets data for.
    #[arg(long = "for", value_name = "TEXT")]
    uses: String,
    /// A clause of the notice that it is registered for; may be given several times. It gets nothing under any other.
    #[arg(long = "clause", value_name = "ID", required = true)]
    clauses: Vec<String>,
    #[command(flatten)]
    agreed: Agreed,
    /// Print its id as JSON.
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.place.open().await?;
        let acts_for = match &self.acts_for {
            Some(wanted) => Some(find(&site, portfolio, wanted).await?.recipient),
            None => None,
        };
        let new = NewRecipient {
            portfolio,
            acts_for,
            kind: self.kind,
            name: self.name,
            country: self.country,
            role: self.role,
            uses: self.uses,
            clauses: self.clauses,
        };
        let id = service::enter_recipient(&site.app, &keeper, &new, &self.agreed.agreements()).await?;
        match self.json {
            true => say!("{:#}", json!({ "recipient": id.to_string() })),
            false => say!("{id}"),
        }
        site.close().await
    }
}

/// Set the clauses of an organisation.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus recipients clauses --data moretus-data --portfolio officina --recipient 'First Bank' --clause disclose.payment.bank"
)]
struct Clauses {
    #[command(flatten)]
    place: Keeping,
    /// An organisation of the register, by its name or id.
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// A clause of the notice that it is registered for; may be given several times.
    #[arg(long = "clause", value_name = "ID", required = true)]
    clauses: Vec<String>,
}

impl Clauses {
    async fn run(self) -> Result<(), Error> {
        let (site, portfolio, keeper) = self.place.open().await?;
        let id = find(&site, portfolio, &self.recipient).await?.recipient;
        service::register_for(&site.app, &keeper, portfolio, id, &self.clauses).await?;
        site.close().await
    }
}

/// Whom something is agreed with.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct With {
    /// An organisation of the register, by its name or id.
    #[arg(long, value_name = "NAME")]
    recipient: Option<String>,
    /// The administrator's own staff, who may read from outside the European Economic Area under a safeguard.
    #[arg(long)]
    staff: bool,
}

impl With {
    async fn find(&self, site: &Site, portfolio: PortfolioId) -> Result<RecipientId, Error> {
        match &self.recipient {
            Some(wanted) => Ok(find(site, portfolio, wanted).await?.recipient),
            None => Ok(gate::staff_of(portfolio)),
        }
    }
}

/// Set what was agreed.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients agree --data moretus-data --portfolio officina --recipient 'First Bank' --contract 2026-01-01..2030-12-31\n  moretus recipients agree --data moretus-data --portfolio officina --staff --transfer-safeguard standard-clauses:2026-01-01..2027-12-31"
)]
struct Agree {
    #[command(flatten)]
    place: Keeping,
    #[command(flatten)]
    with: With,
    #[command(flatten)]
    agreed: Agreed,
}

impl Agree {
    async fn run(self) -> Result<(), Error> {
        let agreed = self.agreed.agreements();
        if agreed.is_empty() {
            return Err(
                "nothing is agreed: give --contract, --undertaking, --mandate or --transfer-safeguard".into(),
            );
        }
        if self.with.staff && agreed.iter().any(|one| one.condition != Condition::Safeguard) {
            return Err("with the administrator's own staff only a --transfer-safeguard is agreed".into());
        }
        let (site, portfolio, keeper) = self.place.open().await?;
        let id = self.with.find(&site, portfolio).await?;
        service::agree(&site.app, &keeper, portfolio, id, &agreed).await?;
        site.close().await
    }
}

/// End something agreed, now.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients end --data moretus-data --portfolio officina --recipient 'First Bank' --what contract\n  moretus recipients end --data moretus-data --portfolio officina --staff --what transfer-safeguard"
)]
struct End {
    #[command(flatten)]
    place: Keeping,
    #[command(flatten)]
    with: With,
    /// What ends: contract, undertaking, mandate or transfer-safeguard.
    #[arg(long)]
    what: Condition,
}

impl End {
    async fn run(self) -> Result<(), Error> {
        if !AGREEMENTS.contains(self.what) {
            return Err(format!(
                "`{}` is nothing that is agreed with an organisation: use one of {AGREEMENTS}",
                self.what
            )
            .into());
        }
        let (site, portfolio, keeper) = self.place.open().await?;
        let id = self.with.find(&site, portfolio).await?;
        service::end_agreement(&site.app, &keeper, portfolio, id, self.what).await?;
        site.close().await
    }
}

/// The one organisation of this name or id in a portfolio's register.
pub(super) async fn find(site: &Site, portfolio: PortfolioId, wanted: &str) -> Result<RecipientRow, Error> {
    let id = wanted.parse::<RecipientId>().ok();
    let rows = service::recipients(&site.app, portfolio, None).await?;
    let mut found =
        rows.iter().map(|one| &one.row).filter(|row| row.name == wanted || Some(row.recipient) == id);
    let row = found.next().ok_or_else(|| {
        format!("the register has no `{wanted}`: see `moretus recipients list`, or enter it with `moretus recipients add`")
    })?;
    match found.next() {
        Some(_) => Err(format!("several in the register are called `{wanted}`: give the id of one").into()),
        None => Ok(row.clone()),
    }
}
