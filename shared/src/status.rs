//! Statuses and steps: closed sets, spelled as the API spells them.

use std::{fmt, str::FromStr};

/// The text names no value of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown value")]
pub struct UnknownValue;

macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The value as the API and the database spell it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = UnknownValue;
            fn from_str(text: &str) -> Result<Self, UnknownValue> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(UnknownValue) }
            }
        }
    };
}

closed_set! {
    /// What a link does when it is finished.
    LinkKind {
        /// The link makes a new connection for a company.
        Company = "COMPANY",
        /// The link repairs a connection.
        ConnectionUpdate = "CONNECTION_UPDATE",
    }
}

closed_set! {
    /// The state of a link.
    LinkStatus {
        /// The link can be opened.
        Active = "ACTIVE",
        /// The link's time has run out.
        Expired = "EXPIRED",
        /// The organization took it back.
        Revoked = "REVOKED",
        /// The link has made its connection.
        Fulfilled = "FULFILLED",
    }
}

closed_set! {
    /// What a bill is for.
    UtilityType {
        /// Electric power.
        Electricity = "ELECTRICITY",
        /// Natural gas.
        Gas = "GAS",
        /// Drinking water.
        Water = "WATER",
        /// Collection of refuse.
        Waste = "WASTE",
        /// Heating oil and other delivered fuel.
        Fuel = "FUEL",
        /// Solar production.
        Solar = "SOLAR",
        /// Removal of waste water.
        Sewer = "SEWER",
        /// District steam.
        Steam = "STEAM",
        /// District cooling.
        ChilledWater = "CHILLED_WATER",
        /// District heating.
        HotWater = "HOT_WATER",
    }
}

closed_set! {
    /// Where a connection stands, and so who must act.
    ConnectionStatus {
        /// The connection was made, and its first collection has not finished.
        Pending = "PENDING",
        /// The last collection was good.
        Connected = "CONNECTED",
        /// The site refused the password.
        PasswordIncorrect = "PASSWORD_INCORRECT",
        /// The site demands a new password.
        NewPasswordNeeded = "NEW_PASSWORD_NEEDED",
        /// A code is needed and no channel answers.
        MfaTokenExpired = "MFA_TOKEN_EXPIRED",
        /// A security question, an account to pick, an extra field.
        AdditionalCredentialsNeeded = "ADDITIONAL_CREDENTIALS_NEEDED",
        /// The sign-in succeeded, but there were no accounts.
        NoAccountsFound = "NO_ACCOUNTS_FOUND",
        /// The website answered with a server error, or not in time.
        WebsiteDown = "WEBSITE_DOWN",
        /// The website's host does not exist, refuses connections, or fails at TLS.
        UrlInaccessible = "URL_INACCESSIBLE",
        /// The site changed, a captcha, or not understood.
        UnderInvestigation = "UNDER_INVESTIGATION",
        /// Something else went wrong; the detail says what.
        OtherError = "OTHER_ERROR",
        /// The organization switched the company off.
        CompanyInactive = "COMPANY_INACTIVE",
    }
}

impl ConnectionStatus {
    /// Whether only the client can heal this (`isCustomerActionRequired`).
    #[must_use]
    pub fn needs_client(self) -> bool {
        matches!(
            self,
            Self::PasswordIncorrect
                | Self::NewPasswordNeeded
                | Self::MfaTokenExpired
                | Self::AdditionalCredentialsNeeded
                | Self::NoAccountsFound
        )
    }

    /// Whether the website let nobody in: that is not tried again before the client has acted.
    #[must_use]
    pub fn refuses_sign_in(self) -> bool {
        self.needs_client() && self != Self::NoAccountsFound
    }
}

closed_set! {
    /// What refines a [`ConnectionStatus`].
    StatusDetail {
        /// The site locked the account.
        AccountLocked = "ACCOUNT_LOCKED",
        /// The site asked for a captcha.
        Captcha = "CAPTCHA",
        /// The site no longer looks as the recipe knows it.
        SiteChanged = "SITE_CHANGED",
        /// No bills were found, and requests of the site that might have changed the account were held back.
        RequestsHeld = "REQUESTS_HELD",
        /// Some bills were found, and the collection ended before it had seen all of the site.
        CutShort = "CUT_SHORT",
        /// The host name does not resolve.
        Dns = "DNS",
        /// The certificate or handshake failed.
        Tls = "TLS",
        /// Nothing answered in time.
        Timeout = "TIMEOUT",
        /// The site answered with a server error.
        Http5xx = "HTTP_5XX",
        /// The site resolves to an address that must not be visited.
        BlockedAddress = "BLOCKED_ADDRESS",
        /// A code was sent by mail.
        EmailCode = "EMAIL_CODE",
        /// A code was sent by text message.
        SmsCode = "SMS_CODE",
        /// An authenticator code is asked for.
        TotpCode = "TOTP_CODE",
        /// The fault is in this system; the log has it.
        Internal = "INTERNAL",
    }
}

closed_set! {
    /// Why it is not proven that a connection's sign-in can be repeated without the client.
    UnattendedReason {
        /// The site refused the password.
        PasswordIncorrect = "PASSWORD_INCORRECT",
        /// The site locked the account.
        AccountLocked = "ACCOUNT_LOCKED",
        /// The site demands a new password.
        NewPasswordNeeded = "NEW_PASSWORD_NEEDED",
        /// The site asks for a code, and no channel answers.
        CodeNeeded = "CODE_NEEDED",
        /// The site asks a question, for an account to pick, or for an extra field.
        AdditionalCredentialsNeeded = "ADDITIONAL_CREDENTIALS_NEEDED",
        /// The site asks for a captcha.
        Captcha = "CAPTCHA",
        /// What the site answered was not understood.
        SiteChanged = "SITE_CHANGED",
        /// The site answered with a server error, or not in time.
        WebsiteDown = "WEBSITE_DOWN",
        /// The site's host does not exist, refuses connections, or fails at TLS.
        UrlInaccessible = "URL_INACCESSIBLE",
        /// The fault is in this system; the log has it.
        Internal = "INTERNAL",
    }
}

impl UnattendedReason {
    /// Whether it may pass by itself: then it takes back nothing that was proven before, and the sign-in is tried again.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::WebsiteDown | Self::UrlInaccessible | Self::Internal
        )
    }

    /// Whether signing in once more may mend it: with another password, or in a way that can be repeated.
    #[must_use]
    pub fn is_mended_by_sign_in(self) -> bool {
        matches!(
            self,
            Self::PasswordIncorrect
                | Self::AccountLocked
                | Self::NewPasswordNeeded
                | Self::SiteChanged
        )
    }
}

closed_set! {
    /// The steps of a flow.
    Step {
        /// The client confirms the website and country.
        Provider = "PROVIDER",
        /// The client signs in.
        SignIn = "SIGN_IN",
        /// The client picks sites and utility types.
        Sites = "SITES",
        /// The client sets up code forwarding.
        Forwarding = "FORWARDING",
        /// The connection exists.
        Done = "DONE",
    }
}

closed_set! {
    /// What a sign-in waits for.
    Phase {
        /// The website is loading or being read.
        Discovering = "DISCOVERING",
        /// The client must type or choose.
        AwaitingInput = "AWAITING_INPUT",
        /// The client must act elsewhere (a push, a mail).
        AwaitingExternalAction = "AWAITING_EXTERNAL_ACTION",
        /// The website is answering.
        Submitting = "SUBMITTING",
        /// The sign-in is over.
        Completed = "COMPLETED",
    }
}

closed_set! {
    /// The reasons why a sign-in does not go on.
    ErrorCode {
        /// The website refused the user name or password.
        CredentialsInvalid = "CREDENTIALS_INVALID",
        /// The website locked the account.
        AccountLocked = "ACCOUNT_LOCKED",
        /// The website demands a captcha that the client could not solve.
        CaptchaBlocked = "CAPTCHA_BLOCKED",
        /// A way of signing in that cannot be repeated later.
        UnsupportedAuth = "UNSUPPORTED_AUTH",
        /// The website answers with errors.
        SiteDown = "SITE_DOWN",
        /// The website cannot be reached.
        SiteUnreachable = "SITE_UNREACHABLE",
        /// The sign-in took too long.
        TimedOut = "TIMED_OUT",
        /// The website refused the code.
        CodeInvalid = "CODE_INVALID",
        /// The code came too late.
        CodeExpired = "CODE_EXPIRED",
        /// The address is not on the public internet.
        BlockedAddress = "BLOCKED_ADDRESS",
        /// The browser that showed the website ended by itself.
        BrowserLost = "BROWSER_LOST",
        /// As many websites are open as this installation may have open at a time.
        Busy = "BUSY",
        /// The website demands a new password.
        NewPasswordNeeded = "NEW_PASSWORD_NEEDED",
        /// Terms, or a consent, are to be accepted on the website first.
        ConsentNeeded = "CONSENT_NEEDED",
        /// The website does not want the browser that shows it.
        BrowserUnsupported = "BROWSER_UNSUPPORTED",
        /// The website would have user name and password sent in clear after pages that were encrypted.
        Unencrypted = "UNENCRYPTED",
    }
}

closed_set! {
    /// What the value of a field of a sign-in is.
    FieldKind {
        /// A user name, mail address or customer number.
        Identifier = "identifier",
        /// A password.
        Password = "password",
        /// A one-time code that is sent.
        Code = "code",
        /// A one-time code that an authenticator app shows.
        TotpCode = "totp_code",
        /// Any other text.
        Text = "text",
        /// No text: whether the website may remember this browser. Any value says yes, none says no.
        Remember = "remember",
    }
}

closed_set! {
    /// The ways to prove who one is, besides a password.
    MfaOptionKind {
        /// A code in a text message.
        Sms = "sms",
        /// A code by phone call.
        Call = "call",
        /// A code by mail.
        Email = "email",
        /// A code of an authenticator app.
        Totp = "totp",
        /// A confirmation on a phone.
        Push = "push",
        /// A link to other ways.
        Switch = "switch",
    }
}

closed_set! {
    /// What else a page offers to do that asks for a code or an approval.
    OfferKind {
        /// To send the code, or the request to approve, once more.
        Resend = "resend",
        /// To prove who one is in another way.
        OtherWay = "other_way",
    }
}

closed_set! {
    /// Where a one-time code comes from.
    CodeChannel {
        /// A text message.
        Sms = "sms",
        /// A phone call.
        Call = "call",
        /// A mail.
        Email = "email",
        /// An authenticator app.
        Totp = "totp",
    }
}

closed_set! {
    /// What answers for a connection, without a person, when a website asks its sign-in for a one-time code. Named after
    /// what answers, and not after the way the code travels, which is a [`CodeChannel`]: a code by phone call has no
    /// answerer, and one that the website sends as a text message may reach us as a mail.
    CodeAnswerer {
        /// The secret of an authenticator, which makes the codes.
        Authenticator = "AUTHENTICATOR",
        /// A mail address of the connection's own.
        Email = "EMAIL",
        /// A phone number that receives text messages.
        Sms = "SMS",
    }
}

closed_set! {
    /// Why what the client entered was not given to the website.
    EntryProblem {
        /// Something that is required was left empty, or is too long.
        Incomplete = "INCOMPLETE",
        /// The website refused the very same user name and password a moment ago.
        SameAgain = "SAME_AGAIN",
        /// This code was used before.
        CodeUsed = "CODE_USED",
        /// The website was asked for another code a moment ago, or often enough.
        TooSoon = "TOO_SOON",
        /// What came could not be opened: the page was out of date.
        Unreadable = "UNREADABLE",
        /// It is not the secret of an authenticator app.
        NotASecret = "NOT_A_SECRET",
        /// It is the secret of codes that are made in another way than those of authenticator apps.
        SecretNotSupported = "SECRET_NOT_SUPPORTED",
        /// It was entered before the website asked for it, and the website led to another one: the client must know first
        /// where a password goes.
        NotSentElsewhere = "NOT_SENT_ELSEWHERE",
        /// It could not be saved; it may be entered once more.
        NotSaved = "NOT_SAVED",
    }
}

closed_set! {
    /// What is wrong with a country that was chosen.
    CountryProblem {
        /// None was chosen, or one that does not exist.
        Unknown = "UNKNOWN",
    }
}

closed_set! {
    /// What is wrong with the sites that were ticked.
    SitesProblem {
        /// One of them is not among the company's sites that the page showed.
        UnknownSite = "UNKNOWN_SITE",
        /// None was ticked, but the company has sites.
        NoneChosen = "NONE_CHOSEN",
        /// One of them does not exist any more.
        SiteGone = "SITE_GONE",
        /// They are good, but could not be saved.
        NotSaved = "NOT_SAVED",
    }
}

closed_set! {
    /// What is wrong with the utility types that were ticked.
    UtilityTypesProblem {
        /// No utility type was ticked.
        NoneChosen = "NONE_CHOSEN",
    }
}

closed_set! {
    /// How a code that a sign-in waits for stands.
    CodeRequestStatus {
        /// The sign-in waits for the code.
        Waiting = "WAITING",
        /// A code was given, and the sign-in goes on with it.
        Trying = "TRYING",
        /// The website took the code.
        Accepted = "ACCEPTED",
        /// Nothing waits for a code any more.
        Over = "OVER",
        /// The owner asked for another code: the sign-in begins anew.
        Again = "AGAIN",
    }
}

closed_set! {
    /// What happened to a link, for its log. Order of a good run: opened, sign-in started, signed in, fulfilled.
    LinkEventKind {
        /// The organization made the link.
        Created = "CREATED",
        /// A client started a flow.
        Opened = "OPENED",
        /// A token was refused; the detail says why.
        Refused = "REFUSED",
        /// The website was opened in a live view.
        SignInStarted = "SIGN_IN_STARTED",
        /// The website refused the client.
        SignInFailed = "SIGN_IN_FAILED",
        /// The client is signed in.
        SignedIn = "SIGNED_IN",
        /// The connection was made.
        Fulfilled = "FULFILLED",
        /// An account that is not the one of the link's connection became a new connection.
        ConnectedAnother = "CONNECTED_ANOTHER",
        /// The flow ended before it was finished.
        Abandoned = "ABANDONED",
        /// The organization gave the link a later end.
        Extended = "EXTENDED",
        /// The organization took the link back.
        Revoked = "REVOKED",
        /// The mail that brings the link was handed over to be delivered; the detail says to which address.
        MailSent = "MAIL_SENT",
        /// The mail that brings the link was refused; the detail says in which words.
        MailRefused = "MAIL_REFUSED",
        /// The mail that brings the link could not be handed over for a day, and is not tried any more.
        MailGivenUp = "MAIL_GIVEN_UP",
        /// The mail that brings the link came back after it had been handed over; the detail says why.
        MailBounced = "MAIL_BOUNCED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for status in ConnectionStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(
                serde_json::to_string(status).expect("plain enum"),
                format!("\"{status}\"")
            );
        }
        assert_eq!("pending".parse::<ConnectionStatus>(), Err(UnknownValue));
    }
}
