//! Runs that come in by the session of an earlier one, on the sample utility.

use origin::{
    clock::SystemRandom,
    collection::{open_session, seal_session},
    signin::SavedSession,
    store::browser_sessions::SealedSession,
};
use shared::{id::ConnectionId, status::ConnectionStatus};

use crate::{
    browser_config::turn,
    test_env::{DAY, JORDAN, NOW, TestEnv, run_next, status},
};

/// The saved session of the connection, opened.
async fn saved(env: &TestEnv, id: ConnectionId) -> Option<SavedSession> {
    let collector = &env.collector;
    let read = collector
        .store
        .read("test", |tx| Box::pin(tx.browser_session(env.company, id)));
    let stored = read.await.expect("a store")?;
    let session = open_session(&collector.vault, (env.company, id), &stored.sealed);
    Some(session.expect("the vault opens it for this connection"))
}

#[tokio::test]
async fn a_saved_session_needs_no_password_and_proves_none() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let since = Some("2026-11-01");
    let id = env.connect(JORDAN.0, JORDAN.1, since).await;
    run_next(&env).await;
    assert!(saved(&env, id).await.is_some());
    // Whoever is signed in stays so; the next one who signs in needs the new password.
    env.options
        .switches
        .set_password(JORDAN.0, "a new password");
    env.clock.advance(8 * DAY);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    assert_eq!(env.options.switches.sign_ins(), 1);
    let run = env.last_run(id).await.expect("a run");
    assert_eq!(run.signed_in_at, Some(NOW.plus(8 * DAY)));
    let works = env
        .connection(id)
        .await
        .works_unattended
        .expect("it was tried");
    assert_eq!(
        (works.at, works.reason),
        (NOW, None),
        "as the first run left it"
    );
    assert_eq!(env.options.switches.harm(), 0);

    env.options.switches.end_sessions();
    env.clock.advance(8 * DAY);
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    assert_eq!(
        env.options.switches.sign_ins(),
        2,
        "the password was asked for"
    );
    assert!(
        saved(&env, id).await.is_none(),
        "a refused session is forgotten"
    );
}

#[tokio::test]
async fn a_session_that_expired_is_replaced_by_a_sign_in() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, JORDAN.1, Some("2026-11-01")).await;
    run_next(&env).await;
    let first = saved(&env, id).await;
    env.options.switches.end_sessions();
    env.clock.advance(8 * DAY);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    assert_eq!(env.options.switches.sign_ins(), 2);
    let works = env
        .connection(id)
        .await
        .works_unattended
        .expect("it was tried");
    assert_eq!((works.at, works.reason), (NOW.plus(8 * DAY), None));
    let second = saved(&env, id).await;
    assert!(second.is_some() && second != first);
}

#[tokio::test]
async fn the_first_run_knows_nothing() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let since = Some("2026-11-01");
    let other = env.connect(JORDAN.0, JORDAN.1, since).await;
    run_next(&env).await;
    let session = saved(&env, other).await.expect("a session");
    // What a client's sign-in leaves for a connection whose password is wrong.
    let id = env.connect(JORDAN.0, "an old password", since).await;
    let (collector, of) = (&env.collector, (env.company, id));
    let sealed = seal_session(&collector.vault, &SystemRandom, of, &session).expect("a key");
    assert!(open_session(&collector.vault, (env.company, other), &sealed).is_none());
    let session = &SealedSession {
        sealed,
        saved_at: NOW,
    };
    let written = collector.store.tx("test", |tx| {
        Box::pin(async move {
            let credentials = tx.credentials(of.0, of.1).await?.expect("credentials");
            let renewed = tx
                .save_browser_session(of.0, of.1, b"renewed", session)
                .await?;
            assert!(!renewed, "not for other credentials");
            tx.save_browser_session(of.0, of.1, &credentials.sealed, session)
                .await
        })
    });
    assert!(written.await.expect("a store"));
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
}
