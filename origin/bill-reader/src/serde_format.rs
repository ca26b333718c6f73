//! How decimals and days stand in JSON. Decimals are numbers, digit by digit: a binary float never comes in between.
//!
//! Decimals are written and read as raw JSON. Switching on `serde_json`'s arbitrary precision instead would change how
//! every number of the whole program is read.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de, ser};
use serde_json::value::RawValue;

/// Decimals that money may have.
const MONEY_DECIMALS: u32 = 4;

/// An amount of money, rounded to the decimals that it may have. Halves are rounded away from zero.
fn rounded(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(MONEY_DECIMALS, RoundingStrategy::MidpointAwayFromZero)
}

fn write<S: Serializer>(value: Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    value
        .map(|value| RawValue::from_string(value.to_string()).map_err(ser::Error::custom))
        .transpose()?
        .serialize(serializer)
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    let Some(text) = raw.as_deref().map(RawValue::get) else {
        return Ok(None);
    };
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .map(Some)
        .map_err(|_| de::Error::custom("not a decimal number"))
}

/// An optional quantity, reading or rate: all its decimals.
pub(crate) mod decimal {
    use super::{Decimal, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        super::write(*value, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        super::read(deserializer)
    }
}

/// An optional amount of money: at most four decimals.
pub(crate) mod money {
    use super::{Decimal, Deserializer, Serializer, rounded};

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        super::write(value.map(rounded), serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        Ok(super::read(deserializer)?.map(rounded))
    }
}

/// An optional day: `YYYY-MM-DD`.
pub(crate) mod day {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de, ser};
    use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Date>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .map(|day| day.format(FORMAT).map_err(ser::Error::custom))
            .transpose()?
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Date>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| Date::parse(&text, FORMAT).map_err(de::Error::custom))
            .transpose()
    }
}
