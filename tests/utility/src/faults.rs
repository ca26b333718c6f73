//! Faults that tests and people switch on and off while the website runs.

/// Something that is wrong with the website for as long as it is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Every page answers with status 503.
    Down,
    /// Sign-in forms are looked at, and answered with 500.
    Broken,
    /// Sign-in forms are looked at, and not answered.
    Held,
    /// Every page takes some seconds.
    Slow,
    /// The page to sign in has another address, other names, labels and texts.
    Changed,
    /// Every page leads to a host that does not exist.
    Gone,
    /// Customers without anything else between password and account are asked for a code in a text message.
    AsksCode,
}

/// All faults, with their names and what they do.
#[rustfmt::skip]
pub const FAULTS: &[(Fault, &str, &str)] = &[
    (Fault::Down, "down", "every page answers 503"),
    (Fault::Broken, "broken", "the password is answered with 500"),
    (Fault::Held, "held", "the password is not answered"),
    (Fault::Slow, "slow", "every page takes 5 seconds"),
    (Fault::Changed, "changed", "the page to sign in has another address, other names, labels and texts"),
    (Fault::Gone, "gone", "every page leads to a host that does not exist"),
    (Fault::AsksCode, "asks-code", "who would be signed in at once is asked for a code in a text message"),
];

impl Fault {
    /// The fault of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = FAULTS.iter().find(|(_, known, _)| *known == name);
        found.map(|(fault, ..)| *fault)
    }

    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}
