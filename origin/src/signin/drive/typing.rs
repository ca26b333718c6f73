//! Types one value into a field, with real mouse and key events, and only into the frame that it belongs to.

use std::time::Duration;

use browser::BrowserError;
use tokio::time::{Instant, sleep};

use super::{
    super::{
        capture::Submission, frames::FrameKey, gone::gone, listener::Listener,
        recipe::FrameLocation, verdict::Verdict,
    },
    elements::{Elements, Found, Waited, Wanted, click},
};

/// The field must keep the keyboard for this long before the first key.
const FOCUS_STEADY: Duration = Duration::from_millis(120);
/// A click gives the keyboard to a field within this time.
const FOCUS: Duration = Duration::from_millis(500);
/// The pause between two looks at the focus.
const LOOK: Duration = Duration::from_millis(20);
/// A page that sends a value by itself does so this soon after its last key.
const BY_ITSELF: Duration = Duration::from_millis(500);
/// What the website says to that, it says this soon after its answer.
const SAID: Duration = Duration::from_secs(2);
/// An answer to what the page sent by itself is waited for this long.
const ANSWER: Duration = Duration::from_secs(12);
/// A value that the page does not keep is typed so often at most.
const TRIES: usize = 3;

/// Focuses the field and selects what it holds, so that typing replaces it. Tells whether it has the focus.
const FOCUS_JS: &str = "function (locators, kind) {
  const field = globalThis.watcher?.find(locators, kind);
  if (!field) return false;
  if (field.getRootNode().activeElement !== field) field.focus();
  field.select?.();
  globalThis.typing = field;
  return field.getRootNode().activeElement === field;
}";
/// Whether the field still has the keyboard; with `boxes`, or the next box of a code that has one for each digit.
const HELD_JS: &str = "function (boxes) {
  const field = globalThis.typing;
  if (!field?.isConnected || !document.hasFocus()) return false;
  const active = field.getRootNode().activeElement;
  return active === field || (boxes && active instanceof HTMLInputElement && active.maxLength === 1 && active.form === field.form);
}";
/// Before each character of a code: goes on to the next box where a code has one for each and the page does not do so.
const NEXT_BOX_JS: &str = "function (first) { globalThis.watcher?.nextBox(first); return null; }";
const LENGTH_JS: &str = "function (locators, kind) { return globalThis.watcher?.find(locators, kind)?.value.length ?? -1; }";

/// What a value is, for the rules of typing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signin) enum Sensitivity {
    /// May be typed again as often as needed.
    Plain,
    /// A password: sent once at most.
    Password,
    /// A one-time code: typed once at most.
    Code,
}

/// What came of typing a value.
pub(in crate::signin) enum Typed {
    /// The field holds the value.
    Held,
    /// The page sent it by itself.
    Sent,
    /// The website said something instead of showing the field. Nothing was typed.
    Verdict(Verdict),
    /// The field did not come or did not take the value; nothing was sent.
    Missing,
}

/// Types `text` into the wanted field once it is ready, before `until`. What the website said before does not matter:
/// it has shown the field since.
pub(in crate::signin) async fn type_value(
    elements: &mut Elements,
    listener: &mut Listener,
    wanted: &Wanted<'_>,
    text: &str,
    what: Sensitivity,
    until: Instant,
) -> Result<Typed, BrowserError> {
    let mut tries = 0;
    let mut first_document: Option<String> = None;
    loop {
        let found = match elements.wait_for(listener, wanted, until, false).await? {
            Waited::Found(found) => found,
            Waited::Verdict(verdict) => return Ok(Typed::Verdict(verdict)),
            Waited::Missing => return Ok(Typed::Missing),
        };
        if what != Sensitivity::Plain
            && first_document.as_ref().is_some_and(|doc| *doc != found.doc)
        {
            // The document went away while a secret was typed: it may have been sent.
            return Ok(Typed::Sent);
        }
        if !take_focus(&found, wanted, what).await? {
            if Instant::now() > until {
                return Ok(Typed::Missing);
            }
            listener.next().await?;
            continue;
        }
        first_document.get_or_insert_with(|| found.doc.clone());
        tries += 1;
        let typed = type_once(listener, &found, wanted, text, what).await?;
        match what {
            Sensitivity::Plain => {}
            Sensitivity::Password | Sensitivity::Code => {
                if sent_by_itself(listener, &found, wanted, text, what).await? {
                    return Ok(Typed::Sent);
                }
            }
        }
        if typed && (what == Sensitivity::Code || holds(&found, wanted, text).await?) {
            return Ok(Typed::Held);
        }
        // A page that was still starting may have emptied the field.
        if tries == TRIES {
            // The site may write what is typed in a way of its own.
            let held = typed && is_of_origin(&found, wanted.at);
            return Ok(if held { Typed::Held } else { Typed::Missing });
        }
    }
}

/// Clicks into the field. True when it has the keyboard, and keeps it for a moment.
async fn take_focus(
    found: &Found,
    wanted: &Wanted<'_>,
    what: Sensitivity,
) -> Result<bool, BrowserError> {
    click(found, wanted).await?;
    let focused = found
        .page
        .call(&found.frame, FOCUS_JS, &wanted.arguments())
        .await;
    if !focused.or_else(|error| gone(error, false))? || !has_keyboard(found, what).await? {
        return Ok(false);
    }
    sleep(FOCUS_STEADY).await;
    has_keyboard(found, what).await
}

/// Types all of it into the field that has the focus. False when the focus or the origin was lost.
async fn type_once(
    listener: &mut Listener,
    found: &Found,
    wanted: &Wanted<'_>,
    text: &str,
    what: Sensitivity,
) -> Result<bool, BrowserError> {
    // A page that sends a value by itself does so at its last key.
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    let (head, tail) = text.split_at(last);
    if !keys(found, wanted.at, head, what, true).await? {
        return Ok(false);
    }
    let submission = match what {
        Sensitivity::Plain => None,
        Sensitivity::Password => Some(Submission::Password),
        Sensitivity::Code => Some(Submission::Code),
    };
    if let Some(submission) = submission {
        // What happened before is no answer to it.
        listener.catch_up();
        let key = FrameKey {
            page: found.page.id(),
            frame: found.frame.clone(),
        };
        listener.observer.expect_submission(key, submission);
    }
    keys(found, wanted.at, tail, what, head.is_empty()).await
}

/// Types into the focused field, looking at focus and origin before every key. False when something
/// else took the keyboard: another website, or the frame of a chat on the same page.
async fn keys(
    found: &Found,
    at: &FrameLocation,
    text: &str,
    what: Sensitivity,
    begins: bool,
) -> Result<bool, BrowserError> {
    for (index, c) in text.chars().enumerate() {
        if what == Sensitivity::Code {
            let first = [serde_json::Value::Bool(begins && index == 0)];
            let moved = found.page.call(&found.frame, NEXT_BOX_JS, &first).await;
            moved.or_else(|error| gone(error, ()))?;
        }
        if !is_of_origin(found, at) || !has_keyboard(found, what).await? {
            return Ok(false);
        }
        found.page.type_text(c.encode_utf8(&mut [0; 4])).await?;
    }
    Ok(true)
}

/// Whether the page sent the value by itself: something went out with the last key, and the website
/// has said something to it, or the page took it out of the field. Other pages only ask for advice on it.
async fn sent_by_itself(
    listener: &mut Listener,
    found: &Found,
    wanted: &Wanted<'_>,
    text: &str,
    what: Sensitivity,
) -> Result<bool, BrowserError> {
    let typed = Instant::now();
    let mut sent = false;
    let mut answered = None;
    let sent_by_itself = loop {
        let status = listener.next().await?;
        sent |= listener.observer.saw_expected_submission();
        if typed.elapsed() > BY_ITSELF {
            // What goes out later is something else.
            listener.observer.expect_no_submission();
            if !sent {
                return Ok(false);
            }
        }
        if !sent {
            continue;
        }
        let held = what == Sensitivity::Code || holds(found, wanted, text).await?;
        if status
            .verdict
            .is_some_and(|verdict| is_answer(&verdict, what))
            || !held
        {
            break true;
        }
        if listener.observer.awaits_answer() {
            answered = None;
            if typed.elapsed() > ANSWER {
                break true;
            }
        } else if answered.get_or_insert_with(Instant::now).elapsed() > SAID {
            // A code is never sent twice, so whatever went out counts.
            break what == Sensitivity::Code;
        }
    };
    listener.observer.expect_no_submission();
    Ok(sent_by_itself)
}

/// What a website says in words or shows. Forms alone may be due to something else.
fn is_answer(verdict: &Verdict, what: Sensitivity) -> bool {
    match verdict {
        Verdict::Unknown
        | Verdict::SiteDown
        | Verdict::Rejected { message: None }
        | Verdict::Locked { message: None } => false,
        // The page asked for the code before it was typed.
        Verdict::CodeNeeded { .. } => what != Sensitivity::Code,
        _ => true,
    }
}

/// Whether the field holds all of the text.
pub(in crate::signin) async fn holds(
    found: &Found,
    wanted: &Wanted<'_>,
    text: &str,
) -> Result<bool, BrowserError> {
    let length = found
        .page
        .call::<i64>(&found.frame, LENGTH_JS, &wanted.arguments())
        .await
        .or_else(|error| gone(error, -1))?;
    Ok(usize::try_from(length).is_ok_and(|length| length >= text.chars().count()))
}

/// Whether the field has the keyboard, or gets it in a moment.
async fn has_keyboard(found: &Found, what: Sensitivity) -> Result<bool, BrowserError> {
    let until = Instant::now() + FOCUS;
    let boxes = [serde_json::Value::Bool(what == Sensitivity::Code)];
    loop {
        let held = found.page.call(&found.frame, HELD_JS, &boxes).await;
        let held = held.or_else(|error| gone(error, false))?;
        if held || Instant::now() > until {
            return Ok(held);
        }
        sleep(LOOK).await;
    }
}

/// Whether the frame still has exactly the origin that the value belongs to, as the browser says.
fn is_of_origin(found: &Found, at: &FrameLocation) -> bool {
    let frames = found.page.frames();
    frames
        .iter()
        .any(|frame| frame.id == found.frame && frame.origin == at.origin)
}
