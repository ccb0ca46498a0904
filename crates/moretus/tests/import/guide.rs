//! The first commands of docs/import.md, run as they stand there.

use std::process::Command;

use crate::site::repository;

/// The commands of the guide's first block: lines that end in a backslash go on.
fn commands() -> Vec<String> {
    let guide = std::fs::read_to_string(repository().join("docs/import.md")).unwrap();
    let block = guide.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    block.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

#[test]
fn the_guide_works_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["docs", "notices", "plans"] {
        let target = std::fs::canonicalize(repository().join(name)).unwrap();
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    }
    let commands = commands();
    assert!(commands.len() >= 7, "{commands:?}");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_moretus")).parent().unwrap();
    for command in commands {
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", path)
            .env_remove("MORETUS_DATA")
            .env_remove("MORETUS_DB")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{command}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        if command.contains(" claims ") || command.contains(" fhir ") {
            assert!(said.contains("adjudicated"), "{command}\n{said}");
        }
    }
}
