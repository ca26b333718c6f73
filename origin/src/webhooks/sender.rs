//! Sends messages to one endpoint, at the addresses that its host had when sending began.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use browser::NetError;
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header,
    redirect::Policy,
};
use shared::webhook::WebhookFault;
use url::Url;

use super::address::EndpointAddresses;
use crate::store::webhook_deliveries::WebhookAnswer;

/// So much of an answer is kept at most, in bytes as they came.
const EXCERPT_MAX: usize = 1024;

/// A message with its signature.
pub(super) struct SignedMessage {
    /// The header `webhook-id`: the id of the event, the same at each try.
    pub id: String,
    /// The header `webhook-timestamp`: the time of this try, in unix seconds.
    pub seconds: String,
    /// The header `webhook-signature`: one `v1,…` for each secret, separated by spaces.
    pub signature: String,
    /// The body, JSON.
    pub body: String,
}

/// A way to one endpoint. It knows the addresses that were allowed when it was opened, and dials no others.
pub(super) struct Sender {
    client: Client,
    url: Url,
}

/// Whatever is asked, these are the answers: the host was resolved and judged before.
struct Pinned(Vec<SocketAddr>);

impl Resolve for Pinned {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

/// A client for one host that a stranger named. The host is resolved once and judged, and those very addresses are dialled
/// whatever is asked; no redirect is followed, and all of each request may take `time_limit`.
///
/// # Errors
/// Why the host must not or cannot be reached.
pub async fn guarded_client(
    addresses: &EndpointAddresses,
    url: &Url,
    time_limit: Duration,
    user_agent: &str,
) -> Result<Client, WebhookFault> {
    let pinned = addresses.of(url).await.map_err(|error| match error {
        NetError::BlockedAddress => WebhookFault::BlockedAddress,
        NetError::Timeout => WebhookFault::Timeout,
        _ => WebhookFault::Dns,
    })?;
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(time_limit)
        .user_agent(user_agent)
        .dns_resolver(Arc::new(Pinned(pinned)))
        .build();
    client.map_err(|error| {
        tracing::error!(%error, "no client for requests to strangers");
        WebhookFault::Unreachable
    })
}

impl Sender {
    /// Resolves the endpoint's host once; all of each request may take `time_limit`.
    pub async fn open(
        addresses: &EndpointAddresses,
        url: &Url,
        time_limit: Duration,
    ) -> Result<Self, WebhookFault> {
        Ok(Self {
            client: guarded_client(addresses, url, time_limit, "Webhooks/1.0").await?,
            url: url.clone(),
        })
    }

    /// Sends one message and answers what came back.
    pub async fn post(&self, message: SignedMessage) -> WebhookAnswer {
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.seconds)
            .header("webhook-signature", message.signature)
            .body(message.body);
        match request.send().await {
            Ok(response) => WebhookAnswer {
                status_code: Some(response.status().as_u16()),
                fault: None,
                excerpt: excerpt(response).await,
            },
            Err(error) => WebhookAnswer {
                fault: Some(match error {
                    error if error.is_timeout() => WebhookFault::Timeout,
                    error if error.is_connect() => WebhookFault::Unreachable,
                    _ => WebhookFault::BrokenOff,
                }),
                ..WebhookAnswer::default()
            },
        }
    }
}

/// The beginning of what the endpoint said, as plain text. The status stands, whatever becomes of the rest.
async fn excerpt(mut response: Response) -> Option<String> {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        read.extend_from_slice(&chunk);
        if read.len() >= EXCERPT_MAX {
            break;
        }
    }
    read.truncate(EXCERPT_MAX);
    let text: String = String::from_utf8_lossy(&read)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
