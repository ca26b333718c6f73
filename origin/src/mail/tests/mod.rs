//! Mail to a real server on this machine, which `xtask/src/test/smtp_server.py` is.

mod mails;
mod notices;
mod smtp;

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::Value;
use shared::{
    brand::Brand,
    id::NoticeId,
    token::{KeyRing, TokenKey},
};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::{
    Composer, DeliverMail, DeliverNotice, LaidOutMail, MailServices, SmtpClient, Transport,
};
use crate::{
    clock::{Clock as _, SystemRandom, TestClock, bytes},
    config::{MailConfig, Secret32, SmtpConfig, SmtpLogin, SmtpSecurity, VaultKey},
    jobs::{Registry, Settings, WaitingRuns, Worker},
    store::{
        jobs::{Job, KnownKind},
        testing::{NOW, TestStore},
    },
    vault::Vault,
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

/// What the server took for this recipient.
fn taken(recipient: &str) -> Vec<Value> {
    let file = |count: usize| folder().join(format!("mail/{recipient}.{count}.json"));
    let files = (0..).map_while(|count| std::fs::read(file(count)).ok());
    files
        .map(|file| serde_json::from_slice(&file).expect("JSON"))
        .collect()
}

/// The same as mail programs read it.
fn read(taken: &Value) -> LaidOutMail {
    let raw = taken["message"].as_str().expect("text");
    LaidOutMail::read(raw.as_bytes()).expect("a message")
}

fn token_keys() -> Arc<KeyRing> {
    Arc::new(KeyRing::new(vec![TokenKey::new(3, &[7; 16])]).expect("a key"))
}

fn vault() -> Arc<Vault> {
    Arc::new(Vault::new(&[VaultKey {
        id: 1,
        key: Secret32::new([5; 32]),
    }]))
}

/// A brand with a logo that mail programs show.
fn brand() -> Brand {
    Brand {
        name: "Harbor & Sons".into(),
        logo: Some(format!("data:image/png;base64,{PIXEL}")),
        accent: "#f4c430".parse().expect("a colour"),
        on_accent: "#1d1d1d".parse().expect("a colour"),
        font: Some("\"Source Sans 3\", Georgia, serif".into()),
        support_email: Some("help@harbor.example".into()),
        frame_ancestors: Vec::new(),
    }
}

/// A picture of one pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// A node that delivers mails and notices to the test's server.
struct MailNode {
    clock: Arc<TestClock>,
    worker: Worker,
}

impl MailNode {
    fn new(test: &TestStore) -> Self {
        let clock = Arc::new(TestClock::at(NOW));
        let config = MailConfig {
            folder: PathBuf::new(),
            from: FROM.parse().expect("an address"),
            smtp: Some(settings("starttls")),
        };
        let services = MailServices {
            store: test.store.clone(),
            transport: Arc::new(Transport::new(&config).expect("a transport")),
            composer: Arc::new(Composer {
                from: config.from.clone(),
                links_base: "https://connect.example".parse().expect("a URL"),
                console_base: "https://api.example".parse().expect("a URL"),
                bounce_domain: Some("codes.example".into()),
            }),
            token_keys: token_keys(),
            vault: vault(),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        };
        let registry = Registry::new(clock.clone(), Arc::new(SystemRandom))
            .with(DeliverNotice(services.clone()))
            .with(DeliverMail(services));
        let worker = Worker {
            store: test.store.clone(),
            clock: clock.clone(),
            registry: Arc::new(registry),
            settings: Settings::new(1, "node".into()),
            waiting: WaitingRuns::default(),
        };
        Self { clock, worker }
    }

    async fn claim(&self) -> Option<Job> {
        let kinds = ["DELIVER_NOTICE", "DELIVER_MAIL"].map(|name| KnownKind { name, version: 1 });
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
}
