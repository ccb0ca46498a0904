//! Plain tables in PostgreSQL: a connection for each client, which sends the statements of an operation one behind the other.

use std::collections::HashMap;

use futures_util::future::{join3, try_join_all};
use tokio::sync::Mutex;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement as Prepared};

use super::{Outcome, Statement, Value};
use crate::Failure;

struct Connected {
    client: Client,
    prepared: HashMap<&'static str, Prepared>,
    connection: tokio::task::JoinHandle<Result<(), tokio_postgres::Error>>,
}

pub(crate) struct Tables {
    idle: Mutex<Vec<Connected>>,
}

impl Tables {
    pub(super) async fn connect(url: &str, clients: usize) -> Result<Self, Failure> {
        let mut idle = Vec::new();
        for _ in 0..clients {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let connection = tokio::spawn(connection);
            client.batch_execute("SET enable_seqscan = off; SET jit = off").await?;
            idle.push(Connected { client, prepared: HashMap::new(), connection });
        }
        Ok(Self { idle: Mutex::new(idle) })
    }

    pub(super) async fn run(
        &self,
        statements: Vec<Statement>,
        writes: bool,
    ) -> Result<Vec<Outcome>, Failure> {
        let mut connected = self.idle.lock().await.pop().ok_or("more clients than connections")?;
        let outcome = connected.run(&statements, writes).await;
        self.idle.lock().await.push(connected);
        outcome
    }

    pub(super) async fn close(self) -> Result<(), Failure> {
        for Connected { client, connection, .. } in self.idle.into_inner() {
            drop(client);
            connection.await??;
        }
        Ok(())
    }
}

impl Connected {
    async fn run(&mut self, statements: &[Statement], writes: bool) -> Result<Vec<Outcome>, Failure> {
        // What makes tables cannot be prepared while they are not there.
        if statements.iter().any(|one| one.sql.starts_with("CREATE")) {
            for one in statements {
                self.client.batch_execute(one.sql).await?;
            }
            return Ok(Vec::new());
        }
        for one in statements {
            if !self.prepared.contains_key(one.sql) {
                let prepared = self.client.prepare(one.sql).await?;
                self.prepared.insert(one.sql, prepared);
            }
        }
        let together = writes && statements.len() > 1;
        if !together {
            return try_join_all(statements.iter().map(|one| self.one(one))).await;
        }
        let client = &self.client;
        let begin = async { client.batch_execute("BEGIN").await.map_err(Failure::from) };
        let all = try_join_all(statements.iter().map(|one| self.one(one)));
        let commit = async { client.batch_execute("COMMIT").await.map_err(Failure::from) };
        let (begun, outcomes, committed) = join3(begin, all, commit).await;
        begun?;
        committed?;
        outcomes
    }

    async fn one(&self, statement: &Statement) -> Result<Outcome, Failure> {
        let prepared = self.prepared.get(statement.sql).ok_or("a statement that is not prepared")?;
        let params: Vec<&(dyn ToSql + Sync)> = statement
            .params
            .iter()
            .map(|value| match value {
                Value::Int(value) => value as &(dyn ToSql + Sync),
                Value::Text(text) => text as &(dyn ToSql + Sync),
            })
            .collect();
        if prepared.columns().is_empty() {
            return Ok(Outcome { rows: Vec::new(), changed: self.client.execute(prepared, &params).await? });
        }
        let rows = self.client.query(prepared, &params).await?;
        let cells = |row: &tokio_postgres::Row| {
            let cell = |index: usize| -> Result<Value, Failure> {
                Ok(match row.columns().get(index).map(tokio_postgres::Column::type_) {
                    Some(&Type::TEXT) => Value::Text(row.try_get(index)?),
                    _ => Value::Int(row.try_get(index)?),
                })
            };
            (0..row.len()).map(cell).collect::<Result<Vec<_>, _>>()
        };
        Ok(Outcome { rows: rows.iter().map(cells).collect::<Result<_, _>>()?, changed: 0 })
    }
}
