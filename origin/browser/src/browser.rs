//! A running browser.

use std::{future::Future, sync::Arc};

use chromiumoxide_cdp::cdp::browser_protocol::page::CrashParams;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use super::{
    challenge_answerer::ChallengeAnswerer,
    core::Core,
    error::{BrowserError, FatalReason},
    event::BrowserEvent,
    focus::Focus,
    focus_finder,
    ids::PageId,
    input::Input,
    page::Page,
    process::Process,
    profile::Viewport,
    remote::Remote,
    request_filter::RequestFilter,
    screencast::Screencast,
    state::{emulation::Overrides, isolated_world::IsolatedWorldScript},
};

/// One Chromium process with a user id, a folder and an egress guard of its own. Dropping it kills the
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
    /// Returns the page that the person looks at: the newest pop-up window, or else the main page.
    #[must_use]
    pub fn page(&self) -> Page {
        let id = self.core.state().targets.current().map(|(id, _)| id);
        self.page_named(id.unwrap_or(PageId(0)))
    }

    /// Returns the page of this number; `None` once it is gone.
    #[must_use]
    pub fn page_by_id(&self, id: PageId) -> Option<Page> {
        let lives = self.core.state().targets.page(id).is_some();
        lives.then(|| self.page_named(id))
    }

    /// Returns a receiver of all events from now on. A receiver that is more than 4096 events behind loses
    /// the oldest.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<BrowserEvent> {
        self.core.events.subscribe()
    }

    /// Resolves when the browser has ended, and says why.
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
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn install(&self, script: IsolatedWorldScript) -> Result<(), BrowserError> {
        if let Some(reason) = self.core.cdp.ended() {
            return Err(reason.into());
        }
        self.core.change(|state| state.add_script(script));
        Ok(())
    }

    /// Has every request of this browser judged from now on. Call it before the first page is opened: documents
    /// that are open already are not covered. A second filter is refused by doing nothing.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn filter_requests(
        &self,
        filter: Arc<dyn RequestFilter>,
    ) -> Result<(), BrowserError> {
        if let Some(reason) = self.core.cdp.ended() {
            return Err(reason.into());
        }
        self.core.change(|state| state.filter_requests(filter));
        Ok(())
    }

    /// Has challenges of websites (HTTP authentication) wait for an answer for as long as what this returns lives.
    #[must_use]
    pub fn answer_challenges(&self) -> ChallengeAnswerer {
        ChallengeAnswerer::new(Arc::clone(&self.core))
    }

    /// Returns the screencast of the page that is looked at.
    #[must_use]
    pub fn screencast(&self) -> Screencast {
        Screencast {
            core: Arc::clone(&self.core),
        }
    }

    /// Returns the mouse and the keyboard of a person, which act on the page that is looked at.
    #[must_use]
    pub fn input(&self) -> Input {
        Input {
            core: Arc::clone(&self.core),
        }
    }

    /// Returns a receiver of what the strip above the picture says about the page that is looked at.
    #[must_use]
    pub fn remote(&self) -> watch::Receiver<Remote> {
        self.core.remote.subscribe()
    }

    /// Returns a receiver of the CSS keyword for the cursor under the pointer.
    #[must_use]
    pub fn cursor(&self) -> watch::Receiver<String> {
        self.core.cursor.subscribe()
    }

    /// Returns a receiver of where the element is that is needed to go on, on the page that is looked at.
    #[must_use]
    pub fn focus(&self) -> watch::Receiver<Focus> {
        focus_finder::follow(&self.core)
    }

    /// Gives all pages another size.
    pub fn resize(&self, viewport: Viewport) {
        self.core.change(|state| state.resize(viewport));
    }

    /// Gives a warm spare the emulation of the client that it is given to.
    pub(super) fn override_emulation(&self, overrides: Overrides) {
        self.core
            .change(|state| state.override_emulation(overrides));
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
