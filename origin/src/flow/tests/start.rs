use std::time::Duration;

use shared::{
    id::PublicCompanyId,
    status::{ErrorCode, LinkEventKind, LinkKind, Step},
    wire::{Act, Refusal, StartFlow},
};

use super::{
    finish::Tab,
    house::{House, NOW, pass},
    site::Site,
};
use crate::flow::{StartError, finish::Finished};

const PROVIDER: &str = "https://power.example/login";

async fn refusal(house: &House, start: StartFlow) -> Refusal {
    match house.flows.start(start).await {
        Ok(_) => panic!("the link opened"),
        Err(StartError::Refused(refusal)) => refusal,
        Err(StartError::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_good_link_opens_at_the_confirmed_website() {
    let house = House::without_browser().await;
    let link = house.link(Some(NOW.plus(1))).await;
    let flow = house.start(&link, PROVIDER).await;
    let view = house.view(&flow).await;
    assert_eq!(view.step, Step::SignIn);
    assert_eq!(view.flow_ref, flow.flow_ref);
    assert_eq!(view.public_company_id, house.public_company);
    assert_eq!(view.company_name, "Blue Bakery");
    assert_eq!(view.provider_host, "power.example");
    assert_eq!(house.log(&link).await[0], (LinkEventKind::Opened, None));
}

#[tokio::test]
async fn a_secret_opens_nothing_but_its_flow() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let flow = house.start(&link, PROVIDER).await;
    for wrong in [
        "",
        "AA",
        &flow.secret[1..],
        &link.token,
        &flow.flow_ref.to_string(),
    ] {
        assert!(house.flows.view(wrong).await.is_none(), "{wrong}");
        assert!(house.flows.ticket(wrong).await.is_none(), "{wrong}");
        assert!(house.flows.seat(wrong, "").await.is_none(), "{wrong}");
        assert!(
            house.flows.act(wrong, Act::Leave).await.is_none(),
            "{wrong}"
        );
    }
    house.view(&flow).await;
}

#[tokio::test]
async fn forged_tokens_do_not_open_and_leave_no_line() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let mut moved = house.start_of(&link.token, PROVIDER);
    moved.public_company_id = PublicCompanyId::from_random([1; 16]);
    let mut turned = house.start_of(&link.token, PROVIDER);
    turned.kind = LinkKind::ConnectionUpdate;
    let mut flipped = link.token.clone();
    let last = if flipped.pop() == Some('A') { 'E' } else { 'A' };
    flipped.push(last);
    let flipped = house.start_of(&flipped, PROVIDER);
    for start in [moved, turned, flipped, house.start_of("", PROVIDER)] {
        assert_eq!(refusal(&house, start).await, Refusal::Invalid);
    }
    assert!(house.log(&link).await.is_empty());
    assert_eq!(house.flows.count(), 0);
}

#[tokio::test]
async fn expired_and_revoked_look_alike_to_the_visitor_but_not_in_the_log() {
    let house = House::without_browser().await;
    let expired = house.link(Some(NOW)).await;
    let start = house.start_of(&expired.token, PROVIDER);
    assert_eq!(refusal(&house, start).await, Refusal::Invalid);
    let line = (LinkEventKind::Refused, Some("EXPIRED".to_owned()));
    assert_eq!(house.log(&expired).await, [line]);

    let revoked = house.link(None).await;
    let done = house
        .store
        .revoke_link(house.organization, revoked.id, NOW)
        .await;
    done.expect("revoked");
    let start = house.start_of(&revoked.token, PROVIDER);
    assert_eq!(refusal(&house, start).await, Refusal::Invalid);
    let line = (LinkEventKind::Refused, Some("REVOKED".to_owned()));
    assert_eq!(house.log(&revoked).await[1], line);
}

#[tokio::test]
async fn a_used_link_is_refused_as_used() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let done = Tab::at_sites(&house, &link, 1).await.finish(&house).await;
    assert!(matches!(done, Finished::Connected(_)));
    let start = house.start_of(&link.token, PROVIDER);
    assert_eq!(refusal(&house, start).await, Refusal::Used);
    let last = house.log(&link).await.pop();
    let line = (LinkEventKind::Refused, Some("FULFILLED".to_owned()));
    assert_eq!(last, Some(line));
    assert_eq!(house.flows.count(), 0);
}

#[tokio::test]
async fn a_fourth_flow_of_a_link_takes_the_place_of_the_one_left_longest_ago() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let first = house.start(&link, PROVIDER).await;
    let second = house.start(&link, PROVIDER).await;
    let third = house.start(&link, PROVIDER).await;
    house.view(&first).await;
    let fourth = house.start(&link, PROVIDER).await;
    assert!(house.flows.view(&second.secret).await.is_none());
    for flow in [first, third, fourth] {
        house.view(&flow).await;
        assert!(house.flows.act(&flow.secret, Act::Leave).await.is_none());
    }
    house.flows.stop().await;
    let ended = (
        LinkEventKind::Abandoned,
        Some("replaced at SIGN_IN".to_owned()),
    );
    assert!(house.log(&link).await.contains(&ended));
}

#[tokio::test]
async fn whoever_has_signed_in_keeps_the_place_while_reading() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let signed_in = house.at_sites(&link, &site).await;
    let provider = site.url("/login");
    let second = house.start(&link, &provider).await;
    let third = house.start(&link, &provider).await;
    // Left longest ago, but for the one that would be missed.
    let fourth = house.start(&link, &provider).await;
    assert!(house.flows.view(&second.secret).await.is_none());
    let _seats = [house.seat(&third).await, house.seat(&fourth).await];
    let start = house.start_of(&link.token, &provider);
    assert_eq!(refusal(&house, start).await, Refusal::Busy);
    pass(Duration::from_secs(5 * 60)).await;
    house.start(&link, &provider).await;
    assert!(house.flows.view(&signed_in.secret).await.is_none());
}

#[tokio::test]
async fn three_flows_of_a_link_are_looked_at_and_room_again_when_one_ends() {
    let site = Site::open().await;
    let house = House::with_browser(&site.host).await;
    let link = house.link(None).await;
    let provider = site.url("/login");
    let first = house.start(&link, &provider).await;
    let mut seats = vec![house.seat(&first).await];
    for _ in 0..2 {
        let flow = house.start(&link, &provider).await;
        seats.push(house.seat(&flow).await);
    }
    let start = house.start_of(&link.token, PROVIDER);
    assert_eq!(refusal(&house, start).await, Refusal::Busy);
    assert!(house.flows.act(&first.secret, Act::Leave).await.is_none());
    while house.flows.count() == 3 {
        tokio::task::yield_now().await;
    }
    let fourth = house.start(&link, PROVIDER).await;
    let other = house.link(None).await;
    house.start(&other, PROVIDER).await;
    assert_eq!(house.view(&fourth).await.step, Step::SignIn);
}

#[tokio::test]
async fn what_was_typed_is_never_lost() {
    let house = House::without_browser().await;
    let flow = house.start(&house.link(None).await, PROVIDER).await;
    let view = house.act(&flow, Act::ChangeProvider).await;
    assert_eq!(
        (view.step, view.provider_url.as_str()),
        (Step::Provider, PROVIDER)
    );
    let wrong = Act::Provider {
        url: "my power company".into(),
        country: "ZZ".into(),
    };
    house.act(&flow, wrong).await;
    let view = house.view(&flow).await;
    let fields: Vec<_> = view
        .problems
        .iter()
        .map(|problem| problem.field.as_str())
        .collect();
    assert_eq!(fields, ["url", "country"]);
    assert_eq!(view.provider_url, "my power company");
    assert_eq!(view.step, Step::Provider);
    let right = Act::Provider {
        url: "gas.example".into(),
        country: "FR".into(),
    };
    let view = house.act(&flow, right).await;
    assert_eq!(
        (view.step, view.provider_host.as_str()),
        (Step::SignIn, "gas.example")
    );
    assert_eq!(view.country.as_str(), "FR");
    assert!(view.problems.is_empty());
}

#[tokio::test]
async fn a_page_that_is_behind_changes_nothing() {
    let house = House::without_browser().await;
    let flow = house.start(&house.link(None).await, PROVIDER).await;
    let before = house.act(&flow, Act::ChangeProvider).await;
    let sites = Act::Sites {
        sites: house.sites.to_vec(),
        utility_types: Vec::new(),
    };
    for act in [
        sites,
        Act::AddMore,
        Act::TryAgain,
        Act::SignedIn { yes: true },
        Act::ChangeProvider,
    ] {
        assert!(house.act(&flow, act).await == before);
    }
    assert_eq!(house.connections().await, 0);
}

#[tokio::test]
async fn a_browser_that_does_not_start_can_be_tried_again() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let flow = house.start(&link, PROVIDER).await;
    for _ in 0..2 {
        let view = loop {
            let view = house.view(&flow).await.sign_in.expect("at SIGN_IN");
            if !view.live {
                break view;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(view.error_code, Some(ErrorCode::BrowserLost));
        let ticket = house
            .flows
            .ticket(&flow.secret)
            .await
            .expect("the flow lives");
        assert!(ticket.is_none(), "there is nothing to look at");
        let view = house
            .act(&flow, Act::TryAgain)
            .await
            .sign_in
            .expect("at SIGN_IN");
        assert_eq!((view.live, view.error_code), (true, None));
    }
    let tries = house.log(&link).await;
    let tries = tries
        .iter()
        .filter(|(kind, _)| *kind == LinkEventKind::SignInStarted)
        .count();
    assert_eq!(tries, 3);
}
