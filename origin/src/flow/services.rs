//! The services that every flow uses.

use std::sync::Arc;

use browser::Launcher;
use shared::{
    id::{FlowRef, LinkId, PublicCompanyId},
    status::LinkEventKind,
    token::KeyRing,
    webhook::WebhookEventType,
};

use super::Timers;
use crate::{
    clock::{Clock, Random},
    codes::{CodeChannels, InboundAddresses},
    collection::PdfReader,
    config::SandboxConfig,
    store::{Store, StoreError, links::LinkEvent},
    vault::Vault,
    webhooks::Outbox,
};

/// What every flow of this node uses.
pub struct Services {
    /// The node's number: the first byte of each flow's secret.
    pub node: u8,
    /// The database.
    pub store: Store,
    /// The vault, which seals credentials.
    pub vault: Arc<Vault>,
    /// The launcher, which starts browsers.
    pub launcher: Launcher,
    /// The keys that open tokens.
    pub token_keys: Arc<KeyRing>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids, secrets and tickets.
    pub random: Arc<dyn Random>,
    /// The time limits of a flow and its browser.
    pub timers: Timers,
    /// Reads bills in a process of its own.
    pub reader: PdfReader,
    /// Where messages with codes can be sent to.
    pub inbound: InboundAddresses,
    /// Which websites are for trying things out.
    pub sandbox: SandboxConfig,
}

impl Services {
    /// The channels that answer for connections without a person.
    pub(super) fn code_channels(&self) -> CodeChannels {
        CodeChannels {
            store: self.store.clone(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }
    }

    /// Adds a line to a link's log. The log is for the organization; flows go on without it.
    pub(super) async fn log(
        &self,
        company: PublicCompanyId,
        link: LinkId,
        flow_ref: Option<FlowRef>,
        kind: LinkEventKind,
        detail: Option<&str>,
    ) {
        let event = LinkEvent {
            kind,
            flow_ref,
            detail: detail.map(str::to_owned),
            at: self.clock.now(),
        };
        let told = match kind {
            LinkEventKind::Opened => Some(WebhookEventType::LinkOpened),
            LinkEventKind::Abandoned => Some(WebhookEventType::LinkAbandoned),
            _ => None,
        };
        let (event, random) = (&event, &*self.random);
        let logged = self.store.tx("flow.record_link_event", |tx| {
            Box::pin(async move {
                tx.record_link_event(company, link, event).await?;
                let Some(told) = told else {
                    return Ok(());
                };
                let Some(found) = tx.link_for_flow(link, company).await? else {
                    return Ok(());
                };
                match Outbox::of(tx, found.company.id, random, event.at).await? {
                    Some(outbox) => outbox.link(tx, told, link).await,
                    None => Ok::<_, StoreError>(()),
                }
            })
        });
        if let Err(error) = logged.await {
            tracing::error!(%link, %kind, %error, "the link's log misses a line");
        }
    }
}
