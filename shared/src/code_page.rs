//! The page on which the owner of a connection gives a code that a running sign-in waits for: what the edge asks the
//! origin, and what it answers. Any node answers for it.

use serde::{Deserialize, Serialize};

use crate::{
    entry::EntryView,
    id::{FlowRef, PublicCompanyId},
    status::{CodeRequestStatus, ErrorCode},
    time::UtcHour,
};

/// Names the page by the company and the token that stand in its URL.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodePage {
    /// The public id of the company, from the URL.
    pub public_company_id: PublicCompanyId,
    /// The token from the URL; the origin opens it again.
    pub token: String,
}

/// Waits until the page for a code would show something else.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeStateQuery {
    /// The page, as its URL names it.
    pub page: CodePage,
    /// [`CodeView::version`] of what it shows now.
    pub seen: u64,
}

/// Something that the owner does on the page for a code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeActionOn {
    /// The page, as its URL names it.
    pub page: CodePage,
    /// What the owner does there.
    pub action: CodeAction,
}

/// The things that the owner can do on the page for a code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "act")]
pub enum CodeAction {
    /// The code, while it is waited for.
    Enter {
        /// The public key that the page sealed with, base64url.
        public_key: String,
        /// A [`SealedEntry`](crate::entry::SealedEntry), sealed as message 0, base64url.
        sealed: String,
    },
    /// Once nothing waits any more: sign in again now, so that the website sends another code.
    Again,
    /// A sign-in that gets no code is tried again at this hour, or not at all.
    ChooseHour {
        /// The hour of the day in UTC; `None`: not at all.
        hour: Option<UtcHour>,
    },
}

/// All that the page for a code shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CodeView {
    /// Names the request; what is entered is sealed for it.
    pub request: FlowRef,
    /// The host of the website.
    pub provider_host: String,
    /// Another number for every change of what this shows.
    pub version: u64,
    /// Whether the code is waited for, tried, accepted, or no longer needed.
    pub status: CodeRequestStatus,
    /// What can be entered, while a code is waited for.
    pub entry: Option<Box<EntryView>>,
    /// Why another code is asked for, when one was refused.
    pub refused: Option<ErrorCode>,
    /// The hour at which a sign-in that gets no code is tried again, if the owner chose one.
    pub hour: Option<UtcHour>,
}
