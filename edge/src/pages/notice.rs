use askama::Template;

use super::{Shell, render};
use crate::reply::Reply;

/// A page that says one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Expired, revoked or forged: nobody is told which.
    Invalid,
    /// The link made its connection.
    Used,
    /// Three flows of the link are open.
    Busy,
    /// A connection update link was started.
    RepairsNotYet,
    /// The flow ended.
    FlowGone,
    /// The client gave up.
    Left,
    /// At the finish the link turned out used.
    FinishUsed,
    /// At the finish the link turned out expired or revoked.
    FinishRefused,
    /// No such address.
    NotFound,
    /// A request that no page of ours makes.
    NotUnderstood,
    /// Sent by another website.
    OtherOrigin,
    /// Too many flows from one address.
    TooMany,
    /// The origin does not answer.
    Unavailable,
    /// Our own fault.
    Broken,
}

/// What the page shows next to its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Something to know.
    Tell,
    /// Something ended well.
    Good,
    /// Something is in the way.
    Stop,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    shell: &'a Shell,
    mood: Mood,
    title: &'static str,
    words: &'static [&'static str],
    /// Who can help is named.
    help: bool,
    /// A link to this same address.
    retry: bool,
}

impl Notice {
    #[cfg(test)]
    pub const ALL: [Self; 14] = [
        Self::Invalid,
        Self::Used,
        Self::Busy,
        Self::RepairsNotYet,
        Self::FlowGone,
        Self::Left,
        Self::FinishUsed,
        Self::FinishRefused,
        Self::NotFound,
        Self::NotUnderstood,
        Self::OtherOrigin,
        Self::TooMany,
        Self::Unavailable,
        Self::Broken,
    ];

    /// Renders it.
    pub fn reply(self, status: u16, shell: &Shell) -> Reply {
        let (mood, title, words) = self.words();
        let page = NoticePage {
            shell,
            mood,
            title,
            words,
            help: !matches!(self, Self::Left | Self::NotFound),
            retry: matches!(
                self,
                Self::Unavailable | Self::Broken | Self::Busy | Self::TooMany
            ),
        };
        render(&page, shell, status, None)
    }

    fn words(self) -> (Mood, &'static str, &'static [&'static str]) {
        match self {
            Self::Invalid => (
                Mood::Stop,
                "This link can no longer be used",
                &[
                    "It may have expired, or part of its address is missing.",
                    "Please ask for a new link. It only takes a moment to make one.",
                ],
            ),
            Self::Used => (
                Mood::Good,
                "This link was already used",
                &[
                    "The utility account is connected, so there is nothing left to do here.",
                    "To connect another account, please ask for a new link.",
                ],
            ),
            Self::Busy => (
                Mood::Stop,
                "This link is open in several places",
                &["Choose “Cancel and leave” in the other windows, or close them, then try again."],
            ),
            Self::RepairsNotYet => (
                Mood::Stop,
                "Reconnecting is not available yet",
                &[
                    "Your link is genuine, but an existing connection cannot be repaired here so far. Nothing was changed and nothing was saved.",
                    "Please tell the person who sent you the link that it could not be used.",
                ],
            ),
            Self::FlowGone => (
                Mood::Stop,
                "This session has ended",
                &[
                    "If you saw the thanks page, your account is connected and there is nothing left to do.",
                    "Otherwise nothing was saved: open your link again to start over.",
                ],
            ),
            Self::Left => (
                Mood::Tell,
                "You have left",
                &[
                    "What you had not finished was not saved. You can close this page.",
                    "If you change your mind: a link that has connected nothing yet can be opened again.",
                ],
            ),
            Self::FinishUsed => (
                Mood::Stop,
                "This link was used in the meantime",
                &[
                    "The account was connected from another window or by somebody else. What you did here was not saved.",
                    "You can close this page.",
                ],
            ),
            Self::FinishRefused => (
                Mood::Stop,
                "This link can no longer be used",
                &[
                    "It ended while you were signing in, so what you had not finished was not saved.",
                    "Please ask for a new link.",
                ],
            ),
            Self::NotFound => (
                Mood::Stop,
                "There is no page at this address",
                &["Check that the whole link was copied, or ask for it again."],
            ),
            Self::NotUnderstood => (
                Mood::Stop,
                "This request was not understood",
                &["Open your link again and continue from there."],
            ),
            Self::OtherOrigin => (
                Mood::Stop,
                "This was sent by another website",
                &[
                    "For your safety nothing was done. Open your link again and continue from there.",
                ],
            ),
            Self::TooMany => (
                Mood::Stop,
                "Too many attempts",
                &["Please wait a minute, then try again."],
            ),
            Self::Unavailable => (
                Mood::Stop,
                "We cannot be reached right now",
                &["Please try again in a minute."],
            ),
            Self::Broken => (
                Mood::Stop,
                "Something went wrong on our side",
                &["Please try again in a minute."],
            ),
        }
    }
}
