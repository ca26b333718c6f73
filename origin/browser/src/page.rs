//! One page, driven by code.

use std::{sync::Arc, time::Duration};

use chromiumoxide_cdp::cdp::{
    browser_protocol::{
        network::GetRequestPostDataParams,
        page::{CreateIsolatedWorldParams, NavigateParams, StopLoadingParams},
        target::CloseTargetParams,
    },
    js_protocol::runtime::{CallArgument, CallFunctionOnParams, RemoteObject},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use super::{
    cdp::DEADLINE,
    challenge::Challenge,
    core::Core,
    error::{BrowserError, FatalReason, NetError},
    ids::{FrameId, ISOLATED_WORLD, PageId, RequestId},
    input::{Input, KeyPress, key_event},
    keys,
    plain_text::bounded,
    state::frames::FrameInfo,
};

/// A site that does not answer for this long is down.
const NAVIGATION: Duration = Duration::from_secs(30);
/// From the answer to the document.
const ARRIVAL: Duration = Duration::from_secs(5);
/// Nothing loads and no request runs for this long: the page has settled.
const QUIET: Duration = Duration::from_millis(500);

/// The result of [`Page::navigate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Navigation {
    /// The HTTP status of the document, when one arrived.
    pub status: Option<u16>,
    /// The reason why no document arrived, if none did.
    pub error: Option<NetError>,
    /// Whether the URL answered with a download instead of a document.
    pub is_download: bool,
    /// Whether the website asks for user name and password first: its document comes once that is answered
    /// ([`ChallengeAnswerer`](crate::ChallengeAnswerer)).
    pub is_challenged: bool,
}

/// A page of a browser. It is cheap to clone. Its functions fail once the page is gone.
#[derive(Clone)]
pub struct Page {
    pub(super) core: Arc<Core>,
    pub(super) id: PageId,
}

impl Page {
    /// Returns the number of the page.
    #[must_use]
    pub fn id(&self) -> PageId {
        self.id
    }

    /// Goes to an http(s) address, and waits at most 30 s until its document begins to load or fails.
    ///
    /// # Errors
    /// [`BrowserError::Scheme`] for any other scheme; also when the page or the browser is gone. That the
    /// document did not arrive is no error: [`Navigation`] says so.
    pub async fn navigate(&self, url: &Url) -> Result<Navigation, BrowserError> {
        // The engine itself would open file: and chrome: for us.
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BrowserError::Scheme);
        }
        let session = self.session()?;
        let go = NavigateParams::new(url.as_str());
        let before = self.challenge();
        let answer = tokio::select! {
            biased;
            answer = self.core.cdp.call(Some(&session), go, NAVIGATION) => answer,
            () = self.challenged(before) => {
                return Ok(Navigation {
                    status: None,
                    error: None,
                    is_download: false,
                    is_challenged: true,
                });
            }
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(BrowserError::Timeout { .. }) => {
                let stop = StopLoadingParams::default();
                self.core.cdp.send(Some(&session), &stop);
                return Ok(Navigation {
                    status: None,
                    error: Some(NetError::Timeout),
                    is_download: false,
                    is_challenged: false,
                });
            }
            Err(error) => return Err(error),
        };
        let is_download = answer.is_download.unwrap_or(false);
        let error = answer
            .error_text
            .filter(|_| !is_download)
            .map(|text| self.core.net_error(&text, url.as_str()));
        let status = match (&answer.loader_id, error) {
            (Some(loader), None) if !is_download => self.arrival(loader.inner()).await?,
            _ => None,
        };
        Ok(Navigation {
            status,
            error,
            is_download,
            is_challenged: false,
        })
    }

    /// The challenge that the page waits with.
    fn challenge(&self) -> Option<Challenge> {
        self.core.state().challenges.of(self.id).cloned()
    }

    /// Waits until the page is challenged, by another one than before.
    async fn challenged(&self, before: Option<Challenge>) {
        let mut activity = self.core.activity.subscribe();
        loop {
            let now = self.challenge();
            if now.is_some() && now != before {
                return;
            }
            if activity.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Closes the page without asking it. The browser ends with its last page.
    ///
    /// # Errors
    /// When the page or the browser is gone.
    pub async fn close(&self) -> Result<(), BrowserError> {
        let close = CloseTargetParams::new(self.main_frame().0);
        self.core.cdp.call(None, close, DEADLINE).await.map(drop)
    }

    /// Returns the URL of the main frame; empty once the page is gone.
    #[must_use]
    pub fn url(&self) -> String {
        let state = self.core.state();
        let main = state.targets.page(self.id).map(|page| &page.main);
        main.and_then(|main| state.frames.get(main))
            .map(|frame| frame.url.clone())
            .unwrap_or_default()
    }

    /// Returns the title: plain text of the website, bounded in length.
    #[must_use]
    pub fn title(&self) -> String {
        let state = self.core.state();
        let page = state.targets.page(self.id);
        page.map(|page| page.title.clone()).unwrap_or_default()
    }

    /// Returns the main frame.
    #[must_use]
    pub fn main_frame(&self) -> FrameId {
        let state = self.core.state();
        match state.targets.page(self.id) {
            Some(page) => page.main.clone(),
            None => FrameId(String::new()),
        }
    }

    /// Returns all frames, the main one first and each after the frame that it is in.
    #[must_use]
    pub fn frames(&self) -> Vec<FrameInfo> {
        let main = self.main_frame();
        self.core.state().frames.of_page(self.id, &main)
    }

    /// Calls a function (`function (a, b) { … }`, may be async) in the isolated world of a frame,
    /// for at most 10 s, and reads the JSON that it returns.
    ///
    /// # Errors
    /// [`BrowserError::Script`] when the function throws, [`BrowserError::Answer`] when its result is no
    /// `T`, and [`BrowserError::Timeout`]; also when the frame or the browser is gone.
    pub async fn call<T: DeserializeOwned>(
        &self,
        frame: &FrameId,
        function_js: &str,
        args: &[Value],
    ) -> Result<T, BrowserError> {
        self.call_within(frame, function_js, args, DEADLINE).await
    }

    pub(super) async fn call_within<T: DeserializeOwned>(
        &self,
        frame: &FrameId,
        function_js: &str,
        args: &[Value],
        deadline: Duration,
    ) -> Result<T, BrowserError> {
        let result = self
            .evaluate(frame, function_js, args, true, deadline)
            .await?;
        // A function that returns nothing returns null.
        let value = result.value.unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|_| BrowserError::Answer {
            method: "Runtime.callFunctionOn",
        })
    }

    pub(super) async fn evaluate(
        &self,
        frame: &FrameId,
        function_js: &str,
        args: &[Value],
        by_value: bool,
        deadline: Duration,
    ) -> Result<RemoteObject, BrowserError> {
        let mut call = CallFunctionOnParams::new(function_js);
        call.arguments = Some(args.iter().map(argument).collect());
        call.return_by_value = Some(by_value);
        call.await_promise = Some(true);
        call.silent = Some(true);
        let mut activity = self.core.activity.subscribe();
        let mut tries = 0;
        let answer = loop {
            let (session, context) = self.world_of(frame).await?;
            (call.unique_context_id, call.execution_context_id) = match context {
                Context::Unique(name) => (Some(name), None),
                Context::Number(id) => (None, Some(id)),
            };
            let answer = self
                .core
                .cdp
                .call(Some(&session), call.clone(), deadline)
                .await;
            match answer {
                // The document went away before the call came: it is the next one's turn.
                Err(BrowserError::Refused { ref message, .. })
                    if tries < 20 && has_no_world(message) =>
                {
                    tries += 1;
                    let soon = Duration::from_millis(100);
                    let _ = tokio::time::timeout(soon, activity.changed()).await;
                }
                answer => break answer?,
            }
        };
        if let Some(thrown) = answer.exception_details {
            let said = thrown.exception.and_then(|exception| exception.description);
            return Err(BrowserError::Script(bounded(
                &said.unwrap_or(thrown.text),
                300,
            )));
        }
        Ok(answer.result)
    }

    /// Waits until nothing loads and no request runs for half a second. Returns false when `timeout` is over
    /// first.
    ///
    /// # Errors
    /// When the page or the browser is gone.
    pub async fn settle(&self, timeout: Duration) -> Result<bool, BrowserError> {
        let until = Instant::now() + timeout;
        loop {
            if let Some(reason) = self.core.cdp.ended() {
                return Err(reason.into());
            }
            let quiet = self.quiet_for().ok_or(FatalReason::NoPage)?;
            if quiet >= QUIET {
                return Ok(true);
            }
            let wait = (QUIET - quiet).min(Duration::from_millis(100));
            if Instant::now() + wait > until {
                return Ok(false);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// For how long nothing has loaded and no request has run; `None` once the page is gone.
    fn quiet_for(&self) -> Option<Duration> {
        let state = self.core.state();
        if state.targets.page(self.id)?.loading {
            return Some(Duration::ZERO);
        }
        state.network.quiet_for(self.id, Instant::now())
    }

    /// Types into the element that has the focus on this page, key by key.
    ///
    /// # Errors
    /// When the page or the browser is gone.
    pub async fn type_text(&self, text: &str) -> Result<(), BrowserError> {
        for c in text.chars() {
            let key = match c {
                '\n' | '\r' => "Enter".to_owned(),
                '\t' => "Tab".to_owned(),
                c => c.to_string(),
            };
            self.press(&key).await?;
        }
        Ok(())
    }

    /// Presses one key by its DOM name: `Enter`, `Tab`, `Backspace`, `a`.
    ///
    /// # Errors
    /// When the page or the browser is gone.
    pub async fn press(&self, key: &str) -> Result<(), BrowserError> {
        let session = self.session()?;
        let code = keys::code_of(key);
        for down in [true, false] {
            let event = key_event(KeyPress {
                down,
                key,
                code: &code,
                mods: 0,
                repeat: false,
            });
            // The answer says that the page has handled it; a dialog withholds it, which is no error.
            match self.core.cdp.call(Some(&session), event, DEADLINE).await {
                Ok(_) | Err(BrowserError::Timeout { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads the body that a request carried. It may hold credentials.
    ///
    /// # Errors
    /// [`BrowserError::TooLarge`] when it is longer than 64 KiB; also when Chromium no longer has it, or the
    /// frame or the browser is gone.
    pub async fn post_body(
        &self,
        frame: Option<&FrameId>,
        request: &RequestId,
    ) -> Result<Zeroizing<String>, BrowserError> {
        const MOST: usize = 64 * 1024;
        let session = match frame {
            Some(frame) => self.session_of(frame)?,
            None => self.session()?,
        };
        let ask = GetRequestPostDataParams::new(request.0.clone());
        let answer = self.core.cdp.call(Some(&session), ask, DEADLINE).await?;
        let body = Zeroizing::new(answer.post_data);
        if body.len() > MOST {
            return Err(BrowserError::TooLarge(MOST));
        }
        Ok(body)
    }

    /// Returns the mouse and the keyboard of a person, which act on the page that is looked at.
    #[must_use]
    pub fn input(&self) -> Input {
        Input {
            core: Arc::clone(&self.core),
        }
    }

    pub(super) fn session(&self) -> Result<String, BrowserError> {
        if let Some(reason) = self.core.cdp.ended() {
            return Err(reason.into());
        }
        self.core
            .session_of(self.id)
            .ok_or(FatalReason::NoPage.into())
    }

    pub(super) fn session_of(&self, frame: &FrameId) -> Result<String, BrowserError> {
        let state = self.core.state();
        let found = state.frames.get(frame).filter(|of| of.page == self.id);
        found
            .map(|of| of.session.clone())
            .ok_or(BrowserError::NoSuchFrame)
    }

    async fn world_of(&self, frame: &FrameId) -> Result<(String, Context), BrowserError> {
        if let Some(reason) = self.core.cdp.ended() {
            return Err(reason.into());
        }
        let session = self.session_of(frame)?;
        let known = {
            let state = self.core.state();
            state.frames.get(frame).and_then(|of| of.world.clone())
        };
        if let Some(name) = known {
            return Ok((session, Context::Unique(name)));
        }
        // The document is so new that its world was not announced yet.
        let mut make = CreateIsolatedWorldParams::new(frame.0.clone());
        make.world_name = Some(ISOLATED_WORLD.to_owned());
        let made = self.core.cdp.call(Some(&session), make, DEADLINE).await?;
        Ok((session, Context::Number(made.execution_context_id)))
    }

    /// Waits until the document that this loader brings is the page's, and says its status. The
    /// answer to the navigation comes a few moments before.
    async fn arrival(&self, loader: &str) -> Result<Option<u16>, BrowserError> {
        let mut activity = self.core.activity.subscribe();
        let until = Instant::now() + ARRIVAL;
        loop {
            let (status, arrived) = {
                let state = self.core.state();
                let page = state.targets.page(self.id).ok_or(FatalReason::NoPage)?;
                // The request that brings a document has its loader's name.
                let status = state.network.document_status(self.id, loader);
                (status, page.loader == loader)
            };
            if arrived && status.is_some() {
                return Ok(status);
            }
            if let Some(reason) = self.core.cdp.ended() {
                return Err(reason.into());
            }
            if !matches!(timeout_at(until, activity.changed()).await, Ok(Ok(()))) {
                return Ok(status);
            }
        }
    }
}

enum Context {
    Unique(String),
    Number(chromiumoxide_cdp::cdp::js_protocol::runtime::ExecutionContextId),
}

fn argument(value: &Value) -> CallArgument {
    CallArgument {
        value: Some(value.clone()),
        unserializable_value: None,
        object_id: None,
    }
}

fn has_no_world(message: &str) -> bool {
    [
        "uniqueContextId not found",
        "Cannot find context",
        "No frame for given id",
    ]
    .iter()
    .any(|words| message.contains(words))
}
