use askama::Template;
use messages::Locale;

use super::{Shell, render};
use crate::reply::Reply;

/// A page that only tells the visitor something.
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

/// Which badge the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Information.
    Tell,
    /// Success.
    Good,
    /// The visitor cannot go on here.
    Stop,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    shell: &'a Shell,
    mood: Mood,
    title: &'static str,
    words: Vec<&'static str>,
    /// Whether the page says who can help.
    help: bool,
    /// Whether the page has a link to this same address, to try again.
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
        let (mood, title, words) = self.words(shell.text);
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

    /// Its badge, its title and its paragraphs.
    fn words(self, text: Locale) -> (Mood, &'static str, Vec<&'static str>) {
        match self {
            Self::Invalid => (
                Mood::Stop,
                text.link_invalid_title(),
                vec![text.link_invalid_text(), text.link_invalid_advice()],
            ),
            Self::Used => (
                Mood::Good,
                text.link_used_title(),
                vec![text.link_used_text(), text.link_used_advice()],
            ),
            Self::Busy => (
                Mood::Stop,
                text.link_busy_title(),
                vec![text.link_busy_advice()],
            ),
            Self::RepairsNotYet => (
                Mood::Stop,
                text.repairs_not_yet_title(),
                vec![text.repairs_not_yet_text(), text.repairs_not_yet_advice()],
            ),
            Self::FlowGone => (
                Mood::Stop,
                text.flow_gone_title(),
                vec![text.flow_gone_text(), text.flow_gone_advice()],
            ),
            Self::Left => (
                Mood::Tell,
                text.left_title(),
                vec![text.left_text(), text.left_advice()],
            ),
            Self::FinishUsed => (
                Mood::Stop,
                text.finish_used_title(),
                vec![text.finish_used_text(), text.finish_used_advice()],
            ),
            Self::FinishRefused => (
                Mood::Stop,
                text.finish_refused_title(),
                vec![text.finish_refused_text(), text.finish_refused_advice()],
            ),
            Self::NotFound => (
                Mood::Stop,
                text.not_found_title(),
                vec![text.not_found_advice()],
            ),
            Self::NotUnderstood => (
                Mood::Stop,
                text.not_understood_title(),
                vec![text.not_understood_advice()],
            ),
            Self::OtherOrigin => (
                Mood::Stop,
                text.other_website_title(),
                vec![text.other_website_advice()],
            ),
            Self::TooMany => (
                Mood::Stop,
                text.too_many_title(),
                vec![text.too_many_advice()],
            ),
            Self::Unavailable => (
                Mood::Stop,
                text.unavailable_title(),
                vec![text.unavailable_advice()],
            ),
            Self::Broken => (Mood::Stop, text.broken_title(), vec![text.broken_advice()]),
        }
    }
}
