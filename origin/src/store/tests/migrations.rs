use crate::store::{Store, StoreError, sqlite_path, testing::on_both_empty};

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
