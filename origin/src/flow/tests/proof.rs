//! DONE: what the last page is told of the first collection.

use std::time::Duration;

use shared::{
    id::{CollectionId, ConnectionId},
    proof::{FoundAccount, FoundAccounts, Proof},
    status::{ConnectionStatus, StatusDetail, Step, UnattendedReason, UtilityType},
    wire::{DoneView, FlowAction, PROGRESS_MINUTES, StartedFlow, StepView},
};
use tokio::{sync::watch, time::timeout};

use super::{
    test_env::{NewLink, TestEnv, connection_of, pass},
    website::{PASSWORD, USER, Website, type_in},
};
use crate::{
    clock::Clock as _,
    store::{
        StoreError,
        collections::CollectionOutcome,
        connection_removal::BillsAfter,
        connections::FoundStatus,
        jobs::Job,
        testing::{KINDS, end_run, fresh, new_bill},
        works_unattended::BillCounts,
    },
};

const DEADLINE: Duration = Duration::from_secs(30);

pub(super) async fn at_done(
    env: &TestEnv,
    website: &Website,
) -> (NewLink, StartedFlow, ConnectionId) {
    let link = env.link(None).await;
    let flow = env.at_sites(&link, website).await;
    let connection = connection_of(env.act(&flow, env.pick()).await);
    (link, flow, connection)
}

pub(super) async fn shown(env: &TestEnv, flow: &StartedFlow) -> DoneView {
    match env.view(flow).await.step {
        StepView::Done(done) => done,
        _ => panic!("not at DONE"),
    }
}

async fn watched(env: &TestEnv, flow: &StartedFlow) -> Option<watch::Receiver<Proof>> {
    let watched = env.flows.watch_proof(&flow.secret).await;
    watched.expect("the flow lives")
}

async fn next(proof: &mut watch::Receiver<Proof>) -> Proof {
    let changed = timeout(DEADLINE, proof.changed()).await.expect("in time");
    changed.expect("more to come");
    proof.borrow_and_update().clone()
}

/// Runs of the connection's job, as a collection on any node makes them.
pub(super) struct Runs<'a> {
    pub env: &'a TestEnv,
    pub connection: ConnectionId,
}

impl Runs<'_> {
    pub async fn begin(&self) -> (Job, CollectionId) {
        let (env, id) = (self.env, CollectionId::from_random(fresh()));
        let (company, connection) = (env.company, self.connection);
        env.clock.advance(1_000);
        let now = env.clock.now();
        let begun = env.store.tx("test", |tx| {
            Box::pin(async move {
                let job = tx.claim_job(&KINDS, now, 60_000, "another node").await?;
                tx.start_collection(company, connection, id, now).await?;
                Ok::<_, StoreError>(job)
            })
        });
        (begun.await.expect("begun").expect("due"), id)
    }

    pub async fn sign_in(&self, id: CollectionId) {
        let (company, connection) = (self.env.company, self.connection);
        let now = self.env.clock.now();
        let proven = self.env.store.tx("test", |tx| {
            Box::pin(tx.set_proven(company, connection, id, now))
        });
        proven.await.expect("proven");
    }

    pub async fn find(&self, id: CollectionId, found: i64, expected: i64) {
        let (company, connection) = (self.env.company, self.connection);
        let bill = new_bill(company, connection, 1);
        let counts = BillCounts {
            found,
            new: found,
            expected,
        };
        let noted = self.env.store.tx("test", |tx| {
            let bill = &bill;
            Box::pin(async move {
                tx.add_bill(bill).await?;
                tx.set_bill_counts(company, connection, id, counts).await
            })
        });
        noted.await.expect("noted");
    }

    pub async fn end(
        &self,
        run: &(Job, CollectionId),
        status: ConnectionStatus,
        bills: i64,
        unproven: Option<UnattendedReason>,
    ) {
        let found = FoundStatus {
            status,
            detail: None,
            error_detail: None,
        };
        self.end_with(run, found, bills, unproven).await;
    }

    async fn end_with(
        &self,
        (job, id): &(Job, CollectionId),
        found: FoundStatus,
        bills: i64,
        unproven: Option<UnattendedReason>,
    ) {
        let now = self.env.clock.now();
        let outcome = CollectionOutcome {
            id: *id,
            found,
            bills_found: bills,
            bills_new: bills,
            held_requests: 0,
            unproven,
            next_at: unproven.filter(|reason| reason.is_passing()).map(|_| now),
            now,
        };
        let connection = self.connection;
        let ended = self.env.store.tx("test", |tx| {
            Box::pin(end_run(tx, job, connection, &outcome))
        });
        assert!(ended.await.expect("ended"), "the run's claim holds");
    }
}

#[tokio::test]
async fn the_last_page_is_told_what_the_first_collection_does() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let (_, flow, connection) = at_done(&env, &website).await;
    let runs = Runs {
        env: &env,
        connection,
    };
    let view = shown(&env, &flow).await;
    assert_eq!((view.proof, view.code_was_asked), (Proof::Waiting, false));

    let mut proof = watched(&env, &flow).await.expect("something to wait for");
    assert_eq!(next(&mut proof).await, Proof::Waiting, "at once");
    let run = runs.begin().await;
    assert_eq!(next(&mut proof).await, Proof::SigningIn);
    let down = UnattendedReason::WebsiteDown;
    runs.end(&run, ConnectionStatus::WebsiteDown, 0, Some(down))
        .await;
    let missing = Proof::Missing { reason: down };
    assert_eq!(next(&mut proof).await, missing, "which is not the end");

    let run = runs.begin().await;
    assert_eq!(next(&mut proof).await, Proof::SigningIn);
    runs.sign_in(run.1).await;
    let nothing_yet = Proof::Collecting {
        accounts: FoundAccounts::default(),
        bills: 0,
        expected: 0,
        by_code: false,
    };
    assert_eq!(next(&mut proof).await, nothing_yet);
    runs.find(run.1, 4, 13).await;
    let accounts = FoundAccounts {
        count: 1,
        shown: vec![FoundAccount {
            utility_types: vec![UtilityType::Electricity],
            ending: "00".into(),
        }],
    };
    let some = Proof::Collecting {
        accounts: accounts.clone(),
        bills: 4,
        expected: 13,
        by_code: false,
    };
    assert_eq!(next(&mut proof).await, some);
    runs.end(&run, ConnectionStatus::Connected, 13, None).await;
    let all = Proof::Collected {
        accounts,
        bills: 13,
        by_code: false,
    };
    assert_eq!(next(&mut proof).await, all);
    drop(proof);
    assert_eq!(shown(&env, &flow).await.proof, all, "also without a script");
    let mut late = watched(&env, &flow).await.expect("what came of it");
    assert_eq!(next(&mut late).await, all);
}

#[tokio::test]
async fn what_is_missing_and_what_is_not_there_is_said() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let code = UnattendedReason::CodeNeeded;
    for (status, is_in, reason, expected) in [
        (
            ConnectionStatus::MfaTokenExpired,
            false,
            Some(code),
            Proof::Missing { reason: code },
        ),
        (
            ConnectionStatus::NoAccountsFound,
            true,
            None,
            Proof::NoBills,
        ),
        (
            ConnectionStatus::UnderInvestigation,
            true,
            None,
            Proof::NoBillsYet,
        ),
    ] {
        let (_, flow, connection) = at_done(&env, &website).await;
        let runs = Runs {
            env: &env,
            connection,
        };
        let run = runs.begin().await;
        if is_in {
            runs.sign_in(run.1).await;
        }
        runs.end(&run, status, 0, reason).await;
        assert_eq!(shown(&env, &flow).await.proof, expected);
    }
}

#[tokio::test]
async fn who_waits_is_told_that_the_connection_was_switched_off_or_deleted() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    for is_deleted in [false, true] {
        let (_, flow, connection) = at_done(&env, &website).await;
        let mut proof = watched(&env, &flow).await.expect("it goes on");
        assert_eq!(next(&mut proof).await, Proof::Waiting);
        let (company, now) = (env.company, env.clock.now());
        let (keep, job) = (BillsAfter::Keep, &format!("COLLECT:{connection}"));
        let stopped = env.store.tx("test", |tx| {
            Box::pin(async move {
                if is_deleted {
                    tx.remove_connection(company, connection, job, keep, now)
                        .await?;
                    return Ok(());
                }
                tx.switch_connection_off(company, connection, now).await
            })
        });
        stopped.await.expect("stopped");
        assert_eq!(next(&mut proof).await, Proof::Stopped);
    }
}

#[tokio::test]
async fn a_collection_that_was_cut_short_has_not_found_the_bills() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let (_, flow, connection) = at_done(&env, &website).await;
    let runs = Runs {
        env: &env,
        connection,
    };
    let run = runs.begin().await;
    runs.sign_in(run.1).await;
    runs.find(run.1, 4, 13).await;
    let cut_short = FoundStatus {
        status: ConnectionStatus::Connected,
        detail: Some(StatusDetail::CutShort),
        error_detail: None,
    };
    runs.end_with(&run, cut_short, 4, None).await;
    let proof = shown(&env, &flow).await.proof;
    assert!(
        matches!(proof, Proof::CutShort { bills: 4, .. }),
        "{proof:?}"
    );
}

#[tokio::test]
async fn a_refused_password_is_mended_by_signing_in_once_more() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let (_, flow, connection) = at_done(&env, &website).await;
    let runs = Runs {
        env: &env,
        connection,
    };
    for (status, reason) in [
        (ConnectionStatus::WebsiteDown, UnattendedReason::WebsiteDown),
        (
            ConnectionStatus::PasswordIncorrect,
            UnattendedReason::PasswordIncorrect,
        ),
    ] {
        // While it mends itself, or something else is missing, there is nothing to do.
        env.act(&flow, FlowAction::SignInAgain).await;
        let run = runs.begin().await;
        runs.end(&run, status, 0, Some(reason)).await;
        pass(Duration::from_secs(1)).await;
        assert_eq!(shown(&env, &flow).await.proof, Proof::Missing { reason });
    }
    env.act(&flow, FlowAction::SignInAgain).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, USER, PASSWORD).await;
    drop(browser);
    let done = env.step_until(&flow, Step::Done).await;
    assert_eq!(connection_of(done), connection, "the same one");
    assert_eq!(env.connections().await, 1);
    assert_eq!(shown(&env, &flow).await.proof, Proof::Waiting);
    let (_, id) = runs.begin().await;
    runs.sign_in(id).await;
    pass(Duration::from_secs(1)).await;
    let proof = shown(&env, &flow).await.proof;
    assert!(matches!(proof, Proof::Collecting { .. }), "{proof:?}");
}

#[tokio::test]
async fn pages_wait_for_ten_minutes_and_only_a_few_at_a_time() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let other = env.start(&link, &website.url("/login")).await;
    assert!(watched(&env, &other).await.is_none(), "not at DONE");
    assert!(env.flows.watch_proof("unknown").await.is_none());

    let (_, flow, _) = at_done(&env, &website).await;
    let mut pages = Vec::new();
    for _ in 0..4 {
        pages.push(watched(&env, &flow).await.expect("one of the first"));
    }
    assert!(watched(&env, &flow).await.is_none(), "too many");
    pages.pop();
    let mut page = watched(&env, &flow).await.expect("a free place");
    assert_eq!(next(&mut page).await, Proof::Waiting);

    pass(Duration::from_secs(60 * PROGRESS_MINUTES)).await;
    let over = timeout(DEADLINE, page.changed()).await.expect("in time");
    assert!(over.is_err(), "the pages are let go");
    drop((pages, page));
    assert!(watched(&env, &flow).await.is_none());
    assert_eq!(shown(&env, &flow).await.proof, Proof::Waiting);
}
