//! Observes a sign-in that the client does by hand in the live view.

use std::sync::{Arc, Mutex, PoisonError};

use browser::{Browser, BrowserError};
use shared::status::Phase;
use tokio::{sync::mpsc, task::JoinHandle};
use url::Url;

use super::{
    credentials::Captured,
    judge::SignInStatus,
    listener::Listener,
    observe::Observer,
    verdict::{Verdict, WatchEvent},
};

/// Events that nobody has read yet; a reader that is further behind holds the watch up.
const UNREAD: usize = 64;

/// Listens to one browser during the client's sign-in. Ends with it, or when dropped.
pub struct Watch {
    events: mpsc::Receiver<WatchEvent>,
    answers: mpsc::UnboundedSender<bool>,
    captured: Arc<Mutex<Option<Captured>>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch; call it before the browser goes to `start`, which the recipe will begin with.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn start(browser: &Browser, start: &Url) -> Result<Self, BrowserError> {
        let listener = Listener::start(browser, Observer::default()).await?;
        let (sender, events) = mpsc::channel(UNREAD);
        let (answers, asked) = mpsc::unbounded_channel();
        let captured = Arc::new(Mutex::new(None));
        let sender = StatusSender {
            events: sender,
            captured: Arc::clone(&captured),
            start: start.clone(),
            last: (None, None, None),
        };
        let task = tokio::spawn(run(listener, sender, asked));
        Ok(Self {
            events,
            answers,
            captured,
            task,
        })
    }

    /// What happens next; waits for ever once [`WatchEvent::Ended`] was told. Cancel-safe.
    pub async fn next(&mut self) -> WatchEvent {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// The answer to "Are you signed in?": yes is believed, no waits for another try.
    pub fn client_says_signed_in(&mut self, yes: bool) {
        // A watch that ended needs no answer.
        let _ = self.answers.send(yes);
    }

    /// What was typed and how to do it again: once, and only after [`Verdict::SignedIn`]. None when
    /// the client signed in without a password.
    pub fn captured(&mut self) -> Option<Captured> {
        self.captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Tells what is new.
struct StatusSender {
    events: mpsc::Sender<WatchEvent>,
    captured: Arc<Mutex<Option<Captured>>>,
    start: Url,
    last: (Option<Phase>, Option<String>, Option<(u32, Verdict)>),
}

async fn run(
    mut listener: Listener,
    mut sender: StatusSender,
    mut answers: mpsc::UnboundedReceiver<bool>,
) {
    loop {
        let status = tokio::select! {
            status = listener.next() => status,
            Some(yes) = answers.recv() => {
                listener.observer.said(yes);
                continue;
            }
        };
        let Ok(status) = status else {
            let _ = sender.events.send(WatchEvent::Ended).await;
            return;
        };
        if let Some(before) = listener.observer.overtaken()
            && sender.tell(before).await.is_err()
        {
            return;
        }
        let over = status.verdict == Some(Verdict::SignedIn);
        if over {
            let captured = listener.observer.captured(&sender.start);
            *sender
                .captured
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = captured;
        }
        if sender.tell(status).await.is_err() {
            return;
        }
        if over {
            listener.ended().await;
            let _ = sender.events.send(WatchEvent::Ended).await;
            return;
        }
    }
}

impl StatusSender {
    async fn tell(&mut self, now: SignInStatus) -> Result<(), mpsc::error::SendError<WatchEvent>> {
        let judged = self.last.2.as_ref().filter(|(of, _)| *of == now.attempt);
        let phase = match (now.phase, judged) {
            // Refused is refused until something is sent again, whatever the page does meanwhile.
            (Phase::Submitting, Some((_, verdict))) if verdict.is_refusal() => Phase::AwaitingInput,
            (phase, _) => phase,
        };
        if self.last.0 != Some(phase) {
            self.last.0 = Some(phase);
            self.events.send(WatchEvent::Phase(phase)).await?;
        }
        if self.last.1 != now.message {
            self.last.1.clone_from(&now.message);
            self.events
                .send(WatchEvent::SiteMessage(now.message))
                .await?;
        }
        let Some(verdict) = now.verdict else {
            // The page went on: if it comes to nothing either, the client is asked again.
            self.last.2.take_if(|(_, last)| *last == Verdict::Unknown);
            return Ok(());
        };
        let verdict = (now.attempt, verdict);
        if self.last.2.as_ref() != Some(&verdict) {
            self.last.2 = Some(verdict.clone());
            self.events.send(WatchEvent::Verdict(verdict.1)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events that follow from these statuses of one attempt, given as phase and verdict.
    async fn events_of(statuses: Vec<(Phase, Option<Verdict>)>) -> Vec<WatchEvent> {
        let (sender, mut events) = mpsc::channel(UNREAD);
        let mut status_sender = StatusSender {
            events: sender,
            captured: Arc::default(),
            start: "https://utility.test/".parse().expect("a URL"),
            last: (None, None, None),
        };
        for (phase, verdict) in statuses {
            let now = SignInStatus {
                attempt: 1,
                phase,
                message: None,
                verdict,
            };
            status_sender.tell(now).await.expect("somebody listens");
        }
        drop(status_sender);
        let mut all = Vec::new();
        while let Some(event) = events.recv().await {
            all.push(event);
        }
        all
    }

    #[tokio::test]
    async fn who_could_not_be_told_is_asked_again_when_the_page_went_on() {
        let unknown = (Phase::AwaitingInput, Some(Verdict::Unknown));
        let went_on = (Phase::Submitting, None);
        let all = events_of(vec![unknown.clone(), unknown.clone(), went_on, unknown]).await;
        let asked = |event: &&WatchEvent| **event == WatchEvent::Verdict(Verdict::Unknown);
        assert_eq!(all.iter().filter(asked).count(), 2);
        assert!(asked(&all.last().expect("events")));
    }

    #[tokio::test]
    async fn refused_is_said_once_and_stays() {
        let rejected = Verdict::Rejected { message: None };
        let refused = (Phase::AwaitingInput, Some(rejected.clone()));
        let all = events_of(vec![refused.clone(), (Phase::Submitting, None), refused]).await;
        assert_eq!(
            all,
            [
                WatchEvent::Phase(Phase::AwaitingInput),
                WatchEvent::Verdict(rejected)
            ]
        );
    }
}
