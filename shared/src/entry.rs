//! What the client enters on our own page, in place of the website's or above its picture: the fields, choices and
//! codes that a sign-in needs, as data.
//!
//! Values travel sealed ([`crate::sealing`]): the page makes a fresh key, seals one [`SealedEntry`] as message 0 to
//! [`EntryView::public_key`], and sends it in [`FlowAction::Enter`](crate::wire::FlowAction::Enter).

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::status::{CodeChannel, EntryProblem, FieldKind, MfaOptionKind, OfferKind};

/// Longest value of one field, in characters.
pub const MAX_VALUE: usize = 512;
/// Most fields of one entry.
pub const MAX_FIELDS: usize = 8;
/// Minutes that a code, a choice of how to get one or an approval elsewhere may take.
pub const CODE_MINUTES: u64 = 10;

/// What the client can enter or choose now. All texts of the website are plain and bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// Names what is asked: an answer to anything else is not taken.
    pub number: u32,
    /// What to seal values to: an uncompressed P-256 point, base64url.
    pub public_key: String,
    /// The fields to fill.
    pub fields: Vec<EntryField>,
    /// The ways to prove who one is, to choose one from.
    pub mfa_options: Vec<EntryMfaOption>,
    /// The things to choose one from.
    pub choices: Vec<EntryChoice>,
    /// Where the code comes from, when a code is asked for.
    pub code: Option<CodeSource>,
    /// Something that is to be done elsewhere: a sign-in to be approved on a phone.
    pub elsewhere: Option<Approval>,
    /// What else the website's page offers to do.
    pub offers: Vec<EntryOffer>,
    /// The host of the form that the values are for, when it is another website's: the client must know where a password
    /// goes.
    pub host: Option<String>,
    /// The host that holds its page back until it gets user name and password (HTTP authentication). The browser itself is
    /// asked, so the website's page shows no fields for them.
    pub challenged_by: Option<String>,
    /// Whether what is given to that host travels encrypted. True where no host holds its page back.
    pub challenge_encrypted: bool,
    /// Why the last answer was not taken.
    pub problem: Option<EntryProblem>,
    /// The minutes that are left for an answer, once there are few: when they are over the sign-in ends.
    pub minutes_left: Option<u64>,
}

/// A field to fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryField {
    /// Names the field within its entry.
    pub id: u32,
    /// What the value is.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// The website's own label. Empty when it has none.
    pub label: String,
    /// The website's own `autocomplete`. Empty when it has none.
    pub autocomplete: String,
    /// Whether the website itself asks for digits alone.
    pub numeric: bool,
    /// Whether the sign-in cannot go on without it.
    pub required: bool,
}

/// A way to prove who one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryMfaOption {
    /// Names the option within its entry.
    pub id: u32,
    /// How the code travels.
    #[serde(rename = "type")]
    pub kind: MfaOptionKind,
    /// The words of the website.
    pub label: String,
    /// Where the code would be sent, as the website masks it.
    pub target: Option<String>,
}

/// One of several things that the client chooses from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryChoice {
    /// Names the choice within its entry.
    pub id: u32,
    /// The words of the website.
    pub label: String,
    /// What else the website says of it.
    pub description: Option<String>,
}

/// Where a code comes from, as far as the website says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeSource {
    /// How the code travels.
    pub channel: Option<CodeChannel>,
    /// Where it was sent, as the website masks it (`j***@example.com`).
    pub target: Option<String>,
    /// The client has just had the website asked for a new one.
    pub asked_anew: bool,
}

/// An approval elsewhere, as far as the website says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// The digits that the page shows, to be matched or typed there.
    pub shown: Option<String>,
}

/// Something that the website's page offers beside what it asks for. It is chosen as an option is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryOffer {
    /// Names the offer within its entry.
    pub id: u32,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: OfferKind,
    /// The words of the website.
    pub label: String,
}

/// What is sealed in the page: the values of an entry.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealedEntry {
    /// [`EntryView::number`] of the entry that it answers, so that an old one cannot be played again.
    pub number: u32,
    /// The values of the fields that were filled.
    pub values: Vec<EntryValue>,
}

/// The value of one field.
#[derive(Serialize, Deserialize)]
pub struct EntryValue {
    /// The [`EntryField::id`] of the field that it is for.
    pub id: u32,
    /// The value as typed, at most [`MAX_VALUE`] characters.
    pub text: Zeroizing<String>,
}
