//! What can be wrong with a configuration, in words for the operator.

use std::fmt::{self, Display};

use super::Location;

/// One thing that is wrong, with its remedy. It never holds the text of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The setting (`edge.signing_key`), or what else it is about.
    pub about: String,
    /// What is wrong with it, as the rest of a sentence.
    pub what: String,
    /// Where the wrong value is written; `None` when nothing is written, or when it is not about a setting.
    pub location: Option<Location>,
}

impl ConfigProblem {
    /// A problem that has no place in the configuration, such as a missing program.
    pub fn elsewhere(about: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            what: what.into(),
            location: None,
        }
    }
}

impl Display for ConfigProblem {
    /// The sentence alone, without the location.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.about, self.what)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<ConfigProblem>);

impl Display for Problems {
    /// One problem a line, each with its location first if it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            match &problem.location {
                Some(location) => write!(f, "{end}- {location}: {problem}")?,
                None => write!(f, "{end}- {problem}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
