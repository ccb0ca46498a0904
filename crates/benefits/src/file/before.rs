//! Reads what stood before the first claim of a file: what was counted, as sums and line by line, and which guarantees are live.
//! Each sum says on which balance of its accumulator it stands. Whether a claim of the file meets it is told by `unmet`.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    AccumulatorBalance, AccumulatorEntry, Accumulators, ClaimId, ClaimLine, CountedDays, Currency, Date,
    Diagnosis, GuaranteeId, GuaranteeUse, LineService, PriorLine, ProviderId, TakenCopay, UsedUnits,
};

use super::FileError;
use super::facts::AllLabels;
use super::object::{Object, field};
use super::read::{Claim, read_line};
use crate::adjudicate::{condition_of, numbered, visit_to};
use crate::guarantees::{ExpectedCare, Guaranteed};
use crate::ledger::count;
use crate::plan::{Counter, Per, Period, Plan};

/// The lists of the file that are read here.
pub(super) const OF_FILE: [&str; 3] = ["opening", "prior", "guarantees"];

/// Whose balance it is.
pub(super) enum Whose {
    Member(String),
    /// Which of the family counted it nobody says.
    Family(String),
}

/// A balance that stood, in the order of the file.
pub(super) struct Opening {
    pub(super) whose: Whose,
    pub(super) family: Option<String>,
    pub(super) balance: AccumulatorBalance,
}

/// A line that was settled before, in the order of the file.
pub(super) struct Settled {
    pub(super) member: String,
    line: PriorLine,
}

/// A guarantee that was granted, with its days.
pub(super) struct Live {
    id: GuaranteeId,
    granted: Date,
    withdrawn: Option<Date>,
    days: (Date, Date),
    /// What the plan pays at most, and what the member does.
    amounts: (i64, i64),
    provider: ProviderId,
    currency: Currency,
    lines: Vec<ClaimLine>,
    services: Vec<LineService>,
    diagnoses: Vec<Diagnosis>,
    said: ExpectedCare,
}

impl Live {
    /// It, where it stands on a day.
    pub(super) fn on(&self, day: Date) -> Option<Guaranteed<'_>> {
        let stands = self.granted <= day && self.withdrawn.is_none_or(|withdrawn| day < withdrawn);
        stands.then_some(Guaranteed {
            id: self.id,
            since: self.granted,
            first: self.days.0,
            last: self.days.1,
            maximum: self.amounts.0,
            member_share: self.amounts.1,
            provider: self.provider,
            currency: self.currency,
            lines: &self.lines,
            services: &self.services,
            diagnoses: &self.diagnoses,
            said: self.said,
        })
    }
}

/// What stood before the first claim.
#[derive(Default)]
pub(super) struct Before {
    pub(super) openings: Vec<Opening>,
    pub(super) settled: Vec<Settled>,
    /// The claims of the lines that were settled, by the file's labels.
    claims: BTreeMap<String, ClaimId>,
    pub(super) guarantees: BTreeMap<String, Vec<Live>>,
    /// What was used of them, by member.
    used: Vec<(String, GuaranteeUse)>,
}

impl Before {
    /// Reads the lines that were settled, and the guarantees.
    pub(super) fn read(file: &Object<'_>, plan: &Plan, labels: &mut AllLabels) -> Result<Self, FileError> {
        let mut before = Self::default();
        for one in file.maybe_objects("prior")? {
            let next = apart(1, before.settled.len());
            let label = one.maybe_text("claim")?;
            let claim = label.map_or(next, |label| *before.claims.entry(label.to_owned()).or_insert(next));
            before.settled.push(settled(&one, plan, claim, labels)?);
        }
        for (place, one) in file.maybe_objects("guarantees")?.iter().enumerate() {
            let (member, live, used) = guarantee(one, place, plan, labels)?;
            if let Some(used) = used {
                let others = before.claims_of(&one.object("used")?, &member)?;
                let none = |claim| GuaranteeUse { claim, charged: 0, paid: 0, units: Vec::new(), ..used };
                let named: Vec<GuaranteeUse> = others.into_iter().map(none).collect();
                before.used.extend([used].into_iter().chain(named).map(|used| (member.clone(), used)));
            }
            before.guarantees.entry(member).or_default().push(live);
        }
        Ok(before)
    }

    /// The claims by which a guarantee was used: what they used is told together, and whose lines were settled is told by them.
    fn claims_of(&self, used: &Object<'_>, member: &str) -> Result<Vec<ClaimId>, FileError> {
        let labels = used.maybe_words("claims")?.unwrap_or_default();
        let claim = |(place, label): (usize, &String)| {
            let claim = self.claim(label).filter(|claim| {
                self.settled.iter().any(|one| one.member == member && one.line.claim == *claim)
            });
            let problem =
                "no line in `prior` is of this claim of the member: name one that is, or leave it out";
            claim.ok_or_else(|| field(&format!("{}[{place}]", used.at("claims")), problem))
        };
        labels.iter().enumerate().map(claim).collect()
    }

    /// Reads the sums. What counts for a family needs to know whose it is: by the claims, or as the sum says.
    pub(super) fn read_openings(
        &mut self,
        file: &Object<'_>,
        plan: &Plan,
        claims: &[Claim],
        labels: &mut AllLabels,
    ) -> Result<(), FileError> {
        let of_family = |claim: &'_ Claim| Some((claim.member.clone(), claim.known.family.clone()?));
        let families: BTreeMap<String, String> = claims.iter().filter_map(of_family).collect();
        for one in file.maybe_objects("opening")? {
            self.openings.push(opening(&one, plan, &families, labels)?);
        }
        Ok(())
    }

    /// The claim that was settled before and has this label.
    pub(super) fn claim(&self, label: &str) -> Option<ClaimId> {
        self.claims.get(label).copied()
    }

    /// What was counted for each member, and for families of whom nobody says which member it was.
    pub(super) fn counted(
        &self,
    ) -> Result<(Counted<Accumulators>, Counted<Vec<AccumulatorBalance>>), FileError> {
        let mut members: Counted<Accumulators> = BTreeMap::new();
        let mut families: Counted<Vec<AccumulatorBalance>> = BTreeMap::new();
        for (place, opening) in self.openings.iter().enumerate() {
            let AccumulatorBalance { accumulator, period_start, amount, scope } = opening.balance;
            let entry =
                AccumulatorEntry { accumulator, period_start, line: 0, delta: amount, scope, until: None };
            let balances = match &opening.whose {
                Whose::Member(member) => &mut members.entry(member.clone()).or_default().balances,
                Whose::Family(family) => families.entry(family.clone()).or_default(),
            };
            let counted = count(balances, &entry);
            counted.map_err(|error| field(&format!("opening[{place}]"), &error.to_string()))?;
            balances.retain(|balance| balance.amount != 0);
        }
        for settled in &self.settled {
            members.entry(settled.member.clone()).or_default().lines.push(settled.line.clone());
        }
        for (member, used) in &self.used {
            members.entry(member.clone()).or_default().guarantees.push(used.clone());
        }
        members.values_mut().for_each(|member| member.lines.sort_by_key(|line| line.service_start));
        Ok((members, families))
    }

    /// Who is of which family, by the claims and the sums.
    pub(super) fn families<'f>(&'f self, claims: &'f [Claim]) -> BTreeMap<&'f str, BTreeSet<&'f str>> {
        let by_claims =
            claims.iter().filter_map(|claim| Some((claim.known.family.as_deref()?, &claim.member)));
        let by_sums = self.openings.iter().filter_map(|opening| match &opening.whose {
            Whose::Member(member) => Some((opening.family.as_deref()?, member)),
            Whose::Family(_) => None,
        });
        let mut families: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (family, member) in by_claims.chain(by_sums) {
            families.entry(family).or_default().insert(member);
        }
        families
    }
}

/// By the file's label of a member or a family.
pub(super) type Counted<T> = BTreeMap<String, T>;

/// An id apart from those of the claims of the file.
fn apart(kind: u128, place: usize) -> ClaimId {
    ClaimId::from_bytes((kind << 64 | place as u128).to_be_bytes())
}

/// The accumulator that an object names.
fn counter<'p>(one: &Object<'_>, plan: &'p Plan) -> Result<&'p Counter, FileError> {
    let number = one.count("accumulator")?.and_then(|number| u16::try_from(number).ok());
    let counter = number.and_then(|number| plan.counter(number));
    counter.ok_or_else(|| field(&one.at("accumulator"), "write the number of an accumulator of the plan"))
}

fn needed_count(one: &Object<'_>) -> Result<u32, FileError> {
    let problem = "missing: this accumulator counts no money, so write how many";
    one.count("count")?.ok_or_else(|| field(&one.at("count"), problem))
}

/// What tells one balance of an accumulator from another, where it counts apart for each.
const SCOPES: [&str; 6] = ["condition", "diagnosis", "event", "pregnancy", "admission", "provider"];

fn opening(
    one: &Object<'_>,
    plan: &Plan,
    families: &BTreeMap<String, String>,
    labels: &mut AllLabels,
) -> Result<Opening, FileError> {
    let own = ["member", "family", "accumulator", "period_start", "amount", "currency", "count"];
    one.only(&[&own[..], &SCOPES].concat())?;
    let counter = counter(one, plan)?;
    let amount = match plan.accumulator_is_money(counter.accumulator) {
        true => one.money("amount", currency_of(one, plan)?)?,
        false => needed_count(one)?.into(),
    };
    let (period_start, scope) = balance(one, counter, labels)?;
    let (whose, family) = whose(one, counter, families)?;
    let balance = AccumulatorBalance { accumulator: counter.accumulator, period_start, amount, scope };
    Ok(Opening { whose, family, balance })
}

/// The first day of the period of a balance that stood before, and which one of its accumulator it is.
fn balance(one: &Object<'_>, counter: &Counter, labels: &mut AllLabels) -> Result<(Date, u64), FileError> {
    // Of a visit another invoice may come.
    if matches!(counter.per, Per::Claim | Per::Unit) {
        let problem = "what it counts ends with the claim: nothing of it can stand before";
        return Err(field(&one.at("accumulator"), problem));
    }
    let period_start: Date = one.parsed("period_start")?;
    if counter.period == Period::CalendarYear
        && counter.per != Per::Visit
        && counter.period.start(period_start, period_start) != period_start
    {
        let problem = "this accumulator counts in calendar years: write the first of January";
        return Err(field(&one.at("period_start"), problem));
    }
    Ok((period_start, scope(one, counter, labels)?))
}

/// Which balance of an accumulator: that of a condition, event, pregnancy, admission or visit, where it counts apart for each.
fn scope(one: &Object<'_>, counter: &Counter, labels: &mut AllLabels) -> Result<u64, FileError> {
    let own: &[&str] = match counter.per {
        Per::Condition => &["condition", "diagnosis"],
        Per::Event => &["event"],
        Per::Pregnancy => &["pregnancy"],
        Per::Admission => &["admission"],
        Per::Visit => &["provider"],
        Per::Person | Per::Claim | Per::Unit => &[],
    };
    if let Some(other) = SCOPES.iter().find(|name| !own.contains(name) && one.get(name).is_some()) {
        return Err(field(&one.at(other), "this accumulator does not count apart for each: leave it out"));
    }
    if counter.per == Per::Condition && one.get("condition").is_none() && one.get("diagnosis").is_some() {
        return Ok(condition_of(&[one.diagnosis("diagnosis")?]));
    }
    let Some(name) = own.first() else { return Ok(0) };
    let labels = match counter.per {
        Per::Visit => return Ok(visit_to(labels.provider(one.text(name)?))),
        Per::Condition => &mut labels.conditions,
        Per::Event => &mut labels.events,
        Per::Pregnancy => &mut labels.pregnancies,
        _ => &mut labels.admissions,
    };
    match one.maybe_text(name)? {
        Some(label) => Ok(numbered(labels.number(label))),
        // All that has no number counts together.
        None if counter.per == Per::Pregnancy => Ok(0),
        None => Err(field(&one.at(name), "missing: this accumulator counts apart for each: say for which")),
    }
}

fn whose(
    one: &Object<'_>,
    counter: &Counter,
    families: &BTreeMap<String, String>,
) -> Result<(Whose, Option<String>), FileError> {
    let family = one.maybe_text("family")?.map(str::to_owned);
    if !counter.family {
        return match family {
            None => Ok((Whose::Member(one.text("member")?.to_owned()), None)),
            Some(_) => Err(field(&one.at("family"), "this accumulator counts for each member: leave it out")),
        };
    }
    let Some(member) = one.maybe_text("member")? else {
        let family = family.ok_or_else(|| {
            field(&one.at("family"), "missing: this accumulator counts for a family: write it or a member")
        })?;
        return Ok((Whose::Family(family.clone()), Some(family)));
    };
    let family = family.or_else(|| families.get(member).cloned()).ok_or_else(|| {
        field(&one.at("family"), "missing: no claim says of which family the member is, so write it here")
    })?;
    Ok((Whose::Member(member.to_owned()), Some(family)))
}

fn settled(
    one: &Object<'_>,
    plan: &Plan,
    claim: ClaimId,
    labels: &mut AllLabels,
) -> Result<Settled, FileError> {
    let own =
        ["member", "claim", "provider", "service_start", "code", "charge", "currency", "counted", "copay"];
    one.only(&own)?;
    let service_start: Date = one.parsed("service_start")?;
    let mut counted = Vec::new();
    for days in one.maybe_objects("counted")? {
        days.only(&["accumulator", "until"])?;
        let counter = counter(&days, plan)?;
        if plan.accumulator_is_money(counter.accumulator) {
            let problem = "this accumulator counts money, and no days: leave it out";
            return Err(field(&days.at("accumulator"), problem));
        }
        let until = days.maybe("until")?.unwrap_or(service_start);
        counted.push(CountedDays { accumulator: counter.accumulator, until });
    }
    let copay = if one.get("copay").is_some() { Some(copay(&one.object("copay")?, plan)?) } else { None };
    let line = PriorLine {
        claim,
        provider: labels.provider(one.text("provider")?),
        service_start,
        code: one.service_code("code")?,
        charge: one.money("charge", one.parsed("currency")?)?,
        counted,
        copay: copay.filter(|copay| copay.amount > 0),
    };
    Ok(Settled { member: one.text("member")?.to_owned(), line })
}

fn copay(one: &Object<'_>, plan: &Plan) -> Result<TakenCopay, FileError> {
    one.only(&["benefit", "amount", "currency"])?;
    let id = one.text("benefit")?;
    let place = plan.benefits.iter().position(|benefit| benefit.id == id);
    let benefit = place.and_then(|place| u16::try_from(place).ok());
    let benefit =
        benefit.ok_or_else(|| field(&one.at("benefit"), "write the `id` of a benefit of the plan"))?;
    Ok(TakenCopay { benefit, amount: one.money("amount", currency_of(one, plan)?)? })
}

/// The currency of what was counted: what the plan does not count in is not taken for what it does.
fn currency_of(one: &Object<'_>, plan: &Plan) -> Result<Currency, FileError> {
    let currency = one.parsed("currency")?;
    match plan.currencies().contains(&currency) {
        true => Ok(currency),
        false => Err(field(&one.at("currency"), "the plan counts in no such currency: write one of its own")),
    }
}

type ReadGuarantee = (String, Live, Option<GuaranteeUse>);

fn guarantee(
    one: &Object<'_>,
    place: usize,
    plan: &Plan,
    labels: &mut AllLabels,
) -> Result<ReadGuarantee, FileError> {
    one.only(&[
        "member",
        "provider",
        "currency",
        "granted",
        "withdrawn",
        "first",
        "last",
        "maximum",
        "member_share",
        "lines",
        "diagnoses",
        "used",
        "country",
        "emergency",
        "accident",
        "in_network",
        "away_since",
        "room",
    ])?;
    let currency: Currency = one.parsed("currency")?;
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for line in one.objects("lines")? {
        line.only(&super::read::OF_LINE)?;
        let (line, service) = read_line(&line, lines.len(), currency)?;
        lines.push(line);
        services.push(service);
    }
    let id = GuaranteeId::from_bytes(*apart(2, place).bytes());
    let (first, last) = (one.parsed("first")?, one.parsed("last")?);
    if last < first {
        return Err(field(&one.at("last"), "it is over before it begins: check both days"));
    }
    let live = Live {
        id,
        granted: one.parsed("granted")?,
        withdrawn: one.maybe("withdrawn")?,
        days: (first, last),
        amounts: (one.money("maximum", currency)?, one.maybe_money("member_share", currency)?.unwrap_or(0)),
        provider: labels.provider(one.text("provider")?),
        currency,
        lines,
        services,
        diagnoses: one.diagnoses("diagnoses")?,
        said: super::facts::expected(one)?,
    };
    let used = if one.get("used").is_some() {
        Some(used(&one.object("used")?, (id, currency), plan, labels)?)
    } else {
        None
    };
    Ok((one.text("member")?.to_owned(), live, used))
}

/// What claims that were settled before used of a guarantee, together.
fn used(
    one: &Object<'_>,
    (guarantee, currency): (GuaranteeId, Currency),
    plan: &Plan,
    labels: &mut AllLabels,
) -> Result<GuaranteeUse, FileError> {
    one.only(&["charged", "paid", "counted", "claims"])?;
    let mut units = Vec::new();
    for counted in one.maybe_objects("counted")? {
        counted.only(&[&["accumulator", "period_start", "count"][..], &SCOPES].concat())?;
        let counter = counter(&counted, plan)?;
        let (period_start, scope) = balance(&counted, counter, labels)?;
        let units_used = needed_count(&counted)?.into();
        let accumulator = counter.accumulator;
        units.push(UsedUnits { accumulator, units: units_used, period_start, scope });
    }
    let (charged, paid) = (one.money("charged", currency)?, one.money("paid", currency)?);
    let claim = ClaimId::from_bytes(*guarantee.bytes());
    Ok(GuaranteeUse { guarantee, claim, charged, paid, units })
}
