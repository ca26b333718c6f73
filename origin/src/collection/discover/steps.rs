//! What is pressed on a page to see more of it: selects, page numbers, "show more", tabs.

use std::collections::HashSet;

use serde_json::json;
use url::Url;

use crate::browser::{BrowserError, FrameId, Page};

use super::{
    classify::{Use, is_chooser, is_no_choice, use_of},
    survey::{Select, Survey, Thing, View},
};

/// One thing to press.
pub struct Step {
    /// What it is and in which state of the page: never pressed twice.
    pub key: String,
    frame: FrameId,
    what: What,
}

enum What {
    Click(usize),
    Choose {
        select: usize,
        value: String,
        submit: Option<usize>,
    },
}

const CHOOSE: &str = "function (n, value) {
  const select = globalThis.seen?.[n];
  if (!select || select.localName !== 'select') return false;
  select.focus();
  select.value = value;
  select.dispatchEvent(new Event('input', { bubbles: true }));
  select.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}";
/// The element with a number of the last survey.
pub const ELEMENT: &str = "function (n) {
  const element = globalThis.seen?.[n];
  return element?.isConnected ? element : null;
}";

/// The next thing to press, if any is left.
#[must_use]
pub fn next(view: &View, pressed: &HashSet<String>, has_bills: bool) -> Option<Step> {
    let here = Url::parse(view.url()).ok()?;
    choose(view, &here, pressed)
        .or_else(|| more(view, &here, pressed))
        .or_else(|| open(view, &here, pressed, has_bills))
}

/// Every option of every select that changes which bills are shown, for every choice of the others.
fn choose(view: &View, here: &Url, pressed: &HashSet<String>) -> Option<Step> {
    for (frame, survey) in &view.frames {
        for select in survey.selects.iter().filter(|select| is_chooser(select)) {
            for option in &select.options {
                if option.disabled || is_no_choice(&option.text) {
                    continue;
                }
                let key = choice(survey, select, &option.value, here);
                if !pressed.contains(&key) {
                    let what = What::Choose {
                        select: select.n,
                        value: option.value.clone(),
                        submit: select.submit,
                    };
                    return Some(Step {
                        key,
                        frame: frame.clone(),
                        what,
                    });
                }
            }
        }
    }
    None
}

/// The keys of the choices that a view shows now: they need not be made.
pub fn chosen_now(view: &View) -> Vec<String> {
    let Ok(here) = Url::parse(view.url()) else {
        return Vec::new();
    };
    let of = |survey: &Survey| {
        survey
            .selects
            .iter()
            .filter(|select| is_chooser(select))
            .map(|select| choice(survey, select, &chosen(select), &here))
            .collect::<Vec<_>>()
    };
    view.frames
        .iter()
        .flat_map(|(_, survey)| of(survey))
        .collect()
}

/// One value of one select, and the values of the others beside it.
fn choice(survey: &Survey, select: &Select, value: &str, here: &Url) -> String {
    let others = survey
        .selects
        .iter()
        .filter(|other| other.n != select.n && is_chooser(other))
        .map(|other| format!("{}={};", other.name, chosen(other)));
    format!(
        "choose {} {}={value} | {}",
        here.path(),
        select.name,
        others.collect::<String>()
    )
}

fn chosen(select: &Select) -> String {
    usize::try_from(select.chosen)
        .ok()
        .and_then(|at| select.options.get(at))
        .map(|option| option.value.clone())
        .unwrap_or_default()
}

/// "Next" and "show more" without a place of their own, once in each state of the page.
fn more(view: &View, here: &Url, pressed: &HashSet<String>) -> Option<Step> {
    let state = view.fingerprint();
    view.things()
        .filter(|(_, _, thing)| {
            leads_to(thing, here).is_none() && use_of(thing, here, false) == Use::More
        })
        .find_map(|(frame, _, thing)| {
            let key = format!("more {state:x} {} {}", thing.text, thing.label);
            (!pressed.contains(&key)).then(|| Step {
                key,
                frame: frame.clone(),
                what: What::Click(thing.n),
            })
        })
}

/// Tabs, menus and buttons that lead somewhere without a link, best first, each once.
fn open(view: &View, here: &Url, pressed: &HashSet<String>, has_bills: bool) -> Option<Step> {
    let least = if has_bills { super::PROMISING } else { 40 };
    let mut best: Option<(i32, Step)> = None;
    for (frame, _, thing) in view.things() {
        if leads_to(thing, here).is_some() || thing.current {
            continue;
        }
        let Use::Page(score) = use_of(thing, here, false) else {
            continue;
        };
        let key = format!(
            "open {} {} {}",
            thing.text,
            thing.label,
            if thing.text.is_empty() {
                thing.context.as_str()
            } else {
                ""
            }
        );
        if score >= least
            && !pressed.contains(&key)
            && best.as_ref().is_none_or(|(most, _)| score > *most)
        {
            best = Some((
                score,
                Step {
                    key,
                    frame: frame.clone(),
                    what: What::Click(thing.n),
                },
            ));
        }
    }
    best.map(|(_, step)| step)
}

/// The key is of a list's page: pressing it again shows the page again.
#[must_use]
pub fn is_repeatable(key: &str) -> bool {
    key.starts_with("more ") || key.starts_with("choose ")
}

/// Presses it.
///
/// # Errors
/// When the browser is gone. A thing that cannot be pressed is left.
pub async fn press(page: &Page, view: &View, step: &Step) -> Result<(), BrowserError> {
    let done = match &step.what {
        What::Click(n) => page.click(&step.frame, ELEMENT, &[json!(n)]).await,
        What::Choose {
            select,
            value,
            submit,
        } => choose_option(page, view, &step.frame, *select, value, *submit).await,
    };
    match done {
        Err(error @ BrowserError::Gone(_)) => Err(error),
        _ => Ok(()),
    }
}

/// Clicks a thing of the last survey; false when it is gone.
///
/// # Errors
/// When the browser is gone.
pub async fn click(page: &Page, frame: &FrameId, n: usize) -> Result<bool, BrowserError> {
    match page.click(frame, ELEMENT, &[json!(n)]).await {
        Ok(()) => Ok(true),
        Err(error @ BrowserError::Gone(_)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Chooses; when the page does nothing about it, its form is sent.
async fn choose_option(
    page: &Page,
    view: &View,
    frame: &FrameId,
    select: usize,
    value: &str,
    submit: Option<usize>,
) -> Result<(), BrowserError> {
    const NOTICE: std::time::Duration = std::time::Duration::from_secs(8);
    page.call::<bool>(frame, CHOOSE, &[json!(select), json!(value)])
        .await?;
    page.settle(NOTICE).await?;
    let Some(submit) = submit else { return Ok(()) };
    let after = super::look(page).await?;
    let same = |survey: &Survey| {
        view.frames
            .iter()
            .any(|(_, before)| before.text == survey.text && before.url == survey.url)
    };
    if after.frames.iter().all(|(_, survey)| same(survey)) {
        // The numbers are the new survey's; the button is the same one.
        let button = after
            .frames
            .iter()
            .find(|(id, _)| id == frame)
            .and_then(|(_, survey)| survey.selects.iter().find_map(|select| select.submit))
            .unwrap_or(submit);
        page.click(frame, ELEMENT, &[json!(button)]).await?;
    }
    Ok(())
}

/// It has an address that can be visited or fetched, not only a script.
#[must_use]
pub fn is_place(thing: &Thing) -> bool {
    let scripted = thing.raw.as_deref().is_none_or(|raw| {
        let raw = raw.trim();
        raw.is_empty()
            || raw == "#"
            || raw == "#!"
            || raw.starts_with("javascript:")
            || (raw.starts_with('#') && !raw.starts_with("#/") && !raw.starts_with("#!"))
    });
    !scripted && thing.href.is_some()
}

/// The web page that it leads to, if it is another one.
#[must_use]
pub fn leads_to(thing: &Thing, here: &Url) -> Option<Url> {
    let url = thing
        .href
        .as_deref()
        .filter(|_| is_place(thing))
        .and_then(|href| Url::parse(href).ok())?;
    (matches!(url.scheme(), "http" | "https") && url != *here).then_some(url)
}
