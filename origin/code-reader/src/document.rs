//! A message as its reader sees it: a subject, and lines with their type.

use crate::normalize::{lower, normalized};

/// Text that is longer is cut, in bytes.
const TEXT_MAX: usize = 64 * 1024;
/// A line that is longer is cut, in bytes.
const LINE_MAX: usize = 4 * 1024;

/// Links of a message that are read.
pub const LINKS_MAX: usize = 200;

/// A line of text in one spelling, with its lower case: places are the same in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// Its lower case.
    pub lower: String,
    /// Something in it is set much larger than text.
    pub is_large: bool,
    /// All of it is bold.
    pub is_bold: bool,
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, as it stands.
    pub address: String,
    /// Its words, lower case.
    pub words: String,
}

/// A mail or text message, read into lines of words with how each was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The subject; empty for a text message.
    pub subject: Line,
    /// The lines that are not empty, from the top.
    pub lines: Vec<Line>,
    /// The links, from the top.
    pub links: Vec<Link>,
    /// How long all of it is, in bytes.
    length: usize,
}

impl Line {
    /// The line of this text; what quotes it in a forwarded mail is left out.
    pub fn new(text: &str) -> Self {
        let text = normalized(text);
        let mut text = text.trim_start_matches(['>', '|', ' ']).to_owned();
        while text.len() > LINE_MAX {
            text.pop();
        }
        Self {
            lower: lower(&text),
            text,
            is_large: false,
            is_bold: false,
        }
    }
}

impl Document {
    /// A document without lines.
    pub fn new(subject: &str) -> Self {
        Self {
            subject: Line::new(subject),
            ..Self::default()
        }
    }

    /// A message of plain text.
    pub fn plain(subject: &str, text: &str) -> Self {
        let mut document = Self::new(subject);
        let mut above = String::new();
        for line in text.lines() {
            let line = Line::new(line);
            for word in line.text.split_whitespace() {
                let is_link = word.starts_with("https://") && document.links.len() < LINKS_MAX;
                if is_link {
                    document.links.push(Link {
                        address: word.trim_end_matches(['.', ',', ')', '>']).to_owned(),
                        words: format!("{above} {}", line.lower),
                    });
                }
            }
            if !line.lower.is_empty() {
                above.clone_from(&line.lower);
            }
            document.push(line);
        }
        document.join_single();
        document
    }

    /// Adds a line, unless it is empty or the message is long enough.
    pub fn push(&mut self, line: Line) {
        if line.text.is_empty() || self.length + line.text.len() > TEXT_MAX {
            return;
        }
        self.length += line.text.len();
        self.lines.push(line);
    }

    /// How long the lines are, in bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Joins lines of one digit or capital each: a code whose characters stand in boxes.
    pub fn join_single(&mut self) {
        let mut joined: Vec<Line> = Vec::with_capacity(self.lines.len());
        let mut run: Vec<Line> = Vec::new();
        for line in std::mem::take(&mut self.lines) {
            if is_single(&line) {
                run.push(line);
                continue;
            }
            end_run(&mut run, &mut joined);
            joined.push(line);
        }
        end_run(&mut run, &mut joined);
        self.lines = joined;
    }
}

fn is_single(line: &Line) -> bool {
    line.text.len() == 1
        && line
            .text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn end_run(run: &mut Vec<Line>, joined: &mut Vec<Line>) {
    if run.len() < 4 {
        joined.append(run);
        return;
    }
    let texts: Vec<&str> = run.iter().map(|line| line.text.as_str()).collect();
    let mut line = Line::new(&texts.join(" "));
    line.is_large = run.iter().any(|line| line.is_large);
    line.is_bold = run.iter().all(|line| line.is_bold);
    joined.push(line);
    run.clear();
}
