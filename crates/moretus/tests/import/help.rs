//! The help of every command, held against `tests/help.golden`: what a person reads there is changed on
//! purpose or not at all.

use std::process::Command;

fn help(path: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_moretus")).env_clear().args(path).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split_once("\nCommands:\n").map_or("", |(_, after)| after);
    let names = listed.lines().take_while(|line| !line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn collect(path: &[&str], all: &mut String) {
    let text = help(path);
    assert!(text.contains("Example"), "the help of `{}` shows no example", path.join(" "));
    all.push_str(&format!("$ moretus {}\n{}\n", [path, &["--help"]].concat().join(" "), text));
    for command in commands(&text) {
        collect(&[path, &[command.as_str()]].concat(), all);
    }
}

#[test]
fn every_command_has_a_help_with_an_example() {
    let mut found = String::new();
    collect(&[], &mut found);
    for command in
        ["demo", "import members", "import pysynthea", "log roll", "notice diff", "ledger verify", "restore"]
    {
        assert!(found.contains(&format!("$ moretus {command} --help\n")), "{command} is not listed");
    }
    assert_eq!(found, include_str!("../help.golden"), "tests/help.golden differs; found:\n{found}");
}
