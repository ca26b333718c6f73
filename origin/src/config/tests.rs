use std::path::Path;

use super::{BlobConfig, read, read_partial};

const GOOD: &str = r#"
    token_keys = ["1:000102030405060708090a0b0c0d0e0f"]
    vault_keys = ["1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"]
    [edge]
    public_url = "https://connect.example.com"
    signing_key = "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
"#;

fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    match read(text, environment) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn settings_that_are_not_set_have_defaults() {
    let config = read(GOOD, std::iter::empty()).expect("a good configuration");
    assert_eq!(config.database_url.as_str(), "sqlite:data/magic-links.db");
    assert_eq!(config.edge.listen.port(), 7401);
    assert_eq!(config.api.public_url.as_str(), "http://127.0.0.1:7402/");
    assert_eq!(
        config.edge.push_base().as_str(),
        "https://connect.example.com/"
    );
    assert!(config.key_ring().is_ok_and(|ring| ring.sealing_id() == 1));
}

#[test]
fn a_variable_replaces_the_file_and_a_list_may_be_one_text() {
    let environment = [
        ("MAGIC_LINKS__NODE", "7"),
        ("MAGIC_LINKS__API__HOST", "api.example.com"),
        ("MAGIC_LINKS__BROWSER__EGRESS_PORTS", "443, 7400"),
        (
            "MAGIC_LINKS__TOKEN_KEYS",
            "2:ff0102030405060708090a0b0c0d0e0f,1:000102030405060708090a0b0c0d0e0f",
        ),
        ("PATH", "/bin"),
    ];
    let owned = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = read(GOOD, owned).expect("a good configuration");
    assert_eq!(config.node, 7);
    assert_eq!(config.api.host.as_deref(), Some("api.example.com"));
    assert_eq!(config.browser.egress_ports, [443, 7400]);
    assert!(
        config
            .key_ring()
            .is_ok_and(|ring| ring.sealing_id() == 2 && ring.contains(1))
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = r#"
        token_keys = ["1:00", "x"]
        vault_keys = []
        node = 300
        colour = "blue"
        database_url = "mysql://x"
        [edge]
        public_url = "https://connect.example.com/path"
        signing_key = "secret-text"
        [api]
        listen = "everywhere"
    "#;
    let found = problems(text, &[("MAGIC_LINKS__API__PORT", "1")]);
    for expected in [
        "token_keys entry 1 ",
        "token_keys entry 2 ",
        "vault_keys is missing",
        "node is not right: expected a number from 0 to 255",
        "colour is not a setting",
        "database_url must start with",
        "edge.public_url is not right",
        "edge.signing_key is not right: expected 64 hex digits",
        "api.listen is not right: expected address:port",
        "api.port is not a setting (in the file, or as MAGIC_LINKS__API__PORT)",
    ] {
        assert_eq!(
            found
                .iter()
                .filter(|line| line.starts_with(expected))
                .count(),
            1,
            "{expected}: {found:#?}"
        );
    }
    assert_eq!(found.len(), 10, "{found:#?}");
    assert!(!found.concat().contains("secret-text"));
}

#[test]
fn an_empty_configuration_names_the_required_settings() {
    let found = problems("", &[]);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(
        found
            .iter()
            .all(|line| line.contains("is missing") && line.contains("MAGIC_LINKS__"))
    );
    assert_eq!(
        problems("= what", &[])
            .first()
            .map(|line| line.starts_with("The configuration file is not TOML")),
        Some(true)
    );
}

#[test]
fn debug_output_holds_no_secret() {
    let text = format!(
        "database_url = \"postgres://me:hunter2@db.example/app\"\nblobs.folder = \"/srv/blobs\"\n{GOOD}"
    );
    let config = read(&text, std::iter::empty()).expect("a good configuration");
    let printed = format!("{config:?}");
    assert!(printed.contains("postgres://db.example/app"), "{printed}");
    assert!(
        !printed.contains("hunter2") && !printed.contains("000102"),
        "{printed}"
    );
}

/// The example shows every default behind a `#`: uncommented, it must change nothing.
#[test]
fn the_example_shows_every_default() {
    let example = include_str!("../../../docs/origin.example.toml");
    let filled = example
        .replace("REPLACE32", "000102030405060708090a0b0c0d0e0f")
        .replace(
            "REPLACE64",
            "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f",
        );
    let is_setting =
        |line: &&str| line.starts_with('#') && !line.starts_with("# ") && line.len() > 1;
    // These have no default: their lines are examples.
    let free = [
        "#host = ",
        "#push_url = ",
        "#first_uid = ",
        "#uid_count = ",
        "#bucket = ",
        "#prefix = ",
        "#endpoint = ",
        "#access_key_id = ",
        "#secret_access_key = ",
        "#domain = ",
        "#listen = \"127.0.0.1:7403\"",
        "#secret = ",
        "#dns = ",
        "#numbers = ",
        "#auth_token = ",
        "#public_url = \"https://inbound",
        "#security = ",
        "#port = ",
        "#username = ",
        "#password = ",
        "#ca_file = ",
        "#time_limit = ",
        "#guide_url = ",
    ];
    let defaults: Vec<&str> = filled
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting)
                if is_setting(&line) && !free.iter().any(|free| line.starts_with(free)) =>
            {
                setting
            }
            _ => line,
        })
        .collect();
    let told = read(&defaults.join("\n"), std::iter::empty()).expect("defaults");
    let minimal = read(GOOD, std::iter::empty()).expect("a good configuration");
    assert_eq!(format!("{told:?}"), format!("{minimal:?}"));

    let all: Vec<&str> = filled
        .lines()
        .map(|line| {
            if is_setting(&line) {
                line.trim_start_matches('#')
            } else {
                line
            }
        })
        .collect();
    let full = read(&all.join("\n"), std::iter::empty()).expect("every setting");
    assert_eq!(full.browser.uid_range, Some((210_000, 256)));
    assert!(matches!(full.blobs, BlobConfig::S3(_)));
    assert!(full.inbound.sms.is_some() && full.inbound.dns.is_some());
    let smtp = full.mail.smtp.expect("a mail server");
    assert!(smtp.login.is_some() && smtp.ca_file.is_some());
    assert!(
        read(example, std::iter::empty()).is_err(),
        "as it is, it starts nothing"
    );
}

#[test]
fn a_public_url_that_is_too_long_for_links_is_refused() {
    let text = GOOD.replace(
        "connect.example.com",
        &format!("{}.example.com", "x".repeat(70)),
    );
    let found = problems(&text, &[]);
    assert_eq!(
        found,
        ["edge.public_url is too long for links: at most 80 characters"]
    );
}

#[test]
fn a_user_id_range_with_root_in_it_is_refused() {
    for (first, count) in [("0", "256"), ("210000", "0"), ("4294967295", "1")] {
        let environment = [
            ("MAGIC_LINKS__BROWSER__FIRST_UID", first),
            ("MAGIC_LINKS__BROWSER__UID_COUNT", count),
        ];
        assert_eq!(
            problems(GOOD, &environment),
            [
                "browser.first_uid and browser.uid_count must name at least one user id, and none that is 0 (root) or past the last"
            ],
            "{first} {count}"
        );
    }
    let environment = [
        ("MAGIC_LINKS__BROWSER__FIRST_UID", "1000"),
        ("MAGIC_LINKS__BROWSER__UID_COUNT", "1"),
        ("MAGIC_LINKS__BROWSER__MOST", "1"),
    ];
    assert!(problems(GOOD, &environment).is_empty());
}

/// What an operator reads about the file `origin.toml` with this text.
fn messages(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let (_, config) = read_partial(Some(Path::new("origin.toml")), text, environment);
    let problems = config.expect_err("a problem");
    problems.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn a_wrong_value_is_named_with_file_line_and_column() {
    let text = r#"data_dir = "data"
node = 300
token_keys = ["1:000102030405060708090a0b0c0d0e0f"]
vault_keys = [
    "1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f",
    "2:00",
]
[edge]
  listen = "7401"
public_url = "https://connect.example.com"
signing_key = "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
[browser]
egress_ports = [80, 443, 70000, 0, "http"]
first_uid = 0
uid_count = 5
"#;
    assert_eq!(
        messages(text, &[]),
        [
            "- origin.toml:14:13: browser.first_uid and browser.uid_count must name at least one user id, and none that is 0 (root) or past the last",
            "- origin.toml:13:26: browser.egress_ports entry 3 is not right: expected a port number from 1 to 65535",
            "- origin.toml:13:33: browser.egress_ports entry 4 is not right: expected a port number from 1 to 65535",
            "- origin.toml:13:36: browser.egress_ports entry 5 is not right: expected a port number from 1 to 65535",
            "- origin.toml:2:8: node is not right: expected a number from 0 to 255",
            "- origin.toml:9:12: edge.listen is not right: expected address:port",
            "- origin.toml:6:5: vault_keys entry 2 is not right: expected \"id:64 hex digits\" with an id of 0 to 255",
        ]
    );
}

#[test]
fn an_unknown_setting_is_named_where_its_name_is_written() {
    let text = format!("{GOOD}\n  \"püblic_url\" = 3\n[api]\nport = 1\n[api.deep]\nx = [1]\n");
    assert_eq!(
        messages(&text, &[("MAGIC_LINKS__EDGE__PORT", "1")]),
        [
            "- origin.toml:12:1: api.deep.x is not a setting (in the file, or as MAGIC_LINKS__API__DEEP__X)",
            "- origin.toml:10:1: api.port is not a setting (in the file, or as MAGIC_LINKS__API__PORT)",
            "- $MAGIC_LINKS__EDGE__PORT: edge.port is not a setting (in the file, or as MAGIC_LINKS__EDGE__PORT)",
            "- origin.toml:8:3: edge.püblic_url is not a setting (in the file, or as MAGIC_LINKS__EDGE__PüBLIC_URL)",
        ]
    );
}

#[test]
fn a_line_that_is_not_toml_is_named_once_and_its_text_is_not_shown() {
    let text = format!("{GOOD}\n[api]\nlisten = hunter2 here\nhost == x\n");
    let found = messages(&text, &[]);
    for line in ["- origin.toml:9:", "- origin.toml:10:"] {
        assert!(
            found.iter().any(|message| message.starts_with(line)),
            "{found:#?}"
        );
    }
    assert!(
        found
            .iter()
            .all(|message| message.contains("The configuration file is not TOML: ")),
        "{found:#?}"
    );
    assert!(!found.concat().contains("hunter2"), "{found:#?}");
}

#[test]
fn a_wrong_variable_is_named() {
    assert_eq!(
        messages(GOOD, &[("MAGIC_LINKS__BROWSER__EGRESS_PORTS", "443, 0")]),
        [
            "- $MAGIC_LINKS__BROWSER__EGRESS_PORTS: browser.egress_ports entry 2 is not right: expected a port number from 1 to 65535"
        ]
    );
}

#[test]
fn blobs_are_in_a_folder_unless_a_bucket_is_set() {
    let folder = |text: &str| match read(text, std::iter::empty()).expect("good").blobs {
        BlobConfig::Folder(folder) => folder,
        BlobConfig::S3(config) => panic!("no bucket was set: {config:?}"),
    };
    assert_eq!(folder(GOOD), Path::new("data/blobs"));
    let moved = format!("data_dir = \"/srv/x\"\n{GOOD}");
    assert_eq!(folder(&moved), Path::new("/srv/x/blobs"));
    let own = format!("{GOOD}\n[blobs]\nfolder = \"/mnt/blobs\"\n");
    assert_eq!(folder(&own), Path::new("/mnt/blobs"));

    let bucket =
        format!("{GOOD}\n[blobs]\nbucket = \"bills\"\nendpoint = \"https://s3.example.com\"\n");
    let keys = [
        ("MAGIC_LINKS__BLOBS__ACCESS_KEY_ID", "key-id-7"),
        ("MAGIC_LINKS__BLOBS__SECRET_ACCESS_KEY", "hunter2"),
    ];
    let set = keys
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = read(&bucket, set).expect("a good configuration");
    let printed = format!("{config:?}");
    assert!(
        printed.contains("bills") && printed.contains("s3.example.com"),
        "{printed}"
    );
    assert!(
        !printed.contains("hunter2") && !printed.contains("key-id-7"),
        "{printed}"
    );
    let problems = problems(&bucket, &[]);
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("blobs.access_key_id is missing"))
            && problems
                .iter()
                .any(|problem| problem.contains("blobs.secret_access_key is missing")),
        "{problems:#?}"
    );
}

#[test]
fn nodes_that_share_a_database_must_say_where_bill_files_are() {
    let text = format!("database_url = \"postgres://db.example/app\"\n{GOOD}");
    assert_eq!(
        problems(&text, &[]),
        [
            "blobs.bucket or blobs.folder is missing: all nodes that share a PostgreSQL database keep bill files in one place"
        ]
    );
}

#[test]
fn the_door_for_codes_says_what_is_missing_and_prints_no_token() {
    let sms = "[inbound.sms]\nnumbers = [\"+15005550006\"]\nauth_token = \"hunter2\"\n\
        public_url = \"https://inbound.example.com/inbound/sms\"\n";
    let good = format!(
        "{GOOD}\n[inbound]\ndomain = \"Codes.example.com\"\nlisten = \"127.0.0.1:7403\"\n{sms}"
    );
    let config = read(&good, std::iter::empty()).expect("a good configuration");
    assert_eq!(config.inbound.domain.as_deref(), Some("codes.example.com"));
    let printed = format!("{config:?}");
    assert!(
        printed.contains("+15005550006") && !printed.contains("hunter2"),
        "{printed}"
    );
    for (wrong, about) in [
        (
            "[inbound]\ndomain = \"not a domain\"\n",
            "inbound.domain is not right",
        ),
        (
            "[inbound]\nlisten = \"127.0.0.1:7403\"\n",
            "inbound.secret is missing",
        ),
        (sms, "inbound.listen is missing"),
        (
            "[inbound.sms]\nnumbers = [\"555\"]\n",
            "inbound.sms.numbers is not right",
        ),
        (
            "[inbound.sms]\nauth_token = \"x\"\n",
            "inbound.sms.numbers is missing",
        ),
        (
            "[inbound.sms]\nauth_token = \"\"\n",
            "inbound.sms.auth_token is not right",
        ),
        (
            "[inbound.sms]\nauth_token = \" \"\n",
            "inbound.sms.auth_token is not right",
        ),
        (
            "[inbound.sms]\npublic_url = \"ftp://inbound.example.com/inbound/sms\"\n",
            "inbound.sms.public_url is not right",
        ),
        (
            "[inbound.sms]\npublic_url = \"https://inbound.example.com\"\n",
            "inbound.sms.public_url is not right",
        ),
    ] {
        let found = problems(&format!("{GOOD}\n{wrong}"), &[]);
        assert!(
            found.iter().any(|one| one.contains(about)),
            "{about}: {found:#?}"
        );
    }
}

#[test]
fn what_cannot_work_together_is_refused() {
    for (wrong, about) in [
        ("[browser]\nmost = 0\n", "browser.most must be at least 1"),
        (
            "[api]\nproxies = [\"10.0.0.0/8\", \"10.0.0.1/8\"]\n",
            "api.proxies entry 2 must be an IP address, or a range such as 203.0.113.0/24",
        ),
        (
            "[browser]\negress_ports = []\n",
            "browser.egress_ports must name at least one port",
        ),
        (
            "[browser]\nfirst_uid = 210000\nuid_count = 3\nmost = 4\n",
            "browser.uid_count is too small",
        ),
        (
            "[api]\nlisten = \"127.0.0.1:7401\"\n",
            "api.listen is the address of edge.listen already",
        ),
    ] {
        let found = problems(&format!("{GOOD}\n{wrong}"), &[]);
        assert!(
            found.iter().any(|one| one.contains(about)),
            "{about}: {found:#?}"
        );
    }
}
