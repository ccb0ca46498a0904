//! Files that are missing, unknown, given twice or not to be read, and what the organisation left open.

use crate::Edit::{Add, Append, Remove, Replace};
use crate::{Broken, PROSE};

pub(crate) const BROKEN: &[Broken] = &[
    Broken {
        name: "no rules",
        edits: &[Remove("clauses.toml")],
        problems: &["clauses.toml:1: there is no such file: it holds the rules of the version"],
    },
    Broken {
        name: "a language without its file",
        edits: &[Remove("nl.md")],
        problems: &[
            "nl.md:1: there is no such file: `languages` in clauses.toml names `nl`, so write it or remove the language",
        ],
    },
    Broken {
        name: "a file without its language",
        edits: &[Add("fr.md", PROSE)],
        problems: &[
            "fr.md:1: this file belongs to no version: remove it, or add its language to `languages` in clauses.toml",
        ],
    },
    Broken {
        name: "a file given twice",
        edits: &[Add("en.md", PROSE)],
        problems: &["en.md:1: this file is given twice: keep one"],
    },
    Broken {
        name: "rules that are not TOML",
        edits: &[Replace("clauses.toml", "id = \"use.claims\"", "id = use.claims")],
        problems: &["clauses.toml:21: not valid TOML: ..."],
    },
    Broken {
        name: "the full number of a payment card",
        edits: &[
            Append("nl.md", "\nBetaal met 5555 5555 5555 4444.\n"),
            Append("clauses.toml", "\n# 4111111111111111\n"),
        ],
        problems: &[
            "clauses.toml:31: this line: holds what looks like the full number of a payment card, which is kept nowhere here: take it out; the last four digits may stay",
            "nl.md:24: this line: holds what looks like the full number of a payment card, which is kept nowhere here: take it out; the last four digits may stay",
        ],
    },
    Broken {
        name: "an unknown value of the organisation",
        edits: &[Add("organisation.toml", "nam = \"x\"\n")],
        problems: &[
            "organisation.toml:1: the organisation: unknown key `nam`: did you mean `name`? use one of name",
        ],
    },
    Broken {
        name: "a value of the organisation over two lines",
        edits: &[Add("organisation.toml", "\nname = \"a\\nb\"\n")],
        problems: &["organisation.toml:2: the organisation: `name` has a line break or control character"],
    },
    Broken {
        name: "a value of the organisation that is not filled in",
        edits: &[Replace("clauses.toml", "name = \"Fund\"", "name = \"\"")],
        problems: &[
            "clauses.toml:8: `name` of the organisation is empty: write name = \"...\" in organisation.toml",
        ],
    },
    Broken {
        name: "a value of the organisation that its own file leaves open",
        edits: &[Add("organisation.toml", "# ours\nname = \" \"\n")],
        problems: &[
            "organisation.toml:2: `name` of the organisation is empty: write name = \"...\" in organisation.toml",
        ],
    },
    Broken {
        name: "an organisation that is not a table",
        edits: &[
            Replace("clauses.toml", "[organisation]\nname = \"Fund\"\n", ""),
            Replace("clauses.toml", "languages", "organisation = \"Fund\"\nlanguages"),
            Replace("en.md", "{organisation.name}", "Fund"),
            Replace("nl.md", "{organisation.name}", "Fund"),
        ],
        problems: &["clauses.toml:4: the notice: `organisation` is not a table: write [organisation]"],
    },
    Broken {
        name: "a clause that is not a list of tables",
        edits: &[Replace("clauses.toml", "[[clause]]", "[clause]")],
        problems: &["clauses.toml:20: the notice: `clause` is not a list of tables: write [[clause]]"],
    },
    Broken {
        name: "an unknown table",
        edits: &[Append("clauses.toml", "\n[[clauses]]\nid = \"use.more\"\n")],
        problems: &[
            "clauses.toml:31: the notice: unknown key `clauses`: did you mean `clause`? use one of version, effective, languages, organisation, notice_period_days, closed, related_notices, retention, prohibition, clause",
        ],
    },
];
