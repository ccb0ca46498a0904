//! `moretus notice export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::Language;
use notice::Edition;

use super::{NoticeSource, hash};
use crate::report::Error;

/// Export the clauses of a notice for other readers.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice export notices/2026-11-01 --format record-html --language fr --organisation organisation.toml --out record.html\n  moretus notice export notices/2026-11-01 --format dpv --out notice.jsonld\n  moretus notice export notices/2026-11-01 --format cedar --out notice.cedar\n  moretus notice export notices/2026-11-01 --format cedar-schema --out notice.cedarschema\n\nThe record has what GDPR article 30(1) asks for, as far as a notice knows it; what the organisation must add, it says. Nothing in Moretus decides by an export."
)]
pub(crate) struct Export {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The form.
    #[arg(long)]
    format: Format,
    /// The language of a record: en, nl, fr or de; without it, the notice's leading one. The other forms have
    /// all languages or none.
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<Language>,
    /// The organisation's values; without it, `organisation.toml` of the folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Where the export goes; `-`, as without it, is standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The record of processing activities (GDPR article 30(1)) as one page that stands alone.
    RecordHtml,
    /// The record as a table, one activity a line.
    RecordCsv,
    /// The W3C Data Privacy Vocabulary, as JSON-LD.
    Dpv,
    /// Cedar policies: clauses permit, prohibitions forbid.
    Cedar,
    /// The Cedar schema of these policies.
    CedarSchema,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, self.organisation.as_deref())?;
        let notice = match source.read_edition()? {
            Edition::Notice(notice) => notice,
            // Its clauses hold for what was collected under it, which none of these forms can say.
            other => {
                return Err(format!(
                    "the document `{}` has no export: the record, DPV and Cedar know nothing of what was collected under what; export the notice that it stands beside",
                    other.name()
                )
                .into());
            }
        };
        if let Some(language) = self.language {
            source.must_be_written_in(&notice, language)?;
        }
        let leading = notice.languages().first().copied();
        let language = self.language.or(leading).unwrap_or(Language::English);
        let record = || notice.record(language);
        let text = match self.format {
            Format::RecordHtml => {
                format!("{}\n", portal::record_page(&record(), &hash(&notice)).into_string())
            }
            Format::RecordCsv => record().csv(),
            Format::Dpv => format!("{:#}\n", notice.dpv()),
            Format::Cedar => notice.cedar_policies(),
            Format::CedarSchema => notice.cedar_schema(),
        };
        crate::output::put(&self.out, text.as_bytes())
    }
}
