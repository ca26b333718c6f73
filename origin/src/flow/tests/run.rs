use shared::{
    live::EndReason,
    status::{ErrorCode, LinkEventKind, Step, UtilityType},
    wire::{FinishRefusal, FlowAction, StepView, TicksShown},
};

use tokio::time::{Duration, timeout};

use super::{
    test_env::{DEADLINE, NOW, TestEnv, at_sign_in, at_sites, connection_of, pass},
    website::{PASSWORD, USER, WRONG, Website, type_in, until_form},
};
use crate::{collection::open_session, store::link_changes::Revocation};

#[tokio::test]
async fn wrong_password_then_right_then_sites_then_more() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;

    type_in(&browser, USER, "wrong").await;
    let refused = env
        .sign_in_until(&flow, |view| view.error_code.is_some())
        .await;
    assert_eq!(refused.error_code, Some(ErrorCode::CredentialsInvalid));
    assert_eq!(refused.site_message.as_deref(), Some(WRONG));
    assert!(refused.live, "the client simply types again");

    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    let view = env.step_until(&flow, Step::Sites).await;
    assert_eq!(session.ended(), Some(EndReason::Finished), "no more input");
    assert!(
        env.flows
            .ticket(&flow.secret)
            .await
            .expect("lives")
            .is_none()
    );
    let sites = at_sites(view);
    assert_eq!(sites.sites.len(), 2);
    assert!(
        sites.sites[0].selected && !sites.sites[1].selected,
        "as the link says"
    );

    let nothing = FlowAction::Sites {
        sites: vec![],
        utility_types: vec![],
        shown: TicksShown::default(),
    };
    let view = env.act(&flow, nothing).await;
    let problems = at_sites(view).problems;
    assert!(problems.sites.is_some() && problems.utility_types.is_some());
    let view = env.act(&flow, env.pick()).await;
    let first = connection_of(view);

    let StepView::Provider(anew) = env.act(&flow, FlowAction::AddMore).await.step else {
        panic!("not at PROVIDER");
    };
    assert_eq!(anew.url, "", "it is another website");
    let again = FlowAction::Provider {
        url: website.url("/login"),
        country: "US".into(),
    };
    env.act(&flow, again).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    env.step_until(&flow, Step::Sites).await;
    let view = env.act(&flow, env.pick()).await;
    let second = connection_of(view);
    assert_ne!(second, first);
    assert_eq!(env.connections().await, 2);
    let saved = env.store.read("test", |tx| {
        Box::pin(tx.browser_session(env.company, second))
    });
    let saved = saved.await.expect("the store").expect("a session");
    let of = (env.company, second);
    let session = open_session(&env.flows.services().vault, of, &saved.sealed);
    assert!(!session.expect("opens in its place").is_empty());
    // Who gives up on a third has not abandoned the link.
    env.act(&flow, FlowAction::AddMore).await;
    let left = env.flows.act(&flow.secret, FlowAction::Leave).await;
    assert!(matches!(
        left.expect("it has connected something").step,
        StepView::Done(_)
    ));
    env.all_gone().await;

    let kinds: Vec<_> = env
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
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let (one, two) = (
        env.at_sites(&link, &website).await,
        env.at_sites(&link, &website).await,
    );
    connection_of(env.act(&one, env.pick()).await);
    let lost = env.act(&two, env.pick()).await;
    assert!(lost.step == StepView::Refused(FinishRefusal::Used));
    assert_eq!(env.connections().await, 1);
    // Nothing can be done with it any more.
    let view = env.act(&two, env.pick()).await;
    assert!(view == lost);
}

#[tokio::test]
async fn a_link_that_is_taken_back_ends_the_sign_in_that_goes_on() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let mut session = env.viewer_session(&flow).await;
    drop(env.browser(&mut session).await);
    let revoking = env.store.tx("test", |tx| {
        Box::pin(tx.revoke_link(env.organization, link.id, None, NOW))
    });
    assert_eq!(revoking.await.expect("a store"), Revocation::Revoked);
    // The client does nothing meanwhile.
    pass(Duration::from_secs(5)).await;
    let ending = async {
        while session.ended().is_none() {
            session.changed().await;
        }
    };
    timeout(DEADLINE, ending).await.expect("no more input");
    assert_eq!(session.ended(), Some(EndReason::Finished));
    drop(session);
    let refused = StepView::Refused(FinishRefusal::Invalid);
    assert!(env.view(&flow).await.step == refused);

    // Whoever comes later is refused at once.
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let revoking = env.store.tx("test", |tx| {
        Box::pin(tx.revoke_link(env.organization, link.id, None, NOW))
    });
    revoking.await.expect("a store");
    assert!(env.view(&flow).await.step == refused);
    let last = env.log(&link).await.pop().map(|(kind, _)| kind);
    assert_eq!(last, Some(LinkEventKind::Refused));

    // So is who comes after the company was deleted.
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let removing = env
        .store
        .tx("test", |tx| Box::pin(tx.remove_company(env.company, NOW)));
    removing.await.expect("a store");
    assert!(env.view(&flow).await.step == refused);
}

#[tokio::test]
async fn what_cannot_be_told_is_asked() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/quiet")).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    env.sign_in_until(&flow, |view| view.ask_signed_in).await;
    let view = env.act(&flow, FlowAction::SignedIn { yes: false }).await;
    let still = at_sign_in(view).ask_signed_in;
    assert!(still, "who says \"not yet\" says yes later");
    env.act(&flow, FlowAction::SignedIn { yes: false }).await;
    browser.go_back().await.expect("the form");
    type_in(&browser, USER, PASSWORD).await;
    env.sign_in_until(&flow, |view| !view.ask_signed_in).await;
    env.sign_in_until(&flow, |view| view.ask_signed_in).await;
    drop(browser);
    env.act(&flow, FlowAction::SignedIn { yes: true }).await;
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn yes_after_not_yet_twice_is_believed_while_the_page_stands_still() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/quiet")).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    env.sign_in_until(&flow, |view| view.ask_signed_in).await;
    for yes in [false, false, true] {
        env.act(&flow, FlowAction::SignedIn { yes }).await;
    }
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn a_website_that_does_not_answer_can_be_tried_again_or_changed() {
    let website = Website::open().await;
    website.set_down(true);
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let view = env.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::SiteDown));

    let other = |url: &str| FlowAction::Provider {
        url: url.into(),
        country: "US".into(),
    };
    for (url, code) in [
        ("http://nowhere.invalid/", ErrorCode::SiteUnreachable),
        ("http://10.1.2.3/", ErrorCode::BlockedAddress),
        ("http://169.254.169.254/latest", ErrorCode::BlockedAddress),
    ] {
        env.act(&flow, FlowAction::ChangeProvider).await;
        env.act(&flow, other(url)).await;
        let view = env.sign_in_until(&flow, |view| !view.live).await;
        assert_eq!(view.error_code, Some(code), "{url}");
    }

    env.act(&flow, FlowAction::ChangeProvider).await;
    env.act(&flow, other(&website.url("/login"))).await;
    env.sign_in_until(&flow, |view| !view.live).await;
    website.set_down(false);
    env.act(&flow, FlowAction::TryAgain).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn a_crash_costs_the_sign_in_but_not_the_flow() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = env
        .start(&env.link(None).await, &website.url("/login"))
        .await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    until_form(&browser).await;
    browser.crash();
    drop(browser);
    let view = env.sign_in_until(&flow, |view| !view.live).await;
    assert_eq!(view.error_code, Some(ErrorCode::BrowserLost));
    assert_eq!(session.ended(), Some(EndReason::BrowserGone));
    env.act(&flow, FlowAction::TryAgain).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn tickets_are_used_once_and_a_second_viewer_takes_over() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = env
        .start(&env.link(None).await, &website.url("/login"))
        .await;
    let ticket = env.ticket(&flow).await;
    let first = env
        .flows
        .open_viewer_session(&flow.secret, &ticket)
        .await
        .expect("a session");
    assert!(
        env.flows
            .open_viewer_session(&flow.secret, &ticket)
            .await
            .is_none(),
        "used"
    );
    assert!(
        env.flows
            .open_viewer_session(&flow.secret, "AAAA")
            .await
            .is_none(),
        "unknown"
    );
    assert_eq!(first.ended(), None);
    let second = env.viewer_session(&flow).await;
    assert_eq!(
        (first.ended(), second.ended()),
        (Some(EndReason::TakenOver), None)
    );

    let ticket = env.ticket(&flow).await;
    let other = env
        .start(&env.link(None).await, &website.url("/login"))
        .await;
    assert!(
        env.flows
            .open_viewer_session(&other.secret, &ticket)
            .await
            .is_none(),
        "another flow's"
    );
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    assert!(
        env.flows
            .open_viewer_session(&flow.secret, &ticket)
            .await
            .is_none(),
        "too old"
    );
}

impl TestEnv {
    /// What a client who has both utilities picks.
    pub fn pick(&self) -> FlowAction {
        FlowAction::Sites {
            sites: self.sites.to_vec(),
            utility_types: vec![UtilityType::Electricity, UtilityType::Gas],
            shown: TicksShown::default(),
        }
    }
}
