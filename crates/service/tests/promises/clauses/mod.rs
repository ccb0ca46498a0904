//! The notice that ships, clause by clause, through the gate: who is named sees exactly what is named, and every
//! neighbour (another recipient or purpose, one condition less, of the person or of the organisation, or
//! another country) is refused, and told the nearest clause.

mod ask;
mod cases;

use std::collections::BTreeSet;

use domain::{
    Condition, ConditionSet, Coverage, CoverageStatus, Currency, GoverningLaw, Purpose, Recipient, SubjectId,
    TransferSafeguard,
};
use gate::{Asking, EntryOutcome, GateError, PersonReader, Target, Totals};
use notice::{Clause, Notice};
use service::views::CoverOnDay;

use crate::on_both;
use crate::site::{Member, NOTICE, PORTFOLIO, TestSite};
use ask::{GROUP, Given, answer};
use cases::{CASES, Case, HANDED_OVER, READ_THEMSELVES};

on_both! {
    who_is_named_sees_exactly_what_is_named,
    one_condition_less_is_refused_and_told_the_nearest_clause,
    another_recipient_or_purpose_is_refused_and_told_what_is_nearby,
    what_goes_out_is_handed_over_by_somebody_who_may_see_it,
    what_leaves_the_area_does_so_only_where_the_clause_says_so,
    a_sum_is_over_a_group_and_opens_nobody,
    what_comes_in_opens_to_nobody,
    two_sums_tell_of_nobody_between_them,
    where_the_law_permits_it_no_consent_is_asked_and_all_else_is,
}

fn shipped() -> Notice {
    Notice::read(NOTICE).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Every ask that a row allows.
fn asks(case: &Case) -> Vec<Given> {
    let mut all = Vec::new();
    // A clause that only lets in is met by no ask: `what_comes_in_opens_to_nobody` tries.
    if case.when.contains(&Condition::TakingIn) {
        return all;
    }
    for kind in case.subjects {
        for purpose in case.purposes {
            all.extend(case.recipients.iter().map(|one| Given::of(case, *kind, *purpose, *one)));
        }
    }
    all
}

/// Those about the first kind of subject: what is refused does not depend on the kind.
fn about_the_first(case: &Case) -> impl Iterator<Item = Given> {
    asks(case).into_iter().filter(|given| Some(&given.kind) == case.subjects.first())
}

#[test]
fn every_clause_has_its_row_and_no_row_says_otherwise() {
    let notice = shipped();
    let ids: BTreeSet<&str> = notice.clauses().iter().map(|clause| clause.id.as_str()).collect();
    let rows: BTreeSet<&str> = CASES.iter().map(|case| case.clause).collect();
    assert_eq!(ids, rows, "a clause without a row, or a row without a clause");
    assert_eq!(rows.len(), CASES.len(), "a clause with two rows");
    for case in CASES {
        let clause = clause(&notice, case.clause);
        let said: BTreeSet<_> = case.recipients.iter().collect();
        assert_eq!(said, clause.recipients.iter().collect(), "{}", case.clause);
        let said: BTreeSet<_> = case.purposes.iter().collect();
        assert_eq!(said, clause.purposes.iter().collect(), "{}", case.clause);
        let said: BTreeSet<_> = case.subjects.iter().collect();
        assert_eq!(said, clause.bases.iter().map(|(kind, _)| kind).collect(), "{}", case.clause);
        assert_eq!(case.data, clause.data, "{}", case.clause);
        let said: BTreeSet<_> = case.when.iter().copied().collect();
        assert_eq!(said, clause.when.iter().collect(), "{}", case.clause);
        if let Some(people) = clause.minimum_group {
            assert_eq!(people as usize, GROUP, "{}", case.clause);
        }
    }
}

fn clause<'a>(notice: &'a Notice, id: &str) -> &'a Clause {
    notice.clauses().iter().find(|clause| clause.id == id).expect("a clause")
}

async fn who_is_named_sees_exactly_what_is_named(site: TestSite) {
    for case in CASES {
        for given in asks(case) {
            let answered = answer(&site, case, &given).await;
            assert!(answered.shows(case), "{}: {given:?}: {answered:?}", case.clause);
        }
    }
}

/// Every ask with one thing less.
fn with_less(case: &Case, given: &Given) -> Vec<Given> {
    let mut all: Vec<Given> = case.when.iter().map(|condition| given.without(*condition)).collect();
    if case.when.contains(&Condition::WorkItem) {
        all.push(Given { item: false, ..given.clone() });
    }
    // A programme that staff run is named by the ask; an organisation's relation is the register's to say.
    if case.when.contains(&Condition::RelationProgramme) {
        all.push(Given { party: false, ..given.clone() });
    }
    if case.when.contains(&Condition::MinimumGroup) {
        all.push(Given { people: 1, ..given.clone() });
    }
    all
}

async fn one_condition_less_is_refused_and_told_the_nearest_clause(site: TestSite) {
    let notice = shipped();
    for case in CASES {
        for given in about_the_first(case) {
            for less in with_less(case, &given) {
                let answered = answer(&site, case, &less).await;
                let refused = answered.refused.as_ref();
                let refused = refused.unwrap_or_else(|| panic!("{}: {less:?}", case.clause));
                let told = refused.nearest.as_deref().expect("the nearest clause");
                let nearest = clause(&notice, told);
                assert!(
                    nearest.purposes.contains(&less.purpose) && nearest.recipients.contains(&less.recipient),
                    "{}: {less:?} is told of `{told}`",
                    case.clause
                );
                assert!(
                    told == case.clause || nearest.data.contains_all(case.data),
                    "{}: {told}",
                    case.clause
                );
                assert!(!refused.lacks.is_empty(), "{}: {less:?}: {refused}", case.clause);
                assert!(answered.entries.iter().all(|entry| entry.outcome == EntryOutcome::Refused));
            }
        }
    }
}

/// The first and the last of what no clause names together with the other.
fn first_and_last<T: Copy>(all: &[T], is_named: impl Fn(T) -> bool) -> Vec<T> {
    let others: Vec<T> = all.iter().copied().filter(|one| !is_named(*one)).collect();
    [others.first(), others.last()].into_iter().flatten().copied().collect()
}

async fn another_recipient_or_purpose_is_refused_and_told_what_is_nearby(site: TestSite) {
    let notice = shipped();
    let is_named = |purpose: Purpose, recipient: Recipient| {
        let mut clauses = notice.clauses().iter();
        clauses.any(|one| one.purposes.contains(&purpose) && one.recipients.contains(&recipient))
    };
    for case in CASES {
        for given in about_the_first(case) {
            let recipients = first_and_last(Recipient::ALL, |one| is_named(given.purpose, one));
            let purposes = first_and_last(Purpose::ALL, |one| is_named(one, given.recipient));
            let others = recipients.into_iter().map(|recipient| Given { recipient, ..given.clone() });
            let others = others.chain(purposes.into_iter().map(|purpose| Given { purpose, ..given.clone() }));
            for other in others {
                let answered = answer(&site, case, &other).await;
                let told = answered.refused.as_ref().and_then(|refused| refused.nearest.as_deref());
                let told = told.unwrap_or_else(|| panic!("{}: {other:?}: {answered:?}", case.clause));
                let nearby = clause(&notice, told);
                let of_purpose = notice.clauses().iter().any(|one| one.purposes.contains(&other.purpose));
                assert_eq!(nearby.purposes.contains(&other.purpose), of_purpose, "{other:?}: {told}");
                assert!(of_purpose || nearby.recipients.contains(&other.recipient), "{other:?}: {told}");
            }
        }
    }
}

fn is_outside(recipient: Recipient) -> bool {
    recipient.is_organisation() || recipient == Recipient::Representative
}

async fn what_goes_out_is_handed_over_by_somebody_who_may_see_it(site: TestSite) {
    for case in CASES {
        let outside = case.recipients.iter().any(|recipient| is_outside(*recipient));
        let by = HANDED_OVER.iter().find(|(clause, ..)| *clause == case.clause);
        let itself = READ_THEMSELVES.contains(&case.clause);
        assert_eq!(outside, by.is_some() != itself, "{}: by somebody, or by themselves", case.clause);
        let Some((_, by, asked)) = by else { continue };
        for mut given in asks(case) {
            if !is_outside(given.recipient) {
                continue;
            }
            given.by = Some(*by);
            let more: Vec<Condition> = asked.iter().copied().filter(|one| !case.when.contains(one)).collect();
            given.held.extend(more);
            let answered = answer(&site, case, &given).await;
            assert!(answered.shows(case), "{}: {given:?}: {answered:?}", case.clause);
            // A colleague whose work it is not hands nothing over.
            let colleague = Given { by: Some(Recipient::StatementJob), ..given.clone() };
            if given.purpose != Purpose::AdministrativeCommunication {
                let answered = answer(&site, case, &colleague).await;
                assert!(answered.refused.is_some(), "{}: {colleague:?}: {answered:?}", case.clause);
            }
        }
    }
}

async fn what_leaves_the_area_does_so_only_where_the_clause_says_so(site: TestSite) {
    let notice = shipped();
    for case in CASES {
        let transfers = clause(&notice, case.clause).transfers;
        for given in about_the_first(case) {
            let is_job = site.app.gate.job(given.recipient).is_ok();
            if is_job || given.recipient.is_the_person() || given.recipient == Recipient::Operator {
                continue;
            }
            let far = |safeguard| Given { country: "IN", safeguard, ..given.clone() };
            // Where the clause lets data go, the safeguard that it names is what opens it.
            let agreed = far(Some(transfers.unwrap_or(TransferSafeguard::StandardClauses)));
            let answered = answer(&site, case, &agreed).await;
            assert_eq!(
                answered.shows(case),
                transfers.is_some(),
                "{}: {agreed:?}: {answered:?}",
                case.clause
            );
            let answered = answer(&site, case, &far(None)).await;
            let refused = answered.refused.unwrap_or_else(|| panic!("{}: {given:?}", case.clause));
            assert!(refused.lacks.contains(Condition::Safeguard), "{}: {refused}", case.clause);
        }
    }
}

async fn what_comes_in_opens_to_nobody(site: TestSite) {
    let letting_in = CASES.iter().filter(|case| case.when.contains(&Condition::TakingIn));
    assert_eq!(letting_in.clone().count(), 9);
    for case in letting_in {
        for (kind, recipient) in case.subjects.iter().zip(case.recipients.iter().cycle()) {
            let given = Given::of(case, *kind, case.purposes[0], *recipient);
            let answered = answer(&site, case, &given).await;
            let refused = answered.refused.unwrap_or_else(|| panic!("{}: {given:?}", case.clause));
            let told = refused.nearest.as_deref();
            assert!(told.is_some() && !refused.lacks.is_empty(), "{}: {refused}", case.clause);
            let actor = match site.app.gate.job(*recipient) {
                Ok(job) => job,
                Err(_) => site.actor(*recipient, PORTFOLIO).await,
            };
            let gate = &site.app.gate;
            let asking = Asking::new(&actor, PORTFOLIO, case.purposes[0], gate.request());
            assert_eq!(gate.collectable(&asking, *kind).await.unwrap(), case.data, "{}", case.clause);
        }
    }
}

/// A covered person counts as one.
fn count_covered(
    cover: &gate::Sealed<Coverage>,
    reader: &PersonReader<'_, CoverOnDay>,
) -> Result<Totals, GateError> {
    let mut covered = Totals::default();
    if reader.open::<CoverOnDay, _>(cover)?.status == CoverageStatus::Active {
        covered.post(Currency::EUR, &[]);
    }
    Ok(covered)
}

/// As if only some had anything to add.
fn count_nobody(_: &gate::Sealed<Coverage>, _: &PersonReader<'_, CoverOnDay>) -> Result<Totals, GateError> {
    Ok(Totals::default())
}

type Covers = Vec<(SubjectId, gate::Sealed<Coverage>)>;

async fn covers(site: &TestSite, members: &[Member]) -> Covers {
    let mut covers = Vec::new();
    for member in members {
        let gate = &site.app.gate;
        let cover = gate.fetch::<CoverOnDay>(member.subject, member.coverage).await.unwrap();
        covers.push((member.subject, cover.unwrap()));
    }
    covers
}

async fn two_sums_tell_of_nobody_between_them(site: TestSite) {
    let mut members = Vec::new();
    for number in 0..2 * GROUP {
        members.push(site.member(&format!("member-{number}"), false).await);
    }
    let targets: Vec<Target> = members.iter().map(|member| Target::of(member.subject)).collect();
    let analyst = site.actor(Recipient::Analyst, PORTFOLIO).await;
    let asking = Asking::new(&analyst, PORTFOLIO, Purpose::UsageTrends, site.app.gate.request());
    let total = site.app.gate.total::<CoverOnDay>(&asking, &targets).await.unwrap();
    let covers = covers(&site, &members).await;
    let sum = |part: &[(SubjectId, gate::Sealed<Coverage>)]| {
        total.sum(part, count_covered).map(|sum| sum.postings()).map_err(|error| error.to_string())
    };
    assert_eq!(sum(&covers), Ok(20));
    assert_eq!(sum(&covers), Ok(20), "the same people again");
    assert_eq!(sum(&covers[..10]), Ok(10), "and the other ten are a group too");
    assert_eq!(sum(&covers[10..]), Ok(10));
    for part in [&covers[..19], &covers[1..], &covers[..11], &covers[5..15]] {
        assert!(
            sum(part).unwrap_err().contains("with another sum"),
            "the difference is one person, or a few"
        );
    }
    // One who adds something among many who add nothing is no group.
    assert!(total.sum(&covers, count_nobody).is_err());
    // What is computed for one person opens no other's record.
    let mut mixed: Covers = Vec::new();
    for (member, (_, cover)) in members.iter().zip(covers.into_iter().rev()) {
        mixed.push((member.subject, cover));
    }
    assert!(matches!(total.sum(&mixed, count_covered), Err(GateError::OtherSubject)));
}

async fn a_sum_is_over_a_group_and_opens_nobody(site: TestSite) {
    let mut members = Vec::new();
    for number in 0..GROUP {
        members.push(site.member(&format!("member-{number}"), false).await);
    }
    let targets: Vec<Target> = members.iter().map(|member| Target::of(member.subject)).collect();
    let analyst = site.actor(Recipient::Analyst, PORTFOLIO).await;
    let gate = &site.app.gate;
    let asking = Asking::new(&analyst, PORTFOLIO, Purpose::UsageTrends, gate.request());
    let total = gate.total::<CoverOnDay>(&asking, &targets).await.unwrap();
    for member in &members {
        assert_eq!(site.entries(member.subject).await, 1, "each entry is there while nothing is open yet");
    }
    let mut covers = covers(&site, &members).await;
    assert_eq!(total.sum(&covers, count_covered).unwrap().postings(), 10);
    // A sum that opens fewer than it asked for tells of too few.
    covers.pop();
    assert!(matches!(total.sum(&covers, count_covered), Err(GateError::Compute(_))));

    // The same person twice is one person, and one person alone is no group.
    let mut twice = targets.clone();
    twice[1] = twice[0];
    for too_few in [&twice[..], &targets[1..], &targets[..1]] {
        match gate.total::<CoverOnDay>(&asking, too_few).await {
            Err(GateError::Refused(refused)) => {
                assert_eq!(refused.lacks, ConditionSet::of(&[Condition::MinimumGroup]), "{refused}");
            }
            other => panic!("{:?}", other.map(drop)),
        }
    }
    // Whoever may not be counted is not, and too few are left.
    let mut stranger = targets.clone();
    stranger[3] = Target::of(domain::SubjectId::from_bytes([99; 16]));
    assert!(matches!(gate.total::<CoverOnDay>(&asking, &stranger).await, Err(GateError::Refused(_))));
    site.clock.advance(11);
    assert!(matches!(total.sum(&covers, count_covered), Err(GateError::Expired)));
}

/// The clauses whose basis for health data differs by the law that governs the cover, and where no consent is asked.
const BY_LAW: &[(&str, &[GoverningLaw])] = &[
    ("use.claims", &[GoverningLaw::Ireland, GoverningLaw::Netherlands]),
    ("use.statement", &[GoverningLaw::Ireland, GoverningLaw::Netherlands]),
    ("vendor.claims.health", &[GoverningLaw::Ireland, GoverningLaw::Netherlands]),
];

async fn where_the_law_permits_it_no_consent_is_asked_and_all_else_is(site: TestSite) {
    let notice = shipped();
    for case in CASES {
        let found = BY_LAW.iter().find(|(id, _)| *id == case.clause);
        let free = found.map_or(&[][..], |(_, laws)| laws);
        let declared = &clause(&notice, case.clause).health_by_law;
        assert_eq!(declared.iter().map(|(law, _)| *law).collect::<Vec<_>>(), free, "{}", case.clause);
        if found.is_none() {
            continue;
        }
        for given in about_the_first(case) {
            for law in [GoverningLaw::Belgium, GoverningLaw::Elsewhere].iter().chain(free) {
                let without = Given { law: *law, ..given.without(Condition::ConsentHealth) };
                let answered = answer(&site, case, &without).await;
                assert_eq!(
                    answered.shows(case),
                    free.contains(law),
                    "{}: {without:?}: {answered:?}",
                    case.clause
                );
                // No other condition is spared.
                for condition in case.when.iter().filter(|one| **one != Condition::ConsentHealth) {
                    let answered = answer(&site, case, &without.without(*condition)).await;
                    assert!(answered.refused.is_some(), "{}: {condition}: {law}", case.clause);
                }
            }
        }
    }
}
