//! What the pages show where a sign-in did not go on: a picture and an outline of their controls, without what anybody
//! typed or owns.

use browser::{BrowserError, DOM_HELPERS, FrameId, Page};
use serde_json::json;

use super::{
    frames::{FrameKey, address},
    listener::Listener,
};

/// Characters of the outline of all frames together.
const OUTLINE_LENGTH: usize = 64 * 1_024;
/// Frames of one page that are masked; a page with more has no picture.
const FRAMES: usize = 20;
/// Bytes of the picture.
const PICTURE_BYTES: usize = 700 * 1_024;
/// Kinds of account words on a page that is an account's.
const ACCOUNT_KINDS: usize = 2;

/// A page as it may be kept.
#[derive(Default)]
pub(super) struct PageOutline {
    /// Origin and path, without digits.
    pub(super) address: String,
    /// One line for each control, label and heading.
    pub(super) outline: String,
    /// A JPEG in which all fields, and all that may be an account's, are masked; none where that cannot be vouched for.
    pub(super) picture: Option<Vec<u8>>,
}

/// Masks the newest page and reads it. The page is of no more use after that.
pub(super) async fn outline(
    listener: &Listener,
    username: &str,
) -> Result<PageOutline, BrowserError> {
    let Some(page) = listener.pages().next_back() else {
        return Ok(PageOutline::default());
    };
    let name = username.to_lowercase();
    let frames = page.frames();
    let seen = listener.observer.frames();
    // One frame with an account in it makes the page an account's.
    let is_account = seen.iter().any(|(key, seen)| {
        key.page == page.id()
            && seen.state.as_ref().is_some_and(|state| {
                let marks = &state.marks;
                let can_leave = marks.sign_out + marks.sign_out_hidden > 0;
                can_leave
                    || marks.greeting
                    || marks.signed_in_as
                    || marks.account.len() >= ACCOUNT_KINDS
            })
    });
    let was_read = |frame: &FrameId| {
        let key = FrameKey {
            page: page.id(),
            frame: frame.clone(),
        };
        seen.get(&key).is_some_and(|seen| seen.state.is_some())
    };
    let mut outline = String::new();
    let mut is_masked = frames.len() <= FRAMES;
    for frame in frames.iter().take(FRAMES) {
        let left = OUTLINE_LENGTH.saturating_sub(outline.len());
        let script = in_page("return pageOutline.outline(document, name, isAccount, most);");
        let read: Result<String, _> = page
            .call(
                &frame.id,
                &script,
                &[json!(name), json!(is_account), json!(left)],
            )
            .await;
        if let Ok(read) = read
            && read.len() <= left
        {
            outline.push_str(&read);
            outline.push('\n');
        }
        let known = was_read(&frame.id) || frame.parent.is_some();
        is_masked &= known && mask(page, &frame.id, &name, is_account).await.is_ok();
    }
    let mut picture = None;
    if is_masked {
        picture = page.screenshot(PICTURE_BYTES).await.ok();
        // What the page has written since may be in the picture.
        for frame in &frames {
            let script = in_page("return pageOutline.mask(document, name, isAccount, false);");
            let args = [json!(name), json!(is_account)];
            let changed: Result<u32, _> = page.call(&frame.id, &script, &args).await;
            picture = picture.filter(|_| matches!(changed, Ok(0)));
        }
        if page.frames() != frames {
            picture = None;
        }
    }
    let address = address(&page.url());
    Ok(PageOutline {
        address: address
            .chars()
            .map(|c| if c.is_numeric() { '0' } else { c })
            .collect(),
        outline,
        picture,
    })
}

/// Masks one frame. An error when that cannot be vouched for.
async fn mask(
    page: &Page,
    frame: &FrameId,
    name: &str,
    is_account: bool,
) -> Result<(), BrowserError> {
    let script = in_page(
        "globalThis.rootsMasked = 0;
         globalThis.maskRoot = (root) => { pageOutline.mask(root, name, isAccount, true); globalThis.rootsMasked += 1; };
         return pageOutline.mask(document, name, isAccount, true);",
    );
    let args = [json!(name), json!(is_account)];
    let _: u32 = page.call(frame, &script, &args).await?;
    let roots = page
        .closed_roots(frame, "function (root) { globalThis.maskRoot(root); }")
        .await?;
    let done: usize = page
        .call(frame, "function () { return globalThis.rootsMasked; }", &[])
        .await?;
    if done == roots {
        Ok(())
    } else {
        Err(BrowserError::NoSuchElement)
    }
}

/// A function of the user name, whether it is an account's page, and a length; it may use all of `page_outline.js`.
fn in_page(body: &str) -> String {
    let script = include_str!("page_outline.js");
    format!("function (name, isAccount, most) {{ {DOM_HELPERS}\n{script}\n{body} }}")
}
