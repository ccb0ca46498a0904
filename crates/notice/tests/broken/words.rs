//! Words that no list knows; each is refused with the known one that was probably meant.

use crate::Broken;
use crate::Edit::Replace;

pub(crate) const BROKEN: &[Broken] = &[
    Broken {
        name: "an unknown category",
        edits: &[Replace("clauses.toml", "data = [\"identity\", ", "data = [\"identiti\", ")],
        problems: &[
            "clauses.toml:24: clause `use.claims`: `data`: unknown category `identiti`: did you mean `identity`? use one of identity, financial, ...",
        ],
    },
    Broken {
        name: "an unknown purpose",
        edits: &[Replace("clauses.toml", "purposes = [\"claims-p", "purposes = [\"claim-p")],
        problems: &[
            "clauses.toml:23: clause `use.claims`: `purposes`: unknown purpose `claim-processing`: did you mean `claims-processing`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown recipient",
        edits: &[Replace("clauses.toml", "recipients = [\"claims-staff", "recipients = [\"claim-staf")],
        problems: &[
            "clauses.toml:25: clause `use.claims`: `recipients`: unknown recipient `claim-staf`: did you mean `claims-staff`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown kind of subject",
        edits: &[Replace("clauses.toml", "subjects = [\"member", "subjects = [\"members")],
        problems: &[
            "clauses.toml:22: clause `use.claims`: `subjects`: unknown kind of subject `members`: did you mean `member`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown condition",
        edits: &[Replace("clauses.toml", "when = [\"consent.health", "when = [\"consent-health")],
        problems: &[
            "clauses.toml:28: clause `use.claims`: `when`: unknown condition `consent-health`: did you mean `consent.health`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown basis of one kind of subject",
        edits: &[Replace("clauses.toml", "{ member = \"contract\"", "{ member = \"contrat\"")],
        problems: &[
            "clauses.toml:26: clause `use.claims`: `basis`: unknown legal basis `contrat`: did you mean `contract`? use one of consent, ...",
        ],
    },
    Broken {
        name: "an unknown basis of all subjects",
        edits: &[Replace(
            "clauses.toml",
            "{ member = \"contract\", beneficiary = \"legitimate-interest\" }",
            "\"interest\"",
        )],
        problems: &[
            "clauses.toml:26: clause `use.claims`: `basis`: unknown legal basis `interest`: did you mean `vital-interest`? use one of consent, ...",
        ],
    },
    Broken {
        name: "an unknown basis for health data",
        edits: &[Replace("clauses.toml", "health = \"explicit-consent\"", "health = \"consent\"")],
        problems: &[
            "clauses.toml:27: clause `use.claims`: `health`: unknown basis for health data `consent`: did you mean `explicit-consent`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown retention class of a clause",
        edits: &[Replace("clauses.toml", "retention = \"claims\"", "retention = \"forever\"")],
        problems: &[
            "clauses.toml:29: clause `use.claims`: `retention`: unknown retention class `forever`: use one of membership, ...",
        ],
    },
    Broken {
        name: "an unknown safeguard",
        edits: &[Replace(
            "clauses.toml",
            "retention = \"claims\"",
            "retention = \"claims\"\ntransfers = \"standard-clause\"",
        )],
        problems: &[
            "clauses.toml:30: clause `use.claims`: `transfers`: unknown transfer safeguard `standard-clause`: did you mean `standard-clauses`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown retention class",
        edits: &[Replace("clauses.toml", "class = \"claims\"", "class = \"claim\"")],
        problems: &[
            "clauses.toml:11: a retention: `class`: unknown retention class `claim`: did you mean `claims`? use one of ...",
            "clauses.toml:21: clause `use.claims`: retention class `claims` is not defined: add [[retention]] with class = \"claims\"",
        ],
    },
    Broken {
        name: "an unknown start of a period",
        edits: &[Replace("clauses.toml", "after = \"cover-end\"", "after = \"cover-ends\"")],
        problems: &[
            "clauses.toml:13: a retention: `after`: unknown start of a retention period `cover-ends`: did you mean `cover-end`? use one of ...",
            "clauses.toml:21: clause `use.claims`: retention class `claims` is not defined: ...",
        ],
    },
    Broken {
        name: "an unknown purpose of a prohibition",
        edits: &[Replace("clauses.toml", "purpose = \"marketing\"", "purpose = \"ads\"")],
        problems: &[
            "clauses.toml:17: prohibition `no.marketing`: `purpose`: unknown purpose `ads`: use one of ...",
        ],
    },
    Broken {
        name: "an unknown exception of a prohibition",
        edits: &[Replace("clauses.toml", "[\"consent.marketing\"]", "[\"marketing\"]")],
        problems: &[
            "clauses.toml:18: prohibition `no.marketing`: `unless`: unknown condition `marketing`: did you mean `consent.marketing`? use one of ...",
        ],
    },
    Broken {
        name: "an unknown language",
        edits: &[Replace("clauses.toml", "[\"en\", \"nl\"]", "[\"en\", \"nl\", \"it\"]")],
        problems: &[
            "clauses.toml:4: the notice: `languages`: unknown language `it`: use one of en, nl, fr, de",
        ],
    },
    Broken {
        name: "a date in words",
        edits: &[Replace("clauses.toml", "effective = \"2026-11-01\"", "effective = \"1 December\"")],
        problems: &[
            "clauses.toml:2: the notice: `effective`: date: not a date from 1900 to 2199: write it as YYYY-MM-DD",
        ],
    },
    Broken {
        name: "an unknown key of a clause",
        edits: &[Replace("clauses.toml", "health = \"explicit", "hearth = 1\nhealth = \"explicit")],
        problems: &[
            "clauses.toml:27: clause `use.claims`: unknown key `hearth`: did you mean `health`? use one of id, subjects, purposes, data, recipients, basis, health, when, retention, transfers, minimum_group",
        ],
    },
];
