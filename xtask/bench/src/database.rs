//! The databases that are measured: where each is, and how one is made, copied and dropped.

use std::path::{Path, PathBuf};

use store::Location;
use tokio_postgres::NoTls;

use crate::{Failure, Run};

/// An engine to measure on.
#[derive(Clone)]
pub(crate) enum Engine {
    /// SQLite, in folders of this one.
    Sqlite {
        /// The folder.
        folder: PathBuf,
    },
    /// PostgreSQL, in databases of this server.
    Postgres {
        /// The folder of the sites' root keys.
        folder: PathBuf,
        /// The server, and a database to connect to first.
        url: String,
    },
}

/// The engines that were asked for.
pub(crate) fn engines(run: &Run, folder: &Path) -> Result<Vec<Engine>, Failure> {
    let folder = folder.to_path_buf();
    let engine = |name: &String| match (name.as_str(), &run.postgres) {
        ("sqlite", _) => Ok(Engine::Sqlite { folder: folder.clone() }),
        ("postgres", Some(url)) => Ok(Engine::Postgres { folder: folder.clone(), url: url.clone() }),
        ("postgres", None) => Err("for postgres, give --postgres URL".into()),
        _ => Err(format!("`{name}` is no database: take sqlite, postgres").into()),
    };
    run.databases.iter().map(engine).collect()
}

impl Engine {
    /// Its name in the table.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite FULL",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Whether it is SQLite.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// The data directory of the site of this name.
    pub(crate) fn folder(&self, site: &str) -> PathBuf {
        match self {
            Self::Sqlite { folder } => folder.join(format!("sqlite-{site}")),
            Self::Postgres { folder, .. } => folder.join(format!("postgres-{site}")),
        }
    }

    /// The database of the site of this name.
    pub(crate) fn location(&self, site: &str) -> Result<Location, Failure> {
        Ok(match self {
            Self::Sqlite { .. } => Location::Sqlite { directory: self.folder(site) },
            Self::Postgres { .. } => self.url(site).unwrap_or_default().parse()?,
        })
    }

    /// The address of the site's database on PostgreSQL.
    pub(crate) fn url(&self, site: &str) -> Option<String> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres { url, .. } => {
                let (server, _) = url.rsplit_once('/')?;
                Some(format!("{server}/bench_{site}"))
            }
        }
    }

    /// An empty place for a site; what was there goes.
    pub(crate) async fn clear(&self, site: &str) -> Result<(), Failure> {
        if let Self::Postgres { url, .. } = self {
            execute(url, &format!("DROP DATABASE IF EXISTS bench_{site} WITH (FORCE)")).await?;
            execute(url, &format!("CREATE DATABASE bench_{site}")).await?;
        }
        remake(&self.folder(site))
    }

    /// Copies a site that is closed, in place of what is there.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        if let Self::Postgres { url, .. } = self {
            execute(url, &format!("DROP DATABASE IF EXISTS bench_{to} WITH (FORCE)")).await?;
            execute(url, &format!("CREATE DATABASE bench_{to} TEMPLATE bench_{from}")).await?;
        }
        remake(&self.folder(to))?;
        for entry in std::fs::read_dir(self.folder(from))? {
            let path = entry?.path();
            if let Some(name) = path.file_name().filter(|_| path.is_file()) {
                std::fs::copy(&path, self.folder(to).join(name))?;
            }
        }
        Ok(())
    }
}

fn remake(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(std::fs::create_dir_all(folder)?)
}

async fn execute(url: &str, sql: &str) -> Result<(), Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await?;
    drop(client);
    Ok(connection.await??)
}
