//! The unit of work: a named transaction that runs as a whole, and again as a whole when the database asks for it.

use std::{
    marker::PhantomData,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use sqlx::{Any, AnyConnection, Connection as _, Transaction, pool::PoolConnection};
use tracing::Instrument as _;

use super::{Engine, Store, StoreError};

/// A transaction runs so often at most before its error is given to the caller.
pub const ATTEMPTS: u32 = 6;
/// The pause before the second attempt; it doubles before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// A transaction that takes longer, all attempts together, is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);

/// An open transaction. Every function that reads or writes rows is a method of it, so that a caller can put several
/// of them into one unit of work: either all of it is written or nothing.
///
/// `'env` is the life of what the closure borrows from around it.
///
/// An error of any of these functions must be returned from the closure that got the transaction: PostgreSQL refuses
/// everything that follows a failed statement.
pub struct Tx<'env> {
    inner: Inner,
    engine: Engine,
    statements: u32,
    env: PhantomData<&'env ()>,
}

/// The connection on which the statements run, with a transaction that is open on it or without one.
enum Inner {
    Transaction(Transaction<'static, Any>),
    /// A statement alone is a transaction of its own, and the two round trips around it are spared.
    Alone(PoolConnection<Any>),
}

impl Inner {
    fn connection(&mut self) -> &mut AnyConnection {
        match self {
            Self::Transaction(inner) => inner,
            Self::Alone(inner) => inner,
        }
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Transaction(inner) => inner.commit().await,
            Self::Alone(_) => Ok(()),
        }
    }

    async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Transaction(inner) => inner.rollback().await,
            Self::Alone(_) => Ok(()),
        }
    }
}

impl Tx<'_> {
    pub(super) fn new(inner: Transaction<'static, Any>, engine: Engine) -> Self {
        Self::of(Inner::Transaction(inner), engine)
    }

    fn of(inner: Inner, engine: Engine) -> Self {
        Self {
            inner,
            engine,
            statements: 0,
            env: PhantomData,
        }
    }

    pub(super) fn into_inner(self) -> Option<Transaction<'static, Any>> {
        match self.inner {
            Inner::Transaction(inner) => Some(inner),
            Inner::Alone(_) => None,
        }
    }

    /// Where the next statement runs. Each use counts as one statement.
    pub(super) fn sql(&mut self) -> &mut AnyConnection {
        self.statements += 1;
        let is_alone = matches!(self.inner, Inner::Alone(_));
        debug_assert!(!is_alone || self.statements == 1, "one statement alone");
        self.inner.connection()
    }

    /// How many statements ran in this transaction so far.
    #[must_use]
    pub fn statements(&self) -> u32 {
        self.statements
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Ends a SELECT whose rows nobody else is to change before this transaction has ended. SQLite has one writer at a
    /// time.
    ///
    /// Who locks several rows does so in this order, so that no two wait for each other: the connection's job, the link
    /// whose stream webhooks tell it in, the connection, and then its other links.
    pub(super) fn row_lock(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// As [`Self::row_lock`], for rows that are to be removed: nobody else adds what points at them either.
    pub(super) fn removal_lock(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }
}

/// An error with which a unit of work may end.
pub trait TxError: From<StoreError> {
    /// The store's error, if that is what it is: it decides whether the transaction runs again.
    fn store_error(&self) -> Option<&StoreError>;
}

impl TxError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Write,
    Read,
    ReadOne,
}

impl Engine {
    /// SQLite takes its write lock at once: taking it later, after a read, fails instead of waiting when another
    /// writer came in between. On PostgreSQL a writer waits for the rows that another has changed and then sees what
    /// became of them.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// All that one reading transaction reads is of one moment, on both engines.
    fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN DEFERRED",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
}

/// Why an attempt failed, and whether nothing can have been written and another attempt may fare better.
pub(super) struct Failed<E> {
    pub(super) error: E,
    pub(super) again: bool,
}

impl Store {
    /// Runs `work` in one transaction: what it wrote stands when it returns `Ok`, and nothing of it when it returns an
    /// error. `name` stands in the log and says which part of the program works here: `flow.finish`.
    ///
    /// `work` is a closure like `|tx| Box::pin(tx.link(organization, id))`, or with several steps
    /// `|tx| Box::pin(async move { … })`. An async closure would do without the box, but the compiler cannot see yet
    /// that its future may move between threads.
    ///
    /// `work` runs again from its start, up to [`ATTEMPTS`] times in all, when the database was busy, could not put
    /// two transactions into an order, or lost the connection before the end. So it must do nothing but work on the
    /// transaction, and it must not open another one.
    ///
    /// # Errors
    /// What `work` returns, and what the database says at the beginning and at the end.
    pub async fn tx<'env, T, E: TxError>(
        &self,
        name: &'static str,
        work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, E> {
        self.run(name, Mode::Write, work).await
    }

    /// Runs `work` in one transaction that only reads: all that it reads is of one moment, and no writer waits for it.
    /// Everything else is as with [`Self::tx`].
    ///
    /// # Errors
    /// As [`Self::tx`].
    pub async fn read<'env, T, E: TxError>(
        &self,
        name: &'static str,
        work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, E> {
        self.run(name, Mode::Read, work).await
    }

    /// Runs `work` that reads with one statement and no more, without a transaction around it: a way for what every call
    /// does. Everything else is as with [`Self::tx`].
    ///
    /// # Errors
    /// As [`Self::tx`].
    pub async fn read_one<'env, T, E: TxError>(
        &self,
        name: &'static str,
        work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, E> {
        self.run(name, Mode::ReadOne, work).await
    }

    async fn run<'env, T, E: TxError>(
        &self,
        name: &'static str,
        mode: Mode,
        mut work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, E> {
        let span = tracing::debug_span!("tx", name);
        async {
            let began = Instant::now();
            let mut attempts = 1;
            let ended = loop {
                match self.attempt(mode, &mut work).await {
                    Ok(value) => break Ok(value),
                    Err(failed) if failed.again && attempts < ATTEMPTS => {
                        tracing::info!(attempts, "the transaction runs again");
                        tokio::time::sleep(FIRST_PAUSE * (1 << (attempts - 1))).await;
                        attempts += 1;
                    }
                    Err(failed) => break Err(failed.error),
                }
            };
            let took = began.elapsed();
            let (millis, ok) = (took.as_millis(), ended.is_ok());
            if took >= SLOW {
                tracing::warn!(attempts, millis, ok, "the transaction was slow");
            } else {
                tracing::debug!(attempts, millis, ok, "the transaction ended");
            }
            ended
        }
        .instrument(span)
        .await
    }

    async fn attempt<'env, T, E: TxError>(
        &self,
        mode: Mode,
        work: &mut impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, Failed<E>> {
        if let (Engine::Sqlite, Mode::Write) = (self.engine, mode) {
            return self.attempt_in_group(work).await;
        }
        let opened = match mode {
            Mode::Write => self.begin(self.engine.begin_write()).await,
            Mode::Read => self.begin(self.engine.begin_read()).await,
            Mode::ReadOne => self.pool.acquire().await.map(Inner::Alone),
        };
        let inner = opened.map_err(|error| self.failed(StoreError::from(error).into()))?;
        let mut tx = Tx::of(inner, self.engine);
        match work(&mut tx).await {
            Ok(value) => match tx.inner.commit().await {
                Ok(()) => Ok(value),
                // A connection that is lost now leaves open whether the commit arrived.
                Err(error) => Err(Failed {
                    again: self.is_retryable(&error),
                    error: StoreError::from(error).into(),
                }),
            },
            Err(error) => {
                if error
                    .store_error()
                    .is_some_and(|error| self.has_old_plan(error))
                {
                    // A failure here fails the next attempt as well, and is told there.
                    let _ = tx.inner.connection().clear_cached_statements().await;
                }
                // Now, not when the connection is used next: others may wait for its locks. The database may have
                // rolled it back by itself, and says so.
                let _ = tx.inner.rollback().await;
                Err(self.failed(error))
            }
        }
    }

    async fn begin(&self, begin: &'static str) -> Result<Inner, sqlx::Error> {
        self.pool.begin_with(begin).await.map(Inner::Transaction)
    }

    /// The end of an attempt that wrote nothing.
    pub(super) fn failed<E: TxError>(&self, error: E) -> Failed<E> {
        let store_error = error.store_error();
        let again = store_error.is_some_and(|error| self.may_run_again(error));
        Failed { error, again }
    }

    /// Whether a transaction that has not come to its end may run again after this error.
    fn may_run_again(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Contended => true,
            _ if self.has_old_plan(error) || self.points_at_nothing(error) => true,
            StoreError::Database(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => true,
            StoreError::Database(error) => {
                self.is_retryable(error) || self.connection_was_lost(error)
            }
            _ => false,
        }
    }

    /// Whether the PostgreSQL connection keeps a statement that was prepared before a column was added: a newer program has
    /// brought the schema up to date beside this one.
    fn has_old_plan(&self, error: &StoreError) -> bool {
        // feature_not_supported: "cached plan must not change result type"
        self.engine == Engine::Postgres
            && matches!(error, StoreError::Database(error) if code(error).as_deref() == Some("0A000"))
    }

    /// Whether a row points at one that another transaction has removed since this one looked: the next attempt does not find
    /// it any more.
    fn points_at_nothing(&self, error: &StoreError) -> bool {
        // foreign_key_violation. SQLite has one writer at a time, who sees what there is.
        self.engine == Engine::Postgres
            && matches!(error, StoreError::Database(error) if code(error).as_deref() == Some("23503"))
    }

    /// Whether the database says that the same transaction may well succeed at another time.
    pub(super) fn is_retryable(&self, error: &sqlx::Error) -> bool {
        let Some(code) = code(error) else {
            return false;
        };
        match self.engine {
            // SQLITE_BUSY and SQLITE_LOCKED are the last byte of their extended codes, such as SQLITE_BUSY_SNAPSHOT.
            Engine::Sqlite => code
                .parse::<i64>()
                .is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
            // serialization_failure, deadlock_detected
            Engine::Postgres => matches!(&*code, "40001" | "40P01"),
        }
    }

    /// Whether the PostgreSQL server ended the connection: it shuts down, starts, or lost the connection itself.
    fn connection_was_lost(&self, error: &sqlx::Error) -> bool {
        self.engine == Engine::Postgres
            && code(error).is_some_and(|code| {
                matches!(
                    &*code,
                    "57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006"
                )
            })
    }
}

fn code(error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}
