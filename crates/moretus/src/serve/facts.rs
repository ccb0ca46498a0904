//! What is public about a site: its portfolios, their notices, and counts that name nobody. Read from the
//! plain columns at most every half minute, and kept, so that the pages stand while the database is away.
//! It holds nothing that was ever sealed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{ClaimState, Currency, Date, PortfolioId, SubjectKind, Timestamp};
use gate::GateError;
use notice::Edition;
use service::{App, ServiceError};
use store::StoreError;
use store::reference::{NoticeRow, PortfolioRow};

/// How long facts are taken as they are.
const FRESH_SECONDS: i64 = 30;
/// How long after a failure they are not asked for again.
const RETRY_SECONDS: i64 = 5;

/// A published version of a portfolio's notice, or of a document beside it.
pub(super) struct Published {
    pub(super) number: i64,
    pub(super) version: String,
    pub(super) effective: Date,
    /// SHA-256 over rules and prose, in hexadecimal digits.
    pub(super) hash: String,
    pub(super) notice: Edition,
}

/// A portfolio, as everyone may know it.
pub(super) struct Portfolio {
    pub(super) id: PortfolioId,
    pub(super) name: String,
    pub(super) currency: Currency,
    /// Members and dependants.
    pub(super) members: u64,
    pub(super) claims: Vec<(ClaimState, u64)>,
    /// Newest first.
    pub(super) notices: Vec<Arc<Published>>,
    /// The documents beside the notice, by name; the versions of each newest first.
    pub(super) documents: BTreeMap<String, Vec<Arc<Published>>>,
}

impl Portfolio {
    /// The version in force on a day; before the first takes effect, that one.
    pub(super) fn in_force(&self, today: Date) -> Option<&Arc<Published>> {
        in_force(&self.notices, today)
    }

    /// The versions of one of its documents, newest first; of the notice itself when the name is empty.
    pub(super) fn versions(&self, document: &str) -> &[Arc<Published>] {
        if document.is_empty() {
            &self.notices
        } else {
            self.documents.get(document).map_or(&[], Vec::as_slice)
        }
    }
}

/// Of versions, newest first, the one in force on a day; before the first takes effect, that one.
pub(super) fn in_force(versions: &[Arc<Published>], today: Date) -> Option<&Arc<Published>> {
    versions.iter().find(|notice| notice.effective <= today).or_else(|| versions.last())
}

/// All of it.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) portfolios: Vec<Portfolio>,
}

impl Facts {
    pub(super) fn portfolio(&self, id: PortfolioId) -> Option<&Portfolio> {
        self.portfolios.iter().find(|portfolio| portfolio.id == id)
    }
}

struct Kept {
    facts: Arc<Facts>,
    good_until: Timestamp,
}

/// The facts as last read.
#[derive(Default)]
pub(super) struct Cache {
    kept: RwLock<Option<Kept>>,
    reading: tokio::sync::Mutex<()>,
}

impl Cache {
    /// The facts, at most half a minute old while the database is there; older ones while it is away.
    ///
    /// Errors: they were never read, and cannot be now.
    pub(super) async fn get(&self, app: &App) -> Result<Arc<Facts>, ServiceError> {
        if let Some(facts) = self.kept_if(|kept| kept.good_until > app.gate.now()) {
            return Ok(facts);
        }
        // One reads; meanwhile the others take what there is.
        let _reading = match self.reading.try_lock() {
            Ok(reading) => reading,
            Err(_) => match self.kept_if(|_| true) {
                Some(facts) => return Ok(facts),
                None => self.reading.lock().await,
            },
        };
        if let Some(facts) = self.kept_if(|kept| kept.good_until > app.gate.now()) {
            return Ok(facts);
        }
        let before = self.kept_if(|_| true);
        match read(app, before.as_deref()).await {
            Ok(facts) => Ok(self.keep(Arc::new(facts), app.gate.now().plus_seconds(FRESH_SECONDS))),
            Err(error) => {
                let Some(before) = before else { return Err(error) };
                tracing::warn!(%error, "the site's facts could not be read; older ones are shown");
                Ok(self.keep(before, app.gate.now().plus_seconds(RETRY_SECONDS)))
            }
        }
    }

    fn kept_if(&self, condition: impl Fn(&Kept) -> bool) -> Option<Arc<Facts>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| condition(kept)).map(|kept| Arc::clone(&kept.facts))
    }

    fn keep(&self, facts: Arc<Facts>, good_until: Timestamp) -> Arc<Facts> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Kept { facts: Arc::clone(&facts), good_until });
        facts
    }
}

/// What one read of the plain columns gives.
type Columns = (
    Vec<PortfolioRow>,
    Vec<NoticeRow>,
    Vec<NoticeRow>,
    Vec<(PortfolioId, SubjectKind, i64)>,
    Vec<(PortfolioId, ClaimState, i64)>,
);

async fn read(app: &App, before: Option<&Facts>) -> Result<Facts, ServiceError> {
    let (portfolios, notices, documents, subjects, claims): Columns = app
        .store()
        .read(|unit| {
            Ok::<_, StoreError>((
                store::reference::portfolios(unit)?,
                store::reference::notices(unit)?,
                store::reference::documents(unit)?,
                store::subject::count_by_kind(unit)?,
                store::claim::count_by_state(unit)?,
            ))
        })
        .await?;
    let mut published: BTreeMap<PortfolioId, Vec<Arc<Published>>> = BTreeMap::new();
    for row in notices {
        let known = before.and_then(|facts| facts.portfolio(row.portfolio));
        // A published version never changes, so it is read and checked once.
        let known = known.and_then(|known| known.notices.iter().find(|notice| notice.number == row.number));
        let version = known.map_or_else(|| parse(&row).map(Arc::new), |known| Ok(Arc::clone(known)))?;
        published.entry(row.portfolio).or_default().insert(0, version);
    }
    let mut beside: BTreeMap<PortfolioId, BTreeMap<String, Vec<Arc<Published>>>> = BTreeMap::new();
    for row in documents {
        let known = before.and_then(|facts| facts.portfolio(row.portfolio));
        let known = known.map_or(&[][..], |known| known.versions(&row.document));
        let known = known.iter().find(|version| version.number == row.number);
        let version = match known.map_or_else(|| parse(&row).map(Arc::new), |known| Ok(Arc::clone(known))) {
            Ok(version) => version,
            // It is not shown; the notice and the other documents are.
            Err(error) => {
                tracing::error!(%error, document = row.document, "a document cannot be read");
                continue;
            }
        };
        let documents = beside.entry(row.portfolio).or_default();
        documents.entry(row.document).or_default().insert(0, version);
    }
    let all = published.values().map(Vec::len).sum::<usize>()
        + beside.values().flat_map(BTreeMap::values).map(Vec::len).sum::<usize>();
    if before.is_none_or(|before| count(before) != all) {
        // Published by another program while this one runs: the gate decides by it from now on.
        app.gate.refresh_notices().await?;
    }
    let portfolios = portfolios
        .into_iter()
        .map(|row| Portfolio {
            members: subjects
                .iter()
                .filter(|(portfolio, kind, _)| *portfolio == row.portfolio && is_insured(*kind))
                .map(|(.., count)| count.unsigned_abs())
                .sum(),
            claims: claims
                .iter()
                .filter(|(portfolio, ..)| *portfolio == row.portfolio)
                .map(|(_, state, count)| (*state, count.unsigned_abs()))
                .collect(),
            notices: published.remove(&row.portfolio).unwrap_or_default(),
            documents: beside.remove(&row.portfolio).unwrap_or_default(),
            id: row.portfolio,
            name: row.name,
            currency: row.currency,
        })
        .collect();
    Ok(Facts { portfolios })
}

fn count(facts: &Facts) -> usize {
    let documents = |one: &Portfolio| one.documents.values().map(Vec::len).sum::<usize>();
    facts.portfolios.iter().map(|portfolio| portfolio.notices.len() + documents(portfolio)).sum()
}

fn is_insured(kind: SubjectKind) -> bool {
    matches!(kind, SubjectKind::Member | SubjectKind::Beneficiary)
}

/// The notice as it was published; one that does not read back to its hash is not shown.
fn parse(row: &NoticeRow) -> Result<Published, ServiceError> {
    let altered = || GateError::NoticeAltered { version: row.version.clone() };
    let stored: BTreeMap<String, String> = serde_json::from_str(&row.files).map_err(|_| altered())?;
    let files: Vec<(&str, &str)> = stored.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let notice = Edition::read(&files).map_err(|_| altered())?;
    if notice.hash() != row.hash || notice.name() != row.document {
        return Err(altered().into());
    }
    let hash = row.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Published { number: row.number, version: row.version.clone(), effective: row.effective, hash, notice })
}
