//! Claims are paid, handed to the bank and told to members from the command line, each once: run again, and also where a run was cut
//! off between a file that is durable and the row that says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::{Condition, PaymentState, Recipient, SubjectId, Timestamp};
use gate::{assignment, job_actor_id};
use serde_json::Value;
use store::condition::ConditionRow;
use store::payment::PaymentRow;

use crate::site::{Run, Site, days_from_today, sample};
use crate::sums;

const OFFICINA: [&str; 4] = ["--data", "DATA", "--portfolio", "officina"];
const ADDRESS: [&str; 2] = ["--address", "https://benefits.example.org/"];

/// A site of the samples, with a bank in its register and claims that were decided.
fn decided(site: Site) -> Site {
    let site = site.with(&["officina", "compasses"]);
    let organisations = sample("recipients.csv");
    site.run(&[&["recipients", "import", &organisations][..], &OFFICINA].concat()).well();
    for kind in ["members", "coverage", "providers"] {
        site.import("officina", "sample", &[kind, &sample(&format!("{kind}.csv"))]).well();
    }
    let claims = ["claims", &sample("claims.csv"), &sample("claim_lines.csv"), "--adjudicate"];
    site.import("officina", "sample", &claims).well();
    one_more(&site, "A");
    site
}

/// One more claim of a member with an account, decided.
fn one_more(site: &Site, id: &str) {
    let claims = site.file(
        &format!("{id}.csv"),
        &format!(
            "claim_id,member_id,provider_id,received,payee,currency,invoice_number,diagnoses\n{id},M-1001,P-1,2026-05-11,member,EUR,{id},J06.9\n"
        ),
    );
    let lines = site.file(
        &format!("{id}-lines.csv"),
        &format!(
            "claim_id,line,service_start,service_end,service_code,setting,units,charge\n{id},1,2026-05-{},,GP,outpatient,,1871.30\n",
            10 + id.len()
        ),
    );
    site.import("officina", "sample", &["claims", &claims, &lines, "--adjudicate"]).well();
}

fn make(site: &Site, day: &str) -> Run {
    site.run(&[&["payments", "make"][..], &OFFICINA, &["--execution", day, "--json"]].concat())
}

/// Makes the payments that are due, and says how many.
fn pay(site: &Site) -> u64 {
    make(site, &days_from_today(2)).json()["paid"].as_u64().unwrap()
}

fn export(site: &Site, file: &Path, more: &[&str]) -> Run {
    let file = file.display().to_string();
    site.run(&[&["payments", "export"][..], &OFFICINA, &["--out", &file], more].concat())
}

fn write(site: &Site, folder: &Path, more: &[&str]) -> Run {
    let folder = folder.display().to_string();
    site.run(&[&["statements", "write"][..], &OFFICINA, &ADDRESS, &["--to", &folder], more].concat())
}

fn counts(told: &Value, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| told[name].as_u64().unwrap_or_else(|| panic!("{name}: {told}"))).collect()
}

/// The ids of the payments that a bank file carries.
fn carried(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let ids = text.split("<EndToEndId>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned());
    ids.collect()
}

/// The statements of a folder, with what they are; nothing else is in it.
fn statements(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found: BTreeMap<PathBuf, Vec<u8>> =
        found.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    assert!(found.keys().all(|path| path.extension().is_some_and(|ending| ending == "pdf")), "{found:?}");
    found
}

/// Where the environment says where the bank's schema is: the file is as that says.
fn must_be_valid(file: &Path) {
    let Ok(schemas) = std::env::var("MORETUS_SCHEMAS") else { return };
    let schema = Path::new(&schemas).join("pain.001.001.09.xsd");
    let checked =
        Command::new("xmllint").args(["--noout", "--schema"]).arg(schema).arg(file).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

pub(crate) fn claims_are_paid_handed_to_the_bank_and_told_once(site: Site) {
    let site = decided(site);
    for day in [days_from_today(-1), days_from_today(400)] {
        let error = make(&site, &day).refused();
        assert!(error.contains(&format!("`{day}`")) && error.contains("--execution"), "{error}");
    }
    let nothing = site.path("nothing.xml");
    let none = export(&site, &nothing, &["--json"]).json();
    assert_eq!((counts(&none, &["handed"]), &none["file"]), (vec![0], &Value::Null));
    assert!(!nothing.exists(), "there was nothing to hand over");

    let day = days_from_today(2);
    let made = make(&site, &day).json();
    assert_eq!(counts(&made, &["paid", "held", "refused", "failed"])[1..], [0, 0, 0], "{made}");
    let paid = made["paid"].as_u64().unwrap();
    assert!(paid >= 2, "{made}");
    assert_eq!(pay(&site), 0, "nothing is paid twice");

    let file = site.path("pain.001.xml");
    let handed = export(&site, &file, &["--json"]).json();
    let names = ["handed", "waiting", "refused", "unwritable", "damaged", "erased"];
    assert_eq!(counts(&handed, &names), [paid, 0, 0, 0, 0, 0]);
    assert_eq!(carried(&file).len() as u64, paid);
    must_be_valid(&file);
    let before = std::fs::read(&file).unwrap();
    assert!(String::from_utf8_lossy(&before).contains(&format!("<Dt>{day}</Dt>")));
    let told = export(&site, &site.path("again.xml"), &[]).well();
    assert_eq!(told.out, "0 payments for `First Bank`\n");
    assert!(!site.path("again.xml").exists());
    told_once(&site, made["without_account"].as_u64().unwrap());

    // Another day's payments are not written over it, and the bank is told of nothing then.
    one_more(&site, "D-1");
    assert_eq!(pay(&site), 1);
    let size = log_size(&site);
    let error = export(&site, &file, &[]).refused();
    assert!(error.contains("is there already") && error.contains("pain.001.xml"), "{error}");
    let error = export(&site, &site.path("nowhere/pain.001.xml"), &[]).refused();
    assert!(error.contains("no folder"), "{error}");
    assert_eq!((std::fs::read(&file).unwrap(), log_size(&site)), (before, size));
    let printed = export(&site, Path::new("-"), &[]).well();
    assert!(printed.err.contains("1 payments for `First Bank`"), "{}", printed.err);
    std::fs::write(site.path("printed.xml"), printed.out).unwrap();
    must_be_valid(&site.path("printed.xml"));
    assert!(!carried(&file).contains(&carried(&site.path("printed.xml"))[0]));
    assert_eq!(export(&site, &site.path("again.xml"), &["--json"]).json()["handed"], 0);
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
    site.run(&["log", "verify", "--data", "DATA"]).well();
}

/// Statements of a site whose claims were paid: each once.
fn told_once(site: &Site, without_account: u64) {
    let folder = site.path("statements");
    let error = site.run(&[&["statements", "write"][..], &OFFICINA, &["--to", "nowhere"]].concat()).refused();
    assert!(error.contains("--address"), "{error}");
    let nowhere = site.path("nowhere").display().to_string();
    let error = [&["statements", "write"][..], &OFFICINA, &["--to", &nowhere, "--address", "here"]].concat();
    assert!(site.run(&error).refused().contains("`here` is no address"));
    assert!(!site.path("nowhere").exists(), "nothing was made");
    let first = write(site, &folder, &["--json"]).json();
    assert_eq!(counts(&first, &["there", "refused", "left"]), [0, 0, 0], "{first}");
    let files = statements(&folder);
    assert_eq!(files.len() as u64, first["written"].as_u64().unwrap());
    assert!(files.len() as u64 > without_account, "{first}");
    for path in files.keys() {
        let text = sums::text_of(path);
        assert!(text.replace('\n', " ").contains("https://benefits.example.org/notice/"), "{text}");
    }
    let again = write(site, &folder, &[]).well();
    assert!(again.out.starts_with("0 statements written"), "{}", again.out);
    assert_eq!(statements(&folder), files, "nothing is written twice");
    one_more(site, "E-10");
    let more = write(site, &folder, &["--json", "--language", "nl"]).json();
    assert_eq!(counts(&more, &["written", "there"]), [1, 0]);
    let new: Vec<_> = statements(&folder).into_keys().filter(|path| !files.contains_key(path)).collect();
    assert!(sums::text_of(&new[0]).contains("Elise") || sums::text_of(&new[0]).contains("Élise"));
    assert_eq!(pay(site), 1);
    export(site, &site.path("of-e-10.xml"), &[]).well();
}

fn log_size(site: &Site) -> String {
    site.run(&["log", "checkpoint", "--data", "DATA"]).well().out
}

pub(crate) fn what_was_cut_off_is_neither_lost_nor_doubled(site: Site) {
    let site = decided(site);
    let paid = pay(&site);
    let file = site.path("pain.001.xml");
    assert_eq!(export(&site, &file, &["--json"]).json()["handed"], paid);
    let before = std::fs::read(&file).unwrap();
    // As if it had been cut off when the file was durable and nothing said so; and a payment came in between.
    not_exported(&site, ALL);
    one_more(&site, "D-1");
    assert_eq!(pay(&site), 1);
    let went_on = export(&site, &file, &["--json"]).json();
    assert_eq!(counts(&went_on, &["handed", "waiting", "unwritable"]), [paid, 1, 0]);
    assert_eq!(went_on["was_there"], true);
    assert_eq!(std::fs::read(&file).unwrap(), before, "what is there stays");
    let other = site.path("other.xml");
    assert_eq!(export(&site, &other, &["--json"]).json()["handed"], 1);
    assert!(carried(&other).iter().all(|id| !carried(&file).contains(id)), "each payment is in one file");
    part_of_a_file_is_exported(&site, paid);
    // One that somebody altered is not taken for the same.
    not_exported(&site, ALL);
    let altered = String::from_utf8(before).unwrap().replacen("</InstdAmt>", "1</InstdAmt>", 1);
    let file = site.file("altered.xml", &altered);
    let error = export(&site, Path::new(&file), &[]).refused();
    assert!(error.contains("cut off") && error.contains("altered.xml"), "{error}");
    let foreign = site.path("foreign.xml");
    std::fs::write(&foreign, "<Document/>").unwrap();
    assert!(export(&site, &foreign, &[]).refused().contains("is there already"));
    settings_win_in_order(&site);

    let folder = site.path("statements");
    write(&site, &folder, &[]).well();
    let files = statements(&folder);
    waiting_again(&site, &files, 0);
    let lost = files.keys().next().unwrap();
    std::fs::remove_file(lost).unwrap();
    std::fs::write(lost.with_extension("unfinished"), "%PDF-").unwrap();
    let went_on = write(&site, &folder, &["--json"]).json();
    assert_eq!(counts(&went_on, &["written", "there", "left"]), [1, files.len() as u64 - 1, 0]);
    let found = statements(&folder);
    assert_eq!(found.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
    assert!(files.iter().filter(|(path, _)| *path != lost).all(|(path, bytes)| found[path] == *bytes));
    // A claim that is decided again has a further statement, beside the one that is there.
    waiting_again(&site, &files, 1);
    let further = write(&site, &folder, &["--json"]).json();
    assert_eq!(counts(&further, &["written", "there"]), [files.len() as u64, 0]);
    assert_eq!(statements(&folder).len(), 2 * files.len());
    site.run(&["ledger", "verify", "--data", "DATA"]).well();
}

/// A file of two batches, cut off when one of them counted as exported: the other's payments are in it, and go into no other file.
fn part_of_a_file_is_exported(site: &Site, of_first: u64) {
    not_exported(site, ALL);
    let both = site.path("both.xml");
    assert_eq!(export(site, &both, &["--json"]).json()["handed"], of_first + 1);
    let before = std::fs::read(&both).unwrap();
    not_exported(site, 1);
    let went_on = export(site, &both, &["--json"]).json();
    assert_eq!(counts(&went_on, &["handed", "waiting"]), [of_first, 0]);
    assert_eq!(std::fs::read(&both).unwrap(), before);
    assert!(export(site, &both, &[]).refused().contains("is there already"), "it is an earlier file now");
}

/// Flag over environment over file over default: who pays, as the bank is told. Nothing of the site's payments is exported after it.
fn settings_win_in_order(site: &Site) {
    let debtor = |name: &str, more: &[&str], variables: &[(&str, &str)]| {
        not_exported(site, ALL);
        let file = site.path(name).display().to_string();
        let words = [&["payments", "export"][..], &OFFICINA, &["--out", &file], more].concat();
        site.run_with(&words, variables).well();
        must_be_valid(&site.path(name));
        let text = std::fs::read_to_string(&file).unwrap();
        text.split_once("<InitgPty>")
            .unwrap()
            .1
            .split_once("<Nm>")
            .unwrap()
            .1
            .split_once('<')
            .unwrap()
            .0
            .to_owned()
    };
    let environment = [("MORETUS_DEBTOR", "Of the environment")];
    assert_eq!(debtor("default.xml", &[], &[]), "officina");
    let settings = "[portfolios.officina]\ndebtor = \"Of the file\"\ntown = \"Antwerp\"\ncountry = \"BE\"\nbank = \"First Bank\"\n";
    std::fs::write(site.path("data").join("papers.toml"), settings).unwrap();
    assert_eq!(debtor("file.xml", &[], &[]), "Of the file");
    assert_eq!(debtor("environment.xml", &[], &environment), "Of the environment");
    assert_eq!(debtor("flag.xml", &["--debtor", "Of the flag"], &environment), "Of the flag");
    not_exported(site, ALL);
    for (more, told) in [
        (["--bank", "No Bank"], "the register has no `No Bank`"),
        (["--bank", "Claims House"], "is a service-provider in the register"),
        (["--papers", "nowhere.toml"], "check --papers"),
    ] {
        let error = export(site, &site.path("refused.xml"), &more).refused();
        assert!(error.contains(told), "{error}");
    }
    let error =
        export(site, &site.path("refused.xml"), &["--town", "Ghent", "--country", "Belgium"]).refused();
    assert!(error.contains("`Belgium`"), "{error}");
    std::fs::remove_file(site.path("data").join("papers.toml")).unwrap();
}

const ALL: usize = usize::MAX;

/// Has the payments of the first batches wait for the bank once more, as before their file was known to be durable.
fn not_exported(site: &Site, batches: usize) {
    site.past_the_program(move |unit| {
        let all = store::payment::batches(unit)?;
        for batch in all.iter().filter(|batch| batch.kind == 2).take(batches) {
            for row in store::payment::of_batch(unit, batch.batch, None, 1_000)? {
                if row.state == PaymentState::Exported {
                    store::payment::set_state(unit, &PaymentRow { state: PaymentState::Batched, ..row })?;
                }
                let object = assignment(row.payment.into(), job_actor_id(Recipient::PaymentJob));
                reopen(unit, row.subject, object, batch.created)?;
            }
            if batch.state == 1 {
                store::payment::set_batch_state(unit, batch.batch, 1, 0)?;
            }
        }
        Ok(())
    });
}

fn reopen(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    object: [u8; 16],
    since: Timestamp,
) -> Result<(), store::StoreError> {
    let condition = Condition::WorkItem;
    store::condition::set_many(unit, &[ConditionRow { subject, condition, object, since, until: None }])
}

/// Has the statements in these files wait once more: since when they did, or so many microseconds later.
fn waiting_again(site: &Site, files: &BTreeMap<PathBuf, Vec<u8>>, later: i64) {
    let waited: BTreeMap<String, i64> = files
        .keys()
        .map(|path| {
            let (claim, since) = path.file_stem().unwrap().to_str().unwrap().rsplit_once('-').unwrap();
            (claim.to_owned(), since.parse().unwrap())
        })
        .collect();
    site.past_the_program(move |unit| {
        let rows = store::reference::portfolios(unit)?;
        let officina = rows.into_iter().find(|row| row.name == "officina").unwrap().portfolio;
        for person in store::subject::page(unit, officina, None, 1_000)? {
            for claim in store::claim::of_subject(unit, person.subject)? {
                let Some(since) = waited.get(&claim.claim.to_string()) else { continue };
                let object = assignment(claim.claim.into(), job_actor_id(Recipient::StatementJob));
                reopen(unit, person.subject, object, Timestamp::from_micros(since + later))?;
            }
        }
        Ok(())
    });
}
