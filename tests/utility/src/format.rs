//! How this utility writes money and dates.

use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

const LONG: &[BorrowedFormatItem<'_>] =
    format_description!("[month repr:long] [day padding:none], [year]");
const SHORT: &[BorrowedFormatItem<'_>] =
    format_description!("[month repr:short] [day padding:none], [year]");
const NUMBERS: &[BorrowedFormatItem<'_>] = format_description!("[month]/[day]/[year]");

/// Writes an amount in cents as `$1,234.56` or `-$5.00`.
#[must_use]
pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", thousands(cents / 100), cents % 100)
}

/// Writes an e-mail address as websites mask it: `j***@example.com`.
#[must_use]
pub fn masked(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{host}", name.chars().next().unwrap_or('*'))
}

/// Writes a number as `12,345`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a date as `November 3, 2026`.
#[must_use]
pub fn long_date(date: Date) -> String {
    date.format(LONG).unwrap_or_default()
}

/// Writes a date as `Nov 3, 2026`.
#[must_use]
pub fn short_date(date: Date) -> String {
    date.format(SHORT).unwrap_or_default()
}

/// Writes a date as `11/03/2026`.
#[must_use]
pub fn number_date(date: Date) -> String {
    date.format(NUMBERS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_on_paper() {
        assert_eq!(money(123_456_789), "$1,234,567.89");
        assert_eq!(money(-5), "-$0.05");
        assert_eq!(thousands(0), "0");
        let date = time::macros::date!(2026 - 11 - 03);
        assert_eq!(long_date(date), "November 3, 2026");
        assert_eq!(short_date(date), "Nov 3, 2026");
        assert_eq!(number_date(date), "11/03/2026");
    }
}
