//! A flow that ends before its finish leaves no connection and no credential, however it ends.

use std::time::Duration;

use shared::{
    status::{ErrorCode, LinkEventKind, Step},
    wire::{Act, StartedFlow},
};

use super::{
    house::{House, NewLink, pass},
    site::{Site, USER, type_in, until_form},
};
use crate::flow::EndReason;

async fn nothing_is_left(house: &House, link: &NewLink, why: &str) {
    house.all_gone().await;
    assert_eq!(house.rows("connections").await, 0);
    assert_eq!(house.rows("credentials").await, 0);
    assert_eq!(house.rows("jobs").await, 0);
    let last = house.log(link).await.pop().expect("a line");
    assert_eq!(last, (LinkEventKind::Abandoned, Some(why.to_owned())));
    // The link is as good as new.
    let flow = house.start(link, "https://power.example/").await;
    house.flows.act(&flow.secret, Act::Leave).await;
}

/// A flow at each step before the finish.
async fn at(house: &House, site: &Site, step: Step) -> (NewLink, StartedFlow) {
    let link = house.link(None).await;
    if step == Step::Sites {
        let flow = house.at_sites(&link, site).await;
        return (link, flow);
    }
    let flow = house.start(&link, &site.url("/login")).await;
    if step == Step::Provider {
        house.act(&flow, Act::ChangeProvider).await;
        return (link, flow);
    }
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    type_in(&browser, USER, "wrong").await;
    house
        .sign_in_until(&flow, |view| view.error_code.is_some())
        .await;
    (link, flow)
}

const STEPS: [Step; 3] = [Step::Provider, Step::SignIn, Step::Sites];

#[tokio::test]
async fn left() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    for step in STEPS {
        let (link, flow) = at(&house, &site, step).await;
        assert!(house.flows.act(&flow.secret, Act::Leave).await.is_none());
        nothing_is_left(&house, &link, &format!("left at {step}")).await;
    }
}

#[tokio::test]
async fn forgotten() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    for step in STEPS {
        let (link, flow) = at(&house, &site, step).await;
        if step == Step::SignIn {
            // First the browser goes, then the flow.
            pass(Duration::from_secs(12 * 60 + 1)).await;
            let view = house.sign_in_until(&flow, |view| !view.live).await;
            assert_eq!(view.error_code, Some(ErrorCode::TimedOut));
        }
        pass(Duration::from_secs(29 * 60)).await;
        house.view(&flow).await;
        pass(Duration::from_secs(30 * 60 + 1)).await;
        nothing_is_left(&house, &link, &format!("idle at {step}")).await;
    }
}

#[tokio::test]
async fn cut_short_by_the_node() {
    let site = Site::open().await;
    for step in STEPS {
        let house = House::with_browser(&site.host).await;
        let (link, flow) = at(&house, &site, step).await;
        let seat = match step {
            Step::SignIn => Some(house.seat(&flow).await),
            _ => None,
        };
        house.flows.stop().await;
        if let Some(seat) = seat {
            assert_eq!(seat.ended(), Some(EndReason::NodeStopping));
        }
        nothing_is_left(&house, &link, &format!("node_stopping at {step}")).await;
    }
}

#[tokio::test]
async fn a_busy_browser_ends_after_its_total_time() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let flow = house
        .start(&house.link(None).await, &site.url("/login"))
        .await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    until_form(&browser).await;
    drop(browser);
    for _ in 0..4 {
        pass(Duration::from_secs(11 * 60)).await;
        seat.touch();
        let view = house.view(&flow).await.sign_in.expect("at SIGN_IN");
        assert!(view.live, "{view:?}");
    }
    pass(Duration::from_secs(2 * 60)).await;
    let view = house.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::TimedOut));
    assert_eq!(seat.ended(), Some(EndReason::BrowserGone));
}
