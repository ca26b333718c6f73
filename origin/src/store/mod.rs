//! All SQL. One text for SQLite and PostgreSQL, a small file for each noun.
//!
//! Every function that reads or writes an organization's rows takes the organization or the
//! company and says so in its WHERE: an id from somewhere else finds nothing. Rows are never
//! reached by their id alone, except by a job's own payload, and by the platform's operators, who look after the
//! connections of all organizations ([`investigations`]).
//!
//! The store knows nobody: time and ids are arguments.
//!
//! All of them are methods of [`Tx`], an open transaction, which [`Store::tx`] and [`Store::read`] give to a closure:
//! what belongs together is written in one closure, and stands or falls together.

pub mod accounts;
pub mod audit_events;
pub mod batch_rows;
pub mod batches;
pub mod bill_changes;
pub mod bill_files;
pub mod bill_lists;
pub mod bills;
pub mod brands;
pub mod browser_sessions;
pub mod code_channels;
pub mod code_requests;
pub mod collections;
pub mod companies;
pub mod company_removal;
pub mod connection_changes;
pub mod connection_details;
pub mod connection_removal;
pub mod connections;
pub mod credentials;
pub mod delivered_mails;
pub mod environments;
pub mod finish;
#[cfg(test)]
pub(crate) mod first_version;
mod group;
pub mod idempotency;
pub mod investigations;
pub mod jobs;
pub mod keys;
pub mod link_changes;
pub mod link_lists;
pub mod links;
pub mod lockouts;
pub mod mail_bounces;
pub mod mail_subscriptions;
pub mod member_sessions;
pub mod members;
mod migrations;
pub mod notices;
pub mod operator_events;
pub mod operator_sessions;
pub mod operators;
pub mod organizations;
pub mod outgoing_mails;
pub mod overview;
pub mod page;
pub mod progress;
pub mod proposed_credentials;
pub mod queue;
mod row;
pub mod saved_views;
mod search;
pub mod second_factors;
pub mod sign_in_failures;
pub mod single_sign_on;
pub mod sites;
#[cfg(test)]
pub(crate) mod test_databases;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tx;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
pub mod webhook_events;
pub mod works_unattended;

use std::sync::{Arc, Once};

use sqlx::{
    AnyPool, AssertSqlSafe, Connection as _,
    any::{AnyPoolOptions, install_default_drivers},
};

use group::Turn;
pub use page::{Page, PageOf};
pub use tx::{ATTEMPTS, Tx, TxError};

/// A statement of SQLite waits so long for another writer, in milliseconds; then the whole transaction runs again.
const BUSY_TIMEOUT_MS: u32 = 3000;
/// The pages that a connection of SQLite keeps in memory, in KiB.
const CACHE_KIB: u32 = 8192;
/// A connection that lay idle for so long is tried before it is used.
const IDLE: std::time::Duration = std::time::Duration::from_secs(1);

/// An open database: a pool of connections. Clones share the pool.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    engine: Engine,
    /// Whose turn it is to write to SQLite: the next one begins the moment it may, where SQLite itself would look again
    /// after a while.
    turn: Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

/// What can go wrong below every function of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or cannot be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what this program writes.
    #[error("column {column} holds something that this program never writes")]
    Corrupt {
        /// The name of the column.
        column: &'static str,
    },
    /// The transaction was not committed.
    #[error("commit: {0}")]
    NotCommitted(Arc<sqlx::Error>),
    /// Another transaction took what this one was about to take: it runs again.
    #[error("another transaction was faster, again and again")]
    Contended,
    /// The address names no engine that is known here.
    #[error("the database address must start with sqlite: or postgres:")]
    UnknownEngine,
}

impl Store {
    /// Opens `sqlite:path` (made when missing) or `postgres://…`. Does not migrate.
    ///
    /// # Errors
    /// When the address is none of these or the database does not answer within 10 seconds.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, BUSY_TIMEOUT_MS).await
    }

    /// Opens the database; a statement of SQLite waits `busy_timeout_ms` for another writer before it fails.
    async fn open_with(url: &str, busy_timeout_ms: u32) -> Result<Self, StoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(install_default_drivers);
        let (engine, url) = if url.starts_with("sqlite:") {
            let how = if url.contains('?') {
                "&mode=rwc"
            } else {
                "?mode=rwc"
            };
            let how = if url.contains("mode=") { "" } else { how };
            make_private_file(url);
            (Engine::Sqlite, format!("{url}{how}"))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            (Engine::Postgres, url.to_owned())
        } else {
            return Err(StoreError::UnknownEngine);
        };
        let pool = AnyPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(std::time::Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if engine == Engine::Sqlite {
                        // Readers go on while one writes; a writer waits for its turn instead of failing. What was
                        // committed outlasts a power cut. Savepoints are kept in memory, where they would be a file each.
                        sqlx::raw_sql(AssertSqlSafe(format!(
                            "PRAGMA busy_timeout = {busy_timeout_ms}; PRAGMA journal_mode = WAL; \
                             PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
                             PRAGMA cache_size = -{CACHE_KIB}",
                        )))
                        .execute(connection)
                        .await?;
                    }
                    Ok(())
                })
            })
            // Every connection is tried when it is given back. Whether it still stands is asked where it lay idle: a
            // round trip before each transaction costs more than to run one again whose connection was lost.
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for >= IDLE {
                        connection.ping().await?;
                    }
                    // SQLite may roll a transaction back by itself, such as on a full disk: the connection then counts
                    // one that is not there, and takes no other.
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect(&url)
            .await?;
        Ok(Self {
            pool,
            engine,
            turn: Turn::default(),
        })
    }

    /// Brings the schema up to date. Safe to run again, and by several nodes at once.
    ///
    /// # Errors
    /// When a migration fails or an applied one was changed since.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrations = migrations::up_to(i64::MAX);
        match self.engine {
            Engine::Postgres => migrations.run(&self.pool).await?,
            // PostgreSQL's migrations take a lock of their own; SQLite's have none but this.
            Engine::Sqlite => {
                let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
                migrations.run(&mut *tx).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Waits for running queries and closes.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes a missing SQLite file readable by this user alone; SQLite gives its side files the same
/// mode. What goes wrong here goes wrong again when the database is opened, and is told then.
fn make_private_file(url: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(path) = sqlite_path(url) {
        let _ = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
    }
}

/// The file that a `sqlite:` address names; `None` for another engine, or a database in memory.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<&std::path::Path> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    (!path.is_empty() && path != ":memory:").then(|| std::path::Path::new(path))
}
