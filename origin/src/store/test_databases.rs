//! New databases for tests on both engines.
//!
//! The migrations run once for a test program: every other database with the schema of today is a copy.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::AssertSqlSafe;
use tokio::sync::OnceCell;
use url::Url;

use super::Store;

/// The variable that names a PostgreSQL server where tests may make databases.
const POSTGRES: &str = "MAGIC_LINKS_TEST_POSTGRES";

/// A new SQLite file in the folder, with the schema of today.
pub(crate) async fn migrated_sqlite(folder: &Path) -> Store {
    static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let content = MIGRATED.get_or_init(async || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("migrated.db");
        migrate(&sqlite_url(&file)).await;
        std::fs::read(&file).expect("the migrated file")
    });
    let file = folder.join("test.db");
    std::fs::write(&file, content.await).expect("a copy of the migrated file");
    Store::open(&sqlite_url(&file)).await.expect("open")
}

/// Runs `body` with the address of a new SQLite file, then of a new PostgreSQL database, both empty.
pub(crate) async fn on_both_empty(body: impl AsyncFn(&str)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    body(&sqlite_url(&folder.path().join("test.db"))).await;
    let postgres = NewPostgres::make(None).await;
    body(&postgres.url).await;
    postgres.remove().await;
}

/// Runs `body` with a new SQLite file, then with a new PostgreSQL database, both with the schema of today.
pub(super) async fn on_both_migrated(body: impl AsyncFn(Store)) {
    static MIGRATED: OnceCell<String> = OnceCell::const_new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    body(migrated_sqlite(folder.path()).await).await;
    let template = MIGRATED.get_or_init(async || {
        let migrated = NewPostgres::make(None).await;
        migrate(&migrated.url).await;
        migrated.admin.close().await;
        migrated.name
    });
    let postgres = NewPostgres::make(Some(template.await)).await;
    body(Store::open(&postgres.url).await.expect("open")).await;
    postgres.remove().await;
}

async fn migrate(url: &str) {
    let store = Store::open(url).await.expect("open");
    store.migrate().await.expect("migrate");
    // SQLite writes all of it into the one file, and PostgreSQL copies no database that is in use.
    store.close().await;
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// A PostgreSQL database of one test.
struct NewPostgres {
    admin: Store,
    name: String,
    url: String,
}

impl NewPostgres {
    async fn make(template: Option<&str>) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let admin_url = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!("{POSTGRES} is not set: run `cargo xtask test`, or set it to postgres://user@host/postgres of a server where databases may be made")
        });
        let admin = Store::open(&admin_url).await;
        let admin = admin.expect("the PostgreSQL server for tests");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{count}", std::process::id());
        let mut url = Url::parse(&admin_url).expect("a postgres:// URL");
        url.set_path(&name);
        let url = url.into();
        let made = Self { admin, name, url };
        made.drop_database().await;
        let template = template.unwrap_or("template1");
        let name = &made.name;
        made.run(format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await;
        made
    }

    async fn remove(self) {
        self.drop_database().await;
        self.admin.close().await;
    }

    async fn drop_database(&self) {
        let name = &self.name;
        self.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await;
    }

    async fn run(&self, sql: String) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        sql.execute(&self.admin.pool).await.expect("admin SQL");
    }
}
