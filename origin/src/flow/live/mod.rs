//! The live view's WebSocket: carries screencast frames to the viewer, and the viewer's input to the browser.
//!
//! Reading and writing never wait for each other. What is to be written waits in a [`LatestQueue`],
//! which holds the newest message of each kind and nothing else. So a slow viewer sees fewer frames,
//! but never late ones, and costs no memory.

mod input;
mod latest_queue;
mod video;
pub mod viewer_session;

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use browser::{Screencast, ScreencastFrame};
use futures_util::{SinkExt as _, Stream, StreamExt as _, stream::SplitSink};
use shared::live::{EndReason, FrameHeader, ServerMessage};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use self::{
    input::ViewerInput,
    latest_queue::{LatestQueue, Outgoing},
    video::{Video, VideoEvent},
};
use super::ViewerSession;

/// A write that takes longer than this means that the viewer is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// A viewer that was told about the end closes the connection within this time.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between two pings, which ask a quiet viewer for a sign of life.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// A viewer that sends nothing for this long, not even the answer to a ping, is gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// Serves one viewer until the live view is over, the viewer leaves, or another one takes over.
pub async fn serve(socket: WebSocket, session: ViewerSession) {
    let flow = session.flow_ref();
    let (sink, stream) = socket.split();
    let queue = LatestQueue::default();
    let connection = Connection::new(session, &queue);
    let reading = connection.run(stream);
    let writing = write(sink, &queue);
    // The reader closes the queue when it ends; the writer then writes what is left in it.
    let ((), written) = tokio::join!(reading, writing);
    if written.is_err() {
        tracing::debug!(%flow, "the viewer's connection broke");
    }
}

struct Connection<'a> {
    session: ViewerSession,
    queue: &'a LatestQueue,
    input: ViewerInput,
    video: Video,
}

impl<'a> Connection<'a> {
    fn new(session: ViewerSession, queue: &'a LatestQueue) -> Self {
        let input = ViewerInput::new(&session);
        queue.put(input.hello());
        Self {
            session,
            queue,
            input,
            video: Video::default(),
        }
    }

    async fn run(mut self, mut stream: impl Stream<Item = Result<Message, axum::Error>> + Unpin) {
        let mut last_received = Instant::now();
        let mut ticks = interval(PING_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.send_state();
        loop {
            if let Some(reason) = self.session.ended() {
                self.finish(reason);
                break;
            }
            tokio::select! {
                message = stream.next() => {
                    last_received = Instant::now();
                    if !self.receive(message) {
                        break;
                    }
                }
                () = self.session.changed() => self.send_state(),
                event = self.video.next() => match event {
                    VideoEvent::Frame(frame) => self.queue.put_frame(frame),
                    VideoEvent::Message(message) => self.queue.put(message),
                },
                () = self.queue.closed() => break,
                _ = ticks.tick() => {
                    if last_received.elapsed() > SILENCE_LIMIT {
                        break;
                    }
                    self.queue.ping();
                }
            }
        }
        self.queue.close();
        self.stop_video();
        // Closing a connection that has unread data loses what was written last.
        let drain = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = timeout(CLOSE_TIMEOUT, drain).await;
    }

    /// Takes a message of the viewer. Answers false when the connection must end: the viewer is gone,
    /// or sent something that our own viewer never sends.
    fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> bool {
        match message {
            Some(Ok(Message::Text(text))) => {
                self.input.apply(&text, &self.session, &mut self.video)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
            Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => false,
        }
    }

    /// Sends where the flow stands. Keeps nothing of the state: whoever holds the browser last ends it.
    fn send_state(&mut self) {
        let state = self.session.state();
        self.queue.put(ServerMessage::State {
            step: state.step,
            sign_in: state.sign_in,
        });
        if self.video.attach(state.browser.as_ref()) {
            self.queue.set_cast(self.video.screencast());
        }
    }

    /// Sends the last state, which may be another step, and why the live view is over.
    fn finish(&mut self, reason: EndReason) {
        if reason != EndReason::TakenOver {
            let state = self.session.state();
            self.queue.put(ServerMessage::State {
                step: state.step,
                sign_in: state.sign_in,
            });
        }
        self.queue.put(ServerMessage::Ended { reason });
    }

    /// Stops the screencast, unless another viewer looks at it already.
    fn stop_video(&self) {
        if self.session.ended() != Some(EndReason::TakenOver) {
            self.video.stop();
        }
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, queue: &LatestQueue) -> Result<(), ()> {
    let result = async {
        while let Some(out) = queue.next().await {
            let message = match out {
                Outgoing::Message(message) => Message::Text(json(&message).into()),
                Outgoing::Frame(frame, cast) => frame_message(&frame, cast.as_ref()),
                Outgoing::Ping => Message::Ping(axum::body::Bytes::new()),
            };
            let sent = timeout(WRITE_TIMEOUT, sink.send(message)).await;
            sent.map_err(|_| ())?.map_err(|_| ())?;
        }
        Ok(())
    }
    .await;
    queue.close();
    let _ = timeout(WRITE_TIMEOUT, sink.close()).await;
    result
}

fn json(message: &ServerMessage) -> String {
    // It has strings, numbers and enums only, so this cannot fail.
    serde_json::to_string(message).unwrap_or_default()
}

fn frame_message(frame: &ScreencastFrame, cast: Option<&Screencast>) -> Message {
    let header = FrameHeader {
        scale: frame.scale,
        seq: frame.seq,
        page: frame.page.0,
        width: frame.width,
        height: frame.height,
    };
    let mut bytes = Vec::with_capacity(FrameHeader::LEN + frame.jpeg.len());
    bytes.extend_from_slice(&header.to_bytes());
    bytes.extend_from_slice(&frame.jpeg);
    if let Some(cast) = cast {
        cast.sent(frame.seq);
    }
    Message::Binary(bytes.into())
}

#[cfg(test)]
mod tests;
