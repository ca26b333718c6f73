//! Sentences for the codes that the edge and the origin exchange: every value of these sets has one.

use shared::{
    provider::InvalidProviderUrl,
    status::{
        CodeAnswerer, CodeChannel, ConnectionStatus, CountryProblem, EntryProblem, ErrorCode,
        SitesProblem, UnattendedReason, UtilityType, UtilityTypesProblem,
    },
};

use crate::Locale;

/// What went wrong, and what the client can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The heading of the page or message.
    pub title: &'static str,
    /// One or two sentences that say what to do.
    pub advice: &'static str,
}

impl Locale {
    /// A utility type as people call it.
    #[must_use]
    pub const fn utility_type(self, kind: UtilityType) -> &'static str {
        match kind {
            UtilityType::Electricity => self.electricity(),
            UtilityType::Gas => self.gas(),
            UtilityType::Water => self.water(),
            UtilityType::Waste => self.waste(),
            UtilityType::Fuel => self.fuel(),
            UtilityType::Solar => self.solar(),
            UtilityType::Sewer => self.sewer(),
            UtilityType::Steam => self.steam(),
            UtilityType::ChilledWater => self.chilled_water(),
            UtilityType::HotWater => self.hot_water(),
        }
    }

    /// Why a connection needs its client again, and what to do.
    #[must_use]
    pub const fn repair_reason(self, status: ConnectionStatus) -> &'static str {
        match status {
            ConnectionStatus::PasswordIncorrect => self.repair_password(),
            ConnectionStatus::NewPasswordNeeded => self.repair_new_password(),
            ConnectionStatus::MfaTokenExpired => self.repair_code(),
            ConnectionStatus::AdditionalCredentialsNeeded => self.repair_question(),
            ConnectionStatus::NoAccountsFound => self.repair_no_accounts(),
            ConnectionStatus::Pending
            | ConnectionStatus::Connected
            | ConnectionStatus::WebsiteDown
            | ConnectionStatus::UrlInaccessible
            | ConnectionStatus::UnderInvestigation
            | ConnectionStatus::OtherError
            | ConnectionStatus::CompanyInactive => self.repair_other(),
        }
    }

    /// Explains why a sign-in does not go on.
    #[must_use]
    pub const fn sign_in_error(self, code: ErrorCode) -> Explanation {
        let (title, advice) = match code {
            ErrorCode::CredentialsInvalid => (
                self.credentials_invalid_title(),
                self.credentials_invalid_advice(),
            ),
            ErrorCode::AccountLocked => (self.account_locked_title(), self.account_locked_advice()),
            ErrorCode::CaptchaBlocked => {
                (self.captcha_blocked_title(), self.captcha_blocked_advice())
            }
            ErrorCode::UnsupportedAuth => (
                self.unsupported_auth_title(),
                self.unsupported_auth_advice(),
            ),
            ErrorCode::SiteDown => (self.site_down_title(), self.site_down_advice()),
            ErrorCode::SiteUnreachable => (
                self.site_unreachable_title(),
                self.site_unreachable_advice(),
            ),
            ErrorCode::TimedOut => (self.timed_out_title(), self.timed_out_advice()),
            ErrorCode::CodeInvalid => (self.code_invalid_title(), self.code_invalid_advice()),
            ErrorCode::CodeExpired => (self.code_expired_title(), self.code_expired_advice()),
            ErrorCode::BlockedAddress => {
                (self.blocked_address_title(), self.blocked_address_advice())
            }
            ErrorCode::BrowserLost => (self.browser_lost_title(), self.browser_lost_advice()),
            ErrorCode::Busy => (self.busy_title(), self.busy_advice()),
            ErrorCode::NewPasswordNeeded => (
                self.new_password_needed_title(),
                self.new_password_needed_advice(),
            ),
            ErrorCode::ConsentNeeded => (self.consent_needed_title(), self.consent_needed_advice()),
            ErrorCode::BrowserUnsupported => (
                self.browser_unsupported_title(),
                self.browser_unsupported_advice(),
            ),
            ErrorCode::Unencrypted => (self.unencrypted_title(), self.unencrypted_advice()),
        };
        Explanation { title, advice }
    }

    /// Why what the client entered was not given to the website.
    #[must_use]
    pub const fn entry_problem(self, problem: EntryProblem) -> &'static str {
        match problem {
            EntryProblem::Incomplete => self.entry_problem_incomplete(),
            EntryProblem::SameAgain => self.entry_problem_same_again(),
            EntryProblem::CodeUsed => self.entry_problem_code_used(),
            EntryProblem::TooSoon => self.entry_problem_too_soon(),
            EntryProblem::Unreadable => self.entry_problem_unreadable(),
            EntryProblem::NotASecret => self.entry_problem_not_a_secret(),
            EntryProblem::SecretNotSupported => self.entry_problem_secret_not_supported(),
            EntryProblem::NotSentElsewhere => self.entry_problem_not_sent_elsewhere(),
            EntryProblem::NotSaved => self.entry_problem_not_saved(),
        }
    }

    /// A way for codes to reach us, and why one would choose it.
    #[must_use]
    pub const fn code_answerer(self, kind: CodeAnswerer) -> Explanation {
        match kind {
            CodeAnswerer::Authenticator => Explanation {
                title: self.forward_authenticator_title(),
                advice: self.forward_authenticator_advice(),
            },
            CodeAnswerer::Email => Explanation {
                title: self.forward_email_title(),
                advice: self.forward_email_advice(),
            },
            CodeAnswerer::Sms => Explanation {
                title: self.forward_sms_title(),
                advice: self.forward_sms_advice(),
            },
        }
    }

    /// Asks for a code, and says where it comes from.
    #[must_use]
    pub const fn code_asked_from(self, channel: Option<CodeChannel>) -> &'static str {
        match channel {
            None => self.code_asked(),
            Some(CodeChannel::Sms) => self.code_asked_sms(),
            Some(CodeChannel::Call) => self.code_asked_call(),
            Some(CodeChannel::Email) => self.code_asked_email(),
            Some(CodeChannel::Totp) => self.code_asked_totp(),
        }
    }

    /// Asks for a code that was sent to this place, as the website masks it.
    #[must_use]
    pub fn code_sent_to(self, channel: Option<CodeChannel>, target: &str) -> String {
        match channel {
            None => self.code_sent(target).to_string(),
            Some(CodeChannel::Sms) => self.code_sent_sms(target).to_string(),
            Some(CodeChannel::Call) => self.code_sent_call(target).to_string(),
            Some(CodeChannel::Email) => self.code_sent_email(target).to_string(),
            Some(CodeChannel::Totp) => self.code_asked_totp().to_owned(),
        }
    }

    /// Explains why it is not proven that a connection works without its client, and what happens now.
    #[must_use]
    pub const fn unattended_reason(self, reason: UnattendedReason) -> Explanation {
        use UnattendedReason as Reason;
        let (title, advice) = match reason {
            Reason::PasswordIncorrect => (
                self.unattended_password_title(),
                self.unattended_password_advice(),
            ),
            Reason::AccountLocked => (
                self.unattended_locked_title(),
                self.unattended_locked_advice(),
            ),
            Reason::NewPasswordNeeded => (
                self.unattended_new_password_title(),
                self.unattended_new_password_advice(),
            ),
            Reason::CodeNeeded => (self.unattended_code_title(), self.unattended_code_advice()),
            Reason::AdditionalCredentialsNeeded => (
                self.unattended_question_title(),
                self.unattended_question_advice(),
            ),
            Reason::Captcha => (
                self.unattended_captcha_title(),
                self.unattended_captcha_advice(),
            ),
            Reason::SiteChanged => (
                self.unattended_unclear_title(),
                self.unattended_unclear_advice(),
            ),
            Reason::WebsiteDown => (self.unattended_down_title(), self.unattended_down_advice()),
            Reason::UrlInaccessible => (
                self.unattended_unreachable_title(),
                self.unattended_unreachable_advice(),
            ),
            Reason::Internal => (
                self.unattended_internal_title(),
                self.unattended_internal_advice(),
            ),
        };
        Explanation { title, advice }
    }

    /// What is wrong with the address of a website.
    #[must_use]
    pub const fn address_problem(self, problem: InvalidProviderUrl) -> &'static str {
        match problem {
            InvalidProviderUrl::Empty => self.address_problem_empty(),
            InvalidProviderUrl::TooLong => self.address_problem_too_long(),
            InvalidProviderUrl::NotAnAddress => self.address_problem_not_an_address(),
            InvalidProviderUrl::Scheme => self.address_problem_scheme(),
            InvalidProviderUrl::UserInfo => self.address_problem_user_info(),
            InvalidProviderUrl::MailAddress => self.address_problem_mail_address(),
            InvalidProviderUrl::SandboxOnly => self.address_problem_sandbox_only(),
            InvalidProviderUrl::OfSandbox => self.address_problem_of_sandbox(),
        }
    }

    /// What is wrong with the country.
    #[must_use]
    pub const fn country_problem_text(self, problem: CountryProblem) -> &'static str {
        match problem {
            CountryProblem::Unknown => self.country_problem(),
        }
    }

    /// What is wrong with the ticked sites.
    #[must_use]
    pub const fn sites_problem(self, problem: SitesProblem) -> &'static str {
        match problem {
            SitesProblem::UnknownSite => self.sites_problem_unknown_site(),
            SitesProblem::NoneChosen => self.sites_problem_none_chosen(),
            SitesProblem::SiteGone => self.sites_problem_site_gone(),
            SitesProblem::NotSaved => self.sites_problem_not_saved(),
        }
    }

    /// What is wrong with the ticked utility types.
    #[must_use]
    pub const fn utility_types_problem(self, problem: UtilityTypesProblem) -> &'static str {
        match problem {
            UtilityTypesProblem::NoneChosen => self.types_problem(),
        }
    }
}
