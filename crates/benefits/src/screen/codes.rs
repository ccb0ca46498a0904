//! Rules about what the care was. They are silent where that is not shown.

use domain::{CareSetting, ClaimLine, Diagnosis, ScreenFlag, ScreenRule, Sex};

use super::{ScreenedClaim, Screening, count, flag};

/// How often the same service in [`OFTEN_DAYS`] is often.
const OFTEN: usize = 20;
const OFTEN_DAYS: i32 = 30;

/// Categories of ICD-10, from the first to the last, that are of one sex.
const FEMALE: &[(&[u8; 3], &[u8; 3])] = &[
    (b"C51", b"C58"),
    (b"D25", b"D28"),
    (b"E28", b"E28"),
    (b"N70", b"N98"),
    (b"O00", b"O99"),
    (b"Z34", b"Z37"),
];
const MALE: &[(&[u8; 3], &[u8; 3])] =
    &[(b"C60", b"C63"), (b"D29", b"D29"), (b"E29", b"E29"), (b"N40", b"N51")];
/// Categories that are of an age, with its first and last year.
const AGES: &[(&[u8; 3], &[u8; 3], i32, i32)] = &[(b"O00", b"O99", 9, 60), (b"P00", b"P96", 0, 17)];

fn is_from_to(diagnosis: &Diagnosis, first: &[u8; 3], last: &[u8; 3]) -> bool {
    let number = |category: &[u8; 3]| category.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
    is_icd10(diagnosis, first) && (number(first)..=number(last)).contains(&diagnosis.category())
}

/// Chapters that ICD-10 has and ICPC, whose codes look alike, has not.
const ICD10_ALONE: &[u8] = b"CEGIJMOQV";

/// Whether a code in a chapter is one of ICD-10 for sure: nothing says of which list it is. Of a chapter that ICPC has too, it is
/// when it goes on after its category in another way than ICPC's codes do (P70 and P70.01 are of either, P70.0 is not).
fn is_icd10(diagnosis: &Diagnosis, [chapter, ..]: &[u8; 3]) -> bool {
    ICD10_ALONE.contains(chapter) || diagnosis.digits_after_category() == 1
}

/// Another stay in hospital at another provider, on a day of this one. The day on which one ends may be that on which the
/// next begins: people are moved.
pub(super) fn overlapping_stays(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let overlaps = |line: &ClaimLine, stay: &ClaimLine| {
        line.service_start < stay.service_end && stay.service_start < line.service_end
    };
    beside_stays(screening, ScreenRule::OverlappingStays, |line, stay| {
        is_stay(claim, line) && overlaps(line, stay)
    })
}

/// Care elsewhere without a stay, on a day between the first and the last of a stay.
pub(super) fn care_during_stay(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    beside_stays(screening, ScreenRule::CareDuringStay, |line, stay| {
        let is_elsewhere = claim.service(line.number).is_some_and(|service| {
            matches!(service.setting, CareSetting::Outpatient | CareSetting::Dental | CareSetting::Vision)
        });
        is_elsewhere && stay.service_start < line.service_start && line.service_end < stay.service_end
    })
}

/// Lines of the claim that are so beside a stay at another provider.
fn beside_stays(
    screening: &Screening<'_>,
    rule: ScreenRule,
    is_so: impl Fn(&ClaimLine, &ClaimLine) -> bool,
) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let mut found = flag(rule);
    for other in screening.before.iter().filter(|other| other.provider != claim.provider) {
        let stays = || other.lines.iter().filter(|stay| is_stay(other, stay));
        let lines = claim.lines.iter().filter(|line| stays().any(|stay| is_so(line, stay)));
        let numbers: Vec<u32> = lines.map(|line| line.number).collect();
        if !numbers.is_empty() {
            found.claims.push(other.claim);
            found.lines.extend(numbers);
        }
    }
    found.lines.sort_unstable();
    found.lines.dedup();
    (!found.claims.is_empty()).then_some(found)
}

fn is_stay(claim: &ScreenedClaim<'_>, line: &ClaimLine) -> bool {
    let service = claim.service(line.number);
    service.is_some_and(|service| service.setting == CareSetting::Inpatient)
}

/// A diagnosis of the other sex. Of whom neither is recorded, nothing is flagged.
pub(super) fn other_sex(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let others = match screening.person.sex {
        Sex::Female => MALE,
        Sex::Male => FEMALE,
        Sex::Other | Sex::Unknown => return None,
    };
    let is_of_other =
        |diagnosis: &&Diagnosis| others.iter().any(|(first, last)| is_from_to(diagnosis, first, last));
    of_diagnoses(screening, ScreenRule::OtherSex, is_of_other)
}

/// A diagnosis of another age.
pub(super) fn other_age(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let day = screening.claim.first_day()?;
    let years = screening.person.birth_date.days_until(day) / 365;
    let is_of_other = |diagnosis: &&Diagnosis| {
        let mut ages = AGES.iter();
        ages.any(|(first, last, from, to)| {
            is_from_to(diagnosis, first, last) && !(*from..=*to).contains(&years)
        })
    };
    of_diagnoses(screening, ScreenRule::OtherAge, is_of_other)
}

fn of_diagnoses(
    screening: &Screening<'_>,
    rule: ScreenRule,
    is_so: impl Fn(&&Diagnosis) -> bool,
) -> Option<ScreenFlag> {
    let number = screening.claim.diagnoses.iter().filter(is_so).count();
    (number > 0).then(|| ScreenFlag { count: Some(count(number)), ..flag(rule) })
}

/// A part of a service, or the whole, whose other was claimed apart of the same provider on the same day. Within one claim
/// the plan's own rule of bundles looks.
pub(super) fn apart_from_bundle(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let bundles = || screening.plans.iter().flat_map(|plan| &plan.bundles);
    let mut found = flag(ScreenRule::ApartFromBundle);
    for other in screening.before.iter().filter(|other| other.provider == claim.provider) {
        for line in claim.lines {
            let Some(own) = claim.service(line.number) else { continue };
            let same_day = other.lines.iter().filter(|before| before.service_start == line.service_start);
            let together = same_day.filter_map(|before| other.service(before.number)).any(|before| {
                bundles().any(|bundle| {
                    let is_part = |code: &domain::ServiceCode| {
                        *code != bundle.code && bundle.includes.iter().any(|prefix| code.starts_with(prefix))
                    };
                    (own.code == bundle.code && is_part(&before.code))
                        || (before.code == bundle.code && is_part(&own.code))
                })
            });
            if together {
                found.lines.push(line.number);
                found.claims.push(other.claim);
            }
        }
    }
    found.lines.sort_unstable();
    found.lines.dedup();
    found.claims.dedup();
    (!found.claims.is_empty()).then_some(found)
}

/// The same service of the same provider many times in the days up to the last of this claim.
pub(super) fn same_service_often(screening: &Screening<'_>) -> Option<ScreenFlag> {
    let claim = &screening.claim;
    let last = claim.lines.iter().map(|line| line.service_start).max()?;
    let often = claim.services.iter().filter_map(|service| {
        let all = screening.before.iter().filter(|other| other.provider == claim.provider);
        let lines = std::iter::once(claim).chain(all).flat_map(|one| {
            let is_it = |line: &&ClaimLine| {
                (0..OFTEN_DAYS).contains(&line.service_start.days_until(last))
                    && one.service(line.number).is_some_and(|other| other.code == service.code)
            };
            one.lines.iter().filter(is_it)
        });
        let number = lines.count();
        (number > OFTEN).then_some((service.line, number))
    });
    let often: Vec<(u32, usize)> = often.collect();
    let most = often.iter().map(|(_, number)| *number).max()?;
    let lines = often.into_iter().map(|(line, _)| line).collect();
    Some(ScreenFlag { lines, count: Some(count(most)), ..flag(ScreenRule::SameServiceOften) })
}
