//! The demo's promise that a seed gives the same amounts on any day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use domain::Timestamp;
use gate::{Clock, Gate, RootKey};
use store::{Location, Store};

use super::*;
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

fn text_of(pdf: &std::path::Path) -> String {
    let read = std::process::Command::new("pdftotext").arg(pdf).arg("-").output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap()
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
    let texts: Vec<String> = papers.iter().map(|path| text_of(path)).collect();
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
    let told: Vec<(i64, i64)> = english.iter().flat_map(|text| sums(text)).collect();
    assert!(!told.is_empty() && told.iter().all(|(by_hand, said)| by_hand == said), "{told:?}");
    done.site.app.store().close().await.unwrap();
}

/// The sums of an English statement, `a − b (why) + c (why) = d`, in cents: as they come out by hand, and as they are said to.
fn sums(text: &str) -> Vec<(i64, i64)> {
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cents = |word: &str| word.replace([',', '.'], "").parse::<i64>().unwrap();
    let sum = |said: &str| {
        let mut depth = 0;
        let outside = |letter: &char| {
            depth += i32::from(*letter == '(') - i32::from(*letter == ')');
            depth == 0 && *letter != ')'
        };
        let figures: String = said.chars().filter(outside).collect();
        let mut words = figures.split_whitespace();
        let mut stands = cents(words.next().unwrap());
        loop {
            let (sign, amount) = (words.next().unwrap(), cents(words.next().unwrap()));
            match sign {
                "=" => return (stands, amount),
                "+" => stands += amount,
                "\u{2212}" => stands -= amount,
                other => panic!("{other} in {said}"),
            }
        }
    };
    flowing.split("Step by step: ").skip(1).map(sum).collect()
}

/// Whether this is the plan's own name, which is written before any table.
fn is_plan_name(text: &str, name: &str) -> bool {
    text.split("\n[").next().is_some_and(|head| head.contains(&format!("name = {name}")))
}
