use super::*;

fn crate_of(files: &[(&str, &str)]) -> Crate {
    let read = |name: &str| {
        let text = files.iter().find(|(file, _)| *file == name);
        text.map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| format!("{name} is missing"))
    };
    Crate::read_with("sample", "src/lib.rs", &read).unwrap()
}

/// The files that the file uses.
fn used_by<'a>(inside: &'a Crate, file: &str) -> Vec<&'a str> {
    let files = inside.files();
    files.get(file).into_iter().flatten().copied().collect()
}

#[test]
fn every_way_to_name_a_module_is_followed() {
    for text in [
        "use crate::b::B;",
        "use crate::{b::{self, B}, c::C as _};",
        "use super::b;",
        "fn f() -> crate::b::B { todo() }",
        "fn f() { use super::b::B; }",
        "fn f() { let made = super::b::new(); }",
        "fn f() { assert!(matches!(x, Some(crate::b::B { .. }))) }",
        "impl crate::b::Trait for () {}",
        "type T = Vec<Option<crate::b::B>>;",
        "mod inner { use super::super::b::B; }",
        "use sample::b::B;",
        "use super::*; fn f(b: B) {}",
    ] {
        let inside = crate_of(&[
            ("src/lib.rs", "mod a; mod b; mod c; use b::B;"),
            ("src/a.rs", text),
            (
                "src/b.rs",
                "pub struct B; pub trait Trait {} pub fn new() -> B { B }",
            ),
            ("src/c.rs", "pub struct C;"),
        ]);
        let used = used_by(&inside, "src/a.rs");
        assert!(used.contains(&"src/b.rs"), "{text}: {used:?}");
    }
}

#[test]
fn what_only_looks_like_a_use_is_none() {
    for text in [
        "// use crate::b::B;\npub(super) fn f() {}",
        "fn f() { let b = 1; g(b) }",
        "fn f() { say(\"crate::b::B\") }",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[test] fn f() { crate::b::new() }",
        "use other::b::B;",
        "pub use crate::b::B;",
    ] {
        let inside = crate_of(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", text),
            ("src/b.rs", "pub struct B;"),
        ]);
        assert_eq!(used_by(&inside, "src/a.rs"), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_re_export_leads_to_where_the_name_is_defined() {
    let inside = crate_of(&[
        ("src/lib.rs", "mod a; mod room;"),
        ("src/a.rs", "use crate::room::{Deep, shallow::Other};"),
        (
            "src/room/mod.rs",
            "mod deep; pub mod shallow; pub use deep::*; pub use self::shallow::Other as More;",
        ),
        ("src/room/deep.rs", "pub struct Deep;"),
        ("src/room/shallow.rs", "pub struct Other;"),
    ]);
    assert_eq!(
        used_by(&inside, "src/a.rs"),
        ["src/room/deep.rs", "src/room/shallow.rs"]
    );
    assert_eq!(used_by(&inside, "src/room/mod.rs"), Vec::<&str>::new());
}

#[test]
fn re_exports_in_a_circle_end() {
    let inside = crate_of(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "pub use crate::b::X; pub use crate::b::*;"),
        (
            "src/b.rs",
            "pub use crate::a::X; pub use crate::a::*; fn f() -> X { X }",
        ),
    ]);
    assert_eq!(used_by(&inside, "src/b.rs"), Vec::<&str>::new());
}
