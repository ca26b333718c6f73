//! The one extractor: who calls, the store, the time.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use sha2::{Digest as _, Sha256};
use shared::{id::OrganizationId, time::UnixMillis};

use super::{Api, ApiDoor, Problem};
use crate::store::Store;

/// The header that carries the key.
pub(super) const KEY_HEADER: &str = "x-api-key";
/// Longer is no key of ours, and not worth hashing.
const MAX_KEY: usize = 128;

/// A call of an organization.
pub(super) struct Call {
    /// Whose key it is: everything is looked up below it.
    pub(super) organization: OrganizationId,
    /// When it came.
    pub(super) now: UnixMillis,
    api: Arc<Api>,
}

impl Call {
    pub(super) fn store(&self) -> &Store {
        &self.api.door.store
    }

    pub(super) fn door(&self) -> &ApiDoor {
        &self.api.door
    }
}

impl FromRequestParts<Arc<Api>> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let mut keys = parts.headers.get_all(KEY_HEADER).iter();
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(Problem::Unauthorized);
        };
        if key.len() > MAX_KEY {
            return Err(Problem::Unauthorized);
        }
        let hash = Sha256::digest(key.as_bytes()).into();
        let now = api.door.clock.now();
        let key = api.door.store.use_key(hash, now).await?;
        let key = key.ok_or(Problem::Unauthorized)?;
        api.rates.take(key.id, now)?;
        Ok(Self {
            organization: key.organization,
            now,
            api: Arc::clone(api),
        })
    }
}

/// An id in the path. One that is no id names nothing: 404, as an unknown one.
pub(super) struct Id<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: std::str::FromStr + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::NotFound)?;
        text.parse().map(Self).map_err(|_| Problem::NotFound)
    }
}
