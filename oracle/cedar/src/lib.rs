//! The Cedar export of a notice, asked the same questions as the compiled table. It lives in a workspace of
//! its own, so that the program and its build do not carry Cedar; `cargo xtask test` runs it.
//!
//! It decides nothing for the program. Where the two differ, one of them is wrong about the clauses.

use std::collections::BTreeSet;

use cedar_policy::{
    Authorizer, Context, Decision as Answer, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
    Schema, ValidationMode, Validator,
};
use domain::{Category, CategorySet};
use notice::{Decision, Question, Table};

/// The policies of a notice, valid under its schema.
pub struct Policies {
    policies: PolicySet,
    schema: Schema,
    entities: Entities,
}

/// What Cedar answers: what may be shown, and the ids of the policies that permit some of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// Of what was wanted, what may be shown; empty for a refusal.
    pub shown: CategorySet,
    /// The clauses that permit something that was wanted.
    pub clauses: BTreeSet<String>,
}

impl Policies {
    /// Reads policies and their schema.
    ///
    /// # Errors
    /// What Cedar finds wrong with them: it cannot read them, or they are not valid under the schema.
    pub fn read(policies: &str, schema: &str) -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|error| error.to_string())?;
        let policies: PolicySet = policies.parse().map_err(|error| format!("{error}"))?;
        let verdict = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if let Some(error) = verdict.validation_errors().next() {
            return Err(error.to_string());
        }
        let entities = Entities::from_entities([], Some(&schema)).map_err(|error| error.to_string())?;
        Ok(Self { policies, schema, entities })
    }

    /// Asks for each category by itself, and puts the answers together as a question means them: a refusal when
    /// something needed may not be shown, or nothing may. `clauses` are the ids of the notice's clauses, in order.
    ///
    /// # Errors
    /// What Cedar says when it cannot answer.
    pub fn ask(&self, question: &Question, clauses: &[&str]) -> Result<Shown, String> {
        let of = |index| clauses.get(usize::from(index)).copied();
        let registered = question.registered.map(|set| set.iter().filter_map(of).collect::<Vec<_>>());
        let mut found = Shown { shown: CategorySet::EMPTY, clauses: BTreeSet::new() };
        for category in question.wanted.iter() {
            if let Some(clauses) = self.permitted(question, category, registered.as_deref())? {
                found.shown = found.shown.with(category);
                found.clauses.extend(clauses);
            }
        }
        if !found.shown.contains_all(question.needed) {
            return Ok(Shown { shown: CategorySet::EMPTY, clauses: BTreeSet::new() });
        }
        Ok(found)
    }

    /// The clauses that permit this category; `None` when it is not permitted.
    fn permitted(
        &self,
        question: &Question,
        category: Category,
        registered: Option<&[&str]>,
    ) -> Result<Option<Vec<String>>, String> {
        let subject = uid("SubjectKind", question.subject.word())?;
        let mut context = vec![
            ("subject".to_owned(), RestrictedExpression::new_entity_uid(subject)),
            ("law".to_owned(), RestrictedExpression::new_entity_uid(uid("Law", question.law.word())?)),
            ("holds".to_owned(), set("Condition", question.held.iter())?),
            ("demands".to_owned(), set("Condition", question.demands.iter())?),
        ];
        if let Some(safeguards) = question.transfer {
            context.push(("transfer".to_owned(), set("Safeguard", safeguards.iter())?));
        }
        if let Some(registered) = registered {
            let ids = registered.iter().map(|id| RestrictedExpression::new_string((*id).to_owned()));
            context.push(("registered".to_owned(), RestrictedExpression::new_set(ids)));
        }
        let context = Context::from_pairs(context).map_err(|error| error.to_string())?;
        let request = Request::new(
            uid("Recipient", question.recipient.word())?,
            uid("Action", question.purpose.word())?,
            uid("Category", category.word())?,
            context,
            Some(&self.schema),
        )
        .map_err(|error| error.to_string())?;
        let response = Authorizer::new().is_authorized(&request, &self.policies, &self.entities);
        // Cedar leaves out a policy that fails; here that is a fault, not an answer.
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string());
        }
        let id = |policy| self.policies.annotation(policy, "id").unwrap_or_default().to_owned();
        let reasons = response.diagnostics().reason().map(id).collect();
        Ok((response.decision() == Answer::Allow).then_some(reasons))
    }
}

fn set<W: std::fmt::Display>(
    kind: &str,
    words: impl Iterator<Item = W>,
) -> Result<RestrictedExpression, String> {
    let words = words.map(|word| uid(kind, &word.to_string())).collect::<Result<Vec<_>, _>>()?;
    Ok(RestrictedExpression::new_set(words.into_iter().map(RestrictedExpression::new_entity_uid)))
}

fn uid(kind: &str, word: &str) -> Result<EntityUid, String> {
    format!("{kind}::\"{word}\"").parse().map_err(|error| format!("{kind} {word}: {error}"))
}

/// What differs between the answers of table and policies to one question; `None` when they agree. The table
/// rests a permission on as few clauses as it can: each of them must be one that permits in Cedar too.
///
/// # Errors
/// What Cedar says when it cannot answer.
pub fn difference(table: &Table, policies: &Policies, question: &Question) -> Result<Option<String>, String> {
    let ids: Vec<&str> = (0..notice::ClauseSet::CAPACITY).map_while(|index| table.clause_id(index)).collect();
    let theirs = policies.ask(question, &ids)?;
    let (shown, clauses) = match table.decide(question) {
        Decision::Granted(permission) => (permission.shown, permission.clauses),
        Decision::Refused(_) => (CategorySet::EMPTY, notice::ClauseSet::EMPTY),
    };
    let strange = clauses
        .iter()
        .filter_map(|index| table.clause_id(index))
        .find(|clause| !theirs.clauses.contains(*clause));
    Ok(match strange {
        _ if shown != theirs.shown => {
            Some(format!("{question:?}: the table shows {shown:?}, the policies {:?}", theirs.shown))
        }
        Some(clause) => {
            Some(format!("{question:?}: the table rests on {clause}, the policies on {theirs:?}"))
        }
        None => None,
    })
}
