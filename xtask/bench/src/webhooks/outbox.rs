//! An organization with an endpoint, and the program's own way to tell it something: SQLite, as a node has it.

use std::sync::Arc;

use browser::BrowserConfig;
use origin::{
    clock::{Clock, Random, SystemClock, SystemRandom, bytes},
    config::{Secret32, VaultKey},
    jobs::{Context, Kind as _, WaitingRuns},
    store::{
        Store, StoreError,
        companies::Company,
        jobs::KnownKind,
        links::Link,
        organizations::Organization,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
    },
    vault::Vault,
    webhooks::{
        DeliverWebhooks, DeliverWebhooksPayload, EndpointAddresses, Outbox, TIME_LIMIT,
        WebhookSecret, seal_secret,
    },
};
use shared::{
    id::{CompanyId, LinkId, OrganizationId, PublicCompanyId, WebhookEndpointId},
    status::LinkKind,
    webhook::WebhookEventType,
};
use xtask::Outcome;

use super::receiver::Receiver;

/// A claim is held for so long, in milliseconds: longer than a round takes.
const LEASE_MS: i64 = 600_000;

/// A database with one organization and its links, and the job that delivers.
pub struct Installation {
    store: Store,
    company: CompanyId,
    links: Vec<LinkId>,
    deliver: DeliverWebhooks,
    _folder: tempfile::TempDir,
}

impl Installation {
    /// Makes it, with an endpoint at the receiver and so many links.
    pub async fn make(receiver: &Receiver, links: usize) -> Outcome<Self> {
        let folder = tempfile::tempdir().map_err(|error| format!("No folder: {error}."))?;
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        let store = Store::open(&url).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let (random, now) = (&SystemRandom, SystemClock.now());
        let organization = Organization {
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
            environment: shared::api_key::ApiKeyEnvironment::Production,
            created_at: now,
        };
        let endpoint = endpoint(&vault, organization.id, receiver)?;
        let all: Vec<_> = (0..links).map(|_| link(company.id)).collect();
        let rows = (&organization, &company, &endpoint, &all);
        let made = store.tx("bench", |tx| {
            Box::pin(async move {
                tx.add_organization(rows.0).await?;
                tx.add_company(rows.1).await?;
                tx.add_webhook_endpoint(rows.2).await?;
                for link in rows.3 {
                    tx.add_link(rows.0.id, link).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        made.await.map_err(failed)?;
        let browser = BrowserConfig {
            allowed_private_hosts: vec![receiver.host().to_owned()],
            ..BrowserConfig::default()
        };
        let keys = "3:000102030405060708090a0b0c0d0e0f".parse();
        let base = "https://connect.example.com".parse();
        Ok(Self {
            deliver: DeliverWebhooks {
                store: store.clone(),
                vault,
                token_keys: Arc::new(keys.map_err(|_| "No token keys.")?),
                links_base: base.map_err(|_| "No address for links.")?,
                random: Arc::new(SystemRandom),
                addresses: Arc::new(EndpointAddresses::new(&browser)),
                clock: Arc::new(SystemClock),
                time_limit: TIME_LIMIT,
            },
            store,
            company: company.id,
            links: all.iter().map(|link| link.id).collect(),
            _folder: folder,
        })
    }

    /// Tells so many events, of all links in turn, each in a transaction of its own.
    pub async fn tell(&self, events: usize) -> Outcome {
        for link in self.links.iter().cycle().take(events) {
            let (company, link, now) = (self.company, *link, SystemClock.now());
            let told = self.store.tx("bench", |tx| {
                Box::pin(async move {
                    let outbox = Outbox::of(tx, company, &SystemRandom, now).await?;
                    match outbox {
                        Some(outbox) => outbox.link(tx, WebhookEventType::LinkOpened, link).await,
                        None => Ok::<_, StoreError>(()),
                    }
                })
            });
            told.await.map_err(failed)?;
        }
        Ok(())
    }

    /// Delivers all that is due, as a node's worker does.
    pub async fn drain(&self) -> Outcome {
        let kinds = [KnownKind {
            name: DeliverWebhooks::NAME,
            version: 1,
        }];
        loop {
            let now = SystemClock.now();
            let claimed = self.store.tx("bench", |tx| {
                Box::pin(tx.claim_job(&kinds, now, LEASE_MS, "bench"))
            });
            let Some(job) = claimed.await.map_err(failed)? else {
                return Ok(());
            };
            let payload: DeliverWebhooksPayload =
                serde_json::from_str(&job.payload).map_err(|error| error.to_string())?;
            let context = Context::new(job, WaitingRuns::default());
            let ran = self.deliver.run(&context, payload).await;
            ran.map_err(failed)?;
        }
    }
}

fn failed(error: StoreError) -> String {
    format!("The database failed: {error}.")
}

fn endpoint(
    vault: &Vault,
    organization: OrganizationId,
    receiver: &Receiver,
) -> Outcome<WebhookEndpoint> {
    let random: &dyn Random = &SystemRandom;
    let id = WebhookEndpointId::from_random(bytes(random));
    let secret = WebhookSecret::random(random);
    let current = seal_secret(vault, random, (organization, id), &secret);
    let now = SystemClock.now();
    let url = receiver.url().parse();
    Ok(WebhookEndpoint {
        id,
        organization,
        environment: shared::api_key::ApiKeyEnvironment::Production,
        url: url.map_err(|_| "The server has no address.")?,
        description: None,
        event_types: Vec::new(),
        secrets: SealedWebhookSecrets {
            current: current.map_err(|error| error.to_string())?,
            previous: None,
        },
        disabled: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn link(company: CompanyId) -> Link {
    Link {
        id: LinkId::from_random(bytes(&SystemRandom)),
        company,
        kind: LinkKind::Company,
        connection: None,
        key_id: 3,
        nonce: bytes(&SystemRandom),
        provider_url: None,
        country: None,
        expires_at: None,
        revoked_at: None,
        revoked_reason: None,
        fulfilled_at: None,
        fulfilled_flow: None,
        max_uses: 1,
        use_count: 0,
        initial_sites: Vec::new(),
        utility_types: Vec::new(),
        owner_email: None,
        data_collection_start_date: None,
        redirect_url: None,
        external_id: None,
        locale: None,
        created_at: SystemClock.now(),
    }
}
