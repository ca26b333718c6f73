//! What is pressed on a page to see more of it: selects, page numbers, "show more", tabs.

use std::collections::HashSet;

use browser::{BrowserError, FrameId, Page};
use serde_json::json;
use url::Url;

use crate::collection::read_only::{ReadOnlyGuard, RequestCause};

use super::{
    classify::{ControlUse, is_chooser, is_no_choice, use_of_control},
    survey::{Control, FrameSurvey, PageSurvey, Select},
};

/// A control of a page that the discovery may press.
pub struct PageAction {
    /// What it is and in which state of the page: never pressed twice.
    pub key: String,
    frame: FrameId,
    kind: ActionKind,
}

enum ActionKind {
    Click(usize),
    Choose {
        select: usize,
        value: String,
        submit: Option<usize>,
    },
}

const CHOOSE: &str = "function (n, value) {
  const select = globalThis.surveyed?.[n];
  if (!(select instanceof HTMLSelectElement)) return false;
  select.focus();
  select.value = value;
  select.dispatchEvent(new Event('input', { bubbles: true }));
  select.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
}";
/// The element with a number of the last survey.
pub const ELEMENT: &str = "function (n) {
  const element = globalThis.surveyed?.[n];
  // A field called isConnected would answer for its form.
  const { get } = Object.getOwnPropertyDescriptor(Node.prototype, 'isConnected');
  return element && get.call(element) ? element : null;
}";

/// The next control to press, if any is left.
#[must_use]
pub fn next(survey: &PageSurvey, pressed: &HashSet<String>, has_bills: bool) -> Option<PageAction> {
    let here = Url::parse(survey.url()).ok()?;
    choose(survey, &here, pressed)
        .or_else(|| more(survey, &here, pressed))
        .or_else(|| open(survey, &here, pressed, has_bills))
}

/// Every option of every select that changes which bills are shown, for every choice of the others.
fn choose(survey: &PageSurvey, here: &Url, pressed: &HashSet<String>) -> Option<PageAction> {
    for (frame, frame_survey) in &survey.frames {
        for select in frame_survey
            .selects
            .iter()
            .filter(|select| is_chooser(select))
        {
            for option in &select.options {
                if option.disabled || is_no_choice(&option.text) {
                    continue;
                }
                let key = choice(frame_survey, select, &option.value, here);
                if !pressed.contains(&key) {
                    let kind = ActionKind::Choose {
                        select: select.n,
                        value: option.value.clone(),
                        submit: select.submit,
                    };
                    return Some(PageAction {
                        key,
                        frame: frame.clone(),
                        kind,
                    });
                }
            }
        }
    }
    None
}

/// The keys of the choices that a survey shows now: they need not be made.
pub fn chosen_now(survey: &PageSurvey) -> Vec<String> {
    let Ok(here) = Url::parse(survey.url()) else {
        return Vec::new();
    };
    let of = |frame_survey: &FrameSurvey| {
        frame_survey
            .selects
            .iter()
            .filter(|select| is_chooser(select))
            .map(|select| choice(frame_survey, select, &chosen(select), &here))
            .collect::<Vec<_>>()
    };
    survey
        .frames
        .iter()
        .flat_map(|(_, frame_survey)| of(frame_survey))
        .collect()
}

/// One value of one select, and the values of the others beside it.
fn choice(frame_survey: &FrameSurvey, select: &Select, value: &str, here: &Url) -> String {
    let others = frame_survey
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
fn more(survey: &PageSurvey, here: &Url, pressed: &HashSet<String>) -> Option<PageAction> {
    let state = survey.fingerprint();
    survey
        .controls()
        .filter(|(_, _, control)| {
            leads_to(control, here).is_none()
                && use_of_control(control, here, false) == ControlUse::More
        })
        .find_map(|(frame, _, control)| {
            let key = format!("more {state:x} {} {}", control.text, control.label);
            (!pressed.contains(&key)).then(|| PageAction {
                key,
                frame: frame.clone(),
                kind: ActionKind::Click(control.n),
            })
        })
}

/// Tabs, menus and buttons that lead somewhere without a link, best first, each once.
fn open(
    survey: &PageSurvey,
    here: &Url,
    pressed: &HashSet<String>,
    has_bills: bool,
) -> Option<PageAction> {
    // Tabs and folded parts of a page of bills may hold more of them.
    let in_sight = super::bills_in(survey, here, false).next().is_some();
    let least = if has_bills && !in_sight {
        super::PROMISING
    } else {
        40
    };
    let mut best: Option<(i32, PageAction)> = None;
    for (frame, _, control) in survey.controls() {
        if leads_to(control, here).is_some() || control.current {
            continue;
        }
        let ControlUse::Page(score) = use_of_control(control, here, false) else {
            continue;
        };
        let key = format!(
            "open {} {} {}",
            control.text,
            control.label,
            if control.text.is_empty() {
                control.context.as_str()
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
                PageAction {
                    key,
                    frame: frame.clone(),
                    kind: ActionKind::Click(control.n),
                },
            ));
        }
    }
    best.map(|(_, action)| action)
}

/// The key is of a list's page: pressing it again shows the page again.
#[must_use]
pub fn is_repeatable(key: &str) -> bool {
    key.starts_with("more ") || key.starts_with("choose ")
}

/// Presses it.
///
/// # Errors
/// When the browser is gone. A control that cannot be pressed is left.
pub async fn press(
    guard: &ReadOnlyGuard,
    page: &Page,
    survey: &PageSurvey,
    action: &PageAction,
) -> Result<(), BrowserError> {
    guard.will_press(page.id(), RequestCause::ReadingControl);
    let done = match &action.kind {
        ActionKind::Click(n) => page.click(&action.frame, ELEMENT, &[json!(n)]).await,
        ActionKind::Choose {
            select,
            value,
            submit,
        } => choose_option(page, survey, &action.frame, *select, value, *submit).await,
    };
    match done {
        Err(error @ BrowserError::Gone(_)) => Err(error),
        _ => Ok(()),
    }
}

/// Clicks a control of the last survey; false when it is gone.
///
/// # Errors
/// When the browser is gone.
pub async fn click(
    guard: &ReadOnlyGuard,
    page: &Page,
    frame: &FrameId,
    n: usize,
    cause: RequestCause,
) -> Result<bool, BrowserError> {
    guard.will_press(page.id(), cause);
    match page.click(frame, ELEMENT, &[json!(n)]).await {
        Ok(()) => Ok(true),
        Err(error @ BrowserError::Gone(_)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Chooses; when the page does nothing about it, its form is sent.
async fn choose_option(
    page: &Page,
    survey: &PageSurvey,
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
    let after = super::survey_page(page).await?;
    let same = |frame_survey: &FrameSurvey| {
        survey
            .frames
            .iter()
            .any(|(_, before)| before.text == frame_survey.text && before.url == frame_survey.url)
    };
    if after
        .frames
        .iter()
        .all(|(_, frame_survey)| same(frame_survey))
    {
        // The numbers are the new survey's; the button is the same one.
        let button = after
            .frames
            .iter()
            .find(|(id, _)| id == frame)
            .and_then(|(_, frame_survey)| {
                frame_survey.selects.iter().find_map(|select| select.submit)
            })
            .unwrap_or(submit);
        page.click(frame, ELEMENT, &[json!(button)]).await?;
    }
    Ok(())
}

/// It has an address that can be visited or fetched, not only a script.
#[must_use]
pub fn is_place(control: &Control) -> bool {
    let scripted = control.raw.as_deref().is_none_or(|raw| {
        let raw = raw.trim();
        raw.is_empty()
            || raw == "#"
            || raw == "#!"
            || raw.starts_with("javascript:")
            || (raw.starts_with('#') && !raw.starts_with("#/") && !raw.starts_with("#!"))
    });
    !scripted && control.href.is_some()
}

/// The web page that it leads to, if it is another one.
#[must_use]
pub fn leads_to(control: &Control, here: &Url) -> Option<Url> {
    let url = control
        .href
        .as_deref()
        .filter(|_| is_place(control))
        .and_then(|href| Url::parse(href).ok())?;
    (matches!(url.scheme(), "http" | "https") && url != *here).then_some(url)
}
