//! The public pages: the front page, the published notices and what stands beside them, the style sheet, and what a reader sees when
//! something does not go. There is no page about a person.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use domain::{Date, Language, PortfolioId};
use portal::{Contact, Home, NoticePage, NoticeVersion, PortfolioCounts, Shell, Trouble};
use serde::Deserialize;

use super::facts::{self, Facts, Portfolio, Published};
use super::problem::Problem;
use super::{Shared, language};

/// What a page's query may hold. What cannot be read is as if it were not there.
#[derive(Default, Deserialize)]
pub(super) struct PageQuery {
    lang: Option<String>,
    version: Option<String>,
    download: Option<String>,
}

impl PageQuery {
    fn read(query: Result<Query<Self>, QueryRejection>) -> Self {
        query.map(|Query(query)| query).unwrap_or_default()
    }

    fn language(&self, headers: &HeaderMap) -> Language {
        language::choose(self.lang.as_deref().and_then(|word| word.parse().ok()), headers)
    }
}

/// A site whose notices name no organisation yet.
const NAMELESS: &str = "Moretus";

/// The words of the shell that come from the site: who administers it, and how to reach a person.
struct Around {
    site: String,
    email: Option<String>,
    home: String,
    notice: String,
    languages: Vec<(Language, String)>,
}

impl Around {
    /// `here` is the address of this page without its language.
    fn new(facts: &Facts, today: Option<Date>, language: Language, here: &str) -> Self {
        let notices: Vec<&Arc<Published>> =
            facts.portfolios.iter().filter_map(|portfolio| portfolio.in_force(today?)).collect();
        let organisation = |key: &str| {
            notices.iter().find_map(|published| published.notice.organisation(key)).map(ToOwned::to_owned)
        };
        let notice = match facts.portfolios.as_slice() {
            [only] => format!("/notice/{}?lang={language}", only.id),
            _ => format!("/?lang={language}#business"),
        };
        let separator = if here.contains('?') { '&' } else { '?' };
        Self {
            site: organisation("name").unwrap_or_else(|| NAMELESS.to_owned()),
            email: organisation("email"),
            home: format!("/?lang={language}"),
            notice,
            languages: Language::ALL
                .iter()
                .map(|language| (*language, format!("{here}{separator}lang={language}")))
                .collect(),
        }
    }

    fn show<T>(&self, language: Language, notice: Option<&str>, show: impl FnOnce(&Shell<'_>) -> T) -> T {
        let notice = notice.unwrap_or(&self.notice);
        let languages: Vec<(Language, &str)> =
            self.languages.iter().map(|(language, href)| (*language, href.as_str())).collect();
        let mail = self.email.as_ref().map(|email| format!("mailto:{email}"));
        let contact = match (&self.email, &mail) {
            (Some(email), Some(mail)) => Contact { text: email, href: mail },
            _ => Contact { text: &self.site, href: notice },
        };
        show(&Shell {
            site: &self.site,
            language,
            languages: &languages,
            home_href: &self.home,
            notice_href: notice,
            contact,
        })
    }
}

/// `GET /`: whose business is administered here, in counts that name nobody.
pub(super) async fn home(
    State(server): State<Shared>,
    query: Result<Query<PageQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = PageQuery::read(query);
    let facts = server.facts.get(&server.app).await?;
    let (today, language) = (server.app.today()?, query.language(&headers));
    let hrefs: Vec<Option<String>> = facts
        .portfolios
        .iter()
        .map(|portfolio| {
            portfolio.in_force(today).map(|_| format!("/notice/{}?lang={language}", portfolio.id))
        })
        .collect();
    let counts: Vec<PortfolioCounts<'_>> = facts
        .portfolios
        .iter()
        .zip(&hrefs)
        .map(|(portfolio, href)| PortfolioCounts {
            name: &portfolio.name,
            notice_href: href.as_deref(),
            members: portfolio.members,
            claims: &portfolio.claims,
        })
        .collect();
    let around = Around::new(&facts, Some(today), language, "/");
    let page = around.show(language, None, |shell| Home { portfolios: &counts }.render(shell));
    Ok(cached(Html(page.into_string()).into_response()))
}

/// How a notice is wanted.
enum Form {
    Page,
    Text,
    File,
    Pdf,
}

/// `GET /notice/{portfolio}`, `.txt`, `.html` and `.pdf`: the notice in force, or the version asked for.
pub(super) async fn notice(
    State(server): State<Shared>,
    document: Result<Path<String>, PathRejection>,
    query: Result<Query<PageQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(portfolio) = document.map_err(|_| Problem::not_found("notice"))?;
    let (portfolio, form) = split(&portfolio);
    show(&server, (portfolio, ""), form, &PageQuery::read(query), &headers).await
}

/// `GET /notice/{portfolio}/{name}`, with the same endings: a document beside the notice, in the same forms.
pub(super) async fn document(
    State(server): State<Shared>,
    document: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<PageQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((portfolio, document)) = document.map_err(|_| Problem::not_found("notice"))?;
    let (name, form) = split(&document);
    if name.is_empty() {
        return Err(Problem::not_found("notice"));
    }
    show(&server, (&portfolio, name), form, &PageQuery::read(query), &headers).await
}

/// A name, and the form that its ending asks for.
fn split(document: &str) -> (&str, Form) {
    match document.rsplit_once('.') {
        Some((name, "txt")) => (name, Form::Text),
        Some((name, "html")) => (name, Form::File),
        Some((name, "pdf")) => (name, Form::Pdf),
        _ => (document, Form::Page),
    }
}

async fn show(
    server: &Shared,
    (portfolio, document): (&str, &str),
    form: Form,
    query: &PageQuery,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let facts = server.facts.get(&server.app).await?;
    let today = server.app.today()?;
    let id: PortfolioId = portfolio.parse().map_err(|_| Problem::not_found("notice"))?;
    let asked = facts.portfolio(id).and_then(|portfolio| {
        let versions = portfolio.versions(document);
        let version = match &query.version {
            Some(version) => versions.iter().find(|notice| notice.version == *version),
            None => facts::in_force(versions, today),
        };
        version.map(|version| Asked { portfolio, document, version, dated: query.version.is_some(), today })
    });
    let asked = asked.ok_or_else(|| Problem::not_found("notice"))?;
    let language = query.language(headers);
    let response = match form {
        Form::Text => asked.text(language),
        Form::File => asked.file(language),
        Form::Pdf => {
            let (name, language) = (&asked.portfolio.name, asked.text_language(language));
            let pdf = server.press.notice(asked.version, name, language).await?;
            ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response()
        }
        Form::Page => {
            let around = Around::new(&facts, Some(today), language, &asked.address(""));
            // The menu leads to the notice itself, in the version that is read where one is.
            let here = document.is_empty().then(|| asked.href("", language));
            let page = around.show(language, here.as_deref(), |shell| asked.page(language, shell));
            Html(page).into_response()
        }
    };
    Ok(cached(if query.download.is_some() { asked.download(response, &form, language) } else { response }))
}

/// A version of a portfolio's notice that someone wants to read.
struct Asked<'a> {
    portfolio: &'a Portfolio,
    /// The document beside the notice; empty for the notice itself.
    document: &'a str,
    version: &'a Arc<Published>,
    /// Whether the version was named, rather than taken because it is in force.
    dated: bool,
    today: Date,
}

impl Asked<'_> {
    /// Its address without a language; `suffix` is that of the form.
    fn address(&self, suffix: &str) -> String {
        let base = format!("{}{suffix}", self.place(self.document));
        if self.dated { format!("{base}?version={}", self.version.version) } else { base }
    }

    /// Where a document of the portfolio stands, in the version in force.
    fn place(&self, document: &str) -> String {
        let separator = if document.is_empty() { "" } else { "/" };
        format!("/notice/{}{separator}{document}", self.portfolio.id)
    }

    /// Where the text's links to documents beside it lead: to those that are published.
    fn related(&self, name: &str, language: Language) -> Option<String> {
        let document = if name == "notice" { "" } else { name };
        let is_there = !self.portfolio.versions(document).is_empty();
        is_there.then(|| format!("{}?lang={language}", self.place(document)))
    }

    /// What is published beside the notice: titles, and where each stands.
    fn beside(&self, language: Language) -> Vec<(String, String)> {
        if !self.document.is_empty() {
            return Vec::new();
        }
        let in_force = |(name, versions): (&String, &Vec<Arc<Published>>)| {
            let version = facts::in_force(versions, self.today)?;
            Some((version.notice.text(language).title, self.related(name, language)?))
        };
        self.portfolio.documents.iter().filter_map(in_force).collect()
    }

    fn href(&self, suffix: &str, language: Language) -> String {
        let address = self.address(suffix);
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}lang={language}")
    }

    /// The language of the text: the reader's where the version has it, else the leading one.
    fn text_language(&self, language: Language) -> Language {
        let languages = self.version.notice.languages();
        let same = languages.iter().find(|other| **other == language);
        same.or(languages.first()).copied().unwrap_or(language)
    }

    /// `among` says whether it is shown among the others, or as a file that stands alone.
    fn show<T>(&self, language: Language, among: bool, show: impl FnOnce(&NoticePage<'_>) -> T) -> T {
        let version_href =
            |version: &str| format!("{}?version={version}&lang={language}", self.place(self.document));
        let all = self.portfolio.versions(self.document);
        let hrefs: Vec<String> = all.iter().map(|notice| version_href(&notice.version)).collect();
        let title = self.version.notice.text(language).title;
        let text = self.version.notice.render_html_among(language, &|name| {
            if among { self.related(name, language) } else { None }
        });
        let beside = self.beside(language);
        let beside: Vec<(&str, &str)> =
            beside.iter().map(|(title, href)| (title.as_str(), href.as_str())).collect();
        let versions: Vec<NoticeVersion<'_>> = all
            .iter()
            .zip(&hrefs)
            .map(|(notice, href)| NoticeVersion {
                version: &notice.version,
                effective: notice.effective,
                href,
            })
            .collect();
        show(&NoticePage {
            title: (!self.document.is_empty()).then_some(title.as_str()),
            portfolio: &self.portfolio.name,
            version: &self.version.version,
            effective: self.version.effective,
            hash: &self.version.hash,
            is_cited: !self.version.notice.clauses().is_empty(),
            language: self.text_language(language),
            text: &text,
            text_href: &format!("{}&download=1", self.href(".txt", language)),
            html_href: &format!("{}&download=1", self.href(".html", language)),
            pdf_href: &format!("{}&download=1", self.href(".pdf", language)),
            versions: &versions,
            beside: &beside,
        })
    }

    fn page(&self, language: Language, shell: &Shell<'_>) -> String {
        self.show(language, true, |page| page.render(shell).into_string())
    }

    /// The text, and below it what proves which text it is.
    fn text(&self, language: Language) -> Response {
        let text = self.version.notice.render_text(language);
        let text = format!("{text}\n{}\nSHA-256 {}\n", self.portfolio.name, self.version.hash);
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    }

    /// One file that stands alone. It brings its style with it, which the pages' policy forbids; it has no
    /// script and loads nothing, and its own policy says so.
    fn file(&self, language: Language) -> Response {
        let mut response =
            Html(self.show(language, false, |page| page.standalone().into_string())).into_response();
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox";
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        response
    }

    fn download(&self, mut response: Response, form: &Form, language: Language) -> Response {
        let suffix = match form {
            Form::Text => "txt",
            Form::Pdf => "pdf",
            Form::Page | Form::File => "html",
        };
        let safe: String = self
            .version
            .version
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
            .collect();
        let language = self.text_language(language);
        let name = if self.document.is_empty() { "notice" } else { self.document };
        let disposition = format!("attachment; filename=\"{name}-{safe}-{language}.{suffix}\"");
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

/// `GET /style.css`.
pub(super) async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, portal::STYLE).into_response()
}

/// The page of what went wrong. It stands even where nothing of the site can be read.
pub(super) async fn trouble(server: &Shared, trouble: Trouble, language: Language) -> String {
    let facts = server.facts.get(&server.app).await.unwrap_or_default();
    let around = Around::new(&facts, server.app.today().ok(), language, "/");
    around.show(language, None, |shell| trouble.render(shell).into_string())
}

/// Public, for a short while, and different by language.
fn cached(mut response: Response) -> Response {
    let fixed: [(HeaderName, &'static str); 2] =
        [(header::CACHE_CONTROL, "public, max-age=60"), (header::VARY, "accept-language")];
    for (name, value) in fixed {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
