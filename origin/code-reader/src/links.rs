//! The link of a message that approves a sign-in, or signs in.

use crate::{
    document::Document,
    words::{Meaning, has},
};

/// A link that is longer is none that a person should be shown.
pub const LINK_MAX: usize = 2048;
/// What names one thing in a link has so many characters at least.
const TOKEN_MIN: usize = 8;

/// The first link whose words approve a sign-in; or that signs in, in a message about such a link.
pub fn approval(document: &Document) -> Option<String> {
    let lines = || {
        std::iter::once(&document.subject)
            .chain(&document.lines)
            .map(|line| line.lower.as_str())
    };
    let is_about_a_link = lines().any(|line| has(line, Meaning::AboutALink));
    let signs_in = lines().any(|line| has(line, Meaning::SignIn));
    let links = || {
        document
            .links
            .iter()
            .filter(|link| is_for_one_thing(&link.address))
    };
    let approves = links().find(|link| signs_in && has(&link.words, Meaning::Approve));
    let found = approves
        .or_else(|| links().find(|link| is_about_a_link && has(&link.words, Meaning::SignInLink)));
    found.map(|link| link.address.clone())
}

/// Whether a link is encrypted, short enough, and has a part that may name this one thing: long, with a digit.
pub fn is_for_one_thing(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else {
        return false;
    };
    address.len() <= LINK_MAX
        && !address.contains(char::is_whitespace)
        && rest
            .split(['/', '?', '&', '=', '#'])
            .skip(1)
            .any(|part| part.len() >= TOKEN_MIN && part.bytes().any(|byte| byte.is_ascii_digit()))
}
