//! The job queue and the browsers, at a glance.

use askama::Template;
use axum::response::Html;
use shared::time::UnixMillis;

use super::{
    error::OperatorError,
    page::{Place, Shell, render},
    session::Operating,
    words::kind_words,
};
use crate::{
    console::Moment,
    store::{
        StoreError,
        queue::{BusyWorker, QueuedKind},
    },
};

#[derive(Template)]
#[template(path = "operator/queue.html")]
struct QueuePage<'a> {
    shell: Shell<'a>,
    kinds: &'a [QueuedKind],
    workers: &'a [BusyWorker],
    /// Browsers of this node that are given out, and how many may be.
    browsers: (usize, usize),
}

impl QueuePage<'_> {
    fn name(&self, kind: &QueuedKind) -> &'static str {
        kind_words(&kind.kind)
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }
}

/// Shows how many jobs of each kind wait, and which workers work.
pub(super) async fn show(me: Operating) -> Result<Html<String>, OperatorError> {
    let (door, now) = (&me.state.door, me.now);
    let reading = door.store.read("operator.queue", |tx| {
        Box::pin(async move {
            let kinds = tx.queued_kinds(now).await?;
            Ok::<_, StoreError>((kinds, tx.busy_workers(now).await?))
        })
    });
    let (kinds, workers) = reading.await?;
    render(&QueuePage {
        shell: Shell::new(&me, Place::Queue),
        kinds: &kinds,
        workers: &workers,
        browsers: door.launcher.in_use(),
    })
}
