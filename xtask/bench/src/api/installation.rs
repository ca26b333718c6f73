//! A database with the doors of the API and the console before it, and organizations with connections.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use browser::BrowserConfig;
use origin::{
    api::{self, ApiDoor},
    api_key,
    blobs::{self, Blobs},
    clock::{Clock as _, Random, SystemClock, SystemRandom, bytes},
    config::{BlobConfig, SandboxConfig, Secret32, VaultKey},
    console::{self, ConsoleDoor},
    edge_push::EdgePush,
    new_link::{Prefill, company_link},
    store::{
        Store, StoreError,
        companies::Company,
        finish::{FinishError, FinishInput},
        keys::ApiKey,
        members::Member,
        organizations::Organization as OrganizationRow,
    },
    team,
    vault::Vault,
    webhooks::EndpointAddresses,
};
use reqwest::{
    Client,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE},
    redirect::Policy,
};
use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, CompanyId, ConnectionId, FlowRef, MemberId, OrganizationId, PublicCompanyId},
    member::MemberRole,
    provider::ProviderUrl,
    signing::SigningKey,
    token::KeyRing,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use url::Url;
use xtask::Outcome;

use super::load::{self, Get, Post};

/// Connections that are written in one transaction.
const AT_ONCE: usize = 500;
const PASSWORD: &str = "correct horse battery";

/// The doors and their database.
pub struct Installation {
    store: Store,
    base: Url,
    client: Client,
    _folder: tempfile::TempDir,
    _stopping: watch::Sender<bool>,
}

/// An organization with one company, whose API and console can be asked.
pub struct Organization {
    company: CompanyId,
    base: Url,
    client: Client,
    keys: Vec<String>,
    cookie: String,
}

/// A key that may do everything, and what it is found by.
fn key_row(organization: OrganizationId, key: &str) -> (ApiKey, [u8; 32]) {
    let row = ApiKey {
        id: ApiKeyId::from_random(bytes(&SystemRandom)),
        organization,
        name: "bench".into(),
        prefix: "ml_".into(),
        environment: ApiKeyEnvironment::Production,
        scopes: ApiKeyScope::ALL.to_vec(),
        expires_at: None,
        allowed_addresses: Vec::new(),
        created_at: SystemClock.now(),
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    (row, api_key::hash(key.as_bytes()))
}

fn failed(error: StoreError) -> String {
    format!("The database failed: {error}.")
}

fn token_keys() -> Outcome<Arc<KeyRing>> {
    let keys = "3:000102030405060708090a0b0c0d0e0f".parse();
    Ok(Arc::new(keys.map_err(|_| "No token keys.")?))
}

fn address(text: &str) -> Outcome<Url> {
    text.parse().map_err(|_| format!("{text} is no address."))
}

impl Installation {
    /// Makes it, with the doors on a free port.
    pub async fn make(url: &str) -> Outcome<Self> {
        let folder = tempfile::tempdir().map_err(|error| format!("No folder: {error}."))?;
        let store = Store::open(url).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let objects = blobs::open(&BlobConfig::Folder(folder.path().to_owned()));
        let objects = objects.map_err(|error| error.to_string())?;
        let blobs = Blobs::new(objects, vault.clone(), clock.clone(), random.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| format!("No port: {error}."))?;
        let here: SocketAddr = listener.local_addr().map_err(|error| error.to_string())?;
        let base = address(&format!("http://{here}"))?;
        // No organization has a brand, so nothing is pushed there.
        let edge = EdgePush::new(
            &address("http://127.0.0.1:9")?,
            0,
            SigningKey::new(&[7; 32]),
            clock.clone(),
            random.clone(),
        );
        let edge = Arc::new(edge.map_err(|error| error.to_string())?);
        let links_base = address("https://connect.example.com")?;
        let endpoints = Arc::new(EndpointAddresses::new(&BrowserConfig::default()));
        let stopping = watch::Sender::new(false);
        let console = console::router(ConsoleDoor {
            store: store.clone(),
            sandbox: SandboxConfig::default(),
            vault: vault.clone(),
            endpoints: endpoints.clone(),
            blobs: blobs.clone(),
            mail_folder: None,
            clock: clock.clone(),
            random: random.clone(),
            token_keys: token_keys()?,
            public_url: base.clone(),
            links_base: links_base.clone(),
            proxies: Vec::new(),
            edge: edge.clone(),
            stopping: stopping.subscribe(),
        });
        let door = ApiDoor {
            store: store.clone(),
            sandbox: SandboxConfig::default(),
            endpoints,
            blobs,
            clock,
            random,
            vault,
            token_keys: token_keys()?,
            links_base,
            edge,
            public_url: base.clone(),
            host: None,
            proxies: Vec::new(),
        };
        let router = api::router(door, console);
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder().no_proxy().redirect(Policy::none());
        Ok(Self {
            store,
            base,
            client: client.build().map_err(|error| error.to_string())?,
            _folder: folder,
            _stopping: stopping,
        })
    }

    /// An organization whose one company has so many connections.
    pub async fn organization(&self, connections: usize) -> Outcome<Organization> {
        let (random, now): (&dyn Random, _) = (&SystemRandom, SystemClock.now());
        let organization = OrganizationRow {
            id: OrganizationId::from_random(bytes(random)),
            name: "Acme Energy".into(),
            created_at: now,
        };
        let company = Company {
            id: CompanyId::from_random(bytes(random)),
            public_id: PublicCompanyId::from_random(bytes(random)),
            organization: organization.id,
            name: "Blue Bakery".into(),
            external_id: None,
            environment: ApiKeyEnvironment::Production,
            created_at: now,
        };
        let keys: Vec<_> = (0..load::AT_ONCE)
            .map(|number| format!("ml_production_{}_{number}", organization.id))
            .collect();
        let key_rows: Vec<_> = keys
            .iter()
            .map(|key| key_row(organization.id, key))
            .collect();
        let member = Member {
            id: MemberId::from_random(bytes(random)),
            organization: organization.id,
            email: format!("{}@example.com", organization.id),
            name: "Robin".into(),
            role: MemberRole::Owner,
            has_password: false,
            has_second_factor: false,
            created_at: now,
            last_signed_in_at: None,
        };
        let rows = (&organization, &company, &key_rows, &member, &self.base);
        let adding = self.store.tx("bench", |tx| {
            Box::pin(async move {
                tx.add_organization(rows.0).await?;
                tx.add_company(rows.1).await?;
                for (row, hash) in rows.2 {
                    tx.add_key(row, *hash).await?;
                }
                tx.add_member(rows.3).await?;
                team::invitation(tx, rows.4, (&SystemRandom, now), rows.3.id).await
            })
        });
        let invitation: Result<String, StoreError> = adding.await;
        let cookie = self.sign_in(&invitation.map_err(failed)?).await?;
        self.connect(organization.id, company.id, connections)
            .await?;
        Ok(Organization {
            company: company.id,
            base: self.base.clone(),
            client: self.client.clone(),
            keys,
            cookie,
        })
    }

    /// Writes so many rows, each in a transaction of its own, as many at the same time as links are made: how many a second
    /// the database takes without the API before it.
    pub async fn rows_rate(&self, rows: usize) -> Outcome<f64> {
        let began = Instant::now();
        let mut writers = JoinSet::new();
        for _ in 0..load::AT_ONCE {
            let store = self.store.clone();
            writers.spawn(async move {
                for _ in 0..rows / load::AT_ONCE {
                    let row = OrganizationRow {
                        id: OrganizationId::from_random(bytes(&SystemRandom)),
                        name: "Acme Energy".into(),
                        created_at: SystemClock.now(),
                    };
                    let added = store.tx("bench.row", |tx| Box::pin(tx.add_organization(&row)));
                    added.await?;
                }
                Ok::<_, StoreError>(())
            });
        }
        while let Some(written) = writers.join_next().await {
            let written = written.map_err(|error| error.to_string())?;
            written.map_err(failed)?;
        }
        Ok(load::per_second(rows, began))
    }

    /// The cookie of the session that an invitation opens.
    async fn sign_in(&self, invitation: &str) -> Outcome<String> {
        let form = format!("password={}", PASSWORD.replace(' ', "+"));
        let request = self.client.post(invitation).body(form);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let cookie = answer.headers().get(SET_COOKIE);
        let cookie = cookie.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookie.ok_or_else(|| format!("No session: {}.", answer.status()))?;
        Ok(cookie.to_owned())
    }

    /// Makes so many connections as one client does who adds one after the other.
    async fn connect(
        &self,
        organization: OrganizationId,
        company: CompanyId,
        connections: usize,
    ) -> Outcome {
        let random: &dyn Random = &SystemRandom;
        let flow = FlowRef::from_random(bytes(random));
        let keys = token_keys()?;
        let now = SystemClock.now();
        let link = company_link((&keys, random), now, company, Prefill::default());
        let added = &link;
        let adding = self.store.tx("bench", |tx| {
            Box::pin(async move { tx.add_link(organization, added).await })
        });
        adding.await.map_err(failed)?;
        let website = "https://utility.example/login".parse::<ProviderUrl>();
        let website = website.map_err(|_| "The website has no address.")?;
        let country = "GB".parse().map_err(|_| "There is no such country.")?;
        let inputs: Vec<FinishInput> = (0..connections)
            .zip(0_i64..)
            .map(|(_, after)| FinishInput {
                company,
                link: link.id,
                flow_ref: flow,
                connection: ConnectionId::from_random(bytes(random)),
                sealed: vec![0; 200],
                recipe: "{}".into(),
                provider_url: website.clone(),
                country,
                username_masked: Some("j***@client.example".into()),
                sites: Vec::new(),
                utility_types: Vec::new(),
                now: now.plus(after),
            })
            .collect();
        for inputs in inputs.chunks(AT_ONCE) {
            let connecting = self.store.tx("bench", |tx| {
                Box::pin(async move {
                    for input in inputs {
                        tx.finish(input).await?;
                    }
                    Ok::<_, FinishError>(())
                })
            });
            connecting.await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl Organization {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str().trim_end_matches('/'))
    }

    fn headers(&self, name: HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(value);
        headers.insert(name, value.unwrap_or(HeaderValue::from_static("")));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers
    }

    /// The headers of each key.
    fn with_keys(&self) -> Vec<HeaderMap> {
        let name = HeaderName::from_static("x-api-key");
        let keys = self.keys.iter();
        keys.map(|key| self.headers(name.clone(), key)).collect()
    }

    /// Making a link by the API.
    pub fn make_link(&self) -> Post {
        Post {
            client: self.client.clone(),
            url: self.url(&format!("/v2.2/connection/company/{}/link", self.company)),
            headers: self.with_keys(),
            body: r#"{"url":"https://utility.example/login","country":"GB"}"#,
        }
    }

    /// The first hundred connections by the API.
    pub fn api_list(&self) -> Get {
        let path = format!("/v2.2/connection/company/{}?limit=100", self.company);
        Get {
            client: self.client.clone(),
            url: self.url(&path),
            headers: self.with_keys(),
            row: "\"publicCompanyId\"",
            rows: 100,
        }
    }

    /// The first page of connections at the console, without the links that nobody has used yet.
    pub fn console_list(&self) -> Get {
        Get {
            client: self.client.clone(),
            url: self.url("/console/connections?view=waiting"),
            headers: vec![self.headers(COOKIE, &self.cookie)],
            row: "data-connection=",
            rows: 50,
        }
    }
}
