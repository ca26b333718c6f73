//! Chooses which of the typed values is the user name and which is the password.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    field_roles::{self, Role},
    recipe::Step,
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

/// Removes locators that contain what was typed: a site may show the user name beside a field.
pub fn forget(step: &mut Step, typed: &str) {
    let target = match step {
        Step::Open { target, .. } | Step::Fill { target, .. } => Some(target),
        Step::Submit { target, .. } => target.as_mut(),
    };
    if let Some(target) = target.filter(|_| typed.len() > 2) {
        let typed = typed.to_lowercase();
        target
            .0
            .retain(|locator| !locator.text().to_lowercase().contains(&typed));
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

/// The user name among the values of one form: by `autocomplete` first, then by the words of the field,
/// then the nearest text before the password.
pub fn pick_username<'a>(mine: &[&'a Value], password: &Value) -> Option<&'a Value> {
    let candidates = || {
        mine.iter()
            .filter(|v| matches!(field_roles::role(&v.field), Role::Username | Role::Text))
    };
    let told = candidates()
        .find(|v| v.field.ac.contains("username"))
        .or_else(|| candidates().find(|v| v.field.ac.contains("email")));
    let before = || {
        candidates().filter(|v| {
            v.field.k < password.field.k || position(&v.field) <= position(&password.field)
        })
    };
    let named = || before().rfind(|v| field_roles::role(&v.field) == Role::Username);
    told.or_else(named)
        .or_else(|| before().next_back())
        .or_else(|| candidates().next())
        .copied()
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
