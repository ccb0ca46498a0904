//! Promises 1, 2 and 4, at random: asks and searches of everybody who may ask, about everybody, for every purpose, go
//! through the gate of a real site, on which consents, tasks, agreements, staff and the notice itself change between them.
//! A naive judge, who reads the published clauses one by one and knows the test's own world, says of each what must be
//! answered and what must stand on the record; and each of a list of wrong judges is found out by the same asks.
//!
//! `MORETUS_CASES` is how many asks on both databases together (20,000 when it is not set), `MORETUS_SEED` which ones.
#![allow(clippy::print_stdout, reason = "what a run met is worth seeing, and a failure is found by it")]
#![allow(clippy::disallowed_methods, reason = "the seed and the count come from the environment")]

mod answers;
mod asks;
mod changes;
mod draw;
mod judge;
mod misreadings;
mod model;
mod random;
mod reading;
mod register;
mod searching;
mod setup;
mod staff;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use domain::{Condition, Purpose};

use self::answers::Answer;
use self::asks::{About, Ask, Outcome, Told, Verdict};
use self::judge::Judge;
use self::misreadings::Misreading;
use self::model::World;
use self::random::Random;
use self::setup::Stage;
use crate::site::TestSite;

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn the_gate_answers_as_a_naive_reading_of_the_clauses() {
        super::compare("SQLite", async || crate::site::TestSite::sqlite().await).await;
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn the_gate_answers_as_a_naive_reading_of_the_clauses() {
        super::compare("PostgreSQL", async || crate::site::TestSite::postgres().await).await;
    }
}

/// Asks between two changes of the world.
const ASKS_A_ROUND: usize = 200;
/// Asks on one site: then another one is set up, so that neither what is read nor what is kept grows with the count.
const ASKS_A_SITE: usize = 10_000;
/// The usual seed: a site's asks of it meet all that a run must have met.
const SEED: u64 = 10;
/// So many asks of any seed meet it; with fewer, one thing or another may be missed by chance.
const ASKS_THAT_MEET_ALL: usize = 100_000;

/// What a run has met.
#[derive(Default)]
struct Met {
    asks: usize,
    granted: usize,
    searches: usize,
    /// Of each condition, how often something was shown that rested on it, and how often it was all that a clause lacked.
    conditions: BTreeMap<Condition, [usize; 2]>,
    /// The purposes for which something was shown.
    purposes: BTreeMap<Purpose, usize>,
    /// The clauses under which something may have been shown.
    clauses: BTreeSet<String>,
    /// The wrong judges who were found out.
    found: Vec<Misreading>,
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The run on one database.
async fn compare(engine: &str, site: impl AsyncFn() -> TestSite) {
    let seed = number("MORETUS_SEED", SEED);
    let asks = usize::try_from(number("MORETUS_CASES", 20_000).div_ceil(2)).unwrap();
    println!("{asks} asks on {engine}, MORETUS_SEED={seed}");
    let mut met = Met::default();
    for (number, first) in (0..asks).step_by(ASKS_A_SITE).enumerate() {
        let random = Random::of(seed, u64::try_from(number).unwrap());
        let rounds = ASKS_A_SITE.min(asks - first).div_ceil(ASKS_A_ROUND);
        let run = format!("MORETUS_SEED={seed}, site {number}");
        on_a_site(site().await, random, (rounds, &run), &mut met).await;
    }
    met.tell(engine);
    if asks >= ASKS_THAT_MEET_ALL || seed == SEED && asks >= ASKS_A_SITE {
        met.must_be_all();
    }
}

/// So many rounds on one site.
async fn on_a_site(site: TestSite, mut random: Random, (rounds, run): (usize, &str), met: &mut Met) {
    let mut stage = Stage::of(site).await;
    stage.enter_organisations().await;
    stage.enter_askers().await;
    stage.begin(&mut random).await;
    let mut last = 0;
    for round in 0..rounds {
        if round == rounds / 3 {
            stage.publish_newer().await;
        }
        for _ in 0..random.below(7) {
            stage.change(&mut random).await;
        }
        stage.let_time_pass(&mut random).await;
        stage.read_record(&mut last).await;
        let asks: Vec<Ask> = (0..ASKS_A_ROUND).map(|_| stage.draw(&mut random)).collect();
        let answers = stage.ask_all(&asks, &mut last).await;
        let mut differences = Vec::new();
        for (place, (ask, answer)) in asks.iter().zip(&answers).enumerate() {
            if let Some(difference) = met.compare(&stage.world, ask, answer) {
                differences.push(format!("{run}, ask {}: {difference}", round * ASKS_A_ROUND + place));
            }
        }
        assert!(
            differences.is_empty(),
            "{} asks were answered otherwise:\n{}",
            differences.len(),
            differences[0]
        );
    }
}

impl Stage {
    /// Minutes, hours or days later, when nothing begins or ends for a while.
    async fn let_time_pass(&mut self, random: &mut Random) {
        let seconds = match random.below(10) {
            0 => 86_400 * (1 + random.below(3)),
            1 | 2 => 3_600 * (1 + random.below(8)),
            _ => 60 * (1 + random.below(20)),
        };
        let clock = &self.site.clock;
        clock.advance(i64::try_from(seconds).unwrap());
        let now = self.site.app.gate.now().micros();
        clock.advance(self.world.seconds_to_calm(now));
        self.world.now = self.site.app.gate.now().micros();
        self.look_up_askers().await;
    }
}

impl Met {
    /// In what an answer differs from what the judge says, in words; and which wrong judges it differs from.
    fn compare(&mut self, world: &World, ask: &Ask, answer: &Answer) -> Option<String> {
        let verdict = Judge { world, misreading: None }.judge(ask);
        if let Some(difference) = answer.differs(world, ask, &verdict) {
            return Some(format!("{difference}\n{}\n{verdict:#?}", ask.describe(world)));
        }
        self.note(ask, &verdict);
        let hidden: Vec<Misreading> =
            Misreading::ALL.iter().copied().filter(|one| !self.found.contains(one)).collect();
        for misreading in hidden {
            let wrong = Judge { world, misreading: Some(misreading) }.judge(ask);
            self.found.extend(answer.differs(world, ask, &wrong).map(|_| misreading));
        }
        None
    }

    fn note(&mut self, ask: &Ask, verdict: &Verdict) {
        self.asks += 1;
        self.searches += usize::from(matches!(ask.about, About::Sought(_)));
        self.granted += usize::from(matches!(&verdict.told, Told::Granted(people) if !people.is_empty()));
        for line in &verdict.lines {
            for (condition, held) in &line.weighed {
                self.conditions.entry(*condition).or_default()[usize::from(!held)] += 1;
            }
            if line.outcome == Outcome::Granted {
                *self.purposes.entry(ask.purpose).or_default() += 1;
                self.clauses.extend(line.clauses.iter().cloned());
            }
        }
    }

    fn tell(&self, engine: &str) {
        let Self { asks, granted, searches, .. } = self;
        println!("{granted} of {asks} granted, {searches} searches");
        println!("conditions that were rested on, and that alone lacked: {:?}", self.conditions);
        println!("purposes: {:?}", self.purposes);
        println!("{} clauses: {:?}", self.clauses.len(), self.clauses);
        println!("wrong judges who were found out: {:?}", self.found);
        if let Some(path) = std::env::var_os("MORETUS_FIGURES") {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            let line = format!(
                "{asks} random asks through the gate on {engine}, {granted} of them granted: each as a naive reading of the clauses says"
            );
            writeln!(file, "{line}").unwrap();
        }
    }

    /// A run that met only some of it shows little.
    fn must_be_all(&self) {
        for condition in Condition::ALL {
            let [rested_on, lacked] = self.conditions.get(condition).copied().unwrap_or_default();
            // What comes in opens to nobody.
            let is_met = if *condition == Condition::TakingIn { rested_on == 0 } else { rested_on > 0 };
            assert!(
                is_met && lacked > 0,
                "{condition}: {rested_on} times rested on, {lacked} times alone lacked"
            );
        }
        let hidden: Vec<_> = Misreading::ALL.iter().filter(|one| !self.found.contains(one)).collect();
        assert!(hidden.is_empty(), "no ask tells these wrong judges from the right one: {hidden:?}");
        assert!(self.granted * 5 > self.asks && self.granted * 5 < self.asks * 4, "{} granted", self.granted);
        assert!(self.searches * 50 > self.asks, "{} searches", self.searches);
    }
}
