//! Which operations a GraphQL document holds. Pure.

use serde_json::Value;

/// What a body that may be GraphQL does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphqlEffect {
    /// Every operation that runs is a query.
    Reads,
    /// A mutation, or a subscription.
    Changes,
    /// The document is not in the body, or cannot be read.
    Unknown,
}

/// Names of the operations of a document and whether each is a query; `None` when it is no GraphQL document.
#[must_use]
pub fn operations(document: &str) -> Option<Vec<(String, bool)>> {
    let bytes = document.as_bytes();
    let mut found: Vec<(String, bool)> = Vec::new();
    let (mut at, mut braces, mut parens) = (0_usize, 0_usize, 0_usize);
    // Words since the last definition ended, at the top level.
    let mut head: Vec<&str> = Vec::new();
    let mut any = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                at += bytes
                    .iter()
                    .skip(at)
                    .position(|b| *b == b'\n')
                    .unwrap_or(bytes.len() - at);
                continue;
            }
            b'"' => {
                at = after_string(bytes, at)?;
                continue;
            }
            b'(' | b'[' => parens += 1,
            b')' | b']' => parens = parens.checked_sub(1)?,
            b'{' if parens == 0 => {
                if braces == 0 {
                    match head.as_slice() {
                        [] | ["query", ..] => found.push((name(&head), true)),
                        ["mutation" | "subscription", ..] => found.push((name(&head), false)),
                        ["fragment", ..] => {}
                        _ => return None,
                    }
                    any = true;
                    head.clear();
                }
                braces += 1;
            }
            b'}' if parens == 0 => braces = braces.checked_sub(1)?,
            byte if braces == 0 && parens == 0 && (byte.is_ascii_alphabetic() || *byte == b'_') => {
                let end = bytes
                    .iter()
                    .skip(at)
                    .position(|b| !b.is_ascii_alphanumeric() && *b != b'_')
                    .map_or(bytes.len(), |n| at + n);
                head.push(document.get(at..end)?);
                at = end;
                continue;
            }
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {}
            _ if braces == 0
                && parens == 0
                && !matches!(byte, b'@' | b'$' | b':' | b'!')
                && byte.is_ascii() =>
            {
                return None;
            }
            _ => {}
        }
        at += 1;
    }
    (any && braces == 0 && parens == 0 && head.is_empty()).then_some(found)
}

fn name(head: &[&str]) -> String {
    head.get(1)
        .map(|name| (*name).to_owned())
        .unwrap_or_default()
}

/// The byte after a string or a block string.
fn after_string(bytes: &[u8], at: usize) -> Option<usize> {
    let block = bytes.get(at..at + 3) == Some(b"\"\"\"".as_slice());
    let mut at = at + if block { 3 } else { 1 };
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' if !block => return Some(at + 1),
            b'"' if bytes.get(at..at + 3) == Some(b"\"\"\"".as_slice()) => return Some(at + 3),
            b'\n' if !block => return None,
            _ => at += 1,
        }
    }
}

/// What a JSON body does, if it is GraphQL: a request, or a batch of them. `endpoint`: the address says so.
#[must_use]
pub fn effect_of_json(body: &Value, endpoint: bool) -> Option<GraphqlEffect> {
    match body {
        Value::Array(batch) if !batch.is_empty() => {
            let effects: Vec<_> = batch
                .iter()
                .take(100)
                .map(|one| effect_of_json(one, endpoint))
                .collect();
            if effects.iter().all(Option::is_none) {
                return None;
            }
            if batch.len() > 100 || effects.contains(&None) {
                return Some(GraphqlEffect::Unknown);
            }
            let has = |effect| effects.contains(&Some(effect));
            Some(if has(GraphqlEffect::Changes) {
                GraphqlEffect::Changes
            } else if has(GraphqlEffect::Unknown) {
                GraphqlEffect::Unknown
            } else {
                GraphqlEffect::Reads
            })
        }
        Value::Object(fields) => {
            let operation = fields
                .get("operationName")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty());
            let persisted = fields
                .get("extensions")
                .and_then(|extensions| extensions.get("persistedQuery"))
                .is_some();
            match fields
                .get("query")
                .or_else(|| fields.get("mutation"))
                .and_then(Value::as_str)
            {
                Some(document) => match operations(document) {
                    Some(found) => Some(effect_of(&found, operation)),
                    None => (endpoint || fields.contains_key("variables"))
                        .then_some(GraphqlEffect::Unknown),
                },
                None => (endpoint || persisted).then_some(GraphqlEffect::Unknown),
            }
        }
        _ => endpoint.then_some(GraphqlEffect::Unknown),
    }
}

/// What a document does whose operation of this name runs.
#[must_use]
pub fn effect_of(operations: &[(String, bool)], name: Option<&str>) -> GraphqlEffect {
    let named = name.and_then(|name| operations.iter().find(|(own, _)| own == name));
    let reads = match named {
        Some((_, is_query)) => *is_query,
        None => operations.iter().all(|(_, is_query)| *is_query),
    };
    match (operations.is_empty(), reads) {
        (true, _) => GraphqlEffect::Unknown,
        (false, true) => GraphqlEffect::Reads,
        (false, false) => GraphqlEffect::Changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_types_are_read_from_the_document_and_not_from_words_in_it() {
        use GraphqlEffect::{Changes, Reads, Unknown};
        for (body, effect) in [
            (
                r#"{"query":"query B($a: In = {x: 1}) @live(o: {m: 1}) { bills(a: $a) { id } }"}"#,
                Some(Reads),
            ),
            (r#"{"query":"{ bills { id mutation } }"}"#, Some(Reads)),
            (
                r#"{"query":"mutation { deleteBill(id: 1) { ok } }"}"#,
                Some(Changes),
            ),
            (
                r##"{"query":"# query\nmutation X { pay }"}"##,
                Some(Changes),
            ),
            (
                r#"{"query":"query A { a(note: \"} mutation {\") } fragment F on B { c }"}"#,
                Some(Reads),
            ),
            (
                r#"{"query":"query A { a } mutation B { b }","operationName":"B"}"#,
                Some(Changes),
            ),
            (
                r#"{"query":"query A { a } mutation B { b }","operationName":"A"}"#,
                Some(Reads),
            ),
            (
                r#"{"query":"query A { a } mutation B { b }"}"#,
                Some(Changes),
            ),
            (r#"{"query":"subscription S { s }"}"#, Some(Changes)),
            (
                r#"[{"query":"{ a }"},{"query":"mutation { b }"}]"#,
                Some(Changes),
            ),
            (
                r#"[{"query":"{ a }"},{"query":"query { b }"}]"#,
                Some(Reads),
            ),
            (
                r#"{"operationName":"Bills","extensions":{"persistedQuery":{"sha256Hash":"ab"}}}"#,
                Some(Unknown),
            ),
            (r#"{"query":"query A { a ","variables":{}}"#, Some(Unknown)),
            (r#"{"query":"november bills","page":2}"#, None),
            (r#"{"page":2}"#, None),
        ] {
            let body: Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(effect_of_json(&body, false), effect, "{body}");
        }
        assert_eq!(
            effect_of_json(&serde_json::json!({"id": "a1"}), true),
            Some(Unknown)
        );
    }
}
