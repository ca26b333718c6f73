//! The lines, type and links of a mail in HTML. Mails are written for readers that know little; so does this one.

mod entities;
mod style;

use crate::document::{Document, LINKS_MAX, Line, Link};
pub use entities::decoded;
pub use style::attribute;
use style::{Look, Sheet};

/// Elements inside of one another that are kept apart.
const DEPTH: usize = 200;
/// The words of a link that are read, in characters.
const WORDS_MAX: usize = 300;
/// HTML that is longer is cut, in bytes.
const HTML_MAX: usize = 256 * 1024;
/// After so many tags with a quote that nobody closes, quotes mean nothing: each costs a look at all of the rest.
const UNCLOSED_MAX: usize = 20;

/// Elements that begin and end a line.
const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements without an end.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "link", "meta", "wbr", "col"];

struct Open {
    name: String,
    look: Look,
    /// The place of its link, when it is one.
    link: Option<usize>,
}

struct Reader {
    document: Document,
    sheet: Sheet,
    open: Vec<Open>,
    text: String,
    is_large: bool,
    is_bold: bool,
    /// Tags so far with a quote that nobody closes.
    unclosed: usize,
}

/// What an HTML mail shows. The time that it takes grows with the length of the mail and no faster, whatever is in it.
pub fn document(subject: &str, html: &str) -> Document {
    let html = html
        .get(..html.floor_char_boundary(HTML_MAX))
        .unwrap_or_default();
    let mut reader = Reader {
        document: Document::new(subject),
        sheet: Sheet::of(html),
        open: Vec::new(),
        text: String::new(),
        is_large: false,
        is_bold: true,
        unclosed: 0,
    };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        reader.text(text);
        rest = reader.tag(tail);
    }
    reader.text(rest);
    reader.end_line();
    reader.document.join_single();
    reader.document
}

impl Reader {
    fn look(&self) -> Look {
        self.open.last().map(|open| open.look).unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        let look = self.look();
        if text.is_empty() || look.is_hidden {
            return;
        }
        let text = decoded(text);
        if text.chars().any(char::is_alphanumeric) {
            self.is_large |= look.is_large;
            self.is_bold &= look.is_bold;
        }
        // What breaks a line in the source is a space on the page.
        self.text.push_str(&text.replace(['\n', '\r'], " "));
        let link = self.open.iter().rev().find_map(|open| open.link);
        if let Some(link) = link.and_then(|at| self.document.links.get_mut(at)) {
            let room = WORDS_MAX.saturating_sub(link.words.len());
            let words = text.chars().take(room).flat_map(char::to_lowercase);
            link.words.extend(words);
        }
    }

    fn end_line(&mut self) {
        let mut line = Line::new(&self.text);
        line.is_large = self.is_large;
        line.is_bold = self.is_bold && !line.text.is_empty();
        self.document.push(line);
        self.text.clear();
        (self.is_large, self.is_bold) = (false, true);
    }

    /// Reads the tag that `tail` begins with, and gives what comes behind it.
    fn tag<'a>(&mut self, tail: &'a str) -> &'a str {
        if let Some(comment) = tail.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let quoted = (self.unclosed < UNCLOSED_MAX).then(|| end_outside_quotes(tail));
        self.unclosed += usize::from(quoted == Some(None));
        let Some(end) = quoted.flatten().or_else(|| tail.find('>')) else {
            return "";
        };
        let inside = tail.get(1..end).unwrap_or_default();
        let rest = tail.get(end + 1..).unwrap_or_default();
        if let Some(name) = inside.strip_prefix('/') {
            self.close(&name.trim().to_ascii_lowercase());
            return rest;
        }
        let name: String = inside
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if matches!(name.as_str(), "style" | "script" | "title" | "template") {
            let close = format!("</{name}");
            let at = find_ignoring_case(rest, &close);
            let behind = at.and_then(|at| rest.get(at..)).unwrap_or_default();
            return behind.split_once('>').map_or("", |(_, rest)| rest);
        }
        self.element(name, inside);
        rest
    }

    fn element(&mut self, name: String, inside: &str) {
        if name.is_empty() {
            return;
        }
        if name == "br" || BLOCKS.contains(&name.as_str()) {
            self.end_line();
        } else if matches!(name.as_str(), "td" | "th") {
            self.text.push(' ');
        }
        if VOID.contains(&name.as_str()) || self.open.len() >= DEPTH {
            return;
        }
        let look = self.sheet.look(self.look(), &name, inside);
        let mut link = None;
        if name == "a"
            && let Some(address) = attribute(inside, "href")
            && self.document.links.len() < LINKS_MAX
        {
            link = Some(self.document.links.len());
            self.document.links.push(Link {
                address: decoded(&address).trim().to_owned(),
                words: String::new(),
            });
        }
        self.open.push(Open { name, look, link });
    }

    fn close(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.end_line();
        }
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
    }
}

/// The place of a text of ASCII letters and signs, whatever their case.
pub fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes()
        .windows(wanted.len())
        .position(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// The place of the `>` that ends a tag, outside of its quoted values; where nobody closes a quote, the first one is as
/// good as any.
pub fn end_of_tag(tail: &str) -> Option<usize> {
    end_outside_quotes(tail).or_else(|| tail.find('>'))
}

fn end_outside_quotes(tail: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tail.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(html: &str) -> Vec<String> {
        let document = document("", html);
        document.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn blocks_are_lines_and_cells_are_words() {
        let html = "<table><tr><td>Your code</td><td>12&nbsp;34</td></tr><tr><td>a<br>b</table>";
        assert_eq!(lines(html), ["Your code 12 34", "a", "b"]);
        let boxes = "<tr><td><p>4</p></td><td><p>8</p></td><td><p>2</p></td><td><p>9</p></td></tr>";
        assert_eq!(lines(boxes), ["4 8 2 9"]);
    }

    #[test]
    fn what_nobody_sees_is_not_read() {
        let html = "<style>.no{display:none}</style><div style='DISPLAY: none'>1</div><p class='x no'>2</p>\
                    <!-- 3 --><script>4</script><p hidden>5</p><p>6</p>";
        assert_eq!(lines(html), ["6"]);
    }

    #[test]
    fn large_type_is_known_by_style_class_and_element() {
        let html = "<style>@media print{.a{color:red}} .code { font-size: 2em }</style>\
                    <h1>11</h1><p style='font-size:24px'>22</p><p class=code>33</p><font size=6>44</font><p>55</p>";
        let document = document("", html);
        let large: Vec<bool> = document.lines.iter().map(|line| line.is_large).collect();
        assert_eq!(large, [true, true, true, true, false]);
    }

    #[test]
    fn odd_markup_ends_nothing() {
        for html in [
            "<",
            "<a",
            "<a href='x",
            "<!--",
            "<style>",
            "</",
            "<p><",
            "&#x110000;&#;&",
            "<a href=\"é>é",
        ] {
            let _ = document("", html);
        }
    }
}
