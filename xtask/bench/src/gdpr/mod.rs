//! The row of GDPRbench (Shastri and others, "Understanding and Benchmarking the Impact of GDPR on Database Systems", VLDB 2020):
//! the mixes of controller, customer, processor and regulator, made anew on the product's own services and, as the floor, on
//! plain tables of the same engine. Every answer is compared with what the driver knows; a wrong one fails the run.
//!
//! GDPRbench has records of a key, data, and metadata that each record carries: purposes, time to live, user, objections,
//! automated decisions, sharing, source. Moretus has people, and keeps metadata where it is said once. So a record is a person:
//!
//! | GDPRbench | here |
//! |---|---|
//! | record, key, user | a member with one span of cover, sealed; the subject's id. Key and user are the same person |
//! | data | who they are (name, birth date, address, e-mail, telephone, number, account) and their cover |
//! | purpose | a programme that the person consented to take part in; ten people in each |
//! | time to live | retention: ten years from the end of the last cover |
//! | objection | consent to offers (marketing), which half of them gave |
//! | decision | explicit consent to health data, without which no job decides by it; three of four gave it |
//! | sharing | the organisations of the register: their contract, and the clauses that they are registered for |
//! | source | the source of the enrolment, of which the subject's id is a keyed hash |
//!
//! | operation | here | by whom, under which clause |
//! |---|---|---|
//! | create | `enrol_members`, `enrol_coverage`; one in four is of the past, and lapsed | intake job, `collect.enrolment` |
//! | delete by purpose | `end_programme`: every consent to it is taken back. The person stays for what other clauses need them for | officer |
//! | delete by TTL | `sweep` of the whole portfolio | no data opens; the list of erasures |
//! | delete by user, by key | `erase_on_request`, all classes | officer, `right.requests` |
//! | update metadata by purpose | `register_for`: for which clauses an organisation gets data | keeper of the register, on its record |
//! | update metadata by sharing | `agree`, `end_agreement` | the same |
//! | update metadata by user, by key | `give_consent`, or `consequences` and `withdraw_consent` | enrolment staff, `collect.enrolment` |
//! | read data by user | `read_cover` of their own | the person, `use.plan-information.own` |
//! | read data by key | `read_cover` | customer service, `use.plan-information` |
//! | read by purpose | `read_programme` | clinical staff, `use.clinical-programme` |
//! | read by objection | an ask for an offer, refused to who objects | customer service, `use.marketing` |
//! | read by decision | an ask for cover with health data, refused without consent | adjudication job, `use.claims` |
//! | read metadata by key, by user | `consents` | the person, `right.access`; officer, `right.access.officer` |
//! | update data by key | `read_to_correct`, `correct` of e-mail address and account | enrolment staff, `right.correction` |
//! | get system logs | `answer_access_request`: every entry about the person | officer, `right.access.officer` |
//! | verify deletion | `erasures`: the list, and that nothing is held; half of them of people who were erased | officer, `right.requests` |
//!
//! What differs, then: GDPRbench's group operations touch records that carry a value; here consents are found by an index, and
//! sharing stands once. Reading by objection or decision takes one person, since the product keeps no list of who objects: it
//! tests at each ask. Where the record of a key was erased, the next one by rank takes its place, so that the mix stays one of
//! work and not of asks about nobody. Tasks and tokens are there before the clock starts: whoever handles a request has one.
//! Records of the past, and whom the mix of the regulator finds erased, are made for the operations that look for them.

mod floor;
mod load;
mod model;
mod people;
mod plan;
mod product;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio_postgres::NoTls;

use crate::database::Engine;
use crate::measure::{Row, median};
use crate::{Failure, Run};
use floor::Floor;
use model::{Act, Answer, Model};
use plan::{Mix, Operation};
use product::Product;

/// The loaded site, and the copy that a mix works on.
const LOADED: &str = "gdpr";
const WORKED_ON: &str = "gdpr_mix";
/// The same choices in every run.
const SEED: u64 = 20_260_101;

/// How much of it.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) records: u32,
    pub(crate) operations: u32,
}

/// What a mix came to on one side.
struct Done {
    seconds: f64,
    right: u32,
    /// What was wrong first.
    wrong: Option<String>,
    /// Bytes of the database for each byte of personal data.
    space: f64,
}

/// What is measured: product or floor.
enum System {
    Product(Box<Product>),
    Floor(Floor),
}

impl System {
    async fn perform(&self, act: Act) -> Result<Answer, String> {
        let answer = match self {
            Self::Product(product) => product.perform(act).await,
            Self::Floor(floor) => floor.perform(act).await,
        };
        answer.map_err(|failure| failure.to_string())
    }

    /// For how many clauses each organisation is registered (more), and whether a contract holds.
    async fn organisations(&self) -> Result<Vec<(bool, bool)>, Failure> {
        match self {
            Self::Product(product) => product.registered().await,
            Self::Floor(floor) => floor.organisations().await,
        }
    }

    async fn close(self) -> Result<(), Failure> {
        match self {
            Self::Product(product) => product.site.close().await,
            Self::Floor(floor) => floor.close().await,
        }
    }
}

/// Every mix, with each number of clients, on one engine.
pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Vec<Row>, Failure> {
    let size = Size { records: run.gdpr_records, operations: run.gdpr_operations };
    let clock = Instant::now();
    eprintln!("loading {}: {} records of GDPRbench", engine.name(), size.records);
    load(engine, size).await?;
    eprintln!("  loaded in {:.0} s", clock.elapsed().as_secs_f64());
    let mut rows = Vec::new();
    for clients in &run.gdpr_clients {
        for mix in Mix::ALL {
            let (mut ours, mut floors) = (Vec::new(), Vec::new());
            for round in 0..run.rounds {
                let (our, floor) = (
                    turn(engine, mix, size, *clients, true).await?,
                    turn(engine, mix, size, *clients, false).await?,
                );
                eprintln!(
                    "{} GDPRbench {}, {clients} at once, round {round}: {:.1} s, floor {:.1} s",
                    engine.name(),
                    mix.word(),
                    our.seconds,
                    floor.seconds
                );
                ours.push(our);
                floors.push(floor);
            }
            rows.push(row(engine, mix, size, *clients, (&ours, &floors))?);
        }
    }
    Ok(rows)
}

/// Loads both sides.
async fn load(engine: &Engine, size: Size) -> Result<(), Failure> {
    load::load(engine, LOADED, size.records).await?;
    Floor::load(engine, LOADED, size.records).await
}

/// The row of a mix. Errors: an answer was wrong.
fn row(
    engine: &Engine,
    mix: Mix,
    size: Size,
    clients: usize,
    (ours, floors): (&[Done], &[Done]),
) -> Result<Row, Failure> {
    for (side, done) in
        ours.iter().map(|done| ("product", done)).chain(floors.iter().map(|done| ("floor", done)))
    {
        if let Some(wrong) = &done.wrong {
            return Err(format!(
                "GDPRbench {} on {}, {side}: {} of {} operations answered right; first: {wrong}",
                mix.word(),
                engine.name(),
                done.right,
                size.operations
            )
            .into());
        }
    }
    let space = |all: &[Done]| median(&all.iter().map(|done| done.space).collect::<Vec<_>>());
    Ok(Row {
        what: format!(
            "GDPRbench {}, {clients} client{}, time to completion",
            mix.word(),
            if clients == 1 { "" } else { "s" }
        ),
        database: engine.name(),
        product: ours.iter().map(|done| done.seconds).collect(),
        floor: floors.iter().map(|done| done.seconds).collect(),
        unit: "s",
        aim: "reported",
        remark: format!(
            "{} operations on {} records; 100% of the answers right (floor 100%); space factor {:.1} (floor {:.1})",
            size.operations,
            size.records,
            space(ours),
            space(floors)
        ),
    })
}

/// One mix on one side, on a fresh copy of what was loaded.
async fn turn(engine: &Engine, mix: Mix, size: Size, clients: usize, ours: bool) -> Result<Done, Failure> {
    let model = Model::new(size.records, size.operations, mix == Mix::Regulator, ours);
    turn_with(engine, mix, size, clients, (ours, model)).await
}

async fn turn_with(
    engine: &Engine,
    mix: Mix,
    size: Size,
    clients: usize,
    (ours, model): (bool, Model),
) -> Result<Done, Failure> {
    let name = |of: &str| if ours { of.to_owned() } else { floor::named(of) };
    engine.copy(&name(LOADED), &name(WORKED_ON)).await?;
    let system = if ours {
        System::Product(Box::new(load::prepare(engine, WORKED_ON, mix, &model).await?))
    } else {
        let floor = Floor::open(engine, WORKED_ON, clients).await?;
        floor.prepare(&model).await?;
        System::Floor(floor)
    };
    let sealer = match &system {
        System::Product(product) => {
            let sealer = product.site.app.gate.sealer(None).await?;
            sealer.seal().await?;
            let (stop, stopped) = watch::channel(false);
            Some((stop, tokio::spawn(sealer.run(stopped))))
        }
        System::Floor(_) => None,
    };
    let operations = mix.operations(size.operations, size.records, SEED);
    let (system, model) = (Arc::new(system), Arc::new(model));
    let clock = Instant::now();
    let outcomes = carry_out(&system, &model, operations, clients).await?;
    let seconds = clock.elapsed().as_secs_f64();
    if let Some((stop, sealing)) = sealer {
        stop.send(true)?;
        sealing.await?;
    }
    let mut wrong = outcomes.iter().find_map(|outcome| outcome.clone().err());
    if system.organisations().await? != model.organisations().await {
        wrong = wrong.or(Some("the register does not stand as it was changed".to_owned()));
    }
    let right = u32::try_from(outcomes.iter().filter(|outcome| outcome.is_ok()).count())?;
    let there = model.there().await;
    let personal: u64 = there.iter().map(|key| key.bytes()).sum();
    Arc::into_inner(system).ok_or("a client is still at work")?.close().await?;
    let bytes = bytes(engine, &name(WORKED_ON)).await?;
    Ok(Done { seconds, right, wrong, space: bytes as f64 / personal.max(1) as f64 })
}

/// Carries out the operations, each client the next one that nobody has taken.
async fn carry_out(
    system: &Arc<System>,
    model: &Arc<Model>,
    operations: Vec<(Operation, u32)>,
    clients: usize,
) -> Result<Vec<Result<(), String>>, Failure> {
    let (operations, next) = (Arc::new(operations), Arc::new(AtomicUsize::new(0)));
    let tasks = (0..clients).map(|_| {
        let (system, model) = (Arc::clone(system), Arc::clone(model));
        let (operations, next) = (Arc::clone(&operations), Arc::clone(&next));
        tokio::spawn(async move {
            let mut outcomes = Vec::new();
            while let Some(operation) = operations.get(next.fetch_add(1, Ordering::Relaxed)) {
                let perform = |act| system.perform(act);
                outcomes.push(model.carry_out(*operation, &perform).await);
            }
            outcomes
        })
    });
    Ok(try_join_all(tasks).await?.into_iter().flatten().collect())
}

/// Bytes of a database that is closed.
async fn bytes(engine: &Engine, name: &str) -> Result<u64, Failure> {
    match engine.url(name) {
        None => folder_bytes(&engine.folder(name)),
        Some(url) => {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let row = client.query_one("SELECT pg_database_size(current_database())", &[]).await?;
            let bytes: i64 = row.try_get(0)?;
            drop(client);
            connection.await??;
            Ok(u64::try_from(bytes)?)
        }
    }
}

fn folder_bytes(folder: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(".db") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
