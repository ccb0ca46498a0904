//! What a document is beside its clauses: the notice, which names the notices that it supplements; a related notice,
//! which may list cookies; a supplement, which says for what else the notice may use what is collected under it.
//! Read from the keys at the top of `clauses.toml`.

use domain::{Language, Purpose};

use crate::cookie::{self, Cookie};
use crate::problem::Problems;
use crate::rules::{RULES_FILE, Rules};
use crate::toml_entry::Entry;

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    Notice,
    Related,
    Supplement,
}

impl DocumentKind {
    /// The kind that the keys at the top of the rules make a document.
    pub(crate) fn of(root: &Entry<'_>) -> Self {
        if root.optional("supplement").is_some() {
            Self::Supplement
        } else if root.optional("related_notice").is_some() {
            Self::Related
        } else {
            Self::Notice
        }
    }

    /// What it is called in a message.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Notice => "the notice",
            Self::Related => "the related notice",
            Self::Supplement => "the supplement",
        }
    }

    /// The keys at the top of its rules, beside those of every document.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Notice => {
                &["notice_period_days", "closed", "related_notices", "retention", "prohibition", "clause"]
            }
            Self::Related => &["related_notice", "cookie"],
            Self::Supplement => &["supplement", "notice_purposes", "retention", "clause"],
        }
    }
}

/// A notice that the notice supplements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelatedNotice {
    /// About the pages and whatever is used on a telephone.
    Online,
    /// About cookies, with the list of them.
    Cookies,
}

impl RelatedNotice {
    /// Every member.
    pub const ALL: &'static [Self] = &[Self::Online, Self::Cookies];

    /// The word written in `clauses.toml`, and its name among the published documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Cookies => "cookies",
        }
    }
}

impl std::fmt::Display for RelatedNotice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl std::str::FromStr for RelatedNotice {
    type Err = domain::ParseError;

    fn from_str(text: &str) -> Result<Self, domain::ParseError> {
        Self::ALL.iter().copied().find(|one| one.word() == text).ok_or_else(|| {
            domain::ParseError::UnknownWord {
                what: "related notice",
                found: text.to_owned(),
                expected: Self::ALL.iter().map(|one| one.word()).collect::<Vec<_>>().join(", "),
            }
        })
    }
}

/// What a document is, with what only its kind has.
#[derive(Debug, Clone)]
pub(crate) enum Terms {
    Notice { related: Vec<RelatedNotice> },
    Related { which: RelatedNotice, cookies: Vec<Cookie> },
    Supplement { name: String, notice_purposes: Vec<Purpose> },
}

/// The name of the notice itself among the documents that one can link to.
pub(crate) const THE_NOTICE: &str = "notice";
/// The section of a cookie notice that lists the cookies.
pub(crate) const COOKIES_SECTION: &str = "about.cookies";
/// The section of a supplement that says for what else the notice may use what is collected under it.
pub(crate) const NOTICE_SECTION: &str = "about.notice";

impl Terms {
    /// The documents that its prose links to, each at least once in each language.
    pub(crate) fn linked(&self) -> Vec<&'static str> {
        match self {
            Self::Notice { related } => related.iter().map(|one| one.word()).collect(),
            Self::Related { .. } | Self::Supplement { .. } => vec![THE_NOTICE],
        }
    }

    /// The documents that its prose may link to.
    pub(crate) fn linkable(&self) -> Vec<&'static str> {
        match self {
            Self::Notice { .. } => self.linked(),
            Self::Related { .. } | Self::Supplement { .. } => {
                std::iter::once(THE_NOTICE).chain(RelatedNotice::ALL.iter().map(|one| one.word())).collect()
            }
        }
    }

    /// The section that renders what only this kind has, and the placeholder that does.
    pub(crate) fn section(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Related { which: RelatedNotice::Cookies, .. } => Some((COOKIES_SECTION, "cookies")),
            Self::Supplement { .. } => Some((NOTICE_SECTION, "notice_purposes")),
            _ => None,
        }
    }
}

/// Reads what only this kind of document has. `None` when it could not be read; the problems say why.
pub(crate) fn read(
    kind: DocumentKind,
    root: &Entry<'_>,
    languages: &[Language],
    problems: &mut Problems,
) -> Option<Terms> {
    match kind {
        DocumentKind::Notice => {
            let related = root.optional("related_notices").map_or(Some(Vec::new()), |value| {
                root.words::<RelatedNotice>(value, "related_notices", true, problems)
            });
            Some(Terms::Notice { related: related?.into_iter().map(|word| word.value).collect() })
        }
        DocumentKind::Related => {
            let which = root
                .required("related_notice", "\"cookies\"", problems)
                .and_then(|value| root.word::<RelatedNotice>(value, "related_notice", problems));
            let cookies = cookie::read(root, languages, problems);
            Some(Terms::Related { which: which?.value, cookies })
        }
        DocumentKind::Supplement => {
            let name = root
                .required("supplement", "\"travel\"", problems)
                .and_then(|value| root.text(value, "supplement", problems));
            let purposes = root
                .required("notice_purposes", "[\"access-request\"]", problems)
                .and_then(|value| root.words::<Purpose>(value, "notice_purposes", true, problems));
            Some(Terms::Supplement {
                name: name?.value.to_owned(),
                notice_purposes: purposes?.into_iter().map(|word| word.value).collect(),
            })
        }
    }
}

/// Whether what only this kind has makes sense. A supplement's clauses are `supplement`'s to look at.
pub(crate) fn check(rules: &Rules, problems: &mut Problems) {
    match &rules.terms {
        Terms::Related { which: RelatedNotice::Online, cookies } if !cookies.is_empty() => {
            let line = cookies.first().map_or(1, |cookie| cookie.line);
            let message = "cookies stand in the cookie notice: move this table to the one with related_notice = \"cookies\"";
            problems.add(RULES_FILE, line, message);
        }
        Terms::Supplement { name, .. } => {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            let taken = name == THE_NOTICE || RelatedNotice::ALL.iter().any(|one| one.word() == name);
            if taken || name.is_empty() || name.len() > 32 || !name.bytes().all(allowed) {
                let message = format!(
                    "`supplement`: write 1 to 32 lower-case letters, digits or `-`, and none of {THE_NOTICE}, online, cookies"
                );
                problems.add(RULES_FILE, 1, message);
            }
        }
        _ => {}
    }
}
