//! The rules for single files. Each is a function from a file to sentences, and has a test that it can fail.

use std::path::Path;

use crate::{
    files,
    source::{Source, is_name},
};

/// Lines that a file may have.
const LONGEST_FILE: usize = 500;

/// What never belongs into a log line, as a name or as part of one.
const NEVER_LOGGED: [&str; 7] = [
    "token",
    "secret",
    "password",
    "cookie",
    "ticket",
    "credential",
    "code",
];
/// Names that only sound like it.
const HARMLESS: [&str; 3] = ["error_code", "status_code", "exit_code"];
/// What writes a log line: the origin's macros and the edge's own function.
const LOGGERS: [&str; 15] = [
    "trace!",
    "debug!",
    "info!",
    "warn!",
    "error!",
    "event!",
    "span!",
    "info_span!",
    "debug_span!",
    "instrument",
    "log::line",
    "console_debug!",
    "console_log!",
    "console_warn!",
    "console_error!",
];

type Rule = fn(&Source) -> Vec<String>;
const RULES: [Rule; 9] = [
    readable,
    sql,
    cdp,
    size,
    logs,
    no_allow,
    no_sleep_in_tests,
    no_hosts_or_machine_paths,
    product_knows_no_sample,
];

/// Every broken rule of the checkout, one sentence each.
pub fn check(checkout: &Path) -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    for file in files::of_project(checkout)? {
        let Ok(text) = std::fs::read_to_string(checkout.join(&file)) else {
            continue;
        };
        let source = Source::new(&file.display().to_string(), &text);
        broken.extend(RULES.iter().flat_map(|rule| rule(&source)));
    }
    Ok(broken)
}

fn at(source: &Source, offset: usize, sentence: &str) -> String {
    format!("{}:{}: {sentence}", source.path, source.line(offset))
}

fn is_rust(source: &Source) -> bool {
    source.path.ends_with(".rs")
}

/// The rules below see nothing in a file that `syn` cannot read.
fn readable(source: &Source) -> Vec<String> {
    if !is_rust(source) || source.is_read() {
        return Vec::new();
    }
    vec![format!("{}:1: syn cannot read this file", source.path)]
}

/// SQL is written in the store alone.
fn sql(source: &Source) -> Vec<String> {
    if in_one_of(source, &["origin/src/store", "origin/store/", "xtask/"]) {
        return Vec::new();
    }
    let strings = source.strings_in_code().filter(|(text, _)| {
        let text = text.trim_start();
        SQL_STARTS.iter().any(|start| text.starts_with(start))
    });
    let lines = source
        .uses_of_crate("sqlx")
        .chain(strings.map(|(_, line)| line));
    lines
        .map(|line| {
            format!(
                "{}:{line}: SQL belongs into the origin's store",
                source.path
            )
        })
        .collect()
}

/// How an SQL statement starts.
const SQL_STARTS: [&str; 7] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "ALTER TABLE ",
    "DROP TABLE ",
];

/// The browser's protocol is spoken in one room; the end-to-end tests drive a browser of their own.
fn cdp(source: &Source) -> Vec<String> {
    if in_one_of(source, &["origin/src/browser", "origin/browser/", "tests/"]) {
        return Vec::new();
    }
    ["chromiumoxide", "chromiumoxide_cdp", "chromiumoxide_types"]
        .iter()
        .flat_map(|name| source.uses_of_crate(name))
        .map(|line| {
            format!(
                "{}:{line}: CDP belongs into the origin's browser",
                source.path
            )
        })
        .collect()
}

fn in_one_of(source: &Source, folders: &[&str]) -> bool {
    folders.iter().any(|folder| source.path.starts_with(folder))
}

/// A file that needs scrolling for long holds more than one thing.
fn size(source: &Source) -> Vec<String> {
    let code = [".rs", ".js", ".mjs", ".css", ".html"]
        .iter()
        .any(|end| source.path.ends_with(end));
    let lines = source.text.lines().count();
    if !code || lines <= LONGEST_FILE {
        return Vec::new();
    }
    vec![format!(
        "{}: {lines} lines; {LONGEST_FILE} are the limit",
        source.path
    )]
}

/// Logs carry ids and flowRefs only.
fn logs(source: &Source) -> Vec<String> {
    if !is_rust(source) || source.path.starts_with("xtask/") {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for name in LOGGERS {
        for offset in source.words(name) {
            let Some((from, to)) = arguments(source, offset + name.len()) else {
                continue;
            };
            let code = source.code.get(from..to).unwrap_or_default();
            let strings = source.strings.get(from..to).unwrap_or_default();
            let captured = captures(strings);
            for word in code
                .split(|c| !is_name(c))
                .chain(captured.iter().map(String::as_str))
                .chain(keys(strings))
            {
                if is_never_logged(word) {
                    broken.push(at(
                        source,
                        offset,
                        &format!("`{word}` in a log: logs carry ids and flowRefs only"),
                    ));
                }
            }
        }
    }
    broken
}

/// Where the parenthesis opens and closes that follows `offset`.
fn arguments(source: &Source, offset: usize) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    for (index, c) in source.code.get(offset..)?.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some((offset, offset + index)),
            ')' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The names that a format string takes from around it.
fn captures(text: &str) -> Vec<String> {
    text.split('{')
        .skip(1)
        .map(|part| part.chars().take_while(|c| is_name(*c)).collect())
        .collect()
}

/// The strings that are a name and nothing else.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.split('"')
        .map(str::trim)
        .filter(|part| part.chars().all(is_name))
}

fn is_never_logged(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    !HARMLESS.contains(&word.as_str())
        && word.split('_').any(|part| {
            NEVER_LOGGED
                .iter()
                .any(|never| part == *never || part.strip_suffix('s') == Some(never))
        })
}

/// An exception says why.
fn no_allow(source: &Source) -> Vec<String> {
    if !is_rust(source) {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for opening in ["#[allow(", "#![allow("] {
        broken.extend(source.code.match_indices(opening).map(|(offset, _)| {
            at(
                source,
                offset,
                "write #[expect(…, reason = \"…\")] instead of allow",
            )
        }));
    }
    broken
}

/// A test waits for a condition with a deadline. It may pause between two looks, and a stand-in may be slow by a `delay`.
fn no_sleep_in_tests(source: &Source) -> Vec<String> {
    let javascript = source.path.ends_with(".mjs") || source.path.ends_with(".js");
    if !is_rust(source) && !javascript {
        return Vec::new();
    }
    let from = source.tests_from();
    ["sleep(", "waitForTimeout("]
        .iter()
        .flat_map(|name| source.words(name))
        .filter(|offset| {
            *offset >= from && !looks_again(source, *offset) && !is_delay(source, *offset)
        })
        .map(|offset| {
            at(
                source,
                offset,
                "no sleep in a test: wait for a condition with a deadline",
            )
        })
        .collect()
}

/// Whether what stands at `offset` is in a loop of a function that has a deadline.
fn looks_again(source: &Source, offset: usize) -> bool {
    let (Some(before), Some(after)) = (source.code.get(..offset), source.code.get(offset..)) else {
        return false;
    };
    let before = before.rsplit_once("fn ").map_or("", |(_, body)| body);
    let after = after.split("fn ").next().unwrap_or_default();
    // The tests' own `until` looks again with a deadline of its own.
    if before.contains("until(") {
        return true;
    }
    let in_loop = before.contains("loop {") || before.contains("while ");
    in_loop
        && ["timeout(", "Instant::now()"]
            .iter()
            .any(|deadline| before.contains(deadline) || after.contains(deadline))
}

fn is_delay(source: &Source, offset: usize) -> bool {
    let call = source
        .code
        .get(offset..)
        .and_then(|rest| rest.split(')').next())
        .unwrap_or_default();
    call.ends_with("delay")
}

/// Nothing in the project depends on one machine or one mirror.
fn no_hosts_or_machine_paths(source: &Source) -> Vec<String> {
    if source.path == "Cargo.lock" {
        return Vec::new();
    }
    // Written in halves, or this file would break the rule itself.
    let halves = [
        ("/wo", "rk/"),
        ("/tmp/", "wt"),
        ("/tmp/", "target"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("registry.", "npmjs"),
        ("index.", "crates.io"),
        ("static.", "crates.io"),
        ("deb.", "debian.org"),
        ("\"resol", "ved\":"),
    ];
    let mut broken = Vec::new();
    for (first, second) in halves {
        let word = format!("{first}{second}");
        for (offset, _) in source.text.match_indices(&word) {
            let before = source
                .text
                .get(..offset)
                .and_then(|head| head.chars().next_back());
            if word.starts_with('/')
                && before.is_some_and(|c| is_name(c) || matches!(c, '.' | '*' | '}' | ')' | '-'))
            {
                continue;
            }
            broken.push(at(
                source,
                offset,
                &format!("`{word}` belongs to one machine or registry"),
            ));
        }
    }
    broken
}

/// The product recognises websites in general: it must not know the one that its tests sign in to.
fn product_knows_no_sample(source: &Source) -> Vec<String> {
    if !["edge/", "origin/", "shared/"]
        .iter()
        .any(|crate_folder| source.path.starts_with(crate_folder))
    {
        return Vec::new();
    }
    let mut broken = Vec::new();
    for word in SAMPLE_NAMES {
        broken.extend(source.text.match_indices(word).map(|(offset, _)| {
            at(
                source,
                offset,
                &format!("`{word}` is of the sample utility, which the product must not know"),
            )
        }));
    }
    broken
}

/// What only the sample utility is called.
const SAMPLE_NAMES: [&str; 3] = ["Riverbend", "riverbend", "rb_session"];

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
