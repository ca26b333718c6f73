//! A collection's failed sign-in, kept for the operator.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use origin::{collection::open_failure, signin::FailureReason};
use shared::status::ConnectionStatus;

use crate::{
    browser_config::turn,
    test_env::{JORDAN, NOW, TestEnv, run_next, status},
};

#[tokio::test]
async fn the_newest_failure_is_sealed_and_written_for_the_operator() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    env.options.switches.set(utility::Fault::Broken, true);
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::WebsiteDown);
    let read = env
        .collector
        .store
        .read("test", |tx| Box::pin(tx.sign_in_failure(env.company, id)));
    let stored = read.await.expect("a store").expect("a failure");
    assert_eq!(stored.failed_at, NOW);
    let vault = &env.collector.vault;
    let failure = open_failure(vault, (env.company, id), &stored.sealed).expect("opens");
    assert_eq!(failure.reason, FailureReason::WebsiteDown);
    assert!(failure.password_typed);
    let other = env.connect(JORDAN.0, JORDAN.1, None).await;
    assert!(open_failure(vault, (env.company, other), &stored.sealed).is_none());

    let file = env.folder().join("origin.toml");
    let key = "05".repeat(32);
    let database = env.folder().join("test.db");
    let configuration = format!(
        "database_url = \"sqlite:{}\"\ntoken_keys = [\"1:000102030405060708090a0b0c0d0e0f\"]\nvault_keys = [\"1:{key}\"]\n\
         [edge]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:9\"\nsigning_key = \"{key}\"\n",
        database.display()
    );
    fs::write(&file, configuration).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    let run = || {
        Command::new(env!("CARGO_BIN_EXE_origin"))
            .args([
                "failure",
                &id.to_string(),
                "--company",
                &env.company.to_string(),
            ])
            .args(["--out", "seen"])
            .current_dir(env.folder())
            .output()
            .expect("the program starts")
    };
    let out = run();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let seen = env.folder().join("seen");
    let told = fs::read_to_string(seen.join("failure.json")).expect("written");
    assert!(
        told.contains("\"WEBSITE_DOWN\"") && told.contains("\"passwordTyped\": true"),
        "{told}"
    );
    let mode = fs::metadata(seen.join("page.txt"))
        .expect("written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!run().status.success(), "what is there is left alone");
}
