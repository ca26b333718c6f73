//! From file and environment to a [`Config`], or to everything that is wrong with them.

use std::path::Path;

use super::{
    ApiConfig, BlobConfig, BrowserConfig, CollectionConfig, Config, ConfigProblem, DatabaseUrl,
    EdgeConfig, Problems, TokenKeyConfig, VaultKey,
    blobs::blobs,
    inbound::inbound,
    mail::mail,
    operator::operator,
    reader::{ENV_PREFIX, Reader},
    sandbox::sandbox,
};

/// The longest `edge.public_url`: a link of 300 characters must have room for a website's address.
pub const MAX_LINK_BASE: usize = 80;

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
            Problems(vec![ConfigProblem::elsewhere(
                format!("The configuration file {}", path.display()),
                format!("cannot be read: {error}"),
            )])
        })?,
    };
    read_partial(file, &text, environment).1
}

/// The settings that can be compared with this machine even when other settings are wrong. A setting
/// that is wrong itself is `None`.
#[derive(Debug, Clone, Default)]
pub struct PartialConfig {
    /// The value of [`Config::data_dir`], if it is a good one.
    pub data_dir: Option<std::path::PathBuf>,
    /// The value of [`Config::database_url`], if it is a good one.
    pub database_url: Option<DatabaseUrl>,
    /// The value of [`Config::browser`], if it is a good one.
    pub browser: Option<BrowserConfig>,
    /// The value of [`Config::blobs`], if it is a good one.
    pub blobs: Option<BlobConfig>,
}

/// As [`load`], from the text of the file.
///
/// # Errors
/// [`Problems`]: all of them.
pub fn read(
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, Problems> {
    read_partial(None, text, environment).1
}

/// As [`read`] for the text of the file `path`, which problems name. Also answers what could be read
/// when something else is wrong.
pub fn read_partial(
    path: Option<&Path>,
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> (PartialConfig, Result<Config, Problems>) {
    let mut reader = Reader::new(path, text);
    for (name, value) in environment {
        if let Some(setting) = name.strip_prefix(ENV_PREFIX) {
            let setting = setting.to_ascii_lowercase().replace("__", ".");
            reader.overlay(&setting, &name, value);
        }
    }
    let partial = partial(&mut reader);
    let config = assemble(&mut reader, &partial);
    reader.refuse_the_rest();
    let config = match config {
        Some(config) if reader.problems.is_empty() => Ok(config),
        _ => Err(Problems(reader.problems)),
    };
    (partial, config)
}

fn partial(reader: &mut Reader) -> PartialConfig {
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
    let blob_dir = data_dir.clone();
    let is_shared = database_url
        .as_ref()
        .is_some_and(|url| url.starts_with("postgres"));
    PartialConfig {
        data_dir,
        database_url: database_url.map(DatabaseUrl),
        blobs: blobs(reader, blob_dir.as_deref(), is_shared),
        browser: browser(reader),
    }
}

fn browser(reader: &mut Reader) -> Option<BrowserConfig> {
    let default = BrowserConfig::default();
    let executable = reader.or("browser.executable", "a path", default.executable);
    let uid_range = match (
        reader.maybe("browser.first_uid", "a user id"),
        reader.maybe("browser.uid_count", "how many user ids"),
    ) {
        (Some(first), Some(count)) => {
            let end = u32::checked_add(first, count);
            if first == 0 || count == 0 || end.is_none() {
                let location = reader.location("browser.first_uid");
                reader.problem_at(
                    "browser.first_uid and browser.uid_count",
                    "must name at least one user id, and none that is 0 (root) or past the last",
                    location,
                );
            }
            Some((first, count))
        }
        (None, None) => default.uid_range,
        _ => {
            let location = reader
                .location("browser.first_uid")
                .or_else(|| reader.location("browser.uid_count"));
            reader.problem_at(
                "browser.first_uid and browser.uid_count",
                "must be set together",
                location,
            );
            None
        }
    };
    let most = reader.or("browser.most", "how many browsers", default.most);
    if most == Some(0) {
        reader.problem("browser.most", "must be at least 1");
    }
    if let (Some((first @ 1.., count @ 1..)), Some(most)) = (uid_range, most)
        && first.checked_add(count).is_some()
        && usize::try_from(count).is_ok_and(|count| count < most)
    {
        reader.problem(
            "browser.uid_count",
            format!(
                "is too small: every browser has a user id of its own, and browser.most is {most}"
            ),
        );
    }
    let warm = reader.or("browser.warm", "how many spare browsers", default.warm);
    let allowed_private_hosts = reader
        .list("browser.allowed_private_hosts")
        .unwrap_or(default.allowed_private_hosts);
    let egress_ports = reader.ports("browser.egress_ports", default.egress_ports);
    if egress_ports.is_empty() && reader.location("browser.egress_ports").is_some() {
        reader.problem("browser.egress_ports", "must name at least one port");
    }
    let open_user_agent = reader.or(
        "browser.open_user_agent",
        "true or false",
        default.open_user_agent,
    );
    Some(BrowserConfig {
        executable: executable?,
        uid_range,
        most: most?,
        warm: warm?,
        allowed_private_hosts,
        egress_ports,
        open_user_agent: open_user_agent?,
    })
}

fn assemble(reader: &mut Reader, partial: &PartialConfig) -> Option<Config> {
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
    let proxies = reader.address_ranges("api.proxies");
    let api_public_url = reader.web_address("api.public_url").or_else(|| {
        let listen: std::net::SocketAddr = api_listen?;
        format!("http://{listen}").parse().ok()
    });

    let token_keys = reader.keys::<16>("token_keys", "the same as the edge's TOKEN_KEYS");
    let vault_keys = reader.keys::<32>("vault_keys", "the master keys of the vault");

    let mail = mail(
        reader,
        partial.data_dir.as_deref(),
        edge_public_url.as_ref(),
    );

    let inbound = inbound(reader);
    let sandbox = sandbox(reader);
    let operator = operator(reader);

    let listens = [
        ("edge.listen", edge_listen),
        ("api.listen", api_listen),
        (
            "inbound.listen",
            inbound.as_ref().and_then(|inbound| inbound.listen),
        ),
    ];
    for (at, (setting, address)) in listens.iter().enumerate() {
        let mut before = listens.iter().take(at);
        // Port 0 is any free port.
        let is_fixed = address.is_some_and(|address| address.port() != 0);
        let same = before.find(|(_, other)| is_fixed && other == address);
        if let Some((other, _)) = same {
            reader.problem(setting, format!("is the address of {other} already"));
        }
    }

    let workers = reader.or("collection.workers", "how many collections at a time", 2);

    Some(Config {
        database_url: partial.database_url.clone()?,
        data_dir: partial.data_dir.clone()?,
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
            proxies,
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
        browser: partial.browser.clone()?,
        blobs: partial.blobs.clone()?,
        mail: mail?,
        inbound: inbound?,
        sandbox: sandbox?,
        operator,
        collection: CollectionConfig { workers: workers? },
    })
}
