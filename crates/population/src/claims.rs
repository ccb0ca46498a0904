//! A year of claims of one person: how many follows age and chance, when follows the season, what
//! and how much follows the kind of care. A few are the troubles that a claims desk knows.

use domain::{
    CareSetting, ClaimLine, Currency, Date, Diagnosis, InvoiceNumber, LineService, Money, ParseError, Payee,
    ServiceCode, Sex,
};
use intake::{ClaimDraft, Origin, ProviderDraft, SourceId};

use crate::people::Insured;
use crate::places::PLACES;
use crate::providers::{Kind, position};
use crate::random::Random;

/// A kind of care.
struct Care {
    code: &'static str,
    setting: CareSetting,
    provider: Kind,
    /// The median charge, in hundredths of a euro: for a day in hospital, a session, a visit.
    median: f64,
    /// How far charges spread: the logarithm's standard deviation.
    spread: f64,
    /// What may stand on the further lines of the same claim.
    beside: &'static [(u32, &'static str)],
    diagnoses: &'static [&'static str],
}

macro_rules! care {
    ($code:literal, $setting:ident, $provider:ident, $median:literal, $spread:literal,
     [$($weight:literal $beside:literal)+], [$($diagnosis:literal)+]) => {
        Care {
            code: $code,
            setting: CareSetting::$setting,
            provider: Kind::$provider,
            median: $median,
            spread: $spread,
            beside: &[$(($weight, $beside)),+],
            diagnoses: &[$($diagnosis),+],
        }
    };
}

/// The kinds of care; the codes are those of the shipped plans.
const CARE: &[(u32, &Care)] = &[
    (
        260,
        &care!("GP", Outpatient, GeneralPractitioner, 3_600.0, 0.35, [3 "LAB" 2 "RX" 1 "GP"], ["J06.9" "I10" "R51" "J02.9" "Z00.0" "E11.9"]),
    ),
    (240, &care!("RX", Pharmacy, Pharmacy, 2_200.0, 0.75, [1 "RX"], ["I10" "J45.9" "E78.5" "K21.9" "L20.9"])),
    (
        140,
        &care!("SPEC", Outpatient, Specialist, 8_200.0, 0.40, [2 "LAB" 1 "IMG" 1 "SPEC"], ["M54.5" "L40.0" "I25.1" "H40.1" "N40"]),
    ),
    (90, &care!("LAB", Outpatient, Laboratory, 4_800.0, 0.60, [1 "LAB"], ["Z01.7" "E11.9" "D50.9"])),
    (95, &care!("DENT", Dental, Dentist, 9_000.0, 0.65, [1 "DENT"], ["K02.1" "K05.1" "K08.1"])),
    (80, &care!("PHYS", Outpatient, Physiotherapist, 3_300.0, 0.22, [1 "PHYS"], ["M54.5" "M75.1" "S83.5"])),
    (40, &care!("OPT", Vision, Optician, 13_500.0, 0.50, [1 "OPT"], ["H52.1" "H52.4"])),
    (30, &care!("IMG", Outpatient, Laboratory, 13_000.0, 0.50, [1 "IMG"], ["M51.2" "S93.4" "R91"])),
    (
        12,
        &care!("HOSP", Inpatient, Hospital, 62_000.0, 0.55, [2 "LAB" 1 "IMG" 1 "RX" 1 "SPEC"], ["K35.8" "I21.9" "S72.0" "K80.2" "M51.1"]),
    ),
    (
        14,
        &care!("EMER", Emergency, Hospital, 26_000.0, 0.50, [2 "IMG" 1 "LAB" 1 "RX"], ["S61.9" "R07.4" "S52.5" "T78.4"]),
    ),
    (
        6,
        &care!("MAT", Inpatient, Hospital, 290_000.0, 0.35, [2 "LAB" 1 "MAT" 1 "SPEC"], ["O80" "Z34.9" "O82"]),
    ),
];

/// How likely a day of this month is, against 120: people fall ill in winter and put off in summer.
const SEASON: [u32; 12] = [116, 113, 107, 98, 97, 94, 80, 76, 100, 107, 110, 96];

/// How many claims a person hands in a year: (weight, fewest, most). The mean is about 10.
const YEARLY: &[(u32, (u32, u32))] =
    &[(15, (0, 2)), (35, (3, 7)), (30, (8, 14)), (15, (14, 25)), (5, (28, 54))];

/// The claims of one person that are received in the year that ends today.
pub(crate) fn year_of(
    random: &mut Random,
    person: &Insured,
    providers: &[ProviderDraft],
    today: Date,
) -> Result<Vec<ClaimDraft>, ParseError> {
    let (fewest, most) = random.weighted(YEARLY)?;
    let by_age = if person.age < 18 {
        90
    } else if person.age < 45 {
        100
    } else {
        127
    };
    let wanted = random.between(fewest, most) * by_age / 100;
    let mut claims = Vec::new();
    for _ in 0..wanted {
        let number = claims.len() + 1;
        let Some(claim) = claim(random, person, providers, number, today)? else { continue };
        claims.push(claim);
        if random.happens(50)
            && let Some(original) = claims.last()
        {
            let again = again(random, original, person, claims.len() + 1, today)?;
            claims.push(again);
        }
    }
    Ok(claims)
}

/// The same bill handed in a second time, under a claim of its own.
fn again(
    random: &mut Random,
    original: &ClaimDraft,
    person: &Insured,
    number: usize,
    today: Date,
) -> Result<ClaimDraft, ParseError> {
    let later = original.received.plus_days(i32::try_from(random.between(2, 40)).unwrap_or(2));
    let received = later.unwrap_or(today).min(today);
    Ok(ClaimDraft { source_id: claim_id(person, number)?, received, ..original.clone() })
}

fn claim_id(person: &Insured, number: usize) -> Result<SourceId, ParseError> {
    let member = person.member.source_id.reveal().trim_start_matches("M-");
    SourceId::parse(&format!("C-{member}-{number:03}"))
}

/// A claim; `None` when its day is not covered, so that part of a year brings part of the claims.
fn claim(
    random: &mut Random,
    person: &Insured,
    providers: &[ProviderDraft],
    number: usize,
    today: Date,
) -> Result<Option<ClaimDraft>, ParseError> {
    let care = care_for(random, person)?;
    let received = day_of_year(random, today);
    // Most bills come in within weeks.
    let delay = 1 + random.below(20) + if random.happens(2_000) { random.below(60) } else { 0 };
    let days = if care.setting == CareSetting::Inpatient { random.between(1, 7) } else { 0 };
    let Some(served) = received.plus_days(-i32::try_from(delay + days).unwrap_or(0)) else { return Ok(None) };
    let cover = &person.coverage.coverage;
    let covered = served >= cover.start && cover.end.is_none_or(|end| served <= end);
    // Of the days without cover a few come in all the same.
    if !covered && !random.happens(900) {
        return Ok(None);
    }
    let place = if random.happens(9_000) { person.place } else { any_place(random) };
    let provider = providers.get(position(place, care.provider)).ok_or(NO_PROVIDER)?;
    let direct = matches!(care.provider, Kind::Hospital) || random.happens(1_500);
    let payee = if direct && provider.provider.account.is_some() { Payee::Provider } else { Payee::Member };
    let currency = if random.happens(15) { "SEK".parse()? } else { cover.currency };
    let (lines, services) = lines(random, care, served, days, currency)?;
    let coded = random.happens(9_000);
    let diagnosis = Diagnosis::parse(random.one_of(care.diagnoses)?)?;
    let invoice = format!("{}/{:05}", received.year(), random.below(100_000));
    Ok(Some(ClaimDraft {
        source_id: claim_id(person, number)?,
        member_source_id: person.member.source_id.clone(),
        provider_source_id: provider.source_id.clone(),
        received,
        payee,
        currency,
        invoice_number: Some(InvoiceNumber::parse(&invoice)?),
        lines,
        services,
        diagnoses: if coded { vec![diagnosis] } else { Vec::new() },
        circumstances: intake::Circumstances::default(),
        origin: Origin::of("population"),
    }))
}

const NO_PROVIDER: ParseError = ParseError::Shape { what: "population", problem: "no such provider" };

fn any_place(random: &mut Random) -> usize {
    random.below(u32::try_from(PLACES.len()).unwrap_or(1)) as usize
}

fn care_for(random: &mut Random, person: &Insured) -> Result<&'static Care, ParseError> {
    loop {
        let care = random.weighted(CARE)?;
        let may_be_mother = person.member.person.sex == Sex::Female && (20..=43).contains(&person.age);
        if care.code != "MAT" || may_be_mother {
            return Ok(care);
        }
    }
}

/// A day of the year that ends today, by season.
fn day_of_year(random: &mut Random, today: Date) -> Date {
    loop {
        let day = today.plus_days(-i32::try_from(random.below(365)).unwrap_or(0)).unwrap_or(today);
        let weight = SEASON.get(usize::from(day.month().unsigned_abs()) - 1).copied().unwrap_or(100);
        if random.below(120) < weight {
            return day;
        }
    }
}

/// One to five lines: the care itself, then what goes beside it.
fn lines(
    random: &mut Random,
    care: &Care,
    served: Date,
    days: u32,
    currency: Currency,
) -> Result<(Vec<ClaimLine>, Vec<LineService>), ParseError> {
    let count = random.weighted(&[(56, 1), (22, 2), (12, 3), (6, 4), (4, 5)])?;
    let (mut lines, mut services) = (Vec::new(), Vec::new());
    for number in 1..=count {
        let code = if number == 1 { care.code } else { random.weighted(care.beside)? };
        let line_care = CARE.iter().map(|(_, care)| *care).find(|care| care.code == code).unwrap_or(care);
        let stays = number == 1 && days > 0;
        // Sessions of one claim are a week apart, all before the bill.
        let earlier = if code == "PHYS" { 7 * (number - 1) } else { 0 };
        let start = served.plus_days(-i32::try_from(earlier).unwrap_or(0)).unwrap_or(served);
        let end =
            if stays { start.plus_days(i32::try_from(days).unwrap_or(0)).unwrap_or(start) } else { start };
        let units = if code == "HOSP" && stays {
            days
        } else if code == "RX" {
            random.between(1, 3)
        } else {
            1
        };
        let charge = charge(random, line_care, units, currency)?;
        lines.push(ClaimLine { number, service_start: start, service_end: end, units, charge });
        let setting = if care.setting == CareSetting::Inpatient { care.setting } else { line_care.setting };
        let code = ServiceCode::parse(code)?;
        services.push(LineService { line: number, code, setting, service_type: None });
    }
    Ok((lines, services))
}

/// What is charged: about the median, dearer where the currency's country is.
fn charge(random: &mut Random, care: &Care, units: u32, currency: Currency) -> Result<Money, ParseError> {
    let level = match currency.code() {
        "USD" => 1.35,
        "GBP" => 0.95,
        "CHF" => 1.5,
        "SEK" => 11.0,
        _ => 1.0,
    };
    let minor = care.median * level * random.log_normal(care.spread) * f64::from(units);
    // Coins: francs have no cents below five; elsewhere many prices end in a round ten.
    let step = if currency.code() == "CHF" || random.happens(4_000) { 10 } else { 1 };
    Money::new((minor as i64 / step * step).max(100), currency)
}
