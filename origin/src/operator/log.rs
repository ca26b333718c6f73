//! What operators looked at and did, newest first.

use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;
use shared::time::UnixMillis;

use super::{
    error::OperatorError,
    page::{Place, Shell, render},
    session::Operating,
    words::action_words,
};
use crate::{
    console::Moment,
    store::operator_events::{OperatorEvent, OperatorEventCursor},
};

/// Lines of a page.
const LINES: usize = 50;

/// Which part of the log: what stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    at: Option<i64>,
    id: Option<String>,
}

impl Asked {
    fn after(&self) -> Option<OperatorEventCursor> {
        Some(OperatorEventCursor {
            at: UnixMillis(self.at?),
            id: self.id.as_ref()?.parse().ok()?,
        })
    }
}

#[derive(Template)]
#[template(path = "operator/log.html")]
struct LogPage<'a> {
    shell: Shell<'a>,
    events: &'a [(OperatorEvent, String)],
    is_later: bool,
    /// The address of the next page.
    more: Option<String>,
}

impl LogPage<'_> {
    fn told(&self, event: &OperatorEvent) -> &'static str {
        action_words(event.action)
    }

    fn moment(&self, event: &OperatorEvent) -> Moment {
        Moment::at(event.at)
    }
}

/// Shows a page of the log.
pub(super) async fn show(
    me: Operating,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, OperatorError> {
    let after = asked.after();
    let most = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    let reading = me.state.door.store.read("operator.log", |tx| {
        Box::pin(tx.operator_events(after, most))
    });
    let mut events = reading.await?;
    let is_more = events.len() > LINES;
    events.truncate(LINES);
    let last = events.last().filter(|_| is_more);
    let more = last.map(|(last, _)| format!("/operator/log?at={}&id={}", last.at.0, last.id));
    render(&LogPage {
        shell: Shell::new(&me, Place::Log),
        events: &events,
        is_later: after.is_some(),
        more,
    })
}
