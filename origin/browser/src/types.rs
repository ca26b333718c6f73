//! What the browser's callers hold: profiles, names, events, errors.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

/// Who the browser is driven for: decides its language, time zone and size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// ISO 3166-1 alpha-2 code, upper case. It decides the time zone, and the language unless
    /// `accept_language` says one; a code that nobody has assigned means English and UTC.
    pub country: String,
    /// The client's own `Accept-Language`, as sent, at most 256 bytes.
    pub accept_language: Option<String>,
    /// The size of the page.
    pub viewport: Viewport,
}

/// A page's size in CSS pixels; kept within 320x320 and 2560x1600.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl Viewport {
    /// The nearest size that is allowed.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            width: self.width.clamp(320, 2560),
            height: self.height.clamp(320, 1600),
        }
    }
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
        }
    }
}

/// One page (tab or pop-up window) of one browser. Counts from 1, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageId(pub u32);

/// A frame of a page; the engine's name for it, opaque.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub String);

/// A request; the engine's name for it, the same over its redirects.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub String);

/// A script for the isolated world of every frame. See [`super::Browser::install`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsolatedWorldScript {
    /// Statements, run as a function's body once per document. May call `report(jsonString)`,
    /// and leave functions on `globalThis` for [`super::Page::call`].
    pub source: &'static str,
}

/// A frame as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameInfo {
    /// Its name.
    pub id: FrameId,
    /// The document's URL.
    pub url: String,
    /// Scheme, host and port of the document as the engine knows it: `https://host`,
    /// `http://host:8080`, or `null` for an opaque one.
    pub origin: String,
    /// The frame it is in; `None` for the page's main frame.
    pub parent: Option<FrameId>,
}

/// What came of [`super::Page::navigate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Navigation {
    /// The document's HTTP status, when one came.
    pub status: Option<u16>,
    /// Why no document came.
    pub error: Option<NetError>,
    /// The URL answered with a download instead of a document.
    pub is_download: bool,
}

/// Why a document did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NetError {
    /// No such host.
    Dns,
    /// Certificate or handshake.
    Tls,
    /// Nobody listens there, or the line was cut.
    Refused,
    /// Nothing in time.
    Timeout,
    /// The egress guard does not let it out.
    BlockedAddress,
    /// Anything else.
    Other,
}

/// What came of [`super::Page::fetch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` without parameters, lower case; empty when there was none, or when the file
    /// came as a download.
    pub content_type: String,
    /// Where redirects ended; the asked URL when the engine does not tell.
    pub final_url: String,
    /// The body.
    pub bytes: Vec<u8>,
}

/// One picture of the page.
#[derive(Debug, PartialEq, Eq)]
pub struct ScreencastFrame {
    /// Rises by one each frame of this browser.
    pub seq: u32,
    /// Which page it shows.
    pub page: PageId,
    /// The page's size in CSS pixels.
    pub width: u16,
    /// The page's size in CSS pixels.
    pub height: u16,
    /// Device pixels in one CSS pixel, in percent.
    pub scale: u16,
    /// JPEG.
    pub jpeg: Vec<u8>,
}

/// What the strip above the picture says about the page that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remote {
    /// Host, and port when it is not the scheme's own; nothing before the first website, and plain
    /// words for a page that is none.
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

/// A finished download, still in the browser's own folder.
#[derive(Debug, Clone)]
pub struct Download {
    /// The name the site suggests: untrusted, bounded plain text, never a path to write to.
    pub suggested_name: String,
    /// Where it came from.
    pub url: String,
    /// Its length in bytes.
    pub len: u64,
    pub(super) file: Arc<super::download::Stored>,
}

/// What happens in a browser. Texts from the site are bounded; secrets may be in `Report` alone.
#[derive(Clone)]
pub enum BrowserEvent {
    /// A page appeared: the first one, a tab or a pop-up.
    PageOpened {
        /// Which.
        page: PageId,
    },
    /// A page is gone.
    PageClosed {
        /// Which.
        page: PageId,
    },
    /// A frame shows another document, or the same one under another URL.
    FrameNavigated {
        /// In which page.
        page: PageId,
        /// Which frame.
        frame: FrameId,
        /// The new URL.
        url: String,
        /// The page's main frame.
        is_main: bool,
        /// Only the URL changed (history API, fragment).
        same_document: bool,
    },
    /// The main frame began or ended loading.
    Loading {
        /// Which page.
        page: PageId,
        /// Began.
        loading: bool,
    },
    /// A request left.
    RequestSent {
        /// From which page.
        page: PageId,
        /// From which frame, when the engine tells.
        frame: Option<FrameId>,
        /// Where to.
        url: String,
        /// HTTP method.
        method: String,
        /// Its name.
        request_id: RequestId,
        /// It asks for a document.
        is_document: bool,
        /// It carries a body.
        has_post: bool,
    },
    /// An answer's head came (redirects too).
    Response {
        /// From which page.
        page: PageId,
        /// From which frame, when the engine tells.
        frame: Option<FrameId>,
        /// Where from.
        url: String,
        /// HTTP status.
        status: u16,
        /// It is a document.
        is_document: bool,
        /// The request's HTTP method.
        method: String,
        /// The request's name.
        request_id: RequestId,
    },
    /// A request ended without an answer, or was given up.
    RequestFailed {
        /// For which page.
        page: PageId,
        /// The request's name.
        request_id: RequestId,
    },
    /// A document did not come.
    LoadFailed {
        /// For which page.
        page: PageId,
        /// For which frame, when the engine tells.
        frame: Option<FrameId>,
        /// Where it was asked.
        url: String,
        /// Why.
        error: NetError,
    },
    /// An installed script called `report`.
    Report {
        /// From which page.
        page: PageId,
        /// From which frame.
        frame: FrameId,
        /// Scheme, host and port of that frame's document, told by the engine and never by the
        /// page: `https://host`, `http://host:8080`, or `null`.
        frame_origin: String,
        /// What it said, at most 64 KiB. May hold what the client typed.
        payload: Arc<zeroize::Zeroizing<String>>,
    },
    /// A download ended well.
    Downloaded(Download),
    /// The page opened a dialog; it is answered already (alert, confirm and prompt dismissed,
    /// leaving a page allowed, a file chooser refused).
    Dialog {
        /// Which page.
        page: PageId,
        /// What it was.
        kind: DialogKind,
        /// Its text, bounded plain text of the site.
        message: String,
    },
    /// A page's renderer is gone; the browser ends.
    Crashed {
        /// Which page.
        page: PageId,
    },
}

/// Kinds of dialogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogKind {
    /// `alert()`.
    Alert,
    /// `confirm()`.
    Confirm,
    /// `prompt()`.
    Prompt,
    /// "Leave this page?"
    BeforeUnload,
    /// A file is asked for.
    FileChooser,
}

/// Why a browser ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FatalReason {
    /// The process is gone.
    #[error("Chromium ended")]
    Exited,
    /// A page's renderer crashed.
    #[error("a page of Chromium crashed")]
    Crashed,
    /// It no longer reads what it is sent.
    #[error("Chromium does not read its pipe")]
    Stuck,
    /// It said something that is too long or no message at all.
    #[error("Chromium broke its protocol")]
    Protocol,
    /// The last page was closed.
    #[error("the last page was closed")]
    NoPage,
    /// We closed it.
    #[error("the browser was closed")]
    Closed,
}

/// What goes wrong with a browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// It did not start.
    #[error("Chromium did not start: {0}")]
    Launch(String),
    /// As many as allowed live already.
    #[error("all browsers that this origin may have are in use")]
    Busy,
    /// Its sandbox cannot work here; it is never started without.
    #[error("Chromium's sandbox does not work here: {0}")]
    Sandbox(String),
    /// It ended.
    #[error("the browser is gone: {0}")]
    Gone(#[from] FatalReason),
    /// A command was not answered in time.
    #[error("{method} was not answered within {after:?}")]
    Timeout {
        /// The command.
        method: &'static str,
        /// How long it waited.
        after: Duration,
    },
    /// The engine refused a command.
    #[error("{method} was refused: {message}")]
    Refused {
        /// The command.
        method: &'static str,
        /// Bounded.
        message: String,
    },
    /// The answer was not what the protocol says.
    #[error("{method} was answered with something else")]
    Answer {
        /// The command.
        method: &'static str,
    },
    /// The called script threw; the text is the site's or the script's, bounded.
    #[error("the script failed: {0}")]
    Script(String),
    /// That frame is gone.
    #[error("no such frame")]
    NoSuchFrame,
    /// The locator found nothing, or nothing that can be clicked.
    #[error("no such element")]
    NoSuchElement,
    /// Only http and https are visited.
    #[error("only http and https addresses are visited")]
    Scheme,
    /// The body is longer than allowed.
    #[error("longer than {0} bytes")]
    TooLarge(usize),
    /// A file of the browser could not be read.
    #[error("file: {0}")]
    File(String),
}

impl BrowserError {
    /// What kind of error it is, for logs: no text of the website is in it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Launch(_) => "launch",
            Self::Busy => "busy",
            Self::Sandbox(_) => "sandbox",
            Self::Gone(_) => "gone",
            Self::Timeout { .. } => "timeout",
            Self::Refused { .. } => "refused",
            Self::Answer { .. } => "answer",
            Self::Script(_) => "script",
            Self::NoSuchFrame => "no such frame",
            Self::NoSuchElement => "no such element",
            Self::Scheme => "scheme",
            Self::TooLarge(_) => "too large",
            Self::File(_) => "file",
        }
    }
}

impl fmt::Debug for BrowserEvent {
    /// Without URLs and payloads: this may end in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PageOpened { .. } => "PageOpened",
            Self::PageClosed { .. } => "PageClosed",
            Self::FrameNavigated { .. } => "FrameNavigated",
            Self::Loading { .. } => "Loading",
            Self::RequestSent { .. } => "RequestSent",
            Self::Response { .. } => "Response",
            Self::RequestFailed { .. } => "RequestFailed",
            Self::LoadFailed { .. } => "LoadFailed",
            Self::Report { .. } => "Report",
            Self::Downloaded(_) => "Downloaded",
            Self::Dialog { .. } => "Dialog",
            Self::Crashed { .. } => "Crashed",
        })
    }
}
