//! The history of the page that is looked at: back and again.

use chromiumoxide_cdp::cdp::browser_protocol::page::{
    GetNavigationHistoryParams, NavigateParams, NavigateToHistoryEntryParams, ReloadParams,
};

use super::{browser::Browser, cdp::DEADLINE, error::BrowserError, state::targets::entry_before};

impl Browser {
    /// Goes one entry back in the history of the page that is looked at, if there is one.
    ///
    /// # Errors
    /// When the browser is gone, or does not answer.
    pub async fn go_back(&self) -> Result<(), BrowserError> {
        let cdp = &self.core.cdp;
        let session = self.core.current_session()?;
        let ask = GetNavigationHistoryParams::default();
        let history = cdp.call(Some(&session), ask, DEADLINE).await?;
        if let Some(entry) = entry_before(&history) {
            let go = NavigateToHistoryEntryParams::new(entry);
            cdp.call(Some(&session), go, DEADLINE).await?;
        }
        Ok(())
    }

    /// Loads the page that is looked at again. What was posted is not posted again: nobody would ask
    /// the person, and a password that was refused would be tried twice.
    ///
    /// # Errors
    /// When the browser is gone, or does not answer.
    pub async fn reload(&self) -> Result<(), BrowserError> {
        let cdp = &self.core.cdp;
        let session = self.core.current_session()?;
        if let Some(url) = self.posted_url() {
            let ask = NavigateParams::new(url);
            cdp.call(Some(&session), ask, DEADLINE).await?;
            return Ok(());
        }
        let again = ReloadParams::default();
        cdp.call(Some(&session), again, DEADLINE).await?;
        Ok(())
    }

    /// The URL of the page that is looked at, when its document is the answer to a POST.
    fn posted_url(&self) -> Option<String> {
        let state = self.core.state();
        let (id, page) = state.targets.current()?;
        let main = state.frames.get(&page.main)?;
        state.network.posted(id).then(|| main.url.clone())
    }
}
