//! SIGN_IN: the client signs in, in a browser of the flow's own.

use std::{future::Future, pin::Pin, sync::Arc};

use browser::{
    Browser, BrowserError, FatalReason, Launcher, Navigation, NetError, Profile, Viewport,
};
use shared::{
    country::Country,
    provider::ProviderUrl,
    status::{ErrorCode, Phase},
    wire::SignInView,
};
use tokio::time::{Instant, timeout};

use crate::flow::timers::Timers;
use crate::signin::{Captured, Verdict, Watch, WatchEvent};

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One try at signing in.
pub(in crate::flow) struct SignIn {
    stage: Stage,
    view: SignInView,
}

enum Stage {
    Opening(Task<Result<Open, ErrorCode>>),
    Open(Box<Open>),
    /// There is no browser any more; the view's error code says why.
    Over,
}

struct Open {
    browser: Arc<Browser>,
    watch: Watch,
    /// The first page is still on its way.
    arrival: Option<Task<Result<(), ErrorCode>>>,
    fatal: Task<FatalReason>,
    since: Instant,
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

/// Where to sign in, and as whom the browser speaks.
pub(in crate::flow) struct Destination {
    pub url: ProviderUrl,
    pub country: Country,
    pub accept_language: Option<String>,
}

impl SignIn {
    /// Starts to open the website in a browser of its own.
    pub fn open(launcher: Launcher, timers: Timers, to: Destination) -> Self {
        Self {
            stage: Stage::Opening(Box::pin(open(launcher, timers, to))),
            view: SignInView {
                phase: Phase::Discovering,
                live: true,
                ask_signed_in: false,
                site_message: None,
                error_code: None,
            },
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
            OpenEvent::Arrived(Ok(())) => SignInEvent::Changed,
            OpenEvent::Arrived(Err(code)) => self.end(code),
            OpenEvent::Watched(WatchEvent::Phase(phase)) => {
                if phase == Phase::Submitting {
                    // What the website said belongs to the try before.
                    self.view.error_code = None;
                    self.view.ask_signed_in = false;
                }
                self.view.phase = phase;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::SiteMessage(message)) => {
                self.view.site_message = message;
                SignInEvent::Changed
            }
            OpenEvent::Watched(WatchEvent::Verdict(verdict)) => self.judge(verdict),
            OpenEvent::Watched(WatchEvent::Ended) => self.end(ErrorCode::BrowserLost),
            OpenEvent::Fatal(reason) => {
                tracing::warn!(%reason, "a browser ended by itself");
                self.end(ErrorCode::BrowserLost)
            }
        }
    }

    fn judge(&mut self, verdict: Verdict) -> SignInEvent {
        self.view.ask_signed_in = verdict == Verdict::Unknown;
        match verdict {
            Verdict::SignedIn => return self.signed_in(),
            Verdict::Rejected { message } => {
                return self.refused(ErrorCode::CredentialsInvalid, message);
            }
            Verdict::Locked { message } => return self.refused(ErrorCode::AccountLocked, message),
            Verdict::SiteDown => return self.end(ErrorCode::SiteDown),
            // The client deals with these in the live view, as on any website.
            Verdict::CodeNeeded { .. }
            | Verdict::ChoiceNeeded
            | Verdict::Question
            | Verdict::NewPasswordNeeded
            | Verdict::Captcha
            | Verdict::Unknown => self.view.phase = Phase::AwaitingInput,
        }
        SignInEvent::Changed
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

    /// The answer to "Are you signed in?". After "not yet" the question stays: yes may come later.
    pub fn client_says_signed_in(&mut self, yes: bool) {
        if !self.view.ask_signed_in {
            return;
        }
        if let Stage::Open(open) = &mut self.stage {
            self.view.ask_signed_in = !yes;
            open.watch.client_says_signed_in(yes);
        }
    }

    /// Closes the browser; the client may try again.
    pub fn end(&mut self, code: ErrorCode) -> SignInEvent {
        self.stage = Stage::Over;
        self.view = SignInView {
            phase: Phase::Completed,
            live: false,
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
                let idle = touched.max(open.since) + timers.browser_idle;
                Some(idle.min(open.since + timers.browser_total))
            }
            Stage::Opening(_) | Stage::Over => None,
        }
    }

    pub fn view(&self) -> SignInView {
        self.view.clone()
    }
}

/// What the open browser and its observer tell.
enum OpenEvent {
    Arrived(Result<(), ErrorCode>),
    Watched(WatchEvent),
    Fatal(FatalReason),
}

impl Open {
    async fn next(&mut self) -> OpenEvent {
        let arrival = async {
            match &mut self.arrival {
                Some(arrival) => arrival.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            arrived = arrival => {
                self.arrival = None;
                OpenEvent::Arrived(arrived)
            }
            event = self.watch.next() => OpenEvent::Watched(event),
            reason = &mut self.fatal => OpenEvent::Fatal(reason),
        }
    }
}

async fn open(launcher: Launcher, timers: Timers, to: Destination) -> Result<Open, ErrorCode> {
    let profile = Profile {
        country: to.country.to_string(),
        accept_language: to.accept_language,
        viewport: Viewport::default(),
    };
    let start = async {
        let browser = Arc::new(launcher.open(profile).await?);
        let watch = Watch::start(&browser, to.url.url()).await?;
        Ok::<_, BrowserError>((browser, watch))
    };
    let (browser, watch) = match timeout(timers.launch, start).await {
        Ok(Ok(started)) => started,
        Ok(Err(error)) => {
            tracing::error!(%error, "a browser did not start");
            return Err(ErrorCode::BrowserLost);
        }
        Err(_) => {
            tracing::error!("a browser did not start in time");
            return Err(ErrorCode::BrowserLost);
        }
    };
    let fatal = Box::pin(browser.fatal());
    let page = browser.page();
    let arrival = async move {
        match timeout(timers.navigate, page.navigate(to.url.url())).await {
            Ok(Ok(navigation)) => arrived(&navigation),
            Ok(Err(BrowserError::Timeout { .. })) | Err(_) => Err(ErrorCode::SiteUnreachable),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a website could not be opened");
                Err(ErrorCode::BrowserLost)
            }
        }
    };
    Ok(Open {
        browser,
        watch,
        arrival: Some(Box::pin(arrival)),
        fatal,
        since: Instant::now(),
    })
}

fn arrived(navigation: &Navigation) -> Result<(), ErrorCode> {
    match navigation.error {
        Some(NetError::BlockedAddress) => return Err(ErrorCode::BlockedAddress),
        Some(
            NetError::Dns | NetError::Tls | NetError::Refused | NetError::Timeout | NetError::Other,
        ) => return Err(ErrorCode::SiteUnreachable),
        None => {}
    }
    match navigation.status {
        Some(500..) => Err(ErrorCode::SiteDown),
        _ => Ok(()),
    }
}
