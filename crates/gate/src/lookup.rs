//! Look-ups: the only way to find a person without knowing them. The index holds keyed hashes of
//! normalised terms. A search is two entries: the question, before the index is read; and one for
//! each hit, before any count or row returns.

use std::collections::BTreeSet;

use domain::{Category, CategorySet, Date, Person, PortfolioId, SubjectId, Views};
use store::lookup::LookupRow;
use unicode_normalization::UnicodeNormalization;

use crate::asking::{Target, Wanting};
use crate::entry::EntryOutcome;
use crate::{Asking, Gate, GateError, Grant};

/// The most hits that a search returns.
pub const MAX_HITS: usize = 20;

/// The most subjects that the index is asked for one term before terms are combined.
const MAX_CANDIDATES: usize = 10_000;

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
}

impl LookupKind {
    /// The category of the field that is searched: searching by it is reading it.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::NamePart | Self::BirthDate | Self::Email => Category::Identity,
            Self::MemberNumber => Category::MemberId,
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
        }
    }

    const fn is_unique(self) -> bool {
        matches!(self, Self::MemberNumber)
    }
}

/// One term of a search. It is personal data: no Debug.
pub struct Term {
    kind: LookupKind,
    normalised: String,
}

impl Term {
    /// A term in the searcher's own spelling: case, accents and spaces do not matter.
    #[must_use]
    pub fn new(kind: LookupKind, text: &str) -> Self {
        Self { kind, normalised: normalise(kind, text) }
    }
}

/// Lower case, without accents; names keep letters only, numbers keep letters and digits.
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
        let mut terms: Vec<Term> = person
            .name
            .reveal()
            .split_whitespace()
            .map(|part| Term::new(LookupKind::NamePart, part))
            .filter(|term| !term.normalised.is_empty())
            .collect();
        terms.push(Term::new(LookupKind::BirthDate, &person.birth_date.to_string()));
        terms.push(Term::new(LookupKind::MemberNumber, person.member_number.reveal()));
        terms.extend(person.account.iter().map(|account| Term::new(LookupKind::Iban, account.reveal())));
        terms.extend(person.email.iter().map(|email| Term::new(LookupKind::Email, email.reveal())));
        let mut rows: Vec<LookupRow> = terms
            .into_iter()
            .map(|term| LookupRow {
                token: self.token(&term),
                kind: term.kind as i64,
                unique: term.kind.is_unique(),
                subject,
            })
            .collect();
        rows.sort_unstable_by_key(|row| (row.kind, row.token));
        rows.dedup_by_key(|row| (row.kind, row.token));
        rows
    }

    fn token(&self, term: &Term) -> [u8; 32] {
        self.inner.site.lookup_token(term.kind as u8, &term.normalised)
    }

    /// Finds the subjects that match every term, and asks for the views `S` of each. Only those that a
    /// clause shows come back; nothing tells how many others there were.
    pub async fn search<S: Views>(
        &self,
        asking: &Asking<'_>,
        terms: &[Term],
    ) -> Result<Vec<(SubjectId, Grant<S>)>, GateError> {
        let fields: Vec<&'static str> = terms.iter().map(|term| term.kind.field()).collect();
        let categories: CategorySet = terms.iter().map(|term| term.kind.category()).collect();
        let asking = Asking {
            actor: asking.actor,
            portfolio: asking.portfolio,
            purpose: asking.purpose,
            to: asking.to,
            party: asking.party,
            filters: &fields,
            writes: asking.writes,
            supplement: asking.supplement,
            request: asking.request,
        };
        // The index leads to people by what the notice covers: nothing in it was collected under a supplement.
        if asking.supplement.is_some() {
            return Err(GateError::Compute(
                "nobody is searched for by what was collected under a supplement",
            ));
        }
        // Who works behind another wall asks the index nothing, and writes nothing.
        let case = self.inner.case(&asking, Wanting::of::<S>(&asking)).await?;
        let question = self.inner.entry(&asking, &case.receiver, S::names());
        let outcome = case.barred.map_or(EntryOutcome::Searched, |_| EntryOutcome::Refused);
        self.record_in_portfolio(&asking, crate::Entry { outcome, bar: case.barred, ..question }).await?;
        // Who is barred asks the index nothing.
        if case.barred.is_some() {
            return Err(case.unknown().into());
        }

        let mut tokens = terms.iter().map(|term| (term.kind as i64, self.token(term))).collect::<Vec<_>>();
        tokens.sort_unstable();
        let portfolio = asking.portfolio;
        let hits = self.inner.store.read(move |unit| find_all(unit, portfolio, &tokens)).await?;
        // Searching by a field is reading it: the searched categories are needed of every hit.
        let wanting = Wanting {
            total: false,
            names: S::names,
            needed: S::NEEDED.union(categories),
            wanted: S::WANTED.union(categories),
        };
        let targets: Vec<Target> = hits.into_iter().map(Target::of).collect();
        let verdicts = self.inner.record(&asking, wanting, &targets, None).await?;
        Ok(targets
            .into_iter()
            .zip(verdicts)
            .filter_map(|(target, verdict)| {
                let granted = crate::grant::Granted { subject: target.subject, shown: verdict.ok()? };
                let grant = Grant::mint(std::sync::Arc::clone(&self.inner), &asking, vec![granted]);
                Some((target.subject, grant))
            })
            .collect())
    }
}

/// The subjects of a portfolio that every token leads to. More than the index answers for one term is too wide.
fn find_all(
    unit: &mut store::Unit<'_>,
    portfolio: PortfolioId,
    tokens: &[(i64, [u8; 32])],
) -> Result<Vec<SubjectId>, store::StoreError> {
    let mut hits: Option<BTreeSet<SubjectId>> = None;
    for (kind, token) in tokens {
        let found: BTreeSet<SubjectId> =
            store::lookup::find(unit, *kind, token, MAX_CANDIDATES)?.into_iter().collect();
        hits = Some(hits.map_or_else(|| found.clone(), |hits| hits.intersection(&found).copied().collect()));
    }
    let mut within = Vec::new();
    for subject in hits.unwrap_or_default() {
        // Those of other portfolios must not take the places of this one's.
        if store::subject::get(unit, subject)?.is_some_and(|row| row.portfolio == portfolio) {
            within.push(subject);
        }
        if within.len() == MAX_HITS {
            break;
        }
    }
    Ok(within)
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
            (LookupKind::NamePart, "Zoë", "zoe"),
            (LookupKind::NamePart, "Müller", "MULLER"),
            (LookupKind::Iban, "BE68 5390 0754 7034", "be68539007547034"),
            (LookupKind::Email, "Ada@Example.org ", "ada@example.org"),
        ] {
            assert_eq!(normalise(kind, left), normalise(kind, right));
        }
    }
}
