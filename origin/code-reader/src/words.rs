//! The words of `words.txt`, and where they stand in a line.

use std::sync::LazyLock;

/// What a word says of a number beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is a one-time code.
    Strong,
    /// It is a code of some kind.
    Generic,
    /// It is a code of another kind.
    NoCode,
    /// It is a number of something else.
    OtherNumber,
    /// It is called.
    Phone,
    /// It is the end of a longer number.
    Mask,
    /// The message is about a sign-in.
    SignIn,
    /// The message sells something.
    Commerce,
    /// A link approves a sign-in.
    Approve,
    /// A link signs in.
    SignInLink,
    /// The message is about a link that signs in.
    AboutALink,
    /// It is a time that passes.
    Duration,
}

/// How much of a word must stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bounds {
    Anywhere,
    Begins,
    Whole,
}

struct Word {
    meaning: Meaning,
    bounds: Bounds,
    text: &'static str,
}

/// A word that stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What it says.
    pub meaning: Meaning,
    /// The byte that it begins at.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| {
    let mut words = Vec::new();
    let mut meaning = None;
    for line in include_str!("words.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            meaning = named(name);
            continue;
        }
        let Some(meaning) = meaning else { continue };
        for word in line.split('|').map(str::trim) {
            let (bounds, text) = match (word.strip_prefix('='), word.strip_prefix('^')) {
                (Some(text), _) => (Bounds::Whole, text),
                (_, Some(text)) => (Bounds::Begins, text),
                _ => (Bounds::Anywhere, word),
            };
            if !text.is_empty() {
                words.push(Word {
                    meaning,
                    bounds,
                    text,
                });
            }
        }
    }
    words
});

fn named(name: &str) -> Option<Meaning> {
    Some(match name {
        "strong" => Meaning::Strong,
        "generic" => Meaning::Generic,
        "no code" => Meaning::NoCode,
        "other number" => Meaning::OtherNumber,
        "phone" => Meaning::Phone,
        "mask" => Meaning::Mask,
        "sign in" => Meaning::SignIn,
        "commerce" => Meaning::Commerce,
        "approve" => Meaning::Approve,
        "sign-in link" => Meaning::SignInLink,
        "about a link" => Meaning::AboutALink,
        "duration" => Meaning::Duration,
        _ => return None,
    })
}

/// A line with more words of these than that says nothing: nobody writes it, and all of them are compared.
const PLACES_MAX: usize = 500;

/// The words in a line of lower case, in the order of `words.txt`. Words for codes that are part of the name of a code of
/// another kind are left out.
pub fn places(lower: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for word in WORDS.iter() {
        for (start, _) in lower.match_indices(word.text) {
            let end = start + word.text.len();
            let begins = !touches(lower.get(..start).and_then(|text| text.chars().next_back()));
            let ends = !touches(lower.get(end..).and_then(|text| text.chars().next()));
            let fits = match word.bounds {
                Bounds::Anywhere => true,
                Bounds::Begins => begins,
                Bounds::Whole => begins && ends,
            };
            if fits {
                if found.len() == PLACES_MAX {
                    return Vec::new();
                }
                found.push(Place {
                    meaning: word.meaning,
                    start,
                    end,
                });
            }
        }
    }
    let others: Vec<Place> = found
        .iter()
        .filter(|place| place.meaning == Meaning::NoCode)
        .copied()
        .collect();
    found.retain(|place| {
        !matches!(place.meaning, Meaning::Strong | Meaning::Generic)
            || others
                .iter()
                .all(|other| place.end <= other.start || other.end <= place.start)
    });
    found
}

/// Whether a text of lower case has a word of this meaning.
pub fn has(lower: &str, meaning: Meaning) -> bool {
    places(lower).iter().any(|place| place.meaning == meaning)
}

fn touches(letter: Option<char>) -> bool {
    letter.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_is_known_and_every_word_is_lower_case() {
        for line in include_str!("words.txt").lines() {
            if let Some(name) = line.strip_prefix('[') {
                assert!(named(name.trim_end_matches(']')).is_some(), "{line}");
            }
        }
        for word in WORDS.iter() {
            assert_eq!(crate::normalize::lower(word.text), word.text);
        }
        assert!(WORDS.len() > 500);
    }

    #[test]
    fn a_code_of_another_kind_is_none() {
        assert!(!has("your postal code", Meaning::Generic));
        assert!(has("your code", Meaning::Generic));
        assert!(has("your pin is", Meaning::Strong));
        assert!(!has("pinned", Meaning::Strong));
    }
}
