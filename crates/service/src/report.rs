//! The officer's report of a month: how often data was used and refused, by clause, purpose and recipient, what went outside,
//! what was unusual, and what became of accesses in emergencies. It is read like any other answer about the uses: in a
//! case, and on the record first.
//!
//! It is made to be passed on, so no figure about few people is told, nor one from which it would follow: figures are whole
//! tens, rounded down, so that two tables, or two reports, tell little by their difference; of what is not told the name
//! is not told either; and what is deferred from the person is left out while that lasts. What is kept while it is made does
//! not grow with the month: a line for each row, and of the people in it as many codes as tell that they are enough.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ActorId, Country, Date, EmergencyOutcome, PortfolioId, Timestamp, WorkItemId};
use gate::{Actor, EntryOutcome, Sought, Use};
use store::{StoreError, emergency};

use crate::incident::INCIDENT;
use crate::unusual::{KEPT_HOURS, Open, Unusual, UnusualHour, Usual};
use crate::{App, ServiceError};

/// The fewest people that a row may be about.
pub const REPORT_PEOPLE: usize = 10;
const DAY_SECONDS: i64 = 86_400;

/// What is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOf {
    /// The first day of the month.
    pub month: Date,
    /// What counts as usual.
    pub usual: Usual,
    /// After how many days an access in an emergency should have been reviewed.
    pub review_days: u16,
}

/// A row of a table: how often something was granted and refused, in whole tens; nothing where that is about too few people,
/// or where another figure would follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// Of what; [`OTHERS`] for all of which nothing is told.
    pub of: String,
    /// How many uses were granted.
    pub granted: Option<u64>,
    /// How many were refused.
    pub refused: Option<u64>,
}

/// What the rows are together of which nothing is told.
pub const OTHERS: &str = "others";

/// Accesses in emergencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EmergencyCount {
    /// Opened in the month.
    pub opened: usize,
    /// Of those, found justified.
    pub justified: usize,
    /// Of those, found not justified: incidents.
    pub not_justified: usize,
    /// Of those, not reviewed.
    pub unreviewed: usize,
    /// Whenever opened, not reviewed, and for longer than they should wait.
    pub overdue: usize,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthlyReport {
    /// From when.
    pub from: Timestamp,
    /// Until when: the end of the month, or now.
    pub to: Timestamp,
    /// All uses about people, whatever allowed them.
    pub all: ReportRow,
    /// By the clause that allowed them, or was nearest.
    pub clauses: Vec<ReportRow>,
    /// By what they were for.
    pub purposes: Vec<ReportRow>,
    /// By who got it.
    pub recipients: Vec<ReportRow>,
    /// What was handed over outside, by kind of recipient and country.
    pub handed_over: Vec<ReportRow>,
    /// What left the European Economic Area, by where it went or was read.
    pub outside_eea: Vec<ReportRow>,
    /// Refusals that no clause decided, by what barred them.
    pub barred: BTreeMap<&'static str, u64>,
    /// Questions to the index.
    pub searches: u64,
    /// Changes of the registers, and cases and accesses that were opened.
    pub changes: u64,
    /// Incidents that were looked into.
    pub incidents: u64,
    /// Unusual hours, and of how many of the staff, by what was unusual.
    pub unusual: BTreeMap<Unusual, (u64, usize)>,
    /// Accesses in emergencies.
    pub emergencies: EmergencyCount,
}

/// Makes the report of a month, for the officer who has the case.
///
/// Errors: as [`crate::uses`]; no clause allows it, or the case is not open; the month has not begun.
pub async fn monthly_report(
    app: &App,
    officer: &Actor,
    portfolio: PortfolioId,
    case: Option<WorkItemId>,
    of: ReportOf,
) -> Result<MonthlyReport, ServiceError> {
    let next = of.month.plus_months(1).ok_or(ServiceError::Clock)?;
    let (from, to) = (Timestamp::start_of(of.month), Timestamp::start_of(next).min(app.gate.now()));
    let sought = Sought { from, to, actor: None, clause: None, subject: None };
    let mut uses = crate::uses(app, officer, portfolio, case, sought)?;
    let mut made = Making::default();
    while let Some(part) = uses.next().await? {
        let now = app.gate.now();
        part.iter().for_each(|one| made.add(one, now));
        made.count_hours(&of.usual, KEPT_HOURS);
    }
    made.count_hours(&of.usual, 0);
    let due = app.gate.now().plus_seconds(-i64::from(of.review_days) * DAY_SECONDS);
    let emergencies = app.store().read(move |unit| {
        let opened = emergency::opened_in(unit, portfolio, (from, to))?;
        let outcome = |wanted: Option<EmergencyOutcome>| {
            opened.iter().filter(|row| row.review.map(|review| review.outcome) == wanted).count()
        };
        let waiting = emergency::unreviewed(unit, portfolio)?;
        Ok::<_, StoreError>(EmergencyCount {
            opened: opened.len(),
            justified: outcome(Some(EmergencyOutcome::Justified)),
            not_justified: outcome(Some(EmergencyOutcome::NotJustified)),
            unreviewed: outcome(None),
            overdue: waiting.iter().filter(|row| row.opened < due).count(),
        })
    });
    Ok(made.tell((from, to), emergencies.await?))
}

/// A figure of a row.
#[derive(Default)]
struct Figure {
    uses: u64,
    /// Codes of people, no more than tell that they are enough.
    people: BTreeSet<u64>,
}

impl Figure {
    fn add(&mut self, person: u64) {
        self.uses += 1;
        if self.people.len() < REPORT_PEOPLE {
            self.people.insert(person);
        }
    }

    /// Whether it is about nobody, or about enough people.
    fn may_be_told(&self) -> bool {
        self.people.is_empty() || self.people.len() >= REPORT_PEOPLE
    }

    fn told(&self) -> u64 {
        self.uses - self.uses % TENS
    }
}

/// Figures are told in whole ones of these.
const TENS: u64 = 10;

/// What is counted of a row.
#[derive(Default)]
struct Tally {
    granted: Figure,
    refused: Figure,
}

impl Tally {
    fn add(&mut self, one: &Use, person: u64) {
        match one.outcome {
            EntryOutcome::Refused => self.refused.add(person),
            _ => self.granted.add(person),
        }
    }
}

/// A table that is being counted.
#[derive(Default)]
struct Table(BTreeMap<String, Tally>);

impl Table {
    fn add(&mut self, of: impl Into<String>, one: &Use, person: u64) {
        self.0.entry(of.into()).or_default().add(one, person);
    }

    /// The rows of which a figure is told: not one about few people. Where a single one would be left out, or all that are
    /// left out are about few people together, the smallest of the others goes with them: else it would follow from the
    /// sum.
    fn told(&self, figure: fn(&Tally) -> &Figure) -> BTreeSet<&String> {
        let mut told: BTreeSet<&String> =
            self.0.iter().filter(|(_, tally)| figure(tally).may_be_told()).map(|(of, _)| of).collect();
        loop {
            let hidden =
                || self.0.iter().filter(|(of, _)| !told.contains(of)).map(|(_, tally)| figure(tally));
            let people: BTreeSet<u64> = hidden().flat_map(|figure| &figure.people).copied().collect();
            let is_safe = hidden().count() == 0 || (hidden().count() > 1 && people.len() >= REPORT_PEOPLE);
            let uses = |of: &&String| self.0.get(*of).map_or(0, |tally| figure(tally).uses);
            let smallest = told.iter().copied().filter(|of| uses(of) > 0).min_by_key(uses);
            match smallest.filter(|_| !is_safe) {
                Some(smallest) => told.remove(smallest),
                None => return told,
            };
        }
    }

    fn rows(self) -> Vec<ReportRow> {
        let (granted, refused) = (self.told(|tally| &tally.granted), self.told(|tally| &tally.refused));
        let mut rows = Vec::with_capacity(self.0.len());
        for (of, tally) in &self.0 {
            let figure = |told: &BTreeSet<&String>, figure: &Figure| told.contains(of).then(|| figure.told());
            let (granted, refused) = (figure(&granted, &tally.granted), figure(&refused, &tally.refused));
            // Even that there was such a use is told of enough people only.
            if granted.is_some_and(|uses| uses > 0) || refused.is_some_and(|uses| uses > 0) {
                rows.push(ReportRow { of: of.clone(), granted, refused });
            }
        }
        if rows.len() < self.0.len() {
            rows.push(ReportRow { of: OTHERS.to_owned(), granted: None, refused: None });
        }
        rows
    }
}

/// A report that is being made.
#[derive(Default)]
struct Making {
    all: Tally,
    clauses: Table,
    purposes: Table,
    recipients: Table,
    handed_over: Table,
    outside_eea: Table,
    barred: BTreeMap<&'static str, u64>,
    searches: u64,
    changes: u64,
    incidents: u64,
    hours: Open,
    unusual: BTreeMap<Unusual, (u64, BTreeSet<ActorId>)>,
}

impl Making {
    fn add(&mut self, one: &Use, now: Timestamp) {
        self.hours.add(one);
        // Until it joins the person's list nothing tells of it.
        if one.deferred.is_some_and(|until| now < until) {
            return;
        }
        match one.outcome {
            EntryOutcome::Searched => self.searches += 1,
            EntryOutcome::Changed if one.person.is_none() => {
                self.changes += 1;
                self.incidents += u64::from(one.change.as_deref() == Some(INCIDENT));
            }
            EntryOutcome::Changed => {}
            EntryOutcome::Granted | EntryOutcome::Refused => self.count(one),
        }
    }

    fn count(&mut self, one: &Use) {
        if let Some(bar) = one.bar {
            *self.barred.entry(bar.word()).or_default() += 1;
        }
        // A run's own entry, and what the officer asks of the record, are about nobody.
        let Some(person) = one.person else { return };
        self.all.add(one, person);
        if one.clauses.is_empty() {
            self.clauses.add("none", one, person);
        }
        one.clauses.iter().for_each(|clause| self.clauses.add(clause, one, person));
        self.purposes.add(one.purpose.word(), one, person);
        self.recipients.add(one.recipient.word(), one, person);
        if one.recipient_name.is_some() {
            self.handed_over.add(format!("{} ({})", one.recipient, one.recipient_country), one, person);
        }
        let abroad: BTreeSet<Country> = [one.recipient_country, one.asker_country]
            .into_iter()
            .filter(|country| one.outcome == EntryOutcome::Granted && !country.is_in_eea())
            .collect();
        abroad.iter().for_each(|country| self.outside_eea.add(country.to_string(), one, person));
    }

    /// Counts the hours that are over.
    fn count_hours(&mut self, usual: &Usual, kept: i64) {
        for UnusualHour { what, actor, .. } in self.hours.take(usual, kept) {
            for one in what {
                let (hours, actors) = self.unusual.entry(one).or_default();
                *hours += 1;
                actors.insert(actor);
            }
        }
    }

    fn tell(self, (from, to): (Timestamp, Timestamp), emergencies: EmergencyCount) -> MonthlyReport {
        let figure = |figure: &Figure| figure.may_be_told().then(|| figure.told());
        let (granted, refused) = (figure(&self.all.granted), figure(&self.all.refused));
        let unusual = self.unusual.into_iter().map(|(what, (hours, actors))| (what, (hours, actors.len())));
        MonthlyReport {
            from,
            to,
            all: ReportRow { of: "all".to_owned(), granted, refused },
            clauses: self.clauses.rows(),
            purposes: self.purposes.rows(),
            recipients: self.recipients.rows(),
            handed_over: self.handed_over.rows(),
            outside_eea: self.outside_eea.rows(),
            barred: self.barred,
            searches: self.searches,
            changes: self.changes,
            incidents: self.incidents,
            unusual: unusual.collect(),
            emergencies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows with so many people, and uses; the people of each row are others.
    fn table(rows: &[(&str, u64, u64)]) -> Table {
        let tally = |(number, (of, people, uses)): (u64, &(&str, u64, u64))| {
            let people = (0..*people).take(REPORT_PEOPLE).map(|person| number * 1_000 + person).collect();
            let granted = Figure { uses: *uses, people };
            ((*of).to_owned(), Tally { granted, refused: Figure::default() })
        };
        Table((0..).zip(rows).map(tally).collect())
    }

    fn told(rows: &[(&str, u64, u64)]) -> Vec<(String, Option<u64>)> {
        table(rows).rows().into_iter().map(|row| (row.of, row.granted)).collect()
    }

    #[test]
    fn few_people_are_not_told_and_do_not_follow_from_the_rest() {
        let rows = |told: &[(&str, u64)], others: bool| {
            let told = told.iter().map(|(of, uses)| ((*of).to_owned(), Some(*uses)));
            told.chain(others.then(|| (OTHERS.to_owned(), None))).collect::<Vec<_>>()
        };
        assert_eq!(told(&[("a", 10, 45), ("b", 99, 509)]), rows(&[("a", 40), ("b", 500)], false));
        // One row alone would follow from the sum: the smallest other one goes with it.
        assert_eq!(told(&[("a", 9, 40), ("b", 99, 500), ("c", 99, 600)]), rows(&[("c", 600)], true));
        // Two that together are many.
        assert_eq!(told(&[("a", 9, 40), ("b", 1, 2), ("c", 99, 600)]), rows(&[("c", 600)], true));
        // Two that together are few, however many uses they are.
        let few = [("a", 1, 90), ("b", 1, 90), ("c", 99, 600), ("d", 99, 700)];
        assert_eq!(told(&few), rows(&[("d", 700)], true));
        // Nothing else is there to go with it.
        assert_eq!(told(&[("a", 1, 1)]), rows(&[], true));
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn a_refusal_of_one_person_is_not_told_beside_what_many_were_granted() {
        let mut table = table(&[("a", 24, 24), ("b", 99, 500)]);
        if let Some(tally) = table.0.get_mut("a") {
            tally.refused.add(7);
        }
        let rows = table.rows();
        assert_eq!(rows.iter().map(|row| row.granted).collect::<Vec<_>>(), [Some(20), Some(500)]);
        assert_eq!(rows.iter().map(|row| row.refused).collect::<Vec<_>>(), [None, Some(0)]);
    }

    #[test]
    fn of_the_people_in_a_row_no_more_is_kept_than_tells_that_they_are_enough() {
        assert!(table(&[("a", 5_000, 5_000)]).0["a"].granted.people.len() == REPORT_PEOPLE);
    }
}
