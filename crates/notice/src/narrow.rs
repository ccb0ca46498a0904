//! What two versions of the notice allow together.
//!
//! A newer version widens nothing for a person until it was delivered to them and its notice
//! period ran; its prohibitions and narrowings hold at once. Until then the person's table is that
//! of the older version, narrowed by the newer. Which version binds whom is not decided here.

use std::collections::BTreeMap;

use crate::Table;
use crate::table::Row;

impl Table {
    /// The table for a subject bound to this version while a newer one is in force: it shows only
    /// what both show, on the conditions of both, and lets go only what both let go, and cites this version's clauses.
    ///
    /// Several newer versions narrow in turn: `bound.narrow(&second).narrow(&third)`.
    #[must_use]
    pub fn narrow(&self, newer: &Table) -> Table {
        let mut cells = BTreeMap::new();
        for cell in self.used_cells() {
            let (ours, theirs) = (self.rows_at(cell), newer.rows_at(cell));
            // In the order of this version, then of the newer: building keeps it among equals.
            let pairs = ours.iter().flat_map(|our| theirs.iter().map(move |their| together(our, their)));
            let both: Vec<Row> = pairs.filter(|row| !row.covers.is_empty() && !row.laws.is_empty()).collect();
            if !both.is_empty() {
                cells.insert(cell, both);
            }
        }
        Table::build(self.ids(), cells)
    }
}

fn together(ours: &Row, theirs: &Row) -> Row {
    Row {
        covers: ours.covers.intersection(theirs.covers),
        needs: ours.needs.union(theirs.needs),
        laws: ours.laws.intersection(theirs.laws),
        transfers: ours.transfers.intersection(theirs.transfers),
        clause: ours.clause,
    }
}
