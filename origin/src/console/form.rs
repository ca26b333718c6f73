//! What a posted form holds.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::error::ConsoleError;

/// The longest form that is read, in bytes.
pub(crate) const FORM_MAX: usize = 64 * 1024;

/// The fields of a form, by name. `Debug` is not there: there may be a password among them.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// These fields, by name.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        let kept = fields.into_iter();
        Self(
            kept.map(|(name, value)| (name, Zeroizing::new(value)))
                .collect(),
        )
    }

    /// The first value of this name without spaces around it; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.exact(name).trim()
    }

    /// All values of this name, without spaces around them.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.0.iter().filter(move |(field, _)| field == name);
        values.map(|(_, value)| value.trim())
    }

    /// All fields with their values as they were sent.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.0.iter();
        fields.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of this name as it was typed.
    pub(crate) fn exact(&self, name: &str) -> &str {
        let mut values = self.0.iter();
        values
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// A field of a form, by its name, and what is wrong with it: the first that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The name of the field, which is its id on the page as well.
    pub(crate) field: &'static str,
    /// A sentence for the person.
    pub(crate) told: &'static str,
}

impl Wrong {
    pub(crate) fn new(field: &'static str, told: &'static str) -> Self {
        Self { field, told }
    }
}

/// What is wrong with this field, if it is the one.
pub(crate) fn told_at(wrong: Option<Wrong>, field: &str) -> Option<&'static str> {
    wrong
        .filter(|wrong| wrong.field == field)
        .map(|wrong| wrong.told)
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ConsoleError> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| ConsoleError::TooLong)?;
        let fields = form_urlencoded::parse(&body);
        Ok(Self(
            fields
                .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
                .collect(),
        ))
    }
}
