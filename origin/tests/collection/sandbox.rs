//! The statuses that the documentation of the sample utility promises: a connection of each of its customers, whose client
//! answers nothing, is collected.

use futures_util::future::join_all;
use utility::customers::{CUSTOMERS, Customer};

use crate::{
    browser_config::turn,
    test_env::{TestEnv, run_next, status},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_customer_of_the_sample_utility_comes_to_the_documented_status() {
    let runs = CUSTOMERS.iter().map(async |who| {
        let came_to = collected(who).await;
        (came_to != who.status)
            .then(|| format!("{}: {came_to} instead of {}", who.email, who.status))
    });
    let lies: Vec<_> = join_all(runs).await.into_iter().flatten().collect();
    assert!(lies.is_empty(), "{lies:#?}");
}

/// The status that a collection comes to, with its detail.
async fn collected(who: &Customer) -> String {
    let _turn = turn().await;
    let mut env = TestEnv::new().await;
    env.owner = None;
    // A few bills are enough.
    let id = env
        .connect(who.email, who.password, Some("2026-10-01"))
        .await;
    run_next(&env).await;
    let (status, detail) = status(&env, id).await;
    let detail = detail.map_or(String::new(), |detail| format!(" {}", detail.as_str()));
    format!("{}{detail}", status.as_str())
}
