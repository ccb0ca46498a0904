//! A benefit of a test plan as the plan file says it.

use std::fmt::Write;

use super::plan::{AllowedSpec, BenefitSpec, amounts, day, maybe, millionths};

impl BenefitSpec {
    pub(super) fn write(&self, text: &mut String, index: usize) {
        self.write_lists(text, index);
        writeln!(
            text,
            "[[benefit]]\nid = \"benefit-{index}\"\nname = \"Benefit {index}\"\nmodule = {:?}",
            self.module
        )
        .unwrap();
        maybe(text, "codes", (!self.code.is_empty()).then_some([&self.code]));
        maybe(text, "settings", (!self.settings.is_empty()).then_some(&self.settings));
        maybe(text, "service_types", (!self.service_types.is_empty()).then_some(&self.service_types));
        maybe(text, "diagnoses", self.diagnosis.map(|code| [code]));
        maybe(text, "from_age", self.from_age);
        maybe(text, "below_age", self.below_age);
        maybe(text, "sex", self.sex);
        if let Some(from) = self.from {
            writeln!(text, "from = {}", day(from)).unwrap();
        }
        if let Some(until) = self.until {
            writeln!(text, "until = {}", day(until)).unwrap();
        }
        self.write_allowed(text, index);
        for rule in &self.waiting {
            writeln!(text, "[[benefit.waiting]]\nmonths = {}\nwaived = {:?}", rule.months, rule.waived)
                .unwrap();
            maybe(text, "from_age", rule.from_age);
        }
        // What follows are tables of their own, so that they may stand behind the waiting periods.
        if let Some((above, penalty)) = self.authorisation {
            writeln!(text, "[benefit.pre_authorisation]\nnot_in_emergency = true").unwrap();
            if let Some(above) = above {
                writeln!(text, "above = {}", amounts(above)).unwrap();
            }
            if let Some(rate) = penalty {
                writeln!(text, "penalty = {}", millionths(rate)).unwrap();
            }
        }
        if let Some((grade, rate)) = self.room {
            writeln!(text, "[benefit.room]\ngrade = {grade:?}\nrate = {}", millionths(rate)).unwrap();
        }
        if let Some((amount, per)) = self.copay {
            writeln!(text, "[benefit.copay]\nper = {per:?}\namount = {}", amounts(amount)).unwrap();
        }
    }

    fn write_lists(&self, text: &mut String, index: usize) {
        let price = |amount: i64, from: String| {
            format!("price = [{{ code = {:?}, amount = {}{from} }}]\n", self.code, amounts(amount))
        };
        match &self.allowed {
            AllowedSpec::Price(amount) => {
                let price = price(*amount, String::new());
                let countries = &self.priced_in;
                *text +=
                    &format!("[[price_list]]\nid = \"list-{index}\"\ncountries = {countries:?}\n{price}");
            }
            AllowedSpec::Prices(prices) => {
                let one = |(amount, from): &(i64, (i16, i8, i8))| {
                    format!(
                        "{{ code = {:?}, amount = {}, from = {} }}",
                        self.code,
                        amounts(*amount),
                        day(*from)
                    )
                };
                let all = prices.iter().map(one).collect::<Vec<_>>().join(", ");
                *text += &format!("[[price_list]]\nid = \"list-{index}\"\nprice = [{all}]\n");
            }
            AllowedSpec::Network(contract, customary) => {
                *text += &format!(
                    "[[price_list]]\nid = \"contract-{index}\"\n{}",
                    price(*contract, String::new())
                );
                *text += &format!(
                    "[[price_list]]\nid = \"customary-{index}\"\n{}",
                    price(*customary, String::new())
                );
            }
            AllowedSpec::Countries(lists) => {
                for (place, (country, amount, from)) in lists.iter().enumerate() {
                    let price = price(*amount, format!(", from = {}", day(*from)));
                    *text += &format!(
                        "[[price_list]]\nid = \"country-{place}-{index}\"\ncountries = [{country:?}]\n{price}"
                    );
                }
            }
            _ => {}
        }
    }

    fn write_allowed(&self, text: &mut String, index: usize) {
        let above = if self.write_off { "write-off" } else { "member" };
        match &self.allowed {
            AllowedSpec::Charge => writeln!(text, "above_allowed = {above:?}").unwrap(),
            AllowedSpec::Percentage(rate) => {
                writeln!(text, "allowed_percentage = {}\nabove_allowed = {above:?}", millionths(*rate)).unwrap();
            }
            AllowedSpec::Price(_) | AllowedSpec::Prices(_) => {
                writeln!(text, "price_list = \"list-{index}\"\nabove_allowed = {above:?}").unwrap();
            }
            AllowedSpec::Network(..) => writeln!(
                text,
                "allowed = [{{ price_list = \"contract-{index}\", provider = \"in-network\", above = \"write-off\" }}, \
                 {{ price_list = \"customary-{index}\", provider = \"out-of-network\", above = \"member\" }}, \
                 {{ charge = true, above = \"member\" }}]"
            )
            .unwrap(),
            AllowedSpec::Countries(lists) => {
                let bearer = |place: usize| if place == 0 { "write-off" } else { "member" };
                let rule = |place: usize| {
                    format!("{{ price_list = \"country-{place}-{index}\", above = {:?} }}, ", bearer(place))
                };
                let rules: String = (0..lists.len()).map(rule).collect();
                writeln!(text, "allowed = [{rules}{{ charge = true, above = \"member\" }}]").unwrap();
            }
            AllowedSpec::Base(rate) => {
                let rate = millionths(*rate);
                writeln!(text, "allowed = [{{ statutory_base = {rate}, above = {above:?} }}]").unwrap();
            }
        }
        let names = |word: &str, indexes: &[usize]| -> Vec<String> {
            indexes.iter().map(|index| format!("{word}-{index}")).collect()
        };
        writeln!(text, "documents = {:?}", self.documents).unwrap();
        writeln!(text, "deductible = {}\nmajor_medical = {}", self.deductible, self.major_medical).unwrap();
        writeln!(text, "out_of_pocket_maximum = {}", self.maximum).unwrap();
        writeln!(text, "deductibles = {:?}", names("deductible", &self.deductibles)).unwrap();
        writeln!(text, "out_of_pocket_maxima = {:?}", names("maximum", &self.maxima)).unwrap();
        writeln!(text, "limits = {:?}", names("limit", &self.limits)).unwrap();
        if let Some(rate) = self.coinsurance {
            writeln!(text, "coinsurance = {}", millionths(rate)).unwrap();
        }
    }
}
