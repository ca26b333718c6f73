//! A link that is taken back ends what a client is in the midst of.

use shared::{link_refusal::LinkRefusalReason, status::LinkEventKind, wire::FinishRefusal};
use tokio::time::{Duration, Instant};

use super::{Flow, StepState};

/// How often the link is looked at while the client does nothing that asks for it.
const AGAIN: Duration = Duration::from_secs(5);

impl Flow {
    /// When the link is to be looked at next, while something is left that its revocation ends.
    pub(super) fn looks_at_link_at(&self) -> Option<Instant> {
        match &self.step {
            StepState::Provider(_) | StepState::SignIn(_) | StepState::Sites { .. } => {
                Some(self.link_seen + AGAIN)
            }
            // What is connected stays so, and who was refused is told so already.
            StepState::Forwarding(_) | StepState::Done(_) | StepState::Refused(_) => None,
        }
    }

    /// Refuses the client when the organization has taken the link back, or deleted its company: browser and credentials go, and nothing is typed
    /// any more.
    pub(super) async fn heed_revocation(&mut self) {
        if self.looks_at_link_at().is_none() {
            return;
        }
        self.link_seen = Instant::now();
        let (link, company) = (self.found.link.id, self.found.company.public_id);
        let reading = self
            .services
            .store
            .read("flow.link", |tx| Box::pin(tx.link_for_flow(link, company)));
        match reading.await {
            Ok(Some(found)) if found.link.revoked_at.is_none() => {}
            Ok(Some(_)) => {
                tracing::info!(flow = %self.flow_ref, %link, "the link was revoked");
                self.go_to(StepState::Refused(FinishRefusal::Invalid));
                self.log(
                    LinkEventKind::Refused,
                    Some(LinkRefusalReason::Revoked.as_str()),
                )
                .await;
            }
            Ok(None) => {
                tracing::info!(flow = %self.flow_ref, %link, "the company was deleted");
                self.go_to(StepState::Refused(FinishRefusal::Invalid));
            }
            // The finish asks again.
            Err(error) => tracing::warn!(flow = %self.flow_ref, %error, "the link was not read"),
        }
    }
}
