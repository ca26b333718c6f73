//! A recipe that no longer leads in is replaced by what did, on the sample utility.

use origin::signin::{Recipe, recipe::Step};
use shared::{id::ConnectionId, status::ConnectionStatus};

use crate::{
    browser_config::turn,
    test_env::{JORDAN, NOW, TestEnv, run_next, status},
};

/// The recipe of the connection, with the sealed credentials that it is for.
async fn stored(env: &TestEnv, id: ConnectionId) -> (Recipe, Vec<u8>) {
    let read = env
        .collector
        .store
        .read("test", |tx| Box::pin(tx.credentials(env.company, id)));
    let stored = read.await.expect("a store").expect("credentials");
    let recipe = Recipe::from_json(&stored.recipe).expect("a recipe");
    (recipe, stored.sealed)
}

#[tokio::test]
async fn a_website_that_changed_heals_and_its_recipe_is_replaced() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, JORDAN.1, Some("2026-11-01")).await;
    let (old, sealed) = stored(&env, id).await;
    env.options.switches.set(utility::Fault::Changed, true);
    let json = old.to_json().expect("a recipe");
    let write = async |credentials: &[u8]| {
        let written = env.collector.store.tx("test", |tx| {
            Box::pin(tx.set_recipe(env.company, id, credentials, &json, NOW))
        });
        written.await.expect("a store")
    };
    assert!(!write(b"other credentials").await);
    assert!(write(&sealed).await);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    assert_eq!(env.options.switches.sign_ins(), 1);
    let (new, _) = stored(&env, id).await;
    let is_new = |step: &&Step| matches!(step, Step::Fill { .. }) && !old.steps.contains(step);
    assert_eq!(new.steps.iter().filter(is_new).count(), 2, "{new:#?}");
    let works = env.connection(id).await.works_unattended;
    assert_eq!(works.and_then(|works| works.reason), None);
}
