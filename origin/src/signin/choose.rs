//! Which of the typed values is the user name, and which the password.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::{
    fields::{self, Role},
    recipe::Step,
    report::Field,
};

/// What was typed into one field.
pub struct Value {
    /// The whole of it.
    pub text: Zeroizing<String>,
    /// When.
    pub at: u64,
    /// As it looked while it was visible.
    pub field: Field,
}

/// A site may show the user name beside a field: a recipe holds nothing that was typed.
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

/// A password that exists or is to be set.
#[must_use]
pub fn is_password(field: &Field) -> bool {
    field.pw && matches!(fields::role(field), Role::Password | Role::NewPassword)
}

/// The form that was meant: the one named, if anything was typed there, else the one with a password.
pub fn choose_group(values: &BTreeMap<u32, Value>, group: i64) -> i64 {
    if values.values().any(|v| v.field.group == group) {
        return group;
    }
    let newest = values
        .values()
        .max_by_key(|v| (is_password(&v.field), v.at));
    newest.map_or(group, |v| v.field.group)
}

/// `autocomplete` first, then the nearest text before the password, then names.
pub fn pick_username<'a>(mine: &[&'a Value], password: &Value) -> Option<&'a Value> {
    let candidates = || {
        mine.iter()
            .filter(|v| matches!(fields::role(&v.field), Role::Username | Role::Text))
    };
    let told = candidates()
        .find(|v| v.field.ac.contains("username"))
        .or_else(|| candidates().find(|v| v.field.ac.contains("email")));
    let before = || {
        candidates().filter(|v| {
            v.field.k < password.field.k || position(&v.field) <= position(&password.field)
        })
    };
    let named = || before().rfind(|v| fields::role(&v.field) == Role::Username);
    told.or_else(named)
        .or_else(|| before().next_back())
        .or_else(|| candidates().next())
        .copied()
}

/// A user name in another form or shadow root of the same document.
pub fn other_username<'a>(values: &'a BTreeMap<u32, Value>, password: &Value) -> Option<&'a Value> {
    let others = values
        .values()
        .filter(|v| v.field.group != password.field.group);
    others
        .filter(|v| fields::role(&v.field) == Role::Username && !v.field.pw)
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
