//! The `Idempotency-Key` header: a POST that is sent again gets the answer of the first one, and its work is not done again.
//! Named and shaped as in the IETF's draft-ietf-httpapi-idempotency-key-header; the answers are kept for a day.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shared::{api_key::ApiKeyEnvironment, id::OrganizationId};

use super::{ApiProblem, fields::MAX_BODY, problem::FieldError};
use crate::{
    clock::Random,
    store::{
        Tx,
        idempotency::{AnsweredCall, TABLE},
    },
    vault::{AssociatedData, Vault},
};

/// The header that names a call.
pub(super) const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
pub(super) const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The path of POSTs whose bodies are read by their handler, as they may be long.
pub(super) const LONG_BODIES: &str = "/v2.2/link/batch";
/// The longest key, in characters.
pub(super) const MAX_KEY: usize = 255;

/// The name that a caller gave its POST, and what it asks for.
#[derive(Clone, Copy)]
pub(super) struct IdempotencyKey {
    /// SHA-256 of the key.
    key: [u8; 32],
    /// SHA-256 of path, query and body of the POST.
    request: [u8; 32],
}

/// What the header of a POST says; none has no such header.
#[derive(Clone, Copy)]
pub(super) enum IdempotencyHeader {
    /// A key.
    Key(IdempotencyKey),
    /// Something that is none.
    Wrong,
}

impl IdempotencyHeader {
    /// The key, for a caller who may call at all. Who tries things out has names of its own: it is not told what
    /// production was answered.
    pub(super) fn key(self, environment: ApiKeyEnvironment) -> Result<IdempotencyKey, ApiProblem> {
        match self {
            Self::Key(key) if environment == ApiKeyEnvironment::Production => Ok(key),
            Self::Key(IdempotencyKey { key, request }) => {
                let mut hash = Sha256::new();
                hash.update(environment.as_str());
                hash.update(key);
                let key = hash.finalize().into();
                Ok(IdempotencyKey { key, request })
            }
            Self::Wrong => Err(ApiProblem::Fields(vec![FieldError {
                field: "Idempotency-Key".into(),
                detail: format!("must be one text of 1 to {MAX_KEY} characters"),
            }])),
        }
    }
}

/// Reads the key of a POST, for [`super::call::CallTx::once`].
pub(super) async fn read(mut request: Request, next: Next) -> Result<Response, ApiProblem> {
    let mut keys = request.headers().get_all(KEY_HEADER).iter();
    let (Some(key), false) = (keys.next(), request.method() != Method::POST) else {
        return Ok(next.run(request).await);
    };
    let is_key = |text: &&str| (1..=MAX_KEY).contains(&text.len());
    let key = key.to_str().ok().filter(is_key);
    let (Some(key), None) = (key, keys.next()) else {
        request.extensions_mut().insert(IdempotencyHeader::Wrong);
        return Ok(next.run(request).await);
    };
    let key = Sha256::digest(key.as_bytes()).into();
    let (mut parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let mut hash = Sha256::new();
    // No path has a line break in it, so no two calls are the same bytes.
    hash.update(target.as_bytes());
    hash.update(b"\n");
    if parts.uri.path() == LONG_BODIES {
        // Nobody without a key has so much read: the handler does it, and names the body then.
        let request = hash.finalize().into();
        let key = IdempotencyHeader::Key(IdempotencyKey { key, request });
        parts.extensions.insert(key);
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    let body = to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| ApiProblem::TooLarge(MAX_BODY))?;
    hash.update(&body);
    let request = hash.finalize().into();
    let key = IdempotencyKey { key, request };
    parts.extensions.insert(IdempotencyHeader::Key(key));
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

/// What a POST is answered: a status and a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    is_replayed: bool,
}

impl Answer {
    /// An answer with this body.
    pub(super) fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiProblem> {
        Ok(Self {
            status,
            body: serde_json::to_vec(body).map_err(ApiProblem::Unwritable)?,
            is_replayed: false,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (self.status, kind, self.body).into_response();
        if self.is_replayed {
            let headers = response.headers_mut();
            headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        }
        response
    }
}

impl IdempotencyKey {
    /// The key of a call with this body.
    pub(super) fn with_body(self, body: &[u8]) -> Self {
        let hash = Sha256::new().chain_update(self.request).chain_update(body);
        let request = hash.finalize().into();
        Self { request, ..self }
    }

    /// Takes the key for this call; gives the answer if the call was made before.
    pub(super) async fn take(
        self,
        tx: &mut Tx<'_>,
        vault: &Vault,
        organization: OrganizationId,
        now: shared::time::UnixMillis,
    ) -> Result<Option<Answer>, ApiProblem> {
        let known = tx.take_idempotency_key(organization, self.key, self.request, now);
        let Some(known) = known.await? else {
            return Ok(None);
        };
        if known.request_hash != self.request {
            return Err(ApiProblem::Fields(vec![FieldError {
                field: "Idempotency-Key".into(),
                detail: "was used for another call within the last 24 hours".into(),
            }]));
        }
        Ok(Some(self.open(vault, organization, &known)?))
    }

    fn open(
        self,
        vault: &Vault,
        organization: OrganizationId,
        known: &AnsweredCall,
    ) -> Result<Answer, ApiProblem> {
        let row = self.row();
        let associated = associated(&row, organization);
        let body = vault.open(associated, &known.body_sealed)?;
        let status = u16::try_from(known.status).ok();
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        Ok(Answer {
            status: status.unwrap_or(StatusCode::OK),
            body: body.to_vec(),
            is_replayed: true,
        })
    }

    /// Keeps the answer, sealed: there may be secrets in it.
    pub(super) async fn keep(
        self,
        tx: &mut Tx<'_>,
        vault: &Vault,
        random: &dyn Random,
        organization: OrganizationId,
        answer: &Answer,
    ) -> Result<(), ApiProblem> {
        let row = self.row();
        let sealed = vault.seal(random, associated(&row, organization), &answer.body)?;
        let status = answer.status.as_u16();
        tx.keep_answer(organization, self.key, status, sealed.bytes)
            .await?;
        Ok(())
    }

    /// The row's name: the answer to another call does not open as the answer to this one.
    fn row(self) -> String {
        let bytes = self.key.iter().chain(&self.request);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }
}

fn associated(row: &str, organization: OrganizationId) -> AssociatedData<'_> {
    AssociatedData {
        table: TABLE,
        row,
        owner: organization.into(),
    }
}
