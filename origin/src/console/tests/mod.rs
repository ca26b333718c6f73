//! The console as members use it: by HTTP, on both databases.

mod accounts;
mod appearance;
mod audit_log;
mod batches;
mod bills;
mod companies;
mod edit;
mod links;
mod live;
mod mail;
mod pages;
mod provider;
mod providers;
mod sandbox;
mod saved_views;
mod second_factor;
mod sign_in;
mod single_sign_on;
mod size;
mod team;
mod webhooks;

use std::{net::SocketAddr, sync::Arc};

use browser::BrowserConfig;
use object_store::memory::InMemory;
use reqwest::{Response, header, redirect::Policy};
use shared::{
    id::{MemberId, OrganizationId},
    member::MemberRole,
    signing::SigningKey,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::{ConsoleDoor, once::fresh_word, router};
use crate::{
    blobs::Blobs,
    clock::{Clock as _, SystemRandom, TestClock, TestRandom},
    config::{SandboxConfig, Secret32, VaultKey},
    edge_push::EdgePush,
    mail::MailFolder,
    store::{
        StoreError,
        members::Member,
        testing::{NOW, TestStore, fresh, on_both},
    },
    team::invitation,
    vault::Vault,
    webhooks::EndpointAddresses,
};

const PASSWORD: &str = "correct horse battery";
const DAY_MS: i64 = 86_400_000;

/// A console on a port of its own.
struct TestConsole<'a> {
    test: &'a TestStore,
    clock: Arc<TestClock>,
    blobs: Blobs,
    folder: MailFolder,
    base: String,
    /// Says that the node stops.
    stopping: watch::Sender<bool>,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for TestConsole<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Runs `body` with a console on both databases.
async fn on_both_consoles(body: impl AsyncFn(&TestConsole<'_>)) {
    on_both(async |test| {
        let clock = Arc::new(TestClock::at(NOW));
        let random = Arc::new(TestRandom::default());
        let nowhere = "http://127.0.0.1:9".parse().expect("an address");
        let edge = EdgePush::new(
            &nowhere,
            0,
            SigningKey::new(&[7; 32]),
            clock.clone(),
            random.clone(),
        );
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let blobs = Blobs::new(
            Arc::new(InMemory::new()),
            vault.clone(),
            clock.clone(),
            random.clone(),
        );
        let folder = tempfile::tempdir().expect("a folder");
        let mail_folder = MailFolder::new(folder.path().to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let stopping = watch::Sender::new(false);
        let router = router(ConsoleDoor {
            store: test.store.clone(),
            sandbox: SandboxConfig {
                hosts: vec!["*.sandbox.example".into(), "*.localhost:7400".into()],
                ..SandboxConfig::default()
            },
            vault,
            endpoints: Arc::new(EndpointAddresses::new(&BrowserConfig {
                // Where providers of single sign-on are in tests.
                allowed_private_hosts: vec!["127.0.0.1".into()],
                ..BrowserConfig::default()
            })),
            blobs: blobs.clone(),
            mail_folder: Some(mail_folder.clone()),
            clock: clock.clone(),
            random,
            token_keys: Arc::new("1:000102030405060708090a0b0c0d0e0f".parse().expect("keys")),
            public_url: "https://api.example.com".parse().expect("an address"),
            links_base: "https://connect.example.com".parse().expect("an address"),
            proxies: vec!["127.0.0.1".parse().expect("an address")],
            edge: Arc::new(edge.expect("a client")),
            stopping: stopping.subscribe(),
        });
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let console = TestConsole {
            test,
            clock,
            blobs,
            folder: mail_folder,
            base,
            stopping,
            http: http.build().expect("a client"),
            server,
        };
        body(&console).await;
    })
    .await;
}

/// What a page says: status, where it leads to, cookie and text.
struct Answer {
    status: u16,
    location: String,
    cookie: Option<String>,
    text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let text = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().expect("a text").to_owned())
        };
        let cookie = text(header::SET_COOKIE);
        Self {
            status: response.status().as_u16(),
            location: text(header::LOCATION).unwrap_or_default(),
            cookie: cookie.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()),
            text: response.text().await.expect("a body"),
        }
    }
}

/// Somebody who is signed in.
struct Visitor<'a> {
    console: &'a TestConsole<'a>,
    cookie: String,
}

impl TestConsole<'_> {
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header(header::COOKIE, cookie);
        Answer::of(request.send().await.expect("an answer")).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header(header::COOKIE, cookie).form(form);
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// A member of the organization, and the path of their invitation.
    async fn invited(&self, organization: OrganizationId, role: MemberRole, email: &str) -> String {
        let member = Member {
            id: MemberId::from_random(fresh()),
            organization,
            email: email.into(),
            name: "Robin".into(),
            role,
            has_password: false,
            has_second_factor: false,
            created_at: NOW,
            last_signed_in_at: None,
        };
        let (member, random, now) = (&member, &SystemRandom, self.clock.now());
        let base = "https://api.example.com".parse().expect("an address");
        let base = &base;
        let inviting = self.test.store.tx("test", |tx| {
            Box::pin(async move {
                assert!(tx.add_member(member).await?, "the address is free");
                invitation(tx, base, (random, now), member.id).await
            })
        });
        let url: Result<String, StoreError> = inviting.await;
        let url = url.expect("an invitation");
        let path = url.strip_prefix("https://api.example.com");
        path.expect("an address of the console").to_owned()
    }

    /// Signs a new member in, by their invitation.
    async fn visitor(&self, organization: OrganizationId, role: MemberRole) -> Visitor<'_> {
        let email = format!("{}@example.com", role.as_str().to_lowercase());
        self.visitor_with(organization, role, &email).await
    }

    /// Signs a new member with this mail address in, by their invitation.
    async fn visitor_with(
        &self,
        organization: OrganizationId,
        role: MemberRole,
        email: &str,
    ) -> Visitor<'_> {
        let path = self.invited(organization, role, email).await;
        let answer = self.post(&path, "", &[("password", PASSWORD)]).await;
        assert_eq!(answer.location, "/console/connections", "{}", answer.text);
        Visitor {
            console: self,
            cookie: answer.cookie.expect("a session"),
        }
    }
}

impl Visitor<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.console.get(path, &self.cookie).await
    }

    /// Posts a form with the secret word that stands in the session's pages, and with a word of its own if it has none.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let page = self.get("/console/companies").await.text;
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value");
        let own = fresh_word(&SystemRandom);
        let form = match form.iter().any(|(name, _)| *name == "once") {
            true => [form, &[("csrf", word)]].concat(),
            false => [form, &[("csrf", word), ("once", &own)]].concat(),
        };
        self.console.post(path, &self.cookie, &form).await
    }
}
