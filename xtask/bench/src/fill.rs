//! Fills the database that covers are read from: people with their cover, taken up by the product's own
//! services; a work item for each; and a log as long as some years of such reads make it, sealed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use domain::{
    ActorId, Category, CategorySet, Condition, CoverageId, Purpose, Recipient, SubjectId, SubjectKind,
    SubjectKindSet, Timestamp, WorkItemId,
};
use futures_util::future::try_join_all;
use gate::{Entry, EntryOutcome, assignment};
use population::Population;
use store::condition::ConditionRow;
use store::reference::ActorRow;
use store::{Appended, NewDisclosure, StoreError};

use crate::database::Engine;
use crate::site::{SOURCE, Site};
use crate::{Failure, Run};

/// Someone who was taken up.
struct Person {
    subject: SubjectId,
    kind: SubjectKind,
    coverage: CoverageId,
}

/// The site's name, and its file of what to ask for.
pub(crate) const SITE: &str = "cover";
const TARGETS: &str = "targets.txt";
/// Entries of one call, and calls at once.
const ENTRIES_A_CALL: usize = 500;
const CALLS_AT_ONCE: usize = 4;

/// What is asked for: the token, and one request target for each person.
pub(crate) struct Targets {
    pub(crate) token: String,
    pub(crate) paths: Vec<String>,
}

/// The filled site, made now or kept from an earlier run of the same size.
pub(crate) async fn targets(run: &Run, engine: &Engine) -> Result<Targets, Failure> {
    let path = engine.folder(SITE).join(TARGETS);
    let size = format!("{} subjects, {} entries", run.subjects, run.entries);
    if let Some(targets) = read(&path, &size) {
        return Ok(targets);
    }
    eprintln!("filling {}: {size}", engine.name());
    let site = Site::make(engine, SITE).await?;
    let (token, actor) = staff(&site).await?;
    let people = enrol(&site, run.subjects, actor).await?;
    append(&site, &people, actor, run.entries).await?;
    let sealed = site.app.gate.sealer(None).await?.seal().await?;
    eprintln!("  {sealed} entries sealed");
    // The daily sweep would run beside the first measurement.
    let today = site.app.today()?.to_string();
    site.app.store().write(move |unit| store::lease::set_meta(unit, "swept", &today)).await?;
    let paths: Vec<String> = people
        .iter()
        .map(|Person { subject, coverage, .. }| {
            let portfolio = site.portfolio;
            format!(
                "/api/v1/members/{subject}/coverage/{coverage}?portfolio={portfolio}&item={}",
                item(*subject)
            )
        })
        .collect();
    site.close().await?;
    let mut text = format!("{size}\n{token}\n");
    for path in &paths {
        let _ = writeln!(text, "{path}");
    }
    std::fs::write(&path, text)?;
    Ok(Targets { token, paths })
}

fn read(path: &Path, size: &str) -> Option<Targets> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    (lines.next() == Some(size)).then_some(())?;
    Some(Targets { token: lines.next()?.to_owned(), paths: lines.map(str::to_owned).collect() })
}

/// Someone of customer service, with a token.
async fn staff(site: &Site) -> Result<(String, ActorId), Failure> {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let actor = ActorId::from_bytes(gate.random_id());
    let row = ActorRow {
        actor,
        recipient: Recipient::CustomerService,
        role: "first line".to_owned(),
        team: "cover".to_owned(),
        country: "BE".parse()?,
        portfolio: site.portfolio,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(gate.now().plus_seconds(365 * 86_400).date()?),
        name: String::new(),
        token_hash: Some(hash),
        expires: gate.now().plus_seconds(365 * 86_400),
        ended: None,
    };
    site.app.store().write(move |unit| store::reference::insert_actor(unit, &row)).await?;
    Ok((token, actor))
}

/// Each person's one open work item.
pub(crate) fn item(subject: SubjectId) -> WorkItemId {
    WorkItemId::from_bytes(*subject.bytes())
}

async fn enrol(site: &Site, count: u32, actor: ActorId) -> Result<Vec<Person>, Failure> {
    let (app, portfolio) = (&site.app, site.portfolio);
    let job = app.gate.job(Recipient::IntakeJob)?;
    let population = Population::new(count, 1, app.today()?)?;
    let mut people = Vec::new();
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
        let id = |noun, source_id: &intake::SourceId| app.gate.imported_id(noun, SOURCE, source_id.reveal());
        let kinds: BTreeMap<_, _> =
            chunk.members.iter().map(|member| (&member.source_id, member.kind)).collect();
        let new: Vec<Person> = chunk
            .coverages
            .iter()
            .filter_map(|cover| {
                Some(Person {
                    subject: SubjectId::from_bytes(id("member", &cover.member_source_id)),
                    kind: *kinds.get(&cover.member_source_id)?,
                    coverage: CoverageId::from_bytes(id("coverage", &cover.source_id)),
                })
            })
            .collect();
        let since = app.gate.now().plus_seconds(-86_400);
        let items: Vec<ConditionRow> =
            new.iter().map(|person| work_item(person.subject, actor, since)).collect();
        app.store()
            .write(move |unit| store::condition::set_many(unit, &items))
            .await
            .map_err(|error: StoreError| error)?;
        people.extend(new);
        if number % 20 == 19 {
            eprintln!("  {} people", people.len());
        }
    }
    Ok(people)
}

fn work_item(subject: SubjectId, actor: ActorId, since: Timestamp) -> ConditionRow {
    let object = assignment(item(subject), actor);
    ConditionRow { subject, condition: Condition::WorkItem, object, since, until: None }
}

/// Gives the actor its work items about these people once more: a commit that changes what an entry may rest on.
pub(crate) async fn assign_again(site: &Site, people: &[SubjectId], actor: ActorId) -> Result<(), Failure> {
    let since = site.app.gate.now().plus_seconds(-86_400);
    let items: Vec<ConditionRow> = people.iter().map(|person| work_item(*person, actor, since)).collect();
    let written = site.app.store().write(move |unit| store::condition::set_many(unit, &items)).await;
    Ok(written.map_err(|error: StoreError| error)?)
}

/// Appends entries of the size and kind that reads of cover write, spread over all people.
async fn append(site: &Site, people: &[Person], actor: ActorId, count: u64) -> Result<(), Failure> {
    let mut order = 0_u64;
    while order < count {
        let now = site.app.gate.now();
        let calls = (0..CALLS_AT_ONCE as u64).map(|call| {
            let from = order + call * ENTRIES_A_CALL as u64;
            let entries = (from..count.min(from + ENTRIES_A_CALL as u64))
                .filter_map(|number| disclosure(site, people, actor, number, now))
                .collect();
            site.app.store().append(entries, now)
        });
        let appended = try_join_all(calls).await?;
        if !appended.iter().flatten().all(|one| matches!(one, Appended::At(_))) {
            return Err("an entry was refused while filling".into());
        }
        order += (CALLS_AT_ONCE * ENTRIES_A_CALL) as u64;
        if order.is_multiple_of(200_000) {
            // Sealed as they come, as on a running site.
            site.app.gate.sealer(None).await?.seal().await?;
            eprintln!("  {order} entries");
        }
    }
    Ok(())
}

fn disclosure(
    site: &Site,
    people: &[Person],
    actor: ActorId,
    number: u64,
    now: Timestamp,
) -> Option<NewDisclosure> {
    // A step that has no factor in common with small counts: all people, in no order.
    let index = number.wrapping_mul(2_654_435_761) % people.len().max(1) as u64;
    let Person { subject, kind, .. } = *people.get(usize::try_from(index).ok()?)?;
    Some(NewDisclosure {
        subject,
        portfolio: site.portfolio,
        notice: 1,
        kinds: SubjectKindSet::of(&[kind]),
        laws: domain::GoverningLawSet::ALL,
        tests: Vec::new(),
        recipient_tests: Vec::new(),
        register: None,
        body: body(site, subject, actor, now)?,
        people: Vec::new(),
    })
}

/// The entry of a read of cover.
pub(crate) fn body(site: &Site, subject: SubjectId, actor: ActorId, now: Timestamp) -> Option<Vec<u8>> {
    let shown = CategorySet::of(&[Category::Identity, Category::Plan, Category::Eligibility]);
    let entry = Entry {
        salt: site.app.gate.random_id(),
        at: now,
        actor,
        actor_recipient: Recipient::CustomerService,
        role: "first line".to_owned(),
        team: Some("cover".to_owned()),
        actor_country: "BE".parse().ok()?,
        recipient: Recipient::CustomerService,
        recipient_name: None,
        recipient_country: "BE".parse().ok()?,
        portfolio: site.portfolio,
        purpose: Purpose::PlanInformation,
        item: Some(item(subject)),
        clauses: vec!["use.plan-information".to_owned()],
        notice: "2026-11-01".to_owned(),
        subject,
        view: "CoverPage".to_owned(),
        shown,
        withheld: CategorySet::of(&[Category::Health]),
        filters: Vec::new(),
        request: site.app.gate.request(),
        outcome: EntryOutcome::Granted,
        run: None,
        to: None,
        transfer: None,
        change: None,
        whom: None,
        bar: None,
        supplement: None,
        deferred: None,
        defers: None,
        lapse: None,
        many: None,
    };
    Some(entry.to_bytes())
}
