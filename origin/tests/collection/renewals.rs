//! New credentials of a connection that worked: tried first, swapped after, and only for the same account.

use std::sync::Arc;

use bill_reader::bill::BillContent;
use origin::{
    clock::Clock as _,
    collection::collect_job,
    jobs::{Registry, Settings, WaitingRuns, Worker},
    mail::{Composer, DeliverNotice, MailFolder, MailServices, Transport},
    store::{
        Page, StoreError,
        bills::{NewAccount, NewBill},
        jobs::KnownKind,
        links::{Link, LinkFilter},
        proposed_credentials::{Renewal, RenewalInput},
    },
};
use shared::{
    id::{AccountId, BillId, ConnectionId, FlowRef, JobId, LinkId},
    status::{ConnectionStatus, LinkEventKind, LinkKind, LinkStatus, UnattendedReason},
    time::UnixMillis,
};
use tokio::sync::watch;

use crate::{
    browser_config::turn,
    test_env::{DAY, JORDAN, NOW, SAM, TestEnv, random, run_next, status},
    webhooks::{listen, told},
};

const NEW_PASSWORD: &str = "a new password";

/// What a flow leaves whose client signed in at a connection that exists.
pub async fn renew(
    env: &TestEnv,
    id: ConnectionId,
    email: &str,
    password: &str,
) -> (Renewal, Vec<u8>) {
    // Runs are told apart by when they began.
    env.clock.advance(1_000);
    let connection = env.connection(id).await;
    let stored = env
        .collector
        .store
        .read("test", |tx| Box::pin(tx.credentials(env.company, id)));
    let recipe = stored.await.expect("a store").expect("credentials").recipe;
    let now = env.clock.now();
    let input = RenewalInput {
        company: env.company,
        connection: id,
        link: connection.link,
        flow_ref: FlowRef::from_random(random()),
        sealed: env.sealed(id, email, password),
        recipe,
        username_masked: Some("new…".into()),
        session: None,
        now,
    };
    let job = collect_job(
        JobId::from_random(random()),
        env.company,
        id,
        &connection.provider_url,
        now,
        now,
    );
    let (input, job) = (&input, &job.expect("a job"));
    let renewed = env.collector.store.tx("test", |tx| {
        Box::pin(async move {
            let renewal = tx.renew_credentials(input).await?;
            tx.enqueue(job).await?;
            Ok::<_, StoreError>(renewal)
        })
    });
    (renewed.await.expect("a store"), input.sealed.clone())
}

/// The links that repair the connection.
async fn update_links(env: &TestEnv, id: ConnectionId) -> Vec<Link> {
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
    let mut links = links.await.expect("a store").rows;
    links.retain(|link| link.connection == Some(id));
    links
}

async fn link_status(env: &TestEnv, id: ConnectionId) -> LinkStatus {
    let links = update_links(env, id).await;
    assert_eq!(links.len(), 1, "one link, however often it is asked for");
    links[0].status(env.clock.now())
}

async fn link_log(env: &TestEnv, link: LinkId) -> Vec<LinkEventKind> {
    let log = env.collector.store.read("test", |tx| {
        Box::pin(tx.link_events(env.organization, link))
    });
    let log = log.await.expect("a store").into_iter();
    log.map(|event| event.kind).collect()
}

/// Delivers the notices that are due, and answers all that were delivered so far.
pub async fn mails(env: &TestEnv) -> Vec<String> {
    let folder = env.blob_folder().join("../mail");
    let collector = &env.collector;
    let registry = Registry::new(collector.clock.clone(), collector.random.clone());
    let worker = Worker {
        store: collector.store.clone(),
        clock: collector.clock.clone(),
        registry: Arc::new(registry.with(DeliverNotice(MailServices {
            store: collector.store.clone(),
            transport: Arc::new(Transport::Folder(MailFolder::new(folder.clone()))),
            composer: Arc::new(Composer {
                from: "no-reply@connect.example".parse().expect("an address"),
                links_base: "https://connect.example".parse().expect("a URL"),
                console_base: "https://api.example".parse().expect("a URL"),
                bounce_domain: None,
            }),
            token_keys: Arc::clone(&collector.token_keys),
            vault: Arc::clone(&collector.vault),
            clock: collector.clock.clone(),
            random: collector.random.clone(),
        }))),
        settings: Settings::new(1, "node".into()),
        waiting: WaitingRuns::default(),
    };
    let kind = KnownKind {
        name: "DELIVER_NOTICE",
        version: 1,
    };
    while let Some(job) = env.claim_of(kind).await {
        let (_running, stop) = watch::channel(false);
        worker.work(job, stop).await;
    }
    let Ok(files) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    files
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect()
}

/// A connection that has a bill of the customer, and whose password the customer has changed.
async fn broken(env: &TestEnv) -> ConnectionId {
    let id = worked(env).await;
    env.options.switches.set_password(JORDAN.0, NEW_PASSWORD);
    run_next(env).await;
    assert_eq!(status(env, id).await.0, ConnectionStatus::PasswordIncorrect);
    assert!(env.claim().await.is_none(), "the old password rests");
    id
}

/// A connection that has a bill of the customer, and is to be collected now.
pub async fn worked(env: &TestEnv) -> ConnectionId {
    let id = env.connect(JORDAN.0, JORDAN.1, None).await;
    let bill = NewBill {
        id: BillId::from_random(random()),
        account: NewAccount {
            id: AccountId::from_random(random()),
            company: env.company,
            connection: id,
            account_number: utility::bills_of(JORDAN.0, &env.options)[0].account.into(),
            utility_types: Vec::new(),
            meters: Vec::new(),
            now: NOW,
        },
        natural_key: "an old bill".into(),
        content_hash: [7; 32],
        content: BillContent::default(),
        file_name: "bill.pdf".into(),
        blob: String::new(),
    };
    let store = &env.collector.store;
    let added = store.tx("test", |tx| Box::pin(tx.add_bill(&bill)));
    added.await.expect("a store");
    id
}

#[tokio::test]
async fn a_new_password_is_proven_and_then_takes_the_place_of_the_old_one() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let endpoint = listen(&env).await;
    let id = broken(&env).await;
    assert_eq!(link_status(&env, id).await, LinkStatus::Active);
    let of_broken = [
        "connection.updated",
        "connection.customer_action_required",
        "collection.finished",
    ];
    assert_eq!(told(&env, endpoint).await, of_broken);

    let (renewal, sealed) = renew(&env, id, JORDAN.0, NEW_PASSWORD).await;
    assert_eq!(renewal, Renewal::Proposed);
    let before = env.connection(id).await;
    assert_eq!(before.status, ConnectionStatus::PasswordIncorrect);
    run_next(&env).await;
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::Connected);
    assert_eq!(connection.username_masked.as_deref(), Some("new…"));
    assert_eq!(
        connection.works_unattended.map(|works| works.reason),
        Some(None)
    );
    assert_eq!(link_status(&env, id).await, LinkStatus::Fulfilled);
    let link = update_links(&env, id).await.remove(0);
    assert_eq!(link.kind, LinkKind::ConnectionUpdate);
    let log = link_log(&env, link.id).await;
    assert_eq!(log, [LinkEventKind::Created, LinkEventKind::Fulfilled]);
    let of_repaired = [
        "connection.updated",
        "connection.validated",
        "bill.created",
        // The bills of the other account show it.
        "connection.updated",
        "bill.created",
        "connection.updated",
        "connection.repaired",
        "link.fulfilled",
        "collection.finished",
    ];
    assert_eq!(told(&env, endpoint).await[of_broken.len()..], of_repaired);
    let stored = env.collector.store.read("test", |tx| {
        Box::pin(async move {
            let proposed = tx.proposed_credentials(env.company, id).await?;
            Ok::<_, StoreError>((tx.credentials(env.company, id).await?, proposed.is_some()))
        })
    });
    let (own, proposed) = stored.await.expect("a store");
    assert!(!proposed && own.is_some_and(|own| own.sealed == sealed));
}

#[tokio::test]
async fn another_account_changes_nothing() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = broken(&env).await;
    let bills = env.bills(id).await.len();
    renew(&env, id, SAM.0, SAM.1).await;
    run_next(&env).await;
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::PasswordIncorrect);
    assert_eq!(connection.username_masked, None);
    assert_eq!(env.bills(id).await.len(), bills, "no bill of a stranger");
    let run = env.last_run(id).await.expect("a run");
    let others = run.other_accounts.expect("they are told");
    assert!(others.count > 0 && !others.shown.is_empty(), "{others:?}");
    assert!(env.claim().await.is_none(), "nothing is tried again");
    assert_eq!(link_status(&env, id).await, LinkStatus::Active);

    // The same link, and now the right account.
    renew(&env, id, JORDAN.0, NEW_PASSWORD).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
}

#[tokio::test]
async fn a_wrong_new_password_is_sent_once_and_the_old_one_stays() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = worked(&env).await;
    let before = env.connection(id).await;
    renew(&env, id, JORDAN.0, "mistyped").await;
    run_next(&env).await;
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::Pending);
    assert_eq!(connection.next_collection_at, before.next_collection_at);
    let run = env.last_run(id).await.expect("a run");
    assert_eq!(run.status, Some(ConnectionStatus::PasswordIncorrect));
    env.clock.advance(DAY);
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
    assert_eq!(env.options.switches.sign_ins(), 2);
}

#[tokio::test]
async fn a_website_that_is_down_keeps_what_is_to_be_tried() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = broken(&env).await;
    renew(&env, id, JORDAN.0, NEW_PASSWORD).await;
    env.options.switches.set(utility::Fault::Down, true);
    run_next(&env).await;
    assert_eq!(
        status(&env, id).await.0,
        ConnectionStatus::PasswordIncorrect
    );
    env.options.switches.set(utility::Fault::Down, false);
    env.clock.advance(DAY);
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
}

#[tokio::test]
async fn the_owner_is_told_once_reminded_and_left_alone_when_it_works_again() {
    let _turn = turn().await;
    let env = TestEnv::new().await;
    let id = broken(&env).await;
    assert_eq!(
        mails(&env).await.len(),
        0,
        "who is at the last page mends it there"
    );
    env.clock.advance(DAY / 24);
    let [first] = mails(&env).await.try_into().expect("one mail");
    assert!(first.contains("To: owner@client.example"), "{first}");
    assert!(first.contains("/workflow/"), "{first}");
    assert!(first.contains("Auto-Submitted: auto-generated"), "{first}");
    env.clock.advance(2 * DAY);
    assert_eq!(mails(&env).await.len(), 1, "not yet");
    env.clock.advance(2 * DAY);
    let both = mails(&env).await;
    assert_eq!(both.len(), 2);
    assert!(both.iter().any(|text| text.contains("Subject: Reminder")));

    renew(&env, id, JORDAN.0, NEW_PASSWORD).await;
    run_next(&env).await;
    assert_eq!(status(&env, id).await.0, ConnectionStatus::Connected);
    env.clock.advance(6 * DAY);
    assert_eq!(
        mails(&env).await.len(),
        2,
        "it works, and nobody is reminded"
    );
    let works = env.connection(id).await.works_unattended.expect("tried");
    assert_ne!(works.reason, Some(UnattendedReason::PasswordIncorrect));
}
