//! Promise 4, row by row: whatever somebody alters, takes away, exchanges or leaves out in the tables of the log
//! is found by verifying, and said. `FREE` lists what may differ, with the reason why it tells nothing.

#![allow(clippy::disallowed_methods, reason = "the environment says how many bytes of each cell to try")]

use domain::Purpose;
use gate::{Asking, LogCheck, Target, Witness};
use service::views::PersonForAccess;
use store::StoreError;
use store::log::chain::ChainRow;
use store::tables::Table;
use store::testing::rows::{Cell, Cells, log_rows, replace_row};

use transparency::{ChainState, commitment};

use crate::log::reads;
use crate::on_both;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite};

on_both! {
    every_altered_cell_is_found_and_said,
    every_row_taken_away_is_found_and_said,
    a_row_that_is_put_there_is_found_and_said,
    nodes_that_are_not_those_of_their_hashes_are_found_and_prove_nothing,
    entries_in_another_order_are_found,
    last_entries_left_out_of_a_chain_are_found_and_so_is_a_fork,
    a_log_put_back_row_by_row_is_found_with_a_checkpoint_held_outside,
    groups_that_wait_are_watched,
    chains_are_followed_in_parts_as_at_once,
}

/// A log with two rolls, an index in two runs, a witness, and entries that no roll takes in yet.
struct SmallLog {
    site: TestSite,
    ada: Member,
    eve: Member,
    check: LogCheck,
    _folder: tempfile::TempDir,
}

impl SmallLog {
    async fn new(site: TestSite) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
        let witness = || Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
        let sealer = site.app.gate.sealer(Some(witness())).await.unwrap();
        // More than 16 entries, so that a tile keeps a node beside its hashes.
        for (of_ada, of_eve) in [(7, 4), (2, 1)] {
            reads(&site, &ada, of_ada).await;
            reads(&site, &eve, of_eve).await;
            sealer.roll().await.unwrap();
        }
        reads(&site, &ada, 1).await;
        sealer.finish().await.unwrap();
        let witnesses = vec![witness().verifier().parse().unwrap()];
        let check = LogCheck { outside: witness().last(), witnesses, ..LogCheck::default() };
        site.app.gate.check_log(check.clone()).await.unwrap();
        Self { site, ada, eve, check, _folder: folder }
    }

    async fn rows(&self) -> Vec<(&'static Table, Vec<Cells>)> {
        self.site.write(log_rows).await
    }

    /// What verifying says while one row is another; `None` when it finds nothing. `Err` when the database does
    /// not take the row.
    async fn with(
        &self,
        table: &'static Table,
        row: Option<&Cells>,
        by: Option<&Cells>,
    ) -> Result<Option<String>, StoreError> {
        self.replace(table, row, by).await?;
        let found = self.fault().await;
        self.replace(table, by, row).await.unwrap();
        Ok(found)
    }

    async fn replace(
        &self,
        table: &'static Table,
        row: Option<&Cells>,
        by: Option<&Cells>,
    ) -> Result<(), StoreError> {
        let (row, by) = (row.cloned(), by.cloned());
        self.site.app.store().write(move |unit| replace_row(unit, table, row.as_ref(), by.as_ref())).await
    }

    async fn fault(&self) -> Option<String> {
        self.site.app.gate.check_log(self.check.clone()).await.err().map(|error| error.to_string())
    }
}

/// What may differ, and why that says nothing of the record.
const FREE: &[(&str, &str, &str)] = &[
    ("log_run", "tier", "which runs of the index are merged next"),
    ("log_state last-run", "value", "a larger number: some numbers of runs are never given"),
    ("disclosure after the index", "position", "a gap between entries of one group, whose order stays"),
    ("checkpoint before the newest", "row", "the newest signs what each earlier one signed"),
];

fn is_free(table: &str, what: &str) -> bool {
    FREE.iter().any(|(free, column, _)| (*free, *column) == (table, what))
}

/// What verifying says when a cell of the row at `place` is another. In these tables a group is one entry, so
/// that a row of `disclosure` or `log_sealed` stands at its leaf.
fn said_of_cell(table: &str, column: &str, row: &Cells, place: usize) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match (table, column) {
        ("chain", "subject") => one("of whom the log has no entry"),
        ("chain", "kind") => one("was taken away"),
        ("chain", "token") => one("stands under another token"),
        ("chain", "count") => one("it was forked or cut"),
        ("chain", "head") => one("ends otherwise than its"),
        ("checkpoint", "size") => one("it is stored under another size"),
        ("checkpoint", _) => vec![format!("the checkpoint of size {}:", size_of(row))],
        ("disclosure", "subject") => {
            vec![format!("entry {place} (counted from 0) is stored under another subject")]
        }
        ("disclosure", "body") => vec![format!("entry {place} was altered: the body")],
        ("disclosure", "position") | ("disclosure_index", _) => one("does not lead to each of their entries"),
        // It may have come to the group before.
        ("disclosure", _) => one("the group of entries at leaf"),
        ("log_sealed", "batch" | "count") => vec![format!("the group of entries at leaf {place} has")],
        ("log_sealed", _) => vec![format!("entry {place} is missing")],
        ("log_run", _) => {
            vec!["of the index has".to_owned(), "how far index and chains have come".to_owned()]
        }
        ("log_state", _) => {
            ["how far index and chains have come", "it was forked or cut", "of whom the log has no entry"]
                .map(str::to_owned)
                .into()
        }
        ("log_tile", "hashes") => one("tile 0/0 was altered at hash"),
        ("log_tile", "nodes") => one("tile 0/0 was altered at the node over its 16 hashes from 0"),
        ("log_tile", _) => one("tile 0/0 ends before its hash 0"),
        ("roll", _) => one("is a roll, and the table of rolls does not have it so"),
        other => panic!("what is said of {other:?}?"),
    }
}

/// What verifying says when the row at `place` is taken away.
fn said_of_row(table: &str, place: usize) -> Vec<String> {
    match table {
        "chain" => vec!["was taken away".to_owned()],
        "checkpoint" => vec!["one was taken away".to_owned()],
        "disclosure" => vec![format!("the group of entries at leaf {place} has 0 entries, not the 1")],
        "log_run" => vec!["does not lead to each of their entries".to_owned()],
        "log_sealed" => {
            vec![format!("entry {place} is missing"), format!("the log ends after {place} entries")]
        }
        other => said_of_cell(other, "", &vec![Cell::Int(0)], place),
    }
}

fn size_of(row: &Cells) -> i64 {
    match row[0] {
        Cell::Int(size) => size,
        _ => panic!("a checkpoint begins with its size"),
    }
}

/// How the row is called in [`FREE`]; `last` when it is the last of its table.
fn free_name(table: &str, row: &Cells, is_last: bool) -> String {
    match (table, &row[0]) {
        ("log_state", Cell::Text(name)) => format!("log_state {name}"),
        ("disclosure", Cell::Int(batch)) if *batch > 15 => "disclosure after the index".to_owned(),
        ("checkpoint", _) if !is_last => "checkpoint before the newest".to_owned(),
        _ => table.to_owned(),
    }
}

fn is_said(found: &str, said: &[String]) -> bool {
    said.iter().any(|said| found.contains(said.as_str()))
}

/// A row with one byte of one of its cells altered, with the column and the byte: the first, the middle and the last of each
/// cell in turn; in the soak every one.
pub(crate) fn altered(row: &Cells) -> Vec<(usize, usize, Cells)> {
    let is_soak = std::env::var_os("MORETUS_SOAK").is_some();
    let mut all = Vec::new();
    for (column, cell) in row.iter().enumerate() {
        let width = cell.width();
        let mut bytes: Vec<usize> = vec![0, width / 2, width.saturating_sub(1)];
        if is_soak {
            bytes = (0..width).collect();
        }
        bytes.dedup();
        // Nobody stands beside an entry about one alone; what is put there, `bulk.rs` tries.
        for byte in bytes.into_iter().filter(|byte| *byte < width) {
            let mut by = row.clone();
            by[column] = cell.flipped(byte);
            all.push((column, byte, by));
        }
    }
    all
}

async fn every_altered_cell_is_found_and_said(site: TestSite) {
    let log = SmallLog::new(site).await;
    let mut tried = 0;
    for (table, rows) in log.rows().await {
        for (place, row) in rows.iter().enumerate() {
            for (column, byte, by) in altered(row) {
                let name = table.columns[column].name;
                // A row that is there already: the database itself refuses.
                let Ok(found) = log.with(table, Some(row), Some(&by)).await else { continue };
                tried += 1;
                let Some(found) = found else {
                    let free = free_name(table.name, row, false);
                    assert!(is_free(&free, name), "{free}.{name}, row {place}, byte {byte}: not found");
                    continue;
                };
                let said = said_of_cell(table.name, name, row, place);
                assert!(is_said(&found, &said), "{}.{name}, row {place}, byte {byte}: {found}", table.name);
            }
        }
    }
    assert!(tried > 400, "{tried} alterations were tried");
    assert_eq!(log.fault().await, None, "all was put back");
}

async fn every_row_taken_away_is_found_and_said(site: TestSite) {
    let log = SmallLog::new(site).await;
    let mut tried = 0;
    for (table, rows) in log.rows().await {
        for (place, row) in rows.iter().enumerate() {
            let found = log.with(table, Some(row), None).await.unwrap();
            tried += 1;
            let Some(found) = found else {
                let free = free_name(table.name, row, place + 1 == rows.len());
                assert!(is_free(&free, "row"), "{free}, row {place}: not found");
                continue;
            };
            assert!(is_said(&found, &said_of_row(table.name, place)), "{}, row {place}: {found}", table.name);
        }
    }
    assert!(tried > 40, "{tried} rows were taken away");
}

async fn a_row_that_is_put_there_is_found_and_said(site: TestSite) {
    let log = SmallLog::new(site).await;
    let said = [
        ("chain", 1, Cell::Int(7), "of a kind that is known: chains were put there"),
        ("checkpoint", 0, Cell::Int(4), "it is stored under another size"),
        ("disclosure", 0, Cell::Int(1_000), "is in the database and not in the log"),
        ("log_tile", 1, Cell::Int(5), "tiles were put there"),
        ("log_sealed", 0, Cell::Int(1_000), "the group of entries at leaf 1000 has 0 entries"),
        ("roll", 0, Cell::Int(1_000), "is in the table of rolls and is no entry of the log"),
    ];
    let tables = log.rows().await;
    for (name, column, cell, said) in said {
        let (table, rows) = tables.iter().find(|(table, _)| table.name == name).unwrap();
        let mut by = rows[0].clone();
        by[column] = cell;
        if name == "log_sealed" {
            by[1] = Cell::Int(1_000);
        }
        let found = log.with(table, None, Some(&by)).await.unwrap().unwrap_or_default();
        assert!(found.contains(said), "{name}: {found}");
    }
}

async fn nodes_that_are_not_those_of_their_hashes_are_found_and_prove_nothing(site: TestSite) {
    let log = SmallLog::new(site).await;
    let (gate, ada) = (&log.site.app.gate, log.ada.subject);
    gate.sealer(None).await.unwrap().roll().await.unwrap();
    let own = log.site.member_abroad(ada, "BE").await;
    let asking = Asking::new(&own, PORTFOLIO, Purpose::AccessRequest, gate.request());
    let grant = gate.ask::<PersonForAccess>(&asking, Target { subject: ada, item: None }).await.unwrap();
    grant.prove(ada).await.unwrap();
    let tables = log.rows().await;
    let (table, tiles) = tables.iter().find(|(table, _)| table.name == "log_tile").unwrap();
    let Cell::Bytes(nodes) = &tiles[0][3] else { panic!("the nodes are bytes") };
    assert_eq!(nodes.len(), 32, "one node over the first 16 of 18 entries");
    let cut_or_longer =
        [vec![], nodes[1..].to_vec(), [nodes, &[0][..]].concat(), [&nodes[..], nodes].concat()];
    for other in cut_or_longer.into_iter().chain([vec![7; 32]]) {
        let mut by = tiles[0].clone();
        by[3] = Cell::Bytes(other.clone());
        log.replace(table, Some(&tiles[0]), Some(&by)).await.unwrap();
        let found = log.fault().await.unwrap();
        assert!(found.contains("tile 0/0 was altered at the node over its 16 hashes from 0"), "{found}");
        let refused = grant.prove(ada).await.unwrap_err().to_string();
        let of_a_wrong_node = refused.contains("entry 17: the stored tiles do not show it");
        assert!(of_a_wrong_node || (other.len() != 32 && refused.contains("tile 0/0")), "{refused}");
        log.replace(table, Some(&by), Some(&tiles[0])).await.unwrap();
    }
    assert_eq!(log.fault().await, None);
    grant.prove(ada).await.unwrap();
}

async fn entries_in_another_order_are_found(site: TestSite) {
    let log = SmallLog::new(site).await;
    let tables = log.rows().await;
    let rows_of = |name: &str| tables.iter().find(|(table, _)| table.name == name).unwrap().clone();
    // Two entries in each other's place: their subjects and bodies, and then their groups.
    for (name, columns) in [("disclosure", 2..4), ("log_sealed", 1..2)] {
        let (table, rows) = rows_of(name);
        let (mut one, mut other) = (rows[1].clone(), rows[4].clone());
        one[columns.clone()].clone_from_slice(&rows[4][columns.clone()]);
        other[columns.clone()].clone_from_slice(&rows[1][columns]);
        // Taken away first, since no group may have two places.
        log.replace(table, Some(&rows[1]), None).await.unwrap();
        log.replace(table, Some(&rows[4]), Some(&other)).await.unwrap();
        log.replace(table, None, Some(&one)).await.unwrap();
        let found = log.fault().await.unwrap();
        assert!(found.contains("entry 1 was altered: the body"), "{name}: {found}");
        log.replace(table, Some(&one), None).await.unwrap();
        log.replace(table, Some(&other), Some(&rows[4])).await.unwrap();
        log.replace(table, None, Some(&rows[1])).await.unwrap();
        assert_eq!(log.fault().await, None);
    }
}

/// Ada's chain as somebody would like it: of so many entries, with the head that these give or another.
async fn another_chain(log: &SmallLog, count: usize, other_head: Option<[u8; 32]>) {
    let subject = log.ada.subject;
    log.site
        .write(move |unit| {
            let own = store::log::chain::get_many(unit, 0, &[subject])?.remove(&subject).unwrap();
            let mut entries = Vec::new();
            for group in store::log::sealed_from(unit, 0, 100)? {
                let stored = store::log::entries_between(unit, group.batch, group.batch)?;
                let of_her = stored.iter().filter(|entry| entry.subject == subject);
                entries.extend(of_her.map(|entry| (group.first_leaf as u64, commitment(&entry.body))));
            }
            let cut = entries.iter().take(count).map(|(leaf, commitment)| (*leaf, commitment));
            let cut = ChainState::START.extend_all(cut);
            let head = other_head.unwrap_or(cut.head);
            store::log::chain::put_many(unit, &[ChainRow { count: cut.count as i64, head, ..own }])
        })
        .await;
}

async fn last_entries_left_out_of_a_chain_are_found_and_so_is_a_fork(site: TestSite) {
    let log = SmallLog::new(site).await;
    let untouched = log.rows().await;
    let (table, chains) = untouched.iter().find(|(table, _)| table.name == "chain").unwrap();
    let of_ada = Cell::Bytes(log.ada.subject.bytes().to_vec());
    let hers = chains.iter().find(|row| row[0] == of_ada).unwrap();
    let name = log.ada.subject.to_string();
    another_chain(&log, 8, None).await;
    let found = log.fault().await.unwrap();
    let said = format!("the chain of subject {name} is stored with 8 entries, and the log has 9 of them");
    assert!(found.contains(&said), "{found}");
    another_chain(&log, 9, Some([5; 32])).await;
    let found = log.fault().await.unwrap();
    let said = format!("the chain of subject {name} ends otherwise than its");
    assert!(found.contains(&said), "{found}");
    // The site goes on from the forked chain, and signs it in the next roll: now it can never be undone.
    log.site.app.gate.sealer(None).await.unwrap().roll().await.unwrap();
    let found = log.fault().await.unwrap();
    assert!(found.contains(&said) && found.contains("roll 3 (entry 17) commits other chains"), "{found}");
    let mut now = log.rows().await;
    let (_, chains) = now.iter_mut().find(|(table, _)| table.name == "chain").unwrap();
    let forked = chains.iter().find(|row| row[0] == of_ada).unwrap().clone();
    let mut mended = hers.clone();
    mended[3] = forked[3].clone();
    log.replace(table, Some(&forked), Some(&mended)).await.unwrap();
    let found = log.fault().await.unwrap();
    assert!(
        found.contains("roll 3 (entry 17) commits other chains than the entries before 17 give"),
        "{found}"
    );
}

async fn a_log_put_back_row_by_row_is_found_with_a_checkpoint_held_outside(site: TestSite) {
    let log = SmallLog::new(site).await;
    let earlier = log.rows().await;
    let before = log.site.app.gate.log_head().await.unwrap().size;
    reads(&log.site, &log.eve, 2).await;
    let sealer = log.site.app.gate.sealer(None).await.unwrap();
    sealer.roll().await.unwrap();
    let kept = log.site.app.gate.log_head().await.unwrap();
    for ((table, now), (_, then)) in log.rows().await.into_iter().zip(&earlier) {
        for row in now.iter().filter(|row| !then.contains(row)) {
            log.replace(table, Some(row), None).await.unwrap();
        }
        for row in then.iter().filter(|row| !now.contains(row)) {
            log.replace(table, None, Some(row)).await.unwrap();
        }
    }
    // The earlier log is whole in itself.
    assert_eq!(log.fault().await, None);
    let check = LogCheck { outside: kept.checkpoint, ..log.check.clone() };
    let found = log.site.app.gate.check_log(check).await.unwrap_err().to_string();
    let said = format!("the log ends after {before} entries, a checkpoint holds {}", kept.size);
    assert!(found.contains(&said), "{found}");
}

async fn groups_that_wait_are_watched(site: TestSite) {
    let log = SmallLog::new(site).await;
    reads(&log.site, &log.eve, 1).await;
    let (table, rows) = log.rows().await.into_iter().find(|(table, _)| table.name == "log_pending").unwrap();
    let row = &rows[0];
    for (column, byte, by) in altered(row) {
        let said = ["which waits to be sealed, has 0 entries", "has 1 entries, not the"][column];
        let found = log.with(table, Some(row), Some(&by)).await.unwrap().unwrap_or_default();
        assert!(found.contains(said), "{}, byte {byte}: {found}", table.columns[column].name);
    }
    let found = log.with(table, Some(row), None).await.unwrap().unwrap_or_default();
    assert!(found.contains("is in the database and not in the log"), "{found}");
}

async fn chains_are_followed_in_parts_as_at_once(site: TestSite) {
    let mut log = SmallLog::new(site).await;
    let at_once = log.site.app.gate.check_log(log.check.clone()).await.unwrap();
    log.check.chains_a_pass = 1;
    assert_eq!(log.site.app.gate.check_log(log.check.clone()).await.unwrap(), at_once);
    for (table, rows) in
        log.rows().await.iter().filter(|(table, _)| ["chain", "disclosure_index"].contains(&table.name))
    {
        for row in rows {
            for (column, byte, by) in altered(row) {
                let found = log.with(table, Some(row), Some(&by)).await.unwrap();
                assert!(found.is_some(), "{}.{}, byte {byte}", table.name, table.columns[column].name);
            }
            assert!(log.with(table, Some(row), None).await.unwrap().is_some());
        }
    }
}
