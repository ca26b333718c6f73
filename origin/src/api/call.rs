//! The one extractor of a handler: who calls, when, and one transaction.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use futures_util::future::BoxFuture;
use shared::{api_key::ApiKeyEnvironment, id::OrganizationId, time::UnixMillis};

use super::{
    audit::Audit,
    idempotency::{Answer, IdempotencyHeader, IdempotencyKey},
    problem::ApiProblem,
    reach, scopes,
    state::{ApiDoor, ApiState},
};
use crate::{
    api_key, client_address,
    store::{Store, StoreError, Tx, environments::OfEnvironment, keys::ApiKey},
};

/// The header that carries the key.
pub(super) const KEY_HEADER: &str = "x-api-key";
/// A longer key is none of ours, and not worth hashing.
const MAX_KEY: usize = 128;
/// How far a key's `last_used_at` may lag behind, in milliseconds: a write for every request would make the key's row
/// the busiest of all.
const LAST_USED_STEP_MS: i64 = 60_000;

/// An authenticated call of an organization.
pub(super) struct Call {
    /// The organization whose key was sent: everything is looked up below it.
    pub(super) organization: OrganizationId,
    /// The key itself: nobody gives more than it has.
    pub(super) key: ApiKey,
    /// Where the call comes from, if that is known.
    pub(super) address: Option<IpAddr>,
    /// When the call was received.
    pub(super) now: UnixMillis,
    /// Where it is written down what the call changes.
    pub(super) audit: Audit,
    /// The transaction in which the handler works.
    pub(super) tx: CallTx,
    /// The services that the API uses.
    pub(super) door: Arc<ApiDoor>,
}

/// The one transaction of a call. Using it takes it, so a handler cannot do half of its work in one transaction and
/// half in another.
pub(super) struct CallTx {
    door: Arc<ApiDoor>,
    organization: OrganizationId,
    now: UnixMillis,
    idempotency: Option<IdempotencyKey>,
}

impl Call {
    /// Refuses sandbox keys: what is changed holds for production too.
    pub(super) fn must_be_of_production(&self) -> Result<(), ApiProblem> {
        match self.key.environment {
            ApiKeyEnvironment::Production => Ok(()),
            ApiKeyEnvironment::Sandbox => Err(ApiProblem::OfProduction),
        }
    }
}

impl CallTx {
    /// Names the body of a POST that its handler read itself.
    pub(super) fn with_body(mut self, body: &[u8]) -> Self {
        self.idempotency = self.idempotency.map(|key| key.with_body(body));
        self
    }

    /// Runs the work of a PATCH or DELETE, which may be done again, in a transaction that writes; see [`Store::tx`].
    pub(super) async fn write<'env, T>(
        self,
        name: &'static str,
        work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, ApiProblem>>,
    ) -> Result<T, ApiProblem> {
        self.door.store.tx(name, work).await
    }

    /// Runs the work of a POST in a transaction that writes; see [`Store::tx`]. A call that was made before with the same
    /// `Idempotency-Key` gets the answer of then, and nothing is done. `T` is what is left to do where it was done now.
    pub(super) async fn once<'env, T: Send>(
        self,
        name: &'static str,
        work: impl for<'tx> Fn(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<(Answer, T), ApiProblem>>
        + Copy
        + Send
        + Sync
        + 'env,
    ) -> Result<(Answer, Option<T>), ApiProblem> {
        let (organization, now) = (self.organization, self.now);
        self.door
            .store
            .tx(name, |tx| {
                let (door, key) = (Arc::clone(&self.door), self.idempotency);
                Box::pin(async move {
                    let Some(key) = key else {
                        let (answer, left) = work(tx).await?;
                        return Ok((answer, Some(left)));
                    };
                    if let Some(answer) = key.take(tx, &door.vault, organization, now).await? {
                        return Ok((answer, None));
                    }
                    let (answer, left) = work(tx).await?;
                    let random = &*door.random;
                    key.keep(tx, &door.vault, random, organization, &answer)
                        .await?;
                    Ok((answer, Some(left)))
                })
            })
            .await
    }

    /// Runs `work` in a transaction that only reads; see [`Store::read`].
    pub(super) async fn read<'env, T>(
        self,
        name: &'static str,
        work: impl for<'tx> FnMut(&'tx mut Tx<'env>) -> BoxFuture<'tx, Result<T, ApiProblem>>,
    ) -> Result<T, ApiProblem> {
        self.door.store.read(name, work).await
    }
}

impl FromRequestParts<Arc<ApiState>> for Call {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        api: &Arc<ApiState>,
    ) -> Result<Self, ApiProblem> {
        let mut keys = parts.headers.get_all(KEY_HEADER).iter();
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(ApiProblem::NoKey);
        };
        let address = client_address::of_call(parts, &api.door.proxies);
        if key.len() > MAX_KEY {
            return Err(ApiProblem::InvalidKey(address));
        }
        let now = api.door.clock.now();
        let hash = api_key::hash(key.as_bytes());
        let about = reach::of_call(parts).await;
        let found = find_key(&api.door.store, hash, about.as_ref()).await?;
        let found = found.filter(|(key, _)| may_call(key, address, now));
        // Who guesses keys, or has found one, learns nothing of which it is.
        let (key, environment) = found.ok_or(ApiProblem::InvalidKey(address))?;
        note_use(&api.door.store, &key, now).await?;
        api.rate_limiter
            .take(key.id, now)
            .map_err(|too_many| ApiProblem::TooMany {
                seconds: too_many.seconds,
            })?;
        if let Some(scope) = scopes::of_call(parts)
            && !key.has(scope)
        {
            return Err(ApiProblem::Forbidden(scope));
        }
        // What is unknown is left to the handler, which knows what else may be wrong.
        if environment.is_some_and(|environment| environment != key.environment) {
            return Err(ApiProblem::NotFound);
        }
        let idempotency = parts.extensions.get::<IdempotencyHeader>();
        let idempotency = idempotency
            .map(|header| header.key(key.environment))
            .transpose()?;
        Ok(Self {
            organization: key.organization,
            now,
            audit: Audit {
                door: Arc::clone(&api.door),
                organization: key.organization,
                key: key.id,
                now,
            },
            tx: CallTx {
                door: Arc::clone(&api.door),
                organization: key.organization,
                now,
                idempotency,
            },
            door: Arc::clone(&api.door),
            key,
            address,
        })
    }
}

/// The key with this hash, if it was not revoked, and the environment of what the call is about, if that is there.
async fn find_key(
    store: &Store,
    hash: [u8; 32],
    about: Option<&(OfEnvironment, String)>,
) -> Result<Option<(ApiKey, Option<ApiKeyEnvironment>)>, StoreError> {
    let reading = store.read_one("api.key", |tx| {
        Box::pin(async move {
            match about {
                Some((what, id)) => tx.key_and_environment_of(hash, *what, id).await,
                None => Ok(tx.key_by_hash(hash).await?.map(|key| (key, None))),
            }
        })
    });
    reading.await
}

/// Whether the key may be used now and by who calls from there. Only the log says why not.
fn may_call(key: &ApiKey, address: Option<IpAddr>, now: UnixMillis) -> bool {
    let (organization, id) = (key.organization, key.id);
    if !key.is_valid(now) {
        tracing::info!(%organization, key = %id, "a call with an API key that has expired");
        return false;
    }
    if !key.allows(address) {
        tracing::info!(%organization, key = %id, "a call with an API key from another address than it allows");
        return false;
    }
    true
}

/// Writes down that the key was used, once a minute at most.
async fn note_use(store: &Store, key: &ApiKey, now: UnixMillis) -> Result<(), StoreError> {
    let is_stale = |last: UnixMillis| now.since(last) >= LAST_USED_STEP_MS;
    if !key.last_used_at.is_none_or(is_stale) {
        return Ok(());
    }
    store
        .tx("api.key_used", |tx| Box::pin(tx.set_key_used(key.id, now)))
        .await
}

/// An id in the path. One that is no id names nothing: 404, as an unknown one.
pub(super) struct Id<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: std::str::FromStr + Send,
    S: Send + Sync,
{
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiProblem::NotFound)?;
        text.parse().map(Self).map_err(|_| ApiProblem::NotFound)
    }
}

/// Two ids in the path, as [`Id`] reads one.
pub(super) struct Ids<A, B>(pub(super) A, pub(super) B);

impl<A, B, S> FromRequestParts<S> for Ids<A, B>
where
    A: std::str::FromStr + Send,
    B: std::str::FromStr + Send,
    S: Send + Sync,
{
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiProblem> {
        let Path((first, second)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiProblem::NotFound)?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(ApiProblem::NotFound),
        }
    }
}
