//! The population of seed 1, and what holds for every seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use domain::{CoverageStatus, Date, SubjectKind};
use intake::{ClaimDraft, CoverageDraft, MemberDraft};
use population::{CHUNK_PEOPLE, PORTFOLIOS, Population, SPONSORS};

fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

struct All {
    population: Population,
    members: Vec<MemberDraft>,
    coverages: Vec<CoverageDraft>,
    claims: Vec<ClaimDraft>,
}

fn all(members: u32, seed: u64) -> All {
    let population = Population::new(members, seed, today()).unwrap();
    let mut all = All { population, members: vec![], coverages: vec![], claims: vec![] };
    for number in 0..all.population.chunks() {
        let chunk = all.population.chunk(number).unwrap();
        all.members.extend(chunk.members);
        all.coverages.extend(chunk.coverages);
        all.claims.extend(chunk.claims);
    }
    all
}

fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

/// Claims that are a second copy of another.
fn duplicates(claims: &[ClaimDraft]) -> usize {
    let same = |claim: &ClaimDraft| {
        let lines: Vec<_> =
            claim.lines.iter().map(|line| (line.service_start, line.charge.minor())).collect();
        (claim.member_source_id.clone(), claim.provider_source_id.clone(), lines)
    };
    claims.len() - claims.iter().map(same).collect::<HashSet<_>>().len()
}

fn outside_cover(all: &All) -> usize {
    let cover: HashMap<_, _> =
        all.coverages.iter().map(|span| (&span.member_source_id, &span.coverage)).collect();
    let is_outside = |claim: &&ClaimDraft| {
        let (span, day) = (cover[&claim.member_source_id], claim.lines[0].service_start);
        day < span.start || span.end.is_some_and(|end| day > end)
    };
    all.claims.iter().filter(is_outside).count()
}

#[test]
fn the_totals_of_seed_1() {
    let all = all(2_000, 1);
    let mut text = String::new();
    let mut say = |what: &str, count: u64| writeln!(text, "{what}: {count}").unwrap();
    say("people", all.members.len() as u64);
    let kinds = counted(all.members.iter().map(|member| member.kind));
    say("members", kinds[&SubjectKind::Member]);
    say("beneficiaries", kinds[&SubjectKind::Beneficiary]);
    say("with live health consent", all.members.iter().filter(|m| m.health_consent.is_some()).count() as u64);
    say("without an account", all.members.iter().filter(|m| m.person.account.is_none()).count() as u64);
    say("providers", all.population.providers().len() as u64);
    for (portfolio, count) in counted(all.members.iter().map(|member| member.portfolio.clone().unwrap())) {
        say(&format!("in portfolio {portfolio}"), count);
    }
    let plans = all.coverages.iter().map(|span| format!("{} {}", span.plan, span.coverage.currency));
    counted(plans).into_iter().for_each(|(plan, count)| say(&plan, count));
    let statuses = counted(all.coverages.iter().map(|span| span.coverage.status.word()));
    statuses.into_iter().for_each(|(status, count)| say(&format!("cover {status}"), count));
    say("claims", all.claims.len() as u64);
    say("lines", all.claims.iter().map(|claim| claim.lines.len() as u64).sum());
    say("handed in twice", duplicates(&all.claims) as u64);
    say("served outside cover", outside_cover(&all) as u64);
    let payees = counted(all.claims.iter().map(|claim| claim.payee.word()));
    payees.into_iter().for_each(|(payee, count)| say(&format!("claims payable to the {payee}"), count));
    let codes = all.claims.iter().flat_map(|claim| &claim.services).map(|service| service.code.reveal());
    counted(codes).into_iter().for_each(|(code, count)| say(&format!("lines {code}"), count));
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    all.claims.iter().for_each(|claim| *sums.entry(claim.currency).or_default() += claim.charged_minor());
    sums.into_iter()
        .for_each(|(currency, sum)| say(&format!("{currency} charged, in hundredths"), sum as u64));
    insta::assert_snapshot!(text);
}

#[test]
fn everything_refers_to_something_and_keeps_the_rules_of_an_import() {
    for seed in [1, 2, 77] {
        let all = all(1_300, seed);
        assert_eq!(all.members.len(), 1_300);
        assert_eq!(all.coverages.len(), 1_300);
        let members: HashMap<_, _> = all.members.iter().map(|member| (&member.source_id, member)).collect();
        assert_eq!(members.len(), 1_300);
        for member in &all.members {
            let holder = member.holder_source_id.as_ref().map(|id| members[id].kind);
            assert_eq!(holder.is_some(), member.kind == SubjectKind::Beneficiary);
            assert!(holder.is_none_or(|kind| kind == SubjectKind::Member));
            assert!(member.person.birth_date < today());
            assert!(PORTFOLIOS.iter().any(|portfolio| Some(portfolio.id) == member.portfolio.as_deref()));
        }
        for span in &all.coverages {
            assert!(members.contains_key(&span.member_source_id));
            assert!(span.coverage.end.is_none_or(|end| end >= span.coverage.start));
            assert_eq!(span.coverage.status == CoverageStatus::Ended, span.coverage.end.is_some());
            let sponsor = span.sponsor.as_deref();
            assert!(sponsor.is_none_or(|name| SPONSORS.iter().any(|sponsor| sponsor.name == name)));
        }
        let providers: HashMap<_, _> =
            all.population.providers().iter().map(|draft| (&draft.source_id, &draft.provider)).collect();
        let ids: HashSet<_> = all.claims.iter().map(|claim| &claim.source_id).collect();
        assert_eq!(ids.len(), all.claims.len());
        let year_ago = today().plus_days(-365).unwrap();
        for claim in &all.claims {
            assert!(members.contains_key(&claim.member_source_id));
            let provider = providers[&claim.provider_source_id];
            assert!(claim.payee == domain::Payee::Member || provider.account.is_some());
            assert!(claim.received > year_ago && claim.received <= today());
            assert!((1..=5).contains(&claim.lines.len()) && claim.lines.len() == claim.services.len());
            for line in &claim.lines {
                assert!(line.service_start <= line.service_end && line.service_end <= claim.received);
                assert!(line.charge.minor() > 0 && line.charge.currency() == claim.currency);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_and_another_seed_another() {
    let (one, again, other) = (all(500, 1), all(500, 1), all(500, 2));
    assert!(one.members == again.members && one.coverages == again.coverages && one.claims == again.claims);
    assert!(one.members != other.members);
}

#[test]
fn a_chunk_of_a_million_is_made_without_the_others() {
    let large = Population::new(1_000_000, 1, today()).unwrap();
    let small = Population::new(2_000, 1, today()).unwrap();
    assert_eq!((large.chunks(), small.chunks()), (1_000, 2));
    assert!(large.chunk(1).unwrap().claims == small.chunk(1).unwrap().claims);
    assert_eq!(large.chunk(999).unwrap().members.len(), CHUNK_PEOPLE as usize);
    assert!(large.chunk(1_000).unwrap().members.is_empty());
    let cut = Population::new(1_001, 1, today()).unwrap();
    assert_eq!(cut.chunk(1).unwrap().members.len(), 1);
    assert!(Population::new(0, 1, today()).unwrap().chunk(0).unwrap().claims.is_empty());
}

#[test]
fn the_plans_that_people_have_are_the_shipped_ones() {
    let plans = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plans");
    for span in all(1_000, 1).coverages {
        let text = std::fs::read_to_string(plans.join(format!("{}.toml", span.plan))).unwrap();
        assert!(text.contains(&format!("\nid = \"{}\"\n", span.plan)));
        assert!(text.contains(&format!("\nname = \"{}\"\n", span.coverage.plan_name.reveal())));
        let currencies = text.lines().find(|line| line.starts_with("currencies = ")).unwrap();
        assert!(currencies.contains(&format!("\"{}\"", span.coverage.currency)), "{}", span.plan);
    }
}
