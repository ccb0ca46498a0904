//! The columns of Synthea's files: what is taken in, and what is left out and why.

use domain::Category::{Claims, Eligibility, Health, Identity, MemberId, Plan};

use crate::Layout;
use crate::columns::{Column, dropped, optional, required};

/// The columns of each file.
pub const LAYOUTS: &[Layout] = &[PATIENTS, PROVIDERS, PAYERS, PAYER_TRANSITIONS, CLAIMS, TRANSACTIONS];

/// The columns that hold a claim's diagnoses.
pub(super) const DIAGNOSES: [&str; 8] = [
    "DIAGNOSIS1",
    "DIAGNOSIS2",
    "DIAGNOSIS3",
    "DIAGNOSIS4",
    "DIAGNOSIS5",
    "DIAGNOSIS6",
    "DIAGNOSIS7",
    "DIAGNOSIS8",
];

const NOT_NEEDED: &str = "no use here needs it";
const STATE_NUMBER: &str = "a number of the state: no use here needs it, and it opens other doors";
const SENSITIVE: &str = "a special category that no use here needs";
const PLACE: &str = "more exact than a postal address needs";
const OTHER_PAYER: &str = "what another payer did or holds";

const fn diagnosis(name: &'static str) -> Column {
    optional(name, Health, "diagnosis code; kept once")
}

pub(super) const PATIENTS: Layout = Layout {
    name: "patients.csv",
    columns: &[
        required("Id", MemberId, "source id, and member number"),
        required("BIRTHDATE", Identity, "birth date"),
        optional("DEATHDATE", Identity, "date of death"),
        dropped("SSN", STATE_NUMBER),
        dropped("DRIVERS", STATE_NUMBER),
        dropped("PASSPORT", STATE_NUMBER),
        dropped("PREFIX", NOT_NEEDED),
        required("FIRST", Identity, "given name"),
        dropped("MIDDLE", NOT_NEEDED),
        required("LAST", Identity, "family name"),
        dropped("SUFFIX", NOT_NEEDED),
        dropped("MAIDEN", NOT_NEEDED),
        dropped("MARITAL", NOT_NEEDED),
        dropped("RACE", SENSITIVE),
        dropped("ETHNICITY", SENSITIVE),
        optional("GENDER", Identity, "F or M"),
        dropped("BIRTHPLACE", NOT_NEEDED),
        optional("ADDRESS", Identity, "street lines"),
        optional("CITY", Identity, "town"),
        dropped("STATE", NOT_NEEDED),
        dropped("COUNTY", NOT_NEEDED),
        dropped("FIPS", NOT_NEEDED),
        optional("ZIP", Identity, "postal code, written before the town"),
        dropped("LAT", PLACE),
        dropped("LON", PLACE),
        dropped("HEALTHCARE_EXPENSES", OTHER_PAYER),
        dropped("HEALTHCARE_COVERAGE", OTHER_PAYER),
        dropped("INCOME", NOT_NEEDED),
    ],
};

pub(super) const PROVIDERS: Layout = Layout {
    name: "providers.csv",
    columns: &[
        required("Id", Identity, "source id"),
        dropped("ORGANIZATION", "the address stands here too"),
        required("NAME", Identity, "name"),
        dropped("GENDER", NOT_NEEDED),
        dropped("SPECIALITY", NOT_NEEDED),
        optional("ADDRESS", Identity, "street lines"),
        optional("CITY", Identity, "town"),
        dropped("STATE", NOT_NEEDED),
        optional("ZIP", Identity, "postal code, written before the town"),
        dropped("LAT", PLACE),
        dropped("LON", PLACE),
        dropped("UTILIZATION", NOT_NEEDED),
        dropped("ENCOUNTERS", NOT_NEEDED),
        dropped("PROCEDURES", NOT_NEEDED),
    ],
};

pub(super) const PAYERS: Layout = Layout {
    name: "payers.csv",
    columns: &[
        required("Id", Plan, "read to find a payer's name"),
        required("NAME", Plan, "the plan's name as printed; `NO_INSURANCE` is a time without cover"),
        dropped("OWNERSHIP", NOT_NEEDED),
        dropped("ADDRESS", NOT_NEEDED),
        dropped("CITY", NOT_NEEDED),
        dropped("STATE_HEADQUARTERED", NOT_NEEDED),
        dropped("ZIP", NOT_NEEDED),
        dropped("PHONE", NOT_NEEDED),
        dropped("AMOUNT_COVERED", OTHER_PAYER),
        dropped("AMOUNT_UNCOVERED", OTHER_PAYER),
        dropped("REVENUE", OTHER_PAYER),
        dropped("COVERED_ENCOUNTERS", OTHER_PAYER),
        dropped("UNCOVERED_ENCOUNTERS", OTHER_PAYER),
        dropped("COVERED_MEDICATIONS", OTHER_PAYER),
        dropped("UNCOVERED_MEDICATIONS", OTHER_PAYER),
        dropped("COVERED_PROCEDURES", OTHER_PAYER),
        dropped("UNCOVERED_PROCEDURES", OTHER_PAYER),
        dropped("COVERED_IMMUNIZATIONS", OTHER_PAYER),
        dropped("UNCOVERED_IMMUNIZATIONS", OTHER_PAYER),
        dropped("UNIQUE_CUSTOMERS", OTHER_PAYER),
        dropped("QOLS_AVG", OTHER_PAYER),
        dropped("MEMBER_MONTHS", OTHER_PAYER),
    ],
};

pub(super) const PAYER_TRANSITIONS: Layout = Layout {
    name: "payer_transitions.csv",
    columns: &[
        required("PATIENT", MemberId, "who is covered; also the policy number"),
        dropped("MEMBERID", "neither filled nor unique: a span is told by its patient and its first instant"),
        required("START_YEAR", Eligibility, "first day (an instant, in spite of its name)"),
        optional("END_YEAR", Eligibility, "last day, or the day on which the next span begins"),
        required("PAYER", Plan, "to find the payer's name"),
        dropped("SECONDARY_PAYER", OTHER_PAYER),
        dropped("OWNERSHIP", NOT_NEEDED),
        dropped("OWNERNAME", "another person's name, who did not supply it"),
    ],
};

pub(super) const CLAIMS: Layout = Layout {
    name: "claims.csv",
    columns: &[
        required("Id", Claims, "source id"),
        required("PATIENTID", MemberId, "who was treated"),
        required("PROVIDERID", Claims, "who treated"),
        dropped("PRIMARYPATIENTINSURANCEID", "cover is found by date"),
        dropped("SECONDARYPATIENTINSURANCEID", OTHER_PAYER),
        dropped("DEPARTMENTID", NOT_NEEDED),
        dropped("PATIENTDEPARTMENTID", NOT_NEEDED),
        diagnosis("DIAGNOSIS1"),
        diagnosis("DIAGNOSIS2"),
        diagnosis("DIAGNOSIS3"),
        diagnosis("DIAGNOSIS4"),
        diagnosis("DIAGNOSIS5"),
        diagnosis("DIAGNOSIS6"),
        diagnosis("DIAGNOSIS7"),
        diagnosis("DIAGNOSIS8"),
        dropped("REFERRINGPROVIDERID", NOT_NEEDED),
        dropped("APPOINTMENTID", NOT_NEEDED),
        dropped("CURRENTILLNESSDATE", NOT_NEEDED),
        required("SERVICEDATE", Claims, "day of receipt, unless it was billed later"),
        dropped("SUPERVISINGPROVIDERID", NOT_NEEDED),
        dropped("STATUS1", OTHER_PAYER),
        dropped("STATUS2", OTHER_PAYER),
        dropped("STATUSP", OTHER_PAYER),
        dropped("OUTSTANDING1", OTHER_PAYER),
        dropped("OUTSTANDING2", OTHER_PAYER),
        dropped("OUTSTANDINGP", OTHER_PAYER),
        optional("LASTBILLEDDATE1", Claims, "day of receipt"),
        dropped("LASTBILLEDDATE2", OTHER_PAYER),
        dropped("LASTBILLEDDATEP", OTHER_PAYER),
        dropped("HEALTHCARECLAIMTYPEID1", NOT_NEEDED),
        dropped("HEALTHCARECLAIMTYPEID2", NOT_NEEDED),
    ],
};

pub(super) const TRANSACTIONS: Layout = Layout {
    name: "claims_transactions.csv",
    columns: &[
        dropped("ID", NOT_NEEDED),
        required("CLAIMID", Claims, "the claim"),
        dropped("CHARGEID", NOT_NEEDED),
        dropped("PATIENTID", "the claim says it"),
        required("TYPE", Claims, "`CHARGE` becomes a line; the others are counted"),
        optional("AMOUNT", Claims, "the charge; needed there"),
        dropped("METHOD", OTHER_PAYER),
        optional("FROMDATE", Claims, "first day of the service; needed for a charge"),
        optional("TODATE", Claims, "last day of the service"),
        dropped("PLACEOFSERVICE", NOT_NEEDED),
        optional("PROCEDURECODE", Health, "service code; needed for a charge"),
        dropped("MODIFIER1", NOT_NEEDED),
        dropped("MODIFIER2", NOT_NEEDED),
        dropped("DIAGNOSISREF1", NOT_NEEDED),
        dropped("DIAGNOSISREF2", NOT_NEEDED),
        dropped("DIAGNOSISREF3", NOT_NEEDED),
        dropped("DIAGNOSISREF4", NOT_NEEDED),
        optional("UNITS", Claims, "units; 1 when empty"),
        dropped("DEPARTMENTID", NOT_NEEDED),
        dropped("NOTES", "free text about health; the code says it"),
        dropped("UNITAMOUNT", "the amount is for all units"),
        dropped("TRANSFEROUTID", OTHER_PAYER),
        dropped("TRANSFERTYPE", OTHER_PAYER),
        dropped("PAYMENTS", OTHER_PAYER),
        dropped("ADJUSTMENTS", OTHER_PAYER),
        dropped("TRANSFERS", OTHER_PAYER),
        dropped("OUTSTANDING", OTHER_PAYER),
        dropped("APPOINTMENTID", NOT_NEEDED),
        dropped("LINENOTE", "free text about health"),
        dropped("PATIENTINSURANCEID", OTHER_PAYER),
        dropped("FEESCHEDULEID", NOT_NEEDED),
        dropped("PROVIDERID", "the claim says it"),
        dropped("SUPERVISINGPROVIDERID", NOT_NEEDED),
    ],
};
