//! A person in front of a browser: looks for things, clicks and types with real events.

use std::time::Duration;

use browser::{Browser, BrowserConfig, BrowserError, FrameId, Launcher, Page, Profile, Viewport};
use origin::signin::{Captured, Verdict, Watch, WatchEvent};
use serde_json::json;
use tokio::{sync::Semaphore, time::Instant};

/// Chromium is heavy: this many at a time.
pub static BROWSERS: Semaphore = Semaphore::const_new(2);
/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A closed shadow root is no hiding place for a person: scripts of the tests look through the
/// watcher, which has adopted it by then.
const FIND: &str = "function (selector) {
  const look = (root) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const element of root.querySelectorAll('*')) {
      const inner = element.shadowRoot && look(element.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const hit = look(document);
  return hit && hit.checkVisibility() && hit.getBoundingClientRect().width > 0 ? hit : null;
}";

/// What a person does.
#[derive(Clone, Copy, Debug)]
pub enum Do {
    /// Clicks on what a selector finds, in whatever frame.
    Click(&'static str),
    /// Clicks into a field and types.
    Type(&'static str, &'static str),
    /// Types where the focus is.
    Keys(&'static str),
    /// Presses a key.
    Press(&'static str),
    /// Waits until this can be seen.
    See(&'static str),
    /// Waits for a verdict, not a success, before going on.
    Refused,
}

pub fn launcher(port: u16) -> Launcher {
    Launcher::new(BrowserConfig {
        warm: 0,
        allowed_private_hosts: vec![format!("127.0.0.1:{port}"), format!("localhost:{port}")],
        ..BrowserConfig::default()
    })
}

/// Nothing has to happen before a replay types the password.
pub async fn nothing_to_note() -> Result<(), BrowserError> {
    Ok(())
}

pub async fn open(port: u16) -> Browser {
    let profile = Profile {
        country: "US".to_owned(),
        accept_language: None,
        viewport: Viewport {
            width: 1000,
            height: 700,
        },
    };
    launcher(port).open(profile).await.expect("Chromium starts")
}

/// Someone who signs in by hand, watched.
pub struct Person {
    pub browser: Browser,
    pub watch: Watch,
    pub message: Option<String>,
}

impl Person {
    /// Opens a website.
    pub async fn at(url: &url::Url) -> Self {
        let browser = open(url.port().expect("a port")).await;
        let watch = Watch::start(&browser, url).await.expect("watches");
        browser.page().navigate(url).await.expect("answers");
        Self {
            browser,
            watch,
            message: None,
        }
    }

    pub async fn act(&mut self, steps: &[Do]) {
        for step in steps {
            match *step {
                Do::Click(selector) => self.click(selector).await,
                Do::Type(selector, text) => {
                    self.click(selector).await;
                    self.browser.page().type_text(text).await.expect("types");
                }
                Do::Keys(text) => self.browser.page().type_text(text).await.expect("types"),
                Do::Press(key) => self.browser.page().press(key).await.expect("presses"),
                Do::See(selector) => {
                    self.find(selector).await;
                }
                Do::Refused => {
                    let verdict = self.verdict(PATIENCE).await;
                    assert!(
                        !matches!(verdict, Some(Verdict::SignedIn) | None),
                        "expected a refusal, got {verdict:?}"
                    );
                }
            }
        }
    }

    async fn click(&self, selector: &str) {
        let (page, frame) = self.find(selector).await;
        page.click(&frame, FIND, &[json!(selector)])
            .await
            .unwrap_or_else(|error| panic!("click {selector}: {error}"));
    }

    async fn find(&self, selector: &str) -> (Page, FrameId) {
        until(selector, async || {
            let page = self.browser.page();
            let is_there = format!("function (selector) {{ return Boolean(({FIND})(selector)); }}");
            for frame in page.frames() {
                let found = page.call(&frame.id, &is_there, &[json!(selector)]).await;
                if found.unwrap_or(false) {
                    return Some((page, frame.id));
                }
            }
            None
        })
        .await
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
                | WatchEvent::Demand(_)
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

/// Looks again and again until there is something, for as long as a person has patience.
async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "no {what} in {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
