//! `moretus plan compare`.

use std::path::PathBuf;

use benefits::{Change, Comparison, Difference, Plan, Presence, Wanted, compare};
use clap::Args;
use domain::{Currency, Language, figures};
use serde_json::{Value, json};

use crate::output::{note, print, say};
use crate::report::Error;

/// Compare two versions of a plan.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus plan compare worldwide-2026.toml worldwide-2027.toml\n  moretus plan compare worldwide-2026.toml worldwide-2027.toml --language de --currency EUR\n  moretus plan compare worldwide-2026.toml worldwide-2027.toml --json\n\nBenefits are paired by their id, limits by the number of their accumulator.\nExit codes: 0 they were compared, whether or not something changes; 1 one of them cannot be used."
)]
pub(crate) struct Compare {
    /// The older version; `-` is standard input.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer version.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: Language,
    /// Only the amounts in this currency.
    #[arg(long)]
    currency: Option<Currency>,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(crate) fn run(self) -> Result<(), Error> {
        if crate::files::is_standard(&self.old) && crate::files::is_standard(&self.new) {
            return Err("standard input can be one plan, not two: name a file for the other".into());
        }
        let (old, new) = (super::read(&self.old)?, super::read(&self.new)?);
        super::must_have(&old, self.currency)?;
        super::must_have(&new, self.currency)?;
        let wanted = Wanted { language: self.language, currency: self.currency, details: true };
        let comparison = compare(&old, &new, &wanted);
        remark(&old, &new, &comparison);
        if self.json {
            say!("{:#}", to_json(&old, &new, &comparison));
            return Ok(());
        }
        for (mark, plan) in [("-", &old), ("+", &new)] {
            let from = figures::long_date(plan.effective(), self.language);
            say!("{mark} {} ({}), {from}", plan.name(), plan.label());
        }
        say!("");
        print(format_args!("{}", comparison.text(self.language)));
        Ok(())
    }
}

/// What would keep the newer one from taking the place of the older one.
fn remark(old: &Plan, new: &Plan, comparison: &Comparison) {
    if old.id() != new.id() {
        note!("these are two plans, `{}` and `{}`, not two versions of one", old.id(), new.id());
        return;
    }
    if old.version() == new.version() && (comparison.is_unsaid || !comparison.sections.is_empty()) {
        note!(
            "both are `{}`: a plan in force never changes, so give the newer one a `version` of its own",
            new.label()
        );
    }
    if new.effective() < old.effective() {
        note!("the newer one applies from {}, before the older one: is the order right?", new.effective());
    }
}

fn to_json(old: &Plan, new: &Plan, comparison: &Comparison) -> Value {
    json!({
        "from": super::named(old),
        "to": super::named(new),
        "unsaid": comparison.is_unsaid,
        "sections": comparison.sections.iter().map(section).collect::<Vec<_>>(),
    })
}

fn section(section: &Difference) -> Value {
    let standing = match section.presence {
        Presence::Both => "changed",
        Presence::New => "new",
        Presence::Gone => "gone",
    };
    let change =
        |change: &Change| json!({ "about": change.about, "before": change.before, "after": change.after });
    json!({
        "id": section.id,
        "name": section.name,
        "standing": standing,
        "changes": section.changes.iter().map(change).collect::<Vec<_>>(),
    })
}
