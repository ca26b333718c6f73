//! Log lines: one JSON object each, ids alone. Never a path, a token, a secret, a ticket or an
//! address that somebody typed.

use worker::console_log;

/// Writes one line: what happened, and the ids that it happened to.
pub fn line(event: &str, facts: &[(&str, &str)]) {
    let mut object = serde_json::Map::new();
    for (name, value) in [("event", event)].iter().chain(facts) {
        object.insert((*name).into(), (*value).into());
    }
    console_log!("{}", serde_json::Value::Object(object));
}
