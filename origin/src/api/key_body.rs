//! Reads the bodies of requests that make or change an API key, and holds them against the key that asks: nobody gives
//! more than they have.

use std::net::IpAddr;

use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    time::UnixMillis,
};
use utoipa::ToSchema;

use super::{ApiProblem, fields::Fields, schema};
use crate::api_types::rfc3339;
use crate::text_values::Timestamp;
use crate::{address_range::AddressRange, store::keys::ApiKey};

/// The longest name, in characters.
pub(super) const MAX_NAME: usize = 100;
/// How many addresses and ranges one key may have.
const MAX_ADDRESSES: usize = 100;

/// An API key to be made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct NewApiKey {
    /// What the key is for.
    #[schema(min_length = 1, max_length = 100, example = "billing server")]
    pub(super) name: String,
    /// Whether it is for trying things out; what is left out is as of the key that asks.
    #[schema(value_type = Option<schema::ApiKeyEnvironment>)]
    pub(super) environment: ApiKeyEnvironment,
    /// What it may be used for: nothing that the key that asks may not be used for itself.
    #[schema(value_type = Vec<schema::ApiKeyScope>, min_items = 1)]
    pub(super) scopes: Vec<ApiKeyScope>,
    /// From when on it is no longer valid; left out for never. No later than the key that asks.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) expires_at: Option<UnixMillis>,
    /// Where it may be used: IP addresses and ranges in CIDR notation. An empty list means everywhere. Nowhere where the key
    /// that asks may not be used.
    #[schema(value_type = Option<Vec<String>>, max_items = 100, example = json!(["203.0.113.0/24", "2001:db8::7"]))]
    pub(super) allowed_addresses: Vec<AddressRange>,
}

/// What is to be changed of an API key; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ApiKeyChange {
    /// What the key is for.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    /// From when on it is no longer valid; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) expires_at: Option<Option<UnixMillis>>,
    /// Where it may be used: IP addresses and ranges in CIDR notation. An empty list means everywhere.
    #[schema(value_type = Vec<String>, required = false, max_items = 100)]
    pub(super) allowed_addresses: Option<Vec<AddressRange>>,
}

impl NewApiKey {
    /// Reads what `caller`, the key that asks, may give.
    pub(super) fn read(
        mut body: Fields,
        caller: &ApiKey,
        now: UnixMillis,
    ) -> Result<Self, ApiProblem> {
        let name = body.required_text("name", MAX_NAME);
        let environment = body.choice(
            "environment",
            ApiKeyEnvironment::ALL,
            ApiKeyEnvironment::as_str,
        );
        let environment = environment.unwrap_or(caller.environment);
        if !caller.environment.covers(environment) {
            body.wrong("environment", "must be SANDBOX, as the key that asks");
        }
        let scopes = scopes(&mut body, caller);
        let expires_at = expires_at(&mut body, now);
        within_time(&mut body, caller, expires_at);
        let allowed_addresses = addresses(&mut body);
        within_addresses(&mut body, caller, &allowed_addresses);
        body.done()?;
        Ok(Self {
            name: name.unwrap_or_default(),
            environment,
            scopes,
            expires_at,
            allowed_addresses,
        })
    }
}

impl ApiKeyChange {
    /// Reads what `caller`, the key that asks, may give. If it is the key itself (`is_own`), the address of the call must
    /// be among those where it may be used; without a known one, it may be used everywhere.
    pub(super) fn read(
        mut body: Fields,
        caller: &ApiKey,
        (is_own, address): (bool, Option<IpAddr>),
        now: UnixMillis,
    ) -> Result<Self, ApiProblem> {
        let name = body.text_unless_null("name", MAX_NAME);
        let is_never = body.is_null("expiresAt");
        let expires_at = expires_at(&mut body, now);
        let expires_at = (is_never || expires_at.is_some()).then_some(expires_at);
        if let Some(expires_at) = expires_at {
            within_time(&mut body, caller, expires_at);
        }
        let allowed_addresses = body
            .is_given("allowedAddresses")
            .then(|| addresses(&mut body));
        if let Some(addresses) = &allowed_addresses {
            let is_there = |address| addresses.iter().any(|range| range.contains(address));
            let is_shut_out = is_own && !address.is_some_and(is_there);
            if within_addresses(&mut body, caller, addresses)
                && !addresses.is_empty()
                && is_shut_out
            {
                body.wrong(
                    "allowedAddresses",
                    "must have the address that you call from",
                );
            }
        }
        body.done()?;
        Ok(Self {
            name,
            expires_at,
            allowed_addresses,
        })
    }

    /// Whether it is more than another name.
    pub(super) fn is_of_rights(&self) -> bool {
        self.expires_at.is_some() || self.allowed_addresses.is_some()
    }
}

/// Reads the scopes, and names each once.
fn scopes(body: &mut Fields, caller: &ApiKey) -> Vec<ApiKeyScope> {
    let mut chosen = body.choices("scopes", ApiKeyScope::ALL, ApiKeyScope::as_str);
    if chosen.is_empty() {
        body.wrong("scopes", "must name at least one");
    }
    for scope in chosen.iter().filter(|scope| !caller.has(**scope)) {
        let told = format!("must not have {scope}, which the key that asks has not got itself");
        body.wrong("scopes", told);
    }
    chosen.sort_unstable();
    chosen
}

fn expires_at(body: &mut Fields, now: UnixMillis) -> Option<UnixMillis> {
    let at = body.parsed::<Timestamp>("expiresAt")?.0;
    if at <= now {
        body.wrong("expiresAt", "must be in the future");
    }
    Some(at)
}

fn within_time(body: &mut Fields, caller: &ApiKey, expires_at: Option<UnixMillis>) {
    let Some(last) = caller.expires_at else {
        return;
    };
    if expires_at.is_none_or(|at| at > last) {
        let last = rfc3339(last);
        let told = format!("must be {last} at the latest, when the key that asks expires");
        body.wrong("expiresAt", told);
    }
}

fn addresses(body: &mut Fields) -> Vec<AddressRange> {
    let listed = body.list("allowedAddresses", MAX_ADDRESSES);
    listed.into_iter().map(|(_, range)| range).collect()
}

/// Whether none of them is an address where the key that asks may not be used.
fn within_addresses(body: &mut Fields, caller: &ApiKey, addresses: &[AddressRange]) -> bool {
    let own = &caller.allowed_addresses;
    let is_in = |range: &AddressRange| own.iter().any(|allowed| allowed.covers(range));
    let is_within = own.is_empty() || !addresses.is_empty() && addresses.iter().all(is_in);
    if !is_within {
        body.wrong(
            "allowedAddresses",
            "must be among the addresses of the key that asks",
        );
    }
    is_within
}
