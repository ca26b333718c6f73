//! The name of a bill's file.

use time::Date;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 80;

/// A name for people, from a stranger's.
pub(super) fn file_name(suggested: &str, bill_date: Option<Date>) -> String {
    let stem = suggested
        .strip_suffix(".pdf")
        .or_else(|| suggested.strip_suffix(".PDF"))
        .unwrap_or(suggested);
    let plain: String = stem
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(NAME_CHARS_MAX)
        .collect();
    let plain = plain.trim_matches(['.', '-', ' ', '_']);
    match (plain.chars().any(|c| c.is_ascii_digit()), bill_date) {
        (true, _) => format!("{plain}.pdf"),
        (false, Some(date)) => format!("bill-{date}.pdf"),
        (false, None) => "bill.pdf".to_owned(),
    }
}
