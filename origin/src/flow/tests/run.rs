use shared::{
    status::{ErrorCode, LinkEventKind, Step, UtilityType},
    wire::Act,
};

use super::{
    house::House,
    site::{PASSWORD, Site, USER, WRONG, type_in, until_form},
};
use crate::flow::EndReason;

#[tokio::test]
async fn wrong_password_then_right_then_sites_then_more() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let flow = house.start(&link, &site.url("/login")).await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;

    type_in(&browser, USER, "wrong").await;
    let refused = house
        .sign_in_until(&flow, |view| view.error_code.is_some())
        .await;
    assert_eq!(refused.error_code, Some(ErrorCode::CredentialsInvalid));
    assert_eq!(refused.site_message.as_deref(), Some(WRONG));
    assert!(refused.live, "the client simply types again");

    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    let view = house.step_until(&flow, Step::Sites).await;
    assert_eq!(seat.ended(), Some(EndReason::Finished), "no more input");
    assert!(
        house
            .flows
            .ticket(&flow.secret)
            .await
            .expect("lives")
            .is_none()
    );
    let sites = view.sites.expect("at SITES");
    assert_eq!(sites.sites.len(), 2);
    assert!(
        sites.sites[0].selected && !sites.sites[1].selected,
        "as the link says"
    );

    let nothing = Act::Sites {
        sites: vec![],
        utility_types: vec![],
    };
    let view = house.act(&flow, nothing).await;
    assert_eq!((view.step, view.problems.len()), (Step::Sites, 2));
    let view = house.act(&flow, house.pick()).await;
    assert_eq!(view.step, Step::Done);
    let first = view.done.expect("at DONE").connection_id;

    house.act(&flow, Act::AddMore).await;
    let again = Act::Provider {
        url: site.url("/login"),
        country: "US".into(),
    };
    house.act(&flow, again).await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    house.step_until(&flow, Step::Sites).await;
    let view = house.act(&flow, house.pick()).await;
    assert_ne!(view.done.expect("at DONE").connection_id, first);
    assert_eq!(house.connections().await, 2);
    // Who gives up on a third has not abandoned the link.
    house.act(&flow, Act::AddMore).await;
    assert!(house.flows.act(&flow.secret, Act::Leave).await.is_none());
    house.all_gone().await;

    let kinds: Vec<_> = house
        .log(&link)
        .await
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    use LinkEventKind::{Fulfilled, Opened, SignInFailed, SignInStarted, SignedIn};
    let expected = [
        Opened,
        SignInStarted,
        SignInFailed,
        SignedIn,
        Fulfilled,
        SignInStarted,
        SignedIn,
        Fulfilled,
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn two_tabs_of_a_link_and_the_second_reads_that_it_was_used() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let (one, two) = (
        house.at_sites(&link, &site).await,
        house.at_sites(&link, &site).await,
    );
    assert_eq!(house.act(&one, house.pick()).await.step, Step::Done);
    let lost = house.act(&two, house.pick()).await;
    assert_eq!(lost.refusal, Some(shared::wire::Refusal::Used));
    assert!(lost.done.is_none());
    assert_eq!(house.connections().await, 1);
    // Nothing can be done with it any more.
    let view = house.act(&two, house.pick()).await;
    assert!(view == lost);
}

#[tokio::test]
async fn what_cannot_be_told_is_asked() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let flow = house.start(&link, &site.url("/quiet")).await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    type_in(&browser, USER, PASSWORD).await;
    house.sign_in_until(&flow, |view| view.ask_signed_in).await;
    let view = house.act(&flow, Act::SignedIn { yes: false }).await;
    assert_eq!(view.step, Step::SignIn);
    let still = view.sign_in.expect("at SIGN_IN").ask_signed_in;
    assert!(still, "who says \"not yet\" says yes later");
    browser.go_back().await.expect("the form");
    type_in(&browser, USER, PASSWORD).await;
    house.sign_in_until(&flow, |view| !view.ask_signed_in).await;
    house.sign_in_until(&flow, |view| view.ask_signed_in).await;
    drop(browser);
    house.act(&flow, Act::SignedIn { yes: true }).await;
    house.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn a_website_that_does_not_answer_can_be_tried_again_or_changed() {
    let site = Site::open().await;
    site.set_down(true);
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let flow = house.start(&link, &site.url("/login")).await;
    let view = house.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::SiteDown));

    let other = |url: &str| Act::Provider {
        url: url.into(),
        country: "US".into(),
    };
    for (url, code) in [
        ("http://nowhere.invalid/", ErrorCode::SiteUnreachable),
        ("http://10.1.2.3/", ErrorCode::BlockedAddress),
        ("http://169.254.169.254/latest", ErrorCode::BlockedAddress),
    ] {
        house.act(&flow, Act::ChangeProvider).await;
        house.act(&flow, other(url)).await;
        let view = house.sign_in_until(&flow, |view| !view.live).await;
        assert_eq!(view.error_code, Some(code), "{url}");
    }

    house.act(&flow, Act::ChangeProvider).await;
    house.act(&flow, other(&site.url("/login"))).await;
    house.sign_in_until(&flow, |view| !view.live).await;
    site.set_down(false);
    house.act(&flow, Act::TryAgain).await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    house.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn a_crash_costs_the_sign_in_but_not_the_flow() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let flow = house
        .start(&house.link(None).await, &site.url("/login"))
        .await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    until_form(&browser).await;
    browser.crash();
    drop(browser);
    let view = house.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::BrowserLost));
    assert_eq!(seat.ended(), Some(EndReason::BrowserGone));
    house.act(&flow, Act::TryAgain).await;
    let mut seat = house.seat(&flow).await;
    let browser = house.browser(&mut seat).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    house.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn tickets_are_used_once_and_a_second_viewer_takes_over() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let flow = house
        .start(&house.link(None).await, &site.url("/login"))
        .await;
    let ticket = house.ticket(&flow).await;
    let first = house
        .flows
        .seat(&flow.secret, &ticket)
        .await
        .expect("a seat");
    assert!(
        house.flows.seat(&flow.secret, &ticket).await.is_none(),
        "used"
    );
    assert!(
        house.flows.seat(&flow.secret, "AAAA").await.is_none(),
        "unknown"
    );
    assert_eq!(first.ended(), None);
    let second = house.seat(&flow).await;
    assert_eq!(
        (first.ended(), second.ended()),
        (Some(EndReason::TakenOver), None)
    );

    let ticket = house.ticket(&flow).await;
    let other = house
        .start(&house.link(None).await, &site.url("/login"))
        .await;
    assert!(
        house.flows.seat(&other.secret, &ticket).await.is_none(),
        "another flow's"
    );
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    assert!(
        house.flows.seat(&flow.secret, &ticket).await.is_none(),
        "too old"
    );
}

impl House {
    /// What a client who has both utilities picks.
    pub fn pick(&self) -> Act {
        Act::Sites {
            sites: self.sites.to_vec(),
            utility_types: vec![UtilityType::Electricity, UtilityType::Gas],
        }
    }
}
