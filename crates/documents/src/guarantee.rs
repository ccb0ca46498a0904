//! The letter that guarantees payment to whoever is to give the care: from what a grant has shown to what is printed.
//! The words of each language stand with the template.

use domain::{Date, GuaranteeTerms, Language, MemberNumber, Money, PersonName, ServiceCode};
use serde::Serialize;

use crate::engine::{Kind, Renderer};
use crate::figures::{amount, days, long_date};
use crate::sheet::Made;
use crate::{DocumentError, Issuer};

/// A letter of guarantee. A later one of the same reference supersedes it.
#[derive(Clone)]
pub struct GuaranteeLetter {
    /// The language of all fixed words.
    pub language: Language,
    /// Who administers and writes.
    pub issuer: Issuer,
    /// The portfolio's name: on whose behalf.
    pub portfolio: String,
    /// The organisation that is told.
    pub recipient: String,
    /// The guarantee's reference, as both sides quote it.
    pub reference: String,
    /// Its number among the letters of this reference, from 1.
    pub number: usize,
    /// The day of the decision; also the PDF's creation date.
    pub decided: Date,
    /// The patient.
    pub patient: PersonName,
    /// Their birth date.
    pub birth_date: Date,
    /// Number on the patient's card.
    pub member_number: MemberNumber,
    /// What is to be done, as it was asked for.
    pub services: Vec<ServiceCode>,
    /// What is guaranteed; none when it is taken back.
    pub terms: Option<GuaranteeTerms>,
    /// The version of the data protection notice, and the clause, under which the data is given.
    pub notice: (String, String),
}

/// What the template reads as JSON.
#[derive(Serialize)]
struct LetterSheet {
    language: &'static str,
    made: Made,
    issuer: String,
    contact: Vec<String>,
    portfolio: String,
    recipient: String,
    reference: String,
    number: String,
    decided: String,
    patient: String,
    birth_date: String,
    member_number: String,
    services: Vec<String>,
    terms: Option<TermsSheet>,
    version: String,
    clause: String,
}

#[derive(Serialize)]
struct TermsSheet {
    maximum: String,
    member_share: String,
    days: String,
    last: String,
}

impl Renderer {
    /// Sets a letter of guarantee as a PDF, accessible (PDF/UA-1) and fit to archive (PDF/A-2a). The same letter gives
    /// the same bytes.
    ///
    /// # Errors
    /// A text that the font cannot print.
    pub fn guarantee(&self, letter: &GuaranteeLetter) -> Result<Vec<u8>, DocumentError> {
        let sheet = LetterSheet::of(letter);
        sheet.check_printable(|character| self.has(character))?;
        let ident = format!("guarantee {} {}", letter.reference, letter.number);
        self.pdf(Kind::Guarantee, &sheet, ident)
    }
}

impl LetterSheet {
    fn of(letter: &GuaranteeLetter) -> Self {
        let language = letter.language;
        let written = |money: Money| {
            format!("{}\u{a0}{}", amount(money.minor(), money.currency(), language), money.currency())
        };
        Self {
            language: language.word(),
            made: Made::on(letter.decided),
            issuer: letter.issuer.name.clone(),
            contact: letter.issuer.contact.clone(),
            portfolio: letter.portfolio.clone(),
            recipient: letter.recipient.clone(),
            reference: letter.reference.clone(),
            number: letter.number.to_string(),
            decided: long_date(letter.decided, language),
            patient: letter.patient.reveal().to_owned(),
            birth_date: long_date(letter.birth_date, language),
            member_number: letter.member_number.reveal().to_owned(),
            services: letter.services.iter().map(|code| code.reveal().to_owned()).collect(),
            terms: letter.terms.map(|terms| TermsSheet {
                maximum: written(terms.maximum),
                member_share: written(terms.member_share),
                days: days(terms.first, terms.last, language),
                last: long_date(terms.last, language),
            }),
            version: letter.notice.0.clone(),
            clause: letter.notice.1.clone(),
        }
    }

    /// Refuses a text with a character that the font lacks, naming the field and not the text.
    fn check_printable(&self, has: impl Fn(char) -> bool) -> Result<(), DocumentError> {
        let mut texts = vec![
            ("the issuer's name", &self.issuer),
            ("the portfolio's name", &self.portfolio),
            ("the recipient's name", &self.recipient),
            ("the reference", &self.reference),
            ("the patient's name", &self.patient),
            ("the member number", &self.member_number),
            ("the notice's version", &self.version),
        ];
        texts.extend(self.contact.iter().map(|text| ("the issuer's contact", text)));
        texts.extend(self.services.iter().map(|text| ("a service", text)));
        match texts.iter().find(|(_, text)| !text.chars().all(&has)) {
            Some((field, _)) => Err(DocumentError::Unprintable { field }),
            None => Ok(()),
        }
    }
}
