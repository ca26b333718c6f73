//! The environment of one end-to-end test: sample utility, origin, edge, an organization with a
//! company, and a client's browser.

use std::{
    fs,
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

use futures_util::FutureExt;
use serde_json::{Value, json};
use shared::{
    status::LinkKind,
    time::UnixMillis,
    token::{KeyRing, open, seal},
};
use tokio::{process::Command, sync::Semaphore, task::JoinHandle};
use utility::{
    customers::CUSTOMERS,
    doors::{Door, Doors},
};

use crate::{
    api::{Api, Link},
    client::{Client, Tab},
    edge::{Edge, EdgeOptions},
    leaks::leaks,
    process::{RunningProgram, free_port, origin_program, target_folder, until_listening},
    receiver::Receiver,
};

/// How many environments exist at a time: browsers are heavy.
static PERMITS: Semaphore = Semaphore::const_new(2);

/// All programs of one test, running, and the addresses and ids that the test needs.
pub struct TestEnv {
    /// The API with the organization's key.
    pub api: Api,
    /// The id of the organization that the test acts for.
    pub organization: String,
    /// The private id of the organization's company.
    pub company: String,
    /// The ids of the company's sites.
    pub sites: Vec<String>,
    /// The edge's address: scheme, host and port.
    pub edge_url: String,
    /// The sample utility's address: scheme, host and port.
    pub utility_url: String,
    /// The organization's own server.
    pub receiver: Receiver,
    /// The options of the sample utility, with switches that change it while it runs.
    pub utility: utility::Options,
    client: Client,
    tabs: Mutex<Vec<Tab>>,
    tokens: Mutex<Vec<String>>,
    origin: Option<RunningProgram>,
    edge: Edge,
    pub(crate) config: PathBuf,
    ports: [u16; 3],
    artefacts: PathBuf,
    website: JoinHandle<std::io::Result<()>>,
    folder: tempfile::TempDir,
}

impl TestEnv {
    /// Starts an environment, runs a test in it, and stops it. A test that fails leaves screenshots
    /// and logs in `target/e2e/<name>/`.
    pub async fn run(name: &str, test: impl AsyncFnOnce(&mut TestEnv)) {
        let _permit = PERMITS
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let mut env = Self::start(name).await;
        let outcome = AssertUnwindSafe(test(&mut env)).catch_unwind().await;
        let artefacts = env.artefacts.clone();
        let secrets = env.secrets().await;
        let leaks = env.leaks();
        if outcome.is_err() {
            env.save_screenshots().await;
            eprintln!("screenshots and logs: {}", env.artefacts.display());
        }
        env.tear_down().await;
        let log = |name| fs::read_to_string(artefacts.join(name)).expect("a log");
        assert_holds_no_secret("origin", &log("origin.log"), &secrets);
        assert_holds_no_secret("edge", &own_lines(&log("edge.log")), &secrets);
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
        assert!(leaks.is_empty(), "a secret in clear: {leaks:?}");
    }

    /// Where a password, a code or an authenticator's secret of the sample utility stands in clear: in the database and its log, in files of bills and mails,
    /// in what the edge keeps, in logs, or in the arguments and environment of a program.
    fn leaks(&self) -> Vec<String> {
        let mut passwords = self.utility.switches.passwords();
        passwords.extend(CUSTOMERS.iter().map(|person| person.password.to_owned()));
        passwords.push(utility::authenticator::SECRET.to_owned());
        let codes = self.utility.switches.outbox.long_codes();
        let folders = [self.folder.path(), self.edge.folder(), &self.artefacts];
        leaks(&folders, &passwords, &codes)
    }

    async fn start(name: &str) -> Self {
        let artefacts = target_folder().join("e2e").join(name);
        // A folder that is not there is as empty as it should be.
        let _ = fs::remove_dir_all(&artefacts);
        fs::create_dir_all(&artefacts).expect("a folder for logs");
        let folder = tempfile::tempdir().expect("a folder");

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let utility_port = listener.local_addr().expect("its number").port();
        let [edge_port, origin_port, api_port, inbound_port] =
            [free_port(), free_port(), free_port(), free_port()];
        let utility = utility::Options {
            doors: doors(inbound_port),
            ..utility::Options::default()
        };
        let website = tokio::spawn(utility::serve(listener, utility.clone()));

        let edge_url = format!("http://localhost:{edge_port}");
        let receiver = Receiver::start().await;
        let config = write_config(
            folder.path(),
            &receiver.host(),
            edge_port,
            origin_port,
            api_port,
            inbound_port,
            utility_port,
        );
        let seed = TestData::create(&config).await;
        let edge = Edge::start(EdgeOptions {
            port: edge_port,
            origins: json!({ "0": format!("http://127.0.0.1:{origin_port}") }).to_string(),
            token_keys: format!("1:{TOKEN_KEY}"),
            signing_key: SIGNING_KEY.to_owned(),
            limit: None,
            log: artefacts.join("edge.log"),
        });
        let edge = edge.await;
        let mut env = Self {
            api: Api::new(format!("http://127.0.0.1:{api_port}"), seed.key),
            organization: seed.organization,
            company: seed.company,
            sites: seed.sites,
            edge_url,
            utility_url: format!("http://localhost:{utility_port}"),
            receiver,
            utility,
            client: Client::start().await,
            tabs: Mutex::default(),
            tokens: Mutex::default(),
            origin: None,
            edge,
            config,
            ports: [origin_port, api_port, inbound_port],
            artefacts,
            website,
            folder,
        };
        env.start_origin().await;
        env
    }

    /// Starts the origin, which must not run.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_origin(&mut self) {
        let mut command = Command::new(origin_program());
        command.arg("--config").arg(&self.config);
        let mut origin =
            RunningProgram::start("origin", command, &self.artefacts.join("origin.log"));
        for port in self.ports {
            until_listening(&mut origin, port).await;
        }
        // What it holds in memory is in no file when it crashes.
        assert_eq!(origin.core_dump_limit(), "0");
        self.origin = Some(origin);
    }

    /// Stops the origin as an operator does.
    pub async fn stop_origin(&mut self) {
        if let Some(origin) = self.origin.take() {
            origin.stop().await;
        }
    }

    /// Ends the origin as a crash does: at once, with all that it holds.
    pub async fn kill_origin(&mut self) {
        if let Some(origin) = self.origin.take() {
            origin.kill().await;
        }
    }

    /// Makes a link of the organization to the sample utility's sign-in page. The fields of `wishes` are added to the request's body.
    pub async fn link(&self, wishes: Value) -> Link {
        let mut body = json!({
            "url": format!("{}/login", self.utility_url),
            "country": "US",
            "utilityTypes": ["ELECTRICITY", "GAS", "WATER"],
        });
        if let (Some(body), Some(wishes)) = (body.as_object_mut(), wishes.as_object()) {
            body.extend(wishes.clone());
        }
        let link = self.api.make_link(&self.company, &body).await;
        let (_, token) = link.url.rsplit_once('/').expect("a link");
        self.tokens
            .lock()
            .expect("no test panics here")
            .push(token.to_owned());
        link
    }

    /// The mails that the origin laid into its folder, their soft line breaks undone.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.folder.path().join("data/mail")) else {
            return Vec::new();
        };
        let files = files.filter_map(Result::ok).map(|file| file.path());
        files
            .filter(|file| file.extension().is_some_and(|end| end == "eml"))
            .filter_map(|file| fs::read_to_string(file).ok())
            .map(|mail| mail.replace("=\r\n", "").replace("=3D", "="))
            .collect()
    }

    /// Opens `url` in a new tab of the client's browser.
    pub async fn open(&self, url: &str) -> Tab {
        let tab = self.client.open(url).await;
        self.keep(&tab);
        tab
    }

    /// Opens a page of the sample utility itself, in a tab that shares no cookies or storage with the others.
    pub async fn open_mirror(&self, path: &str) -> Tab {
        let tab = self
            .client
            .open_private(&format!("{}{path}", self.utility_url))
            .await;
        self.keep(&tab);
        tab
    }

    /// Seals the token of `link` again with an expiry in the past, and answers the new URL.
    pub fn expired(&self, link: &Link) -> String {
        let ring: KeyRing = format!("1:{TOKEN_KEY}").parse().expect("a key");
        let (base, token) = link.url.rsplit_once('/').expect("a link");
        let (_, company) = base.rsplit_once('/').expect("a link");
        let company = company.parse().expect("a company");
        let mut claims = open(&ring, LinkKind::Company, &company, token).expect("a good token");
        claims.expires = Some(UnixMillis(1));
        let token = seal(&ring, LinkKind::Company, &company, [1; 12], &claims).expect("a token");
        format!("{base}/{token}")
    }

    fn keep(&self, tab: &Tab) {
        self.tabs
            .lock()
            .expect("no test panics here")
            .push(tab.clone());
    }

    /// Saves what a tab shows beside the logs.
    pub async fn screenshot(&self, tab: &Tab, name: &str) {
        tab.screenshot(&self.artefacts.join(name)).await;
    }

    /// What must never be in a log: tokens and flow secrets of this test, passwords.
    async fn secrets(&self) -> Vec<String> {
        let tabs = self.tabs.lock().map(|tabs| tabs.clone());
        let mut secrets = self
            .tokens
            .lock()
            .map(|known| known.clone())
            .unwrap_or_default();
        for tab in tabs.unwrap_or_default() {
            let address = tab.address().await;
            let secret = address
                .split_once("/flow/")
                .map(|(_, secret)| secret.to_owned());
            secrets.extend(secret);
        }
        secrets.extend(CUSTOMERS.iter().map(|person| person.password.to_owned()));
        secrets
    }

    async fn save_screenshots(&self) {
        let tabs = self
            .tabs
            .lock()
            .map(|tabs| tabs.clone())
            .unwrap_or_default();
        for (number, tab) in tabs.iter().enumerate() {
            let state = "`${location.href} ${document.visibilityState}, canvas ${(c => c && [c.width, c.height])(document.querySelector('canvas'))}`";
            println!("tab {number}: {:?}", tab.value(state).await);
            tab.screenshot(&self.artefacts.join(format!("tab-{number}.png")))
                .await;
        }
    }

    async fn tear_down(self) {
        self.client.close().await;
        if let Some(origin) = self.origin {
            origin.stop().await;
        }
        self.edge.stop().await;
        self.website.abort();
    }
}

fn assert_holds_no_secret(program: &str, log: &str, secrets: &[String]) {
    assert!(log.to_lowercase().contains("ready"), "the log is another's");
    for secret in secrets {
        // Not the secret itself: this goes to a log, too.
        assert!(
            !log.contains(secret),
            "a secret of {} characters is in the log of the {program}",
            secret.len()
        );
    }
}

/// What the Worker itself wrote: wrangler's lines tell of requests by their paths, as no platform's log may.
fn own_lines(log: &str) -> String {
    let own = log.lines().filter(|line| !is_request_line(line));
    own.collect::<Vec<_>>().join("\n")
}

fn is_request_line(line: &str) -> bool {
    let method = line.strip_prefix("[wrangler:info] ");
    method.is_some_and(|method| {
        ["GET /", "HEAD /", "POST /", "PUT /"]
            .iter()
            .any(|start| method.starts_with(start))
    })
}

/// What clients read as the organization's name.
pub const BRAND: &str = "Brightside Energy";

const TOKEN_KEY: &str = "000102030405060708090a0b0c0d0e0f";
const SIGNING_KEY: &str = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
/// What the provider of text messages signs with.
const SMS_TOKEN: &str = "the token of an SMS provider";
const VAULT_KEY: &str = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";

/// Where the sample utility really sends codes to: the doors of the origin.
fn doors(inbound: u16) -> Doors {
    let door = |path: &str, secret: &str| Door {
        url: format!("http://127.0.0.1:{inbound}/inbound/{path}"),
        secret: secret.to_owned(),
    };
    Doors {
        mail: Some(door("mail", SIGNING_KEY)),
        sms: Some(door("sms", SMS_TOKEN)),
    }
}

fn write_config(
    folder: &Path,
    receiver: &str,
    edge: u16,
    origin: u16,
    api: u16,
    inbound: u16,
    utility: u16,
) -> PathBuf {
    let data = folder.join("data");
    fs::create_dir(&data).expect("a data folder");
    let text = format!(
        "data_dir = \"{}\"\n\
         token_keys = [\"1:{TOKEN_KEY}\"]\n\
         vault_keys = [\"1:{VAULT_KEY}\"]\n\n\
         [edge]\nlisten = \"127.0.0.1:{origin}\"\npublic_url = \"http://localhost:{edge}\"\nsigning_key = \"{SIGNING_KEY}\"\n\n\
         [api]\nlisten = \"127.0.0.1:{api}\"\npublic_url = \"http://127.0.0.1:{api}\"\n\n\
         [inbound]\ndomain = \"codes.example\"\nlisten = \"127.0.0.1:{inbound}\"\nsecret = \"{SIGNING_KEY}\"\n\n\
         [inbound.sms]\nnumbers = [\"+15005550006\"]\nauth_token = \"{SMS_TOKEN}\"\npublic_url = \"http://127.0.0.1:{inbound}/inbound/sms\"\n\n\
         [browser]\nallowed_private_hosts = [\"localhost:{utility}\", \"*.localhost:{utility}\", \"127.0.0.1:{utility}\", \"{receiver}\"]\n\
         egress_ports = [80, 443, {utility}]\n",
        data.display(),
    );
    let file = folder.join("origin.toml");
    fs::write(&file, text).expect("the origin's configuration");
    file
}

/// The organization that a test uses: one company with two sites, and an API key.
struct TestData {
    organization: String,
    company: String,
    sites: Vec<String>,
    key: String,
}

impl TestData {
    async fn create(config: &Path) -> Self {
        run_origin(config, &["migrate"]).await;
        let organization = add(
            config,
            &[
                "organization",
                "add",
                "--name",
                "Brightside Energy Advisors",
            ],
            "id",
        )
        .await;
        let id = organization;
        let organization = ["--organization", &id];
        let company = ["company", "add", "--name", "Meadow Lane Bakery"];
        let company = add(config, &[&company[..], &organization].concat(), "id").await;
        let mut sites = Vec::new();
        for name in ["Bakery", "Warehouse"] {
            let site = ["site", "add", "--company", &company, "--name", name];
            sites.push(add(config, &[&site[..], &organization].concat(), "id").await);
        }
        let brand = json!({ "name": BRAND, "accent": "#0b5d3b", "onAccent": "#ffffff", "supportEmail": "help@brightside.example" });
        let file = config.with_file_name("brand.json");
        fs::write(&file, brand.to_string()).expect("a brand");
        let file = file.display().to_string();
        run_origin(
            config,
            &[&["brand", "set", "--file", &file][..], &organization].concat(),
        )
        .await;
        let key = ["key", "add", "--name", "tests"];
        let key = add(config, &[&key[..], &organization].concat(), "key").await;
        Self {
            organization: id,
            company,
            sites,
            key,
        }
    }
}

/// Adds something by the origin's own command, and answers one field of what it says.
pub(crate) async fn add(config: &Path, arguments: &[&str], field: &str) -> String {
    let answer = run_origin(config, &[arguments, &["--json"]].concat()).await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    answer[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {answer}"))
        .to_owned()
}

async fn run_origin(config: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(origin_program());
    let out = command
        .arg("--config")
        .arg(config)
        .args(arguments)
        .output()
        .await;
    let out = out.expect("the origin's program starts");
    let errors = String::from_utf8_lossy(&out.stderr);
    assert!(
        out.status.success(),
        "origin {}: {errors}",
        arguments.join(" ")
    );
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str =
        "[wrangler:info] Ready\n[wrangler:info] GET /p/hush 200 OK\n{\"event\":\"a\"}\n";

    fn keeps(log: &str) -> bool {
        let keeps = || assert_holds_no_secret("edge", &own_lines(log), &["hush".to_owned()]);
        std::panic::catch_unwind(keeps).is_ok()
    }

    #[test]
    fn a_secret_in_a_line_of_the_worker_is_found() {
        assert!(keeps(LOG));
        assert!(!keeps(&format!(
            "{LOG}{{\"event\":\"b\",\"link\":\"hush\"}}\n"
        )));
        assert!(!keeps(&format!("{LOG}[wrangler:error] Error: hush\n")));
    }
}
