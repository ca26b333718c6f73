//! What a bill says, as types: read from the document, handed over as JSON, stored as that JSON, and shown by the API.
//!
//! Amounts and quantities are decimals and days are dates from the reader to the API. Nothing in between formats and
//! parses them again but JSON itself, whose numbers carry every decimal as printed.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use crate::{serde_format, unit::Unit};

/// What a bill says. Amounts are in the currency of `chargesUnits`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BillContent {
    /// The day on which it was issued.
    #[serde(with = "serde_format::day")]
    #[schema(value_type = Option<String>, format = Date, default = json!(null))]
    pub bill_date: Option<Date>,
    /// The day by which it must be paid.
    #[serde(with = "serde_format::day")]
    #[schema(value_type = Option<String>, format = Date, default = json!(null))]
    pub due_date: Option<Date>,
    /// The number of the bill as printed.
    pub invoice_id: Option<String>,
    /// The currency of its amounts, ISO 4217.
    #[schema(value_type = Option<String>, example = "EUR")]
    pub charges_units: Option<Currency>,
    /// What must be paid in all.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub total_charges: Option<Decimal>,
    /// What this billing period costs.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub current_charges: Option<Decimal>,
    /// What was credited, as a positive amount.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub credits: Option<Decimal>,
    /// The taxes among the charges.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub tax_charges: Option<Decimal>,
    /// The balance before this bill.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub previous_close_balance: Option<Decimal>,
    /// The balance with this bill.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub current_open_balance: Option<Decimal>,
    /// What was used, one row per meter.
    pub usage_data: Vec<Usage>,
    /// The charges and taxes in the order of the page.
    pub line_items: Vec<LineItem>,
    /// Whether somebody should look at it.
    pub is_flagged: bool,
    /// What is missing or doubtful.
    #[schema(value_type = Vec<String>)]
    pub flags: Vec<Flag>,
}

impl BillContent {
    /// The last day of service that a usage row names.
    #[must_use]
    pub fn last_service_date(&self) -> Option<Date> {
        self.usage_data
            .iter()
            .filter_map(|usage| usage.end_date)
            .max()
    }

    /// Takes a flag away, and the mark of a flagged bill with the last one. Whether it had that flag.
    pub fn unflag(&mut self, flag: Flag) -> bool {
        let before = self.flags.len();
        self.flags.retain(|found| *found != flag);
        self.is_flagged = !self.flags.is_empty();
        self.flags.len() < before
    }

    /// Adds a flag, and marks the bill as flagged.
    pub fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
        self.is_flagged = true;
    }
}

/// What was used over a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// First day of service.
    #[serde(with = "serde_format::day")]
    #[schema(value_type = Option<String>, format = Date, default = json!(null))]
    pub start_date: Option<Date>,
    /// Last day of service.
    #[serde(with = "serde_format::day")]
    #[schema(value_type = Option<String>, format = Date, default = json!(null))]
    pub end_date: Option<Date>,
    /// How much was used, in `units`.
    #[serde(with = "serde_format::decimal")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub quantity: Option<Decimal>,
    /// The unit of quantity and readings: `kWh`, `m3`, ….
    #[schema(value_type = Option<String>, example = "kWh")]
    pub units: Option<Unit>,
    /// Whether the utility estimated it.
    pub is_estimated: bool,
    /// The meter reading at the end of the period.
    #[serde(with = "serde_format::decimal")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub current_reading: Option<Decimal>,
    /// The meter reading at the start of the period.
    #[serde(with = "serde_format::decimal")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub previous_reading: Option<Decimal>,
    /// The name of the tariff.
    pub tariff: Option<String>,
}

/// A line of a bill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LineItem {
    /// The words of the line.
    pub description: String,
    /// The price of one unit.
    #[serde(with = "serde_format::decimal")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub rate: Option<Decimal>,
    /// The number of units.
    #[serde(with = "serde_format::decimal")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub quantity: Option<Decimal>,
    /// The unit of the quantity.
    #[schema(value_type = Option<String>)]
    pub quantity_units: Option<Unit>,
    /// The amount of the line.
    #[serde(with = "serde_format::money")]
    #[schema(value_type = Option<f64>, format = "decimal")]
    pub total_charge: Option<Decimal>,
}

/// What is missing on a bill or doubtful in its reading. Its JSON form is the name in capitals: `NO_TOTAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Flag {
    /// Two bill dates are equally likely.
    AmbiguousBillDate,
    /// The order of day and month is not certain.
    AmbiguousDates,
    /// Two due dates are equally likely.
    AmbiguousDueDate,
    /// Two totals are equally likely.
    AmbiguousTotal,
    /// No account number was found.
    NoAccountNumber,
    /// No bill date was found.
    NoBillDate,
    /// No period of service was found.
    NoPeriod,
    /// The document has no text: it is a scanned picture.
    NoText,
    /// No total was found.
    NoTotal,
    /// The sites of the company that the client connected and others: it is not known for which of them it is.
    NoSite,
    /// No quantity was found.
    NoUsage,
    /// Nothing tells what kind of utility it is for.
    NoUtilityType,
    /// Balance, payments and charges do not add up to the total.
    SumMismatch,
    /// A flag of a later version of this program.
    #[serde(other)]
    Unknown,
}

/// A currency: three capital letters, ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCurrency;

impl Currency {
    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(InvalidCurrency)
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        text.parse()
    }
}

impl fmt::Display for InvalidCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a currency has three capital letters")
    }
}

impl std::error::Error for InvalidCurrency {}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn content(total: Decimal) -> BillContent {
        BillContent {
            bill_date: Some(date!(2026 - 11 - 03)),
            charges_units: "EUR".parse().ok(),
            total_charges: Some(total),
            usage_data: vec![Usage {
                quantity: Some(Decimal::new(12_345_678_901_234_567, 6)),
                units: Some(Unit::KilowattHour),
                ..Usage::default()
            }],
            flags: vec![Flag::NoPeriod],
            ..BillContent::default()
        }
    }

    #[test]
    fn every_digit_survives_json() {
        // No binary float holds either of these numbers.
        let bill = content("90071992547409.9331".parse().expect("a number"));
        let json = serde_json::to_string(&bill).expect("JSON");
        assert!(
            json.contains(r#""totalCharges":90071992547409.9331"#),
            "{json}"
        );
        assert!(json.contains(r#""quantity":12345678901.234567"#), "{json}");
        assert!(json.contains(r#""billDate":"2026-11-03""#), "{json}");
        assert!(json.contains(r#""chargesUnits":"EUR""#), "{json}");
        assert!(json.contains(r#""units":"kWh""#), "{json}");
        assert!(json.contains(r#""flags":["NO_PERIOD"]"#), "{json}");
        assert_eq!(
            serde_json::from_str::<BillContent>(&json).expect("it"),
            bill
        );
    }

    #[test]
    fn money_has_four_decimals_at_most() {
        let json = serde_json::to_string(&content(Decimal::new(123_456_750, 7))).expect("JSON");
        assert!(json.contains(r#""totalCharges":12.3457,"#), "{json}");
    }

    #[test]
    fn a_bill_that_an_earlier_version_stored_is_read() {
        let stored = r#"{"billDate":"2026-01-05","dueDate":null,"invoiceId":"R 7","chargesUnits":"USD",
            "totalCharges":184.17,"currentCharges":1e2,"credits":null,"taxCharges":45.199999999999996,
            "previousCloseBalance":0.0,"currentOpenBalance":-3.0,"usageData":[{"startDate":"2025-12-01",
            "endDate":"2026-01-01","quantity":910.0,"units":"kWh","isEstimated":false,"currentReading":null,
            "previousReading":null,"tariff":null}],"lineItems":[{"description":"Base","rate":null,"quantity":31.0,
            "quantityUnits":"Tage","totalCharge":12.5}],"isFlagged":true,"flags":["NO_TOTAL","OF_TOMORROW"]}"#;
        let bill: BillContent = serde_json::from_str(stored).expect("a bill");
        assert_eq!(bill.total_charges, Some(Decimal::new(18_417, 2)));
        assert_eq!(bill.current_charges, Some(Decimal::ONE_HUNDRED));
        assert_eq!(bill.tax_charges, Some(Decimal::new(452, 1)));
        assert_eq!(bill.current_open_balance, Some(Decimal::new(-3, 0)));
        assert_eq!(bill.bill_date, Some(date!(2026 - 01 - 05)));
        let [usage] = bill.usage_data.as_slice() else {
            panic!("one row: {:?}", bill.usage_data)
        };
        assert_eq!(usage.quantity, Some(Decimal::from(910)));
        assert_eq!(usage.units, Some(Unit::KilowattHour));
        let unit = bill
            .line_items
            .first()
            .and_then(|line| line.quantity_units.clone());
        assert_eq!(unit, Some(Unit::Other("Tage".into())));
        assert_eq!(bill.flags, [Flag::NoTotal, Flag::Unknown]);
    }

    #[test]
    fn only_three_capital_letters_are_a_currency() {
        assert_eq!(
            "CHF".parse::<Currency>().map(|c| c.to_string()),
            Ok("CHF".into())
        );
        for text in ["", "chf", "CH", "CHFX", "€", "C1F"] {
            assert_eq!(text.parse::<Currency>(), Err(InvalidCurrency), "{text}");
        }
    }
}
