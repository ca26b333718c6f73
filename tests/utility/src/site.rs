//! The running website, as its handlers see it.

use std::sync::Arc;

use axum::extract::State;

use crate::{Options, session::Sessions};

/// The running website.
pub(crate) struct Site {
    /// What it is made from, and what changes it while it runs.
    pub options: Options,
    /// Who is signed in.
    pub sessions: Sessions,
}

/// The running website, handed to a handler.
pub(crate) type Shared = State<Arc<Site>>;
