//! A provider of single sign-on that says what no real one would.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Form, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
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
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use url::form_urlencoded;

use crate::store::testing::NOW;

/// The console's name at the providers of tests.
pub(super) const CLIENT: &str = "console";
/// What the keys of tests are made of, in the middle of their PKCS#8.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIPdbyecjVFrjdUJDlOJxRXuvDuF0NuOKKEDSQ8mBsO06";
/// The console's secret there.
pub(super) const SECRET: &str = "the secret of the client";
/// Whom the provider of tests signs in.
const EMAIL: &str = "owner@example.com";
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

/// How a provider differs from most others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Habits {
    /// It takes the console's secret in the body alone.
    pub(super) secret_in_body: bool,
    /// It tells the mail address where one asks for it, and not in the ID token.
    pub(super) email_apart: bool,
    /// What it tells there is of another account.
    pub(super) other_person: bool,
}

/// Says that it is asked what it is, and waits until it may answer.
#[derive(Default)]
pub(super) struct Pause {
    pub(super) is_asked: Notify,
    pub(super) may_answer: Notify,
}

struct Says {
    issuer: String,
    habits: Habits,
    pause: Option<Arc<Pause>>,
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
            habits: Habits::default(),
            pause: None,
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
            .route("/userinfo", get(user_info))
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

    /// How it differs from most others from now on.
    pub(super) fn has_habits(&self, habits: Habits) {
        self.says.lock().expect("unbroken").habits = habits;
    }

    /// The next answer to what it is waits.
    pub(super) fn pauses(&self) -> Arc<Pause> {
        let pause = Arc::<Pause>::default();
        self.says.lock().expect("unbroken").pause = Some(Arc::clone(&pause));
        pause
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
    let pause = says.lock().expect("unbroken").pause.take();
    if let Some(pause) = pause {
        pause.is_asked.notify_one();
        pause.may_answer.notified().await;
    }
    let says = says.lock().expect("unbroken");
    if says.is_dead {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let issuer = &says.issuer;
    let method = match says.habits.secret_in_body {
        true => "client_secret_post",
        false => "client_secret_basic",
    };
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "token_endpoint_auth_methods_supported": [method],
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

/// Takes any code, but not without the console's secret and what belongs to the challenge.
async fn token(
    State(says): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let says = says.lock().expect("unbroken");
    let field = |wanted: &str| {
        let found = form.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let basic = headers.get(header::AUTHORIZATION);
    let is_known = match says.habits.secret_in_body {
        true => {
            let told = (field("client_id"), field("client_secret"));
            told == (Some(CLIENT), Some(SECRET)) && basic.is_none()
        }
        false => {
            // Both are written as in a form first (RFC 6749, section 2.3.1).
            let secret: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
            let expected = STANDARD.encode(format!("{CLIENT}:{secret}"));
            basic.is_some_and(|basic| *basic == format!("Basic {expected}").as_str())
        }
    };
    if !is_known {
        let refused = json!({ "error": "invalid_client" });
        return (StatusCode::UNAUTHORIZED, Json(refused)).into_response();
    }
    let verifier = field("code_verifier").unwrap_or_default();
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
    let mut person = StandardClaims::new(SubjectIdentifier::new("subject".into()));
    if !says.habits.email_apart {
        person = person
            .set_email(Some(EndUserEmail::new(EMAIL.into())))
            .set_email_verified(Some(true));
    }
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

/// Says who it is that the access token is of.
async fn user_info(State(says): State<Shared>, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION);
    if bearer.is_none_or(|bearer| bearer != "Bearer access") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let subject = match says.lock().expect("unbroken").habits.other_person {
        true => "somebody else",
        false => "subject",
    };
    let told = json!({ "sub": subject, "email": EMAIL, "email_verified": true });
    Json(told).into_response()
}
