//! Look-ups: the only way to find a person without knowing them. The index holds keyed hashes of
//! normalised terms. What is written into it is said here; asking it is `search.rs`.

use domain::{Category, Date, Person, PolicyNumber, SubjectId, name_search};
use store::lookup::LookupRow;
use unicode_normalization::UnicodeNormalization;

use crate::Gate;

/// What can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LookupKind {
    /// One word of a name.
    NamePart = 1,
    /// The birth date.
    BirthDate = 2,
    /// The number on the card; unique.
    MemberNumber = 3,
    /// A bank account.
    Iban = 4,
    /// An e-mail address.
    Email = 5,
    /// The number of a policy under which somebody is covered.
    PolicyNumber = 6,
}

impl LookupKind {
    /// The category of the field that is searched: searching by it is reading it.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::NamePart | Self::BirthDate | Self::Email => Category::Identity,
            Self::MemberNumber => Category::MemberId,
            Self::PolicyNumber => Category::Plan,
            Self::Iban => Category::Financial,
        }
    }

    /// The field's name in entries.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NamePart => "name",
            Self::BirthDate => "birth date",
            Self::MemberNumber => "member number",
            Self::Iban => "IBAN",
            Self::Email => "e-mail address",
            Self::PolicyNumber => "policy number",
        }
    }

    const fn is_unique(self) -> bool {
        matches!(self, Self::MemberNumber)
    }
}

/// One term of a search. It is personal data: no Debug.
pub struct Term {
    pub(crate) kind: LookupKind,
    normalised: String,
}

impl Term {
    /// A term in the searcher's own spelling: case, accents and spaces do not matter. A name is one word, or a word with
    /// its particles.
    #[must_use]
    pub fn new(kind: LookupKind, text: &str) -> Self {
        let normalised = match kind {
            LookupKind::NamePart => name_search::sought(text).into_iter().collect(),
            _ => normalise(kind, text),
        };
        Self { kind, normalised }
    }

    /// The terms of a name in the searcher's own spelling, as far as they know it.
    #[must_use]
    pub fn of_name(text: &str) -> Vec<Self> {
        let term = |normalised| Self { kind: LookupKind::NamePart, normalised };
        name_search::sought(text).into_iter().map(term).collect()
    }
}

/// Whether these terms are details of one person alone. A member number is; a name with a birth date; or one of these two with a
/// policy number, an account or an e-mail address. These three by themselves are also those of a household or a group, which
/// whoever asks by them could page through.
pub(crate) fn are_one_persons(terms: &[Term]) -> bool {
    let has = |kind: LookupKind| terms.iter().any(|term| term.kind == kind);
    let (name, birth_date) = (has(LookupKind::NamePart), has(LookupKind::BirthDate));
    let shared = has(LookupKind::PolicyNumber) || has(LookupKind::Iban) || has(LookupKind::Email);
    has(LookupKind::MemberNumber) || (name && birth_date) || ((name || birth_date) && shared)
}

/// Lower case, without accents; numbers keep letters and digits.
fn normalise(kind: LookupKind, text: &str) -> String {
    let plain = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase);
    match kind {
        LookupKind::Email => plain.filter(|c| !c.is_whitespace()).collect(),
        _ => plain.filter(|c| c.is_alphanumeric()).collect(),
    }
}

impl Gate {
    /// The index rows of a person.
    #[must_use]
    pub fn lookup_rows(&self, subject: SubjectId, person: &Person) -> Vec<LookupRow> {
        let part = |normalised| Term { kind: LookupKind::NamePart, normalised };
        let mut terms: Vec<Term> = name_search::indexed(person.name.reveal()).into_iter().map(part).collect();
        terms.push(birth_date_term(person.birth_date));
        terms.push(Term::new(LookupKind::MemberNumber, person.member_number.reveal()));
        terms.extend(person.account.iter().map(|account| Term::new(LookupKind::Iban, account.reveal())));
        terms.extend(person.email.iter().map(|email| Term::new(LookupKind::Email, email.reveal())));
        self.rows_of(subject, &terms)
    }

    /// The index row of a span of cover: the number of its policy, which several people may have.
    #[must_use]
    pub fn policy_rows(&self, subject: SubjectId, number: &PolicyNumber) -> Vec<LookupRow> {
        self.rows_of(subject, &[Term::new(LookupKind::PolicyNumber, number.reveal())])
    }

    /// The index row that leads from a birth date to a person, whoever was born on that day: whether it is there says whether the
    /// day is the person's, and opens nothing.
    #[must_use]
    pub fn birth_date_rows(&self, subject: SubjectId, date: Date) -> Vec<LookupRow> {
        self.rows_of(subject, &[birth_date_term(date)])
    }

    fn rows_of(&self, subject: SubjectId, terms: &[Term]) -> Vec<LookupRow> {
        let mut rows: Vec<LookupRow> = terms
            .iter()
            .filter(|term| !term.normalised.is_empty())
            .map(|term| LookupRow {
                token: self.token(term),
                kind: term.kind as i64,
                unique: term.kind.is_unique(),
                subject,
            })
            .collect();
        rows.sort_unstable_by_key(|row| (row.kind, row.token));
        rows.dedup_by_key(|row| (row.kind, row.token));
        rows
    }

    pub(crate) fn token(&self, term: &Term) -> [u8; 32] {
        self.inner.site.lookup_token(term.kind as u8, &term.normalised)
    }
}

/// A birth date as a search term.
#[must_use]
pub fn birth_date_term(date: Date) -> Term {
    Term::new(LookupKind::BirthDate, &date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        for (kind, left, right) in [
            (LookupKind::Iban, "BE68 5390 0754 7034", "be68539007547034"),
            (LookupKind::Email, "Ada@Example.org ", "ada@example.org"),
        ] {
            assert_eq!(normalise(kind, left), normalise(kind, right));
        }
    }

    /// Every set of kinds, against the rule as a person would say it.
    #[test]
    fn details_are_one_persons_in_each_combination() {
        use LookupKind::{BirthDate, Email, Iban, MemberNumber, NamePart, PolicyNumber};
        let all = [NamePart, BirthDate, MemberNumber, Iban, Email, PolicyNumber];
        let enough: [&[LookupKind]; 8] = [
            &[MemberNumber],
            &[NamePart, BirthDate],
            &[NamePart, PolicyNumber],
            &[NamePart, Iban],
            &[NamePart, Email],
            &[BirthDate, PolicyNumber],
            &[BirthDate, Iban],
            &[BirthDate, Email],
        ];
        let mut found = 0;
        for set in 0..1 << all.len() {
            let kinds: Vec<LookupKind> =
                (0..all.len()).filter(|bit| set & (1 << bit) != 0).map(|bit| all[bit]).collect();
            let terms: Vec<Term> = kinds.iter().map(|kind| Term::new(*kind, "1980-05-17")).collect();
            let is_enough = enough.iter().any(|least| least.iter().all(|kind| kinds.contains(kind)));
            assert_eq!(are_one_persons(&terms), is_enough, "{kinds:?}");
            found += usize::from(is_enough);
        }
        // Without a number of their own: nothing, either of the two alone, and the seven sets of what others share.
        assert_eq!(found, 64 - (1 + 2 + 7));
        assert!(!are_one_persons(&Term::of_name("Ada van der Berg")), "several words are one name");
    }
}
