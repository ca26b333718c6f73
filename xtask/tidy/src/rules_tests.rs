//! Every rule can fail, and does not where it should not.

use super::*;

fn broken(rule: Rule, path: &str, text: &str) -> usize {
    rule(&Source::new(path, text)).len()
}

#[test]
fn only_the_store_speaks_sql() {
    assert_eq!(
        broken(
            sql,
            "origin/src/api/links.rs",
            "fn g() { f(\"SELECT id FROM links\") }"
        ),
        1
    );
    assert_eq!(broken(sql, "origin/src/flow/mod.rs", "use sqlx::Any;"), 1);
    assert_eq!(
        broken(
            sql,
            "origin/src/flow/mod.rs",
            "fn g() { say(\"please UPDATE your link\") }"
        ),
        0
    );
    assert_eq!(
        broken(
            sql,
            "origin/src/store/links.rs",
            "fn g() { f(\"SELECT id FROM links\") }"
        ),
        0
    );
}

#[test]
fn sql_is_found_in_macros_and_in_tests_too() {
    for text in [
        "fn g() { let text = format!(\"SELECT {} FROM links\", 1); }",
        "#[cfg(test)] mod tests { fn g() { f(r#\"DELETE FROM links\"#) } }",
        "#[cfg(test)] mod tests { use sqlx::Any; }",
        "fn g() { sqlx::query(TEXT) }",
        "fn g() -> Result<(), sqlx::Error> { todo() }",
    ] {
        assert_eq!(broken(sql, "origin/src/flow/mod.rs", text), 1, "{text}");
    }
}

#[test]
fn a_file_that_syn_cannot_read_is_refused() {
    assert_eq!(broken(readable, "edge/src/a.rs", "fn a( {}"), 1);
    assert_eq!(broken(readable, "edge/src/a.rs", "fn a() {}"), 0);
    assert_eq!(broken(readable, "edge/assets/a.js", "fn a( {}"), 0);
}

#[test]
fn only_the_browser_speaks_cdp() {
    assert_eq!(
        broken(
            cdp,
            "origin/src/signin/watch.rs",
            "use chromiumoxide_cdp::cdp;"
        ),
        1
    );
    assert_eq!(
        broken(
            cdp,
            "origin/src/browser/page.rs",
            "use chromiumoxide_cdp::cdp;"
        ),
        0
    );
    assert_eq!(
        broken(cdp, "tests/src/client.rs", "use chromiumoxide::Browser;"),
        0
    );
}

#[test]
fn files_stay_small() {
    assert_eq!(broken(size, "edge/assets/live.js", &"a\n".repeat(501)), 1);
    assert_eq!(broken(size, "edge/assets/live.js", &"a\n".repeat(500)), 0);
    assert_eq!(broken(size, "Cargo.lock", &"a\n".repeat(9000)), 0);
}

#[test]
fn logs_carry_no_secrets() {
    assert_eq!(
        broken(
            logs,
            "origin/src/a.rs",
            "tracing::info!(token = %link.token, \"opened\");"
        ),
        2
    );
    assert_eq!(
        broken(logs, "origin/src/a.rs", "warn!(\"wrong {password}\");"),
        1
    );
    assert_eq!(
        broken(
            logs,
            "origin/src/a.rs",
            "debug!(flow = %flow_ref, sent = flow_secrets.len(), \"x\");"
        ),
        1
    );
    assert_eq!(
        broken(
            logs,
            "origin/src/a.rs",
            "#[tracing::instrument(fields(code))]"
        ),
        1
    );
    assert_eq!(
        broken(
            logs,
            "origin/src/a.rs",
            "info!(status_code = 3, \"the token was refused (password)\"); let code = secret();"
        ),
        0
    );
    assert_eq!(broken(logs, "origin/src/a.rs", "Err(error(code))"), 0);
    // The edge's own function takes names as strings.
    assert_eq!(
        broken(
            logs,
            "edge/src/a.rs",
            "log::line(\"link.refused\", &[(\"token\", link.token)]);"
        ),
        2
    );
    assert_eq!(
        broken(
            logs,
            "edge/src/a.rs",
            "log::line(\"code.asked\", &[(\"flow_secret\", &flow.path)]);"
        ),
        1
    );
    assert_eq!(
        broken(
            logs,
            "edge/src/a.rs",
            "log::line(\"token.refused\", &[(\"why\", \"no token\"), (\"link\", &id)]);"
        ),
        0
    );
    assert_eq!(
        broken(logs, "edge/src/a.rs", "console_log!(\"{}\", at.token);"),
        1
    );
}

#[test]
fn exceptions_say_why() {
    assert_eq!(
        broken(no_allow, "edge/src/a.rs", "#[allow(dead_code)]\nfn a() {}"),
        1
    );
    assert_eq!(
        broken(
            no_allow,
            "edge/src/a.rs",
            "#[expect(dead_code, reason = \"#[allow(x)] is not written\")]\nfn a() {}"
        ),
        0
    );
}

#[test]
fn tests_do_not_sleep() {
    let file = "tests/tests/story.rs";
    assert_eq!(
        broken(no_sleep_in_tests, file, "tokio::time::sleep(a).await"),
        1
    );
    assert_eq!(
        broken(
            no_sleep_in_tests,
            "origin/src/a.rs",
            "#[cfg(test)]\nmod tests { fn a() { sleep(b) } }"
        ),
        1
    );
    assert_eq!(
        broken(
            no_sleep_in_tests,
            "origin/src/a.rs",
            "fn retry() { sleep(b) }\n#[cfg(test)]\nmod tests {}"
        ),
        0
    );
    // Looking again needs a deadline, in the same function.
    assert_eq!(
        broken(no_sleep_in_tests, file, "fn a() { while b() { sleep(c) } }"),
        1
    );
    assert_eq!(
        broken(
            no_sleep_in_tests,
            file,
            "fn a() { while b() { sleep(c) } timeout(d) }"
        ),
        0
    );
    assert_eq!(
        broken(
            no_sleep_in_tests,
            file,
            "fn a() { loop { timeout(d) } } fn e() { sleep(c) }"
        ),
        1
    );
    assert_eq!(
        broken(
            no_sleep_in_tests,
            file,
            "fn a() { until(x, || { sleep(c) }) }"
        ),
        0
    );
    assert_eq!(
        broken(no_sleep_in_tests, file, "fn site() { sleep(answer.delay) }"),
        0
    );
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    let here = ["/wo", "rk/main"].concat();
    assert_eq!(
        broken(
            no_hosts_or_machine_paths,
            "docs/a.md",
            &format!("see {here}")
        ),
        1
    );
    let lock = ["\"resol", "ved\": \"x\""].concat();
    assert_eq!(
        broken(no_hosts_or_machine_paths, "package-lock.json", &lock),
        1
    );
    assert_eq!(
        broken(
            no_hosts_or_machine_paths,
            "docs/a.md",
            "a frame/work/of and https://bills.example/home"
        ),
        0
    );
}

#[test]
fn the_product_does_not_know_the_sample() {
    assert_eq!(
        broken(
            product_knows_no_sample,
            "origin/src/a.rs",
            "// as Riverbend does"
        ),
        1
    );
    assert_eq!(
        broken(
            product_knows_no_sample,
            "xtask/src/a.rs",
            "// as Riverbend does"
        ),
        0
    );
}

#[test]
fn the_checkout_breaks_no_rule() {
    assert_eq!(crate::check(&crate::checkout()), Ok(Vec::new()));
}
