use askama::Template;
use shared::{status::Step, wire::BROWSER_IDLE_MINUTES};

use super::{Shell, shown_host};

/// This many minutes before the window closes the client is asked whether to go on.
pub const CLOSING_WARNING_MINUTES: u64 = 2;

/// The window in which the website is shown, live: a part of two pages.
#[derive(Template)]
#[template(path = "live_window.html")]
pub struct LiveWindow<'a> {
    shell: &'a Shell,
    /// The website's host without `www.`.
    host: &'a str,
    /// The website's full host.
    remote: &'a str,
    /// The path of the flow's page: the script adds `/ticket` and `/live`.
    path: &'a str,
    /// The step that shows it.
    step: Step,
}

impl<'a> LiveWindow<'a> {
    /// The window of a flow at `path`, which shows a page of the host `remote` at first.
    pub fn new(shell: &'a Shell, remote: &'a str, path: &'a str, step: Step) -> Self {
        Self {
            shell,
            host: shown_host(remote),
            remote,
            path,
            step,
        }
    }

    /// The HTML of the window.
    pub fn html(&self) -> String {
        // Nothing but a writer that fails makes our templates fail.
        self.render().unwrap_or_default()
    }

    /// The texts that the script shows, by the names that it asks for.
    pub fn script_texts(&self) -> [(&'static str, String); 8] {
        let text = self.shell.text;
        let fixed = str::to_owned;
        [
            ("opening", fixed(text.opening())),
            ("connection-lost", fixed(text.connection_lost())),
            ("connection-blocked", fixed(text.connection_blocked())),
            ("cannot-seal", fixed(text.cannot_seal())),
            ("taken-over", fixed(text.taken_over())),
            ("go-on-here", fixed(text.go_on_here())),
            ("type-into", text.type_into_website(self.host).to_string()),
            (
                "please-answer",
                fixed(text.signed_in_question_announcement()),
            ),
        ]
    }
}
