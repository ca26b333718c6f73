//! What happens in a browser, for those who watch it.

use std::{fmt, sync::Arc};

use super::{
    download::Download,
    error::NetError,
    ids::{FrameId, PageId, RequestId},
};

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
