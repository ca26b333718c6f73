//! Observes a sign-in that the client does by hand in the live view.

use std::sync::{Arc, Mutex, PoisonError};

use browser::{Browser, BrowserError};
use shared::status::Phase;
use tokio::{sync::mpsc, task::JoinHandle};
use url::Url;

use super::{
    credentials::Captured,
    drive::{
        Driver,
        demand::{Answer, Demand, DemandKind, Turn},
    },
    judge::SignInStatus,
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
        let driver = Driver::by_hand(browser).await?;
        let (sender, events) = mpsc::channel(UNREAD);
        let (answers, asked) = mpsc::unbounded_channel();
        let captured = Arc::new(Mutex::new(None));
        let sender = StatusSender {
            events: sender,
            captured: Arc::clone(&captured),
            start: start.clone(),
            last: (None, None, None),
        };
        let task = tokio::spawn(run(driver, sender, asked));
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

async fn run(mut driver: Driver, mut sender: StatusSender, answers: mpsc::UnboundedReceiver<bool>) {
    let Ok(is_heard) = follow(&mut driver, &mut sender, answers).await else {
        let _ = sender.events.send(WatchEvent::Ended).await;
        return;
    };
    if is_heard {
        driver.browser_ended().await;
        let _ = sender.events.send(WatchEvent::Ended).await;
    }
}

/// Tells what the driver sees until the client is signed in. False when nobody listens any more.
async fn follow(
    driver: &mut Driver,
    sender: &mut StatusSender,
    mut answers: mpsc::UnboundedReceiver<bool>,
) -> Result<bool, BrowserError> {
    loop {
        let status = match driver.next().await? {
            Turn::Needs(Demand {
                kind: DemandKind::ByHand(status),
                ..
            }) => status,
            Turn::Needs(_) => {
                driver.answer(Answer::Decline).await?;
                continue;
            }
            Turn::Over(verdict) => {
                sender.keep(driver.captured(&sender.start));
                return Ok(sender.tell_end(verdict).await.is_ok());
            }
        };
        if sender.tell(status).await.is_err() {
            return Ok(false);
        }
        tokio::select! {
            went_on = driver.page_goes_on() => went_on?,
            Some(yes) = answers.recv() => {
                driver.answer(Answer::SignedIn(yes)).await?;
            }
        }
    }
}

impl StatusSender {
    fn keep(&self, captured: Option<Captured>) {
        *self.captured.lock().unwrap_or_else(PoisonError::into_inner) = captured;
    }

    async fn tell_end(
        &mut self,
        verdict: Verdict,
    ) -> Result<(), mpsc::error::SendError<WatchEvent>> {
        self.tell(SignInStatus {
            attempt: 0,
            phase: Phase::Completed,
            message: None,
            verdict: Some(verdict),
        })
        .await
    }

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
