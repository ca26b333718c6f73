//! What happens in a browser, for those who watch it.

use std::{fmt, sync::Arc};

use super::{
    challenge::Realm,
    download::Download,
    error::NetError,
    ids::{FrameId, PageId, RequestId},
};

/// Something that happened in a browser. Texts that come from the website are bounded in length. A
/// `Report` may hold what the client typed and a URL may carry a token: neither belongs in a log.
#[derive(Clone)]
pub enum BrowserEvent {
    /// A page appeared: the first one, a tab or a pop-up.
    PageOpened {
        /// The page that it happened in.
        page: PageId,
    },
    /// A page is gone.
    PageClosed {
        /// The page that it happened in.
        page: PageId,
    },
    /// A frame shows another document, or the same one under another URL.
    FrameNavigated {
        /// The page that the frame belongs to.
        page: PageId,
        /// The frame that it happened in.
        frame: FrameId,
        /// The URL that the frame shows now.
        url: String,
        /// Whether the frame is the page's main frame.
        is_main: bool,
        /// Whether only the URL changed, by the history API or a fragment.
        same_document: bool,
        /// Why it came. The change of a URL alone is always a script's.
        cause: NavigationCause,
    },
    /// The main frame began or ended loading.
    Loading {
        /// The page that it happened in.
        page: PageId,
        /// True when loading began, false when it ended.
        loading: bool,
    },
    /// A request was sent.
    RequestSent {
        /// The page that it belongs to.
        page: PageId,
        /// The frame that it belongs to, when Chromium names it.
        frame: Option<FrameId>,
        /// The URL that is asked for.
        url: String,
        /// The HTTP method of the request.
        method: String,
        /// Names the request, in all events about it.
        request_id: RequestId,
        /// Whether it asks for a document.
        is_document: bool,
        /// Whether it carries a body.
        has_post: bool,
        /// Whether a script gave it the header `Authorization`. What the header says is not kept.
        has_authorization: bool,
    },
    /// The head of an answer arrived. An answer that redirects is one, too.
    Response {
        /// The page that it belongs to.
        page: PageId,
        /// The frame that it belongs to, when Chromium names it.
        frame: Option<FrameId>,
        /// The URL that answered.
        url: String,
        /// The HTTP status of the response.
        status: u16,
        /// Whether the answer is to a request for a document.
        is_document: bool,
        /// The HTTP method of the request.
        method: String,
        /// Names the request, in all events about it.
        request_id: RequestId,
    },
    /// A request ended without an answer, or was given up.
    RequestFailed {
        /// The page that it belongs to.
        page: PageId,
        /// Names the request, in all events about it.
        request_id: RequestId,
    },
    /// A document could not be loaded.
    LoadFailed {
        /// The page that it belongs to.
        page: PageId,
        /// The frame that it belongs to, when Chromium names it.
        frame: Option<FrameId>,
        /// The URL that was asked for.
        url: String,
        /// Why the document did not come.
        error: NetError,
    },
    /// An installed script called `report`.
    Report {
        /// The page that it belongs to.
        page: PageId,
        /// The frame that it belongs to.
        frame: FrameId,
        /// Scheme, host and port of that frame's document, as Chromium says and never as the page says:
        /// `https://host`, `http://host:8080`, or `null`.
        frame_origin: String,
        /// The text that the script passed, at most 64 KiB. It may hold what the client typed.
        payload: Arc<zeroize::Zeroizing<String>>,
    },
    /// A website asks for user name and password by HTTP authentication, for the document of a page's main frame. It
    /// waits for its answer where there is a [`ChallengeAnswerer`](crate::ChallengeAnswerer), and is cancelled otherwise.
    Challenged {
        /// The page whose document it is.
        page: PageId,
        /// Scheme, host and port of the website that asks, as Chromium says.
        origin: String,
        /// What user name and password are asked for.
        realm: Realm,
        /// Whether it can be answered by user name and password. One that cannot is cancelled.
        is_supported: bool,
    },
    /// A download is complete.
    Downloaded(Download),
    /// The page opened a dialog, which was answered at once: alert, confirm and prompt are dismissed,
    /// leaving the page is allowed, and a file chooser is cancelled.
    Dialog {
        /// The page that it happened in.
        page: PageId,
        /// The kind of the dialog.
        kind: DialogKind,
        /// The text of the dialog: plain text of the website, bounded in length.
        message: String,
    },
    /// The renderer of a page crashed. The browser ends.
    Crashed {
        /// The page that it happened in.
        page: PageId,
    },
}

/// Why a frame shows another document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavigationCause {
    /// The browser was told so, not the page: an address, a reload, back or forward.
    Browser,
    /// A link was followed.
    Link,
    /// The page said when it came that it would be replaced after a time.
    Timer,
    /// A form was sent.
    Form,
    /// A script of a page wanted it, or Chromium gives no plainer reason.
    Script,
}

/// The kind of a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogKind {
    /// The page called `alert()`.
    Alert,
    /// The page called `confirm()`.
    Confirm,
    /// The page called `prompt()`.
    Prompt,
    /// The page asks whether it may be left (`beforeunload`).
    BeforeUnload,
    /// The page asks for a file.
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
            Self::Challenged { .. } => "Challenged",
            Self::Downloaded(_) => "Downloaded",
            Self::Dialog { .. } => "Dialog",
            Self::Crashed { .. } => "Crashed",
        })
    }
}
