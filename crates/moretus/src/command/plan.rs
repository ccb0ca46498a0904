//! `moretus plan`: what can be said of a plan from its file alone (whether it can be used, what members have
//! under it and pay for it, what a newer version changes for them), without a site.

mod check;
mod compare;
mod premium;
mod show;

use std::path::Path;

use benefits::Plan;
use clap::{Args, Subcommand};
use domain::Currency;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde_json::{Value, json};

use crate::report::Error;

/// Benefit plans in files.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus plan check plans/*.toml\n  moretus plan show plans/worldwide-modules.toml --currency EUR\n  moretus plan show plans/national-top-up.toml --language fr\n  moretus plan compare plans/worldwide-plus.toml worldwide-plus-2027.toml --language nl\n  moretus plan premium plans/international-organisation.toml --age 44 --salary 84000\n\ndocs/plans.md says how a plan is written."
)]
pub(crate) struct PlanFiles {
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Subcommand)]
enum PlanCommand {
    /// Whether plan files can be used: what is wrong, where, and what to write instead.
    Check(check::Check),
    /// The table of benefits of a plan, as a member reads it, in one of four languages.
    Show(show::Show),
    /// What a newer version changes for members, limit by limit, in words with amounts.
    Compare(compare::Compare),
    /// What membership costs persons of some ages, and who pays it at a salary.
    Premium(premium::Premium),
}

impl PlanFiles {
    pub(crate) fn run(self) -> Result<(), Error> {
        match self.command {
            PlanCommand::Check(command) => command.run(),
            PlanCommand::Show(command) => command.run(),
            PlanCommand::Compare(command) => command.run(),
            PlanCommand::Premium(command) => command.run(),
        }
    }
}

/// Reads a plan that must be sound. What is wrong shows with its place in the file.
fn read(path: &Path) -> Result<Plan, Error> {
    let text = crate::files::read_text(path)?;
    let name = crate::files::name(path);
    Plan::parse(&name, &text).map_err(|error| shown(&error, &text).into())
}

/// "1 plan file", "2 plan files".
fn files(number: usize) -> String {
    format!("{number} plan file{}", if number == 1 { "" } else { "s" })
}

/// Refuses a column that the plan does not have.
fn must_have(plan: &Plan, currency: Option<Currency>) -> Result<(), Error> {
    let Some(currency) = currency.filter(|wanted| !plan.currencies().contains(wanted)) else { return Ok(()) };
    let known: Vec<&str> = plan.currencies().iter().map(|known| known.code()).collect();
    Err(format!("`{}` has no amounts in `{currency}`: use one of {}", plan.label(), known.join(", ")).into())
}

/// A plan as JSON names it.
fn named(plan: &Plan) -> Value {
    json!({
        "id": plan.id(),
        "version": plan.version(),
        "name": plan.name(),
        "effective": plan.effective().to_string(),
    })
}

/// An error with the line that it is about, for a terminal.
fn shown(error: &benefits::PlanError, text: &str) -> String {
    let theme = match crate::report::wants_colours_on_errors() {
        true => GraphicalTheme::unicode(),
        false => GraphicalTheme::unicode_nocolor(),
    };
    let excerpt = Excerpt { error, source: NamedSource::new(&error.file, text.to_owned()) };
    let mut written = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_wrap_lines(false).with_context_lines(1);
    // Without room for the excerpt the error itself says where it is.
    match handler.render_report(&mut written, &excerpt) {
        Ok(()) => format!("{error}\n{}", excerpt_only(&written)),
        Err(_) => error.to_string(),
    }
}

/// The excerpt below the heading, which repeats the error.
fn excerpt_only(report: &str) -> &str {
    let from = report.find('╭').and_then(|at| report.get(..at)?.rfind('\n')).map_or(0, |at| at + 1);
    report.get(from..).unwrap_or_default().trim_end()
}

/// A fault in the text of a plan, with its place marked.
struct Excerpt<'a> {
    error: &'a benefits::PlanError,
    source: NamedSource<String>,
}

impl std::fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.error.problem)
    }
}

impl std::fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Excerpt<'_> {}

impl Diagnostic for Excerpt<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = &self.error.span;
        // A whole table is marked at its head alone: its lines say nothing more.
        let marked = self.source.inner().get(span.clone()).unwrap_or_default();
        let length = marked.find('\n').unwrap_or(marked.len());
        let label = LabeledSpan::new(Some("here".to_owned()), span.start, length);
        Some(Box::new(std::iter::once(label)))
    }
}
