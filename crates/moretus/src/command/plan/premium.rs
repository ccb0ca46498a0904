//! `moretus plan premium`: what persons of some ages pay under a plan, and who pays it. It knows nobody and bills nobody.

use std::path::PathBuf;

use benefits::{Plan, PremiumPart, PremiumShares, Quote, Section, Wanted, table};
use clap::Args;
use domain::{Currency, Language, Money};
use serde_json::{Value, json};

use crate::output::say;
use crate::report::{Error, amount};

/// Say what membership costs, and who pays it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus plan premium plans/international-organisation.toml --age 44 --age 41 --age 9 --salary 84000\n  moretus plan premium plans/international-organisation.toml --age 44\n  moretus plan premium plans/village-scheme.toml --age 36 --age 35 --age 8 --age 6 --age 1 --json\n\nAges are those on the first day of the cover. The salary is the member's yearly reference salary, in the currency of the\namounts; where who pays depends on it and it is left out, the subsidies are listed. docs/plans.md says how they are written."
)]
pub(crate) struct Premium {
    /// The plan; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The age of a person who is enrolled; once for each.
    #[arg(long = "age", value_name = "YEARS", required = true, value_parser = clap::value_parser!(i32).range(0..=130))]
    ages: Vec<i32>,
    /// The member's yearly reference salary, like 84000 or 84000.50.
    #[arg(long, value_name = "AMOUNT")]
    salary: Option<String>,
    /// The currency of the amounts: the plan's first one where it is left out.
    #[arg(long)]
    currency: Option<Currency>,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

impl Premium {
    pub(crate) fn run(self) -> Result<(), Error> {
        let plan = super::read(&self.file)?;
        super::must_have(&plan, self.currency)?;
        let currency = self.currency.or_else(|| plan.currencies().first().copied());
        let currency = currency.ok_or("the plan has no currency")?;
        let salary = self.salary.as_deref().map(|text| salary(text, currency)).transpose()?;
        let quote = plan.quote(&self.ages, salary, currency)?;
        let quote = quote.ok_or_else(|| format!("`{}` says nothing of a premium", plan.label()))?;
        let page = Page { plan: &plan, quote: &quote, salary, currency };
        match self.json {
            true => say!("{:#}", page.to_json()),
            false => page.tell(),
        }
        Ok(())
    }
}

/// A yearly salary in minor units.
fn salary(text: &str, currency: Currency) -> Result<i64, Error> {
    let salary = Money::parse(text, currency).map_err(|error| format!("--salary: {error}"))?;
    if salary.minor() < 0 { Err("--salary: below zero".into()) } else { Ok(salary.minor()) }
}

struct Page<'a> {
    plan: &'a Plan,
    quote: &'a Quote,
    salary: Option<i64>,
    currency: Currency,
}

impl Page<'_> {
    fn tell(&self) {
        let months = self.quote.months;
        let span = if months == 1 { "a month".to_owned() } else { format!("{months} months") };
        say!("{} ({}), {span}", self.plan.name(), self.plan.label());
        for (part, minor) in &self.quote.parts {
            self.row(&words(*part), *minor);
        }
        self.row("= premium", self.quote.premium);
        match &self.quote.shares {
            Ok(PremiumShares { member, employer }) => {
                self.row("the employer pays", *employer);
                self.row("the member pays", *member);
            }
            Err(error) => {
                say!("{error} with --salary");
                self.subsidies().iter().for_each(|text| say!("  {text}"));
            }
        }
    }

    fn row(&self, label: &str, minor: i64) {
        say!("  {label:40} {:>14} {}", amount(minor.into(), self.currency), self.currency);
    }

    /// The plan's subsidies in its own words.
    fn subsidies(&self) -> Vec<String> {
        let wanted = Wanted { language: Language::English, currency: Some(self.currency), details: false };
        let premium = |section: &Section| section.id == "premium";
        let says = table(self.plan, &wanted).into_iter().find(premium).map(|section| section.says);
        let says = says.unwrap_or_default().into_iter();
        says.filter(|one| one.about.starts_with("subsidy/")).map(|one| one.text).collect()
    }

    fn to_json(&self) -> Value {
        let decimal = |minor: i64| amount(minor.into(), self.currency);
        let part =
            |(part, minor): &(PremiumPart, i64)| json!({ "for": words(*part), "amount": decimal(*minor) });
        let shares = self.quote.shares.as_ref().ok();
        json!({
            "plan": super::named(self.plan),
            "currency": self.currency.code(),
            "months": self.quote.months,
            "parts": self.quote.parts.iter().map(part).collect::<Vec<_>>(),
            "premium": decimal(self.quote.premium),
            "salary": self.salary.map(decimal),
            "employer": shares.map(|shares| decimal(shares.employer)),
            "member": shares.map(|shares| decimal(shares.member)),
            "subsidies": self.subsidies(),
        })
    }
}

fn words(part: PremiumPart) -> String {
    match part {
        PremiumPart::LumpSum(persons) => format!("up to {persons} persons together"),
        PremiumPart::Person(age) => format!("a person of {age}"),
        PremiumPart::PersonFee(1) => "fee for one person".to_owned(),
        PremiumPart::PersonFee(persons) => format!("fee for {persons} persons"),
        PremiumPart::PolicyFee => "fee".to_owned(),
    }
}
