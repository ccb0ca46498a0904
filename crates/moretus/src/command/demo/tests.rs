//! The demo's promise that a seed gives the same amounts on any day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use domain::{ClaimState, Timestamp};
use gate::{Clock, Gate, RootKey};
use store::{Location, Store};

#[path = "../../../tests/support/sums.rs"]
mod sums;

use super::*;
use crate::command::papers::statement::Statements;
use crate::surroundings::SystemRandomness;

struct Day(Timestamp);

impl Clock for Day {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A demo that did its work on this day, and what it came to.
struct Done {
    site: Site,
    portfolios: Vec<DemoPortfolio>,
    figures: Figures,
    _folder: tempfile::TempDir,
}

async fn done_on(day: &str) -> Done {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_path_buf();
    let root = RootKey::create(&data.join("root.key"), &SystemRandomness).unwrap();
    let store = Store::create(&Location::Sqlite { directory: data.clone() }).await.unwrap();
    let clock = Arc::new(Day(Timestamp::start_of(day.parse().unwrap())));
    let gate =
        Gate::open(&root, store, "BE".parse().unwrap(), clock, Arc::new(SystemRandomness)).await.unwrap();
    let site = Site { data: data.clone(), root, app: service::App::open(gate).await.unwrap() };
    let portfolios = open_portfolios(&site).await.unwrap();
    let site = Site { app: service::App::open(site.app.gate.clone()).await.unwrap(), ..site };
    let listen = "127.0.0.1:8080".parse().unwrap();
    let demo = Demo { data, members: 60, seed: 7, db: None, listen, no_serve: true };
    let mut figures = Figures::default();
    demo.enrol_and_submit(&site, &portfolios, &mut figures).await.unwrap();
    adjudicate(&site, &mut figures).await.unwrap();
    pay(&site, &portfolios, &mut figures).await.unwrap();
    Done { site, portfolios, figures, _folder: folder }
}

/// Its claims, what became of them, and the ledger's sums.
async fn amounts_on(day: &str) -> Vec<String> {
    let Done { site, figures, .. } = done_on(day).await;
    let mut amounts =
        vec![format!("{} {:?}", figures.claims, figures.charged), format!("{:?}", figures.adjudicated)];
    let mut booked = figures.adjudicated.booked.clone();
    booked.merge(&figures.booked);
    amounts.extend(booked.iter().map(|sums| format!("{sums:?}")));
    site.app.store().close().await.unwrap();
    amounts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_gives_the_same_amounts_on_any_day() {
    let first = amounts_on("2026-11-24").await;
    assert!(first.len() > 3, "{first:?}");
    for day in ["2027-03-01", "2028-12-31"] {
        assert_eq!(amounts_on(day).await, first, "{day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_say_what_was_decided_counted_and_paid() {
    let done = done_on("2026-11-24").await;
    // A newer version of each plan, in which everything has another name.
    for (name, text) in PLANS {
        let renamed = text
            .lines()
            .map(|line| match line.split_once(" = ") {
                Some(("version", _)) => "version = \"9999\"".to_owned(),
                Some(("name", old)) if !is_plan_name(text, old) => "name = \"Renamed\"".to_owned(),
                _ => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n");
        done.site.app.plans.add(done.site.app.store(), name, &renamed).await.unwrap();
    }
    let address = "127.0.0.1:8080".parse().unwrap();
    let papers = papers::write_statements(&done.site, &done.portfolios, address).await.unwrap();
    let texts: Vec<String> = papers.iter().map(|path| sums::text_of(path)).collect();
    let all = texts.join("\n");
    assert!(!all.contains("Renamed"), "the version that decided names the benefits: {all}");
    let english: Vec<&String> = texts.iter().filter(|text| text.contains("This is not a bill")).collect();
    let paid = english.iter().find(|text| text.contains("We pay")).expect("a payment is on its way");
    assert!(paid.contains("Where you stand in your plan"), "{paid}");
    assert!(paid.replace('\n', " ").contains("http://127.0.0.1:8080/notice/"), "{paid}");
    assert!(!all.contains("has not been made yet"), "{all}");
    for language in ["Stap voor stap:", "Étape par étape :", "Schritt für Schritt:"] {
        assert!(all.contains(language), "{language}: {all}");
    }
    done.site.app.store().close().await.unwrap();
}

/// Each claim that was decided, in each language in turn: the sums of its statement, done again, go from what was charged of
/// each line to what the plan pays.
#[tokio::test(flavor = "multi_thread")]
async fn the_sums_of_every_statement_come_out_by_hand() {
    let done = done_on("2026-11-24").await;
    let pdf = done.site.data.join("statement.pdf");
    let (mut decided_in_all, mut written, mut lines) = (0, 0, 0);
    for portfolio in &done.portfolios {
        let id = portfolio.id;
        let statements = Statements::new(&done.site.app, &portfolio.row, "http://127.0.0.1:8080").unwrap();
        let decided = done.site.app.store().read(move |unit| {
            let states = [ClaimState::InPayment, ClaimState::Settled, ClaimState::Adjudicated];
            let of = |state| store::claim::page_by_state(unit, id, state, None, 10_000);
            Ok::<_, store::StoreError>(states.map(of).into_iter().collect::<Result<Vec<_>, _>>()?.concat())
        });
        let decided: Vec<_> = decided.await.unwrap().iter().map(|row| (row.subject, row.claim)).collect();
        for statement in service::statements(&done.site.app, id, &decided).await.unwrap() {
            let language = domain::Language::ALL[written % domain::Language::ALL.len()];
            let paper = statements.paper(&statement, language).unwrap().unwrap();
            assert_eq!(statements.write(&pdf, &statement, language).unwrap(), Some(true));
            let text = sums::text_of(&pdf);
            std::fs::remove_file(&pdf).unwrap();
            let decimals = paper.currency.decimals() as usize;
            let sums = sums::sums(&text, decimals).unwrap_or_else(|problem| panic!("{problem}: {text}"));
            let explained: Vec<_> = paper.lines.iter().filter(|line| !line.steps.is_empty()).collect();
            assert_eq!(sums.len(), explained.len(), "{text}");
            for (sum, line) in sums.iter().zip(explained) {
                assert!(sum.is_right() && sum.is_of(&line.amounts), "{sum:?}: {text}");
            }
            (written, lines) = (written + 1, lines + sums.len());
        }
        decided_in_all += decided.len();
    }
    assert_eq!(written, decided_in_all, "each has a statement");
    assert!(lines > 100, "{written} statements, {lines} lines");
    done.site.app.store().close().await.unwrap();
}

/// Whether this is the plan's own name, which is written before any table.
fn is_plan_name(text: &str, name: &str) -> bool {
    text.split("\n[").next().is_some_and(|head| head.contains(&format!("name = {name}")))
}
