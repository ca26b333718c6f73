//! Bills of many layouts, with what they truly say.

mod english;
mod europe;
pub mod sheet;

use bill_reader::{Reading, bill::Currency, comparable, unit::Unit};
use rust_decimal::Decimal;
use shared::status::UtilityType;

use sheet::Sheet;
use time::{Date, macros::format_description};

/// What a bill truly says.
#[derive(Default)]
pub struct Truth {
    pub country: &'static str,
    pub account: &'static str,
    pub invoice: Option<&'static str>,
    pub bill_date: &'static str,
    pub due_date: Option<&'static str>,
    pub period: Option<(&'static str, &'static str)>,
    pub total: f64,
    pub current: Option<f64>,
    pub previous: Option<f64>,
    pub taxes: Option<f64>,
    pub currency: &'static str,
    /// What was used, a meter a row.
    pub usage: Vec<Used>,
    pub meters: Vec<&'static str>,
    pub kind: Option<UtilityType>,
    /// Lines that must be among those read.
    pub lines: Vec<(&'static str, f64)>,
}

/// Quantity, unit, previous and current reading, estimated.
pub type Used = (f64, &'static str, Option<(f64, f64)>, bool);

/// Every bill: a name, its pages, the truth.
pub fn all() -> Vec<(&'static str, Vec<Sheet>, Truth)> {
    vec![
        (
            "label above value",
            english::label_above_value(),
            english::label_above_value_truth(),
        ),
        (
            "german, two registers",
            europe::german(),
            europe::german_truth(),
        ),
        ("french", europe::french(), europe::french_truth()),
        ("uk gas, estimated", english::uk(), english::uk_truth()),
        (
            "city water, several meters",
            english::city(),
            english::city_truth(),
        ),
        ("spanish", europe::spanish(), europe::spanish_truth()),
        ("italian gas", europe::italian(), europe::italian_truth()),
        ("swiss", europe::swiss(), europe::swiss_truth()),
        (
            "canadian gas, iso dates",
            english::canadian(),
            english::canadian_truth(),
        ),
        ("credit balance", english::credit(), english::credit_truth()),
        (
            "two columns",
            english::two_columns(),
            english::two_columns_truth(),
        ),
        ("dutch", europe::dutch(), europe::dutch_truth()),
    ]
}

/// The decimal that a float of the truth stands for.
fn decimal(truth: f64) -> Option<Decimal> {
    plain(truth.to_string().parse().ok())
}

/// Without zeros at the end, so that equal decimals are shown alike.
fn plain(value: Option<Decimal>) -> Option<Decimal> {
    value.map(|value| value.normalize())
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Every way in which a reading differs from the truth, a sentence each.
pub fn differences(name: &str, reading: &Reading, truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    let content = &reading.content;
    let mut check = |what: &str, got: String, want: String| {
        if got != want {
            wrong.push(format!("{name}: {what} is {got}, should be {want}"));
        }
    };
    check(
        "account",
        format!("{:?}", reading.account_number.as_deref().map(comparable)),
        format!("{:?}", Some(comparable(truth.account))),
    );
    if truth.invoice.is_some() {
        check(
            "invoice",
            format!("{:?}", content.invoice_id.as_deref().map(comparable)),
            format!("{:?}", truth.invoice.map(comparable)),
        );
    }
    check(
        "bill date",
        format!("{:?}", content.bill_date),
        format!("{:?}", day(truth.bill_date)),
    );
    if truth.due_date.is_some() {
        check(
            "due date",
            format!("{:?}", content.due_date),
            format!("{:?}", truth.due_date.and_then(day)),
        );
    }
    check(
        "total",
        format!("{:?}", plain(content.total_charges)),
        format!("{:?}", decimal(truth.total)),
    );
    if truth.current.is_some() {
        check(
            "current",
            format!("{:?}", plain(content.current_charges)),
            format!("{:?}", truth.current.and_then(decimal)),
        );
    }
    if truth.previous.is_some() {
        check(
            "previous",
            format!("{:?}", plain(content.previous_close_balance)),
            format!("{:?}", truth.previous.and_then(decimal)),
        );
    }
    if truth.taxes.is_some() {
        check(
            "taxes",
            format!("{:?}", plain(content.tax_charges)),
            format!("{:?}", truth.taxes.and_then(decimal)),
        );
    }
    check(
        "currency",
        format!("{:?}", content.charges_units.as_ref().map(Currency::as_str)),
        format!("{:?}", Some(truth.currency)),
    );
    check(
        "kind",
        format!("{:?}", reading.utility_type()),
        format!("{:?}", truth.kind),
    );
    check(
        "usage rows",
        content.usage_data.len().to_string(),
        truth.usage.len().to_string(),
    );
    for (row, (quantity, unit, readings, estimated)) in content.usage_data.iter().zip(&truth.usage)
    {
        check(
            "quantity",
            format!("{:?}", plain(row.quantity)),
            format!("{:?}", decimal(*quantity)),
        );
        check(
            "unit",
            format!("{:?}", row.units.as_ref().map(Unit::symbol)),
            format!("{:?}", Some(*unit)),
        );
        check(
            "estimated",
            row.is_estimated.to_string(),
            estimated.to_string(),
        );
        check(
            "readings",
            format!(
                "{:?}",
                plain(row.previous_reading).zip(plain(row.current_reading))
            ),
            format!(
                "{:?}",
                readings.and_then(|(previous, current)| decimal(previous).zip(decimal(current)))
            ),
        );
        if let Some((start, end)) = truth.period {
            check(
                "period",
                format!("{:?}", (row.start_date, row.end_date)),
                format!("{:?}", (day(start), day(end))),
            );
        }
    }
    for meter in &truth.meters {
        let there = reading.meters.contains(&(*meter).to_owned());
        check(
            &format!("meter {meter} in {:?}", reading.meters),
            there.to_string(),
            "true".into(),
        );
    }
    for (description, amount) in &truth.lines {
        let there = content.line_items.iter().any(|line| {
            line.description.contains(description) && line.total_charge == decimal(*amount)
        });
        check(
            &format!("line {description} in {:?}", content.line_items),
            there.to_string(),
            "true".into(),
        );
    }
    check("is a bill", reading.is_bill().to_string(), "true".into());
    wrong
}
