//! Runs that do not come to their end after the password was sent: it must not be sent again for that alone.

use shared::status::{ConnectionStatus, StatusDetail};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    browsers::turn,
    house::{DAY, House, JORDAN, NOW, run_next, status, until, worker},
};

fn schedule(house: &House) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(worker(house).run(stopping));
    (stop, running)
}

async fn sent(house: &House, times: u32) {
    until("the password is sent", || async {
        house.options.switches.sign_ins() == times
    })
    .await;
}

/// Days until the connection's next run.
async fn rest(house: &House, id: shared::id::ConnectionId) -> i64 {
    use origin::clock::Clock as _;
    let next = house.connection(id).await.next_collection_at;
    next.expect("a next run").since(house.clock.now()) / DAY
}

#[tokio::test]
async fn a_stopping_node_gives_its_run_back() {
    let _turn = turn().await;
    let house = House::new().await;
    let id = house.connect(JORDAN.0, JORDAN.1, None).await;
    house.options.switches.set_held(true);
    let (stop, running) = schedule(&house);
    sent(&house, 1).await;
    assert!(house.claim().await.is_none(), "it is claimed");
    stop.send_replace(true);
    house.options.switches.set_held(false);
    running.await.expect("the schedule ends");
    let job = house.claim().await.expect("it is due again at once");
    assert_eq!(job.attempts, 1, "as if it had never been claimed");
    assert_eq!(
        house.lockout(id).await,
        None,
        "the password is known to be right"
    );
    assert_eq!(status(&house, id).await.0, ConnectionStatus::Pending);
}

#[tokio::test]
async fn a_stopping_node_hears_the_refusal_out() {
    let _turn = turn().await;
    let house = House::new().await;
    let id = house.connect(JORDAN.0, "an old password", None).await;
    house.options.switches.set_held(true);
    let (stop, running) = schedule(&house);
    sent(&house, 1).await;
    stop.send_replace(true);
    house.options.switches.set_held(false);
    running.await.expect("the schedule ends");
    assert_eq!(
        status(&house, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    house.clock.advance(400 * DAY);
    assert!(house.claim().await.is_none(), "the job has ended");
    assert_eq!(house.options.switches.sign_ins(), 1);
}

#[tokio::test]
async fn a_node_that_dies_over_the_answer_costs_a_day_and_one_more() {
    let _turn = turn().await;
    let house = House::new().await;
    let id = house.connect(JORDAN.0, "an old password", None).await;
    house.options.switches.set_held(true);
    let job = house.claim().await.expect("a job is due");
    let (_running, stop) = watch::channel(false);
    let node = worker(&house);
    let run = tokio::spawn(async move { node.work(job, stop).await });
    sent(&house, 1).await;
    run.abort();
    assert!(run.await.is_err_and(|ended| ended.is_cancelled()));
    house.options.switches.set_held(false);

    house.clock.advance(600_000);
    run_next(&house).await;
    assert_eq!(
        status(&house, id).await,
        (ConnectionStatus::OtherError, Some(StatusDetail::Internal))
    );
    assert_eq!(house.options.switches.sign_ins(), 1, "nobody signs in");
    let next = house.connection(id).await.next_collection_at;
    assert_eq!(next, Some(NOW.plus(DAY)));
    assert!(house.claim().await.is_none(), "it rests");

    house.clock.advance(DAY);
    run_next(&house).await;
    assert_eq!(
        status(&house, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    house.clock.advance(400 * DAY);
    assert!(house.claim().await.is_none(), "the job has ended");
    assert_eq!(house.options.switches.sign_ins(), 2);
}

#[tokio::test]
async fn a_website_that_breaks_over_the_password_gets_it_seldom_and_heals() {
    let _turn = turn().await;
    let house = House::new().await;
    let switches = &house.options.switches;
    switches.set_broken(true);
    let id = house.connect(JORDAN.0, JORDAN.1, Some("2026-11-01")).await;
    for (sign_ins, days) in [(1, 1), (2, 7), (3, 7)] {
        run_next(&house).await;
        assert_eq!(
            status(&house, id).await,
            (ConnectionStatus::WebsiteDown, Some(StatusDetail::Http5xx))
        );
        assert_eq!(switches.sign_ins(), sign_ins);
        assert_eq!(rest(&house, id).await, days);
        assert!(house.claim().await.is_none(), "it rests");
        house.clock.advance(days * DAY);
    }
    switches.set_broken(false);
    run_next(&house).await;
    assert_eq!(
        status(&house, id).await,
        (ConnectionStatus::Connected, None)
    );
    house.clock.advance(8 * DAY);
    house.claim().await.expect("a job is due");
    assert_eq!(house.lockout(id).await, None, "forgotten once it worked");
}
