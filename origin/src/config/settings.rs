//! The settings of a TOML file with the places where they are written.

use std::{collections::BTreeMap, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    ConfigProblem, Location,
    reader::{Content, Setting},
};

/// Reads the content of the file `path`: every setting by its dotted name (`edge.listen`), and what is not TOML.
pub(super) fn parse(
    path: Option<&Path>,
    text: &str,
) -> (BTreeMap<String, Setting>, Vec<ConfigProblem>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors.iter().map(|error| ConfigProblem {
        about: "The configuration file".into(),
        // The whole message would quote the line, and with it perhaps a key.
        what: format!("is not TOML: {}", error.message()),
        location: error
            .span()
            .map(|span| Location::in_file(path, text, &span)),
    });
    let file = File { path, text };
    let mut settings = BTreeMap::new();
    file.flatten("", table.get_ref(), &mut settings);
    (settings, problems.collect())
}

struct File<'a> {
    path: Option<&'a Path>,
    text: &'a str,
}

impl File<'_> {
    fn location<T>(&self, written: &Spanned<T>) -> Location {
        Location::in_file(self.path, self.text, &written.span())
    }

    fn flatten(&self, prefix: &str, table: &DeTable<'_>, settings: &mut BTreeMap<String, Setting>) {
        for (key, value) in table.iter() {
            let name = format!("{prefix}{}", key.get_ref());
            if let DeValue::Table(section) = value.get_ref() {
                self.flatten(&format!("{name}."), section, settings);
                continue;
            }
            let setting = Setting {
                content: self.content(value.get_ref()),
                location: self.location(value),
                name_location: self.location(key),
            };
            settings.insert(name, setting);
        }
    }

    fn content(&self, value: &DeValue<'_>) -> Content {
        if let DeValue::Array(entries) = value {
            let entries = entries
                .iter()
                .map(|entry| (scalar(entry.get_ref()), self.location(entry)));
            return Content::List(entries.collect());
        }
        scalar(value).map_or(Content::Other, Content::Scalar)
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}
