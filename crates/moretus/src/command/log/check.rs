//! `moretus log check`: checks a proof with nothing but two public keys. It opens no site and no database, and
//! reaches for nothing on a network.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::SubjectId;
use gate::{HistoryLine, ProvenList};
use serde_json::{Value, json};
use transparency::VerifierKey;

use crate::command::notice::columns::aligned;
use crate::output::say;
use crate::report::{Error, grouped};

/// Check a proof.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus log check my-list.txt --key site.key.txt --witness witness.key.txt\n  moretus log check my-list.txt --key moretus/...+1234abcd+AbC... --witness witness.example.org+5678cdef+BdE... --json\n\nExit codes: 0 the list is in the log, and complete up to the roll; 1 it is not: what does not hold is printed."
)]
pub(super) struct Check {
    /// The file that `moretus log prove` wrote; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The site's public key, or a file that holds it.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The witness's public key, or a file that holds it.
    #[arg(long, value_name = "KEY")]
    witness: String,
    /// Whose list it must be.
    #[arg(long, value_name = "ID")]
    member: Option<SubjectId>,
    /// Print the list as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Error> {
        let (site, witness) = (public_key(&self.key)?, public_key(&self.witness)?);
        let list = gate::check_list(&crate::files::read_text(&self.file)?, &site, &witness)?;
        if let Some(member) = self.member.filter(|member| *member != list.subject) {
            let found = list.subject;
            return Err(format!(
                "the proof holds, and it is of another person's list: {found}, not {member}"
            )
            .into());
        }
        if self.json {
            say!("{:#}", to_json(&list));
            return Ok(());
        }
        say!("the list of {} is in log {} and complete:", list.subject, list.origin);
        say!(
            "  {} entries, every one up to the roll of {}",
            grouped((list.lines.len() + list.erased.len()) as u64),
            list.complete_to
        );
        if let Some(before) = list.erased_before.filter(|_| !list.erased.is_empty()) {
            say!(
                "  {} of them erased since their time had run out: the log declares that they were made before {before}",
                grouped(list.erased.len() as u64)
            );
        }
        say!(
            "  under a checkpoint of {} entries, which the witness saw at {}",
            grouped(list.size),
            list.witnessed
        );
        let heads = ["ENTRY", "WHEN", "WHY", "CLAUSES", "WHO", "TO", "WHAT", "OUTCOME"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(heads).chain(list.lines.iter().map(row)).collect();
        for line in aligned(&rows) {
            say!("{line}");
        }
        say!("\n{}", portal::deferral(domain::Language::English));
        Ok(())
    }
}

/// A key as it is written, or from the file that holds it.
pub(super) fn public_key(given: &str) -> Result<VerifierKey, Error> {
    if let Ok(key) = given.parse() {
        return Ok(key);
    }
    if Path::new(given).exists() {
        let text = crate::files::read_text(Path::new(given))?;
        return text.trim().parse().map_err(|error| format!("the key in `{given}`: {error}").into());
    }
    given.parse::<VerifierKey>().map_err(|error| format!("`{given}` is no file, and no key: {error}").into())
}

fn row((leaf, line): &(u64, HistoryLine)) -> [String; 8] {
    let team = line.team.as_ref().map(|team| format!(", {team}")).unwrap_or_default();
    [
        leaf.to_string(),
        line.at.to_string(),
        line.purpose.word().to_owned(),
        line.clauses.join(", "),
        format!("{}{team}", line.role),
        line.recipient_name.clone().unwrap_or_else(|| line.recipient.word().to_owned()),
        line.change.clone().unwrap_or_else(|| line.shown.to_string()),
        line.deferred.map_or_else(
            || line.outcome.word().to_owned(),
            |until| format!("{}, shown later (first deferred until {until})", line.outcome.word()),
        ),
    ]
}

fn to_json(list: &ProvenList) -> Value {
    let entry = |(leaf, line): &(u64, HistoryLine)| {
        json!({
            "entry": leaf,
            "at": line.at.to_string(),
            "purpose": line.purpose.word(),
            "clauses": line.clauses,
            "notice": line.notice,
            "role": line.role,
            "team": line.team,
            "recipient": line.recipient.word(),
            "recipient_name": line.recipient_name,
            "country": line.recipient_country.code(),
            "shown": line.shown.iter().map(|category| category.word()).collect::<Vec<_>>(),
            "outcome": line.outcome.word(),
            "change": line.change,
            "deferred_until": line.deferred.map(|until| until.to_string()),
        })
    };
    json!({
        "holds": true,
        "log": list.origin,
        "member": list.subject.to_string(),
        "complete_to": list.complete_to.to_string(),
        "taken_in": list.taken_in,
        "checkpoint": list.size,
        "witnessed": list.witnessed.to_string(),
        "erased": list.erased,
        "erased_before": list.erased_before.map(|before| before.to_string()),
        "entries": list.lines.iter().map(entry).collect::<Vec<_>>(),
    })
}
