//! How often each rule of the screen is right: sums over people, by somebody who makes statistics.

use clap::Args;
use serde_json::json;
use service::RuleCount;

use super::AsStaff;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// Count what was found by each rule.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus screen report --data moretus-data --portfolio officina --token-file analyst.token\n  moretus screen report --portfolio officina --token-file analyst.token --json\n\nOf each rule: in how many decided cases that it flagged nothing was wrong (cleared: it flagged falsely), there was an error, or\nthe suspicion was confirmed. Figures are whole tens; - where that is about fewer people than the notice's smallest group, or\nwhere it would follow from another figure."
)]
pub(super) struct Report {
    #[command(flatten)]
    staff: AsStaff,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.staff.open().await?;
        let counts = service::screen_report(&site.app, &actor, portfolio, site.app.gate.request()).await?;
        if self.json {
            let value = |count: &RuleCount| {
                let RuleCount { rule, cleared, error, confirmed } = count;
                json!({ "rule": rule.word(), "cleared": cleared, "error": error, "confirmed": confirmed })
            };
            say!("{:#}", json!({ "rules": counts.iter().map(value).collect::<Vec<_>>() }));
            return site.close().await;
        }
        let heads = ["RULE", "CLEARED", "ERROR", "CONFIRMED"].map(str::to_owned);
        let told = |figure: Option<u64>| figure.map_or("-".to_owned(), |figure| figure.to_string());
        let line = |count: &RuleCount| {
            [count.rule.to_string(), told(count.cleared), told(count.error), told(count.confirmed)]
        };
        for line in aligned(&std::iter::once(heads).chain(counts.iter().map(line)).collect::<Vec<_>>()) {
            say!("{line}");
        }
        site.close().await
    }
}
