//! A running browser.

use std::{future::Future, sync::Arc};

use chromiumoxide_cdp::cdp::browser_protocol::page::CrashParams;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use super::{
    core::Core,
    emulation::Overrides,
    input::Input,
    isolated_world,
    page::Page,
    process::Process,
    screencast::Screencast,
    types::{
        BrowserError, BrowserEvent, FatalReason, IsolatedWorldScript, PageId, Remote, Viewport,
    },
};

/// One Chromium process with user id, folder and egress guard of its own. Dropping it kills the
/// process group and removes the folder.
pub struct Browser {
    pub(super) core: Arc<Core>,
    pub(super) process: Process,
    /// Held for as long as it lives; a spare has none.
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whoever still waits for an answer learns that it was us.
        self.core.cdp.fail(FatalReason::Closed);
    }
}

impl Browser {
    /// The page the person looks at: the newest pop-up, else the main one.
    #[must_use]
    pub fn page(&self) -> Page {
        let id = self.core.state().current().map(|(id, _)| id);
        self.page_named(id.unwrap_or(PageId(0)))
    }

    /// A page by name, while it lives.
    #[must_use]
    pub fn page_by_id(&self, id: PageId) -> Option<Page> {
        let lives = self.core.state().pages.contains_key(&id);
        lives.then(|| self.page_named(id))
    }

    /// What happens from now on. A receiver that falls 4096 events behind loses the oldest.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<BrowserEvent> {
        self.core.events.subscribe()
    }

    /// Resolves when the browser is over.
    pub fn fatal(&self) -> impl Future<Output = FatalReason> + Send + Sync + 'static {
        self.core.cdp.fatal()
    }

    /// Ends the process and waits until it and its folder are gone.
    pub async fn close(self) {
        let gone = self.process.gone();
        drop(self);
        gone.await;
    }

    /// Runs a script in an isolated world of every frame, now and in all documents to come.
    pub async fn install(&self, script: IsolatedWorldScript) -> Result<(), BrowserError> {
        let mut state = self.core.state();
        if let Some(reason) = self.core.cdp.ended() {
            return Err(reason.into());
        }
        state.scripts.push(script);
        let number = state.scripts.len();
        for session in state.sessions.keys() {
            isolated_world::add_script(&self.core.cdp, session, number, script);
        }
        Ok(())
    }

    /// Pictures of the page that is looked at.
    #[must_use]
    pub fn screencast(&self) -> Screencast {
        Screencast {
            core: Arc::clone(&self.core),
        }
    }

    /// Mouse and keyboard of a person, into the current page.
    #[must_use]
    pub fn input(&self) -> Input {
        Input {
            core: Arc::clone(&self.core),
        }
    }

    /// For the strip above the picture; changes as the person goes.
    #[must_use]
    pub fn remote(&self) -> watch::Receiver<Remote> {
        self.core.remote.subscribe()
    }

    /// The CSS keyword of the cursor under the pointer.
    #[must_use]
    pub fn cursor(&self) -> watch::Receiver<String> {
        self.core.cursor.subscribe()
    }

    /// One page back in the history of the page that is looked at, if there is one.
    pub async fn go_back(&self) -> Result<(), BrowserError> {
        self.core.go_back().await
    }

    /// Loads the page that is looked at again.
    pub async fn reload(&self) -> Result<(), BrowserError> {
        self.core.reload().await
    }

    /// Gives all pages another size.
    pub fn resize(&self, viewport: Viewport) {
        let mut state = self.core.state();
        if state.emulation.overrides.viewport == viewport {
            return;
        }
        state.emulation.overrides.viewport = viewport;
        for page in state.pages.values() {
            state
                .emulation
                .override_device_metrics(&self.core.cdp, &page.session);
        }
        drop(state);
        self.core.resized();
    }

    /// Gives a warm spare the emulation of the client that it is given to.
    pub(super) fn override_emulation(&self, overrides: Overrides) {
        let mut state = self.core.state();
        state.emulation.overrides = overrides;
        for page in state.pages.values() {
            state
                .emulation
                .override_user_agent_and_locale(&self.core.cdp, &page.session);
            state
                .emulation
                .override_time_zone(&self.core.cdp, &page.session);
            state
                .emulation
                .override_device_metrics(&self.core.cdp, &page.session);
        }
    }

    /// Crashes the renderer of the page that is looked at, so that tests see what comes of it.
    #[doc(hidden)]
    pub fn crash(&self) {
        if let Ok(session) = self.page().session() {
            self.core.cdp.send(Some(&session), &CrashParams::default());
        }
    }

    fn page_named(&self, id: PageId) -> Page {
        Page {
            core: Arc::clone(&self.core),
            id,
        }
    }
}
