//! Bodies and queries, as the extractors of handlers.

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{Method, header, request::Parts},
};
use serde_json::{Map, Value};

use super::ApiProblem;
pub(super) use crate::fields::Fields;
use crate::fields::Notation;

/// The largest body, in bytes: that of a brand with the largest logo, and more.
pub(super) const MAX_BODY: usize = 96 * 1024;

/// The fields of a JSON body. A POST may come without: an empty body, or null, has none. A PATCH or PUT that says nothing is
/// a mistake.
pub(super) struct Body(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiProblem> {
        let is_json = is_sent_as(&request, &["application/json"]);
        let may_be_absent = request.method() == Method::POST;
        let bytes = to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(|_| ApiProblem::TooLarge(MAX_BODY))?;
        if bytes.is_empty() && may_be_absent {
            return Ok(Self(Fields::of(Notation::Json, Map::new())));
        }
        if !is_json {
            return Err(ApiProblem::UnsupportedMediaType("application/json"));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(left)) => Ok(Self(Fields::of(Notation::Json, left))),
            Ok(Value::Null) if may_be_absent => Ok(Self(Fields::of(Notation::Json, Map::new()))),
            _ => Err(ApiProblem::NotJson),
        }
    }
}

/// Whether the body says that it is of one of these media types.
pub(super) fn is_sent_as(request: &Request, kinds: &[&str]) -> bool {
    let sent = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    sent.is_some_and(|sent| {
        let essence = sent.split(';').next().unwrap_or_default().trim();
        kinds.iter().any(|kind| essence.eq_ignore_ascii_case(kind))
    })
}

/// The parameters of a query.
pub(super) struct Query(pub(super) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiProblem> {
        let query = parts.uri.query().unwrap_or_default();
        let (mut named, mut twice) = (Map::new(), Vec::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = Value::String(value.into_owned());
            if named.insert(name.clone().into_owned(), value).is_some() {
                twice.push(name);
            }
        }
        let mut fields = Fields::of(Notation::Text, named);
        for name in twice {
            fields.wrong(&name, "must not be given twice");
        }
        Ok(Self(fields))
    }
}
