//! Tables as a page of their own, without a site around it: for a command's result. It knows nothing of what it shows, and
//! needs no script.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::STYLE;

/// Tables under one title, with what is said before them.
#[derive(Debug, Clone)]
pub struct TablePage<'a> {
    /// The title, in English.
    pub title: &'a str,
    /// What is said before the tables, a paragraph each.
    pub remarks: &'a [String],
    /// The tables; one without a row is left out.
    pub tables: &'a [PageTable],
}

/// One of them.
#[derive(Debug, Clone)]
pub struct PageTable {
    /// What it is a table of.
    pub title: String,
    /// The columns' heads.
    pub heads: Vec<String>,
    /// The rows, each with as many cells.
    pub rows: Vec<Vec<String>>,
}

impl TablePage<'_> {
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
                        @for table in self.tables.iter().filter(|table| !table.rows.is_empty()) {
                            h2 { (table.title) }
                            table {
                                thead { tr { @for head in &table.heads { th scope="col" { (head) } } } }
                                tbody {
                                    @for row in &table.rows { tr { @for cell in row { td { (cell) } } } }
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
        let table =
            |rows| PageTable { title: "C".to_owned(), heads: vec!["A".to_owned(), "B".to_owned()], rows };
        let tables = [table(vec![vec!["<b>".to_owned(), "1".to_owned()]]), table(Vec::new())];
        let remarks = ["a & b".to_owned()];
        let page = TablePage { title: "T", remarks: &remarks, tables: &tables };
        let html = page.render();
        assert!(html.contains("<td>&lt;b&gt;</td><td>1</td>") && html.contains("<p>a &amp; b</p>"), "{html}");
        assert_eq!(html.matches("<h2>C</h2><table>").count(), 1, "a table without a row is left out");
    }
}
