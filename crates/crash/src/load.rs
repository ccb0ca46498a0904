//! The load: claims are submitted, adjudicated and asked about at once, and the log is sealed and rolled
//! meanwhile. It runs until it is killed, and says each thing that its caller would rely on.

use std::sync::Arc;
use std::time::Duration;

use domain::{ActorId, Condition, Recipient, RequestId, WorkItemId};
use gate::{Actor, assignment};
use store::StoreError;
use store::condition::ConditionRow;
use store::reference::ActorRow;

use crate::said::Speaker;
use crate::site::{PORTFOLIO, SOURCE, Site, SiteError};

/// Tasks that submit claims, one a transaction; they share commits.
const WRITERS: usize = 16;
/// Tasks that read cover.
const READERS: usize = 64;
/// Claims adjudicated at a time.
const CLAIMS_A_PASS: usize = 40;

/// Works until it is killed. An error is one of the site, not of a request: those are tried again, since a
/// database that is away comes back.
pub async fn work(site: Site, speaker: Speaker) -> Result<(), SiteError> {
    let site = Arc::new(site);
    // Authenticated before anything is said: from then on the database may go away at any moment.
    let served = Arc::new(serve_everyone(&site).await?);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..WRITERS {
        tasks.spawn(write(Arc::clone(&site), speaker.clone(), number));
    }
    for number in 0..READERS {
        tasks.spawn(read(Arc::clone(&site), speaker.clone(), Arc::clone(&served), number));
    }
    tasks.spawn(adjudicate(Arc::clone(&site)));
    tasks.spawn(seal(Arc::clone(&site)));
    // None of them ends by itself, so the first that does has failed.
    match tasks.join_next().await {
        Some(ended) => ended?,
        None => Ok(()),
    }
}

/// An actor of customer service with a work item open for everyone, as long as this process lives.
struct Served {
    actor: Actor,
    item: WorkItemId,
}

async fn serve_everyone(site: &Site) -> Result<Served, SiteError> {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let (actor, item) = (ActorId::from_bytes(gate.random_id()), WorkItemId::from(gate.request()));
    let since = gate.now();
    let row = ActorRow {
        actor,
        recipient: Recipient::CustomerService,
        role: "customer service".to_owned(),
        team: "desk".to_owned(),
        country: "BE".parse()?,
        portfolio: PORTFOLIO,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(since.plus_seconds(86_400).date()?),
        name: String::new(),
        token_hash: Some(hash),
        expires: since.plus_seconds(3_600),
        ended: None,
    };
    let object = assignment(item, actor);
    let items: Vec<ConditionRow> = (0..site.people.count())
        .map(|number| ConditionRow {
            subject: site.subject(number),
            condition: Condition::WorkItem,
            object,
            since,
            until: Some(since.plus_seconds(3_600)),
        })
        .collect();
    site.app
        .store()
        .write(move |unit| {
            store::reference::insert_actor(unit, &row)?;
            store::condition::set_many(unit, &items)
        })
        .await
        .map_err(|error: StoreError| error)?;
    Ok(Served { actor: gate.authenticate(&token).await?, item })
}

/// Submits claims and says which were acknowledged.
async fn write(site: Arc<Site>, speaker: Speaker, task: usize) -> Result<(), SiteError> {
    let intake = site.app.gate.job(Recipient::IntakeJob)?;
    let begun = site.app.gate.request();
    for number in 0.. {
        let like = number * WRITERS + task;
        let member = like % site.people.count();
        let draft = site.claim(member, &format!("{begun}-{number}"), like)?;
        match service::submit_claims(&site.app, &intake, PORTFOLIO, SOURCE, &[draft]).await {
            Ok(submitted) => {
                for claim in submitted.new {
                    speaker.claim(site.subject(member), claim)?;
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    Ok(())
}

/// Reads cover and says what was released, before anything is done with it.
async fn read(site: Arc<Site>, speaker: Speaker, served: Arc<Served>, task: usize) -> Result<(), SiteError> {
    let actor = &served.actor;
    for number in 0.. {
        let member = (number * READERS + task) % site.people.count();
        let (subject, coverage) = (site.subject(member), site.coverage(member));
        let request: RequestId = site.app.gate.request();
        let item = Some(served.item);
        match service::read_cover(&site.app, actor, PORTFOLIO, subject, coverage, item, request).await {
            Ok(_) => speaker.released(subject, request)?,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    Ok(())
}

/// Adjudicates what was received, so that states, postings and batches change too.
async fn adjudicate(site: Arc<Site>) -> Result<(), SiteError> {
    loop {
        // What fails here is left for the next pass, as in the program.
        let _ = service::adjudicate_received(&site.app, CLAIMS_A_PASS, |_| {}).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Seals as the program does, and rolls far more often.
async fn seal(site: Arc<Site>) -> Result<(), SiteError> {
    let sealer = loop {
        match site.app.gate.sealer(None).await {
            Ok(sealer) => break sealer,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    for pass in 0_u64.. {
        let _ = if pass % 4 == 3 { sealer.roll().await } else { sealer.seal().await.map(drop) };
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Ok(())
}
