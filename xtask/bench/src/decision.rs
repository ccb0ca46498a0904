//! The row of decisions: from the handler's ask to what would be granted. The notice in force is looked up and
//! the answer weighed in memory; what it rests on is looked up by the transaction that writes the
//! entry, so its time is what a commit of entries takes longer with it than without. Both together are the figure, for
//! the first entries about their subjects after a start; what it takes where the tables must be asked is told too.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::{ActorId, Condition, Purpose, SubjectId, SubjectKind, SubjectKindSet};
use gate::{Actor, Asking, Target};
use service::views::CoverPage;
use store::{Appended, ConditionTest, NewDisclosure};

use crate::database::Engine;
use crate::fill::{self, Targets};
use crate::measure::{CoreClock, Row, median};
use crate::site::Site;
use crate::{Failure, Run};

const DECISIONS: u32 = 1_000_000;
/// Entries of one commit, written with and without look-ups in turn, so many times.
const ENTRIES: usize = 1_000;
const TURNS: usize = 20;

pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Row, Failure> {
    let targets = fill::targets(run, engine).await?;
    let (mut decided, mut product, mut remembered, mut asked) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..run.rounds.max(5) {
        // Opened anew: nothing was written about anybody, and what stands is read ahead.
        let site = Site::open(engine, fill::SITE).await?;
        let actor = site.app.gate.authenticate(&targets.token).await?;
        while !site.app.store().has_read_ahead() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let decision = decisions(&site, &actor).await?;
        let look_up = look_ups(&site, engine, &targets, actor.id()).await?;
        decided.push(decision);
        remembered.push(look_up.remembered);
        asked.push(look_up.asked);
        product.push(decision + look_up.remembered);
        site.close().await?;
    }
    Ok(Row {
        what: "decision from the handler's ask, look-ups included".to_owned(),
        database: engine.name(),
        product,
        floor: Vec::new(),
        unit: "ns",
        aim: "<= 1,000 ns",
        remark: format!(
            "{:.0} ns in memory, by the time on the core (version in force, decision, for which kinds of subject it \
             holds, what must be live); {:.0} ns more in the transaction that writes the first entry about a subject, for \
             the condition that it tests, or {:.0} ns where the tables must be asked for binding and condition",
            median(&decided),
            median(&remembered),
            median(&asked)
        ),
    })
}

/// Nanoseconds of a decision in memory.
async fn decisions(site: &Site, actor: &Actor) -> Result<f64, Failure> {
    let gate = &site.app.gate;
    let request = gate.request();
    let clock = CoreClock::start()?;
    for number in 0..DECISIONS {
        let subject = SubjectId::from_bytes(u128::from(number).to_be_bytes());
        let target = Target { subject, item: Some(fill::item(subject)) };
        let asking = Asking::new(actor, site.portfolio, Purpose::PlanInformation, request);
        black_box(
            gate.preview::<CoverPage>(
                black_box(&asking),
                target,
                SubjectKind::Member,
                domain::GoverningLaw::Belgium,
            )
            .await?,
        );
    }
    Ok(clock.nanoseconds()? / f64::from(DECISIONS))
}

/// Nanoseconds that an entry takes longer to write for what is looked up.
struct LookUps {
    /// The first entry about a subject since the site was opened: its condition, in memory as its binding is.
    remembered: f64,
    /// One that asks the tables for both, since another connection has committed.
    asked: f64,
}

async fn look_ups(
    site: &Site,
    engine: &Engine,
    targets: &Targets,
    actor: ActorId,
) -> Result<LookUps, Failure> {
    let (mut remembered, mut asked) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let subjects = subjects(targets, turn)?;
        let with = append(site, &subjects, actor, true).await?;
        let without = append(site, &subjects, actor, false).await?;
        remembered.push((with - without) / ENTRIES as f64);
    }
    let other = Site::open(engine, fill::SITE).await?;
    for turn in 0..TURNS {
        let subjects = subjects(targets, turn)?;
        // The second time all bindings are in memory.
        append(site, &subjects, actor, false).await?;
        let without = append(site, &subjects, actor, false).await?;
        fill::assign_again(&other, &subjects, actor).await?;
        let with = append(site, &subjects, actor, true).await?;
        asked.push((with - without) / ENTRIES as f64);
    }
    other.close().await?;
    Ok(LookUps { remembered: median(&remembered), asked: median(&asked) })
}

/// Those of a turn.
fn subjects(targets: &Targets, turn: usize) -> Result<Vec<SubjectId>, Failure> {
    let paths = targets.paths.iter().cycle().skip(turn * ENTRIES).take(ENTRIES);
    Ok(paths.map(|path| path.split('/').nth(4).unwrap_or_default().parse()).collect::<Result<_, _>>()?)
}

/// Nanoseconds that a commit of an entry for each subject takes.
async fn append(site: &Site, subjects: &[SubjectId], actor: ActorId, tested: bool) -> Result<f64, Failure> {
    let now = site.app.gate.now();
    let entry = |subject: &SubjectId| {
        let object = gate::assignment(fill::item(*subject), actor);
        Some(NewDisclosure {
            subject: *subject,
            portfolio: site.portfolio,
            notice: 1,
            kinds: SubjectKindSet::of(SubjectKind::ALL),
            laws: domain::GoverningLawSet::ALL,
            tests: tested.then_some(ConditionTest::of(Condition::WorkItem, object)).into_iter().collect(),
            recipient_tests: Vec::new(),
            register: None,
            body: fill::body(site, *subject, actor, now)?,
            people: Vec::new(),
        })
    };
    let entries: Vec<NewDisclosure> = subjects.iter().filter_map(entry).collect();
    let clock = Instant::now();
    let appended = site.app.store().append(entries, now).await?;
    let nanoseconds = clock.elapsed().as_nanos() as f64;
    if !appended.iter().all(|one| matches!(one, Appended::At(_))) {
        return Err("an entry was refused while measuring look-ups".into());
    }
    Ok(nanoseconds)
}
