//! What surrounds the content of every page.

use askama::Template;
use axum::response::Html;

use super::{assets, error::ConsoleError, once::fresh_word, session::SignedIn};

/// A part of the console, as the navigation names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Data Input > Connections.
    Connections,
    /// The list of links and their pages.
    Links,
    /// The companies and their sites.
    Companies,
    /// The list of bills and their pages.
    Bills,
    /// The guides of the documentation.
    Guides,
    /// The team, the audit log, and the member's own account.
    Settings,
}

/// What surrounds the content of a page of somebody who is signed in.
pub(super) struct Shell<'a> {
    /// Who is signed in.
    pub(super) me: &'a SignedIn,
    /// Which part of the console the page belongs to.
    pub(super) place: Place,
    /// The version of style sheet and scripts.
    pub(super) assets: &'static str,
}

impl<'a> Shell<'a> {
    /// Of a page in this part of the console.
    pub(super) fn new(me: &'a SignedIn, place: Place) -> Self {
        Self {
            me,
            place,
            assets: assets::version(),
        }
    }

    /// A word for a form that is taken once.
    pub(super) fn once(&self) -> String {
        fresh_word(&*self.me.console.door.random)
    }

    /// `page` where one is, for `aria-current`.
    pub(super) fn current(&self, place: Place) -> bool {
        self.place == place
    }
}

/// Renders a template as the HTML of an answer.
pub(super) fn render(page: &impl Template) -> Result<Html<String>, ConsoleError> {
    Ok(Html(page.render()?))
}
