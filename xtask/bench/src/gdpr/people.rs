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
        self.number % 4 != 0
    }

    /// Whether they consented to offers when all began.
    pub(crate) fn consents_to_offers(self) -> bool {
        self.number % 2 == 0
    }

    /// The e-mail address after so many corrections.
    pub(crate) fn email(self, corrections: u32) -> String {
        format!("{}.{corrections}@example.org", self.source_id())
    }

    /// The account after so many corrections, with right check digits.
    fn account(self, corrections: u32) -> String {
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
            address: Some(PostalAddress::parse(&format!("{} Example Street", self.number % 300 + 1))?),
            town: Some(PostalAddress::parse(&format!("{} Example", 1_000 + self.number % 9_000))?),
            country: Some("BE".parse()?),
            email: Some(EmailAddress::parse(&self.email(corrections))?),
            phone: Some(PhoneNumber::parse(&format!("+32 2 {:07}", self.number))?),
            death_date: None,
            member_number: MemberNumber::parse(&format!("M-{}", self.source_id()))?,
            account: Some(Iban::parse(&self.account(corrections))?),
            bank: None,
        })
    }

    fn coverage(self) -> Result<Coverage, Failure> {
        let (start, end) = self.span()?;
        Ok(Coverage {
            insured: PersonName::parse(&self.name())?,
            policy_number: PolicyNumber::parse(&self.policy())?,
            plan_name: PlanName::parse("Self-Funded Basic")?,
            currency: Currency::EUR,
            start,
            end,
            status: CoverageStatus::Active,
            exclusions: vec![Diagnosis::parse("Z99")?],
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
    pub(crate) fn texts(self) -> Result<([String; 7], [String; 4]), Failure> {
        let (person, cover) = (self.person(0)?, self.coverage()?);
        let optional = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok((
            [
                person.name.reveal().to_owned(),
                optional(person.address.as_ref().map(PostalAddress::reveal)),
                optional(person.town.as_ref().map(PostalAddress::reveal)),
                optional(person.email.as_ref().map(EmailAddress::reveal)),
                optional(person.phone.as_ref().map(PhoneNumber::reveal)),
                person.member_number.reveal().to_owned(),
                self.account(0),
            ],
            [
                cover.insured.reveal().to_owned(),
                cover.policy_number.reveal().to_owned(),
                cover.plan_name.reveal().to_owned(),
                "Z99".to_owned(),
            ],
        ))
    }

    /// The account after so many corrections, for the floor.
    pub(crate) fn account_text(self, corrections: u32) -> String {
        self.account(corrections)
    }

    /// Birth date as a number.
    pub(crate) fn birth(self) -> Result<i64, Failure> {
        Ok(i64::from(self.person(0)?.birth_date.number()))
    }

    /// Bytes of personal data: the texts, four for each of three dates, three for country and currency, one for each of
    /// three words.
    pub(crate) fn bytes(self) -> Result<u64, Failure> {
        let (person, cover) = self.texts()?;
        Ok(person.iter().chain(&cover).map(|text| text.len() as u64).sum::<u64>() + 12 + 5 + 3)
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
                assert!(key.bytes().unwrap() > 150);
            }
        }
    }
}
