//! `moretus estimate`: what a treatment would cost, and why. On files it is the engine of `moretus adjudicate`, told in words, and
//! opens no site and no database; of somebody of a site it is what would be decided today under their cover, as whoever a token
//! belongs to. It writes nothing but the entry on the record.

use std::path::{Path, PathBuf};

use benefits::{ClaimEstimate, Estimate, LineEstimate, Shares, estimate_file};
use clap::Args;
use domain::{Currency, Language, SubjectId, WorkItemId};
use gate::Target;
use serde_json::{Value, json};

use super::adjudicate::decided_by;
use crate::output::{print, say};
use crate::report::{Error, amount};
use crate::site::SiteArguments;
use crate::treatment::{self, Unread};

/// Say what a treatment would cost, and why.
#[derive(Args)]
#[command(
    name = "estimate",
    after_help = "Examples:\n  moretus estimate --plan plans/worldwide-plus.toml --claims docs/examples/claims.json\n  moretus estimate --plan plans/worldwide-plus.toml --claims docs/examples/claims.json --language nl\n  moretus estimate --plan plan.toml --claims - --json < claims.json\n  moretus estimate --person 00000000-0000-0000-0000-000000000001 --treatment docs/examples/treatment.json \\\n    --data moretus-data --portfolio officina --token-file staff.token --item 00000000-0000-0000-0000-000000000002\n\nThe claims are written as for `moretus adjudicate` (docs/adjudicate.md); those of one member count in their order, so\nthat what was claimed before stands first. A treatment of a person is written as docs/api.md says, and what was counted of\nthem is their site's: that somebody asked is on the record first. Nothing else is kept."
)]
pub(crate) struct EstimateCommand {
    /// The plan.
    #[arg(long, value_name = "PLAN.toml", required_unless_present = "person", requires = "claims")]
    plan: Option<PathBuf>,
    /// The claims with their coverage facts; `-` is standard input.
    #[arg(long, value_name = "CLAIMS.json", requires = "plan")]
    claims: Option<PathBuf>,
    /// Who would be treated: somebody of a site.
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["plan", "claims"],
        requires_all = ["treatment", "portfolio", "token_file"]
    )]
    person: Option<SubjectId>,
    /// Their treatment; `-` is standard input.
    #[arg(long, value_name = "TREATMENT.json", requires = "person")]
    treatment: Option<PathBuf>,
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio that they are in, by its name or id.
    #[arg(long, value_name = "NAME", requires = "person")]
    portfolio: Option<String>,
    /// The file that holds the token of whoever asks; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "person")]
    token_file: Option<PathBuf>,
    /// The task that it serves, which must be about them.
    #[arg(long, value_name = "ID", requires = "person")]
    item: Option<WorkItemId>,
    /// The language: en, nl, fr or de.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: Language,
    /// Print the estimate as JSON.
    #[arg(long)]
    json: bool,
}

impl EstimateCommand {
    pub(crate) async fn run(self) -> Result<(), Error> {
        match (&self.plan, &self.claims, self.person) {
            (Some(plan), Some(claims), _) => self.of_files(plan, claims),
            (_, _, Some(person)) => self.of_person(person).await,
            _ => Err("name a plan and claims, or a person".into()),
        }
    }

    fn of_files(&self, plan: &Path, claims: &Path) -> Result<(), Error> {
        let estimate = decided_by(plan, claims, |plan_name, plan, claims| {
            estimate_file(plan_name, plan, claims, self.language)
        })?;
        match self.json {
            true => say!("{:#}", to_json(&estimate, self.language)),
            false => print(format_args!("{}", estimate.text(self.language))),
        }
        Ok(())
    }

    async fn of_person(&self, person: SubjectId) -> Result<(), Error> {
        let (treatment, token, portfolio) = (&self.treatment, &self.token_file, &self.portfolio);
        let (Some(file), Some(token), Some(portfolio)) = (treatment, token, portfolio) else {
            return Err("name the treatment, the portfolio and the token of whoever asks".into());
        };
        if crate::files::is_standard(file) && crate::files::is_standard(token) {
            return Err(
                "standard input can be the treatment or the token, not both: name a file for one".into()
            );
        }
        let treatment =
            treatment::read(&crate::files::read_text(file)?).map_err(|unread| wrong(file, unread))?;
        let token = crate::files::read_text(token)?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(portfolio).await?.portfolio;
        let actor = site.app.gate.authenticate(token.trim()).await?;
        let (target, request) = (Target { subject: person, item: self.item }, site.app.gate.request());
        let (app, language) = (&site.app, self.language);
        let told =
            service::estimate_for(app, &actor, portfolio, target, &treatment, language, request).await?;
        if self.json {
            let value: Value = serde_json::from_str(&portal::estimate_json(person, &told, language))?;
            say!("{value:#}");
        } else {
            say!("{} ({})", told.plan_name, told.plan);
            print(format_args!("{}", told.estimate.text(language)));
        }
        site.close().await
    }
}

/// Where a treatment cannot be used, and what would do.
fn wrong(file: &Path, unread: Unread) -> Error {
    let problem = match unread {
        Unread::Shape => "not a JSON object with the fields that docs/api.md lists".to_owned(),
        Unread::Field(field, error) => format!("`{field}`: {error}"),
        Unread::Rule(field, problem) => format!("`{field}`: {problem}"),
    };
    format!("{}: {problem}", crate::files::name(file)).into()
}

fn to_json(estimate: &Estimate, language: Language) -> Value {
    json!({
        "plan": estimate.plan,
        "name": estimate.plan_name,
        "language": language.word(),
        "claims": estimate.claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

fn claim(of_file: &ClaimEstimate) -> Value {
    let claim = &of_file.treatment;
    let left = claim.left.iter().map(|left| json!({ "name": left.name, "left": left.left, "of": left.of }));
    json!({
        "claim": of_file.claim,
        "member": of_file.member,
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
