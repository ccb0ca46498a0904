//! `moretus log prove`: a person's list from the log with its proof, in one file. It asks through the gate as
//! whoever the token belongs to, so that it is on the record, and in the list, itself.

use std::path::PathBuf;

use clap::Args;
use domain::{SubjectId, WorkItemId};

use crate::output::{note, put};
use crate::report::{Error, grouped};
use crate::site::SiteArguments;

/// A person's list with its proof.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus log prove --data moretus-data --portfolio officina --token-file member.token \\\n    --member 00000000-0000-0000-0000-000000000000 --out my-list.txt\n  moretus log prove --portfolio officina --token-file officer.token --item 00000000-0000-0000-0000-000000000001 \\\n    --member 00000000-0000-0000-0000-000000000000 > list.txt\n\nThe token is the person's own, or the data protection officer's with the request as an open work item.\nWhoever gets the file checks it with `moretus log check`; it holds the person's list, so keep it as such."
)]
pub(super) struct Prove {
    #[command(flatten)]
    site: SiteArguments,
    /// The person's portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The file that holds the token of whoever asks; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Whose list.
    #[arg(long, value_name = "ID")]
    member: SubjectId,
    /// The request that is answered, when it is not the person who asks.
    #[arg(long, value_name = "ID")]
    item: Option<WorkItemId>,
    /// Where to write the proof.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

impl Prove {
    pub(super) async fn run(self) -> Result<(), Error> {
        let token = crate::files::read_text(&self.token_file)?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let actor = site.app.gate.authenticate(token.trim()).await?;
        let (member, item, witness) = (self.member, self.item, site.witness()?);
        if witness.is_none() {
            note!(
                "no witness runs beside this site: `moretus log check` asks for a checkpoint that one has cosigned"
            );
        }
        let proof = service::prove_disclosures(&site.app, &actor, portfolio, member, item, witness).await?;
        put(&self.out, proof.to_string().as_bytes())?;
        let entries = grouped(proof.entries.len() as u64);
        note!("{entries} entries, complete up to the roll that is entry {} of the log", proof.roll.leaf);
        site.close().await
    }
}
