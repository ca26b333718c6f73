//! What goes wrong: with a browser, with a command, with a document.

use std::time::Duration;

/// Why a browser ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FatalReason {
    /// The process is gone.
    #[error("Chromium ended")]
    Exited,
    /// A page's renderer crashed.
    #[error("a page of Chromium crashed")]
    Crashed,
    /// It no longer reads what it is sent.
    #[error("Chromium does not read its pipe")]
    Stuck,
    /// It said something that is too long or no message at all.
    #[error("Chromium broke its protocol")]
    Protocol,
    /// The last page was closed.
    #[error("the last page was closed")]
    NoPage,
    /// We closed it.
    #[error("the browser was closed")]
    Closed,
}

/// What goes wrong with a browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// It did not start.
    #[error("Chromium did not start: {0}")]
    Launch(String),
    /// As many as allowed live already.
    #[error("all browsers that this origin may have are in use")]
    Busy,
    /// Its sandbox cannot work here; it is never started without.
    #[error("Chromium's sandbox does not work here: {0}")]
    Sandbox(String),
    /// It ended.
    #[error("the browser is gone: {0}")]
    Gone(#[from] FatalReason),
    /// A command was not answered in time.
    #[error("{method} was not answered within {after:?}")]
    Timeout {
        /// The command.
        method: &'static str,
        /// How long it waited.
        after: Duration,
    },
    /// The engine refused a command.
    #[error("{method} was refused: {message}")]
    Refused {
        /// The command.
        method: &'static str,
        /// Bounded.
        message: String,
    },
    /// The answer was not what the protocol says.
    #[error("{method} was answered with something else")]
    Answer {
        /// The command.
        method: &'static str,
    },
    /// The called script threw; the text is the site's or the script's, bounded.
    #[error("the script failed: {0}")]
    Script(String),
    /// That frame is gone.
    #[error("no such frame")]
    NoSuchFrame,
    /// The locator found nothing, or nothing that can be clicked.
    #[error("no such element")]
    NoSuchElement,
    /// Only http and https are visited.
    #[error("only http and https addresses are visited")]
    Scheme,
    /// The body is longer than allowed.
    #[error("longer than {0} bytes")]
    TooLarge(usize),
    /// A file of the browser could not be read.
    #[error("file: {0}")]
    File(String),
}

/// Why a document did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NetError {
    /// No such host.
    Dns,
    /// Certificate or handshake.
    Tls,
    /// Nobody listens there, or the line was cut.
    Refused,
    /// Nothing in time.
    Timeout,
    /// The egress guard does not let it out.
    BlockedAddress,
    /// Anything else.
    Other,
}

impl BrowserError {
    /// What kind of error it is, for logs: no text of the website is in it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Launch(_) => "launch",
            Self::Busy => "busy",
            Self::Sandbox(_) => "sandbox",
            Self::Gone(_) => "gone",
            Self::Timeout { .. } => "timeout",
            Self::Refused { .. } => "refused",
            Self::Answer { .. } => "answer",
            Self::Script(_) => "script",
            Self::NoSuchFrame => "no such frame",
            Self::NoSuchElement => "no such element",
            Self::Scheme => "scheme",
            Self::TooLarge(_) => "too large",
            Self::File(_) => "file",
        }
    }
}
