//! What a link, button or select is good for. Pure.

use bill_reader::{
    dates::{DateOrder, dates},
    normalize::{find_words, normalize},
    numbers::{DecimalSeparator, numbers},
};
use url::Url;

use crate::{
    collection::read_only::{address_names_change, says_change},
    registrable_domain::registrable,
};

use super::{
    survey::{Control, FrameSurvey, Select},
    vocabulary::{
        BILLING, CHOOSERS, DETAILS, DOWNLOAD, FILE, FORBIDDEN, FORBIDDEN_IN_PATH, ICONS, MORE,
        NEXT, NO_CHOICE, NO_CHOOSERS, ON_THE_WAY, OTHER_FILES, PERHAPS, SIGN_OUT,
    },
};

/// What to do with a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlUse {
    /// Never touch it.
    Forbidden,
    /// A bill's file may be behind it; higher is likelier.
    Bill(i32),
    /// The next page of a list, or more of it.
    More,
    /// A page worth a visit; higher is better.
    Page(i32),
    /// Nothing.
    Nothing,
}

/// A visit that is as good as this may lead to bills.
pub const PROMISING: i32 = 50;
/// A page that is worth less says nothing about an account and is left alone.
pub const READING: i32 = 10;
/// A part of what is being read: a page of a list, a year, a bill.
pub const CONTINUES: i32 = 85;

/// What a control is good for. `detail`: the page is that of one bill, so a bare "Download" is enough.
#[must_use]
pub fn use_of_control(control: &Control, page: &Url, detail: bool) -> ControlUse {
    let text = normalize(&format!("{} {}", control.text, control.label));
    let href = control
        .href
        .as_deref()
        .and_then(|href| Url::parse(href).ok());
    if control.disabled || is_forbidden(control, &text, href.as_ref()) {
        return ControlUse::Forbidden;
    }
    let web = href
        .as_ref()
        .is_some_and(|href| matches!(href.scheme(), "http" | "https"));
    if let Some(href) = href.as_ref().filter(|_| web)
        && !same_site(href, page)
        && !path_is_pdf(href)
    {
        return ControlUse::Nothing;
    }
    if is_more(control, &text) {
        return ControlUse::More;
    }
    let bill = bill_score(control, &text, href.as_ref(), detail);
    if bill >= 60 {
        return ControlUse::Bill(bill);
    }
    match page_score(
        control,
        &text,
        href.as_ref().filter(|href| !same_document(href, page)),
        web,
    ) {
        0 => ControlUse::Nothing,
        score => ControlUse::Page(score),
    }
}

fn is_forbidden(control: &Control, text: &str, href: Option<&Url>) -> bool {
    let short = text.chars().count() <= 80;
    let words = FORBIDDEN
        .iter()
        .any(|word| find_words(text, word).is_some() && !excused(text, word));
    let says = [&control.text, &control.label]
        .iter()
        .any(|text| text.chars().count() <= 60 && says_change(text));
    let path =
        href.is_some_and(|href| path_has(href, FORBIDDEN_IN_PATH) || address_names_change(href));
    let icon = text.trim().is_empty() && control.hint.split([' ', '/', '.']).any(says_change);
    let other_scheme = href.is_some_and(|href| {
        matches!(
            href.scheme(),
            "mailto" | "tel" | "sms" | "file" | "chrome" | "about"
        )
    });
    // A form that asks for something is not ours to send, and a switch is not ours to turn.
    signs_out(control)
        || control.toggle
        || (short && (words || says))
        || path
        || icon
        || other_scheme
        || (control.submits && control.fields > 0)
}

/// Whether the control ends the session on the website.
#[must_use]
pub fn signs_out(control: &Control) -> bool {
    let text = normalize(&format!("{} {}", control.text, control.label));
    let href = control
        .href
        .as_deref()
        .and_then(|href| Url::parse(href).ok());
    (text.chars().count() <= 80 && says(&text, SIGN_OUT))
        || href.is_some_and(|href| path_has(&href, SIGN_OUT))
}

/// A part of the path, or of a fragment that is one, is one of these words.
fn path_has(href: &Url, words: &[&str]) -> bool {
    let path = href.path().to_ascii_lowercase();
    let route = href.fragment().unwrap_or("").to_ascii_lowercase();
    path.split(['/', '.', '_'])
        .any(|part| words.contains(&part))
        || route
            .split(['/', '!', '?'])
            .any(|part| words.contains(&part))
}

/// `Request date 3/4` or `Order number` are no orders; `Bill, pay & usage` is a page.
fn excused(text: &str, word: &str) -> bool {
    matches!(
        word,
        "pay" | "edit" | "order" | "request" | "confirm" | "apply" | "stop" | "baja" | "pay bill"
    ) && [
        "history",
        "billing",
        "statement",
        "invoices",
        "bills",
        "order date",
        "order number",
    ]
    .iter()
    .any(|good| find_words(text, good).is_some())
        && !["now", "my bill", "make"]
            .iter()
            .any(|bad| find_words(text, bad).is_some())
}

fn is_more(control: &Control, text: &str) -> bool {
    let text = text.trim();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if control.rel.split_whitespace().any(|rel| rel == "next") {
        return true;
    }
    if NEXT.contains(&text) || NEXT.contains(&bare) || control_says(control, NEXT) {
        return true;
    }
    if MORE.iter().any(|word| find_words(text, word).is_some()) && text.chars().count() <= 40 {
        return true;
    }
    let number = control.text.trim();
    control.pager
        && !control.current
        && number.len() <= 3
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
}

fn control_says(control: &Control, words: &[&str]) -> bool {
    let (text, label) = (normalize(&control.text), normalize(&control.label));
    words.contains(&text.trim()) || words.contains(&label.trim())
}

fn bill_score(control: &Control, text: &str, href: Option<&Url>, detail: bool) -> i32 {
    let around = format!("{} {} {}", control.text, control.label, control.context);
    if OTHER_FILES
        .iter()
        .any(|word| find_words(text, word).is_some())
    {
        return 0;
    }
    if !says_document(control, text, href) {
        return 0;
    }
    let mut score = 0;
    let pdf = href.is_some_and(path_is_pdf) || find_words(text, "pdf").is_some();
    let blob = href.is_some_and(|href| matches!(href.scheme(), "blob" | "data"));
    score += if pdf { 40 } else { 0 } + if blob || control.download { 40 } else { 0 };
    score += if says(text, FILE) { 25 } else { 0 };
    score += if says(&normalize(&control.context), BILLING) || says(text, BILLING) {
        10
    } else {
        0
    };
    let dated = has_date(&around);
    // The details of a dated amount may hold its document.
    score += if dated && has_amount(&around) && says(text, DETAILS) {
        15
    } else {
        0
    };
    score += if dated { 30 } else { 0 };
    score += if has_amount(&around) { 20 } else { 0 };
    // The date itself is often the link.
    score += if dated && has_date(&control.text) && control.text.chars().count() <= 40 {
        15
    } else {
        0
    };
    score += if detail && (pdf || says(text, FILE)) {
        25
    } else {
        0
    };
    // A menu's "Bills" in a card with a date and an amount is a page, not a file.
    let plain_menu = href.is_some_and(|href| {
        href.query().is_none() && !href.path().chars().any(|c| c.is_ascii_digit())
    }) && !pdf
        && !control.download;
    if plain_menu && !has_date(&control.text) && !detail {
        score - 40
    } else {
        score
    }
}

/// The control says that a file is behind it, not only a document that a page may show.
#[must_use]
pub fn promises_file(control: &Control) -> bool {
    let href = control
        .href
        .as_deref()
        .and_then(|href| Url::parse(href).ok());
    let text = normalize(&format!("{} {}", control.text, control.label));
    control.download || href.as_ref().is_some_and(path_is_pdf) || says(&text, DOWNLOAD)
}

/// The control itself says that a document is behind it; that it stands beside a date and an amount is not enough.
fn says_document(control: &Control, text: &str, href: Option<&Url>) -> bool {
    let icon = text.trim().is_empty() && {
        let hint = normalize(&control.hint.replace(['-', '_', '/', '.', '#'], " "));
        says(&hint, ICONS)
    };
    let local = href.is_some_and(|href| matches!(href.scheme(), "blob" | "data"));
    control.download
        || local
        || icon
        || href.is_some_and(path_is_pdf)
        || says(text, FILE)
        || says(text, BILLING)
        || says(text, DETAILS)
        || has_date(text)
        || has_amount(text)
        || text.chars().filter(char::is_ascii_digit).count() >= 4
}

fn page_score(control: &Control, text: &str, href: Option<&Url>, web: bool) -> i32 {
    let short = text.chars().count() <= 90;
    let path = href
        .map(|href| {
            normalize(
                &format!("{} {}", href.path(), href.fragment().unwrap_or(""))
                    .replace(['/', '-', '_', '.'], " "),
            )
        })
        .unwrap_or_default();
    let by_text = |words| short && says(text, words);
    let year = control.text.trim();
    let score = if is_year(year) && !control.current {
        90
    } else if by_text(BILLING) {
        80
    } else if says(&path, BILLING) {
        70
    } else if by_text(PERHAPS) {
        60
    } else if short && has_account_number(text) {
        55
    } else if says(&path, PERHAPS) {
        50
    } else if control.role == "tab" || control.expands {
        40
    } else if by_text(ON_THE_WAY) || says(&path, ON_THE_WAY) {
        30
    } else if web && short && !text.trim().is_empty() {
        5
    } else {
        0
    };
    // Buttons are clicked in place, so only promising ones are.
    if web || score >= 40 { score } else { 0 }
}

/// A select that changes which bills are shown: accounts, years, periods.
#[must_use]
pub fn is_chooser(select: &Select) -> bool {
    let options: Vec<_> = select
        .options
        .iter()
        .filter(|option| !option.disabled && !is_no_choice(&option.text))
        .collect();
    if options.is_empty()
        || select.options.len() > 40
        || is_forbidden_word(&select.submit_text)
        || says_change(&select.submit_text)
    {
        return false;
    }
    let label = normalize(&format!(
        "{} {}",
        select.label,
        select.name.replace(['_', '-', '.'], " ")
    ));
    if says(&label, NO_CHOOSERS) || says_change(&select.label) {
        return false;
    }
    let years = options
        .iter()
        .filter(|option| find_year(&option.text))
        .count();
    let accounts = options
        .iter()
        .filter(|option| has_account_number(&normalize(&option.text)))
        .count();
    2 * years >= options.len() || 2 * accounts >= options.len() || says(&label, CHOOSERS)
}

/// Whether an option of a select stands for no choice, such as "Please select".
#[must_use]
pub fn is_no_choice(text: &str) -> bool {
    let text = normalize(text);
    text.trim().is_empty() || NO_CHOICE.iter().any(|word| text.starts_with(word))
}

fn is_forbidden_word(text: &str) -> bool {
    let text = normalize(text);
    FORBIDDEN
        .iter()
        .any(|word| find_words(&text, word).is_some())
}

/// The page is that of one bill.
#[must_use]
pub fn is_detail(frame_survey: &FrameSurvey) -> bool {
    let heads = normalize(&format!("{} {}", frame_survey.title, frame_survey.heads));
    says(&heads, BILLING) && has_date(&frame_survey.heads)
}

/// The same website: the same host, or one with the same registrable name.
#[must_use]
pub fn same_site(a: &Url, b: &Url) -> bool {
    match (a.host_str(), b.host_str()) {
        (Some(x), Some(y)) if x == y => {
            a.port_or_known_default() == b.port_or_known_default() || a.scheme() != b.scheme()
        }
        (Some(x), Some(y)) if a.domain().is_some() && b.domain().is_some() => {
            registrable(x) == registrable(y) && registrable(x).contains('.')
        }
        _ => false,
    }
}

/// Only the place within the page differs. Applications route by fragments that begin like paths.
fn same_document(a: &Url, b: &Url) -> bool {
    let route = a
        .fragment()
        .is_some_and(|fragment| fragment.starts_with(['/', '!']));
    let bare = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    !route && bare(a) == bare(b)
}

fn path_is_pdf(href: &Url) -> bool {
    let path = href.path().to_ascii_lowercase();
    path.ends_with(".pdf")
        || path.split('/').any(|part| part == "pdf")
        || href
            .query()
            .is_some_and(|query| query.to_ascii_lowercase().contains("pdf"))
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| find_words(text, word).is_some())
}

/// A day, or a month with its year.
#[must_use]
pub fn has_date(text: &str) -> bool {
    if !dates(text, DateOrder::DayFirst).is_empty() {
        return true;
    }
    // `November 2026` and `11/2026`: a month and a year make the first of that month.
    let folded = normalize(text);
    folded
        .split_whitespace()
        .collect::<Vec<_>>()
        .windows(2)
        .any(|pair| {
            let [month, year] = pair else { return false };
            is_year(year.trim_matches(|c: char| !c.is_ascii_digit()))
                && !dates(&format!("1 {month} 2020"), DateOrder::DayFirst).is_empty()
                && month.chars().any(char::is_alphabetic)
        })
        || folded.split_whitespace().any(|word| {
            word.split_once(['/', '.', '-'])
                .is_some_and(|(month, year)| {
                    is_year(year)
                        && month
                            .parse::<u8>()
                            .is_ok_and(|month| (1..=12).contains(&month))
                })
        })
}

fn has_amount(text: &str) -> bool {
    [DecimalSeparator::Point, DecimalSeparator::Comma]
        .into_iter()
        .any(|decimal| {
            numbers(text, decimal)
                .iter()
                .any(|number| number.is_money() && number.decimals == 2)
        })
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && text
            .parse::<u16>()
            .is_ok_and(|year| (1995..=2100).contains(&year))
}

fn find_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(is_year)
}

fn has_account_number(folded: &str) -> bool {
    let mut digits = 0;
    for c in folded.chars() {
        match c {
            '0'..='9' | '*' => digits += 1,
            ' ' | '-' | '.' | '/' => {}
            _ => digits = 0,
        }
        if digits >= 6 && dates(folded, DateOrder::DayFirst).is_empty() {
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
