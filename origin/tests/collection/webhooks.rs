//! What an organization's endpoint is told of a connection.

use origin::{
    clock::Clock as _,
    store::{
        Page,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
    },
};
use shared::{api_key::ApiKeyEnvironment, id::WebhookEndpointId};

use crate::test_env::{TestEnv, random};

/// An endpoint of the organization, to which nothing is delivered here.
pub async fn listen(env: &TestEnv) -> WebhookEndpointId {
    let now = env.clock.now();
    let endpoint = WebhookEndpoint {
        id: WebhookEndpointId::from_random(random()),
        organization: env.organization,
        environment: ApiKeyEnvironment::Production,
        url: "https://hooks.example.com/".parse().expect("an address"),
        description: None,
        event_types: Vec::new(),
        secrets: SealedWebhookSecrets {
            current: Vec::new(),
            previous: None,
        },
        disabled: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let added = env
        .collector
        .store
        .tx("test", |tx| Box::pin(tx.add_webhook_endpoint(&endpoint)));
    added.await.expect("an endpoint");
    endpoint.id
}

/// The types of what is to be delivered to it, in order; what is told of several bills stands once.
pub async fn told(env: &TestEnv, endpoint: WebhookEndpointId) -> Vec<&'static str> {
    let deliveries = env.collector.store.read("test", |tx| {
        Box::pin(tx.webhook_deliveries(env.organization, endpoint, Page::FIRST))
    });
    let mut rows = deliveries.await.expect("a store").rows;
    rows.sort_by_key(|row| row.number);
    let mut types: Vec<_> = rows
        .iter()
        .map(|row| row.event.event_type.as_str())
        .collect();
    types.dedup();
    types
}
