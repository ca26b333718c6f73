//! Columns to values. What does not parse was not written by this program.

use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};
use shared::time::UnixMillis;
use sqlx::{Row as _, any::AnyRow};
use time::{Date, macros::format_description};

use super::StoreError;

pub(super) fn text(row: &AnyRow, column: &'static str) -> Result<String, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_text(row: &AnyRow, column: &'static str) -> Result<Option<String>, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn number(row: &AnyRow, column: &'static str) -> Result<i64, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_number(row: &AnyRow, column: &'static str) -> Result<Option<i64>, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn flag(row: &AnyRow, column: &'static str) -> Result<bool, StoreError> {
    Ok(number(row, column)? != 0)
}

pub(super) fn blob(row: &AnyRow, column: &'static str) -> Result<Vec<u8>, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn maybe_blob(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(row.try_get(column)?)
}

pub(super) fn at(row: &AnyRow, column: &'static str) -> Result<UnixMillis, StoreError> {
    Ok(UnixMillis(number(row, column)?))
}

pub(super) fn maybe_at(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<UnixMillis>, StoreError> {
    let millis: Option<i64> = row.try_get(column)?;
    Ok(millis.map(UnixMillis))
}

pub(super) fn parsed<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    text(row, column)?
        .parse()
        .map_err(|_| StoreError::Corrupt { column })
}

pub(super) fn maybe_parsed<T: FromStr>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    maybe_text(row, column)?
        .map(|text| text.parse().map_err(|_| StoreError::Corrupt { column }))
        .transpose()
}

/// A day that was bound as `YYYY-MM-DD`.
pub(super) fn maybe_day(row: &AnyRow, column: &'static str) -> Result<Option<Date>, StoreError> {
    maybe_text(row, column)?
        .map(|text| {
            Date::parse(&text, format_description!("[year]-[month]-[day]"))
                .map_err(|_| StoreError::Corrupt { column })
        })
        .transpose()
}

pub(super) fn json<T: DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(&text(row, column)?).map_err(|_| StoreError::Corrupt { column })
}

pub(super) fn maybe_json<T: DeserializeOwned>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    maybe_text(row, column)?
        .map(|text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { column }))
        .transpose()
}

/// JSON for a column. `column` names it when the value has no JSON form.
pub(super) fn to_json<T: Serialize>(value: &T, column: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt { column })
}

/// The values as one text with commas around every one, so that both engines can ask whether a column's value is among them.
pub(super) fn comma_separated(values: impl Iterator<Item = String>) -> String {
    let joined = values.collect::<Vec<_>>().join(",");
    if joined.is_empty() {
        return joined;
    }
    format!(",{joined},")
}
