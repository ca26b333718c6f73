//! What a page shows, as data. All of it is a stranger's text.
//!
//! Nothing is left out in silence: what could not be read is counted, so that nobody takes a page that was not
//! understood for a page without bills.

use std::{sync::LazyLock, time::Duration};

use browser::{BrowserError, DOM_HELPERS, FrameId, Page};
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::classify::signs_out;

/// The function that is called in each frame.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let survey = include_str!("survey.js");
    format!("function (limits) {{\n{DOM_HELPERS}\n{survey}\nreturn survey(limits);\n}}")
});
const CONTROLS_MAX: usize = 800;
const CONTEXT_MAX: usize = 320;
const TEXT_MAX: usize = 20_000;
const FRAMES_MAX: usize = 20;
const ELEMENTS_MAX: usize = 60_000;
/// Characters of an address; only those of `data:` may be longer.
const ADDRESS_MAX: usize = 8_192;
/// Characters of all longer addresses of one document.
const ADDRESSES_MAX: usize = 16 * 1024 * 1024;
/// A script that takes longer tells what it has.
const SCRIPT_TIME: Duration = Duration::from_secs(4);
/// A frame that does not answer for this long is busy with itself.
const FRAME_TIME: Duration = Duration::from_secs(8);
/// A frame that could not be read, because its document was just replaced, is asked again after this long at most.
const REPLACED: Duration = Duration::from_secs(2);

/// One frame of a page.
#[derive(Debug, Clone, Deserialize)]
pub struct FrameSurvey {
    /// The URL of the document.
    pub url: String,
    /// The title of the document.
    pub title: String,
    /// The first headings of the document.
    pub heads: String,
    /// The beginning of its visible text.
    pub text: String,
    /// It shows a password field.
    pub password: bool,
    /// The links, buttons and other elements that can be clicked.
    pub controls: Vec<Control>,
    /// What can be chosen from.
    pub selects: Vec<Select>,
    /// The URLs of the documents embedded in it.
    pub embeds: Vec<String>,
    /// How many elements could not be read, or were too many to be told.
    pub skipped: usize,
}

/// Something that can be clicked.
#[derive(Debug, Clone, Deserialize)]
pub struct Control {
    /// Its number in this survey of this document.
    pub n: usize,
    /// The local name of the element, such as `a` or `button`.
    pub tag: String,
    /// Its ARIA role, or empty.
    pub role: String,
    /// The text that the control shows.
    pub text: String,
    /// What it is called for those who do not see it.
    pub label: String,
    /// The absolute URL that the control leads to.
    pub href: Option<String>,
    /// The attribute `href` as written.
    pub raw: Option<String>,
    /// It says that it downloads.
    pub download: bool,
    /// The attribute `rel`, at most 80 characters; its token `next` leads to the next page of a list.
    pub rel: String,
    /// The text of the row or card that it stands in.
    pub context: String,
    /// It cannot be used now.
    pub disabled: bool,
    /// It stands for what is shown now.
    pub current: bool,
    /// It opens a window of its own.
    #[serde(rename = "newTab")]
    pub new_tab: bool,
    /// It stands among page numbers.
    pub pager: bool,
    /// Whether pressing it sends a form.
    pub submits: bool,
    /// How many fields that form asks the visitor to fill.
    pub fields: usize,
    /// Whether pressing it shows more of the page: a menu, a tab, an accordion.
    pub expands: bool,
    /// It switches something on or off.
    #[serde(default)]
    pub toggle: bool,
    /// Identifiers, classes and pictures of it and within it: what an icon without text may be known by.
    #[serde(default)]
    pub hint: String,
}

/// A `select` element of the page.
#[derive(Debug, Clone, Deserialize)]
pub struct Select {
    /// Its number in this survey of this document.
    pub n: usize,
    /// The text of its label.
    pub label: String,
    /// Its name in the form.
    pub name: String,
    /// The options that can be chosen.
    pub options: Vec<SelectOption>,
    /// Which is chosen; -1 for none.
    pub chosen: i64,
    /// The number of the button that sends its form.
    pub submit: Option<usize>,
    /// The text of the button that sends its form.
    #[serde(rename = "submitText")]
    pub submit_text: String,
}

/// One of a select's options.
#[derive(Debug, Clone, Deserialize)]
pub struct SelectOption {
    /// The value that the form sends for this option.
    pub value: String,
    /// The text that the option shows.
    pub text: String,
    /// Whether the option cannot be chosen.
    pub disabled: bool,
}

/// A page's frames, the main one first.
pub struct PageSurvey {
    /// Frames and what they show.
    pub frames: Vec<(FrameId, FrameSurvey)>,
    /// How many frames are there that could not be read.
    pub unread_frames: usize,
}

impl PageSurvey {
    /// Everything clickable, with its frame.
    pub fn controls(&self) -> impl Iterator<Item = (&FrameId, &FrameSurvey, &Control)> {
        self.frames.iter().flat_map(|(frame, frame_survey)| {
            frame_survey
                .controls
                .iter()
                .map(move |control| (frame, frame_survey, control))
        })
    }

    /// The visible text of all frames.
    #[must_use]
    pub fn text(&self) -> String {
        self.frames
            .iter()
            .map(|(_, frame_survey)| frame_survey.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The URL of the main document.
    #[must_use]
    pub fn url(&self) -> &str {
        self.frames
            .first()
            .map_or("", |(_, frame_survey)| frame_survey.url.as_str())
    }

    /// How many elements of all frames could not be read.
    #[must_use]
    pub fn skipped_elements(&self) -> usize {
        self.frames.iter().map(|(_, survey)| survey.skipped).sum()
    }

    /// A password is asked for and there is no way out: the session is over. (Where one can sign out, the password
    /// is asked for to be changed.)
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.frames
            .iter()
            .any(|(_, frame_survey)| frame_survey.password)
            && !self.controls().any(|(_, _, control)| signs_out(control))
    }

    /// Tells this state of the page from others.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        for (_, frame_survey) in &self.frames {
            frame_survey.url.hash(&mut hasher);
            frame_survey.text.hash(&mut hasher);
            for control in &frame_survey.controls {
                (&control.href, &control.text, &control.context).hash(&mut hasher);
            }
            for embed in &frame_survey.embeds {
                embed.hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// Why a frame was not read.
enum Unread {
    /// Its document may have been replaced just then.
    Replaced,
    /// It does not answer.
    Stuck,
    /// The engine knows no such frame, or no document in it: it went away.
    Missing,
}

/// Reads all frames of a page.
///
/// # Errors
/// When the browser is gone. A frame that cannot be read is counted, and logged by its id.
pub async fn survey_page(page: &Page) -> Result<PageSurvey, BrowserError> {
    let there = page.frames();
    let mut unread_frames = there.len().saturating_sub(FRAMES_MAX);
    let mut read = Vec::new();
    let mut is_replaced = false;
    for frame in there.into_iter().take(FRAMES_MAX) {
        let survey = survey_frame(page, &frame.id).await?;
        is_replaced |= matches!(survey, Err(Unread::Replaced));
        read.push((frame.id, survey));
    }
    if is_replaced && let Err(error @ BrowserError::Gone(_)) = page.settle(REPLACED).await {
        return Err(error);
    }
    let mut frames = Vec::new();
    for (frame, survey_of) in read {
        let survey_of = match survey_of {
            Err(Unread::Replaced) => survey_frame(page, &frame).await?,
            other => other,
        };
        match survey_of {
            Ok(survey) => frames.push((frame, survey)),
            // A frame that went away meanwhile hides nothing; a page always has its main frame.
            Err(Unread::Missing) if frame != page.main_frame() => {}
            Err(_) => {
                let is_there = page.frames().iter().any(|info| info.id == frame);
                unread_frames += usize::from(is_there);
            }
        }
    }
    Ok(PageSurvey {
        frames,
        unread_frames,
    })
}

async fn survey_frame(
    page: &Page,
    frame: &FrameId,
) -> Result<Result<FrameSurvey, Unread>, BrowserError> {
    let limits = json!({
        "controls": CONTROLS_MAX, "context": CONTEXT_MAX, "text": TEXT_MAX, "elements": ELEMENTS_MAX,
        "address": ADDRESS_MAX, "addresses": ADDRESSES_MAX, "millis": SCRIPT_TIME.as_millis(),
    });
    let call = page.call::<FrameSurvey>(frame, &SCRIPT, std::slice::from_ref(&limits));
    let error = match timeout(FRAME_TIME, call).await {
        Ok(Ok(survey)) => return Ok(Ok(survey)),
        Ok(Err(error @ BrowserError::Gone(_))) => return Err(error),
        Ok(Err(error)) => error,
        Err(_) => {
            tracing::warn!(frame = %frame.0, "a frame does not answer");
            return Ok(Err(Unread::Stuck));
        }
    };
    tracing::warn!(frame = %frame.0, error = error.kind(), "a frame was not read");
    Ok(Err(match error {
        BrowserError::Timeout { .. } => Unread::Stuck,
        BrowserError::NoSuchFrame => Unread::Missing,
        BrowserError::Refused { message, .. } if is_missing(&message) => Unread::Missing,
        _ => Unread::Replaced,
    }))
}

/// The engine's words for a frame or document that is not there, after the call was tried for two seconds.
fn is_missing(message: &str) -> bool {
    let words = [
        "No frame for given id",
        "uniqueContextId not found",
        "Cannot find context",
    ];
    words.iter().any(|words| message.contains(words))
}
