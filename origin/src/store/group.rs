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
    /// The last unit was left in its midst: what it did is below the savepoint.
    is_left: bool,
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
                is_left: true,
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
            Some(group) => group.set_savepoint().await,
            None => self.begin_group().await,
        };
        let Group { inner, end, .. } =
            group.map_err(|error| self.failed(StoreError::from(error).into()))?;
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
        let Some(mut inner) = unit.tx.take().and_then(Tx::into_inner) else {
            return Err(self.failed(StoreError::Contended.into()));
        };
        let kept = match &done {
            Err(_) if is_first => {
                // SQLite may have rolled it back by itself, and says so.
                let _ = inner.rollback().await;
                return done.map_err(|error| self.failed(error));
            }
            Ok(_) if is_first => Ok(()),
            Ok(_) => run(&mut inner, "RELEASE unit").await,
            Err(_) => run(&mut inner, UNDO).await,
        };
        if let Err(error) = kept {
            // The group is given up with it. Why the unit failed tells more than that its savepoint is gone.
            return Err(done
                .map_err(|error| self.failed(error))
                .err()
                .unwrap_or_else(|| self.failed(StoreError::from(error).into())));
        }
        *unit.turn = Some(Group {
            inner,
            end: unit.end.clone(),
            is_left: false,
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
            None => Err(self.failed(StoreError::Contended.into())),
        }
    }

    async fn begin_group(&self) -> Result<Group, sqlx::Error> {
        let inner = self.pool.begin_with(self.engine.begin_write()).await?;
        let end = watch::Sender::new(None);
        Ok(Group {
            inner,
            end,
            is_left: false,
        })
    }
}

/// Takes back what was done since the savepoint.
const UNDO: &str = "ROLLBACK TO unit; RELEASE unit";

impl Group {
    /// Takes back what a unit did that was left.
    async fn undo_left(&mut self) -> Result<(), sqlx::Error> {
        if self.is_left {
            run(&mut self.inner, UNDO).await?;
            self.is_left = false;
        }
        Ok(())
    }

    async fn set_savepoint(mut self) -> Result<Self, sqlx::Error> {
        self.undo_left().await?;
        run(&mut self.inner, "SAVEPOINT unit").await?;
        Ok(self)
    }

    async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.undo_left().await?;
        self.inner.commit().await
    }
}

async fn run(inner: &mut Transaction<'static, Any>, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(&mut **inner).await?;
    Ok(())
}

/// Commits the open group and tells its units.
async fn commit(turn: Turn) {
    let mut turn = turn.lock().await;
    let Some(group) = turn.take() else {
        return;
    };
    let end = group.end.clone();
    let ended = match group.commit().await {
        Ok(()) => GroupEnd::Committed,
        Err(error) => GroupEnd::Failed(Arc::new(error)),
    };
    end.send_replace(Some(ended));
}
