//! The operator's commands, as an operator runs them.

mod organization;

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const KEYS: &str = "token_keys = [\"1:000102030405060708090a0b0c0d0e0f\"]\n\
    vault_keys = [\"1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"]\n";

/// A folder with a configuration, in which a test runs the program.
struct TestEnv {
    folder: tempfile::TempDir,
}

impl TestEnv {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let env = Self { folder };
        env.configure(&format!(
            "{KEYS}[edge]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:9\"\n\
             signing_key = \"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"\n{more}"
        ));
        env
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configure(&self, text: &str) {
        let file = self.path().join("origin.toml");
        fs::write(&file, text).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_origin"));
        command.args(arguments).current_dir(self.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program starts")
    }

    /// Runs the program, which must succeed; returns the JSON that it prints.
    fn json(&self, arguments: &[&str]) -> Value {
        let out = self.run(&[arguments, &["--json"]].concat());
        assert!(out.status.success(), "{arguments:?}: {}", text(&out.stderr));
        serde_json::from_slice(&out.stdout).expect("JSON")
    }

    /// Runs the program, which must fail; returns what it prints as the reason.
    fn refusal(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert_eq!(
            out.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&out.stdout)
        );
        text(&out.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn id(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

#[test]
fn an_operator_adds_everything() {
    let env = TestEnv::new("");
    let organization = id(&env.json(&["organization", "add", "--name", "Acme"]));
    let company = env.json(&[
        "company",
        "add",
        "--organization",
        &organization,
        "--name",
        "Bakery",
    ]);
    assert_ne!(company["id"], company["publicCompanyId"]);
    let company = id(&company);
    id(&env.json(&[
        "site",
        "add",
        "--company",
        &company,
        "--name",
        "Shop",
        "--address",
        "1 High Street",
    ]));
    let key = env.json(&[
        "key",
        "add",
        "--organization",
        &organization,
        "--name",
        "server",
    ]);
    assert!(
        key["key"]
            .as_str()
            .is_some_and(|key| key.starts_with("ml_production_") && key.len() == 57),
        "{key}"
    );

    let listed = env.run(&["key", "list", "--organization", &organization]);
    let listed = text(&listed.stdout);
    assert!(
        listed.contains("active   read,links,connections,admin  server"),
        "{listed}"
    );
    assert!(
        !listed.contains(key["key"].as_str().expect("a key")),
        "shown once"
    );
    env.json(&[
        "key",
        "revoke",
        "--organization",
        &organization,
        "--key",
        &id(&key),
    ]);
    let again = env.refusal(&[
        "key",
        "revoke",
        "--organization",
        &organization,
        "--key",
        &id(&key),
    ]);
    assert!(again.contains("no active key"), "{again}");
    let listed = env.json(&["key", "list", "--organization", &organization]);
    assert!(listed["keys"][0]["revokedAt"].is_string(), "{listed}");

    let mode = |file: &str| {
        let data = fs::metadata(env.path().join(file)).expect("it is there");
        data.permissions().mode() & 0o777
    };
    assert_eq!((mode("data"), mode("data/magic-links.db")), (0o700, 0o600));
}

#[test]
fn a_key_is_given_what_it_may_do() {
    let env = TestEnv::new("");
    let organization = id(&env.json(&["organization", "add", "--name", "Acme"]));
    let add = ["key", "add", "--organization", &organization, "--name"];
    let more = |options: &[&'static str]| [&add[..], &["reader"], options].concat();
    let key = env.json(&more(&[
        "--sandbox",
        "--scopes",
        "links,read",
        "--expires-at",
        "2100-01-31T12:00:00Z",
        "--allowed-addresses",
        "203.0.113.0/24,2001:db8::7",
    ]));
    let text_of = key["key"].as_str().expect("a key");
    assert!(text_of.starts_with("ml_sandbox_"), "{key}");
    let listed = env.json(&["key", "list", "--organization", &organization]);
    let listed = &listed["keys"][0];
    assert_eq!(listed["environment"], "SANDBOX");
    assert_eq!(listed["scopes"], json!(["read", "links"]));
    assert_eq!(
        listed["allowedAddresses"],
        json!(["203.0.113.0/24", "2001:db8::7"])
    );
    assert_eq!(listed["expiresAt"], "2100-01-31T12:00:00Z");
    let shown = env.run(&["key", "list", "--organization", &organization]);
    let shown = text(&shown.stdout);
    assert!(
        shown.contains("read,links  reader  until 2100-01-31T12:00:00Z  from 203.0.113.0/24"),
        "{shown}"
    );
    for (option, value, expected) in [
        ("--scopes", "write", "read, links, connections, admin"),
        (
            "--allowed-addresses",
            "203.0.113.7/24",
            "must be an IP address",
        ),
        ("--expires-at", "tomorrow", "must be a date and time"),
        (
            "--expires-at",
            "2020-01-31T12:00:00Z",
            "must be in the future",
        ),
    ] {
        let out = env.run(&more(&[option, value]));
        assert!(!out.status.success(), "{option} {value}");
        let told = text(&out.stderr);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let env = TestEnv::new("");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let organization = id(&env.json(&["organization", "add", "--name", "Acme"]));
    let other = id(&env.json(&["organization", "add", "--name", "Other"]));
    let company = id(&env.json(&[
        "company",
        "add",
        "--organization",
        &organization,
        "--name",
        "Bakery",
    ]));
    for (arguments, expected) in [
        (
            vec!["company", "add", "--organization", nobody, "--name", "x"],
            "There is no organization",
        ),
        (
            vec!["key", "add", "--organization", nobody, "--name", "x"],
            "There is no organization",
        ),
        (
            vec!["site", "add", "--company", nobody, "--name", "x"],
            "There is no company",
        ),
        (
            vec![
                "site",
                "add",
                "--company",
                &company,
                "--organization",
                &other,
                "--name",
                "x",
            ],
            "There is no company",
        ),
        (
            vec!["organization", "add", "--name", " "],
            "--name must not be empty.",
        ),
    ] {
        let said = env.refusal(&arguments);
        assert!(said.starts_with(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn a_brand_is_checked_before_it_is_set() {
    let env = TestEnv::new("");
    let organization = id(&env.json(&["organization", "add", "--name", "Acme"]));
    env.json(&[
        "company",
        "add",
        "--organization",
        &organization,
        "--name",
        "Bakery",
    ]);
    let set = |brand: Value| {
        fs::write(env.path().join("brand.json"), brand.to_string()).expect("written");
        [
            "brand",
            "set",
            "--organization",
            &organization,
            "--file",
            "brand.json",
        ]
        .map(str::to_owned)
    };
    let poor =
        set(json!({ "name": "", "accent": "#777777", "onAccent": "#888888", "font": "a;b" }));
    let said = env.refusal(&poor.each_ref().map(String::as_str));
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(said.contains("contrast"), "{said}");
    let broken = set(json!({ "name": "Acme", "accent": "blue" }));
    assert!(
        env.refusal(&broken.each_ref().map(String::as_str))
            .contains("brand.json is no brand")
    );
    let misspelt = set(
        json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff", "supportMail": "a@b.example" }),
    );
    assert!(
        env.refusal(&misspelt.each_ref().map(String::as_str))
            .contains("A brand has no \"supportMail\".")
    );
    let good = set(json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff" }));
    let done = env.json(&good.each_ref().map(String::as_str));
    assert_eq!(
        (&done["companies"], &done["pushed"]),
        (&json!(1), &json!(0)),
        "no edge is there"
    );
}

#[test]
fn check_explains_everything_at_once() {
    let env = TestEnv::new("");
    assert_eq!(
        env.json(&["check"])["ok"],
        json!(true),
        "{}",
        text(&env.run(&["check"]).stdout)
    );
    assert!(!env.path().join("data").exists(), "looking makes nothing");

    let script = env.path().join("browser.sh");
    fs::write(&script, "#!/bin/sh\n").expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a program");
    fs::write(env.path().join("file"), "").expect("written");
    env.configure(
        "data_dir = \"file/data\"\ndatabase_url = \"postgres://me:hunter2@127.0.0.1:9/none\"\n\
         token_keys = [\"1:zz\"]\ncolour = 1\n[browser]\nexecutable = \"browser.sh\"\n",
    );
    fs::set_permissions(
        env.path().join("origin.toml"),
        fs::Permissions::from_mode(0o644),
    )
    .expect("open");
    let out = env.run(&["check"]);
    assert_eq!(out.status.code(), Some(1));
    let said = text(&out.stdout);
    for expected in [
        "- The configuration file origin.toml holds keys and can be read by other users: chmod 600",
        "- origin.toml:3:15: token_keys entry 1 is not right",
        "- vault_keys is missing",
        "- edge.public_url is missing",
        "- edge.signing_key is missing",
        "- origin.toml:4:1: colour is not a setting",
        "- data_dir file/data cannot be written to",
        "- blobs.bucket or blobs.folder is missing",
        "- database_url (postgres://127.0.0.1/none) cannot be reached",
        "- browser.executable browser.sh is a script",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    let rows = env.run(&["check", "--json"]);
    let rows: Value = serde_json::from_slice(&rows.stdout).expect("JSON");
    assert_eq!(
        rows["problems"].as_array().map(Vec::len),
        Some(said.lines().count())
    );
}

#[test]
fn check_connects_to_the_mail_server() {
    let env = TestEnv::new("[mail.smtp]\nhost = \"localhost\"\nsecurity = \"none\"\nport = 9\n");
    let out = env.run(&["check"]);
    let said = text(&out.stdout);
    let expected = "- mail.smtp cannot be used: connecting to the mail server failed: ";
    assert!(
        out.status.code() == Some(1) && said.contains(expected),
        "{said}"
    );
}

#[test]
fn it_says_why_it_does_not_serve() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    let env = TestEnv::new(&format!("[api]\nlisten = \"{address}\"\n"));
    let said = env.refusal(&["serve"]);
    assert!(
        said.contains(&format!("Cannot listen on {address}")) && said.contains("api.listen"),
        "{said}"
    );
    env.configure("");
    let said = env.refusal(&[]);
    assert!(
        said.contains("edge.public_url is missing") && said.contains("origin new-keys"),
        "{said}"
    );
    let said = env.refusal(&["--config", "nowhere.toml", "migrate"]);
    assert!(said.contains("nowhere.toml cannot be read"), "{said}");
}

#[test]
fn fresh_keys_are_good_keys() {
    let env = TestEnv::new("");
    let keys = env.json(&["new-keys"]);
    let [token, vault] = [&keys["tokenKeys"][0], &keys["vaultKeys"][0]];
    env.configure(&format!(
        "token_keys = [{token}]\nvault_keys = [{vault}]\n[edge]\npublic_url = \"http://localhost:8787\"\nsigning_key = {}\n",
        keys["signingKey"]
    ));
    assert_eq!(env.json(&["check"])["ok"], json!(true));
    assert_ne!(env.json(&["new-keys"]), keys);
}

#[test]
fn it_stops_cleanly_when_asked() {
    use std::io::{BufRead as _, BufReader};
    for signal in [Signal::TERM, Signal::INT] {
        let env = TestEnv::new("[api]\nlisten = \"127.0.0.1:0\"\n[browser]\nwarm = 0\n");
        let mut serving = env
            .command(&["serve"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(serving.stderr.take().expect("its log")).lines();
        let ready = log.find(|line| line.as_ref().is_ok_and(|line| line.contains("ready")));
        assert!(ready.is_some(), "it ended before it was ready");
        let pid = Pid::from_child(&serving);
        kill_process(pid, signal).expect("it runs");
        let rest: Vec<String> = log.map_while(Result::ok).collect();
        let status = serving.wait().expect("it ends");
        assert!(status.success(), "{signal:?}: {status} {rest:?}");
        assert!(
            rest.iter().any(|line| line.contains("stopping")),
            "{rest:?}"
        );
    }
}

#[test]
fn operators_come_and_go_on_the_command_line() {
    let env = TestEnv::new("");
    let who = ["--email", "Ada@platform.example"];
    let add = [&["operator", "add"], &who[..], &["--name", "Ada"]].concat();
    let added = env.json(&add);
    let url = |made: &Value| made["invitationUrl"].as_str().expect("one").to_owned();
    assert!(url(&added).contains("/operator/sign-in/"), "{added}");
    assert!(env.refusal(&add).contains("already"));
    let invited = env.json(&[&["operator", "invite"], &who[..]].concat());
    assert_ne!(url(&invited), url(&added));
    let listed = env.json(&["operator", "list"]);
    assert_eq!(listed["operators"][0]["email"], "ada@platform.example");
    assert_eq!(listed["operators"][0]["canSignIn"], false);
    let remove = [&["operator", "remove"], &who[..]].concat();
    assert_eq!(env.json(&remove)["removed"], true);
    assert!(env.refusal(&remove).contains("There is no operator"));
    assert_eq!(env.json(&["operator", "list"]), json!({ "operators": [] }));
}
