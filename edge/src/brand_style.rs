//! A brand in the form that pages need, made of checked parts.

use shared::brand::{Brand, Colour, unquoted};

/// What lines and ticks of a page stand on, light and dark: `--card` of `colors.css`.
const LIGHT: Colour = Colour::new(0xff, 0xff, 0xff);
const DARK: Colour = Colour::new(0x17, 0x1e, 0x1c);
/// The contrast that they have with it at least. A thin line on a dark ground needs more than WCAG asks.
const ON_LIGHT: f64 = 3.0;
const ON_DARK: f64 = 4.5;

/// A brand in the form that pages need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandStyle {
    /// The organization's name, as its pages show it.
    pub name: String,
    /// The logo as a data URL.
    pub logo: Option<String>,
    /// The mail address where the organization's clients can ask for help.
    pub support_email: Option<String>,
    /// CSS declarations that set the brand's custom properties.
    pub style: String,
    /// The origins that may show the pages in a frame, separated by spaces; empty when nobody may.
    pub frame_ancestors: String,
}

impl BrandStyle {
    /// Decodes a brand from JSON; `None` when it is not one, or is not safe to become part of a page.
    pub fn decode(json: &str) -> Option<Self> {
        let brand: Brand = serde_json::from_str(json).ok()?;
        brand.problems().is_empty().then(|| Self::new(brand))
    }

    fn new(brand: Brand) -> Self {
        let mut style = format!(
            ":root{{--accent:{};--on-accent:{};--mark-light:{};--mark-dark:{}",
            brand.accent,
            brand.on_accent,
            brand.accent.visible_on(&LIGHT, ON_LIGHT),
            brand.accent.visible_on(&DARK, ON_DARK),
        );
        if let Some(list) = &brand.font {
            style.push_str(";--font:");
            style.push_str(&font_family(list));
        }
        style.push('}');
        Self {
            name: brand.name.trim().to_owned(),
            logo: brand.logo,
            support_email: brand.support_email,
            style,
            frame_ancestors: brand.frame_ancestors.join(" "),
        }
    }

    /// A brand for tests of pages.
    #[cfg(test)]
    pub fn sample() -> Self {
        Self {
            name: "Harbor & Co.".into(),
            logo: Some("data:image/png;base64,iVBORw0KGgo=".into()),
            support_email: Some("help@harbor.example".into()),
            style: ":root{--accent:#0b5fff;--on-accent:#ffffff}".into(),
            frame_ancestors: String::new(),
        }
    }
}

/// A CSS font list with every name quoted, except CSS's own words: a quoted name cannot be anything else.
fn font_family(list: &str) -> String {
    let generic = [
        "serif",
        "sans-serif",
        "monospace",
        "cursive",
        "fantasy",
        "system-ui",
    ];
    let names = list.split(',').map(|name| match unquoted(name) {
        name if generic.contains(&name) => name.to_owned(),
        name => format!("\"{name}\""),
    });
    names.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r##"{"name":" Harbor ","logo":null,"accent":"#0B5FFF","onAccent":"#ffffff",
        "font":"'Source Sans 3', Georgia, sans-serif","supportEmail":"help@harbor.example",
        "frameAncestors":["https://a.example","https://b.example"]}"##;

    #[test]
    fn a_brand_is_decoded_into_what_pages_need() {
        let brand = BrandStyle::decode(JSON);
        let expected = BrandStyle {
            name: "Harbor".into(),
            logo: None,
            support_email: Some("help@harbor.example".into()),
            style: ":root{--accent:#0b5fff;--on-accent:#ffffff;--mark-light:#0b5fff;--mark-dark:#4082ff;--font:\"Source Sans 3\",\"Georgia\",sans-serif}".into(),
            frame_ancestors: "https://a.example https://b.example".into(),
        };
        assert_eq!(brand, Some(expected));
    }

    #[test]
    fn a_light_accent_is_darker_where_it_stands_on_the_page() {
        let json = JSON
            .replace("#0B5FFF", "#ffe000")
            .replace("#ffffff", "#16201c");
        let style = BrandStyle::decode(&json).map(|brand| brand.style);
        let style = style.unwrap_or_default();
        assert!(style.contains("--accent:#ffe000;"), "{style}");
        assert!(!style.contains("--mark-light:#ffe000;"), "{style}");
        assert!(style.contains("--mark-dark:#ffe000;"), "{style}");
    }

    #[test]
    fn an_unsafe_brand_is_refused() {
        for (from, to) in [
            ("Georgia", "x}body{display:none"),
            ("https://a.example\"", "https://a.example; script-src *\""),
            ("#0B5FFF", "red"),
            ("#0B5FFF", "#fefefe"),
            ("\"logo\":null", "\"logo\":\"https://a.example/x.png\""),
        ] {
            assert_eq!(BrandStyle::decode(&JSON.replace(from, to)), None, "{to}");
        }
        assert_eq!(BrandStyle::decode("null"), None);
    }
}
