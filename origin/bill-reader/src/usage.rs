//! Finds what was used: in meter tables, in readings beside labels, or in quantities with a unit.

use rust_decimal::Decimal;
use time::Date;

use super::{
    bill::Usage,
    dates::{DateOrder, dates},
    fields::{best_value, candidates, column_field},
    labels::{ESTIMATED, Field},
    layout::{Cell, Layout, Line},
    normalize::find_words,
    numbers::{DecimalSeparator, numbers},
    unit::Unit,
};

/// How a document writes numbers and dates.
#[derive(Debug, Clone, Copy)]
pub struct Notation {
    /// The decimal separator in numbers.
    pub decimal: DecimalSeparator,
    /// The order of day and month in numeric dates.
    pub order: DateOrder,
}

/// Beside these words a quantity is no usage of this bill.
const NOT_USED: &[&str] = &[
    "average",
    "per day",
    "daily",
    "pro tag",
    "par jour",
    "al dia",
    "al giorno",
    "last year",
    "vorjahr",
    "previous year",
    "annual",
    "jahresverbrauch",
    "co2",
    "year ago",
    "prior year",
    "same period",
    "compared",
    "vergleich",
    "vorjahreszeitraum",
    "n-1",
    "prognose",
];

/// What was used, one row per meter.
#[must_use]
pub fn usage(layout: &Layout, notation: Notation, period: Option<(Date, Date)>) -> Vec<Usage> {
    let mut rows = meter_tables(layout, notation);
    if rows.is_empty() {
        rows.extend(single(layout, notation));
    }
    let common = rows.iter().find_map(|row| row.units.clone()).or_else(|| {
        quantities(layout, notation)
            .first()
            .map(|(_, unit, _)| unit.clone())
    });
    for row in &mut rows {
        row.units = row.units.take().or_else(|| common.clone());
        if let (None, Some((start, end))) = (&row.start_date, period) {
            row.start_date = Some(start);
            row.end_date = Some(end);
        }
    }
    rows.truncate(50);
    rows
}

/// Meter numbers that the document names.
#[must_use]
pub fn meters(layout: &Layout) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for candidate in candidates(layout, Field::Meter, meter_number) {
        if candidate.score >= 60 && !found.contains(&candidate.value) && found.len() < 20 {
            found.push(candidate.value);
        }
    }
    for (head, columns) in table_heads(layout) {
        let Some(column) = columns
            .iter()
            .find(|(field, _)| *field == Field::Meter)
            .map(|(_, cell)| cell)
        else {
            continue;
        };
        for line in rows_under(layout, head) {
            let number = cell_under(line, column).and_then(|cell| meter_number(&cell.text.printed));
            if let Some(number) = number.filter(|number| !found.contains(number)) {
                found.push(number);
            }
        }
    }
    found.truncate(20);
    found
}

fn meter_number(text: &str) -> Option<String> {
    let word: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '/'))
        .collect();
    let word = word.trim_matches(['-', '.', '/']);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let dated = word.matches('/').count() == 2 || word.matches('.').count() == 2;
    (digits >= 4 && word.len() <= 30 && !dated).then(|| word.to_owned())
}

const COLUMNS: &[Field] = &[
    Field::PreviousReading,
    Field::CurrentReading,
    Field::Usage,
    Field::Meter,
];

/// Lines that are headings of a meter table, with the meaning of their columns.
fn table_heads(layout: &Layout) -> Vec<(usize, Vec<(Field, &Cell)>)> {
    layout
        .lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| {
            let columns: Vec<(Field, &Cell)> = line
                .cells
                .iter()
                .filter_map(|cell| column_field(cell, COLUMNS).map(|field| (field, cell)))
                .collect();
            let has = |field| columns.iter().any(|(f, _)| *f == field);
            (has(Field::PreviousReading) && has(Field::CurrentReading)).then_some((i, columns))
        })
        .collect()
}

fn rows_under(layout: &Layout, head: usize) -> impl Iterator<Item = &Line> {
    let page = layout.lines.get(head).map_or(0, |line| line.page);
    layout
        .lines
        .iter()
        .skip(head + 1)
        .take(14)
        .take_while(move |line| line.page == page)
}

fn meter_tables(layout: &Layout, notation: Notation) -> Vec<Usage> {
    let mut found: Vec<Usage> = Vec::new();
    for (head, columns) in table_heads(layout) {
        let column = |wanted| {
            columns
                .iter()
                .find(|(field, _)| *field == wanted)
                .map(|(_, cell)| *cell)
        };
        let (Some(previous), Some(current)) = (
            column(Field::PreviousReading),
            column(Field::CurrentReading),
        ) else {
            continue;
        };
        let mut missed = 0;
        for line in rows_under(layout, head) {
            let reading = |head: &Cell| {
                cell_under(line, head).and_then(|cell| plain_number(&cell.text.printed, notation))
            };
            let (Some(previous), Some(current)) = (reading(previous), reading(current)) else {
                missed += 1;
                if missed > 2 {
                    break;
                }
                continue;
            };
            // `Units used` and `kWh used` side by side: the one that names its unit.
            let used = columns
                .iter()
                .filter(|(field, _)| *field == Field::Usage)
                .max_by_key(|(_, head)| Unit::within(&head.text.normalized).is_some())
                .and_then(|(_, head)| cell_under(line, head).map(|cell| (*head, cell)));
            let row = row(line, notation, previous, current, used);
            if !found.iter().any(|other| {
                other.previous_reading == row.previous_reading
                    && other.current_reading == row.current_reading
            }) {
                found.push(row);
            }
        }
    }
    found
}

fn row(
    line: &Line,
    notation: Notation,
    previous: Decimal,
    current: Decimal,
    used: Option<(&Cell, &Cell)>,
) -> Usage {
    let text = line.joined();
    let difference = current - previous;
    let quantity = used
        .and_then(|(_, cell)| {
            numbers(&cell.text.printed, notation.decimal)
                .first()
                .map(|n| n.value)
        })
        .or_else(|| {
            numbers(&text, notation.decimal)
                .iter()
                .map(|n| n.value)
                .find(|value| *value == difference && difference > Decimal::ZERO)
        })
        .or((difference >= Decimal::ZERO).then_some(difference));
    let units = used
        .and_then(|(head, cell)| {
            Unit::within(&cell.text.normalized).or_else(|| Unit::within(&head.text.normalized))
        })
        .or_else(|| {
            line.cells
                .iter()
                .rev()
                .find_map(|cell| Unit::within(&cell.text.normalized))
        });
    let days = dates(&text, notation.order);
    let (start, end) = match days.as_slice() {
        [start, end, ..] if start.date < end.date => (Some(start.date), Some(end.date)),
        _ => (None, None),
    };
    Usage {
        start_date: start,
        end_date: end,
        quantity,
        units,
        is_estimated: contains_any(&text, ESTIMATED),
        current_reading: Some(current),
        previous_reading: Some(previous),
        tariff: None,
    }
}

/// One meter without a table.
fn single(layout: &Layout, notation: Notation) -> Option<Usage> {
    let number = |text: &str| plain_number(text, notation);
    let reading = |field| {
        best_value(&candidates(layout, field, number), |a, b| a == b).map(|(value, _)| value)
    };
    let (previous, current) = (
        reading(Field::PreviousReading),
        reading(Field::CurrentReading),
    );
    let labelled = candidates(layout, Field::Usage, |text| quantity_first(text, notation));
    let mentioned = quantities(layout, notation);
    let (quantity, units) = match (best_value(&labelled, |a, b| a == b), mentioned.first()) {
        (Some(((quantity, unit), _)), _) => (quantity, Some(unit)),
        (None, Some((quantity, unit, _))) => (*quantity, Some(unit.clone())),
        (None, None) => match (previous, current) {
            (Some(previous), Some(current)) if current >= previous => (current - previous, None),
            _ => return None,
        },
    };
    Some(Usage {
        quantity: Some(quantity),
        units,
        is_estimated: layout.lines.iter().any(|line| {
            let text = line.joined();
            contains_any(&text, ESTIMATED)
                && (contains_any(
                    &text,
                    &[
                        "reading",
                        "read",
                        "zahlerstand",
                        "index",
                        "lectura",
                        "lettura",
                        "usage",
                        "verbrauch",
                        "consommation",
                        "consumo",
                        "bill",
                    ],
                ))
        }),
        current_reading: current,
        previous_reading: previous,
        ..Usage::default()
    })
}

/// All quantities with a unit: most often named first, then the largest.
fn quantities(layout: &Layout, notation: Notation) -> Vec<(Decimal, Unit, usize)> {
    let mut found: Vec<(Decimal, Unit, usize)> = Vec::new();
    for line in &layout.lines {
        let whole = line.joined();
        if contains_any(&whole, NOT_USED) {
            continue;
        }
        for cell in &line.cells {
            for number in numbers(&cell.text.normalized, notation.decimal) {
                let Some(unit) = cell
                    .text
                    .normalized
                    .get(number.end..)
                    .and_then(Unit::at_start)
                else {
                    continue;
                };
                if number.currency || number.percent || number.value <= Decimal::ZERO {
                    continue;
                }
                match found
                    .iter_mut()
                    .find(|(value, u, _)| *value == number.value && *u == unit)
                {
                    Some((_, _, times)) => *times += 1,
                    None => found.push((number.value, unit, 1)),
                }
            }
        }
    }
    found.sort_by(|a, b| b.2.cmp(&a.2).then(b.0.cmp(&a.0)));
    found
}

fn quantity_first(text: &str, notation: Notation) -> Option<(Decimal, Unit)> {
    let normalized = super::normalize::normalize(text);
    let number = *numbers(&normalized, notation.decimal).first()?;
    if number.currency || number.percent || contains_any(&normalized, NOT_USED) {
        return None;
    }
    // `kWh used 910` or `910 kWh`, and nothing before it but the unit.
    let before = normalized
        .get(..number.start)?
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | ')' | '='));
    let unit_before = if before.is_empty() {
        None
    } else {
        Some(Unit::within(before)?)
    };
    let unit = normalized
        .get(number.end..)
        .and_then(Unit::at_start)
        .or(unit_before)?;
    Some((number.value, unit))
}

/// A number alone in its cell, but for a unit or a mark such as `(A)`.
fn plain_number(text: &str, notation: Notation) -> Option<Decimal> {
    let numbers = numbers(text, notation.decimal);
    let [number] = numbers.as_slice() else {
        return None;
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (!number.currency
        && !number.percent
        && number.value >= Decimal::ZERO
        && letters <= 14
        && number.start <= 12)
        .then_some(number.value)
}

fn cell_under<'a>(line: &'a Line, head: &Cell) -> Option<&'a Cell> {
    let off = |cell: &Cell| {
        let edges = (cell.left - head.left)
            .abs()
            .min((cell.right - head.right).abs());
        edges.min(((cell.left + cell.right) / 2.0 - (head.left + head.right) / 2.0).abs())
    };
    let overlaps = |cell: &Cell| head.right.min(cell.right) - head.left.max(cell.left) > -2.0;
    line.cells
        .iter()
        .filter(|cell| overlaps(cell))
        .min_by(|a, b| off(a).total_cmp(&off(b)))
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    let normalized = super::normalize::normalize(text);
    words
        .iter()
        .any(|word| find_words(&normalized, word).is_some())
}
