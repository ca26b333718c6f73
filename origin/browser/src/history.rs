//! The history of a page: back and again.

use chromiumoxide_cdp::cdp::browser_protocol::page::{
    GetNavigationHistoryParams, GetNavigationHistoryReturns, NavigateParams,
    NavigateToHistoryEntryParams, ReloadParams,
};

use super::{cdp::DEADLINE, core::Core, types::BrowserError};

/// The entry before the current one, unless that is the empty page that it all began with.
pub(super) fn back(history: &GetNavigationHistoryReturns) -> Option<i64> {
    let before = usize::try_from(history.current_index.checked_sub(1)?).ok()?;
    let entry = history.entries.get(before)?;
    let is_web = entry.url.starts_with("http://") || entry.url.starts_with("https://");
    is_web.then_some(entry.id)
}

impl Core {
    /// One page back on the page that is looked at.
    pub(super) async fn go_back(&self) -> Result<(), BrowserError> {
        let session = self.current_session()?;
        let ask = GetNavigationHistoryParams::default();
        let history = self.cdp.call(Some(&session), ask, DEADLINE).await?;
        if let Some(entry) = back(&history) {
            let go = NavigateToHistoryEntryParams::new(entry);
            self.cdp.call(Some(&session), go, DEADLINE).await?;
        }
        Ok(())
    }

    /// Loads the page that is looked at again. What was posted is not posted again: nobody would ask
    /// the person, and a password that was refused would be tried twice.
    pub(super) async fn reload(&self) -> Result<(), BrowserError> {
        let session = self.current_session()?;
        let posted = {
            let state = self.state();
            let page = state.current().filter(|(_, page)| page.requests.posted);
            page.and_then(|(_, page)| state.frames.get(&page.main))
                .map(|main| main.url.clone())
        };
        if let Some(url) = posted {
            let ask = NavigateParams::new(url);
            self.cdp.call(Some(&session), ask, DEADLINE).await?;
            return Ok(());
        }
        let again = ReloadParams::default();
        self.cdp.call(Some(&session), again, DEADLINE).await?;
        Ok(())
    }

    pub(super) fn current_session(&self) -> Result<String, BrowserError> {
        let state = self.state();
        match state.current() {
            Some((_, page)) => Ok(page.session.clone()),
            None => Err(super::types::FatalReason::NoPage.into()),
        }
    }
}
