//! The task that owns one flow: everything about it lives in this task's memory and ends with it.

mod connecting;
mod idle;
mod revocation;
mod step_state;

use std::sync::Arc;

use shared::{
    id::{ConnectionId, FlowRef},
    live::EndReason,
    proof::Proof,
    status::{ErrorCode, LinkEventKind},
    wire::{FlowAction, FlowView, RepairView, StepView, Ticket},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use url::Url;

use self::step_state::{SignedIn, StepState};
use super::{
    Services,
    live::viewer_session::{LiveState, ViewerSession},
    redirect,
    start::Opened,
    steps::{
        earlier::connection_with_account,
        open_website::Destination,
        provider::Provider,
        sign_in::{SignIn, SignInEvent},
    },
    viewers::Viewers,
};
use crate::store::{connections::Connection, links::LinkForFlow, sites::Site};

/// What the doors ask of a flow's task. A reply channel that is dropped means that the flow is over.
pub(super) enum Command {
    View(oneshot::Sender<FlowView>),
    /// To follow the flow's changes. Nobody does anything with it: the flow goes on idling.
    Follow(oneshot::Sender<watch::Receiver<LiveState>>),
    FlowAction(FlowAction, oneshot::Sender<FlowView>),
    Ticket(oneshot::Sender<Option<Ticket>>),
    OpenSession(String, oneshot::Sender<Option<ViewerSession>>),
    WatchProof(oneshot::Sender<Option<watch::Receiver<Proof>>>),
}

/// One client's run through a link.
pub(super) struct Flow {
    services: Arc<Services>,
    flow_ref: FlowRef,
    found: LinkForFlow,
    /// Where the client goes when the flow is over.
    redirect: Option<Url>,
    sites: Vec<Site>,
    /// What was connected last, if anything was.
    connected: Option<ConnectionId>,
    /// The connection that the link was made to repair, as it stood when the flow began.
    repair: Option<Connection>,
    /// The connection that the sign-in is for, when it exists already.
    mending: Option<ConnectionId>,
    accept_language: Option<String>,
    provider: Provider,
    step: StepState,
    /// When it was last asked whether the link was taken back.
    link_seen: Instant,
    viewers: Viewers,
}

enum Event {
    Command(Command),
    SignIn(SignInEvent),
    /// What is known of the step may have changed: of the database, or of the accounts that are looked for.
    Read,
    Deadline,
    /// Nobody can reach the flow any more: a newer flow of its link took its place.
    Replaced,
    Stop,
}

impl Flow {
    /// A flow that starts with the sign-in at the website that the client confirmed, or at the connection's.
    pub fn new(
        services: Arc<Services>,
        flow_ref: FlowRef,
        opened: Opened,
        sites: Vec<Site>,
        accept_language: Option<String>,
        viewers: Viewers,
    ) -> Self {
        Self {
            services,
            flow_ref,
            found: opened.found,
            redirect: opened.redirect,
            sites,
            connected: None,
            mending: opened.repair.as_ref().map(|connection| connection.id),
            repair: opened.repair,
            accept_language,
            provider: opened.provider,
            step: StepState::provider(),
            link_seen: Instant::now(),
            viewers,
        }
    }

    /// Runs until the client leaves, nobody did anything for too long, or the node stops.
    pub async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut stop: watch::Receiver<bool>,
    ) {
        self.sign_in().await;
        loop {
            self.publish();
            let deadline = self.deadline();
            let is_followed = self.viewers.are_there();
            let step = async {
                match &mut self.step {
                    StepState::SignIn(sign_in) => Event::SignIn(sign_in.next().await),
                    StepState::Sites {
                        look_up: Some(look_up),
                        ..
                    } => {
                        look_up.next().await;
                        Event::Read
                    }
                    StepState::Done(done) => {
                        done.next().await;
                        Event::Read
                    }
                    StepState::Forwarding(forwarding) => {
                        forwarding.next(is_followed).await;
                        Event::Read
                    }
                    _ => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                // A page that is loaded again too late must not bring back what is over.
                biased;
                _ = stop.wait_for(|stop| *stop) => Event::Stop,
                () = tokio::time::sleep_until(deadline) => Event::Deadline,
                command = commands.recv() => command.map_or(Event::Replaced, Event::Command),
                event = step => event,
            };
            match event {
                Event::Command(Command::Follow(reply)) => drop(reply.send(self.viewers.follow())),
                Event::Command(command) => {
                    // A timer may be late by a moment: a command brings nothing back whose time has come.
                    if self.is_idle().await {
                        return self.end(EndReason::Idle, "idle").await;
                    }
                    self.viewers.touch();
                    self.heed_revocation().await;
                    if self.answer(command).await {
                        return self.end(EndReason::Idle, "left").await;
                    }
                }
                Event::SignIn(event) => self.on_sign_in_event(event).await,
                Event::Read => self.read().await,
                Event::Deadline => {
                    if self.is_idle().await {
                        return self.end(EndReason::Idle, "idle").await;
                    }
                    self.heed_revocation().await;
                }
                Event::Replaced => return self.end(EndReason::Idle, "replaced").await,
                Event::Stop => return self.end(EndReason::NodeStopping, "node_stopping").await,
            }
        }
    }

    /// Answers a command. True when the client left.
    async fn answer(&mut self, command: Command) -> bool {
        match command {
            // Nobody may wait for the reply any more; that changes nothing for the flow.
            Command::Follow(reply) => drop(reply.send(self.viewers.follow())),
            Command::View(reply) => {
                self.read().await;
                self.publish();
                drop(reply.send(self.view()));
            }
            Command::FlowAction(FlowAction::Leave, reply) => {
                // The page says what was connected, and leads back to where the client came from.
                if let Some(connection) = self.connected {
                    self.go_to(StepState::Done(Box::new(self.done(connection, None))));
                }
                drop(reply.send(self.view()));
                return true;
            }
            Command::FlowAction(act, reply) => {
                self.act(act).await;
                self.publish();
                drop(reply.send(self.view()));
            }
            Command::Ticket(reply) => drop(reply.send(self.ticket())),
            Command::OpenSession(ticket, reply) => {
                let random = &self.services.random;
                drop(reply.send(self.viewers.open_session(&ticket, self.flow_ref, random)));
            }
            Command::WatchProof(reply) => {
                let proof = match &self.step {
                    StepState::Done(done) => done.watch(),
                    _ => None,
                };
                drop(reply.send(proof));
            }
        }
        false
    }

    /// Takes over what has become known of the step.
    pub(super) async fn read(&mut self) {
        match &mut self.step {
            StepState::Sites {
                sites,
                signed_in,
                look_up,
                ..
            } => {
                let Some(looking) = look_up else {
                    return;
                };
                let found = looking.found();
                if sites.see(&found, looking.goes_on()) {
                    let (company, host) = (self.found.company.id, self.provider.host());
                    let earlier = connection_with_account(&self.services, company, &host, &found);
                    if let Some(earlier) = earlier.await {
                        sites.recognise(&earlier);
                    }
                }
                if !looking.goes_on() {
                    *look_up = None;
                    // Without codes nothing has to be set up in it.
                    signed_in.website = signed_in
                        .website
                        .take()
                        .filter(|_| signed_in.asked_for_code.is_some());
                }
            }
            StepState::Done(done) => done.read(&self.services).await,
            StepState::Forwarding(forwarding) => forwarding.read(&self.services).await,
            _ => {}
        }
    }

    /// An act that does not belong to the step changes nothing: it comes from a page that is
    /// behind (back button, two tabs), and the answer shows where the flow really is.
    async fn act(&mut self, act: FlowAction) {
        match (act, &mut self.step) {
            (FlowAction::Provider { url, country }, StepState::Provider(shown)) => {
                match self.provider.submit(url, &country) {
                    Ok(()) => self.sign_in().await,
                    Err(problems) => *shown = problems,
                }
            }
            // A link that repairs a connection is for its website alone.
            (FlowAction::ChangeProvider, StepState::SignIn(tried)) if self.repair.is_none() => {
                self.provider.came_back(tried.view().error_code);
                self.mending = None;
                self.go_to(StepState::provider());
            }
            (FlowAction::SignInAgain, StepState::Done(done)) => {
                self.mending = done.mended_by_sign_in();
                if self.mending.is_some() {
                    self.sign_in().await;
                }
            }
            (FlowAction::ConnectAsNew, StepState::Done(done)) => {
                let asked_for_code = done.asked_for_code();
                if let Some(captured) = done.take_other() {
                    let signed_in = SignedIn {
                        captured,
                        asked_for_code,
                        website: None,
                    };
                    self.pick_sites(signed_in, true).await;
                }
            }
            (FlowAction::AddMore, StepState::Done(_)) if self.repair.is_none() => {
                self.provider = self.provider.another();
                self.go_to(StepState::provider());
            }
            (FlowAction::TryAgain, StepState::SignIn(sign_in)) if !sign_in.view().live => {
                self.sign_in().await
            }
            (FlowAction::OpenPasswordPage, StepState::SignIn(sign_in)) => {
                if let Some(website) = self.provider.url() {
                    sign_in.open_password_page(website.clone());
                }
            }
            (FlowAction::EnterManually { manual }, StepState::SignIn(sign_in)) => {
                sign_in.enter_manually(manual);
            }
            (
                act @ (FlowAction::Enter { .. }
                | FlowAction::Choose { .. }
                | FlowAction::Proceed { .. }),
                StepState::SignIn(sign_in),
            ) => sign_in.enter(act),
            (FlowAction::SignedIn { yes }, StepState::SignIn(sign_in)) => {
                sign_in.client_says_signed_in(yes)
            }
            (
                FlowAction::Sites {
                    sites,
                    utility_types,
                    shown,
                },
                StepState::Sites { sites: form, .. },
            ) => {
                let is_complete = form.submit(&sites, &utility_types, shown);
                if is_complete {
                    self.finish().await;
                }
            }
            (FlowAction::UpdateEarlier, StepState::Sites { .. }) => self.update_earlier().await,
            (FlowAction::SetUpCodes, StepState::Done(_)) => self.set_up_codes().await,
            (FlowAction::LeaveForwarding, StepState::Forwarding(_)) => self.leave_forwarding(),
            (act, StepState::Forwarding(forwarding)) => {
                forwarding
                    .act(act, &self.services, self.provider.url())
                    .await;
            }
            _ => {}
        }
    }

    fn go_to(&mut self, to: StepState) {
        self.viewers.void_tickets();
        self.step = to;
        // At once: after "signed in" the viewer must not reach the browser any more.
        self.publish();
    }

    async fn sign_in(&mut self) {
        let Some(url) = self.provider.url().cloned() else {
            return;
        };
        let environment = self.found.company.environment;
        let allowed = self.services.sandbox.check(environment, &url);
        // What is connected already is repaired where it is.
        if let Err(wrong) = allowed
            && self.repair.is_none()
        {
            self.go_to(StepState::Provider(wrong.into()));
            return;
        }
        tracing::info!(flow = %self.flow_ref, host = url.host(), "opening the website");
        let to = Destination {
            url,
            country: self.provider.country(),
            accept_language: self.accept_language.clone(),
        };
        let services = &self.services;
        let sign_in = SignIn::open(
            self.flow_ref,
            Arc::clone(&services.random),
            services.launcher.clone(),
            services.timers,
            to,
        );
        self.go_to(StepState::SignIn(Box::new(sign_in)));
        self.log(LinkEventKind::SignInStarted, Some(&self.provider.host()))
            .await;
    }

    async fn sign_in_failed(&mut self, error: ErrorCode) {
        tracing::info!(flow = %self.flow_ref, %error, "sign-in failed");
        self.log(LinkEventKind::SignInFailed, Some(error.as_str()))
            .await;
    }

    fn ticket(&mut self) -> Option<Ticket> {
        match &self.step {
            StepState::SignIn(sign_in) if !sign_in.view().live => None,
            StepState::Forwarding(forwarding) if forwarding.shown_browser().is_none() => None,
            StepState::SignIn(_) | StepState::Forwarding(_) => {
                Some(self.viewers.ticket(&*self.services.random))
            }
            _ => None,
        }
    }

    /// Publishes to the viewer where the flow stands.
    fn publish(&self) {
        let (sign_in, browser, changes) = match &self.step {
            StepState::SignIn(sign_in) => (Some(sign_in.view()), sign_in.browser(), 0),
            StepState::Forwarding(forwarding) => {
                (None, forwarding.shown_browser(), forwarding.changes())
            }
            StepState::Sites { sites, .. } => (None, None, sites.changes()),
            _ => (None, None, 0),
        };
        self.viewers
            .publish(self.step.step(), sign_in, browser, changes);
    }

    fn deadline(&self) -> Instant {
        let changes = match &self.step {
            StepState::SignIn(sign_in) => sign_in.changes_at(),
            _ => None,
        };
        let earlier = [self.closes_at(), changes, self.looks_at_link_at()].into_iter();
        earlier.flatten().fold(self.idle_at(), Instant::min)
    }

    /// Ends the flow: closes its live view, drops what it holds and writes the log.
    async fn end(mut self, reason: EndReason, detail: &str) {
        let step = self.step.step();
        tracing::info!(flow = %self.flow_ref, %step, detail, "flow ended");
        self.viewers.close(reason);
        // Browser and credentials go first of all.
        self.step = StepState::provider();
        // Giving up on more takes back nothing of what is connected.
        if self.connected.is_none() {
            let detail = format!("{detail} at {step}");
            self.log(LinkEventKind::Abandoned, Some(&detail)).await;
        }
        self.viewers.disconnected().await;
    }

    async fn log(&mut self, kind: LinkEventKind, detail: Option<&str>) {
        let (company, link) = (self.found.company.public_id, self.found.link.id);
        self.services
            .log(company, link, Some(self.flow_ref), kind, detail)
            .await;
    }

    fn view(&self) -> FlowView {
        let step = match &self.step {
            StepState::Provider(problems) => StepView::Provider(self.provider.view(*problems)),
            StepState::SignIn(sign_in) => StepView::SignIn(sign_in.view()),
            StepState::Sites { sites, .. } => StepView::Sites(sites.view()),
            StepState::Forwarding(forwarding) => StepView::Forwarding(Box::new(forwarding.view())),
            StepState::Done(done) => StepView::Done(done.view()),
            StepState::Refused(refusal) => StepView::Refused(*refusal),
        };
        FlowView {
            flow_ref: self.flow_ref,
            public_company_id: self.found.company.public_id,
            company_name: self.found.company.name.clone(),
            provider_host: self.provider.host(),
            country: self.provider.country(),
            repair: self.repair.as_ref().map(|connection| RepairView {
                status: connection.status,
                username: connection.username_masked.clone(),
            }),
            redirect: self
                .redirect
                .as_ref()
                .map(|url| redirect::view(url, self.flow_ref, self.connected)),
            version: self.viewers.version(),
            step,
        }
    }
}
