//! Countries as a page shows them: named and sorted in its language, the likely one chosen.

use std::sync::OnceLock;

use messages::{Locale, negotiate};
use shared::country::Country;

/// The options of the country selector in one language.
struct OptionList {
    /// One `<option value=XX>Name` a line.
    html: String,
    /// For each code `AA` to `ZZ` where its option's value ends; 0 where there is no such country.
    offsets: [u16; 26 * 26],
}

/// Made once per isolate, while it warms up: to join 250 names would be a good part of rendering a page.
static LISTS: [OnceLock<OptionList>; Locale::ALL.len()] =
    [const { OnceLock::new() }; Locale::ALL.len()];

impl OptionList {
    fn of(text: Locale) -> Option<&'static Self> {
        let list = LISTS.get(text as usize)?;
        Some(list.get_or_init(|| Self::new(text.countries())))
    }

    fn new(countries: &[(&str, &str)]) -> Self {
        let mut list = Self {
            html: String::with_capacity(8_192),
            offsets: [0; 26 * 26],
        };
        for (at, (code, name)) in countries.iter().enumerate() {
            if at > 0 {
                list.html.push('\n');
            }
            list.html.push_str("<option value=");
            list.html.push_str(code);
            let offset = position(code).and_then(|at| list.offsets.get_mut(at));
            if let (Some(offset), Ok(end)) = (offset, list.html.len().try_into()) {
                *offset = end;
            }
            list.html.push('>');
            list.html
                .push_str(&name.replace('&', "&amp;").replace('<', "&lt;"));
        }
        list
    }
}

/// Where a code of two capital letters stands in the alphabet of codes.
fn position(code: &str) -> Option<usize> {
    let [first, second] = code.as_bytes() else {
        return None;
    };
    let letter = |byte: &u8| byte.checked_sub(b'A').map(usize::from);
    Some(letter(first)? * 26 + letter(second)?)
}

/// The options of the country selector, cut where the chosen one is marked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CountryOptions {
    /// The HTML up to the value of the chosen option.
    pub before: &'static str,
    /// Whether an option is chosen.
    pub chosen: bool,
    /// The HTML after the value of the chosen option.
    pub after: &'static str,
}

impl CountryOptions {
    /// The attribute that marks the chosen option.
    pub fn selected_attribute(&self) -> &'static str {
        if self.chosen { " selected" } else { "" }
    }
}

/// Makes the options for all countries in this language, and marks `chosen`.
pub fn options(text: Locale, chosen: Option<Country>) -> CountryOptions {
    let Some(list) = OptionList::of(text) else {
        return CountryOptions::default();
    };
    let at = chosen.and_then(|country| {
        let offset = list.offsets.get(position(country.as_str())?)?;
        list.html.split_at_checked(usize::from(*offset))
    });
    let (before, after) = at.unwrap_or(("", &list.html));
    CountryOptions {
        before,
        chosen: at.is_some(),
        after,
    }
}

/// The country that a visitor is probably in: where the network says (`CF-IPCountry`), else the
/// region of the most wanted language that names one.
pub fn guess(network: Option<&str>, accept_language: Option<&str>) -> Option<Country> {
    let by_network = network.and_then(|code| code.parse().ok());
    by_network.or_else(|| {
        let languages = negotiate::accepted(accept_language?);
        languages.iter().find_map(|language| region(language))
    })
}

/// `de-CH` -> CH, `zh-Hant-TW` -> TW, `en` -> nothing.
fn region(tag: &str) -> Option<Country> {
    let mut subtags = tag.split('-').skip(1);
    subtags
        .find(|subtag| subtag.len() == 2)
        .and_then(|subtag| subtag.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Option<Country> {
        code.parse().ok()
    }

    #[test]
    fn every_country_is_an_option_once_with_a_name() {
        let list = options(Locale::En, None).after;
        let lines: Vec<&str> = list.lines().collect();
        assert_eq!(lines.len(), shared::country::CODES.len());
        for code in shared::country::CODES {
            let start = format!("<option value={code}>");
            let names = lines.iter().filter_map(|line| line.strip_prefix(&start));
            assert_eq!(names.filter(|name| !name.is_empty()).count(), 1, "{code}");
        }
        // Collated, not sorted by bytes: Åland stands among the As.
        assert!(
            lines
                .get(1)
                .is_some_and(|line| line.ends_with("Åland Islands"))
        );
    }

    #[test]
    fn the_chosen_country_splits_the_options() {
        let none = options(Locale::En, None);
        let marked = options(Locale::En, country("US"));
        assert!(marked.chosen && marked.before.ends_with("value=US"));
        assert!(marked.after.starts_with(">United States\n"));
        assert_eq!([marked.before, marked.after].concat(), none.after);
        assert_eq!((none.before, none.chosen), ("", false));
    }

    #[test]
    fn the_country_is_guessed_by_network_then_by_language() {
        assert_eq!(guess(Some("DE"), Some("en-US")), country("DE"));
        // Unknown to the network, or Tor.
        assert_eq!(guess(Some("XX"), Some("en-US,en;q=0.9")), country("US"));
        assert_eq!(guess(Some("T1"), None), None);
        assert_eq!(guess(None, Some("de;q=1, fr-CH;q=0.8")), country("CH"));
        assert_eq!(guess(None, Some("fr-CH;q=0.8, de-AT")), country("AT"));
        assert_eq!(guess(None, Some("zh-Hant-TW")), country("TW"));
        assert_eq!(guess(None, Some("*")), None);
        assert_eq!(guess(None, Some("en-419,es-ZZ")), None);
        assert_eq!(guess(None, Some("\u{e9}-\u{e9}")), None);
    }
}
