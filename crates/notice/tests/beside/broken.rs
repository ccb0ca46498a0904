//! Related notices and supplements, each with one thing wrong, and what they are refused with.

use notice::{Edition, Notice, SHIPPED, SHIPPED_TRAVEL, Supplement};

use crate::files_of;

/// A cookie in the rules of a cookie notice.
pub(crate) const COOKIE: &str = "[[cookie]]\nname = \"session\"\npurpose = { en = \"keeps you signed in\", nl = \"houdt u aangemeld\", fr = \"vous garde connecté\", de = \"hält Sie angemeldet\" }\nlasts = { days = 30 }\nset_by = \"us\"\n";

/// Which document; what stands there, and what to put instead, in which file; what it is refused with.
type Case<'a> = (&'static str, &'static str, &'static str, &'a str, &'static str);

fn refused(document: &str, file: &str, from: &str, to: &str) -> String {
    let shipped = if document == "travel" { SHIPPED_TRAVEL.to_vec() } else { files_of(document) };
    let files: Vec<(&str, String)> = shipped
        .iter()
        .map(|(name, text)| match *name == file {
            true => {
                assert!(text.contains(from), "{document}/{file} has no `{from}`");
                (*name, text.replacen(from, to, 1))
            }
            false => (*name, (*text).to_owned()),
        })
        .collect();
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let problems = Edition::read(&pairs).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The file of the rules.
const RULES: &str = "clauses.toml";

const BROKEN: &[Case<'_>] = &[
    ("cookies", RULES, "\"cookies\"", "\"cakes\"", "unknown related notice `cakes`"),
    ("cookies", RULES, "version", "notice_period_days = 1\nversion", "unknown key `notice_period_days`"),
    ("cookies", "nl.md", "{#about.cookies}", "{#about.koekjes}", "nl.md:1: no section `{#about.cookies}`"),
    ("cookies", "nl.md", "{cookies}", "Geen.", "does not render its rule's own cookies"),
    (
        "cookies",
        "fr.md",
        "(related:notice)",
        "(https://a.example)",
        "fr.md:1: it does not name the document `notice`",
    ),
    (
        "online",
        "en.md",
        "related:cookies",
        "related:cakes",
        "link to an unknown document `cakes`: use one of notice, online, cookies",
    ),
    ("travel", RULES, "\"travel\"", "\"cookies\"", "and none of notice, online, cookies"),
    ("travel", RULES, "\"access-request\", ", "", "`notice_purposes` leaves out `access-request`"),
    (
        "travel",
        RULES,
        "id = \"travel.assist\"",
        "id = \"use.assist\"",
        "begins with its name: write `travel....`",
    ),
    (
        "travel",
        RULES,
        "when = [\"work-item\"]",
        "when = [\"work-item\", \"minimum-group\"]\nminimum_group = 5",
        "no sums are made",
    ),
    (
        "travel",
        RULES,
        "\"other\"]\nrecipients = [\"enrolment-staff\"]",
        "\"member-id\"]\nrecipients = [\"enrolment-staff\"]",
        "no clause of the supplement takes in `other`",
    ),
    ("travel", RULES, "version", "closed = [\"health\"]\nversion", "unknown key `closed`"),
    ("travel", "de.md", "{notice_purposes}", "einige", "does not render its rule's own notice_purposes"),
    ("travel", "de.md", "{recipients}", "niemand", "does not render its rule's own recipients"),
    (
        "travel",
        "en.md",
        "{#travel.assist}",
        "{#travel.assists}",
        "has no rule: did you mean `travel.assist`?",
    ),
];

fn check(cases: &[Case<'_>]) {
    for (document, file, from, to, expected) in cases {
        let message = refused(document, file, from, to);
        assert!(message.contains(expected), "{document}: {from} -> {to}\n{message}\nis not\n{expected}");
    }
}

#[test]
fn each_broken_document_is_refused_with_its_own_message() {
    let end = "[organisation]\n";
    let cookie = |from: &str, to: &str| format!("{}{end}", COOKIE.replacen(from, to, 1));
    let [untold, unknown_end, twice, bad_name, nobody] = [
        cookie(", fr = \"vous garde connecté\"", ""),
        cookie("{ days = 30 }", "\"a while\""),
        format!("{COOKIE}{COOKIE}{end}"),
        cookie("\"session\"", "\"two words\""),
        cookie("set_by = \"us\"\n", ""),
    ];
    let sound = cookie("", "");
    check(&[
        ("cookies", RULES, end, &untold, "cookie `session`: `purpose`: no `fr`: write fr = \"...\""),
        ("cookies", RULES, end, &unknown_end, "`lasts`: write \"session\" for one that goes"),
        ("cookies", RULES, end, &twice, "cookie `session` is listed twice: keep one"),
        ("cookies", RULES, end, &bad_name, "`name` must be a cookie's name"),
        ("cookies", RULES, end, &nobody, "no `set_by`: write set_by = \"us\""),
        ("online", RULES, end, &sound, "cookies stand in the cookie notice: move this table"),
    ]);
    check(BROKEN);
}

/// What a supplement is refused with beside the shipped notice.
fn beside(from: &str, to: &str) -> String {
    let mut files = SHIPPED_TRAVEL.to_vec();
    if !to.contains("\"de\"") && from.contains("\"de\"") {
        files.retain(|(name, _)| *name != "de.md");
    }
    let (name, rules) = files.remove(0);
    assert!(rules.contains(from), "there is no `{from}`");
    let rules = rules.replacen(from, to, 1);
    files.push((name, &rules));
    let supplement = Supplement::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let problems = supplement.check_beside(&Notice::read(SHIPPED).unwrap()).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_supplement_agrees_with_the_notice_that_it_stands_beside() {
    assert_eq!(beside("version", "version"), "");
    let kept = beside("years = 10", "years = 2");
    assert!(kept.contains("is kept for years = 10 after = \"relation-end\" by the notice"), "{kept}");
    let closed =
        beside("data = [\"identity\", \"other\"]", "data = [\"identity\", \"other\", \"credentials\"]");
    assert!(closed.contains("the notice says that nobody sees `credentials`"), "{closed}");
    let languages = beside("\"fr\", \"de\"]", "\"fr\"]");
    assert!(languages.contains("the notice is written in `de` too: write de.md"), "{languages}");
}
