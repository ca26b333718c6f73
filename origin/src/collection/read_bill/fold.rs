//! Text as it is compared: lower case, without accents, single spaces. Knows where each letter was.

/// A text as printed and as compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// As printed, with single spaces.
    pub printed: String,
    /// As compared.
    pub folded: String,
    /// For each byte of `folded`, the byte of `printed` that it came from.
    from: Vec<usize>,
}

impl Folded {
    /// Folds a text.
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

    /// The printed text from a place in the folded one.
    #[must_use]
    pub fn printed_from(&self, folded_at: usize) -> &str {
        let at = self
            .from
            .get(folded_at)
            .copied()
            .unwrap_or(self.printed.len());
        self.printed.get(at..).unwrap_or("")
    }

    /// The printed text up to a place in the folded one.
    #[must_use]
    pub fn printed_to(&self, folded_at: usize) -> &str {
        let at = self
            .from
            .get(folded_at)
            .copied()
            .unwrap_or(self.printed.len());
        self.printed.get(..at).unwrap_or("")
    }

    /// Where a folded phrase stands as whole words: start and end in the folded text.
    #[must_use]
    pub fn find(&self, phrase: &str) -> Option<(usize, usize)> {
        find_words(&self.folded, phrase)
    }

    fn push(&mut self, printed: char, folded: &str) {
        let at = self.printed.len();
        self.printed.push(printed);
        self.folded.push_str(folded);
        self.from.extend(std::iter::repeat_n(at, folded.len()));
    }
}

/// Folds a text that needs no way back.
#[must_use]
pub fn fold(text: &str) -> String {
    Folded::new(text).folded
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
    fn folds_and_finds_the_way_back() {
        let text = Folded::new("Zählerstand  für Straße: 1\u{a0}234");
        assert_eq!(text.folded, "zahlerstand fur strasse: 1 234");
        let (_, end) = text.find("strasse").expect("there");
        assert_eq!(text.printed_from(end), ": 1 234");
        assert_eq!(
            text.printed_to(text.find("fur").expect("there").0),
            "Zählerstand "
        );
    }

    #[test]
    fn whole_words_only() {
        assert_eq!(find_words("overdue date", "due date"), None);
        assert_eq!(find_words("the due date:", "due date"), Some((4, 12)));
        assert_eq!(find_words("duedates", "due"), None);
    }
}
