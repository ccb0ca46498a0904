//! `moretus plan check`.

use std::path::{Path, PathBuf};

use benefits::{Plan, PlanError};
use clap::Args;
use serde_json::{Value, json};

use crate::output::{note, say};
use crate::report::Error;

/// Check plan files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus plan check plans/*.toml\n  moretus plan check new.toml --json\n  moretus plan check - < new.toml\n\nEvery file is read; each of its faults is told, as FILE:LINE:COLUMN: what is wrong, and what to write instead; twenty of\na file at most, and the first alone of one that is no TOML.\nTwo files may hold two versions of one plan, not the same version, nor two that apply from the same day.\nExit codes: 0 all can be used; 1 one cannot."
)]
pub(crate) struct Check {
    /// The plan files; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Print what was found as JSON.
    #[arg(long)]
    json: bool,
}

/// What is wrong with a file.
struct Fault {
    file: String,
    /// Line and column, where the text could be read.
    place: Option<(usize, usize)>,
    problem: String,
    /// For people: the same, with the line that it is about.
    shown: String,
}

impl Fault {
    /// That it cannot be read; the problem names it.
    fn unreadable(file: &str, problem: String) -> Self {
        Self { file: file.to_owned(), place: None, shown: problem.clone(), problem }
    }

    /// That it does not go with the others.
    fn beside(file: &str, problem: String) -> Self {
        Self { file: file.to_owned(), place: None, shown: format!("{file}: {problem}"), problem }
    }
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Error> {
        if self.files.iter().filter(|path| crate::files::is_standard(path)).count() > 1 {
            return Err("standard input can be one plan, not two: name files for the others".into());
        }
        let mut sound: Vec<(String, Plan)> = Vec::new();
        let mut faults = Vec::new();
        let mut unusable = 0;
        for path in &self.files {
            let file = crate::files::name(path);
            match read(path, &file).and_then(|plan| fits_beside(&sound, &file, plan)) {
                Ok(plan) => sound.push((file, plan)),
                Err(found) => {
                    unusable += 1;
                    faults.extend(found);
                }
            }
        }
        match self.json {
            true => say!("{:#}", to_json(&sound, &faults)),
            false => tell(&sound, &faults),
        }
        match unusable {
            0 => Ok(()),
            some => Err(format!("{some} of {} cannot be used", super::files(self.files.len())).into()),
        }
    }
}

fn read(path: &Path, file: &str) -> Result<Plan, Vec<Fault>> {
    let text =
        crate::files::read_text(path).map_err(|error| vec![Fault::unreadable(file, error.to_string())])?;
    let fault = |error: PlanError| Fault {
        file: file.to_owned(),
        place: Some((error.line, error.column)),
        shown: super::shown(&error, &text),
        problem: error.problem,
    };
    Plan::read(file, &text).map_err(|errors| errors.into_iter().map(fault).collect())
}

/// A site takes each version of a plan once, and must be able to tell which one applies on a day.
fn fits_beside(others: &[(String, Plan)], file: &str, plan: Plan) -> Result<Plan, Vec<Fault>> {
    for (other, known) in others.iter().filter(|(_, known)| known.id() == plan.id()) {
        if known.version() == plan.version() {
            let problem =
                format!("`{}` is in `{other}` already: give each version of a plan its own", plan.label());
            return Err(vec![Fault::beside(file, problem)]);
        }
        if known.effective() == plan.effective() {
            let problem = format!(
                "`{}` applies from {}, as `{}` in `{other}` does: give each version a day of its own",
                plan.label(),
                plan.effective(),
                known.label()
            );
            return Err(vec![Fault::beside(file, problem)]);
        }
    }
    Ok(plan)
}

fn tell(sound: &[(String, Plan)], faults: &[Fault]) {
    for (file, plan) in sound {
        let (label, name, from) = (plan.label(), plan.name(), plan.effective());
        say!("{file}: {label}, {name}, from {from}: can be used");
    }
    for fault in faults {
        note!("{}", fault.shown);
    }
}

fn to_json(sound: &[(String, Plan)], faults: &[Fault]) -> Value {
    let plan = |(file, plan): &(String, Plan)| json!({ "file": file, "plan": super::named(plan) });
    let fault = |fault: &Fault| {
        json!({
            "file": fault.file,
            "line": fault.place.map(|(line, _)| line),
            "column": fault.place.map(|(_, column)| column),
            "problem": fault.problem,
        })
    };
    json!({
        "plans": sound.iter().map(plan).collect::<Vec<_>>(),
        "faults": faults.iter().map(fault).collect::<Vec<_>>(),
    })
}
