//! The secrets with which messages are signed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::{
    id::{OrganizationId, WebhookEndpointId},
    time::UnixMillis,
};
use zeroize::Zeroizing;

use crate::{
    clock::{Random, bytes},
    store::webhook_endpoints::{SealedWebhookSecrets, TABLE},
    vault::{AssociatedData, Vault, VaultError},
};

/// How the text of every secret begins.
const PREFIX: &str = "whsec_";
/// The length of new secrets, in bytes; the scheme allows 24 to 64.
const LEN: usize = 32;

/// A secret with which messages to one endpoint are signed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

impl WebhookSecret {
    /// A new secret.
    #[must_use]
    pub fn random(random: &dyn Random) -> Self {
        Self(Zeroizing::new(bytes::<LEN>(random).to_vec()))
    }

    /// The secret as the organization is shown it, once: `whsec_` and base64.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(&*self.0)))
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The secret, sealed for the endpoint's row.
///
/// # Errors
/// When no vault key is configured.
pub fn seal_secret(
    vault: &Vault,
    random: &dyn Random,
    of: (OrganizationId, WebhookEndpointId),
    secret: &WebhookSecret,
) -> Result<Vec<u8>, VaultError> {
    let row = of.1.to_string();
    let sealed = vault.seal(random, associated(of.0, &row), secret.key())?;
    Ok(sealed.bytes)
}

/// What messages to the endpoint are signed with at this time: its secret, and the one before for as long as that counts.
///
/// # Errors
/// When the vault key is gone, or a secret was changed or belongs to another row.
pub fn open_secrets(
    vault: &Vault,
    of: (OrganizationId, WebhookEndpointId),
    sealed: &SealedWebhookSecrets,
    now: UnixMillis,
) -> Result<Vec<WebhookSecret>, VaultError> {
    let row = of.1.to_string();
    let previous = sealed.previous.as_ref();
    let previous = previous.filter(|(_, until)| now < *until);
    let all = std::iter::once(&sealed.current).chain(previous.map(|(sealed, _)| sealed));
    all.map(|sealed| Ok(WebhookSecret(vault.open(associated(of.0, &row), sealed)?)))
        .collect()
}

fn associated(organization: OrganizationId, row: &str) -> AssociatedData<'_> {
    AssociatedData {
        table: TABLE,
        row,
        owner: organization.into(),
    }
}
