use askama::Template;
use messages::codes::Explanation;
use shared::{
    id::FlowRef,
    status::{ConnectionStatus, ErrorCode, Phase, Step},
    wire::{BROWSER_IDLE_MINUTES, BROWSER_TOTAL_MINUTES, FlowView, RepairView, SignInView},
};

use super::{
    Shell,
    entry::EntryPart,
    live_window::{CLOSING_WARNING_MINUTES, LiveWindow},
    render, shown_host,
};
use crate::reply::{Reply, Script};

/// What may hold a sign-in up while the website's window stays open: the client goes on there.
const LIVE_TROUBLES: [ErrorCode; 9] = [
    ErrorCode::CredentialsInvalid,
    ErrorCode::AccountLocked,
    ErrorCode::CodeInvalid,
    ErrorCode::CodeExpired,
    ErrorCode::NewPasswordNeeded,
    ErrorCode::ConsentNeeded,
    ErrorCode::CaptchaBlocked,
    ErrorCode::BrowserUnsupported,
    ErrorCode::Unencrypted,
];
/// Step 2: the website itself, live.
#[derive(Template)]
#[template(path = "signin.html")]
pub struct SignInPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of the flow's page.
    pub path: &'a str,
    /// The website's window, as HTML.
    pub window: String,
    /// The connection that the flow repairs, if it exists already.
    pub repair: Option<&'a RepairView>,
    /// What values are sealed for.
    pub flow_ref: FlowRef,
    /// The state of the sign-in.
    pub sign_in: &'a SignInView,
    /// What can be answered above the picture, as HTML.
    pub part: String,
    /// What ended the sign-in. Shown without [`SignInView::live`] alone: a window that is open has boxes of its own.
    pub trouble: Option<Explanation>,
}

impl<'a> SignInPage<'a> {
    /// Makes the page of a flow that is at SIGN_IN.
    pub fn new(
        shell: &'a Shell,
        flow: &'a FlowView,
        sign_in: &'a SignInView,
        path: &'a str,
    ) -> Self {
        Self {
            shell,
            host: shown_host(&flow.provider_host),
            path,
            window: LiveWindow::new(shell, &flow.provider_host, path, Step::SignIn).html(),
            repair: flow.repair.as_ref(),
            flow_ref: flow.flow_ref,
            part: EntryPart::html(shell, sign_in),
            sign_in,
            trouble: sign_in
                .error_code
                .map(|code| shell.text.sign_in_error(code)),
        }
    }

    /// Whether opening the website once more can come to anything else.
    fn may_open_again(&self) -> bool {
        self.sign_in.error_code != Some(ErrorCode::BlockedAddress)
    }

    /// What goes on after something was entered above the picture, in words.
    fn progress(&self) -> Option<String> {
        let goes_on = self.sign_in.phase == Phase::Submitting && self.sign_in.entry.is_none();
        goes_on.then(|| self.shell.text.entry_submitting(self.host).to_string())
    }

    /// Renders this page as a complete reply. `own_origin` is the origin of the edge itself, as `https://host`.
    pub fn reply(&self, own_origin: &str) -> Reply {
        render(
            self,
            self.shell,
            200,
            Some(Script::of_live_view(own_origin)),
        )
    }
}
