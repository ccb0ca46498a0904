//! Which language a page is in: the one asked for, else the reader's browser's, else English.

use axum::http::{HeaderMap, header};
use domain::Language;

/// Weighed tags that are looked at; more say nothing.
const MAX_TAGS: usize = 20;

/// The language that was asked for in the query (`?lang=nl`), else the first that the browser wants.
pub(super) fn choose(asked: Option<Language>, headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.or_else(|| accepted.and_then(wanted)).unwrap_or(Language::English)
}

/// `lang` in a query; a word that is no language is as if it were not there.
pub(super) fn in_query(query: Option<&str>) -> Option<Language> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(|word| word.parse().ok())
}

/// The best of an `Accept-Language` header: by weight, the first of equals, by its primary language.
fn wanted(header: &str) -> Option<Language> {
    let mut best: Option<(u32, Language)> = None;
    for part in header.split(',').take(MAX_TAGS) {
        let mut pieces = part.split(';').map(str::trim);
        let tag = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let Ok(language) = tag.split('-').next().unwrap_or_default().parse::<Language>() else { continue };
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(1_000, thousandths);
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight of `0` to `1`, in thousandths; what cannot be read weighs nothing.
fn thousandths(written: &str) -> u32 {
    written.parse::<f32>().map_or(0, |weight| (weight.clamp(0.0, 1.0) * 1_000.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_gets_what_it_wants_most() {
        assert_eq!(wanted("nl-BE,nl;q=0.9,en;q=0.8"), Some(Language::Dutch));
        assert_eq!(wanted("es, en;q=0.3, fr;q=0.7"), Some(Language::French));
        assert_eq!(wanted("de;q=0, en-GB;q=0.1"), Some(Language::English));
        assert_eq!(wanted("xx;q=1, *;q=0.5"), None);
        assert_eq!(wanted("de;q=nonsense"), None);
    }

    #[test]
    fn the_query_wins_and_nonsense_is_passed_over() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "fr".parse().unwrap());
        assert_eq!(choose(in_query(Some("x=1&lang=de")), &headers), Language::German);
        assert_eq!(choose(in_query(Some("lang=xx")), &headers), Language::French);
        assert_eq!(choose(None, &HeaderMap::new()), Language::English);
    }
}
