//! Claims and a person for the tests of the screen, as short as a test can say them. Nothing here is flagged by itself.

use benefits::screen::{ScreenedClaim, ScreenedPerson};
use domain::{
    CareSetting, ClaimId, ClaimLine, Country, Currency, Date, Diagnosis, InvoiceNumber, LineService, Money,
    ProviderId, ServiceCode, Sex,
};

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A claim that owns what it says.
#[derive(Debug, Clone)]
pub(crate) struct Owned {
    pub(crate) id: u8,
    pub(crate) received: Date,
    pub(crate) provider: u8,
    pub(crate) invoice: Option<InvoiceNumber>,
    pub(crate) country: Option<Country>,
    pub(crate) total: Option<Money>,
    pub(crate) lines: Vec<ClaimLine>,
    pub(crate) services: Vec<LineService>,
    pub(crate) diagnoses: Vec<Diagnosis>,
}

pub(crate) fn claim(id: u8, service: &str, code: &str, minor: i64) -> Owned {
    let service = day(service);
    Owned {
        id,
        received: service,
        provider: 1,
        invoice: None,
        country: None,
        total: None,
        lines: Vec::new(),
        services: Vec::new(),
        diagnoses: Vec::new(),
    }
    .line(service, service, code, minor)
}

impl Owned {
    pub(crate) fn line(mut self, start: Date, end: Date, code: &str, minor: i64) -> Self {
        let line = u32::try_from(self.lines.len()).unwrap() + 1;
        let charge = Money::new(minor, Currency::EUR).unwrap();
        let stay = if start < end { CareSetting::Inpatient } else { CareSetting::Outpatient };
        self.lines.push(ClaimLine { number: line, service_start: start, service_end: end, units: 1, charge });
        let code = ServiceCode::parse(code).unwrap();
        self.services.push(LineService { line, code, setting: stay, service_type: None });
        self
    }

    pub(crate) fn of(self, provider: u8) -> Self {
        Self { provider, ..self }
    }

    pub(crate) fn invoice(self, number: &str) -> Self {
        Self { invoice: Some(InvoiceNumber::parse(number).unwrap()), ..self }
    }

    pub(crate) fn given_in(self, country: &str) -> Self {
        Self { country: Some(country.parse().unwrap()), ..self }
    }

    pub(crate) fn totalling(self, minor: i64) -> Self {
        Self { total: Some(Money::new(minor, Currency::EUR).unwrap()), ..self }
    }

    pub(crate) fn found(self, code: &str) -> Self {
        Self { diagnoses: vec![Diagnosis::parse(code).unwrap()], ..self }
    }

    pub(crate) fn shown(&self, codes: bool) -> ScreenedClaim<'_> {
        ScreenedClaim {
            claim: ClaimId::from_bytes([self.id; 16]),
            received: self.received,
            provider: ProviderId::from_bytes([self.provider; 16]),
            currency: Currency::EUR,
            invoice_number: self.invoice.as_ref(),
            country: self.country,
            other_total: self.total,
            lines: &self.lines,
            services: if codes { &self.services } else { &[] },
            diagnoses: if codes { &self.diagnoses } else { &[] },
        }
    }
}

pub(crate) fn stay(id: u8, first: &str, last: &str) -> Owned {
    let mut stay = claim(id, first, "HOSP", 500_000);
    stay.lines[0].service_end = day(last);
    stay.services[0].setting = CareSetting::Inpatient;
    stay
}

pub(crate) fn person() -> ScreenedPerson {
    ScreenedPerson {
        birth_date: day("1980-05-17"),
        death_date: None,
        sex: Sex::Female,
        cover: vec![(day("2020-01-01"), None)],
    }
}
