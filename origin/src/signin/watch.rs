//! The client's sign-in in a browser of the flow's own: by hand in the live view, or by manual entry, in one session.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use browser::{Browser, BrowserError};
use shared::status::Phase;
use tokio::{sync::mpsc, task::JoinHandle};
use url::Url;

use super::{
    anonymous_visit::{AnonymousVisitor, visitable},
    credentials::Captured,
    drive::{
        Driver,
        demand::{Answer, Demand, DemandKind, Reception, Turn},
    },
    judge::SignInStatus,
    verdict::Verdict,
    watch_event::WatchEvent,
};

/// Events that nobody has read yet; a reader that is further behind holds the watch up.
const UNREAD: usize = 64;

/// So many anonymous visits are made in one sign-in.
const VISITS: usize = 5;

/// What the client does beside the page.
enum Command {
    /// Manual entry, or by hand again.
    Manual(bool),
    /// An answer to the demand that was told under this number.
    Answer(u32, Answer),
    /// The answer to "Are you signed in?".
    SignedIn(bool),
}

/// Listens to one browser during the client's sign-in, and uses it in manual entry. Ends with it, or when dropped.
pub struct Watch {
    events: mpsc::Receiver<WatchEvent>,
    commands: mpsc::UnboundedSender<Command>,
    captured: Arc<Mutex<Option<Captured>>>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch; call it before the browser goes to `start`, which the recipe will begin with. Before the client
    /// is asked whether they are signed in, `visitor` looks whether anonymous visitors are asked to sign in where they are.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn start(
        browser: &Browser,
        start: &Url,
        visitor: AnonymousVisitor,
    ) -> Result<Self, BrowserError> {
        let driver = Driver::by_hand(browser).await?;
        let (sender, events) = mpsc::channel(UNREAD);
        let (commands, asked) = mpsc::unbounded_channel();
        let captured = Arc::new(Mutex::new(None));
        let sender = StatusSender {
            events: sender,
            captured: Arc::clone(&captured),
            start: start.clone(),
            last: (None, None, None),
        };
        let task = tokio::spawn(run(driver, sender, asked, visitor));
        Ok(Self {
            events,
            commands,
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
        // A watch that ended needs no command.
        let _ = self.commands.send(Command::SignedIn(yes));
    }

    /// From now on the website is used for the client, who answers [`WatchEvent::Demand`]s; or, when false, the client
    /// uses it by hand again.
    pub fn enter_manually(&mut self, manual: bool) {
        let _ = self.commands.send(Command::Manual(manual));
    }

    /// Answers the demand that was told under this number; when another one stands by now, the answer is not taken.
    pub fn answer(&mut self, number: u32, answer: Answer) {
        let _ = self.commands.send(Command::Answer(number, answer));
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
    driver: Driver,
    sender: StatusSender,
    commands: mpsc::UnboundedReceiver<Command>,
    visitor: AnonymousVisitor,
) {
    let events = sender.events.clone();
    let mut conversation = Conversation {
        driver,
        sender,
        commands,
        told: 0,
        standing: None,
        visitor,
        visit: None,
        visited: Vec::new(),
    };
    match conversation.hold().await {
        Ok(()) => conversation.driver.browser_ended().await,
        Err(Ended::NobodyListens) => return,
        Err(Ended::Browser) => {}
    }
    let _ = events.send(WatchEvent::Ended).await;
}

/// Why a conversation ends before the client is signed in.
enum Ended {
    NobodyListens,
    Browser,
}

impl From<BrowserError> for Ended {
    fn from(_: BrowserError) -> Self {
        Self::Browser
    }
}

impl From<mpsc::error::SendError<WatchEvent>> for Ended {
    fn from(_: mpsc::error::SendError<WatchEvent>) -> Self {
        Self::NobodyListens
    }
}

/// The driver, and the client whom it talks with.
struct Conversation {
    driver: Driver,
    sender: StatusSender,
    commands: mpsc::UnboundedReceiver<Command>,
    /// The number of the demand that was told last.
    told: u32,
    /// The demand that was told and neither answered nor withdrawn since.
    standing: Option<Demand>,
    visitor: AnonymousVisitor,
    /// An anonymous visit that goes on, and the address that it is of.
    visit: Option<(Url, Visit)>,
    /// The attempts at which anonymous visits were made, and the addresses that they were of.
    visited: Vec<(u32, Url)>,
}

/// Comes to where the visitor was led to a form.
type Visit = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

impl Conversation {
    /// Tells what the driver sees and needs, and takes what the client says, until the client is signed in.
    async fn hold(&mut self) -> Result<(), Ended> {
        loop {
            let turn = tokio::select! {
                biased;
                Some(command) = self.commands.recv() => Err(command),
                turn = self.driver.next() => Ok(turn?),
            };
            let next = match turn {
                Err(command) => Some(command),
                Ok(Turn::Over(verdict)) => {
                    let mut captured = self.driver.captured(&self.sender.start);
                    if let Some(captured) = &mut captured {
                        captured.session = self.driver.saved_session(&captured.recipe).await;
                    }
                    self.sender.keep(captured);
                    self.sender.tell_end(verdict).await?;
                    return Ok(());
                }
                Ok(Turn::Needs(demand)) => {
                    let looking = still_looking(&demand);
                    if let Some(status) = looking.filter(|_| self.visits()) {
                        self.sender.tell(status).await?;
                    } else {
                        self.tell(demand).await?;
                    }
                    tokio::select! {
                        went_on = self.driver.page_goes_on() => {
                            went_on?;
                            None
                        }
                        (from, to) = visit_ends(&mut self.visit) => {
                            self.driver.anonymous_was_led(&from, to);
                            None
                        }
                        Some(command) = self.commands.recv() => Some(command),
                    }
                }
            };
            if let Some(command) = next {
                self.obey(command).await?;
            }
        }
    }

    /// Whether an anonymous visit goes on before the client is asked; begins it where none was made yet.
    fn visits(&mut self) -> bool {
        let shown = self.driver.shown_url();
        let Some(url) = visitable(&shown, &self.sender.start) else {
            return false;
        };
        if self.visit.as_ref().is_some_and(|(of, _)| *of == url) {
            return true;
        }
        let of = (self.driver.attempts(), url.clone());
        if self.visited.contains(&of) || self.visited.len() >= VISITS {
            return false;
        }
        self.visited.push(of);
        let visit = self.visitor.clone().form_shown_at(url.clone());
        self.visit = Some((url, Box::pin(visit)));
        true
    }

    async fn tell(&mut self, demand: Demand) -> Result<(), Ended> {
        match demand.kind {
            DemandKind::ByHand { status, beside } => {
                if beside.is_none() && self.standing.take().is_some() {
                    self.sender.events.send(WatchEvent::Withdrawn).await?;
                }
                self.sender.tell(status).await?;
                if let Some(demand) = beside {
                    self.tell_demand(*demand).await?;
                }
            }
            DemandKind::HandOver(_) => {
                self.driver.hand_over();
                self.sender.last = (None, None, None);
                self.standing = None;
                self.sender.events.send(WatchEvent::HandedOver).await?;
            }
            _ => self.tell_demand(demand).await?,
        }
        Ok(())
    }

    /// Tells a demand, once for as long as it stands.
    async fn tell_demand(&mut self, demand: Demand) -> Result<(), Ended> {
        if self.standing.as_ref() != Some(&demand) {
            self.told += 1;
            self.standing = Some(demand.clone());
            let event = WatchEvent::Demand(self.told, demand);
            self.sender.events.send(event).await?;
        }
        Ok(())
    }

    /// Carries out a command to its end: who goes over to the website meanwhile finds no form there that is typed into
    /// by half.
    async fn obey(&mut self, command: Command) -> Result<(), Ended> {
        match command {
            Command::Manual(true) => {
                self.standing = None;
                self.driver.enter_manually();
                self.sender.events.send(WatchEvent::Working).await?;
            }
            Command::Manual(false) => {
                self.standing = None;
                self.driver.hand_over();
                self.sender.last = (None, None, None);
                // What was told a moment ago was told of manual entry.
                self.sender.events.send(WatchEvent::Withdrawn).await?;
            }
            Command::SignedIn(yes) => {
                self.driver.answer(Answer::SignedIn(yes)).await?;
            }
            Command::Answer(number, answer) => {
                self.standing = None;
                // What is said of the answer is said anew.
                self.sender.last = (None, None, None);
                self.sender.events.send(WatchEvent::Working).await?;
                if number != self.told {
                    let event = WatchEvent::NotTaken(Reception::NothingAsked);
                    self.sender.events.send(event).await?;
                    return Ok(());
                }
                match self.driver.answer(answer).await? {
                    Reception::Taken => {}
                    refused => {
                        self.sender
                            .events
                            .send(WatchEvent::NotTaken(refused))
                            .await?
                    }
                }
            }
        }
        Ok(())
    }
}

/// How a sign-in stands of which nothing is proven, while somebody looks; none of any other one.
fn still_looking(demand: &Demand) -> Option<SignInStatus> {
    let of = |attempt, message: &Option<String>| SignInStatus {
        attempt,
        phase: Phase::Submitting,
        message: message.clone(),
        verdict: None,
    };
    match &demand.kind {
        DemandKind::ByHand { status, .. } if status.verdict == Some(Verdict::Unknown) => {
            Some(of(status.attempt, &status.message))
        }
        DemandKind::HandOver(Verdict::Unknown) => Some(of(0, &demand.site_message)),
        _ => None,
    }
}

/// Waits for the end of a visit, and forgets it. Cancel-safe.
async fn visit_ends(visit: &mut Option<(Url, Visit)>) -> (Url, Option<String>) {
    let Some((_, led)) = visit else {
        return std::future::pending().await;
    };
    let to = led.await;
    match visit.take() {
        Some((from, _)) => (from, to),
        None => std::future::pending().await,
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
            // The page went on: if it comes to nothing either, the client is asked again. So is a code that is asked for
            // again once one was sent.
            let goes_on = phase == Phase::Submitting;
            self.last.2.take_if(|(_, last)| {
                *last == Verdict::Unknown || goes_on && matches!(last, Verdict::CodeNeeded { .. })
            });
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
