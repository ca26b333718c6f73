//! API keys, and fresh keys for a configuration.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shared::id::{ApiKeyId, OrganizationId};
use zeroize::Zeroizing;

use super::{
    add::{checked_text, existing_organization},
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::{
    clock::{Random, bytes},
    store::keys::ApiKey,
};

/// Every API key begins with this, so that people and secret scanners recognise one.
const KEY_MARK: &str = "ml_";
/// How many first characters of a key stay readable, to tell keys apart: too few to guess the rest.
const PREFIX_LEN: usize = 8;
const MAX_NAME: usize = 100;

pub(super) async fn add(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
    name: &str,
) -> Outcome {
    let organization = existing_organization(context, organization).await?;
    let random = Zeroizing::new(bytes::<32>(&*context.random));
    let secret = format!("{KEY_MARK}{}", URL_SAFE_NO_PAD.encode(*random));
    let key = ApiKey {
        id: ApiKeyId::from_random(context.new_id()),
        organization: organization.id,
        name: checked_text("--name", name, MAX_NAME)?,
        prefix: secret.chars().take(PREFIX_LEN).collect(),
        created_at: context.clock.now(),
        last_used_at: None,
        revoked_at: None,
    };
    let hash = Sha256::digest(secret.as_bytes()).into();
    context
        .store
        .tx("cli.add_key", |tx| Box::pin(tx.add_key(&key, hash)))
        .await
        .map_err(failed)?;
    out.say(
        &json!({ "id": key.id, "name": key.name, "key": secret }),
        || {
            format!(
                "Made a key for {}. It is shown this once:\n{secret}",
                organization.name
            )
        },
    )
}

pub(super) async fn list(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
) -> Outcome {
    existing_organization(context, organization).await?;
    let keys = context
        .store
        .read("cli.keys", |tx| Box::pin(tx.keys(organization)))
        .await
        .map_err(failed)?;
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "name": key.name,
                "prefix": key.prefix,
                "createdAt": key.created_at,
                "lastUsedAt": key.last_used_at,
                "revokedAt": key.revoked_at,
            })
        })
        .collect();
    out.say(&rows, || {
        if keys.is_empty() {
            return "This organization has no keys.".into();
        }
        let line = |key: &ApiKey| {
            let state = if key.revoked_at.is_some() {
                "revoked"
            } else {
                "active"
            };
            format!("{}  {}…  {state:7}  {}", key.id, key.prefix, key.name)
        };
        keys.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

pub(super) async fn revoke(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
    key: ApiKeyId,
) -> Outcome {
    let done = context
        .store
        .tx("cli.revoke_key", |tx| {
            Box::pin(tx.revoke_key(organization, key, context.clock.now()))
        })
        .await
        .map_err(failed)?;
    if !done {
        return Err(format!("The organization has no active key {key}."));
    }
    out.say(&json!({ "id": key, "revoked": true }), || {
        format!("The key {key} opens nothing any more.")
    })
}

/// Keys for a configuration that has none yet.
pub(super) fn fresh(out: &Output, random: &dyn Random) -> Outcome {
    let token = hex(&bytes::<16>(random));
    let vault = hex(&bytes::<32>(random));
    let signing = hex(&bytes::<32>(random));
    let value = json!({ "tokenKeys": [format!("1:{token}")], "vaultKeys": [format!("1:{vault}")], "signingKey": signing });
    out.say(&value, || {
        format!(
            "token_keys = [\"1:{token}\"]\nvault_keys = [\"1:{vault}\"]\n\n[edge]\nsigning_key = \"{signing}\"\n\n\
             # The edge needs TOKEN_KEYS=1:{token} and EDGE_SIGNING_KEY={signing} (wrangler secret put)."
        )
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
