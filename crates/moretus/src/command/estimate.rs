//! `moretus estimate`: what a treatment would cost, on files. It is the engine of `moretus adjudicate`, told in
//! words; it opens no site and no database, and writes nothing.

use benefits::{ClaimEstimate, Estimate, LineEstimate, Shares, estimate_file};
use clap::Args;
use domain::{Currency, Language};
use serde_json::{Value, json};

use super::adjudicate::Files;
use crate::output::{print, say};
use crate::report::{Error, amount};

/// Say what a treatment would cost, and why.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus estimate --plan plans/worldwide-plus.toml --claims docs/examples/claims.json\n  moretus estimate --plan plans/worldwide-plus.toml --claims docs/examples/claims.json --language nl\n  moretus estimate --plan plan.toml --claims - --json < claims.json\n\nThe claims are written as for `moretus adjudicate` (docs/adjudicate.md); those of one member count in their order, so\nthat what was claimed before stands first. Nothing is kept."
)]
pub(crate) struct EstimateFiles {
    #[command(flatten)]
    files: Files,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: Language,
    /// Print the estimate as JSON.
    #[arg(long)]
    json: bool,
}

impl EstimateFiles {
    pub(crate) fn run(self) -> Result<(), Error> {
        let estimate = self
            .files
            .read(|plan_name, plan, claims| estimate_file(plan_name, plan, claims, self.language))?;
        match self.json {
            true => say!("{:#}", to_json(&estimate, self.language)),
            false => print(format_args!("{}", estimate.text(self.language))),
        }
        Ok(())
    }
}

fn to_json(estimate: &Estimate, language: Language) -> Value {
    json!({
        "plan": estimate.plan,
        "name": estimate.plan_name,
        "language": language.word(),
        "claims": estimate.claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

fn claim(claim: &ClaimEstimate) -> Value {
    let left = claim.left.iter().map(|left| json!({ "name": left.name, "left": left.left, "of": left.of }));
    json!({
        "claim": claim.claim,
        "member": claim.member,
        "outcome": claim.outcome.word(),
        "currency": claim.currency.code(),
        "total": shares(claim.total, claim.currency),
        "lines": claim.lines.iter().map(|one| line(one, claim.currency)).collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
    })
}

fn line(line: &LineEstimate, currency: Currency) -> Value {
    let steps = line.steps.iter().map(|step| {
        json!({
            "step": step.step.word(),
            "text": step.text,
            "change": amount(step.change.into(), currency),
        })
    });
    json!({
        "number": line.number,
        "day": line.day.to_string(),
        "benefit": line.benefit,
        "outcome": line.outcome.word(),
        "shares": shares(line.shares, currency),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn shares(shares: Shares, currency: Currency) -> Value {
    let decimal = |minor: i64| amount(minor.into(), currency);
    json!({
        "charged": decimal(shares.charged),
        "plan": decimal(shares.plan),
        "member": decimal(shares.member),
        "other_payer": decimal(shares.other_payer),
        "write_off": decimal(shares.write_off),
    })
}
