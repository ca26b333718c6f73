//! Chooses which of the typed values is the user name and which is the password.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    field_roles::{self, Role},
    locators::query_without,
    recipe::{Locator, Step},
    report::Field,
};

/// The text that was typed into one field.
pub struct Value {
    /// The whole text of the field.
    pub text: Zeroizing<String>,
    /// When it was typed, in milliseconds since the observation began.
    pub at: u64,
    /// The field as it looked while it was visible.
    pub field: Field,
}

/// Removes from a step what tells what was typed: locators that show the user name, since a site may show it beside a
/// field, and parameters of the page's query.
pub fn forget(step: &mut Step, username: &str, password: &str) {
    let (at, target) = match step {
        Step::Open { at, target } | Step::Fill { at, target, .. } => (at, Some(target)),
        Step::Submit { at, target } => (at, target.as_mut()),
    };
    if let Some(target) = target.filter(|_| username.len() > 2) {
        let typed = username.to_lowercase();
        target
            .0
            .retain(|locator| !locator.text().to_lowercase().contains(&typed));
    }
    let query = at.query.take();
    at.query = query.and_then(|query| query_without(&query, &[username, password], &[]));
}

/// Removes from the queries of all steps the parameters that are named as the fields of the form: a form that was sent
/// by GET leaves its values there.
pub fn forget_sent_values(steps: &mut [Step]) {
    let mut names = Vec::new();
    for step in steps.iter() {
        if let Step::Fill { target, .. } = step {
            names.extend(target.0.iter().filter_map(|locator| match locator {
                Locator::Name(name) => Some(name.clone()),
                _ => None,
            }));
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for step in steps {
        let (Step::Open { at, .. } | Step::Fill { at, .. } | Step::Submit { at, .. }) = step;
        let query = at.query.take();
        at.query = query.and_then(|query| query_without(&query, &[], &names));
    }
}

/// Whether the field takes a password, an existing or a new one.
#[must_use]
pub fn is_password(field: &Field) -> bool {
    field.pw && matches!(field_roles::role(field), Role::Password | Role::NewPassword)
}

/// The group of fields that was sent: the named group if anything was typed there, else the group with a password.
pub fn choose_group(values: &BTreeMap<u32, Value>, group: i64) -> i64 {
    if values.values().any(|v| v.field.group == group) {
        return group;
    }
    let newest = values
        .values()
        .max_by_key(|v| (is_password(&v.field), v.at));
    newest.map_or(group, |v| v.field.group)
}

/// The user name among the values of one form, by the rule that tells it among the form's fields.
pub fn pick_username<'a>(mine: &[&'a Value], password: &Value) -> Option<&'a Value> {
    let fields: Vec<&Field> = mine.iter().map(|value| &value.field).collect();
    let before =
        |field: &Field| field.k < password.field.k || position(field) <= position(&password.field);
    let chosen = field_roles::identifier(&fields, before)?;
    let chosen = mine.iter().find(|value| value.field.k == chosen.k);
    chosen.copied()
}

/// A user name that was typed in another form or shadow root of the same document.
pub fn other_username<'a>(values: &'a BTreeMap<u32, Value>, password: &Value) -> Option<&'a Value> {
    let others = values
        .values()
        .filter(|v| v.field.group != password.field.group);
    others
        .filter(|v| field_roles::role(&v.field) == Role::Username && !v.field.pw)
        .max_by_key(|v| v.at)
}

fn position(field: &Field) -> u32 {
    field
        .pos
        .split('/')
        .next_back()
        .and_then(|index| index.parse().ok())
        .unwrap_or(u32::MAX)
}
