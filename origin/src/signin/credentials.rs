//! The credentials that the client typed, in memory that is wiped and never printed.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{other_values::comparable, recipe::Recipe, saved_session::SavedSession};

/// What a client signs in with. Serializes for the vault alone; `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The user name as typed. Empty when the website asks for a password alone.
    pub username: Zeroizing<String>,
    /// The password as typed.
    pub password: Zeroizing<String>,
    /// What was asked for beside them; each has another key. Rows from before there were any read as having none, and
    /// programs from before read past it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherValue>,
}

/// A value beside user name and password. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherValue {
    /// The number by which [`CredentialKind::Other`](super::recipe::CredentialKind::Other) names it.
    pub key: u8,
    /// What asked for it.
    pub kind: OtherKind,
    /// The label of its field.
    pub label: String,
    /// The value as typed.
    pub value: Zeroizing<String>,
}

/// What asks for a value beside user name and password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OtherKind {
    /// A field of a form to sign in, such as the number of a contract. The recipe has the step that fills it.
    Field,
    /// A security question, which is the label. No step: a website may ask another one next time.
    Answer {
        /// The origin of the frame that asked.
        origin: String,
    },
}

impl OtherValue {
    /// Whether it answers this very question of this origin.
    #[must_use]
    pub fn answers(&self, asked_by: &str, question: &str) -> bool {
        let is_there = matches!(&self.kind, OtherKind::Answer { origin } if origin == asked_by);
        is_there && comparable(&self.label) == comparable(question)
    }
}

impl Credentials {
    /// The value with this key.
    #[must_use]
    pub fn other(&self, key: u8) -> Option<&Zeroizing<String>> {
        let other = self.others.iter().find(|other| other.key == key)?;
        Some(&other.value)
    }

    /// The value for a field of this label in a form to sign in.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<&Zeroizing<String>> {
        let label = comparable(label);
        let mut fields = self.others.iter();
        let other = fields.find(|other| {
            let is_field = other.kind == OtherKind::Field;
            is_field && !label.is_empty() && comparable(&other.label) == label
        })?;
        Some(&other.value)
    }

    /// The answer to a question of this origin.
    #[must_use]
    pub fn answer(&self, origin: &str, question: &str) -> Option<&Zeroizing<String>> {
        let mut others = self.others.iter();
        let other = others.find(|other| other.answers(origin, question))?;
        Some(&other.value)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl fmt::Debug for OtherValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtherValue(…)")
    }
}

/// What a sign-in leaves for later. It exists only after [`Verdict::SignedIn`](super::Verdict::SignedIn).
#[derive(Debug, Clone)]
pub struct Captured {
    /// What the client signed in with, for the vault.
    pub credentials: Credentials,
    /// How to sign in again, for the connection.
    pub recipe: Recipe,
    /// What the browser keeps of it, for coming in without the password.
    pub session: SavedSession,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_and_rows_of_all_times_are_read() {
        let before = r#"{"username":"ada","password":"s3cret"}"#;
        let mut credentials: Credentials = serde_json::from_str(before).expect("a row");
        assert_eq!(credentials.others, []);
        let again = serde_json::to_string(&credentials).expect("plain strings");
        assert_eq!(again, before);
        let kinds = [
            OtherKind::Field,
            OtherKind::Answer {
                origin: "https://utility.test".into(),
            },
        ];
        credentials.others = (0..)
            .zip(kinds)
            .map(|(key, kind)| other(key, kind))
            .collect();
        assert_eq!(format!("{credentials:?}"), "Credentials(…)");
        assert_eq!(
            format!("{:?}", credentials.others),
            "[OtherValue(…), OtherValue(…)]"
        );
        let json = serde_json::to_string(&credentials).expect("plain strings");
        let read: Credentials = serde_json::from_str(&json).expect("own output");
        assert_eq!(read, credentials);
    }

    fn other(key: u8, kind: OtherKind) -> OtherValue {
        OtherValue {
            key,
            kind,
            label: "First pet?".into(),
            value: Zeroizing::new(format!("value {key}")),
        }
    }

    #[test]
    fn a_question_is_answered_only_where_the_very_same_one_was() {
        let origin = "https://utility.test".to_owned();
        let credentials = Credentials {
            username: Zeroizing::default(),
            password: Zeroizing::default(),
            others: vec![other(0, OtherKind::Answer { origin })],
        };
        for (origin, question, expected) in [
            ("https://utility.test", "first  PET ?", true),
            ("https://utility.test", "First car?", false),
            ("https://evil.test", "First pet?", false),
            ("http://utility.test", "First pet?", false),
        ] {
            let answer = credentials.answer(origin, question);
            assert_eq!(answer.is_some(), expected, "{origin} {question}");
        }
        assert_eq!(credentials.labelled("First pet?"), None);
    }
}
