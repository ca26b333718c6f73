use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sqlx::Row as _;
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, yield_now},
};

use crate::store::{
    Store, StoreError,
    organizations::Organization,
    test_databases::migrated_sqlite,
    testing::{NOW, fresh},
};

/// What a unit does after it wrote its organization.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Ends,
    Fails,
    NeverEnds,
}

/// A unit of work that runs beside others.
struct Unit {
    /// How often it began.
    runs: Arc<AtomicU32>,
    /// It goes on, each time, when it was let on.
    let_on: Arc<Semaphore>,
    task: JoinHandle<Result<(), StoreError>>,
}

/// Starts a unit that writes an organization of this name, and has it ask for its turn.
async fn start(store: &Store, name: &'static str, then: Then) -> Unit {
    let organization = Organization {
        id: shared::id::OrganizationId::from_random(fresh()),
        name: name.into(),
        created_at: NOW,
    };
    let (runs, let_on) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
    let (store, counted, waits) = (store.clone(), Arc::clone(&runs), Arc::clone(&let_on));
    let task = tokio::spawn(async move {
        let (organization, counted, waits) = (&organization, &counted, &waits);
        let writing = store.tx("test", |tx| {
            Box::pin(async move {
                counted.fetch_add(1, Ordering::Relaxed);
                tx.add_organization(organization).await?;
                if then == Then::NeverEnds {
                    std::future::pending::<()>().await;
                }
                let _ = waits.acquire().await;
                match then {
                    Then::Fails => Err(StoreError::Corrupt { column: "test" }),
                    Then::Ends | Then::NeverEnds => Ok(()),
                }
            })
        });
        writing.await
    });
    // The test's runtime has one thread: the unit asks for its turn before this goes on.
    yield_now().await;
    Unit { runs, let_on, task }
}

impl Unit {
    fn runs(&self) -> u32 {
        self.runs.load(Ordering::Relaxed)
    }

    async fn until_runs(&self, times: u32) {
        while self.runs() < times {
            yield_now().await;
        }
    }

    /// Lets it come to its end, however often it runs.
    fn go_on(&self) {
        self.let_on.add_permits(1);
    }

    async fn end(self) -> Result<(), StoreError> {
        self.task.await.expect("no panic")
    }
}

async fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = migrated_sqlite(folder.path()).await;
    (folder, store)
}

async fn names(store: &Store) -> Vec<String> {
    let rows = sqlx::query("SELECT name FROM organizations ORDER BY name");
    let rows = rows.fetch_all(&store.pool).await.expect("names");
    rows.iter().map(|row| row.get("name")).collect()
}

#[tokio::test]
async fn units_that_wait_for_each_other_share_a_commit_and_one_that_fails_takes_nothing_with_it() {
    let (_folder, store) = open().await;
    let first = start(&store, "first", Then::Ends).await;
    first.until_runs(1).await;
    let fails = start(&store, "fails", Then::Fails).await;
    let last = start(&store, "last", Then::Ends).await;
    first.go_on();
    fails.until_runs(1).await;
    fails.go_on();
    last.until_runs(1).await;
    // The first has done its work, and is neither committed nor answered before the others have done theirs.
    assert!(names(&store).await.is_empty());
    assert!(!first.task.is_finished());
    last.go_on();
    first.end().await.expect("first");
    let failed = fails.end().await;
    assert!(matches!(
        failed,
        Err(StoreError::Corrupt { column: "test" })
    ));
    last.end().await.expect("last");
    assert_eq!(names(&store).await, ["first", "last"]);
}

#[tokio::test]
async fn a_unit_that_is_left_in_its_midst_takes_nothing_with_it() {
    let (_folder, store) = open().await;
    let first = start(&store, "first", Then::Ends).await;
    first.until_runs(1).await;
    let left = start(&store, "left", Then::NeverEnds).await;
    let last = start(&store, "last", Then::Ends).await;
    let also_left = start(&store, "left as well", Then::NeverEnds).await;
    first.go_on();
    left.until_runs(1).await;
    left.task.abort();
    last.go_on();
    also_left.until_runs(1).await;
    also_left.task.abort();
    for unit in [first, last] {
        assert_eq!(unit.runs(), 1);
        unit.end().await.expect("written");
    }
    assert_eq!(names(&store).await, ["first", "last"]);
    // Of a group there was nothing else in nobody is left.
    let alone = start(&store, "alone", Then::NeverEnds).await;
    alone.until_runs(1).await;
    alone.task.abort();
    let next = start(&store, "next", Then::Ends).await;
    next.go_on();
    next.end().await.expect("written");
    assert_eq!(names(&store).await, ["first", "last", "next"]);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_committed_all_the_same() {
    let (_folder, store) = open().await;
    let first = start(&store, "first", Then::Ends).await;
    first.until_runs(1).await;
    let second = start(&store, "second", Then::Ends).await;
    first.go_on();
    second.until_runs(1).await;
    first.task.abort();
    second.go_on();
    second.end().await.expect("second");
    assert_eq!(names(&store).await, ["first", "second"]);
    let alone = start(&store, "alone", Then::Fails).await;
    alone.go_on();
    alone.end().await.expect_err("it fails");
    assert_eq!(names(&store).await, ["first", "second"]);
}

#[tokio::test]
async fn a_connection_that_met_a_full_disk_is_not_used_again() {
    let (_folder, store) = open().await;
    let mut held = Vec::new();
    // The limit is each connection's own.
    for _ in 0..16 {
        let mut connection = store.pool.acquire().await.expect("a connection");
        let limited = sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&mut *connection);
        limited.await.expect("limited");
        held.push(connection);
    }
    drop(held);
    let mut failed = 0;
    for number in 0..200 {
        let organization = Organization {
            id: shared::id::OrganizationId::from_random(fresh()),
            name: format!("{number:>2000}"),
            created_at: NOW,
        };
        let organization = &organization;
        let adding = store.tx("test", |tx| Box::pin(tx.add_organization(organization)));
        failed += u32::from(adding.await.is_err());
    }
    // New connections, in whose place they are, have no limit: each of the others failed once and was never used again.
    assert!((1..=16).contains(&failed), "{failed}");
    for name in ["a", "b", "c"] {
        let unit = start(&store, name, Then::Ends).await;
        unit.go_on();
        unit.end().await.expect("written again");
    }
    assert!(names(&store).await.len() >= 3);
}
