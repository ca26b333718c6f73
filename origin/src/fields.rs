//! Values that came from outside under names, read field by field: every wrong or unknown field is named, all at once.

use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};
use shared::text::{is_blank, is_control};
use utoipa::ToSchema;

/// How many wrong fields one answer names at most.
const MAX_ERRORS: usize = 100;

/// A field of a request or of a table that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Its name, with the place in lists: `initialSites[2]`.
    #[schema(example = "expiresInSeconds")]
    pub field: String,
    /// What is wrong with it, one sentence.
    #[schema(example = "must be a whole number from 60 to 315360000")]
    pub detail: String,
}

/// Where fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// In JSON, where a number is none of texts.
    Json,
    /// In a query or a table, where all values are texts.
    Text,
}

/// Some fields are wrong: all that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongFields(pub Vec<FieldError>);

/// Fields still to be taken, and what was wrong with those that were.
pub struct Fields {
    notation: Notation,
    left: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Those of an object that was written so.
    #[must_use]
    pub fn of(notation: Notation, left: Map<String, Value>) -> Self {
        Self {
            notation,
            left,
            errors: Vec::new(),
        }
    }

    /// A text, parsed. Absent and null are the same.
    pub fn parsed<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.any_text(name)?;
        match text.trim().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, error.to_string());
                None
            }
        }
    }

    /// A text of 1 to `max` characters without control characters, trimmed.
    pub fn text(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.any_text(name)?.trim().to_owned();
        let wrong = if is_blank(&text) {
            "must not be empty".to_owned()
        } else if text.chars().count() > max {
            format!("may have {max} characters at most")
        } else if text.contains(is_control) {
            "must not contain control characters, nor marks that change the direction of text"
                .to_owned()
        } else {
            return Some(text);
        };
        self.wrong(name, wrong);
        None
    }

    /// Reads a text as [`Self::text`] does; when it is absent the field is wrong.
    pub fn required_text(&mut self, name: &str, max: usize) -> Option<String> {
        if self.left.get(name).is_none_or(Value::is_null) {
            self.left.remove(name);
            self.wrong(name, "is required");
            return None;
        }
        self.text(name, max)
    }

    /// Reads a text as [`Self::text`] does; null is wrong, and what is left out is none.
    pub fn text_unless_null(&mut self, name: &str, max: usize) -> Option<String> {
        self.is_given(name).then(|| self.text(name, max)).flatten()
    }

    /// Reads a text as [`Self::text`] does; null clears it, and what is left out is none.
    pub fn text_or_cleared(&mut self, name: &str, max: usize) -> Option<Option<String>> {
        let is_cleared = self.is_null(name);
        match self.text(name, max) {
            Some(text) => Some(Some(text)),
            None => is_cleared.then_some(None),
        }
    }

    /// Reads a text as [`Self::parsed`] does; null clears it, and what is left out is none.
    pub fn parsed_or_cleared<T>(&mut self, name: &str) -> Option<Option<T>>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let is_cleared = self.is_null(name);
        match self.parsed(name) {
            Some(value) => Some(Some(value)),
            None => is_cleared.then_some(None),
        }
    }

    /// A whole number within bounds. In a query it is written in digits.
    pub fn number(&mut self, name: &str, min: i64, max: i64) -> Option<i64> {
        let number = match self.take(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if self.notation == Notation::Text => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.wrong(name, format!("must be a whole number from {min} to {max}"));
        }
        number
    }

    /// Takes a field that is true or false.
    pub fn switch(&mut self, name: &str) -> Option<bool> {
        let value = match self.take(name)? {
            Value::String(text) if self.notation == Notation::Text => text.parse().ok(),
            value => value.as_bool(),
        };
        if value.is_none() {
            self.wrong(name, "must be true or false");
        }
        value
    }

    /// Whether the field was given as null, in a body where that differs from leaving it out.
    pub fn is_null(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(Value::is_null)
    }

    /// A list of at most `max` texts, each parsed, with its place, none given twice. In a query they are separated by commas.
    pub fn list<T>(&mut self, name: &str, max: usize) -> Vec<(usize, T)>
    where
        T: FromStr + PartialEq,
        T::Err: std::fmt::Display,
    {
        let values = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(Value::String(text)) if self.notation == Notation::Text && !text.is_empty() => {
                text.split(',')
                    .map(|part| Value::String(part.trim().to_owned()))
                    .collect()
            }
            Some(_) => {
                self.wrong(name, "must be a list");
                return Vec::new();
            }
        };
        if values.len() > max {
            self.wrong(name, format!("may have {max} entries at most"));
            return Vec::new();
        }
        let mut parsed: Vec<(usize, T)> = Vec::with_capacity(values.len());
        for (place, value) in values.iter().enumerate() {
            match value.as_str().map(str::parse) {
                Some(Ok(entry)) if parsed.iter().any(|(_, known)| *known == entry) => {
                    self.wrong(&format!("{name}[{place}]"), "is given twice");
                }
                Some(Ok(entry)) => parsed.push((place, entry)),
                Some(Err(error)) => self.wrong(&format!("{name}[{place}]"), format!("{error}")),
                None => self.wrong(&format!("{name}[{place}]"), "must be a text"),
            }
        }
        parsed
    }

    /// One value of a closed set.
    pub fn choice<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        spelled: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.any_text(name)?;
        let chosen = all.iter().find(|value| spelled(**value) == text);
        if chosen.is_none() {
            self.wrong(name, one_of(all, spelled));
        }
        chosen.copied()
    }

    /// A list of values of a closed set.
    pub fn choices<T: Copy>(
        &mut self,
        name: &str,
        all: &[T],
        spelled: fn(T) -> &'static str,
    ) -> Vec<T> {
        let texts: Vec<(usize, String)> = self.list(name, all.len());
        let mut chosen = Vec::with_capacity(texts.len());
        for (place, text) in &texts {
            match all.iter().find(|value| spelled(**value) == text) {
                Some(value) => chosen.push(*value),
                None => {
                    self.wrong(&format!("{name}[{place}]"), one_of(all, spelled));
                }
            }
        }
        chosen
    }

    /// Notes that a field is wrong.
    pub fn wrong(&mut self, field: &str, detail: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        self.errors.push(FieldError {
            // Unknown names come from outside.
            field: field.chars().take(100).collect(),
            detail: detail.into(),
        });
    }

    /// A field that other requests have, and this one must not: `why` says what is there instead.
    pub fn refuse(&mut self, name: &str, why: &str) {
        if self.take(name).is_some() {
            self.wrong(name, why);
        }
    }

    /// Whether the field was given, right or wrong. Null is the same as absent.
    pub fn has(&mut self, name: &str) -> bool {
        if self.is_null(name) {
            self.left.remove(name);
        }
        self.left.contains_key(name)
    }

    /// Whether a field was given that may be left out and must not be null.
    pub fn is_given(&mut self, name: &str) -> bool {
        if self.is_null(name) {
            self.left.remove(name);
            self.wrong(name, "must not be null");
        }
        self.left.contains_key(name)
    }

    /// Ends the reading: names what was left over, and fails if anything was wrong.
    ///
    /// # Errors
    /// All that was wrong.
    pub fn done(self) -> Result<(), WrongFields> {
        let errors = self.ended();
        if errors.is_empty() {
            return Ok(());
        }
        Err(WrongFields(errors))
    }

    /// Ends the reading and gives all that was wrong, what was left over included, to who finds out more.
    pub fn ended(mut self) -> Vec<FieldError> {
        let left: Vec<String> = self.left.keys().cloned().collect();
        for name in left {
            self.wrong(&name, "is not a field here");
        }
        self.errors
    }

    fn any_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.wrong(name, "must be a text");
                None
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }
}

fn one_of<T: Copy>(all: &[T], spelled: fn(T) -> &'static str) -> String {
    let known: Vec<_> = all.iter().map(|value| spelled(*value)).collect();
    format!("must be one of {}", known.join(", "))
}
