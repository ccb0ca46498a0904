//! From a statement to what is printed: sums, figures and dates written out, so that the template
//! only lays out. Nothing here has the words of a language: those stand with the template.

use domain::{Currency, Date, Language, LineDetermination, Money, Payee, Reason};
use serde::Serialize;

use crate::DocumentError;
use crate::engine::{Kind, Renderer};
use crate::figures::{amount, days, long_date, masked, rate, short_date, with_currency};
use crate::settlement::{AccountSheet, accounts, balances, kept_back};
use crate::statement::{
    AccumulatorUse, DecidedBy, Statement, StatementLine, StatementPayment, StatementStep,
};

/// What the template reads as JSON.
#[derive(Serialize)]
pub(crate) struct Sheet {
    language: &'static str,
    made: Made,
    issuer: IssuerSheet,
    portfolio: String,
    statement_date: String,
    received: String,
    member: String,
    member_number: String,
    policy_number: String,
    plan_name: String,
    claim: String,
    provider: String,
    payee: &'static str,
    currency: &'static str,
    exchange: Option<ExchangeSheet>,
    totals: Figures,
    lines: Vec<LineSheet>,
    accumulators: Vec<AccumulatorSheet>,
    payment: Option<PaymentSheet>,
    /// The sentence that stands in for a payment.
    unpaid: &'static str,
    /// What was settled, in each currency by itself, where there is more to it than a payment.
    accounts: Vec<AccountSheet>,
    /// What is owed back, one for each currency.
    owed_back: Vec<String>,
    decided_by: &'static str,
    appeal: AppealSheet,
    notice: NoticeSheet,
}

/// The PDF's creation date.
#[derive(Serialize)]
pub(crate) struct Made {
    year: i16,
    month: i8,
    day: i8,
}

impl Made {
    pub(crate) fn on(date: Date) -> Self {
        Self { year: date.year(), month: date.month(), day: date.day() }
    }
}

#[derive(Serialize)]
struct IssuerSheet {
    name: String,
    contact: Vec<String>,
}

#[derive(Serialize)]
struct ExchangeSheet {
    from: &'static str,
    to: &'static str,
    rate: String,
    date: String,
}

/// A row of amounts and the parts of it that the plan did not pay.
#[derive(Serialize)]
struct Figures {
    submitted: String,
    allowed: String,
    plan: String,
    owes: String,
    parts: Vec<PartSheet>,
}

#[derive(Serialize)]
struct LineSheet {
    number: u32,
    days: String,
    description: String,
    #[serde(flatten)]
    figures: Figures,
    /// Reasons that belong to no part.
    reasons: Vec<&'static str>,
    steps: Vec<StepSheet>,
}

/// A step with the sign of what it changes, and the amount without it.
#[derive(Serialize)]
struct StepSheet {
    sign: &'static str,
    amount: String,
    text: String,
}

#[derive(Serialize)]
struct PartSheet {
    name: &'static str,
    amount: String,
    reasons: Vec<&'static str>,
}

#[derive(Serialize)]
struct AccumulatorSheet {
    name: String,
    start: String,
    end: Option<String>,
    before: String,
    after: String,
    limit: Option<String>,
    left: Option<String>,
}

#[derive(Serialize)]
struct PaymentSheet {
    amount: String,
    account: String,
    date: String,
    reference: String,
}

#[derive(Serialize)]
struct AppealSheet {
    until: String,
    to: String,
    outside_body: Option<String>,
}

#[derive(Serialize)]
struct NoticeSheet {
    version: String,
    clause: String,
    address: String,
}

impl Renderer {
    /// Sets a statement of benefits as a PDF, accessible (PDF/UA-1) and fit to archive (PDF/A-2a).
    /// The same statement gives the same bytes.
    ///
    /// # Errors
    /// A line that does not add up, a sum out of range, or a text that the font cannot print.
    pub fn statement(&self, statement: &Statement) -> Result<Vec<u8>, DocumentError> {
        let sheet = Sheet::of(statement)?;
        sheet.check_printable(|character| self.has(character))?;
        let ident = format!("statement {} {}", statement.claim_reference, statement.statement_date);
        self.pdf(Kind::Statement, &sheet, ident)
    }
}

impl Sheet {
    /// Writes a statement out.
    pub(crate) fn of(statement: &Statement) -> Result<Self, DocumentError> {
        let write = Pen { language: statement.language, currency: statement.currency };
        for line in &statement.lines {
            if line.amounts.parts() != line.amounts.submitted || !steps_add_up(line) {
                return Err(DocumentError::Unbalanced { line: line.amounts.number });
            }
        }
        let totals = total(&statement.lines)?;
        let balances = balances(&statement.settlement)?;
        Ok(Self {
            language: statement.language.word(),
            made: Made::on(statement.statement_date),
            issuer: IssuerSheet {
                name: statement.issuer.name.clone(),
                contact: statement.issuer.contact.clone(),
            },
            portfolio: statement.portfolio.clone(),
            statement_date: write.long(statement.statement_date),
            received: write.long(statement.received),
            member: statement.member.reveal().to_owned(),
            member_number: statement.member_number.reveal().to_owned(),
            policy_number: statement.policy_number.reveal().to_owned(),
            plan_name: statement.plan_name.clone(),
            claim: statement.claim_reference.clone(),
            provider: statement.provider.reveal().to_owned(),
            payee: match statement.payee {
                Payee::Member => "member",
                Payee::Provider => "provider",
            },
            currency: statement.currency.code(),
            exchange: write.exchange(statement),
            unpaid: match (totals.plan, statement.payee) {
                (0, _) => "nothing",
                _ if kept_back(&statement.settlement) => "kept",
                (_, Payee::Provider) => "provider",
                (_, Payee::Member) => "pending",
            },
            totals: write.figures(&totals),
            lines: statement.lines.iter().map(|line| write.line(line)).collect(),
            accumulators: statement.accumulators.iter().map(|row| write.accumulator(row)).collect(),
            payment: statement.payment.as_ref().map(|payment| write.payment(payment)),
            accounts: accounts(&statement.settlement, &balances, statement.language),
            owed_back: balances
                .iter()
                .filter(|(_, minor)| *minor < 0)
                .map(|(currency, minor)| with_currency(-minor, *currency, statement.language))
                .collect(),
            decided_by: match statement.decided_by {
                DecidedBy::PlanRules => "plan-rules",
                DecidedBy::Person => "person",
            },
            appeal: AppealSheet {
                until: write.long(statement.appeal.until),
                to: statement.appeal.to.clone(),
                outside_body: statement.appeal.outside_body.clone(),
            },
            notice: NoticeSheet {
                version: statement.notice.version.clone(),
                clause: statement.notice.clause.clone(),
                address: statement.notice.address.clone(),
            },
        })
    }

    /// Refuses a text with a character that the font lacks, naming the field and not the text.
    pub(crate) fn check_printable(&self, has: impl Fn(char) -> bool) -> Result<(), DocumentError> {
        let mut texts: Vec<(&'static str, &str)> = vec![
            ("the issuer's name", &self.issuer.name),
            ("the portfolio's name", &self.portfolio),
            ("the member's name", &self.member),
            ("the member number", &self.member_number),
            ("the policy number", &self.policy_number),
            ("the plan's name", &self.plan_name),
            ("the claim's reference", &self.claim),
            ("the provider's name", &self.provider),
            ("the place of appeal", &self.appeal.to),
            ("the notice's version", &self.notice.version),
            ("the notice's clause", &self.notice.clause),
            ("the notice's address", &self.notice.address),
        ];
        texts.extend(self.issuer.contact.iter().map(|text| ("the issuer's contact", text.as_str())));
        texts.extend(self.appeal.outside_body.iter().map(|text| ("the outside body", text.as_str())));
        texts.extend(
            self.payment.iter().map(|payment| ("the payment's reference", payment.reference.as_str())),
        );
        let claims = self.accounts.iter().flat_map(AccountSheet::claims);
        texts.extend(claims.map(|claim| ("the other claim's reference", claim)));
        texts.extend(self.accumulators.iter().map(|row| ("the accumulator's name", row.name.as_str())));
        for line in &self.lines {
            texts.push(("the service's description", &line.description));
            texts.extend(line.steps.iter().map(|step| ("the line's step", step.text.as_str())));
        }
        match texts.iter().find(|(_, text)| !text.chars().all(&has)) {
            Some((field, _)) => Err(DocumentError::Unprintable { field }),
            None => Ok(()),
        }
    }
}

/// How one statement's figures are written.
struct Pen {
    language: Language,
    currency: Currency,
}

impl Pen {
    fn amount(&self, minor: i64) -> String {
        amount(minor, self.currency, self.language)
    }

    fn long(&self, date: Date) -> String {
        long_date(date, self.language)
    }

    fn exchange(&self, statement: &Statement) -> Option<ExchangeSheet> {
        statement.exchange.as_ref().map(|exchange| ExchangeSheet {
            from: exchange.charged_in.code(),
            to: self.currency.code(),
            rate: rate(exchange.rate, self.language),
            date: short_date(exchange.date, self.language),
        })
    }

    fn figures(&self, amounts: &LineDetermination) -> Figures {
        let parts =
            parts(amounts).into_iter().filter(|(_, minor)| *minor != 0).map(|(name, minor)| PartSheet {
                name,
                amount: self.amount(minor),
                reasons: amounts
                    .reasons
                    .iter()
                    .filter(|reason| part_of(**reason, amounts) == name)
                    .map(|reason| reason.word())
                    .collect(),
            });
        Figures {
            submitted: self.amount(amounts.submitted),
            allowed: self.amount(amounts.submitted - amounts.write_off - amounts.not_covered),
            plan: self.amount(amounts.plan),
            owes: self.amount(amounts.member_owes()),
            parts: parts.collect(),
        }
    }

    fn line(&self, line: &StatementLine) -> LineSheet {
        let figures = self.figures(&line.amounts);
        let placed = |reason: &Reason| figures.parts.iter().any(|part| part.reasons.contains(&reason.word()));
        let reasons = line
            .amounts
            .reasons
            .iter()
            .filter(|reason| !placed(reason))
            .map(|reason| reason.word())
            .collect();
        LineSheet {
            number: line.amounts.number,
            days: days(line.service_start, line.service_end, self.language),
            description: line.description.clone(),
            figures,
            reasons,
            steps: line.steps.iter().map(|step| self.step(step)).collect(),
        }
    }

    fn step(&self, step: &StatementStep) -> StepSheet {
        StepSheet {
            sign: if step.change < 0 { "\u{2212}" } else { "+" },
            amount: self.amount(step.change.saturating_abs()),
            text: step.text.clone(),
        }
    }

    fn accumulator(&self, row: &AccumulatorUse) -> AccumulatorSheet {
        AccumulatorSheet {
            name: row.name.clone(),
            start: short_date(row.period_start, self.language),
            end: row.period_end.map(|end| short_date(end, self.language)),
            before: self.amount(row.used_before),
            after: self.amount(row.used_after),
            limit: row.limit.map(|limit| self.amount(limit)),
            left: row.limit.map(|limit| self.amount(limit.saturating_sub(row.used_after).max(0))),
        }
    }

    fn money(&self, money: Money) -> String {
        with_currency(money.minor(), money.currency(), self.language)
    }

    fn payment(&self, payment: &StatementPayment) -> PaymentSheet {
        PaymentSheet {
            amount: self.money(payment.amount),
            account: masked(&payment.account),
            date: self.long(payment.date),
            reference: payment.reference.replace(' ', "\u{a0}"),
        }
    }
}

/// What the plan did not pay of a line, by the names that the words have for it.
fn parts(amounts: &LineDetermination) -> [(&'static str, i64); 7] {
    [
        ("write_off", amounts.write_off),
        ("not_covered", amounts.not_covered),
        ("deductible", amounts.deductible),
        ("copay", amounts.copay),
        ("coinsurance", amounts.coinsurance),
        ("over_limit", amounts.over_limit),
        ("other_payer", amounts.other_payer),
    ]
}

/// Whether the steps take what was charged to what the plan pays; none say nothing.
fn steps_add_up(line: &StatementLine) -> bool {
    let changes: i128 = line.steps.iter().map(|step| i128::from(step.change)).sum();
    line.steps.is_empty() || i128::from(line.amounts.submitted) + changes == i128::from(line.amounts.plan)
}

/// The part that a reason stands beside. A refusal may fall to the member or to the provider.
fn part_of(reason: Reason, amounts: &LineDetermination) -> &'static str {
    match reason {
        Reason::Deductible => "deductible",
        Reason::Copay => "copay",
        Reason::Coinsurance => "coinsurance",
        Reason::Fee => "write_off",
        Reason::ServiceLimit | Reason::MoneyMaximum => "over_limit",
        Reason::OtherPayer => "other_payer",
        _ if amounts.not_covered == 0 => "write_off",
        _ => "not_covered",
    }
}

/// The sum of the lines, as a line without reasons.
fn total(lines: &[StatementLine]) -> Result<LineDetermination, DocumentError> {
    let sum = |part: fn(&LineDetermination) -> i64| {
        lines
            .iter()
            .try_fold(0_i64, |sum, line| sum.checked_add(part(&line.amounts)))
            .ok_or(DocumentError::OutOfRange { document: "statement" })
    };
    Ok(LineDetermination {
        number: 0,
        outcome: domain::Outcome::Approved,
        submitted: sum(|line| line.submitted)?,
        write_off: sum(|line| line.write_off)?,
        not_covered: sum(|line| line.not_covered)?,
        deductible: sum(|line| line.deductible)?,
        copay: sum(|line| line.copay)?,
        coinsurance: sum(|line| line.coinsurance)?,
        over_limit: sum(|line| line.over_limit)?,
        other_payer: sum(|line| line.other_payer)?,
        plan: sum(|line| line.plan)?,
        reasons: Vec::new(),
    })
}
