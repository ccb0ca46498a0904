//! Rules that each say nothing, too much, or what cannot be.

use crate::Broken;
use crate::Edit::Replace;

pub(crate) const BROKEN: &[Broken] = &[
    Broken {
        name: "health data without a basis for it",
        edits: &[Replace("clauses.toml", "health = \"explicit-consent\"\n", "")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `data` has health data and there is no `health`: declare its basis (GDPR article 9), for instance health = \"explicit-consent\"",
        ],
    },
    Broken {
        name: "a basis for health data without health data",
        edits: &[Replace("clauses.toml", "\"identity\", \"health\"]", "\"identity\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `health` is declared and `data` has no health data: remove one or add the other",
        ],
    },
    Broken {
        name: "a basis by law and none otherwise",
        edits: &[Replace(
            "clauses.toml",
            "health = \"explicit-consent\"",
            "health = { NL = \"health-care\" }",
        )],
        problems: &[
            "clauses.toml:27: clause `use.claims`: `health` declares nothing otherwise: add otherwise = \"explicit-consent\"",
        ],
    },
    Broken {
        name: "a basis under the law of a country that has none of these",
        edits: &[Replace(
            "clauses.toml",
            "health = \"explicit-consent\"",
            "health = { otherwise = \"explicit-consent\", US = \"health-care\" }",
        )],
        problems: &[
            "clauses.toml:27: clause `use.claims`: `health`: unknown governing law `US`: did you mean `ES`? use one of ...",
        ],
    },
    Broken {
        name: "a basis by law that is no basis",
        edits: &[Replace(
            "clauses.toml",
            "health = \"explicit-consent\"",
            "health = { otherwise = \"explicit-consent\", NL = \"law\" }",
        )],
        problems: &[
            "clauses.toml:27: clause `use.claims`: `health`: unknown basis for health data `law`: use one of ...",
        ],
    },
    Broken {
        name: "a basis by law that is the same as otherwise",
        edits: &[Replace(
            "clauses.toml",
            "health = \"explicit-consent\"",
            "health = { otherwise = \"explicit-consent\", NL = \"explicit-consent\" }",
        )],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `health` declares `explicit-consent` for `NL` and `otherwise` alike: remove `NL`",
        ],
    },
    Broken {
        name: "a basis by law where all else rests on consent",
        edits: &[
            Replace("clauses.toml", "member = \"contract\"", "member = \"consent\""),
            Replace(
                "clauses.toml",
                "health = \"explicit-consent\"",
                "health = { otherwise = \"explicit-consent\", NL = \"health-care\" }",
            ),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `basis` is consent, which is asked whatever law governs the cover: declare one basis in `health`",
        ],
    },
    Broken {
        name: "a basis by law that asks for consent, and none that could be withdrawn",
        edits: &[
            Replace("clauses.toml", "when = [\"consent.health\", ", "when = ["),
            Replace(
                "clauses.toml",
                "health = \"explicit-consent\"",
                "health = { otherwise = \"health-care\", NL = \"explicit-consent\" }",
            ),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `health` is explicit consent where `NL` governs and `when` has none, so that withdrawing it would change nothing: add the consent, for instance \"consent.health\", to `when`",
        ],
    },
    Broken {
        name: "a basis by law beside a consent that is asked under every law",
        edits: &[
            Replace(
                "clauses.toml",
                "when = [\"consent.health\", ",
                "when = [\"consent.health\", \"consent.app\", ",
            ),
            Replace(
                "clauses.toml",
                "health = \"explicit-consent\"",
                "health = { otherwise = \"explicit-consent\", NL = \"health-care\" }",
            ),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `when` asks for \"consent.app\" whatever law governs the cover, and `health` declares by law where it rests on consent: declare one basis in `health`",
        ],
    },
    Broken {
        name: "a basis by law under a prohibition that asks for consent under every law",
        edits: &[
            Replace(
                "clauses.toml",
                "purpose = \"marketing\"\nunless = [\"consent.marketing\"]",
                "purpose = \"claims-processing\"\nunless = [\"consent.health\"]",
            ),
            Replace(
                "clauses.toml",
                "health = \"explicit-consent\"",
                "health = { otherwise = \"explicit-consent\", NL = \"health-care\" }",
            ),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `health` declares by law where consent is asked, and prohibition `no.marketing` asks for it whatever law governs the cover: declare one basis in `health`",
        ],
    },
    Broken {
        name: "a basis by law for what is taken in",
        edits: &[
            Replace("clauses.toml", "when = [\"consent.health\", ", "when = [\"taking-in\", "),
            Replace(
                "clauses.toml",
                "health = \"explicit-consent\"",
                "health = { otherwise = \"social-protection\", NL = \"health-care\" }",
            ),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `when` asks for \"taking-in\", and what is taken in rests on the same whatever law governs the cover: declare one basis in `health`",
        ],
    },
    Broken {
        name: "explicit consent that could not be withdrawn",
        edits: &[Replace("clauses.toml", "when = [\"consent.health\", ", "when = [")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `health` is explicit consent and `when` has none, so that withdrawing it would change nothing: add the consent, for instance \"consent.health\", to `when`",
        ],
    },
    Broken {
        name: "consent that could not be withdrawn",
        edits: &[
            Replace("clauses.toml", "when = [\"consent.health\", ", "when = ["),
            Replace("clauses.toml", "health = \"explicit-consent\"", "health = \"health-care\""),
            Replace("clauses.toml", "member = \"contract\"", "member = \"consent\""),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `basis` is consent and `when` has no consent, so that withdrawing it would change nothing: add the consent, for instance \"consent.marketing\", to `when`",
        ],
    },
    Broken {
        name: "a retention class that is not defined",
        edits: &[Replace("clauses.toml", "retention = \"claims\"", "retention = \"membership\"")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: retention class `membership` is not defined: add [[retention]] with class = \"membership\"",
        ],
    },
    Broken {
        name: "no retention",
        edits: &[Replace("clauses.toml", "retention = \"claims\"\n", "")],
        problems: &["clauses.toml:21: clause `use.claims`: no `retention`: write retention = \"claims\""],
    },
    Broken {
        name: "a period of no years",
        edits: &[Replace("clauses.toml", "years = 10", "years = 0")],
        problems: &[
            "clauses.toml:12: a retention: `years` is not a whole number from 1 to 150",
            "clauses.toml:21: clause `use.claims`: retention class `claims` is not defined: ...",
        ],
    },
    Broken {
        name: "a retention class defined twice",
        edits: &[Replace(
            "clauses.toml",
            "[[prohibition]]",
            "[[retention]]\nclass = \"claims\"\nyears = 7\nafter = \"cover-end\"\n\n[[prohibition]]",
        )],
        problems: &["clauses.toml:16: retention class `claims` is defined twice: keep one"],
    },
    Broken {
        name: "an id used twice",
        edits: &[Replace("clauses.toml", "id = \"no.marketing\"", "id = \"use.claims\"")],
        problems: &["clauses.toml:21: id `use.claims` was used on line 16: give each rule an id of its own"],
    },
    Broken {
        name: "an id that is no anchor",
        edits: &[Replace("clauses.toml", "id = \"use.claims\"", "id = \"Use claims\"")],
        problems: &[
            "clauses.toml:21: id `Use claims`: write at most 64 lower-case letters, digits and `-` in parts divided by `.`, not beginning with `about.`",
        ],
    },
    Broken {
        name: "an id that belongs to prose without a rule",
        edits: &[Replace("clauses.toml", "id = \"use.claims\"", "id = \"about.claims\"")],
        problems: &["clauses.toml:21: id `about.claims`: write at most 64 lower-case letters, ..."],
    },
    Broken {
        name: "no id",
        edits: &[Replace("clauses.toml", "id = \"use.claims\"\n", "")],
        problems: &["clauses.toml:20: a clause: no `id`: write id = \"use.claims\""],
    },
    Broken {
        name: "a kind of subject without a basis",
        edits: &[Replace("clauses.toml", ", beneficiary = \"legitimate-interest\"", "")],
        problems: &[
            "clauses.toml:26: clause `use.claims`: no basis for `beneficiary`: add beneficiary = \"...\" to `basis`",
        ],
    },
    Broken {
        name: "a basis of another kind of subject",
        edits: &[Replace("clauses.toml", "[\"member\", \"beneficiary\"]", "[\"member\"]")],
        problems: &[
            "clauses.toml:26: clause `use.claims`: `basis` names `beneficiary`, which is not in `subjects`",
        ],
    },
    Broken {
        name: "no recipients",
        edits: &[Replace("clauses.toml", "recipients = [\"claims-staff\"]", "recipients = []")],
        problems: &["clauses.toml:25: clause `use.claims`: `recipients` is empty: name at least one"],
    },
    Broken {
        name: "no subjects",
        edits: &[Replace("clauses.toml", "subjects = [\"member\", \"beneficiary\"]", "subjects = []")],
        problems: &["clauses.toml:22: clause `use.claims`: `subjects` is empty: name at least one"],
    },
    Broken {
        name: "no purposes",
        edits: &[Replace("clauses.toml", "purposes = [\"claims-processing\"]", "purposes = []")],
        problems: &["clauses.toml:23: clause `use.claims`: `purposes` is empty: name at least one"],
    },
    Broken {
        name: "a recipient that is not in a list",
        edits: &[Replace("clauses.toml", "recipients = [\"claims-staff\"]", "recipients = \"claims-staff\"")],
        problems: &[
            "clauses.toml:25: clause `use.claims`: `recipients` is not a list: write recipients = [\"...\"]",
        ],
    },
    Broken {
        name: "a category named twice",
        edits: &[Replace(
            "clauses.toml",
            "[\"identity\", \"health\"]",
            "[\"identity\", \"health\", \"health\"]",
        )],
        problems: &["clauses.toml:24: clause `use.claims`: `data` names `health` twice: name it once"],
    },
    Broken {
        name: "a version that is a number",
        edits: &[Replace("clauses.toml", "version = \"v1\"", "version = 1")],
        problems: &["clauses.toml:1: the notice: `version` is not a text: write it in double quotes"],
    },
    Broken {
        name: "a version with a capital and a space",
        edits: &[Replace("clauses.toml", "version = \"v1\"", "version = \"V 1\"")],
        problems: &[
            "clauses.toml:1: the notice: `version`: write 1 to 32 lower-case letters, digits, `.` or `-`",
        ],
    },
    Broken {
        name: "no day that it takes effect",
        edits: &[Replace("clauses.toml", "effective = \"2026-11-01\"\n", "")],
        problems: &["clauses.toml:1: the notice: no `effective`: write effective = \"2026-11-01\""],
    },
    Broken {
        name: "a notice period of eleven years",
        edits: &[Replace("clauses.toml", "notice_period_days = 30", "notice_period_days = 4015")],
        problems: &["clauses.toml:3: the notice: `notice_period_days` is not a whole number from 0 to 3650"],
    },
    Broken {
        name: "a group of one",
        edits: &[Replace(
            "clauses.toml",
            "retention = \"claims\"",
            "retention = \"claims\"\nminimum_group = 1",
        )],
        problems: &[
            "clauses.toml:30: clause `use.claims`: `minimum_group` is not a whole number from 2 to 1000000",
        ],
    },
    Broken {
        name: "a smallest group that an ask about one person would pass",
        edits: &[
            Replace("clauses.toml", "retention = \"claims\"", "retention = \"claims\"\nminimum_group = 10"),
            Replace("en.md", "- {data}\n", "- {data} {minimum_group}\n"),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `minimum_group` without `minimum-group` in `when` would open one person alone: add \"minimum-group\" to `when`",
        ],
    },
    Broken {
        name: "a group of nobody knows how many",
        edits: &[Replace("clauses.toml", "\"work-item\"]", "\"work-item\", \"minimum-group\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `when` asks for \"minimum-group\" and there is no `minimum_group`: say how many people a sum is about at least, for instance minimum_group = 10",
        ],
    },
    Broken {
        name: "details of one person by which more opens than who it is",
        edits: &[Replace("clauses.toml", "\"work-item\"]", "\"own-details\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: `when` asks for \"own-details\", by which nobody is shown or searched for by health: remove it from `data`",
        ],
    },
    Broken {
        name: "a company that acts for a sponsor, without a mandate",
        edits: &[Replace("clauses.toml", "[\"claims-staff\"]", "[\"sponsor-agent\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: recipient `sponsor-agent` without `mandate` in `when` would be anybody of that kind: add \"mandate\" to `when`",
        ],
    },
    Broken {
        name: "an app that nobody authorised",
        edits: &[Replace("clauses.toml", "[\"claims-staff\"]", "[\"app\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: recipient `app` without `consent.app` in `when` would be anybody of that kind: add \"consent.app\" to `when`",
        ],
    },
    Broken {
        name: "the person itself, whoever asks",
        edits: &[Replace("clauses.toml", "[\"claims-staff\"]", "[\"subject\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: recipient `subject` without `own-data` in `when` would be anybody of that kind: add \"own-data\" to `when`",
        ],
    },
    Broken {
        name: "a representative of anybody",
        edits: &[Replace("clauses.toml", "[\"claims-staff\"]", "[\"representative\"]")],
        problems: &[
            "clauses.toml:21: clause `use.claims`: recipient `representative` without `relation.representative` in `when` would be anybody of that kind: add \"relation.representative\" to `when`",
        ],
    },
    Broken {
        name: "a bank that is the person itself",
        edits: &[
            Replace("clauses.toml", "[\"claims-staff\"]", "[\"claims-staff\", \"bank\"]"),
            Replace("clauses.toml", "\"work-item\"]", "\"own-data\"]"),
        ],
        problems: &[
            "clauses.toml:21: clause `use.claims`: it can never apply to recipient `bank`: `when` asks for \"own-data\", and an organisation is nobody's own person; remove one of the two",
        ],
    },
];
