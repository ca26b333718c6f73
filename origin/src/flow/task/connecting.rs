//! From "signed in" to a connection: a new one, or one that exists and gets another sign-in.

use shared::{
    id::ConnectionId,
    link_refusal::LinkRefusalReason,
    status::{LinkEventKind, SitesProblem},
    time::UnixMillis,
    wire::FinishRefusal,
};

use super::{Flow, SignedIn, StepState};
use crate::{
    clock,
    flow::steps::{
        done::Done,
        earlier::{are_its_own, earlier_connection},
        finish::{Finish, Finished, NotRenewed, masked},
        forwarding::{AskedForCode, Forwarding},
        look_up::AccountLookUp,
        open_website::SignedInWebsite,
        sign_in::SignInEvent,
        sites::Sites,
    },
};

impl Flow {
    pub(super) async fn on_sign_in_event(&mut self, event: SignInEvent) {
        match event {
            SignInEvent::Changed => {}
            SignInEvent::Refused(code) | SignInEvent::Over(code) => self.sign_in_failed(code).await,
            SignInEvent::SignedIn(captured) => {
                // Taking the step from the viewer, so that nothing can be typed any more.
                let step = std::mem::replace(&mut self.step, StepState::provider());
                self.publish();
                let StepState::SignIn(sign_in) = step else {
                    return;
                };
                let is_proven = sign_in.is_proven();
                let asked_for_code = sign_in.asked_for_code();
                let website = sign_in.into_website();
                let signed_in = SignedIn {
                    captured,
                    asked_for_code,
                    website,
                };
                if let Some(connection) = self.mending.take() {
                    return self.mend(connection, signed_in, is_proven).await;
                }
                self.pick_sites(signed_in, is_proven).await;
                self.log(LinkEventKind::SignedIn, Some(&self.provider.host()))
                    .await;
            }
        }
    }

    /// A new connection is to be made of what was captured: the client says what it is for.
    /// Of a sign-in that is not `proven`, but that the client believes in, nothing that the company has is told.
    pub(super) async fn pick_sites(&mut self, mut signed_in: SignedIn, proven: bool) {
        let (company, host) = (self.found.company.id, self.provider.host());
        let earlier = if proven {
            earlier_connection(
                &self.services,
                company,
                &host,
                &signed_in.captured.credentials,
            )
            .await
        } else {
            None
        };
        let sites = Sites::new(&self.sites, &self.found.link, earlier.as_ref());
        let connection = ConnectionId::from_random(clock::bytes(&*self.services.random));
        // What the client only believes in is nobody's account, as far as is known.
        if !proven && signed_in.asked_for_code.is_none() {
            signed_in.website = None;
        }
        let website = signed_in.website.as_mut().filter(|_| proven);
        let look_up = website.map(|website| {
            AccountLookUp::begin(website, &self.services.reader, self.provider.country())
        });
        self.go_to(StepState::Sites {
            sites: Box::new(sites),
            signed_in: Box::new(signed_in),
            connection,
            look_up,
        });
        self.read().await;
    }

    /// The client has a connection for this sign-in already, and wants no other.
    pub(super) async fn update_earlier(&mut self) {
        let StepState::Sites { sites, .. } = &self.step else {
            return;
        };
        let Some(earlier) = sites.earlier() else {
            return;
        };
        let step = std::mem::replace(&mut self.step, StepState::provider());
        if let StepState::Sites { signed_in, .. } = step {
            // Only a proven sign-in knows of an earlier connection.
            self.mend(earlier, *signed_in, true).await;
        }
    }

    /// The client has signed in once more at a connection that exists; `proven`, or as far as they say.
    async fn mend(&mut self, connection: ConnectionId, signed_in: SignedIn, proven: bool) {
        let SignedIn {
            captured,
            asked_for_code,
            website,
        } = signed_in;
        let trusted_until = captured.session.lasts_until(self.services.clock.now());
        let Some(url) = self.provider.url() else {
            return;
        };
        let company = self.found.company.id;
        let is_own =
            proven && are_its_own(&self.services, company, connection, &captured.credentials).await;
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            connection,
            url,
            country: self.provider.country(),
            sites: Vec::new(),
            utility_types: &[],
            captured: &captured,
        };
        let renewed = finish.renew(&self.services).await;
        let is_saved = renewed.is_ok();
        tracing::info!(flow = %self.flow_ref, %connection, is_saved, "signed in once more");
        if renewed.as_ref().err() == Some(&NotRenewed::Revoked) {
            self.log(
                LinkEventKind::Refused,
                Some(LinkRefusalReason::Revoked.as_str()),
            )
            .await;
            return self.go_to(StepState::Refused(FinishRefusal::Invalid));
        }
        // When it was not saved, the page says what is missing still, and the client may try again.
        let mut done = self.done(connection, asked_for_code);
        let mut is_theirs = false;
        match renewed {
            Ok(renewed) => {
                self.connected = Some(connection);
                is_theirs = is_own || !renewed.is_proposed;
                done = done.after(renewed.last_run.map(|run| run.id));
                if renewed.is_proposed {
                    done = done.verifying(captured, self.flow_ref, is_own);
                }
            }
            // Nobody knows whose account it is.
            Err(_) => done = done.verifying(captured, self.flow_ref, false),
        }
        // The codes of the connection are set up by nobody who may not be its client.
        match asked_for_code.filter(|_| is_theirs) {
            Some(asked) => {
                self.ask_for_codes(connection, asked, done, website, trusted_until)
                    .await;
            }
            None => self.go_to(StepState::Done(Box::new(done))),
        }
        self.log(LinkEventKind::SignedIn, Some(&self.provider.host()))
            .await;
    }

    pub(super) async fn finish(&mut self) {
        let StepState::Sites {
            sites,
            signed_in,
            connection,
            look_up,
        } = &mut self.step
        else {
            return;
        };
        let Some(url) = self.provider.url() else {
            return;
        };
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            connection: *connection,
            url,
            country: self.provider.country(),
            sites: sites.picked(),
            utility_types: sites.utility_types(),
            captured: &signed_in.captured,
        };
        match finish.run(&self.services).await {
            Finished::Connected(connection_id) => {
                tracing::info!(flow = %self.flow_ref, connection = %connection_id, "finished");
                self.connected = Some(connection_id);
                let asked_for_code = signed_in.asked_for_code;
                *look_up = None;
                let website = signed_in.website.take();
                let now = self.services.clock.now();
                let trusted_until = signed_in.captured.session.lasts_until(now);
                let done = self.done(connection_id, asked_for_code);
                match asked_for_code {
                    Some(asked) => {
                        self.ask_for_codes(connection_id, asked, done, website, trusted_until)
                            .await;
                    }
                    None => self.go_to(StepState::Done(Box::new(done))),
                }
            }
            Finished::Refused(refusal, reason) => {
                tracing::info!(flow = %self.flow_ref, %reason, "refused at the finish");
                self.log(LinkEventKind::Refused, Some(reason.as_str()))
                    .await;
                // Nothing will be made of it: the credentials go now, not when the flow ends.
                self.go_to(StepState::Refused(refusal));
            }
            Finished::Again(problem) => {
                if problem == SitesProblem::SiteGone {
                    self.read_sites().await;
                }
                if let StepState::Sites { sites, .. } = &mut self.step {
                    sites.keep(&self.sites);
                    sites.refuse(problem);
                }
            }
        }
    }

    /// Reads which sites the company has by now.
    async fn read_sites(&mut self) {
        let company = self.found.company.id;
        let reading = self
            .services
            .store
            .read("flow.sites", |tx| Box::pin(tx.sites_of(company)));
        match reading.await {
            Ok(sites) => self.sites = sites,
            // The next finish asks again.
            Err(error) => tracing::warn!(flow = %self.flow_ref, %error, "the sites were not read"),
        }
    }

    /// The connection exists, and its website asks for codes: the client says how they reach us from now on.
    async fn ask_for_codes(
        &mut self,
        connection: ConnectionId,
        asked: AskedForCode,
        done: Done,
        website: Option<SignedInWebsite>,
        trusted_until: Option<UnixMillis>,
    ) {
        let of = (self.found.company.id, connection);
        let found = self.services.store.read("flow.owner_of", |tx| {
            Box::pin(tx.connection_of_company(of.0, of.1))
        });
        let owner = found.await.ok().flatten();
        let owner = owner.and_then(|connection| masked(connection.owner_email.as_deref()?));
        let forwarding = Forwarding::new(of, self.flow_ref, &*self.services.random, asked, done)
            .owned_by(owner)
            .in_website(website)
            .trusted_until(trusted_until);
        self.go_to(StepState::Forwarding(Box::new(forwarding)));
    }

    /// The client comes back to set codes up, from the last page.
    pub(super) async fn set_up_codes(&mut self) {
        let step = std::mem::replace(&mut self.step, StepState::provider());
        let done = match step {
            StepState::Done(done) if done.is_verified() => done,
            // Who may not be the connection's client sets nothing up for it.
            step => {
                self.step = step;
                return;
            }
        };
        let connection = done.connection();
        let asked = done.asked_for_code().unwrap_or_default();
        self.ask_for_codes(connection, asked, *done, None, None)
            .await;
    }

    /// The client goes on to the last page; what is not set up is left for later.
    pub(super) fn leave_forwarding(&mut self) {
        let step = std::mem::replace(&mut self.step, StepState::provider());
        match step {
            StepState::Forwarding(forwarding) => {
                self.go_to(StepState::Done(forwarding.into_done()))
            }
            other => self.step = other,
        }
    }

    pub(super) fn done(
        &self,
        connection: ConnectionId,
        asked_for_code: Option<AskedForCode>,
    ) -> Done {
        let repairs = self.repair.as_ref().map(|repair| repair.id);
        let company = &self.found.company;
        Done::new((company.id, company.public_id), connection, asked_for_code)
            .repairing(repairs == Some(connection))
    }
}
