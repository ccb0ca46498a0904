//! Statements of benefits as papers: in the words of the plan that decided, of the organisation as the notice names it, each a PDF of
//! its own. It prints what the statement job's grant has shown; what is shown to whom it does not decide.

use std::collections::BTreeMap;
use std::path::Path;

use benefits::{Plan, explain_step};
use documents::{
    AccumulatorUse, Appeal, DecidedBy, Exchange, Issuer, NoticeReference, Renderer, SettlementKind,
    SettlementLine, Statement, StatementLine, StatementPayment, StatementStep,
};
use domain::{
    ClaimLine, Currency, Date, Language, LineDetermination, LineExchange, Movement, MovementKind, Trace,
};
use rust_decimal::Decimal;
use service::{App, StatementFor};
use store::reference::PortfolioRow;

use crate::report::Error;

/// What the statements of a portfolio have in common.
pub(in crate::command) struct Statements<'a> {
    app: &'a App,
    renderer: Renderer,
    portfolio: String,
    issuer: Issuer,
    appeals_to: String,
    notice: NoticeReference,
}

impl<'a> Statements<'a> {
    /// Of a portfolio whose pages are at this address: who writes them is the organisation that its notice names.
    pub(in crate::command) fn new(
        app: &'a App,
        portfolio: &PortfolioRow,
        address: &str,
    ) -> Result<Self, Error> {
        let (_, notice) = app.gate.notice(portfolio.portfolio)?;
        let value = |key: &str| notice.organisation(key).map(str::to_owned);
        let contact: Vec<String> = ["address", "telephone", "email"].into_iter().filter_map(value).collect();
        let issuer = Issuer { name: value("name").unwrap_or_else(|| portfolio.name.clone()), contact };
        Ok(Self {
            app,
            renderer: Renderer::new()?,
            portfolio: portfolio.name.clone(),
            appeals_to: value("email").or_else(|| value("address")).unwrap_or_else(|| issuer.name.clone()),
            issuer,
            notice: NoticeReference {
                version: notice.version().to_owned(),
                clause: "use.statement".to_owned(),
                address: format!("{address}/notice/{}", portfolio.portfolio),
            },
        })
    }

    /// Puts a statement into a file of its own, durable, unless that is there: then it stays as it is. Answers whether it was put
    /// there; none where it cannot be put on paper: without a cover or a provider to name, or of sums that do not come out.
    pub(in crate::command) fn write(
        &self,
        path: &Path,
        statement: &StatementFor,
        language: Language,
    ) -> Result<Option<bool>, Error> {
        let Some(paper) = self.paper(statement, language)? else { return Ok(None) };
        match self.renderer.statement(&paper) {
            Ok(pdf) => Ok(Some(crate::files::write_new(path, &pdf)?)),
            Err(error) => {
                tracing::warn!(claim = %statement.claim_id, %error, "a claim stays without its statement: it cannot be set");
                Ok(None)
            }
        }
    }

    /// What a statement's paper says, from what the grant showed. None without a cover to name.
    pub(in crate::command) fn paper(
        &self,
        statement: &StatementFor,
        language: Language,
    ) -> Result<Option<Statement>, Error> {
        let (Some(cover), Some(provider)) = (&statement.cover, &statement.provider) else { return Ok(None) };
        let today = self.app.today()?;
        // The version that decided: numbers of benefits and accumulators are its own.
        let version = &statement.determination.plan_version;
        let plan = self.app.plans.all().into_values().find(|plan| plan.label() == version.reveal());
        let lines = lines(plan.as_deref(), statement, language);
        let policy_start = statement.policy_start.unwrap_or(cover.start);
        let counted_in = (statement.determination.currency, &statement.determination.traces[..]);
        Ok(Some(Statement {
            language,
            issuer: self.issuer.clone(),
            portfolio: self.portfolio.clone(),
            member: statement.person.name.clone(),
            member_number: statement.person.member_number.clone(),
            policy_number: cover.policy_number.clone(),
            plan_name: cover.plan_name.reveal().to_owned(),
            claim_reference: statement.claim_id.to_string().chars().take(8).collect(),
            statement_date: today,
            received: statement.claim.received,
            provider: provider.clone(),
            payee: statement.claim.payee,
            currency: statement.determination.currency,
            exchange: exchange(&statement.determination.exchanges),
            lines,
            accumulators: plan
                .map(|plan| counted(&plan, policy_start, &statement.claim.lines, counted_in))
                .unwrap_or_default(),
            payment: statement.payment.as_ref().map(|(id, payment)| StatementPayment {
                amount: payment.amount,
                account: payment.account.clone(),
                date: payment.execution,
                // As the bank is told.
                reference: id.to_string(),
            }),
            settlement: settlement(statement),
            decided_by: if statement.is_confirmed { DecidedBy::Person } else { DecidedBy::PlanRules },
            appeal: Appeal {
                until: today.plus_months(6).unwrap_or(today),
                to: self.appeals_to.clone(),
                outside_body: None,
            },
            notice: self.notice.clone(),
        }))
    }
}

/// What was settled on the claim so far.
fn settlement(statement: &StatementFor) -> Vec<SettlementLine> {
    let reference = |claim: &domain::ClaimId| claim.to_string().chars().take(8).collect();
    let line = |one: &Movement| SettlementLine {
        day: one.day,
        amount: one.amount,
        kind: match &one.kind {
            MovementKind::Owed => SettlementKind::Owed,
            MovementKind::Paid(_) => SettlementKind::Paid,
            MovementKind::SetOff(claim) => SettlementKind::KeptBack { claim_reference: reference(claim) },
            MovementKind::Recovered(claim) => SettlementKind::PaidBack { claim_reference: reference(claim) },
            MovementKind::WrittenOff(_) => SettlementKind::GivenUp,
            MovementKind::Reinstated => SettlementKind::Reinstated,
        },
    };
    statement.settlement.iter().flat_map(|one| &one.movements).map(line).collect()
}

/// At which rate the claim was exchanged; none where its lines were at several, which the amounts of each tell.
fn exchange(exchanges: &[LineExchange]) -> Option<Exchange> {
    let (first, others) = exchanges.split_first()?;
    let is_same = |other: &LineExchange| (other.date, &other.rate) == (first.date, &first.rate);
    // Units of both currencies for one euro, the claim's over the cover's.
    let (claim, cover) = first.rate.split_once(" / ")?;
    let rate = cover.parse::<Decimal>().ok()?.checked_div(claim.parse().ok()?)?.round_dp(6);
    let exchange = Exchange { charged_in: first.currency, rate, date: first.date };
    others.iter().all(is_same).then_some(exchange)
}

/// The claim's lines, with what became of them.
fn lines(plan: Option<&Plan>, statement: &StatementFor, language: Language) -> Vec<StatementLine> {
    let determination = &statement.determination;
    let line = |amounts: &LineDetermination| {
        let line = statement.claim.lines.iter().find(|line| line.number == amounts.number)?;
        let benefit = determination.benefits.iter().find(|benefit| benefit.line == amounts.number);
        let name = benefit.and_then(|benefit| plan?.benefit_name(benefit.benefit));
        Some(StatementLine {
            service_start: line.service_start,
            service_end: line.service_end,
            description: name.unwrap_or("-").to_owned(),
            amounts: amounts.clone(),
            steps: plan.map(|plan| steps(plan, statement, amounts.number, language)).unwrap_or_default(),
        })
    };
    determination.lines.iter().filter_map(line).collect()
}

/// The steps that changed what the plan pays of a line. Balances are left to the table of them, which says of which period.
fn steps(plan: &Plan, statement: &StatementFor, line: u32, language: Language) -> Vec<StatementStep> {
    let traces = statement.determination.traces.iter().filter(|trace| trace.line == line);
    let step = |trace: &Trace| StatementStep {
        text: explain_step(plan, trace, language),
        change: trace.output - trace.input,
    };
    traces.filter(|trace| trace.input != trace.output).map(step).collect()
}

/// The accumulators that the decision looked at, with the balances before and after the claim: also those that were used up before. Not
/// what counts for the family together: in a family of two its balance is what the other one's care came to.
fn counted(
    plan: &Plan,
    policy_start: Date,
    lines: &[ClaimLine],
    (currency, traces): (Currency, &[Trace]),
) -> Vec<AccumulatorUse> {
    let mut uses: BTreeMap<(u16, Date), AccumulatorUse> = BTreeMap::new();
    for trace in traces {
        // Statements have columns for money; a count of visits or days would read as cents there.
        let is_told = |step: &domain::AccumulatorStep| {
            plan.accumulator_is_money(step.accumulator) && !plan.accumulator_is_shared(step.accumulator)
        };
        let Some(step) = trace.accumulator.filter(is_told) else { continue };
        let line = lines.iter().find(|line| line.number == trace.line);
        let (Some(line), Some(name), Some(period)) =
            (line, plan.accumulator_name(step.accumulator), plan.accumulator_period(step.accumulator))
        else {
            continue;
        };
        let start = period.start(policy_start, line.service_start);
        let row = uses.entry((step.accumulator, start)).or_insert_with(|| AccumulatorUse {
            name: name.to_owned(),
            period_start: start,
            period_end: period.end(policy_start, start),
            used_before: step.before,
            used_after: step.after,
            limit: plan.accumulator_limit(step.accumulator, currency),
        });
        row.used_after = step.after;
    }
    uses.into_values().collect()
}

#[cfg(test)]
mod tests {
    use domain::{AccumulatorStep, Money, Step};

    use super::*;

    #[test]
    fn a_statement_tells_nobody_what_the_rest_of_the_family_used() {
        let text = r#"id = "p"
version = "1"
name = "P"
effective = 2020-01-01
currencies = ["EUR"]
[[limit]]
id = "own"
accumulator = 1
name = "Own"
period = "policy-year"
amount = { EUR = "100" }
applies_to = "plan"
[[limit]]
id = "family"
accumulator = 2
name = "Family"
period = "policy-year"
amount = { EUR = "150" }
family = true
applies_to = "plan"
[[benefit]]
id = "doctor"
name = "Doctor"
module = "core"
codes = ["GP"]
"#;
        let plan = Plan::parse("p.toml", text).unwrap_or_else(|error| panic!("{error}"));
        let day = |text: &str| text.parse::<Date>().unwrap();
        let line = ClaimLine {
            number: 1,
            service_start: day("2026-06-15"),
            service_end: day("2026-06-15"),
            units: 1,
            charge: Money::new(5_000, Currency::EUR).unwrap(),
        };
        let trace = |accumulator, before| Trace {
            line: 1,
            step: Step::MoneyLimit,
            rule: 0,
            input: 5_000,
            output: 5_000,
            accumulator: Some(AccumulatorStep { accumulator, before, after: before + 5_000 }),
        };
        let told =
            counted(&plan, day("2025-09-01"), &[line], (Currency::EUR, &[trace(1, 1_000), trace(2, 9_000)]));
        let told: Vec<_> = told.iter().map(|one| (&*one.name, one.period_start, one.used_before)).collect();
        assert_eq!(told, [("Own", day("2025-09-01"), 1_000)]);
    }
}
