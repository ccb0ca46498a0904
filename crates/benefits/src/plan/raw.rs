//! The shape of a plan file as TOML reads it: words and where they stand. What they mean, and
//! whether they fit together, is decided in `compile`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// An amount in every currency of the plan: currency code -> decimal.
pub(super) type RawAmount = Spanned<BTreeMap<Spanned<String>, Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlan {
    pub(super) id: Spanned<String>,
    pub(super) version: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) effective: Spanned<toml::value::Datetime>,
    pub(super) currencies: Spanned<Vec<Spanned<String>>>,
    pub(super) refusals: Option<Spanned<String>>,
    pub(super) steps: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) filing_months: Option<Spanned<i32>>,
    pub(super) deductible: Option<Spanned<RawDeductible>>,
    pub(super) out_of_pocket_maximum: Option<Spanned<RawMaximum>>,
    #[serde(default)]
    pub(super) limit: Vec<Spanned<RawLimit>>,
    #[serde(default)]
    pub(super) price_list: Vec<Spanned<RawPriceList>>,
    #[serde(default)]
    pub(super) benefit: Vec<Spanned<RawBenefit>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeductible {
    pub(super) accumulator: Spanned<u16>,
    pub(super) name: Spanned<String>,
    pub(super) period: Spanned<String>,
    pub(super) amount: RawAmount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMaximum {
    pub(super) accumulator: Spanned<u16>,
    pub(super) name: Spanned<String>,
    pub(super) period: Spanned<String>,
    pub(super) amount: RawAmount,
    pub(super) includes_deductible: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    pub(super) id: Spanned<String>,
    pub(super) accumulator: Spanned<u16>,
    pub(super) name: Spanned<String>,
    pub(super) period: Spanned<String>,
    pub(super) amount: RawAmount,
    pub(super) applies_to: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPriceList {
    pub(super) id: Spanned<String>,
    pub(super) price: Vec<RawPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrice {
    pub(super) code: Spanned<String>,
    pub(super) amount: RawAmount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBenefit {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) module: Spanned<String>,
    #[serde(default)]
    pub(super) codes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) settings: Vec<Spanned<String>>,
    pub(super) price_list: Option<Spanned<String>>,
    pub(super) allowed_percentage: Option<Spanned<String>>,
    pub(super) above_allowed: Option<Spanned<String>>,
    pub(super) waiting_months: Option<Spanned<i32>>,
    #[serde(default = "yes")]
    pub(super) deductible: bool,
    pub(super) copay: Option<Spanned<RawCopay>>,
    pub(super) coinsurance: Option<Spanned<String>>,
    #[serde(default = "yes")]
    pub(super) out_of_pocket_maximum: bool,
    #[serde(default)]
    pub(super) limits: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCopay {
    pub(super) per: Spanned<String>,
    pub(super) amount: RawAmount,
}

fn yes() -> bool {
    true
}
