//! Hands brands to the edge, so that the first open of a link needs no trip to the origin.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use shared::{
    brand::Brand,
    id::PublicCompanyId,
    signing::{Direction, Message, NODE_HEADER, SigningKey, Stamp, sign},
    time::UnixMillis,
    wire::BrandPush,
};
use url::Url;

use crate::clock::{Clock, Random, bytes};

const PATH: &str = "/p/brand";
/// Making a link waits no longer for its brand.
const PATIENCE: Duration = Duration::from_secs(1);
/// So long a brand that the edge took is not brought again with each new link, in milliseconds. The edge keeps it for a
/// day; a brand that was changed at the same moment, and so came last although it is older, is put right after this time.
const KEPT_MS: i64 = 10 * 60 * 1000;
/// So many companies are remembered at most; with one more all are forgotten, and brought again.
const MAX_REMEMBERED: usize = 100_000;

/// The way to the edge.
pub struct EdgePush {
    http: reqwest::Client,
    target: Url,
    node: u8,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Whose brand the edge took, and when it did so last.
    taken: Mutex<HashMap<PublicCompanyId, UnixMillis>>,
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
            taken: Mutex::default(),
        })
    }

    /// Whether the edge took the company's brand from this node a short while ago. Who changes the brand brings it to the
    /// edge anew.
    #[must_use]
    pub fn has_taken(&self, company: PublicCompanyId) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        taken
            .get(&company)
            .is_some_and(|at| now.since(*at) < KEPT_MS)
    }

    fn note_taken(&self, company: PublicCompanyId) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= MAX_REMEMBERED {
            taken.clear();
        }
        taken.insert(company, self.clock.now());
    }

    /// Hands over the brand of the company's links. A failure is logged and nothing more, as the edge asks the origin for
    /// brands that it does not know.
    pub async fn push(&self, company: PublicCompanyId, brand: Brand) -> PushEnd {
        let error = match self.send(company, brand).await {
            Ok(()) => {
                self.note_taken(company);
                return PushEnd::Taken;
            }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shared::{id::PublicCompanyId, signing::SigningKey, time::UnixMillis};

    use super::{EdgePush, KEPT_MS};
    use crate::clock::{TestClock, TestRandom};

    #[test]
    fn what_the_edge_took_is_remembered_for_a_while() {
        let clock = Arc::new(TestClock::at(UnixMillis(1_790_000_000_000)));
        let base = "http://127.0.0.1:9".parse().expect("an address");
        let (key, random) = (SigningKey::new(&[7; 32]), Arc::new(TestRandom::default()));
        let push = EdgePush::new(&base, 4, key, clock.clone(), random).expect("a client");
        let [one, other] = [1, 2].map(|number| PublicCompanyId::from_random([number; 16]));
        assert!(!push.has_taken(one));
        push.note_taken(one);
        clock.advance(KEPT_MS - 1);
        assert!(push.has_taken(one) && !push.has_taken(other));
        clock.advance(1);
        assert!(!push.has_taken(one));
    }
}
