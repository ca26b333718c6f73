//! Answers for people, or for scripts.

use serde::Serialize;

use super::context::Outcome;

/// How a command prints its answer: as text for people, or as JSON for scripts.
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    /// Says `value` as one line of JSON, or `people`'s text.
    pub(super) fn say(&self, value: &impl Serialize, people: impl FnOnce() -> String) -> Outcome {
        if !self.json {
            println!("{}", plain(&people()));
            return Ok(());
        }
        let text = serde_json::to_string(value)
            .map_err(|error| format!("No JSON for the answer: {error}"))?;
        println!("{}", escaped(&text));
        Ok(())
    }
}

/// The text as a terminal may show it: what websites and clients chose must not steer it.
pub(super) fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
}

/// The JSON without what a terminal might obey: JSON lets a few control characters stand as they are.
fn escaped(json: &str) -> String {
    let escape = |c: char| match c.is_control() {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    json.chars().map(escape).collect()
}

/// The message for the operator when the database failed.
pub(super) fn failed(error: crate::store::StoreError) -> String {
    format!("The database failed: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(
            plain("a\u{1b}[2J\rb\u{9b}1m\nc"),
            "a\u{fffd}[2J\u{fffd}b\u{fffd}1m\nc"
        );
        assert_eq!(escaped("\"\u{9b}1m\u{7f}é\""), r#""\u009b1m\u007fé""#);
    }
}
