//! Texts of one line that organizations write and clients read: names, addresses, reasons.

/// Whether the character is not shown itself, but changes how others are: line ends and other controls, and the marks by which
/// a name can be shown in another order than it is written in (the embeddings, overrides and isolates of Unicode's
/// bidirectional algorithm). Names of right-to-left scripts need none of them.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether nothing of the text can be seen: it has only white space, controls and marks without a width of their own.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let without_width = |c| {
        matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars()
        .all(|c| c.is_whitespace() || is_control(c) || without_width(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_order_of_a_name_is_a_control_and_its_letters_are_not() {
        for c in [
            '\0', '\n', '\u{7f}', '\u{85}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}',
        ] {
            assert!(is_control(c), "{c:?}");
        }
        for name in [
            "Müller & Söhne",
            "חברת החשמל",
            "شركة الكهرباء",
            "東京電力",
            "A\u{200d}B",
        ] {
            assert!(!name.contains(is_control), "{name}");
        }
    }

    #[test]
    fn a_text_of_which_nothing_can_be_seen_is_blank() {
        for text in [
            "",
            " \t",
            "\u{200b}",
            "\u{feff} \u{200d}\u{ad}",
            "\u{3164}",
            "\u{2800}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["A", "\u{200b}A", "東", "👩\u{200d}🔧", "."] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
