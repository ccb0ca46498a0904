//! The demo, as a person runs it: it ends well, its papers are valid, its log and ledger verify, and
//! both checks fail after one byte is altered.
#![allow(clippy::print_stdout, reason = "the counts of the demo are worth seeing")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "support/every_line.rs"]
mod every_line;
#[path = "support/sums.rs"]
mod sums;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MEMBERS: u32 = 60;
const SEED: u64 = 7;

fn moretus(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moretus")).args(arguments).output().unwrap()
}

fn must_pass(arguments: &[&str]) -> String {
    let output = moretus(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn must_fail(arguments: &[&str]) -> String {
    let output = moretus(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files
}

/// The lines with amounts: what the same seed must repeat.
fn amounts(summary: &str) -> Vec<&str> {
    summary.lines().filter(|line| line.contains("debit") || line.contains("charged")).collect()
}

fn check_papers(data: &Path) {
    let schemas = std::env::var("MORETUS_SCHEMAS").expect("no ISO schemas: run `cargo xtask test`");
    let schema = Path::new(&schemas).join("pain.001.001.09.xsd");
    let bank_files = files(&data.join("payments"), "xml");
    assert_eq!(bank_files.len(), 2);
    for file in bank_files {
        let valid =
            Command::new("xmllint").args(["--noout", "--schema"]).arg(&schema).arg(&file).output().unwrap();
        assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stderr));
    }
    let texts: Vec<String> = files(&data.join("payments"), "xml")
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    check_what_a_bank_learns(&texts.concat());
    let statements = files(&data.join("statements"), "pdf");
    assert!(statements.len() >= 4, "{statements:?}");
    assert!(std::fs::read(&statements[0]).unwrap().starts_with(b"%PDF-1."));
    let mut done_again = 0;
    for statement in statements {
        let text = sums::text_of(&statement);
        check_what_a_statement_tells(&text);
        let sums = sums::sums(&text, 2).unwrap_or_else(|problem| panic!("{problem}: {text}"));
        assert!(sums.iter().all(sums::Sum::is_right), "{sums:?}: {text}");
        done_again += sums.len();
    }
    assert!(done_again > 0, "a statement tells how it came about");
}

/// Every line of the demo adds up, and all of them come to what the demo says.
fn check_every_line(data: &Path, location: &store::Location, summary: &str) -> every_line::AddedUp {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let added_up = runtime.block_on(every_line::every_line(data, location));
    assert!(added_up.lines >= added_up.claims && added_up.sums > 0, "{added_up:?}");
    println!("{added_up:?}\n{summary}");
    added_up
}

/// A bank learns whose account it pays, and nothing else of what stands about those people: the demo's are made anew from its
/// seed, and each value of theirs is looked for.
fn check_what_a_bank_learns(files: &str) {
    let (mut accounts, mut others) = (0, 0);
    let mut is_kept_from_banks = |value: &str| {
        others += 1;
        assert!(!holds(files, value), "a bank's file holds `{value}`");
    };
    for chunk in population() {
        for person in chunk.members.iter().map(|member| &member.person) {
            is_kept_from_banks(&person.birth_date.to_string());
            is_kept_from_banks(person.member_number.reveal());
            person.email.iter().for_each(|email| is_kept_from_banks(email.reveal()));
            person.phone.iter().for_each(|phone| is_kept_from_banks(phone.reveal()));
            let account = person.account.as_ref().map(|account| account.reveal().to_owned());
            accounts += usize::from(account.is_some_and(|account| files.contains(&account)));
        }
        for cover in &chunk.coverages {
            is_kept_from_banks(cover.coverage.policy_number.reveal());
        }
        for claim in &chunk.claims {
            claim.diagnoses.iter().for_each(|diagnosis| is_kept_from_banks(diagnosis.reveal()));
            claim.services.iter().for_each(|service| is_kept_from_banks(service.code.reveal()));
        }
    }
    assert!(accounts > 0 && others > 300, "they are the demo's people: {accounts} accounts, {others} values");
}

/// A statement tells of one person's claim: nobody else's number stands in it, and neither what ailed them nor how they are
/// reached or when they were born, which its clause does not open.
fn check_what_a_statement_tells(statement: &str) {
    let mut numbers = 0;
    for chunk in population() {
        for person in chunk.members.iter().map(|member| &member.person) {
            numbers += usize::from(holds(statement, person.member_number.reveal()));
            let born = person.birth_date.to_string();
            let email = person.email.iter().map(|email| email.reveal());
            let reached = email.chain(person.phone.iter().map(|phone| phone.reveal()));
            for value in reached.chain([born.as_str()]) {
                assert!(!holds(statement, value), "a statement holds `{value}`");
            }
        }
        let diagnoses = chunk.claims.iter().flat_map(|claim| &claim.diagnoses);
        for diagnosis in diagnoses.map(domain::Diagnosis::reveal) {
            assert!(!holds(statement, diagnosis), "a statement holds `{diagnosis}`");
        }
    }
    assert_eq!(numbers, 1, "a statement is one person's: {statement}");
}

/// The demo's people, made anew from its seed.
fn population() -> Vec<population::Chunk> {
    let population =
        population::Population::new(MEMBERS, SEED, population::demo_year_end().unwrap()).unwrap();
    (0..population.chunks()).map(|number| population.chunk(number).unwrap()).collect()
}

/// Whether a value stands in a text by itself.
fn holds(text: &str, value: &str) -> bool {
    let is_word = |(at, _): (usize, &str)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + value.len()..].chars().next());
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    text.match_indices(value).any(is_word)
}

mod sqlite {
    use super::*;
    use domain::RecordKind;
    use store::{Location, Store, StoreError};

    #[test]
    fn the_demo_ends_well_repeats_its_amounts_and_a_single_altered_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("site");
        let site = data.to_str().unwrap();
        let (members, seed) = (MEMBERS.to_string(), SEED.to_string());
        let run = ["demo", "--members", &members, "--no-serve", "--data", site, "--seed", &seed];
        let first = must_pass(&run);
        assert!(first.contains("Who saw the data of member"), "{first}");
        check_papers(&data);
        assert!(must_pass(&["log", "verify", "--data", site]).contains("verifies"));
        assert!(must_pass(&["ledger", "verify", "--data", site]).contains("the ledger balances"));
        check_every_line(&data, &Location::Sqlite { directory: data.clone() }, &first);
        assert_eq!(amounts(&must_pass(&run)), amounts(&first), "the same seed gives the same amounts");

        let log = data.join("log.db");
        let whole = std::fs::read(&log).unwrap();
        alter(&log, &whole, find(&whole, b"use.payment.practitioner"));
        let fault = must_fail(&["log", "verify", "--data", site]);
        assert!(fault.contains("entry") || fault.contains("leaf"), "{fault}");
        std::fs::write(&log, &whole).unwrap();
        must_pass(&["log", "verify", "--data", site]);

        let main = data.join("moretus.db");
        let whole = std::fs::read(&main).unwrap();
        let blob = a_sealed_posting(&data);
        alter(&main, &whole, find(&whole, &blob) + blob.len() / 2);
        let fault = must_fail(&["ledger", "verify", "--data", site]);
        assert!(fault.contains("posting"), "{fault}");
    }

    fn find(whole: &[u8], part: &[u8]) -> usize {
        whole.windows(part.len()).position(|window| window == part).expect("the bytes are in the file")
    }

    fn alter(path: &Path, whole: &[u8], at: usize) {
        let mut altered = whole.to_vec();
        altered[at] ^= 1;
        std::fs::write(path, altered).unwrap();
    }

    /// The sealed bytes of one posting.
    fn a_sealed_posting(data: &Path) -> Vec<u8> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let store = Store::open(&Location::Sqlite { directory: data.to_owned() }).await.unwrap();
            let blob = store
                .read(|unit| {
                    let batch = store::payment::batches(unit)?[0].batch;
                    let posting = store::payment::postings_of_batch(unit, batch, None, 1)?[0];
                    let rows = store::sealed::of_record(
                        unit,
                        posting.subject,
                        RecordKind::Posting,
                        posting.posting,
                    )?;
                    Ok::<_, StoreError>(rows[0].blob.clone())
                })
                .await
                .unwrap();
            store.close().await.unwrap();
            blob
        })
    }

    #[test]
    fn a_closed_pipe_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = Command::new(env!("CARGO_BIN_EXE_moretus"))
            .args(["demo", "--members", "5", "--no-serve", "--data"])
            .arg(folder.path().join("site"))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(demo.stdout.take());
        let ended = demo.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    }

    #[test]
    fn a_port_that_is_taken_is_found_before_the_work() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("site");
        let fault =
            must_fail(&["demo", "--members", "5", "--listen", &address, "--data", data.to_str().unwrap()]);
        assert!(fault.contains("cannot listen"), "{fault}");
        assert!(!data.exists(), "nothing was made");
    }

    #[test]
    fn a_demo_that_serves_ends_in_order_when_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = Command::new(env!("CARGO_BIN_EXE_moretus"))
            .args(["demo", "--members", "5", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("site"))
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("Serving http://")), "it serves");
        assert!(Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap().success());
        assert!(demo.wait().unwrap().success(), "an orderly end is no failure");
    }

    #[test]
    fn a_folder_of_someone_elses_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept.txt");
        std::fs::write(&kept, "mine").unwrap();
        let fault =
            must_fail(&["demo", "--members", "5", "--no-serve", "--data", folder.path().to_str().unwrap()]);
        assert!(fault.contains("--data"), "{fault}");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "mine");
    }
}

mod postgres {
    use super::*;
    use store::Location;
    use store::testing::Scratch;

    #[test]
    fn the_demo_ends_well_and_gives_the_amounts_that_it_gives_on_sqlite() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let scratch = runtime.block_on(Scratch::postgres()).unwrap();
        let Location::Postgres { url } = scratch.location() else { panic!() };
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (folder.path().join("postgres"), folder.path().join("sqlite"));
        let (here, there) = (here.to_str().unwrap(), there.to_str().unwrap());
        let run = ["demo", "--members", "60", "--no-serve", "--seed", "7", "--data"];
        let first = must_pass(&[&run[..], &[here, "--db", url]].concat());
        check_papers(Path::new(here));
        must_pass(&["log", "verify", "--data", here]);
        must_pass(&["ledger", "verify", "--data", here]);
        let on_postgres = check_every_line(Path::new(here), &scratch.location().clone(), &first);
        let second = must_pass(&[&run[..], &[there]].concat());
        assert_eq!(amounts(&first), amounts(&second));
        let directory = PathBuf::from(there);
        assert_eq!(check_every_line(Path::new(there), &Location::Sqlite { directory }, &second), on_postgres);
    }
}
