//! Countries as a page shows them: named and sorted in its language (CLDR 48), the likely one chosen.

use shared::country::Country;

/// A language that the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
}

impl Language {
    /// For the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
        }
    }

    /// One `<option value=XX>Name` a line, sorted by name as the language sorts, and where each is.
    fn options(self) -> (&'static str, &'static Places) {
        match self {
            Self::En => (EN, &EN_PLACES),
        }
    }
}

const EN: &str = include_str!("../templates/countries/en.html");
const EN_PLACES: Places = places(EN.as_bytes());

/// For each code `AA` to `ZZ` where its option's value ends; 0 where there is no such country.
type Places = [u16; 26 * 26];

/// Lookup when this is compiled: a search through 7 KB would be a good part of rendering a page.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when this is compiled"
)]
const fn places(options: &[u8]) -> Places {
    let mut places = [0; 26 * 26];
    let mut at = 3;
    while at < options.len() {
        if options[at] == b'>' && options[at - 3] == b'=' {
            places[place(options[at - 2], options[at - 1])] = at as u16;
        }
        at += 1;
    }
    places
}

/// Of a code in capital letters.
const fn place(first: u8, second: u8) -> usize {
    (first - b'A') as usize * 26 + (second - b'A') as usize
}

/// The options of the country selector, cut where the chosen one is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Up to the chosen option's value.
    pub before: &'static str,
    /// Whether one is chosen.
    pub chosen: bool,
    /// From there on.
    pub after: &'static str,
}

/// All countries, with `chosen` marked.
pub fn options(language: Language, chosen: Option<Country>) -> Options {
    let (all, places) = language.options();
    let at = chosen.and_then(|country| {
        let [first, second] = country.as_str().as_bytes() else {
            return None;
        };
        let at = places.get(place(*first, *second))?;
        all.split_at_checked(usize::from(*at))
    });
    let (before, after) = at.unwrap_or(("", all));
    Options {
        before,
        chosen: at.is_some(),
        after,
    }
}

/// The country that a visitor is probably in: where the network says (`CF-IPCountry`), else the
/// region of the first language that names one.
pub fn guess(network: Option<&str>, accept_language: Option<&str>) -> Option<Country> {
    let by_network = network.and_then(|code| code.parse().ok());
    by_network.or_else(|| {
        let languages = accept_language?.split(',').take(16);
        languages.filter_map(region).next()
    })
}

/// `de-CH;q=0.8` -> CH, `zh-Hant-TW` -> TW, `en` -> nothing.
fn region(language: &str) -> Option<Country> {
    let tag = language.split(';').next()?.trim();
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
    fn every_country_once_with_a_name() {
        let lines: Vec<&str> = EN.lines().collect();
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
    fn one_is_marked() {
        let marked = options(Language::En, country("US"));
        assert!(marked.chosen && marked.before.ends_with("value=US"));
        assert!(marked.after.starts_with(">United States\n"));
        assert_eq!([marked.before, marked.after].concat(), EN);
        let none = options(Language::En, None);
        assert_eq!((none.before, none.chosen, none.after), ("", false, EN));
    }

    #[test]
    fn guesses() {
        assert_eq!(guess(Some("DE"), Some("en-US")), country("DE"));
        // Unknown to the network, or Tor.
        assert_eq!(guess(Some("XX"), Some("en-US,en;q=0.9")), country("US"));
        assert_eq!(guess(Some("T1"), None), None);
        assert_eq!(guess(None, Some("de;q=1, fr-CH;q=0.8")), country("CH"));
        assert_eq!(guess(None, Some("zh-Hant-TW")), country("TW"));
        assert_eq!(guess(None, Some("*")), None);
        assert_eq!(guess(None, Some("en-419,es-ZZ")), None);
        assert_eq!(guess(None, Some("\u{e9}-\u{e9}")), None);
    }
}
