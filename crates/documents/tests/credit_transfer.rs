//! The bank file against the published schema, and its sums against the payments.
//!
//! The schema is not ours to ship: `cargo xtask test` fetches it and says where in `MORETUS_SCHEMAS`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod common;

use common::{date, run};
use documents::{CreditTransfer, CreditTransferBatch, Debtor, DocumentError, credit_transfer};
use domain::{BatchId, Bic, Iban, Money, PaymentId, PersonName, PostalAddress, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;

const ACCOUNTS: [&str; 5] = [
    "BE68539007547034",
    "NL91 ABNA 0417 1643 00",
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "TN5910006035183598478831",
];

fn payment(number: u8, amount: &str, currency: &str, day: &str) -> CreditTransfer {
    CreditTransfer {
        id: PaymentId::from_bytes([number; 16]),
        name: PersonName::parse("Zoë Müller & Söhne").unwrap(),
        town: Some(PostalAddress::parse("4000 Liège").unwrap()),
        country: Some("BE".parse().unwrap()),
        account: Iban::parse(ACCOUNTS[usize::from(number) % ACCOUNTS.len()]).unwrap(),
        bank: Some(Bic::parse("BNAGBEBB").unwrap()),
        amount: Money::parse(amount, currency.parse().unwrap()).unwrap(),
        execution: date(day),
        reference: "PAY 7F3A 22C0".to_owned(),
    }
}

fn batch(payments: Vec<CreditTransfer>) -> CreditTransferBatch {
    CreditTransferBatch {
        id: BatchId::from_bytes(*b"0123456789abcdef"),
        created: Timestamp::from_micros(1_795_450_000_123_456),
        debtor: Debtor {
            name: "Plantin Benefits Administration".to_owned(),
            town: Some(("Antwerpen".to_owned(), "BE".parse().unwrap())),
            account: Iban::parse("BE68 5390 0754 7034").unwrap(),
            bank: None,
        },
        payments,
    }
}

/// Runs the file against the schema; `Err` has what the validator says.
fn validate(file: &str) -> Result<(), String> {
    let folder = std::env::var("MORETUS_SCHEMAS").expect(
        "MORETUS_SCHEMAS is not set: it names the folder with pain.001.001.09.xsd; `cargo xtask test` fetches it and sets it",
    );
    let schema = format!("{folder}/pain.001.001.09.xsd");
    assert!(
        std::path::Path::new(&schema).exists(),
        "`{schema}` does not exist: run `cargo xtask test`, which fetches it"
    );
    let (valid, said) =
        run("xmllint", "libxml2-utils", &["--noout", "--nonet", "--schema", &schema, "-"], file.as_bytes());
    if valid { Ok(()) } else { Err(said) }
}

/// The texts of every element with this name, in order.
fn texts<'a>(file: &'a str, element: &str) -> Vec<&'a str> {
    let start = format!("<{element}");
    file.split(&start)
        .skip(1)
        .filter(|rest| rest.starts_with(['>', ' ']))
        .map(|rest| rest.split_once('>').unwrap().1.split_once('<').unwrap().0)
        .collect()
}

fn sum(amounts: &[&str]) -> Decimal {
    amounts.iter().map(|amount| amount.parse::<Decimal>().unwrap()).sum()
}

#[test]
fn a_batch_is_grouped_by_currency_and_day_with_exact_sums() {
    let file = credit_transfer(&batch(vec![
        payment(1, "10.10", "EUR", "2026-11-25"),
        payment(2, "0.20", "EUR", "2026-11-25"),
        payment(3, "1200", "JPY", "2026-11-25"),
        payment(4, "1.234", "TND", "2026-11-25"),
        payment(5, "5.00", "EUR", "2026-11-26"),
    ]))
    .unwrap();
    validate(&file).unwrap();
    assert_eq!(texts(&file, "NbOfTxs"), ["5", "2", "1", "1", "1"]);
    assert_eq!(texts(&file, "CtrlSum"), ["1216.534", "10.3", "5", "1200", "1.234"]);
    assert_eq!(texts(&file, "InstdAmt"), ["10.10", "0.20", "5.00", "1200", "1.234"]);
    assert_eq!(texts(&file, "MsgId"), ["30313233343536373839616263646566"]);
    assert_eq!(texts(&file, "PmtInfId")[0], "3031323334353637383961-EUR-20261125");
    assert_eq!(texts(&file, "EndToEndId")[0], "01".repeat(16));
    assert_eq!(texts(&file, "Nm")[2], "Zoe Muller + Sohne");
    assert_eq!(texts(&file, "TwnNm")[1], "4000 Liege");
    assert_eq!(texts(&file, "Ustrd")[0], "PAY 7F3A 22C0");
    assert!(!file.contains("AdrLine"), "free address lines are no longer accepted");
    insta::assert_snapshot!(credit_transfer(&batch(vec![payment(1, "10.10", "EUR", "2026-11-25")])).unwrap());
}

#[test]
fn only_euro_within_the_area_is_a_sepa_payment() {
    // Accounts in turn: NL in euro, NL in dollars, TN in euro.
    for (number, currency, levels, bearer) in
        [(1, "EUR", 1, "SLEV"), (1, "USD", 0, "SHAR"), (4, "EUR", 0, "SHAR")]
    {
        let mut one = payment(number, "1.00", currency, "2026-11-25");
        one.bank = None;
        let file = credit_transfer(&batch(vec![one])).unwrap();
        validate(&file).unwrap();
        assert_eq!(texts(&file, "SvcLvl").len(), levels, "{file}");
        assert_eq!(texts(&file, "ChrgBr"), [bearer]);
        assert!(!file.contains("CdtrAgt"), "an unknown bank of the payee is left out");
        assert!(file.contains("NOTPROVIDED"), "an unknown bank of the debtor is named so");
    }
}

#[test]
fn the_validator_does_refuse_what_is_wrong() {
    let file = credit_transfer(&batch(vec![payment(1, "1.00", "EUR", "2026-11-25")])).unwrap();
    for (right, wrong) in [
        ("<PmtMtd>TRF</PmtMtd>", ""),
        ("30313233343536373839616263646566", "30313233-3435-3637-3839-616263646566"),
        ("1.00</InstdAmt>", "-1.00</InstdAmt>"),
        ("<IBAN>NL91ABNA0417164300", "<IBAN>NL91 ABNA 0417 1643 00"),
    ] {
        assert!(file.contains(right), "{right}");
        assert!(validate(&file.replace(right, wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_paid_is_refused_by_payment() {
    let one = payment(1, "1.00", "EUR", "2026-11-25");
    let twice = credit_transfer(&batch(vec![one.clone(), one.clone()]));
    assert_eq!(twice, Err(DocumentError::Repeated { payment: one.id }));
    assert_eq!(credit_transfer(&batch(Vec::new())), Err(DocumentError::EmptyBatch));
    for amount in ["0.00", "-1.00"] {
        let bad = payment(1, amount, "EUR", "2026-11-25");
        assert_eq!(credit_transfer(&batch(vec![bad])), Err(DocumentError::NotPayable { payment: one.id }));
    }
    let mut unwritable = one;
    unwritable.name = PersonName::parse("李小龍").unwrap();
    let refused = credit_transfer(&batch(vec![unwritable])).unwrap_err().to_string();
    assert!(refused.contains("01010101-0101-0101-0101-010101010101"), "{refused}");
    assert!(!refused.contains('李'));
}

#[test]
fn sums_beyond_the_schema_are_refused() {
    // Three decimals each: 10 ^ 14 thousandths, ten thousand times, are 10 ^ 18.
    let largest = |count: u32, minor: i64| {
        let payments = (0..count).map(|number| {
            let mut one = payment(1, "1.000", "TND", "2026-11-25");
            one.id = PaymentId::from_bytes(u128::from(number).to_be_bytes());
            one.amount = Money::new(minor, "TND".parse().unwrap()).unwrap();
            one
        });
        credit_transfer(&batch(payments.collect()))
    };
    validate(&largest(9_999, Money::MAX_MINOR - 1).unwrap()).unwrap();
    assert_eq!(largest(10_001, Money::MAX_MINOR - 1), Err(DocumentError::OutOfRange { document: "batch" }));
}

#[test]
fn a_batch_prints_no_personal_value() {
    let debug = format!("{:?}", credit_transfer(&batch(vec![payment(1, "0.00", "EUR", "2026-11-25")])));
    assert!(!debug.contains("Zo") && !debug.contains("0417"), "{debug}");
}

/// What is drawn for one payment: id, name, town, with a country, account, with a bank, minor units,
/// currency, day, reference.
type Drawn = ([u8; 16], String, Option<String>, bool, &'static str, bool, i64, &'static str, i8, String);

fn any_payment() -> impl Strategy<Value = Drawn> {
    (
        any::<[u8; 16]>(),
        "\\PC{0,150}",
        prop::option::of("\\PC{1,60}"),
        any::<bool>(),
        prop::sample::select(ACCOUNTS.to_vec()),
        any::<bool>(),
        1..=Money::MAX_MINOR / 1_000,
        prop::sample::select(vec!["EUR", "USD", "JPY", "TND", "GBP", "CHF"]),
        1_i8..=28,
        "[A-Z]\\PC{0,200}",
    )
}

fn drawn((id, name, town, country, account, bank, minor, currency, day, reference): Drawn) -> CreditTransfer {
    CreditTransfer {
        id: PaymentId::from_bytes(id),
        name: PersonName::parse(&format!("A{name}")).unwrap(),
        town: town.and_then(|town| PostalAddress::parse(&town).ok()),
        country: country.then(|| "DE".parse().unwrap()),
        account: Iban::parse(account).unwrap(),
        bank: bank.then(|| Bic::parse("NWBKGB2LXXX").unwrap()),
        amount: Money::new(minor, currency.parse().unwrap()).unwrap(),
        execution: domain::Date::new(2026, 11, day).unwrap(),
        reference,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_batch_is_valid_and_its_sums_match(payments in prop::collection::vec(any_payment(), 1..12), name in "[a-zß&<>]{1,90}") {
        let mut all = batch(payments.into_iter().map(drawn).collect());
        all.debtor.name = format!("A{name}");
        let file = credit_transfer(&all).unwrap();
        prop_assert_eq!(validate(&file), Ok(()));
        let amounts = texts(&file, "InstdAmt");
        let expected: Decimal = all.payments.iter().map(|payment| payment.amount.decimal()).sum();
        prop_assert_eq!(sum(&amounts), expected);
        let sums = texts(&file, "CtrlSum");
        prop_assert_eq!(sum(&sums[..1]), expected);
        prop_assert_eq!(sum(&sums[1..]), expected);
        let counts: Vec<usize> = texts(&file, "NbOfTxs").iter().map(|count| count.parse().unwrap()).collect();
        prop_assert_eq!(counts[0], all.payments.len());
        prop_assert_eq!(counts[1..].iter().sum::<usize>(), all.payments.len());
        let ids: std::collections::BTreeSet<&str> = texts(&file, "PmtInfId").into_iter().collect();
        prop_assert_eq!(ids.len(), counts.len() - 1);
        let allowed = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(c));
        for element in ["Nm", "TwnNm", "Ustrd"] {
            let unescaped: Vec<String> = texts(&file, element).iter().map(|text| text.replace("&apos;", "'")).collect();
            prop_assert!(unescaped.iter().map(String::as_str).all(|text| allowed(&text)), "{:?}", unescaped);
        }
    }
}
