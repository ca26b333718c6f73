//! What happened to a link, in words.

use shared::{
    link_refusal::LinkRefusalReason,
    status::{ErrorCode, LinkEventKind, Step},
};

use crate::store::links::LinkEvent;

/// What happened, in a sentence.
pub(super) fn event_words(event: &LinkEvent) -> String {
    let detail = event.detail.as_deref().unwrap_or_default();
    let code = detail.parse::<ErrorCode>().ok();
    match event.kind {
        LinkEventKind::Created => "The link was made".to_owned(),
        LinkEventKind::Opened => "A person opened it".to_owned(),
        LinkEventKind::Refused => {
            let why = detail.parse().map_or("it cannot be used", refusal);
            format!("It was opened, and refused: {why}")
        }
        LinkEventKind::SignInStarted => "The utility's website was opened".to_owned(),
        LinkEventKind::SignInFailed => {
            let why = code.map_or("the reason is not known", failure);
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

fn refusal(reason: LinkRefusalReason) -> &'static str {
    match reason {
        LinkRefusalReason::Expired => "its time has run out",
        LinkRefusalReason::Revoked => "it was taken back",
        LinkRefusalReason::Fulfilled => "it was used already",
        LinkRefusalReason::Busy => "too many people were at it",
        LinkRefusalReason::NothingToOpen => {
            "no website was confirmed, or the connection is paused or gone"
        }
        LinkRefusalReason::Unknown => "it is not there any more",
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

#[cfg(test)]
mod tests {
    use shared::time::UnixMillis;

    use super::*;

    fn words(kind: LinkEventKind, detail: &str) -> String {
        event_words(&LinkEvent {
            kind,
            flow_ref: None,
            detail: Some(detail.into()),
            at: UnixMillis(0),
        })
    }

    #[test]
    fn nobody_reads_the_words_of_the_database() {
        for reason in LinkRefusalReason::ALL {
            let told = words(LinkEventKind::Refused, reason.as_str());
            assert!(!told.contains(reason.as_str()), "{told}");
        }
        for code in ErrorCode::ALL {
            let told = words(LinkEventKind::SignInFailed, code.as_str());
            assert!(!told.contains(code.as_str()), "{told}");
        }
        assert_eq!(
            words(LinkEventKind::Refused, "FULFILLED"),
            "It was opened, and refused: it was used already"
        );
        assert_eq!(
            words(LinkEventKind::Refused, "OF_A_LATER_VERSION"),
            "It was opened, and refused: it cannot be used"
        );
    }
}
