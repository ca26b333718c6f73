use askama::Template;
use shared::wire::{BROWSER_IDLE_MINUTES, BROWSER_TOTAL_MINUTES, FlowView, SignInView};

use super::{
    Shell, render, shown_host,
    text::{self, LIVE_TROUBLES, Trouble},
};
use crate::reply::Reply;

/// Step 2: the website itself, live. The only page with a script.
#[derive(Template)]
#[template(path = "signin.html")]
pub struct SignInPage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// The website's host, as people say it.
    pub host: &'a str,
    /// The website's host, as it is.
    pub remote: &'a str,
    /// The flow's address: the script adds `/ticket` and `/live`.
    pub path: &'a str,
    /// What it waits for.
    pub sign_in: &'a SignInView,
    /// What ended it. Shown without [`SignInView::live`] alone: a window that is open has boxes of its own.
    pub trouble: Option<Trouble>,
}

impl<'a> SignInPage<'a> {
    /// Of a flow at SIGN_IN.
    pub fn new(
        shell: &'a Shell,
        view: &'a FlowView,
        sign_in: &'a SignInView,
        path: &'a str,
    ) -> Self {
        Self {
            shell,
            host: shown_host(&view.provider_host),
            remote: &view.provider_host,
            path,
            sign_in,
            trouble: sign_in.error_code.map(text::trouble),
        }
    }

    /// Renders it. `own_origin` is the page's own, as `https://host`.
    pub fn reply(&self, own_origin: &str) -> Reply {
        let socket = own_origin.replacen("http", "ws", 1);
        render(self, self.shell, 200, Some(socket))
    }
}
