//! Text of the remote site, made harmless before it goes anywhere.

/// Plain text on one line: control and direction-changing characters become spaces, runs of
/// white space one space, and the rest is cut after `max` characters.
#[must_use]
pub(super) fn bounded(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    // Looks at a bounded part of the input only: a site may send megabytes.
    for c in text.chars().take(max.saturating_mul(8)) {
        if count == max {
            break;
        }
        let harmless = if c.is_control() || c.is_whitespace() || changes_direction(c) {
            ' '
        } else {
            c
        };
        if harmless == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.push(harmless);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Bidirectional overrides and isolates can make a text read as another one.
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn text_of_a_site_becomes_one_bounded_plain_line() {
        assert_eq!(
            bounded("  Wrong\n\tpass\u{202e}word \0", 50),
            "Wrong pass word"
        );
        assert_eq!(bounded("ééééé", 3), "ééé");
        assert_eq!(bounded(&" ".repeat(100_000), 5), "");
    }
}
