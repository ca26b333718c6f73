//! Finds the tests that a name stands for.

use std::{path::Path, process::Command};

use super::build::Binary;
use crate::{
    Outcome,
    paths::Paths,
    setup::Requirement,
    workspace::{self, Package},
};

/// A part of the tests.
pub enum Part {
    /// All tests.
    All,
    /// The tests of one crate of the workspace.
    Package(Package),
    /// The tests of one module of the origin.
    Room(String),
    /// Those of the built edge in workerd.
    Workerd,
    /// The tests of the JavaScript.
    JavaScript,
    /// The fixed vectors of `shared`, compiled to wasm.
    Wasm,
    /// The test program of this name, and Rust tests with this in theirs.
    Filter(String),
}

impl Part {
    /// Finds the part that `name` stands for in this checkout.
    pub fn named(paths: &Paths, name: Option<&str>) -> Outcome<Self> {
        let Some(name) = name else {
            return Ok(Self::All);
        };
        Ok(match name {
            "workerd" => Self::Workerd,
            "js" => Self::JavaScript,
            "wasm" => Self::Wasm,
            _ => Self::among(&workspace::packages(paths)?, &paths.root, name),
        })
    }

    /// A crate, a room of the origin, or part of a test's name.
    fn among(packages: &[Package], root: &Path, name: &str) -> Self {
        let package_name = match name {
            "e2e" => "tests",
            // The room of the origin that this crate was once.
            "read_bill" => "bill-reader",
            name => name,
        };
        let package = packages
            .iter()
            .find(|package| package.name.replace('-', "_") == package_name.replace('-', "_"));
        if let Some(package) = package {
            return Self::Package(package.clone());
        }
        let in_origin = root.join("origin/src").join(name);
        if in_origin.is_dir() || in_origin.with_extension("rs").is_file() {
            return Self::Room(format!("{name}::"));
        }
        Self::Filter(name.into())
    }

    /// What must be installed before the part can run.
    pub fn needs(&self) -> Vec<Requirement> {
        let edge = [Requirement::Edge, Requirement::Node];
        match self {
            Self::JavaScript => vec![Requirement::Node],
            Self::Workerd => edge.to_vec(),
            Self::Wasm => vec![Requirement::WasmTests],
            Self::Package(package) => match package.folder.as_str() {
                "shared" => vec![Requirement::WasmTests],
                "edge" => edge.to_vec(),
                "tests" => Requirement::FOR_TESTS.to_vec(),
                "origin/bill-reader" | "origin/code-reader" => Vec::new(),
                "origin" => vec![
                    Requirement::Browser,
                    Requirement::Postgres,
                    Requirement::S3,
                    Requirement::Smtp,
                    Requirement::Oidc,
                    Requirement::Schemathesis,
                ],
                folder if folder.starts_with("origin") => {
                    vec![Requirement::Browser, Requirement::Postgres]
                }
                _ => Vec::new(),
            },
            Self::Room(room) if room == "blobs::" => vec![Requirement::Postgres, Requirement::S3],
            Self::Room(room) if room == "mail::" => {
                vec![Requirement::Postgres, Requirement::Smtp]
            }
            Self::Room(room) if room == "console::" => {
                vec![
                    Requirement::Browser,
                    Requirement::Postgres,
                    Requirement::Oidc,
                ]
            }
            Self::Room(_) => vec![Requirement::Browser, Requirement::Postgres],
            Self::All | Self::Filter(_) => Requirement::FOR_TESTS.to_vec(),
        }
    }

    /// Whether Rust tests of this machine belong to it.
    pub fn cargo(&self) -> bool {
        !matches!(self, Self::JavaScript | Self::Wasm)
    }

    /// Whether the vectors in wasm belong to it.
    pub fn wasm(&self) -> bool {
        matches!(self, Self::All | Self::Wasm) || self.is_package("shared")
    }

    /// Whether the JavaScript's own tests belong to it.
    pub fn javascript(&self) -> bool {
        matches!(self, Self::All | Self::JavaScript)
    }

    /// What a Rust test program is told to run: nothing means all that it has.
    pub fn filter(&self, binary: &Binary) -> Option<&str> {
        match self {
            _ if self.is_called(binary) => None,
            Self::Room(filter) | Self::Filter(filter) => Some(filter),
            _ => None,
        }
    }

    /// Whether a test program has tests of this part.
    pub fn wants(&self, binary: &Binary) -> Outcome<bool> {
        match self {
            Self::All => Ok(true),
            Self::Package(package) => {
                let of_its_room = binary.package == "origin" && binary.target == package.name;
                Ok(binary.package == package.name
                    || of_its_room
                    || package.name == "edge" && in_workerd(binary))
            }
            Self::Workerd => Ok(in_workerd(binary)),
            _ if self.is_called(binary) => Ok(true),
            Self::Room(filter) => Ok(binary.package == "origin" && has_tests(binary, filter)?),
            Self::Filter(name) => has_tests(binary, name),
            Self::JavaScript | Self::Wasm => Ok(false),
        }
    }

    /// Whether it is the name of the whole test program: a room's are in `origin/tests/` too.
    fn is_called(&self, binary: &Binary) -> bool {
        match self {
            Self::Room(filter) => {
                binary.package == "origin" && filter.strip_suffix("::") == Some(&binary.target)
            }
            Self::Filter(name) => *name == binary.target,
            _ => false,
        }
    }

    fn is_package(&self, name: &str) -> bool {
        matches!(self, Self::Package(package) if package.name == name)
    }
}

fn in_workerd(binary: &Binary) -> bool {
    binary.package == "tests" && binary.target == "edge"
}

fn has_tests(binary: &Binary, filter: &str) -> Outcome<bool> {
    let list = Command::new(&binary.executable)
        .args(["--list", "--format", "terse", filter])
        .current_dir(&binary.folder)
        .output()
        .map_err(|error| format!("{} does not start: {error}.", binary.executable.display()))?;
    Ok(String::from_utf8_lossy(&list.stdout)
        .lines()
        .any(|line| line.ends_with(": test")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str) -> Package {
        Package {
            name: name.into(),
            folder: folder.into(),
        }
    }

    #[test]
    fn a_name_is_a_crate_a_room_or_a_filter() {
        let paths = Paths::find().unwrap();
        let named = |name| Part::named(&paths, name).unwrap();
        assert!(matches!(named(None), Part::All));
        assert!(matches!(named(Some("shared")), Part::Package(it) if it.folder == "shared"));
        assert!(matches!(named(Some("e2e")), Part::Package(it) if it.name == "tests"));
        assert!(
            matches!(named(Some("utility")), Part::Package(it) if it.folder == "tests/utility")
        );
        assert!(matches!(named(Some("flow")), Part::Room(name) if name == "flow::"));
        assert!(matches!(named(Some("wrong_password")), Part::Filter(_)));
    }

    #[test]
    fn every_crate_of_the_workspace_is_a_part_with_the_origins_tests_of_its_name() {
        let paths = Paths::find().unwrap();
        let packages = [package("bill-reader", "origin/bill-reader")];
        for name in ["bill-reader", "bill_reader", "read_bill"] {
            let part = Part::among(&packages, &paths.root, name);
            assert!(matches!(&part, Part::Package(it) if it.name == "bill-reader"));
            assert_eq!(part.needs(), []);
        }
        let part = Part::Package(package("browser", "origin/browser"));
        assert_eq!(part.needs(), [Requirement::Browser, Requirement::Postgres]);
        let program = |package: &str, target: &str| Binary {
            package: package.into(),
            target: target.into(),
            kind: "test".into(),
            executable: "true".into(),
            folder: paths.root.clone(),
        };
        assert_eq!(part.wants(&program("browser", "browser")), Ok(true));
        assert_eq!(part.wants(&program("origin", "browser")), Ok(true));
        assert_eq!(part.wants(&program("origin", "flow")), Ok(false));
    }

    #[test]
    fn a_room_has_the_whole_test_program_of_its_name() {
        let paths = Paths::find().unwrap();
        let part = Part::Room("signin::".into());
        let program = |package: &str, target: &str| Binary {
            package: package.into(),
            target: target.into(),
            kind: "test".into(),
            // It says nothing about tests, so only its name can count.
            executable: "true".into(),
            folder: paths.root.clone(),
        };
        let own = program("origin", "signin");
        assert_eq!((part.wants(&own), part.filter(&own)), (Ok(true), None));
        let other = program("origin", "collection");
        assert_eq!(
            (part.wants(&other), part.filter(&other)),
            (Ok(false), Some("signin::"))
        );
        assert_eq!(part.wants(&program("tests", "signin")), Ok(false));
    }

    #[test]
    fn a_part_brings_no_more_than_it_needs() {
        assert_eq!(Part::JavaScript.needs(), [Requirement::Node]);
        assert_eq!(
            Part::Package(package("utility", "tests/utility")).needs(),
            []
        );
        assert!(Part::All.needs().contains(&Requirement::Postgres));
    }
}
