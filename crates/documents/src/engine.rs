//! The typesetter: Typst with a world of its own, in memory. It has the templates, their words and the
//! document's data; it has no file system, no network, no packages and no clock.

use domain::Language;
use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::DocumentError;

const STYLE: &str = include_str!("../templates/style.typ");
const FAMILY: &str = "Libertinus Serif";

/// A kind of document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Statement,
    Notice,
    Guarantee,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Statement, Self::Notice, Self::Guarantee];

    /// What it is called in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Statement => "statement of benefits",
            Self::Notice => "notice",
            Self::Guarantee => "letter of guarantee",
        }
    }

    /// Its template, by name and text.
    const fn template(self) -> (&'static str, &'static str) {
        match self {
            Self::Statement => ("/statement.typ", include_str!("../templates/statement.typ")),
            Self::Notice => ("/notice.typ", include_str!("../templates/notice.typ")),
            Self::Guarantee => ("/guarantee.typ", include_str!("../templates/guarantee.typ")),
        }
    }

    /// The failure to set such a document.
    pub(crate) fn unsettable(self, place: impl Into<String>) -> DocumentError {
        DocumentError::Typesetting { document: self.name(), place: place.into() }
    }
}

/// The fixed words of one language, as the template reads them.
pub(crate) const fn words(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../templates/words/en.toml"),
        Language::Dutch => include_str!("../templates/words/nl.toml"),
        Language::French => include_str!("../templates/words/fr.toml"),
        Language::German => include_str!("../templates/words/de.toml"),
    }
}

/// Sets documents. Building one reads the fonts (tens of milliseconds): build it once and share it;
/// it holds nothing of the documents that it has set.
pub struct Renderer {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    templates: Vec<(Kind, Source)>,
    style: Source,
    words: Vec<(FileId, Bytes)>,
    data: FileId,
    standards: PdfStandards,
}

impl Renderer {
    /// A renderer with the fonts and words that are compiled in.
    ///
    /// # Errors
    /// Only when these do not fit together, which a test would have shown.
    pub fn new() -> Result<Self, DocumentError> {
        let fonts: Vec<Font> = typst_assets::fonts()
            .filter_map(|file| Font::new(Bytes::new(file), 0))
            .filter(|font| font.info().family == FAMILY)
            .collect();
        let mut templates = Vec::new();
        for kind in Kind::ALL {
            let (name, text) = kind.template();
            templates.push((kind, Source::new(file_id(name)?, text.to_owned())));
        }
        let mut words_files = Vec::new();
        for language in Language::ALL {
            let id = file_id(&format!("/words/{language}.toml"))?;
            words_files.push((id, Bytes::from_string(words(*language))));
        }
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            templates,
            style: Source::new(file_id("/style.typ")?, STYLE.to_owned()),
            words: words_files,
            data: file_id("/document.json")?,
            standards: PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
                .map_err(|_| unsettable("the PDF standards"))?,
        })
    }

    /// Whether every face of the font has the character; white space is not drawn.
    pub(crate) fn has(&self, character: char) -> bool {
        character.is_whitespace()
            || self.fonts.iter().all(|font| font.info().coverage.contains(u32::from(character)))
    }

    /// Sets a document as a PDF, accessible (PDF/UA-1) and fit to archive (PDF/A-2a). `ident` tells it from
    /// every other document: the same data under the same name gives the same bytes.
    pub(crate) fn pdf(
        &self,
        kind: Kind,
        data: &impl Serialize,
        ident: String,
    ) -> Result<Vec<u8>, DocumentError> {
        let _forget = Forget;
        let data = serde_json::to_vec(data).map_err(|_| kind.unsettable("its data"))?;
        let (_, template) = self
            .templates
            .iter()
            .find(|(known, _)| *known == kind)
            .ok_or_else(|| kind.unsettable("an unknown line"))?;
        let desk = Desk { renderer: self, template, data: Bytes::new(data) };
        let problem = |problems: &[SourceDiagnostic]| {
            let line = problems
                .first()
                .and_then(|first| desk.range(first.span))
                .and_then(|range| template.lines().byte_to_line(range.start));
            kind.unsettable(line.map_or("an unknown line".to_owned(), |line| format!("line {}", line + 1)))
        };
        let document =
            typst::compile::<PagedDocument>(&desk).output.map_err(|problems| problem(problems.as_slice()))?;
        let options = PdfOptions {
            ident: Smart::Custom(ident),
            creator: Smart::Custom(Some("Moretus".to_owned())),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|problems| problem(problems.as_slice()))
    }
}

/// Drops all that the typesetter remembers, on every way out: its memory would grow with each
/// document, and it would hold the personal data of everyone whose document was set.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

/// What Typst sees while it sets one document.
struct Desk<'a> {
    renderer: &'a Renderer,
    template: &'a Source,
    data: Bytes,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.renderer.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.renderer.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = [self.template, &self.renderer.style].into_iter().find(|source| source.id() == id);
        known.cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.renderer.data {
            return Ok(self.data.clone());
        }
        let words = self.renderer.words.iter().find(|(known, _)| *known == id);
        words.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.renderer.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn file_id(path: &str) -> Result<FileId, DocumentError> {
    let path = VirtualPath::new(path).map_err(|_| unsettable("the names of its files"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// A fault of the typesetter itself, whichever document is set.
fn unsettable(place: &str) -> DocumentError {
    DocumentError::Typesetting { document: "documents", place: place.to_owned() }
}
