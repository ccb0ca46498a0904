//! `moretus plan show`.

use std::path::PathBuf;

use benefits::{Plan, Section, Wanted, table};
use clap::Args;
use domain::{Currency, Language};
use serde_json::{Value, json};

use crate::output::say;
use crate::report::Error;

/// Show the table of benefits of a plan.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus plan show plans/worldwide-modules.toml --currency EUR\n  moretus plan show plans/national-top-up.toml --language fr\n  moretus plan show plans/village-scheme.toml --details --json\n\nNames of benefits, limits and modules are the plan's own, in whatever language they were written."
)]
pub(crate) struct Show {
    /// The plan; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: Language,
    /// Only the amounts in this currency, as a member has them.
    #[arg(long)]
    currency: Option<Currency>,
    /// Prices, codes and the order of the rules, too.
    #[arg(long)]
    details: bool,
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self) -> Result<(), Error> {
        let plan = super::read(&self.file)?;
        super::must_have(&plan, self.currency)?;
        let wanted = Wanted { language: self.language, currency: self.currency, details: self.details };
        let sections = table(&plan, &wanted);
        if self.json {
            say!("{:#}", to_json(&plan, &wanted, &sections));
            return Ok(());
        }
        say!("{} ({})", plan.name(), plan.label());
        for section in &sections {
            say!("\n{}", section.name);
            section.says.iter().for_each(|statement| say!("  {}", statement.text));
        }
        Ok(())
    }
}

fn to_json(plan: &Plan, wanted: &Wanted, sections: &[Section]) -> Value {
    let section = |section: &Section| {
        let says = section.says.iter().map(|one| json!({ "about": one.about, "text": one.text }));
        json!({ "id": section.id, "name": section.name, "says": says.collect::<Vec<_>>() })
    };
    json!({
        "plan": super::named(plan),
        "language": wanted.language.word(),
        "currency": wanted.currency.map(|currency| currency.code().to_owned()),
        "sections": sections.iter().map(section).collect::<Vec<_>>(),
    })
}
