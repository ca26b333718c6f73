//! The client's own browser: an ordinary Chromium, used through its mouse and keyboard.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use chromiumoxide::{
    Browser, BrowserConfig, Page,
    cdp::browser_protocol::{
        browser::BrowserContextId,
        emulation::SetDeviceMetricsOverrideParams,
        page::CaptureScreenshotFormat,
        target::{CreateBrowserContextParams, CreateTargetParams},
    },
    page::ScreenshotParams,
};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::{sync::Mutex, task::JoinHandle};

use crate::wait::{DEADLINE, until};

/// One Chromium of a person. Its tabs share cookies; two clients share nothing.
pub struct Client {
    browser: Mutex<Browser>,
    pump: JoinHandle<()>,
    _profile: tempfile::TempDir,
}

/// A tab of the client's browser.
#[derive(Clone)]
pub struct Tab {
    page: Page,
}

/// A point in CSS pixels of a tab.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The distance from the left edge, in CSS pixels.
    pub x: f64,
    /// The distance from the top edge, in CSS pixels.
    pub y: f64,
}

/// Width and height in CSS pixels of the clients' windows.
pub const WINDOW: (u32, u32) = (1280, 900);

impl Client {
    /// Starts Chromium (`CLIENT_CHROMIUM`, else Debian's).
    pub async fn start() -> Self {
        let executable: PathBuf = std::env::var_os("CLIENT_CHROMIUM")
            .map_or_else(|| "/usr/lib/chromium/chromium".into(), PathBuf::from);
        let profile = tempfile::tempdir().expect("a folder for the client's profile");
        let mut config = BrowserConfig::builder()
            .chrome_executable(&executable)
            .user_data_dir(profile.path())
            // Said below: the builder's own way hides scroll bars, and the pages would be other ones.
            .with_head()
            .window_size(WINDOW.0, WINDOW.1)
            .viewport(None)
            .respect_https_errors()
            .disable_default_args()
            .request_timeout(DEADLINE)
            .args([
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
                "disable-quic",
                "disable-dev-shm-usage",
                "disable-gpu",
                "no-first-run",
                "no-default-browser-check",
            ])
            .arg(("headless", "new"))
            .arg((
                "disable-features",
                "WebUIOmniboxPopup,WebUIOmniboxAimPopup,AutofillServerCommunication,HttpsUpgrades",
            ));
        // Chromium refuses its sandbox to root. This browser only ever sees our own pages.
        if is_root() {
            config = config.no_sandbox();
        }
        let config = config.build().expect("client browser settings");
        let (browser, mut handler) = Browser::launch(config)
            .await
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", executable.display()));
        // The handler never recovers from an error, so it ends at the first.
        let pump = tokio::spawn(async move {
            while let Some(next) = handler.next().await {
                if let Err(error) = next {
                    return eprintln!("the connection to the client's Chromium ended: {error}");
                }
            }
        });
        Self {
            browser: Mutex::new(browser),
            pump,
            _profile: profile,
        }
    }

    /// Opens `url` in a new tab.
    pub async fn open(&self, url: &str) -> Tab {
        self.tab(url, None).await
    }

    /// A tab of a person of their own: no cookies or storage in common with the others.
    pub async fn open_private(&self, url: &str) -> Tab {
        let context = self
            .browser
            .lock()
            .await
            .create_browser_context(CreateBrowserContextParams::default())
            .await
            .expect("a browser context");
        self.tab(url, Some(context)).await
    }

    async fn tab(&self, url: &str, context: Option<BrowserContextId>) -> Tab {
        let mut target = CreateTargetParams::new("about:blank");
        target.browser_context_id = context;
        // In a window of its own, so that no tab hides another: hidden live views get no pictures.
        target.new_window = Some(true);
        let page = self
            .browser
            .lock()
            .await
            .new_page(target)
            .await
            .expect("a new tab");
        let tab = Tab { page };
        tab.goto(url).await;
        tab
    }

    /// Closes the browser.
    pub async fn close(self) {
        let mut browser = self.browser.into_inner();
        // Errors here only mean that it is gone already.
        let _ = tokio::time::timeout(Duration::from_secs(5), browser.close()).await;
        let _ = tokio::time::timeout(Duration::from_secs(5), browser.wait()).await;
        self.pump.abort();
    }
}

impl Tab {
    /// Types an address and waits until the page is there.
    pub async fn goto(&self, url: &str) {
        let open = self.page.goto(url);
        match tokio::time::timeout(DEADLINE, open).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => panic!("cannot open a page: {error}"),
            Err(_) => panic!("a page did not open within {DEADLINE:?}"),
        }
        self.until("document.readyState === 'complete'", "the page to load")
            .await;
    }

    /// Loads the page again, as the reload button does.
    pub async fn reload(&self) {
        let reload = self.page.reload();
        tokio::time::timeout(DEADLINE, reload)
            .await
            .expect("reload within the deadline")
            .expect("reload");
        self.until(
            "document.readyState === 'complete'",
            "the page to load again",
        )
        .await;
    }

    /// The value of a JavaScript expression, or `None` while the page is changing.
    pub async fn value(&self, expression: &str) -> Option<Value> {
        let evaluate = self.page.evaluate_expression(expression);
        let answer = tokio::time::timeout(Duration::from_secs(5), evaluate).await;
        answer.ok()?.ok()?.value().cloned()
    }

    /// Waits until a JavaScript expression is true.
    pub async fn until(&self, condition: &str, what: &str) {
        let expression = format!("Boolean({condition})");
        until(what, async || {
            (self.value(&expression).await == Some(Value::Bool(true))).then_some(())
        })
        .await;
    }

    /// Waits until the page's visible text contains `text`.
    pub async fn until_text(&self, text: &str) {
        let wanted = Value::from(text);
        self.until(
            &format!("document.body?.innerText.includes({wanted})"),
            &format!("the page to say {wanted}"),
        )
        .await;
    }

    /// The page's visible text.
    pub async fn text(&self) -> String {
        let text = self.value("document.body?.innerText ?? ''").await;
        text.and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The page's address.
    pub async fn address(&self) -> String {
        let address = self.value("location.href").await;
        address
            .and_then(|address| address.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Waits for an element, brings it into view, and answers its centre.
    pub async fn centre(&self, selector: &str) -> Point {
        let [x, y, width, height] = self.rectangle(selector).await;
        Point {
            x: x + width / 2.0,
            y: y + height / 2.0,
        }
    }

    /// Waits for an element, brings it into view, and answers left, top, width and height.
    pub async fn rectangle(&self, selector: &str) -> [f64; 4] {
        let wanted = Value::from(selector);
        let expression = format!(
            "(() => {{ const e = document.querySelector({wanted}); if (!e) return null;
               e.scrollIntoView({{block: 'nearest', behavior: 'instant'}});
               const r = e.getBoundingClientRect();
               return r.width && r.height ? [r.left, r.top, r.width, r.height] : null; }})()"
        );
        until(&format!("{selector} on the page"), async || {
            let value = self.value(&expression).await?;
            serde_json::from_value(value).ok()
        })
        .await
    }

    pub(crate) async fn send<C: chromiumoxide::types::Command>(&self, command: C, what: &str) {
        let sent = tokio::time::timeout(DEADLINE, self.page.execute(command)).await;
        match sent {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => panic!("the client browser refused {what}: {error}"),
            Err(_) => panic!("the client browser did not take {what}"),
        }
    }

    /// Gives the page another size, in CSS pixels.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn resize(&self, width: u32, height: u32) {
        let (width, height) = (i64::from(width), i64::from(height));
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
        self.send(size, "another size").await;
    }

    /// What the tab shows, or `None` when it does not answer.
    pub async fn png(&self) -> Option<Vec<u8>> {
        let params = ScreenshotParams::builder()
            .format(CaptureScreenshotFormat::Png)
            .build();
        let shot = self.page.screenshot(params);
        tokio::time::timeout(Duration::from_secs(10), shot)
            .await
            .ok()?
            .ok()
    }

    /// Saves what the tab shows, if it answers.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub async fn screenshot(&self, path: &Path) {
        match self.png().await {
            Some(png) => std::fs::write(path, png).expect("save a screenshot"),
            None => eprintln!("no screenshot: the tab does not answer"),
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() == 0
    })
}
