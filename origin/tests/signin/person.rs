//! A person in front of a browser, whose sign-in is watched.

use std::time::Duration;

use browser::{Browser, BrowserConfig, BrowserError, Launcher};
pub use makes::hand::Do;
use makes::hand::{self, profile};
use origin::signin::{
    AnonymousVisitor, Captured, Verdict, Watch, WatchEvent,
    drive::demand::{Answer, Demand, DemandKind},
    replay,
};
use tokio::{sync::Semaphore, time::Instant};
use zeroize::Zeroizing;

/// Chromium is heavy: this many at a time. They wait for most of their time.
pub static BROWSERS: Semaphore = Semaphore::const_new(6);
/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn launcher(port: u16) -> Launcher {
    Launcher::new(BrowserConfig {
        warm: 0,
        allowed_private_hosts: ["127.0.0.1", "localhost", "*.localhost"]
            .map(|host| format!("{host}:{port}"))
            .to_vec(),
        ..BrowserConfig::default()
    })
}

/// Nothing has to happen before a replay types the password.
pub async fn nothing_to_note() -> Result<(), BrowserError> {
    Ok(())
}

pub async fn open(port: u16) -> Browser {
    launcher(port)
        .open(profile())
        .await
        .expect("Chromium starts")
}

/// Someone who signs in by hand, watched.
pub struct Person {
    pub browser: Browser,
    pub watch: Watch,
    pub message: Option<String>,
    /// The number of the demand that was told last.
    pub demanded: u32,
}

impl Person {
    /// Opens a website.
    pub async fn at(url: &url::Url) -> Self {
        let launcher = launcher(url.port().expect("a port"));
        let browser = launcher.open(profile()).await.expect("Chromium starts");
        let visitor = AnonymousVisitor {
            launcher,
            profile: profile(),
        };
        let watch = Watch::start(&browser, url, visitor).await;
        let watch = watch.expect("watches");
        browser.page().navigate(url).await.expect("answers");
        Self {
            browser,
            watch,
            message: None,
            demanded: 0,
        }
    }

    pub async fn act(&mut self, steps: &[Do]) {
        for steps in hand::parts(steps) {
            match *steps {
                [Do::Refused] => {
                    let verdict = self.verdict(PATIENCE).await;
                    assert!(
                        !matches!(verdict, Some(Verdict::SignedIn) | None),
                        "expected a refusal, got {verdict:?}"
                    );
                }
                [Do::Authenticate(username, password)] => {
                    self.challenged().await;
                    self.authenticate(username, password);
                }
                _ => {
                    let done = hand::act(&self.browser, steps).await;
                    done.unwrap_or_else(|error| panic!("{error}"));
                }
            }
        }
    }

    /// Waits until the website challenges the browser.
    pub async fn challenged(&mut self) -> Demand {
        let until = Instant::now() + PATIENCE;
        loop {
            let event = tokio::time::timeout_at(until, self.watch.next()).await;
            if let WatchEvent::Demand(number, demand) = event.expect("a challenge is told")
                && matches!(demand.kind, DemandKind::Challenge(_))
            {
                self.demanded = number;
                return demand;
            }
        }
    }

    /// Answers the challenge that was told last.
    pub fn authenticate(&mut self, username: &str, password: &str) {
        let values = [(0, username), (1, password)];
        let values = values.map(|(id, text)| (id, Zeroizing::new(text.to_owned())));
        self.watch
            .answer(self.demanded, Answer::Fields(values.into()));
    }

    /// The next verdict; none when none comes in time.
    pub async fn verdict(&mut self, patience: Duration) -> Option<Verdict> {
        let until = Instant::now() + patience;
        loop {
            match tokio::time::timeout_at(until, self.watch.next())
                .await
                .ok()?
            {
                WatchEvent::Verdict(verdict) => return Some(verdict),
                WatchEvent::SiteMessage(message) => self.message = message.or(self.message.take()),
                WatchEvent::Phase(_)
                | WatchEvent::Demand(..)
                | WatchEvent::Withdrawn
                | WatchEvent::Working
                | WatchEvent::NotTaken(_)
                | WatchEvent::HandedOver => {}
                WatchEvent::Ended => panic!("the browser ended"),
            }
        }
    }

    /// Waits for success; other verdicts may come before it.
    pub async fn success(&mut self) -> Result<Captured, Vec<Verdict>> {
        let until = Instant::now() + PATIENCE;
        let mut verdicts = Vec::new();
        while let Some(verdict) = self
            .verdict(until.saturating_duration_since(Instant::now()))
            .await
        {
            if verdict == Verdict::SignedIn {
                return self.watch.captured().ok_or(verdicts);
            }
            verdicts.push(verdict);
        }
        Err(verdicts)
    }
}

/// Signs in again by the recipe, in a browser that knows nothing.
pub async fn signs_in_again(captured: &Captured, port: u16) {
    let browser = open(port).await;
    let again = replay(
        &browser,
        &captured.recipe,
        &captured.credentials,
        nothing_to_note,
    );
    let verdict = again.await.expect("signs in").verdict;
    assert_eq!(verdict, Verdict::SignedIn, "{:#?}", captured.recipe);
}
