//! Reads by one caller: prepared statements, sent one behind the other on one connection.

use std::collections::HashMap;

use domain::{CategorySet, PortfolioId, RecipientId, RecordId, RecordKind, SubjectId};
use futures_util::future::{try_join, try_join3};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

use super::Postgres;
use super::fetch::{Waiting, mask};
use crate::StoreError;
use crate::condition::ConditionRow;
use crate::fetch::{Fetched, FetchedSubject, SUBJECT_CONDITIONS, Standing};
use crate::key::WrappedKey;
use crate::recipient::{self, Registered};
use crate::reference::{ACTOR_OF_TOKEN, ActorRow};
use crate::sealed::SealedRow;
use crate::subject::{self, SubjectRow};
use crate::value::Row;

const MANY_ROWS: &str =
    "SELECT kind, record, category, version, class, supplement, blob, subject FROM moretus.sealed
    WHERE subject = ANY($1) AND kind = ANY($2) AND ((CAST($3 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1
    ORDER BY subject, kind, record, category";

const MANY_KEYS: &str = "SELECT subject, category, class, wrapped FROM moretus_keys.data_key
    WHERE subject = ANY($1) AND ((CAST($2 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1";

/// Subjects that one statement asks for.
const SUBJECTS_A_STATEMENT: usize = 1_000;

impl Postgres {
    /// What a grant opens of one person; those who wait share their statements.
    pub(crate) async fn fetch(
        &self,
        subject: SubjectId,
        kinds: &[RecordKind],
        records: Option<&[RecordId]>,
        categories: CategorySet,
    ) -> Result<Fetched, StoreError> {
        let (reply, answer) = oneshot::channel();
        let (kinds, records) = (kinds.to_vec(), records.map(<[RecordId]>::to_vec));
        self.fetches.try_send(Waiting { subject, kinds, records, categories, reply }).map_err(|error| {
            match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Closed(_) => StoreError::Closed,
            }
        })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(crate) async fn fetch_many(
        &self,
        subjects: &[SubjectId],
        kinds: &[RecordKind],
        categories: CategorySet,
    ) -> Result<Vec<FetchedSubject>, StoreError> {
        let client = self.connection().await?;
        let kinds: Vec<i64> = kinds.iter().map(|kind| i64::from(kind.code())).collect();
        let mask = mask(categories);
        let (rows, keys) = (client.prepare_cached(MANY_ROWS).await?, client.prepare_cached(MANY_KEYS).await?);
        let mut found: HashMap<SubjectId, Fetched> = HashMap::with_capacity(subjects.len());
        for chunk in subjects.chunks(SUBJECTS_A_STATEMENT) {
            let ids: Vec<&[u8]> = chunk.iter().map(|subject| subject.bytes().as_slice()).collect();
            let (rows, keys) =
                try_join(client.query(&rows, &[&ids, &kinds, &mask]), client.query(&keys, &[&ids, &mask]))
                    .await?;
            for row in &rows {
                let row = sealed(row);
                let subject = row.id(7)?;
                found.entry(subject).or_default().rows.push(SealedRow::from_row(subject, &row)?);
            }
            for row in &keys {
                let key = key(row)?;
                found.entry(key.subject).or_default().keys.push(key);
            }
        }
        let take = |subject: &SubjectId| FetchedSubject {
            subject: *subject,
            fetched: found.get(subject).cloned().unwrap_or_default(),
        };
        Ok(subjects.iter().map(take).collect())
    }

    pub(crate) async fn standing(&self, id: SubjectId) -> Result<Option<Standing>, StoreError> {
        let client = self.connection().await?;
        let row = client.prepare_cached(subject::SELECT).await?;
        let conditions = client.prepare_cached(SUBJECT_CONDITIONS).await?;
        let id: &[u8] = id.bytes();
        let (rows, conditions) =
            try_join(client.query(&row, &[&id]), client.query(&conditions, &[&id])).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let condition = |row| ConditionRow::from_row(&Row::of_postgres("condition", row));
        Ok(Some(Standing {
            subject: SubjectRow::from_row(&Row::of_postgres("subject", row))?,
            conditions: conditions.iter().map(condition).collect::<Result<_, _>>()?,
        }))
    }
}

impl Postgres {
    pub(crate) async fn actor_of_token(&self, hash: &[u8; 32]) -> Result<Option<ActorRow>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(ACTOR_OF_TOKEN).await?;
        let hash: &[u8] = hash;
        let rows = client.query(&statement, &[&hash]).await?;
        let actor = |row| ActorRow::from_row(&Row::of_postgres("actor", row));
        rows.first().map(actor).transpose()
    }
}

impl Postgres {
    /// The version is asked first: what is changed meanwhile has another.
    pub(crate) async fn registered(
        &self,
        portfolio: PortfolioId,
        id: RecipientId,
    ) -> Result<Registered, StoreError> {
        let client = self.connection().await?;
        let version = client.prepare_cached(recipient::VERSION).await?;
        let row = client.prepare_cached(recipient::ROW).await?;
        let conditions = client.prepare_cached(recipient::CONDITIONS).await?;
        let (of, id): (&[u8], &[u8]) = (portfolio.bytes(), id.bytes());
        let (version, row, conditions) = try_join3(
            client.query(&version, &[&of]),
            client.query(&row, &[&id]),
            client.query(&conditions, &[&id]),
        )
        .await?;
        let version = version.first().map(|row| Row::of_postgres("register", row));
        let row = row.first().map(|row| Row::of_postgres("recipient", row));
        let conditions: Vec<Row<'_>> =
            conditions.iter().map(|row| Row::of_postgres("recipient_condition", row)).collect();
        recipient::registered(portfolio, version.as_ref(), row.as_ref(), &conditions)
    }
}

pub(super) fn sealed(row: &tokio_postgres::Row) -> Row<'_> {
    Row::of_postgres("sealed", row)
}

pub(super) fn key(row: &tokio_postgres::Row) -> Result<WrappedKey, StoreError> {
    WrappedKey::from_row(&Row::of_postgres("data_key", row))
}
