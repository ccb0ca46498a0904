//! Runs that decide claims again, and the proposals that they leave: how far a run came, and where each proposal stands. What
//! is proposed is sealed elsewhere; nothing here says what would change, or by how much.

use std::collections::BTreeSet;

use domain::{
    ActorId, ClaimState, Date, PlanId, PortfolioId, ProposalState, ReleaseReason, SubjectId, Timestamp,
    WorkItemId,
};

use crate::family::FamilyRow;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A run over the claims of a portfolio whose first service lies on some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRow {
    /// Which: also the work item of the entries, and the record of what is proposed for each person.
    pub run: WorkItemId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// Who started it.
    pub starter: ActorId,
    /// When.
    pub started: Timestamp,
    /// The last person whom it has done, in the order of their ids; zeros before the first.
    pub reached: SubjectId,
    /// When it was through; none while it is not.
    pub finished: Option<Timestamp>,
    /// People whose claims it has taken.
    pub people: i64,
    /// Claims that it has decided again.
    pub claims: i64,
    /// Those of them that would be decided otherwise.
    pub differing: i64,
    /// Those that nobody can decide again before something is known: they stand.
    pub waiting: i64,
    /// People whom no clause lets it read.
    pub refused: i64,
    /// People whose claims could not be worked out.
    pub failed: i64,
    /// It takes only people of whom something changed since their claims were decided.
    pub only_changed: bool,
    /// The row's version; 1 at first.
    pub version: i64,
}

const SELECT_RUN: &str =
    "SELECT run, portfolio, first_day, last_day, starter, started, reached, finished, people, claims,
    differing, waiting, refused, failed, only_changed, version FROM moretus.readjudication";

/// Stored as the instant of what has not happened.
const NEVER: i64 = 0;

impl RunRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            run: row.id(0)?,
            portfolio: row.id(1)?,
            first: row.day(2)?,
            last: row.day(3)?,
            starter: row.id(4)?,
            started: row.at(5)?,
            reached: row.id(6)?,
            finished: if row.int(7)? == NEVER { None } else { Some(row.at(7)?) },
            people: row.int(8)?,
            claims: row.int(9)?,
            differing: row.int(10)?,
            waiting: row.int(11)?,
            refused: row.int(12)?,
            failed: row.int(13)?,
            only_changed: row.int(14)? != 0,
            version: row.int(15)?,
        })
    }
}

/// Inserts a run that has done nothing yet.
pub fn insert_run(unit: &mut Unit<'_>, row: &RunRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.readjudication (run, portfolio, first_day, last_day, starter, started, reached, finished,
            people, claims, differing, waiting, refused, failed, only_changed, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, 0, $8, 1)";
    let params = [
        Param::id(&row.run),
        Param::id(&row.portfolio),
        Param::day(row.first),
        Param::day(row.last),
        Param::id(&row.starter),
        Param::at(row.started),
        Param::id(&row.reached),
        Param::Int(row.only_changed.into()),
    ];
    unit.execute(sql, &params).map(drop)
}

/// Writes how far a run came, if the stored row is still of this row's version; the version goes up by one.
pub fn advance(unit: &mut Unit<'_>, row: &RunRow) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.readjudication SET reached = $1, finished = $2, people = $3, claims = $4, differing = $5,
            waiting = $6, refused = $7, failed = $8, version = version + 1
         WHERE run = $9 AND version = $10",
        &[
            Param::id(&row.reached),
            row.finished.map_or(Param::Int(NEVER), Param::at),
            Param::Int(row.people),
            Param::Int(row.claims),
            Param::Int(row.differing),
            Param::Int(row.waiting),
            Param::Int(row.refused),
            Param::Int(row.failed),
            Param::id(&row.run),
            Param::Int(row.version),
        ],
    )
}

/// A run of a portfolio.
pub fn run(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    run: WorkItemId,
) -> Result<Option<RunRow>, StoreError> {
    let sql = format!("{SELECT_RUN} WHERE run = $1 AND portfolio = $2");
    let row = unit.query_first("readjudication", &sql, &[Param::id(&run), Param::id(&portfolio)])?;
    row.map(|row| RunRow::from_row(&row)).transpose()
}

/// The runs of a portfolio, the latest first.
pub fn runs(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Vec<RunRow>, StoreError> {
    let sql = format!("{SELECT_RUN} WHERE portfolio = $1 ORDER BY started DESC, run");
    let rows = unit.query("readjudication", &sql, &[Param::id(&portfolio)])?;
    rows.iter().map(RunRow::from_row).collect()
}

/// A plan version that takes the place of another, in spans of cover that begin on some days: fixed when a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanChange {
    /// The version that spans are under.
    pub old: PlanId,
    /// The one that takes its place.
    pub new: PlanId,
    /// The first day.
    pub from: Date,
    /// The day before which a span must begin, since a newer version applies from it; none where there is none.
    pub before: Option<Date>,
}

impl PlanChange {
    /// Whether it is for a span under a version, that begins on a day.
    #[must_use]
    pub fn is_for(&self, plan: PlanId, start: Date) -> bool {
        self.old == plan && self.from <= start && self.before.is_none_or(|before| start < before)
    }
}

/// Stored as the day before which a span must begin where no newer version applies.
pub(crate) const NO_DAY: i64 = i64::MAX;

/// Inserts which plan versions take the place of others in a run.
pub fn insert_changes(
    unit: &mut Unit<'_>,
    run: WorkItemId,
    changes: &[PlanChange],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.readjudication_plan (run, old_plan, new_plan, from_day, before_day)
        VALUES ($1, $2, $3, $4, $5)";
    changes.iter().try_for_each(|change| {
        let before = change.before.map_or(Param::Int(NO_DAY), Param::day);
        let (old, new) = (Param::id(&change.old), Param::id(&change.new));
        unit.execute(sql, &[Param::id(&run), old, new, Param::day(change.from), before]).map(drop)
    })
}

/// Which plan versions take the place of others in a run.
pub fn changes(unit: &mut Unit<'_>, run: WorkItemId) -> Result<Vec<PlanChange>, StoreError> {
    let sql = "SELECT old_plan, new_plan, from_day, before_day FROM moretus.readjudication_plan
        WHERE run = $1 ORDER BY old_plan, new_plan";
    let change = |row: &Row| {
        Ok(PlanChange {
            old: row.id(0)?,
            new: row.id(1)?,
            from: row.day(2)?,
            before: if row.int(3)? == NO_DAY { None } else { Some(row.day(3)?) },
        })
    };
    unit.query("readjudication_plan", sql, &[Param::id(&run)])?.iter().map(change).collect()
}

/// The states of a claim that is decided.
pub const DECIDED: [ClaimState; 5] = [
    ClaimState::Adjudicated,
    ClaimState::InPayment,
    ClaimState::Paid,
    ClaimState::Settled,
    ClaimState::Unsettled,
];

/// People after one with a decided claim that was received on a day or later: by the keys of both tables.
const CLAIMANTS: &str = "portfolio = $1 AND subject > $2
    AND EXISTS (SELECT 1 FROM moretus.claim WHERE claim.subject = subject.subject AND received_day >= $3
        AND state IN ($4, $5, $6, $7, $8))";

fn claimant_params<'a>(portfolio: &'a PortfolioId, after: &'a SubjectId, since: Date) -> Vec<Param<'a>> {
    let states = DECIDED.map(|state| Param::code(state.code()));
    [Param::id(portfolio), Param::id(after), Param::day(since)].into_iter().chain(states).collect()
}

/// Up to `limit` people of a portfolio with decided claims that were received on a day or later, after one, in order of their ids: read by the keys of both tables, so that
/// each part of a run costs the same.
pub fn claimants(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: SubjectId,
    since: Date,
    limit: usize,
) -> Result<Vec<SubjectId>, StoreError> {
    let mut params = claimant_params(&portfolio, &after, since);
    params.push(Param::count(limit));
    unit.query("subject", &next_claimants(), &params)?.iter().map(|row| row.id(0)).collect()
}

pub(crate) fn next_claimants() -> String {
    format!("SELECT subject FROM moretus.subject WHERE {CLAIMANTS} ORDER BY subject LIMIT $9")
}

/// Those of these people of a portfolio whom [`claimants`] would answer, in order of their ids.
pub fn claimants_among(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    since: Date,
    people: &[SubjectId],
) -> Result<Vec<SubjectId>, StoreError> {
    let of = |subject| {
        let [one, two, three, four, five] = DECIDED.map(|state| Param::code(state.code()));
        let (portfolio, after) = (Param::id(&portfolio), Param::Bytes(&NOBODY));
        [portfolio, after, Param::day(since), one, two, three, four, five, Param::id(subject)]
    };
    let asked: Vec<[Param<'_>; 9]> = people.iter().map(of).collect();
    let found = unit.query_each("subject", &claimant(), &asked, |row| row.id(0))?;
    Ok(found.into_iter().collect::<BTreeSet<SubjectId>>().into_iter().collect())
}

fn claimant() -> String {
    format!("SELECT subject FROM moretus.subject WHERE {CLAIMANTS} AND subject = $9")
}

/// The dependants of each of these holders whom [`claimants`] would answer, of each up to `limit` in order of their ids; without
/// those of whom [`crate::family::holders_of`] says nothing.
pub fn claimants_under(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    since: Date,
    holders: &[SubjectId],
    limit: usize,
) -> Result<Vec<FamilyRow>, StoreError> {
    let sql = "SELECT subject, holder FROM moretus.family
        WHERE holder = $1 AND moved <> 1
            AND EXISTS (SELECT 1 FROM moretus.subject WHERE subject.subject = family.subject AND portfolio = $2)
            AND EXISTS (SELECT 1 FROM moretus.claim WHERE claim.subject = family.subject AND received_day >= $3
                AND state IN ($4, $5, $6, $7, $8))
        ORDER BY subject LIMIT $9";
    let of = |holder| {
        let [one, two, three, four, five] = DECIDED.map(|state| Param::code(state.code()));
        let (holder, portfolio) = (Param::id(holder), Param::id(&portfolio));
        [holder, portfolio, Param::day(since), one, two, three, four, five, Param::count(limit)]
    };
    let asked: Vec<[Param<'_>; 9]> = holders.iter().map(of).collect();
    unit.query_each("family", sql, &asked, |row| Ok(FamilyRow { subject: row.id(0)?, holder: row.id(1)? }))
}

/// How many such people come after one in order of their ids.
pub fn count_claimants(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    after: SubjectId,
    since: Date,
) -> Result<i64, StoreError> {
    let sql = format!("SELECT count(*) FROM moretus.subject WHERE {CLAIMANTS}");
    let row = unit.query_first("subject", &sql, &claimant_params(&portfolio, &after, since))?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// What a run proposes for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposalRow {
    /// For whom.
    pub subject: SubjectId,
    /// Of which run.
    pub run: WorkItemId,
    /// Where it stands.
    pub state: ProposalState,
    /// A hash of the versions of all that it rests on.
    pub basis: [u8; 32],
    /// Who released it, when and why; none while nobody has.
    pub release: Option<Release>,
}

/// The release of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
    /// Why.
    pub reason: ReleaseReason,
}

static INSERT: Bulk<7> = Bulk::new(
    "moretus.proposal",
    [
        ("subject", Type::Bytes),
        ("run", Type::Bytes),
        ("state", Type::Int),
        ("basis", Type::Bytes),
        ("released", Type::Int),
        ("releaser", Type::Bytes),
        ("reason", Type::Int),
    ],
);

const NOBODY: [u8; 16] = [0; 16];

impl ProposalRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let release = match row.int(4)? {
            NEVER => None,
            _ => Some(Release {
                at: row.at(4)?,
                by: row.id(5)?,
                reason: row.word(6, ReleaseReason::from_code)?,
            }),
        };
        Ok(Self {
            subject: row.id(0)?,
            run: row.id(1)?,
            state: row.word(2, ProposalState::from_code)?,
            basis: row.array(3)?,
            release,
        })
    }

    fn params(&self) -> [Param<'_>; 7] {
        [
            Param::id(&self.subject),
            Param::id(&self.run),
            Param::code(self.state.code()),
            Param::Bytes(&self.basis),
            self.release.map_or(Param::Int(NEVER), |release| Param::at(release.at)),
            self.release.as_ref().map_or(Param::Bytes(&NOBODY), |release| Param::id(&release.by)),
            self.release.map_or(Param::Int(0), |release| Param::code(release.reason.code())),
        ]
    }
}

/// Inserts proposals. Answers [`StoreError::Duplicate`] when one is there already.
pub fn insert_proposals(unit: &mut Unit<'_>, rows: &[ProposalRow]) -> Result<(), StoreError> {
    let rows: Vec<_> = rows.iter().map(ProposalRow::params).collect();
    unit.insert_new(&INSERT, &rows)
}

/// What a run proposes for a person.
pub fn proposal(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    run: WorkItemId,
) -> Result<Option<ProposalRow>, StoreError> {
    let sql = "SELECT subject, run, state, basis, released, releaser, reason FROM moretus.proposal
        WHERE subject = $1 AND run = $2";
    let row = unit.query_first("proposal", sql, &[Param::id(&subject), Param::id(&run)])?;
    row.map(|row| ProposalRow::from_row(&row)).transpose()
}

/// What a run proposes for each of these people, in order of their ids; without those for whom it has no row.
pub fn proposals_among(
    unit: &mut Unit<'_>,
    run: WorkItemId,
    people: &BTreeSet<SubjectId>,
) -> Result<Vec<ProposalRow>, StoreError> {
    let sql = "SELECT subject, run, state, basis, released, releaser, reason FROM moretus.proposal
        WHERE subject = $1 AND run = $2";
    let asked: Vec<_> = people.iter().map(|subject| [Param::id(subject), Param::id(&run)]).collect();
    unit.query_each("proposal", sql, &asked, ProposalRow::from_row)
}

/// Up to `limit` proposals of a run that stand so, of people after one, in order of their ids.
pub fn proposals(
    unit: &mut Unit<'_>,
    run: WorkItemId,
    state: ProposalState,
    after: SubjectId,
    limit: usize,
) -> Result<Vec<ProposalRow>, StoreError> {
    let sql = "SELECT subject, run, state, basis, released, releaser, reason FROM moretus.proposal
        WHERE run = $1 AND state = $2 AND subject > $3 ORDER BY subject LIMIT $4";
    let params = [Param::id(&run), Param::code(state.code()), Param::id(&after), Param::count(limit)];
    unit.query("proposal", sql, &params)?.iter().map(ProposalRow::from_row).collect()
}

/// Who released what was proposed for a person.
pub fn releasers(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<ActorId>, StoreError> {
    let sql = "SELECT DISTINCT releaser FROM moretus.proposal WHERE subject = $1 AND releaser <> $2";
    let params = [Param::id(&subject), Param::Bytes(&NOBODY)];
    unit.query("proposal", sql, &params)?.iter().map(|row| row.id(0)).collect()
}

/// How many proposals of a run stand where.
pub fn count(unit: &mut Unit<'_>, run: WorkItemId) -> Result<Vec<(ProposalState, i64)>, StoreError> {
    let sql = "SELECT state, count(*) FROM moretus.proposal WHERE run = $1 GROUP BY state ORDER BY state";
    let count = |row: &Row| Ok((row.word(0, ProposalState::from_code)?, row.int(1)?));
    unit.query("proposal", sql, &[Param::id(&run)])?.iter().map(count).collect()
}

/// Writes where a proposal stands, if it still waits for a person.
pub fn decide(unit: &mut Unit<'_>, row: &ProposalRow) -> Result<(), StoreError> {
    let [subject, run, state, _, released, releaser, reason] = row.params();
    let waits = Param::code(ProposalState::Proposed.code());
    unit.change_one(
        "UPDATE moretus.proposal SET state = $1, released = $2, releaser = $3, reason = $4
         WHERE subject = $5 AND run = $6 AND state = $7",
        &[state, released, releaser, reason, subject, run, waits],
    )
}
