//! Prose that does not match its rules, or hides something.

use crate::Broken;
use crate::Edit::Replace;

/// A rule's list that a section says in words of its own.
macro_rules! own_words {
    ($placeholder:literal) => {
        Broken {
            name: concat!("prose that does not render the ", $placeholder, " of its rule"),
            edits: &[Replace("en.md", concat!("- {", $placeholder, "}\n"), "- something\n")],
            problems: &[concat!(
                "en.md:9: section `{#use.claims}` does not render its rule's own ",
                $placeholder,
                ": write {",
                $placeholder,
                "} in its text"
            )],
        }
    };
}

pub(crate) const BROKEN: &[Broken] = &[
    own_words!("data"),
    own_words!("purposes"),
    own_words!("recipients"),
    own_words!("basis"),
    own_words!("conditions"),
    own_words!("retention"),
    Broken {
        name: "a rule without prose in a language",
        edits: &[Replace(
            "nl.md",
            "## No marketing {#no.marketing}\n\nNo {purposes} unless {conditions}.\n",
            "",
        )],
        problems: &[
            "clauses.toml:16: rule `no.marketing` has no prose in nl.md: write a section `## Title {#no.marketing}` there",
        ],
    },
    Broken {
        name: "prose without a rule",
        edits: &[Replace(
            "en.md",
            "## About us {#about.us}",
            "## More {#collect.more}\n\nText.\n\n## About us {#about.us}",
        )],
        problems: &[
            "en.md:5: section `{#collect.more}` has no rule: add a clause with id = \"collect.more\" to clauses.toml, or use an anchor that begins with `about.`",
        ],
    },
    Broken {
        name: "a section with a misspelt anchor",
        edits: &[
            Replace("en.md", "{#use.claims}", "{#use.claim}"),
            Replace("en.md", "(#use.claims)", "(#use.claim)"),
            Replace(
                "en.md",
                "- {data}\n- {purposes}\n- {recipients}\n- {basis}\n- {conditions}\n- {retention}\n",
                "Text.\n",
            ),
        ],
        problems: &[
            "clauses.toml:21: rule `use.claims` has no prose in en.md: write a section `## Title {#use.claims}` there",
            "en.md:9: section `{#use.claim}` has no rule: did you mean `use.claims`? add a clause with id = \"use.claim\" to clauses.toml, or use an anchor that begins with `about.`",
        ],
    },
    Broken {
        name: "a section twice",
        edits: &[Replace(
            "en.md",
            "## No marketing",
            "## About us again {#about.us}\n\nHere.\n\n## No marketing",
        )],
        problems: &["en.md:20: a second section `{#about.us}`: keep one"],
    },
    Broken {
        name: "a prohibition in words of its own",
        edits: &[Replace("en.md", "No {purposes} unless {conditions}.", "No advertising.")],
        problems: &[
            "en.md:20: section `{#no.marketing}` does not render its rule's own conditions: write {conditions} in its text",
            "en.md:20: section `{#no.marketing}` does not render its rule's own purposes: write {purposes} in its text",
        ],
    },
    Broken {
        name: "a list hidden in a comment",
        edits: &[Replace("en.md", "- {data}\n", "<!-- {data} -->\n")],
        problems: &[
            "en.md:9: section `{#use.claims}` does not render its rule's own data: write {data} in its text",
            "en.md:13: only paragraphs, lists, emphasis, links and `###` headings: write this as one of them",
        ],
    },
    Broken {
        name: "a list hidden in the target of a link",
        edits: &[Replace("en.md", "- {purposes}\n", "- [x](https://example.org/{purposes}) {us}\n")],
        problems: &[
            "en.md:9: section `{#use.claims}` does not render its rule's own purposes: write {purposes} in its text",
            "en.md:14: unknown placeholder `{us}` here: use one of data, purposes, ...",
        ],
    },
    Broken {
        name: "a transfer and a group that are not told",
        edits: &[
            Replace(
                "clauses.toml",
                "retention = \"claims\"",
                "retention = \"claims\"\nminimum_group = 10\ntransfers = \"adequacy\"",
            ),
            Replace("clauses.toml", "\"work-item\"]", "\"work-item\", \"minimum-group\"]"),
            Replace("en.md", "- {data}\n", "- {data} {transfers} {minimum_group}\n"),
        ],
        problems: &[
            "nl.md:9: section `{#use.claims}` does not render its rule's own minimum_group: write {minimum_group} in its text",
            "nl.md:9: section `{#use.claims}` does not render its rule's own transfers: write {transfers} in its text",
        ],
    },
    Broken {
        name: "what is closed is not told",
        edits: &[Replace("nl.md", " Nobody sees {closed}.", "")],
        problems: &[
            "clauses.toml:5: `closed` says what nobody sees and nl.md does not tell it: write {closed} there",
        ],
    },
    Broken {
        name: "a period that is not told",
        edits: &[Replace(
            "clauses.toml",
            "[[prohibition]]",
            "[[retention]]\nclass = \"accounting\"\nyears = 7\nafter = \"cover-end\"\n\n[[prohibition]]",
        )],
        problems: &[
            "clauses.toml:16: retention class `accounting` is used by no clause and en.md does not tell it: write {retention.all} there",
            "clauses.toml:16: retention class `accounting` is used by no clause and nl.md does not tell it: write {retention.all} there",
        ],
    },
    Broken {
        name: "a section without an anchor",
        edits: &[Replace("en.md", "## About us {#about.us}", "## About us")],
        problems: &[
            "en.md:1: no section `{#about.us}`, which nl.md has: every language says the same",
            "en.md:5: a section's heading has no anchor: write `## Title {#id}` with a rule's id, or `{#about.words}` where no rule belongs to it",
        ],
    },
    Broken {
        name: "no title",
        edits: &[Replace("en.md", "# Notice of {organisation.name}", "Notice")],
        problems: &[
            "clauses.toml:5: `closed` says what nobody sees and en.md does not tell it: write {closed} there",
            "en.md:1: no title: begin the file with `# Title`",
            "en.md:1: text before the title: begin the file with `# Title`",
            "en.md:3: text before the title: begin the file with `# Title`",
        ],
    },
    Broken {
        name: "a second title",
        edits: &[Replace("en.md", "We are here.", "# We are here.")],
        problems: &["en.md:7: a second title: begin a section with `## Title {#id}`"],
    },
    Broken {
        name: "a heading of the second level",
        edits: &[Replace("en.md", "We are here.", "We\n==\n\nare here.")],
        problems: &["en.md:7: a heading of the first or second level inside a section: write `###`"],
    },
    Broken {
        name: "code",
        edits: &[Replace("en.md", "We are here.", "We `are` here.")],
        problems: &[
            "en.md:7: only paragraphs, lists, emphasis, links and `###` headings: write this as one of them",
        ],
    },
    Broken {
        name: "a brace that begins nothing",
        edits: &[Replace("en.md", "We are here.", "We {are here.")],
        problems: &["en.md:7: a `{` that begins no placeholder: remove it, or write {name}"],
    },
    Broken {
        name: "a placeholder of a rule where there is none",
        edits: &[Replace("en.md", "We are here.", "We are {data}.")],
        problems: &[
            "en.md:7: unknown placeholder `{data}` here: use one of version, effective, notice_period_days, retention.all, closed, organisation.name",
        ],
    },
    Broken {
        name: "a misspelt placeholder",
        edits: &[Replace("en.md", "- {retention}\n", "- {retention} {purpose}\n")],
        problems: &[
            "en.md:18: unknown placeholder `{purpose}` here: did you mean `purposes`? use one of ...",
        ],
    },
    Broken {
        name: "a link to nowhere",
        edits: &[Replace("en.md", "(#use.claims)", "(#use.claim)")],
        problems: &[
            "en.md:7: link to `#use.claim`, and no section has this anchor: did you mean `use.claims`? write `#` and the anchor of a section",
        ],
    },
    Broken {
        name: "a link that runs",
        edits: &[Replace("en.md", "(#use.claims)", "(javascript:alert)")],
        problems: &[
            "en.md:7: link to `javascript:alert`: write a target that begins with #, https://, mailto:, tel: or related:",
        ],
    },
    Broken {
        name: "a related notice that nothing names",
        edits: &[
            Replace("clauses.toml", "[\"en\", \"nl\"]", "[\"en\", \"nl\"]\nrelated_notices = [\"cookies\"]"),
            Replace("en.md", "(#use.claims)", "(related:cookies)"),
        ],
        problems: &[
            "nl.md:1: it does not name the document `cookies`: write a link to it, [words](related:cookies)",
        ],
    },
    Broken {
        name: "a link to a document that does not belong with it",
        edits: &[Replace("en.md", "(#use.claims)", "(related:cookies)")],
        problems: &[
            "en.md:7: link to the document `cookies`: name it in `related_notices` in clauses.toml first",
        ],
    },
];
