//! API keys: make, list, read, change and revoke.

use std::net::IpAddr;

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, OrganizationId},
    member::AuditAction,
    time::UnixMillis,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    key_body::{ApiKeyChange, NewApiKey},
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::api_types::rfc3339;
use crate::{
    address_range::AddressRange,
    api_key::ApiKeySecret,
    clock::bytes,
    store::{StoreError, Tx, keys::ApiKey},
};

/// Keys that an organization may have, those that were revoked not counted.
const MOST: usize = 100;
/// Why a key stays.
const LAST_ADMIN: &str = "It is the last key that may make other keys for as long and from your address: make another one with the scope `admin` before.";
/// Why a key is not revoked by a sandbox key.
const OF_PRODUCTION: &str = "It is for production: only a key for production revokes it.";
const REVOKED: &str = "It was revoked, which is for good.";

/// A key to call this API with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(super) struct ApiKeyJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    name: String,
    /// Its first characters, which tell it from others.
    #[schema(example = "ml_production_Zk3vA")]
    prefix: String,
    /// Whether it is for trying things out. A sandbox key reaches the companies that sandbox keys added, and a production
    /// key all others. Webhook endpoints, redirect origins and keys are those of the whole organization.
    #[schema(value_type = schema::ApiKeyEnvironment)]
    environment: ApiKeyEnvironment,
    /// What it may be used for.
    #[schema(value_type = Vec<schema::ApiKeyScope>)]
    scopes: Vec<ApiKeyScope>,
    /// Where it may be used: IP addresses and ranges in CIDR notation. An empty list means everywhere.
    #[schema(value_type = Vec<String>)]
    allowed_addresses: Vec<AddressRange>,
    /// Whether calls with it are answered: it was not revoked and has not expired.
    is_active: bool,
    /// From when on it is no longer valid; null for never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, a minute less or more; null before.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    #[schema(format = DateTime)]
    created: String,
    /// Counts the changes; the `ETag` is made of it.
    version: i64,
}

/// A key with its text, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKeyWithText)]
pub(super) struct ApiKeyWithText {
    #[serde(flatten)]
    shown: ApiKeyJson,
    /// What is sent as `X-API-Key`.
    #[schema(example = "ml_production_Zk3vAq0zR1m5x8Lw2cYt7uE9hN4bJ6pD0sFgKiQoVTe")]
    key: String,
}

/// A page of keys.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApiKeyPage {
    total_keys: i64,
    #[serde(flatten)]
    info: PageInfo,
    keys: Vec<ApiKeyJson>,
}

/// Lists the keys, oldest first. Revoked ones are among them.
#[utoipa::path(get, path = "/v2.2/key", tag = "API keys", operation_id = "listKeys",
    params(Paging),
    responses((status = 200, body = ApiKeyPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<ApiKeyPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let found = call
        .tx
        .read("api.list_keys", |tx| {
            Box::pin(tx.keys(call.organization, page).err_into())
        })
        .await?;
    let keys = found.rows.iter().map(|key| render(key, call.now));
    Ok(Json(ApiKeyPage {
        total_keys: found.total,
        info: paging::info(page, found.total),
        keys: keys.collect(),
    }))
}

/// Makes a key. Its text is shown in this answer and never again. It can do no more than the key that asks.
#[utoipa::path(post, path = "/v2.2/key", tag = "API keys", operation_id = "addKey",
    request_body = NewApiKey,
    responses((status = 201, body = ApiKeyWithText),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "There are 100 already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(call: Call, Body(body): Body) -> Result<Answer, ApiProblem> {
    let (organization, now) = (call.organization, call.now);
    let new = NewApiKey::read(body, &call.key, now)?;
    let random = &*call.door.random;
    let secret = &ApiKeySecret::random(new.environment, random);
    let key = &ApiKey {
        id: ApiKeyId::from_random(bytes(random)),
        organization,
        name: new.name,
        prefix: secret.prefix(),
        environment: new.environment,
        scopes: new.scopes,
        expires_at: new.expires_at,
        allowed_addresses: new.allowed_addresses,
        created_at: now,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let audit = &call.audit;
    let done = call.tx.once("api.add_key", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            if tx.keys_not_revoked(organization).await?.len() >= MOST {
                return Err(ApiProblem::Conflict(
                    "There are 100 keys already, which is the most: revoke one.",
                ));
            }
            tx.add_key(key, secret.hash()).await?;
            let (id, name) = (key.id.to_string(), key.name.clone());
            audit
                .did(tx, AuditAction::KeyMade, Some(id), Some(name))
                .await?;
            let shown = ApiKeyWithText {
                shown: render(key, now),
                key: secret.text().to_owned(),
            };
            Ok((Answer::new(StatusCode::CREATED, &shown)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, key = %key.id, by = %call.key.id, "an API key was made");
    }
    Ok(answer)
}

/// Reads a key.
#[utoipa::path(get, path = "/v2.2/key/{id}", tag = "API keys", operation_id = "getKey",
    params(("id" = uuid::Uuid, Path, description = "The key's id")),
    responses((status = 200, body = ApiKeyJson, headers(("ETag" = String, description = "The key's version"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<ApiKeyId>) -> Result<Response, ApiProblem> {
    let found = call
        .tx
        .read("api.get_key", |tx| {
            Box::pin(async move { own(tx, call.organization, id).await })
        })
        .await?;
    Ok(answer(&found, call.now))
}

/// Changes a key. With `If-Match` only if nobody else has changed it since.
#[utoipa::path(patch, path = "/v2.2/key/{id}", tag = "API keys", operation_id = "changeKey",
    params(("id" = uuid::Uuid, Path, description = "The key's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = ApiKeyChange,
    responses((status = 200, body = ApiKeyJson, headers(("ETag" = String, description = "The key's version"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "It was revoked, can do more than the key that asks, or is the last one with the scope `admin` and would expire sooner"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<ApiKeyId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiProblem> {
    let (organization, now, caller) = (call.organization, call.now, &call.key);
    let audit = &call.audit;
    // Who shuts itself out cannot undo it.
    let is_own = id == caller.id;
    let change = &ApiKeyChange::read(body, caller, (is_own, call.address), now)?;
    let headers = &headers;
    let changed = call
        .tx
        .write("api.change_key", |tx| {
            Box::pin(async move {
                tx.lock_organization(organization).await?;
                let mut key = own(tx, organization, id).await?;
                if !etag::matches(headers, &tag(&key)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                if key.revoked_at.is_some() {
                    return Err(ApiProblem::Conflict(REVOKED));
                }
                if change.is_of_rights() && can_more(&key, caller) {
                    return Err(ApiProblem::Conflict(
                        "It can do more than the key that asks, which can change its name alone.",
                    ));
                }
                if let Some(name) = &change.name {
                    key.name.clone_from(name);
                }
                if let Some(expires_at) = change.expires_at {
                    if is_sooner(expires_at, key.expires_at) {
                        keep_an_admin(tx, &key, call.address, now).await?;
                    }
                    key.expires_at = expires_at;
                }
                if let Some(addresses) = &change.allowed_addresses {
                    key.allowed_addresses.clone_from(addresses);
                }
                if !tx.change_key(&key).await? {
                    return Err(StoreError::Contended.into());
                }
                let name = Some(key.name);
                audit
                    .did(tx, AuditAction::KeyChanged, Some(id.to_string()), name)
                    .await?;
                own(tx, organization, id).await
            })
        })
        .await?;
    tracing::info!(%organization, key = %id, by = %caller.id, "an API key was changed");
    Ok(answer(&changed, now))
}

/// Revokes a key, at once and for good. One that was revoked before stays so.
#[utoipa::path(post, path = "/v2.2/key/{id}/revoke", tag = "API keys", operation_id = "revokeKey",
    params(("id" = uuid::Uuid, Path, description = "The key's id")),
    responses((status = 200, body = ApiKeyJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "It is the last key with the scope `admin`, or one for production, and the key that asks is not")))]
pub(super) async fn revoke(call: Call, Id(id): Id<ApiKeyId>) -> Result<Answer, ApiProblem> {
    let (organization, now) = (call.organization, call.now);
    let audit = &call.audit;
    let done = call.tx.once("api.revoke_key", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            let before = own(tx, organization, id).await?;
            if before.revoked_at.is_none() {
                if !call.key.environment.covers(before.environment) {
                    return Err(ApiProblem::Conflict(OF_PRODUCTION));
                }
                keep_an_admin(tx, &before, call.address, now).await?;
                tx.revoke_key(organization, id, now).await?;
                audit
                    .did(
                        tx,
                        AuditAction::KeyRevoked,
                        Some(id.to_string()),
                        Some(before.name),
                    )
                    .await?;
            }
            let key = own(tx, organization, id).await?;
            Ok((Answer::new(StatusCode::OK, &render(&key, now))?, ()))
        })
    });
    let (answer, revoked) = done.await?;
    if revoked.is_some() {
        tracing::info!(%organization, key = %id, by = %call.key.id, "an API key was revoked");
    }
    Ok(answer)
}

/// Refuses what takes `key` away while no other one can make keys as it can: for as long, and from where the call comes.
async fn keep_an_admin(
    tx: &mut Tx<'_>,
    key: &ApiKey,
    address: Option<IpAddr>,
    now: UnixMillis,
) -> Result<(), ApiProblem> {
    if !key.is_valid(now) || !key.has(ApiKeyScope::Admin) {
        return Ok(());
    }
    let all = tx.keys_not_revoked(key.organization).await?;
    let takes_its_place = |other: &ApiKey| {
        let is_admin = other.is_valid(now) && other.has(ApiKeyScope::Admin);
        let lasts = !is_sooner(other.expires_at, key.expires_at) && other.allows(address);
        // A sandbox key makes no keys for production.
        other.id != key.id && is_admin && lasts && other.environment.covers(key.environment)
    };
    if all.iter().any(takes_its_place) {
        return Ok(());
    }
    Err(ApiProblem::Conflict(LAST_ADMIN))
}

/// Whether there is something that `key` can do and `caller` cannot.
fn can_more(key: &ApiKey, caller: &ApiKey) -> bool {
    !caller.environment.covers(key.environment)
        || key.scopes.iter().any(|scope| !caller.has(*scope))
}

fn is_sooner(at: Option<UnixMillis>, than: Option<UnixMillis>) -> bool {
    at.is_some_and(|at| than.is_none_or(|than| at < than))
}

/// The organization's key; another's is as unknown as none.
async fn own(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ApiKeyId,
) -> Result<ApiKey, ApiProblem> {
    let found = tx.key(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}

fn tag(key: &ApiKey) -> String {
    etag::of_version(key.version)
}

fn answer(key: &ApiKey, now: UnixMillis) -> Response {
    (etag::header(&tag(key)), Json(render(key, now))).into_response()
}

fn render(key: &ApiKey, now: UnixMillis) -> ApiKeyJson {
    ApiKeyJson {
        id: key.id.to_string(),
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        environment: key.environment,
        scopes: key.scopes.clone(),
        allowed_addresses: key.allowed_addresses.clone(),
        is_active: key.is_valid(now),
        expires_at: key.expires_at.map(rfc3339),
        last_used_at: key.last_used_at.map(rfc3339),
        revoked_at: key.revoked_at.map(rfc3339),
        created: rfc3339(key.created_at),
        version: key.version,
    }
}
