//! Files of a crate that use one another in a circle: none of them can be understood, moved or tested alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::Crate;

/// How many files may use one another in a circle.
const LARGEST_CIRCLE: usize = 3;

/// The circles of a crate that are too large, one sentence each.
pub fn check(inside: &Crate) -> Vec<String> {
    find(&inside.files())
        .into_iter()
        .filter(|circle| circle.len() > LARGEST_CIRCLE)
        .map(|circle| {
            format!(
                "{}:1: {} files use one another in a circle; {LARGEST_CIRCLE} are the limit: {}",
                circle.first().copied().unwrap_or_default(),
                circle.len(),
                circle.join(", ")
            )
        })
        .collect()
}

/// The groups of files that use one another in a circle, largest first. A file that is in none is left out.
fn find<'a>(files: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut search = Tarjan {
        files,
        index: BTreeMap::new(),
        low: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for file in files.keys() {
        if !search.index.contains_key(file) {
            search.visit(file);
        }
    }
    let mut found = search.found;
    found.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    found
}

/// Tarjan's algorithm for strongly connected components.
struct Tarjan<'a, 'b> {
    files: &'b BTreeMap<&'a str, BTreeSet<&'a str>>,
    index: BTreeMap<&'a str, usize>,
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: Vec<Vec<&'a str>>,
}

impl<'a> Tarjan<'a, '_> {
    fn visit(&mut self, file: &'a str) -> usize {
        let index = self.index.len();
        self.index.insert(file, index);
        self.low.insert(file, index);
        self.stack.push(file);
        let mut low = index;
        for used in self.files.get(file).into_iter().flatten() {
            if !self.index.contains_key(used) {
                low = low.min(self.visit(used));
            } else if self.stack.contains(used) {
                low = low.min(self.index.get(used).copied().unwrap_or(low));
            }
        }
        self.low.insert(file, low);
        if low == index {
            let from = self
                .stack
                .iter()
                .position(|other| *other == file)
                .unwrap_or_default();
            let mut component = self.stack.split_off(from);
            component.sort_unstable();
            if component.len() > 1 {
                self.found.push(component);
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Crate {
        let read = |name: &str| {
            let text = files.iter().find(|(file, _)| *file == name);
            text.map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| format!("{name} is missing"))
        };
        Crate::read_with("sample", "src/lib.rs", &read).unwrap()
    }

    #[test]
    fn a_circle_of_four_files_is_too_large_and_one_of_three_is_not() {
        let four = crate_of(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("src/a.rs", "use crate::b::B; pub struct A(B);"),
            ("src/b.rs", "pub struct B(crate::c::C);"),
            ("src/c.rs", "pub struct C; fn c() { debug!(super::d::D) }"),
            (
                "src/d.rs",
                "use crate::a; pub struct D; fn d() -> a::A { a::new() }",
            ),
        ]);
        let told = check(&four);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].ends_with("src/a.rs, src/b.rs, src/c.rs, src/d.rs"),
            "{told:?}"
        );

        let three = crate_of(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("src/a.rs", "use crate::b::B; pub struct A(B);"),
            ("src/b.rs", "pub struct B(crate::c::C);"),
            (
                "src/c.rs",
                "pub struct C; fn c() -> crate::a::A { todo!() }",
            ),
            (
                "src/d.rs",
                "use crate::a; pub struct D; fn d() -> a::A { a::new() }",
            ),
        ]);
        assert_eq!(check(&three), Vec::<String>::new());
        assert_eq!(find(&three.files()), [["src/a.rs", "src/b.rs", "src/c.rs"]]);
    }

    #[test]
    fn a_facade_that_re_exports_its_files_makes_no_circle() {
        let inside = crate_of(&[
            ("src/lib.rs", "mod room;"),
            (
                "src/room/mod.rs",
                "mod a; mod b; mod c; mod d; pub use a::A; pub use b::*; pub use c::C; pub use d::D;",
            ),
            ("src/room/a.rs", "use super::B; pub struct A(B);"),
            ("src/room/b.rs", "use super::C; pub struct B(C);"),
            ("src/room/c.rs", "use super::D; pub struct C(D);"),
            ("src/room/d.rs", "pub struct D;"),
        ]);
        assert_eq!(find(&inside.files()), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn uses_in_tests_do_not_count() {
        let inside = crate_of(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::B; pub struct A(B);"),
            (
                "src/b.rs",
                "pub struct B; #[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] mod more_tests;",
            ),
        ]);
        assert_eq!(find(&inside.files()), Vec::<Vec<&str>>::new());
    }
}
