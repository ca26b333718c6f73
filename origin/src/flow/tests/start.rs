use std::time::Duration;

use shared::{
    id::PublicCompanyId,
    provider::InvalidProviderUrl,
    status::{CountryProblem, ErrorCode, LinkEventKind, LinkKind, Step},
    wire::{
        FlowAction, FlowView, ProviderProblems, ProviderView, Refusal, StartFlow, StepView,
        TicksShown,
    },
};

use super::{
    finish::Tab,
    test_env::{NOW, TestEnv, at_sign_in, pass, step_of},
    website::Website,
};
use crate::flow::{StartError, steps::finish::Finished};

const PROVIDER: &str = "https://power.example/login";

fn provider_of(view: &FlowView) -> &ProviderView {
    match &view.step {
        StepView::Provider(provider) => provider,
        _ => panic!("at {}", step_of(view)),
    }
}

async fn refusal(env: &TestEnv, start: StartFlow) -> Refusal {
    match env.flows.start(start).await {
        Ok(_) => panic!("the link opened"),
        Err(StartError::Refused(refusal)) => refusal,
        Err(StartError::Store(error)) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_good_link_opens_at_the_confirmed_website() {
    let env = TestEnv::without_browser().await;
    let link = env.link(Some(NOW.plus(1))).await;
    let flow = env.start(&link, PROVIDER).await;
    let view = env.view(&flow).await;
    assert_eq!(step_of(&view), Step::SignIn);
    assert_eq!(view.flow_ref, flow.flow_ref);
    assert_eq!(view.public_company_id, env.public_company);
    assert_eq!(view.company_name, "Blue Bakery");
    assert_eq!(view.provider_host, "power.example");
    assert_eq!(env.log(&link).await[0], (LinkEventKind::Opened, None));
}

#[tokio::test]
async fn a_secret_opens_nothing_but_its_flow() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let flow = env.start(&link, PROVIDER).await;
    for wrong in [
        "",
        "AA",
        &flow.secret[1..],
        &link.token,
        &flow.flow_ref.to_string(),
    ] {
        assert!(env.flows.view(wrong).await.is_none(), "{wrong}");
        assert!(env.flows.ticket(wrong).await.is_none(), "{wrong}");
        assert!(
            env.flows.open_viewer_session(wrong, "").await.is_none(),
            "{wrong}"
        );
        assert!(
            env.flows.act(wrong, FlowAction::Leave).await.is_none(),
            "{wrong}"
        );
    }
    env.view(&flow).await;
}

#[tokio::test]
async fn forged_tokens_do_not_open_and_leave_no_line() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let mut moved = env.start_of(&link.token, PROVIDER);
    moved.public_company_id = PublicCompanyId::from_random([1; 16]);
    let mut turned = env.start_of(&link.token, PROVIDER);
    turned.kind = LinkKind::ConnectionUpdate;
    let mut flipped = link.token.clone();
    let last = if flipped.pop() == Some('A') { 'E' } else { 'A' };
    flipped.push(last);
    let flipped = env.start_of(&flipped, PROVIDER);
    for start in [moved, turned, flipped, env.start_of("", PROVIDER)] {
        assert_eq!(refusal(&env, start).await, Refusal::Invalid);
    }
    assert!(env.log(&link).await.is_empty());
    assert_eq!(env.flows.count(), 0);
}

#[tokio::test]
async fn expired_and_revoked_look_alike_to_the_visitor_but_not_in_the_log() {
    let env = TestEnv::without_browser().await;
    let expired = env.link(Some(NOW)).await;
    let start = env.start_of(&expired.token, PROVIDER);
    assert_eq!(refusal(&env, start).await, Refusal::Invalid);
    let line = (LinkEventKind::Refused, Some("EXPIRED".to_owned()));
    assert_eq!(env.log(&expired).await, [line]);

    let revoked = env.link(None).await;
    let done = env
        .store
        .tx("test", |tx| {
            Box::pin(tx.revoke_link(env.organization, revoked.id, None, NOW))
        })
        .await;
    done.expect("revoked");
    let start = env.start_of(&revoked.token, PROVIDER);
    assert_eq!(refusal(&env, start).await, Refusal::Invalid);
    let line = (LinkEventKind::Refused, Some("REVOKED".to_owned()));
    assert_eq!(env.log(&revoked).await[1], line);
}

#[tokio::test]
async fn a_used_link_is_refused_as_used() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let done = Tab::at_sites(&env, &link, 1).await.finish(&env).await;
    assert!(matches!(done, Finished::Connected(_)));
    let start = env.start_of(&link.token, PROVIDER);
    assert_eq!(refusal(&env, start).await, Refusal::Used);
    let last = env.log(&link).await.pop();
    let line = (LinkEventKind::Refused, Some("FULFILLED".to_owned()));
    assert_eq!(last, Some(line));
    assert_eq!(env.flows.count(), 0);
}

#[tokio::test]
async fn a_fourth_flow_of_a_link_takes_the_place_of_the_one_left_longest_ago() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let first = env.start(&link, PROVIDER).await;
    let second = env.start(&link, PROVIDER).await;
    let third = env.start(&link, PROVIDER).await;
    env.view(&first).await;
    let fourth = env.start(&link, PROVIDER).await;
    assert!(env.flows.view(&second.secret).await.is_none());
    for flow in [first, third, fourth] {
        env.view(&flow).await;
        env.act(&flow, FlowAction::Leave).await;
    }
    let ended = (
        LinkEventKind::Abandoned,
        Some("replaced at SIGN_IN".to_owned()),
    );
    let is_logged = async {
        while !env.log(&link).await.contains(&ended) {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), is_logged).await;
    assert!(waited.is_ok(), "its end is in the log");
}

#[tokio::test]
async fn a_link_for_two_has_room_for_a_fourth_flow_and_no_fifth() {
    let env = TestEnv::without_browser().await;
    let link = env.link_for(None, 2).await;
    let mut flows = Vec::new();
    for _ in 0..4 {
        flows.push(env.start(&link, PROVIDER).await);
    }
    for flow in &flows {
        env.view(flow).await;
    }
    env.start(&link, PROVIDER).await;
    let mut left = 0;
    for flow in &flows {
        left += usize::from(env.flows.view(&flow.secret).await.is_some());
    }
    assert_eq!(left, 3);
}

#[tokio::test]
async fn whoever_has_signed_in_keeps_the_place_while_reading() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let signed_in = env.at_sites(&link, &website).await;
    let provider = website.url("/login");
    let second = env.start(&link, &provider).await;
    let third = env.start(&link, &provider).await;
    // Left longest ago, but for the one that would be missed.
    let fourth = env.start(&link, &provider).await;
    assert!(env.flows.view(&second.secret).await.is_none());
    let _sessions = [
        env.viewer_session(&third).await,
        env.viewer_session(&fourth).await,
    ];
    let start = env.start_of(&link.token, &provider);
    assert_eq!(refusal(&env, start).await, Refusal::Busy);
    pass(Duration::from_secs(5 * 60)).await;
    env.start(&link, &provider).await;
    assert!(env.flows.view(&signed_in.secret).await.is_none());
}

#[tokio::test]
async fn three_flows_of_a_link_are_looked_at_and_room_again_when_one_ends() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let provider = website.url("/login");
    let first = env.start(&link, &provider).await;
    let mut sessions = vec![env.viewer_session(&first).await];
    for _ in 0..2 {
        let flow = env.start(&link, &provider).await;
        sessions.push(env.viewer_session(&flow).await);
    }
    let start = env.start_of(&link.token, PROVIDER);
    assert_eq!(refusal(&env, start).await, Refusal::Busy);
    env.act(&first, FlowAction::Leave).await;
    while env.flows.count() == 3 {
        tokio::task::yield_now().await;
    }
    let fourth = env.start(&link, PROVIDER).await;
    let other = env.link(None).await;
    env.start(&other, PROVIDER).await;
    assert_eq!(step_of(&env.view(&fourth).await), Step::SignIn);
}

#[tokio::test]
async fn what_was_typed_is_never_lost() {
    let env = TestEnv::without_browser().await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let view = env.act(&flow, FlowAction::ChangeProvider).await;
    assert_eq!(provider_of(&view).url, PROVIDER);
    let wrong = FlowAction::Provider {
        url: "my power company".into(),
        country: "ZZ".into(),
    };
    env.act(&flow, wrong).await;
    let view = env.view(&flow).await;
    let provider = provider_of(&view);
    let problems = ProviderProblems {
        url: Some(InvalidProviderUrl::NotAnAddress),
        country: Some(CountryProblem::Unknown),
    };
    assert_eq!(provider.problems, problems);
    assert_eq!(provider.url, "my power company");
    let right = FlowAction::Provider {
        url: "gas.example".into(),
        country: "FR".into(),
    };
    let view = env.act(&flow, right).await;
    assert_eq!(
        (step_of(&view), view.provider_host.as_str()),
        (Step::SignIn, "gas.example")
    );
    assert_eq!(view.country.as_str(), "FR");
    let view = env.act(&flow, FlowAction::ChangeProvider).await;
    assert_eq!(provider_of(&view).problems, ProviderProblems::default());
}

#[tokio::test]
async fn a_sample_website_opens_for_companies_of_the_sandbox_alone() {
    let env = TestEnv::without_browser().await;
    let sample = "https://power.sandbox.example/";
    let flow = env.start(&env.link(None).await, sample).await;
    let view = env.view(&flow).await;
    assert_eq!(step_of(&view), Step::Provider);
    let problems = provider_of(&view).problems;
    assert_eq!(problems.url, Some(InvalidProviderUrl::OfSandbox));
    let own = FlowAction::Provider {
        url: "gas.example".into(),
        country: "FR".into(),
    };
    assert_eq!(step_of(&env.act(&flow, own).await), Step::SignIn);
}

#[tokio::test]
async fn a_page_that_is_behind_changes_nothing() {
    let env = TestEnv::without_browser().await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let before = env.act(&flow, FlowAction::ChangeProvider).await;
    let sites = FlowAction::Sites {
        sites: env.sites.to_vec(),
        utility_types: Vec::new(),
        shown: TicksShown::default(),
    };
    for act in [
        sites,
        FlowAction::AddMore,
        FlowAction::TryAgain,
        FlowAction::SignedIn { yes: true },
        FlowAction::ChangeProvider,
    ] {
        assert!(env.act(&flow, act).await == before);
    }
    assert_eq!(env.connections().await, 0);
}

#[tokio::test]
async fn a_browser_that_does_not_start_can_be_tried_again() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let flow = env.start(&link, PROVIDER).await;
    for _ in 0..2 {
        let view = loop {
            let view = at_sign_in(env.view(&flow).await);
            if !view.live {
                break view;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(view.error_code, Some(ErrorCode::BrowserLost));
        let ticket = env
            .flows
            .ticket(&flow.secret)
            .await
            .expect("the flow lives");
        assert!(ticket.is_none(), "there is nothing to look at");
        let view = at_sign_in(env.act(&flow, FlowAction::TryAgain).await);
        assert_eq!((view.live, view.error_code), (true, None));
    }
    let tries = env.log(&link).await;
    let tries = tries
        .iter()
        .filter(|(kind, _)| *kind == LinkEventKind::SignInStarted)
        .count();
    assert_eq!(tries, 3);
}

#[tokio::test]
async fn a_client_is_told_that_all_browsers_are_in_use() {
    let env = TestEnv::without_free_browser().await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let view = loop {
        let view = at_sign_in(env.view(&flow).await);
        if !view.live {
            break view;
        }
        pass(Duration::from_secs(1)).await;
    };
    assert_eq!(view.error_code, Some(ErrorCode::Busy));
}

#[tokio::test]
async fn who_leaves_is_led_back_to_an_origin_that_is_still_listed() {
    let env = TestEnv::without_browser().await;
    let link = env.link_back_to("https://portal.example/bills").await;
    let listed = ["https://portal.example".to_owned()];
    env.list_redirect_origins(&listed).await;
    let flow = env.start(&link, PROVIDER).await;
    let shown = env.view(&flow).await.redirect.expect("an address");
    let left = env.act(&flow, FlowAction::Leave).await;
    assert_eq!(left.redirect.as_ref(), Some(&shown));
    let url = format!(
        "https://portal.example/bills?status=EXIT&flowRef={}",
        flow.flow_ref
    );
    assert_eq!((shown.url, shown.host.as_str()), (url, "portal.example"));

    env.list_redirect_origins(&[]).await;
    let flow = env.start(&link, PROVIDER).await;
    assert_eq!(env.view(&flow).await.redirect, None);
}
