//! A second, deliberately naive decision, straight from the list of clauses, and the tests that
//! the table agrees with it. It shares no code with `table` and `narrow`: it looks at one category
//! at a time and knows no rows, masks or order of compilation.

mod cases;

#[cfg(test)]
mod count {
    #![allow(clippy::disallowed_methods, reason = "how many is in the environment")]

    /// Asks of one random pair of versions.
    pub(super) const ASKS_A_CASE: usize = 4;
    /// Pairs of versions where nothing else is said.
    const CASES: u32 = 20_000;

    /// How many pairs of versions: for as many asks as `MORETUS_CASES` says, and never fewer than without it.
    pub(super) fn cases() -> u32 {
        let asks: Option<u32> = std::env::var("MORETUS_CASES").ok().and_then(|asks| asks.parse().ok());
        asks.map_or(CASES, |asks| (asks / 4).max(CASES))
    }
}

use std::collections::BTreeSet;

use domain::{
    Category, CategorySet, Condition, ConditionSet, GoverningLaw, Purpose, Recipient, RetentionClass,
    SubjectKind, TransferSafeguard, TransferSafeguardSet,
};
use proptest::prelude::*;

use crate::{Clause, ClauseSet, Decision, HealthBasis, LegalBasis, Permission, Prohibition, Question, Table};

/// Rules as the oracle and the table both take them.
#[derive(Debug, Clone)]
struct Version {
    clauses: Vec<Clause>,
    prohibitions: Vec<Prohibition>,
}

/// One way to be allowed something: what, on which conditions, under which clause.
#[derive(Debug, Clone)]
struct Way {
    covers: BTreeSet<Category>,
    needs: BTreeSet<Condition>,
    /// The safeguards under which it lets data leave.
    lets_out: BTreeSet<TransferSafeguard>,
    clause: usize,
}

impl Way {
    /// Whether it is a way at all for data that stays, or that leaves as the question says.
    fn leads_there(&self, question: &Question) -> bool {
        let Some(under) = question.transfer else { return true };
        !self.lets_out.is_empty() && under.iter().all(|safeguard| self.lets_out.contains(&safeguard))
    }
}

fn forbidden_purposes(prohibition: &Prohibition) -> Vec<Purpose> {
    let below = |purpose: Purpose| {
        let mut node = Some(purpose);
        while let Some(current) = node {
            if current == prohibition.purpose {
                return true;
            }
            node = current.parent();
        }
        false
    };
    Purpose::ALL.iter().copied().filter(|purpose| below(*purpose)).collect()
}

/// The ways of one version that are open for a question, those with fewest conditions first.
fn open_ways(version: &Version, question: &Question) -> Vec<Way> {
    let mut exceptions = BTreeSet::new();
    for prohibition in &version.prohibitions {
        if forbidden_purposes(prohibition).contains(&question.purpose) {
            if prohibition.unless.is_empty()
                || !prohibition.unless.iter().all(|one| question.held.contains(one))
            {
                return Vec::new();
            }
            exceptions.extend(prohibition.unless.iter());
        }
    }
    let mut ways = Vec::new();
    for (index, clause) in version.clauses.iter().enumerate() {
        let named = clause.bases.iter().any(|(subject, _)| *subject == question.subject)
            && clause.purposes.contains(&question.purpose)
            && clause.recipients.contains(&question.recipient);
        let is_registered = question
            .registered
            .is_none_or(|registered| registered.iter().any(|registered| usize::from(registered) == index));
        let mut needed: Vec<Condition> = clause.when.iter().collect();
        // Where the basis is declared by law and is not consent here, no consent to its use is asked.
        if !clause.health_by_law.is_empty() {
            let mut basis = clause.health;
            for (law, declared) in &clause.health_by_law {
                if *law == question.law {
                    basis = Some(*declared);
                }
            }
            if basis != Some(HealthBasis::ExplicitConsent) {
                needed.retain(|condition| *condition != Condition::ConsentHealth);
            }
        }
        let holds = needed.iter().all(|condition| question.held.contains(*condition));
        if named && is_registered && holds {
            let mut needs: BTreeSet<Condition> = needed.into_iter().collect();
            needs.extend(&exceptions);
            let mut lets_out = BTreeSet::new();
            if let Some(safeguard) = clause.transfers {
                lets_out.insert(TransferSafeguard::Adequacy);
                lets_out.insert(safeguard);
            }
            ways.push(Way { covers: clause.data.iter().collect(), needs, lets_out, clause: index });
        }
    }
    fewest_first(ways)
}

fn fewest_first(ways: Vec<Way>) -> Vec<Way> {
    let mut sorted = Vec::new();
    for count in 0..=Condition::ALL.len() {
        sorted.extend(ways.iter().filter(|way| way.needs.len() == count).cloned());
    }
    sorted
}

/// What is shown, on which conditions, under which clauses; `None` for a refusal.
type Shown = Option<(BTreeSet<Category>, BTreeSet<Condition>, BTreeSet<usize>)>;

fn choose(ways: &[Way], question: &Question) -> Shown {
    let (mut shown, mut clauses) = (BTreeSet::new(), BTreeSet::new());
    let mut conditions: BTreeSet<Condition> = question.demands.iter().collect();
    if question.transfer.is_some() {
        conditions.insert(Condition::Safeguard);
    }
    if conditions.iter().any(|condition| !question.held.contains(*condition)) {
        return None;
    }
    for way in ways.iter().filter(|way| way.leads_there(question)) {
        let adds: Vec<Category> = way
            .covers
            .iter()
            .copied()
            .filter(|category| question.wanted.contains(*category) && !shown.contains(category))
            .collect();
        if !adds.is_empty() {
            shown.extend(adds);
            conditions.extend(way.needs.iter().copied());
            clauses.insert(way.clause);
        }
    }
    let enough = question.needed.iter().all(|category| shown.contains(&category));
    (enough && !shown.is_empty()).then_some((shown, conditions, clauses))
}

fn decide(version: &Version, question: &Question) -> Shown {
    choose(&open_ways(version, question), question)
}

/// What both versions allow: every way of the older one together with every way of the newer.
fn decide_narrowed(older: &Version, newer: &Version, question: &Question) -> Shown {
    let mut both = Vec::new();
    for ours in open_ways(older, question) {
        // Registered is somebody for clauses of the version that binds.
        for theirs in open_ways(newer, &Question { registered: None, ..*question }) {
            both.push(Way {
                covers: ours.covers.intersection(&theirs.covers).copied().collect(),
                needs: ours.needs.union(&theirs.needs).copied().collect(),
                lets_out: ours.lets_out.intersection(&theirs.lets_out).copied().collect(),
                clause: ours.clause,
            });
        }
    }
    choose(&fewest_first(both), question)
}

fn shown_by(decision: Decision) -> Shown {
    match decision {
        Decision::Granted(Permission { shown, conditions, clauses }) => Some((
            shown.iter().collect(),
            conditions.iter().collect(),
            clauses.iter().map(usize::from).collect(),
        )),
        Decision::Refused(_) => None,
    }
}

// Few words, so that clauses meet, overlap and stand above each other in the tree of purposes.
const PURPOSES: &[Purpose] =
    &[Purpose::Communications, Purpose::Marketing, Purpose::Survey, Purpose::ClaimsProcessing];
const RECIPIENTS: &[Recipient] = &[Recipient::ClaimsStaff, Recipient::Court];
const SUBJECTS: &[SubjectKind] = &[SubjectKind::Member, SubjectKind::Employee];
const CATEGORIES: &[Category] =
    &[Category::Identity, Category::Financial, Category::Health, Category::Claims, Category::Other];
const CONDITIONS: &[Condition] = &[
    Condition::ConsentHealth,
    Condition::ConsentResearch,
    Condition::ConsentMarketing,
    Condition::WorkItem,
    Condition::Contract,
    Condition::Safeguard,
];

const HEALTH: &[HealthBasis] = &[HealthBasis::ExplicitConsent, HealthBasis::HealthCare];
const LAWS: &[GoverningLaw] = &[GoverningLaw::Elsewhere, GoverningLaw::Ireland, GoverningLaw::Netherlands];

fn some_of<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [T],
    least: usize,
) -> impl Strategy<Value = Vec<T>> {
    proptest::sample::subsequence(all, least..=all.len())
}

fn clauses() -> impl Strategy<Value = Vec<Clause>> {
    let clause = (
        some_of(SUBJECTS, 1),
        some_of(PURPOSES, 1),
        some_of(CATEGORIES, 1),
        some_of(RECIPIENTS, 1),
        some_of(CONDITIONS, 0),
        proptest::option::of(proptest::sample::select(TransferSafeguard::ALL)),
        (
            proptest::sample::select(HEALTH),
            proptest::collection::btree_map(
                proptest::sample::select(LAWS),
                proptest::sample::select(HEALTH),
                0..3,
            ),
        ),
    )
        .prop_map(|(subjects, purposes, data, recipients, when, transfers, (health, by_law))| Clause {
            id: "x".to_owned(),
            bases: subjects.into_iter().map(|subject| (subject, LegalBasis::Contract)).collect(),
            purposes,
            data: data.into_iter().collect(),
            recipients,
            health: Some(health),
            health_by_law: by_law.into_iter().collect(),
            when: when.into_iter().collect(),
            retention: RetentionClass::Claims,
            transfers,
            minimum_group: None,
        });
    proptest::collection::vec(clause, 0..6)
}

fn version() -> impl Strategy<Value = Version> {
    let prohibition =
        (proptest::sample::select(PURPOSES), some_of(CONDITIONS, 0)).prop_map(|(purpose, unless)| {
            Prohibition { id: "no.x".to_owned(), purpose, unless: unless.into_iter().collect() }
        });
    (clauses(), proptest::collection::vec(prohibition, 0..2))
        .prop_map(|(clauses, prohibitions)| Version { clauses, prohibitions })
}

fn question() -> impl Strategy<Value = Question> {
    (
        (proptest::sample::select(SUBJECTS), proptest::sample::select(LAWS)),
        proptest::sample::select(PURPOSES),
        proptest::sample::select(RECIPIENTS),
        proptest::collection::vec(proptest::sample::select(CATEGORIES), 0..3),
        some_of(CATEGORIES, 0),
        some_of(CONDITIONS, 0),
        some_of(&[Condition::Contract, Condition::Safeguard], 0),
        proptest::option::of(some_of(TransferSafeguard::ALL, 0)),
        proptest::option::of(some_of(&[0, 1, 2, 3, 4, 5], 1)),
    )
        .prop_map(
            |((subject, law), purpose, recipient, needed, wanted, held, demands, transfer, registered)| {
                Question {
                    subject,
                    law,
                    purpose,
                    recipient,
                    needed: needed.into_iter().collect(),
                    wanted: wanted.into_iter().collect(),
                    held: held.into_iter().collect(),
                    demands: demands.into_iter().collect(),
                    transfer: transfer.map(TransferSafeguardSet::from_iter),
                    // Only organisations are in a register.
                    registered: registered
                        .filter(|_| recipient.is_organisation())
                        .map(|clauses: Vec<u16>| clauses.into_iter().fold(ClauseSet::EMPTY, ClauseSet::with)),
                }
            },
        )
}

fn compile(version: &Version) -> Table {
    Table::compile(&version.clauses, &version.prohibitions)
}

/// What holds of every answer, whatever the clauses.
fn check_answer(table: &Table, question: &Question) {
    match table.decide(question) {
        Decision::Granted(permission) => {
            assert!(question.wanted.contains_all(permission.shown), "more than was wanted");
            assert!(permission.shown.contains_all(question.needed), "less than was needed");
            assert!(question.held.contains_all(permission.conditions), "on a condition that does not hold");
            assert!(!permission.clauses.is_empty(), "without a clause");
        }
        Decision::Refused(refusal) => {
            assert!(question.needed.union(question.wanted).contains_all(refusal.missing));
            let conditions = match question.transfer {
                // It may hold, and the clause let nothing go under it.
                Some(_) => refusal.lacks.minus(ConditionSet::of(&[Condition::Safeguard])),
                None => refusal.lacks,
            };
            assert!(conditions.intersection(question.held).is_empty(), "it lacks what holds");
            assert!(refusal.nearest.is_some() || refusal.lacks.is_empty() && !refusal.unregistered);
            // The refusal tells the truth: with what it lacks, the nearest clause shows some of it.
            if refusal.nearest.is_some() && (!refusal.lacks.is_empty() || refusal.unregistered) {
                let retry = Question {
                    held: question.held.union(refusal.lacks),
                    needed: CategorySet::EMPTY,
                    wanted: refusal.missing,
                    // What it says of a transfer is that this one lacks a safeguard that would do.
                    transfer: question.transfer.filter(|_| !refusal.lacks.contains(Condition::Safeguard)),
                    registered: question.registered.filter(|_| !refusal.unregistered),
                    ..*question
                };
                assert!(matches!(table.decide(&retry), Decision::Granted(_)), "what it lacks would not help");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: count::cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_decides_as_the_clauses_say(
        older in version(),
        newer in version(),
        questions in proptest::collection::vec(question(), count::ASKS_A_CASE),
    ) {
        let (old_table, new_table) = (compile(&older), compile(&newer));
        let narrowed = old_table.narrow(&new_table);
        for question in questions {
            prop_assert_eq!(shown_by(old_table.decide(&question)), decide(&older, &question));
            prop_assert_eq!(shown_by(narrowed.decide(&question)), decide_narrowed(&older, &newer, &question));
            check_answer(&old_table, &question);
            check_answer(&narrowed, &question);
            for table in [&old_table, &narrowed] {
                let kinds = table.kinds_alike(question.purpose, question.recipient, question.subject);
                let laws = table.laws_alike(question.purpose, question.recipient, question.subject, question.law);
                prop_assert!(kinds.contains(question.subject) && laws.contains(question.law));
                for (subject, law) in kinds.iter().flat_map(|kind| laws.iter().map(move |law| (kind, law))) {
                    prop_assert_eq!(table.decide(&Question { subject, law, ..question }), table.decide(&question));
                }
            }
            // Narrowing shows exactly what both show.
            let open = Question { needed: CategorySet::EMPTY, registered: None, ..question };
            let shown = |table: &Table| shown_by(table.decide(&open)).map(|(shown, _, _)| shown).unwrap_or_default();
            let both: BTreeSet<Category> = shown(&old_table).intersection(&shown(&new_table)).copied().collect();
            prop_assert_eq!(shown(&narrowed), both);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A supplement's table has one set of prohibitions; the oracle looks at each version of the notice by itself,
    /// and opens what the clauses open under every one of them.
    #[test]
    fn a_supplement_decides_under_the_prohibitions_of_every_version(
        clauses in clauses(),
        older in version(),
        newer in version(),
        question in question(),
    ) {
        let beside = |notice: &Version| Version {
            clauses: clauses.clone(),
            prohibitions: notice.prohibitions.clone(),
        };
        let all = [older.prohibitions.clone(), newer.prohibitions.clone()].concat();
        let table = Table::compile(&clauses, &all);
        let open = Question { needed: CategorySet::EMPTY, ..question };
        let shown = |answer: Shown| answer.map(|(shown, _, _)| shown).unwrap_or_default();
        let of_each = [&older, &newer].map(|notice| shown(decide(&beside(notice), &open)));
        let both: BTreeSet<Category> = of_each[0].intersection(&of_each[1]).copied().collect();
        prop_assert_eq!(shown(shown_by(table.decide(&open))), both);
        check_answer(&table, &question);
    }
}
