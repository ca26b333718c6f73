//! How far collections are, told to a page while somebody looks at it: server-sent events, of which the first tells how all
//! connections of the page stand and each further one those that stand otherwise since.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::{
    extract::Query,
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use shared::id::ConnectionId;

use super::{
    error::ConsoleError,
    open_streams::OpenStream,
    session::SignedIn,
    words::{progress_words, status_words},
};
use crate::{
    collection::CollectBills,
    jobs::Kind as _,
    store::{
        StoreError,
        progress::{ConnectionProgress, RunProgress},
    },
};

/// Connections that one page follows at most.
const FOLLOWED: usize = 100;
/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(2);
/// How often it is asked for one stream: then the browser comes again.
const TIMES: u32 = 300;
/// A line without content goes out so often, so that no proxy takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a browser comes again whose stream has ended.
const COME_BACK: Duration = Duration::from_secs(5);

/// How a connection stands, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Told {
    id: String,
    label: &'static str,
    tone: &'static str,
    who: &'static str,
    /// How far the collection is that runs; empty while none does.
    progress: String,
}

/// How far a run is, in words; empty while none runs.
pub(super) fn run_words(run: Option<RunProgress>) -> String {
    run.map(progress_words).unwrap_or_default()
}

/// How these connections stand at this moment.
pub(super) async fn progress(
    me: &SignedIn,
    tx: &mut crate::store::Tx<'_>,
    connections: &[ConnectionId],
) -> Result<Vec<ConnectionProgress>, StoreError> {
    let now = me.console.door.clock.now();
    let job = (CollectBills::NAME, now);
    tx.connection_progress(me.organization.id, connections, job)
        .await
}

/// What stands behind the address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The ids of the connections, with commas between them.
    ids: String,
}

/// A page that follows connections.
struct Follower {
    me: SignedIn,
    ids: Vec<ConnectionId>,
    told: HashMap<ConnectionId, ConnectionProgress>,
    times: u32,
    _open: OpenStream,
}

/// Tells how the connections stand until the session ends, the node stops or ten minutes are over.
pub(super) async fn events(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    let ids: Result<Vec<ConnectionId>, _> = asked.ids.split(',').map(str::parse).collect();
    let ids = ids.ok().filter(|ids| ids.len() <= FOLLOWED);
    let ids = ids.ok_or(ConsoleError::NotFound)?;
    let open = me.console.streams.open(me.member.id);
    let follower = Follower {
        _open: open.ok_or(ConsoleError::TooMany)?,
        me,
        ids,
        told: HashMap::new(),
        times: 0,
    };
    let events = stream::unfold(Some(follower), next);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// The next event and who waits for those after it; `None` at the end.
async fn next(follower: Option<Follower>) -> Option<(Result<Event, Infallible>, Option<Follower>)> {
    let mut follower = follower?;
    let mut stopping = follower.me.console.door.stopping.clone();
    loop {
        if follower.times > 0 {
            let stops = stopping.wait_for(|is_stopping| *is_stopping);
            if tokio::time::timeout(EVERY, stops).await.is_ok() {
                return None;
            }
        }
        if follower.times >= TIMES {
            return None;
        }
        follower.times += 1;
        let event = Event::default().retry(COME_BACK);
        match follower.look().await {
            // The browser is not to come again.
            Ok(None) => return Some((Ok(event.event("over").data("")), None)),
            Ok(Some(changed)) if changed.is_empty() => {}
            Ok(Some(changed)) => {
                let event = event.json_data(&changed).unwrap_or_default();
                return Some((Ok(event), Some(follower)));
            }
            Err(error) => {
                tracing::warn!(%error, "the progress of connections cannot be read");
                return None;
            }
        }
    }
}

impl Follower {
    /// What stands otherwise than it was told; `None` when the session is over.
    async fn look(&mut self) -> Result<Option<Vec<Told>>, StoreError> {
        let (me, ids) = (&self.me, &self.ids);
        let now = me.console.door.clock.now();
        let reading = me.console.door.store.read("console.progress", |tx| {
            Box::pin(async move {
                if !me.is_open_at(tx, now).await? {
                    return Ok::<_, StoreError>(None);
                }
                progress(me, tx, ids).await.map(Some)
            })
        });
        let Some(found) = reading.await? else {
            return Ok(None);
        };
        let mut changed = Vec::new();
        for one in found {
            if self.told.insert(one.id, one) != Some(one) {
                let words = status_words(one.status, one.inactive_at.is_some());
                changed.push(Told {
                    id: one.id.to_string(),
                    label: words.label,
                    tone: words.tone,
                    who: words.who,
                    progress: run_words(one.run),
                });
            }
        }
        Ok(Some(changed))
    }
}
