//! A flow that ends before its finish leaves no connection and no credential, however it ends.

use std::time::Duration;

use shared::{
    status::{ErrorCode, LinkEventKind, Step},
    wire::{FlowAction, StartedFlow},
};

use super::{
    test_env::{NewLink, TestEnv, at_sign_in, pass},
    website::{USER, Website, type_in, until_form},
};
use shared::live::EndReason;

async fn nothing_is_left(env: &TestEnv, link: &NewLink, why: &str) {
    env.all_gone().await;
    assert_eq!(env.rows("connections").await, 0);
    assert_eq!(env.rows("credentials").await, 0);
    assert_eq!(env.rows("jobs").await, 0);
    let last = env.log(link).await.pop().expect("a line");
    assert_eq!(last, (LinkEventKind::Abandoned, Some(why.to_owned())));
    // The link is as good as new.
    let flow = env.start(link, "https://power.example/").await;
    env.flows.act(&flow.secret, FlowAction::Leave).await;
}

/// A flow at each step before the finish.
async fn at(env: &TestEnv, website: &Website, step: Step) -> (NewLink, StartedFlow) {
    let link = env.link(None).await;
    if step == Step::Sites {
        let flow = env.at_sites(&link, website).await;
        return (link, flow);
    }
    let flow = env.start(&link, &website.url("/login")).await;
    if step == Step::Provider {
        env.act(&flow, FlowAction::ChangeProvider).await;
        return (link, flow);
    }
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, "wrong").await;
    env.sign_in_until(&flow, |view| view.error_code.is_some())
        .await;
    (link, flow)
}

const STEPS: [Step; 3] = [Step::Provider, Step::SignIn, Step::Sites];

#[tokio::test]
async fn leaving_keeps_nothing_but_the_log() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    for step in STEPS {
        let (link, flow) = at(&env, &website, step).await;
        env.act(&flow, FlowAction::Leave).await;
        nothing_is_left(&env, &link, &format!("left at {step}")).await;
    }
}

#[tokio::test]
async fn an_idle_flow_keeps_nothing_but_the_log() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    for step in STEPS {
        let (link, flow) = at(&env, &website, step).await;
        if step == Step::SignIn {
            // First the browser goes, then the flow.
            pass(Duration::from_secs(12 * 60 + 1)).await;
            let view = env.sign_in_until(&flow, |view| !view.live).await;
            assert_eq!(view.error_code, Some(ErrorCode::TimedOut));
        }
        pass(Duration::from_secs(29 * 60)).await;
        env.view(&flow).await;
        pass(Duration::from_secs(30 * 60 + 1)).await;
        nothing_is_left(&env, &link, &format!("idle at {step}")).await;
    }
}

#[tokio::test]
async fn a_node_that_stops_keeps_nothing_but_the_log() {
    let website = Website::open().await;
    for step in STEPS {
        let env = TestEnv::with_browser(&website.host).await;
        let (link, flow) = at(&env, &website, step).await;
        let session = match step {
            Step::SignIn => Some(env.viewer_session(&flow).await),
            _ => None,
        };
        env.flows.stop().await;
        if let Some(session) = session {
            assert_eq!(session.ended(), Some(EndReason::NodeStopping));
        }
        nothing_is_left(&env, &link, &format!("node_stopping at {step}")).await;
    }
}

#[tokio::test]
async fn a_busy_browser_ends_after_its_total_time() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = env
        .start(&env.link(None).await, &website.url("/login"))
        .await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    until_form(&browser).await;
    drop(browser);
    for _ in 0..4 {
        pass(Duration::from_secs(11 * 60)).await;
        session.touch();
        let view = at_sign_in(env.view(&flow).await);
        assert!(view.live, "{view:?}");
    }
    pass(Duration::from_secs(2 * 60)).await;
    let view = env.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::TimedOut));
    assert_eq!(session.ended(), Some(EndReason::BrowserGone));
}
