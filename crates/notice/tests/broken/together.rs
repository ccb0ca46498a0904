//! Rules that are sound one by one and do not go together: they contradict or repeat each other, or forget
//! something.

use crate::Broken;
use crate::Edit::{Append, Replace};

const SECOND_PROSE: &str =
    "\n## More {#use.more}\n\n{data} {purposes} {recipients} {basis} {conditions} {retention}\n";
const SECOND_PROHIBITION: &str = "\n## Nothing more {#no.more}\n\nNo {purposes}.\n";
const SECOND_PROHIBITION_UNLESS: &str =
    "\n## Nothing more {#no.more}\n\nNo {purposes} unless {conditions}.\n";

pub(crate) const BROKEN: &[Broken] = &[
    Broken {
        name: "a clause on a forbidden purpose",
        edits: &[
            Replace("clauses.toml", "unless = [\"consent.marketing\"]\n", ""),
            Replace("clauses.toml", "[\"claims-processing\"]", "[\"claims-processing\", \"marketing\"]"),
        ],
        problems: &[
            "clauses.toml:20: clause `use.claims`: it can never apply to purpose `marketing`: prohibition `no.marketing` forbids it and has no `unless`; remove the purpose or give the prohibition an `unless`",
        ],
    },
    Broken {
        name: "a clause on a purpose below a forbidden one",
        edits: &[
            Replace("clauses.toml", "unless = [\"consent.marketing\"]\n", ""),
            Replace("clauses.toml", "purpose = \"marketing\"", "purpose = \"transactions\""),
        ],
        problems: &[
            "clauses.toml:20: clause `use.claims`: it can never apply to purpose `claims-processing`: prohibition `no.marketing` forbids it and has no `unless`; remove the purpose or give the prohibition an `unless`",
        ],
    },
    Broken {
        name: "a category that no clause names",
        edits: &[Replace("clauses.toml", "closed = [\"financial\", ", "closed = [")],
        problems: &[
            "clauses.toml:5: no clause names `financial`: name it in the `data` of a clause, or in `closed`, which says that nobody sees it",
        ],
    },
    Broken {
        name: "categories that no clause names, and nothing closed",
        edits: &[
            Replace(
                "clauses.toml",
                "closed = [\"financial\", \"payment-card\", \"member-id\", \"credentials\", \"claims\", \"plan\", \"eligibility\", \"other\", \"unclassified\"]\n",
                "",
            ),
            Replace("clauses.toml", "\"identity\", \"health\"]", "\"identity\", \"health\", \"financial\"]"),
            Replace("en.md", " Nobody sees {closed}.", ""),
            Replace("nl.md", " Nobody sees {closed}.", ""),
        ],
        problems: &[
            "clauses.toml:1: no clause names `payment-card`, `member-id`, `credentials`, `claims`, `plan`, `eligibility`, `other`, `unclassified`: name it in the `data` of a clause, or in `closed`, which says that nobody sees it",
        ],
    },
    Broken {
        name: "a closed category that a clause opens",
        edits: &[Replace("clauses.toml", "closed = [", "closed = [\"health\", ")],
        problems: &[
            "clauses.toml:5: `closed` says that nobody sees `health`, and clause `use.claims` opens it: remove it from one of the two",
        ],
    },
    Broken {
        name: "a clause twice, under two ids",
        edits: &[
            Append(
                "clauses.toml",
                "\n[[clause]]\nid = \"use.more\"\nsubjects = [\"member\"]\npurposes = [\"claims-processing\"]\ndata = [\"identity\", \"health\"]\nrecipients = [\"claims-staff\"]\nbasis = \"contract\"\nhealth = \"explicit-consent\"\nwhen = [\"consent.health\", \"work-item\"]\nretention = \"claims\"\n",
            ),
            Append("en.md", SECOND_PROSE),
            Append("nl.md", SECOND_PROSE),
        ],
        problems: &[
            "clauses.toml:32: clause `use.more`: it adds nothing: `use.claims` shows as much to the same recipients, for the same purposes, on no more conditions; remove one, or let them differ",
        ],
    },
    Broken {
        name: "a clause whose conditions a later one lifts",
        edits: &[
            Append(
                "clauses.toml",
                "\n[[clause]]\nid = \"use.more\"\nsubjects = [\"member\", \"beneficiary\"]\npurposes = [\"claims-processing\"]\ndata = [\"identity\", \"health\"]\nrecipients = [\"claims-staff\"]\nbasis = \"legitimate-interest\"\nhealth = \"health-care\"\nwhen = [\"work-item\"]\nretention = \"claims\"\n",
            ),
            Append("en.md", SECOND_PROSE),
            Append("nl.md", SECOND_PROSE),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: it adds nothing: `use.more` shows as much to the same recipients, for the same purposes, on no more conditions; remove one, or let them differ",
        ],
    },
    Broken {
        name: "a prohibition that another makes needless",
        edits: &[
            Append("clauses.toml", "\n[[prohibition]]\nid = \"no.more\"\npurpose = \"communications\"\n"),
            Replace("clauses.toml", "unless = [\"consent.marketing\"]\n", ""),
            Replace("en.md", " unless {conditions}", ""),
            Replace("nl.md", " unless {conditions}", ""),
            Append("en.md", SECOND_PROHIBITION),
            Append("nl.md", SECOND_PROHIBITION),
        ],
        problems: &[
            "clauses.toml:16: prohibition `no.marketing`: it adds nothing: `no.more` forbids `marketing` too; remove one of the two",
        ],
    },
    Broken {
        name: "an exception that another prohibition takes back",
        edits: &[
            Append("clauses.toml", "\n[[prohibition]]\nid = \"no.more\"\npurpose = \"communications\"\n"),
            Append("en.md", SECOND_PROHIBITION),
            Append("nl.md", SECOND_PROHIBITION),
        ],
        problems: &[
            "clauses.toml:16: prohibition `no.marketing`: its `unless` never lifts it: `no.more` forbids `marketing` too, and has no `unless`; remove one of the two, or give `no.more` an `unless`",
        ],
    },
    Broken {
        name: "a prohibition twice, under two ids",
        edits: &[
            Append(
                "clauses.toml",
                "\n[[prohibition]]\nid = \"no.more\"\npurpose = \"marketing\"\nunless = [\"consent.marketing\"]\n",
            ),
            Append("en.md", SECOND_PROHIBITION_UNLESS),
            Append("nl.md", SECOND_PROHIBITION_UNLESS),
        ],
        problems: &[
            "clauses.toml:32: prohibition `no.more`: it adds nothing: `no.marketing` asks for as much before `marketing` is allowed; remove one of the two",
        ],
    },
];
