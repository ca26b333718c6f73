//! One running browser: the state that events change, and the one loop that applies what comes of
//! it.
//!
//! Events are handled in order and without waiting: every command sent here is fire-and-forget.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chromiumoxide_cdp::cdp::browser_protocol::page::GetNavigationHistoryParams;
use serde_json::value::RawValue;
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};

use super::{
    cdp::{Cdp, DEADLINE},
    cdp_events::Event,
    egress::Egress,
    error::{BrowserError, FatalReason, NetError},
    event::BrowserEvent,
    focus::Needed,
    ids::PageId,
    remote::Remote,
    screencast_frame::ScreencastFrame,
    state::{
        State,
        effect::{Effect, FrameDeadline},
        network,
        targets::entry_before,
    },
};

/// Events that a slow listener may be behind before it loses the oldest.
const EVENTS: usize = 4096;

/// Shared by everything that drives or watches one browser.
pub(super) struct Core {
    pub cdp: Cdp,
    egress: Egress,
    pub events: broadcast::Sender<BrowserEvent>,
    pub remote: watch::Sender<Remote>,
    pub cursor: watch::Sender<String>,
    /// Told again when it moves.
    pub needed: watch::Sender<Needed>,
    pub frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    /// Counts what happens, for those who wait until something has.
    pub activity: watch::Sender<u64>,
    state: Mutex<State>,
}

impl Core {
    pub fn new(cdp: Cdp, egress: Egress, state: State) -> Self {
        Self {
            cdp,
            egress,
            events: broadcast::Sender::new(EVENTS),
            remote: watch::Sender::new(Remote::default()),
            cursor: watch::Sender::new("default".to_owned()),
            needed: watch::Sender::new(Needed::default()),
            frames: watch::Sender::new(None),
            activity: watch::Sender::new(0),
            state: Mutex::new(state),
        }
    }

    /// The state, to be read. [`Core::change`] changes it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and applies what comes of it, before anybody else can change it: so
    /// commands leave in the order of the changes that they belong to.
    pub fn change(self: &Arc<Self>, change: impl FnOnce(&mut State) -> Vec<Effect>) {
        let mut state = self.state();
        for effect in change(&mut state) {
            self.apply(effect);
        }
    }

    /// The only way in for what Chromium says.
    pub fn on_event(self: &Arc<Self>, session: Option<&str>, method: &str, params: &RawValue) {
        match Event::parse(method, params) {
            None => return,
            Some(Ok(event)) => self.change(|state| {
                let guard = |host: &str, port| self.egress.failure(host, port);
                let session = session.unwrap_or_default();
                state.on_event(session, event, Instant::now(), &guard)
            }),
            // What is not understood is left alone.
            Some(Err(error)) => {
                tracing::debug!(kind = ?error.classify(), "an event of Chromium was not understood");
            }
        }
        self.activity
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Does one thing that a reducer wants done. Never waits, and never looks at the state: it is
    /// locked.
    fn apply(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::Send {
                session,
                method,
                params,
            } => self.cdp.send_raw(session.as_deref(), &method, &params),
            Effect::Emit(event) => {
                // Nobody listening is no error.
                let _ = self.events.send(event);
            }
            Effect::ShowFrame(frame) => {
                self.frames.send_replace(Some(Arc::new(frame)));
            }
            Effect::ShowRemote(remote) => {
                self.remote.send_replace(remote);
            }
            Effect::ShowCursor(cursor) => {
                self.cursor.send_replace(cursor);
            }
            Effect::Needs(needed) => {
                self.needed.send_replace(needed);
            }
            Effect::ReadHistory { page, session } => {
                tokio::spawn(read_history(Arc::clone(self), page, session));
            }
            Effect::AwaitFrame(deadline) => {
                let core = Arc::downgrade(self);
                tokio::spawn(async move {
                    tokio::time::sleep(deadline.after).await;
                    if let Some(core) = core.upgrade() {
                        core.frame_overdue(deadline);
                    }
                });
            }
            Effect::End(reason) => self.cdp.fail(reason),
        }
    }

    fn frame_overdue(self: &Arc<Self>, deadline: FrameDeadline) {
        if self.cdp.ended().is_none() {
            self.change(|state| state.frame_overdue(deadline));
        }
    }

    /// What Chromium's error for this URL means.
    pub fn net_error(&self, error_text: &str, url: &str) -> NetError {
        network::net_error(error_text, url, &|host, port| {
            self.egress.failure(host, port)
        })
    }

    /// The session of a page, while it lives.
    pub fn session_of(&self, page: PageId) -> Option<String> {
        let state = self.state();
        state.targets.page(page).map(|of| of.session.clone())
    }

    /// The session of the page that is looked at.
    pub fn current_session(&self) -> Result<String, BrowserError> {
        let state = self.state();
        match state.targets.current() {
            Some((_, page)) => Ok(page.session.clone()),
            None => Err(FatalReason::NoPage.into()),
        }
    }
}

async fn read_history(core: Arc<Core>, page: PageId, session: String) {
    let ask = GetNavigationHistoryParams::default();
    if let Ok(history) = core.cdp.call(Some(&session), ask, DEADLINE).await {
        let can_go_back = entry_before(&history).is_some();
        core.change(|state| state.history_read(page, can_go_back));
    }
}
