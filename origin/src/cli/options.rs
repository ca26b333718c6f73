//! Options as the fields that API and console read, and what is wrong with them as an operator reads it.

use clap::Args;
use serde_json::{Map, Value};
use shared::id::OrganizationId;

use crate::fields::{FieldError, Fields, Notation};

/// The organization that a command is about.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Of {
    /// Id of the organization
    #[arg(long, value_name = "ID", env = "MAGIC_LINKS_ORGANIZATION")]
    pub(super) organization: OrganizationId,
}

/// What options say, by the names of the fields; what was left out is none.
pub(super) fn text_fields<'a>(
    options: impl IntoIterator<Item = (&'a str, Option<String>)>,
) -> Fields {
    let given = options.into_iter();
    let named: Map<String, Value> = given
        .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
        .collect();
    Fields::of(Notation::Text, named)
}

/// A line for each wrong field, by the name of its option.
pub(super) fn refused_fields(wrong: &[FieldError]) -> String {
    let line = |error: &FieldError| ended(&format!("{} {}", option(&error.field), error.detail));
    wrong.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `initialSites[2]` is `--initial-sites (entry 3)`.
fn option(field: &str) -> String {
    let (name, place) = match field.split_once('[') {
        Some((name, place)) => (name, place.trim_end_matches(']').parse::<usize>().ok()),
        None => (field, None),
    };
    let mut option = String::from("--");
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            option.push('-');
        }
        option.push(letter.to_ascii_lowercase());
    }
    match place {
        Some(place) => format!("{option} (entry {})", place + 1),
        None => option,
    }
}

/// An error as a whole sentence.
pub(super) fn sentence(error: &impl std::fmt::Display) -> String {
    let told = error.to_string();
    let mut letters = told.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let first = first.map(String::from).unwrap_or_default();
    ended(&format!("{first}{}", letters.as_str()))
}

/// The text with one full stop at its end.
fn ended(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// Reads one value of a closed set, in capitals or small letters.
pub(super) fn one_of<T: Copy>(
    all: &'static [T],
    spelled: fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let name = text.to_ascii_uppercase().replace('-', "_");
        let found = all.iter().find(|one| spelled(**one) == name);
        found.copied().ok_or_else(|| {
            let all: Vec<_> = all.iter().map(|one| spelled(*one)).collect();
            format!("must be one of {}", all.join(", "))
        })
    }
}

/// Rows with their cells one below the other; `none` where there is no row.
pub(super) fn table(rows: Vec<Vec<String>>, none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let line: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        line.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::option;

    #[test]
    fn fields_are_told_by_their_options() {
        assert_eq!(option("connectionOwnerEmail"), "--connection-owner-email");
        assert_eq!(option("initialSites[2]"), "--initial-sites (entry 3)");
    }
}
