//! The operators' pages as operators use them: by HTTP, on both databases.

mod connection;
mod sign_in;

use std::{net::SocketAddr, sync::Arc};

use browser::{BrowserConfig, Launcher};
use reqwest::{Response, header, redirect::Policy};
use shared::id::{OperatorId, OrganizationId};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{OperatorDoor, new_invitation, router};
use crate::{
    address_range::AddressRange,
    clock::{Clock as _, SystemRandom, TestClock, TestRandom},
    codes::Authenticator,
    config::{Secret32, VaultKey},
    store::{
        operators::Operator,
        testing::{NOW, TestStore, fresh, on_both},
    },
    vault::Vault,
};

const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@platform.example";
const MINUTE_MS: i64 = 60_000;

/// The pages on a port of their own.
struct TestPages<'a> {
    test: &'a TestStore,
    clock: Arc<TestClock>,
    vault: Arc<Vault>,
    base: String,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for TestPages<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Runs `body` with the pages on both databases, there for these addresses.
async fn on_both_pages(addresses: &[&str], body: impl AsyncFn(&TestPages<'_>)) {
    let ranges = addresses.iter().map(|text| text.parse().expect("a range"));
    let ranges: Vec<AddressRange> = ranges.collect();
    on_both(async |test| {
        let clock = Arc::new(TestClock::at(NOW));
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let router = router(OperatorDoor {
            store: test.store.clone(),
            vault: vault.clone(),
            launcher: Launcher::new(BrowserConfig::default()),
            clock: clock.clone(),
            random: Arc::new(TestRandom::default()),
            public_url: "https://api.example.com".parse().expect("an address"),
            proxies: vec!["127.0.0.1".parse().expect("an address")],
            addresses: ranges.clone(),
        });
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let pages = TestPages {
            test,
            clock,
            vault,
            base,
            http: http.build().expect("a client"),
            server,
        };
        body(&pages).await;
    })
    .await;
}

/// What a page says.
struct Answer {
    status: u16,
    location: String,
    cookie: Option<String>,
    kind: String,
    bytes: Vec<u8>,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let text = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().expect("a text").to_owned())
        };
        let policy = text(header::CACHE_CONTROL);
        assert!(policy.is_none_or(|policy| policy == "no-store"));
        let cookie = text(header::SET_COOKIE);
        Self {
            status: response.status().as_u16(),
            location: text(header::LOCATION).unwrap_or_default(),
            cookie: cookie.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()),
            kind: text(header::CONTENT_TYPE).unwrap_or_default(),
            bytes: response.bytes().await.expect("a body").to_vec(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Somebody who is signed in.
struct Visitor<'a> {
    pages: &'a TestPages<'a>,
    cookie: String,
    app: Authenticator,
}

impl TestPages<'_> {
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.get_from(path, cookie, "203.0.113.7").await
    }

    async fn get_from(&self, path: &str, cookie: &str, address: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header(header::COOKIE, cookie);
        let request = request.header("x-forwarded-for", address);
        Answer::of(request.send().await.expect("an answer")).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("x-forwarded-for", "203.0.113.7");
        let request = request.header(header::COOKIE, cookie).form(form);
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// The code that an app shows now.
    fn code(&self, app: &Authenticator) -> String {
        app.code(app.time_step(self.clock.now())).to_string()
    }

    /// A new operator, and the path of their invitation.
    async fn invited(&self) -> (OperatorId, String) {
        let operator = Operator {
            id: OperatorId::from_random(fresh()),
            email: EMAIL.into(),
            name: "Ada".into(),
            can_sign_in: false,
            created_at: NOW,
            last_signed_in_at: None,
        };
        let new = &operator;
        let adding = self
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_operator(new)));
        assert!(adding.await.expect("added"), "the address is free");
        (operator.id, self.invite(operator.id).await)
    }

    /// The path of an invitation for an operator.
    async fn invite(&self, id: OperatorId) -> String {
        let url = &"https://api.example.com".parse().expect("an address");
        let now = self.clock.now();
        let invitation = new_invitation(&self.vault, &SystemRandom, url, (id, now));
        let invitation = &invitation.expect("sealed");
        let inviting = self
            .test
            .store
            .tx("test", |tx| Box::pin(invitation.write(tx)));
        inviting.await.expect("invited");
        let path = invitation.url.strip_prefix("https://api.example.com");
        path.expect("an address of ours").to_owned()
    }

    /// Signs a new operator in, by their invitation.
    async fn visitor(&self) -> Visitor<'_> {
        let (_, path) = self.invited().await;
        let app = app(&self.get(&path, "").await.text());
        let code = self.code(&app);
        let form = [("password", PASSWORD), ("code", code.as_str())];
        let answer = self.post(&path, "", &form).await;
        assert_eq!(answer.location, "/operator/failures", "{}", answer.text());
        Visitor {
            pages: self,
            cookie: answer.cookie.expect("a session"),
            app,
        }
    }

    /// Gives an organization a name of its own.
    async fn organization_name(&self, id: OrganizationId) -> String {
        let reading = self
            .test
            .store
            .read("test", |tx| Box::pin(tx.organization(id)));
        reading.await.expect("read").expect("one").name
    }
}

impl Visitor<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.pages.get(path, &self.cookie).await
    }

    /// Posts a form with the secret word that stands in the session's pages.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let page = self.get("/operator/account").await.text();
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value");
        let form = [form, &[("csrf", word)]].concat();
        self.pages.post(path, &self.cookie, &form).await
    }
}

/// The app on the operator's phone, which read the page's key.
fn app(page: &str) -> Authenticator {
    let (_, rest) = page.split_once("<textarea id=\"key\"").expect("a key");
    let (_, rest) = rest.split_once('>').expect("its beginning");
    let key = rest.split('<').next().expect("its end");
    Authenticator::parse(key).expect("a secret")
}
