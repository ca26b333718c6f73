use askama::Template;
use shared::unsubscribe_page::SubscriptionView;

use super::{Shell, render};
use crate::reply::Reply;

/// The page on which the owner of a connection ends reminders, or asks for them again.
#[derive(Template)]
#[template(path = "unsubscribe.html")]
pub struct UnsubscribePage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// Whether reminders are sent.
    pub view: SubscriptionView,
    /// Whether they were asked for again just now.
    pub is_again: bool,
}

impl<'a> UnsubscribePage<'a> {
    /// Makes the page that ends reminders, or wants them again.
    pub fn new(shell: &'a Shell, view: SubscriptionView, is_again: bool) -> Self {
        Self {
            shell,
            view,
            is_again,
        }
    }

    /// Each state of the page.
    #[cfg(test)]
    pub fn samples(shell: &'a Shell) -> [Self; 3] {
        [(true, false), (true, true), (false, false)].map(|(wants_reminders, is_again)| {
            Self::new(shell, SubscriptionView { wants_reminders }, is_again)
        })
    }

    fn title(&self) -> String {
        let text = self.shell.text;
        if !self.view.wants_reminders {
            return text.unsubscribed_title().to_owned();
        }
        if self.is_again {
            return text.subscribed_again().to_owned();
        }
        match self.shell.name() {
            Some(name) => text.unsubscribe_title(name).to_string(),
            None => text.unsubscribe_title_unnamed().to_owned(),
        }
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, None)
    }
}
