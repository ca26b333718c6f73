//! Listens while the client signs in by hand.

use std::sync::{Arc, Mutex, PoisonError};

use shared::status::Phase;
use tokio::{sync::mpsc, task::JoinHandle};
use url::Url;

use super::{
    credentials::Captured,
    judge::Standing,
    listener::Listener,
    session::Session,
    verdict::{Verdict, WatchEvent},
};
use crate::browser::{Browser, BrowserError};

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
        let listener = Listener::start(browser, Session::default()).await?;
        let (told, events) = mpsc::channel(UNREAD);
        let (answers, asked) = mpsc::unbounded_channel();
        let captured = Arc::new(Mutex::new(None));
        let teller = Teller {
            told,
            captured: Arc::clone(&captured),
            start: start.clone(),
            last: (None, None, None),
        };
        let task = tokio::spawn(run(listener, teller, asked));
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
struct Teller {
    told: mpsc::Sender<WatchEvent>,
    captured: Arc<Mutex<Option<Captured>>>,
    start: Url,
    last: (Option<Phase>, Option<String>, Option<(u32, Verdict)>),
}

async fn run(
    mut listener: Listener,
    mut teller: Teller,
    mut answers: mpsc::UnboundedReceiver<bool>,
) {
    loop {
        let standing = tokio::select! {
            standing = listener.next() => standing,
            Some(yes) = answers.recv() => {
                listener.session.said(yes);
                continue;
            }
        };
        let Ok(standing) = standing else {
            let _ = teller.told.send(WatchEvent::Ended).await;
            return;
        };
        let over = standing.verdict == Some(Verdict::SignedIn);
        if over {
            let captured = listener.session.captured(&teller.start);
            *teller
                .captured
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = captured;
        }
        if teller
            .tell(standing, listener.session.attempts())
            .await
            .is_err()
        {
            return;
        }
        if over {
            listener.ended().await;
            let _ = teller.told.send(WatchEvent::Ended).await;
            return;
        }
    }
}

impl Teller {
    async fn tell(
        &mut self,
        now: Standing,
        attempt: u32,
    ) -> Result<(), mpsc::error::SendError<WatchEvent>> {
        if self.last.0 != Some(now.phase) {
            self.last.0 = Some(now.phase);
            self.told.send(WatchEvent::Phase(now.phase)).await?;
        }
        if self.last.1 != now.message {
            self.last.1.clone_from(&now.message);
            self.told.send(WatchEvent::SiteMessage(now.message)).await?;
        }
        let Some(verdict) = now.verdict else {
            return Ok(());
        };
        let verdict = (attempt, verdict);
        if self.last.2.as_ref() != Some(&verdict) {
            self.last.2 = Some(verdict.clone());
            self.told.send(WatchEvent::Verdict(verdict.1)).await?;
        }
        Ok(())
    }
}
