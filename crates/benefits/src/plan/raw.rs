//! The shape of a plan file as TOML reads it: words and where they stand. What they mean, and
//! whether they fit together, is decided in `compile`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A word and where it stands.
pub(super) type Word = Spanned<String>;
/// An amount in every currency of the plan (currency code -> decimal), or `salary` -> how many.
pub(super) type RawAmount = Spanned<BTreeMap<Word, Word>>;
pub(super) type RawDate = Spanned<toml::value::Datetime>;

/// Shapes of tables: each field required unless it is an `Option`, a list or has a default; unknown
/// ones refused.
macro_rules! tables {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $kind:ty,)+ })+) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($(#[$meta])* pub(super) $field: $kind,)+ }
    )+};
}

tables! {
    RawPlan {
        id: Word,
        version: Word,
        name: Word,
        effective: RawDate,
        currencies: Spanned<Vec<Word>>,
        refusals: Option<Word>,
        steps: Option<Spanned<Vec<Word>>>,
        filing_months: Option<Spanned<i32>>,
        near_duplicates: Option<Word>,
        sequence: Option<Word>,
        copay_same_day: Option<Word>,
        rounding: Option<Word>,
        area: Option<Spanned<RawArea>>,
        moratorium_months: Option<Spanned<i32>>,
        newborn_days: Option<Spanned<i32>>,
        exchange: Option<Spanned<RawExchange>>,
        coordination: Option<Spanned<RawCoordination>>,
        major_medical: Option<Spanned<RawMajorMedical>>,
        premium: Option<Spanned<RawPremium>>,
        #[serde(default)]
        module: Vec<Spanned<RawModule>>,
        #[serde(default)]
        continues: Vec<Spanned<RawContinues>>,
        #[serde(default)]
        exclusion: Vec<Spanned<RawExclusion>>,
        #[serde(default)]
        bundle: Vec<Spanned<RawBundle>>,
        #[serde(default)]
        levels: Vec<Spanned<RawLevels>>,
        #[serde(default)]
        kind: Vec<Spanned<RawKind>>,
        #[serde(default)]
        deductible: Vec<Spanned<RawDeductible>>,
        #[serde(default)]
        out_of_pocket_maximum: Vec<Spanned<RawMaximum>>,
        #[serde(default)]
        limit: Vec<Spanned<RawLimit>>,
        #[serde(default)]
        price_list: Vec<Spanned<RawPriceList>>,
        #[serde(default)]
        benefit: Vec<Spanned<RawBenefit>>,
    }
    RawArea {
        #[serde(default)]
        countries: Vec<Word>,
        #[serde(default)]
        except: Vec<Word>,
        emergency_days: Option<Spanned<i32>>,
    }
    RawExchange {
        day: Word,
    }
    RawCoordination {
        method: Word,
        allowable: Option<Word>,
        benefit_reserve: Option<Spanned<RawReserve>>,
    }
    RawReserve {
        accumulator: Spanned<u16>,
        name: Word,
        period: Word,
    }
    RawMajorMedical {
        accumulator: Spanned<u16>,
        name: Word,
        period: Word,
        amount: RawAmount,
        rate: Word,
    }
    RawModule {
        id: Word,
        name: Word,
        #[serde(default)]
        requires: Vec<Word>,
    }
    RawContinues {
        plan: Word,
        accumulators: Spanned<Vec<Spanned<u16>>>,
    }
    RawExclusion {
        name: Word,
        #[serde(default)]
        codes: Vec<Word>,
        #[serde(default)]
        diagnoses: Vec<Word>,
    }
    RawBundle {
        code: Word,
        includes: Spanned<Vec<Word>>,
    }
    RawLevels {
        name: Word,
        codes: Spanned<Vec<Word>>,
        high: Option<Spanned<i32>>,
    }
    RawKind {
        id: Word,
        benefits: Option<Vec<Word>>,
    }
    RawFamily {
        accumulator: Spanned<u16>,
        name: Word,
        amount: RawAmount,
    }
    RawDeductible {
        id: Word,
        accumulator: Spanned<u16>,
        name: Word,
        period: Word,
        per: Option<Word>,
        amount: RawAmount,
        family: Option<Spanned<RawFamily>>,
        carry_over_months: Option<Spanned<i32>>,
        applies_to: Option<Word>,
    }
    RawMaximum {
        id: Word,
        accumulator: Spanned<u16>,
        name: Word,
        period: Word,
        per: Option<Word>,
        amount: RawAmount,
        family: Option<Spanned<RawFamily>>,
        includes_deductible: bool,
        only: Option<Word>,
        applies_to: Option<Word>,
    }
    RawLimit {
        id: Word,
        accumulator: Spanned<u16>,
        name: Word,
        period: Word,
        per: Option<Word>,
        amount: Option<RawAmount>,
        count: Option<Spanned<i64>>,
        of: Option<Word>,
        kind: Option<Word>,
        from_age: Option<u8>,
        below_age: Option<u8>,
        #[serde(default)]
        family: bool,
        over: Option<Word>,
        applies_to: Word,
    }
    RawPriceList {
        id: Word,
        #[serde(default)]
        countries: Vec<Word>,
        price: Vec<RawPrice>,
    }
    RawPrice {
        code: Word,
        amount: RawAmount,
        from: Option<RawDate>,
        until: Option<RawDate>,
    }
    RawBenefit {
        id: Word,
        name: Word,
        module: Word,
        #[serde(default)]
        codes: Vec<Word>,
        #[serde(default)]
        diagnoses: Vec<Word>,
        #[serde(default)]
        settings: Vec<Word>,
        #[serde(default)]
        service_types: Vec<Word>,
        from_age: Option<u8>,
        below_age: Option<u8>,
        sex: Option<Word>,
        from: Option<RawDate>,
        until: Option<RawDate>,
        price_list: Option<Word>,
        allowed_percentage: Option<Word>,
        above_allowed: Option<Word>,
        #[serde(default)]
        allowed: Vec<Spanned<RawAllowed>>,
        waiting_months: Option<Spanned<i32>>,
        #[serde(default)]
        waiting: Vec<Spanned<RawWaiting>>,
        #[serde(default)]
        documents: Vec<Word>,
        pre_authorisation: Option<Spanned<RawPreauthorisation>>,
        room: Option<Spanned<RawRoom>>,
        #[serde(default = "yes")]
        deductible: bool,
        #[serde(default)]
        deductibles: Vec<Word>,
        copay: Option<Spanned<RawCopay>>,
        coinsurance: Option<Word>,
        #[serde(default = "yes")]
        major_medical: bool,
        #[serde(default = "yes")]
        out_of_pocket_maximum: bool,
        #[serde(default)]
        out_of_pocket_maxima: Vec<Word>,
        #[serde(default)]
        limits: Vec<Word>,
    }
    RawAllowed {
        price_list: Option<Word>,
        percentage: Option<Word>,
        statutory_base: Option<Word>,
        #[serde(default)]
        charge: bool,
        provider: Option<Word>,
        above: Word,
    }
    RawWaiting {
        months: Spanned<i32>,
        from_age: Option<u8>,
        below_age: Option<u8>,
        #[serde(default)]
        waived: Vec<Word>,
    }
    RawPreauthorisation {
        above: Option<RawAmount>,
        penalty: Option<Word>,
        #[serde(default = "yes")]
        not_in_emergency: bool,
    }
    RawRoom {
        grade: Word,
        rate: Word,
    }
    RawCopay {
        per: Word,
        amount: RawAmount,
    }
    RawPremium {
        months: Spanned<i32>,
        #[serde(default)]
        rate: Vec<Spanned<RawRate>>,
        lump_sum: Option<Spanned<RawLumpSum>>,
        #[serde(default)]
        fee: Vec<Spanned<RawFee>>,
        #[serde(default)]
        subsidy: Vec<Spanned<RawSubsidy>>,
        #[serde(default)]
        starts: Vec<Word>,
        #[serde(default)]
        grace_months: i32,
        #[serde(default)]
        administration_months: i32,
    }
    RawRate {
        from_age: u8,
        amount: RawAmount,
    }
    RawLumpSum {
        covers: u32,
        amount: RawAmount,
    }
    RawFee {
        name: Word,
        per: Word,
        amount: RawAmount,
    }
    RawSubsidy {
        from_salary: Option<RawAmount>,
        rate: Option<Word>,
        member_salary_rate: Option<Word>,
    }
}

fn yes() -> bool {
    true
}
