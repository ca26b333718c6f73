//! The proof that a connection works without its client, as the last pages of a flow tell it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::status::{UnattendedReason, UtilityType};

/// The proof that a connection works without its client: its first collection, which signs in by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "state",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
pub enum Proof {
    /// It has not begun, or will be tried once more.
    Waiting,
    /// It signs in.
    SigningIn,
    /// It signs in, and waits for a code, which can be given on a page of ours.
    AwaitingCode {
        /// Where that page is.
        page: CodePagePath,
    },
    /// It is in, and fetches bills.
    Collecting {
        /// The accounts found so far.
        accounts: FoundAccounts,
        /// The bills found so far.
        bills: u64,
        /// The bills known of so far, those found included.
        expected: u64,
        /// Whether the website asked for a code, which a person gave: it does not work without its client.
        #[serde(default)]
        by_code: bool,
    },
    /// It was in, and found bills.
    Collected {
        /// The accounts that were found.
        accounts: FoundAccounts,
        /// The bills that were found.
        bills: u64,
        /// Whether the website asked for a code, which a person gave.
        #[serde(default)]
        by_code: bool,
    },
    /// It was in, and found some bills before it ended early; another run goes on.
    CutShort {
        /// The accounts that were found.
        accounts: FoundAccounts,
        /// The bills that were found.
        bills: u64,
        /// Whether the website asked for a code, which a person gave.
        #[serde(default)]
        by_code: bool,
    },
    /// It was in, and the account has no bills.
    NoBills,
    /// It was in, and found no bills although there may be some.
    NoBillsYet,
    /// The connection was switched off or deleted: it is not tried.
    Stopped,
    /// It was not in.
    Missing {
        /// Why it is not proven.
        reason: UnattendedReason,
    },
    /// It was in, but in no account of the connection that it was to repair: nothing was changed.
    OtherAccounts {
        /// The accounts that it found there.
        accounts: FoundAccounts,
    },
}

/// The path of the page on which a code can be given, which carries a token: `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodePagePath(pub String);

impl fmt::Debug for CodePagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodePagePath(…)")
    }
}

impl Proof {
    /// Whether another sign-in of ours may prove more, once there is a way for codes: none goes on, and it is not the
    /// password that is missing, which is never sent again before the client signs in.
    #[must_use]
    pub fn is_mended_by_codes(&self) -> bool {
        match self {
            Self::Waiting
            | Self::SigningIn
            | Self::AwaitingCode { .. }
            | Self::Collecting { .. }
            | Self::Stopped
            | Self::OtherAccounts { .. } => false,
            Self::Collected { .. } | Self::CutShort { .. } | Self::NoBills | Self::NoBillsYet => {
                true
            }
            Self::Missing { reason } => *reason == UnattendedReason::CodeNeeded,
        }
    }

    /// Whether nothing more is to come soon.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Waiting
            | Self::SigningIn
            | Self::AwaitingCode { .. }
            | Self::Collecting { .. } => false,
            Self::Collected { .. }
            | Self::CutShort { .. }
            | Self::NoBills
            | Self::NoBillsYet
            | Self::Stopped
            | Self::OtherAccounts { .. } => true,
            Self::Missing { reason } => !reason.is_passing(),
        }
    }
}

/// The accounts of a collection.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundAccounts {
    /// How many there are.
    pub count: u64,
    /// The first of them whose number is known, at most [`Self::SHOWN`].
    pub shown: Vec<FoundAccount>,
}

impl FoundAccounts {
    /// How many accounts a page names.
    pub const SHOWN: usize = 6;
    /// Letters and digits of an account number that are shown.
    const ENDING_CHARS: usize = 4;

    /// What a page may tell of these accounts: what their bills are for, and their numbers.
    pub fn of<'a>(accounts: impl ExactSizeIterator<Item = (&'a [UtilityType], &'a str)>) -> Self {
        let count = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
        let shown = accounts.filter_map(|(utility_types, number)| {
            Some(FoundAccount {
                utility_types: utility_types.to_vec(),
                ending: ending(number)?,
            })
        });
        Self {
            count,
            shown: shown.take(Self::SHOWN).collect(),
        }
    }
}

/// The end of an account number: enough to know one's own, never all of it. `None` when it has no digits.
fn ending(number: &str) -> Option<String> {
    let plain: Vec<char> = number.chars().filter(char::is_ascii_alphanumeric).collect();
    if !plain.iter().any(char::is_ascii_digit) {
        return None;
    }
    let shown = FoundAccounts::ENDING_CHARS.min(plain.len() / 2);
    (shown > 0).then(|| plain.iter().skip(plain.len() - shown).collect())
}

/// An account, as the last page of its own flow names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundAccount {
    /// What its bills are for.
    pub utility_types: Vec<UtilityType>,
    /// The last letters and digits of its number, four at most and never all of them.
    pub ending: String,
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn an_account_number_is_never_shown_whole() {
        let cases = [
            ("1234-5678-2207", Some("2207")),
            ("RB 55 0913", Some("0913")),
            ("123456", Some("456")),
            ("2207", Some("07")),
            ("7", None),
            ("", None),
            ("UNKNOWN", None),
            ("<b>1</b>\u{202e}23", Some("23")),
        ];
        for (number, expected) in cases {
            assert_eq!(ending(number).as_deref(), expected, "{number}");
        }
    }
}
