//! Options as the fields that API and console read, and what is wrong with them as an operator reads it.

use serde_json::{Map, Value};

use crate::fields::{FieldError, Fields, Notation};

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
    let line = |error: &FieldError| format!("{} {}.", option(&error.field), error.detail);
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
    format!("{first}{}.", letters.as_str())
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
