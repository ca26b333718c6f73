//! How a sign-in stands in which nothing was sent, as far as was seen.

use shared::status::Phase;

use super::{frames::View, verdict::Verdict};

/// A document that says nothing for this long has nothing to say.
pub(super) const SILENT_MS: u64 = 3_000;

/// Phase and verdict of a sign-in without an attempt. `had_form`: there was a form to sign in; `unsupported`: the website wants
/// something else of the browser than user name and password; `ask`: the client may be asked.
pub(super) fn nothing_sent(
    view: &View,
    calm: u64,
    had_form: bool,
    unsupported: bool,
    ask: bool,
) -> (Phase, Option<Verdict>) {
    let form = view.login_doc.is_some() || view.username_step;
    let looks_in = view.sign_out != (0, 0) && view.hidden_logins.is_empty() && view.sign_in.0 == 0;
    let broken = view.failed || view.status >= 500;
    let verdict = if broken && !had_form && calm > 500 {
        Some(Verdict::SiteDown)
    } else if unsupported && !form && calm > 1500 {
        Some(Verdict::BrowserUnsupported)
    } else if view.captcha && !form && view.text_fields == 0 && calm > 1500 {
        Some(Verdict::Captcha)
    } else if ask && had_form && looks_in && !form && calm > SILENT_MS {
        // The client came in by a way that we did not see.
        Some(Verdict::Unknown)
    } else {
        None
    };
    let phase = if view.ready || form || calm > SILENT_MS {
        Phase::AwaitingInput
    } else {
        Phase::Discovering
    };
    (phase, verdict)
}
