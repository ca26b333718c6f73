//! What surrounds the content of every page.

use askama::Template;
use axum::response::Html;

use super::{error::OperatorError, session::Operating};
use crate::console::assets_version;

/// A part of the pages, as the navigation names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The connections that wait, and their pages.
    Failures,
    /// The job queue and the browsers.
    Queue,
    /// What operators looked at and did.
    Log,
    /// The operator's own account.
    Account,
}

/// What surrounds the content of a page of somebody who is signed in.
pub(super) struct Shell<'a> {
    /// Who is signed in.
    pub(super) me: &'a Operating,
    /// Which part the page belongs to.
    pub(super) place: Place,
    /// The version of style sheet and scripts.
    pub(super) assets: &'static str,
}

impl<'a> Shell<'a> {
    /// Of a page in this part.
    pub(super) fn new(me: &'a Operating, place: Place) -> Self {
        Self {
            me,
            place,
            assets: assets_version(),
        }
    }

    /// Whether a page belongs to this part, for `aria-current`.
    pub(super) fn current(&self, place: Place) -> bool {
        self.place == place
    }
}

/// Renders a template as the HTML of an answer.
pub(super) fn render(page: &impl Template) -> Result<Html<String>, OperatorError> {
    Ok(Html(page.render()?))
}
