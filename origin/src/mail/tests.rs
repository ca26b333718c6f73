//! Mail to a real server on this machine, which `xtask/src/test/smtp_server.py` is.

use std::{path::PathBuf, sync::Arc, time::Duration};

use lettre::Message;
use serde_json::Value;
use shared::{
    id::{CollectionId, JobId, LinkId, NoticeId},
    status::{ConnectionStatus, LinkEventKind},
    token::{KeyRing, TokenKey},
};
use tokio::{net::TcpListener, sync::watch};
use zeroize::Zeroizing;

use super::{Composer, DeliverNotice, SmtpClient, SmtpError, Transport, deliver_job};
use crate::{
    clock::{Clock as _, SystemRandom, TestClock, bytes},
    config::{MailConfig, SmtpConfig, SmtpLogin, SmtpSecurity},
    jobs::{Registry, Settings, WaitingRuns, Worker},
    store::{
        collections::CollectionOutcome,
        connections::FoundStatus,
        jobs::{Job, KnownKind},
        notices::{Notice, NoticeContent},
        testing::{Client, NOW, TestStore, fresh, on_both},
    },
};

const FROM: &str = "no-reply@connect.example";
const MINUTE: i64 = 60_000;

/// The folder of the server.
fn folder() -> PathBuf {
    let folder = std::env::var_os("MAGIC_LINKS_TEST_SMTP");
    folder
        .expect("MAGIC_LINKS_TEST_SMTP is not set: run `cargo xtask test mail`")
        .into()
}

/// The settings for one of its listeners.
fn settings(listener: &str) -> SmtpConfig {
    let ports = std::fs::read(folder().join("ports.json")).expect("ports");
    let ports: Value = serde_json::from_slice(&ports).expect("JSON");
    let port = ports[listener].as_u64().expect("a port");
    let security = match listener {
        "plain" => SmtpSecurity::None,
        "starttls" => SmtpSecurity::StartTls,
        _ => SmtpSecurity::Tls,
    };
    let is_secure = security != SmtpSecurity::None;
    SmtpConfig {
        host: "localhost".into(),
        port: port.try_into().expect("a port"),
        security,
        login: is_secure.then(|| login("correct horse")),
        ca_file: is_secure.then(|| folder().join("ca.pem")),
        time_limit: Duration::from_secs(20),
    }
}

fn login(password: &str) -> SmtpLogin {
    SmtpLogin {
        username: "origin".into(),
        password: Zeroizing::new(password.into()),
    }
}

fn client(settings: &SmtpConfig) -> SmtpClient {
    SmtpClient::new(settings, &FROM.parse().expect("an address")).expect("a client")
}

/// A recipient whom no other test writes to; what the server makes of them is in the name.
fn recipient(kind: &str) -> String {
    // One server may serve several runs of the tests.
    format!(
        "{kind}-{}@client.example",
        NoticeId::from_random(bytes(&SystemRandom))
    )
}

fn message(to: &str) -> Message {
    Message::builder()
        .from(FROM.parse().expect("a sender"))
        .to(to.parse().expect("a recipient"))
        .message_id(Some("<one@connect.example>".into()))
        .body("Grüße\r\n.\r\nand a line with a dot".to_owned())
        .expect("a message")
}

/// What the server took for this recipient.
fn taken(recipient: &str) -> Vec<Value> {
    let file = |count: usize| folder().join(format!("mail/{recipient}.{count}.json"));
    let files = (0..).map_while(|count| std::fs::read(file(count)).ok());
    files
        .map(|file| serde_json::from_slice(&file).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn a_message_is_sent_in_each_of_the_three_ways() {
    for listener in ["plain", "starttls", "tls"] {
        let client = client(&settings(listener));
        client.probe().await.expect("a server");
        let to = recipient("owner");
        client.send(&message(&to)).await.expect("sent");
        let [taken] = taken(&to).try_into().expect("one message");
        assert_eq!(taken["listener"], listener);
        assert_eq!(taken["signedIn"], listener != "plain");
        assert_eq!(taken["hello"], "connect.example");
        assert_eq!(taken["sender"], FROM);
        let text = taken["message"].as_str().expect("text");
        assert!(text.contains("Message-ID: <one@connect.example>"), "{text}");
        assert!(
            text.contains("\r\n.\r\nand a line with a dot\r\n"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn only_what_is_said_of_recipient_and_message_is_a_refusal() {
    let sent = async |settings: &SmtpConfig, kind: &str| -> SmtpError {
        let to = recipient(kind);
        let error = client(settings).send(&message(&to)).await;
        assert!(taken(&to).is_empty());
        let error = error.expect_err("not taken");
        assert!(!format!("{error} {}", error.words()).contains("client.example"));
        error
    };
    let good = settings("starttls");
    let unknown = sent(&good, "unknown").await;
    assert!(unknown.is_refusal());
    assert_eq!(unknown.words(), "550 5.1.1 … there is no such mailbox");
    assert!(sent(&good, "picky").await.is_refusal());

    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port_of = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let (silent_port, closed_port) = (port_of(&silent), port_of(&nobody));
    drop(nobody);
    let plain = settings("plain");
    for (wrong, kind, about) in [
        (good.clone(), "full", "recipient: the server said 452"),
        (
            SmtpConfig {
                login: Some(login("guessed")),
                ..good.clone()
            },
            "owner",
            "signing in to the mail server failed: the server said 535",
        ),
        (
            SmtpConfig {
                login: None,
                ..good.clone()
            },
            "owner",
            "sender: the server said 530",
        ),
        (
            SmtpConfig {
                ca_file: None,
                ..settings("tls")
            },
            "owner",
            "connecting to the mail server failed",
        ),
        (
            SmtpConfig {
                ca_file: None,
                ..good.clone()
            },
            "owner",
            "securing the connection to the mail server failed",
        ),
        (
            SmtpConfig {
                port: plain.port,
                ..good.clone()
            },
            "owner",
            "the server does not offer STARTTLS",
        ),
        (
            SmtpConfig {
                port: closed_port,
                ..plain.clone()
            },
            "owner",
            "connecting to the mail server failed",
        ),
        (
            SmtpConfig {
                port: silent_port,
                time_limit: Duration::from_millis(50),
                ..plain.clone()
            },
            "owner",
            "it took longer than",
        ),
    ] {
        let error = sent(&wrong, kind).await;
        assert!(!error.is_refusal(), "{error}");
        assert!(error.to_string().contains(about), "{about}: {error}");
    }
}

#[test]
fn certificates_that_are_not_there_are_named() {
    let from = FROM.parse().expect("an address");
    for (file, about) in [
        ("nothing.pem", "cannot be read"),
        ("ports.json", "holds no"),
    ] {
        let wrong = SmtpConfig {
            ca_file: Some(folder().join(file)),
            ..settings("tls")
        };
        let error = SmtpClient::new(&wrong, &from).expect_err("no client");
        let said = error.to_string();
        assert!(said.contains(file) && said.contains(about), "{said}");
    }
}

/// A connection whose owner is to be told that they must sign in again, and the node that tells them.
struct TestNotice {
    link: LinkId,
    client: Client,
    clock: Arc<TestClock>,
    worker: Worker,
}

impl TestNotice {
    async fn new(test: &TestStore, recipient: &str) -> Self {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let link = test.link(client.organization, company).await.id;
        let broken = CollectionOutcome {
            id: CollectionId::from_random(fresh()),
            found: FoundStatus {
                status: ConnectionStatus::PasswordIncorrect,
                detail: None,
                error_detail: None,
            },
            bills_found: 0,
            bills_new: 0,
            held_requests: 0,
            unproven: None,
            next_at: None,
            now: NOW,
        };
        let notice = Notice {
            id: NoticeId::from_random(fresh()),
            company,
            connection,
            content: NoticeContent::SignInAgain(link),
            recipient: recipient.into(),
            reminders: 0,
            created_at: NOW,
        };
        let job = deliver_job(JobId::from_random(fresh()), &notice, NOW).expect("a job");
        let (broken, notice, job) = (&broken, &notice, &job);
        let written = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.start_collection(company, connection, broken.id, NOW)
                    .await?;
                let ended = tx.end_collection(company, connection, broken).await?;
                assert!(ended.is_some(), "the connection needs its client");
                tx.add_notice(notice).await?;
                tx.enqueue(job).await
            })
        });
        written.await.expect("a notice");

        let clock = Arc::new(TestClock::at(NOW));
        let config = MailConfig {
            folder: PathBuf::new(),
            from: FROM.parse().expect("an address"),
            smtp: Some(settings("starttls")),
        };
        let deliver = DeliverNotice {
            store: test.store.clone(),
            transport: Transport::new(&config).expect("a transport"),
            composer: Composer {
                from: config.from.clone(),
                links_base: "https://connect.example".parse().expect("a URL"),
            },
            token_keys: Arc::new(KeyRing::new(vec![TokenKey::new(3, &[7; 16])]).expect("a key")),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        };
        let registry = Registry::new(clock.clone(), Arc::new(SystemRandom)).with(deliver);
        let worker = Worker {
            store: test.store.clone(),
            clock: clock.clone(),
            registry: Arc::new(registry),
            settings: Settings::new(1, "node".into()),
            waiting: WaitingRuns::default(),
        };
        Self {
            link,
            client,
            clock,
            worker,
        }
    }

    async fn claim(&self) -> Option<Job> {
        let kinds = [KnownKind {
            name: "DELIVER_NOTICE",
            version: 1,
        }];
        let now = self.clock.now();
        let claimed = self.worker.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&kinds, now, MINUTE, "node"))
        });
        claimed.await.expect("a claim")
    }

    /// Tries to deliver what is due now. False when nothing is.
    async fn deliver(&self) -> bool {
        let Some(job) = self.claim().await else {
            return false;
        };
        let (_running, stop) = watch::channel(false);
        self.worker.work(job, stop).await;
        true
    }

    async fn last_of_log(&self) -> (LinkEventKind, Option<String>) {
        let (organization, link) = (self.client.organization, self.link);
        let log = self
            .worker
            .store
            .read("test", |tx| Box::pin(tx.link_events(organization, link)));
        let last = log.await.expect("a log").pop().expect("a line");
        (last.kind, last.detail)
    }
}

#[tokio::test]
async fn a_refused_notice_ends_and_stands_in_the_log_of_its_link() {
    on_both(async |test| {
        let notice = TestNotice::new(test, &recipient("unknown")).await;
        assert!(notice.deliver().await);
        let words = "550 5.1.1 … there is no such mailbox".to_owned();
        let refused = (LinkEventKind::MailRefused, Some(words));
        assert_eq!(notice.last_of_log().await, refused);
        assert_eq!(test.rows("notices").await, 1, "nobody is reminded");
        assert_eq!(test.rows("notices WHERE refusal LIKE '550 %'").await, 1);
        notice.clock.advance(30 * 24 * 60 * MINUTE);
        assert!(!notice.deliver().await, "it is over");
    })
    .await;
}

#[tokio::test]
async fn what_the_server_does_not_take_now_is_tried_again_for_a_day() {
    on_both(async |test| {
        let to = recipient("greylisted");
        let notice = TestNotice::new(test, &to).await;
        assert!(notice.deliver().await && taken(&to).is_empty());
        notice.clock.advance(5 * MINUTE - 1);
        assert!(!notice.deliver().await, "not yet");
        notice.clock.advance(1);
        assert!(notice.deliver().await);
        let [mail] = taken(&to).try_into().expect("one message");
        assert!(
            mail["message"]
                .as_str()
                .is_some_and(|text| text.contains("Message-ID: <"))
        );
        assert_eq!(test.rows("notices").await, 2, "a reminder follows");
        assert_eq!(notice.last_of_log().await.0, LinkEventKind::Created);
    })
    .await;
    on_both(async |test| {
        let notice = TestNotice::new(test, &recipient("full")).await;
        let mut wait = 5 * MINUTE;
        let began = notice.clock.now();
        for _ in 0..8 {
            assert!(notice.deliver().await);
            notice.clock.advance(wait - 1);
            assert!(!notice.deliver().await, "after {wait} ms");
            notice.clock.advance(1);
            wait *= 2;
        }
        assert_eq!(test.rows("notices").await, 1);
        assert!(notice.deliver().await, "the last try");
        assert!(notice.clock.now() < began.plus(24 * 60 * MINUTE));
        notice.clock.advance(24 * 60 * MINUTE);
        assert!(!notice.deliver().await, "given up");
        assert_eq!(test.rows("notices WHERE dropped_at IS NOT NULL").await, 1);
        assert_eq!(test.rows("notices").await, 2, "a later mail may arrive");
    })
    .await;
}

/// A message that the server took, and whose end was not written because the node crashed, is sent once more.
#[tokio::test]
async fn a_notice_that_is_sent_twice_has_one_message_id() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        let job = notice.claim().await.expect("due");
        notice.clock.advance(2 * MINUTE);
        // The lease ran out: what this run did is not written.
        let again = notice.claim().await.expect("due again");
        for job in [job, again] {
            let (_running, stop) = watch::channel(false);
            notice.worker.work(job, stop).await;
        }
        let ids: Vec<_> = taken(&to)
            .iter()
            .map(|mail| {
                let text = mail["message"].as_str().expect("text");
                let line = text.lines().find(|line| line.starts_with("Message-ID: "));
                line.expect("an id").to_owned()
            })
            .collect();
        assert!(ids.len() == 2 && ids.first() == ids.last(), "{ids:?}");
    })
    .await;
}
