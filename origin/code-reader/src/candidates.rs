//! What in a line may be a one-time code, by its own form and its nearest neighbours.

use crate::{
    document::Line,
    words::{Meaning, has},
};

/// A code has so many characters at least.
const SHORTEST: usize = 4;
/// A code has so many characters at most.
const LONGEST: usize = 10;

/// What a candidate is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Digits.
    Digits,
    /// Digits behind letters that are no part of the code: `G-402817`.
    Prefixed,
    /// Letters and digits.
    Mixed,
    /// Letters.
    Letters,
}

/// Something that may be a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The code.
    pub code: String,
    /// What it is made of.
    pub form: Form,
    /// The byte of its line that it begins at.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// An unbroken run of ASCII letters and digits.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl Run<'_> {
    fn is_digits(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_capitals(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_uppercase())
    }
}

/// The candidates of a line, from its start.
pub fn candidates(line: &Line) -> Vec<Candidate> {
    let text = line.text.as_str();
    let runs = runs(text);
    let mut rest = runs.as_slice();
    let mut found = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        // What a hyphen joins, or a space between digits, is one thing, and is taken or left as a whole.
        let mut length = 1;
        let mut last = first;
        for next in after {
            let joins = match text.get(last.end..next.start) {
                Some("-") => true,
                Some(" ") => (last.is_digits() && next.is_digits()) || is_spaced_out(last, next),
                _ => false,
            };
            if !joins {
                break;
            }
            last = next;
            length += 1;
        }
        let (chain, others) = rest.split_at(length);
        found.extend(whole(line, chain));
        rest = others;
    }
    found
}

fn is_spaced_out(one: &Run<'_>, next: &Run<'_>) -> bool {
    let single = |run: &Run<'_>| run.text.len() == 1 && (run.is_digits() || run.is_capitals());
    single(one) && single(next)
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut start = None;
    let ends = text.len();
    for (at, byte) in text.bytes().chain([b' ']).enumerate() {
        match (start, byte.is_ascii_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let end = at.min(ends);
                if let Some(run) = text.get(from..end) {
                    runs.push(Run {
                        text: run,
                        start: from,
                        end,
                    });
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// The candidates that a chain of runs makes: one, none, or, where numbers of different kinds only stand side by side,
/// several.
fn whole(line: &Line, chain: &[Run<'_>]) -> Vec<Candidate> {
    let (Some(first), Some(mut last)) = (chain.first(), chain.last()) else {
        return Vec::new();
    };
    let mut chain = chain;
    // "4471 10 minutes": the last is a time.
    if chain.len() > 1
        && last.text.len() <= 2
        && last.is_digits()
        && is_duration(&line.lower, last.end)
        && let Some((_, before)) = chain.split_last()
    {
        chain = before;
        last = chain.last().unwrap_or(first);
    }
    let (start, end) = (first.start, last.end);
    if !stands_free(&line.text, start, end) || is_quantity(line, start, end) {
        return Vec::new();
    }
    let lengths: Vec<usize> = chain.iter().map(|run| run.text.len()).collect();
    let total: usize = lengths.iter().sum();
    let joined = |between: &str| {
        let texts: Vec<&str> = chain.iter().map(|run| run.text).collect();
        texts.join(between)
    };
    let fits = (SHORTEST..=LONGEST).contains(&total);
    let is_even = lengths.iter().all(|length| Some(length) == lengths.first());
    let of = |code: String, form| {
        vec![Candidate {
            code,
            form,
            start,
            end,
        }]
    };
    if chain.iter().all(Run::is_digits) {
        let is_group = match lengths.as_slice() {
            [_] => true,
            [4, 2 | 3] | [3, 4] => true,
            [2..=5, ..] => is_even,
            // One by one.
            [1, ..] => is_even && total >= SHORTEST,
            _ => false,
        };
        return if fits && is_group {
            of(joined(""), Form::Digits)
        } else {
            Vec::new()
        };
    }
    match chain {
        [one] if fits => match mixed(one.text) {
            Some(form) => of(one.text.to_owned(), form),
            None => Vec::new(),
        },
        [prefix, digits]
            if prefix.text.len() <= 2
                && prefix.is_capitals()
                && digits.is_digits()
                && (SHORTEST..=8).contains(&digits.text.len()) =>
        {
            of(digits.text.to_owned(), Form::Prefixed)
        }
        _ if fits && is_even && lengths.first() == Some(&1) => {
            of(joined(""), mixed(&joined("")).unwrap_or(Form::Mixed))
        }
        _ if fits && is_even && (3..=5).contains(&lengths.first().copied().unwrap_or_default()) => {
            match mixed(&joined("")) {
                Some(form) => of(joined("-"), form),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// What letters and digits are, if they may be a code: of one case, and no time or amount with its unit.
fn mixed(text: &str) -> Option<Form> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.len() - digits;
    let one_case = !(text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase()));
    if !one_case || letters == 0 {
        return None;
    }
    if digits == 0 {
        return text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase())
            .then_some(Form::Letters);
    }
    // `2140kwh`, `09h45`, `10am`: digits with what they count.
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_counted = unit.len() < text.len()
        && unit.len() <= 3
        && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_time = text.split_once(['h', 'H']).is_some_and(|(hours, minutes)| {
        [hours, minutes]
            .iter()
            .all(|part| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    (!is_counted && !is_time).then_some(Form::Mixed)
}

/// Whether nothing that touches it makes it a part of something longer.
fn stands_free(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let mut left = before.chars().rev();
    let mut right = after.chars();
    let (one, two) = (left.next(), left.next());
    let (next, next_but_one) = (right.next(), right.next());
    let is_left_free = match one {
        Some('+' | '*' | '•' | '●' | '…' | '_' | '=' | '&' | '@' | '%' | '~' | '\\') => false,
        Some('.' | ',' | '/' | ':' | '-' | '\'') => {
            // "code:123456" and "(…).123456" are words before it; "12:30" and "/123456" are not.
            !two.is_some_and(|letter| letter.is_ascii_digit() || letter == '/' || letter == '.')
                && one != Some('/')
        }
        Some(letter) => !is_letter_that_joins(letter),
        None => true,
    };
    let is_right_free = match next {
        Some('*' | '•' | '_' | '=' | '&' | '@' | '%' | '°' | '/' | '\\' | '+') => false,
        Some('.' | ',' | ':' | '-' | '\'') => {
            !next_but_one.is_some_and(|letter| letter.is_ascii_alphanumeric())
                || begins_what_counts(after.get(1..).unwrap_or_default())
        }
        Some(letter) => !is_letter_that_joins(letter),
        None => true,
    };
    is_left_free && is_right_free && !is_in_address(text, start, end)
}

/// Whether a number that counts by itself begins there: "570326,5分钟", where no space parts the sentence.
fn begins_what_counts(after: &str) -> bool {
    let rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
    rest.len() < after.len() && rest.starts_with(COUNTED)
}

/// Latin, Greek and Cyrillic letters join with digits to one word; scripts that put no spaces, or whose words carry
/// endings beside a number, do not.
fn is_letter_that_joins(letter: char) -> bool {
    letter.is_alphabetic() && u32::from(letter) < 0x590
}

/// Whether the word that it stands in is an address of the web or of mail.
fn is_in_address(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let from = before.rfind(' ').map_or(0, |at| at + 1);
    let to = after.find(' ').map_or(text.len(), |at| end + at);
    let word = text.get(from..to).unwrap_or_default();
    word.contains("://") || word.contains("www.") || word.contains('@')
}

/// What an amount has beside it. Lower case.
const MONEY: [&str; 36] = [
    "€", "$", "£", "¥", "₹", "₽", "₴", "₺", "₩", "₪", "₫", "฿", "元", "円", "원", "kr", "kč", "zł",
    "ft", "lei", "лв", "руб", "грн", "chf", "eur", "usd", "gbp", "cad", "aud", "sek", "nok", "dkk",
    "pln", "ron", "inr", "jpy",
];
/// What a measure has behind it. Lower case.
const UNITS: [&str; 17] = [
    "kwh",
    "mwh",
    "kw",
    "m³",
    "m3",
    "m²",
    "km",
    "kg",
    "mm",
    "cm",
    "ml",
    "gb",
    "mb",
    "litre",
    "liter",
    "customers",
    "points",
];
/// What a part of a date, or a number that counts, has behind it.
const COUNTED: [char; 15] = [
    '年', '月', '日', '時', '时', '分', '秒', '号', '號', '년', '월', '일', '시', '초', '°',
];

fn is_quantity(line: &Line, start: usize, end: usize) -> bool {
    let before = line.lower.get(..start).unwrap_or_default().trim_end();
    let after = line.lower.get(end..).unwrap_or_default();
    let near = after.trim_start();
    let is_word_end = |rest: &str| !rest.chars().next().is_some_and(char::is_alphanumeric);
    let stands = |words: &[&str]| {
        words.iter().any(|word| {
            near.strip_prefix(word)
                .is_some_and(|rest| is_word_end(rest) || !word.is_ascii())
        })
    };
    let paid = MONEY.iter().any(|word| {
        before.strip_suffix(word).is_some_and(|rest| {
            !word.is_ascii()
                || *word == "$"
                || !rest.chars().next_back().is_some_and(char::is_alphabetic)
        })
    });
    let is_counted = after
        .chars()
        .next()
        .is_some_and(|letter| COUNTED.contains(&letter));
    let is_copyright = before.ends_with('©') || before.ends_with("(c)");
    paid || stands(&MONEY) || stands(&UNITS) || is_counted || is_copyright
}

fn is_duration(lower: &str, end: usize) -> bool {
    let after = lower.get(end..).unwrap_or_default().trim_start();
    let word: String = after.chars().take(8).collect();
    has(&word, Meaning::Duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        candidates(&Line::new(text))
            .into_iter()
            .map(|one| one.code)
            .collect()
    }

    #[test]
    fn digits_come_in_several_forms() {
        assert_eq!(codes("482913"), ["482913"]);
        assert_eq!(codes("your code: 481 920."), ["481920"]);
        assert_eq!(codes("593-107"), ["593107"]);
        assert_eq!(codes("81 92 04"), ["819204"]);
        assert_eq!(codes("3 5 0 6 1 7"), ["350617"]);
        assert_eq!(codes("G-402817 is"), ["402817"]);
        assert_eq!(codes("验证码938271,您"), ["938271"]);
        assert_eq!(codes("[330172]를"), ["330172"]);
        assert_eq!(codes("是570326,5分钟内"), ["570326"]);
        assert_eq!(codes("lautet 4471 10 Minuten"), ["4471"]);
    }

    #[test]
    fn letters_come_with_digits_or_alone() {
        assert_eq!(codes("K7P-2MX"), ["K7P-2MX"]);
        assert_eq!(codes("f3a91c"), ["f3a91c"]);
        assert_eq!(codes("QHZTRW"), ["QHZTRW"]);
        assert_eq!(codes("K 8 D 2 Q P"), ["K8D2QP"]);
    }

    #[test]
    fn neighbours_make_numbers_something_else() {
        for text in [
            "1-800-555-0199",
            "(757) 555-0133 ext",
            "+447700900123",
            "03.11.2026",
            "11/03/2026",
            "2026-11-03",
            "10:45",
            "09h45",
            "$1,482.13",
            "1.204,55",
            "86,40 EUR",
            "2140 kWh",
            "8,420円",
            "2026年",
            "•••4471",
            "xx@host.example/123456",
            "https://host.example/123456",
            "a1234@host.example",
            "0048 2291 73",
            "9930 2214 7788 0012",
            "20261103-88127",
            "© 2026",
            "1ESY1160123456",
            "FA+9qCX9VSu",
        ] {
            let found = codes(text);
            // A local number alone may be a code by its form; words decide.
            assert!(
                found.is_empty() || found == ["5550133"],
                "{text}: {found:?}"
            );
        }
    }
}
