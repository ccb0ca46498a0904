//! What the demo tells at its end: counts, amounts, rates, where the files are, and for one member
//! who saw their data, read through an actor and itself on the record.

use domain::{
    ActorId, ClaimState, Condition, Money, OutcomeReason, Recipient, RequestId, SubjectId, WorkItemId,
};
use gate::{EntryOutcome, HistoryLine, assignment};
use service::AccessAnswer;
use store::StoreError;
use store::condition::ConditionRow;
use store::reference::ActorRow;

use super::{DemoPortfolio, Figures, rate};
use crate::output::say;
use crate::report::{Error, grouped};
use crate::site::Site;

pub(super) async fn print(site: &Site, portfolios: &[DemoPortfolio], figures: &Figures) -> Result<(), Error> {
    let seconds = |part| figures.seconds.get(part).copied().unwrap_or_default();
    say!("\nTaken up in {:.1} s", seconds("intake"));
    say!(
        "  {:>9} people, with {} spans of cover, in {} portfolios",
        grouped(figures.members.new),
        grouped(figures.coverages.new),
        portfolios.len()
    );
    say!("  {:>9} providers", grouped(figures.providers.new));
    say!(
        "  {:>9} claims with {} lines ({})",
        grouped(figures.claims),
        grouped(figures.lines),
        rate(figures.claims, seconds("intake"))
    );
    if figures.resubmitted > 0 {
        say!("  {:>9} claims handed in twice: taken once", grouped(figures.resubmitted));
    }
    for (currency, minor) in &figures.charged {
        say!("  {:>22} charged", Money::new(*minor, *currency)?.to_string());
    }
    say!(
        "\nAdjudicated in {:.1} s ({})",
        seconds("adjudication"),
        rate(figures.adjudicated.done(), seconds("adjudication"))
    );
    for (state, count) in &figures.adjudicated.states {
        say!("  {:>9} {}", grouped(*count), meaning(*state));
    }
    if let Some(count) = figures.adjudicated.reasons.get(&OutcomeReason::NoClause) {
        say!(
            "  {:>9} of the pended: the member has not consented to the use of health data",
            grouped(*count)
        );
    }
    print_money(figures, seconds("payment"))?;
    print_papers(site, figures);
    print_log(site).await?;
    print_history(site, portfolios).await
}

/// What a state means to a reader.
fn meaning(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Received => "still waiting",
        ClaimState::Adjudicated => "to be paid by the plan",
        ClaimState::Pended => "pended: a person decides",
        ClaimState::Refused => "refused with a reason",
        ClaimState::InPayment => "in payment",
        ClaimState::Paid => "paid",
        ClaimState::Settled => "settled: nothing for the plan to pay",
        ClaimState::Unsettled => "paid, and decided again since: a difference to settle",
        ClaimState::Withdrawn => "withdrawn before it was decided",
    }
}

fn print_money(figures: &Figures, seconds: f64) -> Result<(), Error> {
    say!("\nPaid in {seconds:.1} s ({})", rate(figures.paid, seconds));
    say!("  {:>9} payments ready for the bank", grouped(figures.paid));
    for (count, what) in [
        (figures.without_account, "claims whose payee has no account on file: left for a person"),
        (figures.held, "claims that the screen for fraud and error holds: a person decides"),
        (figures.unpaid, "claims that no clause lets the job pay, or whose records do not open"),
        (figures.left_out, "payments left out of the bank files: refused, not writable, or not there"),
    ] {
        if count > 0 {
            say!("  {:>9} {what}", grouped(count));
        }
    }
    let mut booked = figures.adjudicated.booked.clone();
    booked.merge(&figures.booked);
    say!("  ledger, double entry:");
    for (account, currency, debit, credit) in booked.iter() {
        say!(
            "    {:<22} debit {:>18}  credit {:>18}",
            account.to_string(),
            Money::new(i64::try_from(debit)?, currency)?.to_string(),
            Money::new(i64::try_from(credit)?, currency)?.to_string()
        );
    }
    Ok(())
}

fn print_papers(site: &Site, figures: &Figures) {
    say!("\nFiles in {}", site.data.display());
    for path in &figures.bank_files {
        say!("  {}", path.display());
    }
    for path in &figures.statements {
        say!("  {}", path.display());
    }
}

async fn print_log(site: &Site) -> Result<(), Error> {
    let head = site.app.gate.log_head().await?;
    say!("\nDisclosure log {}", head.origin);
    say!("  {:>9} entries, sealed, signed, and cosigned by the demo's witness", grouped(head.size));
    say!("  check it:  moretus log verify --data {}", site.data.display());
    say!("  and:       moretus ledger verify --data {}", site.data.display());
    Ok(())
}

/// Answers one member's access request as the data protection officer would.
async fn print_history(site: &Site, portfolios: &[DemoPortfolio]) -> Result<(), Error> {
    let Some(portfolio) = portfolios.first() else { return Ok(()) };
    let id = portfolio.id;
    let paid = site
        .app
        .store()
        .read(move |unit| store::claim::page_by_state(unit, id, ClaimState::InPayment, None, 1))
        .await
        .map_err(|error: StoreError| error)?;
    let Some(subject) = paid.first().map(|row| row.subject) else { return Ok(()) };
    let answer = answer(site, portfolio, subject).await?;
    say!(
        "\nWho saw the data of member {}, since when, how often, why, under which clause",
        answer.member_number.reveal()
    );
    for (line, count) in alike(&answer.history) {
        let recipient = line.recipient_name.clone().unwrap_or_else(|| line.recipient.to_string());
        let refused = if line.outcome == EntryOutcome::Refused { " (refused)" } else { "" };
        say!(
            "  {}  {:>5} x  {:<28} {:<26} {}{refused}",
            line.at.to_string().chars().take(16).collect::<String>(),
            count,
            recipient,
            line.purpose.to_string(),
            line.clauses.join(", ")
        );
    }
    Ok(())
}

/// Entries that tell the same, as one line with the time of the first and how often.
fn alike(history: &[HistoryLine]) -> Vec<(&HistoryLine, usize)> {
    let mut lines: Vec<(&HistoryLine, usize)> = Vec::new();
    let told = |line: &HistoryLine| {
        let (name, clauses, view) = (line.recipient_name.clone(), line.clauses.clone(), line.view.clone());
        (line.outcome as u8, line.recipient, name, line.purpose, clauses, view)
    };
    for line in history {
        match lines.iter_mut().find(|(known, _)| told(known) == told(line)) {
            Some((_, count)) => *count += 1,
            None => lines.push((line, 1)),
        }
    }
    lines
}

/// The demo's officer: an actor with a token, and an open request assigned to it.
async fn answer(site: &Site, portfolio: &DemoPortfolio, subject: SubjectId) -> Result<AccessAnswer, Error> {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let actor = ActorId::from_bytes(gate.random_id());
    let request = RequestId::from_bytes(gate.random_id());
    let item = WorkItemId::from(request);
    let now = gate.now();
    let officer = ActorRow {
        actor,
        recipient: Recipient::DataProtectionOfficer,
        role: "data protection officer".to_owned(),
        team: String::new(),
        country: "BE".parse()?,
        portfolio: portfolio.id,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(now.plus_seconds(600).date()?),
        name: String::new(),
        token_hash: Some(hash),
        expires: now.plus_seconds(600),
        ended: None,
    };
    let work_item = ConditionRow {
        subject,
        condition: Condition::WorkItem,
        object: assignment(item, actor),
        since: now,
        until: Some(now.plus_seconds(600)),
    };
    site.app
        .store()
        .write(move |unit| {
            store::reference::insert_actor(unit, &officer)?;
            store::condition::set_many(unit, std::slice::from_ref(&work_item))
        })
        .await
        .map_err(|error: StoreError| error)?;
    let officer = gate.authenticate(&token).await?;
    Ok(service::answer_access_request(&site.app, &officer, portfolio.id, subject, Some(item)).await?)
}
