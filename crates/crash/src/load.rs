//! The load: claims are submitted, adjudicated and asked about at once, people take back consents and leave, and the log is sealed and
//! rolled meanwhile. It runs until it is killed, and says each thing that its caller would rely on.

use std::sync::Arc;
use std::time::Duration;

use domain::{Recipient, RequestId, WorkItemId};
use gate::Actor;

use crate::said::Speaker;
use crate::site::{PORTFOLIO, SOURCE, Site, SiteError};
use crate::{leaving, staff};

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
    let subjects = |numbers: std::ops::Range<usize>| numbers.map(|number| site.subject(number));
    let staying = subjects(site.people.staying());
    let served = Arc::new(staff::with_task(&site, Recipient::CustomerService, staying).await?);
    let (desk, _) = staff::with_task(&site, Recipient::EnrolmentStaff, []).await?;
    let desk = Arc::new(desk);
    let leavers = subjects(site.people.leavers());
    let officer = Arc::new(staff::with_task(&site, Recipient::DataProtectionOfficer, leavers).await?);
    let mut tasks = tokio::task::JoinSet::new();
    // First those who are few and slow: some rounds are short.
    for number in 0..leaving::WAVERERS {
        tasks.spawn(leaving::waver(Arc::clone(&site), speaker.clone(), Arc::clone(&desk), number));
    }
    for number in 0..leaving::ERASERS {
        tasks.spawn(leaving::erase(Arc::clone(&site), speaker.clone(), Arc::clone(&officer), number));
    }
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

/// Submits claims and says which were acknowledged.
async fn write(site: Arc<Site>, speaker: Speaker, task: usize) -> Result<(), SiteError> {
    let intake = site.app.gate.job(Recipient::IntakeJob)?;
    let begun = site.app.gate.request();
    for number in 0.. {
        let like = number * WRITERS + task;
        let member = like % site.people.staying().len();
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
async fn read(
    site: Arc<Site>,
    speaker: Speaker,
    served: Arc<(Actor, WorkItemId)>,
    task: usize,
) -> Result<(), SiteError> {
    let (actor, item) = (&served.0, Some(served.1));
    for number in 0.. {
        let member = (number * READERS + task) % site.people.staying().len();
        let (subject, coverage) = (site.subject(member), site.coverage(member));
        let request: RequestId = site.app.gate.request();
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
