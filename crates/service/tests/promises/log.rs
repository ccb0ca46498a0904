//! Promise 4: the record can be checked.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Purpose, Recipient, RecordId, SubjectId, SubjectKind, SubjectKindSet};
use gate::{Asking, GateError, Target, Witness};
use service::views::CoverPage;
use store::subject::SubjectRow;
use store::testing::rows::{log_rows, replace_row};
use store::{NewDisclosure, StoreError, Unit};
use transparency::{ChainState, commitment};

use crate::on_both;
use crate::site::{Member, PORTFOLIO, SystemRandomness, TestSite, item};

on_both! {
    the_log_verifies_against_a_witness_and_a_member_finds_every_read,
    a_deleted_entry_is_found,
    a_checkpoint_of_another_log_is_refused,
    a_log_put_back_to_an_earlier_day_is_found_with_an_outside_checkpoint,
    a_roll_commits_the_chains_and_the_index_still_finds_everything,
    a_long_log_is_indexed_and_chained_in_parts_whenever_the_sealer_is_cut,
}

pub(crate) async fn reads(site: &TestSite, member: &Member, count: u8) {
    let staff = site.actor(Recipient::CustomerService, PORTFOLIO).await;
    for number in 1..=count {
        site.assign(member.subject, item(number), &staff).await;
        let asking = Asking::new(&staff, PORTFOLIO, Purpose::PlanInformation, site.app.gate.request());
        site.app
            .gate
            .ask::<CoverPage>(&asking, Target::for_item(member.subject, item(number)))
            .await
            .unwrap();
    }
}

pub(crate) async fn history(site: &TestSite, member: &Member) -> usize {
    let officer = site.actor(Recipient::DataProtectionOfficer, PORTFOLIO).await;
    site.assign(member.subject, item(200), &officer).await;
    let answer =
        service::answer_access_request(&site.app, &officer, PORTFOLIO, member.subject, Some(item(200)))
            .await
            .unwrap();
    answer.history.len()
}

async fn the_log_verifies_against_a_witness_and_a_member_finds_every_read(site: TestSite) {
    let folder = tempfile::tempdir().unwrap();
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 5).await;
    let witness = Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
    let sealer = site.app.gate.sealer(Some(witness)).await.unwrap();
    assert_eq!(sealer.seal().await.unwrap(), 5);
    reads(&site, &ada, 3).await;
    sealer.seal().await.unwrap();
    let witness = Witness::open(folder.path(), "test-witness", &SystemRandomness).unwrap();
    let report = site.app.gate.verify_log(witness.last().as_deref()).await.unwrap();
    assert_eq!((report.entries, report.pending, report.checkpoints, report.outside), (8, 0, 2, 1));
    // The answer to the access request is itself the ninth.
    assert_eq!(history(&site, &ada).await, 9);
}

async fn a_deleted_entry_is_found(site: TestSite) {
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 4).await;
    site.app.gate.sealer(None).await.unwrap().seal().await.unwrap();
    site.app.gate.verify_log(None).await.unwrap();
    site.write(|unit| {
        let tables = log_rows(unit)?;
        let (table, rows) = tables.iter().find(|(table, _)| table.name == "disclosure").unwrap();
        // Each group is one entry here.
        replace_row(unit, table, Some(&rows[1]), None)
    })
    .await;
    let fault = site.app.gate.verify_log(None).await.unwrap_err().to_string();
    assert!(fault.contains("leaf 1"), "{fault}");
}

async fn a_checkpoint_of_another_log_is_refused(site: TestSite) {
    let other = TestSite::sqlite().await;
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 2).await;
    site.app.gate.sealer(None).await.unwrap().seal().await.unwrap();
    let kept = site.app.gate.log_head().await.unwrap().checkpoint.unwrap();
    site.app.gate.verify_log(Some(&kept)).await.unwrap();
    assert!(other.app.gate.verify_log(Some(&kept)).await.is_err());
}

/// An older copy of the database is consistent in itself: only what someone outside holds tells.
async fn a_log_put_back_to_an_earlier_day_is_found_with_an_outside_checkpoint(mut site: TestSite) {
    let ada = site.member("ada", true).await;
    reads(&site, &ada, 2).await;
    site.app.gate.sealer(None).await.unwrap().seal().await.unwrap();
    let earlier = site.close_and_copy().await;
    site.app = site.reopen().await;
    reads(&site, &ada, 2).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    // The sealer before did not give its lease back.
    site.clock.advance(11);
    sealer.seal().await.unwrap();
    let kept = site.app.gate.log_head().await.unwrap().checkpoint.unwrap();
    site.app.gate.verify_log(Some(&kept)).await.unwrap();
    site.close_and_put_back(&earlier).await;
    let app = site.reopen().await;
    app.gate.verify_log(None).await.unwrap();
    let fault = app.gate.verify_log(Some(&kept)).await.unwrap_err().to_string();
    assert!(fault.contains("the log ends after 2 entries, a checkpoint holds 4"), "{fault}");
}

async fn a_roll_commits_the_chains_and_the_index_still_finds_everything(site: TestSite) {
    let (ada, eve) = (site.member("ada", true).await, site.member("eve", true).await);
    reads(&site, &ada, 3).await;
    reads(&site, &eve, 2).await;
    let sealer = site.app.gate.sealer(None).await.unwrap();
    sealer.roll().await.unwrap();
    reads(&site, &ada, 1).await;
    sealer.roll().await.unwrap();
    let report = site.app.gate.verify_log(None).await.unwrap();
    // Ada's, Eve's, and the log's own with its first roll.
    assert_eq!((report.rolls, report.chains, report.checkpoints), (2, 3, 4));
    assert_eq!(history(&site, &ada).await, 5);
    let rolls = site.app.store().read(store::log::tree::rolls).await;
    let rolls = rolls.map_err(|error: store::StoreError| error).unwrap();
    assert_eq!(rolls.len(), 2);
    // The log's own chain is one of the map's, from the second roll on.
    assert!(rolls[1].tokens > 2, "{:?}", RecordId::from(ada.subject));
    assert_ne!(rolls[0].map_root, rolls[1].map_root);
}

/// Enough for a full tier of runs, and for a batch of chains with a rest.
const LONG: u32 = 70_000;
const PEOPLE: u32 = 1_500;

/// So many people with so many entries between them.
async fn long_log(site: &TestSite) {
    let person = |number: u32| SubjectId::from_bytes((u128::from(number) << 96 | 7).to_be_bytes());
    let rows: Vec<SubjectRow> = (0..PEOPLE)
        .map(|number| SubjectRow {
            subject: person(number),
            portfolio: PORTFOLIO,
            kind: SubjectKind::Member,
            law: domain::GoverningLaw::Belgium,
            notice: 1,
            version: 1,
            taken_up: domain::Timestamp::from_micros(0),
        })
        .collect();
    site.write(move |unit| store::subject::insert_many(unit, &rows)).await;
    for first in (0..LONG).step_by(1_000) {
        let entry = |number: u32| NewDisclosure {
            subject: person(number.wrapping_mul(2_654_435_761) % PEOPLE),
            portfolio: PORTFOLIO,
            notice: 1,
            kinds: SubjectKindSet::of(&[SubjectKind::Member]),
            laws: domain::GoverningLawSet::ALL,
            tests: Vec::new(),
            recipient_tests: Vec::new(),
            register: None,
            body: number.to_be_bytes().to_vec(),
            people: Vec::new(),
        };
        let entries = (first..first + 1_000).map(entry).collect();
        site.app.store().append(entries, site.app.gate.now()).await.unwrap();
    }
}

async fn a_long_log_is_indexed_and_chained_in_parts_whenever_the_sealer_is_cut(site: TestSite) {
    long_log(&site).await;
    // Each time it may go on a little longer, so that it is cut in every part of its work.
    let mut limit = Duration::from_millis(50);
    let mut cuts = 0;
    loop {
        let sealer = site.app.gate.sealer(None).await.unwrap();
        match tokio::time::timeout(limit, sealer.roll()).await {
            Ok(Ok(())) => break,
            Err(_) => cuts += 1,
            // A unit that the cut sealer had handed over still ended after this one had read: this one gave way.
            Ok(Err(GateError::Store(StoreError::Changed))) => {}
            Ok(Err(error)) => panic!("{error}"),
        }
        limit += Duration::from_millis(20);
        // What was cut no longer has the right to seal.
        site.clock.advance(11);
    }
    assert!(cuts > 3, "it was cut {cuts} times");

    let (expected, found) = site.write(|unit| Ok::<_, StoreError>((recounted(unit)?, stored(unit)?))).await;
    assert!(expected.len() > 1_000);
    assert!(expected == found, "every entry is in the index and in its subject's chain, once and in order");
    let runs = site.write(store::log::index::runs).await;
    assert!(runs.iter().any(|run| run.tier > 0), "{runs:?}");
    assert!(site.write(store::log::index::leaving).await.is_empty(), "what was merged is gone");
}

/// For each subject: the leaves of its entries, and the end of its chain.
type Chained = BTreeMap<SubjectId, (Vec<u64>, u64, [u8; 32])>;

/// Straight from the entries, up to where the index goes.
fn recounted(unit: &mut Unit<'_>) -> Result<Chained, StoreError> {
    let indexed = store::log::tree::state(unit, "indexed")?.unwrap();
    let indexed = u64::from_be_bytes(indexed.try_into().unwrap());
    let mut chains: BTreeMap<SubjectId, (Vec<u64>, ChainState)> = BTreeMap::new();
    let mut next = 0;
    loop {
        let groups = store::log::sealed_from(unit, next, 100)?;
        let Some(last) = groups.last() else { break };
        next = last.first_leaf + last.count;
        for group in groups.iter().filter(|group| (group.first_leaf as u64) < indexed) {
            let entries = store::log::entries_between(unit, group.batch, group.batch)?;
            for (leaf, entry) in (group.first_leaf as u64..).zip(entries) {
                let (leaves, chain) = chains.entry(entry.subject).or_default();
                leaves.push(leaf);
                *chain = chain.extend(leaf, &commitment(&entry.body));
            }
        }
    }
    let whole =
        |(subject, (leaves, chain)): (_, (_, ChainState))| (subject, (leaves, chain.count, chain.head));
    Ok(chains.into_iter().map(whole).collect())
}

/// What the sealer has written.
fn stored(unit: &mut Unit<'_>) -> Result<Chained, StoreError> {
    let mut found = Chained::new();
    let mut after = None;
    loop {
        let page = store::log::chain::page_by_token(unit, 0, after, 1_000)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.token);
        for chain in page {
            let runs = store::log::index::of_subject(unit, chain.subject)?;
            let places: Vec<u8> = runs.into_iter().flat_map(|(_, bytes)| bytes).collect();
            let leaf = |place: &[u8]| u64::from_be_bytes(place[16..].try_into().unwrap());
            let leaves = places.chunks(24).map(leaf).collect();
            found.insert(chain.subject, (leaves, chain.count as u64, chain.head));
        }
    }
}
