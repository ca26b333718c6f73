//! Dates as people print them: `11/03/2026`, `3.11.26`, `2026-11-03`, `3 novembre 2026`, `Nov 3, 2026`.

use time::{Date, Month};

use super::normalize::normalize;

/// Which of two numbers is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// `3/11`: the third of November.
    DayFirst,
    /// `11/3`: the third of November.
    MonthFirst,
}

/// How a document writes numeric dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateConvention {
    /// Which number is the month.
    pub order: DateOrder,
    /// Whether neither the dates nor the country tell the order for certain.
    pub doubtful: bool,
}

/// Countries that put the month first.
const MONTH_FIRST: &[&str] = &[
    "US", "PR", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "PW", "PH", "BZ",
];
/// Countries that do both.
const BOTH: &[&str] = &["CA", "KY", "PA"];

/// Finds out how this document writes numeric dates: by dates that can be read in one way only, else by country.
#[must_use]
pub fn date_convention(text: &str, country: &str) -> DateConvention {
    let (mut day_first, mut month_first, mut ambiguous) = (0, 0, 0);
    for token in text.split(|c: char| c.is_whitespace() || c == '(' || c == ')') {
        let Some((a, b, _, separator)) = triple(token.trim_end_matches([',', ';', ':', '.']))
        else {
            continue;
        };
        match (a, b) {
            (13..=31, 1..=12) => day_first += 1,
            (1..=12, 13..=31) => month_first += 1,
            (1..=12, 1..=12) if separator == '.' => day_first += 1,
            (1..=12, 1..=12) if a != b => ambiguous += 1,
            _ => {}
        }
    }
    let by_country = if MONTH_FIRST.contains(&country) {
        DateOrder::MonthFirst
    } else {
        DateOrder::DayFirst
    };
    let order = match (day_first, month_first) {
        (0, 0) => by_country,
        (d, m) if d > m => DateOrder::DayFirst,
        _ => DateOrder::MonthFirst,
    };
    let proven = (day_first == 0) != (month_first == 0);
    DateConvention {
        order,
        doubtful: ambiguous > 0
            && !proven
            && (BOTH.contains(&country) || day_first + month_first > 0),
    }
}

/// A date found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The day that the text names.
    pub date: Date,
    /// Where it starts in the normalized text.
    pub start: usize,
    /// Where it ends in the normalized text.
    pub end: usize,
}

/// All dates of a text, in order. A date without a year takes it from the one after (or before) it.
#[must_use]
pub fn dates(text: &str, order: DateOrder) -> Vec<Found> {
    let normalized = normalize(text);
    let tokens = tokens(&normalized);
    let mut found: Vec<(Found, bool)> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match date_at(&tokens, i, order) {
            Some((day, month, year, used)) => {
                let start = tokens.get(i).map_or(0, |t| t.start);
                let end = tokens.get(i + used - 1).map_or(start, |t| t.end);
                if let Some(date) = build(year.unwrap_or(2000), month, day) {
                    found.push((Found { date, start, end }, year.is_some()));
                }
                i += used;
            }
            None => i += 1,
        }
    }
    give_years(&mut found);
    found
        .into_iter()
        .filter(|(_, has_year)| *has_year)
        .map(|(found, _)| found)
        .collect()
}

/// The first date of a text.
#[must_use]
pub fn first_date(text: &str, order: DateOrder) -> Option<Date> {
    dates(text, order).first().map(|found| found.date)
}

/// `Dec 12 - Jan 11, 2027`: the first one is of 2026.
fn give_years(found: &mut [(Found, bool)]) {
    for i in 0..found.len() {
        let Some((mine, false)) = found.get(i).copied() else {
            continue;
        };
        let next = found
            .get(i + 1)
            .filter(|(_, has)| *has)
            .map(|(f, _)| f.date);
        let previous = i
            .checked_sub(1)
            .and_then(|p| found.get(p))
            .filter(|(_, has)| *has)
            .map(|(f, _)| f.date);
        let with = |year: i32| build(year, u8::from(mine.date.month()), mine.date.day());
        let dated = match (next, previous) {
            (Some(next), _) => with(next.year()).and_then(|d| {
                if d <= next {
                    Some(d)
                } else {
                    with(next.year() - 1)
                }
            }),
            (None, Some(previous)) => with(previous.year()).and_then(|d| {
                if d >= previous {
                    Some(d)
                } else {
                    with(previous.year() + 1)
                }
            }),
            (None, None) => None,
        };
        if let (Some(date), Some(slot)) = (dated, found.get_mut(i)) {
            *slot = (Found { date, ..mine }, true);
        }
    }
}

struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn tokens(normalized: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = None;
    let breaks = |c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | ';' | ':' | '"');
    for (i, c) in normalized.char_indices().chain([(normalized.len(), ' ')]) {
        match (start, breaks(c)) {
            (None, false) => start = Some(i),
            (Some(from), true) => {
                split_range(normalized, from, i, &mut tokens);
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

/// `11/03/2026-12/02/2026` is two tokens, `2026-11-03` and `03-nov-26` are one.
fn split_range<'a>(normalized: &'a str, from: usize, to: usize, tokens: &mut Vec<Token<'a>>) {
    let Some(text) = normalized.get(from..to) else {
        return;
    };
    let dashes = text.matches('-').count();
    let slashes = text.contains('/') || text.matches('.').count() >= 2;
    if dashes == 1
        && slashes
        && let Some(at) = text.find('-')
    {
        tokens.push(Token {
            text: &text[..at],
            start: from,
            end: from + at,
        });
        tokens.push(Token {
            text: &text[at + 1..],
            start: from + at + 1,
            end: to,
        });
        return;
    }
    tokens.push(Token {
        text,
        start: from,
        end: to,
    });
}

/// Day, month, year and how many tokens were used.
fn date_at(
    tokens: &[Token<'_>],
    i: usize,
    order: DateOrder,
) -> Option<(u8, u8, Option<i32>, usize)> {
    let text = tokens.get(i)?.text.trim_end_matches('.');
    if let Some((day, month, year)) = one_token(text, order) {
        return Some((day, month, Some(year), 1));
    }
    let next = |n: usize| tokens.get(i + n).map(|t| t.text.trim_end_matches('.'));
    // `3 november 2026`, `1er novembre 2026`, `3 de noviembre de 2026`
    if let Some(day) = day_of(text) {
        let of = usize::from(matches!(next(1), Some("de" | "of" | "di" | "van")));
        if let Some(month) = next(1 + of).and_then(month_of) {
            let of2 = usize::from(matches!(next(2 + of), Some("de" | "del" | "of")));
            return Some(match next(2 + of + of2).and_then(year_of) {
                Some(year) => (day, month, Some(year), 3 + of + of2),
                None => (day, month, None, 2 + of),
            });
        }
    }
    // `november 3 2026`
    let month = month_of(text)?;
    let day = next(1).and_then(day_of)?;
    Some(match next(2).and_then(year_of) {
        Some(year) => (day, month, Some(year), 3),
        None => (day, month, None, 2),
    })
}

fn one_token(text: &str, order: DateOrder) -> Option<(u8, u8, i32)> {
    if let Some((day, month, year)) = with_name(text) {
        return Some((day, month, year));
    }
    if let Some(found) = iso(text) {
        return Some(found);
    }
    let (a, b, year, separator) = triple(text)?;
    let (day, month) = match order {
        _ if a > 12 => (a, b),
        _ if b > 12 => (b, a),
        _ if separator == '.' => (a, b),
        DateOrder::DayFirst => (a, b),
        DateOrder::MonthFirst => (b, a),
    };
    build(year, month, day).map(|_| (day, month, year))
}

/// `2026-11-03`, `2026/11/03`, `2026.11.03`, `2026年11月3日`.
fn iso(text: &str) -> Option<(u8, u8, i32)> {
    let mut parts = text
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|part| !part.is_empty());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let (year, month, day) = (year_of(year)?, month.parse().ok()?, day.parse().ok()?);
    build(year, month, day).map(|_| (day, month, year))
}

/// `03-nov-26`, `3nov2026`, `03/nov/2026`.
fn with_name(text: &str) -> Option<(u8, u8, i32)> {
    let mut parts = text.split(['-', '/', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((day_of(day)?, month_of(month)?, year_of(year)?))
}

/// Three numbers with the same separator, the last one a year.
fn triple(text: &str) -> Option<(u8, u8, i32, char)> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = text.split(separator);
    let (a, b, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some()
        || a.len() > 2
        || b.len() > 2
        || (separator == '-' && a.len() + b.len() + year.len() < 5)
    {
        return None;
    }
    let (a, b) = (a.parse::<u8>().ok()?, b.parse::<u8>().ok()?);
    ((1..=31).contains(&a) && (1..=31).contains(&b)).then_some(())?;
    Some((a, b, year_of(year)?, separator))
}

fn day_of(text: &str) -> Option<u8> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '°' || c == '.');
    let tail = text.get(digits.len()..)?;
    if digits.is_empty()
        || digits.len() > 2
        || !matches!(tail, "" | "st" | "nd" | "rd" | "th" | "er" | "°" | ".")
    {
        return None;
    }
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn year_of(text: &str) -> Option<i32> {
    if !text.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let year: i32 = text.parse().ok()?;
    match text.len() {
        4 if (1990..=2099).contains(&year) => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// Normalized names and short names, January first: English, German, French, Spanish, Italian, Dutch, Portuguese,
/// Swedish and Danish, Polish.
#[rustfmt::skip]
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janner", "janvier", "enero", "gennaio", "januari", "janeiro", "stycznia", "styczen", "jan", "janv", "ene", "gen"],
    &["february", "februar", "fevrier", "febrero", "febbraio", "februari", "fevereiro", "lutego", "luty", "feb", "fevr", "fev"],
    &["march", "marz", "mars", "marzo", "maart", "marco", "marts", "marca", "marzec", "mar", "maerz", "mrt", "mrz"],
    &["april", "avril", "abril", "aprile", "kwietnia", "kwiecien", "apr", "avr", "abr"],
    &["may", "mai", "mayo", "maggio", "mei", "maio", "maj", "maja", "mag"],
    &["june", "juni", "juin", "junio", "giugno", "junho", "czerwca", "czerwiec", "jun", "giu"],
    &["july", "juli", "juillet", "julio", "luglio", "julho", "lipca", "lipiec", "jul", "juil", "lug"],
    &["august", "aout", "agosto", "augustus", "augusti", "sierpnia", "sierpien", "aug", "ago"],
    &["september", "septembre", "septiembre", "settembre", "setembro", "wrzesnia", "wrzesien", "sep", "sept", "set"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro", "pazdziernika", "pazdziernik", "oct", "okt", "ott", "out"],
    &["november", "novembre", "noviembre", "novembro", "listopada", "listopad", "nov"],
    &["december", "dezember", "decembre", "diciembre", "dicembre", "dezembro", "grudnia", "grudzien", "dec", "dez", "dic"],
];

fn month_of(text: &str) -> Option<u8> {
    let text = text.trim_end_matches('.');
    MONTHS
        .iter()
        .position(|names| names.contains(&text))
        .and_then(|i| u8::try_from(i + 1).ok())
}

fn build(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, order: DateOrder) -> Vec<String> {
        dates(text, order)
            .iter()
            .map(|f| f.date.to_string())
            .collect()
    }

    #[test]
    fn dates_of_many_countries_are_read() {
        for text in [
            "2026-11-03",
            "11/03/2026",
            "11/3/26",
            "Nov 3, 2026",
            "November 03 2026",
            "3 November 2026",
            "3rd of November 2026",
            "03-Nov-26",
            "3. November 2026",
            "03.11.2026",
            "3 novembre 2026",
            "3 de noviembre de 2026",
            "03 novembre 2026.",
            "3 november 2026",
            "2026年11月3日",
            "due 11/03/2026,",
            "Nov. 3, 2026",
            "3 listopada 2026",
        ] {
            assert_eq!(all(text, DateOrder::MonthFirst), ["2026-11-03"], "{text}");
        }
        assert_eq!(all("03/11/2026", DateOrder::DayFirst), ["2026-11-03"]);
        assert_eq!(all("13/11/2026", DateOrder::MonthFirst), ["2026-11-13"]);
        assert_eq!(all("1er août 2026", DateOrder::DayFirst), ["2026-08-01"]);
    }

    #[test]
    fn both_ends_of_a_range_are_read() {
        assert_eq!(
            all("09/21/2026 - 11/20/2026", DateOrder::MonthFirst),
            ["2026-09-21", "2026-11-20"]
        );
        assert_eq!(
            all("09/21/2026-11/20/2026", DateOrder::MonthFirst),
            ["2026-09-21", "2026-11-20"]
        );
        assert_eq!(
            all("Dec 12 - Jan 11, 2027", DateOrder::MonthFirst),
            ["2026-12-12", "2027-01-11"]
        );
        assert_eq!(
            all("vom 01.01.2026 bis 31.12.2026", DateOrder::DayFirst),
            ["2026-01-01", "2026-12-31"]
        );
    }

    #[test]
    fn amounts_and_identifiers_are_no_dates() {
        for text in [
            "4402-118-2207",
            "31/31/2026",
            "1234",
            "12.50",
            "may be 5",
            "555-010-0100",
            "1.2.3.4",
            "2026",
            "Feb 30, 2026",
            "1-2-3",
        ] {
            assert!(all(text, DateOrder::MonthFirst).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_order_comes_from_the_dates_then_from_the_country() {
        assert_eq!(
            date_convention("on 13/01/2026", "US"),
            DateConvention {
                order: DateOrder::DayFirst,
                doubtful: false
            }
        );
        assert_eq!(
            date_convention("on 01/13/2026 and 02/03/2026", "DE"),
            DateConvention {
                order: DateOrder::MonthFirst,
                doubtful: false
            }
        );
        assert_eq!(
            date_convention("on 01/02/2026", "US"),
            DateConvention {
                order: DateOrder::MonthFirst,
                doubtful: false
            }
        );
        assert_eq!(
            date_convention("on 01/02/2026", "CA"),
            DateConvention {
                order: DateOrder::DayFirst,
                doubtful: true
            }
        );
        assert_eq!(
            date_convention("no date", "CA"),
            DateConvention {
                order: DateOrder::DayFirst,
                doubtful: false
            }
        );
    }
}
