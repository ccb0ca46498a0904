//! The row of pure adjudication, with every trace, on one core: the next claims of people of whom sixty were decided before,
//! under a plan with ten limits. The care is the population's; nothing is stored or sealed.

use std::hint::black_box;

use benefits::{Case, Cover, Facts, Plan};
use domain::{
    Accumulators, ClaimId, CoverageStatus, Currency, Date, Determination, Money, Outcome, ProviderId,
};
use intake::ClaimDraft;
use population::Population;

use crate::measure::{CoreClock, Row, median};
use crate::site::System;
use crate::{Failure, Run};

const PLAN: &str = include_str!("../plans/ten-limits.toml");

/// Claims of a person that were decided before the clock runs.
const BEFORE: usize = 60;
/// Claims of a person that are decided by the clock.
const NEXT: usize = 10;
/// People of the row: what is known of them stays in the cache of the processor, as it does where a claim was just opened.
const FEW: usize = 10;
/// People at most, of whom nothing is in a cache any more when their turn comes.
const MANY: usize = 2_000;

/// Somebody with what was counted for them, and their next claims in the order received.
struct Insured {
    start: Date,
    before: Accumulators,
    next: Vec<ClaimDraft>,
}

/// What came out of a round.
#[derive(Default)]
struct Sums {
    lines: usize,
    traces: usize,
    claims: usize,
    approved: usize,
}

impl Sums {
    fn add(&mut self, decided: Determination) {
        let approved = matches!(decided.outcome, Outcome::Approved | Outcome::PartiallyApproved);
        self.lines += decided.lines.len();
        self.traces += decided.traces.len();
        self.claims += 1;
        self.approved += usize::from(approved);
    }
}

pub(crate) fn measure(run: &Run) -> Result<Row, Failure> {
    let plan = Plan::parse("ten-limits.toml", PLAN)?;
    let today = gate::Clock::now(&System).date()?;
    let insured = insured(run, &plan, today)?;
    let few = insured.get(..FEW).ok_or("too few members for this row: ask for more with `--members`")?;
    let (mut product, mut cold) = (Vec::new(), Vec::new());
    let mut sums = Sums::default();
    for _ in 0..run.rounds.max(5) {
        product.push(round(&plan, today, (few, MANY / FEW))?.0);
        let (speed, of_round) = round(&plan, today, (&insured, 1))?;
        cold.push(speed);
        sums = of_round;
    }
    Ok(Row {
        what: "pure adjudication with traces, ten limits, 60 claims before, one core".to_owned(),
        database: "",
        product,
        floor: Vec::new(),
        unit: "lines/s",
        aim: ">= 1,000,000 lines/s",
        remark: format!(
            "{:.1} steps traced a line, {:.0} % of the claims approved at least in part; by the time on the core; {FEW} people over and over, \
             whom its cache holds; of {} people in turn {:.0} lines/s",
            sums.traces as f64 / sums.lines as f64,
            sums.approved as f64 * 100.0 / sums.claims as f64,
            insured.len(),
            median(&cold),
        ),
    })
}

/// Decides the next claims of these people so many times, each on what was counted before it began; lines a second.
fn round(plan: &Plan, today: Date, (insured, times): (&[Insured], usize)) -> Result<(f64, Sums), Failure> {
    let mut sums = Sums::default();
    let clock = CoreClock::start()?;
    for one in std::iter::repeat_n(insured, times).flatten() {
        for (number, claim) in (BEFORE..).zip(&one.next) {
            let case = case((one.start, today), (number, claim));
            sums.add(black_box(benefits::adjudicate(plan, &case, &one.before)?));
        }
    }
    Ok((sums.lines as f64 * 1e9 / clock.nanoseconds()?, sums))
}

/// People with the claims of several of the population each, all in euro, so that everybody has as many.
fn insured(run: &Run, plan: &Plan, today: Date) -> Result<Vec<Insured>, Failure> {
    let euro: Currency = "EUR".parse()?;
    let start = today.plus_months(-24).ok_or("two years ago is no day")?;
    let population = Population::new(run.members, 1, today)?;
    let mut insured = Vec::new();
    for number in 0..population.chunks() {
        let mut claims = population.chunk(number)?.claims;
        for claim in &mut claims {
            claim.currency = euro;
            for line in &mut claim.lines {
                line.charge = Money::new(line.charge.minor(), euro)?;
            }
        }
        for of_one in claims.chunks_exact(BEFORE + NEXT).take(MANY - insured.len()) {
            let mut of_one = of_one.to_vec();
            of_one.sort_by_key(|claim| claim.received);
            let next = of_one.split_off(BEFORE);
            let mut before = Accumulators::default();
            for (number, claim) in of_one.iter().enumerate() {
                let case = case((start, today), (number, claim));
                let decided = benefits::adjudicate(plan, &case, &before)?;
                benefits::apply(&mut before, &case, &decided)?;
            }
            insured.push(Insured { start, before, next });
        }
    }
    Ok(insured)
}

/// A claim of somebody covered since a day.
fn case((start, today): (Date, Date), (number, claim): (usize, &ClaimDraft)) -> Case<'_> {
    // Of each claim another provider: they were several people's, so that none is a duplicate.
    let id = (number as u128).to_be_bytes();
    Case {
        claim: ClaimId::from_bytes(id),
        received: claim.received,
        decided: today,
        provider: ProviderId::from_bytes(id),
        currency: claim.currency,
        lines: &claim.lines,
        services: &claim.services,
        diagnoses: &claim.diagnoses,
        cover: Cover {
            id: None,
            start,
            end: None,
            status: CoverageStatus::Active,
            currency: claim.currency,
            exclusions: &[],
        },
        birth_date: None,
        death_date: None,
        confirmed: true,
        facts: Facts::default(),
    }
}
