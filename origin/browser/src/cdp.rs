//! The driver: Chromium's remote-debugging pipe, with a session name on every message.
//!
//! Commands either wait for their answer under a deadline ([`Cdp::call`]) or are sent in order and
//! forgotten ([`Cdp::send`]). Events are handed, in order, to one function that never waits. The
//! first fatal thing ends everything: every waiting call fails at once.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chromiumoxide_types::Command;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    sync::{mpsc, oneshot, watch},
};
use zeroize::{Zeroize as _, Zeroizing};

use super::error::{BrowserError, FatalReason};

/// How long an ordinary command may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// A fetched bill is the longest thing that Chromium has to say.
const MAX_MESSAGE: u64 = 48 * 1024 * 1024;

/// Commands that Chromium has not read yet: hundreds are a page load, thousands are a hang.
const MAX_UNREAD: usize = 4096;

/// One end of the pipe. Cheap to clone.
#[derive(Clone)]
pub(super) struct Cdp(Arc<Shared>);

struct Shared {
    outgoing: mpsc::Sender<Zeroizing<Vec<u8>>>,
    pending: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    last_id: AtomicU64,
    fatal: watch::Sender<Option<FatalReason>>,
}

type Reply = Result<Box<RawValue>, String>;

impl Cdp {
    /// The driver and its two halves of work, to be given to [`Cdp::run`].
    pub(super) fn new() -> (Self, Outgoing) {
        let (outgoing, queue) = mpsc::channel(MAX_UNREAD);
        let shared = Shared {
            outgoing,
            pending: Mutex::default(),
            last_id: AtomicU64::new(0),
            fatal: watch::Sender::new(None),
        };
        (Self(Arc::new(shared)), Outgoing(queue))
    }

    /// Reads and writes until the first fatal thing. `on_event` gets session, method and parameters.
    pub(super) async fn run(
        self,
        queue: Outgoing,
        to_chromium: pipe::Sender,
        from_chromium: pipe::Receiver,
        on_event: impl FnMut(Option<&str>, &str, &RawValue),
    ) {
        let mut ended = self.0.fatal.subscribe();
        let reason = tokio::select! {
            reason = self.read(from_chromium, on_event) => reason,
            reason = write(queue, to_chromium) => reason,
            _ = ended.wait_for(Option::is_some) => FatalReason::Closed,
        };
        self.fail(reason);
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn call<C: Command>(
        &self,
        session: Option<&str>,
        command: C,
        deadline: Duration,
    ) -> Result<C::Response, BrowserError> {
        let method = method_of(&command);
        let (answer, answered) = oneshot::channel();
        let id = self.next_id();
        self.pending().insert(id, answer);
        // Removes the entry also when this future is dropped half-way.
        let _forget = Forget(&self.0.pending, id);
        self.write(id, session, method, &command);
        if let Some(reason) = self.ended() {
            return Err(reason.into());
        }
        let reply = match tokio::time::timeout(deadline, answered).await {
            Err(_) => {
                return Err(BrowserError::Timeout {
                    method,
                    after: deadline,
                });
            }
            Ok(Err(_)) => return Err(self.ended().unwrap_or(FatalReason::Exited).into()),
            Ok(Ok(reply)) => reply,
        };
        let result = reply.map_err(|message| BrowserError::Refused { method, message })?;
        serde_json::from_str(result.get()).map_err(|_| BrowserError::Answer { method })
    }

    /// Sends a command, in order, and forgets it: never waits, never fails.
    pub(super) fn send<C: Command>(&self, session: Option<&str>, command: &C) {
        self.write(self.next_id(), session, method_of(command), command);
    }

    /// Sends a command that is JSON already, in order, and forgets it.
    pub(super) fn send_raw(&self, session: Option<&str>, method: &str, params: &Value) {
        self.write(self.next_id(), session, method, params);
    }

    /// Ends everything, for this reason unless it ended already.
    pub(super) fn fail(&self, reason: FatalReason) {
        self.0.fatal.send_if_modified(|now| {
            let first = now.is_none();
            now.get_or_insert(reason);
            first
        });
        self.pending().clear();
    }

    /// Why it ended, once it has.
    pub(super) fn ended(&self) -> Option<FatalReason> {
        *self.0.fatal.borrow()
    }

    /// Resolves when the connection has ended, with the reason.
    pub(super) fn fatal(&self) -> impl Future<Output = FatalReason> + Send + Sync + 'static {
        let mut ended = self.0.fatal.subscribe();
        async move {
            match ended.wait_for(Option::is_some).await {
                Ok(reason) => reason.unwrap_or(FatalReason::Closed),
                Err(_) => FatalReason::Closed,
            }
        }
    }

    fn next_id(&self) -> u64 {
        self.0.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Reply>>> {
        self.0
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write<C: Serialize>(&self, id: u64, session: Option<&str>, method: &str, params: &C) {
        let message = Message {
            id,
            session,
            method,
            params,
        };
        // What is typed passes through here.
        let mut bytes = Zeroizing::new(Vec::with_capacity(512));
        if serde_json::to_writer(&mut *bytes, &message).is_err() {
            return self.fail(FatalReason::Protocol);
        }
        bytes.push(0);
        if self.0.outgoing.try_send(bytes).is_err() {
            self.fail(FatalReason::Stuck);
        }
    }

    async fn read(
        &self,
        from_chromium: pipe::Receiver,
        mut on_event: impl FnMut(Option<&str>, &str, &RawValue),
    ) -> FatalReason {
        let mut reader = BufReader::with_capacity(128 * 1024, from_chromium);
        let mut message = Vec::new();
        loop {
            match (&mut reader)
                .take(MAX_MESSAGE)
                .read_until(0, &mut message)
                .await
            {
                Ok(0) | Err(_) => return FatalReason::Exited,
                Ok(_) => {}
            }
            if message.pop() != Some(0) {
                return FatalReason::Protocol;
            }
            if !self.take(&message, &mut on_event) {
                return FatalReason::Protocol;
            }
            message.zeroize();
            if message.capacity() > 4 * 1024 * 1024 {
                message = Vec::new();
            }
        }
    }

    /// False when this is no message.
    fn take(
        &self,
        message: &[u8],
        on_event: &mut impl FnMut(Option<&str>, &str, &RawValue),
    ) -> bool {
        let Ok(incoming) = serde_json::from_slice::<Incoming<'_>>(message) else {
            return false;
        };
        if let Some(id) = incoming.id {
            let Some(waiting) = self.pending().remove(&id) else {
                return true;
            };
            let reply = match (incoming.result, incoming.error) {
                (Some(result), None) => Ok(result.to_owned()),
                (_, error) => Err(error
                    .map(|error| super::plain_text::bounded(&error.message, 200))
                    .unwrap_or_default()),
            };
            let _ = waiting.send(reply);
            return true;
        }
        let Some(method) = incoming.method else {
            return false;
        };
        on_event(
            incoming.session.as_deref(),
            &method,
            incoming.params.unwrap_or(RawValue::NULL),
        );
        true
    }
}

/// Commands on their way out.
pub(super) struct Outgoing(mpsc::Receiver<Zeroizing<Vec<u8>>>);

async fn write(mut queue: Outgoing, mut to_chromium: pipe::Sender) -> FatalReason {
    while let Some(message) = queue.0.recv().await {
        if to_chromium.write_all(&message).await.is_err() {
            return FatalReason::Exited;
        }
    }
    FatalReason::Closed
}

struct Forget<'a>(&'a Mutex<HashMap<u64, oneshot::Sender<Reply>>>, u64);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.1);
    }
}

#[derive(Serialize)]
struct Message<'a, C> {
    id: u64,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    method: &'a str,
    params: &'a C,
}

#[derive(Deserialize)]
struct Incoming<'a> {
    id: Option<u64>,
    #[serde(rename = "sessionId", borrow)]
    session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

fn method_of(command: &impl Command) -> &'static str {
    match command.identifier() {
        Cow::Borrowed(method) => method,
        Cow::Owned(_) => "a command",
    }
}

#[cfg(test)]
mod tests {
    use chromiumoxide_cdp::cdp::{browser_protocol::browser, js_protocol::runtime};
    use std::os::fd::OwnedFd;

    use super::*;

    /// A driver whose Chromium is the test.
    fn wired(
        on_event: impl FnMut(Option<&str>, &str, &RawValue) + Send + 'static,
    ) -> (Cdp, pipe::Receiver, pipe::Sender) {
        let (read_commands, write_commands) = std::io::pipe().unwrap();
        let (read_events, write_events) = std::io::pipe().unwrap();
        let (cdp, queue) = Cdp::new();
        tokio::spawn(cdp.clone().run(
            queue,
            pipe::Sender::from_owned_fd(OwnedFd::from(write_commands)).unwrap(),
            pipe::Receiver::from_owned_fd(OwnedFd::from(read_events)).unwrap(),
            on_event,
        ));
        (
            cdp,
            pipe::Receiver::from_owned_fd(OwnedFd::from(read_commands)).unwrap(),
            pipe::Sender::from_owned_fd(OwnedFd::from(write_events)).unwrap(),
        )
    }

    #[tokio::test]
    async fn an_unanswered_command_times_out_and_leaves_nothing_pending() {
        let (cdp, _commands, _events) = wired(|_, _, _| {});
        let error = cdp
            .call(
                None,
                browser::GetVersionParams::default(),
                Duration::from_millis(30),
            )
            .await
            .unwrap_err();
        assert!(matches!(
            error,
            BrowserError::Timeout {
                method: "Browser.getVersion",
                ..
            }
        ));
        assert!(cdp.pending().is_empty());
    }

    #[tokio::test]
    async fn a_dropped_call_leaves_nothing_pending() {
        let (cdp, _commands, _events) = wired(|_, _, _| {});
        let call = cdp.call(None, browser::GetVersionParams::default(), DEADLINE);
        assert!(
            tokio::time::timeout(Duration::from_millis(20), call)
                .await
                .is_err()
        );
        assert!(cdp.pending().is_empty());
    }

    #[tokio::test]
    async fn a_closed_pipe_fails_every_waiting_call_at_once() {
        let (cdp, _commands, events) = wired(|_, _, _| {});
        let waiting = tokio::spawn({
            let cdp = cdp.clone();
            async move {
                cdp.call(None, browser::GetVersionParams::default(), DEADLINE)
                    .await
            }
        });
        tokio::task::yield_now().await;
        drop(events);
        let error = waiting.await.unwrap().unwrap_err();
        assert_eq!(error, BrowserError::Gone(FatalReason::Exited));
        let error = cdp
            .call(None, browser::GetVersionParams::default(), DEADLINE)
            .await
            .unwrap_err();
        assert_eq!(error, BrowserError::Gone(FatalReason::Exited));
    }

    #[tokio::test]
    async fn a_malformed_message_is_fatal_and_an_unknown_event_is_not() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let (cdp, _commands, mut events) = wired(move |session, method, params| {
            record
                .lock()
                .unwrap()
                .push(format!("{session:?} {method} {params}"));
        });
        events
            .write_all(b"{\"id\":7,\"result\":{}}\0{\"method\":\"New.thing\",\"sessionId\":\"a\\u0062\",\"params\":{\"x\":[1]},\"more\":1}\0nonsense\0")
            .await
            .unwrap();
        assert_eq!(cdp.fatal().await, FatalReason::Protocol);
        assert_eq!(
            *seen.lock().unwrap(),
            ["Some(\"ab\") New.thing {\"x\":[1]}"]
        );
    }

    #[tokio::test]
    async fn a_chromium_that_does_not_read_its_pipe_is_stuck() {
        let (cdp, commands, _events) = wired(|_, _, _| {});
        for _ in 0..=MAX_UNREAD {
            cdp.send(None, &runtime::EvaluateParams::new("0"));
        }
        assert_eq!(cdp.fatal().await, FatalReason::Stuck);
        drop(commands);
    }
}
