//! Drafts: what a file says, in the domain's types, still under the source's own ids. They become
//! records when the gate has made ids of those and sealed the rest.

use std::fmt;

use domain::{
    Category, CategorySet, Claim, ClaimLine, Country, Coverage, Currency, Date, Diagnosis, DocumentName,
    Episodes, GoverningLaw, InvoiceNumber, LineService, Money, OtherPayerAmounts, ParseError, Payee, Person,
    Personal, Provider, ProviderId, Room, SubjectKind,
};

use crate::{InputError, Place};

/// An id that the source gave: a single personal value, so its Debug is redacted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(String);

impl SourceId {
    /// The longest id, in characters.
    pub const MAX_CHARS: usize = 100;

    /// Reads an id; white space around it goes. The error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let text = text.trim();
        let shape = |problem| ParseError::Shape { what: "id", problem };
        if text.is_empty() {
            return Err(shape("empty"));
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(shape("longer than 100 characters"));
        }
        if text.chars().any(char::is_control) {
            return Err(shape("contains a control character"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id itself: for the gate's keyed hash.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceId(redacted)")
    }
}

/// Where a draft stands, to name it when the site refuses it. It holds no value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// Where in the file.
    pub place: Place,
}

impl Origin {
    /// Of a draft that stands in no file.
    #[must_use]
    pub fn of(what: &str) -> Self {
        Self { file: what.to_owned(), place: Place::File }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.file, self.place)
    }
}

/// What a draft is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DraftKind {
    /// A [`MemberDraft`].
    Member,
    /// A [`CoverageDraft`].
    Coverage,
    /// A [`ProviderDraft`].
    Provider,
    /// A [`ClaimDraft`].
    Claim,
}

impl DraftKind {
    /// The categories that such a draft may hold: a clause must cover each.
    #[must_use]
    pub const fn categories(self) -> CategorySet {
        match self {
            Self::Member => Person::CATEGORIES,
            Self::Coverage => Coverage::CATEGORIES.with(Category::MemberId),
            Self::Provider => Provider::CATEGORIES,
            Self::Claim => Claim::CATEGORIES.with(Category::MemberId),
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Coverage => "coverage",
            Self::Provider => "provider",
            Self::Claim => "claim",
        }
    }
}

impl fmt::Display for DraftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A member or a dependant.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberDraft {
    /// The source's id.
    pub source_id: SourceId,
    /// The portfolio's name in the site's settings; none where the import names one for all.
    pub portfolio: Option<String>,
    /// Who it is.
    pub person: Person,
    /// [`SubjectKind::Member`] or [`SubjectKind::Beneficiary`].
    pub kind: SubjectKind,
    /// The source's id of the member that a dependant depends on; none for a member.
    pub holder_source_id: Option<SourceId>,
    /// The law that governs their cover; none where it is the portfolio's.
    pub governing_law: Option<GoverningLaw>,
    /// The day on which explicit consent to the use of health data was given; none where it was not.
    pub health_consent: Option<Date>,
}

/// A span of cover.
#[derive(Clone, PartialEq, Eq)]
pub struct CoverageDraft {
    /// The source's id.
    pub source_id: SourceId,
    /// The source's id of who is covered.
    pub member_source_id: SourceId,
    /// The plan's id: the name of its file without the ending.
    pub plan: String,
    /// The sponsor's name.
    pub sponsor: Option<String>,
    /// The cover.
    pub coverage: Coverage,
}

/// A provider of care.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderDraft {
    /// The source's id.
    pub source_id: SourceId,
    /// The provider.
    pub provider: Provider,
}

/// Where and why care was given, as far as the source says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The country.
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
    /// The papers that came; none where nobody keeps count of them.
    pub documents: Option<Vec<DocumentName>>,
    /// What the care belongs to.
    pub episodes: Episodes,
    /// What other payers paid of each line, as far as that is known.
    pub other_payer: Vec<OtherPayerAmounts>,
    /// The day of the provider's invoice.
    pub invoiced: Option<Date>,
    /// The day of admission, of care in hospital.
    pub admitted: Option<Date>,
    /// The total that the document states, where that is not the sum of the charges.
    pub other_total: Option<Money>,
}

/// A claim, still without the provider's id.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimDraft {
    /// The source's id.
    pub source_id: SourceId,
    /// The source's id of who was treated.
    pub member_source_id: SourceId,
    /// The source's id of who treated.
    pub provider_source_id: SourceId,
    /// The day it was received.
    pub received: Date,
    /// Who is paid.
    pub payee: Payee,
    /// The currency of every charge.
    pub currency: Currency,
    /// The provider's invoice number.
    pub invoice_number: Option<InvoiceNumber>,
    /// What was charged: 1 to 1,000 lines, numbers ascending, none below zero.
    pub lines: Vec<ClaimLine>,
    /// What each line was for: one per line, in the same order.
    pub services: Vec<LineService>,
    /// Diagnoses of the claim, each once.
    pub diagnoses: Vec<Diagnosis>,
    /// Where and why the care was given.
    pub circumstances: Circumstances,
    /// Where it stands.
    pub origin: Origin,
}

impl ClaimDraft {
    /// The claim, once the provider has its id.
    #[must_use]
    pub fn into_claim(self, provider: ProviderId) -> Claim {
        Claim {
            received: self.received,
            provider,
            payee: self.payee,
            currency: self.currency,
            invoice_number: self.invoice_number,
            lines: self.lines,
            services: self.services,
            diagnoses: self.diagnoses,
            country: self.circumstances.country,
            emergency: self.circumstances.emergency,
            accident: self.circumstances.accident,
            in_network: self.circumstances.in_network,
            away_since: self.circumstances.away_since,
            room: self.circumstances.room,
            documents: self.circumstances.documents,
            episodes: self.circumstances.episodes,
            other_payer: self.circumstances.other_payer,
            invoiced: self.circumstances.invoiced,
            admitted: self.circumstances.admitted,
            other_total: self.circumstances.other_total,
        }
    }

    /// With the total that the document states, kept where it is not the sum of the charges.
    #[must_use]
    pub(crate) fn with_total(mut self, stated: Option<Money>) -> Self {
        let charged = self.charged_minor();
        self.circumstances.other_total = stated.filter(|total| total.minor() != charged);
        self
    }

    /// The sum of the charges, in minor units of [`ClaimDraft::currency`].
    #[must_use]
    pub fn charged_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.charge.minor()).fold(0, i64::saturating_add)
    }
}

/// Something in a readable file that cannot become a record, and why: it is reported, never lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What it would have been.
    pub kind: DraftKind,
    /// The source's id, where it could be read.
    pub source_id: Option<SourceId>,
    /// The source's id of the person, where it could be read.
    pub member_source_id: Option<SourceId>,
    /// Where and why; holds no value.
    pub reason: InputError,
}

macro_rules! redacted_debug {
    ($($name:ident),+) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )+ };
}

redacted_debug!(MemberDraft, CoverageDraft, ProviderDraft, ClaimDraft, Circumstances);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_id_never_prints_itself() {
        let id = SourceId::parse(" M-77 ").unwrap();
        assert_eq!(format!("{id:?}"), "SourceId(redacted)");
        assert_eq!(id.reveal(), "M-77");
        for bad in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
            let message = SourceId::parse(bad).unwrap_err().to_string();
            assert!(bad.trim().is_empty() || !message.contains(bad), "{message}");
        }
    }
}
