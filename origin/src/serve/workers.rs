//! The workers of a node: who waits for a code, a mail or a file does not wait for collections.

use std::sync::Arc;

use super::{Components, ServeError, edge_push, pdf_reader};
use crate::{
    batch::WorkBatch,
    blobs::{MoveBillFiles, SweepBlobs},
    brand_push::PushBrand,
    collection::{self, CollectBills, Collector, QueueDueCollections},
    config::Config,
    jobs::{CleanUp, ForgetMessages, Registry, Settings, WaitingRuns, Worker},
    mail::{Composer, DeliverMail, DeliverNotice, MailServices, Transport},
    webhooks::{self, DeliverWebhooks},
};

/// Mails of each kind that a node hands to the mail server at the same time: one that is slow to take must not hold up a
/// code.
const MAILS: usize = 4;
/// Endpoints that a node delivers webhooks to at the same time.
const WEBHOOK_ENDPOINTS: usize = 4;
/// Brands that a node brings to the edge at the same time: none waits for a batch, which may take minutes.
const BRANDS: usize = 2;
/// Batches that a node works through at the same time.
const BATCHES: usize = 2;

/// All workers of the node. Notices and other mails have one each: a code is waited for ten minutes, and sending thousands of
/// links may take longer.
///
/// # Errors
/// When something that they need does not start.
pub(super) fn all(config: &Config, components: &Components) -> Result<[Worker; 6], ServeError> {
    let (clock, random) = (&components.clock, &components.random);
    let mail = mail_services(config, components)?;
    let registry = || Registry::new(Arc::clone(clock), Arc::clone(random));
    let worker = |registry, at_once, name| {
        named(
            components,
            registry,
            at_once,
            format!("node-{}-{name}", config.node),
        )
    };
    let brands = registry().with(PushBrand {
        store: components.store.clone(),
        clock: Arc::clone(clock),
        edge: Arc::new(edge_push(config, clock, random)?),
    });
    let hooks = registry().with(deliver_webhooks(config, components));
    Ok([
        collecting(config, components)?,
        worker(
            registry().with(DeliverNotice(mail.clone())),
            MAILS,
            "notices",
        ),
        worker(registry().with(DeliverMail(mail)), MAILS, "mail"),
        worker(hooks, WEBHOOK_ENDPOINTS, "webhooks"),
        worker(
            registry().with(work_batch(config, components)),
            BATCHES,
            "batches",
        ),
        worker(brands, BRANDS, "brands"),
    ])
}

fn named(components: &Components, registry: Registry, at_once: usize, name: String) -> Worker {
    Worker {
        store: components.store.clone(),
        clock: Arc::clone(&components.clock),
        registry: Arc::new(registry),
        settings: Settings::new(at_once, name),
        waiting: WaitingRuns::default(),
    }
}

/// The worker of collections and of what comes back at intervals.
fn collecting(config: &Config, components: &Components) -> Result<Worker, ServeError> {
    let (store, clock) = (&components.store, &components.clock);
    let registry = Registry::new(Arc::clone(clock), Arc::clone(&components.random))
        .with(CollectBills(collector(components)?))
        .with_periodic(QueueDueCollections {
            store: store.clone(),
            clock: Arc::clone(clock),
            random: Arc::clone(&components.random),
        })
        .with_periodic(CleanUp {
            store: store.clone(),
            clock: Arc::clone(clock),
        })
        .with_periodic(ForgetMessages {
            store: store.clone(),
            clock: Arc::clone(clock),
        })
        .with_periodic(MoveBillFiles {
            store: store.clone(),
            blobs: components.blobs.clone(),
        })
        .with_periodic(SweepBlobs {
            store: store.clone(),
            blobs: components.blobs.clone(),
            clock: Arc::clone(clock),
        });
    Ok(named(
        components,
        registry,
        config.collection.workers,
        format!("node-{}", config.node),
    ))
}

/// What notices and other mails are delivered with.
fn mail_services(config: &Config, components: &Components) -> Result<MailServices, ServeError> {
    Ok(MailServices {
        store: components.store.clone(),
        transport: Arc::new(Transport::new(&config.mail)?),
        composer: Arc::new(Composer {
            from: config.mail.from.clone(),
            links_base: config.edge.public_url.clone(),
            console_base: config.api.public_url.clone(),
            bounce_domain: config.inbound.domain.clone(),
        }),
        token_keys: Arc::clone(&components.token_keys),
        vault: Arc::clone(&components.vault),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
    })
}

fn work_batch(config: &Config, components: &Components) -> WorkBatch {
    WorkBatch {
        store: components.store.clone(),
        token_keys: Arc::clone(&components.token_keys),
        links_base: config.edge.public_url.clone(),
        sandbox: config.sandbox.clone(),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
    }
}

fn deliver_webhooks(config: &Config, components: &Components) -> DeliverWebhooks {
    DeliverWebhooks {
        store: components.store.clone(),
        vault: Arc::clone(&components.vault),
        token_keys: Arc::clone(&components.token_keys),
        links_base: config.edge.public_url.clone(),
        addresses: Arc::clone(&components.endpoints),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        time_limit: webhooks::TIME_LIMIT,
    }
}

fn collector(components: &Components) -> Result<Collector, ServeError> {
    Ok(Collector {
        store: components.store.clone(),
        blobs: components.blobs.clone(),
        vault: Arc::clone(&components.vault),
        launcher: components.launcher.clone(),
        reader: pdf_reader()?,
        token_keys: Arc::clone(&components.token_keys),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        time_limit: collection::TIME_LIMIT,
    })
}
