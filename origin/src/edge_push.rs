//! Hands brands to the edge, so that the first open of a link needs no trip to the origin.

use std::{sync::Arc, time::Duration};

use shared::{
    brand::Brand,
    id::PublicCompanyId,
    signing::{Direction, Message, NODE_HEADER, SigningKey, Stamp, sign},
    wire::BrandPush,
};
use url::Url;

use crate::clock::{Clock, Random, bytes};

const PATH: &str = "/p/brand";
/// Making a link waits no longer for its brand.
const PATIENCE: Duration = Duration::from_secs(1);

/// The way to the edge.
pub struct EdgePush {
    http: reqwest::Client,
    target: Url,
    node: u8,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// What became of a brand that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushEnd {
    /// The edge has it.
    Taken,
    /// The edge answered, and did not take it.
    Refused,
    /// The edge did not answer.
    Away,
}

#[derive(Debug, thiserror::Error)]
enum PushError {
    #[error("not sent: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the edge answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("no JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl EdgePush {
    /// To the edge at `base`.
    ///
    /// # Errors
    /// When the machine has no working TLS set-up.
    pub fn new(
        base: &Url,
        node: u8,
        key: SigningKey,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let mut target = base.clone();
        target.set_path(PATH);
        Ok(Self {
            http,
            target,
            node,
            key,
            clock,
            random,
        })
    }

    /// Hands over the brand of the company's links. A failure is logged and nothing more, as the edge asks the origin for
    /// brands that it does not know.
    pub async fn push(&self, company: PublicCompanyId, brand: Brand) -> PushEnd {
        let error = match self.send(company, brand).await {
            Ok(()) => return PushEnd::Taken,
            Err(error) => error,
        };
        tracing::warn!(%company, %error, "the edge did not take a brand");
        match error {
            PushError::Http(_) => PushEnd::Away,
            PushError::Refused(_) | PushError::Json(_) => PushEnd::Refused,
        }
    }

    async fn send(&self, company: PublicCompanyId, brand: Brand) -> Result<(), PushError> {
        let push = BrandPush {
            public_company_id: company,
            brand,
        };
        let body = serde_json::to_vec(&push)?;
        let message = Message {
            direction: Direction::OriginToEdge,
            node: self.node,
            method: "PUT",
            path_and_query: PATH,
            body: &body,
            client: None,
            flow: None,
            ticket: None,
            websocket_key: None,
        };
        let stamp = Stamp {
            time: self.clock.now(),
            id: bytes(&*self.random),
        };
        let signed = sign(&self.key, &message, &stamp);
        let mut request = self.http.put(self.target.clone());
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        let answer = request
            .header(NODE_HEADER, self.node.to_string())
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            // Its address is ours, but errors print it whole.
            .map_err(reqwest::Error::without_url)?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(PushError::Refused(answer.status()))
    }
}
