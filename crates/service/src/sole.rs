//! One run at a time of what must not be done twice at once: whoever runs it holds a lease meanwhile. It says nothing of what was done:
//! one that dies gives way after its time, and whoever comes then finds what is left.

use domain::{ActorId, Timestamp};
use store::Unit;

use crate::{App, ServiceError};

/// A run that is the only one of its name.
pub(crate) struct Sole {
    lease: String,
    holder: ActorId,
    seconds: i64,
    under_way: &'static str,
}

impl Sole {
    /// Begins it, for so many seconds.
    ///
    /// Errors: [`ServiceError::UnderWay`] with these words, when there is one already.
    pub(crate) async fn begin(
        app: &App,
        lease: String,
        seconds: i64,
        under_way: &'static str,
    ) -> Result<Self, ServiceError> {
        let sole = Self { lease, holder: ActorId::from_bytes(app.gate.random_id()), seconds, under_way };
        sole.prolong(app).await?;
        Ok(sole)
    }

    /// Has it for as long again, from now.
    ///
    /// Errors: [`ServiceError::UnderWay`], when its time had passed and somebody else began.
    pub(crate) async fn prolong(&self, app: &App) -> Result<(), ServiceError> {
        let (name, holder, now) = (self.lease.clone(), self.holder, app.gate.now());
        let until: Timestamp = now.plus_seconds(self.seconds);
        let acquire = move |unit: &mut Unit<'_>| store::lease::acquire(unit, &name, holder, now, until);
        if app.store().write(acquire).await? { Ok(()) } else { Err(ServiceError::UnderWay(self.under_way)) }
    }

    /// Gives it back, so that it can run again at once.
    pub(crate) async fn end(self, app: &App) -> Result<(), ServiceError> {
        app.store().write(move |unit| store::lease::release(unit, &self.lease, self.holder)).await?;
        Ok(())
    }
}
