//! A flow that repairs a connection.

use std::time::Duration;

use shared::{
    id::CollectionId,
    proof::{FoundAccounts, Proof},
    status::{
        CodeAnswerer, ConnectionStatus, LinkEventKind, LinkStatus, Step, UnattendedReason,
        UtilityType,
    },
    time::UnixMillis,
    wire::{FlowAction, Refusal, RepairView, StepView},
};

use super::{
    forwarding::at_forwarding,
    proof::{Runs, at_done, shown},
    test_env::{NOW, TestEnv, connection_of, pass, step_of},
    website::{
        CODE, CODE_USER, OTHER_USER, PASSWORD, Website, type_code, type_in, until_form, until_there,
    },
};
use crate::{
    clock::Clock as _,
    flow::StartError,
    store::{
        StoreError, collections::CollectionOutcome, connections::FoundStatus, jobs::Job,
        testing::fresh,
    },
};

/// A connection that worked, and needs its client now.
async fn broken<'a>(env: &'a TestEnv, website: &Website) -> Runs<'a> {
    let (_, _, connection) = at_done(env, website).await;
    let runs = Runs { env, connection };
    let run = runs.begin().await;
    runs.sign_in(run.1).await;
    runs.find(run.1, 1, 1).await;
    let refused = UnattendedReason::PasswordIncorrect;
    runs.end(&run, ConnectionStatus::PasswordIncorrect, 1, Some(refused))
        .await;
    runs
}

fn outcome(status: ConnectionStatus, now: UnixMillis) -> CollectionOutcome {
    CollectionOutcome {
        id: CollectionId::from_random(fresh()),
        found: FoundStatus {
            status,
            detail: None,
            error_detail: None,
        },
        bills_found: 0,
        bills_new: 0,
        held_requests: 0,
        unproven: None,
        next_at: None,
        now,
    }
}

/// Ends the run that tried what was proposed: it found other accounts than the connection's.
async fn end_in_others(runs: &Runs<'_>, run: (Job, CollectionId)) -> FoundAccounts {
    let (env, connection) = (runs.env, runs.connection);
    let (company, now) = (env.company, env.clock.now());
    let others = FoundAccounts::of([(&[UtilityType::Gas][..], "55-1234")].into_iter());
    let outcome = CollectionOutcome {
        id: run.1,
        ..outcome(ConnectionStatus::NoAccountsFound, now)
    };
    let ended = env.store.tx("test", |tx| {
        let (outcome, others, job) = (&outcome, &others, &run.0);
        Box::pin(async move {
            let before = tx.proposed_credentials(company, connection).await?;
            let before = before.expect("proposed").proposed_at;
            tx.drop_proposed_credentials(company, connection, before)
                .await?;
            tx.end_verification(company, connection, outcome, Some(others))
                .await?;
            tx.complete_job(job).await?;
            Ok::<_, StoreError>(())
        })
    });
    ended.await.expect("a store");
    others
}

#[tokio::test]
async fn a_repair_tries_first_and_another_account_can_become_a_connection_of_its_own() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let runs = broken(&env, &website).await;
    let (link, start) = env.update_link(runs.connection).await;
    let flow = env.flows.start(start).await.expect("the link is good");
    let view = env.view(&flow).await;
    assert_eq!(step_of(&view), Step::SignIn, "at the connection's website");
    assert_eq!(view.provider_host, website.host);
    let expected = RepairView {
        status: ConnectionStatus::PasswordIncorrect,
        username: Some("a…@example.com".into()),
    };
    assert_eq!(view.repair, Some(expected));
    let view = env.act(&flow, FlowAction::ChangeProvider).await;
    assert_eq!(step_of(&view), Step::SignIn, "and at no other");

    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, OTHER_USER, PASSWORD).await;
    drop(browser);
    let done = env.step_until(&flow, Step::Done).await;
    assert_eq!(connection_of(done), runs.connection);
    assert_eq!(
        shown(&env, &flow).await.proof,
        Proof::Waiting,
        "the last run says nothing of it"
    );
    assert_eq!(env.rows("proposed_credentials").await, 1);

    let run = runs.begin().await;
    let (company, connection, now) = (env.company, runs.connection, env.clock.now());
    let signed_in = env.store.tx("test", |tx| {
        Box::pin(tx.set_signed_in(company, connection, run.1, now))
    });
    signed_in.await.expect("a store");
    pass(Duration::from_secs(1)).await;
    let Proof::Collecting { accounts, .. } = shown(&env, &flow).await.proof else {
        panic!("it is in");
    };
    assert_eq!(
        accounts,
        FoundAccounts::default(),
        "which may be a stranger's"
    );

    let others = end_in_others(&runs, run).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(
        shown(&env, &flow).await.proof,
        Proof::OtherAccounts { accounts: others }
    );

    let view = env.act(&flow, FlowAction::ConnectAsNew).await;
    assert_eq!(step_of(&view), Step::Sites);
    let new = connection_of(env.act(&flow, env.pick()).await);
    assert_ne!(new, runs.connection);
    assert_eq!(env.connections().await, 2);
    let log = env.log(&link).await;
    assert_eq!(
        log.last(),
        Some(&(LinkEventKind::ConnectedAnother, Some(new.to_string())))
    );
    let found = env.store.read("test", |tx| {
        Box::pin(tx.link_for_flow(link.id, env.public_company))
    });
    let found = found.await.expect("a store").expect("the link");
    assert_eq!(found.link.status(now), LinkStatus::Active, "not repaired");
}

#[tokio::test]
async fn an_update_link_opens_while_there_is_something_to_repair() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let runs = broken(&env, &website).await;
    let (_, start) = env.update_link(runs.connection).await;
    env.flows.start(start.clone()).await.expect("it is good");
    let (company, connection, now) = (env.company, runs.connection, env.clock.now());
    let good = outcome(ConnectionStatus::Connected, now);
    let healed = env.store.tx("test", |tx| {
        let good = &good;
        Box::pin(async move {
            tx.start_collection(company, connection, good.id, now)
                .await?;
            tx.end_collection(company, connection, good).await
        })
    });
    assert!(healed.await.expect("a store").is_some());
    let refused = env.flows.start(start).await;
    assert!(
        matches!(refused, Err(StartError::Refused(Refusal::Used))),
        "it healed by itself"
    );

    let (link, start) = env.update_link(runs.connection).await;
    let flow = env.flows.start(start.clone()).await.expect("it is good");
    assert!(matches!(env.view(&flow).await.step, StepView::SignIn(_)));
    let mut other_path = start;
    other_path.kind = shared::status::LinkKind::Company;
    let refused = env.flows.start(other_path).await;
    assert!(matches!(
        refused,
        Err(StartError::Refused(Refusal::Invalid))
    ));
    assert_eq!(env.log(&link).await[0].0, LinkEventKind::Opened);
}

#[tokio::test]
async fn who_signs_in_a_second_time_can_update_the_first_connection() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let runs = broken(&env, &website).await;
    let link = env.link(None).await;
    let flow = env.at_sites(&link, &website).await;
    let StepView::Sites(sites) = env.view(&flow).await.step else {
        panic!("at SITES");
    };
    assert_eq!(sites.connected_on, Some(NOW), "known by its user name");
    let done = env.act(&flow, FlowAction::UpdateEarlier).await;
    assert_eq!(connection_of(done), runs.connection);
    assert_eq!(env.connections().await, 1);
    assert_eq!(env.rows("proposed_credentials").await, 1);

    let other = env.link(None).await;
    let flow = env.at_sites(&other, &website).await;
    let second = connection_of(env.act(&flow, env.pick()).await);
    assert_ne!(second, runs.connection, "or make a second one");
}

#[tokio::test]
async fn the_websites_own_page_to_change_the_password_is_opened() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let runs = broken(&env, &website).await;
    let (_, start) = env.update_link(runs.connection).await;
    let flow = env.flows.start(start).await.expect("the link is good");
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    until_form(&browser).await;
    env.act(&flow, FlowAction::OpenPasswordPage).await;
    until_there(&browser, "#new").await;
    assert_eq!(browser.page().url(), website.url("/password"));
}

#[tokio::test]
async fn who_may_not_be_the_client_sets_up_no_codes() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let runs = broken(&env, &website).await;
    let (_, start) = env.update_link(runs.connection).await;
    let flow = env.flows.start(start).await.expect("the link is good");
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    // Another account of the same website, which asks for a code.
    type_in(&browser, CODE_USER, PASSWORD).await;
    type_code(&browser, CODE).await;
    drop(browser);
    env.step_until(&flow, Step::Done).await;
    assert_eq!(env.rows("proposed_credentials").await, 1);
    let kind = CodeAnswerer::Email;
    for act in [
        FlowAction::SetUpCodes,
        FlowAction::AddCodeChannel { kind },
        FlowAction::ShowCode,
    ] {
        assert_eq!(step_of(&env.act(&flow, act).await), Step::Done);
    }
    assert_eq!(env.rows("code_channels").await, 0);
}

#[tokio::test]
async fn who_repairs_with_the_connections_own_password_says_how_the_next_code_comes() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let done = env.act(&flow, FlowAction::LeaveForwarding).await;
    let connection = connection_of(done);
    let runs = Runs {
        env: &env,
        connection,
    };
    let run = runs.begin().await;
    runs.sign_in(run.1).await;
    runs.end(&run, ConnectionStatus::Connected, 0, None).await;
    let (_, start) = env.update_link(connection).await;
    let flow = env.flows.start(start).await.expect("the link is good");
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, CODE_USER, PASSWORD).await;
    type_code(&browser, CODE).await;
    drop(browser);
    env.step_until(&flow, Step::Forwarding).await;
    assert_eq!(
        env.rows("proposed_credentials").await,
        1,
        "tried first all the same"
    );
    let kind = CodeAnswerer::Email;
    env.act(&flow, FlowAction::AddCodeChannel { kind }).await;
    assert_eq!(env.rows("code_channels").await, 1);
    let done = env.act(&flow, FlowAction::LeaveForwarding).await;
    assert_eq!(step_of(&done), Step::Done, "the rest is for later");
    assert!(shown(&env, &flow).await.is_repair);

    // The website has given the account to another customer since.
    let others = end_in_others(&runs, runs.begin().await).await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(
        shown(&env, &flow).await.proof,
        Proof::OtherAccounts { accounts: others }
    );
    let view = env.act(&flow, FlowAction::ConnectAsNew).await;
    assert_eq!(
        step_of(&view),
        Step::Sites,
        "these can be connected as well"
    );
}
