//! Where clients may be led to after the end: the origins that the organization listed.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::member::AuditAction;
use utoipa::ToSchema;

use super::{ApiProblem, call::Call, etag, fields::Body, problem::ProblemBody};
use crate::text_values::RedirectOrigin;

/// How many origins an organization may list.
const MAX_ORIGINS: usize = 50;

/// The origins to which links may lead clients afterwards.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedirectOrigins {
    /// Scheme and host, and the port if it is another than usual. The `redirectUrl` of a link must be at one of them.
    #[schema(max_items = 50, example = json!(["https://portal.example"]))]
    origins: Vec<String>,
}

/// Reads the origins to which links may lead clients afterwards.
#[utoipa::path(get, path = "/v2.2/redirect-origins", tag = "Links", operation_id = "getRedirectOrigins",
    responses((status = 200, body = RedirectOrigins, headers(("ETag" = String, description = "The version of the list")))))]
pub(super) async fn get(call: Call) -> Result<Response, ApiProblem> {
    let organization = call.organization;
    let reading = call.tx.read("api.get_redirect_origins", |tx| {
        Box::pin(async move { Ok(tx.redirect_origins(organization).await?) })
    });
    Ok(shown(reading.await?))
}

/// Puts another list in the place of the one before; an empty one allows no `redirectUrl`. With `If-Match` only if nobody
/// else has changed it since. Links that were made before keep what they have. A sandbox key cannot: the list is that of
/// production too.
#[utoipa::path(put, path = "/v2.2/redirect-origins", tag = "Links", operation_id = "setRedirectOrigins",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = RedirectOrigins,
    responses((status = 200, body = RedirectOrigins, headers(("ETag" = String, description = "The version of the list"))),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn set(
    call: Call,
    headers: HeaderMap,
    Body(mut body): Body,
) -> Result<Response, ApiProblem> {
    call.must_be_of_production()?;
    if !body.has("origins") {
        body.wrong("origins", "is required");
    }
    let origins: Vec<(usize, RedirectOrigin)> = body.list("origins", MAX_ORIGINS);
    body.done()?;
    let origins: Vec<String> = origins.into_iter().map(|(_, origin)| origin.0).collect();
    let (organization, headers, wanted) = (call.organization, &headers, &origins);
    let audit = &call.audit;
    call.tx
        .write("api.set_redirect_origins", |tx| {
            Box::pin(async move {
                tx.lock_organization(organization).await?;
                let before = tx.redirect_origins(organization).await?;
                if !etag::matches(headers, &etag::of_values(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                tx.set_redirect_origins(organization, wanted).await?;
                let told = Some(wanted.join(", ")).filter(|told| !told.is_empty());
                Ok(audit
                    .did(tx, AuditAction::RedirectOriginsChanged, None, told)
                    .await?)
            })
        })
        .await?;
    tracing::info!(%organization, "the redirect origins were changed");
    Ok(shown(origins))
}

fn shown(origins: Vec<String>) -> Response {
    let tag = etag::of_values(&origins);
    (etag::header(&tag), Json(RedirectOrigins { origins })).into_response()
}
