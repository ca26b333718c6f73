//! Feeds one browser's events to one [`Observer`].

use std::{collections::BTreeMap, pin::Pin, sync::LazyLock, time::Duration};

use browser::{
    Browser, BrowserError, BrowserEvent, Challenge, DOM_HELPERS, FatalReason, FrameId,
    IsolatedWorldScript, Page, PageId,
};
use tokio::{
    sync::broadcast::{
        self,
        error::{RecvError, TryRecvError},
    },
    task::JoinHandle,
    time::{Instant, timeout},
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    attempt::OwnName,
    frames::{FrameKey, View},
    judge::SignInStatus,
    observe::Observer,
};

/// `watcher.js` and its parts, one after the other.
static WATCHER: LazyLock<String> = LazyLock::new(|| {
    [
        DOM_HELPERS,
        include_str!("watcher/page.js"),
        include_str!("watcher/fields.js"),
        include_str!("watcher/forms.js"),
        include_str!("watcher/ready.js"),
        include_str!("watcher/way_in.js"),
        include_str!("watcher/way_past.js"),
        include_str!("watcher/marks.js"),
        include_str!("watcher/code_page.js"),
        include_str!("watcher/watcher.js"),
    ]
    .join("\n")
});

/// What runs in every frame during a sign-in.
pub(super) fn watcher() -> IsolatedWorldScript {
    IsolatedWorldScript { source: &WATCHER }
}

/// How often the judge looks when nothing happens.
const TICK: Duration = Duration::from_millis(250);
/// A new document that has not reported for this long is asked to.
const NUDGE_MS: u64 = 1_200;

/// Gives the closed shadow roots of a frame to its watcher.
pub(super) async fn open_roots(page: &Page, frame: &FrameId) -> Result<usize, BrowserError> {
    const ADOPT: &str = "function (root) { globalThis.watcher?.adopt(root); }";
    page.closed_roots(frame, ADOPT).await
}

fn is_report(event: &BrowserEvent) -> bool {
    matches!(event, BrowserEvent::Report { .. })
}

/// Feeds one browser's events to one session.
pub(super) struct Listener {
    pub(super) observer: Observer,
    events: broadcast::Receiver<BrowserEvent>,
    fatal: Pin<Box<dyn Future<Output = FatalReason> + Send + Sync>>,
    page: Page,
    pages: BTreeMap<PageId, Page>,
    asked: BTreeMap<FrameKey, u64>,
    opening: BTreeMap<FrameKey, JoinHandle<()>>,
    began: Instant,
}

impl Listener {
    /// Begins to listen. Nothing that happens from here on is missed.
    pub(super) async fn start(browser: &Browser, observer: Observer) -> Result<Self, BrowserError> {
        let events = browser.events();
        browser.install(watcher()).await?;
        let page = browser.page();
        Ok(Self {
            observer,
            events,
            fatal: Box::pin(browser.fatal()),
            pages: BTreeMap::from([(page.id(), page.clone())]),
            page,
            asked: BTreeMap::new(),
            opening: BTreeMap::new(),
            began: Instant::now(),
        })
    }

    /// Pages that live, newest last.
    pub(super) fn pages(&self) -> impl DoubleEndedIterator<Item = &Page> {
        self.pages.values()
    }

    /// Waits for events, a moment at most, and says where the sign-in stands. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<SignInStatus, FatalReason> {
        let event = tokio::select! {
            reason = &mut self.fatal => {
                self.fatal = Box::pin(std::future::ready(reason));
                return Err(reason);
            }
            event = timeout(TICK, self.events.recv()) => event,
        };
        let mut reported = false;
        match event {
            Ok(Ok(event)) => {
                reported = is_report(&event);
                self.take(&event);
            }
            Ok(Err(RecvError::Lagged(_))) => self.ask_all(),
            Ok(Err(RecvError::Closed)) => return Err(FatalReason::Closed),
            Err(_) => {}
        }
        // Judged after each report: the next one may be of the try after this.
        while !reported && let Some(event) = self.waiting() {
            reported = is_report(&event);
            self.take(&event);
        }
        self.look_at_frames();
        let now = self.now();
        Ok(self.observer.status(now))
    }

    /// Whether the pages, of which this is what was seen last, are quiet and were read.
    pub(super) async fn has_read(&self, view: &View) -> Result<bool, BrowserError> {
        let mut quiet = view.ready && view.waiting_since.is_none() && !view.busy;
        for page in self.pages() {
            quiet &= page.settle(Duration::ZERO).await?;
        }
        Ok(quiet)
    }

    /// Takes in all that has happened so far.
    pub(super) fn catch_up(&mut self) {
        while let Some(event) = self.waiting() {
            self.take(&event);
        }
    }

    /// The next event that is there already.
    fn waiting(&mut self) -> Option<BrowserEvent> {
        loop {
            match self.events.try_recv() {
                Ok(event) => return Some(event),
                Err(TryRecvError::Lagged(_)) => self.ask_all(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }

    /// From now on the pages are those of a browser that a session was restored to. `account` is the page that is
    /// looked at, and `name` the user name of whose session it is.
    pub(super) fn session_restored(&mut self, account: &Url, name: OwnName) {
        self.catch_up();
        self.observer.session_restored(self.now(), account, name);
    }

    /// A challenge was answered with these.
    pub(super) fn challenge_answered(
        &mut self,
        challenge: &Challenge,
        username: &Zeroizing<String>,
        password: &Zeroizing<String>,
    ) {
        self.catch_up();
        let now = self.now();
        self.observer
            .challenge_answered(now, challenge, username, password);
    }

    /// Resolves when the browser is over.
    pub(super) async fn ended(self) {
        self.fatal.await;
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn take(&mut self, event: &BrowserEvent) {
        match event {
            BrowserEvent::PageOpened { page } => {
                if let Some(opened) = self.page.other(*page) {
                    self.pages.insert(*page, opened);
                }
            }
            BrowserEvent::PageClosed { page } => {
                self.pages.remove(page);
            }
            _ => {}
        }
        let now = self.now();
        let pages = &self.pages;
        let main_frame = |page: PageId| pages.get(&page).map(Page::main_frame);
        if let Some(key) = self.observer.on_event(now, event, main_frame)
            && let Some(page) = self.pages.get(&key.page).cloned()
        {
            // One at a time for each frame: the person types faster than the engine looks.
            let running = self
                .opening
                .get(&key)
                .is_some_and(|task| !task.is_finished());
            if !running {
                let frame = key.frame.clone();
                // A frame that is gone meanwhile has nothing to tell.
                let task = tokio::spawn(async move { drop(open_roots(&page, &frame).await) });
                self.opening.insert(key, task);
            }
        }
    }

    fn look_at_frames(&mut self) {
        for page in self.pages.values() {
            self.observer.frames_are(page.id(), &page.frames());
        }
        let now = self.now();
        self.opening.retain(|_, task| !task.is_finished());
        self.asked
            .retain(|_, at| now.saturating_sub(*at) < 5 * NUDGE_MS);
        for key in self.observer.silent(now, NUDGE_MS) {
            if self.asked.insert(key.clone(), now).is_none() {
                self.ask(key);
            }
        }
    }

    /// After events were missed: every frame tells its state again.
    fn ask_all(&self) {
        for page in self.pages.values() {
            for frame in page.frames() {
                self.ask(FrameKey {
                    page: page.id(),
                    frame: frame.id,
                });
            }
        }
    }

    fn ask(&self, key: FrameKey) {
        if let Some(page) = self.pages.get(&key.page).cloned() {
            tokio::spawn(async move {
                const AGAIN: &str = "function () { globalThis.watcher?.later(); }";
                let _ = page.call::<serde_json::Value>(&key.frame, AGAIN, &[]).await;
            });
        }
    }
}
