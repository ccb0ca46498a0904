//! What is before the job next: claims are leased, put into rounds, and asked for, to decide and to screen them. It decides nothing:
//! beside the leases it writes the entries of what it asks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use domain::{
    Category, CategorySet, ClaimId, ClaimState, PortfolioId, Purpose, Recipient, RecordId, SubjectId,
    Timestamp,
};
use gate::{Asking, MAX_PART, Part, Target};
use store::StoreError;
use store::claim::ClaimRow;
use store::job::JobRow;

use super::family::Families;
use super::{LEASE_SECONDS, Leased, ToAdjudicate};
use crate::screen::Marked;
use crate::submit::JOB_ADJUDICATE;
use crate::{App, ServiceError};

/// The most claims that wait that are looked at for those of one person, which are decided together: what is known of somebody is then
/// read, and written, once for many of their claims.
const WINDOW: usize = 10_000;

/// Claims of a portfolio that are decided together: of each family those of one person.
pub(super) struct Round {
    pub(super) portfolio: PortfolioId,
    pub(super) families: Arc<Families>,
    /// At most [`MAX_PART`].
    pub(super) claims: Vec<Leased>,
}

impl Round {
    /// Whether anybody's claims are in both, or claims that count for one family.
    pub(super) fn shares(&self, other: &Self) -> bool {
        let concerned = |round: &Self| -> BTreeSet<SubjectId> {
            let people = round.claims.iter().map(|leased| leased.claim.subject);
            people.flat_map(|subject| [Some(subject), round.families.contract(subject)]).flatten().collect()
        };
        !concerned(self).is_disjoint(&concerned(other))
    }

    pub(super) fn jobs(&self) -> Vec<JobRow> {
        self.claims.iter().map(|leased| leased.job).collect()
    }
}

/// A round that was asked for.
pub(super) struct Asked {
    pub(super) round: Round,
    /// When.
    pub(super) at: Timestamp,
    pub(super) asked: Result<MayDecide, ServiceError>,
}

/// What may be seen of a round to decide it, and to screen it.
pub(super) type MayDecide = (Part<ToAdjudicate>, Marked);

/// The rounds of the claims that wait.
pub(super) struct Rounds<'a> {
    app: &'a App,
    /// How many more claims are leased.
    limit: usize,
    /// Claims that waited when they were looked at, in the order in which they are leased.
    waiting: VecDeque<JobRow>,
    leased: VecDeque<Round>,
}

impl<'a> Rounds<'a> {
    /// Those of at most `limit` claims.
    pub(super) fn new(app: &'a App, limit: usize) -> Self {
        Self { app, limit, waiting: VecDeque::new(), leased: VecDeque::new() }
    }

    /// The next round, asked for; none when nothing waits. After an error there is none.
    pub(super) async fn next(&mut self) -> Result<Option<Asked>, ServiceError> {
        while self.leased.is_empty() && self.limit > 0 {
            match self.lease().await {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    self.limit = 0;
                    return Err(error);
                }
            }
        }
        let Some(round) = self.leased.pop_front() else { return Ok(None) };
        let (at, asked) = (self.app.gate.now(), ask(self.app, &round).await);
        Ok(Some(Asked { round, at, asked }))
    }

    /// Leases the claims of the next rounds, but those for which another worker was faster. Answers whether any waited.
    async fn lease(&mut self) -> Result<bool, ServiceError> {
        let store = self.app.store();
        if self.waiting.is_empty() {
            let (most, now) = (self.limit.min(WINDOW), self.app.gate.now());
            let waiting: Result<_, StoreError> =
                store.read(move |unit| store::job::waiting(unit, JOB_ADJUDICATE, most, now)).await;
            let waiting = waiting?;
            // What goes into one part is decided together in any order.
            self.waiting = match waiting.len() > self.limit.min(MAX_PART) {
                true => in_order(self.app, waiting).await,
                false => waiting.into(),
            };
        }
        let part = of_whole_people(&mut self.waiting, self.limit.min(MAX_PART));
        if part.is_empty() {
            return Ok(false);
        }
        let (number, now) = (part.len(), self.app.gate.now());
        let jobs = store.lease_jobs(part, now, now.plus_seconds(LEASE_SECONDS)).await?;
        if jobs.len() < number {
            // Another worker is at those that were seen waiting.
            self.waiting.clear();
        }
        self.limit -= jobs.len();
        if let Err(error) = self.put_into_rounds(&jobs).await {
            self.leased.clear();
            super::give_back(self.app, jobs).await?;
            return Err(error);
        }
        Ok(true)
    }

    async fn put_into_rounds(&mut self, jobs: &[JobRow]) -> Result<(), ServiceError> {
        for (portfolio, claims) in by_portfolio(self.app, jobs).await? {
            let families = Arc::new(Families::read(self.app, &super::rows_of(&claims)).await?);
            let round = |claims| Round { portfolio, families: Arc::clone(&families), claims };
            self.leased.extend(families.rounds(claims).into_iter().map(round));
        }
        Ok(())
    }
}

/// The claims that wait in the order in which they are leased: as they came in, when it cannot be told who is counted with a family. For
/// whom that is so, their part will find out, and nobody else waits for it.
async fn in_order(app: &App, waiting: Vec<JobRow>) -> VecDeque<JobRow> {
    let people: BTreeSet<SubjectId> = waiting.iter().map(|job| job.subject).collect();
    match Families::of(app, people.into_iter().collect()).await {
        Ok(families) => by_person(waiting, |subject| families.contract(subject).is_some()),
        Err(error) => {
            tracing::warn!(%error, "claims are adjudicated as they came in: cover of somebody cannot be read");
            waiting.into()
        }
    }
}

/// Claims in the order in which they came in, with those of each person together where their first one stands. Not those that count
/// for a family: each leaves something of a limit for the next, whoever of them that is about.
fn by_person(waiting: Vec<JobRow>, for_family: impl Fn(SubjectId) -> bool) -> VecDeque<JobRow> {
    let mut first: BTreeMap<SubjectId, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, JobRow)> = Vec::with_capacity(waiting.len());
    for (place, job) in waiting.into_iter().enumerate() {
        let of_person = *first.entry(job.subject).or_insert(place);
        placed.push((if for_family(job.subject) { place } else { of_person }, job));
    }
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, job)| job).collect()
}

/// Takes the next ones, at most `most`: without those of the last person when not all of theirs are among them, unless there is nobody
/// else.
fn of_whole_people(waiting: &mut VecDeque<JobRow>, most: usize) -> Vec<JobRow> {
    let most = most.min(waiting.len());
    let subject = |place: usize| waiting.get(place).map(|job| job.subject);
    let whole = (1..=most).rev().find(|number| subject(number - 1) != subject(*number));
    waiting.drain(..whole.unwrap_or(most)).collect()
}

/// Asks for the claims of a round, to decide them (an entry about each, its conditions tested), and for those that are granted to
/// screen them.
pub(super) async fn ask(app: &App, round: &Round) -> Result<MayDecide, ServiceError> {
    let job = app.gate.job(Recipient::AdjudicationJob)?;
    let asking = Asking {
        writes: CategorySet::of(&[Category::Financial]),
        ..Asking::new(&job, round.portfolio, Purpose::ClaimsProcessing, app.gate.request())
    };
    let claims = || round.claims.iter().map(|leased| leased.claim);
    let rows: BTreeMap<RecordId, ClaimRow> = claims().map(|claim| (claim.claim.into(), claim)).collect();
    let targets = claims().map(|claim| Target::for_item(claim.subject, claim.claim)).collect();
    // INVARIANT: a round has a claim, and no more of them than one part takes.
    let part = app.gate.run::<ToAdjudicate>(asking, targets, MAX_PART).await?.next().await?;
    let part = part.ok_or(gate::GateError::Compute("a round of no claims"))?;
    let row_of = |target: &Target| rows.get(&RecordId::from_bytes(*target.item?.bytes())).copied();
    let granted = part.granted.iter().filter_map(row_of).collect();
    let marked = crate::screen::ask(app, &job, round.portfolio, granted).await?;
    Ok((part, marked))
}

/// The claims of leased jobs, by portfolio.
async fn by_portfolio(
    app: &App,
    jobs: &[JobRow],
) -> Result<BTreeMap<PortfolioId, Vec<Leased>>, ServiceError> {
    let pairs: Vec<(SubjectId, ClaimId)> =
        jobs.iter().map(|job| (job.subject, ClaimId::from_bytes(*job.job.bytes()))).collect();
    let rows = app.store().read(move |unit| store::many::claims(unit, &pairs)).await?;
    let jobs: BTreeMap<RecordId, &JobRow> = jobs.iter().map(|job| (job.job, job)).collect();
    let mut portfolios: BTreeMap<PortfolioId, Vec<Leased>> = BTreeMap::new();
    for claim in rows.into_iter().filter(|row| row.state == ClaimState::Received) {
        let Some(job) = jobs.get(&claim.claim.into()) else { continue };
        portfolios.entry(claim.portfolio).or_default().push(Leased { claim, job: *(*job) });
    }
    Ok(portfolios)
}

#[cfg(test)]
mod tests {
    use domain::BatchId;

    use super::*;

    /// Jobs about these people, by the letter, in the order in which they came in.
    fn jobs(people: &str) -> Vec<JobRow> {
        let job = |(place, person): (usize, u8)| JobRow {
            subject: SubjectId::from_bytes([person; 16]),
            job: RecordId::from_bytes([place as u8; 16]),
            kind: JOB_ADJUDICATE,
            due: Timestamp::from_micros(place as i64),
            attempts: 0,
        };
        people.bytes().enumerate().map(job).collect()
    }

    /// By person and place.
    fn told<'a>(jobs: impl IntoIterator<Item = &'a JobRow>) -> String {
        let one = |job: &JobRow| format!("{}{}", char::from(job.subject.bytes()[0]), job.due.micros());
        jobs.into_iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn claims_of_one_person_come_together_and_those_of_a_family_in_turn() {
        let of_family = |subject: SubjectId| subject.bytes()[0] >= b'x';
        for (given, expected) in [
            ("", ""),
            ("abab", "a0 a2 b1 b3"),
            ("xaya", "x0 a1 a3 y2"),
            ("xyxy", "x0 y1 x2 y3"),
            ("axbxaxb", "a0 a4 x1 b2 b6 x3 x5"),
        ] {
            assert_eq!(told(&by_person(jobs(given), of_family)), expected, "{given}");
        }
    }

    #[test]
    fn a_part_ends_with_whole_people_where_it_can() {
        for (given, most, expected) in [
            ("aabb", 3, "a0 a1"),
            ("aabb", 4, "a0 a1 b2 b3"),
            ("aabb", 9, "a0 a1 b2 b3"),
            ("aabbc", 4, "a0 a1 b2 b3"),
            ("aaaa", 3, "a0 a1 a2"),
            ("ab", 1, "a0"),
            ("a", 0, ""),
            ("", 3, ""),
        ] {
            let mut waiting = VecDeque::from(jobs(given));
            let part = of_whole_people(&mut waiting, most);
            assert_eq!(told(&part), expected, "{given} {most}");
            assert_eq!(part.len() + waiting.len(), given.len(), "{given} {most}: nothing is lost");
        }
    }

    fn person(letter: u8) -> SubjectId {
        SubjectId::from_bytes([letter; 16])
    }

    /// A round of claims of these people, who are counted with these contracts.
    fn round(people: &str, contracts: &[(SubjectId, SubjectId)]) -> Round {
        let claim = |job: JobRow| ClaimRow {
            subject: job.subject,
            claim: ClaimId::from_bytes(*job.job.bytes()),
            portfolio: PortfolioId::from_bytes([1; 16]),
            state: ClaimState::Received,
            received: "2026-11-19".parse().unwrap(),
            outcome_reason: None,
            content: [0; 32],
            batch: BatchId::from_bytes([0; 16]),
            version: 1,
        };
        let claims = jobs(people).into_iter().map(|job| Leased { claim: claim(job), job }).collect();
        Round {
            portfolio: PortfolioId::from_bytes([1; 16]),
            families: Arc::new(Families::under(contracts)),
            claims,
        }
    }

    #[test]
    fn rounds_share_a_person_or_a_contract() {
        let (a, b, h) = (person(b'a'), person(b'b'), person(b'h'));
        for (one, of_one, other, of_other, expected) in [
            ("ab", &[][..], "cd", &[][..], false),
            ("ab", &[], "bc", &[], true),
            ("a", &[(a, h)], "b", &[(b, h)], true),
            ("a", &[(a, h)], "h", &[], true),
            ("h", &[], "a", &[(a, h)], true),
            ("a", &[(a, h)], "b", &[], false),
            ("a", &[], "", &[], false),
        ] {
            let (first, next) = (round(one, of_one), round(other, of_other));
            assert_eq!(first.shares(&next), expected, "{one} {other}");
            assert_eq!(next.shares(&first), expected, "{other} {one}");
        }
    }
}
