//! Runs that do not come to their end after the password was sent: it must not be sent again for that alone.

use shared::status::{ConnectionStatus, StatusDetail};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    browser_config::turn,
    test_env::{DAY, JORDAN, NOW, TestEnv, run_next, status, until, worker},
};

fn schedule(env: &TestEnv) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(worker(env).run(stopping));
    (stop, running)
}

async fn sent(env: &TestEnv, times: u32) {
    until("the password is sent", || async {
        env.options.switches.sign_ins() == times
    })
    .await;
}

/// The number of days until the connection's next run.
async fn rest(env: &TestEnv, id: shared::id::ConnectionId) -> i64 {
    use origin::clock::Clock as _;
    let next = env.connection(id).await.next_collection_at;
    next.expect("a next run").since(env.clock.now()) / DAY
}

#[tokio::test]
async fn a_stopping_node_gives_its_run_back() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    env.options.switches.set(utility::Fault::Held, true);
    let (stop, running) = schedule(&env);
    sent(&env, 1).await;
    assert!(env.claim().await.is_none(), "it is claimed");
    stop.send_replace(true);
    env.options.switches.set(utility::Fault::Held, false);
    running.await.expect("the schedule ends");
    let job = env.claim().await.expect("it is due again at once");
    assert_eq!(job.attempts, 1, "as if it had never been claimed");
    assert_eq!(
        env.lockout(id).await,
        None,
        "the password is known to be right"
    );
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Pending);
}

#[tokio::test]
async fn a_stopping_node_hears_the_refusal_out() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, "an old password", None).await;
    env.options.switches.set(utility::Fault::Held, true);
    let (stop, running) = schedule(&env);
    sent(&env, 1).await;
    stop.send_replace(true);
    env.options.switches.set(utility::Fault::Held, false);
    running.await.expect("the schedule ends");
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    env.clock.advance(400 * DAY);
    assert!(env.claim().await.is_none(), "the job has ended");
    assert_eq!(env.options.switches.sign_ins(), 1);
}

#[tokio::test]
async fn a_node_that_dies_over_the_answer_costs_a_day_and_one_more() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, "an old password", None).await;
    env.options.switches.set(utility::Fault::Held, true);
    let job = env.claim().await.expect("a job is due");
    let (_running, stop) = watch::channel(false);
    let node = worker(&env);
    let run = tokio::spawn(async move { node.work(job, stop).await });
    sent(&env, 1).await;
    run.abort();
    assert!(run.await.is_err_and(|ended| ended.is_cancelled()));
    env.options.switches.set(utility::Fault::Held, false);

    env.clock.advance(600_000);
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await,
        (ConnectionStatus::OtherError, Some(StatusDetail::Internal))
    );
    assert_eq!(env.options.switches.sign_ins(), 1, "nobody signs in");
    let next = env.connection(id).await.next_collection_at;
    assert_eq!(next, Some(NOW.plus(DAY)));
    assert!(env.claim().await.is_none(), "it rests");

    env.clock.advance(DAY);
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    env.clock.advance(400 * DAY);
    assert!(env.claim().await.is_none(), "the job has ended");
    assert_eq!(env.options.switches.sign_ins(), 2);
}

#[tokio::test]
async fn a_website_that_breaks_over_the_password_gets_it_seldom_and_heals() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let switches = &env.options.switches;
    switches.set(utility::Fault::Broken, true);
    let id = env.connect(JORDAN.0, JORDAN.1, Some("2026-11-01")).await;
    for (sign_ins, days) in [(1, 1), (2, 7), (3, 7)] {
        run_next(&env).await;
        assert_eq!(
            status(&env, id).await,
            (ConnectionStatus::WebsiteDown, Some(StatusDetail::Http5xx))
        );
        assert_eq!(switches.sign_ins(), sign_ins);
        assert_eq!(rest(&env, id).await, days);
        assert!(env.claim().await.is_none(), "it rests");
        env.clock.advance(days * DAY);
    }
    switches.set(utility::Fault::Broken, false);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    env.clock.advance(8 * DAY);
    env.claim().await.expect("a job is due");
    assert_eq!(env.lockout(id).await, None, "forgotten once it worked");
}
