//! What both kinds of rows have in common.

use serde_json::{Map, Value};
use shared::batch::{RowEffect, RowOutcome};

use super::columns;
use crate::{
    fields::{FieldError, Fields, Notation},
    store::{
        batch_rows::{BatchRow, RowProblem},
        batches::Batch,
    },
};

/// Stands among the cells of a row that has more of them than there are columns.
pub(super) const EXTRA: &str = "(more cells than columns)";
/// Stands among the cells of a row in place of one that is too long, and names its column.
pub(super) const TOO_LONG: &str = "(too long)";

/// A cell, if there is something in it.
pub(super) fn cell<'a>(row: &'a BatchRow, name: &str) -> Option<&'a str> {
    row.cells.get(name).map(String::as_str)
}

/// Values as fields that are to be read.
pub(super) fn fields<'a>(values: impl IntoIterator<Item = (&'a str, Value)>) -> Fields {
    let values = values.into_iter();
    let named: Map<String, Value> = values
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Fields::of(Notation::Text, named)
}

/// A cell as a field: null where nothing is in it.
pub(super) fn field<'a>(name: &'a str, cell: Option<&str>) -> (&'a str, Value) {
    (
        name,
        cell.map_or(Value::Null, |text| Value::String(text.to_owned())),
    )
}

/// Something that is wrong with a field.
pub(super) fn wrong(field: &str, detail: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        detail: detail.to_owned(),
    }
}

/// What is wrong with the row whatever its kind.
pub(super) fn misshapen(row: &BatchRow) -> Vec<FieldError> {
    let more = cell(row, EXTRA).map(|_| wrong("", "has more cells than there are columns"));
    let long = cell(row, TOO_LONG).map(|column| wrong(column, "is too long"));
    more.into_iter().chain(long).collect()
}

/// Ends a row with which something is wrong.
pub(super) fn fail(batch: &Batch, row: &mut BatchRow, mut wrong: Vec<FieldError>) {
    row.outcome = RowOutcome::Failed;
    wrong.sort_by_key(|one| {
        let is_it = |name: &str| one.field.split('[').next() == Some(name);
        columns::names(batch.kind).position(is_it)
    });
    row.problems = wrong
        .into_iter()
        .map(|FieldError { field, detail }| {
            // Without the place in a list: the file has one cell for all of it.
            let name = field.split('[').next().unwrap_or_default();
            RowProblem {
                column: batch
                    .columns
                    .get(name)
                    .map_or(name, String::as_str)
                    .to_owned(),
                reason: detail,
            }
        })
        .collect();
    row.problems.dedup();
}

/// Ends a row that is good.
pub(super) fn succeed(batch: &Batch, row: &mut BatchRow, effects: Vec<RowEffect>) {
    row.outcome = if batch.is_dry_run {
        RowOutcome::Good
    } else {
        RowOutcome::Made
    };
    row.effects = effects;
}
