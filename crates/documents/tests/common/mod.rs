//! A believable statement for the tests, and running the Debian tools that look at what was made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    dead_code,
    missing_docs,
    unreachable_pub
)]

use std::io::Write;
use std::process::{Command, Stdio};

use documents::{
    AccumulatorUse, Appeal, DecidedBy, GuaranteeLetter, Issuer, NoticeReference, Statement, StatementLine,
    StatementPayment, StatementStep,
};
use domain::{
    Currency, Date, GuaranteeTerms, Iban, Language, LineDetermination, MemberNumber, Money, Outcome, Payee,
    PersonName, PolicyNumber, Reason, RecipientId, ServiceCode,
};

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// A line from its parts; what was submitted follows.
pub fn amounts(number: u32, parts: [i64; 8], reasons: &[Reason]) -> LineDetermination {
    let [write_off, not_covered, deductible, copay, coinsurance, over_limit, other_payer, plan] = parts;
    LineDetermination {
        number,
        outcome: Outcome::Approved,
        submitted: parts.iter().sum(),
        write_off,
        not_covered,
        deductible,
        copay,
        coinsurance,
        over_limit,
        other_payer,
        plan,
        reasons: reasons.to_vec(),
    }
}

fn line(day: &str, description: &str, amounts: LineDetermination, steps: &[(&str, i64)]) -> StatementLine {
    let step = |(text, change): &(&str, i64)| StatementStep { text: (*text).to_owned(), change: *change };
    StatementLine {
        service_start: date(day),
        service_end: date(day),
        description: description.to_owned(),
        amounts,
        steps: steps.iter().map(step).collect(),
    }
}

fn lines() -> Vec<StatementLine> {
    let mut lines = vec![
        line(
            "2026-11-02",
            "Consultation, general practitioner",
            amounts(1, [0, 0, 5_000, 0, 0, 0, 0, 1_500], &[Reason::Deductible]),
            &[("deductible, Deductible", -5_000)],
        ),
        line(
            "2026-11-02",
            "Blood count and lipid panel",
            amounts(2, [1_230, 0, 0, 0, 1_834, 0, 0, 7_336], &[Reason::Fee, Reason::Coinsurance]),
            &[("above the amount that counts", -1_230), ("percentage that you pay", -1_834)],
        ),
        line(
            "2026-11-04",
            "Magnetic resonance imaging of the knee, without contrast",
            amounts(3, [0, 0, 0, 2_500, 9_500, 0, 0, 38_000], &[Reason::Copay, Reason::Coinsurance]),
            &[
                ("fixed amount that you pay", -2_500),
                ("percentage that you pay", -10_450),
                ("you have borne the most that you bear, Out-of-pocket maximum", 950),
            ],
        ),
        line(
            "2026-11-05",
            "Physiotherapy, 3 sessions of 30 minutes",
            amounts(4, [0, 0, 0, 0, 0, 4_000, 0, 11_000], &[Reason::MoneyMaximum]),
            &[("over the most that the plan pays, Physiotherapy", -4_000)],
        ),
        line(
            "2026-11-09",
            "Wellness massage",
            amounts(5, [0, 8_000, 0, 0, 0, 0, 0, 0], &[Reason::NotCovered]),
            &[("not covered by the plan", -8_000)],
        ),
    ];
    lines[3].service_end = date("2026-11-19");
    lines
}

/// A deductible, a limit and an out-of-pocket maximum.
fn accumulators() -> Vec<AccumulatorUse> {
    vec![
        AccumulatorUse {
            name: "Deductible".to_owned(),
            period_start: date("2026-01-01"),
            period_end: Some(date("2026-12-31")),
            used_before: 20_000,
            used_after: 25_000,
            limit: Some(25_000),
        },
        AccumulatorUse {
            name: "Physiotherapy".to_owned(),
            period_start: date("2026-01-01"),
            period_end: Some(date("2026-12-31")),
            used_before: 49_000,
            used_after: 60_000,
            limit: Some(60_000),
        },
        AccumulatorUse {
            name: "Out-of-pocket maximum".to_owned(),
            period_start: date("2026-01-01"),
            period_end: Some(date("2026-12-31")),
            used_before: 63_210,
            used_after: 82_044,
            limit: Some(250_000),
        },
    ]
}

/// Five lines, each with another outcome.
pub fn statement(language: Language) -> Statement {
    Statement {
        language,
        issuer: Issuer {
            name: "Plantin Benefits Administration".to_owned(),
            contact: vec![
                "Vrijdagmarkt 22, 2000 Antwerpen".to_owned(),
                "+32 3 555 01 00".to_owned(),
                "claims@plantin.example".to_owned(),
            ],
        },
        portfolio: "Fonds de santé Meridian".to_owned(),
        member: PersonName::parse("Zoë Łukasiewicz-Παππά").unwrap(),
        member_number: MemberNumber::parse("MRD-004217-9").unwrap(),
        policy_number: PolicyNumber::parse("MER/2026/0093").unwrap(),
        plan_name: "Meridian Comfort 2026".to_owned(),
        claim_reference: "CLM-2026-001842".to_owned(),
        statement_date: date("2026-11-23"),
        received: date("2026-11-12"),
        provider: PersonName::parse("Центр здравеопазване София").unwrap(),
        payee: Payee::Member,
        currency: Currency::EUR,
        exchange: None,
        lines: lines(),
        accumulators: accumulators(),
        payment: Some(StatementPayment {
            amount: Money::new(57_836, Currency::EUR).unwrap(),
            account: Iban::parse("BE68 5390 0754 7034").unwrap(),
            date: date("2026-11-25"),
            reference: "PAY 7F3A 22C0".to_owned(),
        }),
        settlement: Vec::new(),
        decided_by: DecidedBy::Person,
        appeal: Appeal {
            until: date("2027-02-21"),
            to: "appeals@plantin.example".to_owned(),
            outside_body: Some("Ombudsman of Insurances, de Meeûssquare 35, 1000 Brussels".to_owned()),
        },
        notice: NoticeReference {
            version: "2026-12-01".to_owned(),
            clause: "use.claims".to_owned(),
            address: "https://members.plantin.example/privacy".to_owned(),
        },
    }
}

/// Runs a tool on a document given on its standard input and gives what it prints.
pub fn run(tool: &str, package: &str, arguments: &[&str], input: &[u8]) -> (bool, String) {
    let child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("`{tool}` cannot be run ({error}): install the Debian package {package}, or run `cargo xtask test`, which does")
    });
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The tool may stop reading early; its exit code tells.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// A letter to a hospital about a stay.
pub fn guarantee(language: Language) -> GuaranteeLetter {
    let euros = |minor| Money::new(minor, Currency::EUR).unwrap();
    GuaranteeLetter {
        language,
        issuer: Issuer {
            name: "Test Administrators".to_owned(),
            contact: vec!["1 Street, 2000 Antwerp".to_owned(), "+32 2 000 00 00".to_owned()],
        },
        portfolio: "First Fund".to_owned(),
        recipient: "Hospital of the Tests".to_owned(),
        reference: "7d9f3c1e-0a54".to_owned(),
        number: 2,
        decided: date("2026-11-27"),
        patient: PersonName::parse("Zoë Ångström").unwrap(),
        birth_date: date("1980-05-17"),
        member_number: MemberNumber::parse("M-000123").unwrap(),
        services: ["HOSP", "SURG"].map(|code| ServiceCode::parse(code).unwrap()).to_vec(),
        terms: Some(GuaranteeTerms {
            to: RecipientId::from_bytes([1; 16]),
            maximum: euros(450_000),
            member_share: euros(50_000),
            first: date("2026-12-01"),
            last: date("2026-12-14"),
        }),
        notice: ("2026-11-01".to_owned(), "disclose.care-access.provider".to_owned()),
    }
}
