//! Weighing an ask: what the notice's table answers, for which kinds of subject, and which conditions the answer
//! rests on. Pure: it reads no clock and no store, and knows of a condition only what it is told.

use domain::{Condition, ConditionSet, SubjectKind, SubjectKindSet};
use notice::{Decision, Permission, Question, Table};
use store::ConditionTest;

use crate::actor::assignment;
use crate::ask::{Asking, Target, Wanting};

/// A decision, and what it rests on: what the statement that writes the entry must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// What the notice answers.
    pub decision: Decision,
    /// The kinds of subject about which it answers the same.
    pub kinds: SubjectKindSet,
    /// The conditions that must be live.
    pub tests: Vec<ConditionTest>,
}

/// Decides about a target of this kind for whom these conditions are held to be live.
pub(crate) fn weigh(
    asking: &Asking<'_>,
    wanting: Wanting,
    target: Target,
    kind: SubjectKind,
    held: ConditionSet,
    table: &Table,
) -> Weighed {
    let question = question(asking, wanting, kind, held);
    let decision = both(table.decide(&question), asking, &question, table);
    let conditions = match decision {
        Decision::Granted(permission) => permission.conditions,
        Decision::Refused(_) => ConditionSet::EMPTY,
    };
    let kinds = same_for(asking, table, &question, &decision);
    Weighed { decision, kinds, tests: tests(asking, target, conditions) }
}

/// The question that an ask puts to the notice.
fn question(asking: &Asking<'_>, wanting: Wanting, kind: SubjectKind, held: ConditionSet) -> Question {
    Question {
        subject: kind,
        purpose: asking.purpose,
        recipient: asking.recipient(),
        needed: wanting.needed,
        wanted: wanting.wanted,
        held,
    }
}

/// Who hands data to someone outside needs a clause of its own for the same: naming a recipient opens
/// nothing that the actor may not use.
fn both(decision: Decision, asking: &Asking<'_>, question: &Question, table: &Table) -> Decision {
    let Decision::Granted(permission) = decision else { return decision };
    if asking.outside.is_none() {
        return decision;
    }
    match table.decide(&Question { recipient: asking.actor.recipient, ..*question }) {
        Decision::Granted(own) => Decision::Granted(Permission {
            shown: permission.shown.intersection(own.shown),
            conditions: permission.conditions.union(own.conditions),
            ..permission
        }),
        refused @ Decision::Refused(_) => refused,
    }
}

/// The kinds of subject about which the same is decided: the entry is right for any of them, so that it need
/// not be known which the subject is.
fn same_for(asking: &Asking<'_>, table: &Table, question: &Question, decision: &Decision) -> SubjectKindSet {
    let same = |kind: &SubjectKind| {
        *kind == question.subject || {
            let other = Question { subject: *kind, ..*question };
            both(table.decide(&other), asking, &other, table) == *decision
        }
    };
    SubjectKind::ALL.iter().copied().filter(same).collect()
}

/// The conditions that may hold, to be tested when the entry is written.
pub(crate) fn assumed(asking: &Asking<'_>, wanting: Wanting, target: Target) -> ConditionSet {
    let mut held = ConditionSet::of(&[
        Condition::ConsentHealth,
        Condition::ConsentMarketing,
        Condition::ConsentResearch,
    ]);
    if target.item.is_some() {
        held = held.union(ConditionSet::of(&[
            Condition::WorkItem,
            Condition::OrderReviewed,
            Condition::OrderAgreement,
            Condition::DisputeReasoned,
            Condition::DutyCited,
        ]));
    }
    if asking.party.is_some() {
        held = held.union(ConditionSet::of(&[
            Condition::RelationSponsor,
            Condition::RelationProvider,
            Condition::RelationRepresentative,
            Condition::RelationPayer,
            Condition::RelationProgramme,
            Condition::Undertaking,
            Condition::Contract,
            Condition::Mandate,
            Condition::Safeguard,
            Condition::ConsentProgramme,
            Condition::ConsentApp,
        ]));
    }
    // What the actor itself proves, and what the kind of ask does: neither is tested in the store.
    if asking.actor.subject == Some(target.subject) && asking.outside.is_none() {
        held = held.with(Condition::OwnData);
    }
    if wanting.total {
        held = held.with(Condition::MinimumGroup);
    }
    held
}

/// The tests that the writing statement makes, one for each condition that the permission rests on.
fn tests(asking: &Asking<'_>, target: Target, conditions: ConditionSet) -> Vec<ConditionTest> {
    // An object of zeros is never stored, so a condition without its object is never live.
    let nobody = [0; 16];
    let test = |condition, object| ConditionTest { condition, object };
    conditions
        .iter()
        .filter(|condition| !matches!(condition, Condition::OwnData | Condition::MinimumGroup))
        .map(|condition| match condition {
            Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => {
                test(condition, *asking.portfolio.bytes())
            }
            Condition::WorkItem => {
                test(condition, target.item.map_or(nobody, |item| assignment(item, asking.actor.id)))
            }
            Condition::OrderReviewed
            | Condition::OrderAgreement
            | Condition::DisputeReasoned
            | Condition::DutyCited => test(condition, target.item.map_or(nobody, |item| *item.bytes())),
            _ => test(condition, asking.party.unwrap_or(nobody)),
        })
        .collect()
}
