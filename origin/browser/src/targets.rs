//! Pages, pop-ups and frames in other processes: attached before their first document.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::{
    browser_protocol::{
        emulation::SetFocusEmulationEnabledParams,
        inspector, network,
        page::{self, GetNavigationHistoryParams, SetInterceptFileChooserDialogParams},
        target::{CloseTargetParams, DetachFromTargetParams, SetAutoAttachParams},
    },
    js_protocol::runtime::{self, RunIfWaitingForDebuggerParams},
};

use super::{
    cdp::DEADLINE,
    cdp_events::Attached,
    core::{Core, PageState, Session, State},
    isolated_world,
    network::Requests,
    plain_text::bounded,
    types::{BrowserEvent, FatalReason, FrameId, PageId, Remote},
};

/// More at once and the oldest pop-up rule is "no more pop-ups".
const MAX_PAGES: usize = 6;
/// Frames in other processes, over all pages: each costs memory.
const MAX_SESSIONS: usize = 64;

/// Instead of a host, for pages that come from no website.
const NO_HOST: &str = "not a website";

/// Attach to whatever comes, before it runs.
pub(super) fn auto_attach() -> SetAutoAttachParams {
    let mut params = SetAutoAttachParams::new(true, true);
    params.flatten = Some(true);
    params
}

/// Host, and port when it is not the scheme's own, of a page on the web.
fn web_host(url: &url::Url) -> Option<String> {
    let host = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let port = url.port().map(|port| format!(":{port}"));
    Some(format!("{host}{}", port.unwrap_or_default()))
}

impl Core {
    pub(super) fn attached(self: &Arc<Self>, parent: &str, attached: Attached) {
        let (session, target) = (attached.session_id, attached.target_info);
        let opened = match target.kind.as_str() {
            // A page is nobody's child; what a page attaches as one is not shown (yet).
            "page" if parent.is_empty() => self.page_attached(&session, &target.target_id),
            "iframe" => {
                self.frame_target_attached(parent, &session, &target);
                None
            }
            _ => {
                // Workers: they run, unwatched; their requests go through the guard all the same.
                self.run(&session);
                self.cdp.send(
                    None,
                    &DetachFromTargetParams::builder()
                        .session_id(session)
                        .build(),
                );
                None
            }
        };
        if let Some(page) = opened {
            self.tell(BrowserEvent::PageOpened { page });
            self.show_remote();
            self.follow();
        }
    }

    fn page_attached(&self, session: &str, target: &str) -> Option<PageId> {
        let mut state = self.state();
        if state.pages.len() >= MAX_PAGES {
            // Its opener's script waits until it runs.
            self.run(session);
            self.cdp
                .send(None, &CloseTargetParams::new(target.to_owned()));
            return None;
        }
        state.last_page += 1;
        let page = PageId(state.last_page);
        let main = FrameId(target.to_owned());
        state.sessions.insert(
            session.to_owned(),
            Session {
                page,
                is_page: true,
            },
        );
        state.pages.insert(
            page,
            PageState {
                session: session.to_owned(),
                main: main.clone(),
                loader: String::new(),
                title: String::new(),
                loading: false,
                can_go_back: false,
                requests: Requests::default(),
            },
        );
        state.frames.attach(page, session, main, None);
        self.arm(&state, session, true);
        self.run(session);
        Some(page)
    }

    fn frame_target_attached(
        &self,
        parent: &str,
        session: &str,
        target: &super::cdp_events::TargetInfo,
    ) {
        let mut state = self.state();
        let Some(page) = state.page_of(parent) else {
            return self.run(session);
        };
        if state.sessions.len() >= MAX_SESSIONS {
            // It stays paused: an empty frame instead of a machine without memory.
            return;
        }
        state.sessions.insert(
            session.to_owned(),
            Session {
                page,
                is_page: false,
            },
        );
        let parent = target.parent_frame_id.clone().map(FrameId);
        let frame = FrameId(target.target_id.clone());
        state.frames.attach(page, session, frame, parent);
        self.arm(&state, session, false);
        self.run(session);
    }

    /// Sends all that a session needs before its first document runs.
    fn arm(&self, state: &State, session: &str, is_page: bool) {
        let cdp = &self.cdp;
        let to = Some(session);
        cdp.send(to, &page::EnableParams::default());
        // Without it no binding is ever reported.
        cdp.send(to, &runtime::EnableParams::default());
        isolated_world::install(cdp, session, &state.scripts);
        cdp.send(to, &network::EnableParams::default());
        self.bypass_service_workers(session);
        cdp.send(to, &inspector::EnableParams::default());
        cdp.send(to, &auto_attach());
        state.emulation.override_user_agent_and_locale(cdp, session);
        state.emulation.override_time_zone(cdp, session);
        if is_page {
            state.emulation.override_device_metrics(cdp, session);
            cdp.send(to, &SetFocusEmulationEnabledParams::new(true));
            let mut choosers = SetInterceptFileChooserDialogParams::new(true);
            choosers.cancel = Some(true);
            cdp.send(to, &choosers);
        }
    }

    fn run(&self, session: &str) {
        self.cdp
            .send(Some(session), &RunIfWaitingForDebuggerParams::default());
    }

    pub(super) fn detached(self: &Arc<Self>, session: &str) {
        let closed = {
            let mut state = self.state();
            state.frames.session_gone(session);
            let Some(gone) = state.sessions.remove(session) else {
                return;
            };
            if !gone.is_page {
                return;
            }
            state.pages.remove(&gone.page);
            state.sessions.retain(|_, of| of.page != gone.page);
            gone.page
        };
        self.tell(BrowserEvent::PageClosed { page: closed });
        if self.state().pages.is_empty() {
            return self.cdp.fail(FatalReason::NoPage);
        }
        self.show_remote();
        self.follow();
    }

    /// The main frame's document says its title.
    pub(super) fn titled(&self, page: PageId, frame: &FrameId, title: &str) {
        {
            let mut state = self.state();
            let Some(of) = state.pages.get_mut(&page).filter(|of| of.main == *frame) else {
                return;
            };
            of.title = bounded(title, 200);
        }
        self.show_remote();
    }

    /// Asks whether there is a page to go back to: the only thing about a page that no event tells.
    pub(super) fn look_at_history(self: &Arc<Self>, page: PageId) {
        let core = Arc::clone(self);
        tokio::spawn(async move {
            let Some(session) = core.session_of(page) else {
                return;
            };
            let ask = GetNavigationHistoryParams::default();
            let Ok(history) = core.cdp.call(Some(&session), ask, DEADLINE).await else {
                return;
            };
            let back = super::history::back(&history).is_some();
            if let Some(of) = core.state().pages.get_mut(&page) {
                of.can_go_back = back;
            }
            core.show_remote();
        });
    }

    pub(super) fn session_of(&self, page: PageId) -> Option<String> {
        let state = self.state();
        state.pages.get(&page).map(|of| of.session.clone())
    }

    /// Brings the strip up to date.
    pub(super) fn show_remote(&self) {
        let remote = {
            let state = self.state();
            let Some((_, page)) = state.current() else {
                return;
            };
            let url = state.frames.get(&page.main).map(|frame| frame.url.as_str());
            let url = url::Url::parse(url.unwrap_or_default()).ok();
            let host = url.as_ref().and_then(web_host);
            // A website can leave for an empty page and write what it likes there: never under the
            // name of the website before.
            let never = self.remote.borrow().host.is_empty();
            let other = if never { "" } else { NO_HOST };
            Remote {
                host: host.unwrap_or_else(|| other.to_owned()),
                secure: url.is_some_and(|url| url.scheme() == "https"),
                title: page.title.clone(),
                loading: page.loading,
                can_go_back: page.can_go_back,
            }
        };
        self.remote.send_if_modified(|now| {
            let differs = *now != remote;
            *now = remote;
            differs
        });
    }
}
