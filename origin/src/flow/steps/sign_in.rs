//! SIGN_IN: the client signs in, in a browser of the flow's own.

use std::sync::Arc;

use browser::{Browser, Launcher};
use shared::{
    id::FlowRef,
    provider::ProviderUrl,
    status::{CodeChannel, ErrorCode, Phase},
    wire::{FlowAction, SignInView},
};
use tokio::time::Instant;

use super::{
    entry::Entry,
    forwarding::AskedForCode,
    open_website::{Destination, OpenEvent, OpenWebsite, SignedInWebsite, Task, open},
    password_page::open_password_page,
};
use crate::{
    clock::Random,
    flow::timers::Timers,
    signin::{
        Captured, CodeRefusal, Verdict, WatchEvent,
        drive::demand::{Answer, Demand, DemandKind},
    },
};

/// One try at signing in.
pub(in crate::flow) struct SignIn {
    stage: Stage,
    view: SignInView,
    /// What the client enters on our page: all of it in manual entry, else what can be answered above the picture.
    entry: Entry,
    /// The website's host.
    host: String,
    /// The demand that told of a refusal last.
    refused: Option<Demand>,
    /// What the website said when it was asked for a new code: that was of an old one.
    said_before: Option<String>,
    flow: FlowRef,
    random: Arc<dyn Random>,
    asked_for_code: Option<AskedForCode>,
    /// The client said that they are signed in.
    is_said: bool,
    /// The watch was not heard of since manual entry began: what it tells is of the sign-in by hand.
    is_switching: bool,
}

enum Stage {
    Opening(Task<Result<OpenWebsite, ErrorCode>>),
    Open(Box<OpenWebsite>),
    /// There is no browser any more; the view's error code says why.
    Over,
}

/// What one try at signing in tells the flow.
#[derive(Debug)]
pub(in crate::flow) enum SignInEvent {
    /// The view or the browser to look at changed.
    Changed,
    /// The website refused what was typed; the client may type again.
    Refused(ErrorCode),
    /// It ended without a sign-in; the client may try again.
    Over(ErrorCode),
    /// The client is in, and this is how.
    SignedIn(Box<Captured>),
}

impl SignIn {
    /// Starts to open the website in a browser of its own.
    pub fn open(
        flow: FlowRef,
        random: Arc<dyn Random>,
        launcher: Launcher,
        timers: Timers,
        to: Destination,
    ) -> Self {
        let host = to.url.url().host_str().unwrap_or_default().to_owned();
        Self {
            entry: Entry::new(flow, &*random, &host, false),
            host,
            refused: None,
            said_before: None,
            stage: Stage::Opening(Box::pin(open(launcher, timers, to))),
            view: SignInView {
                phase: Phase::Discovering,
                live: true,
                manual: false,
                entry: None,
                handed_over: false,
                not_sent: false,
                ask_signed_in: false,
                site_message: None,
                error_code: None,
            },
            flow,
            random,
            asked_for_code: None,
            is_said: false,
            is_switching: false,
        }
    }

    /// Whether a sign-in is proven by what the website shows, and not by what the client said.
    pub fn is_proven(&self) -> bool {
        !self.is_said
    }

    /// How the website asked for a code, if it did.
    pub fn asked_for_code(&self) -> Option<AskedForCode> {
        self.asked_for_code
    }

    /// Takes the browser once the client is in: nobody can sign in here any more.
    pub fn into_website(self) -> Option<SignedInWebsite> {
        match self.stage {
            Stage::Open(open) => Some(open.into_signed_in()),
            Stage::Opening(_) | Stage::Over => None,
        }
    }

    /// Waits for what happens next. It can be cancelled without losing anything.
    pub async fn next(&mut self) -> SignInEvent {
        match &mut self.stage {
            Stage::Opening(opening) => match opening.await {
                Ok(open) => {
                    self.stage = Stage::Open(Box::new(open));
                    SignInEvent::Changed
                }
                Err(code) => self.end(code),
            },
            Stage::Open(open) => {
                let event = open.next().await;
                self.on_event(event)
            }
            Stage::Over => std::future::pending().await,
        }
    }

    fn on_event(&mut self, event: OpenEvent) -> SignInEvent {
        match event {
            OpenEvent::Arrived(Ok(())) => {
                self.tell_mode();
                SignInEvent::Changed
            }
            OpenEvent::Arrived(Err(code)) => self.end(code),
            OpenEvent::Watched(WatchEvent::Phase(phase)) => {
                if phase == Phase::Submitting {
                    // What the website said belongs to the try before.
                    self.view.error_code = None;
                    self.view.ask_signed_in = false;
                    self.view.handed_over = false;
                }
                self.view.phase = phase;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::SiteMessage(message)) => {
                self.view.site_message = message;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::Verdict(verdict)) => self.judge(verdict),
            OpenEvent::Watched(WatchEvent::Demand(told, demand)) => self.demanded(told, demand),
            OpenEvent::Watched(WatchEvent::Working) => {
                self.is_switching = false;
                self.entry.nothing_demanded();
                self.view.error_code = None;
                self.view.site_message = None;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::Withdrawn) => {
                if !self.view.manual {
                    self.entry.nothing_demanded();
                }
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::NotTaken(reception)) => {
                self.entry.not_taken(reception);
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::HandedOver) => {
                self.begin_entry(false);
                self.view.handed_over = true;
                self.view.phase = Phase::AwaitingInput;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::Ended) => self.end(ErrorCode::BrowserLost),
            OpenEvent::Fatal(reason) => {
                tracing::warn!(%reason, "a browser ended by itself");
                self.end(ErrorCode::BrowserLost)
            }
        }
    }

    fn judge(&mut self, verdict: Verdict) -> SignInEvent {
        self.view.ask_signed_in = verdict == Verdict::Unknown;
        self.view.not_sent = false;
        if let Verdict::CodeNeeded { channel, .. } = &verdict {
            self.was_asked_for_code(*channel);
        }
        match verdict {
            Verdict::SignedIn => return self.signed_in(),
            Verdict::Rejected { message } => {
                return self.refused(ErrorCode::CredentialsInvalid, message);
            }
            Verdict::Locked { message } => return self.refused(ErrorCode::AccountLocked, message),
            Verdict::SiteDown => return self.end(ErrorCode::SiteDown),
            // The client deals with these in the live view, as on any website.
            Verdict::CodeNeeded { refused, .. } => self.waits_for_client(refused.map(code_refused)),
            Verdict::NewPasswordNeeded => {
                self.waits_for_client(Some(ErrorCode::NewPasswordNeeded));
            }
            Verdict::ConsentNeeded => self.waits_for_client(Some(ErrorCode::ConsentNeeded)),
            Verdict::Captcha => self.waits_for_client(Some(ErrorCode::CaptchaBlocked)),
            Verdict::BrowserUnsupported => {
                self.waits_for_client(Some(ErrorCode::BrowserUnsupported));
            }
            Verdict::Unencrypted => self.waits_for_client(Some(ErrorCode::Unencrypted)),
            Verdict::ChoiceNeeded | Verdict::Question | Verdict::Unknown => {
                self.waits_for_client(None);
            }
        }
        SignInEvent::Changed
    }

    fn waits_for_client(&mut self, told: Option<ErrorCode>) {
        self.view.phase = Phase::AwaitingInput;
        self.view.error_code = told;
    }

    fn refused(&mut self, code: ErrorCode, message: Option<String>) -> SignInEvent {
        self.view.phase = Phase::AwaitingInput;
        self.view.error_code = Some(code);
        if message.is_some() {
            self.view.site_message = message;
        }
        SignInEvent::Refused(code)
    }

    fn signed_in(&mut self) -> SignInEvent {
        let Stage::Open(open) = &mut self.stage else {
            return SignInEvent::Changed;
        };
        match open.watch.captured() {
            Some(captured) => SignInEvent::SignedIn(Box::new(captured)),
            // A way of signing in that we did not see cannot be done again next week.
            None => self.end(ErrorCode::UnsupportedAuth),
        }
    }

    /// The website needs something that the client can enter on our page.
    fn demanded(&mut self, told: u32, demand: Demand) -> SignInEvent {
        if !self.view.manual {
            // What the website says to what was entered, and how the sign-in stands, is told by itself.
            if is_for_picture(&demand.kind) {
                self.entry.demanded(told, demand);
            }
            return SignInEvent::Changed;
        }
        if self.is_switching {
            // It is asked anew, and only then what was entered early answers it.
            return SignInEvent::Changed;
        }
        self.view.phase = match &demand.kind {
            DemandKind::ExternalAction { .. } => Phase::AwaitingExternalAction,
            _ => Phase::AwaitingInput,
        };
        if let DemandKind::Code { channel, .. } = &demand.kind {
            self.was_asked_for_code(*channel);
        }
        let is_old = self.entry.asked_anew() && demand.site_message == self.said_before;
        let said = demand.site_message.clone();
        self.view.site_message = said.filter(|_| !is_old);
        let refusal = match (&demand.refusal, &demand.kind) {
            (Some(Verdict::Locked { .. }), _) => Some(ErrorCode::AccountLocked),
            (Some(_), _) => Some(ErrorCode::CredentialsInvalid),
            (None, DemandKind::Code { refused, .. }) if demand.again => {
                Some(refused.map_or(ErrorCode::CodeInvalid, code_refused))
            }
            (None, _) => None,
        };
        let is_new = refusal.is_some() && self.refused.as_ref() != Some(&demand);
        self.refused = refusal.map(|_| demand.clone());
        self.view.error_code = refusal;
        if let Some(answer) = self.entry.demanded(told, demand) {
            self.answer(told, answer);
        }
        match refusal.filter(|_| is_new) {
            Some(code) => SignInEvent::Refused(code),
            None => SignInEvent::Changed,
        }
    }

    /// The website asks for a code. Of several, the last whose way it told counts.
    fn was_asked_for_code(&mut self, channel: Option<CodeChannel>) {
        let before = self.asked_for_code.unwrap_or_default().channel;
        self.asked_for_code = Some(AskedForCode {
            channel: channel.or(before),
        });
    }

    /// Shows the website's page to change the password, where it has one.
    pub fn open_password_page(&mut self, website: ProviderUrl) {
        if let Stage::Open(open) = &mut self.stage
            && open.arrival.is_none()
            && !self.view.manual
        {
            let browser = Arc::clone(&open.browser);
            open.arrival = Some(Box::pin(open_password_page(browser, website)));
        }
    }

    /// From now on the client enters what is needed on our page, or uses the website by hand again.
    pub fn enter_manually(&mut self, manual: bool) {
        if manual == self.view.manual || matches!(self.stage, Stage::Over) {
            return;
        }
        // What is being typed is typed to its end, and sent.
        let is_sending = !manual && self.view.phase == Phase::Submitting;
        self.view.not_sent = !manual && self.entry.keeps_password();
        self.begin_entry(manual);
        self.is_switching = manual;
        self.view.handed_over = false;
        self.view.ask_signed_in = false;
        self.view.error_code = None;
        self.view.site_message = None;
        if !is_sending {
            self.view.phase = Phase::Discovering;
        }
        self.tell_mode();
    }

    fn begin_entry(&mut self, manual: bool) {
        self.view.manual = manual;
        self.entry = Entry::new(self.flow, &*self.random, &self.host, manual);
    }

    /// Tells the watch who uses the website, once that has been opened.
    fn tell_mode(&mut self) {
        if let Stage::Open(open) = &mut self.stage
            && open.arrival.is_none()
        {
            open.watch.enter_manually(self.view.manual);
        }
    }

    /// Gives what the client did on our page to the website. Acts that are no entry do nothing.
    pub fn enter(&mut self, act: FlowAction) {
        let entry = &mut self.entry;
        let answer = match act {
            FlowAction::Enter { public_key, sealed } => entry.entered(&public_key, &sealed),
            FlowAction::Choose { number, id } => entry.chosen(number, id),
            FlowAction::Proceed { number } => entry.proceeded(number),
            _ => None,
        };
        if entry.asked_anew() && self.view.site_message.is_some() {
            self.said_before.clone_from(&self.view.site_message);
        }
        if let (Some(answer), Some(told)) = (answer, entry.told()) {
            self.answer(told, answer);
        }
    }

    /// Answers the demand that was told under this number.
    fn answer(&mut self, told: u32, answer: Answer) {
        if let Stage::Open(open) = &mut self.stage {
            self.view.phase = Phase::Submitting;
            self.entry.nothing_demanded();
            open.watch.answer(told, answer);
        }
    }

    /// The answer to "Are you signed in?". After "not yet" the question stays: yes may come later.
    pub fn client_says_signed_in(&mut self, yes: bool) {
        if !self.view.ask_signed_in {
            return;
        }
        if let Stage::Open(open) = &mut self.stage {
            self.view.ask_signed_in = !yes;
            self.is_said |= yes;
            open.watch.client_says_signed_in(yes);
        }
    }

    /// Closes the browser; the client may try again.
    pub fn end(&mut self, code: ErrorCode) -> SignInEvent {
        self.stage = Stage::Over;
        self.begin_entry(false);
        self.view = SignInView {
            phase: Phase::Completed,
            live: false,
            manual: false,
            entry: None,
            handed_over: false,
            not_sent: false,
            ask_signed_in: false,
            site_message: None,
            error_code: Some(code),
        };
        SignInEvent::Over(code)
    }

    /// The browser that the client looks at, while there is one.
    pub fn browser(&self) -> Option<Arc<Browser>> {
        match &self.stage {
            Stage::Open(open) => Some(Arc::clone(&open.browser)),
            Stage::Opening(_) | Stage::Over => None,
        }
    }

    /// When the browser must be closed, if there is one and nobody touches it after `touched`.
    pub fn closes_at(&self, timers: &Timers, touched: Instant) -> Option<Instant> {
        match &self.stage {
            Stage::Open(open) => {
                let end = timers.browser_closes_at(open.since, touched);
                let answer = self.entry.ends_at();
                Some(answer.map_or(end, |answer| end.min(answer)))
            }
            Stage::Opening(_) | Stage::Over => None,
        }
    }

    /// When the view changes by time alone, if that is still to come.
    pub fn changes_at(&self) -> Option<Instant> {
        self.entry.warns_at()
    }

    /// What the page and the viewer show.
    pub fn view(&self) -> SignInView {
        SignInView {
            entry: self.entry.view(),
            ..self.view.clone()
        }
    }
}

/// Whether what is asked can be answered above the website's picture.
fn is_for_picture(kind: &DemandKind) -> bool {
    matches!(
        kind,
        DemandKind::Challenge(_)
            | DemandKind::Code { .. }
            | DemandKind::MfaOptions(_)
            | DemandKind::ExternalAction { .. }
    )
}

fn code_refused(refusal: CodeRefusal) -> ErrorCode {
    match refusal {
        CodeRefusal::Wrong => ErrorCode::CodeInvalid,
        CodeRefusal::Expired => ErrorCode::CodeExpired,
    }
}
