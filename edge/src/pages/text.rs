//! Words for the values of closed sets.

use shared::status::{ErrorCode, UtilityType};

/// As people call it.
pub fn utility_type(kind: UtilityType) -> &'static str {
    match kind {
        UtilityType::Electricity => "Electricity",
        UtilityType::Gas => "Gas",
        UtilityType::Water => "Water",
        UtilityType::Waste => "Waste",
        UtilityType::Fuel => "Fuel",
        UtilityType::Solar => "Solar",
        UtilityType::Sewer => "Sewer",
        UtilityType::Steam => "Steam",
        UtilityType::ChilledWater => "Chilled water",
        UtilityType::HotWater => "Hot water",
    }
}

/// What may go wrong while the website's window stays open: the client types again.
pub const LIVE_TROUBLES: [ErrorCode; 2] = [ErrorCode::CredentialsInvalid, ErrorCode::AccountLocked];

/// What went wrong.
pub struct Trouble {
    /// A heading.
    pub title: &'static str,
    /// What to do.
    pub advice: &'static str,
}

/// One or two sentences for the client.
pub fn trouble(code: ErrorCode) -> Trouble {
    let (title, advice) = match code {
        ErrorCode::CredentialsInvalid => (
            "The website did not accept that sign-in",
            "Check the user name and password and sign in once more. If you can sign in on the website itself with the same details, tell the person who sent you the link.",
        ),
        ErrorCode::AccountLocked => (
            "The website has locked this account for now",
            "Unlock it the way the website describes, then open your link again.",
        ),
        ErrorCode::CaptchaBlocked => (
            "The website asks for a check that did not succeed",
            "Wait a moment and try again.",
        ),
        ErrorCode::UnsupportedAuth => (
            "This way of signing in cannot be used here",
            "If the website offers another way, with a user name and password, choose that one.",
        ),
        ErrorCode::SiteDown => (
            "The website reports an error of its own",
            "This usually passes. Try again in a few minutes.",
        ),
        ErrorCode::SiteUnreachable => (
            "The website cannot be reached",
            "Check the address, or try again in a few minutes.",
        ),
        ErrorCode::TimedOut => (
            "The sign-in took too long and was closed",
            "What you typed was not kept. You can start again now.",
        ),
        ErrorCode::CodeInvalid => (
            "The website did not accept that code",
            "OriginLookup the website for a new code and enter it.",
        ),
        ErrorCode::CodeExpired => (
            "The code came too late",
            "OriginLookup the website for a new code and enter it.",
        ),
        ErrorCode::BlockedAddress => (
            "This address cannot be opened from here",
            "It does not lead to a public website. Check the address.",
        ),
        ErrorCode::BrowserLost => (
            "The window with the website closed unexpectedly",
            "What you typed was not kept. You can open it again now.",
        ),
    };
    Trouble { title, advice }
}
