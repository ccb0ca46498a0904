//! The front page: whose business is administered here, and how much of it, in counts that name
//! nobody. Small groups are not counted out, and no sum is shown that would give them away.

use domain::ClaimState;
use maud::{Markup, html};

use crate::shell::Shell;
use crate::words::Words;

/// Groups smaller than this are shown as "fewer than 10": in a small group a count is about someone.
pub const SMALLEST_GROUP: u64 = 10;

/// The front page.
#[derive(Debug, Clone)]
pub struct Home<'a> {
    /// Each portfolio with its counts.
    pub portfolios: &'a [PortfolioCounts<'a>],
}

/// Counts of one portfolio. Plain numbers in; what may be shown of them is decided here.
#[derive(Debug, Clone)]
pub struct PortfolioCounts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where its notice in force stands; none while none is published.
    pub notice_href: Option<&'a str>,
    /// Members and dependants with cover.
    pub members: u64,
    /// Claims by state; a state that is missing is not shown.
    pub claims: &'a [(ClaimState, u64)],
}

impl Home<'_> {
    /// The page.
    #[must_use]
    pub fn render(&self, shell: &Shell<'_>) -> Markup {
        let words = shell.words();
        let content = html! {
            main {
                h1 { (shell.site) }
                p.lead { (words.lead) }
                @if self.portfolios.len() == 1 {
                    p { a.button href=(shell.notice_href) { (words.read_notice) } }
                }
                h2 #business { (words.business) }
                p { (words.counts_why) }
                @for portfolio in self.portfolios {
                    section {
                        h3 { (portfolio.name) }
                        // With several notices, each stands with its portfolio; with one it stands above.
                        @if self.portfolios.len() > 1 && let Some(href) = portfolio.notice_href {
                            p { a.button href=(href) { (words.read_notice) span.unseen { ": " (portfolio.name) } } }
                        }
                        (counts(portfolio, words))
                    }
                }
            }
        };
        shell.page(words.home, &content)
    }
}

fn counts(portfolio: &PortfolioCounts<'_>, words: &Words) -> Markup {
    html! {
        table {
            caption.unseen { (portfolio.name) }
            thead {
                tr { th scope="col" { (words.what) } th.figure scope="col" { (words.how_many) } }
            }
            tbody {
                tr { th scope="row" { (words.members) } td.figure { (count(portfolio.members, words)) } }
                @for (state, claims) in portfolio.claims {
                    tr {
                        th scope="row" { (words.claims) ": " (words.state(*state)) }
                        td.figure { (count(*claims, words)) }
                    }
                }
            }
        }
    }
}

/// A count as it may be shown, with its thousands apart.
fn count(number: u64, words: &Words) -> String {
    if number < SMALLEST_GROUP {
        return words.fewer.replace("{count}", &SMALLEST_GROUP.to_string());
    }
    let digits = number.to_string();
    let mut written = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            // A narrow no-break space: the one grouping that no language reads as a decimal point.
            written.push('\u{202f}');
        }
        written.push(digit);
    }
    written
}
