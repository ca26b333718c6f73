use std::time::{Duration, Instant};

use sqlx::Row as _;
use tokio::sync::Barrier;

use crate::store::{
    ATTEMPTS, Engine, Store, StoreError, Tx,
    finish::FinishError,
    testing::{NOW, TestStore, fresh, on_both},
};

async fn read_name(tx: &mut Tx<'_>, id: &str) -> Result<String, StoreError> {
    let found = sqlx::query("SELECT name FROM organizations WHERE id = $1")
        .bind(id.to_owned())
        .fetch_one(tx.sql())
        .await?;
    Ok(found.get("name"))
}

/// Makes the organization's name longer by one character, from what was read before: an update that must not be lost.
async fn lengthen_name(
    tx: &mut Tx<'_>,
    id: &str,
    between: impl Future<Output = ()> + Send,
) -> Result<(), StoreError> {
    let name = read_name(tx, id).await?;
    between.await;
    sqlx::query("UPDATE organizations SET name = $2 WHERE id = $1")
        .bind(id.to_owned())
        .bind(format!("{name}x"))
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// What another program does to the organization's name, outside of any unit of work.
async fn rename(test: &TestStore, id: &str) {
    sqlx::query("UPDATE organizations SET name = 'renamed' WHERE id = $1")
        .bind(id.to_owned())
        .execute(&test.store.pool)
        .await
        .expect("rename");
}

async fn name(test: &TestStore, id: &str) -> String {
    sqlx::query("SELECT name FROM organizations WHERE id = $1")
        .bind(id.to_owned())
        .fetch_one(&test.store.pool)
        .await
        .expect("name")
        .get("name")
}

#[tokio::test]
async fn work_that_fails_leaves_nothing() {
    on_both(async |test| {
        let client = test.client().await;
        let before = [test.rows("sites").await, test.rows("companies").await];
        let client = &client;
        let mut runs = 0;
        let failed = test
            .store
            .tx("test", |tx| {
                runs += 1;
                Box::pin(async move {
                    let mut company = client.company.clone();
                    company.id = shared::id::CompanyId::from_random(fresh());
                    company.public_id = shared::id::PublicCompanyId::from_random(fresh());
                    tx.add_company(&company).await?;
                    let mut site = client.site.clone();
                    site.id = shared::id::SiteId::from_random(fresh());
                    site.company = company.id;
                    tx.add_site(&site).await?;
                    Err::<(), _>(FinishError::Used)
                })
            })
            .await;
        assert!(matches!(failed, Err(FinishError::Used)), "{failed:?}");
        assert_eq!(runs, 1, "the work's own error is not tried again");
        let after = [test.rows("sites").await, test.rows("companies").await];
        assert_eq!(before, after);
    })
    .await;
}

#[tokio::test]
async fn a_failed_statement_leaves_nothing_of_those_before_it() {
    on_both(async |test| {
        let client = test.client().await;
        let before = test.rows("sites").await;
        let client = &client;
        let failed = test
            .store
            .tx("test", |tx| {
                Box::pin(async move {
                    let mut site = client.site.clone();
                    site.id = shared::id::SiteId::from_random(fresh());
                    tx.add_site(&site).await?;
                    tx.add_site(&client.site).await
                })
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
        assert_eq!(test.rows("sites").await, before);
    })
    .await;
}

#[tokio::test]
async fn attempts_are_bounded() {
    on_both(async |test| {
        let mut runs = 0;
        let failed = test
            .store
            .tx("test", |_| {
                runs += 1;
                Box::pin(async { Err::<(), _>(StoreError::Contended) })
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Contended)), "{failed:?}");
        assert_eq!(runs, ATTEMPTS);
    })
    .await;
}

/// The snapshot of the first attempt is too old to write by: SQLITE_BUSY_SNAPSHOT, or PostgreSQL's 40001.
#[tokio::test]
async fn a_conflict_with_another_writer_runs_again() {
    on_both(async |test| {
        let id = test.client().await.organization.to_string();
        let mut runs = 0;
        let id = &id;
        // A reading transaction is what has a snapshot on both engines.
        let done = test.store.read("test", |tx| {
            runs += 1;
            let first = runs == 1;
            Box::pin(async move {
                if tx.engine() == Engine::Postgres {
                    sqlx::query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ WRITE")
                        .execute(tx.sql())
                        .await?;
                }
                let between = async {
                    if first {
                        rename(test, id).await;
                    }
                };
                lengthen_name(tx, id, between).await
            })
        });
        done.await.expect("second attempt");
        assert_eq!(runs, 2);
        assert_eq!(name(test, id).await, "renamedx", "no update is lost");
    })
    .await;
}

#[tokio::test]
async fn a_deadlock_is_dissolved_and_both_finish() {
    on_both(async |test| {
        // SQLite has one writer at a time: there is no deadlock.
        if test.store.engine == Engine::Sqlite {
            return;
        }
        let one = test.client().await.organization.to_string();
        let two = test.client().await.organization.to_string();
        let both_hold_one = &Barrier::new(2);
        let lock = async |first: &str, second: &str| {
            let mut runs = 0;
            let done = test
                .store
                .tx("test", |tx| {
                    runs += 1;
                    let first_run = runs == 1;
                    Box::pin(async move {
                        lengthen_name(tx, first, async {}).await?;
                        if first_run {
                            both_hold_one.wait().await;
                        }
                        lengthen_name(tx, second, async {}).await
                    })
                })
                .await;
            done.expect("both finish");
            runs
        };
        let (runs_one, runs_two) = tokio::join!(lock(&one, &two), lock(&two, &one));
        assert_eq!(runs_one + runs_two, 3, "one of them ran twice");
        assert!(name(test, &one).await.ends_with("yxx"));
        assert!(name(test, &two).await.ends_with("yxx"));
    })
    .await;
}

#[tokio::test]
async fn a_connection_lost_before_the_end_runs_again() {
    on_both(async |test| {
        if test.store.engine == Engine::Sqlite {
            return;
        }
        let id = test.client().await.organization.to_string();
        let (id, mut runs) = (&id, 0);
        test.store
            .tx("test", |tx| {
                runs += 1;
                let first_run = runs == 1;
                Box::pin(async move {
                    lengthen_name(tx, id, async {}).await?;
                    if first_run {
                        sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())")
                            .execute(tx.sql())
                            .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("second attempt");
        assert_eq!(runs, 2);
        assert_eq!(name(test, id).await, "Acme Energyx", "written once");
    })
    .await;
}

/// A SQLite file whose transactions wait 20 ms for another writer, and a connection that holds the write lock.
async fn locked() -> (
    tempfile::TempDir,
    Store,
    sqlx::Transaction<'static, sqlx::Any>,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::open_with(&url, 20).await.expect("open");
    store.migrate().await.expect("migrate");
    let holder = Store::open(&url).await.expect("open");
    let lock = holder
        .pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("lock");
    (folder, store, lock)
}

#[tokio::test]
async fn a_writer_that_waits_too_long_gives_up_after_its_attempts() {
    let (_folder, store, lock) = locked().await;
    let began = Instant::now();
    let mut runs = 0;
    let failed = store.tx("test", |_| {
        runs += 1;
        Box::pin(async { Ok::<_, StoreError>(()) })
    });
    let failed = failed.await.expect_err("busy");
    assert_eq!(runs, 0, "the transaction never began");
    let code = match &failed {
        StoreError::Database(error) => error.as_database_error().and_then(|error| error.code()),
        _ => None,
    };
    assert_eq!(code.as_deref(), Some("5"), "SQLITE_BUSY: {failed}");
    assert!(
        began.elapsed() >= Duration::from_millis(20) * ATTEMPTS,
        "every attempt waited"
    );
    drop(lock);
    store.close().await;
}

#[tokio::test]
async fn a_busy_database_is_tried_again_until_the_other_writer_is_done() {
    let (_folder, store, lock) = locked().await;
    let mut lock = Some(lock);
    let mut runs = 0;
    let organization = crate::store::organizations::Organization {
        id: shared::id::OrganizationId::from_random(fresh()),
        name: "Acme Energy".into(),
        created_at: NOW,
    };
    // It begins without the lock, so that the first attempt's first write finds it taken.
    let organization = &organization;
    let done = store.read("test", |tx| {
        runs += 1;
        let lock = if runs == 3 { lock.take() } else { None };
        Box::pin(async move {
            if let Some(lock) = lock {
                lock.rollback().await?;
            }
            tx.add_organization(organization).await
        })
    });
    done.await.expect("the third attempt");
    assert_eq!(runs, 3);
    store.close().await;
}

#[tokio::test]
async fn all_that_one_transaction_reads_is_of_one_moment() {
    on_both(async |test| {
        let id = test.client().await.organization.to_string();
        let id = &id;
        let (before, after) = test
            .store
            .read("test", |tx| {
                Box::pin(async move {
                    let before = read_name(tx, id).await?;
                    rename(test, id).await;
                    Ok::<_, StoreError>((before, read_name(tx, id).await?))
                })
            })
            .await
            .expect("read");
        assert_eq!(before, after);
        assert_eq!(name(test, id).await, "renamed");
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_was_prepared_before_a_column_came_still_runs() {
    on_both(async |test| {
        // A SQLite database has one node, which brings it up to date before it begins.
        if test.store.engine == Engine::Sqlite {
            return;
        }
        let client = test.client().await;
        let read = async || {
            let (organization, id) = (client.organization, client.company.id);
            let reading = test
                .store
                .read("test", |tx| Box::pin(tx.company(organization, id)));
            reading.await.expect("read").expect("the company")
        };
        let before = read().await;
        let adding = test.store.tx("test", |tx| {
            Box::pin(async move {
                let add = "ALTER TABLE companies ADD COLUMN came_later TEXT";
                sqlx::query(add).execute(tx.sql()).await?;
                Ok::<_, StoreError>(())
            })
        });
        adding.await.expect("added");
        // On the very connection that has the statement, and on any other.
        for _ in 0..20 {
            assert_eq!(read().await, before);
        }
    })
    .await;
}
