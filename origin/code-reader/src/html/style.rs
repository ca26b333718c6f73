//! What of the type of a mail matters: what cannot be seen, what is large, and what is bold.

use std::collections::HashMap;

/// From so many pixels on type is larger than text.
const LARGE_PX: f32 = 20.0;
/// Classes of a mail that are known.
const CLASSES_MAX: usize = 400;

/// How an element looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// It is not shown.
    pub is_hidden: bool,
    /// Its type is larger than text.
    pub is_large: bool,
    /// Its type is bold.
    pub is_bold: bool,
}

/// What declarations change about a look, as far as they say.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    hides: bool,
    is_large: Option<bool>,
    is_bold: Option<bool>,
}

impl Change {
    /// What comes later counts.
    fn add(&mut self, later: Self) {
        self.hides |= later.hides;
        self.is_large = later.is_large.or(self.is_large);
        self.is_bold = later.is_bold.or(self.is_bold);
    }

    fn apply(self, look: &mut Look) {
        look.is_hidden |= self.hides;
        look.is_large = self.is_large.unwrap_or(look.is_large);
        look.is_bold = self.is_bold.unwrap_or(look.is_bold);
    }
}

/// The classes of a mail's style sheets that matter.
#[derive(Debug, Default)]
pub struct Sheet {
    classes: HashMap<String, Change>,
}

impl Sheet {
    /// Reads the style sheets inside of a mail: rules for one class.
    pub fn of(html: &str) -> Self {
        let mut classes: HashMap<String, Change> = HashMap::new();
        let lower = html.to_ascii_lowercase();
        for sheet in lower.split("<style").skip(1) {
            let sheet = sheet.split("</style").next().unwrap_or_default();
            for rule in sheet.split('}') {
                let Some((selectors, declarations)) = rule.rsplit_once('{') else {
                    continue;
                };
                // A rule for some screens alone has another brace before it.
                if selectors.contains('{') {
                    continue;
                }
                // Read once, however many selectors and elements there are.
                let mut change = Change::default();
                declare(&mut change, declarations);
                for selector in selectors.split(',') {
                    let name = selector.trim().rsplit('.').next().unwrap_or_default();
                    let is_class = selector.contains('.')
                        && name
                            .chars()
                            .all(|letter| letter.is_alphanumeric() || "-_".contains(letter));
                    if is_class && (classes.len() < CLASSES_MAX || classes.contains_key(name)) {
                        classes.entry(name.to_owned()).or_default().add(change);
                    }
                }
            }
        }
        Self { classes }
    }

    /// How an element looks whose tag this is, inside of another one.
    pub fn look(&self, outer: Look, name: &str, tag: &str) -> Look {
        let mut look = outer;
        match name {
            "h1" | "h2" | "h3" => (look.is_large, look.is_bold) = (true, true),
            "b" | "strong" | "th" | "h4" => look.is_bold = true,
            "font" => {
                let size = attribute(tag, "size").unwrap_or_default();
                look.is_large |= matches!(size.trim_start_matches('+').parse(), Ok(5..=9_u32));
            }
            _ => {}
        }
        if let Some(names) = attribute(tag, "class") {
            for name in names.to_ascii_lowercase().split_whitespace() {
                if let Some(change) = self.classes.get(name) {
                    change.apply(&mut look);
                }
            }
        }
        if let Some(style) = attribute(tag, "style") {
            let mut change = Change::default();
            declare(&mut change, &style.to_ascii_lowercase());
            change.apply(&mut look);
        }
        let bare = tag.to_ascii_lowercase();
        look.is_hidden |= outer.is_hidden || bare.split_whitespace().any(|word| word == "hidden");
        look
    }
}

fn declare(change: &mut Change, declarations: &str) {
    for declaration in declarations.split(';') {
        let Some((name, value)) = declaration.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_end_matches("!important").trim();
        match (name.trim(), value) {
            ("display", "none")
            | ("visibility", "hidden")
            | ("mso-hide", "all")
            | ("opacity", "0") => {
                change.hides = true;
            }
            ("font-size", size) => {
                if let Some(pixels) = pixels(size) {
                    change.hides |= pixels < 2.0;
                    change.is_large = Some(pixels >= LARGE_PX);
                }
            }
            ("font-weight", weight) => {
                change.is_bold =
                    Some(weight.starts_with("bold") || matches!(weight.parse(), Ok(600..=900_u32)));
            }
            _ => {}
        }
    }
}

/// A size of type in pixels, about.
fn pixels(size: &str) -> Option<f32> {
    let digits = size
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(size.len());
    let (number, unit) = size.split_at(digits);
    let number: f32 = number.parse().ok()?;
    Some(match unit.trim() {
        "" | "px" => number,
        "pt" => number * 4.0 / 3.0,
        "em" | "rem" => number * 16.0,
        "%" => number * 0.16,
        _ => return None,
    })
}

/// The value of a tag's attribute.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(name) {
        let start = from + at;
        let end = start + name.len();
        from = end;
        let before = lower.get(..start)?.chars().next_back();
        let is_name =
            before.is_some_and(|letter| letter.is_whitespace() || "\"'/".contains(letter));
        let Some(value) = tag.get(end..)?.trim_start().strip_prefix('=') else {
            continue;
        };
        if !is_name {
            continue;
        }
        let value = value.trim_start();
        let quoted = |quote: char| {
            let inside = value.strip_prefix(quote)?;
            Some(inside.split(quote).next().unwrap_or_default().to_owned())
        };
        return quoted('"').or_else(|| quoted('\'')).or_else(|| {
            let bare = value.split(|letter: char| letter.is_whitespace() || letter == '>');
            Some(bare.into_iter().next().unwrap_or_default().to_owned())
        });
    }
    None
}
