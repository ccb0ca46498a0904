//! Rules that say nothing, too much, or what cannot be.

use crate::{edited, read, refuses};

/// (what stands in the rules, what to put instead, how the problem begins after the file's name).
#[track_caller]
fn name_the_word(edits: &[(&str, &str, &str)]) {
    for (from, to, expected) in edits {
        let problems = read(&edited(&[("clauses.toml", from, to)]));
        let wanted = format!("clauses.toml:{expected}");
        assert!(problems.iter().any(|problem| problem.starts_with(&wanted)), "{wanted}\n{problems:#?}");
    }
}

#[test]
fn unknown_words_in_a_clause() {
    let edits = [
        (
            "data = [\"identity\", ",
            "data = [\"identiti\", ",
            "23: clause `use.claims`: `data`: unknown category `identiti`: use one of identity,",
        ),
        (
            "purposes = [\"claims-p",
            "purposes = [\"claim-p",
            "22: clause `use.claims`: `purposes`: unknown purpose `claim-processing`: use one of",
        ),
        (
            "recipients = [\"claims-staff",
            "recipients = [\"staff",
            "24: clause `use.claims`: `recipients`: unknown recipient `staff`: use one of",
        ),
        (
            "subjects = [\"member",
            "subjects = [\"person",
            "21: clause `use.claims`: `subjects`: unknown kind of subject `person`: use one of",
        ),
        (
            "when = [\"consent.health",
            "when = [\"consent",
            "27: clause `use.claims`: `when`: unknown condition `consent`: use one of",
        ),
        (
            "{ member = \"contract\"",
            "{ member = \"deal\"",
            "25: clause `use.claims`: `basis`: unknown legal basis `deal`: use one of consent,",
        ),
        (
            "health = \"explicit-consent\"",
            "health = \"consent\"",
            "26: clause `use.claims`: `health`: unknown basis for health data `consent`: use one of",
        ),
        (
            "retention = \"claims\"",
            "retention = \"forever\"",
            "28: clause `use.claims`: `retention`: unknown retention class `forever`: use one of",
        ),
    ];
    name_the_word(&edits);
}

#[test]
fn unknown_words_elsewhere() {
    let edits = [
        (
            "class = \"claims\"",
            "class = \"claim\"",
            "10: a retention: `class`: unknown retention class `claim`: use one of",
        ),
        (
            "after = \"cover-end\"",
            "after = \"death\"",
            "12: a retention: `after`: unknown start of a retention period `death`: use one of",
        ),
        (
            "purpose = \"marketing\"",
            "purpose = \"ads\"",
            "16: prohibition `no.marketing`: `purpose`: unknown purpose `ads`: use one of",
        ),
        (
            "unless = [\"consent.marketing\"]",
            "unless = [\"consent\"]",
            "17: prohibition `no.marketing`: `unless`: unknown condition `consent`: use one of",
        ),
        (
            "languages = [\"en\", \"nl\"]",
            "languages = [\"en\", \"it\"]",
            "4: the notice: `languages`: unknown language `it`: use one of en, nl, fr, de",
        ),
        (
            "effective = \"2026-11-01\"",
            "effective = \"1 December\"",
            "2: the notice: `effective`: date: not a date from 1900 to 2199: write it as YYYY-MM-DD",
        ),
    ];
    name_the_word(&edits);
}

#[test]
fn health_data_without_a_basis_for_it_and_the_other_way_round() {
    refuses(
        &[("clauses.toml", "health = \"explicit-consent\"\n", "")],
        &[
            "clauses.toml:20: clause `use.claims`: `data` has health data and there is no `health`: declare its basis (GDPR article 9), for instance health = \"explicit-consent\"",
        ],
    );
    refuses(
        &[("clauses.toml", "\"identity\", \"health\"]", "\"identity\"]")],
        &[
            "clauses.toml:20: clause `use.claims`: `health` is declared and `data` has no health data: remove one or add the other",
        ],
    );
}

#[test]
fn consent_that_could_not_be_withdrawn() {
    refuses(
        &[("clauses.toml", "when = [\"consent.health\", ", "when = [")],
        &[
            "clauses.toml:20: clause `use.claims`: `health` is explicit consent and `when` has none, so that withdrawing it would change nothing: add \"consent.health\" or \"consent.research\" to `when`",
        ],
    );
    refuses(
        &[
            ("clauses.toml", "when = [\"consent.health\", ", "when = ["),
            ("clauses.toml", "health = \"explicit-consent\"", "health = \"health-care\""),
            ("clauses.toml", "member = \"contract\"", "member = \"consent\""),
        ],
        &[
            "clauses.toml:20: clause `use.claims`: `basis` is consent and `when` has no consent, so that withdrawing it would change nothing: add \"consent.health\", \"consent.marketing\" or \"consent.research\" to `when`",
        ],
    );
}

#[test]
fn retention() {
    refuses(
        &[("clauses.toml", "retention = \"claims\"", "retention = \"membership\"")],
        &[
            "clauses.toml:20: clause `use.claims`: retention class `membership` is not defined: add [[retention]] with class = \"membership\"",
        ],
    );
    refuses(
        &[("clauses.toml", "retention = \"claims\"\n", "")],
        &["clauses.toml:20: clause `use.claims`: no `retention`: write retention = \"claims\""],
    );
    let second = "[[retention]]\nclass = \"accounting\"\nyears = 0\nafter = \"cover-end\"\n\n[[prohibition]]";
    refuses(
        &[("clauses.toml", "[[prohibition]]", second)],
        &["clauses.toml:16: a retention: `years` is not a whole number from 1 to 150"],
    );
    let second = second.replace("years = 0", "years = 7");
    refuses(
        &[("clauses.toml", "[[prohibition]]", &second)],
        &[
            "clauses.toml:15: retention class `accounting` is used by no clause and en.md does not tell it: write {retention.all} there",
            "clauses.toml:15: retention class `accounting` is used by no clause and nl.md does not tell it: write {retention.all} there",
        ],
    );
    let second = second.replace("accounting", "claims");
    refuses(
        &[("clauses.toml", "[[prohibition]]", &second)],
        &["clauses.toml:15: retention class `claims` is defined twice: keep one"],
    );
}

#[test]
fn ids() {
    refuses(
        &[("clauses.toml", "id = \"no.marketing\"", "id = \"use.claims\"")],
        &["clauses.toml:20: id `use.claims` was used on line 15: give each rule an id of its own"],
    );
    let problems = read(&edited(&[("clauses.toml", "id = \"use.claims\"", "id = \"Use claims\"")]));
    let shape = "clauses.toml:20: id `Use claims`: write at most 64 lower-case letters, digits and `-` in parts divided by `.`, not beginning with `about.`";
    assert!(problems.iter().any(|problem| problem == shape), "{problems:#?}");
}

#[test]
fn a_clause_that_can_never_apply() {
    refuses(
        &[
            ("clauses.toml", "unless = [\"consent.marketing\"]\n", ""),
            (
                "clauses.toml",
                "purposes = [\"claims-processing\"]",
                "purposes = [\"claims-processing\", \"marketing\"]",
            ),
        ],
        &[
            "clauses.toml:19: clause `use.claims`: it can never apply to purpose `marketing`: prohibition `no.marketing` forbids it and has no `unless`; remove the purpose or give the prohibition an `unless`",
        ],
    );
}

#[test]
fn a_basis_missing_for_a_kind_of_subject_or_given_for_another() {
    refuses(
        &[("clauses.toml", ", beneficiary = \"legitimate-interest\"", "")],
        &[
            "clauses.toml:25: clause `use.claims`: no basis for `beneficiary`: add beneficiary = \"...\" to `basis`",
        ],
    );
    refuses(
        &[("clauses.toml", "[\"member\", \"beneficiary\"]", "[\"member\"]")],
        &["clauses.toml:25: clause `use.claims`: `basis` names `beneficiary`, which is not in `subjects`"],
    );
}

#[test]
fn keys_lists_and_types() {
    refuses(
        &[("clauses.toml", "health = \"explicit", "hearth = 1\nhealth = \"explicit")],
        &[
            "clauses.toml:26: clause `use.claims`: unknown key `hearth`: use one of id, subjects, purposes, data, recipients, basis, health, when, retention, transfers, minimum_group",
        ],
    );
    refuses(
        &[("clauses.toml", "recipients = [\"claims-staff\"]", "recipients = []")],
        &["clauses.toml:24: clause `use.claims`: `recipients` is empty: name at least one"],
    );
    refuses(
        &[("clauses.toml", "recipients = [\"claims-staff\"]", "recipients = \"claims-staff\"")],
        &["clauses.toml:24: clause `use.claims`: `recipients` is not a list: write recipients = [\"...\"]"],
    );
    refuses(
        &[("clauses.toml", "[\"identity\", \"health\"]", "[\"identity\", \"health\", \"health\"]")],
        &["clauses.toml:23: clause `use.claims`: `data` names `health` twice: name it once"],
    );
    refuses(
        &[("clauses.toml", "version = \"v1\"\n", "version = 1\n")],
        &["clauses.toml:1: the notice: `version` is not a text: write it in double quotes"],
    );
    refuses(
        &[("clauses.toml", "version = \"v1\"", "version = \"V 1\"")],
        &["clauses.toml:1: the notice: `version`: write 1 to 32 lower-case letters, digits, `.` or `-`"],
    );
    refuses(
        &[("clauses.toml", "retention = \"claims\"", "retention = \"claims\"\nminimum_group = 1")],
        &["clauses.toml:29: clause `use.claims`: `minimum_group` is not a whole number from 2 to 1000000"],
    );
}
