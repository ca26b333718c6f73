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
            println!("{}", people());
            return Ok(());
        }
        let text = serde_json::to_string(value)
            .map_err(|error| format!("No JSON for the answer: {error}"))?;
        println!("{text}");
        Ok(())
    }
}

/// The message for the operator when the database failed.
pub(super) fn failed(error: crate::store::StoreError) -> String {
    format!("The database failed: {error}")
}
