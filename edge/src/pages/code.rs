use askama::Template;
use messages::codes::Explanation;
use shared::{code_page::CodeView, status::CodeRequestStatus};

use super::{
    Shell,
    code_hour::CodeHour,
    entry::{EntryPart, time_left},
    render, shown_host,
};
use crate::reply::{Reply, Script};

/// The page on which the owner of a connection gives a code that a sign-in waits for.
#[derive(Template)]
#[template(path = "code.html")]
pub struct CodePage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of this page: the script adds `/state`.
    pub path: &'a str,
    /// How the code stands, and what can be entered now.
    pub view: &'a CodeView,
    /// The box for the code, as HTML.
    pub part: String,
    /// The choice of the hour at which it is tried again, as HTML.
    pub hour: String,
}

impl<'a> CodePage<'a> {
    /// Makes the page at this path.
    pub fn new(shell: &'a Shell, view: &'a CodeView, path: &'a str) -> Self {
        Self {
            shell,
            host: shown_host(&view.provider_host),
            path,
            view,
            part: EntryPart::alone(shell, view.entry.as_deref()),
            hour: CodeHour::html(shell, view.hour),
        }
    }

    /// What goes on meanwhile, in words.
    fn progress(&self) -> Option<String> {
        let text = self.shell.text;
        match self.view.status {
            CodeRequestStatus::Trying => Some(text.code_page_trying().to_owned()),
            CodeRequestStatus::Again => Some(text.code_page_again().to_owned()),
            CodeRequestStatus::Waiting => time_left(self.shell, self.view.entry.as_deref()),
            CodeRequestStatus::Accepted | CodeRequestStatus::Over => None,
        }
    }

    /// Whether the visitor only has to wait.
    fn is_working(&self) -> bool {
        matches!(
            self.view.status,
            CodeRequestStatus::Trying | CodeRequestStatus::Again
        )
    }

    /// Why another code is asked for, while one is.
    fn trouble(&self) -> Option<Explanation> {
        let code = self.view.refused?;
        let waits = self.view.status == CodeRequestStatus::Waiting;
        waits.then(|| self.shell.text.sign_in_error(code))
    }

    /// What is said once nothing more is to be entered; `None` before.
    fn end(&self) -> Option<Explanation> {
        let text = self.shell.text;
        match self.view.status {
            CodeRequestStatus::Accepted => Some(Explanation {
                title: text.code_page_accepted_title(),
                advice: text.code_page_accepted_text(),
            }),
            CodeRequestStatus::Over => Some(Explanation {
                title: text.code_page_over_title(),
                advice: text.code_page_over_text(),
            }),
            CodeRequestStatus::Waiting | CodeRequestStatus::Trying | CodeRequestStatus::Again => {
                None
            }
        }
    }

    fn is_over(&self) -> bool {
        self.view.status == CodeRequestStatus::Over
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, Some(Script::OwnOrigin))
    }
}
