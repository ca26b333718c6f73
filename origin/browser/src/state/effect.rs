//! What a reducer wants done. A reducer changes state and nothing else; the core does the rest.

use std::{borrow::Cow, time::Duration};

use chromiumoxide_types::Command;
use serde_json::Value;

use crate::{
    error::FatalReason, event::BrowserEvent, focus::Needed, ids::PageId, remote::Remote,
    screencast_frame::ScreencastFrame,
};

/// One thing to do. Effects are applied in the order in which reducers return them.
pub(crate) enum Effect {
    /// A CDP command, sent in order; nobody waits for its answer.
    Send {
        /// `None` is the browser itself.
        session: Option<String>,
        method: Cow<'static, str>,
        params: Value,
    },
    /// An event for those who watch the browser.
    Emit(BrowserEvent),
    /// The newest frame of the screencast.
    ShowFrame(ScreencastFrame),
    /// What the strip above the picture says.
    ShowRemote(Remote),
    /// The CSS keyword of the cursor under the pointer.
    ShowCursor(String),
    /// An element is needed to go on, or the same one moved, or none is known any more.
    Needs(Needed),
    /// The history of this page is asked for: whether there is a page to go back to is the only
    /// thing about a page that no event tells. The answer is
    /// [`State::history_read`](super::State::history_read).
    ReadHistory { page: PageId, session: String },
    /// When this time is over, [`State::frame_overdue`](super::State::frame_overdue) is told.
    AwaitFrame(FrameDeadline),
    /// The browser ends.
    End(FatalReason),
}

/// How long the screencast may go without a frame of the right size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameDeadline {
    /// Which start of the screencast, or which change of size, it is about.
    pub turn: u64,
    pub after: Duration,
}

impl Effect {
    /// A command to a session; the empty one is the browser itself.
    pub fn send(session: &str, command: &impl Command) -> Self {
        Self::command(
            Some(session.to_owned()).filter(|name| !name.is_empty()),
            command,
        )
    }

    /// A command to the browser itself.
    pub fn send_to_browser(command: &impl Command) -> Self {
        Self::command(None, command)
    }

    fn command(session: Option<String>, command: &impl Command) -> Self {
        match serde_json::to_value(command) {
            Ok(params) => Self::Send {
                session,
                method: command.identifier(),
                params,
            },
            Err(_) => Self::End(FatalReason::Protocol),
        }
    }
}

#[cfg(test)]
impl std::fmt::Debug for Effect {
    /// One line for tests to compare: `session Method {params}`, or what is done.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send {
                session,
                method,
                params,
            } => write!(f, "{} {method} {params}", session.as_deref().unwrap_or("-")),
            Self::Emit(event) => write!(f, "emit {event:?}"),
            Self::ShowFrame(frame) => write!(f, "show frame {}", frame.seq),
            Self::ShowRemote(remote) => write!(f, "show remote {}", remote.host),
            Self::ShowCursor(cursor) => write!(f, "show cursor {cursor}"),
            Self::Needs(needed) => write!(f, "needs {}", needed.number),
            Self::ReadHistory { page, .. } => write!(f, "read history {}", page.0),
            Self::AwaitFrame(deadline) => write!(f, "await frame {}", deadline.turn),
            Self::End(reason) => write!(f, "end {reason:?}"),
        }
    }
}

/// Effects as lines, without the parameters of commands.
#[cfg(test)]
pub(crate) fn lines(effects: &[Effect]) -> Vec<String> {
    let line = |effect: &Effect| match effect {
        Effect::Send {
            session, method, ..
        } => format!("{} {method}", session.as_deref().unwrap_or("-")),
        other => format!("{other:?}"),
    };
    effects.iter().map(line).collect()
}
