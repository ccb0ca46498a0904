//! The register of recipients, kept from the command line.

use serde_json::Value;

use crate::site::{Site, TRAINED};

impl Site {
    fn recipients(&self, words: &[&str]) -> crate::site::Run {
        let mut all = vec!["recipients", words[0], "--data", "DATA", "--portfolio", "officina"];
        all.extend(&words[1..]);
        self.run(&all)
    }

    /// The register, as JSON.
    fn register(&self, words: &[&str]) -> Vec<Value> {
        let list = self.recipients(&[&["list", "--json"], words].concat()).json();
        list["recipients"].as_array().unwrap().clone()
    }
}

const BANK: &[&str] = &[
    "--kind",
    "bank",
    "--name",
    "First Bank",
    "--country",
    "BE",
    "--role",
    "controller",
    "--for",
    "payments",
    "--clause",
    "disclose.payment.bank",
];

pub(crate) fn a_register_is_kept_and_listed(site: Site) {
    let site = site.with(&["officina"]);
    let agreed =
        ["--contract", "2026-01-01..2199-12-31", "--transfer-safeguard", "standard-clauses:2026-01-01.."];
    let id = site.recipients(&[&["add"], BANK, &agreed].concat()).well().out.trim().to_owned();
    let again = site.recipients(&[&["add"], BANK].concat()).refused();
    assert!(again.contains("bank `First Bank` is in the register already"), "{again}");
    let partner =
        ["--kind", "partner", "--name", "Lab", "--country", "CH", "--role", "processor", "--for", "tests"];
    let clause = ["--clause", "disclose.operations.partner"];
    site.recipients(&[&["add", "--json"], &partner[..], &clause].concat()).well();
    assert!(site.recipients(&[&["add"], &partner[..]].concat()).refused().contains("--clause"));

    let banks = site.register(&["--kind", "bank"]);
    assert_eq!((banks.len(), &banks[0]["recipient"]), (1, &Value::from(id.as_str())));
    let agreed: Vec<_> = banks[0]["agreed"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(agreed, ["contract", "transfer-safeguard"]);
    assert_eq!(site.register(&[]).len(), 2);
    let table = site.recipients(&["list"]).well().out;
    assert!(table.starts_with("KIND") && table.contains("First Bank") && table.contains("Lab"), "{table}");

    site.recipients(&["end", "--recipient", "First Bank", "--what", "contract"]).well();
    let ended = site.register(&["--kind", "bank"]);
    assert_eq!(
        (&ended[0]["agreed"][0]["in_date"], &ended[0]["agreed"][1]["in_date"]),
        (&false.into(), &true.into())
    );
    let twice = site.recipients(&["end", "--recipient", &id, "--what", "contract"]).refused();
    assert!(twice.contains("no contract holds"), "{twice}");
    site.recipients(&["agree", "--recipient", &id, "--contract", "2026-01-01.."]).well();
    assert_eq!(site.register(&["--kind", "bank"])[0]["agreed"][0]["in_date"], true);
    let token = |kind: &str, more: &[&str]| {
        let words =
            ["token", "--data", "DATA", "--portfolio", "officina", "--role", "r", "--recipient", kind];
        site.run(&[&words[..], more].concat())
    };
    token("bank", &["--organisation", "First Bank"]).well();
    assert!(token("bank", &[]).refused().contains("needs an organisation"));
    let auditor = token("auditor", &["--organisation", "First Bank"]).refused();
    assert!(auditor.contains("as a bank, not as a auditor"), "{auditor}");
    assert!(
        token("payer", &["--organisation", "First Bank"]).refused().contains("as a bank, not as a payer")
    );
    assert!(token("subject", &[]).refused().contains("gets no token"));
    site.recipients(&["agree", "--staff", "--transfer-safeguard", "standard-clauses:2026-01-01.."]).well();
    let adequacy =
        site.recipients(&["agree", "--staff", "--transfer-safeguard", "adequacy:2026-01-01.."]).refused();
    assert!(adequacy.contains("found of recipients and not of staff"), "{adequacy}");
    site.recipients(&["end", "--staff", "--what", "transfer-safeguard"]).well();
}

pub(crate) fn what_the_register_does_not_take_is_refused(site: Site) {
    let site = site.with(&["officina"]);
    let add = |kind: &str, more: &[&str]| {
        let words = [
            "add",
            "--kind",
            kind,
            "--name",
            "X",
            "--country",
            "BE",
            "--role",
            "controller",
            "--for",
            "x",
            "--clause",
            "disclose.payment.bank",
        ];
        site.recipients(&[&words[..], more].concat()).refused()
    };
    assert!(add("subject", &[]).contains("is no organisation"));
    assert!(add("bank", &["--clause", "use.claims"]).contains("names `bank`"));
    assert!(add("bank", &["--contract", "2026-02-01..2026-01-01"]).contains("end before it begins"));
    assert!(add("bank", &["--contract", "2026-02-01"]).contains("2026-01-01..2027-12-31"));
    let end = site.recipients(&["end", "--recipient", "Nobody", "--what", "contract"]).refused();
    assert!(end.contains("the register has no `Nobody`"), "{end}");
    let end = site.recipients(&["end", "--recipient", "Nobody", "--what", "work-item"]).refused();
    assert!(end.contains("nothing that is agreed"), "{end}");
    let staff = site.recipients(&["agree", "--staff", "--contract", "2026-01-01.."]).refused();
    assert!(staff.contains("only a --transfer-safeguard"), "{staff}");
    assert_eq!(site.register(&[]), Vec::<Value>::new());
}

pub(crate) fn who_received_a_persons_data_is_asked_for_with_a_token(site: Site) {
    let site = site.with(&["officina", "compasses"]);
    site.import("officina", "sample", &["members", &crate::site::sample("members.csv")]).well();
    let officer =
        ["token", "--data", "DATA", "--recipient", "data-protection-officer", "--portfolio", "officina"];
    let made =
        site.run(&[&officer[..], &["--role", "officer", "--json", "--trained-until", &TRAINED]].concat());
    let (made, subject) = (made.json(), site.someone("officina"));
    let file = site.file("officer.token", made["token"].as_str().unwrap());
    let request = ["work", "assign", "--data", "DATA", "--portfolio", "officina", "--subject", &subject];
    let item = site.run(&[&request[..], &["--to", made["actor"].as_str().unwrap()]].concat()).well().out;
    let item = item.trim();
    let words = ["received", "--json", "--token-file", &file, "--subject", &subject];
    let refused = site.recipients(&words).refused();
    assert!(refused.contains("needs work-item"), "{refused}");
    let answer = site.recipients(&[&words[..], &["--item", item]].concat()).json();
    assert_eq!(
        (&answer["subject"], &answer["received"]),
        (&subject.as_str().into(), &Value::Array(Vec::new()))
    );
    assert_eq!(answer["register"], Value::Array(Vec::new()), "who may receive it, beside who did");
    let stranger = site.file("stranger.token", "moretus_0");
    let words = ["received", "--token-file", &stranger, "--subject", &subject];
    assert!(site.recipients(&words).refused().contains("not authenticated"));
}

pub(crate) fn a_register_comes_in_from_a_file(site: Site) {
    let site = site.with(&["officina"]);
    let sample = crate::site::sample("recipients.csv");
    let entered = site.recipients(&["import", &sample, "--operator", "Keeper", "--json"]).json();
    assert_eq!((&entered["rows"], &entered["new"], &entered["known"]), (&5.into(), &5.into(), &0.into()));
    let register = site.register(&[]);
    let agent = register.iter().find(|one| one["kind"] == "sponsor-agent").unwrap();
    let sponsor = register.iter().find(|one| one["kind"] == "plan-sponsor").unwrap();
    assert_eq!(agent["acts_for"], sponsor["recipient"]);
    let far = register.iter().find(|one| one["country"] == "IN").unwrap();
    let agreed: Vec<_> = far["agreed"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(agreed, ["contract", "transfer-safeguard"]);
    let again = site.recipients(&["import", &sample]).well().out;
    assert!(again.starts_with("0 recipients entered, 5 known"), "{again}");

    // Each change is on the record.
    let first = register[0]["name"].as_str().unwrap();
    site.recipients(&["clauses", "--recipient", "Claims House", "--clause", "vendor.claims"]).well();
    let changes = site.recipients(&["changes", "--json"]).json();
    let changes = changes["changes"].as_array().unwrap().clone();
    assert_eq!(changes.len(), 6);
    assert_eq!(
        (&changes[5]["change"], &changes[5]["role"]),
        (&"for vendor.claims".into(), &"operator".into())
    );
    assert!(site.recipients(&["changes"]).well().out.contains(first));

    let header = std::fs::read_to_string(&sample).unwrap().lines().next().unwrap().to_owned();
    let refused = |row: &str| {
        let good = "bank,Third Bank,BE,controller,,payments,disclose.payment.bank,,,,";
        let file = site.file("bad.csv", &format!("{header}\n{good}\n{row}\n"));
        let said = site.recipients(&["import", &file]).refused();
        assert!(said.contains("bad.csv:3: "), "{said}");
        said
    };
    for (row, problem) in [
        ("Ada Lovelace,X,BE,controller,,x,disclose.payment.bank,,,,", "`kind`: unknown recipient"),
        ("bank,X,XX,controller,,x,disclose.payment.bank,,,,", "`country`"),
        ("bank,X,BE,controller,,x,,,,,", "name at least one of disclose.payment.bank"),
        ("bank,X,BE,controller,,x,use.claims,,,,", "names `bank`"),
        ("bank,X,BE,controller,Nobody,x,disclose.payment.bank,,,,", "neither the register nor a row above"),
        ("bank,X,BE,controller,,x,disclose.payment.bank,2026-02-01..2026-01-01,,,", "end before it begins"),
        ("bank,X,IN,controller,,x,disclose.payment.bank,,,,adequacy:2026-01-01..", "no decision"),
        ("bank,third bank,BE,controller,,x,disclose.payment.bank,,,,", "in the register already"),
    ] {
        let said = refused(row);
        assert!(said.contains(problem) && !said.contains("Ada"), "{row}: {said}");
    }
    assert_eq!(site.register(&[]).len(), 5, "of a file with a row that does not fit, none is entered");
    let file = site.file("other.csv", "kind,name\nbank,X\n");
    assert!(
        site.recipients(&["import", &file]).refused().contains("other.csv:1: the columns must be kind,name,")
    );
}
