//! Lines of a bill that may be a postal address: what a service is for, as far as words alone tell.

use super::layout::Layout;

/// Lines that are kept; a bill has a handful.
const LINES: usize = 40;
/// Characters of one line: longer ones are sentences.
const LENGTH: std::ops::RangeInclusive<usize> = 6..=100;

/// The lines that hold a number of at most five digits beside a word, as printed, each once.
pub(crate) fn address_lines(layout: &Layout) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let cells = layout.lines.iter().flat_map(|line| &line.cells);
    for cell in cells {
        let text = cell.text.printed.trim();
        let fits = LENGTH.contains(&text.chars().count()) && may_be_address(text);
        if fits && found.len() < LINES && found.iter().all(|known| known != text) {
            found.push(text.to_owned());
        }
    }
    found
}

fn may_be_address(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_number = |word: &&str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        (1..=5).contains(&digits) && word.chars().count() <= digits + 1
    };
    let is_name = |word: &&str| word.chars().filter(|char| char.is_alphabetic()).count() >= 3;
    words.iter().any(is_number) && words.iter().any(is_name)
}

#[cfg(test)]
mod tests {
    use super::may_be_address;

    #[test]
    fn lines_with_a_house_number() {
        for address in [
            "128 Weir Road",
            "Hauptstraße 12a, 10115 Berlin",
            "12, rue de la Paix",
            "Via Roma 3",
        ] {
            assert!(may_be_address(address), "{address}");
        }
        for other in ["Total due", "4402-900-0006", "$ 12.30", "1234567890 kWh"] {
            assert!(!may_be_address(other), "{other}");
        }
    }
}
