//! From "signed in" to a connection: a new one, or one that exists and gets another sign-in.

use shared::{id::ConnectionId, status::LinkEventKind, wire::FinishRefusal};

use super::{Flow, StepState};
use crate::{
    clock,
    flow::steps::{
        done::Done,
        earlier::earlier_connection,
        finish::{Finish, Finished, NotRenewed},
        sign_in::SignInEvent,
        sites::Sites,
    },
    signin::Captured,
};

impl Flow {
    pub(super) async fn on_sign_in_event(&mut self, event: SignInEvent) {
        match event {
            SignInEvent::Changed => {}
            SignInEvent::Refused(code) | SignInEvent::Over(code) => self.sign_in_failed(code).await,
            SignInEvent::SignedIn(captured) => {
                let (code_was_asked, is_proven) = match &self.step {
                    StepState::SignIn(sign_in) => (sign_in.code_was_asked(), sign_in.is_proven()),
                    _ => (false, false),
                };
                if let Some(connection) = self.mending.take() {
                    return self.mend(connection, captured, code_was_asked).await;
                }
                self.pick_sites(captured, code_was_asked, is_proven).await;
                self.log(LinkEventKind::SignedIn, Some(&self.provider.host()))
                    .await;
            }
        }
    }

    /// A new connection is to be made of what was captured: the client says what it is for.
    /// Of a sign-in that is not `proven`, but that the client believes in, nothing that the company has is told.
    pub(super) async fn pick_sites(
        &mut self,
        captured: Box<Captured>,
        code_was_asked: bool,
        proven: bool,
    ) {
        let (company, host) = (self.found.company.id, self.provider.host());
        let earlier = if proven {
            earlier_connection(&self.services, company, &host, &captured.credentials).await
        } else {
            None
        };
        let sites = Sites::new(&self.sites, &self.found.link, earlier.as_ref());
        let connection = ConnectionId::from_random(clock::bytes(&*self.services.random));
        // Replacing the step drops the browser, so nothing can be typed any more.
        self.go_to(StepState::Sites {
            sites,
            captured,
            code_was_asked,
            connection,
        });
    }

    /// The client has a connection for this sign-in already, and wants no other.
    pub(super) async fn update_earlier(&mut self) {
        let StepState::Sites { sites, .. } = &self.step else {
            return;
        };
        let Some(earlier) = sites.earlier() else {
            return;
        };
        if let StepState::Sites {
            captured,
            code_was_asked,
            ..
        } = std::mem::replace(&mut self.step, StepState::provider())
        {
            self.mend(earlier, captured, code_was_asked).await;
        }
    }

    /// The client has signed in once more at a connection that exists.
    async fn mend(
        &mut self,
        connection: ConnectionId,
        captured: Box<Captured>,
        code_was_asked: bool,
    ) {
        let Some(url) = self.provider.url() else {
            return;
        };
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
            self.log(LinkEventKind::Refused, Some("REVOKED")).await;
            return self.go_to(StepState::Refused(FinishRefusal::Invalid));
        }
        // When it was not saved, the page says what is missing still, and the client may try again.
        let mut done = self.done(connection, code_was_asked);
        if let Ok(renewed) = renewed {
            self.connected = Some(connection);
            done = done.after(renewed.last_run.map(|run| run.id));
            if renewed.is_proposed {
                done = done.verifying(captured, self.flow_ref);
            }
        }
        self.go_to(StepState::Done(Box::new(done)));
        self.log(LinkEventKind::SignedIn, Some(&self.provider.host()))
            .await;
    }

    pub(super) async fn finish(&mut self) {
        let StepState::Sites {
            sites,
            captured,
            code_was_asked,
            connection,
        } = &self.step
        else {
            return;
        };
        let Some(url) = self.provider.url() else {
            return;
        };
        let code_was_asked = *code_was_asked;
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            connection: *connection,
            url,
            country: self.provider.country(),
            sites: sites.picked(),
            utility_types: sites.utility_types(),
            captured,
        };
        match finish.run(&self.services).await {
            Finished::Connected(connection_id) => {
                tracing::info!(flow = %self.flow_ref, connection = %connection_id, "finished");
                self.connected = Some(connection_id);
                let done = self.done(connection_id, code_was_asked);
                self.go_to(StepState::Done(Box::new(done)));
            }
            Finished::Refused(refusal, reason) => {
                tracing::info!(flow = %self.flow_ref, reason, "refused at the finish");
                self.log(LinkEventKind::Refused, Some(reason)).await;
                // Nothing will be made of it: the credentials go now, not when the flow ends.
                self.go_to(StepState::Refused(refusal));
            }
            Finished::Again(problem) => {
                if let StepState::Sites { sites, .. } = &mut self.step {
                    sites.refuse(problem);
                }
            }
        }
    }

    pub(super) fn done(&self, connection: ConnectionId, code_was_asked: bool) -> Done {
        let repairs = self.repair.as_ref().map(|repair| repair.id);
        Done::new(self.found.company.id, connection, code_was_asked)
            .repairing(repairs == Some(connection))
    }
}
