//! The files of a notice: those of its folder, with the organisation's values from elsewhere if asked.

use std::path::{Path, PathBuf};

use domain::Language;
use notice::{Document, Edition, Notice, Problem};

use crate::report::Error;

/// The name that the organisation's values have among a notice's files.
const ORGANISATION: &str = "organisation.toml";

/// A notice's files as they were read, and where from.
pub(crate) struct NoticeSource {
    folder: PathBuf,
    /// Where the organisation's values came from, when not from the folder.
    organisation: Option<PathBuf>,
    files: Vec<(String, String)>,
}

impl NoticeSource {
    /// Reads the files of a folder. A file of the organisation's values stands in for the folder's own.
    pub(crate) fn load(folder: &Path, organisation: Option<&Path>) -> Result<Self, Error> {
        let mut files = crate::files::read_folder(folder, &["toml", "md"])?;
        if let Some(path) = organisation {
            files.retain(|(name, _)| name != ORGANISATION);
            files.push((ORGANISATION.to_owned(), crate::files::read_text(path)?));
        }
        Ok(Self { folder: folder.to_owned(), organisation: organisation.map(Path::to_owned), files })
    }

    /// The files: name and text.
    pub(crate) fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// The notice, if it is one, and sound.
    pub(crate) fn read(&self) -> Result<Notice, Error> {
        match self.read_edition()? {
            Edition::Notice(notice) => Ok(notice),
            other => Err(format!(
                "`{}` holds the document `{}`, and this is about the notice itself: give the folder of the notice",
                self.folder.display(),
                other.name()
            )
            .into()),
        }
    }

    /// The document that it is, the notice or one beside it, if it is sound.
    pub(crate) fn read_edition(&self) -> Result<Edition, Error> {
        let pairs: Vec<(&str, &str)> =
            self.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Edition::read(&pairs).map_err(|problems| self.refusal("is not sound", &problems))
    }

    /// Whether a supplement can stand beside a notice.
    pub(crate) fn must_go_with(&self, edition: &Edition, notice: &Notice) -> Result<(), Error> {
        match edition {
            Edition::Supplement(supplement) => supplement
                .check_beside(notice)
                .map_err(|problems| self.refusal("does not go with that notice", &problems)),
            _ => Ok(()),
        }
    }

    /// Whether everything that the organisation must fill in is.
    pub(crate) fn must_be_publishable(&self, notice: &Document) -> Result<(), Error> {
        notice.publishable().map_err(|problems| self.refusal("cannot be published yet", &problems))
    }

    /// Whether there is a text in this language.
    pub(crate) fn must_be_written_in(&self, notice: &Document, language: Language) -> Result<(), Error> {
        let languages = notice.languages();
        if languages.contains(&language) {
            return Ok(());
        }
        let others: Vec<String> = languages.iter().map(ToString::to_string).collect();
        Err(format!(
            "the notice in `{}` is not written in `{language}`: use one of {}",
            self.folder.display(),
            others.join(", ")
        )
        .into())
    }

    /// Every problem on a line of its own, which an editor can follow to its place.
    fn refusal(&self, verdict: &str, problems: &[Problem]) -> Error {
        let mut text = format!(
            "the notice in `{}` {verdict}: {}",
            self.folder.display(),
            super::count(problems.len(), "fault")
        );
        for problem in problems {
            let own = self.organisation.as_ref().filter(|_| problem.file == ORGANISATION);
            let path = own.cloned().unwrap_or_else(|| self.folder.join(&problem.file));
            text.push_str(&format!("\n{}:{}: {}", path.display(), problem.line, problem.message));
        }
        text.into()
    }
}
