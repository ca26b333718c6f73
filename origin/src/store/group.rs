//! Units of work on SQLite that are committed together.
//!
//! SQLite has one writer at a time, and a commit waits until the disk has it. Whoever waits for their turn meanwhile works in
//! the same transaction, below a savepoint of their own, and all of them share one commit. Nobody is answered before it, and
//! a unit that fails, or that nobody waits for any more, takes nothing of the others with it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{Any, Transaction};
use tokio::sync::{Mutex, MutexGuard, watch};

use super::{
    Store, StoreError,
    tx::{Failed, Tx, TxError},
};

/// Whose turn it is to write, and the transaction that the one before left open. Turns are taken in the order in which they
/// were asked for.
pub(super) type Turn = Arc<Mutex<Option<Group>>>;

/// An open transaction with the work of one unit at least.
pub(super) struct Group {
    inner: Transaction<'static, Any>,
    end: watch::Sender<Option<GroupEnd>>,
    last: LastUnit,
}

/// What is left to do of the last unit of a group. It is done together with what the next one begins with: each way to the
/// database and back takes longer than most statements.
#[derive(Clone, Copy)]
enum LastUnit {
    /// Nothing: it is the only one, and has no savepoint.
    Alone,
    /// Its savepoint stands, and what it did stays.
    Done,
    /// Its savepoint stands, and what it did since is to be taken back: it failed, or was left in its midst.
    Failed,
}

/// What became of a group. Of one that was rolled back nobody hears: all run again.
#[derive(Clone)]
enum GroupEnd {
    Committed,
    Failed(Arc<sqlx::Error>),
}

/// A unit at work.
struct Unit<'turn, 'env> {
    turn: MutexGuard<'turn, Option<Group>>,
    /// Its transaction, until its work is done.
    tx: Option<Tx<'env>>,
    end: watch::Sender<Option<GroupEnd>>,
    is_first: bool,
}

impl Drop for Unit<'_, '_> {
    fn drop(&mut self) {
        // It was left. There is nothing else in the group of a first one, which is rolled back.
        let left = self.tx.take().and_then(Tx::into_inner);
        if let (Some(inner), false) = (left, self.is_first) {
            *self.turn = Some(Group {
                inner,
                end: self.end.clone(),
                last: LastUnit::Failed,
            });
        }
    }
}

impl Store {
    /// Runs `work` in the open group, or in one of its own, and waits for the commit.
    pub(super) async fn attempt_in_group<'env, T, E: TxError>(
        &self,
        work: &mut impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, E>>,
    ) -> Result<T, Failed<E>> {
        let mut turn = self.turn.lock().await;
        let open = turn.take();
        let is_first = open.is_none();
        let group = match open {
            Some(group) => group.next().await.map_err(|error| {
                // SQLite may have rolled the group back by itself, such as on a full disk. All of it runs again.
                tracing::info!(%error, "a group of transactions was given up");
                StoreError::Contended
            }),
            None => self.begin_group().await.map_err(StoreError::from),
        };
        let Group { inner, end, .. } = group.map_err(|error| self.failed(error.into()))?;
        let mut ends = end.subscribe();
        let tx = Some(Tx::new(inner, self.engine));
        let mut unit = Unit {
            turn,
            tx,
            end,
            is_first,
        };
        let Some(tx) = &mut unit.tx else {
            return Err(self.failed(StoreError::Contended.into()));
        };
        let done = work(tx).await;
        let Some(inner) = unit.tx.take().and_then(Tx::into_inner) else {
            return Err(self.failed(StoreError::Contended.into()));
        };
        let last = match (&done, is_first) {
            (Err(_), true) => {
                // SQLite may have rolled it back by itself, and says so.
                let _ = inner.rollback().await;
                return done.map_err(|error| self.failed(error));
            }
            (Ok(_), true) => LastUnit::Alone,
            (Ok(_), false) => LastUnit::Done,
            (Err(_), false) => LastUnit::Failed,
        };
        *unit.turn = Some(Group {
            inner,
            end: unit.end.clone(),
            last,
        });
        drop(unit);
        if is_first {
            // Its turn comes after all who wait now, and it comes also if nobody waits for the answer any more.
            tokio::spawn(commit(Arc::clone(&self.turn)));
        }
        let end = ends.wait_for(Option::is_some).await;
        match end.ok().and_then(|end| end.clone()) {
            Some(GroupEnd::Committed) => done.map_err(|error| self.failed(error)),
            Some(GroupEnd::Failed(error)) => Err(Failed {
                again: self.is_retryable(&error),
                error: StoreError::NotCommitted(error).into(),
            }),
            None => Err(self.failed(done.err().unwrap_or_else(|| StoreError::Contended.into()))),
        }
    }

    async fn begin_group(&self) -> Result<Group, sqlx::Error> {
        let inner = self.pool.begin_with(self.engine.begin_write()).await?;
        let end = watch::Sender::new(None);
        Ok(Group {
            inner,
            end,
            last: LastUnit::Alone,
        })
    }
}

/// Ends the savepoint: what was done since then stays.
const RELEASE: &str = "RELEASE unit";
/// Takes back what was done since the savepoint, which stands afterwards.
const UNDO: &str = "ROLLBACK TO unit";

impl Group {
    /// Ends the last unit, and sets the savepoint of the next one.
    async fn next(mut self) -> Result<Self, sqlx::Error> {
        let sql = match self.last {
            LastUnit::Alone => "SAVEPOINT unit",
            LastUnit::Done => "RELEASE unit; SAVEPOINT unit",
            LastUnit::Failed => UNDO,
        };
        run(&mut self.inner, sql).await?;
        Ok(self)
    }
}

async fn run(inner: &mut Transaction<'static, Any>, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(&mut **inner).await?;
    Ok(())
}

/// Commits the open group, whatever savepoints it has, and tells its units.
async fn commit(turn: Turn) {
    let mut turn = turn.lock().await;
    let Some(mut group) = turn.take() else {
        return;
    };
    let end = match group.last {
        LastUnit::Alone => None,
        LastUnit::Done => Some(RELEASE),
        LastUnit::Failed => Some(UNDO),
    };
    if let Some(end) = end
        && let Err(error) = run(&mut group.inner, end).await
    {
        // It was rolled back: its units hear nothing, and run again.
        tracing::info!(%error, "a group of transactions was given up");
        return;
    }
    let ended = match group.inner.commit().await {
        Ok(()) => GroupEnd::Committed,
        Err(error) => GroupEnd::Failed(Arc::new(error)),
    };
    group.end.send_replace(Some(ended));
}
