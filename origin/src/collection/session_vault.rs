//! Seals saved browser sessions for the database, and opens them again.

use shared::id::{CompanyId, ConnectionId};
use zeroize::Zeroizing;

use crate::{
    clock::Random,
    signin::SavedSession,
    store::browser_sessions::TABLE,
    vault::{AssociatedData, Vault},
};

/// A longer session is not kept.
const BYTES_MAX: usize = 512 * 1024;

/// The session, sealed for its connection's row; `None` when there is nothing to keep or it cannot be kept.
#[must_use]
pub fn seal_session(
    vault: &Vault,
    random: &dyn Random,
    (company, connection): (CompanyId, ConnectionId),
    session: &SavedSession,
) -> Option<Vec<u8>> {
    if session.is_empty() {
        return None;
    }
    let plain = Zeroizing::new(serde_json::to_vec(session).ok()?);
    if plain.len() > BYTES_MAX {
        tracing::warn!(%connection, bytes = plain.len(), "a browser session is too long to be kept");
        return None;
    }
    let row = connection.to_string();
    let associated = AssociatedData {
        table: TABLE,
        row: &row,
        company,
    };
    let sealed = vault.seal(random, associated, &plain).ok()?;
    Some(sealed.bytes)
}

/// The session that was sealed for its connection's row; `None` when it does not open or is none.
#[must_use]
pub fn open_session(
    vault: &Vault,
    (company, connection): (CompanyId, ConnectionId),
    sealed: &[u8],
) -> Option<SavedSession> {
    let row = connection.to_string();
    let associated = AssociatedData {
        table: TABLE,
        row: &row,
        company,
    };
    let plain = vault.open(associated, sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
