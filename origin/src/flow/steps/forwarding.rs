//! FORWARDING: the connection exists, and the client says how codes reach us when they are not there. Leaving it means
//! "later".

mod channels;
mod qr_code;

use std::{sync::Arc, time::Duration};

use browser::Browser;
use shared::{
    forwarding::{
        ChannelState, ForwardingChannel, ForwardingView, ShownCode, UnreadQrCode, WebsiteWindow,
    },
    id::{CompanyId, ConnectionId, FlowRef, JobId},
    proof::Proof,
    provider::ProviderUrl,
    sealing::SealingKey,
    status::{CodeAnswerer, CodeChannel, EntryProblem, UnattendedReason},
    time::{UnixMillis, UtcHour},
    wire::FlowAction,
};
use tokio::time::{Instant, sleep_until};

use self::channels::{channel, shown_of};
use super::{done::Done, entry::open_entry, open_website::SignedInWebsite};
use crate::{
    clock::{self, Random},
    codes::{Authenticator, InvalidAuthenticator},
    collection::collect_job,
    flow::{Services, timers::Timers},
    store::StoreError,
    webhooks::watch,
};

/// Between two looks into the database.
const PACE: Duration = Duration::from_secs(1);
/// The field of the authenticator's secret: there is one.
const SECRET_FIELD: u32 = 0;

/// How the website asked the client for a code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::flow) struct AskedForCode {
    /// How the code travelled, as far as the website said.
    pub channel: Option<CodeChannel>,
}

/// The set-up of codes for one connection.
pub(in crate::flow) struct Forwarding {
    company: CompanyId,
    connection: ConnectionId,
    flow: FlowRef,
    asked: AskedForCode,
    trusted_until: Option<UnixMillis>,
    owner: Option<String>,
    hour: Option<UtcHour>,
    key: SealingKey,
    /// The number of what can be entered now.
    number: u32,
    problem: Option<EntryProblem>,
    channels: Vec<ForwardingChannel>,
    code: Option<ShownCode>,
    /// The client asked for a code in a moment that has none.
    is_soon: bool,
    unread: Option<UnreadQrCode>,
    /// The browser of the client's sign-in, until it is closed.
    website: Option<SignedInWebsite>,
    is_shown: bool,
    read_at: Option<Instant>,
    changes: u64,
    /// Where the client goes on.
    done: Box<Done>,
}

impl Forwarding {
    /// Of a connection whose sign-in asked for a code.
    pub fn new(
        (company, connection): (CompanyId, ConnectionId),
        flow: FlowRef,
        random: &dyn Random,
        asked: AskedForCode,
        done: Done,
    ) -> Self {
        Self {
            company,
            connection,
            flow,
            asked,
            trusted_until: None,
            owner: None,
            hour: None,
            key: clock::sealing_key(random),
            number: 1,
            problem: None,
            channels: Vec::new(),
            code: None,
            is_soon: false,
            unread: None,
            website: None,
            is_shown: false,
            read_at: None,
            changes: 0,
            done: Box::new(done),
        }
    }

    /// With the browser of the sign-in, in which the client can set up an authenticator.
    #[must_use]
    pub fn in_website(mut self, website: Option<SignedInWebsite>) -> Self {
        self.website = website;
        self
    }

    /// With the owner's mail address, masked.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }

    /// With the time until which the website probably knows the browser of the sign-in.
    #[must_use]
    pub fn trusted_until(mut self, until: Option<UnixMillis>) -> Self {
        self.trusted_until = until;
        self
    }

    /// Ends it: the client goes on.
    pub fn into_done(mut self) -> Box<Done> {
        let mut channels = self.channels.iter();
        let is_proven = channels.any(|channel| channel.state == Some(ChannelState::Proven));
        self.done.knows_of_channel(is_proven);
        self.done.arrive();
        self.done
    }

    /// How often what the page shows has changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The browser that the client looks at, while it is shown.
    pub fn shown_browser(&self) -> Option<Arc<Browser>> {
        let website = self.website.as_ref().filter(|_| self.is_shown)?;
        Some(Arc::clone(&website.browser))
    }

    /// When the browser must be closed, if there is one and nobody touches it after `touched`.
    pub fn closes_at(&self, timers: &Timers, touched: Instant) -> Option<Instant> {
        self.website
            .as_ref()
            .map(|website| website.closes_at(timers, touched))
    }

    /// Closes the browser; the step goes on without it.
    pub fn close_website(&mut self) {
        self.website = None;
        self.is_shown = false;
        self.changes += 1;
    }

    /// Waits until something may have changed: the browser is gone, or, for a page that follows, the database is to be
    /// read. It can be cancelled without losing anything.
    pub async fn next(&mut self, is_followed: bool) {
        let pace = self.read_at.map_or_else(Instant::now, |read| read + PACE);
        let pace = async {
            if is_followed {
                sleep_until(pace).await;
            } else {
                std::future::pending().await
            }
        };
        let Some(website) = &mut self.website else {
            return pace.await;
        };
        tokio::select! {
            () = pace => {}
            () = website.ended() => self.close_website(),
        }
    }

    /// Reads how the channels stand, unless that was done just now.
    pub async fn read(&mut self, services: &Services) {
        if self.read_at.is_some_and(|read| read.elapsed() < PACE / 2) {
            return;
        }
        self.read_at = Some(Instant::now());
        let before = shown_of(self.done.proof());
        self.done.read(services).await;
        self.changes += u64::from(shown_of(self.done.proof()) != before);
        let now = services.clock.now();
        if self.code.as_ref().is_some_and(|code| code.until <= now) {
            self.code = None;
            self.changes += 1;
        }
        let (company, connection) = (self.company, self.connection);
        let found = services.store.read("flow.code_channels", |tx| {
            Box::pin(async move {
                let rows = tx.code_channels(company, connection).await?;
                Ok::<_, StoreError>((rows, tx.code_hour(company, connection).await?))
            })
        });
        match found.await {
            Ok((rows, hour)) => {
                let channels = services.inbound.answerers().map(|kind| {
                    let row = rows.iter().find(|row| row.kind == kind);
                    channel(services, kind, row)
                });
                let channels: Vec<_> = channels.collect();
                if channels != self.channels || hour != self.hour {
                    self.channels = channels;
                    self.hour = hour;
                    self.changes += 1;
                }
            }
            Err(error) => tracing::warn!(%connection, %error, "the code channels were not read"),
        }
    }

    /// What the page shows.
    pub fn view(&self) -> ForwardingView {
        ForwardingView {
            connection_id: self.connection,
            channel: self.asked.channel,
            trusted_until: self.trusted_until,
            owner: self.owner.clone(),
            hour: self.hour,
            channels: self.channels.clone(),
            public_key: self.key.public(),
            number: self.number,
            problem: self.problem,
            code: self.code.clone(),
            is_code_soon: self.is_soon,
            website: match &self.website {
                None => WebsiteWindow::Gone,
                Some(_) if self.is_shown => WebsiteWindow::Shown,
                Some(_) => WebsiteWindow::Hidden,
            },
            unread: self.unread,
            proof: shown_of(self.done.proof()),
        }
    }

    /// Does what the client did on the page. What does not belong here does nothing.
    pub async fn act(&mut self, act: FlowAction, services: &Services, url: Option<&ProviderUrl>) {
        match act {
            FlowAction::Enter { public_key, sealed } => {
                self.entered(services, &public_key, &sealed).await;
            }
            FlowAction::AddCodeChannel { kind } => self.add_channel(services, kind).await,
            FlowAction::RemoveCodeChannel { kind } => self.remove_channel(services, kind).await,
            FlowAction::ShowWebsite { shown } => self.show_website(shown),
            FlowAction::ReadQrCode => self.read_qr_code(services).await,
            FlowAction::ShowCode => self.show_code(services).await,
            FlowAction::ChooseCodeHour { hour } => self.choose_hour(services, hour, url).await,
            FlowAction::TryCodes => {
                if let Some(url) = url {
                    self.try_codes(services, url).await;
                }
            }
            _ => {}
        }
    }

    /// Shows the website in the browser of the sign-in, or hides it.
    fn show_website(&mut self, shown: bool) {
        self.is_shown = shown && self.website.is_some();
        // From here on the browser is the client's again.
        let guard = self
            .website
            .as_mut()
            .and_then(|website| website.guard.take());
        match guard {
            Some(guard) if shown => guard.lift(),
            guard => {
                if let Some(website) = &mut self.website {
                    website.guard = guard;
                }
            }
        }
        self.unread = None;
        self.changes += 1;
    }

    /// Takes the secret that the client entered.
    async fn entered(&mut self, services: &Services, public_key: &str, sealed: &str) {
        let opened = open_entry(&self.key, self.flow, self.number, public_key, sealed);
        let problem = match opened {
            Ok(values) => match values.into_iter().next() {
                Some((SECRET_FIELD, text)) => match Authenticator::parse(&text) {
                    Ok(authenticator) => self.set_up(services, &authenticator).await,
                    Err(InvalidAuthenticator::NotASecret) => Some(EntryProblem::NotASecret),
                    Err(InvalidAuthenticator::NotSupported) => {
                        Some(EntryProblem::SecretNotSupported)
                    }
                },
                _ => Some(EntryProblem::Incomplete),
            },
            Err(problem) => Some(problem),
        };
        self.problem = problem;
        self.changes += 1;
    }

    /// Reads the secret from the QR code that the website shows.
    async fn read_qr_code(&mut self, services: &Services) {
        let Some(browser) = self.shown_browser() else {
            return;
        };
        self.changes += 1;
        self.unread = match qr_code::read(&browser).await {
            Ok(text) => match Authenticator::parse(&text) {
                Ok(authenticator) => {
                    self.problem = self.set_up(services, &authenticator).await;
                    None
                }
                Err(_) => Some(UnreadQrCode::NotSupported),
            },
            Err(unread) => Some(unread),
        };
    }

    /// Shows a code of the authenticator, which no sign-in of ours uses then.
    async fn show_code(&mut self, services: &Services) {
        let channels = services.code_channels();
        let of = (self.company, self.connection);
        let found = channels.find(of, CodeAnswerer::Authenticator).await;
        let Ok(Some(channel)) = found else {
            return;
        };
        let Some(authenticator) = channels.authenticator(&channel) else {
            return;
        };
        match channels.take_code(&channel, &authenticator).await {
            Ok(Some(taken)) => {
                self.is_soon = false;
                self.code = Some(ShownCode {
                    code: taken.code.to_string(),
                    until: taken.until,
                });
                self.changes += 1;
            }
            // That of this moment is used or nearly over.
            Ok(None) => {
                self.is_soon = true;
                self.changes += 1;
            }
            Err(error) => {
                tracing::warn!(connection = %self.connection, %error, "no code was taken");
            }
        }
    }

    /// Makes an address for codes.
    async fn add_channel(&mut self, services: &Services, kind: CodeAnswerer) {
        let is_there = self
            .channels
            .iter()
            .any(|channel| channel.kind == kind && channel.state.is_some());
        if is_there {
            return;
        }
        let of = (self.company, self.connection);
        let channels = services.code_channels();
        let added = channels.set_up_address(of, kind, &services.inbound).await;
        if !matches!(added, Ok(true)) {
            tracing::error!(connection = %self.connection, %kind, "a code channel was not set up");
        }
        self.read_at = None;
        self.read(services).await;
    }

    /// Gives a way for codes up.
    async fn remove_channel(&mut self, services: &Services, kind: CodeAnswerer) {
        let of = (self.company, self.connection);
        let channels = services.code_channels();
        if let Err(error) = channels.remove(of, kind).await {
            tracing::error!(connection = %self.connection, %kind, %error, "a code channel was not removed");
        }
        self.code = None;
        self.read_at = None;
        self.read(services).await;
    }

    /// Has a sign-in that gets no code tried again at this hour.
    async fn choose_hour(
        &mut self,
        services: &Services,
        hour: Option<UtcHour>,
        url: Option<&ProviderUrl>,
    ) {
        let (company, connection) = (self.company, self.connection);
        let now = services.clock.now();
        let waits_for_code = self.done.proof()
            == Proof::Missing {
                reason: UnattendedReason::CodeNeeded,
            };
        let job = hour
            .zip(url)
            .filter(|_| waits_for_code)
            .and_then(|(hour, url)| {
                let id = JobId::from_random(clock::bytes(&*services.random));
                collect_job(id, company, connection, url, hour.next(now), now).ok()
            });
        let job = job.as_ref();
        let chosen = services.store.tx("flow.choose_code_hour", |tx| {
            Box::pin(async move {
                tx.set_code_hour(company, connection, hour).await?;
                match job {
                    Some(job) => tx.enqueue(job).await,
                    None => Ok(()),
                }
            })
        });
        if let Err(error) = chosen.await {
            tracing::error!(%connection, %error, "the hour for codes was not saved");
        }
        self.read_at = None;
        self.read(services).await;
    }

    /// Signs in by ourselves once more now, so that the website sends a code: the channels prove themselves by it.
    async fn try_codes(&mut self, services: &Services, url: &ProviderUrl) {
        if !self.done.proof().is_mended_by_codes() {
            return;
        }
        let (company, connection) = (self.company, self.connection);
        if let Err(error) = self.done.begin_anew(services).await {
            tracing::error!(%connection, %error, "the last run was not read");
            return;
        }
        self.changes += 1;
        let now = services.clock.now();
        let id = JobId::from_random(clock::bytes(&*services.random));
        let Ok(job) = collect_job(id, company, connection, url, now, now) else {
            return;
        };
        let (job, random) = (&job, &*services.random);
        let queued = services.store.tx("flow.try_codes", |tx| {
            Box::pin(async move {
                tx.lock_job(&job.dedupe_key).await?;
                let watched = watch(tx, (company, connection), random, now).await?;
                tx.forget_works_unattended(company, connection).await?;
                watched.changed(tx).await?;
                tx.enqueue(job).await
            })
        });
        if let Err(error) = queued.await {
            tracing::error!(%connection, %error, "a sign-in to try codes was not queued");
        }
    }

    async fn set_up(
        &mut self,
        services: &Services,
        authenticator: &Authenticator,
    ) -> Option<EntryProblem> {
        let of = (self.company, self.connection);
        let channels = services.code_channels();
        let saved = channels.set_up_authenticator(of, authenticator).await;
        if !matches!(saved, Ok(true)) {
            tracing::error!(connection = %self.connection, "an authenticator was not saved");
            return Some(EntryProblem::NotSaved);
        }
        self.number += 1;
        self.code = None;
        self.read_at = None;
        self.read(services).await;
        None
    }
}
