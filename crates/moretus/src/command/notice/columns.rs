//! Rows of text in aligned columns.

/// Each row as a line, every column as wide as its widest cell; the last is as long as it is.
pub(in crate::command) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["é", "b", ""], ["long", "c", "d"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), ["é     b", "long  c  d"]);
        assert_eq!(aligned::<2>(&[]), Vec::<String>::new());
    }
}
