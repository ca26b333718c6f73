//! Why and where a sign-in by a recipe ended that was neither proven nor refused.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    page_outline::PageOutline,
    recipe::{CredentialKind, Recipe, Step},
    verdict::Verdict,
};

/// A sign-in that did not come to an answer. Serializes for the vault alone; `Debug` shows nothing of the page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInFailure {
    /// Why it ended.
    pub reason: FailureReason,
    /// The name of its verdict.
    pub verdict: String,
    /// The step of the recipe that could not be done, or was next.
    pub step: Option<FailedStep>,
    /// Whether the form was looked for, since the recipe did not lead to it.
    pub searched: bool,
    /// Whether the password was typed.
    pub password_typed: bool,
    /// Origin and path of the page, without digits.
    pub address: String,
    /// The page's controls, labels and headings, without values.
    pub outline: String,
    /// A masked picture of the page: a JPEG in base64.
    pub picture: Option<String>,
}

/// The kinds of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureReason {
    /// No form to sign in was found that the credentials may go into.
    FormNotFound,
    /// A field was found and did not take its value.
    NotFilled,
    /// The password was sent, and nothing proves what came of it.
    NotProven,
    /// The website asks for something that only the client can give.
    ClientNeeded,
    /// The website answers with errors, or not at all.
    WebsiteDown,
}

/// A step of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedStep {
    /// Its place in the recipe, from 0.
    pub index: usize,
    /// What was to be done.
    pub kind: StepKind,
    /// The origin of the frame where it was recorded.
    pub origin: String,
    /// Whether that frame is a page of its own.
    pub main: bool,
}

/// The kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StepKind {
    /// To click what leads on.
    Open,
    /// To type the user name.
    FillUsername,
    /// To type the password.
    FillPassword,
    /// To type a further value.
    FillOther,
    /// To send the form.
    Submit,
    /// To answer the website's challenge (HTTP authentication).
    Authenticate,
}

/// How far a sign-in came.
pub(super) struct Progress {
    pub(super) step: Option<FailedStep>,
    pub(super) searched: bool,
    pub(super) password_typed: bool,
}

impl SignInFailure {
    /// A sign-in that came so far, on this page.
    pub(super) fn new(verdict: &Verdict, progress: Progress, page: PageOutline) -> Self {
        let reason = match verdict {
            Verdict::SiteDown => FailureReason::WebsiteDown,
            Verdict::Unknown if progress.password_typed => FailureReason::NotProven,
            Verdict::Unknown if progress.searched => FailureReason::FormNotFound,
            Verdict::Unknown => FailureReason::NotFilled,
            _ => FailureReason::ClientNeeded,
        };
        Self {
            reason,
            verdict: verdict.name().to_owned(),
            step: progress.step,
            searched: progress.searched,
            password_typed: progress.password_typed,
            address: page.address,
            outline: page.outline,
            picture: page.picture.map(|picture| STANDARD.encode(picture)),
        }
    }

    /// The picture as a JPEG, if there is one.
    #[must_use]
    pub fn picture(&self) -> Option<Vec<u8>> {
        self.picture
            .as_ref()
            .and_then(|picture| STANDARD.decode(picture).ok())
    }
}

impl FailedStep {
    /// All steps of a recipe, each as a failure would name it: without what it looks for on the page.
    #[must_use]
    pub fn all_of(recipe: &Recipe) -> Vec<Self> {
        let steps = recipe.steps.iter().enumerate();
        steps.map(|(index, step)| Self::of(index, step)).collect()
    }

    pub(super) fn of(index: usize, step: &Step) -> Self {
        let kind = match step {
            Step::Open { .. } => StepKind::Open,
            Step::Fill { what, .. } => match what {
                CredentialKind::Username => StepKind::FillUsername,
                CredentialKind::Password => StepKind::FillPassword,
                CredentialKind::Other(_) => StepKind::FillOther,
            },
            Step::Submit { .. } => StepKind::Submit,
            Step::Authenticate { .. } => StepKind::Authenticate,
        };
        Self {
            index,
            kind,
            origin: step.at().origin.clone(),
            main: step.at().main,
        }
    }
}

impl fmt::Debug for SignInFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInFailure")
            .field("reason", &self.reason)
            .field("verdict", &self.verdict)
            .field(
                "step",
                &self.step.as_ref().map(|step| (step.index, step.kind)),
            )
            .finish_non_exhaustive()
    }
}
