//! `moretus recipients received`: who received a person's data. It asks through the gate as whoever the token belongs
//! to, so that the question is on the record before it is answered.

use std::path::PathBuf;

use clap::Args;
use domain::{SubjectId, WorkItemId};
use serde_json::{Value, json};
use service::Received as ReceivedBy;

use super::InPortfolio;
use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::Error;

/// Who received a person's data.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus recipients received --data moretus-data --portfolio officina --token-file officer.token \\\n    --subject 00000000-0000-0000-0000-000000000000 --item 00000000-0000-0000-0000-000000000001\n  moretus recipients received --portfolio officina --token-file - --subject 00000000-0000-0000-0000-000000000000 --json\n\nThe token is the person's own, or the data protection officer's with the request as an open work item."
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
        let token = crate::files::read_text(&self.token_file)?;
        let (site, portfolio) = self.place.open().await?;
        let actor = site.app.gate.authenticate(token.trim()).await?;
        let answer =
            service::answer_access_request(&site.app, &actor, portfolio, self.subject, self.item).await?;
        let received = answer.received();
        if self.json {
            let all: Vec<Value> = received.iter().map(to_json).collect();
            say!("{:#}", json!({ "subject": self.subject.to_string(), "received": all }));
            return site.close().await;
        }
        let heads =
            ["RECIPIENT", "KIND", "COUNTRY", "TIMES", "FIRST", "LAST", "WHAT", "WHY"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(heads).chain(received.iter().map(row)).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        site.close().await
    }
}

fn purposes(one: &ReceivedBy) -> Vec<&'static str> {
    one.purposes.iter().map(|purpose| purpose.word()).collect()
}

fn row(one: &ReceivedBy) -> [String; 8] {
    [
        one.name.clone(),
        one.kind.to_string(),
        one.country.to_string(),
        one.times.to_string(),
        one.first.to_string(),
        one.last.to_string(),
        one.shown.to_string(),
        purposes(one).join(", "),
    ]
}

fn to_json(one: &ReceivedBy) -> Value {
    json!({
        "recipient": one.to.map(|id| id.to_string()),
        "name": one.name,
        "kind": one.kind.word(),
        "country": one.country.code(),
        "times": one.times,
        "first": one.first.to_string(),
        "last": one.last.to_string(),
        "categories": one.shown.iter().map(|category| category.word()).collect::<Vec<_>>(),
        "purposes": purposes(one),
        "clauses": one.clauses,
    })
}
