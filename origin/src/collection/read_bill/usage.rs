//! What was used: meter tables, readings beside labels, or quantities with a unit.

use time::Date;

use crate::store::bills::Usage;

use super::{
    dates::{Order, dates},
    fields::{candidates, head_of, settle},
    fold::find_words,
    labels::{ESTIMATED, Field},
    numbers::{Decimal, numbers},
    paper::{Cell, Line, Paper},
};

/// How this document writes.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Its decimal separator.
    pub decimal: Decimal,
    /// Its numeric dates.
    pub order: Order,
}

/// Folded spellings of a unit, and the one spelling that is kept.
#[rustfmt::skip]
const UNITS: &[(&str, &str)] = &[
    ("kwh", "kWh"), ("kilowatt hours", "kWh"), ("kilowatt-hours", "kWh"), ("mwh", "MWh"), ("therms", "therms"), ("therm", "therms"), ("thm", "therms"),
    ("ccf", "CCF"), ("hcf", "HCF"), ("mcf", "MCF"), ("cubic metres", "m3"), ("cubic meters", "m3"), ("kubikmeter", "m3"), ("m3", "m3"), ("cbm", "m3"), ("smc", "Smc"), ("mc", "m3"),
    ("kgal", "kgal"), ("tgal", "kgal"), ("thousand gallons", "kgal"), ("1000 gallons", "kgal"), ("gallons", "gal"), ("gallon", "gal"), ("gals", "gal"), ("gal", "gal"), ("cubic feet", "cf"), ("cu ft", "cf"),
    ("cu. ft", "cf"), ("cf", "cf"), ("gj", "GJ"), ("mj", "MJ"), ("mmbtu", "MMBtu"), ("dth", "Dth"), ("mlbs", "Mlb"), ("mlb", "Mlb"), ("klbs", "klb"), ("klb", "klb"), ("lbs", "lb"),
    ("litres", "l"), ("liters", "l"), ("litros", "l"), ("liter", "l"), ("ton-hours", "ton-h"), ("ton hours", "ton-h"),
];

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

/// What was used, a meter a row.
#[must_use]
pub fn usage(paper: &Paper, style: Style, period: Option<(Date, Date)>) -> Vec<Usage> {
    let mut rows = meter_tables(paper, style);
    if rows.is_empty() {
        rows.extend(single(paper, style));
    }
    let common = rows.iter().find_map(|row| row.units.clone()).or_else(|| {
        quantities(paper, style)
            .first()
            .map(|(_, unit, _)| (*unit).to_owned())
    });
    for row in &mut rows {
        row.units = row.units.take().or_else(|| common.clone());
        if let (None, Some((start, end))) = (&row.start_date, period) {
            row.start_date = Some(start.to_string());
            row.end_date = Some(end.to_string());
        }
    }
    rows.truncate(50);
    rows
}

/// Meter numbers that the document names.
#[must_use]
pub fn meters(paper: &Paper) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for candidate in candidates(paper, Field::Meter, meter_number) {
        if candidate.score >= 60 && !found.contains(&candidate.value) && found.len() < 20 {
            found.push(candidate.value);
        }
    }
    for (head, columns) in heads(paper) {
        let Some(column) = columns
            .iter()
            .find(|(field, _)| *field == Field::Meter)
            .map(|(_, cell)| cell)
        else {
            continue;
        };
        for line in rows_under(paper, head) {
            let number = under(line, column).and_then(|cell| meter_number(&cell.text.printed));
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

/// Lines that head a meter table, with what their columns mean.
fn heads(paper: &Paper) -> Vec<(usize, Vec<(Field, &Cell)>)> {
    paper
        .lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| {
            let columns: Vec<(Field, &Cell)> = line
                .cells
                .iter()
                .filter_map(|cell| head_of(cell, COLUMNS).map(|field| (field, cell)))
                .collect();
            let has = |field| columns.iter().any(|(f, _)| *f == field);
            (has(Field::PreviousReading) && has(Field::CurrentReading)).then_some((i, columns))
        })
        .collect()
}

fn rows_under(paper: &Paper, head: usize) -> impl Iterator<Item = &Line> {
    let page = paper.lines.get(head).map_or(0, |line| line.page);
    paper
        .lines
        .iter()
        .skip(head + 1)
        .take(14)
        .take_while(move |line| line.page == page)
}

fn meter_tables(paper: &Paper, style: Style) -> Vec<Usage> {
    let mut found: Vec<Usage> = Vec::new();
    for (head, columns) in heads(paper) {
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
        for line in rows_under(paper, head) {
            let reading = |head: &Cell| {
                under(line, head).and_then(|cell| plain_number(&cell.text.printed, style))
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
                .max_by_key(|(_, head)| unit_in(&head.text.folded).is_some())
                .and_then(|(_, head)| under(line, head).map(|cell| (*head, cell)));
            let row = row(line, style, previous, current, used);
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
    style: Style,
    previous: f64,
    current: f64,
    used: Option<(&Cell, &Cell)>,
) -> Usage {
    let text = line.joined();
    let difference = round(current - previous);
    let quantity = used
        .and_then(|(_, cell)| {
            numbers(&cell.text.printed, style.decimal)
                .first()
                .map(|n| n.value)
        })
        .or_else(|| {
            numbers(&text, style.decimal)
                .iter()
                .map(|n| n.value)
                .find(|value| (value - difference).abs() < 0.005 && difference > 0.0)
        })
        .or((difference >= 0.0).then_some(difference));
    let units = used
        .and_then(|(head, cell)| unit_in(&cell.text.folded).or_else(|| unit_in(&head.text.folded)))
        .or_else(|| {
            line.cells
                .iter()
                .rev()
                .find_map(|cell| unit_in(&cell.text.folded))
        });
    let days = dates(&text, style.order);
    let (start, end) = match days.as_slice() {
        [start, end, ..] if start.date < end.date => {
            (Some(start.date.to_string()), Some(end.date.to_string()))
        }
        _ => (None, None),
    };
    Usage {
        start_date: start,
        end_date: end,
        quantity,
        units: units.map(str::to_owned),
        is_estimated: says(&text, ESTIMATED),
        current_reading: Some(current),
        previous_reading: Some(previous),
        tariff: None,
    }
}

/// One meter without a table.
fn single(paper: &Paper, style: Style) -> Option<Usage> {
    let number = |text: &str| plain_number(text, style);
    let reading = |field| {
        settle(&candidates(paper, field, number), |a: &f64, b| {
            (a - b).abs() < 0.0005
        })
        .map(|(value, _)| value)
    };
    let (previous, current) = (
        reading(Field::PreviousReading),
        reading(Field::CurrentReading),
    );
    let labelled = candidates(paper, Field::Usage, |text| quantity_first(text, style));
    let mentioned = quantities(paper, style);
    let (quantity, units) = match (settle(&labelled, |a, b| a == b), mentioned.first()) {
        (Some(((quantity, unit), _)), _) => (quantity, Some(unit)),
        (None, Some((quantity, unit, _))) => (*quantity, Some(*unit)),
        (None, None) => match (previous, current) {
            (Some(previous), Some(current)) if current >= previous => {
                (round(current - previous), None)
            }
            _ => return None,
        },
    };
    Some(Usage {
        quantity: Some(quantity),
        units: units.map(str::to_owned),
        is_estimated: paper.lines.iter().any(|line| {
            let text = line.joined();
            says(&text, ESTIMATED)
                && (says(
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
fn quantities(paper: &Paper, style: Style) -> Vec<(f64, &'static str, usize)> {
    let mut found: Vec<(f64, &'static str, usize)> = Vec::new();
    for line in &paper.lines {
        let whole = line.joined();
        if says(&whole, NOT_USED) {
            continue;
        }
        for cell in &line.cells {
            for number in numbers(&cell.text.folded, style.decimal) {
                let Some(unit) = cell.text.folded.get(number.end..).and_then(unit_first) else {
                    continue;
                };
                if number.currency || number.percent || number.value <= 0.0 {
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
    found.sort_by(|a, b| b.2.cmp(&a.2).then(b.0.total_cmp(&a.0)));
    found
}

fn quantity_first(text: &str, style: Style) -> Option<(f64, &'static str)> {
    let folded = super::fold::fold(text);
    let number = *numbers(&folded, style.decimal).first()?;
    if number.currency || number.percent || says(&folded, NOT_USED) {
        return None;
    }
    // `kWh used 910` or `910 kWh`, and nothing before it but the unit.
    let before = folded
        .get(..number.start)?
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | ')' | '='));
    let unit_before = if before.is_empty() {
        None
    } else {
        Some(unit_in(before)?)
    };
    let unit = folded
        .get(number.end..)
        .and_then(unit_first)
        .or(unit_before)?;
    Some((number.value, unit))
}

/// A number alone in its cell, but for a unit or a mark such as `(A)`.
fn plain_number(text: &str, style: Style) -> Option<f64> {
    let numbers = numbers(text, style.decimal);
    let [number] = numbers.as_slice() else {
        return None;
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (!number.currency
        && !number.percent
        && number.value >= 0.0
        && letters <= 14
        && number.start <= 12)
        .then_some(number.value)
}

fn under<'a>(line: &'a Line, head: &Cell) -> Option<&'a Cell> {
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

/// The unit that a text begins with.
fn unit_first(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches([' ', '\u{a0}', '(']);
    UNITS
        .iter()
        .find(|(spelling, _)| {
            text.strip_prefix(spelling)
                .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
        .map(|(_, unit)| *unit)
}

/// A unit anywhere in a text.
fn unit_in(folded: &str) -> Option<&'static str> {
    UNITS
        .iter()
        .find(|(spelling, _)| find_words(folded, spelling).is_some())
        .map(|(_, unit)| *unit)
}

fn says(text: &str, words: &[&str]) -> bool {
    let folded = super::fold::fold(text);
    words.iter().any(|word| find_words(&folded, word).is_some())
}

fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
