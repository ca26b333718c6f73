//! Settings > API keys: made, shown once, and revoked.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::ApiKeyId,
    member::AuditAction,
    text::{is_blank, is_control},
    time::UnixMillis,
};

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    once::Once,
    page::{Place, Shell, render},
    session::SignedIn,
    words::{Moment, scope_words},
};
use crate::{
    address_range::AddressRange,
    api_key::ApiKeySecret,
    clock::bytes,
    store::{Page, keys::ApiKey},
};

/// Keys that an organization may have, those that were revoked not counted, as in the API.
const MOST: usize = 100;
/// The longest name, in characters, as in the API.
const NAME_MAX: usize = 100;
/// Ranges of addresses that a key may have, as in the API.
const RANGES_MAX: usize = 100;
/// The lives that can be chosen, in days.
const LIVES_DAYS: [i64; 4] = [7, 30, 90, 365];
const DAY_MS: i64 = 86_400_000;

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// `yes` where a sandbox key is to be made.
    sandbox: Option<String>,
}

/// The fields as they were filled in, and what is wrong with them.
#[derive(Default)]
struct Filled {
    name: String,
    scopes: Vec<String>,
    addresses: String,
    life_days: String,
    is_sandbox: bool,
    wrong: Vec<Wrong>,
}

impl Filled {
    fn of(form: &Form) -> Self {
        Self {
            name: form.text("name").to_owned(),
            scopes: form.texts("scope").map(str::to_owned).collect(),
            addresses: form.text("addresses").to_owned(),
            life_days: form.text("lifeDays").to_owned(),
            is_sandbox: form.text("sandbox") == "yes",
            wrong: Vec::new(),
        }
    }

    /// The key that is meant, or all that is wrong.
    fn read(&self, me: &SignedIn) -> Result<(ApiKey, ApiKeySecret), Vec<Wrong>> {
        let name = &self.name;
        let mut wrong = Vec::new();
        if is_blank(name) || name.chars().count() > NAME_MAX || name.contains(is_control) {
            wrong.push(Wrong::new(
                "name",
                "Give the key a name that says what it is for.",
            ));
        }
        let scopes: Vec<ApiKeyScope> = self
            .scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        if scopes.is_empty() {
            wrong.push(Wrong::new(
                "scopes",
                "Choose at least one thing that the key may do.",
            ));
        }
        let ranges = self.addresses.split([',', ' ', '\n', '\r']);
        let ranges: Result<Vec<AddressRange>, _> = ranges
            .filter(|text| !text.is_empty())
            .map(str::parse)
            .collect();
        let allowed_addresses = ranges.unwrap_or_else(|_| {
            wrong.push(Wrong::new(
                "addresses",
                "Enter IP addresses and ranges, such as 203.0.113.0/24, with commas between them.",
            ));
            Vec::new()
        });
        if allowed_addresses.len() > RANGES_MAX {
            wrong.push(Wrong::new(
                "addresses",
                "These are too many addresses: 100 at most.",
            ));
        }
        let mut lives = LIVES_DAYS.into_iter();
        let days = lives.find(|days| days.to_string() == self.life_days);
        if days.is_none() && !self.life_days.is_empty() {
            wrong.push(Wrong::new("lifeDays", "Choose when the key runs out."));
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let environment = if self.is_sandbox {
            ApiKeyEnvironment::Sandbox
        } else {
            ApiKeyEnvironment::Production
        };
        let random = &*me.console.door.random;
        let secret = ApiKeySecret::random(environment, random);
        let key = ApiKey {
            id: ApiKeyId::from_random(bytes(random)),
            organization: me.organization.id,
            name: name.clone(),
            prefix: secret.prefix(),
            environment,
            scopes,
            expires_at: days.map(|days| me.now.plus(days * DAY_MS)),
            allowed_addresses,
            created_at: me.now,
            last_used_at: None,
            revoked_at: None,
            version: 1,
        };
        Ok((key, secret))
    }
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage<'a> {
    shell: Shell<'a>,
    keys: &'a [ApiKey],
    filled: &'a Filled,
    /// A key that was made just now, with its name: it is shown this once.
    made: Option<(&'a str, &'a str)>,
}

impl KeysPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        let mut wrong = self.filled.wrong.iter();
        wrong.find_map(|one| told_at(Some(*one), field))
    }

    /// Whether the field is the first that is wrong, where the person goes on.
    fn is_first(&self, field: &str) -> bool {
        let first = self.filled.wrong.first();
        first.is_some_and(|wrong| wrong.field == field)
    }

    fn scopes(&self) -> &'static [ApiKeyScope] {
        ApiKeyScope::ALL
    }

    fn scope(&self, scope: &ApiKeyScope) -> &'static str {
        scope_words(*scope)
    }

    fn is_ticked(&self, scope: &ApiKeyScope) -> bool {
        self.filled.scopes.iter().any(|one| one == scope.as_str())
    }

    fn lives(&self) -> [i64; 4] {
        LIVES_DAYS
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }

    fn state(&self, key: &ApiKey) -> (&'static str, &'static str) {
        if key.revoked_at.is_some() {
            return ("Revoked", "off");
        }
        if key.is_valid(self.shell.me.now) {
            ("Active", "good")
        } else {
            ("Run out", "off")
        }
    }

    /// What it may do and from where, in few words.
    fn limits(&self, key: &ApiKey) -> String {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let addresses: Vec<_> = key
            .allowed_addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        match addresses.is_empty() {
            true => scopes.join(", "),
            false => format!("{}; from {}", scopes.join(", "), addresses.join(", ")),
        }
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    filled: &Filled,
    made: Option<(&str, &str)>,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let all = Page {
        limit: Page::MAX_LIMIT,
        number: 1,
    };
    let reading = me.console.door.store.read("console.keys", |tx| {
        Box::pin(async move {
            // Those that can be revoked come first, and are all there.
            let mut keys = tx.keys_not_revoked(organization).await?;
            let revoked = tx.keys(organization, all).await?.rows.into_iter();
            keys.extend(revoked.filter(|key| key.revoked_at.is_some()));
            Ok::<_, ConsoleError>(keys)
        })
    });
    let keys = reading.await?;
    let html = render(&KeysPage {
        shell: Shell::new(me, Place::Settings),
        keys: &keys,
        filled,
        made,
    })?;
    Ok((status, html).into_response())
}

/// Lists the organization's keys, those that can be revoked first.
pub(super) async fn list(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    let filled = Filled {
        is_sandbox: asked.sandbox.as_deref() == Some("yes"),
        ..Filled::default()
    };
    page(&me, StatusCode::OK, &filled, None).await
}

/// Makes a key, and shows it once.
pub(super) async fn add(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let once = &Once::of(&me, &form)?;
    let mut filled = Filled::of(&form);
    let (key, secret) = match filled.read(&me) {
        Ok(made) => made,
        Err(wrong) => {
            filled.wrong = wrong;
            return page(&me, StatusCode::UNPROCESSABLE_ENTITY, &filled, None).await;
        }
    };
    let (id, name) = (key.id.to_string(), key.name.clone());
    let event = me.audit(AuditAction::KeyMade, Some(id), Some(name));
    let (key, hash, event) = (&key, secret.hash(), &event);
    let adding = me.console.door.store.tx("console.add_key", |tx| {
        Box::pin(async move {
            tx.lock_organization(key.organization).await?;
            if tx.keys_not_revoked(key.organization).await?.len() >= MOST {
                return Ok(false);
            }
            once.take(tx).await?;
            tx.add_key(key, hash).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    if !adding.await? {
        let told = "There are 100 keys already, which is the most: revoke one first.";
        filled.wrong = vec![Wrong::new("name", told)];
        return page(&me, StatusCode::CONFLICT, &filled, None).await;
    }
    let made = Some((key.name.as_str(), secret.text()));
    page(&me, StatusCode::OK, &Filled::default(), made).await
}

/// Revokes a key, at once. An owner can make another one here, so the last one may go as well.
pub(super) async fn revoke(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let id: ApiKeyId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (organization, now) = (me.organization.id, me.now);
    let who = &me;
    let revoking = me.console.door.store.tx("console.revoke_key", |tx| {
        Box::pin(async move {
            let key = tx.key(organization, id).await?;
            let key = key.ok_or(ConsoleError::NotFound)?;
            if tx.revoke_key(organization, id, now).await? {
                let event = who.audit(
                    AuditAction::KeyRevoked,
                    Some(id.to_string()),
                    Some(key.name),
                );
                tx.add_audit_event(&event).await?;
            }
            Ok::<_, ConsoleError>(())
        })
    });
    revoking.await?;
    Ok(Redirect::to("/console/keys").into_response())
}
