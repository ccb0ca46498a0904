//! The root key as its holder sees it: where it comes from, another one in its place, a sealed copy of it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;

use domain::Timestamp;
use gate::{Clock, Gate, Randomness, RootKey};
use serde_json::Value;
use store::{Store, StoreError};

use crate::site::Site;

/// A public key.
const RECIPIENT: &str =
    "moretus-copy-public-1:0900000000000000000000000000000000000000000000000000000000000000";
const PASSPHRASE: &str = "zes aardige ezels lopen langs de Schelde";
const OTHER_PASSPHRASE: &str = "twaalf drukkers zetten een nieuwe proef";

/// An executable script.
fn script(site: &Site, name: &str, text: &str) -> String {
    let path = site.file(name, &format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn remembered(site: &Site) -> String {
    std::fs::read_to_string(site.path("data/root.sources")).unwrap()
}

/// What `keys status` tells.
fn status(site: &Site, more: &[&str]) -> Value {
    site.run(&[&["keys", "status", "--data", "DATA", "--json"], more].concat()).json()
}

/// Reads and writes under the root key: takes in one more member.
fn works(site: &Site, number: usize, more: &[&str], variables: &[(&str, &str)]) {
    let text = format!("member_id,member_number,name,birth_date\nK-{number},K-{number},A B,1980-01-01\n");
    let file = site.file("one.csv", &text);
    let words = ["import", "--data", "DATA", "--portfolio", "officina", "--source", "keys", "--json"];
    let run = site.run_with(&[&words[..], more, &["members", &file]].concat(), variables);
    assert_eq!(run.json()["taken_in"]["member"]["new"], 1);
    site.run_with(&[&["log", "verify", "--data", "DATA"], more].concat(), variables).well();
}

/// Made with a passphrase, and from there to a program, a variable, a file elsewhere and a file of the site's own: under
/// each the site reads and writes, and shows no key.
pub(crate) fn a_root_key_goes_from_each_source_to_the_next(site: Site) {
    let first = site.file("first", &format!("{PASSPHRASE}\n"));
    let passphrase = ["--passphrase-from", first.as_str()];
    site.init_more("officina", &["--root-key", "passphrase", "--passphrase-from", &first]).well();
    assert!(remembered(&site).starts_with("passphrase:argon2id,m=65536,t=3,p=4,salt="));
    assert!(!site.path("data/root.key").exists());
    site.init_more("second", &passphrase).well();
    works(&site, 1, &passphrase, &[]);
    let second = site.file("second", OTHER_PASSPHRASE);
    let rotate = ["keys", "rotate", "--data", "DATA"];
    let more = ["--passphrase-from", &first, "--new-passphrase-from", &second];
    let said = site.run(&[&rotate[..], &more].concat()).well();
    assert!(said.out.contains("takes the place of the former one") && said.err.contains("keep a copy apart"));
    let passphrase = ["--passphrase-from", second.as_str()];
    works(&site, 2, &passphrase, &[]);

    // A program that unwraps what it gets: here it turns it round.
    let key = "0123456789abcdef".repeat(4);
    let wrapped: String = key.chars().rev().collect();
    site.file("data/root.wrapped", &wrapped);
    let unwrap = script(&site, "unwrap", "echo unwrapping >&2; rev");
    let command = format!("command:{unwrap} {}", site.path("data/root.wrapped").display());
    let said = site.run(&[&rotate[..], &passphrase, &["--to", &command]].concat()).well();
    assert!(said.err.contains("unwrapping"), "its standard error is passed on: {}", said.err);
    assert!(!said.err.contains(&key[..16]) && !said.out.contains(&key[..16]), "{}", said.err);
    assert!(remembered(&site).ends_with("unwrap root.wrapped\n"), "{}", remembered(&site));
    works(&site, 3, &[], &[]);

    let other = "fedcba9876543210".repeat(4);
    let variable = [("TESTS_ROOT_KEY", other.as_str())];
    let refused = site.run(&rotate).refused();
    assert!(refused.contains("say with --to where the new one is"), "{refused}");
    site.run_with(&[&rotate[..], &["--to", "env:TESTS_ROOT_KEY"]].concat(), &variable).well();
    works(&site, 4, &[], &variable);
    let refused = site.run(&["log", "verify", "--data", "DATA"]).refused();
    assert!(refused.contains("env:TESTS_ROOT_KEY") && refused.contains("no such variable"), "{refused}");

    let elsewhere = site.path("elsewhere.key").display().to_string();
    let to = format!("file:{elsewhere}");
    site.run_with(&[&rotate[..], &["--to", &to]].concat(), &variable).well();
    assert_eq!(std::fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(remembered(&site), format!("{to}\n"));
    works(&site, 5, &[], &[]);
    site.run(&[&rotate[..], &["--to", "file"]].concat()).well();
    works(&site, 6, &[], &[]);
    let told = status(&site, &[]);
    assert_eq!((&told["rotation_under_way"], &told["left"]), (&false.into(), &0.into()), "{told}");
    assert_eq!(told["data_keys"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["sources"][0]["root_key"], told["site_keys"]["root_key"]);
}

pub(crate) fn a_wrong_root_key_is_named_and_changes_nothing(site: Site) {
    let right = site.file("right", PASSPHRASE);
    let wrong = site.file("wrong", OTHER_PASSPHRASE);
    let short = site.file("short", "kort");
    let made =
        |from: &str| site.init_more("officina", &["--root-key", "passphrase", "--passphrase-from", from]);
    let refused = made(&short).refused();
    assert!(refused.contains("15 to 1024 characters") && !refused.contains("kort"), "{refused}");
    made(&right).well();
    let before = (remembered(&site), status(&site, &["--passphrase-from", &right]));

    let words = ["log", "verify", "--data", "DATA"];
    let refused = site.run(&[&words[..], &["--passphrase-from", &wrong]].concat()).refused();
    assert!(refused.contains("wrong passphrase") && !refused.contains("drukkers"), "{refused}");
    let refused = site.run(&words).refused();
    assert!(refused.contains("--passphrase-from"), "nobody is there to be asked: {refused}");
    let key = "0f".repeat(32);
    let file = site.file("other.key", &key);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let print = format!("command:{}", script(&site, "print", &format!("echo {key}")));
    let fail = format!("command:{}", script(&site, "fail", &format!("echo {key}; exit 9")));
    let variable = [("TESTS_ROOT_KEY", key.as_str())];
    for (source, problem) in [
        (file.as_str(), "does not belong to this database"),
        ("env:TESTS_ROOT_KEY", "does not belong to this database"),
        (&print, "does not belong to this database"),
        (&fail, "exit status: 9"),
        ("env:TESTS_HAVE_NO_SUCH", "no such variable"),
        ("command:print", "whole path"),
        (&key, "take another"),
    ] {
        for words in [
            vec!["log", "verify", "--data", "DATA"],
            vec!["keys", "rotate", "--data", "DATA", "--to", "file"],
            vec!["keys", "export", "--data", "DATA", "--to", RECIPIENT],
        ] {
            let refused = site.run_with(&[&words[..], &["--root-key", source]].concat(), &variable).refused();
            assert!(refused.contains(problem) && !refused.contains(&key), "{source}: {refused}");
        }
        let refused = site.init_more("officina", &["--root-key", source]);
        assert!(!refused.ok && !refused.err.contains(&key), "{}", refused.err);
    }
    // Each wins over the one before: remembered, environment, flag.
    let variables = [variable[0], ("MORETUS_ROOT_KEY", "env:TESTS_ROOT_KEY")];
    let refused = site.run_with(&words, &variables).refused();
    assert!(refused.contains("does not belong"), "{refused}");
    let flags = ["--root-key", "passphrase", "--passphrase-from", &right];
    site.run_with(&[&words[..], &flags].concat(), &variables).well();
    let told = site.run(&["keys", "status", "--data", "DATA", "--passphrase-from", &wrong]);
    assert!(
        !told.ok && told.out.contains("wrong passphrase") && told.err.contains("is needed"),
        "{}",
        told.err
    );
    assert_eq!((remembered(&site), status(&site, &["--passphrase-from", &right])), before);
    let there: Vec<_> =
        std::fs::read_dir(site.path("data")).unwrap().flatten().map(|one| one.file_name()).collect();
    assert!(!there.iter().any(|name| name.to_string_lossy().ends_with(".key")), "no key was left: {there:?}");
}

/// Many members, so that a kill finds the rotation in the middle.
fn many(site: &Site) -> u64 {
    let mut text = String::from("member_id,member_number,name,birth_date\n");
    (0..1_000).for_each(|number| text.push_str(&format!("R-{number},R-{number},A B,1980-01-01\n")));
    site.import("officina", "many", &["members", &site.file("many.csv", &text)]).well();
    status(site, &[])["data_keys"][0]["count"].as_u64().unwrap()
}

pub(crate) fn a_rotation_that_is_killed_goes_on(site: Site) {
    let site = site.with(&["officina"]);
    let total = many(&site);
    let (mut was_cut, mut members) = (false, 0);
    for _ in 0..20 {
        let mut child = site.spawn(&["keys", "rotate", "--data", "DATA"]);
        // It writes down both sources before the first key is wrapped anew.
        while !site.path("data/root.sources").exists() || remembered(&site).lines().count() < 2 {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
            std::thread::yield_now();
        }
        let parts = two_roots_wrap(&site, &mut child);
        let _ = child.kill();
        child.wait().unwrap();
        let told = status(&site, &[]);
        was_cut = parts && told["left"].as_u64().unwrap() > 0;
        // Whatever it came to, the site goes on.
        members += 1;
        works(&site, members, &[], &[]);
        if was_cut {
            assert_eq!(told["rotation_under_way"], true, "{told}");
            assert_eq!(told["data_keys"].as_array().unwrap().len(), 2, "{told}");
            break;
        }
        site.run(&["keys", "rotate", "--data", "DATA"]).well();
    }
    assert!(was_cut, "no kill came while it rotated: this proves nothing");
    let refused = site.run(&["keys", "export", "--data", "DATA", "--to", RECIPIENT]).refused();
    assert!(refused.contains("is being changed"), "{refused}");
    let other = ["keys", "rotate", "--data", "DATA", "--to", "env:OTHER"];
    let refused = site.run(&other).refused();
    assert!(refused.contains("run it to its end first"), "{refused}");
    let done = site.run(&["keys", "rotate", "--data", "DATA"]).well();
    assert!(done.err.contains("it goes on"), "{}", done.err);
    let told = status(&site, &[]);
    assert_eq!(told["rotation_under_way"], false, "{told}");
    assert!(told["data_keys"][0]["count"].as_u64().unwrap() > total, "{told}");
    works(&site, members + 1, &[], &[]);
    // The former one opens nothing.
    let former = done.err.rsplit_once("file:").unwrap().1.split_once(',').unwrap().0.to_owned();
    let refused = site.run(&["log", "verify", "--data", "DATA", "--root-key", &former]).refused();
    assert!(refused.contains("does not belong"), "{refused}");
}

/// Which root key takes the other's place is said by the database, or with --to, and never by the order of the flags.
pub(crate) fn the_order_in_which_root_keys_are_given_says_nothing(site: Site) {
    let site = site.with(&["officina"]);
    many(&site);
    let old = std::fs::read_to_string(site.path("data/root.key")).unwrap();
    let new = "0123456789abcdef".repeat(4);
    let variables = [("TESTS_OLD", old.trim()), ("TESTS_NEW", new.as_str())];
    let orders = [["env:TESTS_OLD", "env:TESTS_NEW"], ["env:TESTS_NEW", "env:TESTS_OLD"]];
    let rotate = |[one, other]: [&str; 2], more: &[&str]| {
        let words = ["keys", "rotate", "--data", "DATA", "--root-key", one, "--other-root-key", other];
        site.run_with(&[&words[..], more].concat(), &variables)
    };
    let before = status(&site, &[]);
    for order in orders {
        let refused = rotate(order, &[]).refused();
        assert!(refused.contains("say with --to"), "{refused}");
        assert_eq!(status(&site, &[]), before, "nothing was changed");
    }
    rotate(orders[0], &["--to", "env:TESTS_NEW"]).well();
    assert_eq!(remembered(&site), "env:TESTS_NEW\n");
    rotate(orders[0], &["--to", "env:TESTS_OLD"]).well();
    rotate(orders[1], &["--to", "env:TESTS_NEW"]).well();
    assert_eq!(remembered(&site), "env:TESTS_NEW\n");
    works(&site, 1, &[], &variables);
    // Nor does what else is given both take them for a rotation, and lead back.
    let both = ["--root-key", "env:TESTS_OLD", "--other-root-key", "env:TESTS_NEW"];
    let from = site.path("backup").display().to_string();
    site.run_with(&["backup", "--data", "DATA", "--to", &from], &variables).well();
    let place = site.path("again").display().to_string();
    let words = ["restore", "--nothing-erased", "--from", &from, "--data", &place];
    site.run_with(&[&words[..], &both].concat(), &variables).well();
    let sources = std::fs::read_to_string(site.path("again/root.sources")).unwrap();
    assert_eq!(sources, "env:TESTS_NEW\n");
    let refused = site.run_with(&["keys", "rotate", "--data", &place], &variables).refused();
    assert!(refused.contains("say with --to"), "{refused}");
}

pub(crate) fn a_rotation_goes_on_whichever_root_key_is_given(site: Site) {
    let site = site.with(&["officina"]);
    many(&site);
    let new = rotate_in_part(&site);
    let former = site.path("data/root.key").display().to_string();
    let both = remembered(&site);
    assert_eq!(both, "file:root-2.key\nfile:root.key\n");
    // A third one in the middle of it would leave keys that nobody opens.
    let third = [("TESTS_ROOT_KEY", "0f".repeat(32))];
    let third = [(third[0].0, third[0].1.as_str())];
    let flags = ["--root-key", &new, "--other-root-key", "env:TESTS_ROOT_KEY", "--to", "env:TESTS_ROOT_KEY"];
    let refused =
        site.run_with(&[&["keys", "rotate", "--data", "DATA"][..], &flags].concat(), &third).refused();
    assert!(refused.contains("is under way"), "{refused}");
    // What makes another portfolio forgets neither.
    site.init_more("second", &["--root-key", &new]).well();
    assert_eq!(remembered(&site), both);
    works(&site, 1, &["--root-key", &former], &[]);
    let done = site.run(&["keys", "rotate", "--data", "DATA", "--root-key", &former]).well();
    assert!(done.err.contains("it goes on") && done.err.contains("root-2.key"), "{}", done.err);
    assert_eq!(remembered(&site), "file:root-2.key\n");
    works(&site, 2, &[], &[]);
}

pub(crate) fn what_others_could_have_written_is_not_run(site: Site) {
    let site = site.with(&["officina"]);
    let digits = std::fs::read_to_string(site.path("data/root.key")).unwrap();
    let program = script(&site, "print", &format!("echo {digits}"));
    let sources = site.file("data/root.sources", &format!("command:{program}\n"));
    let rights = |file: &str, rights: u32| {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(rights)).unwrap();
    };
    for (file, usual, open) in [(&program, 0o700, 0o722), (&sources, 0o600, 0o622)] {
        for command in ["log verify", "keys status", "keys rotate --to file"] {
            let words: Vec<&str> = command.split(' ').chain(["--data", "DATA"]).collect();
            rights(file, open);
            let run = site.run(&words);
            assert!(!run.ok && (run.err + &run.out).contains("chmod go-w"), "{command}");
            rights(file, usual);
        }
    }
    site.run(&["log", "verify", "--data", "DATA"]).well();
}

/// Waits until some keys are wrapped anew and others not; false when it ended before.
fn two_roots_wrap(site: &Site, rotating: &mut Child) -> bool {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&site.location()).await.unwrap();
        loop {
            let counts: Result<_, StoreError> = store.read(store::key::count_by_root).await;
            if counts.unwrap().len() > 1 || rotating.try_wait().unwrap().is_some() {
                store.close().await.unwrap();
                return rotating.try_wait().unwrap().is_none();
            }
        }
    })
}

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000)
    }
}

impl Randomness for System {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// Begins a rotation as the command does, and cuts it off after the first part. Gives the new root key's file.
fn rotate_in_part(site: &Site) -> String {
    let (new, data) = (RootKey::generate(&System), site.path("data"));
    let file = data.join("root-2.key");
    new.write_new(&file).unwrap();
    std::fs::write(data.join("root.sources"), "file:root-2.key\nfile:root.key\n").unwrap();
    let keys = [RootKey::read(&file).unwrap(), RootKey::read(&data.join("root.key")).unwrap()];
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&site.location()).await.unwrap();
        let (country, clock) = ("BE".parse().unwrap(), Arc::new(System));
        let gate =
            Gate::open_with(&keys, None, store.clone(), country, clock, Arc::new(System)).await.unwrap();
        let (cut, is_cut) = tokio::sync::oneshot::channel::<()>();
        let mut cut = Some(cut);
        tokio::select! {
            biased;
            _ = is_cut => {}
            done = gate.rotate_root_key(&new, |_| drop(cut.take())) => panic!("it was not cut off: {done:?}"),
        }
        store.close().await.unwrap();
    });
    file.display().to_string()
}

/// Backs up to a folder of this name.
fn back_up(site: &Site, name: &str) -> String {
    let to = site.path(name).display().to_string();
    site.run(&["backup", "--data", "DATA", "--to", &to]).well();
    to
}

pub(crate) fn a_backup_is_restored_with_the_root_keys_of_its_time(site: Site) {
    let site = site.with(&["officina"]);
    many(&site);
    let before = back_up(&site, "before");
    // Cut off in the middle: the site's own keys are wrapped anew, and all others are not.
    let former = site.path("data/root.key").display().to_string();
    let new = rotate_in_part(&site);
    let middle = back_up(&site, "middle");
    site.run(&["keys", "rotate", "--data", "DATA"]).well();
    let after = back_up(&site, "after");
    let restore = |from: &str, place: &str, keys: &[&str]| {
        let place = site.path(place).display().to_string();
        let words = ["restore", "--nothing-erased", "--from", from, "--data", &place];
        site.run(&[&words[..], keys].concat())
    };
    let wrong = restore(&before, "a", &["--root-key", &new]).refused();
    assert!(wrong.contains("does not belong to this database"), "{wrong}");
    restore(&before, "a", &["--root-key", &former]).well();
    let one = restore(&middle, "b", &["--root-key", &new]).refused();
    assert!(one.contains("--other-root-key"), "{one}");
    assert!(!site.path("b").exists(), "nothing was made");
    restore(&middle, "b", &["--root-key", &new, "--other-root-key", &former]).well();
    restore(&middle, "d", &["--root-key", &former, "--other-root-key", &new]).well();
    restore(&after, "c", &["--root-key", &new]).well();
    // Another root key that lies there is not believed for that.
    std::fs::create_dir(site.path("e")).unwrap();
    RootKey::generate(&System).write_new(&site.path("e/root.key")).unwrap();
    restore(&before, "e", &["--root-key", &former]).well();
    let place = site.path("e").display().to_string();
    site.run(&["log", "verify", "--data", &place]).well();
    for place in ["a", "b", "c", "d"] {
        let place = site.path(place).display().to_string();
        site.run(&["log", "verify", "--data", &place]).well();
        let told = site.run(&["keys", "status", "--data", &place, "--json"]).json();
        assert_eq!(told["rotation_under_way"], place.ends_with(['b', 'd']), "{told}");
    }
    let id = RootKey::read(Path::new(&new)).unwrap().id().to_string();
    for place in ["b", "d"] {
        let place = site.path(place).display().to_string();
        site.run(&["keys", "rotate", "--data", &place]).well();
        let told = site.run(&["keys", "status", "--data", &place, "--json"]).json();
        assert_eq!((&told["rotation_under_way"], &told["left"]), (&false.into(), &0.into()), "{told}");
        assert_eq!(told["site_keys"]["root_key"], id.as_str(), "the former one is not taken back: {told}");
    }
}

pub(crate) fn a_sealed_copy_puts_a_lost_root_key_back(site: Site) {
    let site = site.with(&["officina"]);
    let key = site.path("data/root.key");
    let digits = std::fs::read_to_string(&key).unwrap();
    let pair = |name: &str| {
        let file = site.path(name).display().to_string();
        let said = site.run(&["keys", "pair", "--out", &file]).well();
        let private = std::fs::read_to_string(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        (file, said.out.trim().to_owned(), private.trim().to_owned())
    };
    let (copy, (identity, recipient, private)) = (site.path("root.copy").display().to_string(), pair("mine"));
    let said = site.run(&["keys", "export", "--data", "DATA", "--to", &recipient, "--out", &copy]).well();
    let sealed = std::fs::read_to_string(&copy).unwrap();
    assert!(sealed.starts_with("moretus-root-key-copy-1:") && !sealed.contains(digits.trim()));
    assert!(said.err.contains(&recipient) && !said.err.contains(digits.trim()), "{}", said.err);
    for to in [&private, "age1x"] {
        let refused = site.run(&["keys", "export", "--data", "DATA", "--to", to]).refused();
        assert!(refused.contains("a public key is") && !refused.contains(&private), "{refused}");
    }

    let import = ["keys", "import", &copy, "--identity", &identity, "--data", "DATA"];
    let refused = site.run(&import).refused();
    assert!(refused.contains("is there"), "one that is there is not replaced: {refused}");
    std::fs::remove_file(&key).unwrap();
    let other = pair("other").0;
    let refused = site.run(&["keys", "import", &copy, "--identity", &other, "--data", "DATA"]).refused();
    assert!(refused.contains("does not open"), "{refused}");
    let refused = site.run(&["keys", "import", &copy, "--data", "DATA"]).refused();
    assert!(refused.contains("needs --identity"), "{refused}");
    let foreign = site.file("foreign", &"0f".repeat(32));
    let refused = site.run(&["keys", "import", &foreign, "--data", "DATA"]).refused();
    assert!(refused.contains("does not belong to this database"), "{refused}");
    assert!(!key.exists(), "nothing was written");
    site.run(&import).well();
    assert_eq!(std::fs::read_to_string(&key).unwrap(), digits);
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    works(&site, 1, &[], &[]);

    // Into a new place, before a backup is restored there.
    let from = back_up(&site, "backup");
    let place = site.path("new").display().to_string();
    site.run(&["keys", "import", &copy, "--identity", &identity, "--data", &place]).well();
    site.run(&["restore", "--nothing-erased", "--from", &from, "--data", &place]).well();
    assert!(Path::new(&place).join("root.key").exists());
    site.run(&["log", "verify", "--data", &place]).well();
}
