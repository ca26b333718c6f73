use super::*;

fn crates() -> BTreeSet<String> {
    ["origin", "shared", "browser", "bill_reader"]
        .map(str::to_owned)
        .into()
}

/// The broken arrows of an origin with these rooms and this text in one of their files.
fn broken(file: &str, text: &str) -> Vec<String> {
    let rooms = [
        "store", "clock", "browser", "signin", "flow", "api", "config",
    ];
    let read = |name: &str| {
        if name == file {
            return Ok(text.to_owned());
        }
        if name == "src/lib.rs" {
            return Ok(rooms.map(|room| format!("mod {room};")).concat());
        }
        let room = name.trim_start_matches("src/").trim_end_matches(".rs");
        if rooms.contains(&room) {
            let item = format!("pub struct In{room}; pub fn make() {{}}");
            return Ok(match room {
                "signin" => format!("{item} pub use crate::browser::Inbrowser;"),
                _ => item,
            });
        }
        Err(format!("{name} is missing"))
    };
    let inside = Crate::read_with("origin", "src/lib.rs", &read).unwrap();
    between_rooms(&inside, ORIGIN_ROOMS, &crates())
}

#[test]
fn an_arrow_upwards_is_refused_however_it_is_written() {
    for (file, text) in [
        ("src/browser.rs", "use crate::signin::Insignin;"),
        (
            "src/browser.rs",
            "use crate::{clock::Inclock, flow::Inflow};",
        ),
        ("src/browser.rs", "use super::signin;"),
        (
            "src/browser.rs",
            "mod inner { use super::super::{signin::{self, make}}; }",
        ),
        ("src/store.rs", "fn f() { crate::clock::make() }"),
        (
            "src/store.rs",
            "fn f() { println!(\"{}\", crate::clock::make()) }",
        ),
        ("src/store.rs", "pub use crate::flow::Inflow;"),
        ("src/store.rs", "use origin::flow::Inflow;"),
        ("src/api.rs", "use crate::browser::Inbrowser;"),
        // The same room as a crate of its own.
        ("src/api.rs", "use browser::Page;"),
    ] {
        let told = broken(file, text);
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        assert!(told[0].starts_with(&format!("{file}:1: ")), "{told:?}");
    }
}

#[test]
fn an_arrow_downwards_is_fine() {
    for (file, text) in [
        (
            "src/flow.rs",
            "use crate::{browser::{self, Inbrowser}, signin::Insignin}; use super::store;",
        ),
        (
            "src/signin.rs",
            "use crate::clock::Inclock; pub struct Insignin;",
        ),
        (
            "src/store.rs",
            "// use crate::flow\nuse crate::store::links; use tokio::sync;",
        ),
        (
            "src/store.rs",
            "#[cfg(test)] mod tests { use crate::clock::make; }",
        ),
        // What a room below re-exports from further down.
        ("src/flow.rs", "use crate::signin::Inbrowser;"),
    ] {
        assert_eq!(broken(file, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_re_export_does_not_hide_an_arrow_upwards() {
    let read = |name: &str| match name {
        "src/lib.rs" => Ok("mod store; mod clock; mod flow;".to_owned()),
        "src/clock.rs" => Ok("pub use crate::flow::Inflow;".to_owned()),
        "src/flow.rs" => Ok("pub struct Inflow;".to_owned()),
        "src/store.rs" => Ok("use crate::clock::Inflow;".to_owned()),
        _ => Err(format!("{name} is missing")),
    };
    let inside = Crate::read_with("origin", "src/lib.rs", &read).unwrap();
    let told = between_rooms(
        &inside,
        &[
            ("store", &["clock"]),
            ("clock", &[]),
            ("flow", &[]),
            ("lib", ANYTHING),
        ],
        &crates(),
    );
    assert_eq!(
        told,
        [
            "src/clock.rs:1: `clock` must not use `flow`: arrows point one way",
            "src/store.rs:1: `store` must not use `flow`: arrows point one way",
        ]
    );
}

#[test]
fn a_room_that_the_table_does_not_know_is_refused() {
    let told = broken("src/api.rs", "");
    assert_eq!(told, Vec::<String>::new());
    let read = |name: &str| match name {
        "src/lib.rs" => Ok("mod cellar;".to_owned()),
        "src/cellar.rs" => Ok(String::new()),
        _ => Err(format!("{name} is missing")),
    };
    let inside = Crate::read_with("origin", "src/lib.rs", &read).unwrap();
    let told = between_rooms(&inside, ORIGIN_ROOMS, &crates());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("`cellar` is not in the table"), "{told:?}");
}

fn package(name: &str, folder: &str, dependencies: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        folder: folder.to_owned(),
        dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
        roots: Vec::new(),
    }
}

#[test]
fn a_crate_that_depends_on_one_above_it_is_refused() {
    let told = between_crates(&[
        package("shared", "shared", &["serde"]),
        package("messages", "shared/messages", &["shared", "origin"]),
        package("edge", "edge", &["shared", "messages", "browser"]),
        package(
            "origin",
            "origin",
            &["shared", "browser", "bill-reader", "tidy"],
        ),
        package(
            "browser",
            "origin/browser",
            &["shared", "chromiumoxide_cdp"],
        ),
        package("bill-reader", "origin/bill-reader", &["time"]),
        package("xtask", "xtask", &["shared"]),
        package("tidy", "xtask/tidy", &["shared"]),
        package("bench", "xtask/bench", &["xtask", "shared", "browser"]),
    ]);
    let expected = [
        "shared/messages/Cargo.toml: `messages` must not depend on `origin`: arrows point one way",
        "edge/Cargo.toml: `edge` must not depend on `browser`: arrows point one way",
        "origin/Cargo.toml: `origin` must not depend on `tidy`: arrows point one way",
        "origin/browser/Cargo.toml: `browser` must not depend on `shared`: arrows point one way",
        "xtask/Cargo.toml: `xtask` must not depend on `shared`: arrows point one way",
        "xtask/tidy/Cargo.toml: `tidy` must not depend on `shared`: arrows point one way",
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_drivers_of_browser_and_database_stay_in_their_crates() {
    let told = between_crates(&[
        package(
            "origin",
            "origin",
            &["browser", "sqlx", "chromiumoxide_cdp"],
        ),
        package("browser", "origin/browser", &["chromiumoxide_cdp", "sqlx"]),
        package("tests", "tests", &["chromiumoxide_cdp"]),
    ]);
    let expected = [
        "origin/Cargo.toml: `origin` must not depend on `chromiumoxide_cdp`: arrows point one way",
        "origin/browser/Cargo.toml: `browser` must not depend on `sqlx`: arrows point one way",
    ];
    assert_eq!(told, expected);
    let before = between_crates(&[package("origin", "origin", &["sqlx", "chromiumoxide_cdp"])]);
    assert_eq!(before, Vec::<String>::new());
}
