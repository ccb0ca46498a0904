//! The demo's register of recipients: the bank that pays, and the sponsors of each portfolio's plans. Invented, as
//! all of the demo is.

use domain::{Condition, Date, PortfolioId, Recipient, RecipientId, RecipientRole};
use gate::Actor;
use service::{Agreement, App, NewRecipient};

use crate::report::Error;

/// Enters the bank and the sponsors of a portfolio; answers the bank.
pub(super) async fn fill(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    short: &str,
) -> Result<RecipientId, Error> {
    let first: Date = "2020-01-01".parse()?;
    let agreed = |condition| Agreement { condition, safeguard: None, first, last: None };
    let (_, notice) = app.gate.notice(portfolio)?;
    let entry = |kind: Recipient, name: &str, uses: &str| {
        let clauses = notice.clauses().iter().filter(|clause| clause.recipients.contains(&kind));
        Ok::<_, Error>(NewRecipient {
            portfolio,
            kind,
            name: name.to_owned(),
            country: "BE".parse()?,
            role: RecipientRole::Controller,
            acts_for: None,
            uses: uses.to_owned(),
            clauses: clauses.map(|clause| clause.id.clone()).collect(),
        })
    };
    for sponsor in population::SPONSORS.iter().filter(|sponsor| sponsor.portfolio == short) {
        let new = entry(Recipient::PlanSponsor, sponsor.name, "administering its employees' plan")?;
        let agreed = [agreed(Condition::Contract), agreed(Condition::Undertaking)];
        service::enter_recipient(app, keeper, &new, &agreed).await?;
    }
    let bank = entry(Recipient::Bank, "Bank of the Golden Compasses", "carrying out payments")?;
    Ok(service::enter_recipient(app, keeper, &bank, &[agreed(Condition::Contract)]).await?)
}
