//! Signs in again by a recipe, with real mouse and key events.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    credentials::Credentials,
    frames::FrameKey,
    listener::{Listener, open_roots},
    observe::Observer,
    recipe::{CredentialKind, FrameLocation, Locators, Recipe, Step},
    verdict::Verdict,
};
use crate::browser::{Browser, BrowserError, FrameId, Page};

/// A field or button that does not come within this time will not come.
const FIND: Duration = Duration::from_secs(12);
/// A control that leads to the form may be gone for good: a cookie banner already answered.
const OPEN: Duration = Duration::from_secs(3);
/// A page that shows no field for this long may hide it in a closed shadow root.
const INSIDE: Duration = Duration::from_secs(1);
/// What is not proven after this long is unknown.
const PROVE: Duration = Duration::from_secs(15);
/// No sign-in takes longer.
const WHOLE: Duration = Duration::from_secs(90);
/// A page that sends a password by itself does so this soon after its last key.
const BY_ITSELF: Duration = Duration::from_millis(500);
/// And what it says to it, it says this soon after the answer.
const SAID: Duration = Duration::from_secs(2);
/// A click gives the keyboard to a field within.
const FOCUS: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_millis(20);

const FIND_JS: &str =
    "function (locators, kind) { return globalThis.watcher?.find(locators, kind) ?? null; }";
const IS_THERE_JS: &str =
    "function (locators, kind) { return Boolean(globalThis.watcher?.find(locators, kind)); }";
/// Focuses and selects, so that typing replaces; says whether the field has the focus.
const FOCUS_JS: &str = "function (locators, kind) {
  const field = globalThis.watcher?.find(locators, kind);
  if (!field) return false;
  if (field.getRootNode().activeElement !== field) field.focus();
  field.select?.();
  globalThis.typing = field;
  return field.getRootNode().activeElement === field;
}";
const HELD_JS: &str = "function () {
  const field = globalThis.typing;
  return Boolean(field?.isConnected) && document.hasFocus() && field.getRootNode().activeElement === field;
}";
const LENGTH_JS: &str = "function (locators, kind) { return globalThis.watcher?.find(locators, kind)?.value.length ?? -1; }";

/// Signs in again. Each credential is typed only into a frame whose origin is exactly the one that
/// the client typed it into, and the password is sent once at most: one that was refused must
/// never be tried again, also where the page sends it by itself at its last key. [`Verdict::Unknown`] also when the site no longer has what the recipe
/// needs.
///
/// `before_password` is awaited before the password's first key, since some pages send a form by
/// themselves: as long as it was not called, the website has not got the password.
///
/// # Errors
/// When the browser is gone or does not answer, or `before_password` fails.
pub async fn replay<E: From<BrowserError>>(
    browser: &Browser,
    recipe: &Recipe,
    credentials: &Credentials,
    before_password: impl AsyncFnOnce() -> Result<(), E>,
) -> Result<Verdict, E> {
    let listener = Listener::start(browser, Observer::expecting(recipe.success.clone())).await?;
    let mut replayer = Replayer {
        listener,
        until: Instant::now() + WHOLE,
    };
    let page = browser.page();
    let navigation = page.navigate(&recipe.start).await?;
    if navigation.error.is_some() || navigation.status.is_some_and(|status| status >= 500) {
        return Ok(Verdict::SiteDown);
    }
    let followed = replayer.follow(&page, recipe, credentials, before_password);
    if let Some(verdict) = followed.await? {
        return Ok(verdict);
    }
    Ok(replayer.verdict().await?)
}

struct Replayer {
    listener: Listener,
    until: Instant,
}

/// A frame that has what is looked for.
struct Found {
    page: Page,
    frame: FrameId,
}

impl Replayer {
    /// Does all steps; a verdict when they cannot be done to the end.
    async fn follow<E: From<BrowserError>>(
        &mut self,
        page: &Page,
        recipe: &Recipe,
        credentials: &Credentials,
        before_password: impl AsyncFnOnce() -> Result<(), E>,
    ) -> Result<Option<Verdict>, E> {
        let mut went_to_form = false;
        let mut before_password = Some(before_password);
        let mut last_page = page.clone();
        let mut sent_itself = false;
        for (index, step) in recipe.steps.iter().enumerate() {
            match step {
                Step::Open { at, target } => {
                    if !self.form_is_there(recipe, index).await? {
                        self.open(at, target).await?;
                    }
                }
                Step::Fill { at, what, target } => {
                    let kind = kind_of(*what);
                    let mut found = self.wait_for(at, target, kind, FIND).await?;
                    if let Waited::Gone = found
                        && !went_to_form
                        && at.main
                    {
                        // The way there changed; the form may be where it was.
                        went_to_form = true;
                        if let Ok(url) = format!("{}{}", at.origin, at.path).parse() {
                            page.navigate(&url).await?;
                            found = self.wait_for(at, target, kind, FIND).await?;
                        }
                    }
                    let found = match found {
                        Waited::Found(found) => found,
                        Waited::Verdict(verdict) => return Ok(Some(verdict)),
                        Waited::Gone => return Ok(Some(Verdict::Unknown)),
                    };
                    if *what == CredentialKind::Password {
                        match before_password.take() {
                            Some(before_password) => before_password().await?,
                            None => return Ok(Some(Verdict::Unknown)),
                        }
                    }
                    match self.fill(&found, at, target, *what, credentials).await? {
                        Filled::No => return Ok(Some(Verdict::Unknown)),
                        Filled::Yes => {}
                        Filled::Sent => sent_itself = true,
                    }
                    last_page = found.page;
                }
                Step::Submit { .. } if sent_itself => {}
                Step::Submit { at, target } => self.submit(&last_page, at, target.as_ref()).await?,
            }
        }
        Ok(None)
    }

    /// The next field to fill can be seen already.
    async fn form_is_there(&mut self, recipe: &Recipe, from: usize) -> Result<bool, BrowserError> {
        let next = recipe.steps.iter().skip(from).find_map(|step| match step {
            Step::Fill { at, what, target } => Some((at, *what, target)),
            _ => None,
        });
        let Some((at, what, target)) = next else {
            return Ok(false);
        };
        self.settle().await;
        Ok(self.find(at, target, kind_of(what)).await?.is_some())
    }

    async fn open(&mut self, at: &FrameLocation, target: &Locators) -> Result<(), BrowserError> {
        if let Waited::Found(found) = self.wait_for(at, target, "control", OPEN).await? {
            self.click(&found, target, "control").await?;
            self.settle().await;
        }
        Ok(())
    }

    async fn settle(&mut self) {
        if let Some(page) = self.listener.pages().last().cloned() {
            // A page that never settles is tried all the same.
            let _ = page.settle(OPEN).await;
        }
    }

    async fn click(
        &self,
        found: &Found,
        target: &Locators,
        kind: &str,
    ) -> Result<bool, BrowserError> {
        match found
            .page
            .click(&found.frame, FIND_JS, &arguments(target, kind))
            .await
        {
            Ok(()) => Ok(true),
            Err(error) => missing(error, false),
        }
    }

    /// Types one credential.
    async fn fill(
        &mut self,
        found: &Found,
        at: &FrameLocation,
        target: &Locators,
        what: CredentialKind,
        credentials: &Credentials,
    ) -> Result<Filled, BrowserError> {
        let kind = kind_of(what);
        let text = match what {
            CredentialKind::Username => &credentials.username,
            CredentialKind::Password => &credentials.password,
        };
        let mut typed = false;
        for _ in 0..3 {
            self.click(found, target, kind).await?;
            let focused = found
                .page
                .call(&found.frame, FOCUS_JS, &arguments(target, kind))
                .await;
            if !focused.or_else(|error| missing(error, false))? {
                return Ok(Filled::No);
            }
            // A page that sends a password by itself does so at its last key.
            let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
            let (head, tail) = text.split_at(last);
            typed = keys(found, at, head).await?;
            if typed && what == CredentialKind::Password {
                // What happened before is none of this.
                self.listener.catch_up();
                let (page, frame) = (found.page.id(), found.frame.clone());
                let there = FrameKey { page, frame };
                self.listener.observer.types_password(Some(there));
            }
            typed = typed && keys(found, at, tail).await?;
            if what == CredentialKind::Password && self.sent_itself(found, target, text).await? {
                return Ok(Filled::Sent);
            }
            // A page that was still starting may have emptied the field.
            if typed && holds(found, target, kind, text).await? {
                return Ok(Filled::Yes);
            }
        }
        // The site may write what is typed in a way of its own.
        Ok(if typed && origin_is(found, at) {
            Filled::Yes
        } else {
            Filled::No
        })
    }

    /// Whether the page sent the password by itself: something went out with the last key, and the
    /// website has said something to it, or the page took it out of the field. Other pages only ask
    /// for advice on it.
    async fn sent_itself(
        &mut self,
        found: &Found,
        target: &Locators,
        password: &str,
    ) -> Result<bool, BrowserError> {
        let typed = Instant::now();
        let mut sent = false;
        let mut answered = None;
        let sent_itself = loop {
            let status = self.listener.next().await?;
            sent |= self.listener.observer.sent_while_typed();
            if typed.elapsed() > BY_ITSELF {
                // What goes out later is something else.
                self.listener.observer.types_password(None);
                if !sent {
                    return Ok(false);
                }
            }
            if !sent {
                continue;
            }
            if status.verdict.is_some_and(|verdict| is_said(&verdict))
                || !holds(found, target, "password", password).await?
            {
                break true;
            }
            if self.listener.observer.awaits_answer() {
                answered = None;
                if typed.elapsed() > FIND {
                    break true;
                }
            } else if answered.get_or_insert_with(Instant::now).elapsed() > SAID {
                break false;
            }
        };
        self.listener.observer.types_password(None);
        Ok(sent_itself)
    }

    async fn submit(
        &mut self,
        page: &Page,
        at: &FrameLocation,
        target: Option<&Locators>,
    ) -> Result<(), BrowserError> {
        if let Some(target) = target {
            match self.wait_for(at, target, "control", OPEN).await? {
                Waited::Found(found) if self.click(&found, target, "control").await? => {
                    return Ok(());
                }
                // It was sent, and answered.
                Waited::Verdict(_) => return Ok(()),
                Waited::Found(_) | Waited::Gone => {}
            }
        }
        page.press("Enter").await
    }

    async fn find(
        &self,
        at: &FrameLocation,
        target: &Locators,
        kind: &str,
    ) -> Result<Option<Found>, BrowserError> {
        let pages: Vec<Page> = self.listener.pages().cloned().collect();
        for page in pages.into_iter().rev() {
            for frame in page
                .frames()
                .into_iter()
                .filter(|frame| frame.origin == at.origin)
            {
                let there = page
                    .call(&frame.id, IS_THERE_JS, &arguments(target, kind))
                    .await;
                if there.or_else(|error| missing(error, false))? {
                    let frame = frame.id;
                    return Ok(Some(Found { page, frame }));
                }
            }
        }
        Ok(None)
    }

    async fn wait_for(
        &mut self,
        at: &FrameLocation,
        target: &Locators,
        kind: &str,
        patience: Duration,
    ) -> Result<Waited, BrowserError> {
        let until = self.until.min(Instant::now() + patience);
        let mut looked_inside = Instant::now();
        loop {
            if let Some(found) = self.find(at, target, kind).await? {
                return Ok(Waited::Found(found));
            }
            if looked_inside.elapsed() > INSIDE {
                looked_inside = Instant::now();
                self.open_roots(at).await?;
            }
            let status = self.listener.next().await?;
            if let Some(verdict) = status
                .verdict
                .filter(|verdict| *verdict != Verdict::Unknown)
            {
                return Ok(Waited::Verdict(verdict));
            }
            if Instant::now() > until {
                return Ok(Waited::Gone);
            }
        }
    }

    /// What is looked for may be in a closed shadow root.
    async fn open_roots(&self, at: &FrameLocation) -> Result<(), BrowserError> {
        for page in self.listener.pages() {
            for frame in page.frames().into_iter().filter(|f| f.origin == at.origin) {
                let opened = open_roots(page, &frame.id).await;
                opened.map(drop).or_else(|error| missing(error, ()))?;
            }
        }
        Ok(())
    }

    /// What came of it, once all is sent.
    async fn verdict(&mut self) -> Result<Verdict, BrowserError> {
        let mut until = self.until;
        let mut asked = false;
        loop {
            match self.listener.next().await?.verdict {
                // A slow page may still prove itself.
                Some(Verdict::Unknown) if !asked => {
                    asked = true;
                    until = until.min(Instant::now() + PROVE);
                }
                Some(Verdict::Unknown) => {}
                Some(verdict) => return Ok(verdict),
                None => {}
            }
            if Instant::now() > until {
                return Ok(Verdict::Unknown);
            }
        }
    }
}

enum Filled {
    /// The field or its origin went away.
    No,
    Yes,
    /// And the page sent it.
    Sent,
}

enum Waited {
    Found(Found),
    Verdict(Verdict),
    Gone,
}

/// Types into the focused field. False when something else took the keyboard: another website, or a
/// chat's frame on the same page.
async fn keys(found: &Found, at: &FrameLocation, text: &str) -> Result<bool, BrowserError> {
    for c in text.chars() {
        // Looked at before every key.
        if !origin_is(found, at) || !held(found).await? {
            return Ok(false);
        }
        found.page.type_text(c.encode_utf8(&mut [0; 4])).await?;
    }
    Ok(true)
}

/// Not only a status, which may be the answer to anything.
fn is_said(verdict: &Verdict) -> bool {
    !matches!(
        verdict,
        Verdict::Unknown
            | Verdict::SiteDown
            | Verdict::Rejected { message: None }
            | Verdict::Locked { message: None }
    )
}

/// Whether all of it stands in the field.
async fn holds(
    found: &Found,
    target: &Locators,
    kind: &str,
    text: &str,
) -> Result<bool, BrowserError> {
    let arguments = arguments(target, kind);
    let length = found.page.call::<i64>(&found.frame, LENGTH_JS, &arguments);
    let length = length.await.or_else(|error| missing(error, -1))?;
    Ok(usize::try_from(length).is_ok_and(|length| length >= text.chars().count()))
}

/// Whether the field has the keyboard, or gets it in a moment.
async fn held(found: &Found) -> Result<bool, BrowserError> {
    let until = Instant::now() + FOCUS;
    loop {
        let held = found.page.call(&found.frame, HELD_JS, &[]).await;
        let held = held.or_else(|error| missing(error, false))?;
        if held || Instant::now() > until {
            return Ok(held);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Exactly the origin the credential belongs to, as the browser says.
fn origin_is(found: &Found, at: &FrameLocation) -> bool {
    let frames = found.page.frames();
    frames
        .iter()
        .any(|frame| frame.id == found.frame && frame.origin == at.origin)
}

fn kind_of(what: CredentialKind) -> &'static str {
    match what {
        CredentialKind::Username => "text",
        CredentialKind::Password => "password",
    }
}

fn arguments(target: &Locators, kind: &str) -> [Value; 2] {
    [json!(target), json!(kind)]
}

/// Pages change under our replayer: what is gone is not there, all else is an error.
fn missing<T>(error: BrowserError, instead: T) -> Result<T, BrowserError> {
    match error {
        BrowserError::NoSuchFrame
        | BrowserError::NoSuchElement
        | BrowserError::Script(_)
        | BrowserError::Refused { .. }
        | BrowserError::Answer { .. } => Ok(instead),
        other => Err(other),
    }
}
