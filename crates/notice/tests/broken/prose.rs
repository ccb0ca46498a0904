//! Prose that does not match its rules, or hides something.

use crate::refuses;

#[test]
fn a_rule_without_prose_in_a_language() {
    let section = "## No marketing {#no.marketing}\n\nNo {purposes} unless {conditions}.\n";
    refuses(
        &[("nl.md", section, "")],
        &[
            "clauses.toml:15: rule `no.marketing` has no prose in nl.md: write a section `## Title {#no.marketing}` there",
        ],
    );
}

#[test]
fn prose_without_a_rule() {
    refuses(
        &[("en.md", "## About us {#about.us}", "## More {#use.more}\n\nText.\n\n## About us {#about.us}")],
        &[
            "en.md:5: section `{#use.more}` has no rule: add a clause with id = \"use.more\" to clauses.toml, or use an anchor that begins with `about.`",
        ],
    );
}

#[test]
fn prose_that_does_not_render_its_rule() {
    for name in ["data", "purposes", "recipients", "basis", "conditions", "retention"] {
        let expected = format!(
            "en.md:9: section `{{#use.claims}}` does not render its rule's own {name}: write {{{name}}} in its text"
        );
        refuses(&[("en.md", &format!("- {{{name}}}\n"), "- something\n")], &[&expected]);
    }
    refuses(
        &[("en.md", "No {purposes} unless {conditions}.", "No advertising.")],
        &[
            "en.md:20: section `{#no.marketing}` does not render its rule's own conditions: write {conditions} in its text",
            "en.md:20: section `{#no.marketing}` does not render its rule's own purposes: write {purposes} in its text",
        ],
    );
}

#[test]
fn a_placeholder_hidden_from_the_reader_is_not_rendered() {
    refuses(
        &[("en.md", "- {data}\n", "<!-- {data} -->\n")],
        &[
            "en.md:9: section `{#use.claims}` does not render its rule's own data: write {data} in its text",
            "en.md:13: only paragraphs, lists, emphasis, links and `###` headings: write this as one of them",
        ],
    );
    refuses(
        &[("en.md", "- {data}\n", "- [x](https://example.org/{data})\n")],
        &["en.md:9: section `{#use.claims}` does not render its rule's own data: write {data} in its text"],
    );
}

#[test]
fn transfers_and_minimum_groups_must_be_told() {
    let told = (
        "clauses.toml",
        "retention = \"claims\"",
        "retention = \"claims\"\nminimum_group = 10\ntransfers = \"adequacy\"",
    );
    let lines = ("en.md", "- {data}\n", "- {data}\n- {transfers}\n- {minimum_group}\n");
    refuses(&[told, lines, ("nl.md", lines.1, lines.2)], &[]);
    refuses(
        &[told, lines],
        &[
            "nl.md:9: section `{#use.claims}` does not render its rule's own minimum_group: write {minimum_group} in its text",
            "nl.md:9: section `{#use.claims}` does not render its rule's own transfers: write {transfers} in its text",
        ],
    );
}

#[test]
fn the_form_of_the_prose() {
    refuses(
        &[("en.md", "## About us {#about.us}", "## About us")],
        &[
            "en.md:1: no section `{#about.us}`, which nl.md has: every language says the same",
            "en.md:5: a section's heading has no anchor: write `## Title {#id}` with a rule's id, or `{#about.words}` where no rule belongs to it",
        ],
    );
    refuses(
        &[("en.md", "# Notice of {organisation.name}", "Notice")],
        &[
            "en.md:1: no title: begin the file with `# Title`",
            "en.md:1: text before the title: begin the file with `# Title`",
            "en.md:3: text before the title: begin the file with `# Title`",
        ],
    );
    refuses(
        &[("en.md", "We are here.", "We\n==\n\n`code`")],
        &[
            "en.md:7: a heading of the first or second level inside a section: write `###`",
            "en.md:10: only paragraphs, lists, emphasis, links and `###` headings: write this as one of them",
        ],
    );
    refuses(
        &[("en.md", "We are here.", "We {data} {us and {nobody}.")],
        &[
            "en.md:7: a `{` that begins no placeholder: remove it, or write {name}",
            "en.md:7: unknown placeholder `{data}` here: use one of version, effective, notice_period_days, retention.all, organisation.name",
            "en.md:7: unknown placeholder `{nobody}` here: use one of version, effective, notice_period_days, retention.all, organisation.name",
        ],
    );
    refuses(
        &[("en.md", "(#use.claims)", "(#use.claim) or [this](javascript:alert)")],
        &[
            "en.md:7: link to `#use.claim`, and no section has this anchor",
            "en.md:7: link to `javascript:alert`: write a target that begins with #, https://, mailto: or tel:",
        ],
    );
}
