//! Where a setting was written, so that a message can point at it.

use std::{
    fmt::{self, Display},
    ops::Range,
    path::{Path, PathBuf},
};

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A place in the configuration file.
    File {
        /// The file, if its name is known.
        path: Option<PathBuf>,
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1.
        column: usize,
    },
    /// The name of an environment variable.
    Variable(String),
}

impl Location {
    /// The place of the byte range `span` in `text`, which is the content of the file `path`.
    pub(super) fn in_file(path: Option<&Path>, text: &str, span: &Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Self::File {
            path: path.map(Path::to_path_buf),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
        }
    }

    /// Whether both are in the same line of the file.
    pub(super) fn is_in_line_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { line, .. }, Self::File { line: other, .. }) => line == other,
            _ => false,
        }
    }
}

impl Display for Location {
    /// `origin.toml:3:9`, `line 3, column 9` without a file name, or `$MAGIC_LINKS__NODE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                path: Some(path),
                line,
                column,
            } => write!(f, "{}:{line}:{column}", path.display()),
            Self::File {
                path: None,
                line,
                column,
            } => write!(f, "line {line}, column {column}"),
            Self::Variable(name) => write!(f, "${name}"),
        }
    }
}
