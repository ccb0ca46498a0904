//! `moretus recipients received`: who received a person's data, and who may. It asks through the gate as whoever the
//! token belongs to, so that the question is on the record before it is answered.

use std::path::PathBuf;

use clap::Args;
use domain::{SubjectId, WorkItemId};
use service::Received as ReceivedBy;

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// Who received a person's data, and who may.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients received --data moretus-data --portfolio officina --token-file officer.token \\\n    --subject 00000000-0000-0000-0000-000000000000 --item 00000000-0000-0000-0000-000000000001\n  moretus recipients received --portfolio officina --token-file - --subject 00000000-0000-0000-0000-000000000000 --json\n\nIt is the answer to who the recipients are: those outside that received the data, from the log, and the register as it\nstands. The token is the person's own, or the data protection officer's with the request as an open work item."
)]
pub(super) struct Received {
    #[command(flatten)]
    place: InPortfolio,
    /// The file that holds the token of whoever asks; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Whose data.
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
    /// The request that is answered, when it is not the person who asks.
    #[arg(long, value_name = "ID")]
    item: Option<WorkItemId>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Received {
    pub(super) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, actor) = self.place.open_with(&self.token_file).await?;
        let request = site.app.gate.request();
        let answer =
            service::answer_recipients(&site.app, &actor, portfolio, self.subject, self.item, request)
                .await?;
        let now = site.app.gate.now();
        if self.json {
            say!("{:#}", portal::recipients_value(self.subject, portfolio, &answer, now));
            return site.close().await;
        }
        let heads =
            ["RECEIVED BY", "KIND", "COUNTRIES", "SAFEGUARD", "TIMES", "FIRST", "LAST", "WHAT", "WHY"];
        let heads = heads.map(str::to_owned);
        let rows: Vec<_> = std::iter::once(heads).chain(answer.received.iter().map(row)).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        say!("");
        for line in super::list::lines(&answer.register, now) {
            say!("{line}");
        }
        site.close().await
    }
}

fn purposes(one: &ReceivedBy) -> Vec<&'static str> {
    one.purposes.iter().map(|purpose| purpose.word()).collect()
}

fn row(one: &ReceivedBy) -> [String; 9] {
    let countries: Vec<&str> = one.countries.iter().map(domain::Country::code).collect();
    let safeguard = one.transfer.map_or_else(|| "stayed".to_owned(), |under| under.to_string());
    [
        one.name.clone().unwrap_or_else(|| one.kind.to_string()),
        one.kind.to_string(),
        countries.join(", "),
        safeguard,
        one.times.to_string(),
        one.first.to_string(),
        one.last.to_string(),
        one.shown.to_string(),
        purposes(one).join(", "),
    ]
}
