//! A hand at a browser: looks for things, clicks and types with real events.

use std::time::Duration;

use browser::{Browser, FrameId, Page, Profile, Viewport};
use serde_json::json;
use tokio::time::Instant;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A closed shadow root is no hiding place for a person: scripts of the tests look through the
/// watcher, which has adopted it by then.
const FIND: &str = "function (selector) {
  const look = (root) => {
    const hit = root.querySelector(selector);
    if (hit) return hit;
    for (const element of root.querySelectorAll('*')) {
      const inner = element.shadowRoot && look(element.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const hit = look(document);
  return hit && hit.checkVisibility() && hit.getBoundingClientRect().width > 0 ? hit : null;
}";

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Clicks on what a selector finds, in whatever frame.
    Click(&'static str),
    /// Clicks into a field and types.
    Type(&'static str, &'static str),
    /// Types where the focus is.
    Keys(&'static str),
    /// Presses a key.
    Press(&'static str),
    /// Waits until this can be seen.
    See(&'static str),
    /// Waits until the sign-in is judged, and not as a success: the caller of [`act`] does.
    Refused,
    /// Gives this user name and password beside the page, where the website challenges the browser: the caller of
    /// [`act`] does.
    Authenticate(&'static str, &'static str),
}

impl Do {
    /// Whether [`act`] does it.
    fn is_by_hand(self) -> bool {
        !matches!(self, Self::Refused | Self::Authenticate(..))
    }
}

/// Who sits at the browser: somebody in the United States at a small screen.
#[must_use]
pub fn profile() -> Profile {
    Profile {
        country: "US".to_owned(),
        accept_language: None,
        viewport: Viewport {
            width: 1000,
            height: 700,
        },
    }
}

/// The steps in their order: those that [`act`] does together, and each that its caller does alone.
pub fn parts(steps: &[Do]) -> impl Iterator<Item = &[Do]> {
    steps.chunk_by(|step, next| step.is_by_hand() && next.is_by_hand())
}

/// Does these steps, none of which is its caller's.
///
/// # Errors
/// A sentence, when something cannot be found or the browser is gone.
pub async fn act(browser: &Browser, steps: &[Do]) -> Result<(), String> {
    for step in steps {
        let page = browser.page();
        match *step {
            Do::Click(selector) => click(browser, selector).await,
            Do::Type(selector, text) => {
                click(browser, selector).await?;
                page.type_text(text)
                    .await
                    .map_err(|error| error.to_string())
            }
            Do::Keys(text) => page
                .type_text(text)
                .await
                .map_err(|error| error.to_string()),
            Do::Press(key) => page.press(key).await.map_err(|error| error.to_string()),
            Do::See(selector) => find(browser, selector).await.map(drop),
            Do::Refused | Do::Authenticate(..) => Err("it is no step of a hand".to_owned()),
        }
        .map_err(|error| format!("{step:?}: {error}"))?;
    }
    Ok(())
}

async fn click(browser: &Browser, selector: &str) -> Result<(), String> {
    let (page, frame) = find(browser, selector).await?;
    page.click(&frame, FIND, &[json!(selector)])
        .await
        .map_err(|error| error.to_string())
}

/// Looks again and again until there is something, for as long as a person has patience.
async fn find(browser: &Browser, selector: &str) -> Result<(Page, FrameId), String> {
    let is_there = format!("function (selector) {{ return Boolean(({FIND})(selector)); }}");
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let page = browser.page();
        for frame in page.frames() {
            let found = page.call(&frame.id, &is_there, &[json!(selector)]).await;
            if found.unwrap_or(false) {
                return Ok((page, frame.id));
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(format!("not found in {PATIENCE:?}"))
}
