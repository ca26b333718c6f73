//! One spelling of texts: digits of other scripts become ASCII, what cannot be seen goes, spaces are one.

/// The zeros of the scripts whose digits follow one another, and of full-width forms.
const ZEROS: [char; 21] = [
    '\u{0660}',
    '\u{06F0}',
    '\u{07C0}',
    '\u{0966}',
    '\u{09E6}',
    '\u{0A66}',
    '\u{0AE6}',
    '\u{0B66}',
    '\u{0BE6}',
    '\u{0C66}',
    '\u{0CE6}',
    '\u{0D66}',
    '\u{0E50}',
    '\u{0ED0}',
    '\u{0F20}',
    '\u{1040}',
    '\u{17E0}',
    '\u{1810}',
    '\u{FF10}',
    '\u{1D7CE}',
    '\u{1D7D8}',
];

/// The text in one spelling.
pub fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match one(letter) {
            Some(' ') if out.ends_with(' ') || out.is_empty() => {}
            Some(letter) => out.push(letter),
            None => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn one(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return Some(
            if letter.is_ascii_whitespace() || letter.is_ascii_control() {
                ' '
            } else {
                letter
            },
        );
    }
    if letter.is_whitespace() || matches!(letter, '\u{2800}' | '\u{3164}') {
        return Some(' ');
    }
    // Joiners, marks of direction, soft hyphens: they stand inside of codes and cannot be seen.
    if matches!(
        letter,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE0F}' | '\u{FEFF}'
    ) {
        return None;
    }
    match letter {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' => return Some('-'),
        '\u{FF1A}' => return Some(':'),
        '\u{FF0B}' => return Some('+'),
        '\u{2019}' | '\u{2018}' => return Some('\''),
        // Full-width letters.
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            return char::from_u32(u32::from(letter) - 0xFEE0);
        }
        _ => {}
    }
    for zero in ZEROS {
        if let Some(digit) = u32::from(letter).checked_sub(u32::from(zero))
            && digit < 10
        {
            return char::from_digit(digit, 10);
        }
    }
    Some(letter)
}

/// Lower case, every character as long as it was, so that places in both texts are the same.
pub fn lower(text: &str) -> String {
    text.chars()
        .map(|letter| {
            let mut small = letter.to_lowercase();
            match (small.next(), small.next()) {
                (Some(one), None) if one.len_utf8() == letter.len_utf8() => one,
                _ => letter,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_become_ascii() {
        assert_eq!(normalized("٤٧٢٩٠٨ ۲۹۰ ६३ 12 ๒๓"), "472908 290 63 12 23");
    }

    #[test]
    fn what_cannot_be_seen_goes() {
        assert_eq!(
            normalized(" 48\u{200B}29\u{00AD}13\u{00A0}\u{2003}x \n"),
            "482913 x"
        );
        assert_eq!(normalized("G\u{2011}12"), "G-12");
    }

    #[test]
    fn lower_case_keeps_every_place() {
        let text = "İSTANBUL Code Ẕ";
        assert_eq!(lower(text).len(), text.len());
        assert_eq!(lower("ΚΩΔΙΚΌΣ Код"), "κωδικόσ код");
    }
}
