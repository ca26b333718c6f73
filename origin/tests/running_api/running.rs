//! An origin that runs in the test, with an organization that may do everything, and what clients leave behind.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use origin::{
    api_key::ApiKeySecret,
    blobs::Blobs,
    clock::{Clock as _, SystemClock, SystemRandom, bytes},
    config::{self, Config},
    serve::{open_blobs, open_store, serve},
    store::{Store, keys::ApiKey, organizations::Organization},
    vault::Vault,
};
use serde_json::{Value, json};
use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, BillId, ConnectionId, OrganizationId},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, time::sleep};

#[path = "../things/connected.rs"]
mod connected;

/// How long the origin may take to start.
const START: Duration = Duration::from_secs(30);

/// A running origin and its parts.
pub struct Running {
    pub folder: TempDir,
    pub address: SocketAddr,
    pub store: Store,
    pub blobs: Blobs,
    pub caller: Caller,
}

/// Starts an origin, does the work with it and stops it.
pub async fn with_running<T>(work: impl AsyncFnOnce(&Running) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let (config, address) = configuration(folder.path());
    let store = open_store(&config).await.expect("a store");
    let blobs = open_blobs(&config, &Arc::new(Vault::new(&config.vault_keys))).expect("blobs");
    let key = add_key(&store).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve(config, async {
        let _ = stopped.await;
    });
    let running = async {
        wait_for(address).await;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(START)
            .build()
            .expect("a client");
        let base = format!("http://{address}");
        let caller = Caller { base, key, http };
        let running = Running {
            folder,
            address,
            store,
            blobs,
            caller,
        };
        let done = work(&running).await;
        let _ = stop.send(());
        done
    };
    let (served, done) = tokio::join!(serving, running);
    served.expect("it ends well");
    done
}

/// A configuration of an origin that collects nothing, and where its API answers.
fn configuration(folder: &Path) -> (Config, SocketAddr) {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("its address");
    let text = format!(
        "data_dir = \"{}\"\n\
         token_keys = [\"1:000102030405060708090a0b0c0d0e0f\"]\n\
         vault_keys = [\"1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"]\n\
         [edge]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:9\"\n\
         signing_key = \"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"\n\
         [api]\nlisten = \"{address}\"\n[browser]\nwarm = 0\n[collection]\nworkers = 0\n",
        folder.join("data").display()
    );
    let config = config::read(&text, std::iter::empty()).expect("a configuration");
    (config, address)
}

async fn wait_for(address: SocketAddr) {
    let deadline = Instant::now() + START;
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "the origin does not start");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Makes an organization with a key that may do everything; returns the key.
async fn add_key(store: &Store) -> String {
    let secret = ApiKeySecret::random(ApiKeyEnvironment::Production, &SystemRandom);
    let organization = Organization {
        id: OrganizationId::from_random(bytes(&SystemRandom)),
        name: "Acme Energy".into(),
        created_at: SystemClock.now(),
    };
    let key = ApiKey {
        id: ApiKeyId::from_random(bytes(&SystemRandom)),
        organization: organization.id,
        name: "schemathesis".into(),
        prefix: secret.prefix(),
        environment: ApiKeyEnvironment::Production,
        scopes: ApiKeyScope::ALL.to_vec(),
        expires_at: None,
        allowed_addresses: Vec::new(),
        created_at: organization.created_at,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let (key, organization, hash) = (&key, &organization, secret.hash());
    let added = store.tx("test", |tx| {
        Box::pin(async move {
            tx.add_organization(organization).await?;
            tx.add_key(key, hash).await
        })
    });
    let _: () = added.await.expect("added");
    secret.text().to_owned()
}

/// The organization at its API.
pub struct Caller {
    pub base: String,
    pub key: String,
    http: reqwest::Client,
}

impl Caller {
    /// Makes something; returns its id.
    pub async fn make(&self, path: &str, body: Value) -> String {
        let made = self.post(path, body).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a key that may do everything there; returns it.
    pub async fn make_key(&self, environment: ApiKeyEnvironment) -> String {
        let body = json!({ "name": "schemathesis", "environment": environment, "scopes": ApiKeyScope::ALL });
        let made = self.post("/v2.2/key", body).await;
        made["key"].as_str().expect("a key").to_owned()
    }

    /// Reads what is at this path.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key);
        let read = request.send().await.expect("an answer");
        read.json().await.expect("JSON")
    }

    /// Sends a file of links; returns the id of the batch.
    pub async fn send_file(&self, file: &'static str) -> String {
        let request = self.http.post(format!("{}/v2.2/link/batch", self.base));
        let request = request.header("x-api-key", &self.key);
        let request = request.header("content-type", "text/csv").body(file);
        let made: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        made["id"].as_str().expect("an id").to_owned()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).json(&body);
        let made = request.send().await.expect("an answer");
        made.json().await.expect("JSON")
    }
}

/// What a client's flow and its first collection leave behind.
pub async fn connect(running: &Running, company: &str, link: &str) -> (ConnectionId, BillId) {
    connected::connect(&running.store, &running.blobs, company, link).await
}
