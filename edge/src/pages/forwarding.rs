use askama::Template;
use messages::codes::Explanation;
use shared::{
    forwarding::{ChannelState, ForwardingChannel, ForwardingView, UnreadQrCode, WebsiteWindow},
    id::FlowRef,
    proof::Proof,
    status::{CodeAnswerer, CodeChannel, Step},
    wire::{BROWSER_IDLE_MINUTES, FlowView},
};

use super::{
    Shell,
    code_hour::CodeHour,
    live_window::{CLOSING_WARNING_MINUTES, LiveWindow},
    render, shown_host,
};
use crate::reply::{Reply, Script};

/// The page on which the client says how codes reach us from now on.
#[derive(Template)]
#[template(path = "forwarding.html")]
pub struct ForwardingPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of the flow's page: the script adds `/state`.
    pub path: &'a str,
    /// The version of what the page shows.
    pub version: u64,
    /// What values are sealed for.
    pub flow_ref: FlowRef,
    /// What there is to set up, and how it stands.
    pub view: &'a ForwardingView,
    /// The choice of the hour at which a sign-in without a code is tried again, as HTML.
    pub hour: String,
    /// The website's window, as HTML, while it is shown.
    pub window: Option<String>,
}

impl<'a> ForwardingPage<'a> {
    /// Makes the page of a flow that is at FORWARDING.
    pub fn new(
        shell: &'a Shell,
        flow: &'a FlowView,
        view: &'a ForwardingView,
        path: &'a str,
    ) -> Self {
        let is_shown = view.website == WebsiteWindow::Shown;
        let window = || LiveWindow::new(shell, &flow.provider_host, path, Step::Forwarding).html();
        Self {
            shell,
            host: shown_host(&flow.provider_host),
            path,
            version: flow.version,
            flow_ref: flow.flow_ref,
            view,
            hour: CodeHour::html(shell, view.hour),
            window: is_shown.then(window),
        }
    }

    fn is_shown(&self) -> bool {
        self.window.is_some()
    }

    fn has_window(&self) -> bool {
        self.view.website != WebsiteWindow::Gone
    }

    fn is_set_up(&self, kind: CodeAnswerer) -> bool {
        let mut channels = self.view.channels.iter();
        channels.any(|channel| channel.kind == kind && channel.state.is_some())
    }

    /// Whether the website has taken a code that reached us without the visitor.
    fn is_proven(&self) -> bool {
        let mut channels = self.view.channels.iter();
        channels.any(|channel| channel.state == Some(ChannelState::Proven))
    }

    fn title(&self) -> &'static str {
        let text = self.shell.text;
        if self.is_proven() {
            text.forward_proven_title()
        } else {
            text.forward_title()
        }
    }

    fn has_way(&self) -> bool {
        let mut channels = self.view.channels.iter();
        channels.any(|channel| channel.state.is_some())
    }

    /// Whether a channel is shown at full length: it is set up, or it is the one that the website's codes came by.
    fn is_open(&self, channel: &ForwardingChannel) -> bool {
        let came_by = match self.view.channel {
            Some(CodeChannel::Totp) => Some(CodeAnswerer::Authenticator),
            Some(CodeChannel::Email) => Some(CodeAnswerer::Email),
            Some(CodeChannel::Sms) => Some(CodeAnswerer::Sms),
            Some(CodeChannel::Call) | None => None,
        };
        channel.state == Some(ChannelState::Waiting)
            || (!self.has_way() && came_by == Some(channel.kind))
    }

    fn state_of(&self, channel: &ForwardingChannel) -> Option<&'static str> {
        let text = self.shell.text;
        Some(match channel.state? {
            ChannelState::Waiting => text.forward_channel_waiting(),
            ChannelState::Proven => text.forward_channel_proven(),
        })
    }

    fn unread(&self) -> Option<&'static str> {
        let text = self.shell.text;
        Some(match self.view.unread? {
            UnreadQrCode::NoQrCode => text.forward_authenticator_no_qr(),
            UnreadQrCode::NotSupported => text.forward_authenticator_not_supported(),
        })
    }

    /// Whether the page says that something did not work, and has the focus there.
    fn has_problem(&self) -> bool {
        self.is_shown() && (self.view.problem.is_some() || self.view.unread.is_some())
    }

    /// The day until which the website probably asks for no code, in words.
    fn trusted_until(&self) -> Option<String> {
        let until = self.view.trusted_until?;
        Some(self.shell.text.day(until))
    }

    fn mail_guides(&self) -> [Explanation; 4] {
        let text = self.shell.text;
        let guide = |title, advice| Explanation { title, advice };
        [
            guide(
                text.forward_email_gmail_title(),
                text.forward_email_gmail_how(),
            ),
            guide(
                text.forward_email_outlook_title(),
                text.forward_email_outlook_how(),
            ),
            guide(
                text.forward_email_apple_title(),
                text.forward_email_apple_how(),
            ),
            guide(
                text.forward_email_yahoo_title(),
                text.forward_email_yahoo_how(),
            ),
        ]
    }

    /// Whether a sign-in of ours goes on, so that the visitor may wait for what it comes to.
    fn is_working(&self) -> bool {
        matches!(
            self.view.proof,
            Proof::Waiting | Proof::SigningIn | Proof::AwaitingCode { .. }
        )
    }

    /// What our own sign-in does meanwhile, in words.
    fn progress(&self) -> &'static str {
        let text = self.shell.text;
        match &self.view.proof {
            Proof::Waiting => text.proof_waiting(),
            Proof::SigningIn => text.proof_signing_in(),
            Proof::AwaitingCode { .. } => text.proof_awaiting_code_title(),
            Proof::Collecting { by_code: true, .. }
            | Proof::Collected { by_code: true, .. }
            | Proof::CutShort { by_code: true, .. } => text.forward_asked_for_code(),
            Proof::Collecting { .. }
            | Proof::Collected { .. }
            | Proof::CutShort { .. }
            | Proof::NoBills
            | Proof::NoBillsYet => text.proof_works(),
            Proof::Stopped => text.proof_stopped_title(),
            Proof::Missing { reason } => text.unattended_reason(*reason).title,
            Proof::OtherAccounts { .. } => text.proof_other_accounts_title(),
        }
    }

    /// The page on which the code can be given that our own sign-in waits for.
    fn code_page(&self) -> Option<&str> {
        match &self.view.proof {
            Proof::AwaitingCode { page } => Some(&page.0),
            _ => None,
        }
    }

    /// Whether a sign-in of ours could prove what waits for its first code.
    fn can_try(&self) -> bool {
        let waits = |channel: &ForwardingChannel| channel.state == Some(ChannelState::Waiting);
        self.view.proof.is_mended_by_codes() && self.view.channels.iter().any(waits)
    }

    /// Renders this page as a complete reply. `own_origin` is the origin of the edge itself, as `https://host`.
    pub fn reply(&self, own_origin: &str) -> Reply {
        let script = if self.is_shown() {
            Script::of_live_view(own_origin)
        } else {
            Script::OwnOrigin
        };
        render(self, self.shell, 200, Some(script))
    }
}
