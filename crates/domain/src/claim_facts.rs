//! What became known of a claim after it had come in: facts that whoever has it before them enters, each with who entered it
//! and when. The claim itself stays as it came; which of the two the rules read is the adjudicator's to say.

use minicbor::{Decode, Encode};

use crate::redacted::redacted;
use crate::{ActorId, CaseReason, Country, Date, DocumentName, LineType, Personal, Room, Timestamp};

/// Something that was entered, by whom and when.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Told<T> {
    /// What.
    #[n(0)]
    pub value: T,
    /// By whom.
    #[n(1)]
    pub by: ActorId,
    /// When.
    #[n(2)]
    pub at: Timestamp,
}

redacted!(Told<T>);

/// What became known of a claim after it had come in. It has the claim's id, and goes before what came with the claim; of what
/// is not here nothing else is known.
#[derive(Clone, Default, PartialEq, Eq, Personal)]
#[personal(kind = ClaimFacts, retention = Claims)]
pub struct ClaimFacts {
    /// Where the care was given.
    #[category(Claims)]
    #[tag(1)]
    pub country: Option<Told<Country>>,
    /// Whether it was an emergency.
    #[category(Health)]
    #[tag(2)]
    pub emergency: Option<Told<bool>>,
    /// Whether it follows from an accident.
    #[category(Health)]
    #[tag(3)]
    pub accident: Option<Told<bool>>,
    /// Whether the provider is under contract.
    #[category(Claims)]
    #[tag(4)]
    pub in_network: Option<Told<bool>>,
    /// The first day of the stay outside the area of cover.
    #[category(Claims)]
    #[tag(5)]
    pub away_since: Option<Told<Date>>,
    /// The room that was used.
    #[category(Health)]
    #[tag(6)]
    pub room: Option<Told<Room>>,
    /// All papers that are there: those that came with the claim too.
    #[category(Health)]
    #[tag(7)]
    pub documents: Option<Told<Vec<DocumentName>>>,
    /// That nobody authorised the care before it was given. What was authorised is a guarantee of payment, and no fact of a
    /// claim.
    #[category(Claims)]
    #[tag(8)]
    pub nothing_authorised: Option<Told<()>>,
    /// That it may come in after the filing limit, and why: the reason may say anything of the person's health.
    #[category(Health)]
    #[tag(9)]
    pub filing_waived: Option<Told<CaseReason>>,
    /// The types of service of lines: of those that are not here, what came with the claim says it.
    #[category(Health)]
    #[tag(10)]
    pub service_types: Option<Told<Vec<LineType>>>,
}
