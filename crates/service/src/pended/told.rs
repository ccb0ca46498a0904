//! What became known of a claim that is before somebody: where the care was given, which papers came, that nothing was
//! authorised. It is entered under the clause by which they handle the claim, each fact with who entered it and when, and the
//! claim is worked out again with it. The claim stays as it came. Nothing is decided here, but that a claim may come in after the
//! filing limit: whoever lets it stands among those who decided something of the claim by hand.

use domain::{
    ActorId, CaseReason, ClaimFacts, ClaimId, ClaimOverrides, Country, Date, DocumentName, LineType,
    Personal, RequestId, Room, Timestamp, Told,
};
use gate::{Actor, Asking, GateError, Reader, Sealed, Writer};

use super::decided::{WrittenDown, before, know};
use super::{PendedPlace, asking};
use crate::overrides::{self, Decided};
use crate::views::{ClaimToTell, FactsToCount, OverridesOfClaim};
use crate::{App, ServiceError};

/// The views of one ask.
type ToTell = (ClaimToTell, FactsToCount, OverridesOfClaim);

/// What became known of a claim: at least one of these.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewFacts {
    /// Where the care was given.
    pub country: Option<Country>,
    /// Whether it was an emergency.
    pub emergency: Option<bool>,
    /// Whether it follows from an accident.
    pub accident: Option<bool>,
    /// Whether the provider is under contract.
    pub in_network: Option<bool>,
    /// The first day of the stay outside the area of cover.
    pub away_since: Option<Date>,
    /// The room that was used.
    pub room: Option<Room>,
    /// All papers that came after the claim: in the place of those that were told before.
    pub documents: Vec<DocumentName>,
    /// Nobody authorised the care before it was given.
    pub nothing_authorised: bool,
    /// Why the claim may come in after the filing limit.
    pub filing_waived: Option<CaseReason>,
    /// The types of service of lines: in the place of those that were told before.
    pub service_types: Vec<LineType>,
}

/// Enters what became known of a claim that is before the actor, in place of what was known of it, and works out anew what one
/// that waits comes to. Answers what follows.
///
/// Errors: nothing was told; a stay abroad begins after the care; a line that the claim does not have, or has two types.
pub async fn tell_facts(
    app: &App,
    actor: &Actor,
    place: PendedPlace,
    new: NewFacts,
    request: RequestId,
) -> Result<WrittenDown, ServiceError> {
    if new == NewFacts::default() {
        return Err(ServiceError::Pended("nothing of it was told"));
    }
    let writes = ClaimFacts::CATEGORIES.union(ClaimOverrides::CATEGORIES);
    let asking = Asking { writes, ..asking(actor, place.portfolio, request) };
    let grant = app.gate.ask::<ToTell>(&asking, place.target()).await?;
    let rows = before(app, actor, place).await?;
    let (gate, subject) = (&app.gate, place.subject);
    let claim = gate.fetch::<ClaimToTell>(subject, place.claim).await?;
    let claim: ClaimToTell = grant.open(&claim.ok_or(ServiceError::Pended("the claim was erased"))?)?;
    let first = claim.lines.iter().map(|line| line.service_start).min();
    if new.away_since.zip(first).is_some_and(|(since, first)| since > first) {
        return Err(ServiceError::Pended("the stay abroad would begin after the care that was given there"));
    }
    check_lines(&new.service_types, &claim)?;
    let before = Before {
        facts: gate.fetch::<FactsToCount>(subject, place.claim).await?,
        overrides: gate.fetch::<OverridesOfClaim>(subject, place.claim).await?,
    };
    let keys = app.keys_for::<ClaimFacts>(subject).await?;
    let came = claim.documents.unwrap_or_default();
    let entry = Entry { claim: place.claim, came, new, by: actor.id(), at: gate.now() };
    let computed = grant.compute(subject, &keys, &entry, &before, write_facts)?;
    know(app, actor, place, rows, computed.rows, request).await
}

/// Each type is of a line of the claim, and of no other's.
fn check_lines(types: &[LineType], claim: &ClaimToTell) -> Result<(), ServiceError> {
    let has = |told: &LineType| claim.lines.iter().any(|line| line.number == told.line);
    if !types.iter().all(has) {
        return Err(ServiceError::Pended("the claim has no line of such a number"));
    }
    let mut lines: Vec<u32> = types.iter().map(|told| told.line).collect();
    lines.sort_unstable();
    if lines.array_windows().any(|[one, next]| one == next) {
        return Err(ServiceError::Pended("a line was told to be of two types of service"));
    }
    Ok(())
}

/// What is entered, by whom and when, beside the papers that came with the claim.
struct Entry {
    claim: ClaimId,
    came: Vec<DocumentName>,
    new: NewFacts,
    by: ActorId,
    at: Timestamp,
}

impl Entry {
    /// The new value of a fact, or what was told of it before.
    fn told<T: Clone>(&self, new: Option<&T>, before: Option<Told<T>>) -> Option<Told<T>> {
        new.map(|value| Told { value: value.clone(), by: self.by, at: self.at }).or(before)
    }

    /// All papers that are there, once more came.
    fn documents(&self) -> Option<Vec<DocumentName>> {
        let new = self.new.documents.iter().filter(|paper| !self.came.contains(paper));
        (!self.new.documents.is_empty()).then(|| self.came.iter().chain(new).cloned().collect())
    }
}

/// What stood beside the claim before.
struct Before {
    facts: Option<Sealed<ClaimFacts>>,
    overrides: Option<Sealed<ClaimOverrides>>,
}

/// What is known of the claim with it, and who decided by hand where that is one. It captures nothing.
fn write_facts(
    entry: &Entry,
    before: &Before,
    reader: &Reader<'_, ToTell>,
    writer: &mut Writer<'_>,
) -> Result<(), GateError> {
    let known: FactsToCount = match &before.facts {
        Some(sealed) => reader.open(sealed)?,
        None => FactsToCount::default(),
    };
    let new = &entry.new;
    let facts = ClaimFacts {
        country: entry.told(new.country.as_ref(), known.country),
        emergency: entry.told(new.emergency.as_ref(), known.emergency),
        accident: entry.told(new.accident.as_ref(), known.accident),
        in_network: entry.told(new.in_network.as_ref(), known.in_network),
        away_since: entry.told(new.away_since.as_ref(), known.away_since),
        room: entry.told(new.room.as_ref(), known.room),
        documents: entry.told(entry.documents().as_ref(), known.documents),
        nothing_authorised: entry
            .told(new.nothing_authorised.then_some(()).as_ref(), known.nothing_authorised),
        filing_waived: entry.told(new.filing_waived.as_ref(), known.filing_waived),
        service_types: entry
            .told(Some(&new.service_types).filter(|types| !types.is_empty()), known.service_types),
    };
    match &before.facts {
        Some(sealed) => writer.replace(sealed, &facts)?,
        None => writer.put(entry.claim, 1, &facts)?,
    }
    let Some(reason) = new.filing_waived.clone() else { return Ok(()) };
    // It is about no line: of what was decided of lines nothing changes.
    let Entry { claim, by, at, .. } = *entry;
    let waived = Decided { claim, lines: Vec::new(), by, at, reason, appeal: None };
    overrides::write(&waived, &before.overrides, reader, writer)
}
