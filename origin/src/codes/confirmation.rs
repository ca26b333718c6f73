//! What a mail provider sent to confirm that mail may be forwarded to the address of a channel.

use serde::{Deserialize, Serialize};
use shared::id::{CodeChannelId, CompanyId};
use zeroize::Zeroizing;

use super::SpfCheck;
use crate::{
    clock::Random,
    store::code_channels,
    vault::{AssociatedData, Vault},
};

/// What whoever sets a channel up is shown of such a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardingConfirmation {
    /// The address that the mail says to be from.
    pub from: String,
    /// The code to enter at the mail provider.
    pub code: Option<String>,
    /// The link that confirms, `https` alone. It is shown, and followed only where [`Self::was_answered`] says so.
    pub link: Option<String>,
    /// The domains whose signature (DKIM) the mail bears and keeps.
    pub signed_by: Vec<String>,
    /// What the domain of the envelope's sender says of the host that the mail came from (SPF), where that is known.
    #[serde(default)]
    pub spf: Option<SpfCheck>,
    /// The link was followed by this program, because signature and host are those of a provider that it knows.
    pub was_answered: bool,
}

/// Seals a confirmation for the row of its channel; `None` when that cannot be done.
#[must_use]
pub fn seal_confirmation(
    vault: &Vault,
    random: &dyn Random,
    of: (CompanyId, CodeChannelId),
    confirmation: &ForwardingConfirmation,
) -> Option<Vec<u8>> {
    let plain = Zeroizing::new(serde_json::to_vec(confirmation).ok()?);
    seal(vault, random, code_channels::CONFIRMATION, of, &plain)
}

/// Opens the confirmation of a channel's row; `None` when it does not open or is none.
#[must_use]
pub fn open_confirmation(
    vault: &Vault,
    of: (CompanyId, CodeChannelId),
    sealed: &[u8],
) -> Option<ForwardingConfirmation> {
    let plain = open(vault, code_channels::CONFIRMATION, of, sealed)?;
    serde_json::from_slice(&plain).ok()
}

/// Seals what a channel's row keeps under this name.
pub(super) fn seal(
    vault: &Vault,
    random: &dyn Random,
    table: &str,
    (company, channel): (CompanyId, CodeChannelId),
    plain: &[u8],
) -> Option<Vec<u8>> {
    let row = channel.to_string();
    let associated = AssociatedData {
        table,
        row: &row,
        owner: company.into(),
    };
    let sealed = vault.seal(random, associated, plain).ok()?;
    Some(sealed.bytes)
}

/// Opens what a channel's row keeps under this name.
pub(super) fn open(
    vault: &Vault,
    table: &str,
    (company, channel): (CompanyId, CodeChannelId),
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let row = channel.to_string();
    let associated = AssociatedData {
        table,
        row: &row,
        owner: company.into(),
    };
    vault.open(associated, sealed).ok()
}
