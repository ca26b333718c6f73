//! A provider of single sign-on that says what no real one would.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserEmail, IssuerUrl, JsonWebKeyId, Nonce,
    PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
    core::{
        CoreEdDsaPrivateSigningKey, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet,
        CoreJwsSigningAlgorithm,
    },
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::store::testing::NOW;

/// The console's name at the providers of tests.
pub(super) const CLIENT: &str = "console";
/// What the keys of tests are made of, in the middle of their PKCS#8.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIPdbyecjVFrjdUJDlOJxRXuvDuF0NuOKKEDSQ8mBsO06";
const OTHER_KEY: &str = "MC4CAQAwBQYDK2VwBCIEIL45VrOtb7CZE4oewQluC3aGMPbVzMexvR0+ErSf2WtD";

/// What is wrong with an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Nothing,
    /// Another key has signed it.
    Key,
    /// It is for another client.
    Audience,
    /// It was made for another sign-in.
    Nonce,
    /// Another provider says that it made it.
    Issuer,
    /// It has run out.
    Time,
}

struct Says {
    issuer: String,
    wrong: Wrong,
    nonce: String,
    challenge: String,
    is_dead: bool,
}

type Shared = Arc<Mutex<Says>>;

/// The provider.
pub(super) struct OtherProvider {
    pub(super) issuer: String,
    says: Shared,
    server: JoinHandle<()>,
}

impl Drop for OtherProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl OtherProvider {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("its address"));
        let says = Arc::new(Mutex::new(Says {
            issuer: issuer.clone(),
            wrong: Wrong::Nothing,
            nonce: String::new(),
            challenge: String::new(),
            is_dead: false,
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route(
                "/large/.well-known/openid-configuration",
                get(async || " ".repeat(300_000)),
            )
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&says));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("served");
        });
        Self {
            issuer,
            says,
            server,
        }
    }

    /// What the next ID token is like.
    pub(super) fn will_say(&self, wrong: Wrong, nonce: String, challenge: String) {
        let mut says = self.says.lock().expect("unbroken");
        says.wrong = wrong;
        says.nonce = nonce;
        says.challenge = challenge;
    }

    /// Whether it fails at whatever it is asked.
    pub(super) fn will_fail(&self, is_dead: bool) {
        self.says.lock().expect("unbroken").is_dead = is_dead;
    }
}

fn key(text: &str) -> CoreEdDsaPrivateSigningKey {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
    let id = JsonWebKeyId::new("the key".into());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(id)).expect("a key")
}

async fn describe(State(says): State<Shared>) -> Response {
    let says = says.lock().expect("unbroken");
    if says.is_dead {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let issuer = &says.issuer;
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    Json(description).into_response()
}

async fn keys() -> Json<CoreJsonWebKeySet> {
    let key = key(KEY).as_verification_key();
    Json(CoreJsonWebKeySet::new(vec![key]))
}

/// Takes any code, but not without what belongs to the challenge.
async fn token(State(says): State<Shared>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let says = says.lock().expect("unbroken");
    let verifier = form.iter().find(|(name, _)| name == "code_verifier");
    let verifier = verifier.map_or("", |(_, value)| value.as_str());
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != says.challenge {
        let refused = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, Json(refused)).into_response();
    }
    let wrong = says.wrong;
    let or = |what: Wrong, right: &str, other: &str| {
        if wrong == what { other } else { right }.to_owned()
    };
    let now = DateTime::from_timestamp_millis(NOW.0).expect("a time");
    let ends = match wrong {
        Wrong::Time => now - TimeDelta::hours(1),
        _ => now + TimeDelta::hours(1),
    };
    let person = StandardClaims::new(SubjectIdentifier::new("subject".into()))
        .set_email(Some(EndUserEmail::new("owner@example.com".into())))
        .set_email_verified(Some(true));
    let issuer = or(Wrong::Issuer, &says.issuer, "https://other.example.com");
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(issuer).expect("an address"),
        vec![Audience::new(or(Wrong::Audience, CLIENT, "other"))],
        ends,
        now,
        person,
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(or(Wrong::Nonce, &says.nonce, "other"))));
    let key = key(&or(Wrong::Key, KEY, OTHER_KEY));
    let algorithm = CoreJwsSigningAlgorithm::EdDsa;
    let token = CoreIdToken::new(claims, &key, algorithm, None, None).expect("a token");
    let answer = json!({
        "access_token": "access",
        "token_type": "Bearer",
        "id_token": token.to_string(),
    });
    Json(answer).into_response()
}
