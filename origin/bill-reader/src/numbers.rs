//! Numbers and currencies as people print them: `1,234.56`, `1.234,56`, `1 234,56`, `1'234.56`, `12.50 CR`, `(12.50)`.

use rust_decimal::Decimal;

use crate::bill::Currency;

/// The decimal separator that a document prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalSeparator {
    /// A point, as in `1,234.56`.
    Point,
    /// A comma, as in `1.234,56`.
    Comma,
}

/// Countries that print a decimal point; the others print a comma.
const POINT: &[&str] = &[
    "AE", "AU", "BB", "BD", "BS", "BW", "BZ", "CA", "CH", "CN", "DO", "GB", "GG", "GH", "GT", "GU",
    "HK", "HN", "IE", "IL", "IM", "IN", "JE", "JM", "JO", "JP", "KE", "KR", "LI", "LK", "MO", "MT",
    "MX", "MY", "NG", "NI", "NP", "NZ", "PA", "PE", "PH", "PK", "PR", "SA", "SG", "SV", "TH", "TT",
    "TW", "TZ", "UG", "US", "VI", "ZW",
];

/// The decimal separator that is usual in a country (ISO 3166-1 alpha-2).
#[must_use]
pub fn decimal_separator_of(country: &str) -> DecimalSeparator {
    if POINT.contains(&country) {
        DecimalSeparator::Point
    } else {
        DecimalSeparator::Comma
    }
}

/// The decimal separator of a document: by its amounts with two decimals, else by country.
#[must_use]
pub fn decimal_separator_in(text: &str, country: &str) -> DecimalSeparator {
    let (mut point, mut comma) = (0_u32, 0_u32);
    let bytes = text.as_bytes();
    for (i, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'.' | b',') || !digit(bytes, i.wrapping_sub(1)) {
            continue;
        }
        // Exactly two digits, and then no digit, no date's second dot and no percent of a long rate.
        if digit(bytes, i + 1)
            && digit(bytes, i + 2)
            && !digit(bytes, i + 3)
            && !dot_then_digit(bytes, i + 3)
            && !date_before(bytes, i)
        {
            if *byte == b'.' {
                point += 1
            } else {
                comma += 1
            }
        }
    }
    match point.cmp(&comma) {
        std::cmp::Ordering::Greater => DecimalSeparator::Point,
        std::cmp::Ordering::Less => DecimalSeparator::Comma,
        std::cmp::Ordering::Equal => decimal_separator_of(country),
    }
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

fn dot_then_digit(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'.' | b',' | b'/' | b'-')) && digit(bytes, at + 1)
}

/// `12.10.26`: the second dot is no decimal point.
fn date_before(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'.')
        && digit(bytes, at.wrapping_sub(2))
        && bytes.get(at.wrapping_sub(3)) == Some(&b'.')
}

/// A number found in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value with its sign.
    pub value: Decimal,
    /// Digits after the decimal separator.
    pub decimals: usize,
    /// Whether a currency sign or code is printed next to it.
    pub currency: bool,
    /// Whether a percent sign follows.
    pub percent: bool,
    /// Byte where it starts in the text, without signs and currency.
    pub start: usize,
    /// Byte after its end in the text.
    pub end: usize,
}

impl Number {
    /// Whether it looks like an amount of money: two decimals or a currency sign.
    #[must_use]
    pub fn is_money(&self) -> bool {
        !self.percent && (self.decimals == 2 || (self.currency && self.decimals == 0))
    }
}

/// All numbers of a text, in order. Parts of words, dates and identifiers (`AB-12-34`) are left out.
#[must_use]
pub fn numbers(text: &str, decimal: DecimalSeparator) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text
        .get(at..)
        .and_then(|rest| rest.find(|c: char| c.is_ascii_digit()))
    {
        let start = at + offset;
        let end = number_end(text, start);
        at = end.max(start + 1);
        if let Some(number) = number(text, start, end, decimal) {
            found.push(number);
        }
    }
    found
}

/// Digits, and separators that have digits on both sides. A space groups thousands only.
fn number_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = start;
    let mut run = 0;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' => run += 1,
            b'.' | b',' | b'\'' if digit(bytes, end + 1) => run = 0,
            b' ' if run <= 3
                && run > 0
                && (1..=3).all(|i| digit(bytes, end + i))
                && !digit(bytes, end + 4)
                && groups_so_far(bytes, start, end) =>
            {
                run = 0
            }
            _ => break,
        }
        end += 1;
    }
    end
}

/// `1 234` may go on, `4402 118` (a first group of four) may not.
fn groups_so_far(bytes: &[u8], start: usize, end: usize) -> bool {
    bytes.get(start..end).is_some_and(|part| {
        part.split(|b| *b == b' ')
            .next()
            .is_some_and(|first| first.len() <= 3)
            && !part.contains(&b',')
            && !part.contains(&b'.')
    })
}

fn number(text: &str, start: usize, end: usize, decimal: DecimalSeparator) -> Option<Number> {
    let raw = text.get(start..end)?;
    let before = text.get(..start)?;
    let after = text.get(end..)?;
    if joined(before, after) {
        return None;
    }
    let (value, decimals) = value(raw, decimal)?;
    let (sign, currency_before) = sign_before(before);
    let tail = after.trim_start_matches([' ', '\u{a0}']);
    let currency = currency_before || starts_with_currency(tail);
    let percent = tail.starts_with('%');
    let credit = ["CR", "cr", "Cr"].iter().any(|cr| {
        tail.strip_prefix(cr)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    }) || (after.starts_with('-') && !after[1..].starts_with(char::is_alphanumeric))
        || (after.starts_with(')') && before.trim_end_matches(is_currency_char).ends_with('('));
    let value = if sign || credit { -value } else { value };
    Some(Number {
        value,
        decimals,
        currency,
        percent,
        start,
        end,
    })
}

/// Part of a word, a date or an identifier.
fn joined(before: &str, after: &str) -> bool {
    let mut back = before.chars().rev();
    let (last, second) = (back.next(), back.next());
    let front = match last {
        Some('-' | '/' | '.' | ':' | ',') => second.is_some_and(char::is_alphanumeric),
        Some(c) => {
            c.is_ascii_alphabetic() && !ends_with_currency_code(before) || c == '_' || c == '#'
        }
        None => false,
    };
    let mut ahead = after.chars();
    let (next, next_but_one) = (ahead.next(), ahead.next());
    let behind = match next {
        Some('/' | ':') => next_but_one.is_some_and(|c| c.is_ascii_digit()),
        Some('-') => next_but_one.is_some_and(char::is_alphanumeric),
        _ => false,
    };
    front || behind
}

fn sign_before(before: &str) -> (bool, bool) {
    let mut rest = before.trim_end_matches(' ');
    let minus = |text: &str| {
        text.ends_with('-')
            || text.ends_with('\u{2212}')
            || text.ends_with('\u{2013}') && text.len() <= 3
    };
    let mut negative = minus(rest)
        && !rest[..rest.len() - rest.chars().next_back().map_or(0, char::len_utf8)]
            .ends_with(|c: char| c.is_alphanumeric() || c == ' ');
    let mut currency = false;
    if rest.ends_with(is_currency_char) || ends_with_currency_code(rest) {
        currency = true;
        rest = if rest.ends_with(is_currency_char) {
            rest.trim_end_matches(is_currency_char)
        } else {
            rest.get(..rest.len() - 3).unwrap_or("")
        };
        rest = rest.trim_end_matches(' ');
        negative |= minus(rest);
    } else if negative {
        let inner = rest.trim_end_matches(['-', '\u{2212}', '\u{2013}']);
        currency = inner.ends_with(is_currency_char);
    }
    (negative, currency)
}

fn is_currency_char(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₺' | '₩' | '₽' | '₪' | '¢')
}

const CODES: &[&str] = &[
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "MXN",
    "BRL", "INR", "ZAR", "HUF", "RON",
];

fn ends_with_currency_code(text: &str) -> bool {
    CODES.iter().any(|code| text.ends_with(code))
}

fn starts_with_currency(text: &str) -> bool {
    text.starts_with(is_currency_char)
        || CODES.iter().any(|code| text.starts_with(code))
        || ["kr", "zł", "Kč", "Ft"]
            .iter()
            .any(|unit| text.starts_with(unit))
}

/// The currency that the document names most, as ISO 4217; `$` and `kr` are the country's.
#[must_use]
pub fn currency(text: &str, country: &str) -> Option<Currency> {
    let count = |what: &str| text.matches(what).count();
    let own = currency_of(country);
    let dollar = own
        .filter(|code| code.ends_with('D') || matches!(*code, "MXN" | "CLP" | "COP" | "ARS"))
        .unwrap_or("USD");
    let crown = own
        .filter(|code| matches!(*code, "SEK" | "NOK" | "DKK" | "ISK"))
        .unwrap_or("SEK");
    let mut votes: Vec<(&'static str, usize)> = vec![
        (dollar, count("$")),
        ("EUR", count("€")),
        ("GBP", count("£")),
        ("INR", count("₹")),
        ("JPY", count("¥")),
        ("PLN", count(" zł")),
        ("CZK", count(" Kč")),
        (crown, count(" kr")),
    ];
    votes.extend(CODES.iter().map(|code| (*code, 2 * count(code))));
    votes
        .into_iter()
        .filter(|(_, votes)| *votes > 0)
        .max_by_key(|(_, votes)| *votes)
        .map(|(code, _)| code)
        .or(own)
        .and_then(|code| code.parse().ok())
}

fn currency_of(country: &str) -> Option<&'static str> {
    Some(match country {
        "US" | "PR" | "GU" | "VI" | "EC" | "SV" | "PA" => "USD",
        "CA" => "CAD",
        "AU" => "AUD",
        "NZ" => "NZD",
        "GB" | "GG" | "JE" | "IM" => "GBP",
        "CH" | "LI" => "CHF",
        "SE" => "SEK",
        "NO" => "NOK",
        "DK" => "DKK",
        "IS" => "ISK",
        "PL" => "PLN",
        "CZ" => "CZK",
        "HU" => "HUF",
        "RO" => "RON",
        "MX" => "MXN",
        "BR" => "BRL",
        "CL" => "CLP",
        "CO" => "COP",
        "AR" => "ARS",
        "IN" => "INR",
        "JP" => "JPY",
        "ZA" => "ZAR",
        "SG" => "SGD",
        "HK" => "HKD",
        "AT" | "BE" | "CY" | "DE" | "EE" | "ES" | "FI" | "FR" | "GR" | "HR" | "IE" | "IT"
        | "LT" | "LU" | "LV" | "MT" | "NL" | "PT" | "SI" | "SK" => "EUR",
        _ => return None,
    })
}

/// The value and its decimals. A single separator before exactly three digits groups thousands, unless this
/// document's decimal separator it is.
fn value(raw: &str, decimal: DecimalSeparator) -> Option<(Decimal, usize)> {
    let mark = if decimal == DecimalSeparator::Point {
        '.'
    } else {
        ','
    };
    let other = if decimal == DecimalSeparator::Point {
        ','
    } else {
        '.'
    };
    let (whole, parts) = match raw.rsplit_once([mark, other]) {
        None => (raw, ""),
        Some((whole, parts)) => {
            let used = raw
                .chars()
                .filter(|c| *c == '.' || *c == ',')
                .collect::<Vec<_>>();
            let last = used.last().copied()?;
            let repeated = used.iter().filter(|c| **c == last).count() > 1;
            let groups = repeated || (parts.len() == 3 && last == other);
            if groups { (raw, "") } else { (whole, parts) }
        }
    };
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    if digits.len() > 15 || parts.len() > 9 || !parts.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let mantissa: i128 = [digits.as_str(), parts].concat().parse().ok()?;
    let scale = u32::try_from(parts.len()).ok()?;
    let value = Decimal::try_from_i128_with_scale(mantissa, scale).ok()?;
    Some((value, parts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, decimal: DecimalSeparator) -> Vec<f64> {
        numbers(text, decimal)
            .into_iter()
            .map(|n| f64::try_from(n.value).expect("a float"))
            .collect()
    }

    #[test]
    fn numbers_of_many_countries_are_read() {
        assert_eq!(
            all("$1,234.56 and 12,345 kWh", DecimalSeparator::Point),
            [1234.56, 12345.0]
        );
        assert_eq!(
            all("1.234,56 € und 12.345 kWh", DecimalSeparator::Comma),
            [1234.56, 12345.0]
        );
        assert_eq!(all("1 234,56 EUR", DecimalSeparator::Comma), [1234.56]);
        assert_eq!(all("CHF 1'234.50", DecimalSeparator::Point), [1234.5]);
        assert_eq!(all("1,23,456.78", DecimalSeparator::Point), [123_456.78]);
        assert_eq!(all("0,3218 €/kWh", DecimalSeparator::Comma), [0.3218]);
        assert_eq!(all("0.105", DecimalSeparator::Point), [0.105]);
    }

    #[test]
    fn credits_are_negative() {
        for text in [
            "-$45.20",
            "$-45.20",
            "- 45.20",
            "45.20 CR",
            "45.20-",
            "(45.20)",
            "($45.20)",
            "-45.20",
            "\u{2212}45.20",
        ] {
            assert_eq!(all(text, DecimalSeparator::Point), [-45.2], "{text}");
        }
        assert_eq!(
            all("Period 10 - 45.20", DecimalSeparator::Point),
            [10.0, 45.2]
        );
    }

    #[test]
    fn identifiers_and_dates_are_no_numbers() {
        assert!(all("4402-118-2207", DecimalSeparator::Point).is_empty());
        assert!(all("11/03/2026", DecimalSeparator::Point).is_empty());
        assert!(all("RB26110001", DecimalSeparator::Point).is_empty());
        assert!(all("RB-2611", DecimalSeparator::Point).is_empty());
    }

    #[test]
    fn money_is_told_from_other_numbers() {
        let money: Vec<_> = numbers(
            "910 kWh x $0.1184 = $107.74 at 19 % or £12",
            DecimalSeparator::Point,
        )
        .into_iter()
        .filter(Number::is_money)
        .map(|n| f64::try_from(n.value).expect("a float"))
        .collect();
        assert_eq!(money, [107.74, 12.0]);
    }

    #[test]
    fn the_documents_own_amounts_beat_the_country() {
        assert_eq!(
            decimal_separator_in("Total 1.234,56 and 12,00", "US"),
            DecimalSeparator::Comma
        );
        assert_eq!(
            decimal_separator_in("Total 1,234.56 on 12.10.2026", "DE"),
            DecimalSeparator::Point
        );
        assert_eq!(
            decimal_separator_in("nothing", "DE"),
            DecimalSeparator::Comma
        );
        assert_eq!(
            decimal_separator_in("03.04.26 05.06.26", "US"),
            DecimalSeparator::Point
        );
    }

    #[test]
    fn a_dollar_sign_means_the_countrys_own_dollar() {
        assert_eq!(currency("Total $12.00", "CA"), "CAD".parse().ok());
        assert_eq!(currency("Total $12.00", "DE"), "USD".parse().ok());
        assert_eq!(currency("Betrag 12,00 €", "CH"), "EUR".parse().ok());
        assert_eq!(currency("Betrag 12.00", "CH"), "CHF".parse().ok());
    }
}
