//! Which locale fits what a browser accepts (`Accept-Language`, RFC 9110; lookup, RFC 4647).

use crate::Locale;

/// Longest header that is looked at, in bytes, and most of its entries.
const MAX_LEN: usize = 256;
const MAX_ENTRIES: usize = 16;

impl Locale {
    /// The locale that fits an `Accept-Language` header best; the first of [`Self::ALL`] when none fits.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        let tags: Vec<&str> = Self::ALL.iter().map(|locale| locale.tag()).collect();
        let found = lookup(accept_language, &tags).and_then(|at| Self::ALL.get(at));
        found.or(Self::ALL.first()).copied().unwrap_or(Self::En)
    }
}

/// The languages that a header accepts, the most wanted first. Without those that it excludes (`q=0`).
///
/// Of a long header only the beginning is looked at.
#[must_use]
pub fn accepted(accept_language: &str) -> Vec<String> {
    let end = accept_language.floor_char_boundary(MAX_LEN);
    let entries = accept_language.get(..end).unwrap_or_default().split(',');
    let few: Vec<&str> = entries.take(MAX_ENTRIES).collect();
    let sorted = accept_language::parse_with_quality(&few.join(","));
    let wanted = sorted.into_iter().filter(|(_, quality)| *quality > 0.0);
    wanted.map(|(tag, _)| tag).collect()
}

/// RFC 4647 lookup: the index of the first available tag that equals an accepted one, or that one shortened.
fn lookup(accept_language: &str, available: &[&str]) -> Option<usize> {
    accepted(accept_language).iter().find_map(|accepted| {
        let mut range = accepted.as_str();
        loop {
            let found = available
                .iter()
                .position(|tag| tag.eq_ignore_ascii_case(range));
            if found.is_some() {
                return found;
            }
            (range, _) = range.rsplit_once('-')?;
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn best(accept_language: &str) -> Option<&'static str> {
        const AVAILABLE: [&str; 4] = ["en", "de", "pt-BR", "pt"];
        lookup(accept_language, &AVAILABLE).map(|at| AVAILABLE[at])
    }

    #[test]
    fn the_best_quality_wins_whatever_the_order() {
        assert_eq!(best("en;q=0.5, de"), Some("de"));
        assert_eq!(best("de;q=0.2,en;q=0.8"), Some("en"));
        assert_eq!(best("de, en"), Some("de"));
    }

    #[test]
    fn a_region_falls_back_to_its_language() {
        assert_eq!(best("de-CH"), Some("de"));
        assert_eq!(best("pt-BR"), Some("pt-BR"));
        assert_eq!(best("PT-br"), Some("pt-BR"));
        assert_eq!(best("pt-PT"), Some("pt"));
        assert_eq!(best("zh-Hant-TW, de;q=0.1"), Some("de"));
    }

    #[test]
    fn excluded_and_unknown_languages_are_no_match() {
        assert_eq!(best("de;q=0"), None);
        assert_eq!(best("fr, *"), None);
        assert_eq!(best(""), None);
        assert_eq!(Locale::negotiate("fr"), Locale::En);
    }

    proptest! {
        #[test]
        fn any_header_gives_an_answer(header in ".{0,600}", quality in "[0-9.NnaAiInf-]{0,6}") {
            let many = format!("a;q={quality},").repeat(40);
            let _ = (best(&header), best(&many), Locale::negotiate(&format!("{header},en;q={quality}")));
        }
    }
}
