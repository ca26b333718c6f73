//! What is to be sent to a viewer: the newest message of each kind, the most important kind first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use browser::{Screencast, ScreencastFrame};
use shared::live::ServerMessage;
use tokio::sync::Notify;

/// A queue of at most one message of each kind: a newer one replaces the one that waits.
#[derive(Default)]
pub(super) struct LatestQueue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    closed: Notify,
}

#[derive(Default)]
struct Waiting {
    /// One slot for each kind: hello, state, ended, remote, cursor, focus.
    messages: [Option<ServerMessage>; 6],
    frame: Option<Arc<ScreencastFrame>>,
    cast: Option<Screencast>,
    ping: bool,
    closed: bool,
}

/// What the writer takes from the queue next.
pub(super) enum Outgoing {
    /// A message to write as JSON text.
    Message(ServerMessage),
    /// A frame, and the screencast that must know that it was sent.
    Frame(Arc<ScreencastFrame>, Option<Screencast>),
    /// A ping, which asks for a sign of life.
    Ping,
}

impl LatestQueue {
    /// Adds a message; it replaces a waiting one of its kind.
    pub fn put(&self, message: ServerMessage) {
        let slot = match message {
            ServerMessage::Hello { .. } => 0,
            ServerMessage::State { .. } => 1,
            ServerMessage::Ended { .. } => 2,
            ServerMessage::Remote { .. } => 3,
            ServerMessage::Cursor { .. } => 4,
            ServerMessage::Focus { .. } => 5,
        };
        if let Some(slot) = self.waiting().messages.get_mut(slot) {
            *slot = Some(message);
        }
        self.changed.notify_one();
    }

    /// Adds a frame; it replaces a waiting one.
    pub fn put_frame(&self, frame: Arc<ScreencastFrame>) {
        self.waiting().frame = Some(frame);
        self.changed.notify_one();
    }

    /// Frames come from this screencast from now on; a waiting one of another is dropped.
    pub fn set_cast(&self, cast: Option<Screencast>) {
        let mut waiting = self.waiting();
        waiting.cast = cast;
        waiting.frame = None;
    }

    /// Adds a ping.
    pub fn ping(&self) {
        self.waiting().ping = true;
        self.changed.notify_one();
    }

    /// Closes the queue: waiting messages are still written, a waiting frame is not.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        waiting.frame = None;
        self.changed.notify_one();
        self.closed.notify_one();
    }

    /// Waits until the queue is closed.
    pub async fn closed(&self) {
        while !self.waiting().closed {
            self.closed.notified().await;
        }
    }

    /// Waits for the next thing to write; `None` once the queue is closed and empty. Cancel-safe.
    pub async fn next(&self) -> Option<Outgoing> {
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
    fn take(&mut self) -> Option<Outgoing> {
        if let Some(message) = self.messages.iter_mut().find_map(Option::take) {
            return Some(Outgoing::Message(message));
        }
        if let Some(frame) = self.frame.take() {
            return Some(Outgoing::Frame(frame, self.cast.clone()));
        }
        std::mem::take(&mut self.ping).then_some(Outgoing::Ping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use browser::PageId;

    fn frame(seq: u32) -> Arc<ScreencastFrame> {
        Arc::new(ScreencastFrame {
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
        let queue = LatestQueue::default();
        for seq in 1..1000 {
            queue.put_frame(frame(seq));
            queue.put(cursor(&format!("c{seq}")));
        }
        queue.ping();
        assert!(
            matches!(queue.next().await, Some(Outgoing::Message(said)) if said == cursor("c999"))
        );
        assert!(
            matches!(queue.next().await, Some(Outgoing::Frame(frame, None)) if frame.seq == 999)
        );
        assert!(matches!(queue.next().await, Some(Outgoing::Ping)));
        queue.put_frame(frame(1000));
        queue.put(cursor("last"));
        queue.close();
        queue.closed().await;
        assert!(matches!(queue.next().await, Some(Outgoing::Message(_))));
        assert!(queue.next().await.is_none());
    }
}
