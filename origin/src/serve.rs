//! The service: doors and workers, from start to stop.

mod workers;

use std::{io, net::SocketAddr, os::unix::fs::DirBuilderExt as _, sync::Arc, time::Duration};

use axum::Router;
use browser::Launcher;
use shared::token::{InvalidKeyRing, KeyRing};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    api::{self, ApiDoor},
    blobs::{self, Blobs},
    clock::{Clock, Random, SystemClock, SystemRandom},
    codes::{
        ChannelCodes, CodePages, FollowsLinks, InboundAddresses, Inbox, MailAuthentication,
        MailProvider,
    },
    collection::{PdfReader, collect_job},
    config::Config,
    console::{self, ConsoleDoor},
    edge_api::{self, EdgeDoor},
    edge_push::EdgePush,
    flow::{Flows, Services, Timers},
    inbound::{self, InboundDoor},
    mail::{MailFolder, SmtpSetUpError},
    operator::{self, OperatorDoor},
    store::{Store, StoreError},
    vault::Vault,
    webhooks::EndpointAddresses,
};

/// Requests that are still being answered get so much time when the origin stops.
const PATIENCE: Duration = Duration::from_secs(10);
/// Why the origin does not run (any more): a sentence with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder.
    #[error(
        "The data folder {0} cannot be made ({1}): set data_dir to a folder that this user may write."
    )]
    DataDir(String, io::Error),
    /// The database.
    #[error(
        "The database {0} cannot be used ({1}): look at database_url, and whether the server runs."
    )]
    Store(String, StoreError),
    /// The storage of blobs.
    #[error("The storage of bill files cannot be opened ({0}): look at the settings of [blobs].")]
    Blobs(#[from] blobs::OpenError),
    /// The settings of the mail server cannot be used.
    #[error("Mail cannot be sent ({0}): look at the settings of [mail.smtp].")]
    Mail(#[from] SmtpSetUpError),
    /// The token keys.
    #[error("The token keys cannot be used: {0}.")]
    Keys(#[from] InvalidKeyRing),
    /// A key that links need which can still be opened.
    #[error(
        "Links that can still be opened were sealed with the token key {0}, which is not in token_keys: put it back."
    )]
    RetiredKey(u8),
    /// The TLS library does not start.
    #[error("Requests to the edge cannot be made: {0}.")]
    Tls(#[from] reqwest::Error),
    /// A port is taken, or not allowed.
    #[error(
        "Cannot listen on {address} ({error}): is another program there? Set {setting} to another address."
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What says so.
        setting: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A listener failed.
    #[error("A door failed: {0}.")]
    Door(#[from] io::Error),
}

/// What the doors and the worker share.
struct Components {
    store: Store,
    blobs: Blobs,
    vault: Arc<Vault>,
    token_keys: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    launcher: Launcher,
    endpoints: Arc<EndpointAddresses>,
}

/// Runs the origin until `stop` resolves, then says goodbye to everyone: viewers are told, running
/// requests are answered, browsers end.
///
/// # Errors
/// [`ServeError`] when something does not start.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
    let components = build(&config).await?;
    let flows = Flows::new(services(&config, &components)?);
    let inbox = inbox(&config, &components);
    let edge = EdgeDoor::new(
        config.node,
        flows.clone(),
        code_pages(&components),
        Arc::clone(&inbox),
        config.edge.key(),
        config.edge.host.clone(),
    );
    let edge = edge_api::router(edge);
    let stopping = watch::Sender::new(false);
    let console = console::router(console_door(&config, &components, stopping.subscribe())?);
    let operator = operator::router(operator_door(&config, &components));
    let api = api::router(api_door(&config, &components)?, console.merge(operator));

    let mut doors = JoinSet::new();
    open(
        &mut doors,
        config.edge.listen,
        "edge.listen",
        edge,
        &stopping,
    )
    .await?;
    open(&mut doors, config.api.listen, "api.listen", api, &stopping).await?;
    if let Some(listen) = config.inbound.listen {
        let door = inbound::router(InboundDoor {
            inbox,
            secret: config.inbound.secret.clone(),
            sms: config.inbound.sms.clone(),
        });
        open(&mut doors, listen, "inbound.listen", door, &stopping).await?;
    }
    let workers = workers::all(&config, &components)?.map(|worker| {
        let stopping = stopping.subscribe();
        tokio::spawn(worker.run(stopping))
    });
    components.launcher.warm();
    let database = &config.database_url;
    tracing::info!(edge = %config.edge.listen, api = %config.api.listen, node = config.node, %database, "ready");

    tokio::select! {
        () = stop => tracing::info!("stopping"),
        Some(failed) = doors.join_next() => {
            failed.map_err(io::Error::other)??;
        }
    }
    // First the flows, so that their viewers hear of it while the doors are still open.
    flows.stop().await;
    stopping.send_replace(true);
    let closing = async { while doors.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, closing).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
    for worker in workers {
        if worker.await.is_err() {
            tracing::error!("a worker ended badly");
        }
    }
    components.launcher.close().await;
    components.store.close().await;
    Ok(())
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// [`ServeError::DataDir`], [`ServeError::Store`].
pub async fn open_store(config: &Config) -> Result<Store, ServeError> {
    // Browsers run as other users of this machine: nothing in here is theirs to read.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir)
        .map_err(|error| ServeError::DataDir(config.data_dir.display().to_string(), error))?;
    let refused = |error| ServeError::Store(config.database_url.to_string(), error);
    let store = Store::open(config.database_url.as_str())
        .await
        .map_err(refused)?;
    store.migrate().await.map_err(refused)?;
    Ok(store)
}

/// Opens the storage of blobs.
///
/// # Errors
/// [`ServeError::Blobs`].
pub fn open_blobs(config: &Config, vault: &Arc<Vault>) -> Result<Blobs, ServeError> {
    let objects = blobs::open(&config.blobs)?;
    Ok(Blobs::new(
        objects,
        Arc::clone(vault),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    ))
}

/// The way to the edge.
///
/// # Errors
/// [`ServeError::Tls`].
pub fn edge_push(
    config: &Config,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<EdgePush, ServeError> {
    let (clock, random) = (Arc::clone(clock), Arc::clone(random));
    let (base, key) = (config.edge.push_base(), config.edge.key());
    Ok(EdgePush::new(base, config.node, key, clock, random)?)
}

async fn build(config: &Config) -> Result<Components, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_store(config).await?;
    let token_keys = config.key_ring()?;
    let in_use = store
        .read("serve.token_keys_in_use", |tx| {
            Box::pin(tx.token_keys_in_use(clock.now()))
        })
        .await;
    let in_use =
        in_use.map_err(|error| ServeError::Store(config.database_url.to_string(), error))?;
    if let Some(retired) = in_use.into_iter().find(|id| !token_keys.contains(*id)) {
        return Err(ServeError::RetiredKey(retired));
    }
    let vault = Arc::new(Vault::new(&config.vault_keys));
    Ok(Components {
        store,
        blobs: open_blobs(config, &vault)?,
        vault,
        token_keys: Arc::new(token_keys),
        clock,
        random: Arc::new(SystemRandom),
        launcher: Launcher::new(config.browser.clone()),
        endpoints: Arc::new(EndpointAddresses::new(&config.browser)),
    })
}

fn console_door(
    config: &Config,
    components: &Components,
    stopping: watch::Receiver<bool>,
) -> Result<ConsoleDoor, ServeError> {
    Ok(ConsoleDoor {
        store: components.store.clone(),
        sandbox: config.sandbox.clone(),
        vault: Arc::clone(&components.vault),
        endpoints: Arc::clone(&components.endpoints),
        blobs: components.blobs.clone(),
        mail_folder: mail_folder(config),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        token_keys: Arc::clone(&components.token_keys),
        public_url: config.api.public_url.clone(),
        links_base: config.edge.public_url.clone(),
        proxies: config.api.proxies.clone(),
        edge: Arc::new(edge_push(config, &components.clock, &components.random)?),
        stopping,
    })
}

fn operator_door(config: &Config, components: &Components) -> OperatorDoor {
    OperatorDoor {
        store: components.store.clone(),
        vault: Arc::clone(&components.vault),
        launcher: components.launcher.clone(),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        public_url: config.api.public_url.clone(),
        proxies: config.api.proxies.clone(),
        addresses: config.operator.addresses.clone(),
    }
}

/// The folder that mail is laid into, where no mail server is set.
fn mail_folder(config: &Config) -> Option<MailFolder> {
    let folder = config.mail.folder.clone();
    config.mail.smtp.is_none().then(|| MailFolder::new(folder))
}

/// This very program reads PDFs, in a process of its own.
fn pdf_reader() -> std::io::Result<PdfReader> {
    Ok(PdfReader::new(std::env::current_exe()?))
}

fn code_pages(components: &Components) -> CodePages {
    CodePages {
        store: components.store.clone(),
        token_keys: Arc::clone(&components.token_keys),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        sign_in_again: Arc::new(|id, found, now| {
            let request = &found.request;
            let (company, connection) = (request.company, request.connection);
            collect_job(id, company, connection, &found.provider_url, now, now)
        }),
    }
}

fn inbox(config: &Config, components: &Components) -> Arc<Inbox> {
    let codes = ChannelCodes {
        store: components.store.clone(),
        vault: Arc::clone(&components.vault),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
    };
    let inbound = &config.inbound;
    let numbers = inbound.sms.as_ref().map(|sms| sms.numbers.clone());
    Arc::new(Inbox::new(
        codes,
        MailAuthentication::new(inbound.dns),
        Arc::new(FollowsLinks {
            providers: MailProvider::known(),
            browser: config.browser.clone(),
        }),
        inbound.domain.clone(),
        numbers.unwrap_or_default(),
    ))
}

fn services(config: &Config, components: &Components) -> Result<Services, ServeError> {
    Ok(Services {
        node: config.node,
        store: components.store.clone(),
        vault: Arc::clone(&components.vault),
        launcher: components.launcher.clone(),
        token_keys: Arc::clone(&components.token_keys),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        timers: Timers::default(),
        reader: pdf_reader()?,
        inbound: InboundAddresses {
            mail_domain: config.inbound.domain.clone(),
            phone_number: config
                .inbound
                .sms
                .as_ref()
                .and_then(|sms| sms.numbers.first().cloned()),
        },
        sandbox: config.sandbox.clone(),
    })
}

fn api_door(config: &Config, components: &Components) -> Result<ApiDoor, ServeError> {
    Ok(ApiDoor {
        store: components.store.clone(),
        sandbox: config.sandbox.clone(),
        vault: Arc::clone(&components.vault),
        endpoints: Arc::clone(&components.endpoints),
        blobs: components.blobs.clone(),
        clock: Arc::clone(&components.clock),
        random: Arc::clone(&components.random),
        token_keys: Arc::clone(&components.token_keys),
        links_base: config.edge.public_url.clone(),
        edge: Arc::new(edge_push(config, &components.clock, &components.random)?),
        public_url: config.api.public_url.clone(),
        host: config.api.host.clone(),
        proxies: config.api.proxies.clone(),
    })
}

async fn open(
    doors: &mut JoinSet<io::Result<()>>,
    address: SocketAddr,
    setting: &'static str,
    router: Router,
    stopping: &watch::Sender<bool>,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen {
            address,
            setting,
            error,
        })?;
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut stopping = stopping.subscribe();
    let stop = async move {
        // An error means that nobody is left who could say it.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    doors.spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
    });
    Ok(())
}
