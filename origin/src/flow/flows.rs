//! The node's flows, found by the hash of their secrets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::{
    id::{FlowRef, LinkId},
    link_refusal::LinkRefusalReason,
    proof::Proof,
    status::LinkEventKind,
    wire::{
        FlowAction, FlowState, FlowView, Refusal, STATE_SECONDS, StartFlow, StartedFlow, Ticket,
    },
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::timeout,
};

use super::{
    Services, StartError, ViewerSession,
    secret::{FlowSecret, SecretHash},
    start,
    task::{Command, Flow},
    viewers::{Presence, Viewers},
};
use crate::{clock, store::links::Link};

/// Flows of a link for one use that may live at the same time: a person opens a link on a phone and a laptop,
/// a robot opens it a thousand times. Each further use that the link is for has room for one more.
const MAX_FLOWS_OF_A_LINK: usize = 3;
/// Longest Accept-Language that a browser is given, in bytes.
const MAX_LANGUAGE: usize = 256;
/// How many commands may wait for a flow's task.
const COMMAND_QUEUE: usize = 16;

/// All flows of this node. Cheap to clone.
#[derive(Clone)]
pub struct Flows {
    services: Arc<Services>,
    table: Arc<Mutex<Table>>,
    stop: watch::Sender<bool>,
}

#[derive(Default)]
struct Table {
    flows: HashMap<SecretHash, Entry>,
    tasks: JoinSet<()>,
}

struct Entry {
    link: LinkId,
    presence: Presence,
    commands: mpsc::Sender<Command>,
}

impl Flows {
    /// A registry without flows.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self {
            services: Arc::new(services),
            table: Arc::default(),
            stop: watch::Sender::new(false),
        }
    }

    /// The services that the flows use.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Trades a token for a flow, which begins to sign in at the website that the client confirmed.
    ///
    /// # Errors
    /// [`StartError::Refused`] when the link does not open; its log has the exact reason.
    pub async fn start(&self, start: StartFlow) -> Result<StartedFlow, StartError> {
        let services = &self.services;
        let opened = start::check(services, &start).await?;
        let found = &opened.found;
        let sites = services
            .store
            .read("flow.sites_of", |tx| {
                Box::pin(tx.sites_of(found.company.id))
            })
            .await?;
        let secret = FlowSecret::new(services.node, &*services.random);
        let flow_ref = FlowRef::from_random(clock::bytes(&*services.random));
        let (company, link) = (found.company.public_id, found.link.id);
        let viewers = Viewers::new();
        let Some((slot, commands)) = self.take_slot(&secret, &found.link, viewers.presence())
        else {
            start::refuse(services, found, LinkRefusalReason::Busy).await;
            return Err(StartError::Refused(Refusal::Busy));
        };
        services
            .log(company, link, Some(flow_ref), LinkEventKind::Opened, None)
            .await;
        let flow = Flow::new(
            services.clone(),
            flow_ref,
            opened,
            sites,
            start
                .accept_language
                .filter(|accepted| accepted.len() <= MAX_LANGUAGE),
            viewers,
        );
        self.spawn(flow, slot, commands);
        tracing::info!(flow = %flow_ref, %link, "flow started");
        Ok(StartedFlow {
            secret: secret.text(),
            flow_ref,
        })
    }

    /// What the flow's page shows; `None` when no such flow lives here.
    pub async fn view(&self, secret: &str) -> Option<FlowView> {
        self.ask(secret, Command::View).await
    }

    /// Waits until the flow's page shows something else than the version `seen`, or for [`STATE_SECONDS`]; `None` when no
    /// such flow lives here. It is no sign of life of the client.
    pub async fn state(&self, secret: &str, seen: u64) -> Option<FlowState> {
        let mut live = self.ask(secret, Command::Follow).await?;
        let changed = live.wait_for(|live| live.version != seen || live.closing.is_some());
        let limit = Duration::from_secs(STATE_SECONDS);
        let over = matches!(timeout(limit, changed).await, Ok(Err(_)));
        let live = live.borrow();
        (!over && live.closing.is_none()).then(|| FlowState {
            version: live.version,
        })
    }

    /// Does what the client did, and answers what the page shows then; `None` when no such flow
    /// lives here. [`FlowAction::Leave`] is answered a last time: a flow that has made a connection shows DONE.
    pub async fn act(&self, secret: &str, act: FlowAction) -> Option<FlowView> {
        self.ask(secret, |reply| Command::FlowAction(act, reply))
            .await
    }

    /// A ticket for the live view. The outer `None` means that there is no such flow, the inner one
    /// that the step has no live view.
    pub async fn ticket(&self, secret: &str) -> Option<Option<Ticket>> {
        self.ask(secret, Command::Ticket).await
    }

    /// Trades a ticket for a session at the live view; `None` when the ticket is used, too old or unknown.
    pub async fn open_viewer_session(&self, secret: &str, ticket: &str) -> Option<ViewerSession> {
        self.ask(secret, |reply| {
            Command::OpenSession(ticket.to_owned(), reply)
        })
        .await?
    }

    /// The proof of the connection that the flow has made, as it goes on, until nobody can come back to it or ten
    /// minutes are over. The outer `None` means that there is no such flow, the inner one that there is nothing to wait
    /// for, or that too many pages wait already.
    pub async fn watch_proof(&self, secret: &str) -> Option<Option<watch::Receiver<Proof>>> {
        self.ask(secret, Command::WatchProof).await
    }

    /// Ends all flows, telling their viewers, and waits until they are gone.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let mut tasks = std::mem::take(&mut self.lock().tasks);
        while tasks.join_next().await.is_some() {}
    }

    /// How many flows live now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().flows.len()
    }

    async fn ask<T>(
        &self,
        secret: &str,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Option<T> {
        let hash = FlowSecret::parse(secret)?.hash();
        let commands = self.lock().flows.get(&hash)?.commands.clone();
        let (reply, answer) = oneshot::channel();
        commands.send(command(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Takes a slot in the table. When the link has no free slot, its flow that was left longest ago
    /// gives up its own; a flow that has signed in does so only when there is no other. `None` when
    /// somebody is at each of them.
    fn take_slot(
        &self,
        secret: &FlowSecret,
        link: &Link,
        presence: Presence,
    ) -> Option<(SlotGuard, mpsc::Receiver<Command>)> {
        let further_uses = usize::try_from(link.max_uses.saturating_sub(1)).unwrap_or(0);
        let link = link.id;
        let mut table = self.lock();
        let of_link = || table.flows.iter().filter(|(_, entry)| entry.link == link);
        if of_link().count() >= MAX_FLOWS_OF_A_LINK.saturating_add(further_uses) {
            let left =
                of_link().filter_map(|(hash, entry)| Some((entry.presence.abandoned()?, *hash)));
            let (_, least) = left.min_by_key(|(left, _)| *left)?;
            // A flow that can no longer be commanded ends.
            table.flows.remove(&least);
        }
        let (commands, receiver) = mpsc::channel(COMMAND_QUEUE);
        let entry = Entry {
            link,
            presence,
            commands,
        };
        table.flows.insert(secret.hash(), entry);
        let slot = SlotGuard {
            table: Arc::clone(&self.table),
            hash: secret.hash(),
        };
        Some((slot, receiver))
    }

    fn spawn(&self, flow: Flow, slot: SlotGuard, commands: mpsc::Receiver<Command>) {
        let stop = self.stop.subscribe();
        let mut table = self.lock();
        // Reaps what has ended, so that the set does not grow.
        while table.tasks.try_join_next().is_some() {}
        table.tasks.spawn(async move {
            flow.run(commands, stop).await;
            drop(slot);
        });
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A flow's slot in the table. Dropping the guard frees the slot, however the flow ended.
struct SlotGuard {
    table: Arc<Mutex<Table>>,
    hash: SecretHash,
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.flows.remove(&self.hash);
    }
}
