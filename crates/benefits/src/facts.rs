//! What a claim's rules may need to know beyond the claim itself. Everything may be left out: a rule
//! that needs what is not known puts the line before a person, and never guesses.

use domain::{
    AccumulatorBalance, AccumulatorEntry, Country, Date, DocumentName, LineType, ModuleName, Preexisting,
    Room, ServiceCode, Sex,
};

use crate::coordination::OtherCover;
use crate::exchange::ExchangeRates;
use crate::overrides::Override;

/// Facts beside the claim. The default knows nothing.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// Where the care was given.
    pub country: Option<Country>,
    /// Whether it was an emergency; a line whose setting says so is one in any case.
    pub emergency: Option<bool>,
    /// Whether it follows from an accident.
    pub accident: Option<bool>,
    /// The first day of the stay outside the area of cover.
    pub away_since: Option<Date>,
    /// The day of the provider's invoice.
    pub invoiced: Option<Date>,
    /// The day of admission, of care in hospital.
    pub admitted: Option<Date>,
    /// Whether the provider is under contract.
    pub in_network: Option<bool>,
    /// The provider is on a list of providers who are not paid: a person looks.
    pub provider_excluded: bool,
    /// A person looked at lines that are worked out and held (suspended cover, such a provider, nearly a duplicate), and lets
    /// them be paid as they were worked out.
    pub released: bool,
    /// The modules that the member has.
    pub modules: Option<&'a [ModuleName]>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Yearly reference salary, in minor units of the currency of the cover.
    pub salary: Option<i64>,
    /// The first day that policy years count from, where it is not the first day of the cover.
    pub policy_start: Option<Date>,
    /// The first day since which the member is covered without a gap under spans that this one goes on from: what waiting and a
    /// moratorium count from. None where this span is the first.
    pub covered_since: Option<Date>,
    /// The first day of cover elsewhere that ran until this cover began.
    pub prior_cover: Option<Date>,
    /// Conditions that were there before the cover, for a moratorium.
    pub preexisting: &'a [Preexisting],
    /// Authorisations and guarantees of payment that are live; none of them where there are none.
    pub authorisations: Option<&'a [Authorisation]>,
    /// The number of the condition in the member's file; without it, the category of the first diagnosis.
    pub condition: Option<u32>,
    /// The number of the event (an accident, a journey).
    pub event: Option<u32>,
    /// The number of the pregnancy.
    pub pregnancy: Option<u32>,
    /// The number of the stay in hospital.
    pub admission: Option<u32>,
    /// The room that was used.
    pub room: Option<Room>,
    /// The papers that came with the claim; `None` when nobody keeps count of them, so that care for which the plan asks for
    /// some waits.
    pub documents: Option<&'a [DocumentName]>,
    /// What became known of the types of service of lines: it goes before what the lines say.
    pub service_types: &'a [LineType],
    /// The filing limit is waived.
    pub filing_waived: bool,
    /// The claim that this one replaces: what was counted for it is no duplicate.
    pub replaces: Option<domain::ClaimId>,
    /// What the other members of the family counted: nothing for who has no family. Where it is not known, what
    /// counts for a family together waits.
    pub family: Option<&'a [AccumulatorBalance]>,
    /// What is kept free of limits for other care.
    pub kept_free: &'a [KeptFree],
    /// Another payer's cover of the same care.
    pub other: Option<OtherCover<'a>>,
    /// What persons decided about its lines, in order.
    pub overrides: &'a [Override],
    /// Exchange rates.
    pub rates: Option<&'a ExchangeRates>,
}

impl Facts<'_> {
    /// What of it is known of the person and their cover, whatever is claimed.
    pub(crate) fn of_person(&self) -> Self {
        Self {
            modules: self.modules,
            sex: self.sex,
            policy_start: self.policy_start,
            covered_since: self.covered_since,
            prior_cover: self.prior_cover,
            preexisting: self.preexisting,
            family: self.family,
            ..Self::default()
        }
    }
}

/// An authorisation of care to come, given by a person.
#[derive(Clone)]
pub struct Authorisation {
    /// How the codes of the services begin: what is left of it is left for all of them together.
    pub codes: Vec<ServiceCode>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Units that are left of it; any number when `None`.
    pub units: Option<u32>,
    /// Money that is left of it, in minor units of the currency of the cover; any amount when `None`.
    pub amount: Option<i64>,
}

/// What is kept free of limits for care that is to come.
#[derive(Clone)]
pub struct KeptFree {
    /// What that care is expected to count.
    pub entries: Vec<AccumulatorEntry>,
    /// The numbers of the lines of the claim that are this care: what they count is kept free no longer.
    pub own: Vec<u32>,
    /// The numbers of the lines that it is not kept free of: its own, and those that go before it.
    pub not_of: Vec<u32>,
}

/// Kinds of hospital room, by their words.
pub(crate) const ROOMS: [(&str, Room); 4] = [
    (Room::Ward.word(), Room::Ward),
    (Room::SemiPrivate.word(), Room::SemiPrivate),
    (Room::Private.word(), Room::Private),
    (Room::Suite.word(), Room::Suite),
];
