//! The record of processing activities as one page that stands alone: for an authority, on screen and on
//! paper. It changes no word of the record.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use notice::Record;

use crate::STYLE;

/// The record as one file without the site around it: it brings its own style and loads nothing. `hash` is
/// that of the notice's version, in hexadecimal digits.
#[must_use]
pub fn record_page(record: &Record, hash: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(record.language.word()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (record.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (record.title) }
                    p.edition { (record.edition) " SHA-256 " code { (hash) } }
                    section id="controller" {
                        h2 { (record.controller_heading) }
                        (answers(record.controller.iter().map(|(what, value)| (what.as_str(), value.as_str()))))
                    }
                    @for activity in &record.activities {
                        section id=(activity.clause) {
                            h2 { (activity.name) " " small { "(" (activity.clause) ")" } }
                            (answers(activity.answers.iter().map(|(what, value)| (*what, value.as_str()))))
                        }
                    }
                    section id="measures" {
                        h2 { (record.measures_heading) }
                        ul { @for measure in &record.measures { li { (measure) } } }
                    }
                }
            }
        }
    }
}

fn answers<'a>(answers: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        dl {
            @for (what, value) in answers {
                dt { (what) }
                dd { (value) }
            }
        }
    }
}
