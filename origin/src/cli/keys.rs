//! API keys, and fresh keys for a configuration.

use serde_json::json;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{ApiKeyId, OrganizationId},
    member::AuditAction,
    time::UnixMillis,
};

use super::{
    add::{checked_text, existing_organization},
    arguments::KeyAdd,
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::{
    api_key::ApiKeySecret,
    api_types::rfc3339,
    clock::{Random, bytes},
    store::{Page, keys::ApiKey},
};

/// The longest name, as in the API.
const MAX_NAME: usize = 100;

pub(super) async fn add(context: &CommandContext, out: &Output, what: KeyAdd) -> Outcome {
    let organization = existing_organization(context, what.organization).await?;
    let environment = if what.sandbox {
        ApiKeyEnvironment::Sandbox
    } else {
        ApiKeyEnvironment::Production
    };
    let now = context.clock.now();
    let expires_at = what.expires_at.map(|at| at.0);
    if expires_at.is_some_and(|at| at <= now) {
        return Err("--expires-at must be in the future.".into());
    }
    let mut scopes = what.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let secret = ApiKeySecret::random(environment, &*context.random);
    let key = ApiKey {
        id: ApiKeyId::from_random(context.new_id()),
        organization: organization.id,
        name: checked_text("--name", &what.name, MAX_NAME)?,
        prefix: secret.prefix(),
        environment,
        scopes,
        expires_at,
        allowed_addresses: what.allowed_addresses,
        created_at: now,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    let (author, made, hash) = (&context.author(organization.id), &key, secret.hash());
    let adding = context.store.tx("cli.add_key", |tx| {
        Box::pin(async move {
            tx.add_key(made, hash).await?;
            let (did, id) = (AuditAction::KeyMade, made.id.to_string());
            author.did(tx, did, Some(id), Some(made.name.clone())).await
        })
    });
    adding.await.map_err(failed)?;
    let text = secret.text();
    out.say(
        &json!({ "id": key.id, "name": key.name, "key": text }),
        || {
            format!(
                "Made a key for {}. It is shown this once:\n{text}",
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
    let keys = all(context, organization).await?;
    let shown: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({
                "id": key.id,
                "name": key.name,
                "prefix": key.prefix,
                "environment": key.environment,
                "scopes": key.scopes,
                "allowedAddresses": key.allowed_addresses,
                "created": rfc3339(key.created_at),
                "expiresAt": key.expires_at.map(rfc3339),
                "lastUsedAt": key.last_used_at.map(rfc3339),
                "revokedAt": key.revoked_at.map(rfc3339),
            })
        })
        .collect();
    let now = context.clock.now();
    out.say(&json!({ "keys": shown }), || {
        if keys.is_empty() {
            return "This organization has no keys.".into();
        }
        let lines = keys.iter().map(|key| line(key, now));
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// Page by page: there is one list of keys.
async fn all(context: &CommandContext, organization: OrganizationId) -> Outcome<Vec<ApiKey>> {
    let mut keys = Vec::new();
    for number in 1.. {
        let page = Page {
            limit: Page::MAX_LIMIT,
            number,
        };
        let found = context
            .store
            .read("cli.keys", |tx| Box::pin(tx.keys(organization, page)))
            .await
            .map_err(failed)?;
        if found.rows.is_empty() {
            break;
        }
        keys.extend(found.rows);
    }
    Ok(keys)
}

fn line(key: &ApiKey, now: UnixMillis) -> String {
    let state = if key.revoked_at.is_some() {
        "revoked"
    } else if key.is_valid(now) {
        "active"
    } else {
        "expired"
    };
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let mut line = format!(
        "{}  {}…  {state:7}  {}  {}",
        key.id,
        key.prefix,
        scopes.join(","),
        key.name
    );
    if let Some(at) = key.expires_at {
        line.push_str(&format!("  until {}", rfc3339(at)));
    }
    if !key.allowed_addresses.is_empty() {
        let ranges: Vec<_> = key
            .allowed_addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        line.push_str(&format!("  from {}", ranges.join(",")));
    }
    line
}

pub(super) async fn revoke(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
    key: ApiKeyId,
) -> Outcome {
    let author = &context.author(organization);
    let revoking = context.store.tx("cli.revoke_key", |tx| {
        Box::pin(async move {
            let done = tx.revoke_key(organization, key, author.now).await?;
            if done {
                let name = tx.key(organization, key).await?.map(|key| key.name);
                let did = AuditAction::KeyRevoked;
                author.did(tx, did, Some(key.to_string()), name).await?;
            }
            Ok(done)
        })
    });
    if !revoking.await.map_err(failed)? {
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
