//! Finds the lines of a bill: a description, an amount, and between them perhaps `910 kWh x $0.1184`.

use rust_decimal::Decimal;

use super::{
    bill::LineItem,
    fields::begins_with,
    labels::Field,
    layout::{Cell, Layout, Line},
    normalize::{find_words, normalize},
    numbers::{DecimalSeparator, Number, numbers},
    unit::Unit,
};

const LINES_MAX: usize = 100;

/// Lines that are sums or balances, not charges.
const SUMS: &[&str] = &[
    "total",
    "subtotal",
    "sub-total",
    "balance",
    "amount due",
    "summe",
    "gesamt",
    "zwischensumme",
    "saldo",
    "solde",
    "sous-total",
    "importe total",
    "payment",
    "payments",
    "zahlung",
    "zahlungen",
    "abschlage",
    "paiement",
    "paiements",
    "pago",
    "pagos",
    "please pay",
    "pay",
    "previous",
    "last bill",
    "betrag",
    "rechnungsbetrag",
    "net a payer",
    "a payer",
    "montant",
    "totale",
    "netto",
    "brutto",
    "autopay",
    "current charges",
    "new charges",
    "nachzahlung",
    "totaal",
    "rechnungssumme",
    "vorauszahlung",
    "guthaben",
];

/// Charges and taxes, in the order of the page. When the charges of a part of the page add up to `current` (what
/// this period costs), that part alone counts.
#[must_use]
pub fn line_items(
    layout: &Layout,
    decimal: DecimalSeparator,
    current: Option<Decimal>,
) -> Vec<LineItem> {
    let all: Vec<LineItem> = layout
        .lines
        .iter()
        .filter_map(|line| item(line, decimal))
        .take(LINES_MAX)
        .collect();
    let Some(current) = current.filter(|amount| !amount.is_zero()) else {
        return all;
    };
    // A cent is lost where a utility rounds its lines.
    let rounding = Decimal::new(1, 2);
    // The longest run of neighbours that adds up.
    let mut best: Option<(usize, usize)> = None;
    for start in 0..all.len() {
        let mut sum = Decimal::ZERO;
        for (end, item) in all.iter().enumerate().skip(start) {
            sum += item.total_charge.unwrap_or_default();
            if (sum - current).abs() <= rounding
                && best.is_none_or(|(from, to)| end - start > to - from)
            {
                best = Some((start, end));
            }
        }
    }
    match best {
        Some((start, end)) => all.into_iter().skip(start).take(end - start + 1).collect(),
        None => all,
    }
}

/// Lines that are taxes, added up; `None` when there is none.
#[must_use]
pub fn taxes_in(items: &[LineItem]) -> Option<Decimal> {
    let taxes: Vec<Decimal> = items
        .iter()
        .filter(|item| is_tax(&item.description))
        .filter_map(|item| item.total_charge)
        .collect();
    (!taxes.is_empty()).then(|| taxes.iter().sum())
}

fn is_tax(description: &str) -> bool {
    let normalized = normalize(description);
    [
        "tax",
        "taxes",
        "vat",
        "mwst",
        "ust",
        "umsatzsteuer",
        "mehrwertsteuer",
        "tva",
        "iva",
        "gst",
        "hst",
        "pst",
        "btw",
        "moms",
    ]
    .iter()
    .any(|word| find_words(&normalized, word).is_some())
}

fn item(line: &Line, decimal: DecimalSeparator) -> Option<LineItem> {
    let first = line.cells.first()?;
    let (amount, last_text) = match line.cells.as_slice() {
        [only] => {
            let found = numbers(&only.text.printed, decimal);
            let amount = *found.last().filter(|n| n.is_money())?;
            // One cell: the amount must end it, and words must begin it.
            let tail = only.text.printed.get(amount.end..)?.trim();
            if !tail.is_empty() && tail.chars().count() > 3 {
                return None;
            }
            (amount, only.text.printed.get(..amount.start)?.to_owned())
        }
        [_, rest @ ..] => (column_amount(rest, decimal)?, String::new()),
        [] => return None,
    };
    let description = if line.cells.len() == 1 {
        description_of(&last_text)
    } else {
        description_of(&first.text.printed)
    };
    let letters = description.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 3 || description.chars().count() > 80 || is_sum(&description) {
        return None;
    }
    let not_charges = [
        Field::Total,
        Field::Previous,
        Field::Payments,
        Field::Account,
        Field::Invoice,
        Field::DueDate,
        Field::BillDate,
        Field::Meter,
    ];
    if begins_with(first, &not_charges, 60) {
        return None;
    }
    let middle = line.joined();
    let (quantity, rate) = counted(&middle, decimal, amount);
    Some(LineItem {
        description,
        rate: rate.map(|n| n.value),
        quantity: quantity.map(|n| n.value),
        quantity_units: quantity.and_then(|n| unit_after(&middle, n)),
        total_charge: Some(amount.value),
    })
}

/// The amount of the first column: the last of the amounts that stand together. Text after them is another
/// column's.
fn column_amount(cells: &[Cell], decimal: DecimalSeparator) -> Option<Number> {
    let amount = |cell: &Cell| lone_amount(&cell.text.printed, decimal);
    let from = cells.iter().position(|cell| amount(cell).is_some())?;
    cells.iter().skip(from).map_while(amount).last()
}

fn lone_amount(text: &str, decimal: DecimalSeparator) -> Option<Number> {
    let found = numbers(text, decimal);
    let [amount] = found.as_slice() else {
        return None;
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (amount.is_money() && letters <= 4).then_some(*amount)
}

/// The quantity and rate whose product is the amount.
fn counted(
    text: &str,
    decimal: DecimalSeparator,
    amount: Number,
) -> (Option<Number>, Option<Number>) {
    let found: Vec<Number> = numbers(text, decimal)
        .into_iter()
        .filter(|n| !n.percent && n.value > Decimal::ZERO)
        .collect();
    for (i, quantity) in found.iter().enumerate() {
        for rate in found.iter().skip(i + 1).take(3) {
            for scale in [Decimal::ONE, Decimal::new(1, 2)] {
                // Rates in cents are common (`32.18 ct/kWh`), and amounts are rounded.
                let Some(product) = rate
                    .value
                    .checked_mul(scale)
                    .and_then(|rate| rate.checked_mul(quantity.value))
                else {
                    continue;
                };
                let amount = amount.value.abs();
                let tolerance = Decimal::new(1, 2) + amount * Decimal::new(5, 4);
                if rate.decimals >= 2 && (product - amount).abs() < tolerance {
                    return (
                        Some(*quantity),
                        Some(Number {
                            value: rate.value * scale,
                            ..*rate
                        }),
                    );
                }
            }
        }
    }
    (None, None)
}

fn unit_after(text: &str, number: Number) -> Option<Unit> {
    let word: String = text
        .get(number.end..)?
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '³')
        .collect();
    let letters = word.chars().next().is_some_and(char::is_alphabetic);
    (letters && word.len() <= 8 && !matches!(word.as_str(), "x" | "X" | "at" | "CR"))
        .then(|| Unit::of(&word))
}

fn description_of(text: &str) -> String {
    // `Energy charge 910 kWh x 0.1184`: the words before the numbers, but `VAT 5 %` whole.
    let words_before = |at: usize| {
        text.get(..at)
            .is_some_and(|before| before.chars().filter(|c| c.is_alphabetic()).count() >= 3)
    };
    let is_percent = |at: usize| {
        let number = text
            .get(at..)
            .unwrap_or("")
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        number.trim_start().starts_with('%')
    };
    let end = text
        .char_indices()
        .find(|(at, c)| c.is_ascii_digit() && words_before(*at) && !is_percent(*at))
        .map_or(text.len(), |(at, _)| at);
    text.get(..end)
        .unwrap_or(text)
        .trim()
        .trim_end_matches(['$', '€', '£', ':', '-', '(', '.', '@'])
        .trim()
        .chars()
        .take(120)
        .collect()
}

fn is_sum(description: &str) -> bool {
    let normalized = normalize(description);
    SUMS.iter()
        .any(|word| find_words(&normalized, word).is_some_and(|(start, _)| start < 14))
}
