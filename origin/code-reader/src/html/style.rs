//! What of the type of a mail matters: what cannot be seen, what is large, and what is bold.

/// From so many pixels on type is larger than text.
const LARGE_PX: f32 = 20.0;
/// Rules of a style sheet that are read.
const RULES_MAX: usize = 400;

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

/// The classes of a mail's style sheets that matter.
#[derive(Debug, Default)]
pub struct Sheet {
    classes: Vec<(String, String)>,
}

impl Sheet {
    /// Reads the style sheets inside of a mail: rules for one class.
    pub fn of(html: &str) -> Self {
        let mut classes = Vec::new();
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
                for selector in selectors.split(',') {
                    let name = selector.trim().rsplit('.').next().unwrap_or_default();
                    if selector.contains('.')
                        && name
                            .chars()
                            .all(|letter| letter.is_alphanumeric() || "-_".contains(letter))
                        && classes.len() < RULES_MAX
                    {
                        classes.push((name.to_owned(), declarations.to_owned()));
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
                for (_, declarations) in self.classes.iter().filter(|(class, _)| class == name) {
                    declare(&mut look, declarations);
                }
            }
        }
        if let Some(style) = attribute(tag, "style") {
            declare(&mut look, &style.to_ascii_lowercase());
        }
        let bare = tag.to_ascii_lowercase();
        look.is_hidden |= outer.is_hidden || bare.split_whitespace().any(|word| word == "hidden");
        look
    }
}

fn declare(look: &mut Look, declarations: &str) {
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
                look.is_hidden = true;
            }
            ("font-size", size) => {
                if let Some(pixels) = pixels(size) {
                    look.is_hidden |= pixels < 2.0;
                    look.is_large = pixels >= LARGE_PX;
                }
            }
            ("font-weight", weight) => {
                look.is_bold =
                    weight.starts_with("bold") || matches!(weight.parse(), Ok(600..=900_u32));
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
