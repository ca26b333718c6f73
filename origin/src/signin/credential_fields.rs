//! Chooses which of the typed values is the user name and which is the password.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    credentials::Credentials,
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

/// Removes from a step what tells what was typed: locators that show the user name or a further value, since a site may
/// show it beside a field, and parameters of the page's query.
pub fn forget(step: &mut Step, credentials: &Credentials) {
    let (at, target) = match step {
        Step::Open { at, target } | Step::Fill { at, target, .. } => (at, Some(target)),
        Step::Submit { at, target } => (at, target.as_mut()),
        Step::Authenticate { at } => (at, None),
    };
    let others = credentials.others.iter().map(|other| &other.value);
    let shown = std::iter::once(&credentials.username).chain(others);
    let shown = shown.filter(|value| value.len() > 2);
    let mut secrets: Vec<&str> = shown.map(|value| value.as_str()).collect();
    if let Some(target) = target {
        for typed in &secrets {
            let typed = typed.to_lowercase();
            target
                .0
                .retain(|locator| !locator.text().to_lowercase().contains(&typed));
        }
    }
    secrets.extend([credentials.username.as_str(), &credentials.password]);
    let query = at.query.take();
    at.query = query.and_then(|query| query_without(&query, &secrets, &[]));
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
        let at = step.at_mut();
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

/// The user name among the values of a form without a password.
pub fn pick_username_alone<'a>(mine: &[&'a Value]) -> Option<&'a Value> {
    let fits =
        |value: &&&Value| matches!(field_roles::role(&value.field), Role::Username | Role::Text);
    let usable: Vec<&Value> = mine.iter().filter(fits).copied().collect();
    let fields: Vec<&Field> = usable.iter().map(|value| &value.field).collect();
    let chosen = field_roles::identifier(&fields, |_| true)?;
    usable.into_iter().find(|value| value.field.k == chosen.k)
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

/// What else of one form was typed that tells who signs in, in the order of the fields.
pub fn further<'a>(mine: &[&'a Value], taken: &[Option<&Value>]) -> Vec<&'a Value> {
    let is_taken = |value: &Value| {
        let mut taken = taken.iter().flatten();
        taken.any(|taken| taken.field.k == value.field.k)
    };
    let mine = mine.iter().copied();
    mine.filter(|value| field_roles::is_further(&value.field) && !is_taken(value))
        .collect()
}
