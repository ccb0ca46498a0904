//! A FHIR R4 Claim as a draft. Amounts keep every digit that was written. An item's details are
//! part of its net amount and are not read.

use domain::{
    CareSetting, ClaimLine, Currency, Date, Diagnosis, InvoiceNumber, LineService, Money, ParseError, Payee,
    ServiceCode,
};
use rust_decimal::Decimal;
use serde_json::Number;

use super::bundle::Context;
use super::care::{country, service_type};
use super::node::{FieldError, Node};
use crate::claims::charge_of;
use crate::mapping::date_of;
use crate::{ClaimDraft, ClaimUse, MAX_LINES_PER_CLAIM, Mapping, Origin, Problem, SourceId};

pub(super) fn claim(
    resource: &Node<'_>,
    context: &Context,
    mapping: &Mapping,
    origin: Origin,
) -> Result<ClaimDraft, FieldError> {
    check_meaning(resource, mapping.claim_use)?;
    let items = resource.get("item").items()?;
    match items.len() {
        0 => return Err(resource.get("item").error(Problem::Required)),
        1..=MAX_LINES_PER_CLAIM => {}
        _ => return Err(resource.get("item").error(Problem::Rule("more than 1,000 items"))),
    }
    let currency = currency(resource, &items, mapping)?;
    let setting = setting(resource)?;
    let billable = period(&resource.get("billablePeriod"))?;
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for item in &items {
        let line = line(item, currency, billable, context)?;
        if lines.last().is_some_and(|last: &ClaimLine| last.number >= line.number) {
            return Err(item
                .get("sequence")
                .error(Problem::Rule("not above the item before: number them 1, 2, 3")));
        }
        let code = item.get("productOrService").code()?.required(ServiceCode::parse)?;
        services.push(LineService { line: line.number, code, setting, service_type: service_type(item) });
        lines.push(line);
    }
    let draft = ClaimDraft {
        source_id: resource.get("id").required(SourceId::parse)?,
        member_source_id: context.id_of(&resource.get("patient"))?,
        provider_source_id: context.id_of(&resource.get("provider"))?,
        received: resource.get("created").required(date_of)?,
        payee: payee(resource)?,
        currency,
        invoice_number: resource.get("identifier").first()?.get("value").optional(InvoiceNumber::parse)?,
        lines,
        services,
        diagnoses: diagnoses(resource, context)?,
        circumstances: crate::Circumstances { country: country(&items), ..crate::Circumstances::default() },
        origin,
    };
    let total = resource.get("total").get("value");
    let stated = total.number()?.map(|written| amount(written, currency)).transpose();
    let draft = draft.with_total(stated.map_err(|error| total.error(error.into()))?);
    // What is asked before the care is no document of what was charged: of it nobody looks at anything but the items.
    if mapping.claim_use != ClaimUse::Claim && draft.circumstances.other_total.is_some() {
        return Err(total.error(Problem::Rule("not the sum of the items' net amounts")));
    }
    Ok(draft)
}

/// A claim that is no bill, or that says something here unknown about its own meaning, is refused.
fn check_meaning(resource: &Node<'_>, asked: ClaimUse) -> Result<(), FieldError> {
    let status = resource.get("status");
    if status.text()? != Some("active") {
        return Err(status.error(Problem::Rule("not `active`: only active claims are taken in")));
    }
    let kind = resource.get("use");
    if kind.text()? != Some(asked.word()) {
        return Err(kind.error(Problem::Rule(asked.otherwise())));
    }
    for name in ["modifierExtension", "implicitRules"] {
        let modifier = resource.get(name);
        if modifier.is_there() {
            let problem =
                "changes what the claim means in a way that is not known here: agree with the sender";
            return Err(modifier.error(Problem::Rule(problem)));
        }
    }
    Ok(())
}

/// The one currency of all amounts: of the items, else of the total, else of the mapping.
fn currency(resource: &Node<'_>, items: &[Node<'_>], mapping: &Mapping) -> Result<Currency, FieldError> {
    let mut found: Option<Currency> = None;
    let nets = items.iter().flat_map(|item| [item.get("net"), item.get("unitPrice")]);
    for money in nets.chain([resource.get("total")]) {
        let written = money.get("currency");
        let Some(currency) = written.optional(str::parse)? else { continue };
        if *found.get_or_insert(currency) != currency {
            return Err(written
                .error(Problem::Rule("not the currency of the first amount: send one claim per currency")));
        }
    }
    Ok(found.unwrap_or(mapping.currency))
}

fn line(
    item: &Node<'_>,
    currency: Currency,
    billable: Option<(Date, Date)>,
    context: &Context,
) -> Result<ClaimLine, FieldError> {
    let sequence = item.get("sequence");
    let number = whole(&sequence)?.ok_or_else(|| sequence.error(Problem::Required))?;
    let units = whole(&item.get("quantity").get("value"))?.unwrap_or(1);
    let (start, end) = served(item, billable, context)?;
    Ok(ClaimLine {
        number,
        service_start: start,
        service_end: end,
        units,
        charge: charge(item, units, currency)?,
    })
}

/// The days of service: the item's own, else the claim's period, else those of its encounter.
fn served(
    item: &Node<'_>,
    billable: Option<(Date, Date)>,
    context: &Context,
) -> Result<(Date, Date), FieldError> {
    let date = item.get("servicedDate");
    if let Some(date) = date.optional(date_of)? {
        return Ok((date, date));
    }
    if let Some(period) = period(&item.get("servicedPeriod"))?.or(billable) {
        return Ok(period);
    }
    let encounter = item.get("encounter").first()?;
    if encounter.is_there()
        && let Some(period) = context.encounters.get(&context.key_of(&encounter)?)
    {
        return Ok(*period);
    }
    Err(date
        .error(Problem::Rule("no day of service: give servicedDate, servicedPeriod or Claim.billablePeriod")))
}

fn period(node: &Node<'_>) -> Result<Option<(Date, Date)>, FieldError> {
    let Some(start) = node.get("start").optional(date_of)? else { return Ok(None) };
    let last = node.get("end");
    let end = last.optional(date_of)?.unwrap_or(start);
    if end < start {
        Err(last.error(Problem::Rule("earlier than the start")))
    } else {
        Ok(Some((start, end)))
    }
}

/// The net amount, else the unit price times the units.
fn charge(item: &Node<'_>, units: u32, currency: Currency) -> Result<Money, FieldError> {
    let net = item.get("net").get("value");
    if let Some(written) = net.number()? {
        return amount(written, currency).map_err(|error| net.error(error.into()));
    }
    let price = item.get("unitPrice").get("value");
    let Some(written) = price.number()?.filter(|_| !item.get("factor").is_there()) else {
        return Err(net.error(Problem::Required));
    };
    let each = amount(written, currency).map_err(|error| price.error(error.into()))?;
    let minor = each.minor().checked_mul(i64::from(units)).unwrap_or(i64::MAX);
    Money::new(minor, currency).map_err(|error| price.error(error.into()))
}

/// An amount as written in JSON, which also allows an exponent.
fn amount(written: &Number, currency: Currency) -> Result<Money, ParseError> {
    let text = written.to_string();
    if !text.contains(['e', 'E']) {
        return charge_of(&text, currency);
    }
    let problem = "not a decimal number that fits: write it without an exponent";
    let plain = Decimal::from_scientific(&text).map_err(|_| ParseError::Shape { what: "amount", problem })?;
    charge_of(&plain.to_string(), currency)
}

/// A positive whole number, as in `sequence`, or `3.0` as in a quantity.
fn whole(node: &Node<'_>) -> Result<Option<u32>, FieldError> {
    let Some(written) = node.number()? else { return Ok(None) };
    let number = written.to_string().parse::<Decimal>().ok().filter(|number| number.fract().is_zero());
    let number =
        number.and_then(|number| u32::try_from(number).ok()).filter(|number| (1..=100_000).contains(number));
    number.map(Some).ok_or_else(|| node.error(Problem::Rule("not a whole number from 1 to 100,000")))
}

/// Who is paid; FHIR pays the provider where a claim does not say.
fn payee(resource: &Node<'_>) -> Result<Payee, FieldError> {
    let code = resource.get("payee").get("type").code()?;
    match code.text()? {
        None | Some("provider") => Ok(Payee::Provider),
        Some("subscriber" | "beneficiary") => Ok(Payee::Member),
        Some(_) => Err(code.error(Problem::Rule("use one of provider, subscriber, beneficiary"))),
    }
}

/// Where care was given, as far as the claim's type says it.
fn setting(resource: &Node<'_>) -> Result<CareSetting, FieldError> {
    let sub_type = resource.get("subType").code()?;
    Ok(match (resource.get("type").code()?.text()?, sub_type.text()?) {
        (_, Some("inpatient")) => CareSetting::Inpatient,
        (_, Some("outpatient")) => CareSetting::Outpatient,
        (_, Some("emergency")) => CareSetting::Emergency,
        (Some("pharmacy"), _) => CareSetting::Pharmacy,
        (Some("oral"), _) => CareSetting::Dental,
        (Some("vision"), _) => CareSetting::Vision,
        _ => CareSetting::Unspecified,
    })
}

/// Codes of diagnoses, each once: written in the claim, or of a Condition of the same Bundle.
fn diagnoses(resource: &Node<'_>, context: &Context) -> Result<Vec<Diagnosis>, FieldError> {
    let list = resource.get("diagnosis");
    let mut found = Vec::new();
    for entry in list.items()? {
        let written = entry.get("diagnosisCodeableConcept").code()?.optional(Diagnosis::parse)?;
        let reference = entry.get("diagnosisReference");
        let code = match written {
            Some(code) => code,
            None if reference.is_there() => {
                let problem = Problem::Rule("the Bundle holds no such Condition with a code");
                let key = context.key_of(&reference)?;
                context.conditions.get(&key).cloned().ok_or_else(|| reference.error(problem))?
            }
            None => return Err(entry.error(Problem::Rule("has no code"))),
        };
        if !found.contains(&code) {
            found.push(code);
        }
        if found.len() > 100 {
            return Err(list.error(Problem::Rule("more than 100 diagnoses")));
        }
    }
    Ok(found)
}
