//! The statuses that the documentation of the sample utility promises: a connection of each of its customers, whose client
//! answers nothing, is collected.

use futures_util::future::join_all;
use origin::signin::{
    Recipe,
    recipe::{FrameLocation, MfaKind, Step, SuccessMarks, VERSION},
};
use shared::status::ConnectionStatus;
use time::macros::date;
use utility::{
    bills_of,
    customers::{CUSTOMERS, Customer},
    makes::Make,
};

use crate::{
    browser_config::turn,
    test_env::{SAM, TestEnv, run_next, status},
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

/// The make whose account is drawn by a script, which alone has the token that its files want.
#[tokio::test(flavor = "multi_thread")]
async fn every_bill_of_the_single_page_make_of_the_sample_utility_is_collected() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let port = env.host.rsplit(':').next().expect("a port");
    let start = Make::named("single-page").address(&format!("localhost:{port}"));
    let id = env
        .connect_to(&format!("{start}login"), SAM.0, SAM.1, Some("2026-10-01"))
        .await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    let wanted = bills_of(SAM.0, &env.options)
        .into_iter()
        .filter(|bill| bill.bill_date >= date!(2026 - 10 - 01));
    assert_eq!(env.bills(id).await.len(), wanted.count());
}

/// The make whose pages are held back until the browser itself gives user name and password.
#[tokio::test(flavor = "multi_thread")]
async fn challenge_of_the_sample_utility_is_answered_once_a_run_and_never_after_a_refusal() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let port = env.host.rsplit(':').next().expect("a port");
    let start: url::Url = Make::named("basic")
        .address(&format!("localhost:{port}"))
        .parse()
        .expect("a URL");
    let recipe = Recipe {
        version: VERSION,
        steps: vec![Step::Authenticate {
            at: FrameLocation {
                origin: start.origin().ascii_serialization(),
                path: "/account".into(),
                query: None,
                main: true,
            },
        }],
        start,
        success: SuccessMarks::default(),
        mfa: MfaKind::None,
    };
    let since = Some("2026-10-01");
    let right = env.connect_by(&recipe, SAM.0, SAM.1, since).await;
    run_next(&env).await;
    assert_eq!(
        status(&env, right).await,
        (ConnectionStatus::Connected, None)
    );
    assert!(!env.bills(right).await.is_empty());
    let works = env.connection(right).await.works_unattended;
    assert!(
        works.is_some_and(|works| works.reason.is_none()),
        "{works:?}"
    );
    let wrong = env.connect_by(&recipe, SAM.0, "wrong 1", since).await;
    run_next(&env).await;
    let (refused, _) = status(&env, wrong).await;
    assert_eq!(refused, ConnectionStatus::PasswordIncorrect);
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
