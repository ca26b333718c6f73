//! Which room of a crate may use which other one, and which crate which other one.

use std::collections::BTreeSet;

use crate::{
    imports::Use,
    modules::{Crate, ModulePath},
    workspace::Package,
};

/// A room (a module below the crate's root) and the rooms that it may use. Another crate of the workspace counts as a
/// room of its name.
pub type Rooms = [(&'static str, &'static [&'static str])];

/// The rooms of the origin. A room that is not here needs a line, and with it a thought about the arrows.
pub const ORIGIN_ROOMS: &Rooms = &[
    ("store", &["address_range", "bill_reader"]),
    ("clock", &[]),
    ("address_range", &[]),
    ("api_key", &["clock"]),
    ("rate_limit", &[]),
    ("registrable_domain", &[]),
    ("browser", &["clock"]),
    ("bill_reader", &[]),
    // The configuration is put together from the settings that rooms declare for themselves.
    ("config", &["address_range", "browser"]),
    ("vault", &["clock", "config"]),
    ("blobs", &["clock", "config", "jobs", "store", "vault"]),
    (
        "signin",
        &["browser", "clock", "store", "registrable_domain"],
    ),
    (
        "codes",
        &[
            "signin",
            "store",
            "clock",
            "mail",
            "link_url",
            "vault",
            "rate_limit",
            "registrable_domain",
            "code_reader",
            "browser",
            "webhooks",
        ],
    ),
    ("jobs", &["store", "vault", "clock", "config"]),
    ("collection", BELOW_FLOW),
    ("flow", BELOW_DOORS),
    ("api", DOOR),
    ("console", DOOR),
    // Its pages are the console's in look, forms and passwords, with other people and other sessions.
    (
        "operator",
        &[
            "browser",
            "client_address",
            "clock",
            "codes",
            "collection",
            "config",
            "console",
            "rate_limit",
            "signin",
            "store",
            "vault",
            "address_range",
        ],
    ),
    ("edge_api", DOOR),
    ("inbound", &["codes", "config", "store"]),
    ("edge_push", &["clock", "config"]),
    ("brand_push", &["clock", "edge_push", "jobs", "store"]),
    ("link_url", &["store", "clock", "config"]),
    ("client_address", &["address_range"]),
    ("bill_download", &["blobs", "store"]),
    ("bill_csv", &["bill_reader", "spreadsheet", "store"]),
    ("bill_export", &["api_types", "bill_csv", "store"]),
    ("new_link", &["store", "clock", "link_url"]),
    ("audit", &["clock", "store"]),
    ("accounts", &["audit", "store"]),
    ("connections", &["audit", "collection", "store"]),
    ("companies", &["audit", "collection", "store"]),
    (
        "links",
        &[
            "api_types",
            "audit",
            "clock",
            "config",
            "fields",
            "link_fields",
            "link_url",
            "mail",
            "new_link",
            "store",
            "webhooks",
        ],
    ),
    (
        "team",
        &[
            "api_types",
            "audit",
            "clock",
            "fields",
            "mail",
            "store",
            "text_values",
            "vault",
        ],
    ),
    ("text_values", &[]),
    ("utilities", &[]),
    ("version", &[]),
    ("fields", &[]),
    ("spreadsheet", &[]),
    ("company_fields", &["clock", "fields", "store"]),
    (
        "link_fields",
        &[
            "api_types",
            "clock",
            "config",
            "fields",
            "new_link",
            "store",
            "text_values",
        ],
    ),
    (
        "batch",
        &[
            "clock",
            "config",
            "company_fields",
            "fields",
            "jobs",
            "link_fields",
            "mail",
            "new_link",
            "spreadsheet",
            "store",
        ],
    ),
    (
        "mail",
        &["store", "clock", "config", "jobs", "link_url", "vault"],
    ),
    ("single_sign_on", &["clock", "webhooks"]),
    ("api_types", &["store", "bill_reader"]),
    (
        "webhooks",
        &[
            "api_types",
            "browser",
            "clock",
            "jobs",
            "link_url",
            "mail",
            "store",
            "vault",
        ],
    ),
    ("lib", ANYTHING),
    ("main", ANYTHING),
    ("core_dumps", &[]),
    ("cli", ANYTHING),
    ("serve", ANYTHING),
];
const BELOW_FLOW: &[&str] = &[
    "bill_reader",
    "blobs",
    "browser",
    "clock",
    "codes",
    "config",
    "jobs",
    "link_url",
    "mail",
    "signin",
    "store",
    "vault",
    "webhooks",
    "registrable_domain",
];
const BELOW_DOORS: &[&str] = &[
    "blobs",
    "browser",
    "clock",
    "codes",
    "collection",
    "config",
    "jobs",
    "signin",
    "registrable_domain",
    "store",
    "vault",
    "webhooks",
];
const DOOR: &[&str] = &[
    "accounts",
    "address_range",
    "api_key",
    "api_types",
    "audit",
    "batch",
    "bill_csv",
    "bill_download",
    "bill_export",
    "bill_reader",
    "blobs",
    "brand_push",
    "client_address",
    "clock",
    "codes",
    "collection",
    "companies",
    "company_fields",
    "config",
    "connections",
    "edge_push",
    "fields",
    "flow",
    "jobs",
    "link_fields",
    "link_url",
    "links",
    "mail",
    "new_link",
    "rate_limit",
    "single_sign_on",
    "spreadsheet",
    "store",
    "team",
    "text_values",
    "utilities",
    "vault",
    "version",
    "webhooks",
];
/// What puts the rooms together.
const ANYTHING: &[&str] = &["*"];

/// The folder of a crate and the folders of the workspace's crates that it may depend on. `a/*` is every crate below
/// `a`; the line that is nearest to a crate counts.
const CRATES: [(&str, &[&str]); 14] = [
    // Pure: nothing but what is pure, too.
    ("shared", &["shared", "shared/*"]),
    ("shared/*", &["shared", "shared/*"]),
    ("edge", &["shared", "shared/*"]),
    ("origin", &["shared", "shared/*", "origin/*"]),
    ("origin/*", &["shared", "shared/*", "origin/*"]),
    ("origin/browser", &[]),
    ("origin/bill-reader", &["shared"]),
    ("origin/code-reader", &[]),
    ("tests", &["*"]),
    ("tests/*", &[]),
    // What tests and bench put before the origin drives a browser, and knows no rule that it is judged by.
    ("tests/makes", &["origin/browser"]),
    // The chores compile first, so they wait for none of ours.
    ("xtask", &[]),
    ("xtask/*", &[]),
    ("xtask/bench", &["*"]),
];

/// Crates of other people that belong into one crate of ours alone. The first folder that the workspace has counts.
const KEPT_APART: [(&str, &[&str]); 4] = [
    ("sqlx", &["origin/store", "origin"]),
    ("chromiumoxide_cdp", &["origin/browser", "origin"]),
    ("chromiumoxide_types", &["origin/browser", "origin"]),
    ("object_store", &["origin/blobs", "origin"]),
];

/// The arrows between the rooms of a crate that point the wrong way, one sentence each.
pub fn between_rooms(inside: &Crate, rooms: &Rooms, crates: &BTreeSet<String>) -> Vec<String> {
    let mut broken = BTreeSet::new();
    for (path, module) in &inside.modules {
        let room = room(path);
        if path.len() <= 1 && !rooms.iter().any(|(known, _)| *known == room) {
            broken.insert(format!(
                "{}:1: the room `{room}` is not in the table of rooms (xtask/tidy/src/arrows.rs)",
                module.file
            ));
        }
    }
    for used in inside.uses().iter().chain(&inside.re_exports()) {
        let Some(wrong) = wrong_room(used, rooms, crates) else {
            continue;
        };
        let file = inside
            .modules
            .get(&used.from)
            .map_or("", |module| &module.file);
        let from = room(&used.from);
        broken.insert(format!(
            "{file}:{}: `{from}` must not use `{wrong}`: arrows point one way",
            used.line
        ));
    }
    broken.into_iter().collect()
}

/// The room that `used` must not reach, if it does.
fn wrong_room(used: &Use, rooms: &Rooms, crates: &BTreeSet<String>) -> Option<String> {
    let from = room(&used.from);
    let allowed = allowed_for(from, rooms);
    let is_known = |name: &str| rooms.iter().any(|(room, _)| *room == name);
    let named = used.written.first()?;
    let is_room = is_known(named) && (used.is_own || crates.contains(named));
    if is_room && named != from && !allows(allowed, named) {
        return Some(named.clone());
    }
    // A re-export leads further down: allowed where the arrows lead anyway, never upwards.
    let reached = room(used.to.as_ref().filter(|to| !to.is_empty())?);
    let below = below(from, rooms);
    let is_fine = reached == from
        || !is_known(reached)
        || allows(allowed, reached)
        || below.contains(reached);
    (!is_fine).then(|| reached.to_owned())
}

fn room(path: &ModulePath) -> &str {
    path.first().map_or("lib", String::as_str)
}

fn allowed_for<'a>(room: &str, rooms: &'a Rooms) -> &'a [&'static str] {
    rooms
        .iter()
        .find(|(name, _)| *name == room)
        .map_or(&[], |(_, allowed)| *allowed)
}

fn allows(allowed: &[&str], room: &str) -> bool {
    allowed == ANYTHING || allowed.contains(&room)
}

/// Every room that the arrows lead to from `room`.
fn below<'a>(room: &str, rooms: &'a Rooms) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = allowed_for(room, rooms).to_vec();
    while let Some(next) = waiting.pop() {
        if found.insert(next) {
            waiting.extend(allowed_for(next, rooms));
        }
    }
    found
}

/// The rooms of a crate and the arrows between them, as a Mermaid flow chart.
pub fn picture(inside: &Crate, crates: &BTreeSet<String>) -> String {
    let mut arrows = BTreeSet::new();
    for used in inside.uses().iter().chain(&inside.re_exports()) {
        let from = room(&used.from);
        let to = match &used.to {
            Some(to) if !to.is_empty() => room(to).to_owned(),
            _ => used.written.first().cloned().unwrap_or_default(),
        };
        let is_room = inside.modules.contains_key(std::slice::from_ref(&to));
        if to != from && (is_room || !used.is_own && crates.contains(&to)) {
            arrows.insert(format!("    {from} --> {to}"));
        }
    }
    let lines: Vec<String> = arrows.into_iter().collect();
    format!("flowchart TD\n{}", lines.join("\n"))
}

/// The dependencies between crates that point the wrong way, one sentence each.
pub fn between_crates(packages: &[Package]) -> Vec<String> {
    let mut broken = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            let own = packages.iter().find(|other| other.name == *dependency);
            let is_fine = match own {
                Some(own) => may_depend(&package.folder, &own.folder),
                None => kept_apart(dependency, packages)
                    .is_none_or(|home| package.folder == home || package.folder == "tests"),
            };
            if !is_fine {
                broken.push(format!(
                    "{}/Cargo.toml: `{}` must not depend on `{dependency}`: arrows point one way",
                    package.folder, package.name
                ));
            }
        }
    }
    broken
}

fn may_depend(from: &str, to: &str) -> bool {
    let nearest = CRATES
        .iter()
        .filter(|(pattern, _)| matches(pattern, from))
        .max_by_key(|(pattern, _)| !pattern.ends_with('*'));
    nearest.is_some_and(|(_, allowed)| allowed.iter().any(|pattern| matches(pattern, to)))
}

fn matches(pattern: &str, folder: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => folder.starts_with(prefix),
        None => pattern == folder,
    }
}

fn kept_apart(dependency: &str, packages: &[Package]) -> Option<&'static str> {
    let (_, homes) = KEPT_APART.iter().find(|(name, _)| *name == dependency)?;
    homes
        .iter()
        .copied()
        .find(|home| packages.iter().any(|package| package.folder == *home))
}

#[cfg(test)]
#[path = "arrows_tests.rs"]
mod tests;
