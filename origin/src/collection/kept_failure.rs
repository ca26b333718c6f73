//! The failure of a sign-in that was kept, as an operator reads it.

use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use super::sealed_rows::open_failure;
use crate::{
    signin::SignInFailure,
    store::{StoreError, Tx},
    vault::Vault,
};

/// The newest failure of a connection's sign-in.
pub struct KeptFailure {
    /// When the sign-in ended.
    pub failed_at: UnixMillis,
    /// What it saw; `None` when it does not open, since its vault key is not configured any more.
    pub seen: Option<SignInFailure>,
}

/// The newest failure of the sign-in of the company's connection, if one was kept.
///
/// # Errors
/// When the database fails.
pub async fn kept_failure(
    tx: &mut Tx<'_>,
    vault: &Vault,
    of: (CompanyId, ConnectionId),
) -> Result<Option<KeptFailure>, StoreError> {
    let stored = tx.sign_in_failure(of.0, of.1).await?;
    Ok(stored.map(|stored| KeptFailure {
        failed_at: stored.failed_at,
        seen: open_failure(vault, of, &stored.sealed),
    }))
}
