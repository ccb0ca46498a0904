//! The floor's rows from PostgreSQL: as many connections as the product keeps, taken in turn; both
//! statements of a read are sent one behind the other.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::try_join;
use tokio_postgres::{Client, NoTls, Statement};

use super::{Key, Row};
use crate::Failure;

const CONNECTIONS: usize = 24;
const RECORD: &str = "SELECT record, kind, category, version, class, supplement, blob FROM moretus.sealed
    WHERE subject = $1 AND kind = ANY($2) AND record = ANY($3)
    AND ((CAST($4 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1 ORDER BY kind, record, category";
const KEYS: &str = "SELECT category, class, wrapped FROM moretus_keys.data_key
    WHERE subject = $1 AND ((CAST($2 AS BIGINT) >> CAST(category AS INTEGER)) & 1) = 1";

struct Connected {
    client: Client,
    record: Statement,
    keys: Statement,
}

/// Reads from one database.
pub(super) struct Rows {
    connections: Vec<Connected>,
    turn: AtomicUsize,
}

impl Rows {
    pub(super) async fn connect(url: &str) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute("SET enable_seqscan = off; SET jit = off").await?;
            let (record, keys) = (client.prepare(RECORD).await?, client.prepare(KEYS).await?);
            connections.push(Connected { client, record, keys });
        }
        Ok(Self { connections, turn: AtomicUsize::new(0) })
    }

    pub(super) async fn fetch(
        &self,
        subject: &[u8; 16],
        record: &[u8; 16],
    ) -> Result<(Vec<Row>, Vec<Key>), Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let Connected { client, record: of_record, keys } =
            self.connections.get(turn).ok_or("no connection")?;
        let (subject, kinds, records) = (subject.as_slice(), vec![super::KIND], vec![record.as_slice()]);
        let (rows, keys) = try_join(
            client.query(of_record, &[&subject, &kinds, &records, &super::WANTED]),
            client.query(keys, &[&subject, &super::WANTED]),
        )
        .await?;
        Ok((rows.iter().map(row).collect::<Result<_, _>>()?, keys.iter().map(key).collect::<Result<_, _>>()?))
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Failure> {
    Ok(Row {
        record: row.try_get::<_, &[u8]>(0)?.try_into()?,
        kind: small(row, 1)?,
        category: small(row, 2)?,
        version: row.try_get(3)?,
        class: small(row, 4)?,
        supplement: row.try_get::<_, &[u8]>(5)?.try_into()?,
        blob: row.try_get(6)?,
    })
}

fn key(row: &tokio_postgres::Row) -> Result<Key, Failure> {
    Ok(Key { category: small(row, 0)?, class: small(row, 1)?, wrapped: row.try_get(2)? })
}

fn small(row: &tokio_postgres::Row, index: usize) -> Result<u8, Failure> {
    Ok(u8::try_from(row.try_get::<_, i64>(index)?)?)
}
