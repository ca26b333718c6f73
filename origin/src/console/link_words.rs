//! What happened to a link, in words.

use shared::status::{ErrorCode, LinkEventKind, Step};

use crate::store::links::LinkEvent;

/// What happened, in a sentence.
pub(super) fn event_words(event: &LinkEvent) -> String {
    let detail = event.detail.as_deref().unwrap_or_default();
    let code = detail.parse::<ErrorCode>().ok();
    match event.kind {
        LinkEventKind::Created => "The link was made".to_owned(),
        LinkEventKind::Opened => "A person opened it".to_owned(),
        LinkEventKind::Refused => format!("It was opened, and refused: {}", refusal(detail)),
        LinkEventKind::SignInStarted => "The utility's website was opened".to_owned(),
        LinkEventKind::SignInFailed => {
            let why = code.map(failure).unwrap_or(detail);
            format!("The sign-in did not work: {why}")
        }
        LinkEventKind::SignedIn => "The person signed in".to_owned(),
        LinkEventKind::Fulfilled => "The connection was made".to_owned(),
        LinkEventKind::ConnectedAnother => "Another account was connected as well".to_owned(),
        LinkEventKind::Abandoned => abandoned(detail),
        LinkEventKind::Extended => "The link was given a later end".to_owned(),
        LinkEventKind::Revoked if detail.is_empty() => "The link was taken back".to_owned(),
        LinkEventKind::Revoked => format!("The link was taken back: {detail}"),
        LinkEventKind::MailSent => format!("It was sent by mail to {detail}"),
        LinkEventKind::MailRefused => format!("The mail with the link was refused: {detail}"),
        LinkEventKind::MailGivenUp => {
            format!("The mail to {detail} could not be delivered for a day")
        }
        LinkEventKind::MailBounced => format!("The mail with the link came back: {detail}"),
    }
}

/// How it was left and at which step, in words.
fn abandoned(detail: &str) -> String {
    let (way, step) = detail.split_once(" at ").unwrap_or_default();
    let at = match step.parse::<Step>() {
        Ok(Step::Provider) => "at the choice of the website",
        Ok(Step::SignIn) => "at the sign-in",
        Ok(Step::Sites) => "at the choice of sites",
        Ok(Step::Forwarding) => "while codes were to be forwarded",
        Ok(Step::Done) | Err(_) => "before it was finished",
    };
    match way {
        "idle" => format!("Nobody did anything for a while, {at}"),
        "replaced" => format!("It was begun anew elsewhere, and this one ended {at}"),
        "node_stopping" => format!("Our server was stopped, {at}"),
        _ => format!("The person left {at}"),
    }
}

fn refusal(detail: &str) -> &str {
    match detail {
        "EXPIRED" => "its time has run out",
        "REVOKED" => "it was taken back",
        "USED" => "it was used already",
        "BUSY" => "too many people were at it",
        other => other,
    }
}

fn failure(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::CredentialsInvalid => "the website did not accept user name or password",
        ErrorCode::AccountLocked => "the website has locked the account",
        ErrorCode::CaptchaBlocked => "the website asked for a captcha that was not solved",
        ErrorCode::UnsupportedAuth => "this way of signing in cannot be repeated",
        ErrorCode::SiteDown => "the website answered with errors",
        ErrorCode::SiteUnreachable => "the website could not be reached",
        ErrorCode::TimedOut => "it took too long",
        ErrorCode::CodeInvalid => "the website did not accept the code",
        ErrorCode::CodeExpired => "the code came too late",
        ErrorCode::BlockedAddress => "the address is not on the public internet",
        ErrorCode::BrowserLost => "the browser that showed the website ended",
        ErrorCode::Busy => "too many websites were open here",
        ErrorCode::NewPasswordNeeded => "the website demands a new password",
        ErrorCode::ConsentNeeded => "terms are to be accepted on the website first",
        ErrorCode::BrowserUnsupported => "the website does not want this browser",
        ErrorCode::Unencrypted => "the website would send the password in clear",
    }
}
