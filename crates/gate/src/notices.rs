//! The notices in force, compiled: read from the database that they are published in, checked
//! against their hash, kept by portfolio and version. Nothing else can give the gate a notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Date, PortfolioId, Timestamp};
use notice::{Notice, Table};
use store::Store;
use store::reference::NoticeRow;

use crate::GateError;

/// A version of a portfolio's notice as it decides for subjects that are bound to it.
pub(crate) struct InForce {
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

#[derive(Default)]
struct Cache {
    published: BTreeMap<PortfolioId, Vec<Published>>,
    /// What decides, by portfolio, bound version, and the newest version in force.
    in_force: BTreeMap<(PortfolioId, i64, i64), Arc<InForce>>,
}

/// The published notices.
#[derive(Default)]
pub(crate) struct Notices {
    cache: RwLock<Cache>,
    refreshing: tokio::sync::Mutex<()>,
}

impl Notices {
    /// Reads what is published. Called when the gate opens, and again whenever a subject is bound to a
    /// version that is not known yet or a version was published.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), GateError> {
        // One at a time, so that rows that were read earlier do not replace those that were read later.
        let _turn = self.refreshing.lock().await;
        let rows = store.read(store::reference::notices).await?;
        let (published, unreadable) = by_portfolio(rows);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        *cache = Cache { published, in_force: BTreeMap::new() };
        unreadable.map_or(Ok(()), Err)
    }

    /// What decides for someone bound to the newest version in force.
    pub(crate) fn in_force(&self, portfolio: PortfolioId, now: Timestamp) -> Result<Arc<InForce>, GateError> {
        let newest = self.newest(portfolio, now)?;
        self.lookup(portfolio, newest, newest).ok_or(GateError::NoNotice)
    }

    /// What decides for someone bound to this version: it, narrowed by every newer one in force.
    pub(crate) async fn bound(
        &self,
        store: &Store,
        portfolio: PortfolioId,
        bound: i64,
        now: Timestamp,
    ) -> Result<Arc<InForce>, GateError> {
        if let Ok(newest) = self.newest(portfolio, now)
            && let Some(in_force) = self.lookup(portfolio, bound, newest.max(bound))
        {
            return Ok(in_force);
        }
        self.refresh(store).await?;
        let newest = self.newest(portfolio, now)?;
        self.lookup(portfolio, bound, newest.max(bound)).ok_or(GateError::NoNotice)
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

    fn lookup(&self, portfolio: PortfolioId, bound: i64, newest: i64) -> Option<Arc<InForce>> {
        let key = (portfolio, bound, newest);
        if let Some(found) = self.cache.read().unwrap_or_else(PoisonError::into_inner).in_force.get(&key) {
            return Some(Arc::clone(found));
        }
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        let versions = cache.published.get(&portfolio)?;
        let own = versions.iter().find(|version| version.number == bound)?;
        // A newer version widens nothing before it binds the person; what it narrows holds at once.
        let table = versions
            .iter()
            .filter(|version| version.number > bound && version.number <= newest)
            .fold(own.table.clone(), |table, newer| table.narrow(&newer.table));
        let in_force = Arc::new(InForce { number: bound, version: own.notice.version().to_owned(), table });
        cache.in_force.insert(key, Arc::clone(&in_force));
        Some(in_force)
    }
}

/// The versions of each portfolio, oldest first. A portfolio one of whose versions does not read has none, so
/// that nothing opens in it: the version that cannot be read might have narrowed.
fn by_portfolio(rows: Vec<NoticeRow>) -> (BTreeMap<PortfolioId, Vec<Published>>, Option<GateError>) {
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

fn read(row: NoticeRow) -> Result<Published, GateError> {
    let altered = || GateError::NoticeAltered { version: row.version.clone() };
    let stored: BTreeMap<String, String> = serde_json::from_str(&row.files).map_err(|_| altered())?;
    let files: Vec<(&str, &str)> = stored.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let notice = Notice::read(&files).map_err(|_| altered())?;
    if notice.hash().as_slice() != row.hash.as_slice() {
        return Err(altered());
    }
    Ok(Published { number: row.number, effective: notice.effective(), table: notice.compile(), notice })
}
