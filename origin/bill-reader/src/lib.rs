//! Reads a bill of a utility never seen before: words with their positions go in, the bill's facts come out.
//!
//! This crate is pure: it reads no file, knows no PDF library and no clock. Whoever calls it brings the words.

// Nothing in a stranger's file may end the program; tests may.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod addresses;
pub mod bill;
pub mod dates;
pub mod fields;
pub mod labels;
pub mod layout;
pub mod lines;
pub mod normalize;
pub mod numbers;
mod serde_format;
pub mod unit;
pub mod usage;
pub mod utility_type;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use shared::status::UtilityType;
use time::Date;

use bill::{BillContent, Flag, Usage};
use dates::{DateOrder, date_convention, dates};
use fields::{Candidate, best_value, candidates};
use labels::Field;
use layout::Layout;
use numbers::{DecimalSeparator, currency, decimal_separator_in, numbers};
use usage::Notation;

/// What was read from a bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reading {
    /// The account's number as printed.
    pub account_number: Option<String>,
    /// The kinds of utility that it may be for, the likeliest first; empty when no word tells any.
    pub utility_types: Vec<UtilityType>,
    /// The numbers of the meters, as printed.
    pub meters: Vec<String>,
    /// Lines that may be an address, as printed: that of the service is most likely among them.
    pub address_lines: Vec<String>,
    /// Those of them that a label calls the address of the service.
    pub service_address_lines: Vec<String>,
    /// Dates, amounts, usage and lines, with flags for what is doubtful.
    pub content: BillContent,
}

impl Reading {
    /// The kind of utility that it is most likely for, when the words tell it.
    #[must_use]
    pub fn utility_type(&self) -> Option<UtilityType> {
        self.utility_types.first().copied()
    }

    /// Whether this is enough of a bill to store: an amount and a date, or an account number with one of them.
    #[must_use]
    pub fn is_bill(&self) -> bool {
        let content = &self.content;
        let amount = content.total_charges.is_some() || content.current_charges.is_some();
        let dated = content.bill_date.is_some()
            || content.due_date.is_some()
            || content
                .usage_data
                .iter()
                .any(|usage| usage.end_date.is_some());
        (amount && dated) || (self.account_number.is_some() && (amount || dated))
    }
}

/// Reads a bill. `country` (ISO 3166-1 alpha-2) decides what the document leaves open:
/// the order of day and month, the decimal separator and the currency.
#[must_use]
pub fn read(layout: &Layout, country: &str) -> Reading {
    let text = layout.text();
    let date_convention = date_convention(&text, country);
    let notation = Notation {
        decimal: decimal_separator_in(&text, country),
        order: date_convention.order,
    };
    let mut flags = Flags::default();

    let account_number = identifier(layout, Field::Account);
    let invoice_id = identifier(layout, Field::Invoice);
    let period = period(layout, notation.order);
    let due_date = date(layout, Field::DueDate, notation.order, &mut flags);
    let bill_date = bill_date(layout, notation.order, due_date, period, &mut flags);
    let total = amount(layout, Field::Total, notation.decimal);
    let current = amount(layout, Field::Current, notation.decimal);
    let previous = amount(layout, Field::Previous, notation.decimal).map(|(value, _)| value);
    let payments = amount(layout, Field::Payments, notation.decimal).map(|(value, _)| value.abs());
    let credits = amount(layout, Field::Credits, notation.decimal).map(|(value, _)| value.abs());

    flags.note(
        total.is_some_and(|(_, doubtful)| doubtful),
        Flag::AmbiguousTotal,
    );
    let (total, current) = (total.map(|t| t.0), current.map(|c| c.0));
    let total_charges = total.or(current);
    let current_charges = current.or_else(|| match (total, previous, payments) {
        // Without a balance carried over, the total is what this period costs.
        (Some(total), None, None) => Some(total),
        (Some(total), Some(previous), Some(paid)) => Some(total - previous + paid),
        _ => None,
    });
    let usage_data = usage::usage(layout, notation, period);
    let line_items = lines::line_items(layout, notation.decimal, current_charges);
    let tax_charges = taxes(layout, notation.decimal).or_else(|| lines::taxes_in(&line_items));

    let adds_up = match (total, current, previous) {
        (Some(total), Some(current), Some(previous)) => {
            let paid = payments.unwrap_or_default();
            [Decimal::ZERO, credits.unwrap_or_default()]
                .iter()
                .any(|credit| {
                    (previous - paid - credit + current - total).abs() < Decimal::new(2, 2)
                })
        }
        _ => true,
    };
    flags.note(!adds_up, Flag::SumMismatch);
    flags.note(date_convention.doubtful, Flag::AmbiguousDates);
    flags.note(layout.lines.is_empty(), Flag::NoText);
    flags.note(account_number.is_none(), Flag::NoAccountNumber);
    flags.note(bill_date.is_none(), Flag::NoBillDate);
    flags.note(total_charges.is_none(), Flag::NoTotal);
    flags.note(
        usage_data.iter().all(|usage| usage.quantity.is_none()),
        Flag::NoUsage,
    );
    flags.note(period.is_none(), Flag::NoPeriod);

    Reading {
        account_number,
        utility_types: utility_type::possible_types(layout, &usage_data),
        meters: usage::meters(layout),
        address_lines: addresses::address_lines(layout),
        service_address_lines: addresses::service_address_lines(layout),
        content: BillContent {
            bill_date,
            due_date,
            invoice_id,
            charges_units: currency(&text, country),
            total_charges,
            current_charges,
            credits,
            tax_charges,
            previous_close_balance: previous,
            current_open_balance: total,
            usage_data: with_tariff(usage_data, layout),
            line_items,
            is_flagged: !flags.0.is_empty(),
            flags: flags.0,
        },
    }
}

#[derive(Default)]
struct Flags(Vec<Flag>);

impl Flags {
    fn note(&mut self, when: bool, flag: Flag) {
        if when {
            self.0.push(flag);
        }
    }
}

fn identifier(layout: &Layout, field: Field) -> Option<String> {
    best_value(&candidates(layout, field, identifier_first), |a, b| {
        comparable(a) == comparable(b)
    })
    .map(|(value, _)| value)
}

/// An identifier reduced to its letters and digits in upper case, so that two spellings of it compare equal.
#[must_use]
pub fn comparable(identifier: &str) -> String {
    identifier
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// An identifier at the start of a text: groups of digits and capitals, with at least four digits.
fn identifier_first(text: &str) -> Option<String> {
    let text = text.trim_start();
    let mut end = 0;
    for word in text.split(' ') {
        let good = !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/'))
            && (word.chars().any(|c| c.is_ascii_digit())
                || (end == 0
                    && word.chars().count() <= 4
                    && word.chars().all(|c| c.is_ascii_uppercase())));
        if !good {
            break;
        }
        end += word.len() + 1;
    }
    let value = text
        .get(..end.saturating_sub(1).min(text.len()))?
        .trim_end_matches(['.', '-', '/', ',']);
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let fits = (4..=28).contains(&digits) && value.len() <= 34;
    let is_date = !dates(value, DateOrder::DayFirst).is_empty();
    let is_amount = value.len() < 12
        && numbers(value, DecimalSeparator::Point)
            .first()
            .is_some_and(|n| n.decimals == 2 && n.end == value.len());
    (fits && !is_date && !is_amount).then(|| value.to_owned())
}

fn date(layout: &Layout, field: Field, order: DateOrder, flags: &mut Flags) -> Option<Date> {
    let (date, doubtful) = best_value(
        &candidates(layout, field, |text| date_first(text, order)),
        |a, b| a == b,
    )?;
    flags.note(
        doubtful,
        if field == Field::DueDate {
            Flag::AmbiguousDueDate
        } else {
            Flag::AmbiguousBillDate
        },
    );
    Some(date)
}

/// A date near the start of a text; a range is no date.
fn date_first(text: &str, order: DateOrder) -> Option<Date> {
    let found = dates(text, order);
    match found.as_slice() {
        [one] if one.start <= 24 => Some(one.date),
        _ => None,
    }
}

/// The labelled bill date, but never one after the due date.
fn bill_date(
    layout: &Layout,
    order: DateOrder,
    due: Option<Date>,
    period: Option<(Date, Date)>,
    flags: &mut Flags,
) -> Option<Date> {
    let mut found = candidates(layout, Field::BillDate, |text| date_first(text, order));
    found.retain(|candidate| {
        due.is_none_or(|due| candidate.value <= due)
            && period.is_none_or(|(start, _)| candidate.value >= start)
    });
    match best_value(&found, |a, b| a == b) {
        Some((date, doubtful)) => {
            flags.note(doubtful, Flag::AmbiguousBillDate);
            Some(date)
        }
        None => date(layout, Field::BillDate, order, flags),
    }
}

fn amount(layout: &Layout, field: Field, decimal: DecimalSeparator) -> Option<(Decimal, bool)> {
    let found: Vec<Candidate<Decimal>> =
        candidates(layout, field, |text| amount_first(text, decimal));
    best_value(&found, |a, b| a == b)
}

/// An amount of money near the start of a text: dates and short words may come first (`by May 3  $12.00`).
fn amount_first(text: &str, decimal: DecimalSeparator) -> Option<Decimal> {
    let found = numbers(text, decimal);
    let money: Vec<_> = found.iter().filter(|number| number.is_money()).collect();
    let first = money.first()?;
    let words_before = text
        .get(..first.start)?
        .chars()
        .filter(|c| c.is_alphabetic())
        .count();
    (words_before <= 26 && money.len() <= 2).then_some(first.value)
}

fn taxes(layout: &Layout, decimal: DecimalSeparator) -> Option<Decimal> {
    // Only a label that speaks of all taxes; single tax lines are added up from the bill's lines.
    let found: Vec<Candidate<Decimal>> =
        candidates(layout, Field::Taxes, |text| amount_first(text, decimal))
            .into_iter()
            .filter(|c| c.score >= 100)
            .collect();
    best_value(&found, |a, b| a == b).map(|(value, _)| value)
}

/// First and last day of service.
fn period(layout: &Layout, order: DateOrder) -> Option<(Date, Date)> {
    let range = |text: &str| range_in(text, order);
    if let Some((period, _)) = best_value(&candidates(layout, Field::Period, range), |a, b| a == b)
    {
        return Some(period);
    }
    let single = |field| {
        best_value(
            &candidates(layout, field, |text| date_first(text, order)),
            |a, b| a == b,
        )
        .map(|(date, _)| date)
    };
    if let (Some(start), Some(end)) = (single(Field::PeriodStart), single(Field::PeriodEnd))
        && plausible(start, end)
    {
        return Some((start, end));
    }
    // Any range on the page: the one named most often.
    let mut ranges: Vec<Candidate<(Date, Date)>> = Vec::new();
    for (line, joined) in layout.lines.iter().map(layout::Line::joined).enumerate() {
        if let Some(value) = range(&joined) {
            ranges.push(Candidate {
                value,
                score: 10,
                line,
            });
        }
    }
    best_value(&ranges, |a, b| a == b).map(|(period, _)| period)
}

/// Two dates next to each other, of a week to thirteen months.
fn range_in(text: &str, order: DateOrder) -> Option<(Date, Date)> {
    let found = dates(text, order);
    found.windows(2).find_map(|pair| {
        let [start, end] = pair else { return None };
        let between = normalize::normalize(text)
            .get(start.end..end.start)
            .map(|text| text.trim().chars().count());
        (plausible(start.date, end.date) && between.is_some_and(|length| length <= 12))
            .then_some((start.date, end.date))
    })
}

fn plausible(start: Date, end: Date) -> bool {
    (6..=400).contains(&(end - start).whole_days())
}

fn with_tariff(mut usage: Vec<Usage>, layout: &Layout) -> Vec<Usage> {
    let name = |text: &str| {
        let name: String = text.trim().chars().take(60).collect();
        (name.chars().any(char::is_alphabetic) && !name.contains(['$', '€', '£'])).then_some(name)
    };
    let tariff = candidates(layout, Field::Tariff, name)
        .into_iter()
        .find(|candidate| candidate.score >= 80)
        .map(|candidate| candidate.value);
    for row in &mut usage {
        row.tariff.clone_from(&tariff);
    }
    usage
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{layout::Word, *};

    /// Pieces that bills are made of, and pieces that break readers.
    fn piece() -> impl Strategy<Value = String> {
        let known = labels::LABELS
            .iter()
            .map(|(_, phrase, _)| (*phrase).to_owned())
            .collect::<Vec<_>>();
        prop_oneof![
            proptest::sample::select(known),
            "[0-9]{1,4}[.,/ -][0-9]{1,3}[.,/ -][0-9]{2,4}",
            "[-(]?[$€£]?[0-9]{1,3}([.,' ][0-9]{3}){0,2}([.,][0-9]{2})?[)%-]?( CR)?",
            "[0-9]{1,2}[. ](Nov|März|août|de mayo)[. ]?[0-9]{0,4}",
            "\\PC{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn any_words_are_read_without_panic_and_survive_json(pieces in proptest::collection::vec((piece(), 0_u8..40, 0_u8..8), 0..60), country in "[A-Z]{2}") {
            let words = pieces
                .into_iter()
                .map(|(text, row, column)| {
                    let left = f32::from(column) * 70.0;
                    Word { page: usize::from(row / 20), left, right: left + 60.0, y: f32::from(row) * 12.0, size: 9.0, text }
                })
                .collect();
            let reading = read(&Layout::new(words), &country);
            let json = serde_json::to_string(&reading).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Reading>(&json).expect("the reading"), reading);
        }
    }
}
