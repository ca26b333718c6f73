//! Takes settings out of file and environment, one by one.

use std::str::FromStr;

use toml::{Table, Value};

use super::{ENV_PREFIX, Problem, Secret};

/// Takes settings out of a table and notes what is wrong; what is left over was never a setting.
pub(super) struct Reader {
    table: Table,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        match text.parse::<Table>() {
            Ok(table) => Self {
                table,
                problems: Vec::new(),
            },
            Err(error) => Self {
                table: Table::new(),
                problems: vec![Problem {
                    about: "The configuration file".into(),
                    // The whole message would quote the line, and with it perhaps a key.
                    what: format!("is not TOML: {}", error.message()),
                }],
            },
        }
    }

    pub(super) fn problem(&mut self, about: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            about: about.to_owned(),
            what: what.into(),
        });
    }

    /// Notes a missing setting, unless it was there and wrong, which is noted already.
    pub(super) fn missing(&mut self, path: &str, meaning: &str) {
        if self.problems.iter().any(|problem| problem.about == path) {
            return;
        }
        self.problem(
            path,
            format!("is missing: {meaning} (or set {})", variable(path)),
        );
    }

    pub(super) fn overlay(&mut self, path: &str, value: String) {
        let (section, key) = match path.split_once('.') {
            Some((section, key)) => (Some(section), key),
            None => (None, path),
        };
        let table = match section {
            None => Some(&mut self.table),
            Some(section) => self
                .table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut(),
        };
        if let Some(table) = table {
            table.insert(key.to_owned(), Value::String(value));
        }
    }

    fn take(&mut self, path: &str) -> Option<Value> {
        match path.split_once('.') {
            None => self.table.remove(path),
            Some((section, key)) => self.table.get_mut(section)?.as_table_mut()?.remove(key),
        }
    }

    pub(super) fn maybe<T: FromStr>(&mut self, path: &str, expected: &str) -> Option<T> {
        let value = self.take(path)?;
        let parsed = scalar(&value).and_then(|text| text.trim().parse().ok());
        if parsed.is_none() {
            self.problem(path, format!("is not right: expected {expected}"));
        }
        parsed
    }

    /// `None` only when the value was wrong.
    pub(super) fn or<T: FromStr>(&mut self, path: &str, expected: &str, usual: T) -> Option<T> {
        let wrong = self.problems.len();
        let value = self.maybe(path, expected);
        if value.is_none() && self.problems.len() == wrong {
            return Some(usual);
        }
        value
    }

    pub(super) fn web_address(&mut self, path: &str) -> Option<url::Url> {
        let url: url::Url = self.maybe(path, "an address such as https://connect.example.com")?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            self.problem(path, "is not right: expected scheme, host and port alone, such as https://connect.example.com");
            return None;
        }
        Some(url)
    }

    pub(super) fn list(&mut self, path: &str) -> Option<Vec<String>> {
        let texts = match self.take(path)? {
            Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>(),
            Value::String(text) => Some(text.split(',').map(str::to_owned).collect()),
            _ => None,
        };
        let Some(texts) = texts else {
            self.problem(path, "is not right: expected a list of texts");
            return None;
        };
        let trimmed = texts.iter().map(|text| text.trim().to_owned());
        Some(trimmed.filter(|text| !text.is_empty()).collect())
    }

    pub(super) fn numbers<T: FromStr>(&mut self, path: &str, usual: Vec<T>) -> Vec<T> {
        let Some(texts) = self.list(path) else {
            return usual;
        };
        let numbers: Option<Vec<T>> = texts.iter().map(|text| text.parse().ok()).collect();
        if numbers.is_none() {
            self.problem(path, "is not right: expected a list of numbers");
        }
        numbers.unwrap_or(usual)
    }

    pub(super) fn keys<const N: usize>(
        &mut self,
        path: &str,
        meaning: &str,
    ) -> Option<Vec<(u8, Secret<N>)>> {
        let texts = self.list(path).unwrap_or_default();
        if texts.is_empty() {
            self.missing(
                path,
                &format!("at least one \"id:{} hex digits\", {meaning}", 2 * N),
            );
            return None;
        }
        let mut keys: Vec<(u8, Secret<N>)> = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let parsed = text
                .split_once(':')
                .and_then(|(id, key)| Some((id.parse().ok()?, key.parse().ok()?)));
            let Some((id, key)) = parsed else {
                let place = index + 1;
                self.problem(path, format!("entry {place} is not right: expected \"id:{} hex digits\" with an id of 0 to 255", 2 * N));
                continue;
            };
            if keys.iter().any(|(other, _)| *other == id) {
                self.problem(path, format!("has two keys with the id {id}"));
            }
            keys.push((id, key));
        }
        Some(keys)
    }

    pub(super) fn refuse_the_rest(&mut self) {
        let mut left = Vec::new();
        for (name, value) in &self.table {
            match value {
                Value::Table(section) => {
                    left.extend(section.keys().map(|key| format!("{name}.{key}")));
                }
                _ => left.push(name.clone()),
            }
        }
        for path in left {
            self.problem(
                &path,
                format!("is not a setting (in the file, or as {})", variable(&path)),
            );
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn variable(path: &str) -> String {
    format!(
        "{ENV_PREFIX}{}",
        path.replace('.', "__").to_ascii_uppercase()
    )
}
