//! Leases of single roles among servers (the sealer, the sweeper), and small facts about the site. On SQLite they stand in two
//! files, of which a power cut may keep the leases' alone: no fact may be right only because a lease of the same unit is.

use domain::{ActorId, Timestamp};

use crate::value::Param;
use crate::{StoreError, Unit};

/// Takes or prolongs a lease; answers whether the holder has it now. Somebody else's runs out by itself.
pub fn acquire(
    unit: &mut Unit<'_>,
    name: &str,
    holder: ActorId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO moretus_log.lease (name, holder, until) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE lease.holder = excluded.holder OR lease.until <= $4";
    let params = [Param::Text(name), Param::id(&holder), Param::at(until), Param::at(now)];
    Ok(unit.execute(sql, &params)? == 1)
}

/// Gives a lease back; answers whether the holder had it.
pub fn release(unit: &mut Unit<'_>, name: &str, holder: ActorId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM moretus_log.lease WHERE name = $1 AND holder = $2";
    Ok(unit.execute(sql, &[Param::Text(name), Param::id(&holder)])? == 1)
}

/// A fact about the site; none when it was never set.
pub fn meta(unit: &mut Unit<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let row =
        unit.query_first("meta", "SELECT value FROM moretus.meta WHERE name = $1", &[Param::Text(name)])?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Sets a fact about the site. Names that begin with `schema` are the store's own.
pub fn set_meta(unit: &mut Unit<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    if name.starts_with("schema") {
        return Err(StoreError::internal("meta-name"));
    }
    let sql = "INSERT INTO moretus.meta (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    unit.execute(sql, &[Param::Text(name), Param::Text(value)]).map(drop)
}
