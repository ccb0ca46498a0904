//! The statements of each operation, and what their rows answer.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Outcome, Statement, Value};
use crate::Failure;
use crate::gdpr::load::CLAUSES;
use crate::gdpr::model::{Act, Answer};
use crate::gdpr::people::{GROUP, Key};

/// Kinds of consent.
const HEALTH: i64 = 0;
const OFFERS: i64 = 1;
const PROGRAMME: i64 = 2;
/// Cover without an end.
const OPEN: i64 = 99_991_231;
/// Cover that ended so long ago has lapsed.
const LAPSED: i64 = 20_150_101;
/// Where people of the past have their ids.
const PAST: i64 = 1 << 40;

fn id(key: Key) -> i64 {
    i64::from(key.number) + if key.lapsed { PAST } else { 0 }
}

fn programme(key: Key) -> i64 {
    i64::from(key.number / GROUP)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn statement(sql: &'static str, params: Vec<Value>) -> Statement {
    Statement { sql, params }
}

fn int(value: impl Into<i64>) -> Value {
    Value::Int(value.into())
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// A person with cover, and what the source says of consent.
pub(super) fn create(key: Key) -> Result<Vec<Statement>, Failure> {
    let ([name, address, town, email, phone, number, account], cover) = key.texts();
    let [insured, policy, plan, exclusions] = cover;
    let (start, end) = key.span()?;
    let end = end.map_or(OPEN, |end| i64::from(end.number()));
    let mut statements = vec![
        statement(
            "INSERT INTO person (id, name, birth, sex, address, town, country, email, phone, number, account, source, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            vec![
                int(id(key)),
                Value::Text(name),
                int(key.birth()?),
                int(3),
                Value::Text(address),
                Value::Text(town),
                text("BE"),
                Value::Text(email),
                Value::Text(phone),
                Value::Text(number),
                Value::Text(account),
                Value::Text(key.source_id()),
                int(1),
            ],
        ),
        statement(
            "INSERT INTO cover (id, insured, policy, plan, currency, start_day, end_day, status, exclusions)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            vec![
                int(id(key)),
                Value::Text(insured),
                Value::Text(policy),
                Value::Text(plan),
                text("EUR"),
                int(i64::from(start.number())),
                int(end),
                int(0),
                Value::Text(exclusions),
            ],
        ),
    ];
    if key.consents_to_health() {
        statements.push(consent(key, HEALTH, 0));
    }
    Ok(statements)
}

fn consent(key: Key, kind: i64, object: i64) -> Statement {
    statement(
        "INSERT INTO consent (id, kind, object, given, withdrawn, channel) VALUES ($1, $2, $3, $4, $5, $6)",
        vec![int(id(key)), int(kind), int(object), int(now()), int(0), int(4)],
    )
}

/// The consents of who is there from the beginning.
pub(super) fn loaded_consents(key: Key) -> Vec<Statement> {
    let mut statements = vec![consent(key, PROGRAMME, programme(key))];
    if key.consents_to_offers() {
        statements.push(consent(key, OFFERS, 0));
    }
    statements
}

/// An organisation.
pub(super) fn organisation(number: u32) -> Statement {
    statement(
        "INSERT INTO organisation (id, name, clauses, agreed) VALUES ($1, $2, $3, $4)",
        vec![int(number), text(&format!("Clinic {number}")), text(&CLAUSES.join(" ")), int(1)],
    )
}

/// Everything of somebody goes.
pub(super) fn erase(key: Key) -> Vec<Statement> {
    vec![
        statement("DELETE FROM person WHERE id = $1", vec![int(id(key))]),
        statement("DELETE FROM cover WHERE id = $1", vec![int(id(key))]),
        statement("DELETE FROM consent WHERE id = $1", vec![int(id(key))]),
        statement("INSERT INTO erasure (id, at) VALUES ($1, $2)", vec![int(id(key)), int(now())]),
    ]
}

/// What lapsed goes.
fn sweep() -> Vec<Statement> {
    let all = |sql| statement(sql, vec![int(LAPSED)]);
    vec![
        all("DELETE FROM person WHERE id IN (SELECT id FROM cover WHERE end_day < $1)"),
        all("DELETE FROM consent WHERE id IN (SELECT id FROM cover WHERE end_day < $1)"),
        statement(
            "INSERT INTO erasure (id, at) SELECT id, CAST($1 AS BIGINT) FROM cover WHERE end_day < $2",
            vec![int(now()), int(LAPSED)],
        ),
        all("DELETE FROM cover WHERE end_day < $1"),
    ]
}

/// The statements, and whether they write.
pub(super) fn of(act: Act) -> Result<(bool, Vec<Statement>), Failure> {
    Ok(match act {
        Act::Create(key) => (true, create(key)?),
        Act::Sweep => (true, sweep()),
        Act::Erase(key) => (true, erase(key)),
        Act::EndProgramme(key) => (
            true,
            vec![statement(
                "UPDATE consent SET withdrawn = $1 WHERE kind = $2 AND object = $3 AND withdrawn = $4",
                vec![int(now()), int(PROGRAMME), int(programme(key)), int(0)],
            )],
        ),
        Act::SetClauses(number, wide) => {
            let clauses: Vec<&str> = CLAUSES.into_iter().take(if wide { 2 } else { 1 }).collect();
            let params = vec![text(&clauses.join(" ")), int(number)];
            (true, vec![statement("UPDATE organisation SET clauses = $1 WHERE id = $2", params)])
        }
        Act::SetAgreement(number, holds) => {
            let params = vec![int(i64::from(holds)), int(number)];
            (true, vec![statement("UPDATE organisation SET agreed = $1 WHERE id = $2", params)])
        }
        Act::SetConsent(key, true) => (true, vec![consent(key, OFFERS, 0)]),
        Act::SetConsent(key, false) => (
            true,
            vec![statement(
                "UPDATE consent SET withdrawn = $1 WHERE id = $2 AND kind = $3 AND withdrawn = $4",
                vec![int(now()), int(id(key)), int(OFFERS), int(0)],
            )],
        ),
        Act::Correct(key, times) => (true, correct(key, times)),
        act => (false, reads(act)),
    })
}

/// The statements of what only reads.
fn reads(act: Act) -> Vec<Statement> {
    let (sql, params) = match act {
        Act::ReadOwn(key) | Act::ReadCover(key) => (
            "SELECT policy, insured, plan, currency, start_day, end_day, status FROM cover WHERE id = $1",
            vec![int(id(key))],
        ),
        Act::ReadProgramme(key) => (
            "SELECT p.email, p.name, p.birth, p.phone, p.number FROM consent c JOIN person p ON p.id = c.id
             WHERE c.kind = $1 AND c.object = $2 AND c.withdrawn = $3 ORDER BY p.email",
            vec![int(PROGRAMME), int(programme(key)), int(0)],
        ),
        Act::ReadForOffer(key) => (
            "SELECT p.email FROM person p WHERE p.id = $1 AND EXISTS
                (SELECT 1 FROM consent c WHERE c.id = p.id AND c.kind = $2 AND c.withdrawn = $3)",
            vec![int(id(key)), int(OFFERS), int(0)],
        ),
        Act::ReadForDecision(key) => (
            "SELECT v.start_day, v.end_day, v.status, v.currency, v.exclusions FROM cover v WHERE v.id = $1 AND EXISTS
                (SELECT 1 FROM consent c WHERE c.id = v.id AND c.kind = $2 AND c.withdrawn = $3)",
            vec![int(id(key)), int(HEALTH), int(0)],
        ),
        Act::ReadConsents(key, _) => (
            "SELECT withdrawn, kind, object, given, channel FROM consent WHERE id = $1",
            vec![int(id(key))],
        ),
        Act::ReadLogs(key) => ("SELECT entry, at, text FROM access_log WHERE id = $1", vec![int(id(key))]),
        Act::VerifyErased(key) => (
            "SELECT (SELECT count(*) FROM erasure WHERE id = $1),
                (SELECT count(*) FROM person WHERE id = $1) + (SELECT count(*) FROM cover WHERE id = $1)",
            vec![int(id(key))],
        ),
        // What writes stands above.
        _ => return Vec::new(),
    };
    vec![statement(sql, params)]
}

/// The former address, read, and the new one with the new account in its place.
fn correct(key: Key, times: u32) -> Vec<Statement> {
    vec![
        statement("SELECT email FROM person WHERE id = $1", vec![int(id(key))]),
        statement(
            "UPDATE person SET email = $1, account = $2, version = version + 1 WHERE id = $3 AND version = $4",
            vec![text(&key.email(times)), text(&key.account(times)), int(id(key)), int(times)],
        ),
    ]
}

/// What the rows answer.
pub(super) fn answer(act: Act, outcomes: &[Outcome]) -> Result<Answer, Failure> {
    let first = outcomes.first().ok_or("nothing was carried out")?;
    let cell = |index: usize| first.rows.first().and_then(|row| row.get(index));
    let changed = outcomes.iter().map(|outcome| outcome.changed);
    let all_changed = || match changed.clone().all(|changed| changed >= 1) {
        true => Ok(Answer::Done),
        false => Err::<_, Failure>("nothing was changed".into()),
    };
    let text = || match cell(0) {
        Some(Value::Text(text)) => Answer::Text(text.clone()),
        _ => Answer::Refused,
    };
    Ok(match act {
        Act::Create(_) | Act::SetClauses(..) | Act::SetAgreement(..) | Act::SetConsent(..) => all_changed()?,
        Act::Erase(_) => match first.changed {
            1 => Answer::Done,
            _ => return Err("there is no such person".into()),
        },
        Act::Sweep => Answer::People(first.changed),
        Act::EndProgramme(_) => Answer::Done,
        Act::ReadOwn(_) | Act::ReadCover(_) | Act::ReadForOffer(_) => text(),
        Act::Correct(..) => match outcomes.last().map(|outcome| outcome.changed) {
            Some(1) => text(),
            _ => return Err("there is another version".into()),
        },
        Act::ReadProgramme(_) => Answer::Texts(
            first
                .rows
                .iter()
                .filter_map(|row| match row.first() {
                    Some(Value::Text(email)) => Some(email.clone()),
                    _ => None,
                })
                .collect(),
        ),
        Act::ReadForDecision(_) => match cell(0) {
            Some(Value::Int(day)) => Answer::Day(u32::try_from(*day)?),
            _ => Answer::Refused,
        },
        Act::ReadConsents(..) => {
            let standing = first.rows.iter().filter(|row| row.first() == Some(&Value::Int(0))).count();
            Answer::Consents(first.rows.len() as u64, standing as u64)
        }
        Act::ReadLogs(_) => Answer::Entries(first.rows.len() as u64),
        Act::VerifyErased(_) => {
            Answer::Is(cell(0) == Some(&Value::Int(1)) && cell(1) == Some(&Value::Int(0)))
        }
    })
}
