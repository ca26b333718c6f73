//! A connection that its organization switches off, on again, or deletes while it is collected.

use std::sync::Arc;

use origin::{
    clock::Clock as _,
    collection::{collect_job, collect_job_key},
    store::{Page, StoreError, connection_removal::BillsAfter, links::LinkFilter},
};
use shared::{
    id::{ConnectionId, JobId},
    status::ConnectionStatus,
    time::UnixMillis,
};
use tokio::task::JoinHandle;
use utility::Fault;

use crate::{
    browser_config::turn,
    renewals::{mails, renew, worked},
    test_env::{DAY, JORDAN, TestEnv, random, run, run_next, status, until},
    webhooks::{listen, told},
};

/// A run that goes on by itself.
async fn begin(env: &Arc<TestEnv>) -> JoinHandle<()> {
    let job = env.claim().await.expect("a job is due");
    let env = Arc::clone(env);
    tokio::spawn(async move { run(&env, job).await })
}

/// Waits until the run has stored a bill; then the website is slow, so that the rest takes a while.
async fn until_bill(env: &TestEnv, id: ConnectionId) {
    until("a bill", async || !env.bills(id).await.is_empty()).await;
    env.options.switches.set(Fault::Slow, true);
}

/// The run goes on as fast as it can, and ends.
async fn end(env: &TestEnv, run: JoinHandle<()>) {
    env.options.switches.set(Fault::Slow, false);
    run.await.expect("a run");
}

async fn switch_off(env: &TestEnv, id: ConnectionId) {
    let (company, now, key) = (env.company, env.clock.now(), &collect_job_key(id));
    let switched = env.collector.store.tx("test", |tx| {
        Box::pin(async move {
            tx.switch_connection_off(company, id, now).await?;
            tx.remove_waiting_job(company, key, now).await
        })
    });
    switched.await.expect("off");
}

async fn switch_on(env: &TestEnv, id: ConnectionId) {
    let (company, now) = (env.company, env.clock.now());
    let provider = env.connection(id).await.provider_url;
    let job = collect_job(
        JobId::from_random(random()),
        company,
        id,
        &provider,
        now,
        now,
    );
    let job = &job.expect("a job");
    let switched = env.collector.store.tx("test", |tx| {
        Box::pin(async move {
            tx.switch_connection_on(company, id, now).await?;
            tx.set_next_collection(company, id, now, now).await?;
            tx.enqueue(job).await
        })
    });
    switched.await.expect("on");
}

async fn links(env: &TestEnv) -> usize {
    let all = LinkFilter::default();
    let links = env.collector.store.read("test", |tx| {
        Box::pin(tx.links(
            env.organization,
            env.company,
            &all,
            UnixMillis(0),
            Page::FIRST,
        ))
    });
    links.await.expect("a store").rows.len()
}

#[tokio::test]
async fn a_run_of_a_connection_that_was_switched_off_is_the_last_one() {
    let _turn = turn().await;
    let env = Arc::new(TestEnv::new().await);
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    let run = begin(&env).await;
    until_bill(&env, id).await;
    switch_off(&env, id).await;
    end(&env, run).await;
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::Connected);
    assert_eq!(connection.shown_status(), ConnectionStatus::CompanyInactive);
    assert_eq!(connection.next_collection_at, None);
    env.clock.advance(30 * DAY);
    assert!(env.claim().await.is_none(), "nothing is due any more");
}

#[tokio::test]
async fn a_connection_that_is_on_again_is_collected_right_after_the_run() {
    let _turn = turn().await;
    let env = Arc::new(TestEnv::new().await);
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    let run = begin(&env).await;
    until_bill(&env, id).await;
    switch_off(&env, id).await;
    env.clock.advance(1_000);
    switch_on(&env, id).await;
    end(&env, run).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
    let next = env.connection(id).await.next_collection_at;
    assert_eq!(next, Some(env.clock.now()));
    assert!(env.claim().await.is_some());
}

#[tokio::test]
async fn nobody_is_asked_for_a_connection_that_was_switched_off() {
    let _turn = turn().await;
    let env = Arc::new(TestEnv::new().await);
    let endpoint = listen(&env).await;
    let id = env.connect(JORDAN.0, "an old password", None).await;
    env.options.switches.set(Fault::Slow, true);
    let run = begin(&env).await;
    let is_sent = async || env.lockout(id).await.is_some();
    until("the password", is_sent).await;
    switch_off(&env, id).await;
    let before = links(&env).await;
    end(&env, run).await;
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    assert!(env.lockout(id).await.is_some(), "the password rests");
    assert_eq!(links(&env).await, before, "no link that repairs it");
    let told = told(&env, endpoint).await;
    assert!(
        !told.contains(&"connection.customer_action_required"),
        "{told:?}"
    );
    env.clock.advance(DAY);
    assert_eq!(mails(&env).await.len(), 0);
    assert!(env.claim().await.is_none());
}

#[tokio::test]
async fn what_is_to_be_tried_waits_until_the_connection_is_on_again() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = worked(&env).await;
    renew(&env, id, JORDAN.0, JORDAN.1).await;
    let until = env.clock.now().plus(DAY);
    let job = env.claim().await.expect("a job is due");
    let rests = env.collector.store.tx("test", |tx| {
        Box::pin(tx.set_lockout(env.company, id, until))
    });
    rests.await.expect("a store");
    switch_off(&env, id).await;
    run(&env, job).await;
    let waiting = env.collector.store.read("test", |tx| {
        Box::pin(tx.proposed_credentials(env.company, id))
    });
    assert!(waiting.await.expect("a store").is_some());
    assert_eq!(env.lockout(id).await, Some(until));
    assert_eq!(env.last_run(id).await, None, "nothing ran");
    assert_eq!(env.options.switches.sign_ins(), 0);

    env.clock.advance(2 * DAY);
    assert!(env.claim().await.is_none());
    switch_on(&env, id).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
}

#[tokio::test]
async fn a_run_of_a_deleted_connection_writes_nothing() {
    let _turn = turn().await;
    let env = Arc::new(TestEnv::new().await);
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    let run = begin(&env).await;
    until_bill(&env, id).await;
    let (company, now, key) = (env.company, env.clock.now(), &collect_job_key(id));
    let removed = env.collector.store.tx("test", |tx| {
        Box::pin(async move {
            tx.lock_connection(company, id).await?;
            let bills = BillsAfter::Delete;
            tx.remove_connection(company, id, key, bills, now).await
        })
    });
    removed.await.expect("removed");
    end(&env, run).await;
    assert!(env.bills(id).await.is_empty());
    assert_eq!(env.last_run(id).await, None);
    let left = env.collector.store.read("test", |tx| {
        Box::pin(async move {
            let session = tx.browser_session(company, id).await?;
            let accounts = tx.accounts(company, id).await?;
            Ok::<_, StoreError>((
                session.is_some(),
                accounts.len(),
                tx.lockout(company, id).await?,
            ))
        })
    });
    assert_eq!(left.await.expect("a store"), (false, 0, None));
    env.clock.advance(30 * DAY);
    assert!(env.claim().await.is_none());
}
