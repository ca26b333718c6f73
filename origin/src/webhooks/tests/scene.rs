//! A client with connections, endpoints, and nodes that deliver to them.

use std::{sync::Arc, time::Duration};

use browser::BrowserConfig;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{WebhookDeliveryId, WebhookEndpointId},
    webhook::{WebhookDeliveryState, WebhookEventType},
};

use super::receiver::Receiver;
use crate::{
    clock::{Clock as _, SystemRandom, TestClock, TestRandom},
    config::{Secret32, VaultKey},
    jobs::{Context, Ended, Kind as _, WaitingRuns},
    store::{
        Page, StoreError,
        jobs::{Job, KnownKind},
        testing::{Client, NOW, TestStore, fresh},
        webhook_deliveries::WebhookDelivery,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
    },
    vault::Vault,
    webhooks::{
        DeliverWebhooks, DeliverWebhooksPayload, EndpointAddresses, Outbox, TIME_LIMIT,
        WebhookSecret, outbox::put_test, seal_secret,
    },
};

/// The lease of a claimed job, in milliseconds.
pub(super) const LEASE_MS: i64 = 60_000;
const KINDS: [KnownKind; 1] = [KnownKind {
    name: DeliverWebhooks::NAME,
    version: 1,
}];

pub(super) struct Scene<'a> {
    pub(super) test: &'a TestStore,
    pub(super) client: Client,
    pub(super) clock: Arc<TestClock>,
    pub(super) random: TestRandom,
    pub(super) time_limit: Duration,
    vault: Arc<Vault>,
    listed: Vec<String>,
}

impl<'a> Scene<'a> {
    /// A client of an organization, on nodes that may reach the receiver.
    pub(super) async fn new(test: &'a TestStore, receivers: &[&Receiver]) -> Self {
        Self {
            test,
            client: test.client().await,
            clock: Arc::new(TestClock::at(NOW)),
            random: TestRandom::default(),
            time_limit: TIME_LIMIT,
            vault: Arc::new(Vault::new(&[VaultKey {
                id: 1,
                key: Secret32::new([5; 32]),
            }])),
            listed: receivers.iter().map(|one| one.host.clone()).collect(),
        }
    }

    /// An endpoint at this address, which wants to hear of all.
    pub(super) async fn endpoint(&self, url: &str) -> (WebhookEndpointId, WebhookSecret) {
        self.endpoint_for(url, &[]).await
    }

    pub(super) async fn endpoint_for(
        &self,
        url: &str,
        event_types: &[WebhookEventType],
    ) -> (WebhookEndpointId, WebhookSecret) {
        let id = WebhookEndpointId::from_random(fresh());
        let secret = WebhookSecret::random(&self.random);
        let endpoint = WebhookEndpoint {
            id,
            organization: self.client.organization,
            environment: ApiKeyEnvironment::Production,
            url: url.parse().expect("an address"),
            description: None,
            event_types: event_types.to_vec(),
            secrets: SealedWebhookSecrets {
                current: self.seal(id, &secret),
                previous: None,
            },
            disabled: None,
            failing_since: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        };
        let added = self
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_webhook_endpoint(&endpoint)));
        added.await.expect("an endpoint");
        (id, secret)
    }

    pub(super) fn seal(&self, id: WebhookEndpointId, secret: &WebhookSecret) -> Vec<u8> {
        let key = (self.client.organization, id);
        seal_secret(&self.vault, &self.random, key, secret).expect("sealed")
    }

    /// The job of a node.
    pub(super) fn node(&self) -> DeliverWebhooks {
        let browser = BrowserConfig {
            allowed_private_hosts: self.listed.clone(),
            ..BrowserConfig::default()
        };
        DeliverWebhooks {
            store: self.test.store.clone(),
            vault: Arc::clone(&self.vault),
            token_keys: Arc::new(
                "3:000102030405060708090a0b0c0d0e0f"
                    .parse()
                    .expect("token keys"),
            ),
            links_base: "https://connect.example.com".parse().expect("an address"),
            random: Arc::new(SystemRandom),
            addresses: Arc::new(EndpointAddresses::new(&browser)),
            clock: self.clock.clone(),
            time_limit: self.time_limit,
        }
    }

    /// The job of an endpoint that has something to be sent, if one is due.
    pub(super) async fn claim(&self) -> Option<Job> {
        let now = self.clock.now();
        let claimed = self.test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&KINDS, now, LEASE_MS, "node"))
        });
        claimed.await.expect("claim")
    }

    /// Runs every job that is due, and answers how many there were.
    pub(super) async fn run(&self) -> usize {
        let mut runs = 0;
        while let Some(job) = self.claim().await {
            assert_eq!(self.run_job(job).await, Ended::Written);
            runs += 1;
        }
        runs
    }

    pub(super) async fn run_job(&self, job: Job) -> Ended {
        let payload: DeliverWebhooksPayload = serde_json::from_str(&job.payload).expect("JSON");
        let context = Context::new(job, WaitingRuns::default());
        let ran = self.node().run(&context, payload).await;
        ran.expect("a run")
    }

    /// Tells something of the client's link, in a transaction of its own.
    pub(super) async fn tell(&self, event_type: WebhookEventType) {
        let (now, company, link) = (
            self.clock.now(),
            self.client.company.id,
            self.client.link.id,
        );
        let random = &self.random;
        let told = self.test.store.tx("test", |tx| {
            Box::pin(async move {
                if let Some(outbox) = Outbox::of(tx, company, random, now).await? {
                    outbox.link(tx, event_type, link).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        told.await.expect("told");
    }

    pub(super) async fn send_test(&self, endpoint: WebhookEndpointId) -> WebhookDeliveryId {
        let (now, key) = (self.clock.now(), (self.client.organization, endpoint));
        let random = &self.random;
        let put = self
            .test
            .store
            .tx("test", |tx| Box::pin(put_test(tx, random, key, now)));
        put.await.expect("a test")
    }

    /// The deliveries to the endpoint, oldest first.
    pub(super) async fn deliveries(&self, endpoint: WebhookEndpointId) -> Vec<WebhookDelivery> {
        let organization = self.client.organization;
        let found = self.test.store.read("test", |tx| {
            Box::pin(tx.webhook_deliveries(organization, endpoint, Page::FIRST))
        });
        let mut rows = found.await.expect("deliveries").rows;
        rows.reverse();
        rows
    }

    pub(super) async fn states(&self, endpoint: WebhookEndpointId) -> Vec<WebhookDeliveryState> {
        let rows = self.deliveries(endpoint).await;
        rows.iter().map(|row| row.state).collect()
    }

    pub(super) async fn stored(&self, endpoint: WebhookEndpointId) -> WebhookEndpoint {
        let organization = self.client.organization;
        let found = self.test.store.read("test", |tx| {
            Box::pin(tx.webhook_endpoint(organization, endpoint))
        });
        found.await.expect("read").expect("an endpoint")
    }
}
