//! Claims and their lines from our own two CSV files, joined by claim. Amounts are read in the
//! claim's currency. It does not decide anything about a claim that is well-formed.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::vec;

use domain::{
    CareSetting, CategorySet, ClaimLine, Currency, Date, Diagnosis, DocumentName, Episodes, InvoiceNumber,
    LineService, Money, ParseError, Payee, ServiceCode,
};

use crate::columns::{CLAIM_LINES, CLAIMS};
use crate::other_cover::{OTHER_AMOUNTS, other_amounts};
use crate::people::not_before;
use crate::table::{Row, Rows};
use crate::{Circumstances, ClaimDraft, InputError, Place, Problem, SourceId};

/// The most lines of one claim.
pub const MAX_LINES_PER_CLAIM: usize = 1_000;

/// The most lines that are held in memory when the files are in no particular order.
pub const MAX_HELD_LINES: usize = 2_000_000;

/// The order of the rows of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineOrder {
    /// Any order: the lines are held in memory, up to [`MAX_HELD_LINES`].
    Any,
    /// Both files ascend by the bytes of `claim_id`: memory is one claim's, however long the files.
    ByClaim,
}

/// Claims from two CSV files with the columns [`CLAIMS`] and [`CLAIM_LINES`]. The names are what
/// errors show; `covered` are the categories that a clause of the notice lets in.
///
/// A claim with a bad line is not in the stream: its errors are.
///
/// # Errors
/// When a header is not as it must be, and when there are more lines than can be held.
pub fn claims<C: Read, L: Read>(
    (claims_file, claims): (&str, C),
    (lines_file, lines): (&str, L),
    order: LineOrder,
    covered: CategorySet,
) -> Result<ClaimDrafts<C, L>, InputError> {
    let claims = Rows::new(claims_file, claims, &CLAIMS, covered)?;
    let mut lines = Rows::new(lines_file, lines, &CLAIM_LINES, covered)?;
    let mut failed = Vec::new();
    let source = match order {
        LineOrder::ByClaim => {
            Source::Merge(Box::new(Merge { file: lines_file.to_owned(), lines, next: None, last: None }))
        }
        LineOrder::Any => Source::Held(hold(lines_file, &mut lines, &mut failed)?),
    };
    Ok(ClaimDrafts {
        claims,
        lines_file: lines_file.to_owned(),
        source,
        order: Order { by_claim: order == LineOrder::ByClaim, last: None, seen: HashSet::new() },
        waiting: failed.into_iter(),
        ended: false,
    })
}

/// A stream of claims, or of what is wrong with one.
pub struct ClaimDrafts<C, L> {
    claims: Rows<C>,
    lines_file: String,
    source: Source<L>,
    order: Order,
    waiting: vec::IntoIter<InputError>,
    ended: bool,
}

/// A line as read: its amount waits for the claim's currency.
struct LineRow {
    line: ClaimLineDates,
    service: LineService,
    charge: String,
    /// What others paid, allowed, and left with the member.
    other: [Option<String>; 3],
    /// The line of the file.
    at: u64,
}

struct ClaimLineDates {
    number: u32,
    start: Date,
    end: Date,
    units: u32,
}

type LineResult = Result<LineRow, InputError>;

enum Source<L> {
    Held(HashMap<SourceId, Vec<LineResult>>),
    Merge(Box<Merge<L>>),
}

struct Merge<L> {
    file: String,
    lines: Rows<L>,
    next: Option<(SourceId, LineResult)>,
    last: Option<SourceId>,
}

/// Each claim once: by the order, or by remembering.
struct Order {
    by_claim: bool,
    last: Option<SourceId>,
    seen: HashSet<SourceId>,
}

const UNSORTED: Problem = Problem::Rule("out of order: sort both files by the bytes of `claim_id`");
const REPEATED: Problem = Problem::Rule("stands further up too: keep one row per id");
const NO_SUCH_CLAIM: Problem = Problem::Rule("the claims file has no claim with this id that can be read");

impl Order {
    fn check(&mut self, row: &Row<'_>, id: &SourceId) -> Result<(), InputError> {
        if !self.by_claim {
            return if self.seen.insert(id.clone()) { Ok(()) } else { Err(row.error("claim_id", REPEATED)) };
        }
        match self.last.as_ref().map(|last| last.cmp(id)) {
            Some(std::cmp::Ordering::Equal) => return Err(row.error("claim_id", REPEATED)),
            Some(std::cmp::Ordering::Greater) => return Err(row.error("claim_id", UNSORTED)),
            _ => {}
        }
        self.last = Some(id.clone());
        Ok(())
    }
}

/// Reads every line into a map; lines whose claim cannot be read go to `failed`.
fn hold<L: Read>(
    file: &str,
    lines: &mut Rows<L>,
    failed: &mut Vec<InputError>,
) -> Result<HashMap<SourceId, Vec<LineResult>>, InputError> {
    let mut held: HashMap<SourceId, Vec<LineResult>> = HashMap::new();
    let mut count = 0;
    while let Some(found) = lines.next(line_of_claim) {
        count += 1;
        if count > MAX_HELD_LINES {
            let problem =
                Problem::Rule("more than 2,000,000 lines: sort both files by `claim_id` and say so");
            return Err(InputError { file: file.to_owned(), place: Place::File, problem });
        }
        match found {
            Ok((id, line)) => held.entry(id).or_default().push(line),
            Err(error) => failed.push(error),
        }
    }
    Ok(held)
}

impl<L: Read> Merge<L> {
    /// The next line; errors without a claim go to `errors`.
    fn peek(&mut self, errors: &mut Vec<InputError>) -> Option<&SourceId> {
        while self.next.is_none() {
            let last = &self.last;
            let found = self.lines.next(|row| {
                let (id, line) = line_of_claim(row)?;
                if last.as_ref().is_some_and(|last| *last > id) {
                    return Err(row.error("claim_id", UNSORTED));
                }
                Ok((id, line))
            })?;
            match found {
                Ok((id, line)) => {
                    self.last = Some(id.clone());
                    self.next = Some((id, line));
                }
                Err(error) => errors.push(error),
            }
        }
        self.next.as_ref().map(|(id, _)| id)
    }

    /// The lines of this claim; lines before it belong to no claim.
    fn take(&mut self, claim: &SourceId, errors: &mut Vec<InputError>) -> Vec<LineResult> {
        let mut lines = Vec::new();
        while self.peek(errors).is_some_and(|id| id <= claim) {
            match self.next.take() {
                Some((id, line)) if id == *claim => lines.push(line),
                Some((_, line)) => errors.push(orphan(&self.file, line)),
                None => {}
            }
        }
        lines
    }
}

fn orphan(file: &str, line: LineResult) -> InputError {
    line.map_or_else(|error| error, |line| InputError::cell(file, line.at, "claim_id", NO_SUCH_CLAIM))
}

impl<C: Read, L: Read> ClaimDrafts<C, L> {
    fn take(&mut self, claim: &SourceId, errors: &mut Vec<InputError>) -> Vec<LineResult> {
        match &mut self.source {
            Source::Held(held) => held.remove(claim).unwrap_or_default(),
            Source::Merge(merge) => merge.take(claim, errors),
        }
    }

    /// The lines that no claim took.
    fn leftover(&mut self) -> Vec<InputError> {
        let mut errors = Vec::new();
        match &mut self.source {
            Source::Held(held) => {
                errors.extend(
                    held.drain().flat_map(|(_, lines)| lines).map(|line| orphan(&self.lines_file, line)),
                );
                // A map has no order of its own; the file has.
                errors.sort_by_key(|error| match error.place {
                    Place::Cell { line, .. } | Place::Row { line } => line,
                    _ => 0,
                });
            }
            Source::Merge(merge) => {
                while merge.peek(&mut errors).is_some() {
                    if let Some((_, line)) = merge.next.take() {
                        errors.push(orphan(&merge.file, line));
                    }
                }
            }
        }
        errors
    }
}

impl<C: Read, L: Read> Iterator for ClaimDrafts<C, L> {
    type Item = Result<ClaimDraft, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(error) = self.waiting.next() {
                return Some(Err(error));
            }
            if self.ended {
                return None;
            }
            let order = &mut self.order;
            let head = self.claims.next(|row| {
                let draft = head(row)?;
                order.check(row, &draft.source_id)?;
                Ok((draft, row.error("claim_id", Problem::Rule("the lines file has no line of this claim"))))
            });
            let mut errors = Vec::new();
            let claim = match head {
                None => {
                    self.ended = true;
                    errors = self.leftover();
                    None
                }
                Some(Err(error)) => Some(Err(error)),
                Some(Ok((draft, no_lines))) => {
                    let lines = self.take(&draft.source_id, &mut errors);
                    match assemble(draft, lines, &self.lines_file, no_lines) {
                        Ok(draft) => Some(Ok(draft)),
                        Err(more) => {
                            errors.extend(more);
                            None
                        }
                    }
                }
            };
            self.waiting = errors.into_iter();
            if claim.is_some() {
                return claim;
            }
        }
    }
}

/// A claim without its lines. Its total is whatever is stated: what it is beside them is known with them.
fn head(row: &Row<'_>) -> Result<ClaimDraft, InputError> {
    let currency = row.required("currency", str::parse)?;
    Ok(ClaimDraft {
        source_id: row.required("claim_id", SourceId::parse)?,
        member_source_id: row.required("member_id", SourceId::parse)?,
        provider_source_id: row.required("provider_id", SourceId::parse)?,
        received: row.required("received", str::parse)?,
        payee: row.optional("payee", str::parse)?.unwrap_or(Payee::Member),
        currency,
        invoice_number: row.optional("invoice_number", InvoiceNumber::parse)?,
        lines: Vec::new(),
        services: Vec::new(),
        diagnoses: row.list("diagnoses", Diagnosis::parse)?,
        circumstances: Circumstances {
            country: row.optional("country", str::parse)?,
            emergency: row.optional("emergency", yes_or_no)?,
            accident: row.optional("accident", yes_or_no)?,
            in_network: row.optional("in_network", yes_or_no)?,
            away_since: row.optional("away_since", str::parse)?,
            room: row.optional("room", str::parse)?,
            documents: documents(row)?,
            episodes: episodes(row)?,
            other_payer: Vec::new(),
            invoiced: row.optional("invoiced", str::parse)?,
            admitted: row.optional("admitted", str::parse)?,
            other_total: row.optional("total", |text| charge_of(text, currency))?,
        },
        origin: row.origin(),
    })
}

/// The papers that came: `-` alone says that none did.
fn documents(row: &Row<'_>) -> Result<Option<Vec<DocumentName>>, InputError> {
    if row.text("documents") == Some("-") {
        return Ok(Some(Vec::new()));
    }
    let named = row.list("documents", DocumentName::parse)?;
    Ok((!named.is_empty()).then_some(named))
}

fn episodes(row: &Row<'_>) -> Result<Episodes, InputError> {
    let number = |column| row.optional(column, |text| whole(text, 100_000));
    Ok(Episodes {
        condition: number("condition")?,
        event: number("event")?,
        pregnancy: number("pregnancy")?,
        admission: number("admission")?,
    })
}

fn yes_or_no(text: &str) -> Result<bool, ParseError> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(ParseError::Shape { what: "answer", problem: "write yes or no, or leave it empty" }),
    }
}

/// A line and its claim; an error inside goes with the claim, so that no claim loses a line.
fn line_of_claim(row: &Row<'_>) -> Result<(SourceId, LineResult), InputError> {
    Ok((row.required("claim_id", SourceId::parse)?, line(row)))
}

fn line(row: &Row<'_>) -> LineResult {
    let number = row.required("line", |text| whole(text, MAX_LINES_PER_CLAIM as u32))?;
    let start = row.required("service_start", str::parse)?;
    let end = row.optional("service_end", str::parse)?;
    not_before(row, "service_end", start, end)?;
    let units = row.optional("units", |text| whole(text, 100_000))?.unwrap_or(1);
    let code = row.required("service_code", ServiceCode::parse)?;
    let setting = row.optional("setting", str::parse)?.unwrap_or(CareSetting::Unspecified);
    Ok(LineRow {
        line: ClaimLineDates { number, start, end: end.unwrap_or(start), units },
        service: LineService {
            line: number,
            code,
            setting,
            service_type: row.optional("service_type", str::parse)?,
        },
        charge: row.required("charge", |text| Ok(text.to_owned()))?,
        other: OTHER_AMOUNTS.map(|column| row.text(column).map(str::to_owned)),
        at: row.line(),
    })
}

fn whole(text: &str, most: u32) -> Result<u32, ParseError> {
    let problem = if most == 100_000 {
        "not a whole number from 1 to 100,000"
    } else {
        "not a whole number from 1 to 1,000"
    };
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    number.filter(|number| (1..=most).contains(number)).ok_or(ParseError::Shape { what: "number", problem })
}

fn assemble(
    mut draft: ClaimDraft,
    lines: Vec<LineResult>,
    lines_file: &str,
    no_lines: InputError,
) -> Result<ClaimDraft, Vec<InputError>> {
    if lines.is_empty() {
        return Err(vec![no_lines]);
    }
    let mut errors = Vec::new();
    let mut read: Vec<LineRow> = Vec::with_capacity(lines.len());
    for line in lines {
        match line {
            Ok(line) => read.push(line),
            Err(error) => errors.push(error),
        }
    }
    read.sort_by_key(|line| line.line.number);
    let mut last_number = 0;
    for LineRow { line, service, charge, other, at } in read {
        let fail = |column, problem| InputError::cell(lines_file, at, column, problem);
        if line.number == last_number {
            errors.push(fail(
                "line",
                Problem::Rule("the claim has this line number twice: number them 1, 2, 3"),
            ));
        }
        last_number = line.number;
        match other_amounts(line.number, &other, draft.currency) {
            Ok(amounts) => draft.circumstances.other_payer.extend(amounts),
            Err((column, problem)) => errors.push(fail(column, problem)),
        }
        match charge_of(&charge, draft.currency) {
            Ok(charge) => {
                let ClaimLineDates { number, start, end, units } = line;
                draft.lines.push(ClaimLine { number, service_start: start, service_end: end, units, charge });
                draft.services.push(service);
            }
            Err(error) => errors.push(fail("charge", error.into())),
        }
    }
    let stated = draft.circumstances.other_total;
    if errors.is_empty() { Ok(draft.with_total(stated)) } else { Err(errors) }
}

/// A charge: an amount of zero or more.
pub(crate) fn charge_of(text: &str, currency: Currency) -> Result<Money, ParseError> {
    let charge = Money::parse(text, currency)?;
    let problem = "below zero: a charge is zero or more; a correction is a claim of its own";
    if charge.minor() < 0 { Err(ParseError::Shape { what: "charge", problem }) } else { Ok(charge) }
}
