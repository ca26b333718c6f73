//! Takes settings out of file and environment, one by one.

use std::{collections::BTreeMap, path::Path, str::FromStr};

use super::{ConfigProblem, Location, Secret, settings};
use crate::address_range::AddressRange;

/// What variables for settings begin with.
pub const ENV_PREFIX: &str = "MAGIC_LINKS__";

/// Takes settings out of a table and notes what is wrong; what is left over was never a setting.
pub(super) struct Reader {
    settings: BTreeMap<String, Setting>,
    /// Where the settings were that have been taken.
    taken: BTreeMap<String, Location>,
    /// Where the file is not TOML.
    broken: Vec<Location>,
    pub(super) problems: Vec<ConfigProblem>,
}

/// A setting as it is written.
pub(super) struct Setting {
    pub(super) content: Content,
    /// Where its value is.
    pub(super) location: Location,
    /// Where its name is.
    pub(super) name_location: Location,
}

/// The value of a setting.
pub(super) enum Content {
    /// A text, a whole number, or true or false.
    Scalar(String),
    /// A list, each entry with its place; an entry that is no scalar is `None`.
    List(Vec<(Option<String>, Location)>),
    /// Anything else, which no setting is.
    Other,
}

impl Reader {
    /// Reads `text`, which is the content of the file `path`.
    pub(super) fn new(path: Option<&Path>, text: &str) -> Self {
        let (settings, problems) = settings::parse(path, text);
        Self {
            settings,
            taken: BTreeMap::new(),
            broken: problems
                .iter()
                .filter_map(|problem| problem.location.clone())
                .collect(),
            problems,
        }
    }

    /// Notes a problem of the setting `about`, at the place where its value is written.
    pub(super) fn problem(&mut self, about: &str, what: impl Into<String>) {
        let location = self.taken.get(about).cloned();
        self.problem_at(about, what, location);
    }

    /// Notes a problem at a place, unless the file is not even TOML in that line, which is noted already.
    pub(super) fn problem_at(
        &mut self,
        about: &str,
        what: impl Into<String>,
        location: Option<Location>,
    ) {
        let known = location
            .as_ref()
            .is_some_and(|location| self.broken.iter().any(|line| line.is_in_line_of(location)));
        if !known {
            self.problems.push(ConfigProblem {
                about: about.to_owned(),
                what: what.into(),
                location,
            });
        }
    }

    /// Where the setting `path` is written, once it has been taken.
    pub(super) fn location(&self, path: &str) -> Option<Location> {
        self.taken.get(path).cloned()
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

    /// Puts the value of an environment variable in the place of what the file says.
    pub(super) fn overlay(&mut self, path: &str, variable: &str, value: String) {
        let location = Location::Variable(variable.to_owned());
        let setting = Setting {
            content: Content::Scalar(value),
            name_location: location.clone(),
            location,
        };
        self.settings.insert(path.to_owned(), setting);
    }

    fn take(&mut self, path: &str) -> Option<Content> {
        let setting = self.settings.remove(path)?;
        self.taken.insert(path.to_owned(), setting.location);
        Some(setting.content)
    }

    /// The setting `path`, or `None` when it is not set or is wrong, which is noted.
    pub(super) fn maybe<T: FromStr>(&mut self, path: &str, expected: &str) -> Option<T> {
        let content = self.take(path)?;
        let parsed = match content {
            Content::Scalar(text) => text.trim().parse().ok(),
            Content::List(_) | Content::Other => None,
        };
        if parsed.is_none() {
            self.problem(path, format!("is not right: expected {expected}"));
        }
        parsed
    }

    /// The setting `path`, or `default` when it is not set. `None` only when the value was wrong.
    pub(super) fn or<T: FromStr>(&mut self, path: &str, expected: &str, default: T) -> Option<T> {
        let is_set = self.settings.contains_key(path);
        let value = self.maybe(path, expected);
        if is_set { value } else { Some(default) }
    }

    /// The setting `path` as an address of scheme, host and port alone.
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

    /// The entries of a list with their places. One text with commas is a list, too: a variable cannot hold another.
    fn entries(&mut self, path: &str) -> Option<Vec<(String, Location)>> {
        let content = self.take(path)?;
        let entries = match content {
            Content::List(entries) => entries
                .into_iter()
                .map(|(text, location)| Some((text?, location)))
                .collect(),
            Content::Scalar(text) => self.location(path).map(|location| {
                text.split(',')
                    .map(|text| (text.to_owned(), location.clone()))
                    .collect()
            }),
            Content::Other => None,
        };
        let Some(entries): Option<Vec<(String, Location)>> = entries else {
            self.problem(path, "is not right: expected a list of texts");
            return None;
        };
        let trimmed = entries
            .into_iter()
            .map(|(text, location)| (text.trim().to_owned(), location));
        Some(trimmed.filter(|(text, _)| !text.is_empty()).collect())
    }

    /// The setting `path` as a list of texts.
    pub(super) fn list(&mut self, path: &str) -> Option<Vec<String>> {
        let entries = self.entries(path)?;
        Some(entries.into_iter().map(|(text, _)| text).collect())
    }

    /// The setting `path` as a list of addresses and ranges of addresses.
    pub(super) fn address_ranges(&mut self, path: &str) -> Vec<AddressRange> {
        let mut ranges = Vec::new();
        let entries = self.entries(path).unwrap_or_default();
        for (index, (text, location)) in entries.into_iter().enumerate() {
            match text.parse::<AddressRange>() {
                Ok(range) => ranges.push(range),
                Err(error) => {
                    let what = format!("entry {} {error}", index + 1);
                    self.problem_at(path, what, Some(location));
                }
            }
        }
        ranges
    }

    /// The setting `path` as a list of port numbers, or `default`.
    pub(super) fn ports(&mut self, path: &str, default: Vec<u16>) -> Vec<u16> {
        let Some(entries) = self.entries(path) else {
            return default;
        };
        let mut ports = Vec::new();
        for (index, (text, location)) in entries.into_iter().enumerate() {
            match text.parse() {
                Ok(port) if port != 0 => ports.push(port),
                _ => self.problem_at(
                    path,
                    format!(
                        "entry {} is not right: expected a port number from 1 to 65535",
                        index + 1
                    ),
                    Some(location),
                ),
            }
        }
        ports
    }

    /// The setting `path` as a list of keys of `N` bytes with their ids.
    pub(super) fn keys<const N: usize>(
        &mut self,
        path: &str,
        meaning: &str,
    ) -> Option<Vec<(u8, Secret<N>)>> {
        let entries = self.entries(path).unwrap_or_default();
        if entries.is_empty() {
            self.missing(
                path,
                &format!("at least one \"id:{} hex digits\", {meaning}", 2 * N),
            );
            return None;
        }
        let mut keys: Vec<(u8, Secret<N>)> = Vec::new();
        for (index, (text, location)) in entries.iter().enumerate() {
            let location = Some(location.clone());
            let parsed = text
                .split_once(':')
                .and_then(|(id, key)| Some((id.parse().ok()?, key.parse().ok()?)));
            let Some((id, key)) = parsed else {
                let number = index + 1;
                let what = format!(
                    "entry {number} is not right: expected \"id:{} hex digits\" with an id of 0 to 255",
                    2 * N
                );
                self.problem_at(path, what, location);
                continue;
            };
            if keys.iter().any(|(other, _)| *other == id) {
                self.problem_at(path, format!("has two keys with the id {id}"), location);
            }
            keys.push((id, key));
        }
        Some(keys)
    }

    /// Notes everything that nobody took as a problem.
    pub(super) fn refuse_the_rest(&mut self) {
        for (path, setting) in std::mem::take(&mut self.settings) {
            self.problem_at(
                &path,
                format!("is not a setting (in the file, or as {})", variable(&path)),
                Some(setting.name_location),
            );
        }
    }
}

/// The environment variable of the setting `path`.
pub(super) fn variable(path: &str) -> String {
    format!(
        "{ENV_PREFIX}{}",
        path.replace('.', "__").to_ascii_uppercase()
    )
}
