//! The made-up people of GDPRbench's records: everything of one follows from the key, and what was corrected from how often.

use domain::{
    Coverage, CoverageStatus, Currency, Date, Diagnosis, EmailAddress, Iban, MemberNumber, Person,
    PersonName, PhoneNumber, PlanName, PolicyNumber, PostalAddress, Sex, SubjectKind,
};
use intake::{CoverageDraft, MemberDraft, SourceId};

use crate::Failure;

/// People that take part in one programme: those of ten keys after each other.
pub(crate) const GROUP: u32 = 10;
/// The plan of all cover.
const PLAN: &str = "self-funded-basic";
const PLAN_NAME: &str = "Self-Funded Basic";
/// What all cover excludes.
const EXCLUSION: &str = "Z99";

/// One record of GDPRbench: who somebody is, and their cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    /// Its number.
    pub(crate) number: u32,
    /// Whether its time to live is over: the cover ended so long ago that nothing of it may be kept.
    pub(crate) lapsed: bool,
}

/// The record of a key.
pub(crate) fn key(number: u32) -> Key {
    Key { number, lapsed: false }
}

impl Key {
    /// The source's id.
    pub(crate) fn source_id(self) -> String {
        let kind = if self.lapsed { "old" } else { "member" };
        format!("{kind}-{:07}", self.number)
    }

    /// The programme that somebody takes part in.
    pub(crate) fn programme(self) -> [u8; 16] {
        (0x6d6f_7265_7475_7300_u128 << 64 | u128::from(self.number / GROUP)).to_be_bytes()
    }

    /// Whether the source has their consent to health data.
    pub(crate) fn consents_to_health(self) -> bool {
        !self.number.is_multiple_of(4)
    }

    /// Whether they consented to offers when all began.
    pub(crate) fn consents_to_offers(self) -> bool {
        self.number.is_multiple_of(2)
    }

    /// The e-mail address after so many corrections.
    pub(crate) fn email(self, corrections: u32) -> String {
        format!("{}.{corrections}@example.org", self.source_id())
    }

    /// The account after so many corrections, with right check digits.
    pub(crate) fn account(self, corrections: u32) -> String {
        let number = format!("{:08}{:010}", 10_000_000 + corrections, self.number);
        let digits = number.chars().chain("DE00".chars()).filter_map(|letter| letter.to_digit(36));
        let rest = digits.fold(0, |rest, digit| (rest * if digit < 10 { 10 } else { 100 } + digit) % 97);
        format!("DE{:02}{number}", 98 - rest)
    }

    fn name(self) -> String {
        let part = |from: &[&str], number: u32| {
            from.get(number as usize % from.len().max(1)).copied().unwrap_or_default().to_owned()
        };
        let given = part(&["Anna", "Bram", "Chloe", "Dries", "Elena", "Felix", "Greta", "Hugo"], self.number);
        let family = part(
            &["Peeters", "Janssens", "Dubois", "Lambert", "Weber", "Schmitz", "Martens"],
            self.number / 8,
        );
        format!("{given} {family}{}", char::from(b'a' + (self.number / 56 % 26) as u8))
    }

    fn address(self) -> String {
        format!("{} Example Street", self.number % 300 + 1)
    }

    fn town(self) -> String {
        format!("{} Example", 1_000 + self.number % 9_000)
    }

    fn phone(self) -> String {
        format!("+32 2 {:07}", self.number)
    }

    fn member_number(self) -> String {
        format!("M-{}", self.source_id())
    }

    /// The number of the policy.
    pub(crate) fn policy(self) -> String {
        format!("P-{}", self.source_id())
    }

    /// Who it is after so many corrections.
    pub(crate) fn person(self, corrections: u32) -> Result<Person, Failure> {
        Ok(Person {
            name: PersonName::parse(&self.name())?,
            birth_date: Date::new(
                1940 + (self.number % 60) as i16,
                (self.number % 12) as i8 + 1,
                (self.number % 28) as i8 + 1,
            )?,
            sex: Sex::Unknown,
            address: Some(PostalAddress::parse(&self.address())?),
            town: Some(PostalAddress::parse(&self.town())?),
            country: Some("BE".parse()?),
            email: Some(EmailAddress::parse(&self.email(corrections))?),
            phone: Some(PhoneNumber::parse(&self.phone())?),
            death_date: None,
            member_number: MemberNumber::parse(&self.member_number())?,
            account: Some(Iban::parse(&self.account(corrections))?),
            bank: None,
        })
    }

    fn coverage(self) -> Result<Coverage, Failure> {
        let (start, end) = self.span()?;
        Ok(Coverage {
            insured: PersonName::parse(&self.name())?,
            policy_number: PolicyNumber::parse(&self.policy())?,
            plan_name: PlanName::parse(PLAN_NAME)?,
            currency: Currency::EUR,
            start,
            end,
            status: CoverageStatus::Active,
            exclusions: vec![Diagnosis::parse(EXCLUSION)?],
            modules: None,
            salaries: Vec::new(),
            prior_cover: None,
            preexisting: Vec::new(),
            other: None,
            parents: None,
        })
    }

    /// First and last day of cover.
    pub(crate) fn span(self) -> Result<(Date, Option<Date>), Failure> {
        Ok(if self.lapsed {
            (Date::new(2005, 1, 1)?, Some(Date::new(2009, 12, 31)?))
        } else {
            (Date::new(2020, 1, 1)?, None)
        })
    }

    /// As the source sends them.
    pub(crate) fn member_draft(self) -> Result<MemberDraft, Failure> {
        Ok(MemberDraft {
            source_id: SourceId::parse(&self.source_id())?,
            portfolio: None,
            person: self.person(0)?,
            kind: SubjectKind::Member,
            holder_source_id: None,
            governing_law: None,
            health_consent: self.consents_to_health().then(|| Date::new(2020, 1, 1)).transpose()?,
        })
    }

    /// Their cover as the source sends it.
    pub(crate) fn coverage_draft(self) -> Result<CoverageDraft, Failure> {
        Ok(CoverageDraft {
            source_id: SourceId::parse(&self.source_id())?,
            member_source_id: SourceId::parse(&self.source_id())?,
            plan: PLAN.to_owned(),
            sponsor: None,
            coverage: self.coverage()?,
        })
    }

    /// The texts of who it is and of the cover, in the order of the floor's columns.
    pub(crate) fn texts(self) -> ([String; 7], [String; 4]) {
        let who = [
            self.name(),
            self.address(),
            self.town(),
            self.email(0),
            self.phone(),
            self.member_number(),
            self.account(0),
        ];
        (who, [self.name(), self.policy(), PLAN_NAME.to_owned(), EXCLUSION.to_owned()])
    }

    /// Birth date as a number.
    pub(crate) fn birth(self) -> Result<i64, Failure> {
        Ok(i64::from(self.person(0)?.birth_date.number()))
    }

    /// Bytes of personal data: the texts, four for each of three dates, five for country and currency, one for each of two
    /// words.
    pub(crate) fn bytes(self) -> u64 {
        let (person, cover) = self.texts();
        person.iter().chain(&cover).map(|text| text.len() as u64).sum::<u64>() + 12 + 5 + 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_key_reads_and_a_correction_changes_it() {
        for number in [0, 1, 99_999, 1_234_567] {
            for lapsed in [false, true] {
                let key = Key { number, lapsed };
                assert!(key.member_draft().is_ok() && key.coverage_draft().is_ok());
                assert!(key.person(1).unwrap() != key.person(0).unwrap());
                assert!(key.bytes() > 150);
            }
        }
    }
}
