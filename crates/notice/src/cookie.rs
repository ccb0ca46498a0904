//! The cookies that a cookie notice lists, and the comparison of that list with cookies that were really set. It
//! asks no page: whoever did hands over what came.

use std::fmt;

use domain::Language;

use crate::language::Wording;
use crate::problem::Problems;
use crate::toml_entry::{Entry, tables};

/// A cookie, as the notice lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// What it is for, in each language of the notice.
    pub(crate) purposes: Vec<(Language, String)>,
    /// Days that it lasts; none for one that goes when the browser is closed.
    pub lasts_days: Option<u32>,
    /// Who else sets it; none when the organisation does.
    pub set_by: Option<String>,
    pub(crate) line: u32,
}

/// A cookie that a page set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetCookie {
    /// Its name.
    pub name: String,
    /// Seconds that it lasts, as `Max-Age` says; none for one that goes when the browser is closed.
    pub max_age_seconds: Option<u64>,
}

impl SetCookie {
    /// From the value of a `Set-Cookie` header (RFC 6265); `None` when it sets none. One that says when it expires
    /// and not how long it lasts counts as lasting for ever.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split(';');
        let name = parts.next()?.split_once('=')?.0.trim();
        let mut cookie = Self { name: name.to_owned(), max_age_seconds: None };
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            if attribute.trim().eq_ignore_ascii_case("max-age") {
                cookie.max_age_seconds = Some(value.trim().parse().unwrap_or(0));
                break;
            }
            if attribute.trim().eq_ignore_ascii_case("expires") {
                cookie.max_age_seconds = Some(u64::MAX);
            }
        }
        (!name.is_empty()).then_some(cookie)
    }
}

/// How the list and the cookies that were set differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieFault {
    /// It is set and not listed.
    Unlisted(String),
    /// It is listed and never set.
    NeverSet(String),
    /// It lasts longer than the list says.
    LastsLonger(String),
}

impl fmt::Display for CookieFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted(name) => {
                write!(f, "cookie `{name}` is set and not listed: add a [[cookie]], or set it no longer")
            }
            Self::NeverSet(name) => {
                write!(f, "cookie `{name}` is listed and never set: remove its [[cookie]]")
            }
            Self::LastsLonger(name) => {
                write!(f, "cookie `{name}` lasts longer than its [[cookie]] says: change one of the two")
            }
        }
    }
}

/// Compares a list with what was set.
pub(crate) fn compare(listed: &[Cookie], set: &[SetCookie]) -> Vec<CookieFault> {
    let mut faults = Vec::new();
    for cookie in set {
        match listed.iter().find(|one| one.name == cookie.name) {
            None => faults.push(CookieFault::Unlisted(cookie.name.clone())),
            Some(one) if lasts_longer(cookie, one) => {
                faults.push(CookieFault::LastsLonger(cookie.name.clone()));
            }
            Some(_) => {}
        }
    }
    let never = listed.iter().filter(|one| set.iter().all(|cookie| cookie.name != one.name));
    faults.extend(never.map(|one| CookieFault::NeverSet(one.name.clone())));
    faults
}

fn lasts_longer(set: &SetCookie, listed: &Cookie) -> bool {
    let most_seconds = u64::from(listed.lasts_days.unwrap_or(0)) * 86_400;
    set.max_age_seconds.is_some_and(|seconds| seconds > most_seconds)
}

/// Reads every `[[cookie]]`.
pub(crate) fn read(root: &Entry<'_>, languages: &[Language], problems: &mut Problems) -> Vec<Cookie> {
    let mut cookies: Vec<Cookie> = Vec::new();
    for (line, table) in tables(root, "cookie", problems) {
        let mut entry = Entry { source: root.source, table, what: "a cookie".to_owned(), line };
        let Some(cookie) = cookie(&mut entry, languages, problems) else { continue };
        if cookies.iter().any(|other| other.name == cookie.name) {
            problems.add(entry.source.name, line, format!("{} is listed twice: keep one", entry.what));
        }
        cookies.push(cookie);
    }
    cookies
}

fn cookie(entry: &mut Entry<'_>, languages: &[Language], problems: &mut Problems) -> Option<Cookie> {
    let name = entry
        .required("name", "\"session\"", problems)
        .and_then(|value| entry.text(value, "name", problems))?
        .value;
    entry.what = format!("cookie `{name}`");
    entry.only(&["name", "purpose", "lasts", "set_by"], problems);
    let purposes = purposes(entry, languages, problems);
    let lasts = lasts(entry, problems);
    let set_by = entry
        .required("set_by", "\"us\"", problems)
        .and_then(|value| entry.text(value, "set_by", problems))?
        .value;
    let whole = |text: &str| !text.is_empty() && text.chars().count() <= 200;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !whole(name) || !name.bytes().all(is_token) || !whole(set_by) {
        let message = format!("{}: `name` must be a cookie's name, and `set_by` somebody", entry.what);
        problems.add(entry.source.name, entry.line, message);
    }
    Some(Cookie {
        name: name.to_owned(),
        purposes: purposes?,
        lasts_days: lasts?,
        set_by: (set_by != "us").then(|| set_by.to_owned()),
        line: entry.line,
    })
}

/// What it is for, in each language of the document and in no other.
fn purposes(
    entry: &Entry<'_>,
    languages: &[Language],
    problems: &mut Problems,
) -> Option<Vec<(Language, String)>> {
    let example = "{ en = \"keeps you signed in\" }";
    let value = entry.required("purpose", example, problems)?;
    let Some(table) = value.get_ref().as_table() else {
        entry.refuse(value, &format!("`purpose` is not a table: write purpose = {example}"), problems);
        return None;
    };
    let own =
        Entry { source: entry.source, table, what: format!("{}: `purpose`", entry.what), line: entry.line };
    let words: Vec<&str> = languages.iter().map(|language| language.word()).collect();
    own.only(&words, problems);
    let each = languages.iter().map(|language| {
        let value = own.required(language.word(), "\"...\"", problems)?;
        let text = own.text(value, language.word(), problems)?.value.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            own.refuse(
                value,
                &format!("`{language}` is empty or has a line break: say what it is for"),
                problems,
            );
            return None;
        }
        Some((*language, text.to_owned()))
    });
    // Every language is looked at, so that one run shows all that is missing.
    each.collect::<Vec<_>>().into_iter().collect()
}

/// `"session"`, or `{ days = 30 }`.
fn lasts(entry: &Entry<'_>, problems: &mut Problems) -> Option<Option<u32>> {
    let value = entry.required("lasts", "\"session\" or { days = 30 }", problems)?;
    if value.get_ref().as_str() == Some("session") {
        return Some(None);
    }
    let days = value.get_ref().as_table().and_then(|table| {
        let own = Entry { source: entry.source, table, what: entry.what.clone(), line: entry.line };
        own.only(&["days"], problems);
        own.optional("days").and_then(|value| own.number(value, "days", 1..=3_650, problems))
    });
    if days.is_none() {
        let message =
            "`lasts`: write \"session\" for one that goes when the browser is closed, or { days = 30 }";
        entry.refuse(value, message, problems);
    }
    days.map(Some)
}

/// The list as Markdown, each cookie an item; a sentence when there are none. `escape` makes Markdown of plain text.
pub(crate) fn list(cookies: &[Cookie], language: Language, escape: fn(&str) -> String) -> String {
    if cookies.is_empty() {
        return language
            .pick([
                "None: no cookie is set.",
                "Geen: er wordt geen cookie geplaatst.",
                "Aucun : aucun cookie n'est déposé.",
                "Keine: Es wird kein Cookie gesetzt.",
            ])
            .to_owned();
    }
    let items = cookies.iter().map(|cookie| {
        let purpose = cookie.purposes.iter().find(|(other, _)| *other == language);
        let purpose = purpose.map(|(_, text)| text.as_str()).unwrap_or_default();
        let colon = language.pick([":", ":", " :", ":"]);
        let semicolon = language.semicolon();
        let (lasts, whose) = (spoken_lasts(cookie, language), spoken_whose(cookie, language));
        let words = escape(&format!("{purpose}{semicolon}{lasts}{semicolon}{whose}"));
        format!("- **{}**{colon} {words}", escape(&cookie.name))
    });
    items.collect::<Vec<_>>().join("\n")
}

fn spoken_lasts(cookie: &Cookie, language: Language) -> String {
    match cookie.lasts_days {
        None => language
            .pick([
                "until you close your browser",
                "tot u uw browser sluit",
                "jusqu'à la fermeture de votre navigateur",
                "bis Sie Ihren Browser schließen",
            ])
            .to_owned(),
        Some(1) => language.pick(["1 day", "1 dag", "1 jour", "1 Tag"]).to_owned(),
        Some(days) => format!("{days} {}", language.pick(["days", "dagen", "jours", "Tage"])),
    }
}

fn spoken_whose(cookie: &Cookie, language: Language) -> String {
    match &cookie.set_by {
        None => language.pick(["set by us", "van ons", "déposé par nous", "von uns gesetzt"]).to_owned(),
        Some(name) => format!("{} {name}", language.pick(["set by", "van", "déposé par", "gesetzt von"])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, lasts_days: Option<u32>) -> Cookie {
        let purposes = vec![(Language::English, "keeps you signed in".to_owned())];
        Cookie { name: name.to_owned(), purposes, lasts_days, set_by: None, line: 1 }
    }

    fn set(header: &str) -> SetCookie {
        SetCookie::parse(header).unwrap()
    }

    #[test]
    fn a_header_is_read_as_browsers_do() {
        let session = set("session=abc; Path=/; HttpOnly");
        assert_eq!((session.name.as_str(), session.max_age_seconds), ("session", None));
        assert_eq!(set("a=b; max-age=86400").max_age_seconds, Some(86_400));
        // `Max-Age` wins, wherever it stands.
        assert_eq!(set("a=b; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Max-Age=1").max_age_seconds, Some(1));
        assert_eq!(set("a=b; expires=Fri, 01 Jan 2100 00:00:00 GMT").max_age_seconds, Some(u64::MAX));
        assert!(SetCookie::parse("no cookie").is_none() && SetCookie::parse("=x").is_none());
    }

    #[test]
    fn each_difference_is_found_by_name() {
        let list = [listed("session", None), listed("language", Some(30))];
        let agree = [set("session=1"), set("language=fr; Max-Age=2592000")];
        assert_eq!(compare(&list, &agree), []);
        let more = [agree.as_slice(), &[set("tracker=1")]].concat();
        assert_eq!(compare(&list, &more), [CookieFault::Unlisted("tracker".to_owned())]);
        assert_eq!(compare(&list, &agree[..1]), [CookieFault::NeverSet("language".to_owned())]);
        let longer = [set("session=1; Max-Age=60"), set("language=fr; Max-Age=2592001")];
        assert_eq!(
            compare(&list, &longer),
            ["session", "language"].map(|name| CookieFault::LastsLonger(name.to_owned()))
        );
        assert_eq!(compare(&[], &[]), []);
    }

    #[test]
    fn the_list_reads_naturally() {
        let plain = |text: &str| text.to_owned();
        let cookies = [
            listed("session", None),
            Cookie { set_by: Some("Maps Ltd".to_owned()), ..listed("map", Some(2)) },
        ];
        assert_eq!(
            list(&cookies, Language::English, plain),
            "- **session**: keeps you signed in; until you close your browser; set by us\n- **map**: keeps you signed in; 2 days; set by Maps Ltd"
        );
        assert_eq!(list(&[], Language::French, plain), "Aucun : aucun cookie n'est déposé.");
    }
}
