//! Everything that can go wrong, and the one page that each comes to.

use crate::{
    log,
    pages::{Notice, Shell},
    reply::Reply,
};

/// Why there is no ordinary answer.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// No such address.
    #[error("no such address")]
    NotFound,
    /// The address does not know this method; the text lists those that it knows.
    #[error("method not allowed")]
    Method(&'static str),
    /// Sent by another website's page.
    #[error("sent by another website")]
    OtherOrigin,
    /// Not an urlencoded form.
    #[error("not a form")]
    NotAForm,
    /// The body does not say how long it is.
    #[error("no length")]
    NoLength,
    /// The body is too long.
    #[error("too large")]
    TooLarge,
    /// The form says something that no page of ours asks.
    #[error("not understood")]
    NotUnderstood,
    /// Too many flows started from one address.
    #[error("too many from one address")]
    TooMany,
    /// Not signed by the origin.
    #[error("not signed by the origin: {0}")]
    Unsigned(#[from] shared::signing::SigningError),
    /// The origin did not answer in time, or not as agreed.
    #[error("the origin cannot be reached: {0}")]
    Origin(String),
    /// The flow is over, or never was.
    #[error("no such flow")]
    FlowGone,
    /// The operator must set something right.
    #[error("setting: {0}")]
    Setting(String),
    /// The runtime failed.
    #[error("runtime: {0}")]
    Runtime(#[from] worker::Error),
}

impl EdgeError {
    /// The page for it, and a log line where somebody must look.
    pub fn reply(&self, shell: &Shell) -> Reply {
        let (status, notice) = self.notice();
        if status >= 500 {
            log::line("error", &[("what", &self.to_string())]);
        }
        let mut reply = notice.reply(status, shell);
        if let Self::Method(allow) = self {
            reply.extra = Some(("allow", (*allow).to_owned()));
        }
        if matches!(self, Self::TooMany) {
            reply.extra = Some(("retry-after", "60".to_owned()));
        }
        reply
    }

    fn notice(&self) -> (u16, Notice) {
        match self {
            Self::NotFound => (404, Notice::NotFound),
            Self::Method(_) => (405, Notice::NotUnderstood),
            Self::OtherOrigin => (403, Notice::OtherOrigin),
            Self::NotAForm => (415, Notice::NotUnderstood),
            Self::NoLength => (411, Notice::NotUnderstood),
            Self::TooLarge => (413, Notice::NotUnderstood),
            Self::NotUnderstood => (400, Notice::NotUnderstood),
            Self::TooMany => (429, Notice::TooMany),
            Self::Unsigned(_) => (401, Notice::NotUnderstood),
            Self::Origin(_) => (503, Notice::Unavailable),
            Self::FlowGone => (404, Notice::FlowGone),
            Self::Setting(_) | Self::Runtime(_) => (500, Notice::Broken),
        }
    }
}
