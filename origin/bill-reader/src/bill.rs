//! What a bill says, as types: read from the document, stored, and shown by the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a bill says. Amounts are in `chargesUnits`; dates are `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BillContent {
    /// When it was made out.
    pub bill_date: Option<String>,
    /// When it must be paid.
    pub due_date: Option<String>,
    /// Its number.
    pub invoice_id: Option<String>,
    /// The currency, ISO 4217.
    pub charges_units: Option<String>,
    /// What must be paid in all.
    pub total_charges: Option<f64>,
    /// What this period costs.
    pub current_charges: Option<f64>,
    /// What was credited.
    pub credits: Option<f64>,
    /// Taxes in it.
    pub tax_charges: Option<f64>,
    /// What was open before.
    pub previous_close_balance: Option<f64>,
    /// What is open now.
    pub current_open_balance: Option<f64>,
    /// What was used.
    pub usage_data: Vec<Usage>,
    /// Its lines.
    pub line_items: Vec<LineItem>,
    /// Whether somebody should look at it.
    pub is_flagged: bool,
    /// Why.
    pub flags: Vec<String>,
}

/// What was used over a period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// `YYYY-MM-DD`.
    pub end_date: Option<String>,
    /// How much.
    pub quantity: Option<f64>,
    /// Of what: `kWh`, `m3`, …
    pub units: Option<String>,
    /// Whether the utility guessed.
    pub is_estimated: bool,
    /// The meter at the end.
    pub current_reading: Option<f64>,
    /// The meter at the start.
    pub previous_reading: Option<f64>,
    /// The tariff's name.
    pub tariff: Option<String>,
}

/// A line of a bill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LineItem {
    /// What for.
    pub description: String,
    /// Price of one.
    pub rate: Option<f64>,
    /// How many.
    pub quantity: Option<f64>,
    /// Of what.
    pub quantity_units: Option<String>,
    /// How much in all.
    pub total_charge: Option<f64>,
}
