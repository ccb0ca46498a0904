//! `moretus incident`: whom and what the uses of one actor in a time were about, and the draft of a notification to the
//! authority; or who they are and how to reach them. It is asked as the officer, in the service of a case, and is on the
//! record first.

mod people;

use std::path::PathBuf;

use clap::Args;
use domain::{ActorId, Language, Timestamp};

use super::disclosures::AsOfficer;
use crate::output::{put, put_secret, say};
use crate::report::Error;

/// What an incident was about, and a draft of its notification.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus incident --data moretus-data --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --actor 00000000-0000-0000-0000-000000000003 --from 2026-11-01T08:00:00Z --to 2026-11-02 --language nl --out draft.md\n  moretus incident --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --actor 00000000-0000-0000-0000-000000000003 --from 2026-11-01 --to 2026-11-02 --json\n  moretus incident --portfolio officina --token-file officer.token --case 00000000-0000-0000-0000-000000000002 \\\n    --actor 00000000-0000-0000-0000-000000000003 --from 2026-11-01 --to 2026-11-02 --people --out people.csv\n\nThe draft has what GDPR article 33(3) asks for, as far as the log knows it; what only a person knows is a blank. The case is\nopened by `moretus disclosures open`.\n\nWith --people those concerned are looked up under the clause of the notice that lets the officer tell them, and each finds that in\ntheir list. Where one of the uses is kept from somebody for now, `deferred` says until when: they are not told of it before. Of\nwhom every use is, nobody is asked about: the row has no name."
)]
pub(crate) struct Incident {
    #[command(flatten)]
    officer: AsOfficer,
    /// Whose uses: the holder of an access that was misused or lost.
    #[arg(long, value_name = "ID")]
    actor: ActorId,
    /// From when: a day, or an instant such as 2026-11-01T14:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Timestamp,
    /// Until when; that instant itself is not meant any more. At most until now.
    #[arg(long, value_name = "TIME")]
    to: Timestamp,
    /// The language of the draft: en, nl, fr or de.
    #[arg(long, default_value = "en")]
    language: Language,
    /// Tell who is concerned, what of theirs was shown and how to reach them, as CSV; no draft.
    #[arg(long, conflicts_with = "language")]
    people: bool,
    /// Where to write the draft, or the list of those concerned.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Print what the log knows, or with --people those concerned, as JSON.
    #[arg(long, conflicts_with_all = ["out", "language"])]
    json: bool,
}

impl Incident {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let (site, portfolio, officer, case) = self.officer.open().await?;
        let which = (self.actor, self.from, self.to);
        if self.people {
            let case = case.ok_or("those concerned are looked up for a case: give it with --case")?;
            let found = people::look_up(&site.app, &officer, portfolio, case, which, self.json).await?;
            put_secret(&self.out, &found)?;
            return site.close().await;
        }
        let incident = service::incident(&site.app, &officer, portfolio, case, which).await?;
        if self.json {
            say!("{:#}", portal::incident_value(&incident));
            return site.close().await;
        }
        let (_, notice) = site.app.gate.notice(portfolio)?;
        put(&self.out, portal::incident_draft(&incident, &notice, self.language).as_bytes())?;
        site.close().await
    }
}
