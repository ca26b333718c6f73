//! Versions of what two people may change at the same time: `ETag` and `If-Match` as in RFC 9110, section 13.1.1.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;

use crate::version;

/// Whether the caller means this version, if they say which.
pub(super) fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return true;
    };
    let wanted = wanted.to_str().unwrap_or_default();
    let mut all = wanted.split(',').map(str::trim);
    all.any(|one| one == "*" || one == tag)
}

/// The header with this tag.
pub(super) fn header(tag: &str) -> [(HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(tag);
    [(
        header::ETAG,
        // Digits, letters and quotes are always a value.
        value.unwrap_or_else(|_| HeaderValue::from_static("\"\"")),
    )]
}

/// The tag of a row that counts its changes.
pub(super) fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// The tag of these values.
pub(super) fn of_values(values: &impl Serialize) -> String {
    format!("\"{}\"", version::of_values(values))
}
