//! Weighing an ask: what the notice's table answers, for which kinds of subject and governing laws, and which conditions
//! the answer rests on. Pure: it reads no clock and no store, and knows of a condition only what it is told.

use std::collections::BTreeSet;

use domain::{
    Condition, ConditionSet, GoverningLaw, GoverningLawSet, RecipientId, SubjectId, SubjectKind,
    SubjectKindSet, Timestamp, TransferSafeguardSet, WorkItemId,
};
use notice::{ClauseSet, Decision, Permission, Question, Refusal, Table};
use store::ConditionTest;
use store::condition::ConditionRow;
use store::recipient::RecipientTest;

use crate::actor::{assignment, filed_for};
use crate::asking::{Case, Target};
use crate::deferral::{Showing, under_deferral};
use crate::receiver::{Crossing, Organisation};

/// A decision, and what it rests on: what the statement that writes the entry must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// What the notice answers.
    pub decision: Decision,
    /// Kinds of subject about which it answers the same.
    pub kinds: SubjectKindSet,
    /// Laws under which it answers the same for all of these kinds.
    pub laws: GoverningLawSet,
    /// The conditions of the subject that must be live.
    pub tests: Vec<ConditionTest>,
    /// The conditions of whoever gets the data that must be live.
    pub recipient_tests: Vec<RecipientTest>,
    /// Under which safeguards what is granted leaves the European Economic Area; none where it stays.
    pub transfer: Option<TransferSafeguardSet>,
}

/// What is supposed of a subject until the store says what is so.
#[derive(Clone, Copy)]
pub(crate) struct Supposed {
    pub(crate) kind: SubjectKind,
    /// The law that governs its cover.
    pub(crate) law: GoverningLaw,
    /// The conditions that are held to be live.
    pub(crate) held: ConditionSet,
    /// How what is asked under the work item is shown, which says under which name its conditions are filed.
    pub(crate) showing: Showing,
}

/// Decides about a target of whom this is supposed.
pub(crate) fn weigh(case: &Case<'_>, target: Target, supposed: Supposed, table: &Table) -> Weighed {
    if case.bar(target).is_some() {
        return barred(case);
    }
    let registered = case.receiver.organisation.as_ref().map(|one| table.clauses_among(&one.clauses));
    let mut decided = answer(case, supposed, table, registered);
    // What the person is not shown for a time is granted only to whose task it is, about those for whom it was opened,
    // also where the clause would ask for no task: nobody hides an ordinary use behind a sealed order.
    let task = ConditionSet::of(&[Condition::WorkItem]);
    let is_apart = supposed.showing.is_apart();
    let rests_on = if is_apart { task } else { ConditionSet::EMPTY };
    if !supposed.held.contains(Condition::WorkItem) && is_apart {
        decided = Answer { decision: nothing(case), safeguards: Vec::new(), transfer: None };
    }
    let conditions = match decided.decision {
        Decision::Granted(permission) => Some(permission.conditions.union(rests_on)),
        Decision::Refused(_) => None,
    };
    let target = supposed.showing.filed(target);
    let (kinds, laws) = alike(case, supposed, table);
    Weighed {
        decision: decided.decision,
        kinds,
        laws,
        tests: conditions.map_or_else(Vec::new, |conditions| tests(case, target, conditions)),
        recipient_tests: conditions
            .map_or_else(Vec::new, |conditions| recipient_tests(case, conditions, &decided.safeguards)),
        transfer: decided.transfer,
    }
}

/// What is answered whoever the subject is and whatever the notice says. It rests on nothing, so that the refusal is
/// written at once.
fn barred(case: &Case<'_>) -> Weighed {
    Weighed {
        decision: nothing(case),
        kinds: SubjectKind::ALL.iter().copied().collect(),
        laws: GoverningLawSet::ALL,
        tests: Vec::new(),
        recipient_tests: Vec::new(),
        transfer: None,
    }
}

/// The kinds of subject and the laws for which the rows that were asked are the same as for what was supposed: the
/// entry is right for any of them, so that it need not be known which the subject is.
fn alike(case: &Case<'_>, supposed: Supposed, table: &Table) -> (SubjectKindSet, GoverningLawSet) {
    let (purpose, Supposed { kind, law, .. }) = (case.asking.purpose, supposed);
    let of = |recipient| {
        let kinds = table.kinds_alike(purpose, recipient, kind);
        (kinds, table.laws_alike(purpose, recipient, kind, law))
    };
    let (kinds, laws) = of(case.recipient());
    if case.asking.to.is_none() {
        return (kinds, laws);
    }
    let (own_kinds, own_laws) = of(case.asking.actor.recipient);
    (kinds.intersection(own_kinds), laws.intersection(own_laws))
}

/// What the notice answers, and whose safeguards that rests on.
struct Answer {
    decision: Decision,
    safeguards: Vec<RecipientId>,
    transfer: Option<TransferSafeguardSet>,
}

/// Asks for whoever gets it. Who hands data to an organisation needs a clause of its own for the same: naming
/// a recipient opens nothing that the actor may not use. `registered`: the table's clauses that an organisation may get
/// data under.
fn answer(case: &Case<'_>, supposed: Supposed, table: &Table, registered: Option<ClauseSet>) -> Answer {
    let mut answer = Answer { decision: nothing(case), safeguards: Vec::new(), transfer: None };
    if case.receiver.unregistered.is_some() {
        return answer;
    }
    let (question, crossing) = question(case, supposed, registered);
    answer.decision = table.decide(&question);
    answer.rest_on(crossing);
    if case.asking.to.is_some()
        && let Decision::Granted(permission) = answer.decision
    {
        let own = own_question(case, &question, supposed.held);
        answer.decision = table.decide(&own);
        answer.rest_on(&case.receiver.reading);
        if let Decision::Granted(own) = &mut answer.decision {
            *own = Permission {
                shown: permission.shown.intersection(own.shown),
                conditions: permission.conditions.union(own.conditions),
                ..permission
            };
            // What the one may get and what the other may hand over have nothing in common.
            if own.shown.is_empty() {
                answer.decision = nothing(case);
            }
        }
    }
    if matches!(answer.decision, Decision::Refused(_)) {
        (answer.safeguards, answer.transfer) = (Vec::new(), None);
    }
    answer
}

impl Answer {
    /// Notes whose safeguard the decision that was just made rests on, and under which ones it leaves.
    fn rest_on(&mut self, crossing: &Crossing) {
        self.transfer = match (self.transfer, crossing.transfer) {
            (Some(before), Some(under)) => Some(before.union(under)),
            (before, under) => before.or(under),
        };
        if let Decision::Granted(permission) = self.decision
            && permission.conditions.contains(Condition::Safeguard)
        {
            self.safeguards.extend(crossing.holder);
        }
    }
}

/// The answer that names no clause: about an organisation that is not in the register, or what is barred.
fn nothing(case: &Case<'_>) -> Decision {
    Decision::Refused(Refusal {
        missing: case.wanting.needed.union(case.wanting.wanted),
        nearest: None,
        lacks: ConditionSet::EMPTY,
        unregistered: false,
    })
}

/// The question that an ask puts to the notice, and where what it opens goes.
fn question<'a>(
    case: &'a Case<'_>,
    supposed: Supposed,
    registered: Option<ClauseSet>,
) -> (Question, &'a Crossing) {
    let organisation = case.receiver.organisation.as_ref();
    let crossing = organisation.map_or(&case.receiver.reading, |one| &one.handing);
    // As if it were its own: who acts for another gets nothing that the other may not get.
    let principal_lacks = organisation.map_or(ConditionSet::EMPTY, Organisation::principal_lacks);
    let question = Question {
        subject: supposed.kind,
        law: supposed.law,
        purpose: case.asking.purpose,
        recipient: case.recipient(),
        needed: case.wanting.needed,
        wanted: case.wanting.wanted,
        held: holding(supposed.held, crossing).minus(principal_lacks),
        demands: organisation.map_or(ConditionSet::EMPTY, |one| one.demands).union(principal_lacks),
        transfer: crossing.transfer,
        registered,
    };
    (question, crossing)
}

/// The same for the actor that hands it over.
fn own_question(case: &Case<'_>, question: &Question, held: ConditionSet) -> Question {
    Question {
        recipient: case.asking.actor.recipient,
        held: holding(held, &case.receiver.reading),
        demands: ConditionSet::EMPTY,
        transfer: case.receiver.reading.transfer,
        registered: None,
        ..*question
    }
}

/// A safeguard counts for whom it was agreed with.
fn holding(held: ConditionSet, crossing: &Crossing) -> ConditionSet {
    if crossing.is_safe { held } else { held.minus(ConditionSet::of(&[Condition::Safeguard])) }
}

/// The conditions that may hold, to be tested when the entry is written.
pub(crate) fn assumed(case: &Case<'_>, target: Target) -> ConditionSet {
    let mut held = of_recipient(case).union(ConditionSet::of(&[
        Condition::ConsentHealth,
        Condition::ConsentMarketing,
        Condition::ConsentResearch,
    ]));
    if target.item.is_some() {
        held = held.union(OF_ITEM);
    }
    if case.party().is_some() {
        held = held.union(ConditionSet::of(&[
            Condition::RelationSponsor,
            Condition::RelationProvider,
            Condition::RelationRepresentative,
            Condition::RelationPayer,
            Condition::RelationProgramme,
            Condition::ConsentProgramme,
            Condition::ConsentApp,
        ]));
    }
    // What the actor itself proves, and what the kind of ask does: neither is tested in the store.
    if case.asking.actor.subject == Some(target.subject) && case.asking.to.is_none() {
        held = held.with(Condition::OwnData);
    }
    if case.wanting.total {
        held = held.with(Condition::MinimumGroup);
    }
    if case.wanting.own_details {
        held = held.with(Condition::OwnDetails);
    }
    held
}

/// The conditions that hold of a target, of those that may: what of the subject's is not live is left out.
pub(crate) fn live<'a>(
    case: &Case<'_>,
    target: Target,
    of_subject: impl Iterator<Item = &'a ConditionRow>,
    now: Timestamp,
) -> ConditionSet {
    let stored: Vec<&ConditionRow> = of_subject.filter(|row| row.is_live(now)).collect();
    let may = assumed(case, target);
    let tested = tests(case, target, may);
    let is_met = |test: &ConditionTest| stored.iter().any(|row| test.is_met_by(row.condition, &row.object));
    let ended = tested.iter().filter(|test| !is_met(test)).map(|test| test.condition);
    may.minus(ended.collect())
}

/// The conditions that hold of whoever gets it, whomever the data is about.
pub(crate) fn of_recipient(case: &Case<'_>) -> ConditionSet {
    let agreed = case.receiver.organisation.as_ref().map_or(ConditionSet::EMPTY, |one| one.live);
    // Whether there is a safeguard is looked at where something leaves.
    agreed.with(Condition::Safeguard)
}

/// The conditions that are filed with a work item.
pub(crate) const OF_ITEM: ConditionSet = ConditionSet::of(&[
    Condition::WorkItem,
    Condition::OrderReviewed,
    Condition::OrderAgreement,
    Condition::DisputeReasoned,
    Condition::DutyCited,
    Condition::EmergencyReasoned,
]);

/// What an organisation, or the staff's portfolio, agreed; not the person.
pub(crate) const OF_RECIPIENT: ConditionSet = ConditionSet::of(&[
    Condition::Contract,
    Condition::Undertaking,
    Condition::Mandate,
    Condition::Safeguard,
]);

/// What the actor itself proves, and what the kind of ask does: no row of the store says so.
const OF_ASK: ConditionSet =
    ConditionSet::of(&[Condition::OwnData, Condition::MinimumGroup, Condition::OwnDetails]);

/// The objects under which the conditions of a work item are filed, by its own name and by the other one: of those whom it is
/// about, and of nobody else.
pub(crate) fn filed_under(case: &Case<'_>, item: WorkItemId) -> Vec<[u8; 16]> {
    let nobody = SubjectId::from_bytes([0; 16]);
    let names = [item, under_deferral(item)];
    let of_name = |item| tests(case, Target { subject: nobody, item: Some(item) }, OF_ITEM);
    let objects = names.into_iter().flat_map(of_name).flat_map(|test| [Some(test.object), test.or]);
    objects.flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The tests about the subject that the writing statement makes, one for each condition that the permission
/// rests on.
fn tests(case: &Case<'_>, target: Target, conditions: ConditionSet) -> Vec<ConditionTest> {
    // An object of zeros is never stored, so a condition without its object is never live.
    let nobody = [0; 16];
    let organisation = case.receiver.organisation.as_ref();
    let object = |condition| match condition {
        Condition::ConsentHealth | Condition::ConsentMarketing | Condition::ConsentResearch => {
            *case.asking.portfolio.bytes()
        }
        // Who breaks the glass does it alone, whatever team they are in.
        Condition::EmergencyReasoned => {
            target.item.map_or(nobody, |item| assignment(item, case.asking.actor.id))
        }
        Condition::OrderReviewed
        | Condition::OrderAgreement
        | Condition::DisputeReasoned
        | Condition::DutyCited => match (target.item, organisation) {
            (Some(item), Some(one)) => filed_for(item, one.id),
            (Some(item), None) => *item.bytes(),
            (None, _) => nobody,
        },
        _ => case.party().unwrap_or(nobody),
    };
    let test = |condition| match (condition, target.item) {
        (Condition::WorkItem, Some(item)) => case.asking.actor.task(item),
        (Condition::WorkItem, None) => ConditionTest::of(condition, nobody),
        _ => ConditionTest::of(condition, object(condition)),
    };
    conditions.minus(OF_RECIPIENT.union(OF_ASK)).iter().map(test).collect()
}

/// The tests about whoever gets it.
fn recipient_tests(
    case: &Case<'_>,
    conditions: ConditionSet,
    safeguards: &[RecipientId],
) -> Vec<RecipientTest> {
    let safeguard = ConditionSet::of(&[Condition::Safeguard]);
    let agreed = conditions.intersection(OF_RECIPIENT).minus(safeguard);
    // Without an organisation such a condition is never held, and so never rested on.
    let organisation = case.receiver.organisation.iter();
    let of_organisation = organisation
        .flat_map(|one| agreed.iter().map(|condition| RecipientTest { recipient: one.id, condition }));
    let of_holder = safeguards
        .iter()
        .map(|recipient| RecipientTest { recipient: *recipient, condition: Condition::Safeguard });
    let principal = case.receiver.organisation.iter().filter_map(|one| one.principal);
    let of_principal = principal.flat_map(|one| {
        one.demands.iter().map(move |condition| RecipientTest { recipient: one.id, condition })
    });
    of_organisation.chain(of_holder).chain(of_principal).collect()
}
