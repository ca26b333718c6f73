use super::read;

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
fn defaults_fill_the_rest() {
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
fn the_environment_wins_and_lists_may_be_one_text() {
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
fn everything_wrong_is_said_at_once() {
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
fn an_empty_configuration_names_what_must_be_set() {
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
fn secrets_are_not_printed() {
    let text = format!("database_url = \"postgres://me:hunter2@db.example/app\"\n{GOOD}");
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
fn the_example_tells_the_truth() {
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
    let free = ["#host = ", "#push_url = ", "#first_uid = ", "#uid_count = "];
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
    assert!(
        read(example, std::iter::empty()).is_err(),
        "as it is, it starts nothing"
    );
}

#[test]
fn links_must_not_begin_too_long() {
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
fn browsers_never_get_roots_user_id() {
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
    ];
    assert!(problems(GOOD, &environment).is_empty());
}
