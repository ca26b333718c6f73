//! What goes wrong: with a browser, with a command, with a document.

use std::time::Duration;

/// The reasons why a browser ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FatalReason {
    /// The process has ended.
    #[error("Chromium ended")]
    Exited,
    /// A page's renderer crashed.
    #[error("a page of Chromium crashed")]
    Crashed,
    /// Chromium no longer reads the commands that it is sent.
    #[error("Chromium does not read its pipe")]
    Stuck,
    /// Chromium sent a message that is too long, or bytes that are no message.
    #[error("Chromium broke its protocol")]
    Protocol,
    /// The last page was closed.
    #[error("the last page was closed")]
    NoPage,
    /// The browser was closed or dropped by this program.
    #[error("the browser was closed")]
    Closed,
}

/// An error of a browser or of one of its pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// Chromium did not start; the text says why.
    #[error("Chromium did not start: {0}")]
    Launch(String),
    /// As many browsers as the configuration allows are in use already.
    #[error("all browsers that this origin may have are in use")]
    Busy,
    /// Chromium's sandbox cannot work on this machine; Chromium is never started without it.
    #[error("Chromium's sandbox does not work here: {0}")]
    Sandbox(String),
    /// The browser has ended, for this reason.
    #[error("the browser is gone: {0}")]
    Gone(#[from] FatalReason),
    /// A command was not answered in time.
    #[error("{method} was not answered within {after:?}")]
    Timeout {
        /// The CDP method of the command.
        method: &'static str,
        /// How long the answer was waited for.
        after: Duration,
    },
    /// Chromium answered a command with an error.
    #[error("{method} was refused: {message}")]
    Refused {
        /// The CDP method of the command.
        method: &'static str,
        /// The error's text, cut to a bounded length.
        message: String,
    },
    /// The answer to a command does not have the shape that the protocol gives it.
    #[error("{method} was answered with something else")]
    Answer {
        /// The CDP method of the command.
        method: &'static str,
    },
    /// The called script threw an exception. The text may come from the website; its length is bounded.
    #[error("the script failed: {0}")]
    Script(String),
    /// The frame is gone, or belongs to another page.
    #[error("no such frame")]
    NoSuchFrame,
    /// The script returned no element, or one that has no box to click.
    #[error("no such element")]
    NoSuchElement,
    /// The address has a scheme that is not visited or fetched.
    #[error("only http and https addresses are visited")]
    Scheme,
    /// The body is longer than this many bytes, which were allowed.
    #[error("longer than {0} bytes")]
    TooLarge(usize),
    /// A downloaded file could not be read; the text says why.
    #[error("file: {0}")]
    File(String),
}

/// Why a document could not be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NetError {
    /// The host's name is not known.
    Dns,
    /// The certificate is not valid, or the TLS handshake failed.
    Tls,
    /// The host refused the connection, or the connection was cut.
    Refused,
    /// The host did not answer in time.
    Timeout,
    /// The egress guard does not allow connections to this address.
    BlockedAddress,
    /// Another error of the network.
    Other,
}

impl BrowserError {
    /// The kind of the error as a fixed word for logs, without any text of the website.
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
