//! A website that asks for the code of an authenticator, whose secret the connection has.

use std::sync::Arc;

use origin::{clock::Clock as _, codes::Authenticator};
use shared::{
    id::ConnectionId,
    status::{CodeAnswerer, ConnectionStatus},
};

use crate::{
    browser_config::turn,
    codes::{Asks, Running, connected},
    renewals::mails,
    test_env::{DAY, TestEnv},
};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn authenticator() -> Authenticator {
    Authenticator::parse(SECRET).expect("a secret")
}

/// A website that takes the authenticator's code of the moment.
async fn website() -> (TestEnv, ConnectionId) {
    let env = TestEnv::new().await;
    let clock = env.clock.clone();
    let asks = Asks {
        words: "Enter the 6-digit code from your authenticator app.",
        takes: Arc::new(move |code| {
            let authenticator = authenticator();
            *authenticator.code(authenticator.time_step(clock.now())) == code
        }),
    };
    connected(env, asks).await
}

async fn set_up(env: &TestEnv, id: ConnectionId) {
    let channels = env.collector.code_channels();
    let authenticator = authenticator();
    let saved = channels.set_up_authenticator((env.company, id), &authenticator);
    assert!(saved.await.expect("a store"));
}

async fn is_proven(env: &TestEnv, id: ConnectionId) -> bool {
    let channels = env.collector.code_channels();
    let found = channels.find((env.company, id), CodeAnswerer::Authenticator);
    let channel = found.await.expect("a store").expect("a channel");
    channel.proven_at.is_some()
}

#[tokio::test]
async fn a_run_makes_the_code_by_itself() {
    let _turn = turn().await;
    let (env, id) = website().await;
    set_up(&env, id).await;
    assert!(!is_proven(&env, id).await, "nothing is known yet");
    let running = Running::begin(env, id).await;
    let env = Arc::clone(&running.env);
    running.run.await.expect("the run ends");
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::NoAccountsFound);
    let works = connection.works_unattended.expect("it was tried");
    assert_eq!(works.reason, None, "it works without its client");
    assert!(is_proven(&env, id).await);
    assert_eq!(mails(&env).await.len(), 0, "nobody was asked");

    // The time step is used: the next sign-in waits for another one.
    env.clock.advance(DAY * 8);
    let run = Running::run_of(&env).await;
    run.await.expect("the run ends");
    let run = env.last_run(id).await.expect("a run");
    assert_eq!(run.status, Some(ConnectionStatus::NoAccountsFound));
}

#[tokio::test]
async fn an_authenticator_that_is_set_up_while_the_run_waits_answers_it() {
    let _turn = turn().await;
    let (env, id) = website().await;
    let running = Running::begin(env, id).await;
    let env = Arc::clone(&running.env);
    running.asked(1).await;
    set_up(&env, id).await;
    running.run.await.expect("the run ends");
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::NoAccountsFound);
    assert!(is_proven(&env, id).await);
}
