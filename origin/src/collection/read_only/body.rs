//! What the body of a POST would do. Pure; bodies are cut before they come here.

use serde_json::Value;

use super::{
    decide::pair_names_change,
    graphql::{GraphqlEffect, effect_of, effect_of_json, operations},
    verbs::{
        Strictness, is_action_name, is_changing_verb, is_setting, names_change, names_reading,
    },
};

/// What a body says about its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyEffect {
    /// It names something that only reads: a query.
    Reads,
    /// It names a change.
    Changes,
    /// Nothing in it names a change.
    Plain,
    /// A call of which it is not said what it does.
    Unclear,
    /// It cannot be seen.
    Unseen,
}

const PAIRS: usize = 400;
const VALUES: usize = 500;

/// What a body would do. `graphql`: it is sent to a GraphQL endpoint.
#[must_use]
pub fn effect_of_body(body: &str, graphql: bool) -> BodyEffect {
    let text = body.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['{', '[']) {
        if let Ok(json) = serde_json::from_str::<Value>(text) {
            return effect_of_value(&json, graphql);
        }
        if graphql && let Some(found) = operations(text) {
            return of_graphql(effect_of(&found, None));
        }
        return BodyEffect::Unclear;
    }
    if graphql && let Some(found) = operations(text) {
        return of_graphql(effect_of(&found, None));
    }
    if text.starts_with("--") && text.contains("form-data") {
        return effect_of_pairs(&multipart(text));
    }
    if text.starts_with('<') {
        return effect_of_soap(text);
    }
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
        .take(PAIRS)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    effect_of_pairs(&pairs)
}

fn of_graphql(effect: GraphqlEffect) -> BodyEffect {
    match effect {
        GraphqlEffect::Reads => BodyEffect::Reads,
        GraphqlEffect::Changes => BodyEffect::Changes,
        GraphqlEffect::Unknown => BodyEffect::Unclear,
    }
}

fn effect_of_value(json: &Value, graphql: bool) -> BodyEffect {
    let calls: Vec<&str> = match json {
        Value::Array(batch) => batch.iter().filter_map(called).collect(),
        one => called(one).into_iter().collect(),
    };
    if !calls.is_empty() {
        let method = |call: &&str| {
            call.rsplit(['.', '/', ':'])
                .next()
                .unwrap_or(call)
                .to_owned()
        };
        if calls
            .iter()
            .any(|call| names_change(&method(call), Strictness::Any))
        {
            return BodyEffect::Changes;
        }
        return if calls.iter().all(|call| names_reading(&method(call))) {
            BodyEffect::Reads
        } else {
            BodyEffect::Unclear
        };
    }
    if let Some(effect) = effect_of_json(json, graphql) {
        return of_graphql(effect);
    }
    let mut left = VALUES;
    if value_changes("", json, &mut left) {
        BodyEffect::Changes
    } else {
        BodyEffect::Plain
    }
}

/// The method of a JSON-RPC call.
fn called(json: &Value) -> Option<&str> {
    json.get("jsonrpc")?;
    json.get("method")?.as_str()
}

fn value_changes(name: &str, value: &Value, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| value_changes(name, value, left)),
        Value::Array(values) => values.iter().any(|value| value_changes(name, value, left)),
        Value::String(text) => {
            pair_names_change(name, text) || is_setting(name) && is_switched(text)
        }
        Value::Bool(on) => is_setting(name) || *on && names_change(name, Strictness::Any),
        Value::Number(number) => {
            is_setting(name) || is_changing_verb(name) && number.as_f64() != Some(0.0)
        }
        Value::Null => false,
    }
}

fn is_switched(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "true" | "false" | "on" | "off" | "yes" | "no" | "1" | "0" | "in" | "out" | "y" | "n"
    )
}

fn effect_of_pairs(pairs: &[(String, String)]) -> BodyEffect {
    let value_of = |name: &str| {
        pairs
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    let last = |id: &str| id.rsplit(['$', ':', '.']).next().unwrap_or(id).to_owned();
    // A postback names the control that was pressed; the other fields are the page's state.
    let pressed = value_of("__EVENTTARGET")
        .or_else(|| value_of("javax.faces.source"))
        .or_else(|| value_of("jakarta.faces.source"));
    if let Some(pressed) = pressed {
        let argument = value_of("__EVENTARGUMENT").unwrap_or("");
        let verb = argument.split(['$', ':']).next().unwrap_or("");
        let changes = names_change(&last(pressed), Strictness::Any)
            || names_change(verb, Strictness::Any)
            || is_setting(&last(pressed));
        return if changes {
            BodyEffect::Changes
        } else {
            BodyEffect::Plain
        };
    }
    let is_state = |name: &str| {
        name.starts_with("__")
            || name.to_ascii_lowercase().contains("csrf")
            || name.contains("ViewState")
    };
    let changes = pairs.iter().take(PAIRS).filter(|(name, _)| !is_state(name)).any(|(name, value)| {
        let own = last(name);
        pair_names_change(&own, value)
            || is_setting(&own) && is_switched(value)
            // The button that was pressed is in the form by its name.
            || !value.is_empty() && value.chars().count() <= 60 && is_button(&own) && (!own.to_ascii_lowercase().contains("submit") && names_change(&own, Strictness::Any) || names_change(value, Strictness::Any))
            || name == value && names_change(&own, Strictness::Any)
    });
    if changes {
        return BodyEffect::Changes;
    }
    let reads = pairs
        .iter()
        .any(|(name, value)| is_action_name(name) && names_reading(value));
    if reads {
        BodyEffect::Reads
    } else {
        BodyEffect::Plain
    }
}

fn is_button(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["btn", "button", "submit", "lnk", "cmd", "link"]
        .iter()
        .any(|word| name.starts_with(word) || name.ends_with(word))
        || is_action_name(&name)
}

/// Names and short values of a multipart form; files are left out.
fn multipart(text: &str) -> Vec<(String, String)> {
    text.split("form-data;")
        .skip(1)
        .take(PAIRS)
        .filter_map(|part| {
            let name = part.split_once("name=\"")?.1.split_once('"')?.0;
            let head_end = part.find("\r\n\r\n")?;
            let value = part.get(head_end + 4..)?.split("\r\n").next().unwrap_or("");
            Some((name.to_owned(), value.chars().take(200).collect()))
        })
        .collect()
}

/// The operation of a SOAP call is the first element within its body.
fn effect_of_soap(text: &str) -> BodyEffect {
    let Some((_, rest)) = text
        .split_once(":Body")
        .or_else(|| text.split_once("<Body"))
    else {
        return BodyEffect::Unclear;
    };
    let operation: String = rest
        .split_once('<')
        .map(|(_, rest)| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, ':' | '_' | '-'))
                .collect()
        })
        .unwrap_or_default();
    let operation = operation.rsplit(':').next().unwrap_or("");
    if names_change(operation, Strictness::Any) {
        BodyEffect::Changes
    } else if names_reading(operation) {
        BodyEffect::Reads
    } else {
        BodyEffect::Unclear
    }
}
