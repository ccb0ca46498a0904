//! The row of deciding claims again: a portfolio's year of claims, each of which comes out otherwise under corrected plans,
//! beside a floor that reads and opens the very rows that this reads, and seals and writes the proposals that it leaves, with
//! nothing decided, compared or recorded.

use std::path::PathBuf;
use std::time::Instant;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use domain::{Recipient, RecordKind};
use gate::{Randomness, RootKey};
use population::Population;
use rusqlite::{Connection, params};

use crate::database::Engine;
use crate::floor::{Key, Opener, Row as SealedRow};
use crate::measure::Row;
use crate::site::{PLANS, SOURCE, Site, System};
use crate::{Failure, Run};

/// The sites: before the run and after it. The floor writes into a copy of the first.
const BEFORE: &str = "again_before";
const AFTER: &str = "again_after";
const FLOOR: &str = "again_floor";
/// People whose rows the floor holds at once, and writes in one commit: as many as the product.
const PART: usize = 64;
/// What a run reads of each person, and what it leaves.
const READ: [RecordKind; 5] = [
    RecordKind::Person,
    RecordKind::Coverage,
    RecordKind::Claim,
    RecordKind::Determination,
    RecordKind::Accumulators,
];
const LEAVES: RecordKind = RecordKind::Proposal;

/// The row of SQLite, whose floor this is.
pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Row, Failure> {
    prepare(run, engine).await?;
    let (mut product, mut floor, mut claims, mut rows) = (Vec::new(), Vec::new(), 0, 0);
    let mut grown = 0;
    for round in 0..run.rounds {
        engine.copy(BEFORE, AFTER).await?;
        let Done { seconds, claims: decided, kibibytes } = product_round(engine).await?;
        grown = kibibytes.max(grown);
        engine.copy(BEFORE, FLOOR).await?;
        let (floor_seconds, read) = Floor::open(engine)?.run()?;
        product.push(seconds);
        floor.push(floor_seconds);
        (claims, rows) = (decided, read);
        eprintln!("{} again, round {round}: {seconds:.1} s, floor {floor_seconds:.1} s", engine.name());
    }
    Ok(Row {
        what: "a year of claims decided again".to_owned(),
        database: engine.name(),
        product,
        floor,
        unit: "s",
        aim: "<= 1.5 of floor's time",
        remark: format!(
            "{claims} claims, {rows} sealed rows read and opened; floor: the same rows read and opened, the same proposals sealed and written; memory grew by at most {} MiB",
            grown / 1_024
        ),
    })
}

/// The memory of this process that is no file's, which SQLite maps.
fn own_kibibytes() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kibibytes.ok_or("the kernel does not tell memory")?.parse()?)
}

/// People, their cover and their claims, decided; then corrected plans.
async fn prepare(run: &Run, engine: &Engine) -> Result<(), Failure> {
    let site = Site::make(engine, BEFORE).await?;
    let (app, portfolio) = (&site.app, site.portfolio);
    let job = app.gate.job(Recipient::IntakeJob)?;
    let population = Population::new(run.again_members, 1, app.today()?)?;
    service::enrol_providers(app, &job, portfolio, SOURCE, population.providers()).await?;
    for number in 0..population.chunks() {
        let chunk = population.chunk(number)?;
        service::enrol_members(app, &job, portfolio, SOURCE, &chunk.members).await?;
        service::enrol_coverage(
            app,
            &job,
            portfolio,
            SOURCE,
            &chunk.coverages,
            &mut service::SaidOfCover::default(),
        )
        .await?;
        service::submit_claims(app, &job, portfolio, SOURCE, &chunk.claims).await?;
        service::adjudicate_received(app, usize::MAX, |_| {}).await?;
        app.gate.sealer(None).await?.seal().await?;
    }
    for (name, text) in PLANS {
        app.plans.add(app.store(), name, &corrected(text)).await?;
    }
    site.close().await
}

/// The next version of a plan: it counts on other accumulators, so that every claim that counts comes out otherwise.
fn corrected(text: &str) -> String {
    let line = |line: &str| match line.split_once(" = ") {
        Some(("version", version)) => format!("version = {}-corrected\"", version.trim_end_matches('"')),
        Some(("accumulator", number)) => format!("accumulator = 9{number}"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What the product did in one round.
struct Done {
    seconds: f64,
    claims: i64,
    /// By how much its memory grew, at most.
    kibibytes: u64,
}

async fn product_round(engine: &Engine) -> Result<Done, Failure> {
    let site = Site::open(engine, AFTER).await?;
    let root = RootKey::read(&engine.folder(AFTER).join("root.key"))?;
    let operator = site.app.gate.operator(&root, "bench")?;
    let days = ("2000-01-01".parse()?, "2199-12-31".parse()?);
    let before = own_kibibytes()?;
    let mut peak = before;
    let look = |_, _| peak = own_kibibytes().unwrap_or(u64::MAX).max(peak);
    let clock = Instant::now();
    let run = service::readjudicate(&site.app, &operator, site.portfolio, days, look).await?;
    let seconds = clock.elapsed().as_secs_f64();
    if run.failed > 0 || run.differing == 0 {
        return Err(format!("{} of {} claims came out otherwise", run.differing, run.claims).into());
    }
    site.close().await?;
    Ok(Done { seconds, claims: run.claims, kibibytes: peak - before })
}

/// The floor: one connection, nothing of the product's.
struct Floor {
    connection: Connection,
    opener: Opener,
    after: PathBuf,
}

impl Floor {
    fn open(engine: &Engine) -> Result<Self, Failure> {
        let folder = engine.folder(FLOOR);
        let opener = Opener::new(&folder.join("root.key"))?;
        Ok(Self { connection: connect(&folder)?, opener, after: engine.folder(AFTER) })
    }

    /// The seconds that it took, and how many rows were read.
    fn run(&self) -> Result<(f64, usize), Failure> {
        let people = self.people()?;
        let (mut seconds, mut read) = (0.0, 0);
        let after = connect(&self.after)?;
        for part in people.chunks(PART) {
            // What is sealed is opened from what the product left; that is no part of the floor's work.
            let mut left = Vec::new();
            for subject in part {
                let keys = keys(&after, subject)?;
                for row in rows(&after, subject, LEAVES)? {
                    let map = self.opener.open(subject, &row, &keys)?.to_vec();
                    left.push((*subject, row, map));
                }
            }
            let clock = Instant::now();
            read += self.part(part, &left)?;
            seconds += clock.elapsed().as_secs_f64();
        }
        Ok((seconds, read))
    }

    fn people(&self) -> Result<Vec<[u8; 16]>, Failure> {
        // Whoever has no decided claim has none that the product may read, or decides again.
        let sql = "SELECT DISTINCT subject FROM moretus.claim WHERE state IN (1, 4, 5, 6) ORDER BY subject";
        let mut statement = self.connection.prepare(sql)?;
        let people = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(people)
    }

    fn part(&self, people: &[[u8; 16]], left: &[([u8; 16], SealedRow, Vec<u8>)]) -> Result<usize, Failure> {
        let mut read = 0;
        let mut all_keys = std::collections::BTreeMap::new();
        for subject in people {
            let keys = keys(&self.connection, subject)?;
            for kind in READ {
                for row in rows(&self.connection, subject, kind)? {
                    std::hint::black_box(self.opener.open(subject, &row, &keys)?);
                    read += 1;
                }
            }
            all_keys.insert(*subject, keys);
        }
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let sql =
            "INSERT INTO moretus.sealed (subject, kind, record, category, version, class, supplement, blob)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (subject, row, map) in left {
            let keys = all_keys.get(subject).ok_or("keys are missing")?;
            let blob = self.seal(subject, row, keys, map)?;
            let SealedRow { record, kind, category, version, class, supplement, .. } = row;
            statement.execute(params![subject, kind, record, category, version, class, supplement, blob])?;
        }
        drop(statement);
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(read)
    }

    /// Seals a map as the stored formats say.
    fn seal(
        &self,
        subject: &[u8; 16],
        row: &SealedRow,
        keys: &[Key],
        map: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let key = self.opener.key(subject, row, keys)?;
        let mut nonce = [0; 12];
        System.fill(&mut nonce);
        let aad = row.associated_data(subject);
        let cipher = Aes256GcmSiv::new((&*key).into());
        let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: map, aad: &aad });
        let sealed = sealed.map_err(|_| "a value cannot be sealed")?;
        Ok([[1].as_slice(), &nonce, &sealed].concat())
    }
}

fn connect(folder: &std::path::Path) -> Result<Connection, Failure> {
    let connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(16);
    for (file, schema) in [("keys.db", "moretus_keys"), ("moretus.db", "moretus")] {
        let path = folder.join(file);
        let sql = format!("ATTACH DATABASE ?1 AS {schema}");
        connection.execute(&sql, [path.to_str().ok_or("a path that is no text")?])?;
        connection.execute_batch(&format!(
            "PRAGMA {schema}.journal_mode = WAL; PRAGMA {schema}.synchronous = FULL;
             PRAGMA {schema}.cache_size = -32768; PRAGMA {schema}.mmap_size = 1073741824"
        ))?;
    }
    Ok(connection)
}

fn rows(connection: &Connection, subject: &[u8; 16], kind: RecordKind) -> Result<Vec<SealedRow>, Failure> {
    let sql = "SELECT kind, record, category, version, class, supplement, blob FROM moretus.sealed
        WHERE subject = ?1 AND kind = ?2 ORDER BY record, category";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![subject, kind.code()], |row| {
        Ok(SealedRow {
            kind: row.get(0)?,
            record: row.get(1)?,
            category: row.get(2)?,
            version: row.get(3)?,
            class: row.get(4)?,
            supplement: row.get(5)?,
            blob: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn keys(connection: &Connection, subject: &[u8; 16]) -> Result<Vec<Key>, Failure> {
    let sql = "SELECT category, class, wrapped FROM moretus_keys.data_key WHERE subject = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let keys = statement.query_map(params![subject], |row| {
        Ok(Key { category: row.get(0)?, class: row.get(1)?, wrapped: row.get(2)? })
    })?;
    Ok(keys.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_plan_is_a_plan_and_another_version() {
        for (name, text) in PLANS {
            let plan = |text: &str| benefits::Plan::parse(name, text).unwrap();
            let (before, after) = (plan(text), plan(&corrected(text)));
            assert_eq!(before.id(), after.id());
            assert!(before.version() < after.version(), "{}", after.version());
        }
    }
}
