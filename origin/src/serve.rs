//! The service: doors and workers, from start to stop.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use shared::token::InvalidKeyRing;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    browser::Launcher,
    clock::{SystemClock, SystemRandom},
    config::Config,
    edge_api::{self, EdgeDoor},
    flow::{Flows, Services, Timers},
    store::{Store, StoreError},
    vault::Vault,
};

/// Requests that are still being answered get so much time when the origin stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the origin does not run (any more).
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token keys.
    #[error(transparent)]
    Keys(#[from] InvalidKeyRing),
    /// A port is taken, or not allowed.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// A listener failed.
    #[error("a door failed: {0}")]
    Door(#[from] io::Error),
}

/// Runs the origin until `stop` resolves, then says goodbye to everyone: viewers are told, running
/// requests are answered, browsers end.
///
/// # Errors
/// [`ServeError`] when something does not start.
pub async fn serve(config: Config, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
    let store = Store::open(config.database_url.as_str()).await?;
    store.migrate().await?;
    let launcher = Launcher::new(config.browser.clone());
    let flows = Flows::new(Services {
        node: config.node,
        store: store.clone(),
        vault: Arc::new(Vault::new(&config.vault_keys)),
        launcher: launcher.clone(),
        token_keys: Arc::new(config.key_ring()?),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        timers: Timers::default(),
    });
    let edge = EdgeDoor::new(flows.clone(), config.edge.key(), config.edge.host.clone());

    let stopping = watch::Sender::new(false);
    let mut doors = JoinSet::new();
    open(
        &mut doors,
        config.edge.listen,
        edge_api::router(edge),
        &stopping,
    )
    .await?;

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
    launcher.close().await;
    store.close().await;
    Ok(())
}

async fn open(
    doors: &mut JoinSet<io::Result<()>>,
    address: SocketAddr,
    router: Router,
    stopping: &watch::Sender<bool>,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen { address, error })?;
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
