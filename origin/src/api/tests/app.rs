//! The API on a real port, and organizations that call it.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use browser::BrowserConfig;
use object_store::memory::InMemory;
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, BillId, ConnectionId, LinkId, OrganizationId, PublicCompanyId},
    signing::SigningKey,
    token::KeyRing,
};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    api::{ApiDoor, router},
    api_key,
    blobs::Blobs,
    clock::{TestClock, TestRandom},
    config::{SandboxConfig, Secret32, VaultKey},
    edge_push::EdgePush,
    store::{
        bills::NewBill,
        keys::ApiKey,
        test_databases::migrated_sqlite,
        testing::{Client, NOW, TestStore, fresh, new_bill},
    },
    vault::Vault,
    webhooks::EndpointAddresses,
};

/// The key that edge and origin share in these tests.
pub(super) const EDGE_KEY: [u8; 32] = [7; 32];
/// The file of the bill that [`Organization::connect`] stores.
const FILE: &[u8] = b"%PDF\x01";
pub(super) const TOKEN_KEYS: &str = "3:000102030405060708090a0b0c0d0e0f";

/// A running API with a database of its own.
pub(super) struct TestApp {
    pub(super) clock: Arc<TestClock>,
    pub(super) test: TestStore,
    pub(super) blobs: Blobs,
    pub(super) keys: KeyRing,
    pub(super) base: String,
    pub(super) http: reqwest::Client,
    server: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

/// What differs from test to test.
pub(super) struct Builder {
    host: Option<String>,
    edge: Url,
}

impl Builder {
    pub(super) fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub(super) fn edge(mut self, edge: &str) -> Self {
        self.edge = edge.parse().expect("an address");
        self
    }

    pub(super) async fn start(self) -> TestApp {
        let folder = tempfile::tempdir().expect("a folder");
        let store = migrated_sqlite(folder.path()).await;
        let clock = Arc::new(TestClock::at(NOW));
        let random = Arc::new(TestRandom::default());
        let keys = || TOKEN_KEYS.parse().expect("token keys");
        let edge = EdgePush::new(
            &self.edge,
            4,
            SigningKey::new(&EDGE_KEY),
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
            Arc::new(TestRandom::default()),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let door = ApiDoor {
            store: store.clone(),
            sandbox: SandboxConfig {
                hosts: vec!["*.sandbox.example".into()],
                ..SandboxConfig::default()
            },
            endpoints: Arc::new(EndpointAddresses::new(&BrowserConfig::default())),
            blobs: blobs.clone(),
            clock: clock.clone(),
            random,
            vault,
            token_keys: Arc::new(keys()),
            links_base: "https://connect.example.com".parse().expect("an address"),
            edge: Arc::new(edge.expect("a client")),
            public_url: base.parse().expect("an address"),
            host: self.host,
            proxies: vec!["127.0.0.1".parse().expect("an address")],
        };
        let router = router(door, Router::new());
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        TestApp {
            clock,
            test: TestStore { store },
            blobs,
            keys: keys(),
            base,
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            server,
            _folder: folder,
        }
    }
}

impl TestApp {
    /// An API whose edge does not answer.
    pub(super) fn builder() -> Builder {
        Builder {
            host: None,
            edge: "http://127.0.0.1:9".parse().expect("an address"),
        }
    }

    pub(super) async fn start() -> Self {
        Self::builder().start().await
    }

    /// A new organization with a key, a company, a site and a link.
    pub(super) async fn organization(&self) -> Organization {
        let client = self.test.client().await;
        let key = format!("ml_{}", client.organization);
        let row = ApiKey {
            id: ApiKeyId::from_random(fresh()),
            organization: client.organization,
            name: "test".into(),
            prefix: "ml_".into(),
            environment: ApiKeyEnvironment::Production,
            scopes: ApiKeyScope::ALL.to_vec(),
            expires_at: None,
            allowed_addresses: Vec::new(),
            created_at: NOW,
            last_used_at: None,
            revoked_at: None,
            version: 1,
        };
        let hash = api_key::hash(key.as_bytes());
        self.test
            .store
            .tx("test", |tx| Box::pin(tx.add_key(&row, hash)))
            .await
            .expect("key");
        Organization {
            id: client.organization,
            key_id: row.id,
            key,
            client,
            base: self.base.clone(),
            http: self.http.clone(),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Somebody with a key.
pub(super) struct Organization {
    pub(super) id: OrganizationId,
    pub(super) key_id: ApiKeyId,
    pub(super) key: String,
    pub(super) client: Client,
    base: String,
    http: reqwest::Client,
}

/// Status and body.
pub(super) type Answer = (u16, Value);

impl Organization {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A request with this organization's key.
    pub(super) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method, url);
        request.header("x-api-key", &self.key)
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await.expect("an answer")).await
    }

    pub(super) fn links_path(&self) -> String {
        format!("/v2.2/connection/company/{}/link", self.client.company.id)
    }

    /// Makes a link and answers it.
    pub(super) async fn make_link(&self, body: Value) -> Value {
        let (status, made) = self.post(&self.links_path(), body).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// Connects the first link and stores a bill.
    pub(super) async fn connect(&self, app: &TestApp) -> (ConnectionId, BillId) {
        let company = self.client.company.id;
        let connection = app.test.connect(&self.client).await;
        let blob = app.blobs.put(company, FILE).await.expect("a blob");
        let bill = NewBill {
            blob: blob.to_string(),
            ..new_bill(company, connection, 1)
        };
        app.test
            .store
            .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
            .await
            .expect("bill");
        (connection, bill.id)
    }

    /// A new webhook endpoint and a delivery to it.
    pub(super) async fn webhook(&self) -> (String, String) {
        let url = json!({ "url": "https://hooks.example.com/" });
        let (_, made) = self.post("/v2.2/webhook", url).await;
        let id = made["id"].as_str().expect("an id").to_owned();
        let (_, sent) = self
            .post(&format!("/v2.2/webhook/{id}/test"), json!({}))
            .await;
        (id, sent["id"].as_str().expect("an id").to_owned())
    }

    /// Invites a member who changes nothing: their id.
    pub(super) async fn member(&self) -> String {
        let new =
            json!({ "name": "Kim", "email": "kim@organization.example", "role": "READ_ONLY" });
        let (status, invited) = self.post("/v2.2/member", new).await;
        assert_eq!(status, 201, "{invited}");
        invited["id"].as_str().expect("an id").to_owned()
    }

    /// Sends a file of links: the id of the batch.
    pub(super) async fn batch(&self, file: &'static str) -> String {
        let request = self.request(Method::POST, "/v2.2/link/batch");
        let request = request.header("content-type", "text/csv").body(file);
        let (status, batch) = read(request.send().await.expect("an answer")).await;
        assert_eq!(status, 202, "{batch}");
        batch["id"].as_str().expect("an id").to_owned()
    }

    /// Makes another key with these scopes: its id and its text.
    pub(super) async fn new_key(&self, scopes: &[ApiKeyScope]) -> (String, String) {
        let body = json!({ "name": "another", "scopes": scopes });
        let (status, made) = self.post("/v2.2/key", body).await;
        assert_eq!(status, 201, "{made}");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        (text("id"), text("key"))
    }

    /// The same organization, calling with another key.
    pub(super) fn with_key(&self, (id, key): (String, String)) -> Self {
        Self {
            id: self.id,
            key_id: id.parse().expect("an id"),
            key,
            client: self.client.clone(),
            base: self.base.clone(),
            http: self.http.clone(),
        }
    }

    pub(super) fn link_id(&self) -> LinkId {
        self.client.link.id
    }

    pub(super) fn public_company(&self) -> PublicCompanyId {
        self.client.company.public_id
    }
}

/// Status and body; null when there is no JSON. A problem says what it is.
pub(super) async fn read(answer: reqwest::Response) -> Answer {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").cloned();
    let bytes = answer.bytes().await.expect("a body");
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status >= 400 {
        assert_eq!(kind.expect("a content type"), "application/problem+json");
        assert_eq!(body["status"], status);
        assert!(
            body["detail"].is_string() && body["title"].is_string(),
            "{body}"
        );
    }
    (status, body)
}

/// The names of the wrong fields of a 422.
pub(super) fn wrong_fields((status, body): &Answer) -> Vec<String> {
    assert_eq!(*status, 422, "{body}");
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let field = |error: &Value| error["field"].as_str().expect("a field").to_owned();
    assert!(
        errors.iter().all(|error| error["detail"] != json!("")),
        "{body}"
    );
    errors.iter().map(field).collect()
}
