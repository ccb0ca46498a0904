//! Authority: how much an actor may release alone. It opens nothing and decides nothing: whoever decides asks it, and what is
//! above waits for somebody with more.

use std::collections::BTreeMap;

use domain::{ActorId, Currency, Money, PortfolioId};
use gate::Actor;
use store::StoreError;

use crate::{App, ServiceError, actors};

/// Writes down how much an actor may release alone in a currency, in place of what was written before; on the record first.
///
/// Errors: the limit is below zero; the actor is not staff of this portfolio, or its record was ended; it is the keeper's own.
pub async fn limit_authority(
    app: &App,
    keeper: &Actor,
    portfolio: PortfolioId,
    actor: ActorId,
    limit: Money,
) -> Result<(), ServiceError> {
    let row = actors::find(app, portfolio, actor).await?;
    if !row.recipient.is_staff() {
        return actors::refuse(format!("`{}` is not staff, and releases nothing", row.recipient));
    }
    if row.ended.is_some() {
        return actors::refuse("this record was ended: enter the actor anew with `moretus token`");
    }
    check(&[limit])?;
    let words = words(&[limit]);
    actors::record(app, keeper, portfolio, actor, words).await?;
    let written = app.store().write(move |unit| store::authority::set(unit, actor, limit)).await;
    Ok(written.map_err(|error: StoreError| error)?)
}

/// Whether these can be limits.
pub(crate) fn check(limits: &[Money]) -> Result<(), ServiceError> {
    match limits.iter().any(|limit| limit.minor() < 0) {
        true => actors::refuse("a limit is zero or more"),
        false => Ok(()),
    }
}

/// What limits let somebody do, as the record says it.
pub(crate) fn words(limits: &[Money]) -> String {
    let each = limits.iter().map(|limit| format!("{} {}", limit.decimal(), limit.currency().code()));
    format!("may release up to {} alone", each.collect::<Vec<_>>().join(", up to "))
}

/// Sums of amounts in minor units, each currency by itself: wider than an amount, so that no run is too long to add up.
pub(crate) type Sums = BTreeMap<Currency, i128>;

/// What an actor may release alone.
pub(crate) struct Authority(Vec<Money>);

impl Authority {
    /// What was written down for an actor.
    pub(crate) async fn of(app: &App, actor: &Actor) -> Result<Self, ServiceError> {
        let id = actor.id();
        let limits = app.store().read(move |unit| store::authority::of(unit, id)).await;
        Ok(Self(limits.map_err(|error: StoreError| error)?))
    }

    /// Whether it suffices for these sums together: in the currency of each that is more than nothing a limit was written down that
    /// the sum is within. Where none was written down nothing is released.
    pub(crate) fn suffices(&self, sums: &Sums) -> bool {
        let within = |(currency, sum): (&Currency, &i128)| {
            *sum <= 0
                || self
                    .0
                    .iter()
                    .any(|limit| limit.currency() == *currency && *sum <= i128::from(limit.minor()))
        };
        sums.iter().all(within)
    }
}

/// Whether an actor may release these amounts together, alone.
pub(crate) async fn may_release(app: &App, actor: &Actor, amounts: &[Money]) -> Result<bool, ServiceError> {
    let mut sums = Sums::new();
    for amount in amounts {
        *sums.entry(amount.currency()).or_default() += i128::from(amount.minor());
    }
    Ok(Authority::of(app, actor).await?.suffices(&sums))
}
