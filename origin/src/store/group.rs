//! Units of work on SQLite that are committed together.
//!
//! SQLite has one writer at a time, and a commit waits until the disk has it. Whoever waits for their turn meanwhile works in
//! the same transaction, below a savepoint of their own, and all of them share one commit. Nobody is answered before it, and
//! a unit that fails takes nothing of the others with it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{Any, Transaction};
use tokio::sync::{Mutex, watch};

use super::{
    Store, StoreError,
    tx::{Failed, Mode, Tx, TxError},
};

/// Whose turn it is to write, and the transaction that the one before left open. Turns are taken in the order in which they
/// were asked for.
pub(super) type Turn = Arc<Mutex<Option<Group>>>;

/// An open transaction with the work of one unit at least.
pub(super) struct Group {
    inner: Transaction<'static, Any>,
    end: watch::Sender<Option<GroupEnd>>,
}

/// What became of a group. Of one that was rolled back, because a unit was left in its midst, nobody hears: all run again.
#[derive(Clone)]
enum GroupEnd {
    Committed,
    Failed(Arc<sqlx::Error>),
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
        let Group { inner, end } = group.map_err(|error| self.failed(error.into()))?;
        let mut tx = Tx::new(inner, self.engine);
        let done = work(&mut tx).await;
        let mut inner = tx.into_inner();
        let kept = match &done {
            Err(_) if is_first => {
                // When it fails, the connection is gone, and the transaction with it.
                let _ = inner.rollback().await;
                return done.map_err(|error| self.failed(error));
            }
            Ok(_) if is_first => Ok(()),
            Ok(_) => run(&mut inner, "RELEASE unit").await,
            Err(_) => run(&mut inner, "ROLLBACK TO unit; RELEASE unit").await,
        };
        if let Err(error) = kept {
            return Err(self.failed(error.into()));
        }
        let mut ends = end.subscribe();
        *turn = Some(Group { inner, end });
        drop(turn);
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

    async fn begin_group(&self) -> Result<Group, StoreError> {
        let inner = self.pool.begin_with(Mode::Write.begin(self.engine)).await?;
        let end = watch::Sender::new(None);
        Ok(Group { inner, end })
    }
}

impl Group {
    async fn set_savepoint(mut self) -> Result<Self, StoreError> {
        run(&mut self.inner, "SAVEPOINT unit").await?;
        Ok(self)
    }
}

async fn run(inner: &mut Transaction<'static, Any>, sql: &'static str) -> Result<(), StoreError> {
    sqlx::raw_sql(sql).execute(&mut **inner).await?;
    Ok(())
}

/// Commits the open group and tells its units.
async fn commit(turn: Turn) {
    let mut turn = turn.lock().await;
    let Some(Group { inner, end }) = turn.take() else {
        return;
    };
    let ended = match inner.commit().await {
        Ok(()) => GroupEnd::Committed,
        Err(error) => GroupEnd::Failed(Arc::new(error)),
    };
    end.send_replace(Some(ended));
}
