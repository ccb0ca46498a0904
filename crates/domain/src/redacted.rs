//! A Debug that names the type and no value: for the parts of records that hold one person's amounts, days
//! and codes. The derives of `Personal` and `View` write the same for whole records. It hides nothing from
//! code: fields stay public, and a test that compares them says what it compares.

/// Gives types a redacted Debug.
macro_rules! redacted {
    ($($name:ident $(<$of:ident>)?),+) => { $(
        impl$(<$of>)? std::fmt::Debug for $name$(<$of>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )+ };
}

pub(crate) use redacted;

#[cfg(test)]
mod tests {
    use crate::*;

    /// A day and an amount that no redacted type may print.
    const DAY: &str = "1987-06-05";
    const AMOUNT: i64 = 7_654_321;

    fn line_determination() -> LineDetermination {
        LineDetermination {
            number: 1,
            outcome: Outcome::Denied,
            submitted: AMOUNT,
            write_off: AMOUNT,
            not_covered: AMOUNT,
            deductible: AMOUNT,
            copay: AMOUNT,
            coinsurance: AMOUNT,
            over_limit: AMOUNT,
            other_payer: AMOUNT,
            plan: AMOUNT,
            reasons: vec![Reason::Excluded],
        }
    }

    fn guarantee_decision(day: Date) -> GuaranteeDecision {
        let to = RecipientId::from_bytes([3; 16]);
        let maximum = Money::new(AMOUNT, Currency::EUR).unwrap();
        let terms = GuaranteeTerms { to, maximum, member_share: maximum, first: day, last: day };
        let outcome = GuaranteeOutcome::Granted(terms);
        GuaranteeDecision { decided: day, by: ActorId::from_bytes([4; 16]), outcome }
    }

    /// What is counted, and what was exchanged, printed.
    fn counted_and_exchanged(day: Date) -> [String; 4] {
        let entry = AccumulatorEntry {
            accumulator: 1,
            period_start: day,
            line: 1,
            delta: AMOUNT,
            scope: 7_654_321,
            until: Some(day),
        };
        let balance =
            AccumulatorBalance { accumulator: 1, period_start: day, amount: AMOUNT, scope: 7_654_321 };
        let exchange = LineExchange {
            line: 1,
            currency: Currency::EUR,
            charge: AMOUNT,
            date: day,
            rate: "76543.21".to_owned(),
        };
        let days = CountedDays { accumulator: 1, until: day };
        [format!("{entry:?}"), format!("{balance:?}"), format!("{exchange:?}"), format!("{days:?}")]
    }

    #[test]
    fn parts_of_records_never_print_their_values() {
        let day: Date = DAY.parse().unwrap();
        let code = ServiceCode::parse("PSYCH").unwrap();
        let charge = Money::new(AMOUNT, Currency::EUR).unwrap();
        let setting = CareSetting::Inpatient;
        let counted = AccumulatorStep { accumulator: 1, before: AMOUNT, after: AMOUNT };
        let trace = Trace {
            line: 1,
            step: Step::Deductible,
            rule: 1,
            input: AMOUNT,
            output: AMOUNT,
            accumulator: Some(counted),
        };
        let prior = PriorLine {
            claim: ClaimId::from_bytes([1; 16]),
            provider: ProviderId::from_bytes([2; 16]),
            service_start: day,
            code: code.clone(),
            charge: AMOUNT,
            counted: vec![CountedDays { accumulator: 1, until: day }],
            copay: Some(TakenCopay { benefit: 7, amount: AMOUNT }),
        };
        let line = ClaimLine { number: 1, service_start: day, service_end: day, units: 1, charge };
        let printed = [
            format!("{line:?}"),
            format!(
                "{:?}",
                LineService { line: 1, code, setting, service_type: Some(ServiceType::Maternity) }
            ),
            format!("{:?}", LineType { line: 1, service_type: ServiceType::Maternity }),
            format!("{:?}", line_determination()),
            format!("{:?}", LineBenefit { line: 1, benefit: 7 }),
            format!("{trace:?}"),
            format!("{counted:?}"),
            format!("{prior:?}"),
            format!("{:?}", guarantee_decision(day)),
            format!("{:?}", guarantee_decision(day).outcome),
            format!("{:?}", PostingEntry { account: Account::ClaimsCost, amount: AMOUNT }),
            format!("{charge:?}"),
            format!(
                "{:?}",
                Told { value: day, by: ActorId::from_bytes([4; 16]), at: Timestamp::start_of(day) }
            ),
            format!("{:?}", Some(vec![charge])),
        ];
        for text in printed.into_iter().chain(counted_and_exchanged(day)) {
            assert!(text.contains("(redacted)"), "{text}");
            for value in [
                DAY,
                "1987",
                "7654321",
                "7_654_321",
                "76543",
                "PSYCH",
                "aternity",
                "inpatient",
                "Inpatient",
                "PREEX",
                "EUR",
            ] {
                assert!(!text.contains(value), "`{value}` in {text}");
            }
        }
        assert_eq!(charge.to_string(), "76543.21 EUR", "faces write it with Display");
    }
}
