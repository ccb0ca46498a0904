//! The table: on the terminal, and as docs/performance.md.

use std::fmt::Write as _;
use std::process::Command;

use crate::measure::{Row, median};
use crate::{Failure, Run};

const PATH: &str = "docs/performance.md";

/// What was measured, and where.
pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// Writes of 4 KiB made durable in a second, before and after everything else.
    pub(crate) disk: f64,
    pub(crate) disk_after: f64,
    /// Processes that wanted a core when the run began, over a minute.
    load: String,
    command: String,
}

impl Report {
    /// An empty one.
    pub(crate) fn new(run: &Run) -> Self {
        Self { rows: Vec::new(), disk: 0.0, disk_after: 0.0, load: load(), command: command(run) }
    }

    /// The table as text.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("\n");
        for line in self.circumstances() {
            let _ = writeln!(text, "{line}");
        }
        for row in &self.rows {
            let [product, floor, ratio] = figures(row);
            let _ = writeln!(text, "\n{}  {}", row.what, row.database);
            let _ = writeln!(text, "  product {product}   floor {floor}   ratio {ratio}   (aim {})", row.aim);
            let _ = writeln!(text, "  {}", row.remark);
        }
        text
    }

    /// Writes docs/performance.md.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let mut text = String::from(INTRODUCTION);
        for line in self.circumstances() {
            let _ = writeln!(text, "- {line}");
        }
        text.push_str(
            "\n| what | database | product | floor | ratio | aim |\n|---|---|---:|---:|---:|---|\n",
        );
        for row in &self.rows {
            let [product, floor, ratio] = figures(row);
            let _ = writeln!(
                text,
                "| {} | {} | {product} | {floor} | {ratio} | {} |",
                row.what, row.database, row.aim
            );
        }
        text.push_str("\nBeside the figures:\n\n");
        for row in &self.rows {
            let database =
                if row.database.is_empty() { String::new() } else { format!(" ({})", row.database) };
            let _ = writeln!(text, "- {}{database}: {}.", row.what, row.remark);
        }
        text.push_str(METHOD);
        std::fs::write(PATH, text)?;
        println!("written to {PATH}");
        Ok(())
    }

    fn circumstances(&self) -> Vec<String> {
        vec![
            format!("Date: {}; commit {}", output("date", &["-u", "+%Y-%m-%d"]), commit()),
            format!("Machine: {}", machine()),
            format!(
                "Load average before and after: {} and {} (1 minute; includes this run)",
                self.load,
                load()
            ),
            format!(
                "Disk: {:.0} and {:.0} durable writes of 4 KiB a second, before and after",
                self.disk, self.disk_after
            ),
            format!("Command: `{}`", self.command),
        ]
    }
}

/// Product, floor and ratio, as they are printed.
fn figures(row: &Row) -> [String; 3] {
    let dash = || "-".to_owned();
    let figure = |values: &[f64]| {
        if values.is_empty() { dash() } else { format!("{} {}", rounded(median(values)), row.unit) }
    };
    [figure(&row.product), figure(&row.floor), row.ratio().map_or_else(dash, |ratio| format!("{ratio:.2}"))]
}

/// Three digits at least, thousands grouped.
fn rounded(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// The commit, and whether files differ from it.
fn commit() -> String {
    let changed = !output("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    if changed { format!("{commit}, with changes since") } else { commit }
}

fn machine() -> String {
    let line = |file: &str, label: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find(|line| line.starts_with(label)).and_then(|line| line.split_once(':'));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = line("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse::<u64>().ok());
    format!(
        "{}, {cores} cores, {} GiB, {}; the load comes from the same cores",
        line("/proc/cpuinfo", "model name"),
        memory.unwrap_or(0) / 1_048_576,
        output("uname", &["-sr"])
    )
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// The command that measures this again.
fn command(run: &Run) -> String {
    format!(
        "cargo xtask bench --only {} --databases {} --subjects {} --entries {} --members {} --again-members {} --log-entries {} \
         --log-people {} --gdpr-records {} --gdpr-operations {} --gdpr-clients {} --rounds {} --seconds {}",
        run.only.join(","),
        run.databases.join(","),
        run.subjects,
        run.entries,
        run.members,
        run.again_members,
        run.log_entries,
        run.log_people.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        run.gdpr_records,
        run.gdpr_operations,
        run.gdpr_clients.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
        run.rounds,
        run.seconds
    )
}

const INTRODUCTION: &str = "\
# Performance

What the promises cost: the product beside *floor programs* that do the same work without the gate, measured in
one run by `cargo xtask bench`. Ratios carry over to other machines better than rates do, and no test depends on
either.

";

const METHOD: &str = "
How it is measured:

- Product and floor take turns on the same database (A B A B ...). A ratio is the median of the rounds' ratios,
  a figure the median of the rounds.
- Reads: server and floor are processes of their own; the client keeps its connections open and has one request
  under way on each. The floor sends the same SQL for the sealed rows and keys, unwraps as many keys, opens as
  many values and writes the same JSON. It knows no caller, decides nothing and records nothing. Before the
  floor's turn the product's log has caught up.
- The slower disk: a layer under the product's SQLite and under the PostgreSQL server waits 2 ms before each fsync
  and fdatasync. It is there in every run of `cargo xtask bench` and waits in this row alone.
- Claims: the product takes in a year of claims, adjudicates each and seals the log. The floor inserts the very
  rows that this leaves, in as many commits one after the other, with nothing sealed, computed or looked up, and never folds
  SQLite's write-ahead log into the file: first the claims, in no order of their people, then what was decided, that of a person together.
- Claims decided again: `--only again` takes in a year of claims, decides them, adds versions of the plans under which every claim that
  counts comes out otherwise, and runs `moretus readjudicate propose`. The floor reads the same sealed rows and keys, opens each, seals the very
  proposals that the product left and writes them in as many parts; it looks nothing up, decides and compares nothing and keeps no record of
  whose data it read. Here the ratio says how many times as long the product took.
- The log: `--only log` measures it alone, on logs made for it. Proofs are made one after the other, or (`of many together`) as the list of a person is proven, 64 at a time: 2,000 of them, evenly over the whole log. The figure is of tiles that were read before; beside
  it stands what a proof takes the first time, when each of them comes to a tile that none before it has read: in a slow hour it misses the aim of 20 us. Verification is what `moretus log verify` does.
- Adjudication and a decision in memory: by the time that the thread has had a core, as the kernel tells it.
- GDPRbench (Shastri and others, VLDB 2020), `--only gdpr`: its mixes made anew on the product's services, not its program. A record is a
  member with one span of cover; key and user are that person. Purpose is a programme that people consented to (ten in each), time to
  live is retention, an objection is to offers, a decision is one by health data, sharing is the register of recipients, which stands
  once and not in each record. Each operation is by an actor whom a token authenticates, under a clause of the shipped notice, and is
  durable on the record where the product records it: consents and what a sweep erases are rows beside the log. Records and ranks come from a
  seed; an erased record's place is taken by the next one that is there. Each answer is compared with what the driver knows, and a
  wrong one fails the run.
  - Controller, uniform: create 25 (a person and their cover are taken up; one in four is of the past), delete 25 (a programme ends, which takes
    back every consent to it; the sweep; erasure of a person), update metadata 50 (the clauses that an organisation is registered for; a
    consent given or taken back; a contract agreed or ended).
  - Customer, zipf (0.99): the person reads their cover and their consents, e-mail address and account are corrected, a consent is given or taken
    back, the person is erased; 20 each.
  - Processor: cover read by key 80, zipf; 20 uniform by purpose (all of a programme), by objection and by decision (one
    person, refused to who objects: the product keeps no list of those).
  - Regulator, zipf: a person's consents 46, every log entry about a person 31, proof of an erasure 23 (half of them about people who were erased).
  - The floor carries out the same on plain tables with an index for whatever is chosen by: no caller, no clause, nothing sealed, no
    log (so that it looks for entries in an empty table), one durable commit for each operation that writes; SQLite's are grouped as the
    product's are, PostgreSQL groups its own. Product and floor run in the bench's process, without HTTP, and both wait for the
    driver's locks. Here the ratio says how many times as long the product took.
  - One client waits for one durable write after the other: its time is that of the disk as much as of the program, and every read of the product
    is such a write, while the floor's is none. Several clients share commits.
  - The space factor is the size of the database's files (closed) at the end of the mix, with keys, log, look-up index and tasks, for each
    byte of personal data of those who are there.
  - Published for other systems, of the paper, as orders of magnitude and not to be compared cell by cell (other machines, other records): made compliant, Redis took about 5
    times as long and PostgreSQL about twice; Redis that logs every request synchronously is 20 times slower.
- SQLite is durable at each commit (`synchronous = FULL`), PostgreSQL as it is shipped (`fsync` on).
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_and_small_ones_keep_a_digit() {
        assert_eq!(rounded(1_234_567.4), "1,234,567");
        assert_eq!(rounded(100_000.0), "100,000");
        assert_eq!(rounded(999.6), "1,000");
        assert_eq!(rounded(42.25), "42.2");
    }
}
