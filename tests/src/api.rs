//! The organization's side: the JSON API with its key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wait::until_with_deadline;

/// How long the first collection may take: dozens of downloads, each read by a process of its own.
const COLLECTION: Duration = Duration::from_secs(300);
/// Far below what the API allows a key.
const PACE: Duration = Duration::from_millis(500);

/// A client of the JSON API that has the organization's key.
#[derive(Clone)]
pub struct Api {
    base: String,
    key: String,
    http: reqwest::Client,
}

impl Api {
    /// The API at `base` with an organization's key.
    ///
    /// # Panics
    /// Never in practice: the HTTP client is an ordinary one.
    #[must_use]
    pub fn new(base: String, key: String) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build();
        Self {
            base,
            key,
            http: http.expect("an HTTP client"),
        }
    }

    /// Reads something.
    ///
    /// # Panics
    /// When the answer is not 200 with JSON.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, 200, "GET {path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// The bytes of something that is no JSON.
    ///
    /// # Panics
    /// When the answer is not 200.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request
            .header("x-api-key", &self.key)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "GET {path}");
        answer.bytes().await.expect("a body").to_vec()
    }

    /// Makes or does something; answers status and body.
    ///
    /// # Panics
    /// When the answer is no JSON.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("x-api-key", &self.key).json(body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Makes a link for a company.
    ///
    /// # Panics
    /// When the API does not.
    pub async fn make_link(&self, company: &str, body: &Value) -> Link {
        let (status, made) = self
            .post(&format!("/v2.2/connection/company/{company}/link"), body)
            .await;
        assert_eq!(status, 201, "{made}");
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        Link {
            id: text("id"),
            url: text("magicLinkUrl"),
        }
    }

    /// Takes a link back.
    ///
    /// # Panics
    /// When the API does not.
    pub async fn revoke(&self, link: &Link) {
        let (status, answer) = self
            .post(&format!("/v2.2/link/{}/revoke", link.id), &json!({}))
            .await;
        assert!((200..300).contains(&status), "{answer}");
    }

    /// The kinds of a link's events, oldest first.
    pub async fn events(&self, link: &Link) -> Vec<String> {
        let link = self.get(&format!("/v2.2/link/{}", link.id)).await;
        let events = link["events"].as_array().cloned().unwrap_or_default();
        events
            .iter()
            .map(|event| event["type"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Reads all connections of a company.
    pub async fn connections(&self, company: &str) -> Vec<Value> {
        let list = self
            .get(&format!("/v2.2/connection/company/{company}"))
            .await;
        list["connections"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until the company's connections are past PENDING, and answers them.
    ///
    /// # Panics
    /// When that takes too long, or there are not exactly `count`.
    pub async fn collected(&self, company: &str, count: usize) -> Vec<Value> {
        until_with_deadline("the first collection", COLLECTION, PACE, async || {
            let connections = self.connections(company).await;
            assert_eq!(connections.len(), count, "{connections:?}");
            let done = connections
                .iter()
                .all(|connection| connection["status"] != "PENDING");
            done.then_some(connections)
        })
        .await
    }

    /// All bills of a connection.
    ///
    /// # Panics
    /// When there are more than fit on one page.
    pub async fn bills(&self, connection: &Value) -> Vec<Value> {
        let id = connection["id"].as_str().unwrap_or_default();
        let list = self
            .get(&format!("/v2.2/bill/connection/{id}?limit=500"))
            .await;
        assert_eq!(list["hasNext"], false, "more than a page of bills");
        list["bills"].as_array().cloned().unwrap_or_default()
    }
}

/// A link as the API describes it.
#[derive(Debug, Clone)]
pub struct Link {
    /// The id of the link.
    pub id: String,
    /// The URL that the client opens.
    pub url: String,
}
