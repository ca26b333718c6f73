//! What is recognised in pages that nobody signs in to, for measuring the rules on pages whose answers are known.

use std::time::Duration;

use browser::{Browser, BrowserError, Page};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{
    super::{
        frames::Seen, gone::gone, listener::Listener, observe::Observer, recipe::FrameLocation,
        recipe::Locators,
    },
    demand::FieldKind,
    elements::{ElementKind, Wanted, find},
    forms::{FormKind, observed_form},
};

/// A page is read as it is after this long, even if it goes on loading.
const LOADED: Duration = Duration::from_secs(6);
/// A submission is noticed within this time, or not at all.
const NOTICED: Duration = Duration::from_millis(2500);

/// A form to sign in as it was recognised: what the caller's script says of each of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognisedLogin {
    /// Said of the field for the user name; none when there is no such field.
    pub identifier: Option<Value>,
    /// Said of the field for the password; none when the form has no such field.
    pub password: Option<Value>,
    /// Said of the button that would be pressed; none when Enter would be.
    pub submit: Option<Value>,
}

/// Reads one page in one browser.
pub struct PageReader {
    listener: Listener,
    page: Page,
}

impl PageReader {
    /// Opens the page and waits until it has been reported.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn open(browser: &Browser, url: &Url) -> Result<Self, BrowserError> {
        let listener = Listener::start(browser, Observer::default()).await?;
        let page = browser.page();
        let mut reader = Self { listener, page };
        reader.turn_to(url).await?;
        Ok(reader)
    }

    /// Goes to another page and waits until it has been reported.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn turn_to(&mut self, url: &Url) -> Result<(), BrowserError> {
        self.page.navigate(url).await?;
        let until = Instant::now() + LOADED;
        while Instant::now() < until {
            self.listener.next().await?;
            let is_read = |seen: &Seen| {
                let ready = seen.state.as_ref().is_some_and(|state| state.ready);
                seen.waiting_since.is_none() && (!seen.main || ready && seen.url == url.as_str())
            };
            let reported = self.listener.observer.frames().values().all(is_read);
            if reported && self.page.settle(Duration::ZERO).await? {
                break;
            }
        }
        Ok(())
    }

    /// The page that is read, for scripts of the caller's.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The form to sign in that a driver without a recipe would fill. `describe` is a JavaScript function of an element
    /// (`function (element) { … }`) whose answer is JSON.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn login(&self, describe: &str) -> Result<Option<RecognisedLogin>, BrowserError> {
        let frames = self.listener.observer.frames();
        let Some(form) = observed_form(frames, FormKind::Login) else {
            return Ok(None);
        };
        let mut login = RecognisedLogin {
            identifier: None,
            password: None,
            submit: None,
        };
        for field in &form.fields {
            let said = self
                .described(&form.at, &field.locators, field.element, describe)
                .await?;
            match field.demanded.kind {
                FieldKind::Password => login.password = said,
                FieldKind::Identifier => login.identifier = said,
                _ => {}
            }
        }
        if let Some(button) = &form.button {
            login.submit = self
                .described(&form.at, button, ElementKind::Control, describe)
                .await?;
        }
        Ok(Some(login))
    }

    async fn described(
        &self,
        at: &FrameLocation,
        locators: &Locators,
        kind: ElementKind,
        describe: &str,
    ) -> Result<Option<Value>, BrowserError> {
        let wanted = Wanted { at, locators, kind };
        let Some((page, frame)) = find(&self.listener, &wanted).await? else {
            return Ok(None);
        };
        let script = format!(
            "function (locators, kind) {{ const element = globalThis.watcher?.find(locators, kind); \
             return element ? ({describe})(element) : null; }}"
        );
        let said: Result<Value, _> = page.call(&frame, &script, &wanted.arguments()).await;
        said.map(Some).or_else(|error| gone(error, None))
    }

    /// Types into the fields and clicks the button that these scripts find in the main frame, as a person does; presses
    /// Enter where there is no button. Answers whether the watcher noticed that something was sent.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn notices_submission(
        &mut self,
        fields: &[String],
        button: Option<&str>,
    ) -> Result<bool, BrowserError> {
        let frame = self.page.main_frame();
        for field in fields {
            let clicked = self.page.click(&frame, field, &[]).await;
            if clicked.map(|()| true).or_else(|error| gone(error, false))? {
                self.page.type_text("a1b2c3d4").await?;
            }
        }
        match button {
            Some(button) => {
                let clicked = self.page.click(&frame, button, &[]).await;
                clicked.or_else(|error| gone(error, ()))?;
            }
            None => self.page.press("Enter").await?,
        }
        let until = Instant::now() + NOTICED;
        while Instant::now() < until {
            if self.listener.next().await?.attempt > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
