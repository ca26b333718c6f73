//! What is known about one running browser, and the one place where events change it.
//!
//! Events are handled in order and without waiting: every command sent here is fire-and-forget.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use chromiumoxide_cdp::cdp::browser_protocol::page::HandleJavaScriptDialogParams;
use serde::de::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::{broadcast, watch};
use zeroize::Zeroizing;

use super::{
    cdp::Cdp,
    cdp_events as of,
    download::Downloads,
    egress::Egress,
    emulation::Emulation,
    frames::Frames,
    isolated_world,
    network::Requests,
    plain_text::bounded,
    request_filter::RequestFilter,
    screencast::Cast,
    types::{
        BrowserEvent, DialogKind, FatalReason, FrameId, IsolatedWorldScript, PageId, Remote,
        ScreencastFrame,
    },
};

/// Events that a slow listener may be behind before it loses the oldest.
const EVENTS: usize = 4096;
/// Reports and texts longer than this are dropped: no form is.
const MAX_REPORT: usize = 64 * 1024;

/// Shared by everything that drives or watches one browser.
pub(super) struct Core {
    pub cdp: Cdp,
    pub egress: Egress,
    pub events: broadcast::Sender<BrowserEvent>,
    pub remote: watch::Sender<Remote>,
    pub cursor: watch::Sender<String>,
    pub frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    /// Counts what happens, for those who wait until something has.
    pub activity: watch::Sender<u64>,
    /// Judges requests before they leave, where one is set.
    pub filter: OnceLock<Arc<dyn RequestFilter>>,
    state: Mutex<State>,
}

/// Everything that events change.
pub(super) struct State {
    pub sessions: HashMap<String, Session>,
    pub pages: BTreeMap<PageId, PageState>,
    pub last_page: u32,
    pub frames: Frames,
    pub scripts: Vec<IsolatedWorldScript>,
    pub emulation: Emulation,
    pub cast: Cast,
    pub downloads: Downloads,
}

/// A session: a page, or a frame of it that lives in another process.
pub(super) struct Session {
    pub page: PageId,
    pub is_page: bool,
}

pub(super) struct PageState {
    pub session: String,
    pub main: FrameId,
    /// What brought the main frame's document.
    pub loader: String,
    pub title: String,
    pub loading: bool,
    pub can_go_back: bool,
    pub requests: Requests,
}

impl Core {
    pub fn new(cdp: Cdp, egress: Egress, emulation: Emulation, downloads: Downloads) -> Self {
        Self {
            cdp,
            egress,
            events: broadcast::Sender::new(EVENTS),
            remote: watch::Sender::new(Remote::default()),
            cursor: watch::Sender::new("default".to_owned()),
            frames: watch::Sender::new(None),
            activity: watch::Sender::new(0),
            filter: OnceLock::new(),
            state: Mutex::new(State {
                sessions: HashMap::new(),
                pages: BTreeMap::new(),
                last_page: 0,
                frames: Frames::default(),
                scripts: Vec::new(),
                emulation,
                cast: Cast::default(),
                downloads,
            }),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn tell(&self, event: BrowserEvent) {
        // Nobody listening is no error.
        let _ = self.events.send(event);
    }

    /// The only way in for what Chromium says.
    pub fn on_event(self: &Arc<Self>, session: Option<&str>, method: &str, params: &RawValue) {
        let session = session.unwrap_or_default();
        match method {
            "Page.screencastFrame" => with(params, |frame| self.picture(session, frame)),
            "Runtime.bindingCalled" => with(params, |call| self.binding_called(session, call)),
            "Runtime.executionContextCreated" => with(params, |created: of::ContextCreated| {
                self.state()
                    .frames
                    .context_created(session, created.context);
            }),
            "Runtime.executionContextDestroyed" => with(params, |context: of::ContextDestroyed| {
                let id = context.execution_context_id;
                self.state().frames.context_destroyed(session, id);
            }),
            "Runtime.executionContextsCleared" => self.state().frames.contexts_cleared(session),
            "Network.requestWillBeSent" => with(params, |sent| self.request_sent(session, sent)),
            "Network.responseReceived" => with(params, |response| self.response(session, response)),
            "Network.loadingFinished" => {
                with(params, |over| self.request_over(session, over, false))
            }
            "Network.loadingFailed" => with(params, |over| self.request_over(session, over, true)),
            "Fetch.requestPaused" => self.request_paused(session, params.get()),
            "Network.webSocketFrameSent" => self.web_socket_message_sent(session),
            "Page.frameAttached" => with(params, |frame| self.frame_attached(session, frame)),
            "Page.frameDetached" => with(params, |frame: of::FrameDetached| {
                // Swapped: its document goes on in another process.
                if frame.reason != "swap" {
                    self.state().frames.remove(&FrameId(frame.frame_id));
                }
            }),
            "Page.frameNavigated" => with(params, |nav| self.navigated(session, nav)),
            "Page.navigatedWithinDocument" => with(params, |nav| self.renamed(session, nav)),
            "Page.frameStartedLoading" => with(params, |frame| self.loading(session, frame, true)),
            "Page.frameStoppedLoading" => with(params, |frame| self.loading(session, frame, false)),
            "Page.javascriptDialogOpening" => with(params, |dialog| self.dialog(session, dialog)),
            "Page.fileChooserOpened" => self.dialog_event(session, DialogKind::FileChooser, ""),
            "Target.attachedToTarget" => with(params, |attached| self.attached(session, attached)),
            "Target.detachedFromTarget" => {
                with(params, |gone: of::Detached| self.detached(&gone.session_id))
            }
            "Inspector.targetCrashed" => self.crashed(session),
            "Browser.downloadWillBegin" => with(params, |begins| self.download_begins(begins)),
            "Browser.downloadProgress" => with(params, |progress| self.download_progress(progress)),
            _ => return,
        }
        self.activity
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn binding_called(&self, session: &str, call: of::BindingCalled) {
        let payload = Zeroizing::new(call.payload);
        let (speaker, page) = {
            let state = self.state();
            let speaker = state.frames.speaker(session, call.execution_context_id);
            (speaker, state.page_of(session))
        };
        // Only our own world has a name in the table: a page cannot speak here.
        let (Some(speaker), Some(page)) = (speaker, page) else {
            return;
        };
        if call.name == isolated_world::CURSOR {
            let is_keyword = |c: char| c.is_ascii_lowercase() || c == '-';
            if payload.len() <= 20 && payload.chars().all(is_keyword) {
                self.cursor.send_replace(payload.to_string());
            }
        } else if call.name == isolated_world::TITLE {
            self.titled(page, &speaker.frame, &payload);
        } else if call.name == isolated_world::REPORT && payload.len() <= MAX_REPORT {
            self.tell(BrowserEvent::Report {
                page,
                frame: speaker.frame,
                frame_origin: speaker.origin,
                payload: Arc::new(payload),
            });
        }
    }

    fn frame_attached(&self, session: &str, frame: of::FrameAttached) {
        let mut state = self.state();
        if let Some(page) = state.page_of(session) {
            let parent = frame.parent_frame_id.map(FrameId);
            state
                .frames
                .attach(page, session, FrameId(frame.frame_id), parent);
        }
    }

    fn navigated(self: &Arc<Self>, session: &str, nav: of::FrameNavigated) {
        let mut state = self.state();
        let Some(page) = state.page_of(session) else {
            return;
        };
        state.frames.remove_inner(&FrameId(nav.frame.id.clone()));
        let survivor = state.frames.navigated(page, session, &nav.frame);
        if let Some(world) = survivor {
            isolated_world::reinstall(&self.cdp, session, &world, &state.scripts);
        }
        let frame = FrameId(nav.frame.id);
        let is_main = state.is_main(page, &frame);
        if let Some(of) = state.pages.get_mut(&page) {
            let loader = nav.frame.loader_id;
            of.requests.document_came(&frame, is_main, &loader);
            if is_main {
                of.loader = loader;
                of.title.clear();
            }
        }
        let url = state.frames.get(&frame).map(|f| f.url.clone());
        drop(state);
        if let Some(filter) = self
            .filter
            .get()
            .filter(|_| is_main && nav.frame.url.starts_with("http"))
        {
            filter.document_came(page);
        }
        self.tell(BrowserEvent::FrameNavigated {
            page,
            frame,
            url: url.unwrap_or_default(),
            is_main,
            same_document: false,
        });
        if is_main {
            self.cast_anew(page);
            self.look_at_history(page);
            self.show_remote();
        }
    }

    fn renamed(self: &Arc<Self>, session: &str, nav: of::NavigatedWithinDocument) {
        let frame = FrameId(nav.frame_id);
        let (page, is_main) = {
            let mut state = self.state();
            let Some(page) = state.page_of(session) else {
                return;
            };
            state.frames.renamed(&frame, &nav.url);
            (page, state.is_main(page, &frame))
        };
        self.tell(BrowserEvent::FrameNavigated {
            page,
            frame,
            url: nav.url,
            is_main,
            same_document: true,
        });
        if is_main {
            self.look_at_history(page);
            self.show_remote();
        }
    }

    fn loading(self: &Arc<Self>, session: &str, frame: of::FrameOnly, loading: bool) {
        let frame = FrameId(frame.frame_id);
        let page = {
            let mut state = self.state();
            let Some(page) = state.page_of(session) else {
                return;
            };
            if !state.is_main(page, &frame) {
                return;
            }
            if let Some(of) = state.pages.get_mut(&page) {
                of.loading = loading;
            }
            page
        };
        self.tell(BrowserEvent::Loading { page, loading });
        if !loading {
            self.cast_anew(page);
            // The history moves a moment after the document.
            self.look_at_history(page);
        }
        self.show_remote();
    }

    /// Answered at once: the very click that opened it is not answered before.
    fn dialog(&self, session: &str, dialog: of::DialogOpening) {
        let kind = match dialog.kind.as_str() {
            "confirm" => DialogKind::Confirm,
            "prompt" => DialogKind::Prompt,
            "beforeunload" => DialogKind::BeforeUnload,
            _ => DialogKind::Alert,
        };
        let answer = HandleJavaScriptDialogParams::new(kind == DialogKind::BeforeUnload);
        self.cdp.send(Some(session), &answer);
        self.dialog_event(session, kind, &dialog.message);
    }

    fn dialog_event(&self, session: &str, kind: DialogKind, message: &str) {
        let Some(page) = self.state().page_of(session) else {
            return;
        };
        let message = bounded(message, 500);
        self.tell(BrowserEvent::Dialog {
            page,
            kind,
            message,
        });
    }

    fn crashed(&self, session: &str) {
        let (page, is_page) = {
            let state = self.state();
            let Some(of) = state.sessions.get(session) else {
                return;
            };
            (of.page, of.is_page)
        };
        // A crashed frame inside is a hole in the page; a crashed page is the end.
        if is_page {
            self.tell(BrowserEvent::Crashed { page });
            self.cdp.fail(FatalReason::Crashed);
        }
    }
}

impl State {
    pub fn page_of(&self, session: &str) -> Option<PageId> {
        self.sessions.get(session).map(|session| session.page)
    }

    pub fn is_main(&self, page: PageId, frame: &FrameId) -> bool {
        self.pages.get(&page).is_some_and(|of| of.main == *frame)
    }

    /// The page the person looks at: the newest.
    pub fn current(&self) -> Option<(PageId, &PageState)> {
        self.pages.iter().next_back().map(|(id, page)| (*id, page))
    }
}

/// Runs `then` on what was said; what is not understood is left alone.
fn with<'a, T: Deserialize<'a>>(params: &'a RawValue, then: impl FnOnce(T)) {
    match serde_json::from_str(params.get()) {
        Ok(body) => then(body),
        Err(error) => {
            tracing::debug!(kind = ?error.classify(), "an event of Chromium was not understood")
        }
    }
}
