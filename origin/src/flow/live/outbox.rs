//! What the viewer is to be told: the newest of each kind, most important first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::live::ServerMessage;
use tokio::sync::Notify;

use crate::browser::{Frame, Screencast};

/// At most one message of each kind waits here.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    changed: Notify,
    shut: Notify,
}

#[derive(Default)]
struct Waiting {
    /// By kind: hello, state, ended, remote, cursor.
    said: [Option<ServerMessage>; 5],
    frame: Option<Arc<Frame>>,
    cast: Option<Screencast>,
    ping: bool,
    closed: bool,
}

/// The next thing to write.
pub(super) enum Out {
    /// A message.
    Say(ServerMessage),
    /// A picture, and who wants to know that it is on its way.
    Frame(Arc<Frame>, Option<Screencast>),
    /// Are you there?
    Ping,
}

impl Outbox {
    /// Replaces what waits of the same kind.
    pub fn put(&self, said: ServerMessage) {
        let slot = match said {
            ServerMessage::Hello { .. } => 0,
            ServerMessage::State { .. } => 1,
            ServerMessage::Ended { .. } => 2,
            ServerMessage::Remote { .. } => 3,
            ServerMessage::Cursor { .. } => 4,
        };
        if let Some(slot) = self.waiting().said.get_mut(slot) {
            *slot = Some(said);
        }
        self.changed.notify_one();
    }

    /// Replaces the picture that waits.
    pub fn put_frame(&self, frame: Arc<Frame>) {
        self.waiting().frame = Some(frame);
        self.changed.notify_one();
    }

    /// Pictures come from here now; one of another browser is no longer shown.
    pub fn set_cast(&self, cast: Option<Screencast>) {
        let mut waiting = self.waiting();
        waiting.cast = cast;
        waiting.frame = None;
    }

    /// Asks whether the viewer is there.
    pub fn ping(&self) {
        self.waiting().ping = true;
        self.changed.notify_one();
    }

    /// Nothing more comes: what waits is written, but no picture.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        waiting.frame = None;
        self.changed.notify_one();
        self.shut.notify_one();
    }

    /// Resolves once it is closed.
    pub async fn closed(&self) {
        while !self.waiting().closed {
            self.shut.notified().await;
        }
    }

    /// The next thing; `None` once closed and empty. Cancel-safe.
    pub async fn next(&self) -> Option<Out> {
        loop {
            {
                let mut waiting = self.waiting();
                if let Some(out) = waiting.take() {
                    return Some(out);
                }
                if waiting.closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn take(&mut self) -> Option<Out> {
        if let Some(said) = self.said.iter_mut().find_map(Option::take) {
            return Some(Out::Say(said));
        }
        if let Some(frame) = self.frame.take() {
            return Some(Out::Frame(frame, self.cast.clone()));
        }
        std::mem::take(&mut self.ping).then_some(Out::Ping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::PageId;

    fn frame(seq: u32) -> Arc<Frame> {
        Arc::new(Frame {
            seq,
            page: PageId(1),
            width: 1,
            height: 1,
            scale: 100,
            jpeg: Vec::new(),
        })
    }

    fn cursor(cursor: &str) -> ServerMessage {
        let cursor = cursor.to_owned();
        ServerMessage::Cursor { cursor }
    }

    #[tokio::test]
    async fn the_newest_of_each_kind_and_pictures_last() {
        let outbox = Outbox::default();
        for seq in 1..1000 {
            outbox.put_frame(frame(seq));
            outbox.put(cursor(&format!("c{seq}")));
        }
        outbox.ping();
        assert!(matches!(outbox.next().await, Some(Out::Say(said)) if said == cursor("c999")));
        assert!(matches!(outbox.next().await, Some(Out::Frame(frame, None)) if frame.seq == 999));
        assert!(matches!(outbox.next().await, Some(Out::Ping)));
        outbox.put_frame(frame(1000));
        outbox.put(cursor("last"));
        outbox.close();
        outbox.closed().await;
        assert!(matches!(outbox.next().await, Some(Out::Say(_))));
        assert!(outbox.next().await.is_none());
    }
}
