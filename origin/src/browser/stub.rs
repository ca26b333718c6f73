//! The room's face; its bodies land next.

use std::{future::Future, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{broadcast, watch};
use url::Url;

use super::{
    BrowserConfig, BrowserError, BrowserEvent, FatalReason, Fetched, Frame, FrameId, FrameInfo,
    Navigation, PageId, Profile, RequestId, Viewport, WorldScript,
};

const NOT_YET: BrowserError = BrowserError::Gone(FatalReason::Closed);

/// Starts browsers; keeps spares warm. Cheap to clone.
#[derive(Clone)]
pub struct Launcher;

impl Launcher {
    /// Nothing is started before the first [`Launcher::open`].
    pub fn new(_config: BrowserConfig) -> Self {
        Self
    }
    /// A browser of one's own: the warm spare, or a fresh start.
    pub async fn open(&self, _profile: Profile) -> Result<Browser, BrowserError> {
        Err(BrowserError::Launch("not built yet".into()))
    }
    /// Ends the spares; browsers already given out live on.
    pub async fn close(&self) {}
}

/// One Chromium process with uid, profile folder and egress proxy of its own. Dropping it kills the
/// process group and removes the folder.
pub struct Browser;

/// What the strip above the picture says about the page that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// Host, and port when it is not the scheme's own.
    pub host: String,
    /// https (certificate errors are never accepted).
    pub secure: bool,
    /// Title, bounded plain text.
    pub title: String,
    /// It is loading.
    pub loading: bool,
    /// There is a page to go back to.
    pub can_go_back: bool,
}

impl Browser {
    /// The page the person looks at: the newest pop-up, else the main one.
    pub fn page(&self) -> Page {
        Page
    }
    /// A page by name, while it lives.
    pub fn page_by_id(&self, _id: PageId) -> Option<Page> {
        None
    }
    /// What happens from now on. A receiver that falls 4096 events behind loses the oldest.
    pub fn events(&self) -> broadcast::Receiver<BrowserEvent> {
        broadcast::channel(1).1
    }
    /// Resolves when the browser is over.
    pub fn fatal(&self) -> impl Future<Output = FatalReason> + Send + 'static {
        std::future::pending()
    }
    /// Ends the process and waits until it is gone.
    pub async fn close(self) {}
    /// Runs a script in an isolated world of every frame, now and in all documents to come.
    pub async fn install(&self, _script: WorldScript) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// Pictures of the page that is looked at.
    pub fn screencast(&self) -> Screencast {
        Screencast
    }
    /// The person's hands.
    pub fn input(&self) -> Input {
        Input
    }
    /// For the strip; changes as the person goes.
    pub fn remote(&self) -> watch::Receiver<Remote> {
        watch::channel(Remote::default()).1
    }
    /// One page back in the looked-at page's history, if there is one.
    pub async fn go_back(&self) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// Loads the looked-at page again.
    pub async fn reload(&self) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// Gives all pages another size.
    pub async fn resize(&self, _viewport: Viewport) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
}

/// Pictures of the page that is looked at. Cheap to clone.
#[derive(Clone)]
pub struct Screencast;

impl Screencast {
    /// Begins, or goes on.
    pub fn start(&self) {}
    /// Parks: no pictures, no work.
    pub fn stop(&self) {}
    /// The newest picture; older ones are never queued.
    pub fn frames(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        watch::channel(None).1
    }
    /// The picture with this number, and all before, are shown.
    pub fn ack(&self, _seq: u32) {}
}

/// The person's hands: ordered, never awaited. Cheap to clone.
#[derive(Clone)]
pub struct Input;

/// A page. Cheap to clone; calls fail once the page is gone.
#[derive(Clone)]
pub struct Page;

impl Page {
    /// Its name.
    pub fn id(&self) -> PageId {
        PageId(1)
    }
    /// Goes to an http(s) address; waits until the document began to load or failed (30 s).
    pub async fn navigate(&self, _url: &Url) -> Result<Navigation, BrowserError> {
        Err(NOT_YET)
    }
    /// The main frame's URL.
    pub fn url(&self) -> String {
        String::new()
    }
    /// The main frame.
    pub fn main_frame(&self) -> FrameId {
        FrameId(String::new())
    }
    /// All frames, the main one first.
    pub fn frames(&self) -> Vec<FrameInfo> {
        Vec::new()
    }
    /// Calls a function (`function (a, b) { … }`, may be async) in the isolated world of a frame.
    pub async fn call<T: DeserializeOwned>(
        &self,
        _frame: &FrameId,
        _function_js: &str,
        _args: &[Value],
    ) -> Result<T, BrowserError> {
        Err(NOT_YET)
    }
    /// Fetches with the frame's cookies; blob: and data: too.
    pub async fn fetch(
        &self,
        _frame: &FrameId,
        _url: &str,
        _max_bytes: usize,
        _timeout: Duration,
    ) -> Result<Fetched, BrowserError> {
        Err(NOT_YET)
    }
    /// Waits until nothing loads and no request runs for half a second; false when `timeout` came first.
    pub async fn settle(&self, _timeout: Duration) -> Result<bool, BrowserError> {
        Err(NOT_YET)
    }
    /// Scrolls the element that the function returns into view and clicks its middle with the mouse.
    pub async fn click(
        &self,
        _frame: &FrameId,
        _element_js: &str,
        _args: &[Value],
    ) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// Types into whatever has the focus, key by key.
    pub async fn type_text(&self, _text: &str) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// Presses one key by its DOM name: `Enter`, `Tab`, `Backspace`, `a`.
    pub async fn press(&self, _key: &str) -> Result<(), BrowserError> {
        Err(NOT_YET)
    }
    /// The body that a request carried, at most 64 KiB of it.
    pub async fn post_body(
        &self,
        _frame: Option<&FrameId>,
        _request: &RequestId,
    ) -> Result<zeroize::Zeroizing<String>, BrowserError> {
        Err(NOT_YET)
    }
}
