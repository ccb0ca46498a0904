//! What an operator says about someone else's file: which plan and currency its cover gets. Also
//! the few steps that the mappings share.

use std::collections::BTreeMap;
use std::io::Read;

use domain::{Category, CategorySet, Currency, Date, ParseError, PostalAddress};

use crate::people::plan_id;
use crate::table::{Row, Rows};
use crate::{CoverageDraft, DraftKind, InputError, Layout, Parsed, Place, Problem, SourceId};

/// What a FHIR Claim is to be (`Claim.use`): the same words ask for payment, and for a promise to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimUse {
    /// Care was given, and is to be paid.
    Claim,
    /// Care is to be given: a guarantee of payment is asked for.
    Preauthorization,
}

impl ClaimUse {
    /// As FHIR writes it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Preauthorization => "preauthorization",
        }
    }

    /// What is wrong with any other.
    pub(crate) const fn otherwise(self) -> &'static str {
        match self {
            Self::Claim => "not `claim`: a request for authorisation or an estimate is no claim",
            Self::Preauthorization => {
                "not `preauthorization`: a guarantee is asked for before the care, a claim after it"
            }
        }
    }
}

/// What other people's files do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The plan that every span of cover gets: its id, as in [`CoverageDraft::plan`].
    pub plan: String,
    /// The portfolio that every member gets.
    pub portfolio: Option<String>,
    /// The currency of every cover, and of amounts that name none.
    pub currency: Currency,
    /// The day on which, as the operator declares, every member consented to the use of health data.
    pub health_consent: Option<Date>,
    /// The categories that a clause of the notice lets in.
    pub covered: CategorySet,
    /// What a FHIR Claim is to be.
    pub claim_use: ClaimUse,
}

impl Mapping {
    /// A mapping of claims to this plan, with no portfolio and no consent.
    ///
    /// # Errors
    /// When the plan's id is not written in small letters, digits and hyphens.
    pub fn new(plan: &str, currency: Currency, covered: CategorySet) -> Result<Self, ParseError> {
        let claim_use = ClaimUse::Claim;
        Ok(Self { plan: plan_id(plan)?, portfolio: None, currency, health_consent: None, covered, claim_use })
    }

    /// Whether a clause covers all of this kind of draft.
    pub(crate) fn check_covered(&self, file: &str, kind: DraftKind) -> Result<(), InputError> {
        let uncovered: Option<Category> = kind.categories().minus(self.covered).iter().next();
        uncovered.map_or(Ok(()), |category| {
            let problem = Problem::UncoveredKind { kind, category };
            Err(InputError { file: file.to_owned(), place: Place::File, problem })
        })
    }
}

/// The date of an instant as other programs write it, `2023-01-27T16:17:47Z`, or of a plain date.
/// The clock time and the zone are left out: the date is the one that the source printed.
pub(crate) fn date_of(text: &str) -> Result<Date, ParseError> {
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    date.parse()
}

/// Ends a span on the day before the next one begins, where the source gives both the same day:
/// there an end is exclusive, and one day would be covered twice. Returns how many were shortened.
pub(crate) fn close_before_next(spans: &mut [CoverageDraft]) -> u64 {
    let mut starts: BTreeMap<SourceId, Vec<Date>> = BTreeMap::new();
    for span in spans.iter() {
        starts.entry(span.member_source_id.clone()).or_default().push(span.coverage.start);
    }
    let mut shortened = 0;
    for span in spans {
        let Some(end) = span.coverage.end.filter(|end| *end > span.coverage.start) else { continue };
        if starts.get(&span.member_source_id).is_some_and(|starts| starts.contains(&end)) {
            span.coverage.end = end.plus_days(-1);
            shortened += 1;
        }
    }
    shortened
}

/// Reads every row of a file, and counts it.
pub(crate) fn for_rows<R: Read>(
    reader: R,
    layout: &'static Layout,
    mapping: &Mapping,
    parsed: &mut Parsed,
    mut each: impl FnMut(&Row<'_>, &mut Parsed) -> Result<(), InputError>,
) -> Result<(), InputError> {
    let mut rows = Rows::new(layout.name, reader, layout, mapping.covered)?;
    while let Some(found) = rows.next(|row| each(row, parsed)) {
        found?;
        parsed.report.read(layout.name);
    }
    Ok(())
}

/// Postal code and town in one, as printed.
pub(crate) fn town(
    row: &Row<'_>,
    code: &'static str,
    city: &'static str,
) -> Result<Option<PostalAddress>, InputError> {
    let parts: Vec<_> = [row.text(code), row.text(city)].into_iter().flatten().collect();
    if parts.is_empty() {
        return Ok(None);
    }
    PostalAddress::parse(&parts.join(" ")).map(Some).map_err(|error| row.error(city, error.into()))
}
