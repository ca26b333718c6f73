//! Lines of a bill that may be a postal address: what a service is for, as far as words alone tell.

use super::{
    layout::{Cell, Layout},
    normalize::find_words,
};

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
        if is_address(cell) && found.len() < LINES && found.iter().all(|known| known != text) {
            found.push(text.to_owned());
        }
    }
    found
}

/// What the address of the service is called.
#[rustfmt::skip]
const SERVICE_LABELS: &[&str] = &[
    "service address", "service location", "service at", "address of service", "premise", "premises", "supply address", "site address",
    "property address", "lieferstelle", "lieferadresse", "verbrauchsstelle", "verbrauchsort", "abnahmestelle", "adresse de livraison",
    "adresse de consommation", "lieu de consommation", "point de livraison", "adresse du service", "adresse desservie",
    "direccion de suministro", "punto de suministro", "direccion del servicio", "indirizzo di fornitura", "luogo di fornitura",
    "punto di fornitura", "leveringsadres", "verbruiksadres", "morada de fornecimento", "local de consumo", "local de fornecimento",
    "endereco de instalacao", "leveransadress", "anlaggningsadress", "leveringsadresse", "forbrugssted", "punkt poboru",
];
/// Lines below a label that may belong to it.
const BELOW: usize = 3;
/// Left edges of a label and of what stands below it differ by no more than this, in points.
const SAME_COLUMN: f32 = 24.0;

/// The lines of an address that a label calls that of the service, as printed, each once: beside the label or below it.
pub(crate) fn service_address_lines(layout: &Layout) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, line) in layout.lines.iter().enumerate() {
        for (at, label) in line.cells.iter().enumerate() {
            if !is_service_label(label) {
                continue;
            }
            let below = layout.lines.iter().skip(index + 1).take(BELOW);
            let below = below.flat_map(|line| &line.cells);
            let below = below.filter(|cell| (cell.left - label.left).abs() <= SAME_COLUMN);
            // The first is its own; what follows may be where the bill is sent to.
            let mut own = [label]
                .into_iter()
                .chain(line.cells.get(at + 1))
                .chain(below);
            if let Some(cell) = own.find(|cell| is_address(cell)) {
                let text = cell.text.printed.trim();
                if found.len() < LINES && found.iter().all(|known| known != text) {
                    found.push(text.to_owned());
                }
            }
        }
    }
    found
}

fn is_address(cell: &Cell) -> bool {
    let text = cell.text.printed.trim();
    LENGTH.contains(&text.chars().count()) && may_be_address(text)
}

fn is_service_label(cell: &Cell) -> bool {
    let text = &cell.text.normalized;
    SERVICE_LABELS
        .iter()
        .any(|label| find_words(text, label).is_some_and(|(start, _)| start < 12))
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
