//! Seals what a sign-in leaves for the rows of its connection, and opens it again.

use serde::{Serialize, de::DeserializeOwned};
use shared::id::{CompanyId, ConnectionId};
use zeroize::Zeroizing;

use crate::{
    clock::Random,
    signin::{SavedSession, SignInFailure},
    store::{browser_sessions, sign_in_failures},
    vault::{AssociatedData, Vault},
};

/// What is longer is not kept.
const BYTES_MAX: usize = 1_536 * 1024;

/// The session, sealed for its connection's row; `None` when there is nothing to keep or it cannot be kept.
#[must_use]
pub fn seal_session(
    vault: &Vault,
    random: &dyn Random,
    of: (CompanyId, ConnectionId),
    session: &SavedSession,
) -> Option<Vec<u8>> {
    if session.is_empty() {
        return None;
    }
    seal(vault, random, (browser_sessions::TABLE, of), session)
}

/// The session that was sealed for its connection's row; `None` when it does not open or is none.
#[must_use]
pub fn open_session(
    vault: &Vault,
    of: (CompanyId, ConnectionId),
    sealed: &[u8],
) -> Option<SavedSession> {
    open(vault, (browser_sessions::TABLE, of), sealed)
}

/// The failure, sealed for its connection's row; `None` when it cannot be kept.
#[must_use]
pub fn seal_failure(
    vault: &Vault,
    random: &dyn Random,
    of: (CompanyId, ConnectionId),
    failure: &SignInFailure,
) -> Option<Vec<u8>> {
    seal(vault, random, (sign_in_failures::TABLE, of), failure)
}

/// The failure that was sealed for its connection's row; `None` when it does not open or is none.
#[must_use]
pub fn open_failure(
    vault: &Vault,
    of: (CompanyId, ConnectionId),
    sealed: &[u8],
) -> Option<SignInFailure> {
    open(vault, (sign_in_failures::TABLE, of), sealed)
}

fn seal(
    vault: &Vault,
    random: &dyn Random,
    (table, (company, connection)): (&str, (CompanyId, ConnectionId)),
    value: &impl Serialize,
) -> Option<Vec<u8>> {
    let plain = Zeroizing::new(serde_json::to_vec(value).ok()?);
    if plain.len() > BYTES_MAX {
        tracing::warn!(%connection, table, bytes = plain.len(), "what a sign-in left is too long to be kept");
        return None;
    }
    let row = connection.to_string();
    let associated = AssociatedData {
        table,
        row: &row,
        owner: company.into(),
    };
    let sealed = vault.seal(random, associated, &plain).ok()?;
    Some(sealed.bytes)
}

fn open<T: DeserializeOwned>(
    vault: &Vault,
    (table, (company, connection)): (&str, (CompanyId, ConnectionId)),
    sealed: &[u8],
) -> Option<T> {
    let row = connection.to_string();
    let associated = AssociatedData {
        table,
        row: &row,
        owner: company.into(),
    };
    let plain = vault.open(associated, sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
