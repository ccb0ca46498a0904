//! Reads what a claims file says beyond the claims themselves: where and how care was given, what is
//! known of the member, authorisations, other payers, exchange rates. All of it may be left out.

use std::collections::BTreeMap;

use domain::{
    AccumulatorBalance, ClaimId, Country, Currency, Date, DocumentName, ModuleName, Preexisting, ProviderId,
    Room, ServiceCode, Sex,
};

use super::FileError;
use super::object::{Object, field};
use crate::coordination::{Order, OtherCover, OtherPayment, Side, Standing, Through, who_pays_first};
use crate::exchange::ExchangeRates;
use crate::facts::{Authorisation, Facts, ROOMS};
use crate::guarantees::ExpectedCare;

/// The fields of a claim and of its cover that are read here.
pub(super) const OF_CLAIM: [&str; 21] = [
    "country",
    "emergency",
    "accident",
    "away_since",
    "invoiced",
    "admitted",
    "in_network",
    "provider_excluded",
    "sex",
    "family",
    "authorisations",
    "condition",
    "event",
    "pregnancy",
    "admission",
    "room",
    "documents",
    "filing_waived",
    "replaces",
    "other_cover",
    "confirmed",
];
pub(super) const OF_COVER: [&str; 6] =
    ["modules", "salary", "policy_start", "covered_since", "prior_cover", "preexisting"];
pub(super) const OF_LINE: [&str; 3] = ["other_paid", "other_allowed", "contribution"];

/// Labels of the file's own, numbered in order of their first mention.
#[derive(Default)]
pub(super) struct Labels(BTreeMap<String, u32>);

impl Labels {
    pub(super) fn number(&mut self, label: &str) -> u32 {
        if let Some(known) = self.0.get(label) {
            return *known;
        }
        // INVARIANT: a file has fewer labels than bytes, and is held in memory whole.
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(label.to_owned(), next);
        next
    }
}

/// The labels of a file.
#[derive(Default)]
pub(super) struct AllLabels {
    providers: Labels,
    pub(super) conditions: Labels,
    pub(super) events: Labels,
    pub(super) pregnancies: Labels,
    pub(super) admissions: Labels,
}

impl AllLabels {
    /// The provider with a label.
    pub(super) fn provider(&mut self, label: &str) -> ProviderId {
        ProviderId::from_bytes(u128::from(self.providers.number(label)).to_be_bytes())
    }
}

/// What is known beyond a claim.
pub(super) struct Known {
    pub(super) family: Option<String>,
    pub(super) confirmed: bool,
    country: Option<Country>,
    emergency: bool,
    accident: bool,
    away_since: Option<Date>,
    invoiced: Option<Date>,
    admitted: Option<Date>,
    in_network: Option<bool>,
    provider_excluded: bool,
    modules: Option<Vec<ModuleName>>,
    sex: Option<Sex>,
    salary: Option<i64>,
    policy_start: Option<Date>,
    covered_since: Option<Date>,
    prior_cover: Option<Date>,
    preexisting: Vec<Preexisting>,
    authorisations: Option<Vec<Authorisation>>,
    condition: Option<u32>,
    event: Option<u32>,
    pregnancy: Option<u32>,
    admission: Option<u32>,
    room: Option<Room>,
    documents: Option<Vec<DocumentName>>,
    filing_waived: bool,
    pub(super) replaces: Option<String>,
    order: Option<Order>,
    pub(super) paid: Vec<OtherPayment>,
}

impl Known {
    pub(super) fn read(
        claim: &Object<'_>,
        cover: &Object<'_>,
        currency: Currency,
        labels: &mut AllLabels,
    ) -> Result<Self, FileError> {
        let label = |name: &str| claim.maybe_text(name);
        let numbered = |text: Option<&str>, labels: &mut Labels| text.map(|text| labels.number(text));
        Ok(Self {
            family: label("family")?.map(str::to_owned),
            confirmed: claim.flag("confirmed")?,
            country: claim.maybe("country")?,
            emergency: claim.flag("emergency")?,
            accident: claim.flag("accident")?,
            away_since: claim.maybe("away_since")?,
            invoiced: claim.maybe("invoiced")?,
            admitted: claim.maybe("admitted")?,
            in_network: claim.maybe_flag("in_network")?,
            provider_excluded: claim.flag("provider_excluded")?,
            modules: modules(cover)?,
            sex: claim.maybe("sex")?,
            salary: cover.maybe_money("salary", currency)?,
            policy_start: cover.maybe("policy_start")?,
            covered_since: cover.maybe("covered_since")?,
            prior_cover: cover.maybe("prior_cover")?,
            preexisting: preexisting(cover)?,
            authorisations: authorisations(claim, currency)?,
            condition: numbered(label("condition")?, &mut labels.conditions),
            event: numbered(label("event")?, &mut labels.events),
            pregnancy: numbered(label("pregnancy")?, &mut labels.pregnancies),
            admission: numbered(label("admission")?, &mut labels.admissions),
            room: room(claim)?,
            documents: documents(claim)?,
            filing_waived: claim.flag("filing_waived")?,
            replaces: label("replaces")?.map(str::to_owned),
            order: order(claim)?,
            paid: payments(claim, currency)?,
        })
    }

    pub(super) fn facts<'a>(
        &'a self,
        rates: &'a ExchangeRates,
        family: Option<&'a [AccumulatorBalance]>,
        replaces: Option<ClaimId>,
    ) -> Facts<'a> {
        Facts {
            country: self.country,
            // Left out, a file says that it was neither.
            emergency: Some(self.emergency),
            accident: Some(self.accident),
            away_since: self.away_since,
            invoiced: self.invoiced,
            admitted: self.admitted,
            in_network: self.in_network,
            provider_excluded: self.provider_excluded,
            released: false,
            modules: self.modules.as_deref(),
            sex: self.sex,
            salary: self.salary,
            policy_start: self.policy_start,
            covered_since: self.covered_since,
            prior_cover: self.prior_cover,
            preexisting: &self.preexisting,
            authorisations: self.authorisations.as_deref(),
            condition: self.condition,
            event: self.event,
            pregnancy: self.pregnancy,
            admission: self.admission,
            room: self.room,
            documents: self.documents.as_deref(),
            // A file says the type in the line itself.
            service_types: &[],
            filing_waived: self.filing_waived,
            replaces,
            family,
            kept_free: &[],
            overrides: &[],
            other: self.order.map(|order| OtherCover { order, paid: &self.paid }),
            rates: Some(rates),
        }
    }
}

fn modules(cover: &Object<'_>) -> Result<Option<Vec<ModuleName>>, FileError> {
    let Some(words) = cover.maybe_words("modules")? else { return Ok(None) };
    let module = |word: &String| {
        ModuleName::parse(word).map_err(|error| field(&cover.at("modules"), &error.to_string()))
    };
    words.iter().map(module).collect::<Result<_, _>>().map(Some)
}

fn documents(claim: &Object<'_>) -> Result<Option<Vec<DocumentName>>, FileError> {
    let Some(words) = claim.maybe_words("documents")? else { return Ok(None) };
    let document = |word: &String| {
        DocumentName::parse(word).map_err(|error| field(&claim.at("documents"), &error.to_string()))
    };
    words.iter().map(document).collect::<Result<_, _>>().map(Some)
}

fn preexisting(cover: &Object<'_>) -> Result<Vec<Preexisting>, FileError> {
    let one = |object: Object<'_>| {
        object.only(&["diagnosis", "last_treated"])?;
        Ok(Preexisting {
            diagnosis: object.diagnosis("diagnosis")?,
            last_treated: object.parsed("last_treated")?,
        })
    };
    cover.maybe_objects("preexisting")?.into_iter().map(one).collect()
}

fn authorisations(claim: &Object<'_>, currency: Currency) -> Result<Option<Vec<Authorisation>>, FileError> {
    if claim.get("authorisations").is_none() {
        return Ok(None);
    }
    let one = |object: Object<'_>| {
        object.only(&["code", "from", "until", "units", "amount"])?;
        Ok(Authorisation {
            codes: vec![
                ServiceCode::parse(object.text("code")?)
                    .map_err(|error| field(&object.at("code"), &error.to_string()))?,
            ],
            from: object.parsed("from")?,
            until: object.parsed("until")?,
            units: object.count("units")?,
            amount: object.maybe_money("amount", currency)?,
        })
    };
    claim.maybe_objects("authorisations")?.into_iter().map(one).collect::<Result<_, _>>().map(Some)
}

fn room(claim: &Object<'_>) -> Result<Option<Room>, FileError> {
    claim.maybe_choice("room", &ROOMS)
}

/// What is said of care to come. As of a claim, left out a file says that it is neither an emergency nor after an accident.
pub(super) fn expected(one: &Object<'_>) -> Result<ExpectedCare, FileError> {
    Ok(ExpectedCare {
        country: one.maybe("country")?,
        emergency: Some(one.flag("emergency")?),
        accident: Some(one.flag("accident")?),
        in_network: one.maybe_flag("in_network")?,
        away_since: one.maybe("away_since")?,
        room: room(one)?,
    })
}

/// What another payer made of each line that says so.
fn payments(claim: &Object<'_>, currency: Currency) -> Result<Vec<OtherPayment>, FileError> {
    let mut found = Vec::new();
    for (place, line) in (1..).zip(claim.objects("lines")?) {
        let Some(paid) = line.maybe_money("other_paid", currency)? else { continue };
        found.push(OtherPayment {
            line: line.count("number")?.unwrap_or(place),
            paid,
            allowed: line.maybe_money("other_allowed", currency)?,
            contribution: line.maybe_money("contribution", currency)?.unwrap_or(0),
        });
    }
    Ok(found)
}

/// When this cover pays beside another: as the file says, or by what it says of both.
fn order(claim: &Object<'_>) -> Result<Option<Order>, FileError> {
    if claim.get("other_cover").is_none() {
        return Ok(None);
    }
    let other = claim.object("other_cover")?;
    other.only(&["pays", "own", "other"])?;
    let words = [("after-us", Order::First), ("before-us", Order::Second), ("half", Order::Split)];
    if let Some(order) = other.maybe_choice("pays", &words)? {
        return Ok(Some(order));
    }
    let (own, other) = (standing(&other.object("own")?)?, standing(&other.object("other")?)?);
    Ok(Some(who_pays_first(&own, &other).0))
}

fn standing(object: &Object<'_>) -> Result<Standing, FileError> {
    object.only(&[
        "through",
        "birthday",
        "parent_since",
        "coordinates",
        "statutory",
        "former_work",
        "continuation",
        "since",
    ])?;
    let sides = [
        ("themselves", Through::Themselves),
        ("partner", Through::Partner),
        ("decreed-parent", Through::Separated(Side::Decreed)),
        ("custodial-parent", Through::Separated(Side::Custodial)),
        ("custodial-parents-partner", Through::Separated(Side::CustodialPartner)),
        ("other-parent", Through::Separated(Side::NonCustodial)),
        ("other-parents-partner", Through::Separated(Side::NonCustodialPartner)),
    ];
    let through = match object.maybe_text("through")? {
        Some("parent") => {
            Through::Parent { birthday: birthday(object)?, parent_since: object.parsed("parent_since")? }
        }
        _ => object.maybe_choice("through", &sides)?.unwrap_or(Through::Themselves),
    };
    Ok(Standing {
        coordinates: object.maybe_flag("coordinates")?.unwrap_or(true),
        statutory: object.flag("statutory")?,
        through,
        former_work: object.flag("former_work")?,
        continuation: object.flag("continuation")?,
        since: object.parsed("since")?,
    })
}

/// Month and day, like `06-02`.
fn birthday(object: &Object<'_>) -> Result<(i8, i8), FileError> {
    let parts = object.text("birthday")?.split_once('-');
    let day = parts.and_then(|(month, day)| month.parse::<i8>().ok().zip(day.parse::<i8>().ok()));
    // A leap year has every day.
    day.filter(|(month, day)| Date::new(2024, *month, *day).is_ok())
        .ok_or_else(|| field(&object.at("birthday"), "write month and day, like \"06-02\""))
}

/// Exchange rates: units of a currency for one euro.
pub(super) fn rates(file: &Object<'_>) -> Result<ExchangeRates, FileError> {
    let mut rates = ExchangeRates::default();
    for object in file.maybe_objects("rates")? {
        object.only(&["currency", "date", "units"])?;
        let units = object.amount("units")?;
        let day: Date = object.parsed("date")?;
        let currency: Currency = object.parsed("currency")?;
        if !rates.add(currency, day, &units) {
            let problem =
                "not a rate: write units for one euro, like \"1.0823\", more than 0, ten decimals at most";
            return Err(field(&object.at("units"), problem));
        }
    }
    Ok(rates)
}
