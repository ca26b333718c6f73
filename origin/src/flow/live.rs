//! The live view's WebSocket: pumps pictures to the viewer and the viewer's hands to the browser.
//!
//! Reading and writing never wait for each other. What is to be written lies in an [`Outbox`] that
//! holds the newest of each kind and nothing else, so a slow viewer sees less, never later, and
//! costs no memory.

mod eyes;
mod hands;
mod outbox;

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt as _, Stream, StreamExt as _, stream::SplitSink};
use shared::live::{FrameHeader, ServerMessage};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use self::{
    eyes::{Eyes, Seen},
    hands::Hands,
    outbox::Outbox,
};
use super::{Seat, seat::EndReason};
use crate::browser::{Frame, Screencast};

/// One write takes no longer unless the viewer is gone.
const WRITE: Duration = Duration::from_secs(30);
/// A viewer that was told the end closes the line within this time.
const GOODBYE: Duration = Duration::from_secs(5);
/// Asks an idle viewer whether he is there.
const PING: Duration = Duration::from_secs(20);
/// A viewer that says nothing for this long, not even to a ping, is gone.
const SILENCE: Duration = Duration::from_secs(60);

/// Serves one viewer until the view is over, he leaves, or another takes over.
pub async fn pump(socket: WebSocket, seat: Seat) {
    let flow = seat.flow_ref();
    let (sink, stream) = socket.split();
    let outbox = Outbox::default();
    let view = View::new(seat, &outbox);
    let reading = view.run(stream);
    let writing = write(sink, &outbox);
    // The reader closes the outbox when it ends, and the writer then writes what is left.
    let ((), written) = tokio::join!(reading, writing);
    if written.is_err() {
        tracing::debug!(%flow, "the viewer's line broke");
    }
}

struct View<'a> {
    seat: Seat,
    outbox: &'a Outbox,
    hands: Hands,
    eyes: Eyes,
}

impl<'a> View<'a> {
    fn new(seat: Seat, outbox: &'a Outbox) -> Self {
        let hands = Hands::new(&seat);
        outbox.put(hands.hello());
        Self {
            seat,
            outbox,
            hands,
            eyes: Eyes::default(),
        }
    }

    async fn run(mut self, mut stream: impl Stream<Item = Result<Message, axum::Error>> + Unpin) {
        let mut heard = Instant::now();
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.show();
        loop {
            if let Some(reason) = self.seat.ended() {
                self.finish(reason);
                break;
            }
            tokio::select! {
                message = stream.next() => {
                    heard = Instant::now();
                    if !self.hear(message) {
                        break;
                    }
                }
                () = self.seat.changed() => self.show(),
                seen = self.eyes.next() => match seen {
                    Seen::Frame(frame) => self.outbox.put_frame(frame),
                    Seen::Say(said) => self.outbox.put(said),
                },
                () = self.outbox.closed() => break,
                _ = ticks.tick() => {
                    if heard.elapsed() > SILENCE {
                        break;
                    }
                    self.outbox.ping();
                }
            }
        }
        self.outbox.close();
        self.leave();
        // A line that is cut with something unread on it loses what was written last.
        let drain = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = timeout(GOODBYE, drain).await;
    }

    /// False when this viewer is done: gone, or not speaking our language.
    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> bool {
        match message {
            Some(Ok(Message::Text(text))) => self.hands.act(&text, &self.seat, &mut self.eyes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
            Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => false,
        }
    }

    /// Keeps nothing of the state: its last holder ends the browser.
    fn show(&mut self) {
        let state = self.seat.state();
        self.outbox.put(ServerMessage::State {
            step: state.step,
            sign_in: state.sign_in,
        });
        if self.eyes.look_at(state.browser.as_ref()) {
            self.outbox.set_cast(self.eyes.screencast());
        }
    }

    /// Tells the last state, which may be another step, and why it is over.
    fn finish(&mut self, reason: EndReason) {
        if reason != EndReason::TakenOver {
            let state = self.seat.state();
            self.outbox.put(ServerMessage::State {
                step: state.step,
                sign_in: state.sign_in,
            });
        }
        self.outbox.put(ServerMessage::Ended {
            reason: reason.as_str().to_owned(),
        });
    }

    /// Nobody looks: nothing is drawn. Unless somebody else looks already.
    fn leave(&self) {
        if self.seat.ended() != Some(EndReason::TakenOver) {
            self.eyes.shut();
        }
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, outbox: &Outbox) -> Result<(), ()> {
    let result = async {
        while let Some(out) = outbox.next().await {
            let message = match out {
                outbox::Out::Say(said) => Message::Text(json(&said).into()),
                outbox::Out::Frame(frame, cast) => show(&frame, cast.as_ref()),
                outbox::Out::Ping => Message::Ping(axum::body::Bytes::new()),
            };
            let sent = timeout(WRITE, sink.send(message)).await;
            sent.map_err(|_| ())?.map_err(|_| ())?;
        }
        Ok(())
    }
    .await;
    outbox.close();
    let _ = timeout(WRITE, sink.close()).await;
    result
}

fn json(said: &ServerMessage) -> String {
    // Strings, numbers and enums: nothing that JSON cannot say.
    serde_json::to_string(said).unwrap_or_default()
}

fn show(frame: &Frame, cast: Option<&Screencast>) -> Message {
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
