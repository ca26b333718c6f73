//! Whole runs on the sample utility: sign in, find, read, store, status.

use std::collections::BTreeMap;

use browser::Launcher;
use origin::{collection::pdf_process::PdfReader, store::bills::Bill};
use rust_decimal::Decimal;
use shared::{
    id::ConnectionId,
    status::{ConnectionStatus, StatusDetail, UnattendedReason, UtilityType},
};
use tokio::sync::watch;
use utility::bills_of;

use crate::{
    browser_config::{browser_config, turn},
    test_env::{DAY, JORDAN, NOW, TestEnv, run_next, status, until, worker},
};

/// Every bill of the customer, with its true amounts, once.
fn all_true(env: &TestEnv, email: &str, bills: &[Bill]) {
    let by_invoice: BTreeMap<_, _> = bills
        .iter()
        .map(|bill| {
            (
                bill.content.invoice_id.clone().unwrap_or_default(),
                &bill.content,
            )
        })
        .collect();
    let truth = bills_of(email, &env.options);
    assert_eq!(bills.len(), truth.len(), "each bill once");
    for bill in truth {
        let read = by_invoice
            .get(&bill.invoice)
            .unwrap_or_else(|| panic!("{} is missing", bill.invoice));
        let money = |cents: i64| Some(Decimal::new(cents, 2));
        assert_eq!(
            read.total_charges,
            money(bill.total_due()),
            "{}",
            bill.invoice
        );
        assert_eq!(
            read.current_charges,
            money(bill.current_charges()),
            "{}",
            bill.invoice
        );
        assert_eq!(read.bill_date, Some(bill.bill_date));
        assert_eq!(
            read.usage_data.first().and_then(|usage| usage.quantity),
            Some(Decimal::from(bill.usage))
        );
        assert!(!read.is_flagged, "{:?}", read.flags);
    }
}

#[tokio::test]
async fn every_bill_once_week_after_week() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Pending);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    all_true(&env, JORDAN.0, &env.bills(id).await);
    let first = env.last_run(id).await.expect("a run");
    assert_eq!((first.bills_found, first.bills_new), (21, 21));
    assert_eq!(first.signed_in_at, Some(NOW));
    assert_eq!(first.bills_expected, 21, "{first:?}");
    let works = env.connection(id).await.works_unattended;
    assert_eq!(
        works.map(|works| (works.at, works.reason)),
        Some((NOW, None))
    );
    assert_eq!(env.blob_count(), 21);
    let next = env
        .connection(id)
        .await
        .next_collection_at
        .expect("a next run")
        .since(NOW);
    assert!(
        (next - 7 * DAY).abs() <= DAY / 2,
        "in about a week, not {next} ms"
    );
    assert!(env.claim().await.is_none(), "nothing is due before");

    env.clock.advance(8 * DAY);
    run_next(&env).await;
    all_true(&env, JORDAN.0, &env.bills(id).await);
    let second = env.last_run(id).await.expect("a run");
    assert_ne!(second.id, first.id);
    assert_eq!((second.bills_found, second.bills_new), (21, 0));
    assert_eq!(env.blob_count(), 21, "a known bill is not written again");
    assert_eq!(
        env.options.switches.harm(),
        0,
        "nothing that signs out, pays or stops is touched"
    );
    assert_eq!(
        env.options.switches.sign_ins(),
        1,
        "the second run came in by the session of the first"
    );
}

#[tokio::test]
async fn a_refused_password_is_sent_once() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env.connect(JORDAN.0, "an old password", None).await;
    run_next(&env).await;
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::PasswordIncorrect);
    assert!(
        connection
            .status_error_detail
            .is_some_and(|words| words.contains("incorrect")),
        "the website's own words"
    );
    assert_eq!(connection.next_collection_at, None);
    let works = connection.works_unattended.expect("it was tried");
    assert_eq!(works.reason, Some(UnattendedReason::PasswordIncorrect));
    env.clock.advance(400 * DAY);
    assert!(env.claim().await.is_none(), "the job has ended");
    assert_eq!(env.options.switches.sign_ins(), 1);
}

#[tokio::test]
async fn a_reader_that_does_not_start_says_nothing_about_the_website() {
    let _turn = turn().await;
    let mut env = TestEnv::new().await;
    let working = std::mem::replace(
        &mut env.collector.reader,
        PdfReader::new("/there/is/no/such/program".into()),
    );
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Pending, None));
    env.collector.reader = working;
    env.clock.advance(DAY / 24);
    run_next(&env).await;
    all_true(&env, JORDAN.0, &env.bills(id).await);
}

#[tokio::test]
async fn a_storage_that_takes_no_files_says_nothing_about_the_website() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let blobs = env.blob_folder();
    std::fs::remove_dir(&blobs).expect("an empty folder");
    std::fs::write(&blobs, "not a folder").expect("written");
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Pending, None));
    assert!(env.bills(id).await.is_empty(), "no row without its file");
    std::fs::remove_file(&blobs).expect("removed");
    env.clock.advance(DAY / 24);
    run_next(&env).await;
    all_true(&env, JORDAN.0, &env.bills(id).await);
    assert_eq!(env.blob_count(), 21);
}

#[tokio::test]
async fn a_customer_without_accounts() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = env
        .connect("casey@example.com", "paper lantern 9", None)
        .await;
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await,
        (ConnectionStatus::NoAccountsFound, None)
    );
}

#[tokio::test]
async fn a_website_that_is_down_is_tried_again_and_heals() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    env.options.switches.set(utility::Fault::Down, true);
    let id = env
        .connect("sam@example.com", "violet anchor 42", Some("2026-09-01"))
        .await;
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await,
        (ConnectionStatus::WebsiteDown, Some(StatusDetail::Http5xx))
    );
    let wait = env
        .connection(id)
        .await
        .next_collection_at
        .expect("a next run")
        .since(NOW);
    assert!(wait <= 10 * 60_000, "soon, not in {wait} ms");
    assert_eq!(env.options.switches.sign_ins(), 0);

    env.options.switches.set(utility::Fault::Down, false);
    env.clock.advance(wait);
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    let wanted = bills_of("sam@example.com", &env.options)
        .into_iter()
        .filter(|bill| bill.bill_date.to_string().as_str() >= "2026-09-01")
        .count();
    let bills = env.bills(id).await;
    assert_eq!(bills.len(), wanted, "from the start date on");
}

#[tokio::test]
async fn a_website_that_is_not_there() {
    let _turn = turn().await;
    let mut env = TestEnv::new().await;
    let port = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let closed = format!("127.0.0.1:{port}");
    env.collector.launcher = Launcher::new(browser_config(&closed));
    let id = env
        .connect_to(&format!("http://{closed}/login"), JORDAN.0, JORDAN.1, None)
        .await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::UrlInaccessible);
    assert!(env.connection(id).await.next_collection_at.is_some());

    let forbidden = env.connect(JORDAN.0, JORDAN.1, None).await;
    run_next(&env).await;
    assert_eq!(
        status(&env, forbidden).await,
        (
            ConnectionStatus::UrlInaccessible,
            Some(StatusDetail::BlockedAddress)
        )
    );
}

#[tokio::test]
async fn our_own_faults_are_quiet_at_first() {
    let mut env = TestEnv::new().await;
    env.collector.launcher = Launcher::new(browser::BrowserConfig {
        executable: "/nonexistent/chromium".into(),
        ..browser_config("localhost")
    });
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    for expected in [
        ConnectionStatus::Pending,
        ConnectionStatus::Pending,
        ConnectionStatus::OtherError,
    ] {
        run_next(&env).await;
        assert_eq!(status(&env, id).await.0, expected);
        env.clock.advance(DAY);
    }
    assert_eq!(status(&env, id).await.1, Some(StatusDetail::Internal));
}

#[tokio::test]
async fn the_schedule_runs_what_is_due_one_at_a_time_for_a_host() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let since = Some("2026-11-01");
    let (one, other) = (
        env.connect(JORDAN.0, JORDAN.1, since).await,
        env.connect("sam@example.com", "violet anchor 42", since)
            .await,
    );
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(worker(&env).run(stopping));
    until("both runs end", || async {
        let runs = [started(&env, one).await, started(&env, other).await];
        let going = runs.iter().filter(|run| **run == Some(true)).count();
        assert!(going <= 1, "two runs at one host");
        // The other one was put off by some seconds of the clock that the tests own.
        if going == 0 {
            env.clock.advance(1_000);
        }
        runs.iter().all(|run| *run == Some(false))
    })
    .await;
    stop.send_replace(true);
    running.await.expect("the schedule ends");
    for id in [one, other] {
        assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
        assert!(!env.bills(id).await.is_empty());
    }
}

/// Whether the connection's last run is still going; `None` before the first.
async fn started(env: &TestEnv, id: ConnectionId) -> Option<bool> {
    env.last_run(id).await.map(|run| run.finished_at.is_none())
}

#[tokio::test]
async fn accounts_that_are_not_for_what_was_connected_are_noted_and_not_collected() {
    let _turn = turn().await;
    let mut env = TestEnv::new().await;
    env.utility_types = vec![UtilityType::Water];
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await, (ConnectionStatus::Connected, None));
    let bills = env.bills(id).await;
    assert_eq!(bills.len(), 7, "the bills for water");
    assert!(bills.iter().all(|bill| !bill.content.is_flagged));
    let store = &env.collector.store;
    let accounts = store.read("test", |tx| Box::pin(tx.accounts(env.company, id)));
    let accounts = accounts.await.expect("a store");
    let mut tracked: Vec<_> = accounts
        .iter()
        .map(|account| (account.account_number.as_str(), account.is_tracked))
        .collect();
    tracked.sort_unstable();
    assert_eq!(tracked, [("4402-118-2207", false), ("7710-554-0913", true)]);
}
