//! Plan files that are no TOML, or whose keys hold another shape than they should: the error says what to write instead, at the
//! line and column where it belongs. What a file of the right shape may say is in `plan_errors`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use benefits::Plan;

const GOOD: &str = r#"id = "small"
version = "1"
name = "Small"
effective = 2026-01-01
currencies = ["EUR"]
filing_months = 12
[area]
except = ["US"]
[[deductible]]
id = "yearly"
accumulator = 1
name = "Deductible"
period = "policy-year"
amount = { EUR = "250.00" }
[[out_of_pocket_maximum]]
id = "most"
accumulator = 2
name = "Maximum"
period = "policy-year"
amount = { EUR = "1000" }
includes_deductible = true
[[price_list]]
id = "list"
price = [{ code = "A1", amount = { EUR = "10" }, from = 2026-02-01 }]
[[benefit]]
id = "first"
name = "First"
module = "core"
codes = ["GP"]
allowed = [{ price_list = "list", above = "member" }]
copay = { per = "visit", amount = { EUR = "5" } }
coinsurance = "0.20"
from_age = 3
"#;

/// What to replace, by what, where the error must point, and what it must say.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    // A number where a text is wanted keeps its digits.
    ("\"0.20\"", "0.20", "32:15", "a number: write texts, amounts and rates in quotes: `\"0.20\"`"),
    ("\"0.20\"", "1", "32:15", "a number: write texts, amounts and rates in quotes: `\"1\"`"),
    ("\"250.00\"", "250", "14:18", "a number: write texts, amounts and rates in quotes: `\"250\"`"),
    ("\"250.00\"", "1_250.00", "14:18", "a number: write texts, amounts and rates in quotes: `\"1250.00\"`"),
    ("version = \"1\"", "version = 1", "2:11", "a number: write texts, amounts and rates in quotes: `\"1\"`"),
    ("[\"GP\"]", "[99213]", "29:10", "a number: write texts, amounts and rates in quotes: `\"99213\"`"),
    ("version = \"1\"", "version = 2026-01-01", "2:11", "a date: write a text in quotes: `\"2026-01-01\"`"),
    ("\"0.20\"", "true", "32:15", "a bare `true` or `false`: write a text in quotes"),
    // A list where a text is wanted, and a text where a list is.
    ("\"0.20\"", "[\"0.20\"]", "32:15", "a list: write one text, without brackets: `\"0.20\"`"),
    ("\"0.20\"", "[\"0.20\", \"1\"]", "32:15", "a list: write one text, without brackets"),
    ("[\"GP\"]", "\"GP\"", "29:9", "a text: write a list in brackets: `[\"GP\"]`"),
    ("[\"GP\"]", "99213", "29:9", "a number: write a list in brackets: `[\"99213\"]`"),
    ("[\"EUR\"]", "\"EUR\"", "5:14", "a text: write a list in brackets: `[\"EUR\"]`"),
    // Tables.
    ("\"0.20\"", "{ rate = \"0.20\" }", "32:15", "a table: write a text in quotes"),
    (
        "{ EUR = \"250.00\" }",
        "\"250.00\"",
        "14:10",
        "a text: write an amount in each currency: `{ EUR = \"250.00\" }`",
    ),
    (
        "{ EUR = \"250.00\" }",
        "250.00",
        "14:10",
        "a number: write an amount in each currency: `{ EUR = \"250.00\" }`",
    ),
    (
        "{ per = \"visit\", amount = { EUR = \"5\" } }",
        "\"5\"",
        "31:9",
        "a text: write a table in braces: `{ key = \"value\" }`",
    ),
    (
        "{ per = \"visit\", amount = { EUR = \"5\" } }",
        "[{ per = \"visit\", amount = { EUR = \"5\" } }]",
        "31:10",
        "a table: it stands in a list: write texts in quotes, or the table without the brackets",
    ),
    (
        "[{ price_list = \"list\", above = \"member\" }]",
        "{ price_list = \"list\", above = \"member\" }",
        "30:11",
        "a table: write a list in brackets: `[{ ... }]`",
    ),
    (
        "[{ price_list = \"list\", above = \"member\" }]",
        "[\"list\"]",
        "30:12",
        "a text: write a table in braces",
    ),
    ("[[deductible]]", "[deductible]", "9:1", "a table: there may be several: write `[[deductible]]`"),
    ("[area]", "[[area]]", "7:1", "a table: there is one: write `[area]`"),
    ("name = \"Small\"", "[name]\nis = \"Small\"", "3:1", "a table: write a text in quotes"),
    // Yes or no, whole numbers and days are written bare.
    (
        "includes_deductible = true",
        "includes_deductible = \"true\"",
        "21:23",
        "a text: write `true` or `false`, without quotes",
    ),
    (
        "includes_deductible = true",
        "includes_deductible = 1",
        "21:23",
        "a number: write `true` or `false`, without quotes",
    ),
    (
        "includes_deductible = true",
        "includes_deductible = yes",
        "21:23",
        "`yes` is not in quotes: write texts, amounts and rates like `\"yes\"`, and `true` or `false` without quotes",
    ),
    (
        "filing_months = 12",
        "filing_months = \"12\"",
        "6:17",
        "a text: write a whole number, without quotes: `12`",
    ),
    (
        "filing_months = 12",
        "filing_months = \"a year\"",
        "6:17",
        "a text: write a whole number, without quotes",
    ),
    ("filing_months = 12", "filing_months = 12.0", "6:17", "a number: write a whole number, without quotes"),
    (
        "filing_months = 12",
        "filing_months = 99999999999",
        "6:17",
        "`99999999999` is out of range: write a whole number from -2147483648 to 2147483647",
    ),
    ("from_age = 3", "from_age = 300", "33:12", "`300` is out of range: write a whole number from 0 to 255"),
    (
        "accumulator = 2",
        "accumulator = -1",
        "17:15",
        "`-1` is out of range: write a whole number from 0 to 65535",
    ),
    (
        "effective = 2026-01-01",
        "effective = \"2026-01-01\"",
        "4:13",
        "a text: write a date bare: `2026-01-01`",
    ),
    (
        "effective = 2026-01-01",
        "effective = \"1 January\"",
        "4:13",
        "a text: write a date bare, like `2026-01-01`",
    ),
    (
        "effective = 2026-01-01",
        "effective = 01-01-2026",
        "4:13",
        "invalid date, expected a four-digit year (YYYY): write a date bare, like `2026-01-01`",
    ),
    ("from = 2026-02-01", "from = \"2026-02-01\"", "24:57", "a text: write a date bare: `2026-02-01`"),
    // Keys.
    ("coinsurance", "coinsurnace", "32:1", "unknown key `coinsurnace`: write `coinsurance`, or remove it"),
    ("codes", "code", "29:1", "unknown key `code`: write `codes`, or remove it"),
    ("[[deductible]]", "[[deductable]]", "9:3", "unknown key `deductable`: write `deductible`, or remove it"),
    ("per = ", "pre = ", "31:11", "unknown key `pre`: write `per`, or remove it"),
    ("per = ", "every = ", "31:11", "unknown key `every`: use one of per, amount"),
    (
        "coinsurance = \"0.20\"",
        "coinsurance = \"0.20\"\ncoinsurance = \"0.20\"",
        "33:1",
        "`coinsurance` stands twice: remove one",
    ),
    // No TOML.
    (
        "\"Small\"",
        "A_plan_whose_name_is_longer_than_an_error_shows",
        "3:8",
        "write texts, amounts and rates in quotes",
    ),
    ("\"0.20\"", "1/5", "32:15", "`1/5` is not in quotes: write texts, amounts and rates like `\"1/5\"`"),
    ("\"0.20\"", "", "32:15", "nothing stands after `=`: write a value, or remove the key"),
];

#[test]
fn each_shape_that_is_not_wanted_is_told_with_what_to_write() {
    Plan::parse("small.toml", GOOD).unwrap();
    let mut wrong = Vec::new();
    for (old, new, place, says) in SHAPES {
        assert!(GOOD.contains(old), "`{old}` must stand in the good plan");
        let faults = Plan::read("small.toml", &GOOD.replacen(old, new, 1)).err().unwrap_or_default();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let expected = format!("small.toml:{place}: {says}");
        if told.len() != 1 || !told[0].starts_with(&expected) {
            wrong.push(format!("{new}\n   expected {expected}\n   found    {}", told.join("; ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
