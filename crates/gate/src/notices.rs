//! The notices in force, compiled: read from the database that they are published in, checked
//! against their hash, kept by portfolio and version; and the supplements beside them, by id. Nothing else can
//! give the gate a notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, PortfolioId, Purpose, RetentionClass, SupplementId, Timestamp};
use notice::{Edition, Notice, RetentionStart, Supplement, Table};
use sha2::{Digest, Sha256};
use store::reference::NoticeRow;
use store::{Store, StoreError};

use crate::GateError;

/// What decides for subjects that are bound to a version of a portfolio's notice: that notice, or a supplement
/// beside it.
pub(crate) struct InForce {
    /// The notice's number and version; a supplement binds nobody by itself.
    pub(crate) number: i64,
    pub(crate) version: String,
    pub(crate) table: Table,
}

struct Published {
    number: i64,
    effective: Date,
    notice: Notice,
    table: Table,
}

/// A published version of a supplement.
struct Beside {
    portfolio: PortfolioId,
    number: i64,
    supplement: Supplement,
}

/// The version to which a portfolio's own chain is bound.
const NO_VERSION: i64 = 0;

/// What decides is told apart by portfolio, supplement, bound version, and the newest version in force.
type Deciding = (PortfolioId, Option<SupplementId>, i64, i64);

#[derive(Default)]
struct Cache {
    published: BTreeMap<PortfolioId, Vec<Published>>,
    supplements: BTreeMap<SupplementId, Beside>,
    in_force: BTreeMap<Deciding, Arc<InForce>>,
}

/// The published notices.
#[derive(Default)]
pub(crate) struct Notices {
    cache: RwLock<Cache>,
    /// The rows that the cache is of, notices and other documents; one reads at a time.
    rows: tokio::sync::Mutex<(Vec<NoticeRow>, Vec<NoticeRow>)>,
}

impl Notices {
    /// Reads what is published. Called when the gate opens, and again whenever a subject is bound to a
    /// version that is not known yet or a version was published.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), GateError> {
        // One at a time, so that rows that were read earlier do not replace those that were read later.
        let mut known = self.rows.lock().await;
        let read = store
            .read(|unit| {
                Ok::<_, StoreError>((store::reference::notices(unit)?, store::reference::documents(unit)?))
            })
            .await?;
        // A server asks every few seconds, and to read a notice takes longer than to see that it is the same.
        if read == *known {
            return Ok(());
        }
        let (published, unreadable) = by_portfolio(&read.0);
        let supplements = by_id(&read.1);
        // What cannot be read is read, and told, again each time.
        *known = if unreadable.is_none() { read } else { Default::default() };
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        *cache = Cache { published, supplements, in_force: BTreeMap::new() };
        unreadable.map_or(Ok(()), Err)
    }

    /// What decides for someone bound to the newest version in force: it, or a supplement beside it.
    pub(crate) fn in_force(
        &self,
        portfolio: PortfolioId,
        supplement: Option<SupplementId>,
        now: Timestamp,
    ) -> Result<Arc<InForce>, GateError> {
        let newest = self.newest(portfolio, now)?;
        self.lookup((portfolio, supplement, newest, newest)).ok_or_else(|| missing(supplement))
    }

    /// What decides for someone bound to this version: it, narrowed by every newer one in force, or a supplement
    /// under the prohibitions of all of them.
    pub(crate) async fn bound(
        &self,
        store: &Store,
        portfolio: PortfolioId,
        bound: i64,
        supplement: Option<SupplementId>,
        now: Timestamp,
    ) -> Result<Arc<InForce>, GateError> {
        if let Ok(newest) = self.newest(portfolio, now)
            && let Some(in_force) = self.lookup((portfolio, supplement, bound, newest.max(bound)))
        {
            return Ok(in_force);
        }
        self.refresh(store).await?;
        let newest = self.newest(portfolio, now)?;
        self.lookup((portfolio, supplement, bound, newest.max(bound))).ok_or_else(|| missing(supplement))
    }

    /// The version in force of a supplement.
    pub(crate) fn current(
        &self,
        portfolio: PortfolioId,
        name: &str,
        now: Timestamp,
    ) -> Result<(SupplementId, Supplement), GateError> {
        let today = now.date().map_err(|_| GateError::NoNotice)?;
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let versions = cache.supplements.iter().filter(|(_, one)| {
            one.portfolio == portfolio && one.supplement.name() == name && one.supplement.effective() <= today
        });
        let newest = versions.max_by_key(|(_, one)| one.number);
        newest.map(|(id, one)| (*id, one.supplement.clone())).ok_or(GateError::NoSupplement)
    }

    /// What is taken in obeys the version in force, which whoever answers was shown.
    pub(crate) fn must_be_current(
        &self,
        portfolio: PortfolioId,
        supplement: SupplementId,
        now: Timestamp,
    ) -> Result<(), GateError> {
        let name = {
            let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
            let one = cache.supplements.get(&supplement).filter(|one| one.portfolio == portfolio);
            one.ok_or(GateError::NoSupplement)?.supplement.name().to_owned()
        };
        let (current, _) = self.current(portfolio, &name, now)?;
        if current == supplement { Ok(()) } else { Err(GateError::SupplementReplaced) }
    }

    /// Whether a supplement lets what was collected under it open under the notice's clauses for a purpose.
    pub(crate) fn lets_through(
        &self,
        portfolio: PortfolioId,
        supplement: SupplementId,
        purpose: Purpose,
    ) -> bool {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let one = cache.supplements.get(&supplement).filter(|one| one.portfolio == portfolio);
        one.is_some_and(|one| one.supplement.notice_purposes().contains(&purpose))
    }

    /// Every version of every supplement of a portfolio.
    pub(crate) fn supplements(&self, portfolio: PortfolioId) -> Vec<Supplement> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let own = cache.supplements.values().filter(|one| one.portfolio == portfolio);
        own.map(|one| one.supplement.clone()).collect()
    }

    /// The newest notice in force: for pages.
    pub(crate) fn newest_notice(
        &self,
        portfolio: PortfolioId,
        now: Timestamp,
    ) -> Result<(i64, Notice), GateError> {
        let newest = self.newest(portfolio, now)?;
        Ok((newest, self.published(portfolio, newest)?))
    }

    /// A published version, in force or not.
    pub(crate) fn published(&self, portfolio: PortfolioId, number: i64) -> Result<Notice, GateError> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache
            .published
            .get(&portfolio)
            .and_then(|versions| versions.iter().find(|version| version.number == number))
            .map(|version| version.notice.clone())
            .ok_or(GateError::NoNotice)
    }

    /// The smallest group that a sum may be about, as the strictest clause of any version says; `None` when no
    /// clause opens sums.
    pub(crate) fn smallest_group(&self, portfolio: PortfolioId) -> Option<u32> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let versions = cache.published.get(&portfolio)?;
        let clauses = versions.iter().flat_map(|version| version.notice.clauses());
        clauses.filter_map(|clause| clause.minimum_group).max()
    }

    /// The fewest years after which any version of each portfolio's notice lets entries of the log lapse.
    pub(crate) fn years_of_entries(&self) -> BTreeMap<PortfolioId, u32> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        let fewest = |versions: &Vec<Published>| {
            let rules = versions.iter().filter_map(|one| one.notice.retention(RetentionClass::Disclosure));
            rules.filter(|rule| rule.after == RetentionStart::RecordMade).map(|rule| rule.years).min()
        };
        let each = cache.published.iter();
        each.filter_map(|(portfolio, versions)| Some((*portfolio, fewest(versions)?))).collect()
    }

    fn newest(&self, portfolio: PortfolioId, now: Timestamp) -> Result<i64, GateError> {
        let today = now.date().map_err(|_| GateError::NoNotice)?;
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache
            .published
            .get(&portfolio)
            .and_then(|versions| versions.iter().rev().find(|version| version.effective <= today))
            .map(|version| version.number)
            .ok_or(GateError::NoNotice)
    }

    fn lookup(&self, key: Deciding) -> Option<Arc<InForce>> {
        let (portfolio, supplement, bound, newest) = key;
        if let Some(found) = self.cache.read().unwrap_or_else(PoisonError::into_inner).in_force.get(&key) {
            return Some(Arc::clone(found));
        }
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        let versions = cache.published.get(&portfolio)?;
        // A portfolio's own chain is bound to no version: the newest decides about those who work there.
        let deciding = if bound == NO_VERSION { newest } else { bound };
        let own = versions.iter().find(|version| version.number == deciding)?;
        let newer =
            || versions.iter().filter(|version| version.number > deciding && version.number <= newest);
        let table = match supplement {
            // A newer version widens nothing before it binds the person; what it narrows holds at once.
            None => newer().fold(own.table.clone(), |table, newer| table.narrow(&newer.table)),
            Some(id) => {
                let one = cache.supplements.get(&id).filter(|one| one.portfolio == portfolio)?;
                let held: Vec<&Notice> =
                    std::iter::once(own).chain(newer()).map(|version| &version.notice).collect();
                one.supplement.compile(&held)
            }
        };
        let in_force = Arc::new(InForce { number: bound, version: own.notice.version().to_owned(), table });
        cache.in_force.insert(key, Arc::clone(&in_force));
        Some(in_force)
    }
}

/// The versions of each portfolio, oldest first. A portfolio one of whose versions does not read has none, so
/// that nothing opens in it: the version that cannot be read might have narrowed.
fn by_portfolio(rows: &[NoticeRow]) -> (BTreeMap<PortfolioId, Vec<Published>>, Option<GateError>) {
    let mut published: BTreeMap<PortfolioId, Vec<Published>> = BTreeMap::new();
    let mut unreadable = None;
    let mut closed = BTreeSet::new();
    for row in rows {
        let portfolio = row.portfolio;
        match read(row) {
            Ok(version) => published.entry(portfolio).or_default().push(version),
            Err(error) => {
                closed.insert(portfolio);
                unreadable.get_or_insert(error);
            }
        }
    }
    published.retain(|portfolio, _| !closed.contains(portfolio));
    published.values_mut().for_each(|versions| versions.sort_by_key(|version| version.number));
    (published, unreadable)
}

fn read(row: &NoticeRow) -> Result<Published, GateError> {
    match edition(row)? {
        Edition::Notice(notice) => {
            let (effective, table) = (notice.effective(), notice.compile());
            Ok(Published { number: row.number, effective, table, notice })
        }
        _ => Err(GateError::NoticeAltered { version: row.version.clone() }),
    }
}

/// A document as it was published.
fn edition(row: &NoticeRow) -> Result<Edition, GateError> {
    let altered = || GateError::NoticeAltered { version: row.version.clone() };
    let stored: BTreeMap<String, String> = serde_json::from_str(&row.files).map_err(|_| altered())?;
    let files: Vec<(&str, &str)> = stored.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let edition = Edition::read(&files).map_err(|_| altered())?;
    let is_it = edition.hash() == row.hash && edition.name() == row.document;
    is_it.then_some(edition).ok_or_else(altered)
}

/// The supplements. One that does not read is as if it were not there: nothing that was collected under it opens.
fn by_id(documents: &[NoticeRow]) -> BTreeMap<SupplementId, Beside> {
    let mut supplements = BTreeMap::new();
    for row in documents {
        match edition(row) {
            Ok(Edition::Supplement(supplement)) => {
                let id = supplement_id(row.portfolio, &row.hash);
                supplements.insert(id, Beside { portfolio: row.portfolio, number: row.number, supplement });
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, document = %row.document, "a document cannot be read"),
        }
    }
    supplements
}

/// The id that sealed values carry: of one text, published for one portfolio.
fn supplement_id(portfolio: PortfolioId, hash: &[u8; 32]) -> SupplementId {
    let mut digest = Sha256::new_with_prefix(b"moretus/supplement/1\n");
    digest.update(portfolio.bytes());
    digest.update(hash);
    let mut id = [0; 16];
    id.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    SupplementId::from_bytes(id)
}

fn missing(supplement: Option<SupplementId>) -> GateError {
    supplement.map_or(GateError::NoNotice, |_| GateError::NoSupplement)
}
