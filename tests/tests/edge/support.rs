//! What the tests of the built edge share: keys, tokens, and the requests of a browser.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use shared::{
    id::{LinkId, PublicCompanyId},
    signing::{Direction, Message, NODE_HEADER, SignedHeaders, Stamp, sign},
    status::LinkKind,
    token::{Claims, TokenKind, seal},
};
use tests::{
    edge::{Edge, EdgeOptions},
    origin_stub::now,
    process::{free_port, target_folder},
};

pub const SIGNING_KEY: &str = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
const TOKEN_KEYS: &str = "7:000102030405060708090a0b0c0d0e0f";

static COUNT: AtomicU8 = AtomicU8::new(0);

fn unique_bytes<const N: usize>() -> [u8; N] {
    [COUNT.fetch_add(1, Ordering::Relaxed); N]
}

/// The public id of a company that no other test uses.
pub fn company() -> PublicCompanyId {
    PublicCompanyId::from_random(unique_bytes())
}

/// Starts an edge that knows these origins. Its log is in `edge-tests/` of the target folder.
pub async fn start_edge(name: &str, origins: &str) -> Edge {
    start_edge_with_limit(name, origins, None).await
}

/// As [`start_edge`], but one address may make only `limit` requests of a kind in a minute.
pub async fn start_edge_with_limit(name: &str, origins: &str, limit: Option<u32>) -> Edge {
    let folder = target_folder().join("edge-tests");
    std::fs::create_dir_all(&folder).expect("a folder for logs");
    Edge::start(EdgeOptions {
        port: free_port(),
        origins: origins.to_owned(),
        token_keys: TOKEN_KEYS.to_owned(),
        signing_key: SIGNING_KEY.to_owned(),
        limit,
        log: folder.join(format!("{name}.log")),
    })
    .await
}

/// The variable `ORIGINS` with one node, at whose address nothing listens.
pub fn unreachable_origins() -> String {
    format!(r#"{{"0":"http://127.0.0.1:{}"}}"#, free_port())
}

/// Claims of a link to a sample website.
pub fn claims() -> Claims {
    Claims {
        link: LinkId::from_random(unique_bytes()),
        expires: Some(now().plus(60_000)),
        provider: Some("https://utility.example/login".parse().expect("an address")),
        country: Some("CH".parse().expect("a country")),
    }
}

/// A token as the origin seals it.
pub fn token(kind: impl Into<TokenKind>, company: &PublicCompanyId, claims: &Claims) -> String {
    let ring = TOKEN_KEYS.parse().expect("keys");
    seal(&ring, kind, company, unique_bytes(), claims).expect("it fits")
}

/// The path of a company link.
pub fn link(company: &PublicCompanyId, claims: &Claims) -> String {
    format!(
        "/p/connect/{company}/{}",
        token(LinkKind::Company, company, claims)
    )
}

/// An HTTP client that behaves like a visitor's browser, but does not follow redirects.
pub struct Visitor {
    client: Client,
    base: String,
}

impl Visitor {
    pub fn of(edge: &Edge) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
            .no_proxy();
        Self {
            client: client.build().expect("a client"),
            base: edge.url(),
        }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Page {
        Page::of(self.request("GET", path)).await
    }

    /// Submits a form as a browser does from our own page.
    pub async fn post(&self, path: &str, fields: &str) -> Page {
        let request = self.request("POST", path).header("origin", &self.base);
        Page::of(request.header("content-type", FORM).body(fields.to_owned())).await
    }

    /// Pushes a brand as the origin does.
    pub async fn push(&self, company: &PublicCompanyId, brand: &Value, stamp: Stamp) -> StatusCode {
        let body = json!({ "publicCompanyId": company, "brand": brand }).to_string();
        let message = Message {
            direction: Direction::OriginToEdge,
            node: 0,
            method: "PUT",
            path_and_query: "/p/brand",
            body: body.as_bytes(),
            client: None,
            flow: None,
            ticket: None,
            websocket_key: None,
        };
        let signed: SignedHeaders = sign(&SIGNING_KEY.parse().expect("a key"), &message, &stamp);
        let mut request = self.request("PUT", "/p/brand").header(NODE_HEADER, "0");
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        Page::of(request.body(body)).await.status
    }
}

pub const FORM: &str = "application/x-www-form-urlencoded";

/// An answer of the edge.
pub struct Page {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    pub async fn of(request: RequestBuilder) -> Self {
        let response: Response = request.send().await.expect("an answer");
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a body"),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"));
        value.unwrap_or_default()
    }

    /// The nonce of its Content-Security-Policy.
    pub fn nonce(&self) -> &str {
        let policy = self.header("content-security-policy");
        let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
        rest.split_once('\'').expect("its end").0
    }

    /// The text without the nonce, which differs in every answer.
    pub fn without_nonce(&self) -> String {
        self.text.replace(self.nonce(), "")
    }

    /// The path of the style sheet that the page names.
    pub fn style_sheet(&self) -> &str {
        let (_, rest) = self
            .text
            .split_once("<link rel=\"stylesheet\" href=\"")
            .expect("one");
        rest.split_once('"').expect("its end").0
    }
}

/// A stamp with the present time and an id that was never used.
pub fn stamp() -> Stamp {
    Stamp {
        time: now(),
        id: unique_bytes(),
    }
}

/// A brand with this name, as JSON.
pub fn brand(name: &str) -> Value {
    json!({
        "name": name,
        "logo": null,
        "accent": "#1d3b6f",
        "onAccent": "#ffffff",
        "font": "Source Sans 3, sans-serif",
        "supportEmail": "help@organization.example",
        "frameAncestors": ["https://portal.organization.example"],
    })
}
