//! A table as a page of its own, without a site around it: for a command's result. It knows nothing of what it shows, and
//! needs no script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::STYLE;

/// A table with a title and what is said before it.
#[derive(Debug, Clone)]
pub struct TablePage<'a, const N: usize> {
    /// The title, in English.
    pub title: &'a str,
    /// What is said before the table, a paragraph each.
    pub remarks: &'a [String],
    /// The columns' heads.
    pub heads: &'a [&'a str; N],
    /// The rows.
    pub rows: &'a [[String; N]],
}

impl<const N: usize> TablePage<'_, N> {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        let page: Markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        h1 { (self.title) }
                        @for remark in self.remarks { p { (remark) } }
                        @if !self.rows.is_empty() {
                            table {
                                thead { tr { @for head in self.heads { th scope="col" { (head) } } } }
                                tbody {
                                    @for row in self.rows { tr { @for cell in row { td { (cell) } } } }
                                }
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_cell_is_text() {
        let rows = [["<b>".to_owned(), "1".to_owned()]];
        let remarks = ["a & b".to_owned()];
        let page = TablePage { title: "T", remarks: &remarks, heads: &["A", "B"], rows: &rows };
        let html = page.render();
        assert!(html.contains("<td>&lt;b&gt;</td><td>1</td>") && html.contains("<p>a &amp; b</p>"), "{html}");
        let none = TablePage { rows: &[], ..page };
        assert!(!none.render().contains("<table>"));
    }
}
