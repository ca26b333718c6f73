//! Which language and time zone a client's browser shows.

use super::profile::Profile;

/// `country language zone`, one a line, sorted by country (ISO 3166-1 alpha-2).
const TABLE: &str = include_str!("locale.txt");

/// The languages and the time zone that pages see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locale {
    /// Tags in order of preference, comma-separated, without weights.
    pub languages: String,
    /// The first of the accepted languages.
    pub first: String,
    /// IANA time zone of the country's capital or largest city.
    pub time_zone: &'static str,
}

/// The client's own languages if he sent good ones, else the country's.
pub(super) fn of(profile: &Profile) -> Locale {
    let (language, time_zone) = of_country(&profile.country);
    let mut tags = profile
        .accept_language
        .as_deref()
        .map(tags)
        .unwrap_or_default();
    if tags.is_empty() {
        tags.push(format!("{language}-{}", profile.country));
        tags.push(language.to_owned());
        if language != "en" {
            tags.push("en".to_owned());
        }
    }
    Locale {
        first: tags.first().cloned().unwrap_or_default(),
        languages: tags.join(","),
        time_zone,
    }
}

/// The countries whose language and time zone are known: ISO 3166-1 alpha-2 codes, sorted.
pub fn known_countries() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(|line| line.get(..2))
}

fn of_country(country: &str) -> (&'static str, &'static str) {
    let mut lines = TABLE.lines().map(|line| line.splitn(3, ' '));
    let found = lines
        .find_map(|mut words| (words.next()? == country).then_some((words.next()?, words.next()?)));
    found.unwrap_or(("en", "UTC"))
}

/// Language tags of an `Accept-Language`, best first; whatever is no tag is left out.
fn tags(header: &str) -> Vec<String> {
    let mut weighed: Vec<(f32, String)> = header
        .split(',')
        .take(12)
        .filter_map(|part| {
            let (tag, weight) = part.split_once(';').unwrap_or((part, ""));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            Some((weight.parse().ok()?, tag.trim().to_owned()))
        })
        .filter(|(weight, tag)| *weight > 0.0 && is_tag(tag))
        .collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    weighed.into_iter().map(|(_, tag)| tag).collect()
}

fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    parts
        .next()
        .is_some_and(|first| (2..=3).contains(&first.len()) && letters(first))
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(country: &str, header: Option<&str>) -> Locale {
        of(&Profile {
            country: country.to_owned(),
            accept_language: header.map(str::to_owned),
            viewport: Default::default(),
        })
    }

    #[test]
    fn every_country_has_a_language_and_a_time_zone() {
        assert!(known_countries().is_sorted() && known_countries().count() == 249);
        assert!(
            TABLE
                .lines()
                .all(|line| line.split(' ').count() == 3 && line.contains('/'))
        );
    }

    #[test]
    fn accept_language_wins_over_the_country() {
        let locale = profile(
            "CH",
            Some("en;q=0.5, fr-CH, fr;q=0.9, *;q=0.1, <x>, de;q=0"),
        );
        assert_eq!(locale.languages, "fr-CH,fr,en");
        assert_eq!(locale.time_zone, "Europe/Zurich");
        assert_eq!(profile("DE", None).languages, "de-DE,de,en");
        assert_eq!(profile("US", Some("\r\nX: y")).languages, "en-US,en");
    }
}
