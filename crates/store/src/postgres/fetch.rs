//! Fetching what a grant opens, of one person a caller: those who wait are answered by one pair of statements, some pairs under
//! way at a time. It shares statements and no data: each caller gets the rows that it asked for, and no others.

use deadpool_postgres::{Object, Pool};
use domain::{CategorySet, RecordId, RecordKind, SubjectId};
use futures_util::future::try_join;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;

use super::read::{key, sealed};
use crate::StoreError;
use crate::fetch::Fetched;
use crate::sealed::SealedRow;

/// What one pair of statements looks for at most, in kinds of record of a person, or single records.
const PLACES_A_STATEMENT: usize = 1_000;

/// $1 to $5: number of the caller, subject, kind, first and last record of each place. A lateral sub-select that cannot be
/// flattened is looked up place by place in the primary key; a join could be planned as a scan of the whole table.
const ROWS: &str = "SELECT s.kind, s.record, s.category, s.version, s.class, s.supplement, s.blob, w.n
    FROM UNNEST($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[])
        AS w (n, subject, kind, low, high, mask),
    LATERAL (SELECT kind, record, category, version, class, supplement, blob FROM moretus.sealed
        WHERE subject = w.subject AND kind = w.kind AND record >= w.low AND record <= w.high
            AND ((w.mask >> CAST(category AS INTEGER)) & 1) = 1 OFFSET 0) AS s";

/// $1 to $3: number, subject and mask of categories of each caller.
const KEYS: &str = "SELECT k.subject, k.category, k.class, k.wrapped, w.n
    FROM UNNEST($1::bigint[], $2::bytea[], $3::bigint[]) AS w (n, subject, mask),
    LATERAL (SELECT subject, category, class, wrapped FROM moretus_keys.data_key
        WHERE subject = w.subject AND ((w.mask >> CAST(category AS INTEGER)) & 1) = 1 OFFSET 0) AS k";

/// Before and behind every record.
const FIRST: [u8; 16] = [0; 16];
const LAST: [u8; 16] = [0xff; 16];

/// A caller who waits: whose rows of which kinds, of some records or of all, in which categories.
pub(crate) struct Waiting {
    pub(crate) subject: SubjectId,
    pub(crate) kinds: Vec<RecordKind>,
    pub(crate) records: Option<Vec<RecordId>>,
    pub(crate) categories: CategorySet,
    pub(crate) reply: oneshot::Sender<Result<Fetched, StoreError>>,
}

impl Waiting {
    fn places(&self) -> usize {
        self.kinds.len().max(1) * self.records.as_ref().map_or(1, Vec::len)
    }
}

/// Takes what waits and hands it to a connection, until the store is closed.
pub(crate) async fn run(pool: Pool, mut queue: mpsc::Receiver<Waiting>) {
    while let Some(first) = queue.recv().await {
        // Without a free connection, more callers gather meanwhile and share its statements.
        let client = pool.get().await;
        // Whose entries shared a commit ask at the same time: they come in before this goes out.
        yield_now().await;
        let mut count = first.places();
        let mut callers = vec![first];
        while count < PLACES_A_STATEMENT
            && let Ok(caller) = queue.try_recv()
        {
            count += caller.places();
            callers.push(caller);
        }
        metrics::histogram!("store_reads_per_statement").record(callers.len() as f64);
        match client {
            Ok(client) => drop(tokio::spawn(answer(client, callers))),
            Err(error) => refuse(callers, &error.into()),
        }
    }
}

async fn answer(client: Object, mut callers: Vec<Waiting>) {
    callers.retain(|caller| !caller.reply.is_closed());
    match fetch(&client, &callers).await {
        // A caller that went away loses only the answer.
        Ok(all) => callers.into_iter().zip(all).for_each(|(caller, one)| drop(caller.reply.send(one))),
        Err(error) => refuse(callers, &error),
    }
}

fn refuse(callers: Vec<Waiting>, error: &StoreError) {
    callers.into_iter().for_each(|caller| drop(caller.reply.send(Err(error.clone()))));
}

/// What each caller asked for, in their order. A row that cannot be read is the fault of whoever asked for it alone.
async fn fetch(client: &Object, callers: &[Waiting]) -> Result<Vec<Result<Fetched, StoreError>>, StoreError> {
    let (rows, keys) = (client.prepare_cached(ROWS).await?, client.prepare_cached(KEYS).await?);
    let (places, people) = (Places::of(callers), People::of(callers));
    // Rows before keys: what a commit of both brought is visible in the later statement too.
    let Places { numbers, subjects, kinds, low, high, masks } = &places;
    let (rows, keys) = try_join(
        client.query(&rows, &[numbers, subjects, kinds, low, high, masks]),
        client.query(&keys, &[&people.numbers, &people.subjects, &people.masks]),
    )
    .await?;
    let mut all: Vec<_> = callers.iter().map(|_| Ok(Fetched::default())).collect();
    for row in &rows {
        let (caller, answer) = of_number(callers, &mut all, row.try_get(7)?)?;
        add(answer, |fetched| {
            fetched.rows.push(SealedRow::from_row(caller.subject, &sealed(row))?);
            Ok(())
        });
    }
    for row in &keys {
        let (_, answer) = of_number(callers, &mut all, row.try_get(4)?)?;
        add(answer, |fetched| {
            fetched.keys.push(key(row)?);
            Ok(())
        });
    }
    for fetched in all.iter_mut().flatten() {
        fetched.rows.sort_by_key(|row| (row.kind.code(), row.record, row.category.code()));
    }
    Ok(all)
}

fn add(answer: &mut Result<Fetched, StoreError>, read: impl FnOnce(&mut Fetched) -> Result<(), StoreError>) {
    if let Ok(fetched) = answer
        && let Err(error) = read(fetched)
    {
        *answer = Err(error);
    }
}

fn of_number<'a>(
    callers: &'a [Waiting],
    all: &'a mut [Result<Fetched, StoreError>],
    number: i64,
) -> Result<(&'a Waiting, &'a mut Result<Fetched, StoreError>), StoreError> {
    let index = usize::try_from(number).ok();
    index
        .and_then(|index| Some((callers.get(index)?, all.get_mut(index)?)))
        .ok_or_else(|| StoreError::internal("caller"))
}

/// The places that are looked at, by column.
#[derive(Default)]
struct Places<'a> {
    numbers: Vec<i64>,
    subjects: Vec<&'a [u8]>,
    kinds: Vec<i64>,
    low: Vec<&'a [u8]>,
    high: Vec<&'a [u8]>,
    masks: Vec<i64>,
}

impl<'a> Places<'a> {
    fn of(callers: &'a [Waiting]) -> Self {
        let mut places = Self::default();
        for (number, caller) in (0_i64..).zip(callers) {
            for kind in &caller.kinds {
                match &caller.records {
                    None => places.push(number, caller, *kind, (&FIRST, &LAST)),
                    Some(records) => records.iter().for_each(|record| {
                        places.push(number, caller, *kind, (record.bytes(), record.bytes()));
                    }),
                }
            }
        }
        places
    }

    fn push(
        &mut self,
        number: i64,
        caller: &'a Waiting,
        kind: RecordKind,
        (low, high): (&'a [u8], &'a [u8]),
    ) {
        self.numbers.push(number);
        self.subjects.push(caller.subject.bytes());
        self.kinds.push(i64::from(kind.code()));
        self.low.push(low);
        self.high.push(high);
        self.masks.push(mask(caller.categories));
    }
}

/// The people whose keys are looked for, by column.
#[derive(Default)]
struct People<'a> {
    numbers: Vec<i64>,
    subjects: Vec<&'a [u8]>,
    masks: Vec<i64>,
}

impl<'a> People<'a> {
    fn of(callers: &'a [Waiting]) -> Self {
        let mut people = Self::default();
        for (number, caller) in (0_i64..).zip(callers) {
            people.numbers.push(number);
            people.subjects.push(caller.subject.bytes());
            people.masks.push(mask(caller.categories));
        }
        people
    }
}

/// Categories as a number: they have numbers below 63, so that it fits.
pub(super) fn mask(categories: CategorySet) -> i64 {
    i64::try_from(categories.bits()).unwrap_or(i64::MAX)
}
