//! The gate itself: one per process. It is opened with the root key and a store, and reads the
//! notice that is published in that store; there is no other way to make one.

use std::marker::PhantomData;
use std::sync::Arc;

use domain::spelling::letters;
use domain::{
    Account, ActorId, BatchId, Claim, Country, Currency, Date, Personal, PortfolioId, Recipient, RecordId,
    RequestId, SubjectId, SupplementId, Timestamp, View,
};
use notice::{Notice, Supplement};
use store::former::FormerRow;
use store::{Store, StoreError};

use crate::actor::{RecentActors, job_actor_id};
use crate::notices::Notices;
use crate::root::{RootKey, RootKeyProvider};
use crate::roots::Roots;
use crate::sealed::Sealed;
use crate::site_keys::SiteKeys;
use crate::{Actor, Clock, GateError, Randomness, Totals};

/// The only place that seals and opens personal data.
#[derive(Clone)]
pub struct Gate {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) roots: Roots,
    pub(crate) site: SiteKeys,
    pub(crate) notices: Notices,
    pub(crate) recent: RecentActors,
    pub(crate) country: Country,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    /// Opens the gate on a database: reads its site keys (made on first use) and its published notices.
    /// `country` is where the administrator's own jobs run. A notice that cannot be read closes its portfolio,
    /// as it does later, and no other. Errors: wrong root key, the store's.
    pub async fn open(
        root: &RootKey,
        store: Store,
        country: Country,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, GateError> {
        Self::open_with(std::slice::from_ref(root), None, store, country, clock, randomness).await
    }

    /// The same with every root key that there is now, two while one takes the place of the other, and with whom to
    /// ask when a key turns up that none of them has wrapped.
    pub async fn open_with(
        roots: &[RootKey],
        provider: Option<Arc<dyn RootKeyProvider>>,
        store: Store,
        country: Country,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, GateError> {
        let roots = Roots::new(roots, provider, &clock)?;
        let site = SiteKeys::load(&store, &roots, randomness.as_ref()).await?;
        let notices = Notices::default();
        match notices.refresh(&store).await {
            Err(error @ GateError::NoticeAltered { .. }) => {
                tracing::error!(%error, "a portfolio is closed: a notice of it cannot be read");
            }
            other => other?,
        }
        let recent = RecentActors::default();
        Ok(Self {
            inner: Arc::new(Inner { store, roots, site, notices, recent, country, clock, randomness }),
        })
    }

    /// The store, for plain columns and sealed rows.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Reads again what is published: after publishing.
    pub async fn refresh_notices(&self) -> Result<(), GateError> {
        self.inner.notices.refresh(&self.inner.store).await
    }

    /// The notice in force in a portfolio, with its number.
    pub fn notice(&self, portfolio: PortfolioId) -> Result<(i64, Notice), GateError> {
        self.inner.notices.newest_notice(portfolio, self.inner.clock.now())
    }

    /// A published version of a portfolio's notice, in force or not.
    pub fn published_notice(&self, portfolio: PortfolioId, number: i64) -> Result<Notice, GateError> {
        self.inner.notices.published(portfolio, number)
    }

    /// The version in force of a supplement of this name, with its id.
    ///
    /// # Errors
    /// The portfolio has published none, or none that is in force.
    pub fn supplement(
        &self,
        portfolio: PortfolioId,
        name: &str,
    ) -> Result<(SupplementId, Supplement), GateError> {
        self.inner.notices.current(portfolio, name, self.inner.clock.now())
    }

    /// Every published version of every supplement of a portfolio.
    #[must_use]
    pub fn supplements(&self, portfolio: PortfolioId) -> Vec<Supplement> {
        self.inner.notices.supplements(portfolio)
    }

    /// A new random request id.
    #[must_use]
    pub fn request(&self) -> RequestId {
        RequestId::from_bytes(self.random_id())
    }

    /// Sixteen random bytes for a new id.
    #[must_use]
    pub fn random_id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.inner.randomness.fill(&mut bytes);
        bytes
    }

    /// The actor of a named automated recipient. Only jobs have one.
    pub fn job(&self, job: Recipient) -> Result<Actor, GateError> {
        if !job.is_job() {
            return Err(GateError::NotAuthenticated);
        }
        Ok(Actor::of_site(job_actor_id(job), job, self.inner.country))
    }

    /// The id of whoever holds the root key under this name: another spelling of it is no other person.
    #[must_use]
    pub fn operator_id(&self, name: &str) -> ActorId {
        ActorId::from_bytes(self.inner.site.keyed_id(b"operator", &[letters(name).as_bytes()]))
    }

    /// The named holder of the root key, at the command line: another spelling of a name is no other person. Errors when
    /// the key is not this site's.
    pub fn operator(&self, root: &RootKey, name: &str) -> Result<Actor, GateError> {
        if !self.inner.roots.holds(root.id()) {
            return Err(GateError::WrongRootKey);
        }
        Ok(Actor::of_site(self.operator_id(name), Recipient::Operator, self.inner.country))
    }

    /// A new API token and the hash to store of it. The token is shown once and never stored.
    #[must_use]
    pub fn new_token(&self) -> (String, [u8; 32]) {
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        self.inner.randomness.fill(secret.as_mut_slice());
        let text = secret.iter().fold(String::from("moretus_"), |text, byte| text + &format!("{byte:02x}"));
        let hash = self.inner.site.token_hash(&text);
        (text, hash)
    }

    /// The id of an imported record: a keyed hash of where it came from, so that importing it again
    /// finds it without a look-up and the id tells nothing.
    #[must_use]
    pub fn imported_id(&self, noun: &str, source: &str, source_id: &str) -> [u8; 16] {
        self.inner.site.keyed_id(b"import", &[noun.as_bytes(), source.as_bytes(), source_id.as_bytes()])
    }

    /// What is stored of a batch's totals: a keyed code over the batch, its portfolio and kind, how many
    /// postings it has, and their totals. It proves them complete and tells nobody an amount.
    #[must_use]
    pub fn control_code(
        &self,
        batch: BatchId,
        portfolio: PortfolioId,
        kind: i64,
        totals: &Totals,
    ) -> [u8; 32] {
        let sums: Vec<[u8; 35]> = totals.iter().map(sum_bytes).collect();
        let (kind, postings) = (kind.to_be_bytes(), totals.postings().to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![batch.bytes(), portfolio.bytes(), &kind, &postings];
        parts.extend(sums.iter().map(<[u8; 35]>::as_slice));
        self.inner.site.control_code(&parts)
    }

    /// Fetches what a view of one record may open; nothing is decrypted. `None` when there is no record.
    pub async fn fetch<V: View>(
        &self,
        subject: SubjectId,
        record: impl Into<RecordId>,
    ) -> Result<Option<Sealed<V::Of>>, GateError> {
        let record = record.into();
        let kind = <V::Of as Personal>::KIND;
        let fetched = self.inner.store.fetch(subject, &[kind], Some(&[record]), V::WANTED).await?;
        if fetched.rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(Sealed { subject, record, rows: fetched.rows, keys: fetched.keys.into(), of: PhantomData }))
    }

    /// Fetches a view's records of many subjects: every record of the kind that they have.
    pub async fn fetch_many<V: View>(&self, subjects: &[SubjectId]) -> Result<Vec<Sealed<V::Of>>, GateError> {
        let kind = <V::Of as Personal>::KIND;
        let fetched = self.inner.store.fetch_many(subjects.to_vec(), &[kind], V::WANTED).await?;
        Ok(fetched.into_iter().flat_map(|subject| group::<V::Of>(subject.fetched)).collect())
    }

    /// Fetches of each subject up to `limit` claims that were received from a day on, the newest; nothing is decrypted. Not those
    /// that nobody came to yet.
    pub async fn fetch_newest_claims<V: View<Of = Claim>>(
        &self,
        subjects: &[SubjectId],
        newest: (Date, usize),
    ) -> Result<Vec<Sealed<Claim>>, GateError> {
        let subjects = subjects.to_vec();
        let read =
            move |unit: &mut store::Unit<'_>| store::many::newest_claims(unit, &subjects, newest, V::WANTED);
        Ok(self.inner.store.read(read).await?.into_iter().flat_map(group::<Claim>).collect())
    }

    /// Fetches what a subject's records of a view said before, each with when another version took its place; nothing is
    /// decrypted. A grant opens them as it opens what stands.
    pub async fn fetch_former<V: View>(
        &self,
        subject: SubjectId,
    ) -> Result<Vec<(Sealed<V::Of>, Timestamp)>, GateError> {
        let kind = <V::Of as Personal>::KIND;
        let read = move |unit: &mut store::Unit<'_>| {
            let former = store::former::of_kind(unit, subject, kind, V::WANTED)?;
            Ok::<_, StoreError>((former, store::many::keys(unit, &[subject])?))
        };
        let (former, keys) = self.inner.store.read(read).await?;
        let keys: Arc<[store::key::WrappedKey]> = keys.into();
        let mut records: Vec<(Sealed<V::Of>, Timestamp)> = Vec::new();
        for FormerRow { row, until } in former {
            let same = |last: &Sealed<V::Of>| (last.record, last.version()) == (row.record, row.version);
            match records.last_mut().filter(|(last, _)| same(last)) {
                Some((last, _)) => last.rows.push(row),
                None => {
                    let (record, keys) = (row.record, Arc::clone(&keys));
                    records.push((Sealed { subject, record, keys, rows: vec![row], of: PhantomData }, until));
                }
            }
        }
        Ok(records)
    }

    /// Fetches a view's records by subject and id; those that are not there are left out.
    pub async fn fetch_records<V: View>(
        &self,
        records: &[(SubjectId, RecordId)],
    ) -> Result<Vec<Sealed<V::Of>>, GateError> {
        let kind = <V::Of as Personal>::KIND;
        let records = records.to_vec();
        let fetched =
            self.inner.store.read(move |unit| store::many::records(unit, &records, kind, V::WANTED)).await?;
        Ok(fetched.into_iter().flat_map(group::<V::Of>).collect())
    }
}

/// Account (1), currency (2), debit (16), credit (16).
fn sum_bytes((account, currency, debit, credit): (Account, Currency, i128, i128)) -> [u8; 35] {
    let mut bytes = [0; 35];
    let parts = [account.code()]
        .into_iter()
        .chain(currency.number().to_be_bytes())
        .chain(debit.to_be_bytes())
        .chain(credit.to_be_bytes());
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    bytes
}

/// One subject's rows as sealed records. Rows come sorted by record.
fn group<P: Personal>(fetched: store::Fetched) -> Vec<Sealed<P>> {
    let keys: Arc<[store::key::WrappedKey]> = fetched.keys.into();
    let mut records: Vec<Sealed<P>> = Vec::new();
    for row in fetched.rows {
        match records.last_mut().filter(|last| last.record == row.record && last.subject == row.subject) {
            Some(last) => last.rows.push(row),
            None => records.push(Sealed {
                subject: row.subject,
                record: row.record,
                keys: Arc::clone(&keys),
                rows: vec![row],
                of: PhantomData,
            }),
        }
    }
    records
}
