use shared::time::UnixMillis;

use crate::store::{
    Engine, Store, StoreError, migrations, sqlite_path, test_databases::on_both_empty,
    testing::KINDS,
};

#[tokio::test]
async fn several_nodes_may_migrate_at_once_and_again() {
    on_both_empty(async |url| {
        let nodes = [
            Store::open(url).await.expect("open"),
            Store::open(url).await.expect("open"),
            Store::open(url).await.expect("open"),
        ];
        let [a, b, c] = &nodes;
        let done = tokio::join!(a.migrate(), b.migrate(), c.migrate());
        for done in [done.0, done.1, done.2] {
            done.expect("migrate");
        }
        a.migrate().await.expect("migrate again");
        for node in nodes {
            node.ping().await.expect("alive");
            node.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn only_known_engines_open() {
    for url in ["", "mysql://x/y", "/tmp/x.db", "sqlitex:y"] {
        assert!(
            matches!(Store::open(url).await, Err(StoreError::UnknownEngine)),
            "{url}"
        );
    }
}

#[test]
fn the_file_of_an_address() {
    let path = |url| sqlite_path(url).and_then(|path| path.to_str());
    assert_eq!(path("sqlite:data/a.db"), Some("data/a.db"));
    assert_eq!(path("sqlite:///var/a.db?mode=rwc"), Some("/var/a.db"));
    for none in ["sqlite::memory:", "sqlite:", "postgres://x/y"] {
        assert_eq!(path(none), None, "{none}");
    }
}

/// What a database of the first version holds: two queued collections, one of them claimed and with its password sent.
const QUEUED_BEFORE: &str = "
    INSERT INTO organizations (id, name, created_at) VALUES ('o', 'Acme', 1);
    INSERT INTO companies (id, public_id, organization_id, name, created_at)
        VALUES ('00000000-0000-4000-8000-00000000000c', 'p', 'o', 'Bakery', 1);
    INSERT INTO links (id, company_id, kind, key_id, nonce, use_count, initial_sites, utility_types, created_at, event_count)
        VALUES ('l', '00000000-0000-4000-8000-00000000000c', 'COMPANY', 1, '', 2, '[]', '[]', 1, 0);
    INSERT INTO connections (id, company_id, link_id, status, status_first_seen_at, status_last_update_at, provider_url,
            provider_name, country, utility_types, created_at, updated_at)
        VALUES ('a', '00000000-0000-4000-8000-00000000000c', 'l', 'PENDING', 1, 1, 'https://one.example/', 'one.example', 'GB', '[]', 1, 1),
               ('b', '00000000-0000-4000-8000-00000000000c', 'l', 'PENDING', 1, 1, 'https://one.example/', 'one.example', 'GB', '[]', 1, 1);
    INSERT INTO jobs (id, kind, dedupe_key, company_id, payload, run_at, attempts, claims, lease_until, leased_by, resend_at, created_at)
        VALUES ('00000000-0000-4000-8000-0000000000a1', 'COLLECT', 'COLLECT:a', '00000000-0000-4000-8000-00000000000c', '{\"connection\":\"a\"}', 10, 2, 5, 900, 'w', 777, 1),
               ('00000000-0000-4000-8000-0000000000b1', 'COLLECT', 'COLLECT:b', '00000000-0000-4000-8000-00000000000c', '{\"connection\":\"b\"}', 20, 0, 0, NULL, NULL, NULL, 1);
";

#[tokio::test]
async fn queued_jobs_and_unanswered_passwords_outlive_the_migration_of_jobs() {
    on_both_empty(async |url| {
        let store = Store::open(url).await.expect("open");
        let first = migrations::up_to(1);
        match store.engine {
            Engine::Postgres => first.run(&store.pool).await.expect("the first version"),
            Engine::Sqlite => {
                let mut tx = store.pool.begin().await.expect("begin");
                first.run(&mut *tx).await.expect("the first version");
                tx.commit().await.expect("commit");
            }
        }
        sqlx::raw_sql(QUEUED_BEFORE)
            .execute(&store.pool)
            .await
            .expect("rows of the first version");
        store.migrate().await.expect("migrate");

        let found = sqlx::query("SELECT connection_id, resend_at FROM sign_in_lockouts")
            .fetch_all(&store.pool)
            .await
            .expect("lockouts");
        assert_eq!(found.len(), 1);
        assert_eq!(sqlx::Row::get::<String, _>(&found[0], "connection_id"), "a");
        assert_eq!(sqlx::Row::get::<i64, _>(&found[0], "resend_at"), 777);
        let claim = async |now| {
            let claimed = store.tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, UnixMillis(now), 100, "w"))
            });
            claimed.await.expect("claim")
        };
        let queued = claim(100).await.expect("the one that was not claimed");
        assert_eq!(
            (queued.payload.as_str(), queued.version),
            ("{\"connection\":\"b\"}", 1)
        );
        assert_eq!(claim(150).await, None, "the other one is still claimed");
        let back = claim(900).await.expect("its lease has ended");
        assert_eq!(back.attempts, 3, "its attempts still count");
        store.close().await;
    })
    .await;
}
