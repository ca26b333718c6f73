//! What the words of a form say: those of its heading, its buttons, its names and its address.

use super::{report::Group, words::says};

/// What the words of a form say that it is for.
pub(super) struct Said {
    /// Its main button says that it signs in.
    pub(super) signs_in: bool,
    /// That button, or else the form's heading or names, speak of signing in and of no registration.
    pub(super) about_signing_in: bool,
    /// It makes an account.
    pub(super) registers: bool,
    /// It asks for an address or a name to send something there: a newsletter, an order, a message, or a new password.
    pub(super) writes_to: bool,
    /// Its main button leads on.
    pub(super) goes_on: bool,
    /// It has no button, and its names or its address say that it is about signing in.
    pub(super) sent_by_enter: bool,
}

impl Said {
    /// Reads the words of a group of fields, of which nothing else is looked at.
    pub(super) fn of(group: &Group) -> Self {
        let all = group.buttons.join(" ").to_lowercase();
        // A second button does not decide what the first one does.
        let button = if group.submit.is_empty() {
            all.clone()
        } else {
            group.submit.to_lowercase()
        };
        let (names, title) = (group.words.to_lowercase(), group.title.to_lowercase());
        let any = |section: &str, texts: &[&str]| texts.iter().any(|text| says(text, section));
        let signs_in = any("sign in", &[&button]) && !any("register", &[&button]);
        let title_signs_in = any("sign in", &[&title]);
        let names_sign_in = any("sign in", &[&names]);
        // Names that say both ("signInSignUp") decide nothing, and nobody who can sign in here is led to another page for it.
        let registers = !signs_in
            && (any("register", &[&button])
                || (any("register", &[&names]) && !names_sign_in)
                || group.signs_in_elsewhere
                || (any("register", &[&title]) && !title_signs_in));
        let about = title_signs_in || names_sign_in;
        Self {
            signs_in,
            about_signing_in: signs_in || (!registers && about),
            registers,
            // The same word signs up for a newsletter and signs in.
            writes_to: any("newsletter", &[&button, &names, &title])
                || !signs_in
                    && (any("orders", &[&button, &title])
                        || any("forgotten", &[&button, &names, &title])),
            goes_on: any("go on", &[&button]),
            sent_by_enter: group.buttons.is_empty()
                && group.submit.is_empty()
                && (about || any("sign in addresses", &[&names])),
        }
    }
}
