//! Small websites of many makes to sign in to, served on loopback, and a hand that signs in to them.
//!
//! Each [`Make`] is one way in which a website answers a sign-in. The tests of the origin and `cargo xtask bench
//! signin` put the same makes before the real watcher and the real judge, which know nothing of them.

pub mod failing;
pub mod hand;
pub mod parts;
pub mod site;
pub mod succeeding;
mod telling;

use hand::Do;
use site::Website;
pub use telling::Telling;

/// A website, what a person does there, and what the sign-in comes to.
#[derive(Debug, Clone, Copy)]
pub struct Make {
    /// Its name, unique in its class.
    pub name: &'static str,
    /// What the website answers.
    pub site: Website,
    /// What the person does.
    pub steps: &'static [Do],
    /// What it comes to.
    pub ends: Ends,
}

/// Makes that have something in common.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// What they have in common.
    pub name: &'static str,
    /// The makes.
    pub makes: &'static [Make],
}

/// What a sign-in comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Signed in.
    In,
    /// Refused. The website's words have this in them.
    Rejected(&'static str),
    /// The account is locked, or there were too many tries.
    Locked,
    /// A code is asked for, by this channel if the page says so.
    Code(Option<Channel>),
    /// A code was sent and refused: another one is asked for. The website's words have this in them.
    CodeRefused(&'static str),
    /// Something has to be approved elsewhere.
    Approval,
    /// The website offers ways to prove who one is.
    Choice,
    /// A security question is asked.
    Question,
    /// A new password is demanded.
    NewPassword,
    /// Terms, or a consent, have to be accepted first.
    Consent,
    /// A captcha stands in the way.
    Captcha,
    /// The website does not want this browser.
    UnsupportedBrowser,
    /// The website is down.
    Down,
    /// Not signed in, and nothing tells what it is.
    Unproven,
    /// Not signed in, in whatever words.
    NotIn,
}

/// The way of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A text message.
    Sms,
    /// A phone call.
    Call,
    /// A mail.
    Email,
    /// An authenticator app.
    Totp,
}

/// Writes a list of makes: name, website, what the person does, and what it comes to.
macro_rules! makes {
    ($($name:ident($request:ident) $answer:block, $steps:expr => $ends:expr;)*) => {
        /// The makes of this class.
        pub const MAKES: &[crate::Make] = &[$({
            fn site($request: &crate::site::Request) -> crate::site::Answer $answer
            crate::Make { name: stringify!($name), site, steps: $steps, ends: $ends }
        }),*];
    };
}
use makes;
