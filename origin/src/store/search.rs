//! What is searched for, as `LIKE … ESCAPE '!'` finds it inside of a text on both engines.
//!
//! PostgreSQL knows the small letters of its locale, SQLite those of ASCII alone. So the other letters are compared as they
//! are written, in each way in which people write a name: in small letters, in capitals, with a capital at the beginning of
//! each word, and as it was typed.

/// A text that is searched for, as patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patterns {
    /// The text in each spelling; empty where a spelling is no other one.
    pub(super) spellings: [String; 4],
    /// Its letters and digits alone, for numbers of accounts, which are printed in groups; empty without a digit.
    pub(super) number: String,
}

impl Patterns {
    /// Of this text; those of an empty one are empty, and find all.
    pub(super) fn of(text: &str) -> Self {
        // PostgreSQL takes no text with a zero in it, and none has one.
        let text = &text.replace('\0', "");
        if text.is_empty() {
            return Self {
                spellings: Default::default(),
                number: String::new(),
            };
        }
        let typed = inside(text);
        let others = if text.is_ascii() {
            Default::default()
        } else {
            [text.to_lowercase(), text.to_uppercase(), capitalized(text)].map(|text| inside(&text))
        };
        let [small, capital, title] = others;
        let digits = text.chars().any(|c| c.is_ascii_digit());
        let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        Self {
            spellings: [typed, small, capital, title],
            number: if digits {
                inside(&plain)
            } else {
                String::new()
            },
        }
    }
}

/// A pattern that finds a text inside of another one.
fn inside(text: &str) -> String {
    let escaped = text
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

/// Each word with a capital letter at its beginning.
fn capitalized(text: &str) -> String {
    let mut before = ' ';
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if before.is_alphanumeric() {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
        before = letter;
    }
    out
}

/// Whether the text `$hay`, an expression of SQL, has one of the spellings in it, which are bound as `$1` to `$4` are here;
/// `$or` is another condition that is enough.
macro_rules! found_in {
    ($hay:literal, [$typed:literal, $small:literal, $capital:literal, $title:literal], $or:literal) => {
        concat!(
            "(",
            $typed,
            " = '' OR LOWER(",
            $hay,
            ") LIKE LOWER(",
            $typed,
            ") ESCAPE '!' OR LOWER(",
            $hay,
            ") LIKE LOWER(",
            $small,
            ") ESCAPE '!' OR LOWER(",
            $hay,
            ") LIKE LOWER(",
            $capital,
            ") ESCAPE '!' OR LOWER(",
            $hay,
            ") LIKE LOWER(",
            $title,
            ") ESCAPE '!'",
            $or,
            ")"
        )
    };
}
pub(super) use found_in;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_is_a_pattern() {
        let patterns = Patterns::of("ÖL für 50%");
        assert_eq!(
            patterns.spellings,
            [
                "%ÖL für 50!%%",
                "%öl für 50!%%",
                "%ÖL FÜR 50!%%",
                "%Öl Für 50!%%"
            ]
        );
        assert_eq!(Patterns::of("12 34-5").number, "%12345%");
        assert_eq!(Patterns::of("Mill").number, "");
        assert_eq!(Patterns::of("Mill").spellings[1..], ["", "", ""]);
        assert_eq!(Patterns::of("").spellings[0], "");
    }
}
