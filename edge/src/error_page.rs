//! Turns each error into the page that tells the visitor about it.

use crate::{
    error::EdgeError,
    log,
    pages::{Notice, Shell},
    reply::Reply,
};

/// The page for an error, and a log line where somebody must look.
pub fn error_page(error: &EdgeError, shell: &Shell) -> Reply {
    let (status, notice) = notice(error);
    if status >= 500 {
        log::line("error", &[("what", &error.to_string())]);
    }
    let mut reply = notice.reply(status, shell);
    if let EdgeError::Method(allow) = error {
        reply.extra = Some(("allow", (*allow).to_owned()));
    }
    if matches!(error, EdgeError::TooMany) {
        reply.extra = Some(("retry-after", "60".to_owned()));
    }
    reply
}

fn notice(error: &EdgeError) -> (u16, Notice) {
    match error {
        EdgeError::NotFound => (404, Notice::NotFound),
        EdgeError::Method(_) => (405, Notice::NotUnderstood),
        EdgeError::OtherOrigin => (403, Notice::OtherOrigin),
        EdgeError::NotAForm => (415, Notice::NotUnderstood),
        EdgeError::NoLength => (411, Notice::NotUnderstood),
        EdgeError::TooLarge => (413, Notice::NotUnderstood),
        EdgeError::NotUnderstood => (400, Notice::NotUnderstood),
        EdgeError::TooMany => (429, Notice::TooMany),
        EdgeError::Unsigned(_) => (401, Notice::NotUnderstood),
        EdgeError::Origin(_) | EdgeError::TimedOut(_) => (503, Notice::Unavailable),
        EdgeError::FlowGone => (404, Notice::FlowGone),
        EdgeError::Setting(_) | EdgeError::Runtime(_) => (500, Notice::Broken),
    }
}
