//! What a sign-in came to.

pub use shared::status::CodeChannel;

/// What a sign-in came to. Only [`Verdict::SignedIn`] is final while a client is at it: after any
/// other the client may go on, and another verdict follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Proven by the page itself, or said by the client.
    SignedIn,
    /// The website refused the user name or password. Never try the same password again.
    Rejected {
        /// The website's own words: plain text, at most 300 characters.
        message: Option<String>,
    },
    /// A one-time code is asked for.
    CodeNeeded {
        /// Where the code comes from, when the page says so.
        channel: Option<CodeChannel>,
        /// Where it was sent, as the website masks it (`j***@example.com`).
        target: Option<String>,
        /// Why another one is asked for, when one was sent and refused.
        refused: Option<CodeRefusal>,
    },
    /// The website offers ways to prove who one is, or accounts to pick from.
    ChoiceNeeded,
    /// A security question is asked.
    Question,
    /// The website demands a new password.
    NewPasswordNeeded,
    /// Something is to be accepted first: terms, or an identity provider's question whether the provider may know who
    /// signs in.
    ConsentNeeded,
    /// The website does not want this browser.
    BrowserUnsupported,
    /// The website leaves it to the browser to ask for user name and password (HTTP authentication), and would have them sent
    /// in clear after pages that were encrypted.
    Unencrypted,
    /// A captcha stands in the way.
    Captcha,
    /// The account is locked, or there were too many attempts.
    Locked {
        /// The website's own words: plain text, at most 300 characters.
        message: Option<String>,
    },
    /// The website answers with server errors, or not at all.
    SiteDown,
    /// Not proven either way: the client is asked "Are you signed in?".
    Unknown,
}

impl Verdict {
    /// The name of its kind.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedIn => "SIGNED_IN",
            Self::Rejected { .. } => "REJECTED",
            Self::CodeNeeded { refused: None, .. } => "CODE_NEEDED",
            Self::CodeNeeded { .. } => "CODE_REFUSED",
            Self::ChoiceNeeded => "CHOICE_NEEDED",
            Self::Question => "QUESTION",
            Self::NewPasswordNeeded => "NEW_PASSWORD_NEEDED",
            Self::ConsentNeeded => "CONSENT_NEEDED",
            Self::BrowserUnsupported => "BROWSER_UNSUPPORTED",
            Self::Unencrypted => "UNENCRYPTED",
            Self::Captcha => "CAPTCHA",
            Self::Locked { .. } => "LOCKED",
            Self::SiteDown => "SITE_DOWN",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The name of the way of the code that it asks for, when the page says so.
    #[must_use]
    pub fn channel_name(&self) -> Option<&'static str> {
        match self {
            Self::CodeNeeded { channel, .. } => channel.map(CodeChannel::as_str),
            _ => None,
        }
    }

    /// Whether the website said no: this stays until something is sent again.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Locked { .. })
    }
}

/// Why a website refused a one-time code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// It is not the one that was sent.
    Wrong,
    /// It came too late.
    Expired,
}
