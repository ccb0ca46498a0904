//! What a terminal, a pipe or a full disk makes of what the program says and writes.

use std::io::Read;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::process::{Command, Stdio};

use crate::site::{Site, TRAINED, repository};

/// The words that adjudicate the shipped example, with the output to here.
fn adjudicate(out: &str) -> Command {
    let path = |name: &str| repository().join(name).display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moretus"));
    command.args(["adjudicate", "--plan", &path("plans/worldwide-plus.toml")]);
    command.args(["--claims", &path("docs/examples/claims.json"), "--out", out]);
    command
}

fn determinations() -> String {
    std::fs::read_to_string(repository().join("docs/examples/determinations.json")).unwrap()
}

fn full() -> Stdio {
    std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

#[test]
fn a_bare_name_is_a_file_in_the_folder_where_the_program_runs() {
    let folder = tempfile::tempdir().unwrap();
    let ran = adjudicate("determinations.json").current_dir(folder.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let written = std::fs::read_to_string(folder.path().join("determinations.json")).unwrap();
    assert_eq!(written, determinations());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
}

#[test]
fn what_is_no_file_is_written_to_and_stays_what_it_is() {
    let ran = adjudicate("/dev/stdout").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), determinations());

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let from = pipe.clone();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::fs::File::open(from).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    let ran = adjudicate(pipe.to_str().unwrap()).output().unwrap();
    // Whatever went wrong, the reader must come to its end.
    drop(std::fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap());
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), determinations());
}

#[test]
fn a_link_stays_one_and_what_it_leads_to_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file.json"), folder.path().join("link.json"));
    std::fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(adjudicate(link.to_str().unwrap()).status().unwrap().success());
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), determinations());
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let ran = adjudicate("-").stdout(full()).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("cannot be written"), "{ran:?}");

    let site = Site::sqlite().with(&["officina"]);
    let words =
        ["token", "--data", "DATA", "--recipient", "auditor", "--portfolio", "officina", "--role", "r"];
    let words = [&words[..], &["--trained-until", &TRAINED]].concat();
    let lost = site.command(&words).stdout(full()).output().unwrap();
    assert_eq!(lost.status.code(), Some(1), "a token that nobody saw");
    let err = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(err.contains("cannot be written") && !err.contains("valid until"), "{err}");
}

#[test]
fn a_command_whose_reader_goes_away_finishes_its_work() {
    let site = Site::sqlite().with(&["officina"]);
    let [to, place] = ["backup", "place"].map(|name| site.path(name).display().to_string());
    site.run(&["backup", "--data", "DATA", "--to", &to]).well();
    let key = site.path("data/root.key").display().to_string();
    let words = ["restore", "--from", &to, "--data", &place, "--root-key", &key, "--nothing-erased"];
    let mut restore = site.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(restore.stdout.take());
    let ended = restore.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(site.run(&["log", "verify", "--data", &place]).well().out.contains("verifies"));
}

#[test]
fn the_address_of_a_database_is_not_shown() {
    for command in ["serve", "demo"] {
        let shown = Command::new(env!("CARGO_BIN_EXE_moretus"))
            .args([command, "--help"])
            .env("MORETUS_DB", "postgres://user:word@host/database")
            .output()
            .unwrap();
        let text = String::from_utf8(shown.stdout).unwrap();
        assert!(text.contains("MORETUS_DB") && !text.contains("word@"), "{text}");
    }
}

#[test]
fn a_data_directory_that_others_could_enter_becomes_its_owners() {
    let site = Site::sqlite().with(&["officina"]);
    let mode = || std::fs::metadata(site.path("data")).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(site.path("data"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = site.run(&["log", "verify", "--data", "DATA"]).well();
    assert!(said.err.contains("its rights are 0700 now"), "{}", said.err);
    assert_eq!(mode(), 0o700);
}

/// The program with files that cannot grow beyond so many blocks of 512 bytes, as on a disk that is full.
fn with_little_room(site: &Site, blocks: u32, words: &[&str]) -> std::process::Output {
    let inner = site.command(words);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    command.arg(inner.get_program()).args(inner.get_args());
    command.env_remove("MORETUS_DATA").env_remove("MORETUS_DB").output().unwrap()
}

#[test]
fn an_import_that_stops_half_way_says_how_far_it_came_and_is_finished_by_the_next() {
    let site = Site::sqlite().with(&["officina"]);
    let mut text = String::from("member_id,member_number,name,birth_date\n");
    (0..4_000).for_each(|number| {
        text.push_str(&format!("M-{number},WP-{number},A B,1980-01-01\n"));
    });
    let file = site.file("members.csv", &text);
    let words = ["import", "--data", "DATA", "--portfolio", "officina", "--source", "s", "members", &file];
    let size = |name: &str| std::fs::metadata(site.path("data").join(name)).unwrap().len();
    let ran = with_little_room(&site, u32::try_from(size("moretus.db") / 512).unwrap() + 5_000, &words);
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{err}");
    let told = err.split_once(" of 4,000 are in; run it again").unwrap_or_else(|| panic!("{err}")).0;
    let taken: u64 = told.rsplit(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!((1_000..4_000).contains(&taken), "{err}");
    let again = site.import("officina", "s", &["members", &file]).json();
    let count = |what: &str| again["taken_in"]["member"][what].as_u64().unwrap();
    assert!(count("known") >= taken && count("known") + count("new") == 4_000, "{again}");
}

#[test]
fn a_target_without_room_is_named_and_not_the_database() {
    let site = Site::sqlite().with(&["officina"]);
    let to = site.path("backup").display().to_string();
    let ran = with_little_room(&site, 100, &["backup", "--data", "DATA", "--to", &to]);
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{err}");
    assert!(err.contains(&to) && !err.contains("cannot be reached"), "{err}");
    assert!(!std::path::Path::new(&to).join("moretus.db").exists(), "nothing looks finished");
}
