//! The one table of every column of every kind of file that can be taken in: whether it must be
//! there, its category, its meaning; for other people's files also what is left out and why.
//! What is not in the table is refused by name.

use domain::Category::{Claims, Eligibility, Financial, Health, Identity, MemberId, Other, Plan};
use domain::{Category, CategorySet};

/// A column of a kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the header, to the letter.
    pub name: &'static str,
    /// Whether it must be there, and what it holds.
    pub need: Need,
    /// What it means and how it is written; for a dropped column, why it is not taken in.
    pub meaning: &'static str,
}

/// Whether a column is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The column must be there and every cell filled.
    Required(Category),
    /// The column may be missing and a cell empty.
    Optional(Category),
    /// Of someone else's file: the column may be there; its cells are skipped, never kept.
    Dropped,
}

impl Column {
    /// The category of what is taken in; `None` for a dropped column.
    #[must_use]
    pub const fn category(&self) -> Option<Category> {
        match self.need {
            Need::Required(category) | Need::Optional(category) => Some(category),
            Need::Dropped => None,
        }
    }
}

/// The columns of one kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// What the file holds, as in `docs/import.md`.
    pub name: &'static str,
    /// Its columns, in the order in which a sample has them.
    pub columns: &'static [Column],
}

impl Layout {
    /// The categories of all that may be taken in.
    #[must_use]
    pub fn categories(&self) -> CategorySet {
        self.columns.iter().filter_map(Column::category).collect()
    }

    /// The names of the required columns, separated by commas: what a header needs at least.
    #[must_use]
    pub fn required_names(&self) -> String {
        let required = self.columns.iter().filter(|column| matches!(column.need, Need::Required(_)));
        required.map(|column| column.name).collect::<Vec<_>>().join(",")
    }
}

pub(crate) const fn required(name: &'static str, category: Category, meaning: &'static str) -> Column {
    Column { name, need: Need::Required(category), meaning }
}

pub(crate) const fn optional(name: &'static str, category: Category, meaning: &'static str) -> Column {
    Column { name, need: Need::Optional(category), meaning }
}

pub(crate) const fn dropped(name: &'static str, why: &'static str) -> Column {
    Column { name, need: Need::Dropped, meaning: why }
}

/// Our own kinds of file.
pub const LAYOUTS: &[Layout] = &[MEMBERS, COVERAGE, PROVIDERS, CLAIMS, CLAIM_LINES, EXCLUSIONS];

/// Members and dependants: one row per person.
pub const MEMBERS: Layout = Layout {
    name: "members",
    columns: &[
        required("member_id", MemberId, "the source's id of the person; once in the file"),
        optional("portfolio", Plan, "the portfolio's name; needed where the import names none"),
        optional("kind", Eligibility, "`member` (also when empty) or `beneficiary`: a dependant"),
        optional("holder_id", MemberId, "of a beneficiary, and needed there: the `member_id` of the holder"),
        required("member_number", MemberId, "the number on the card; at most 40 characters"),
        required("name", Identity, "the name as printed, family name last; at most 200 characters"),
        required("birth_date", Identity, "YYYY-MM-DD"),
        optional("sex", Identity, "`female`, `male`, `other` or `unknown` (also when empty)"),
        optional("address", Identity, "street and number; at most 300 characters"),
        optional("town", Identity, "postal code and town"),
        optional("country", Identity, "ISO 3166-1: two capital letters"),
        optional("email", Identity, "e-mail address"),
        optional("phone", Identity, "telephone number in international form"),
        optional("death_date", Identity, "YYYY-MM-DD; not before the birth date"),
        optional("iban", Financial, "the account for reimbursements, with valid check digits"),
        optional("bic", Financial, "that account's bank: 8 or 11 capitals and digits"),
        optional(
            "governing_law",
            Plan,
            "the law that governs the cover: an EEA state's ISO 3166-1 code, or `elsewhere`; empty: the portfolio's",
        ),
        optional(
            "health_consent",
            Other,
            "the day of explicit consent to the use of health data; empty: none",
        ),
    ],
};

/// Spans of cover: one row per person and span.
pub const COVERAGE: Layout = Layout {
    name: "coverage",
    columns: &[
        required("coverage_id", Plan, "the source's id of the span; once in the file"),
        required("member_id", MemberId, "who is covered: a `member_id` of the members file"),
        required("insured_name", Identity, "the name as printed on the certificate"),
        required("policy_number", Plan, "at most 40 characters"),
        required(
            "plan",
            Plan,
            "the plan's id: small letters, digits and hyphens; one of its versions applies on the first day of cover",
        ),
        required("plan_name", Plan, "the plan's name as printed; at most 200 characters"),
        optional("sponsor", Plan, "the name of the employer or fund that sponsors the cover"),
        required("currency", Plan, "ISO 4217: the column of the plan's table of amounts that applies"),
        required("start", Eligibility, "the first day of cover, YYYY-MM-DD"),
        optional("end", Eligibility, "the last day of cover; empty while it is open"),
        optional("status", Eligibility, "`active` (also when empty), `suspended` or `ended`"),
        optional("exclusions", Health, "codes of excluded conditions, separated by semicolons; at most 100"),
        optional(
            "modules",
            Plan,
            "the plan's modules that it has, separated by semicolons; `-` for none; empty: not known",
        ),
        optional(
            "salaries",
            Financial,
            "yearly reference salaries in the currency of the cover, each from a day on, separated by semicolons: `2026-01-01=84000.00`; on a day before the first, none is known",
        ),
        optional(
            "prior_cover",
            Eligibility,
            "the first day of cover elsewhere that ran until this cover began; empty: none",
        ),
        optional(
            "preexisting",
            Health,
            "conditions that were there before, each with the last day of symptoms or treatment, separated by semicolons: `M51=2025-03-14`",
        ),
        optional(
            "other_payer",
            Eligibility,
            "another payer's cover of the same person: `statutory`, `voluntary`, or `no-clause` where it has no rules of coordination; empty: none is known",
        ),
        optional("other_start", Eligibility, "the first day of that cover; needed with `other_payer`"),
        optional("other_end", Eligibility, "its last day; empty while it is open"),
        optional(
            "through",
            Eligibility,
            "through whom the person is covered here; needed with `other_payer`: `themselves`, `partner`, `parent`, or of parents who live apart `decreed-parent`, `custodial-parent`, `custodial-parents-partner`, `other-parent`, `other-parents-partner`",
        ),
        optional("other_through", Eligibility, "through whom the person is covered there, as `through`"),
        optional(
            "work",
            Eligibility,
            "whether the work that this cover comes with goes on: `active` (also when empty), `former` or `continuation`",
        ),
        optional("other_work", Eligibility, "the same of that cover"),
        optional(
            "parent_birthday",
            Identity,
            "month and day of the birthday of the parent here, like `06-02`; needed where both ways are `parent`",
        ),
        optional("other_parent_birthday", Identity, "the same of the parent there"),
        optional(
            "parent_since",
            Eligibility,
            "since when the parent here has been covered; needed where both ways are `parent`",
        ),
        optional("other_parent_since", Eligibility, "the same of the parent there"),
    ],
};

/// Providers of care: one row per hospital, practice or pharmacy.
pub const PROVIDERS: Layout = Layout {
    name: "providers",
    columns: &[
        required("provider_id", Identity, "the source's id of the provider; once in the file"),
        required("name", Identity, "at most 200 characters"),
        optional("address", Identity, "street and number; at most 300 characters"),
        optional("town", Identity, "postal code and town"),
        optional("country", Identity, "ISO 3166-1: two capital letters"),
        optional("iban", Financial, "the account for direct payment, with valid check digits"),
        optional("bic", Financial, "that account's bank: 8 or 11 capitals and digits"),
    ],
};

/// Claims: one row per claim; their lines stand in a second file.
pub const CLAIMS: Layout = Layout {
    name: "claims",
    columns: &[
        required("claim_id", Claims, "the source's id of the claim; once in the file"),
        required("member_id", MemberId, "who was treated: a `member_id` of the members file"),
        required("provider_id", Claims, "who treated: a `provider_id` of the providers file"),
        required("received", Claims, "the day the claim was received, YYYY-MM-DD"),
        optional("payee", Claims, "who is paid: `member` (also when empty) or `provider`"),
        required("currency", Claims, "ISO 4217: the currency of every charge"),
        optional("invoice_number", Claims, "the provider's invoice number; at most 60 characters"),
        optional("diagnoses", Health, "diagnosis codes, separated by semicolons; at most 100"),
        optional(
            "country",
            Claims,
            "where the care was given, ISO 3166-1: two capital letters; empty: not known",
        ),
        optional("emergency", Health, "whether it was an emergency, `yes` or `no`; empty: not known"),
        optional("accident", Health, "whether it follows from an accident, `yes` or `no`; empty: not known"),
        optional(
            "in_network",
            Claims,
            "whether the provider is under contract, `yes` or `no`; empty: not known",
        ),
        optional(
            "away_since",
            Claims,
            "the first day of the stay outside the area of cover, YYYY-MM-DD; empty: not known",
        ),
        optional(
            "room",
            Health,
            "the hospital room: `ward`, `semi-private`, `private` or `suite`; empty: not known",
        ),
        optional(
            "documents",
            Health,
            "the papers that came, as the plan calls them, separated by semicolons; `-` for none; empty: nobody keeps count",
        ),
        optional(
            "condition",
            Health,
            "the number of the condition in the member's file, from 1; empty: the first diagnosis tells",
        ),
        optional("event", Health, "the number of the event, an accident or a journey, in the member's file"),
        optional("pregnancy", Health, "the number of the pregnancy in the member's file"),
        optional("admission", Health, "the number of the stay in hospital in the member's file"),
        optional("invoiced", Claims, "the day of the provider's invoice, YYYY-MM-DD; empty: not known"),
        optional("admitted", Health, "the day of admission to hospital, YYYY-MM-DD; empty: not known"),
        optional(
            "total",
            Claims,
            "the total that the document states; where it is not the sum of the lines, the screen flags the claim",
        ),
    ],
};

/// Lines of claims: one row per line.
pub const CLAIM_LINES: Layout = Layout {
    name: "claim-lines",
    columns: &[
        required("claim_id", Claims, "the claim: a `claim_id` of the claims file"),
        required("line", Claims, "the line's number, from 1; once in the claim; at most 1,000 lines"),
        required("service_start", Claims, "the first day of the service, YYYY-MM-DD"),
        optional("service_end", Claims, "the last day of the service; empty: the first day"),
        required("service_code", Health, "the code of the service or product; at most 60 characters"),
        optional(
            "setting",
            Health,
            "`inpatient`, `outpatient`, `emergency`, `pharmacy`, `dental`, `vision` or `unspecified` (also when empty)",
        ),
        optional(
            "service_type",
            Health,
            "the type of service: `medical-care`, `surgery`, `consultation`, `x-ray`, `mri-scan`, `laboratory`, `pharmacy`, `room-and-board`, `transport`, `maternity`, `in-vitro-fertilisation`, `dialysis`, `renal-supplies`, `donor-procedures`, `dental-care`, `dental-diagnosis`, `periodontics`, `dental-restoration`, `endodontics`, `maxillofacial-prosthetics`, `dental-adjunct`, `dental-crowns`, `dental-accident`, `hearing` or `vision`; empty: not known",
        ),
        optional("units", Claims, "units, days or items: 1 (also when empty) to 100,000"),
        required(
            "charge",
            Claims,
            "for all units, zero or more, with no more decimals than the currency has",
        ),
        optional(
            "other_paid",
            Claims,
            "what other payers paid of it together, in the claim's currency; empty: not known",
        ),
        optional(
            "other_allowed",
            Claims,
            "what the other payer allowed; of a statutory scheme, its base of reimbursement; only with `other_paid`",
        ),
        optional(
            "other_contribution",
            Claims,
            "the other payer's flat contribution, which stays with the member; only with `other_paid`; empty: none",
        ),
    ],
};

/// Excluded providers: one row for each time.
pub const EXCLUSIONS: Layout = Layout {
    name: "exclusions",
    columns: &[
        required("provider_id", Claims, "who is excluded: a `provider_id` of the providers file"),
        required("first_day", Claims, "the first day, YYYY-MM-DD"),
        optional("last_day", Claims, "the last day; empty: none yet"),
        required("list", Claims, "by which list, and whose; never a person's name; at most 300 characters"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_and_every_column_that_is_taken_in_has_a_category() {
        let others = crate::synthea_csv::LAYOUTS.iter().chain(crate::pysynthea::LAYOUTS);
        for layout in LAYOUTS.iter().chain(others) {
            let mut names: Vec<_> = layout.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{}", layout.name);
            assert!(layout.columns.iter().all(|column| !column.meaning.is_empty()), "{}", layout.name);
        }
        assert!(LAYOUTS.iter().flat_map(|layout| layout.columns).all(|column| column.need != Need::Dropped));
    }
}
