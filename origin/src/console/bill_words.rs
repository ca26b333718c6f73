//! What a bill says, as people read it.

use bill_reader::bill::{BillContent, Flag};
use messages::Locale;
use rust_decimal::Decimal;
use shared::status::UtilityType;

use super::words::day_words;
use crate::bill_csv;

/// A number with commas between its thousands.
pub(super) fn grouped(number: Decimal) -> String {
    let text = number.to_string();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// An amount in the bill's currency; empty where there is none.
pub(super) fn money(amount: Option<Decimal>, content: &BillContent) -> String {
    let Some(amount) = amount else {
        return String::new();
    };
    match &content.charges_units {
        Some(currency) => format!("{} {currency}", grouped(amount)),
        None => grouped(amount),
    }
}

/// What must be paid in all.
pub(super) fn total(content: &BillContent) -> String {
    money(content.total_charges, content)
}

/// What was used in all; empty where it is of several units, or nothing was read.
pub(super) fn usage(content: &BillContent) -> String {
    let (quantity, units) = bill_csv::usage(&content.usage_data);
    let quantity = quantity.filter(|_| !content.usage_data.is_empty());
    quantity.map_or_else(String::new, |quantity| {
        format!("{} {units}", grouped(quantity.normalize()))
            .trim_end()
            .to_owned()
    })
}

/// The period of service: from its first day to its last.
pub(super) fn period(content: &BillContent) -> String {
    match bill_csv::period(content) {
        (Some(start), Some(end)) => format!("{} to {}", day_words(start), day_words(end)),
        (None, Some(end)) => format!("until {}", day_words(end)),
        (Some(start), None) => format!("from {}", day_words(start)),
        (None, None) => String::new(),
    }
}

/// The names of utilities.
pub(super) fn services(types: &[UtilityType]) -> String {
    let names = types.iter().map(|kind| Locale::En.utility_type(*kind));
    names.collect::<Vec<_>>().join(", ")
}

/// What somebody should look at.
pub(super) fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::AmbiguousBillDate => "Two bill dates are equally likely",
        Flag::AmbiguousDates => "Day and month could be the other way round",
        Flag::AmbiguousDueDate => "Two due dates are equally likely",
        Flag::AmbiguousTotal => "Two totals are equally likely",
        Flag::NoAccountNumber => "No account number was found",
        Flag::NoBillDate => "No bill date was found",
        Flag::NoPeriod => "No period of service was found",
        Flag::NoText => "It is a scanned picture without text",
        Flag::NoTotal => "No total was found",
        Flag::NoSite => "Its address matches no site, so it is not sure where it belongs",
        Flag::NoUsage => "No quantity was found",
        Flag::NoUtilityType => "It is not known what kind of utility it is for",
        Flag::SumMismatch => "Balance, payments and charges do not add up to the total",
        Flag::Unknown => "Something should be looked at",
    }
}

/// All flags of a bill in words.
pub(super) fn flags(content: &BillContent) -> Vec<&'static str> {
    content.flags.iter().map(|flag| flag_words(*flag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        for (number, told) in [
            ("0", "0"),
            ("999.5", "999.5"),
            ("1000", "1,000"),
            ("-1234567.8900", "-1,234,567.8900"),
        ] {
            assert_eq!(grouped(number.parse().expect("a number")), told);
        }
    }
}
