//! What operators read of statuses, failures, steps and jobs.

use shared::{operator::OperatorAction, status::StatusDetail};

use crate::signin::{FailureReason, StepKind};

/// A number with what it counts.
pub(super) fn counted(number: i64, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// What makes a status more precise.
pub(super) fn detail_words(detail: StatusDetail) -> &'static str {
    match detail {
        StatusDetail::AccountLocked => "The account is locked",
        StatusDetail::Captcha => "A captcha is asked for",
        StatusDetail::SiteChanged => "The website changed, or was not understood",
        StatusDetail::RequestsHeld => {
            "No bills, and requests that might change something were held"
        }
        StatusDetail::CutShort => "The run ended before it had seen everything",
        StatusDetail::Dns => "The host name does not resolve",
        StatusDetail::Tls => "The certificate or handshake failed",
        StatusDetail::Timeout => "Nothing answered in time",
        StatusDetail::Http5xx => "The website answered with a server error",
        StatusDetail::BlockedAddress => "The website has an address that must not be visited",
        StatusDetail::EmailCode => "A code was sent by mail",
        StatusDetail::SmsCode => "A code was sent by text message",
        StatusDetail::TotpCode => "A code of an authenticator is asked for",
        StatusDetail::Internal => "The fault is in this system; the log has it",
    }
}

/// Why a sign-in ended without an answer.
pub(super) fn reason_words(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::FormNotFound => "No form to sign in was found",
        FailureReason::NotFilled => "A field was found and did not take its value",
        FailureReason::NotProven => "The password was sent, and nothing proves what came of it",
        FailureReason::ClientNeeded => {
            "The website asks for something that only the client can give"
        }
        FailureReason::WebsiteDown => "The website answers with errors, or not at all",
    }
}

/// What a step of a recipe does. Values are never told.
pub(super) fn step_words(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Open => "Presses what leads to the form",
        StepKind::FillUsername => "Types the user name",
        StepKind::FillPassword => "Types the password",
        StepKind::FillOther => "Types a further value",
        StepKind::Submit => "Sends the form",
        StepKind::Authenticate => "Answers the browser's question with user name and password",
    }
}

/// What an operator did.
pub(super) fn action_words(action: OperatorAction) -> &'static str {
    match action {
        OperatorAction::Invited => "Was invited on the command line",
        OperatorAction::PasswordChosen => "Chose a password and set an authenticator up",
        OperatorAction::SignedIn => "Signed in",
        OperatorAction::SignedOutEverywhere => "Signed out everywhere",
        OperatorAction::Removed => "Was removed on the command line",
        OperatorAction::FailureOpened => "Read why a sign-in failed",
        OperatorAction::PictureOpened => "Looked at its masked picture",
        OperatorAction::CollectionAsked => "Collected a connection",
    }
}

/// What jobs of a kind do; empty for one that this version does not know.
pub(super) fn kind_words(kind: &str) -> &'static str {
    match kind {
        "COLLECT" => "Collect bills",
        "QUEUE_DUE_COLLECTIONS" => "Queue collections that are due",
        "CLEAN_UP" => "Remove old rows",
        "FORGET_MESSAGES" => "Forget messages that brought codes",
        "DELIVER_NOTICE" => "Send notices by mail",
        "DELIVER_MAIL" => "Send mail",
        "DELIVER_WEBHOOKS" => "Deliver webhooks",
        "PUSH_BRAND" => "Bring brands to the edge",
        "SWEEP_BLOBS" => "Remove files that no bill names",
        "MOVE_BILL_FILES" => "Move files out of the database",
        "WORK_BATCH" => "Work through files of rows",
        _ => "",
    }
}

/// A website's own words without what may name somebody: numbers of four digits or more, in one word or in neighbouring
/// ones, and mail addresses.
pub(super) fn anonymous(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let runs = words.chunk_by(|one, next| is_of_number(one) && is_of_number(next));
    let told = runs.flat_map(|run| {
        let digits = run.iter().flat_map(|word| word.chars());
        if digits.filter(|letter| letter.is_numeric()).count() >= 4 {
            return vec!["…"];
        }
        let words = run.iter();
        words
            .map(|word| if word.contains('@') { "…" } else { word })
            .collect()
    });
    told.collect::<Vec<_>>().join(" ")
}

/// Whether a word may be a group of a number's digits, or stands between two.
fn is_of_number(word: &str) -> bool {
    word.contains(char::is_numeric) || !word.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_websites_words_name_nobody() {
        assert_eq!(
            anonymous("Account 1234-5678 of ada@mail.example is locked for 24 hours."),
            "Account … of … is locked for 24 hours."
        );
        assert_eq!(
            anonymous("Meter 12 - 34 5 and 123 456 789, try 2 of 3"),
            "Meter … and … try 2 of 3"
        );
    }

    #[test]
    fn one_is_told_as_one() {
        assert_eq!(counted(1, "connection"), "1 connection");
        assert_eq!(counted(14, "connection"), "14 connections");
    }
}
