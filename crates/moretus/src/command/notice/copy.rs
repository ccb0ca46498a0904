//! `moretus notice copy`: the version of the notice that binds a person, for whoever asks for one. It is on their
//! record that they were given it, before it is written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::{CopyWay, Language, SubjectId};
use service::CopyRequest;

use super::render::{Format, rendered};
use crate::report::Error;
use crate::site::SiteArguments;

/// Give a person a copy of the version that binds them.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus notice copy --data moretus-data --portfolio officina --subject 00000000-0000-0000-0000-000000000000 \\\n    --language fr --format pdf --way posted --out copy.pdf\n\nThat they were given it is recorded first: version, language, way, day, and who gave it. A copy binds nobody; what is\ndelivered does (`moretus notice record`). Each copy is recorded, also of the same version."
)]
pub(crate) struct Copy {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// Who asked.
    #[arg(long, value_name = "ID")]
    subject: SubjectId,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE")]
    language: Language,
    /// The form.
    #[arg(long, default_value = "pdf")]
    format: Format,
    /// How it goes to them.
    #[arg(long)]
    way: Way,
    /// Whoever gives it, as the record shows it: the holder of the root key.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
    /// Where the copy goes; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, std::marker::Copy, ValueEnum)]
enum Way {
    /// Handed over, as paper or file.
    Handed,
    /// Put in the post.
    Posted,
    /// Sent to an electronic address of theirs.
    Sent,
}

impl Copy {
    pub(crate) async fn run(self) -> Result<(), Error> {
        self.format.must_suit(&self.out)?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let actor = site.app.gate.operator(&site.root, &self.operator)?;
        let way = match self.way {
            Way::Handed => CopyWay::Handed,
            Way::Posted => CopyWay::Posted,
            Way::Sent => CopyWay::Sent,
        };
        let asked = CopyRequest { portfolio, subject: self.subject, language: self.language, way };
        let notice = service::give_notice_copy(&site.app, &actor, &asked, site.app.gate.request()).await?;
        let bytes = rendered(&notice::Edition::Notice(notice), self.language, self.format)?;
        site.close().await?;
        crate::output::put(&self.out, &bytes)
    }
}
