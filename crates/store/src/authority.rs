//! How much an actor may release alone: one limit for each currency. Who has none written down in a currency releases nothing in it.

use domain::{ActorId, Currency, Money};

use crate::value::Param;
use crate::{StoreError, Unit};

/// Sets an actor's limit in a currency, in place of what was written before.
pub fn set(unit: &mut Unit<'_>, actor: ActorId, limit: Money) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.authority (actor, currency, limit_minor) VALUES ($1, $2, $3)
        ON CONFLICT (actor, currency) DO UPDATE SET limit_minor = excluded.limit_minor";
    let params = [Param::id(&actor), Param::Text(limit.currency().code()), Param::Int(limit.minor())];
    unit.execute(sql, &params).map(drop)
}

/// An actor's limits, by currency.
pub fn of(unit: &mut Unit<'_>, actor: ActorId) -> Result<Vec<Money>, StoreError> {
    let sql = "SELECT currency, limit_minor FROM moretus.authority WHERE actor = $1 ORDER BY currency";
    let rows = unit.query("authority", sql, &[Param::id(&actor)])?;
    let limit = |row: &crate::value::Row| {
        let currency: Currency = row.text(0)?.parse().map_err(|_| row.corrupt())?;
        Money::new(row.int(1)?, currency).map_err(|_| row.corrupt())
    };
    rows.iter().map(limit).collect()
}
