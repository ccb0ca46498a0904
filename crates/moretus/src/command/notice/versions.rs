//! `moretus notice versions`: what is published for a portfolio, the notice and the documents beside it, who stands for
//! it, and to how many the notice was delivered.

use clap::Args;
use serde_json::{Value, json};
use store::StoreError;
use store::reference::NoticeRow;

use super::columns::aligned;
use crate::output::say;
use crate::report::Error;
use crate::site::SiteArguments;

/// List the published versions of a portfolio's notice, and of the documents beside it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice versions --data moretus-data --portfolio officina\n  moretus notice versions --data moretus-data --portfolio officina --json\n\nAs JSON also the officer's opinion and the hash over rules and prose."
)]
pub(crate) struct Versions {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Versions {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let mut listed = Vec::new();
        for version in service::published_notices(site.app.store(), portfolio).await? {
            let number = version.number;
            let counts = site.app.store().read(move |unit| store::delivery::count(unit, portfolio, number));
            let counts = counts.await.map_err(|error: StoreError| error)?;
            listed.push((version, counts));
        }
        // What stands beside the notice is delivered to nobody.
        let beside = service::published_documents(site.app.store(), portfolio).await?;
        listed.extend(beside.into_iter().map(|version| (version, Vec::new())));
        if self.json {
            let versions: Vec<Value> =
                listed.iter().map(|(version, counts)| described(version, counts)).collect();
            say!("{:#}", json!({ "versions": versions }));
            return site.close().await;
        }
        let mut rows = vec![
            ["document", "version", "in force from", "author", "publisher", "deliveries"].map(str::to_owned),
        ];
        for (version, counts) in &listed {
            let deliveries: Vec<String> =
                counts.iter().map(|(state, count, _)| format!("{count} {state}")).collect();
            rows.push([
                named(version).to_owned(),
                version.version.clone(),
                version.effective.to_string(),
                version.author.clone(),
                version.publisher.clone(),
                if deliveries.is_empty() { "none".to_owned() } else { deliveries.join(", ") },
            ]);
        }
        for line in aligned(&rows) {
            say!("{line}");
        }
        site.close().await
    }
}

/// Which document it is a version of.
fn named(version: &NoticeRow) -> &str {
    if version.document.is_empty() { "notice" } else { &version.document }
}

fn described(version: &NoticeRow, counts: &[(domain::DeliveryState, i64, i64)]) -> Value {
    let deliveries: serde_json::Map<String, Value> =
        counts.iter().map(|(state, count, _)| (state.word().to_owned(), json!(count))).collect();
    json!({
        "document": named(version),
        "version": version.version,
        "effective": version.effective.to_string(),
        "published": version.published.to_string(),
        "author": version.author,
        "publisher": version.publisher,
        "opinion": version.opinion,
        "hash": version.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "deliveries": deliveries,
        "done": counts.iter().map(|(_, _, done)| done).sum::<i64>(),
    })
}
