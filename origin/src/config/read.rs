//! From file and environment to a [`Config`], or to everything that is wrong with them.

use std::{
    fmt::{self, Display},
    path::Path,
    str::FromStr,
};

use toml::{Table, Value};

use super::{
    ApiConfig, BrowserConfig, CollectionConfig, Config, DatabaseUrl, EdgeConfig, Secret,
    TokenKeyConfig, VaultKey,
};

/// The longest `edge.public_url`: a link of 300 characters must have room for a website's address.
pub const MAX_LINK_BASE: usize = 80;

/// What variables for settings begin with.
pub const ENV_PREFIX: &str = "MAGIC_LINKS__";

/// One thing that is wrong, with its remedy. Never holds a secret's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting (`edge.signing_key`), or what else it is about.
    pub about: String,
    /// What is wrong with it, as the rest of a sentence.
    pub what: String,
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.about, self.what)
    }
}

/// Everything that is wrong, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}- {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Reads the file (none is an empty one) and the environment.
///
/// # Errors
/// [`Problems`]: all of them.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, Problems> {
    let text = match file {
        None => String::new(),
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            Problems(vec![Problem {
                about: format!("The configuration file {}", path.display()),
                what: format!("cannot be read: {error}"),
            }])
        })?,
    };
    read(&text, environment)
}

/// What can be looked at on this machine, even when other settings are wrong; `None` for what is
/// wrong itself.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// [`Config::data_dir`].
    pub data_dir: Option<std::path::PathBuf>,
    /// [`Config::database_url`].
    pub database_url: Option<DatabaseUrl>,
    /// [`Config::browser`].
    pub browser: Option<BrowserConfig>,
}

/// As [`load`], from the file's text.
///
/// # Errors
/// [`Problems`]: all of them.
pub fn read(
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, Problems> {
    survey(text, environment).1
}

/// As [`read`], and what is known of the ground even when the rest is wrong.
pub fn survey(
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> (Ground, Result<Config, Problems>) {
    let mut reader = Reader::new(text);
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix(ENV_PREFIX) {
            reader.overlay(&path.to_ascii_lowercase().replace("__", "."), value);
        }
    }
    let ground = ground(&mut reader);
    let config = assemble(&mut reader, &ground);
    reader.refuse_the_rest();
    let config = match config {
        Some(config) if reader.problems.is_empty() => Ok(config),
        _ => Err(Problems(reader.problems)),
    };
    (ground, config)
}

fn ground(reader: &mut Reader) -> Ground {
    let data_dir = reader.or::<std::path::PathBuf>("data_dir", "a folder", "data".into());
    let default_database = data_dir
        .as_ref()
        .map(|dir| format!("sqlite:{}", dir.join("magic-links.db").display()));
    let database_url = reader
        .or(
            "database_url",
            "sqlite:path or postgres://…",
            default_database.unwrap_or_default(),
        )
        .filter(|url: &String| {
            let known = ["sqlite:", "postgres:", "postgresql:"]
                .iter()
                .any(|scheme| url.starts_with(scheme));
            // Without a data folder there is no usual database either, and that is said already.
            if !known && !url.is_empty() {
                reader.problem("database_url", "must start with sqlite: or postgres:");
            }
            known
        });
    Ground {
        data_dir,
        database_url: database_url.map(DatabaseUrl),
        browser: browser(reader),
    }
}

fn browser(reader: &mut Reader) -> Option<BrowserConfig> {
    let usual = BrowserConfig::default();
    let executable = reader.or("browser.executable", "a path", usual.executable);
    let uid_range = match (
        reader.maybe("browser.first_uid", "a user id"),
        reader.maybe("browser.uid_count", "how many user ids"),
    ) {
        (Some(first), Some(count)) => Some((first, count)),
        (None, None) => usual.uid_range,
        _ => {
            reader.problem(
                "browser.first_uid and browser.uid_count",
                "must be set together",
            );
            None
        }
    };
    let warm = reader.or("browser.warm", "how many spare browsers", usual.warm);
    let allowed_private_hosts = reader
        .list("browser.allowed_private_hosts")
        .unwrap_or(usual.allowed_private_hosts);
    let egress_ports = reader.numbers("browser.egress_ports", usual.egress_ports);
    let open_user_agent = reader.or(
        "browser.open_user_agent",
        "true or false",
        usual.open_user_agent,
    );
    Some(BrowserConfig {
        executable: executable?,
        uid_range,
        warm: warm?,
        allowed_private_hosts,
        egress_ports,
        open_user_agent: open_user_agent?,
    })
}

fn assemble(reader: &mut Reader, ground: &Ground) -> Option<Config> {
    let node = reader.or("node", "a number from 0 to 255", 0);

    let edge_listen = reader.or("edge.listen", "address:port", ([127, 0, 0, 1], 7401).into());
    let edge_host = reader.maybe("edge.host", "a host name");
    let edge_public_url = reader.web_address("edge.public_url");
    if edge_public_url
        .as_ref()
        .is_some_and(|url| url.as_str().len() > MAX_LINK_BASE + 1)
    {
        reader.problem(
            "edge.public_url",
            format!("is too long for links: at most {MAX_LINK_BASE} characters"),
        );
    }
    if edge_public_url.is_none() {
        reader.missing(
            "edge.public_url",
            "what links begin with, such as https://connect.example.com",
        );
    }
    let push_url = reader.web_address("edge.push_url");
    let signing_key = reader.maybe("edge.signing_key", "64 hex digits");
    if signing_key.is_none() {
        reader.missing(
            "edge.signing_key",
            "64 random hex digits, the same as the edge's EDGE_SIGNING_KEY",
        );
    }

    let api_listen = reader.or("api.listen", "address:port", ([127, 0, 0, 1], 7402).into());
    let api_host = reader.maybe("api.host", "a host name");
    let api_public_url = reader.web_address("api.public_url").or_else(|| {
        let listen: std::net::SocketAddr = api_listen?;
        format!("http://{listen}").parse().ok()
    });

    let token_keys = reader.keys::<16>("token_keys", "the same as the edge's TOKEN_KEYS");
    let vault_keys = reader.keys::<32>("vault_keys", "the master keys of the vault");

    let workers = reader.or("collection.workers", "how many collections at a time", 2);

    Some(Config {
        database_url: ground.database_url.clone()?,
        data_dir: ground.data_dir.clone()?,
        node: node?,
        edge: EdgeConfig {
            listen: edge_listen?,
            host: edge_host,
            public_url: edge_public_url?,
            push_url,
            signing_key: signing_key?,
        },
        api: ApiConfig {
            listen: api_listen?,
            host: api_host,
            public_url: api_public_url?,
        },
        token_keys: token_keys?
            .into_iter()
            .map(|(id, key)| TokenKeyConfig { id, key })
            .collect(),
        vault_keys: vault_keys?
            .into_iter()
            .map(|(id, key)| VaultKey { id, key })
            .collect(),
        browser: ground.browser.clone()?,
        collection: CollectionConfig { workers: workers? },
    })
}

/// Takes settings out of a table and notes what is wrong; what is left over was never a setting.
struct Reader {
    table: Table,
    problems: Vec<Problem>,
}

impl Reader {
    fn new(text: &str) -> Self {
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

    fn problem(&mut self, about: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            about: about.to_owned(),
            what: what.into(),
        });
    }

    /// Notes a missing setting, unless it was there and wrong, which is noted already.
    fn missing(&mut self, path: &str, meaning: &str) {
        if self.problems.iter().any(|problem| problem.about == path) {
            return;
        }
        self.problem(
            path,
            format!("is missing: {meaning} (or set {})", variable(path)),
        );
    }

    fn overlay(&mut self, path: &str, value: String) {
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

    fn maybe<T: FromStr>(&mut self, path: &str, expected: &str) -> Option<T> {
        let value = self.take(path)?;
        let parsed = scalar(&value).and_then(|text| text.trim().parse().ok());
        if parsed.is_none() {
            self.problem(path, format!("is not right: expected {expected}"));
        }
        parsed
    }

    /// `None` only when the value was wrong.
    fn or<T: FromStr>(&mut self, path: &str, expected: &str, usual: T) -> Option<T> {
        let wrong = self.problems.len();
        let value = self.maybe(path, expected);
        if value.is_none() && self.problems.len() == wrong {
            return Some(usual);
        }
        value
    }

    fn web_address(&mut self, path: &str) -> Option<url::Url> {
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

    fn list(&mut self, path: &str) -> Option<Vec<String>> {
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

    fn numbers<T: FromStr>(&mut self, path: &str, usual: Vec<T>) -> Vec<T> {
        let Some(texts) = self.list(path) else {
            return usual;
        };
        let numbers: Option<Vec<T>> = texts.iter().map(|text| text.parse().ok()).collect();
        if numbers.is_none() {
            self.problem(path, "is not right: expected a list of numbers");
        }
        numbers.unwrap_or(usual)
    }

    fn keys<const N: usize>(&mut self, path: &str, meaning: &str) -> Option<Vec<(u8, Secret<N>)>> {
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

    fn refuse_the_rest(&mut self) {
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
