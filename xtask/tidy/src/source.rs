//! Reading Rust source as far as the rules need: without comments, strings apart, tests apart.

use crate::modules::Module;

/// A file of the project, prepared for the rules.
pub struct Source {
    /// The path from the root of the checkout, with `/`.
    pub path: String,
    /// The whole text of the file.
    pub text: String,
    /// The same length as `text`, with comments and the insides of strings blanked.
    pub code: String,
    /// The same length as `text`, with everything but the insides of strings blanked.
    pub strings: String,
    /// What `syn` reads in it, tests included; `None` for a file that is not Rust.
    syntax: Option<Module>,
}

impl Source {
    /// Prepares a file for the rules.
    pub fn new(path: &str, text: &str) -> Self {
        let (code, strings) = if path.ends_with(".rs") {
            split(text)
        } else {
            (text.to_owned(), text.to_owned())
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            strings,
            syntax: path
                .ends_with(".rs")
                .then(|| Module::read_with_tests(path, text))
                .flatten(),
        }
    }

    /// The line number of a byte offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1
    }

    /// The byte offset from which everything is tests: the whole of a test file, else from the test module on.
    pub fn tests_from(&self) -> usize {
        let whole = self.path.starts_with("tests/") && !self.path.starts_with("tests/utility/src/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with(".test.mjs")
            || self.path.ends_with(".test.js");
        if whole {
            return 0;
        }
        self.code
            .find("#[cfg(test)]\nmod tests")
            .or_else(|| self.code.find("#[cfg(test)]\npub mod tests"))
            .unwrap_or(self.text.len())
    }

    /// Whether `syn` could read it.
    pub fn is_read(&self) -> bool {
        self.syntax.is_some()
    }

    /// The string literals in the code, each with its line; none for a file that is not Rust.
    pub fn strings_in_code(&self) -> impl Iterator<Item = (&str, usize)> {
        let strings = self.syntax.iter().flat_map(|module| &module.strings);
        strings.map(|(text, line)| (text.as_str(), *line))
    }

    /// The lines in which something of the crate `name` is used.
    pub fn uses_of_crate(&self, name: &str) -> impl Iterator<Item = usize> {
        let imports = self.syntax.iter().flat_map(|module| {
            let imports = module.imports.iter();
            imports.map(|import| (&import.path, import.line))
        });
        let names = self.syntax.iter().flat_map(|module| {
            let names = module.names.iter();
            names.map(|name| (&name.path, name.line))
        });
        imports
            .chain(names)
            .filter(move |(path, _)| path.first().is_some_and(|first| first == name))
            .map(|(_, line)| line)
    }

    /// Every place where `word` stands as a whole word in the code.
    pub fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(move |at| {
                let before = self
                    .code
                    .get(..*at)
                    .and_then(|head| head.chars().next_back());
                let after = self
                    .code
                    .get(at + word.len()..)
                    .and_then(|rest| rest.chars().next());
                !before.is_some_and(is_name)
                    && (!word.ends_with(is_name) || !after.is_some_and(is_name))
            })
    }
}

/// Whether a character can be part of a Rust name.
pub fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Splits Rust source into code and string contents, each blanked where the other is.
fn split(text: &str) -> (String, String) {
    let mut code = String::with_capacity(text.len());
    let mut strings = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let previous_is_name = code.chars().next_back().is_some_and(is_name);
        let (length, kind) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), Piece::Comment)
        } else if rest.starts_with("/*") {
            (
                rest.find("*/").map_or(rest.len(), |end| end + 2),
                Piece::Comment,
            )
        } else if c == '"' {
            (quoted(rest, 1), Piece::Text { quotes: 1 })
        } else if let Some(hashes) = raw_string(rest).filter(|_| !previous_is_name) {
            let open = hashes + 2;
            let close = format!("\"{}", "#".repeat(hashes));
            let length = rest
                .get(open..)
                .and_then(|inside| inside.find(&close))
                .map_or(rest.len(), |end| open + end + close.len());
            (length, Piece::Text { quotes: open })
        } else if c == '\'' {
            (character(rest), Piece::Code)
        } else {
            (c.len_utf8(), Piece::Code)
        };
        let (piece, after) = rest.split_at(length);
        match kind {
            Piece::Code => {
                code.push_str(piece);
                blank(&mut strings, piece);
            }
            Piece::Comment => {
                blank(&mut code, piece);
                blank(&mut strings, piece);
            }
            Piece::Text { quotes } => {
                // The quotes stay code, so that a call with a string argument still looks like one.
                let (open, inside) = piece.split_at(quotes.min(piece.len()));
                code.push_str(open);
                blank(&mut strings, open);
                blank(&mut code, inside);
                strings.push_str(inside);
            }
        }
        rest = after;
    }
    (code, strings)
}

enum Piece {
    Code,
    Comment,
    Text { quotes: usize },
}

/// The length of an ordinary string from its opening quote to behind its closing one.
fn quoted(text: &str, open: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(open) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How many hashes open a raw string here, if one starts here.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest.get(hashes..)?.starts_with('"').then_some(hashes)
}

/// The length of a character literal, or of the apostrophe of a lifetime.
fn character(text: &str) -> usize {
    let inside = text.get(1..).unwrap_or_default();
    if inside.starts_with('\\') {
        return inside
            .get(2..)
            .and_then(|rest| rest.find('\''))
            .map_or(1, |end| end + 4);
    }
    let Some(first) = inside.chars().next() else {
        return 1;
    };
    let end = 1 + first.len_utf8();
    if text.get(end..).is_some_and(|rest| rest.starts_with('\'')) {
        end + 1
    } else {
        1
    }
}

fn blank(into: &mut String, piece: &str) {
    for byte in piece.bytes() {
        into.push(if byte == b'\n' { '\n' } else { ' ' });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_from_code() {
        let source = Source::new(
            "a/src/b.rs",
            "let a = \"x // \\\" y\"; // \"no\"\nlet b = r#\"raw \" in\"#; let c = '\"'; fn f<'a>(_: &'a str) {}",
        );
        assert!(source.strings.contains("x // \\\" y") && source.strings.contains("raw \" in"));
        assert!(
            !source.strings.contains("no")
                && !source.code.contains("raw")
                && !source.code.contains("no")
        );
        assert!(
            source
                .code
                .contains("let c = '\"'; fn f<'a>(_: &'a str) {}")
        );
        assert_eq!(
            (source.code.len(), source.strings.len()),
            (source.text.len(), source.text.len())
        );
    }

    #[test]
    fn words_are_whole_and_lines_are_counted() {
        let source = Source::new("a/src/b.rs", "let statuscode = 1;\nlet code = 2;");
        let found: Vec<usize> = source.words("code").map(|at| source.line(at)).collect();
        assert_eq!(found, [2]);
    }

    #[test]
    fn tests_start_at_their_module_or_are_the_whole_file() {
        assert_eq!(
            Source::new("origin/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {}").tests_from(),
            10
        );
        assert_eq!(
            Source::new("tests/tests/story.rs", "fn a() {}").tests_from(),
            0
        );
        assert_eq!(
            Source::new("tests/utility/src/main.rs", "fn a() {}").tests_from(),
            9
        );
    }
}
