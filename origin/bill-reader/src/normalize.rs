//! Text normalized for comparison: lower case, without accents, with single spaces. The way back to the printed text is
//! kept.

/// A text as printed and normalized.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normalized {
    /// As printed, with single spaces.
    pub printed: String,
    /// The text in lower case and without accents, for comparison.
    pub normalized: String,
    /// For each byte of `normalized`, the byte of `printed` that it came from.
    from: Vec<usize>,
}

impl Normalized {
    /// Joins the words of a text with single spaces, and normalizes them.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut this = Self::default();
        for word in text.split_whitespace() {
            if !this.printed.is_empty() {
                this.push(' ', " ");
            }
            for c in word.chars() {
                let mut lower = [0; 4];
                match plain(c) {
                    Some(plain) => this.push(c, plain),
                    None => {
                        let c_lower = c.to_lowercase().next().unwrap_or(c);
                        this.push(c, c_lower.encode_utf8(&mut lower));
                    }
                }
            }
        }
        this
    }

    /// The printed text from a place in the normalized one.
    #[must_use]
    pub fn printed_from(&self, normalized_at: usize) -> &str {
        let at = self
            .from
            .get(normalized_at)
            .copied()
            .unwrap_or(self.printed.len());
        self.printed.get(at..).unwrap_or("")
    }

    /// The printed text up to a place in the normalized one.
    #[must_use]
    pub fn printed_to(&self, normalized_at: usize) -> &str {
        let at = self
            .from
            .get(normalized_at)
            .copied()
            .unwrap_or(self.printed.len());
        self.printed.get(..at).unwrap_or("")
    }

    /// Where a normalized phrase stands as whole words: start and end in the normalized text.
    #[must_use]
    pub fn find(&self, phrase: &str) -> Option<(usize, usize)> {
        find_words(&self.normalized, phrase)
    }

    fn push(&mut self, printed: char, normalized: &str) {
        let at = self.printed.len();
        self.printed.push(printed);
        self.normalized.push_str(normalized);
        self.from.extend(std::iter::repeat_n(at, normalized.len()));
    }
}

/// Normalizes a text when the printed one is not needed any more.
#[must_use]
pub fn normalize(text: &str) -> String {
    Normalized::new(text).normalized
}

/// Where `phrase` stands in `text` as whole words.
#[must_use]
pub fn find_words(text: &str, phrase: &str) -> Option<(usize, usize)> {
    if phrase.is_empty() {
        return None;
    }
    text.match_indices(phrase)
        .map(|(at, _)| (at, at + phrase.len()))
        .find(|(start, end)| {
            let before = text.get(..*start).and_then(|t| t.chars().next_back());
            let after = text.get(*end..).and_then(|t| t.chars().next());
            let ends_open = phrase.ends_with(|c: char| !c.is_alphanumeric());
            !before.is_some_and(char::is_alphanumeric)
                && (ends_open || !after.is_some_and(char::is_alphabetic))
        })
}

fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' | 'À' | 'Á' | 'Â' | 'Ã' | 'Å' | 'Ą' => {
            "a"
        }
        'ä' | 'Ä' => "a",
        'æ' | 'Æ' => "ae",
        'ç' | 'ć' | 'č' | 'Ç' | 'Ć' | 'Č' => "c",
        'ď' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | 'È' | 'É' | 'Ê' | 'Ë' | 'Ę' | 'Ě' => {
            "e"
        }
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'Ì' | 'Í' | 'Î' | 'Ï' => "i",
        'ł' | 'Ł' => "l",
        'ñ' | 'ń' | 'ň' | 'Ñ' | 'Ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' | 'Ő' => {
            "o"
        }
        'œ' | 'Œ' => "oe",
        'ř' | 'Ř' => "r",
        'ś' | 'š' | 'Ś' | 'Š' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'Ù' | 'Ú' | 'Û' | 'Ü' | 'Ů' | 'Ű' => {
            "u"
        }
        'ý' | 'ÿ' | 'Ý' => "y",
        'ź' | 'ż' | 'ž' | 'Ź' | 'Ż' | 'Ž' => "z",
        '\u{2019}' | '\u{2018}' | '`' => "'",
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{2014}' | '\u{2212}' => "-",
        '³' => "3",
        '№' | 'º' | '°' => "°",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_normalized_text_leads_to_the_printed_one() {
        let text = Normalized::new("Zählerstand  für Straße: 1\u{a0}234");
        assert_eq!(text.normalized, "zahlerstand fur strasse: 1 234");
        let (_, end) = text.find("strasse").expect("there");
        assert_eq!(text.printed_from(end), ": 1 234");
        assert_eq!(
            text.printed_to(text.find("fur").expect("there").0),
            "Zählerstand "
        );
    }

    #[test]
    fn find_words_finds_whole_words_only() {
        assert_eq!(find_words("overdue date", "due date"), None);
        assert_eq!(find_words("the due date:", "due date"), Some((4, 12)));
        assert_eq!(find_words("duedates", "due"), None);
    }
}
