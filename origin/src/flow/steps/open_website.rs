//! The website that the client signs in to, open in a browser of the flow's own.

use std::{future::Future, pin::Pin, sync::Arc};

use browser::{
    Browser, BrowserError, FatalReason, Launcher, Navigation, NetError, Profile, Viewport,
};
use shared::{country::Country, provider::ProviderUrl, status::ErrorCode};
use tokio::time::{Instant, timeout};

use crate::{
    collection::read_only::ReadOnlyGuard,
    flow::timers::Timers,
    signin::{AnonymousVisitor, Watch, WatchEvent},
};

/// Something that is on its way.
pub(super) type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Where to sign in, and as whom the browser speaks.
pub(in crate::flow) struct Destination {
    pub url: ProviderUrl,
    pub country: Country,
    pub accept_language: Option<String>,
}

/// A website that is open in a browser of the flow's own.
pub(super) struct OpenWebsite {
    pub browser: Arc<Browser>,
    pub watch: Watch,
    /// The first page is still on its way.
    pub arrival: Option<Task<Result<(), ErrorCode>>>,
    fatal: Task<FatalReason>,
    pub since: Instant,
}

/// The browser of a sign-in that is over, which stays open for what the client sets up there.
pub(in crate::flow) struct SignedInWebsite {
    pub browser: Arc<Browser>,
    /// Holds back what would change the account, once something looked around in it, until the client uses it again.
    pub guard: Option<Arc<ReadOnlyGuard>>,
    fatal: Task<FatalReason>,
    since: Instant,
}

impl SignedInWebsite {
    /// Waits until the browser is gone. It can be cancelled without losing anything.
    pub async fn ended(&mut self) {
        let reason = (&mut self.fatal).await;
        tracing::warn!(%reason, "a browser ended by itself");
    }

    /// When the browser must be closed, if nobody touches it after `touched`.
    pub fn closes_at(&self, timers: &Timers, touched: Instant) -> Instant {
        timers.browser_closes_at(self.since, touched)
    }
}

/// What the open browser and its observer tell.
pub(super) enum OpenEvent {
    Arrived(Result<(), ErrorCode>),
    Watched(WatchEvent),
    Fatal(FatalReason),
}

impl OpenWebsite {
    /// Nobody observes the pages any more: the sign-in is over.
    pub fn into_signed_in(self) -> SignedInWebsite {
        SignedInWebsite {
            browser: self.browser,
            guard: None,
            fatal: self.fatal,
            since: self.since,
        }
    }

    /// Waits for what happens next. It can be cancelled without losing anything.
    pub async fn next(&mut self) -> OpenEvent {
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

/// Opens the website; its first page is on its way then.
pub(super) async fn open(
    launcher: Launcher,
    timers: Timers,
    to: Destination,
) -> Result<OpenWebsite, ErrorCode> {
    let profile = Profile {
        country: to.country.to_string(),
        accept_language: to.accept_language,
        viewport: Viewport::default(),
    };
    let start = async {
        let browser = Arc::new(launcher.open(profile.clone()).await?);
        let visitor = AnonymousVisitor { launcher, profile };
        let watch = Watch::start(&browser, to.url.url(), visitor).await?;
        Ok::<_, BrowserError>((browser, watch))
    };
    let (browser, watch) = match timeout(timers.launch, start).await {
        Ok(Ok(started)) => started,
        Ok(Err(BrowserError::Busy)) => {
            tracing::warn!("all browsers are in use");
            return Err(ErrorCode::Busy);
        }
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
    Ok(OpenWebsite {
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
