//! Tables of members, cover, providers and claims: read row by row, and no message repeats a cell.

use domain::{Category, CategorySet, Currency};
use intake::{InputError, LineOrder, Mapping, pysynthea};

use crate::{SECRET, parts};

pub(crate) fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let files = parts::of(text);
    let named = |name: &str| parts::named(&files, name).as_bytes();
    let all: CategorySet = Category::ALL.iter().copied().collect();
    let mut messages = errors(intake::members("f", named("members.csv"), all));
    messages.extend(errors(intake::coverage("f", named("coverage.csv"), all)));
    messages.extend(errors(intake::providers("f", named("providers.csv"), all)));
    let (claims, lines) = (named("claims.csv"), named("claim_lines.csv"));
    for order in [LineOrder::Any, LineOrder::ByClaim] {
        messages.extend(errors(intake::claims(("f", claims), ("f", lines), order, all)));
    }
    let mapping = Mapping::new("community", Currency::EUR, all).unwrap();
    let own = |name: &str| Box::new(std::io::Cursor::new(named(name).to_vec()));
    let tables = pysynthea::Files {
        members: own("members.csv"),
        coverages: own("coverage.csv"),
        providers: own("providers.csv"),
        claims: own("claims.csv"),
        claim_lines: own("claim_lines.csv"),
    };
    match pysynthea::read(tables, &mapping) {
        Err(error) => messages.push(error.to_string()),
        Ok(parsed) => messages.extend(parsed.refused.iter().map(|refused| refused.reason.to_string())),
    }
    for message in messages {
        assert!(!message.contains(SECRET), "an error repeats a cell: {message}");
    }
}

fn errors<T>(stream: Result<impl Iterator<Item = Result<T, InputError>>, InputError>) -> Vec<String> {
    match stream {
        Err(error) => vec![error.to_string()],
        Ok(stream) => stream.filter_map(Result::err).map(|error| error.to_string()).collect(),
    }
}
