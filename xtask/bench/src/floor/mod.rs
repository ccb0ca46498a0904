//! The floor of reading cover: the same SQL for sealed rows and keys, as many key unwraps and opens, the
//! same JSON, served the same way; no authentication, no decision, no record, no request id. Frozen: it
//! uses none of the product's code for this path, so that it stays what it is when the product changes.

mod open;
mod postgres;
mod sqlite;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::Failure;
use open::Cover;
pub(crate) use open::Opener;

/// The path that the product serves covers on.
const PATH: &str = "/api/v1/members/{subject}/coverage/{coverage}";

/// The kind of a cover's record, and the categories of the page that shows it, as stored.
const KIND: i64 = domain::RecordKind::Coverage.code() as i64;
const WANTED: i64 = (1 << domain::Category::Identity.code())
    | (1 << domain::Category::Plan.code())
    | (1 << domain::Category::Eligibility.code())
    | (1 << domain::Category::Health.code());

/// Serve covers without the gate.
#[derive(clap::Args)]
pub(crate) struct Floor {
    /// The site's data directory: its root key, and its database if that is SQLite
    #[arg(long)]
    data: PathBuf,
    /// The site's PostgreSQL database
    #[arg(long, env = "MORETUS_DB", hide_env_values = true)]
    db: Option<String>,
}

/// A sealed row as it is stored.
pub(crate) struct Row {
    pub(crate) record: [u8; 16],
    pub(crate) kind: u8,
    pub(crate) category: u8,
    pub(crate) version: i64,
    pub(crate) class: u8,
    pub(crate) supplement: [u8; 16],
    pub(crate) blob: Vec<u8>,
}

/// A wrapped key as it is stored.
pub(crate) struct Key {
    pub(crate) category: u8,
    pub(crate) class: u8,
    pub(crate) wrapped: Vec<u8>,
}

/// Where rows come from.
enum Rows {
    Sqlite(sqlite::Rows),
    Postgres(postgres::Rows),
}

struct Served {
    rows: Rows,
    opener: Opener,
}

impl Floor {
    /// Serves until it is ended.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let rows = match &self.db {
            Some(url) => Rows::Postgres(postgres::Rows::connect(url).await?),
            None => Rows::Sqlite(sqlite::Rows::new(self.data.clone())),
        };
        let served = Arc::new(Served { rows, opener: Opener::new(&self.data.join("root.key"))? });
        let router = Router::new().route(PATH, get(cover)).with_state(served);
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("serving http://{} until it is ended", listener.local_addr()?);
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                terminated.recv().await;
            })
            .await?;
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    portfolio: String,
}

async fn cover(
    State(served): State<Arc<Served>>,
    Path((subject, coverage)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    match read(&served, &subject, &coverage, &asked.portfolio).await {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, failure.to_string()).into_response(),
    }
}

async fn read(served: &Served, subject: &str, coverage: &str, portfolio: &str) -> Result<String, Failure> {
    let (id, record) = (parse(subject)?, parse(coverage)?);
    let (rows, keys) = match &served.rows {
        Rows::Sqlite(rows) => rows.fetch(&id, &record)?,
        Rows::Postgres(rows) => rows.fetch(&id, &record).await?,
    };
    let Cover { insured, policy_number, plan_name, currency, start, end, status } =
        served.opener.cover(&id, &rows, &keys)?;
    Ok(json!({
        "portfolio": portfolio,
        "subject": subject,
        "coverage": coverage,
        "insured": insured,
        "policyNumber": policy_number,
        "planName": plan_name,
        "currency": currency,
        "start": start,
        "end": end,
        "status": status,
        "exclusions": { "withheld": "health" },
    })
    .to_string())
}

/// An id of 32 hexadecimal digits, with or without hyphens.
fn parse(text: &str) -> Result<[u8; 16], Failure> {
    let mut id = [0; 16];
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    let mut digit = || digits.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or("no id");
    for byte in &mut id {
        *byte = u8::try_from(digit()? * 16 + digit()?)?;
    }
    Ok(id)
}
