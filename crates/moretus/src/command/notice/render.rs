//! `moretus notice render`.

use std::io::{IsTerminal, stdout};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use documents::Renderer;
use domain::Language;
use notice::{Document, Edition};
use portal::NoticePage;

use super::{NoticeSource, hash};
use crate::report::Error;

/// Render a notice, or a document beside it, in one language.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus notice render notices/2026-11-01 --language en --format text\n  moretus notice render notices/2026-11-01 --language fr --format html --organisation organisation.toml --out notice-fr.html\n  moretus notice render notices/2026-11-01 --language nl --format pdf --out notice-nl.pdf\n\nEach form names the version, the day it takes effect and the hash, and has an anchor for each clause. The page loads nothing and is made for paper too; the PDF is tagged for screen readers (PDF/UA-1) and fit to archive (PDF/A-2a)."
)]
pub(crate) struct Render {
    /// The folder of the notice.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE")]
    language: Language,
    /// The form.
    #[arg(long)]
    format: Format,
    /// The organisation's values; without it, `organisation.toml` of the folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    /// Where the text goes; `-`, as without it, is standard output.
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// One page that stands alone.
    Html,
    /// Plain text.
    Text,
    /// A PDF, tagged and fit to archive.
    Pdf,
}

impl Render {
    pub(crate) fn run(self) -> Result<(), Error> {
        let source = NoticeSource::load(&self.folder, self.organisation.as_deref())?;
        let notice = source.read_edition()?;
        source.must_be_written_in(&notice, self.language)?;
        self.format.must_suit(&self.out)?;
        crate::output::put(&self.out, &rendered(&notice, self.language, self.format)?)
    }
}

impl Format {
    /// Refuses a PDF that would go to a terminal.
    pub(super) fn must_suit(self, out: &Path) -> Result<(), Error> {
        if matches!(self, Self::Pdf) && out == Path::new("-") && stdout().is_terminal() {
            return Err("a PDF is not for a terminal: write it to a file with --out FILE".into());
        }
        Ok(())
    }
}

/// A document in one of its languages, in a form.
pub(super) fn rendered(notice: &Edition, language: Language, format: Format) -> Result<Vec<u8>, Error> {
    Ok(match format {
        Format::Html => page(notice, language).into_bytes(),
        Format::Text => text(notice, language).into_bytes(),
        Format::Pdf => Renderer::new()?.notice(notice, publisher(notice), language)?,
    })
}

/// The page that the server gives to download.
fn page(notice: &Edition, language: Language) -> String {
    let title = notice.text(language).title;
    let page = NoticePage {
        title: (!matches!(notice, Edition::Notice(_))).then_some(title.as_str()),
        portfolio: publisher(notice),
        version: notice.version(),
        effective: notice.effective(),
        hash: &hash(notice),
        is_cited: !notice.clauses().is_empty(),
        language,
        text: &notice.render_html(language),
        // A page that stands alone has no links to other forms or versions.
        text_href: "",
        html_href: "",
        pdf_href: "",
        versions: &[],
        beside: &[],
    };
    format!("{}\n", page.standalone().into_string())
}

/// The text, and below it what proves which text it is.
fn text(notice: &Document, language: Language) -> String {
    format!("{}\n{}\nSHA-256 {}\n", notice.render_text(language), publisher(notice), hash(notice))
}

/// Whose notice it is, as far as that is filled in.
fn publisher(notice: &Document) -> &str {
    notice.organisation("name").unwrap_or("[name]")
}
