//! Bills of many makes, with what they truly say.

mod english;
mod europe;

use shared::status::UtilityType;

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

/// Every bill: a name, the PDF, the truth.
pub fn all() -> Vec<(&'static str, Vec<u8>, Truth)> {
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
