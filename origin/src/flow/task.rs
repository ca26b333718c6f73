//! The task that owns one flow: everything about it lives in this task's memory and ends with it.

use std::{collections::VecDeque, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    id::FlowRef,
    status::{ErrorCode, LinkEventKind, Step},
    wire::{Act, DoneView, FieldProblem, FlowView, Refusal, TICKET_SECONDS, Ticket},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Duration, Instant},
};

use super::{
    Services,
    finish::{Finish, Finished},
    provider::{Provider, problem},
    seat::{EndReason, LiveState, Seat},
    sign_in::{Destination, SignIn, SignInEvent},
    sites::Sites,
};
use crate::{
    clock,
    signin::Captured,
    store::{links::LinkForFlow, sites::Site},
};

/// A page asks for a ticket just before it uses it; more than a few at once are not in use.
const MAX_TICKETS: usize = 4;

/// How long a viewer's socket may take to be told that the flow is over.
const GOODBYE: Duration = Duration::from_secs(2);

/// What the doors ask of a flow. A dropped reply means that the flow is over.
pub(super) enum Command {
    View(oneshot::Sender<FlowView>),
    Act(Act, oneshot::Sender<FlowView>),
    Ticket(oneshot::Sender<Option<Ticket>>),
    Seat(String, oneshot::Sender<Option<Seat>>),
}

/// One client's run through a link.
pub(super) struct Flow {
    services: Arc<Services>,
    flow_ref: FlowRef,
    found: LinkForFlow,
    sites: Vec<Site>,
    connected: bool,
    accept_language: Option<String>,
    provider: Provider,
    problems: Vec<FieldProblem>,
    refusal: Option<Refusal>,
    step: At,
    tickets: VecDeque<([u8; 16], Instant)>,
    live: watch::Sender<LiveState>,
    touched: watch::Sender<Instant>,
}

/// Where the flow stands, with all that only this step holds: leaving a step drops it.
enum At {
    Provider,
    SignIn(Box<SignIn>),
    Sites {
        sites: Sites,
        captured: Box<Captured>,
    },
    Done(DoneView),
}

enum Event {
    Command(Command),
    SignIn(SignInEvent),
    Deadline,
    Stop,
}

impl Flow {
    /// A flow that begins to sign in at the website that the client confirmed.
    pub fn new(
        services: Arc<Services>,
        flow_ref: FlowRef,
        found: LinkForFlow,
        sites: Vec<Site>,
        provider: Provider,
        accept_language: Option<String>,
    ) -> Self {
        let live = watch::Sender::new(LiveState {
            step: Step::Provider,
            sign_in: None,
            browser: None,
            viewer: 0,
            closing: None,
        });
        Self {
            services,
            flow_ref,
            found,
            sites,
            connected: false,
            accept_language,
            provider,
            problems: Vec::new(),
            refusal: None,
            step: At::Provider,
            tickets: VecDeque::new(),
            live,
            touched: watch::Sender::new(Instant::now()),
        }
    }

    /// Runs until the client leaves or is gone, or the node stops.
    pub async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut stop: watch::Receiver<bool>,
    ) {
        self.sign_in().await;
        loop {
            self.publish();
            let deadline = self.deadline();
            let sign_in = async {
                match &mut self.step {
                    At::SignIn(sign_in) => sign_in.next().await,
                    _ => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                // A page that is loaded again too late must not bring back what is over.
                biased;
                _ = stop.wait_for(|stop| *stop) => Event::Stop,
                () = tokio::time::sleep_until(deadline) => Event::Deadline,
                command = commands.recv() => command.map_or(Event::Stop, Event::Command),
                event = sign_in => Event::SignIn(event),
            };
            match event {
                Event::Command(command) => {
                    self.touched.send_replace(Instant::now());
                    if self.answer(command).await {
                        return self.end(EndReason::Idle, "left").await;
                    }
                }
                Event::SignIn(event) => self.signing_in(event).await,
                Event::Deadline => {
                    if Instant::now() >= self.idle_at() {
                        return self.end(EndReason::Idle, "idle").await;
                    }
                    self.close_idle_browser().await;
                }
                Event::Stop => return self.end(EndReason::NodeStopping, "node_stopping").await,
            }
        }
    }

    /// True when the client left.
    async fn answer(&mut self, command: Command) -> bool {
        match command {
            // A reply that nobody waits for any more is no loss: the state is what counts.
            Command::View(reply) => drop(reply.send(self.view())),
            Command::Act(Act::Leave, _) => return true,
            Command::Act(act, reply) => {
                self.act(act).await;
                self.publish();
                drop(reply.send(self.view()));
            }
            Command::Ticket(reply) => drop(reply.send(self.ticket())),
            Command::Seat(ticket, reply) => drop(reply.send(self.seat(&ticket))),
        }
        false
    }

    /// An act that does not belong to the step changes nothing: it comes from a page that is
    /// behind (back button, two tabs), and the answer shows where the flow really is.
    async fn act(&mut self, act: Act) {
        if self.refusal.is_some() {
            return;
        }
        match (act, &mut self.step) {
            (Act::Provider { url, country }, At::Provider) => {
                match self.provider.submit(url, &country) {
                    Ok(()) => self.sign_in().await,
                    Err(problems) => self.problems = problems,
                }
            }
            (Act::ChangeProvider, At::SignIn(_)) | (Act::AddMore, At::Done(_)) => {
                self.go(At::Provider);
            }
            (Act::TryAgain, At::SignIn(sign_in)) if !sign_in.view().live => self.sign_in().await,
            (Act::SignedIn { yes }, At::SignIn(sign_in)) => sign_in.client_says_signed_in(yes),
            (
                Act::Sites {
                    sites,
                    utility_types,
                },
                At::Sites { sites: form, .. },
            ) => match form.submit(&sites, &utility_types) {
                Ok(()) => self.finish().await,
                Err(problems) => self.problems = problems,
            },
            _ => {}
        }
    }

    fn go(&mut self, to: At) {
        self.problems.clear();
        self.tickets.clear();
        self.step = to;
    }

    async fn sign_in(&mut self) {
        let Some(url) = self.provider.url().cloned() else {
            return;
        };
        tracing::info!(flow = %self.flow_ref, host = url.host(), "opening the website");
        let to = Destination {
            url,
            country: self.provider.country(),
            accept_language: self.accept_language.clone(),
        };
        let services = &self.services;
        let sign_in = SignIn::open(services.launcher.clone(), services.timers, to);
        self.go(At::SignIn(Box::new(sign_in)));
        self.log(LinkEventKind::SignInStarted, Some(&self.provider.host()))
            .await;
    }

    async fn signing_in(&mut self, event: SignInEvent) {
        match event {
            SignInEvent::Changed => {}
            SignInEvent::Refused(code) | SignInEvent::Over(code) => self.sign_in_failed(code).await,
            SignInEvent::SignedIn(captured) => {
                let sites = Sites::new(&self.sites, &self.found.link);
                // Replacing the step drops the browser: nothing can be typed any more.
                self.go(At::Sites { sites, captured });
                self.log(LinkEventKind::SignedIn, Some(&self.provider.host()))
                    .await;
            }
        }
    }

    async fn sign_in_failed(&mut self, error: ErrorCode) {
        tracing::info!(flow = %self.flow_ref, %error, "sign-in failed");
        self.log(LinkEventKind::SignInFailed, Some(error.as_str()))
            .await;
    }

    async fn close_idle_browser(&mut self) {
        let touched = *self.touched.borrow();
        let At::SignIn(sign_in) = &mut self.step else {
            return;
        };
        let closes = sign_in.closes_at(&self.services.timers, touched);
        if closes.is_some_and(|at| Instant::now() >= at) {
            sign_in.end(ErrorCode::TimedOut);
            self.sign_in_failed(ErrorCode::TimedOut).await;
        }
    }

    async fn finish(&mut self) {
        let At::Sites { sites, captured } = &self.step else {
            return;
        };
        let Some(url) = self.provider.url() else {
            return;
        };
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            again: self.connected,
            url,
            country: self.provider.country(),
            sites: sites.picked(),
            utility_types: sites.utility_types(),
            captured,
        };
        match finish.run(&self.services).await {
            Finished::Connected(connection_id) => {
                tracing::info!(flow = %self.flow_ref, connection = %connection_id, "finished");
                self.connected = true;
                self.go(At::Done(DoneView { connection_id }));
            }
            Finished::Refused(refusal, reason) => {
                tracing::info!(flow = %self.flow_ref, reason, "refused at the finish");
                self.log(LinkEventKind::Refused, Some(reason)).await;
                self.refusal = Some(refusal);
                // Nothing will be made of it: the credentials go now, not when the flow ends.
                self.go(At::Provider);
            }
            Finished::Again(message) => {
                self.problems = vec![problem("sites", message.into())];
            }
        }
    }

    fn ticket(&mut self) -> Option<Ticket> {
        let At::SignIn(sign_in) = &self.step else {
            return None;
        };
        if !sign_in.view().live {
            return None;
        }
        let ticket = clock::bytes(&*self.services.random);
        let until = Instant::now() + Duration::from_secs(TICKET_SECONDS.unsigned_abs());
        if self.tickets.len() >= MAX_TICKETS {
            self.tickets.pop_front();
        }
        self.tickets.push_back((ticket, until));
        Some(Ticket {
            ticket: URL_SAFE_NO_PAD.encode(ticket),
        })
    }

    fn seat(&mut self, ticket: &str) -> Option<Seat> {
        let now = Instant::now();
        self.tickets.retain(|(_, until)| now < *until);
        let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let at = self
            .tickets
            .iter()
            .position(|(known, _)| known[..] == bytes[..])?;
        self.tickets.remove(at);
        if !matches!(self.step, At::SignIn(_)) {
            return None;
        }
        self.live.send_modify(|live| live.viewer += 1);
        let receiver = self.live.subscribe();
        let number = receiver.borrow().viewer;
        let (touched, random) = (self.touched.clone(), Arc::clone(&self.services.random));
        Some(Seat::new(self.flow_ref, receiver, number, touched, random))
    }

    /// Tells the viewer what changed.
    fn publish(&self) {
        let step = self.step();
        let (sign_in, browser) = match &self.step {
            At::SignIn(sign_in) => (Some(sign_in.view()), sign_in.browser()),
            _ => (None, None),
        };
        self.live.send_if_modified(|live| {
            let same = live.step == step
                && live.sign_in == sign_in
                && live.browser.as_ref().map(Arc::as_ptr) == browser.as_ref().map(Arc::as_ptr);
            if !same {
                live.step = step;
                live.sign_in = sign_in;
                live.browser = browser;
            }
            !same
        });
    }

    fn idle_at(&self) -> Instant {
        *self.touched.borrow() + self.services.timers.flow_idle
    }

    fn deadline(&self) -> Instant {
        let touched = *self.touched.borrow();
        let closes = match &self.step {
            At::SignIn(sign_in) => sign_in.closes_at(&self.services.timers, touched),
            _ => None,
        };
        closes.map_or(self.idle_at(), |closes| closes.min(self.idle_at()))
    }

    /// The last thing a flow does; its browser and credentials go with it.
    async fn end(mut self, reason: EndReason, detail: &str) {
        tracing::info!(flow = %self.flow_ref, step = %self.step(), detail, "flow ended");
        self.live.send_modify(|live| {
            live.closing = Some(reason);
            live.browser = None;
        });
        if !matches!(self.step, At::Done(_)) {
            let detail = format!("{detail} at {}", self.step());
            self.log(LinkEventKind::Abandoned, Some(&detail)).await;
        }
        // A viewer that does not hear of it in time is not there any more.
        let _ = tokio::time::timeout(GOODBYE, self.live.closed()).await;
    }

    async fn log(&mut self, kind: LinkEventKind, detail: Option<&str>) {
        let (company, link) = (self.found.company.public_id, self.found.link.id);
        self.services
            .log(company, link, Some(self.flow_ref), kind, detail)
            .await;
    }

    fn step(&self) -> Step {
        match &self.step {
            At::Provider => Step::Provider,
            At::SignIn(_) => Step::SignIn,
            At::Sites { .. } => Step::Sites,
            At::Done(_) => Step::Done,
        }
    }

    fn view(&self) -> FlowView {
        let (mut sign_in, mut sites, mut done) = (None, None, None);
        match &self.step {
            At::Provider => {}
            At::SignIn(at) => sign_in = Some(at.view()),
            At::Sites { sites: at, .. } => sites = Some(at.view()),
            At::Done(at) => done = Some(at.clone()),
        }
        FlowView {
            flow_ref: self.flow_ref,
            public_company_id: self.found.company.public_id,
            company_name: self.found.company.name.clone(),
            step: self.step(),
            provider_url: self.provider.typed().to_owned(),
            provider_host: self.provider.host(),
            country: self.provider.country(),
            refusal: self.refusal,
            problems: self.problems.clone(),
            sign_in,
            sites,
            done,
        }
    }
}
