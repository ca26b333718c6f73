use askama::Template;
use messages::Locale;
use shared::wire::RedirectView;

use super::{Shell, render};
use crate::reply::Reply;

/// A page that only tells the visitor something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The link is expired, revoked or forged; the page does not say which.
    Invalid,
    /// The link has made its connection already.
    Used,
    /// The page for a code has had its day, or its address is forged; the page does not say which.
    CodeOver,
    /// The address of a page that ends reminders is forged, or incomplete; the page does not say which.
    UnsubscribeOver,
    /// Three flows of the link are open.
    Busy,
    /// The connection that a connection update link is for works.
    Repaired,
    /// The flow has ended.
    FlowGone,
    /// The client ended the flow before it was finished.
    Left,
    /// The client ended the flow after it had made a connection.
    LeftConnected,
    /// At the finish the link turned out to be used already.
    FinishUsed,
    /// The link was revoked while the client was in the midst of it.
    FinishRefused,
    /// The edge has no such address.
    NotFound,
    /// The request is one that no page of ours makes.
    NotUnderstood,
    /// The request was sent by a page of another website.
    OtherOrigin,
    /// One address started too many flows.
    TooMany,
    /// The origin does not answer.
    Unavailable,
    /// The fault is in this system.
    Broken,
}

/// The badge at the top of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Badge {
    /// Something that the visitor should know; nothing went wrong.
    Information,
    /// What the visitor wanted is done.
    Success,
    /// The visitor cannot go on here.
    Stop,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    shell: &'a Shell,
    badge: Badge,
    title: &'static str,
    words: Vec<&'static str>,
    /// Whether the page says who can help.
    help: bool,
    /// Whether the page has a link to this same address, to try again.
    retry: bool,
    /// Where the client goes from here.
    redirect: Option<&'a RedirectView>,
}

impl Notice {
    #[cfg(test)]
    pub const ALL: [Self; 17] = [
        Self::Invalid,
        Self::Used,
        Self::CodeOver,
        Self::UnsubscribeOver,
        Self::Busy,
        Self::Repaired,
        Self::FlowGone,
        Self::Left,
        Self::LeftConnected,
        Self::FinishUsed,
        Self::FinishRefused,
        Self::NotFound,
        Self::NotUnderstood,
        Self::OtherOrigin,
        Self::TooMany,
        Self::Unavailable,
        Self::Broken,
    ];

    /// Renders this page as a complete reply.
    pub fn reply(self, status: u16, shell: &Shell) -> Reply {
        self.reply_with_redirect(status, shell, None)
    }

    /// Renders this page as a complete reply, with a link to where the client goes from here.
    pub fn reply_with_redirect(
        self,
        status: u16,
        shell: &Shell,
        redirect: Option<&RedirectView>,
    ) -> Reply {
        let (badge, title, words) = self.words(shell.text);
        let page = NoticePage {
            shell,
            badge,
            title,
            words,
            help: !matches!(self, Self::Left | Self::LeftConnected | Self::NotFound),
            retry: matches!(
                self,
                Self::Unavailable | Self::Broken | Self::Busy | Self::TooMany
            ),
            redirect,
        };
        render(&page, shell, status, None)
    }

    /// Its badge, its title and its paragraphs.
    fn words(self, text: Locale) -> (Badge, &'static str, Vec<&'static str>) {
        match self {
            Self::Invalid => (
                Badge::Stop,
                text.link_invalid_title(),
                vec![text.link_invalid_text(), text.link_invalid_advice()],
            ),
            Self::Used => (
                Badge::Success,
                text.link_used_title(),
                vec![text.link_used_text(), text.link_used_advice()],
            ),
            Self::CodeOver => (
                Badge::Stop,
                text.code_over_title(),
                vec![text.code_over_text()],
            ),
            Self::UnsubscribeOver => (
                Badge::Stop,
                text.unsubscribe_over_title(),
                vec![text.unsubscribe_over_text()],
            ),
            Self::Busy => (
                Badge::Stop,
                text.link_busy_title(),
                vec![text.link_busy_advice()],
            ),
            Self::Repaired => (
                Badge::Success,
                text.link_repaired_title(),
                vec![text.link_repaired_text()],
            ),
            Self::FlowGone => (
                Badge::Stop,
                text.flow_gone_title(),
                vec![text.flow_gone_text(), text.flow_gone_advice()],
            ),
            Self::Left => (
                Badge::Information,
                text.left_title(),
                vec![text.left_text(), text.left_advice()],
            ),
            Self::LeftConnected => (
                Badge::Success,
                text.left_connected_title(),
                vec![text.left_connected_text()],
            ),
            Self::FinishUsed => (
                Badge::Stop,
                text.finish_used_title(),
                vec![text.finish_used_text(), text.finish_used_advice()],
            ),
            Self::FinishRefused => (
                Badge::Stop,
                text.finish_refused_title(),
                vec![text.finish_refused_text(), text.finish_refused_advice()],
            ),
            Self::NotFound => (
                Badge::Stop,
                text.not_found_title(),
                vec![text.not_found_advice()],
            ),
            Self::NotUnderstood => (
                Badge::Stop,
                text.not_understood_title(),
                vec![text.not_understood_advice()],
            ),
            Self::OtherOrigin => (
                Badge::Stop,
                text.other_website_title(),
                vec![text.other_website_advice()],
            ),
            Self::TooMany => (
                Badge::Stop,
                text.too_many_title(),
                vec![text.too_many_advice()],
            ),
            Self::Unavailable => (
                Badge::Stop,
                text.unavailable_title(),
                vec![text.unavailable_advice()],
            ),
            Self::Broken => (Badge::Stop, text.broken_title(), vec![text.broken_advice()]),
        }
    }
}
