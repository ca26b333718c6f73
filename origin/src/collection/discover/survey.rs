//! What a page shows, as data. All of it is a stranger's text.

use serde::Deserialize;
use serde_json::json;

use crate::browser::{BrowserError, FrameId, Page};

use super::classify::signs_out;

const SCRIPT: &str = include_str!("survey.js");
const CONTROLS_MAX: usize = 800;
const CONTEXT_MAX: usize = 320;
const TEXT_MAX: usize = 20_000;
const FRAMES_MAX: usize = 6;

/// One frame of a page.
#[derive(Debug, Clone, Deserialize)]
pub struct FrameSurvey {
    /// The document's URL.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its first headings.
    pub heads: String,
    /// The beginning of its visible text.
    pub text: String,
    /// It shows a password field.
    pub password: bool,
    /// What can be clicked.
    pub controls: Vec<Control>,
    /// What can be chosen from.
    pub selects: Vec<Select>,
    /// Documents within it.
    pub embeds: Vec<String>,
}

/// Something that can be clicked.
#[derive(Debug, Clone, Deserialize)]
pub struct Control {
    /// Its number in this survey of this document.
    pub n: usize,
    /// Its element's name.
    pub tag: String,
    /// Its ARIA role, or empty.
    pub role: String,
    /// What it shows.
    pub text: String,
    /// What it is called for those who do not see it.
    pub label: String,
    /// Where it leads, absolute.
    pub href: Option<String>,
    /// Its `href` as written.
    pub raw: Option<String>,
    /// It says that it downloads.
    pub download: bool,
    /// Its `rel`.
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
    /// It sends a form.
    pub submits: bool,
    /// How many fields that form asks the visitor to fill.
    pub fields: usize,
    /// It would show more.
    pub expands: bool,
}

/// Something to choose from.
#[derive(Debug, Clone, Deserialize)]
pub struct Select {
    /// Its number in this survey of this document.
    pub n: usize,
    /// Its label.
    pub label: String,
    /// Its name in the form.
    pub name: String,
    /// What there is.
    pub options: Vec<SelectOption>,
    /// Which is chosen; -1 for none.
    pub chosen: i64,
    /// The number of the button that sends its form.
    pub submit: Option<usize>,
    /// What that button says.
    #[serde(rename = "submitText")]
    pub submit_text: String,
}

/// One of a select's options.
#[derive(Debug, Clone, Deserialize)]
pub struct SelectOption {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub text: String,
    /// It cannot be chosen.
    pub disabled: bool,
}

/// A page's frames, the main one first.
pub struct PageSurvey {
    /// Frames and what they show.
    pub frames: Vec<(FrameId, FrameSurvey)>,
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

    /// The main document's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.frames
            .first()
            .map_or("", |(_, frame_survey)| frame_survey.url.as_str())
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

/// Looks at a page.
///
/// # Errors
/// When the browser is gone. A frame that cannot be looked at is left out.
pub async fn survey_page(page: &Page) -> Result<PageSurvey, BrowserError> {
    let limits = json!({ "controls": CONTROLS_MAX, "context": CONTEXT_MAX, "text": TEXT_MAX });
    let mut frames = Vec::new();
    for frame in page.frames().into_iter().take(FRAMES_MAX) {
        match page
            .call::<FrameSurvey>(&frame.id, SCRIPT, std::slice::from_ref(&limits))
            .await
        {
            Ok(frame_survey) => frames.push((frame.id, frame_survey)),
            Err(error @ BrowserError::Gone(_)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(PageSurvey { frames })
}
