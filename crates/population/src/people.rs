//! Families: a holder, perhaps a partner and children, who share a home, an account and a plan.

use std::ops::Range;

use domain::{
    Bic, Country, Coverage, CoverageStatus, Currency, Date, Diagnosis, EmailAddress, Iban, MemberNumber,
    ParseError, Person, PersonName, PhoneNumber, PlanName, PolicyNumber, PostalAddress, Sex, SubjectKind,
};
use intake::{CoverageDraft, MemberDraft, SourceId};

use crate::bank::account;
use crate::names::{CULTURES, Culture};
use crate::places::{ABROAD, PLACES, Place, homes};
use crate::plans::{PLANS, PlanUse, SPONSORS};
use crate::random::Random;

/// A person, their cover, and what the claims need to know of them.
pub(crate) struct Insured {
    pub(crate) member: MemberDraft,
    pub(crate) coverage: CoverageDraft,
    /// Where they live: a position in [`PLACES`].
    pub(crate) place: usize,
    /// Years, at the end of the year of claims.
    pub(crate) age: u32,
}

/// What a family shares.
struct Family {
    number: u32,
    place: usize,
    plan: &'static PlanUse,
    currency: Currency,
    sponsor: Option<&'static str>,
    family_name: &'static str,
    culture: &'static Culture,
    street: String,
    town: &'static str,
    account: Option<(Iban, Bic)>,
    start: Date,
    end: Option<Date>,
    status: CoverageStatus,
}

/// Someone in a family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Holder,
    Partner,
    Child,
}

/// Families whose people have these numbers; the last family is cut where the numbers end.
pub(crate) fn families(
    random: &mut Random,
    mut numbers: Range<u32>,
    today: Date,
) -> Result<Vec<Insured>, ParseError> {
    let mut people = Vec::with_capacity(numbers.len());
    while let Some(holder) = numbers.next() {
        let family = family(random, holder, today)?;
        let age = random.weighted(&[(20, 22), (30, 30), (25, 40), (17, 50), (8, 60)])? + random.below(10);
        people.push(person(random, &family, holder, Role::Holder, age, today)?);
        let (partner, children) = random.weighted(&[
            (52, (false, 0)),
            (20, (true, 0)),
            (8, (false, 1)),
            (8, (true, 1)),
            (9, (true, 2)),
            (3, (true, 3)),
        ])?;
        if partner && let Some(number) = numbers.next() {
            let age = (age + random.below(13)).saturating_sub(6).max(20);
            people.push(person(random, &family, number, Role::Partner, age, today)?);
        }
        for _ in 0..children {
            let Some(number) = numbers.next() else { break };
            let age = random.below(age.saturating_sub(19).clamp(1, 23));
            people.push(person(random, &family, number, Role::Child, age, today)?);
        }
    }
    Ok(people)
}

fn family(random: &mut Random, number: u32, today: Date) -> Result<Family, ParseError> {
    let plan = random.weighted(PLANS)?;
    let currency = random.weighted(plan.currencies)?;
    let place_number = random.weighted(homes(currency))?;
    let place = place(place_number)?;
    let culture = if random.happens(6_500) { CULTURES.get(place.culture) } else { None };
    let culture = culture.map_or_else(|| random.one_of(CULTURES), Ok)?;
    let sponsors: Vec<_> = SPONSORS.iter().filter(|sponsor| sponsor.portfolio == plan.portfolio).collect();
    let sponsor =
        if random.happens(plan.sponsored_in_10_000) { Some(random.one_of(&sponsors)?.name) } else { None };
    let (start, end, status) = span(random, today)?;
    Ok(Family {
        number,
        place: place_number,
        plan,
        currency: currency.parse()?,
        sponsor,
        family_name: random.one_of(culture.families)?,
        culture,
        street: format!("{} {}", random.one_of(place.streets)?, random.between(1, 180)),
        town: random.one_of(place.towns)?,
        account: bank_account(random, place)?,
        start,
        end,
        status,
    })
}

/// Most people have an account at home; one in a hundred families has given none.
fn bank_account(random: &mut Random, home: &Place) -> Result<Option<(Iban, Bic)>, ParseError> {
    if random.happens(100) {
        return Ok(None);
    }
    let bank = if home.accounts.is_some() { home } else { place(random.weighted(ABROAD)?)? };
    bank.accounts.map(|shape| account(random, bank.country, shape)).transpose()
}

fn place(number: usize) -> Result<&'static Place, ParseError> {
    PLACES.get(number).ok_or(ParseError::Shape { what: "population", problem: "no such place" })
}

/// Cover begins on the first of a month, mostly years ago; a few joined or left within the year, and
/// one family in a hundred is suspended.
fn span(random: &mut Random, today: Date) -> Result<(Date, Option<Date>, CoverageStatus), ParseError> {
    let months_ago = if random.happens(500) { random.between(1, 11) } else { random.between(14, 90) };
    let month = Date::new(today.year(), today.month(), 1)?;
    let back = |months: u32| month.plus_months(-i32::try_from(months).unwrap_or(0)).ok_or(OUT_OF_RANGE);
    let start = back(months_ago)?;
    if months_ago > 12 && random.happens(300) {
        let end = back(random.between(1, 10))?.plus_days(-1);
        return Ok((start, end, CoverageStatus::Ended));
    }
    let suspended = random.happens(100);
    Ok((start, None, if suspended { CoverageStatus::Suspended } else { CoverageStatus::Active }))
}

const OUT_OF_RANGE: ParseError = ParseError::Shape { what: "today", problem: "too near the calendar's end" };

fn person(
    random: &mut Random,
    family: &Family,
    number: u32,
    role: Role,
    age: u32,
    today: Date,
) -> Result<Insured, ParseError> {
    let sex = if random.happens(5_050) { Sex::Female } else { Sex::Male };
    let given = random.one_of(if sex == Sex::Female { family.culture.women } else { family.culture.men })?;
    let own_name = role == Role::Partner && random.happens(6_000);
    let last = if own_name { random.one_of(family.culture.families)? } else { family.family_name };
    let name = PersonName::parse(&format!("{given} {last}"))?;
    let days = i32::try_from(age * 36525 / 100 + random.below(365)).unwrap_or(0);
    let birth_date = today.plus_days(-days).ok_or(OUT_OF_RANGE)?;
    let in_family = number - family.number;
    let home = place(family.place)?;
    let grown_up = age >= 18;
    let email = format!("{}.{}{number}@example.org", ascii(given), ascii(last));
    let phone = format!("{} 555 {:07}", home.calling, random.below(10_000_000));
    let person = Person {
        name: name.clone(),
        birth_date,
        sex,
        address: Some(PostalAddress::parse(&family.street)?),
        town: Some(PostalAddress::parse(family.town)?),
        country: Some(home.country.parse::<Country>()?),
        email: if grown_up { Some(EmailAddress::parse(&email)?) } else { None },
        phone: if grown_up { Some(PhoneNumber::parse(&phone)?) } else { None },
        death_date: None,
        member_number: MemberNumber::parse(&format!("MB-{:07}-{in_family:02}", family.number))?,
        account: family.account.as_ref().map(|(iban, _)| iban.clone()),
        bank: family.account.as_ref().map(|(_, bic)| bic.clone()),
    };
    // A dependant is born into cover; nobody is covered before.
    let start = family.start.max(birth_date);
    let source_id = SourceId::parse(&format!("M-{number:07}"))?;
    let holder = SourceId::parse(&format!("M-{:07}", family.number))?;
    let consents = random.happens(9_700);
    let member = MemberDraft {
        source_id: source_id.clone(),
        portfolio: Some(family.plan.portfolio.to_owned()),
        person,
        kind: if role == Role::Holder { SubjectKind::Member } else { SubjectKind::Beneficiary },
        holder_source_id: (role != Role::Holder).then_some(holder),
        governing_law: None,
        health_consent: consents.then_some(start),
    };
    let coverage = CoverageDraft {
        source_id: SourceId::parse(&format!("V-{number:07}"))?,
        member_source_id: source_id,
        plan: family.plan.id.to_owned(),
        sponsor: family.sponsor.map(str::to_owned),
        coverage: coverage(random, family, name, start)?,
    };
    Ok(Insured { member, coverage, place: family.place, age })
}

fn coverage(
    random: &mut Random,
    family: &Family,
    name: PersonName,
    start: Date,
) -> Result<Coverage, ParseError> {
    let mut exclusions = Vec::new();
    if random.happens(300) {
        exclusions.push(Diagnosis::parse(random.one_of(&["M51", "K40", "N20", "J45"])?)?);
    }
    Ok(Coverage {
        insured: name,
        policy_number: PolicyNumber::parse(&format!("POL-{:07}", family.number))?,
        plan_name: PlanName::parse(family.plan.name)?,
        currency: family.currency,
        start,
        end: family.end.map(|end| end.max(start)),
        status: family.status,
        exclusions,
        modules: None,
        salaries: Vec::new(),
        prior_cover: None,
        preexisting: Vec::new(),
        other: None,
        parents: None,
    })
}

/// Letters for an e-mail address: without accents, small, nothing else.
fn ascii(name: &str) -> String {
    let plain = name.chars().filter_map(|letter| match letter {
        'a'..='z' => Some(letter),
        'A'..='Z' => Some(letter.to_ascii_lowercase()),
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'Å' | 'ą' | 'Á' | 'ầ' | 'æ' => Some('a'),
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' | 'ẹ' | 'É' | 'ễ' => Some('e'),
        'ì' | 'í' | 'î' | 'ï' | 'ı' | 'Í' | 'İ' => Some('i'),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'Ó' | 'Ö' | 'Ø' | 'Õ' => Some('o'),
        'ù' | 'ú' | 'û' | 'ü' | 'Ü' | 'Ú' => Some('u'),
        'ç' | 'Ç' => Some('c'),
        'ğ' => Some('g'),
        'ñ' | 'ń' => Some('n'),
        'ł' | 'Ł' => Some('l'),
        'ś' | 'ş' | 'Ş' | 'ß' => Some('s'),
        'ż' | 'ź' | 'Ż' | 'Ź' => Some('z'),
        _ => None,
    });
    plain.collect()
}
