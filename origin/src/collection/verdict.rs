//! Where a connection stands, by what its sign-in came to.

use browser::NetError;
use shared::status::{ConnectionStatus, StatusDetail, UnattendedReason};

use crate::{
    signin::{CodeChannel, Verdict},
    store::connections::FoundStatus,
};

use super::reschedule::Again;

/// A status in plain.
#[must_use]
pub fn found(status: ConnectionStatus, detail: Option<StatusDetail>) -> FoundStatus {
    FoundStatus {
        status,
        detail,
        error_detail: None,
    }
}

/// What a verdict means for the connection. Whatever may be the password's fault ends the job: a password that was
/// refused is never sent again. Soon is later when the password was sent ([`Sent`](super::Sent)).
#[must_use]
pub fn of_verdict(verdict: &Verdict) -> (FoundStatus, Again) {
    use ConnectionStatus as Status;
    use StatusDetail as Detail;
    let said = |status, detail, message: &Option<String>| FoundStatus {
        status,
        detail,
        error_detail: message.clone(),
    };
    match verdict {
        Verdict::SignedIn => (found(Status::Connected, None), Again::Weekly),
        Verdict::Rejected { message } => {
            (said(Status::PasswordIncorrect, None, message), Again::Never)
        }
        Verdict::Locked { message } => (
            said(
                Status::PasswordIncorrect,
                Some(Detail::AccountLocked),
                message,
            ),
            Again::Never,
        ),
        Verdict::CodeNeeded { channel, .. } => {
            let detail = channel.map(|channel| match channel {
                CodeChannel::Sms | CodeChannel::Call => Detail::SmsCode,
                CodeChannel::Email => Detail::EmailCode,
                CodeChannel::Totp => Detail::TotpCode,
            });
            (found(Status::MfaTokenExpired, detail), Again::Never)
        }
        Verdict::ChoiceNeeded | Verdict::Question | Verdict::ConsentNeeded => (
            found(Status::AdditionalCredentialsNeeded, None),
            Again::Never,
        ),
        Verdict::NewPasswordNeeded => (found(Status::NewPasswordNeeded, None), Again::Never),
        Verdict::Captcha => (
            found(Status::UnderInvestigation, Some(Detail::Captcha)),
            Again::Weekly,
        ),
        Verdict::SiteDown => (
            found(Status::WebsiteDown, Some(Detail::Http5xx)),
            Again::Soon,
        ),
        Verdict::BrowserUnsupported | Verdict::Unencrypted => (
            found(Status::UnderInvestigation, Some(Detail::SiteChanged)),
            Again::Weekly,
        ),
        // It may have been a refusal in words that are not known: at most once a week, so that nothing locks.
        Verdict::Unknown => (
            found(Status::UnderInvestigation, Some(Detail::SiteChanged)),
            Again::Weekly,
        ),
    }
}

/// What a website that does not come means for the connection.
#[must_use]
pub fn of_error(error: NetError) -> (FoundStatus, Again) {
    use ConnectionStatus as Status;
    use StatusDetail as Detail;
    let found = match error {
        NetError::Dns => found(Status::UrlInaccessible, Some(Detail::Dns)),
        NetError::Tls => found(Status::UrlInaccessible, Some(Detail::Tls)),
        NetError::BlockedAddress => found(Status::UrlInaccessible, Some(Detail::BlockedAddress)),
        NetError::Refused => found(Status::UrlInaccessible, None),
        NetError::Timeout => found(Status::WebsiteDown, Some(Detail::Timeout)),
        NetError::Other => found(Status::WebsiteDown, None),
    };
    (found, Again::Soon)
}

/// What a run that did not sign in says of signing in without the client; `None` when it did not try.
#[must_use]
pub fn unproven(
    status: ConnectionStatus,
    detail: Option<StatusDetail>,
) -> Option<UnattendedReason> {
    use ConnectionStatus as Status;
    use UnattendedReason as Reason;
    Some(match (status, detail) {
        (Status::PasswordIncorrect, Some(StatusDetail::AccountLocked)) => Reason::AccountLocked,
        (Status::PasswordIncorrect, _) => Reason::PasswordIncorrect,
        (Status::NewPasswordNeeded, _) => Reason::NewPasswordNeeded,
        (Status::MfaTokenExpired, _) => Reason::CodeNeeded,
        (Status::AdditionalCredentialsNeeded, _) => Reason::AdditionalCredentialsNeeded,
        (Status::UnderInvestigation, Some(StatusDetail::Captcha)) => Reason::Captcha,
        (Status::UnderInvestigation, _) => Reason::SiteChanged,
        (Status::WebsiteDown, _) => Reason::WebsiteDown,
        (Status::UrlInaccessible, _) => Reason::UrlInaccessible,
        (Status::OtherError, _) => Reason::Internal,
        // Nothing was tried, or the sign-in was proven.
        (
            Status::Pending | Status::Connected | Status::NoAccountsFound | Status::CompanyInactive,
            _,
        ) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_password_is_never_sent_again() {
        let message = Some("Wrong password".to_owned());
        for verdict in [
            Verdict::Rejected {
                message: message.clone(),
            },
            Verdict::Locked {
                message: message.clone(),
            },
            Verdict::NewPasswordNeeded,
            Verdict::Question,
            Verdict::ChoiceNeeded,
            Verdict::ConsentNeeded,
            Verdict::CodeNeeded {
                channel: Some(CodeChannel::Email),
                target: None,
                refused: None,
            },
        ] {
            let (found, again) = of_verdict(&verdict);
            assert_eq!(again, Again::Never, "{verdict:?}");
            assert!(found.status.needs_client(), "{verdict:?}");
            let reason = unproven(found.status, found.detail);
            assert!(
                reason.is_some_and(|reason| !reason.is_passing()),
                "{verdict:?}"
            );
        }
        assert_eq!(
            of_verdict(&Verdict::Rejected {
                message: message.clone()
            })
            .0
            .error_detail,
            message
        );
        assert_ne!(of_verdict(&Verdict::Unknown).1, Again::Soon);
    }

    #[test]
    fn a_website_that_is_away_is_tried_again() {
        for error in [
            NetError::Dns,
            NetError::Tls,
            NetError::Refused,
            NetError::Timeout,
            NetError::BlockedAddress,
            NetError::Other,
        ] {
            let (found, again) = of_error(error);
            assert_eq!(again, Again::Soon);
            assert!(unproven(found.status, found.detail).is_some_and(|reason| reason.is_passing()));
            assert!(matches!(
                found.status,
                ConnectionStatus::UrlInaccessible | ConnectionStatus::WebsiteDown
            ));
        }
    }
}
