//! Retention and erasure: what may no longer be kept is made unreadable by destroying its keys, class by
//! class, and its rows go too, unless a legal matter holds it. Each erasure is on a list outside the backups, which a restore
//! replays. Until when what is kept, [`crate::periods`] says. How old entries of the record of disclosures are erased, so that it
//! stays provable, is the gate's.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Category, Date, MatterId, PortfolioId, QuarantineState, RetentionClass, SubjectId, Timestamp};
use gate::GateError;
use store::StoreError;
use store::quarantine::QuarantineRow;

use crate::hold::{self, Held, HeldBack};
use crate::periods::{self, Kept, KeptOf, Periods, Rule, There};
use crate::{App, ServiceError, work_item};

/// Spans of cover read at a time.
const PAGE: usize = 1_000;

/// Subjects erased in one transaction, after which the store overwrites where their keys were.
const PART: usize = 250;

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Subjects whose cover ended, or who were taken up and never had any, so long ago that something may have lapsed.
    pub subjects: u64,
    /// Keys destroyed.
    pub keys: u64,
    /// Pieces of supplied material destroyed.
    pub material: u64,
    /// Entries of the record of disclosures whose bodies were erased.
    pub entries: u64,
    /// Subjects of whom something has lapsed that a legal matter holds: nothing of theirs was destroyed.
    pub held: u64,
    /// The legal matters that hold them, each with how many of them. Tell it to whoever may know of the matters, also of
    /// those whose showing is deferred.
    pub matters: BTreeMap<MatterId, u64>,
    /// What is left of those of whom something was destroyed, since another class is kept longer, and of those whose class's own
    /// years have run and a clause keeps it: by the rule that keeps it.
    pub kept: BTreeMap<Rule, KeptOf>,
}

/// What became of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Erased {
    /// So many keys were destroyed.
    Keys(u64),
    /// Nothing was: these legal matters hold it.
    Held(Vec<MatterId>),
}

/// Destroys the keys and rows of these retention classes of a subject. Returns how many keys went.
///
/// Errors: [`ServiceError::Held`] while a legal matter is open about them. It names the matter: it is for whoever may know.
pub async fn erase_subject(
    app: &App,
    subject: SubjectId,
    classes: &[RetentionClass],
) -> Result<u64, ServiceError> {
    let (classes, at) = (classes.to_vec(), app.gate.now());
    let erased = app.store().write(move |unit| erase_unless_held(unit, subject, &classes, at)).await;
    match erased.map_err(|error: StoreError| error)? {
        Erased::Keys(keys) => Ok(keys),
        Erased::Held(matters) => Err(ServiceError::Held(matters)),
    }
}

fn erase_unless_held(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    classes: &[RetentionClass],
    at: Timestamp,
) -> Result<Erased, StoreError> {
    match hold::of(unit, subject, at)? {
        matters if matters.is_empty() => Ok(Erased::Keys(erase(unit, subject, classes, at)?)),
        matters => Ok(Erased::Held(matters)),
    }
}

/// Of which classes, and categories of each, a subject has a key or rows.
pub(crate) fn there(unit: &mut store::Unit<'_>, subject: SubjectId) -> Result<There, StoreError> {
    let mut there = There::new();
    for (category, class) in places(unit, subject, RetentionClass::ALL)? {
        let of_class = there.entry(class).or_default();
        *of_class = of_class.with(category);
    }
    Ok(there)
}

/// Destroys what is kept of somebody; whether it may be is tested before, in the same unit.
fn erase(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    classes: &[RetentionClass],
    at: Timestamp,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    if classes.contains(&RetentionClass::Membership) {
        for row in store::work_item::of_subject(unit, subject)?.iter().filter(|row| at < row.until) {
            crate::assign::end(unit, row, at)?;
        }
    }
    if classes.contains(&RetentionClass::Claims) {
        end_tasks(unit, subject, at)?;
    }
    for class in classes {
        store::plain::delete_of_class(unit, subject, *class, at)?;
    }
    for (category, class) in places(unit, subject, classes)? {
        erased += u64::from(store::key::erase(unit, subject, category, class, at)?);
        store::sealed::delete_class(unit, subject, category, class)?;
    }
    Ok(erased)
}

/// Ends the tasks of those who have somebody's cases of the screen, appeals and claims that wait: there is nothing left to do.
fn end_tasks(unit: &mut store::Unit<'_>, subject: SubjectId, at: Timestamp) -> Result<(), StoreError> {
    let cases = store::screen::of_subjects(unit, &[subject])?;
    let appeals = store::appeal::of_subject(unit, subject)?;
    let cases = cases.iter().map(|case| (case.claim.into(), case.assignee));
    let appeals = appeals.iter().map(|appeal| (appeal.appeal, appeal.assignee));
    let pended = store::pended::of_subject(unit, subject)?;
    let pended = pended.iter().map(|row| (row.claim.into(), row.owner));
    let tasks = cases.chain(appeals).chain(pended);
    for (item, assignee) in tasks {
        let Some(assignee) = assignee else { continue };
        work_item::end(unit, subject, item, assignee, at)?;
    }
    Ok(())
}

/// Applies a portfolio's retention rules as the notice version states them that binds each person: for each subject whose
/// cover ended, or who never had any, the classes whose years have run since, unless a legal matter holds them. Those are
/// found by the day on which cover ended, or they were taken up; of whom everything lapsed is erased already, nothing is written.
pub async fn sweep(app: &App, portfolio: PortfolioId) -> Result<SweepReport, ServiceError> {
    let periods = Periods::of(app, portfolio).await?;
    let mut sweep = Sweep {
        app,
        periods,
        today: app.today()?,
        report: SweepReport::default(),
        held_back: HeldBack::default(),
    };
    // Nothing of whose cover ended later has lapsed.
    if let Some(by) = sweep.periods.latest_end(sweep.today) {
        sweep.whose_cover_ended(portfolio, by).await?;
        sweep.who_never_had_any(portfolio, Timestamp::start_of(by).plus_seconds(86_400)).await?;
    }
    let Sweep { periods, today, mut report, mut held_back, .. } = sweep;
    report.material = lapse_material(app, portfolio, &periods, (today, &mut held_back)).await?;
    report.entries = app.gate.erase_entries(portfolio).await?;
    (report.held, report.matters) = (held_back.count(), held_back.by_matter());
    Ok(report)
}

/// A sweep under way.
struct Sweep<'a> {
    app: &'a App,
    periods: Periods,
    today: Date,
    report: SweepReport,
    held_back: HeldBack,
}

impl Sweep<'_> {
    async fn whose_cover_ended(&mut self, portfolio: PortfolioId, by: Date) -> Result<(), ServiceError> {
        let mut after = None;
        loop {
            let page =
                move |unit: &mut store::Unit<'_>| store::coverage::ended(unit, portfolio, by, after, PAGE);
            let page = self.app.store().read(page).await.map_err(|error: StoreError| error)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            // Of several spans of one person each is on the list.
            let subjects: BTreeSet<SubjectId> = page.into_iter().map(|(_, subject)| subject).collect();
            self.erase(subjects.into_iter().collect()).await?;
        }
    }

    async fn who_never_had_any(
        &mut self,
        portfolio: PortfolioId,
        before: Timestamp,
    ) -> Result<(), ServiceError> {
        let (mut after, who) = (None, (portfolio, periods::WITHOUT_COVER));
        loop {
            let page = move |unit: &mut store::Unit<'_>| {
                store::subject::never_covered(unit, who, before, after, PAGE)
            };
            let page = self.app.store().read(page).await.map_err(|error: StoreError| error)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            self.erase(page.into_iter().map(|(_, subject)| subject).collect()).await?;
        }
    }

    /// Destroys what has lapsed of these people.
    async fn erase(&mut self, subjects: Vec<SubjectId>) -> Result<(), ServiceError> {
        self.report.subjects += subjects.len() as u64;
        let (of, today) = (self.periods.clone(), self.today);
        let lapsed = move |unit: &mut store::Unit<'_>| still_there(unit, &subjects, &of, today);
        let (candidates, kept) = self.app.store().read(lapsed).await?;
        self.tell(kept);
        for part in candidates.chunks(PART) {
            let (part, of, at) = (part.to_vec(), self.periods.clone(), self.app.gate.now());
            let erase = move |unit: &mut store::Unit<'_>| erase_lapsed(unit, &part, &of, today, at);
            let swept = self.app.store().write(erase).await?;
            self.report.keys += swept.keys;
            self.held_back.extend(swept.held);
            self.tell(swept.kept);
        }
        Ok(())
    }

    fn tell(&mut self, kept: Vec<Kept>) {
        for Kept { rule, until } in kept {
            self.report.kept.entry(rule).or_default().add(KeptOf::one(until));
        }
    }
}

/// Erases entries of the record of disclosures that have lapsed in every portfolio where a notice is in force: a backup has
/// their bodies still, and whoever restores one erases them before the site works again.
pub async fn erase_lapsed_entries(app: &App) -> Result<u64, ServiceError> {
    let portfolios = app.store().read(store::reference::portfolios).await;
    let mut erased = 0;
    for row in portfolios.map_err(|error: StoreError| error)? {
        erased += match app.gate.erase_entries(row.portfolio).await {
            Err(GateError::NoNotice) => 0,
            other => other?,
        };
    }
    Ok(erased)
}

/// Those of these subjects of whom something has lapsed and is there; and of the others what a clause keeps though the class's own
/// years have run.
fn still_there(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
    periods: &Periods,
    today: Date,
) -> Result<(Vec<SubjectId>, Vec<Kept>), StoreError> {
    let (mut candidates, mut kept) = (Vec::new(), Vec::new());
    for held in periods::held(unit, subjects)? {
        let run_out = periods.run_out(&held, today);
        if run_out.is_empty() {
            continue;
        }
        let there = there(unit, held.subject)?;
        if periods.lapsed(&held, &there, today).is_empty() {
            let of_them = periods.kept(&held, &there).into_iter();
            kept.extend(of_them.filter(|kept| run_out.contains(&kept.rule.class)));
        } else {
            candidates.push(held.subject);
        }
    }
    Ok((candidates, kept))
}

/// Where a subject has a key or rows of these classes: an erasure that was interrupted may have left rows without
/// their key.
fn places(
    unit: &mut store::Unit<'_>,
    subject: SubjectId,
    classes: &[RetentionClass],
) -> Result<impl Iterator<Item = (Category, RetentionClass)> + use<>, StoreError> {
    let keys = store::key::of_subject(unit, subject)?.into_iter().map(|key| (key.category, key.class));
    let rows = store::sealed::places_of(unit, subject)?;
    let places: BTreeSet<(Category, RetentionClass)> =
        keys.chain(rows).filter(|(_, class)| classes.contains(class)).collect();
    Ok(places.into_iter())
}

/// What was done about some of those of whom something has lapsed.
#[derive(Default)]
struct Swept {
    keys: u64,
    held: Held,
    kept: Vec<Kept>,
}

/// Erases what has lapsed of these subjects. Their cover, and what binds and holds them, is read again in the same unit: since
/// the page was read, someone may have been taken up anew.
fn erase_lapsed(
    unit: &mut store::Unit<'_>,
    subjects: &[SubjectId],
    periods: &Periods,
    today: Date,
    at: Timestamp,
) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    for held in periods::held(unit, subjects)? {
        let classes = periods.lapsed(&held, &there(unit, held.subject)?, today);
        if classes.is_empty() {
            continue;
        }
        match erase_unless_held(unit, held.subject, &classes, at)? {
            Erased::Held(matters) => swept.held.push((held.subject, matters)),
            Erased::Keys(keys) => {
                swept.keys += keys;
                swept.kept.extend(periods.kept(&held, &there(unit, held.subject)?));
            }
        }
    }
    Ok(swept)
}

/// Destroys supplied material, classified or not, whose years since it came have run.
async fn lapse_material(
    app: &App,
    portfolio: PortfolioId,
    periods: &Periods,
    (today, held_back): (Date, &mut HeldBack),
) -> Result<u64, ServiceError> {
    let (before, at) = (periods.material_before(today), app.gate.now());
    let Some(latest) = before.values().max().copied() else { return Ok(0) };
    let mut destroyed = 0;
    // What was refused while a legal matter held it may be there still.
    for state in [QuarantineState::Waiting, QuarantineState::Classified, QuarantineState::Refused] {
        let mut after: Option<QuarantineRow> = None;
        loop {
            let before = before.clone();
            let lapse = move |unit: &mut store::Unit<'_>| {
                let rows = store::quarantine::oldest(unit, portfolio, state, (latest, after.as_ref()), PART)?;
                let (lapsed, held) = lapse_pieces(unit, &rows, &before, at)?;
                Ok::<_, StoreError>((lapsed, held, rows.last().copied()))
            };
            let (lapsed, held, last) = app.store().write(lapse).await?;
            destroyed += lapsed;
            held_back.extend(held);
            after = last;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(destroyed)
}

/// Destroys those of these pieces that came before what the version says that binds whose they are, and that no legal matter
/// holds; answers how many, and who is held.
fn lapse_pieces(
    unit: &mut store::Unit<'_>,
    rows: &[QuarantineRow],
    before: &BTreeMap<i64, Timestamp>,
    at: Timestamp,
) -> Result<(u64, Held), StoreError> {
    let people: BTreeSet<SubjectId> = rows.iter().map(|row| row.subject).collect();
    let (mut lapsed, mut held) = (0, Vec::new());
    for person in store::many::subjects(unit, &people.into_iter().collect::<Vec<_>>())? {
        let has_lapsed = |row: &&QuarantineRow| {
            row.subject == person.subject && before.get(&person.notice).is_some_and(|at| row.arrived < *at)
        };
        let mut pieces = rows.iter().filter(has_lapsed).peekable();
        if pieces.peek().is_none() {
            continue;
        }
        let matters = hold::of(unit, person.subject, at)?;
        if !matters.is_empty() {
            held.push((person.subject, matters));
            continue;
        }
        for row in pieces {
            lapsed += u64::from(crate::quarantine::lapse(unit, row, at)?);
        }
    }
    Ok((lapsed, held))
}

#[cfg(test)]
mod tests {
    use domain::{CoverageId, PlanId, SponsorId, SubjectKind};
    use notice::{Retention, RetentionStart};
    use store::coverage::CoverageRow;
    use store::key::WrappedKey;
    use store::subject::SubjectRow;

    use super::*;

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([7; 16]);

    /// A subject with a key and one span of cover.
    fn insert(unit: &mut store::Unit<'_>, subject: SubjectId, end: Option<Date>) -> Result<(), StoreError> {
        let row = SubjectRow {
            subject,
            portfolio: PORTFOLIO,
            kind: SubjectKind::Member,
            law: domain::GoverningLaw::Belgium,
            notice: 1,
            version: 1,
            taken_up: Timestamp::from_micros(0),
        };
        store::subject::insert_many(unit, &[row])?;
        let key = WrappedKey {
            subject,
            category: Category::Claims,
            class: RetentionClass::Claims,
            wrapped: vec![1],
        };
        store::key::insert_many(unit, &[key])?;
        let cover = CoverageRow {
            subject,
            coverage: CoverageId::from_bytes(*subject.bytes()),
            portfolio: PORTFOLIO,
            sponsor: SponsorId::from_bytes([0; 16]),
            plan: PlanId::from_bytes([0; 16]),
            holder: subject,
            start: Date::new(2010, 1, 1).map_err(|_| StoreError::NotFound)?,
            end,
            version: 1,
            currency: domain::Currency::EUR,
            recorded: Timestamp::from_micros(0),
            content: [0; 32],
        };
        store::coverage::insert_many(unit, &[cover])
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite_who_was_taken_up_again_meanwhile_is_not_erased() {
        let scratch = store::testing::Scratch::sqlite().unwrap();
        let store = store::Store::create(scratch.location()).await.unwrap();
        let (gone, back) = (SubjectId::from_bytes([1; 16]), SubjectId::from_bytes([2; 16]));
        let today: Date = "2026-11-23".parse().unwrap();
        let rule = Retention { class: RetentionClass::Claims, years: 10, after: RetentionStart::CoverEnd };
        let erased = store
            .write(move |unit| {
                insert(unit, gone, "2015-12-31".parse().ok())?;
                insert(unit, back, None)?;
                // Both were on the page that was read before the second one's new cover.
                let periods = Periods::of_one(1, rule);
                let swept = erase_lapsed(unit, &[gone, back], &periods, today, Timestamp::from_micros(1))?;
                Ok(swept.keys)
            })
            .await;
        assert_eq!(erased, Ok::<_, StoreError>(1));
        let keys = store.read(move |unit| store::many::keys(unit, &[gone, back])).await;
        let keys = keys.map_err(|error: StoreError| error).unwrap();
        assert_eq!(keys.iter().map(|key| key.subject).collect::<Vec<_>>(), [back]);
    }
}
