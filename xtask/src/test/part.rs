//! Which tests a name means.

use std::process::Command;

use super::build::Binary;
use crate::{Outcome, place::Place, setup::Need};

/// The tests to run.
pub enum Part {
    /// All of them.
    All,
    /// Those of one crate.
    Package(String),
    /// Those of one module of the origin.
    Room(String),
    /// Those of the built edge in workerd.
    Workerd,
    /// The JavaScript's own.
    JavaScript,
    /// The vectors in wasm.
    Wasm,
    /// The test program of this name, and Rust tests with this in theirs.
    Filter(String),
}

impl Part {
    /// What `name` means in this checkout.
    pub fn named(place: &Place, name: Option<&str>) -> Self {
        let Some(name) = name else { return Self::All };
        let in_origin = place.root.join("origin/src").join(name);
        match name {
            "shared" | "edge" | "origin" | "utility" | "xtask" | "tests" => {
                Self::Package(name.into())
            }
            "e2e" => Self::Package("tests".into()),
            "workerd" => Self::Workerd,
            "js" => Self::JavaScript,
            "wasm" => Self::Wasm,
            _ if in_origin.is_dir() || in_origin.with_extension("rs").is_file() => {
                Self::Room(format!("{name}::"))
            }
            _ => Self::Filter(name.into()),
        }
    }

    /// What must be installed for it.
    pub fn needs(&self) -> Vec<Need> {
        let edge = [Need::Edge, Need::Node];
        match self {
            Self::JavaScript => vec![Need::Node],
            Self::Workerd | Self::Wasm => edge.to_vec(),
            Self::Package(package) if matches!(package.as_str(), "utility" | "xtask") => Vec::new(),
            Self::Package(package) if matches!(package.as_str(), "shared" | "edge") => {
                edge.to_vec()
            }
            Self::Room(_) => vec![Need::Browser, Need::Postgres],
            _ => vec![
                Need::Edge,
                Need::Node,
                Need::Browser,
                Need::Client,
                Need::Postgres,
            ],
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
                Ok(binary.package == *package || package == "edge" && in_workerd(binary))
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
        matches!(self, Self::Package(package) if package == name)
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

    #[test]
    fn a_name_is_a_crate_a_room_or_a_filter() {
        let place = Place::find().unwrap();
        assert!(matches!(Part::named(&place, None), Part::All));
        assert!(matches!(
            Part::named(&place, Some("shared")),
            Part::Package(_)
        ));
        assert!(matches!(Part::named(&place, Some("e2e")), Part::Package(name) if name == "tests"));
        assert!(
            matches!(Part::named(&place, Some("browser")), Part::Room(name) if name == "browser::")
        );
        assert!(matches!(
            Part::named(&place, Some("wrong_password")),
            Part::Filter(_)
        ));
    }

    #[test]
    fn a_room_has_the_whole_test_program_of_its_name() {
        let place = Place::find().unwrap();
        let part = Part::named(&place, Some("signin"));
        let program = |package: &str, target: &str| Binary {
            package: package.into(),
            target: target.into(),
            kind: "test".into(),
            // It says nothing about tests, so only its name can count.
            executable: "true".into(),
            folder: place.root.clone(),
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
        assert_eq!(Part::JavaScript.needs(), [Need::Node]);
        assert_eq!(Part::Package("utility".into()).needs(), []);
        assert!(Part::All.needs().contains(&Need::Postgres));
    }
}
