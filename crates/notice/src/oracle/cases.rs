//! A few decisions worked out by hand, and that the oracle catches a careless table. Random ones are the oracle's.

use super::*;

/// A version that permits marketing to claims staff, and forbids it.
fn forbidding(unless: &[Condition]) -> Version {
    let clause = Clause {
        id: "use.marketing".to_owned(),
        bases: vec![(SubjectKind::Member, LegalBasis::Contract)],
        purposes: vec![Purpose::Marketing],
        data: CategorySet::of(&[Category::Identity]),
        recipients: vec![Recipient::ClaimsStaff],
        health: None,
        health_by_law: Vec::new(),
        when: ConditionSet::EMPTY,
        retention: RetentionClass::Claims,
        transfers: None,
        minimum_group: None,
    };
    let prohibition = Prohibition {
        id: "no.messages".to_owned(),
        purpose: Purpose::Communications,
        unless: ConditionSet::of(unless),
    };
    Version { clauses: vec![clause], prohibitions: vec![prohibition] }
}

fn marketing(held: &[Condition]) -> Question {
    Question {
        subject: SubjectKind::Member,
        law: GoverningLaw::Belgium,
        purpose: Purpose::Marketing,
        recipient: Recipient::ClaimsStaff,
        needed: CategorySet::of(&[Category::Identity]),
        wanted: CategorySet::of(&[Category::Identity]),
        held: ConditionSet::of(held),
        demands: ConditionSet::EMPTY,
        transfer: None,
        registered: None,
    }
}

#[test]
fn a_prohibition_above_wins_unless_its_condition_holds() {
    let consent = [Condition::ConsentMarketing];
    let lifted = compile(&forbidding(&consent));
    assert!(matches!(lifted.decide(&marketing(&[])), Decision::Refused(refusal)
        if refusal.lacks == ConditionSet::of(&consent) && refusal.nearest == Some(0)));
    assert!(matches!(lifted.decide(&marketing(&consent)), Decision::Granted(permission)
        if permission.conditions == ConditionSet::of(&consent)));
    let absolute = compile(&forbidding(&[]));
    assert!(
        matches!(absolute.decide(&marketing(&consent)), Decision::Refused(refusal) if refusal.nearest.is_none())
    );
}

/// The comparison bites: a table that ignores prohibitions is caught by the oracle.
#[test]
fn the_oracle_disagrees_with_a_table_without_prohibitions() {
    let version = forbidding(&[]);
    let careless = Table::compile(&version.clauses, &[]);
    let question = marketing(&[]);
    assert_ne!(shown_by(careless.decide(&question)), decide(&version, &question));
    assert_eq!(shown_by(compile(&version).decide(&question)), decide(&version, &question));
}

/// Rows that a narrowing leaves of one clause are looked at in the order of the newer version's, though a later one
/// shows more than the first. Found by the random cases.
#[test]
fn of_what_a_narrowing_leaves_the_first_that_counts_is_rested_on() {
    let clause = |data: &[Category], consent| Clause {
        data: CategorySet::of(data),
        when: ConditionSet::of(&[consent]),
        ..forbidding(&[]).clauses.remove(0)
    };
    let (identity, plan, health) = (Category::Identity, Category::Plan, Category::Health);
    let all = &[identity, plan, health];
    let version = |clauses| Version { clauses, prohibitions: Vec::new() };
    let older = version(vec![Clause { when: ConditionSet::EMPTY, ..clause(all, Condition::WorkItem) }]);
    let newer = version(vec![
        clause(&[identity], Condition::ConsentMarketing),
        clause(all, Condition::ConsentHealth),
        clause(&[identity, plan], Condition::ConsentMarketing),
    ]);
    let question = marketing(&[Condition::ConsentMarketing, Condition::ConsentHealth]);
    let narrowed = compile(&older).narrow(&compile(&newer));
    let shown = shown_by(narrowed.decide(&question));
    assert_eq!(shown, decide_narrowed(&older, &newer, &question));
    assert!(shown.is_some_and(|(_, conditions, _)| conditions.contains(&Condition::ConsentMarketing)));
}

/// What leaves goes only where the clause says, while the safeguard holds; what stays does not ask for it.
#[test]
fn a_transfer_needs_a_clause_that_lets_it_go_and_a_safeguard_that_holds() {
    let version = |transfers| {
        let mut version = forbidding(&[]);
        version.prohibitions.clear();
        version.clauses.iter_mut().for_each(|clause| clause.transfers = transfers);
        version
    };
    let stays = marketing(&[]);
    let leaves = |held: &[Condition], under: &[TransferSafeguard]| Question {
        transfer: Some(TransferSafeguardSet::of(under)),
        ..marketing(held)
    };
    let safeguard = ConditionSet::of(&[Condition::Safeguard]);
    let none = compile(&version(None));
    let standard = compile(&version(Some(TransferSafeguard::StandardClauses)));
    for table in [&none, &standard] {
        assert!(matches!(table.decide(&stays), Decision::Granted(one) if one.conditions.is_empty()));
    }
    for under in [TransferSafeguard::StandardClauses, TransferSafeguard::Adequacy] {
        let live = leaves(&[Condition::Safeguard], &[under]);
        assert!(matches!(none.decide(&live), Decision::Refused(one) if one.lacks == safeguard));
        assert!(matches!(standard.decide(&live), Decision::Granted(one) if one.conditions == safeguard));
        let ended = leaves(&[], &[under]);
        assert!(matches!(standard.decide(&ended), Decision::Refused(one) if one.lacks == safeguard));
    }
    let other = leaves(&[Condition::Safeguard], &[TransferSafeguard::BindingRules]);
    assert!(matches!(standard.decide(&other), Decision::Refused(one) if one.lacks == safeguard));
    let both = [TransferSafeguard::StandardClauses, TransferSafeguard::BindingRules];
    let over_two = leaves(&[Condition::Safeguard], &both);
    assert!(matches!(standard.decide(&over_two), Decision::Refused(_)), "all of them must be let go");
}

/// Of two clauses that show the same, each by itself lets go what somebody is registered for; neither, nothing.
#[test]
fn an_organisation_gets_what_it_is_registered_for() {
    let mut version = forbidding(&[]);
    version.prohibitions.clear();
    let clause = Clause { recipients: vec![Recipient::Court], ..version.clauses[0].clone() };
    version.clauses =
        vec![Clause { id: "a".to_owned(), ..clause.clone() }, Clause { id: "b".to_owned(), ..clause }];
    let table = compile(&version);
    let ask = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let registered = Some(table.clauses_among(&ids));
        table.decide(&Question { recipient: Recipient::Court, registered, ..marketing(&[]) })
    };
    for (index, id) in [(0, "a"), (1, "b")] {
        assert!(matches!(ask(&[id, "c"]), Decision::Granted(one) if one.clauses.contains(index)), "{id}");
    }
    assert!(matches!(ask(&["c"]), Decision::Refused(one) if one.unregistered && one.nearest == Some(0)));
    assert!(matches!(ask(&[]), Decision::Refused(one) if one.unregistered && one.lacks.is_empty()));
}
