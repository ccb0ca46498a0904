//! What follows an import: adjudicating what waits, on the record, and proving that the ledger balances.

use domain::{ClaimState, OutcomeReason};
use serde_json::{Map, Value, json};
use service::{AdjudicationReport, LedgerReport};

use crate::output::say;
use crate::report::{Error, amount, grouped, progress};
use crate::site::Site;

/// What adjudication came to.
pub(crate) struct Adjudicated {
    claims: AdjudicationReport,
    ledger: LedgerReport,
}

/// Adjudicates every claim of the site that waits, with the log being sealed meanwhile, and verifies the
/// ledger as the named holder of the root key. `expected` is how many claims are likely to wait.
pub(crate) async fn adjudicate(site: &Site, operator: &str, expected: u64) -> Result<Adjudicated, Error> {
    site.while_sealing(run(site, operator, expected)).await
}

async fn run(site: &Site, operator: &str, expected: u64) -> Result<Adjudicated, Error> {
    let bar = progress("adjudicating claims", expected);
    let claims = service::adjudicate_received(&site.app, usize::MAX, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    let actor = site.app.gate.operator(&site.root, operator)?;
    let ledger = service::verify_ledger(&site.app, &actor, |_| {}).await?;
    Ok(Adjudicated { claims, ledger })
}

impl Adjudicated {
    /// Prints it for people.
    pub(crate) fn print(&self) {
        say!(
            "adjudicated now, in every portfolio: {}",
            states(self.claims.states.iter().map(|(state, count)| (*state, *count)))
        );
        print_reasons(self.claims.reasons.iter().map(|(reason, count)| (*reason, *count)));
        if self.claims.left > 0 {
            say!(
                "  {} still wait: someone else changed them meanwhile, or their plan cannot be read",
                grouped(self.claims.left)
            );
        }
        if self.claims.unscreened > 0 {
            say!(
                "  {} were not screened for fraud and error: no clause lets the job, or a record is gone or altered",
                grouped(self.claims.unscreened)
            );
        }
        let LedgerReport { batches, postings, debits, .. } = &self.ledger;
        say!("the ledger balances: {} postings in {} batches", grouped(*postings), grouped(*batches));
        for ((account, currency), debit) in debits.iter().filter(|(_, debit)| **debit != 0) {
            say!("  debits of {account}: {} {currency}", amount(*debit, *currency));
        }
        if self.ledger.erased > 0 {
            say!("  {}", crate::command::ledger::erased(&self.ledger));
        }
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> Value {
        let AdjudicationReport { states, reasons, left, unscreened, .. } = &self.claims;
        let states: Map<String, Value> =
            states.iter().map(|(state, count)| (state.word().to_owned(), json!(count))).collect();
        let reasons: Map<String, Value> =
            reasons.iter().map(|(reason, count)| (reason.word().to_owned(), json!(count))).collect();
        json!({
            "states": states,
            "reasons": reasons,
            "left": left,
            "unscreened": unscreened,
            "ledger": crate::command::ledger::to_json(&self.ledger),
        })
    }
}

/// Prints why claims wait for a person, and how many.
pub(crate) fn print_reasons(reasons: impl Iterator<Item = (OutcomeReason, u64)>) {
    for (reason, count) in reasons {
        say!("  {:>9}  pended, {reason}: {}", grouped(count), meaning(reason));
    }
}

/// What a reason means, and what helps.
pub(in crate::command) const fn meaning(reason: OutcomeReason) -> &'static str {
    match reason {
        OutcomeReason::NoClause => {
            "no clause lets the job read them; is there consent to the use of health data?"
        }
        OutcomeReason::NoRecord => "the person's record or the claim was erased",
        OutcomeReason::NoCover => "the person has no cover; cover comes before claims",
        OutcomeReason::SeveralCovers => {
            "their lines fall into more than one span of cover: send one for each"
        }
        OutcomeReason::OtherCurrency => {
            "in another currency than the cover, or one that the plan does not have"
        }
        OutcomeReason::NotComputed => "they could not be worked out: the server's log says more",
        OutcomeReason::Determination => "a person looks at what the determination proposes",
    }
}

/// Counts by state, in words.
pub(crate) fn states(counts: impl Iterator<Item = (ClaimState, u64)>) -> String {
    let parts: Vec<String> = counts.map(|(state, count)| format!("{} {state}", grouped(count))).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
