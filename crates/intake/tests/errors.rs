//! Bad input: each error says where and what to do; a good row beside a bad one is still read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use domain::{Category, CategorySet, Currency};
use intake::{InputError, LineOrder, MAX_FIELD_BYTES, MAX_ROW_BYTES, Mapping, fhir};

fn all() -> CategorySet {
    Category::ALL.iter().copied().collect()
}

const MEMBERS: &str = "member_id,member_number,name,birth_date";
const CLAIMS: &str = "claim_id,member_id,provider_id,received,currency";
const LINES: &str = "claim_id,line,service_start,service_code,charge";

/// The errors of a members file with this header and these rows, and how many rows were good.
fn members(header: &str, rows: &[u8]) -> (Vec<String>, usize) {
    let bytes = [header.as_bytes(), b"\n", rows].concat();
    match intake::members("m.csv", bytes.as_slice(), all()) {
        Err(error) => (vec![error.to_string()], 0),
        Ok(stream) => split(stream),
    }
}

fn split<T>(stream: impl Iterator<Item = Result<T, InputError>>) -> (Vec<String>, usize) {
    let (good, bad): (Vec<_>, Vec<_>) = stream.partition(Result::is_ok);
    (bad.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect(), good.len())
}

fn claims(claims: &str, lines: &str, order: LineOrder) -> (Vec<String>, usize) {
    let (claims, lines) = (format!("{CLAIMS}\n{claims}"), format!("{LINES}\n{lines}"));
    split(intake::claims(("c.csv", claims.as_bytes()), ("l.csv", lines.as_bytes()), order, all()).unwrap())
}

#[test]
fn headers_are_checked_by_name() {
    let error = |header: &str| members(header, b"").0.remove(0);
    assert_eq!(
        error("member_id,shoe_size"),
        "m.csv line 1: column `shoe_size`: no clause of the notice covers it; remove it"
    );
    assert_eq!(error("member_id,name,birth_date"), "m.csv line 1: column `member_number` is missing: add it");
    assert_eq!(error("name,name"), "m.csv line 1: column `name` stands twice: remove one");
    let no_header = "m.csv line 1: this line is not a header: begin with the names of the columns, \
                     as in member_id,member_number,name,birth_date";
    for header in ["7,Ada Lovelace,1815-12-10", "", "name,Ada Lovelace"] {
        assert_eq!(error(header), no_header);
    }
    assert!(intake::members("m.csv", &b""[..], all()).is_err());
    assert!(intake::members("m.csv", format!("\u{feff}{MEMBERS}\n").as_bytes(), all()).is_ok());
}

#[test]
fn a_column_that_no_clause_covers_is_refused_even_if_it_is_known() {
    let covered = CategorySet::of(&[Category::MemberId, Category::Identity]);
    let header = format!("{MEMBERS},iban\n");
    let error = intake::members("m.csv", header.as_bytes(), covered).err().unwrap().to_string();
    let expected =
        "m.csv line 1: column `iban` holds financial data: no clause of the notice covers it; remove it";
    assert_eq!(error, expected);
    assert!(intake::members("m.csv", MEMBERS.as_bytes(), covered).is_ok());
    let mapping = Mapping::new("community", Currency::EUR, covered).unwrap();
    assert!(fhir::resources("c.json", &b"{}"[..], &mapping).is_err());
}

#[test]
fn a_bad_row_is_named_and_the_next_is_read() {
    let rows = b"1,N1,Ada,1990-02-30\n2,N2,,1990-02-28\n3,N3,Ada,1990-02-28\n3,N4,Ada,1990-02-28\n4,N5\n5,\xff,A,1990-01-01\n6,N6,Ada,1990-02-28\n";
    let (errors, good) = members(MEMBERS, rows);
    assert_eq!(
        errors,
        [
            "m.csv line 2 column `birth_date`: date: not a date from 1900 to 2199: write it as YYYY-MM-DD",
            "m.csv line 3 column `name`: no value: it is required",
            "m.csv line 5 column `member_id`: stands further up too: keep one row per id",
            "m.csv line 6: 2 cells where the header has 4: quote the cells that hold a comma",
            "m.csv line 7: not UTF-8 text: save the file as UTF-8",
        ]
    );
    assert_eq!(good, 2);
}

#[test]
fn members_keep_their_rules() {
    let header = format!("{MEMBERS},sex,country,iban,kind,holder_id,death_date");
    let bad = |cells: &str| members(&header, format!("1,N1,Ada,1990-02-28,{cells}\n").as_bytes()).0.remove(0);
    assert_eq!(
        bad("Ada,,,,,"),
        "m.csv line 2 column `sex`: unknown sex: use one of female, male, other, unknown"
    );
    assert!(bad(",Belgium,,,,").contains("column `country`: country: not an ISO 3166-1"));
    assert!(bad(",,BE00 1234,,,").contains("column `iban`: IBAN: not an IBAN"));
    assert!(bad(",,,beneficiary,,").contains("column `holder_id`: a beneficiary needs the `member_id`"));
    assert!(bad(",,,,7,").contains("column `holder_id`: a member has no holder"));
    assert!(bad(",,,boss,,").contains("column `kind`: kind: use one of member, beneficiary"));
    assert!(bad(",,,,,1989-01-01").contains("column `death_date`: earlier than the first date"));
}

#[test]
fn a_file_cannot_take_more_memory_than_it_may() {
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let (errors, good) = members(MEMBERS, format!("{long},N,A,1990-01-01\n2,N,A,1990-01-01\n").as_bytes());
    assert_eq!(good, 1);
    assert!(errors[0].starts_with("m.csv line 2 column `member_id`: longer than 4096 bytes"));
    let open = format!("1,N,\"{}", "x\n".repeat(10 * MAX_ROW_BYTES));
    let (errors, good) = members(MEMBERS, open.as_bytes());
    assert_eq!(good, 0);
    assert_eq!(errors, ["m.csv line 2: longer than 65536 bytes: is a quotation mark left open?"]);
}

#[test]
fn amounts_follow_the_currency_of_their_claim() {
    let claim = "C1,M,P,2026-01-02,EUR\nC2,M,P,2026-01-02,JPY\nC3,M,P,2026-01-02,EURO\n";
    let lines =
        "C1,1,2026-01-01,GP,10.505\nC1,2,2026-01-01,GP,-3\nC2,1,2026-01-01,GP,0.5\nC3,1,2026-01-01,GP,1\n";
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        let (errors, good) = claims(claim, lines, order);
        assert_eq!(good, 0);
        assert_eq!(errors[0], "l.csv line 2 column `charge`: amount: more decimals than the currency has");
        assert!(errors[1].starts_with("l.csv line 3 column `charge`: charge: below zero"));
        assert_eq!(errors[2], "l.csv line 4 column `charge`: amount: more decimals than the currency has");
        assert!(errors[3].starts_with("c.csv line 4 column `currency`: currency: not an ISO 4217 code"));
    }
}

#[test]
fn lines_find_their_claims_and_none_is_lost() {
    let claim = "C1,M,P,2026-01-02,EUR\nC2,M,P,2026-01-02,EUR\nC4,M,P,2026-01-02,EUR\n";
    let lines = "C1,2,2026-01-01,GP,2\nC1,1,2026-01-01,GP,1\nC3,1,2026-01-01,GP,1\nC4,1,2026-01-01,GP,1\n\
                 C4,1,2026-01-01,GP,1\nC5,1,2026-01-01,GP,1\n";
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        let (mut errors, good) = claims(claim, lines, order);
        errors.sort();
        assert_eq!(good, 1, "{order:?}");
        assert_eq!(
            errors,
            [
                "c.csv line 3 column `claim_id`: the lines file has no line of this claim",
                "l.csv line 4 column `claim_id`: the claims file has no claim with this id that can be read",
                "l.csv line 6 column `line`: the claim has this line number twice: number them 1, 2, 3",
                "l.csv line 7 column `claim_id`: the claims file has no claim with this id that can be read",
            ]
        );
    }
}

#[test]
fn order_matters_only_where_it_is_promised() {
    let claim = "C2,M,P,2026-01-02,EUR\nC1,M,P,2026-01-02,EUR\n";
    let lines = "C1,1,2026-01-01,GP,2\nC2,1,2026-01-01,GP,1\n";
    assert_eq!(claims(claim, lines, LineOrder::Any), (vec![], 2));
    let (errors, _) = claims(claim, lines, LineOrder::ByClaim);
    let expected = "c.csv line 3 column `claim_id`: out of order: sort both files by the bytes of `claim_id`";
    assert!(errors.contains(&expected.to_owned()), "{errors:?}");
    let twice = "C1,M,P,2026-01-02,EUR\nC1,M,P,2026-01-02,EUR\n";
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        let (errors, good) = claims(twice, "C1,1,2026-01-01,GP,2\n", order);
        assert_eq!((errors.len(), good), (1, 1));
        assert!(errors[0].contains("line 3 column `claim_id`: stands further up too"));
    }
}

#[test]
fn a_bad_line_takes_its_claim_with_it() {
    let lines = "C1,1,2026-01-01,GP,2\nC1,zero,2026-01-01,GP,1\nC1,3,2026-01-05,GP,1\n";
    let (errors, good) = claims("C1,M,P,2026-01-02,EUR\n", lines, LineOrder::ByClaim);
    assert_eq!(good, 0);
    assert_eq!(errors, ["l.csv line 3 column `line`: number: not a whole number from 1 to 1,000"]);
}

/// A claim with these changes: (what, instead).
fn fhir_claim(changes: &[(&str, &str)]) -> String {
    let mut text = r#"{"resourceType":"Claim","id":"F1","status":"active","use":"claim",
        "patient":{"reference":"Patient/M1"},"provider":{"reference":"urn:uuid:P1"},"created":"2026-01-09",
        "item":[{"sequence":1,"servicedDate":"2026-01-02","productOrService":{"coding":[{"code":"GP"}]},
        "net":{"value":12.50,"currency":"EUR"}}],"total":{"value":12.5,"currency":"EUR"}}"#
        .to_owned();
    for (what, instead) in changes {
        assert!(text.contains(what), "{what}");
        text = text.replace(what, instead);
    }
    text
}

fn fhir_read(text: &str) -> Result<intake::Parsed, InputError> {
    fhir::read("f.json", text.as_bytes(), &Mapping::new("community", Currency::EUR, all()).unwrap())
}

#[test]
fn a_fhir_claim_that_cannot_be_used_is_refused_with_its_field() {
    assert_eq!(fhir_read(&fhir_claim(&[])).unwrap().claims[0].charged_minor(), 1_250);
    for (what, instead, field) in [
        ("12.50", "12.501", "Claim.item[0].net.value`: amount: more decimals than the currency has"),
        ("12.5,", "-12.5,", "Claim.total.value`: charge: below zero"),
        ("12.50", "\"12.50\"", "Claim.item[0].net.value`: not a number"),
        ("12.50", "-12.50", "Claim.item[0].net.value`: charge: below zero"),
        ("\"net\":{\"value\":12.50", "\"net\":{\"x\":12.50", "Claim.item[0].net.value`: no value"),
        ("\"EUR\"}}]", "\"USD\"}}]", "Claim.total.currency`: not the currency of the first amount"),
        ("\"active\"", "\"entered-in-error\"", "Claim.status`: not `active`"),
        ("\"claim\"", "\"preauthorization\"", "Claim.use`: not `claim`"),
        ("\"use\"", "\"modifierExtension\":[],\"use\"", "Claim.modifierExtension`: changes what"),
        ("2026-01-02", "2026-13-02", "Claim.item[0].servicedDate`: date: not a date"),
        ("servicedDate", "noDate", "Claim.item[0].servicedDate`: no day of service"),
        ("\"code\":\"GP\"", "\"text\":\"GP\"", "Claim.item[0].productOrService.coding[0].code`: no value"),
        ("Patient/M1", "#M1", "Claim.patient.reference`: a contained resource"),
        ("\"sequence\":1", "\"sequence\":1.5", "Claim.item[0].sequence`: not a whole number"),
        ("\"item\"", "\"items\"", "Claim.item`: no value"),
    ] {
        let parsed = fhir_read(&fhir_claim(&[(what, instead)])).unwrap();
        assert!(parsed.claims.is_empty(), "{field}");
        let reason = parsed.refused[0].reason.to_string();
        assert!(reason.starts_with(&format!("f.json resource 1 field `{field}")), "{reason}");
    }
    let other = fhir_read(&fhir_claim(&[("12.50", "13.50")])).unwrap();
    let total = other.claims[0].circumstances.other_total.map(|total| total.minor());
    assert_eq!(
        (other.claims[0].charged_minor(), total),
        (1_350, Some(1_250)),
        "it comes in, and is looked at"
    );
    assert_eq!(fhir_read(&fhir_claim(&[])).unwrap().claims[0].circumstances.other_total, None, "the sum");
    let exponent = fhir_read(&fhir_claim(&[("12.50", "1.25e1"), ("12.5,", "12.50,")])).unwrap();
    assert_eq!(exponent.claims[0].charged_minor(), 1_250);
}

#[test]
fn json_that_is_none_says_where_and_quotes_nothing() {
    let good = fhir_claim(&[]).replace('\n', " ");
    let error = fhir_read(&format!("{good}\n{{\"secret\": Ada}}\n")).unwrap_err().to_string();
    assert_eq!(error, "f.json: not JSON at line 2 column 12: a character is out of place");
    let error = fhir_read(good.get(..80).unwrap()).unwrap_err().to_string();
    assert!(error.contains("it ends too early"), "{error}");
    let error = fhir_read("{\"resourceType\":{\"name\":\"Ada\"}}").unwrap_err().to_string();
    assert_eq!(error, "f.json resource 1 field `.resourceType`: not a text");
    assert!(fhir_read(&"[".repeat(100_000)).is_err());
    let other = fhir_read("{\"resourceType\":\"Ada\"} {\"resourceType\":\"Observation\"}").unwrap();
    let notes: Vec<_> = other.report.notes.keys().map(String::as_str).collect();
    assert_eq!(notes, ["Observation: not taken in", "another type: not taken in"]);
}
