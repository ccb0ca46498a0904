//! The row of pure adjudication: claims of the population under the shipped plans, with every trace, on
//! one core; nothing is stored or sealed.

use std::collections::BTreeMap;
use std::hint::black_box;

use benefits::{Case, Cover, Facts, Plan};
use domain::{Accumulators, ClaimId, Coverage, Date, Person, ProviderId};
use intake::ClaimDraft;
use population::Population;

use crate::measure::{CoreClock, Row};
use crate::site::{PLANS, System};
use crate::{Failure, Run};

/// Someone with a year of claims, in the order received.
struct Insured<'a> {
    plan: &'a Plan,
    person: Person,
    coverage: Coverage,
    claims: Vec<ClaimDraft>,
}

pub(crate) fn measure(run: &Run) -> Result<Row, Failure> {
    let plans: BTreeMap<&str, Plan> = PLANS
        .iter()
        .map(|(name, text)| Ok((*name, Plan::parse(&format!("{name}.toml"), text)?)))
        .collect::<Result<_, Failure>>()?;
    let today = gate::Clock::now(&System).date()?;
    let insured = population(run, today, &plans)?;
    let lines: usize = insured.iter().flat_map(|one| &one.claims).map(|claim| claim.lines.len()).sum();
    let mut product = Vec::new();
    let mut traces = 0;
    for _ in 0..run.rounds.max(5) {
        let clock = CoreClock::start()?;
        traces = insured.iter().try_fold(0, |sum, one| Ok::<_, Failure>(sum + year(one, today)?))?;
        product.push(lines as f64 * 1e9 / clock.nanoseconds()?);
    }
    Ok(Row {
        what: "pure adjudication with traces, one core".to_owned(),
        database: "",
        product,
        floor: Vec::new(),
        unit: "lines/s",
        aim: ">= 1,000,000 lines/s",
        remark: format!(
            "{lines} lines, {:.1} steps traced a line; by the time on the core",
            traces as f64 / lines as f64
        ),
    })
}

fn population<'a>(
    run: &Run,
    today: Date,
    plans: &'a BTreeMap<&str, Plan>,
) -> Result<Vec<Insured<'a>>, Failure> {
    let population = Population::new(run.members, 1, today)?;
    let mut insured = Vec::new();
    for number in 0..population.chunks() {
        let chunk = population.chunk(number)?;
        let mut claims: BTreeMap<_, Vec<ClaimDraft>> = BTreeMap::new();
        for claim in chunk.claims {
            claims.entry(claim.member_source_id.clone()).or_default().push(claim);
        }
        let mut people: BTreeMap<_, Person> =
            chunk.members.into_iter().map(|member| (member.source_id, member.person)).collect();
        for cover in chunk.coverages {
            let plan = plans.get(cover.plan.as_str()).ok_or("a plan of the population is not shipped")?;
            let Some(person) = people.remove(&cover.member_source_id) else { continue };
            let claims = claims.remove(&cover.member_source_id).unwrap_or_default();
            insured.push(Insured { plan, person, coverage: cover.coverage, claims });
        }
    }
    Ok(insured)
}

/// Adjudicates a year; how many steps were traced.
fn year(insured: &Insured<'_>, today: Date) -> Result<usize, Failure> {
    let Insured { plan, person, coverage, claims } = insured;
    let mut accumulators = Accumulators::default();
    let mut traces = 0;
    for (number, claim) in (0_u128..).zip(claims) {
        let case = Case {
            claim: ClaimId::from_bytes(number.to_be_bytes()),
            received: claim.received,
            decided: today,
            provider: ProviderId::from_bytes([1; 16]),
            currency: claim.currency,
            lines: &claim.lines,
            services: &claim.services,
            diagnoses: &claim.diagnoses,
            cover: Cover {
                id: None,
                start: coverage.start,
                end: coverage.end,
                status: coverage.status,
                currency: coverage.currency,
                exclusions: &coverage.exclusions,
            },
            birth_date: Some(person.birth_date),
            death_date: person.death_date,
            confirmed: false,
            facts: Facts { sex: Some(person.sex), ..Facts::default() },
        };
        let determination = black_box(benefits::adjudicate(plan, &case, &accumulators)?);
        traces += determination.traces.len();
        benefits::apply(&mut accumulators, &case, &determination)?;
    }
    Ok(traces)
}
