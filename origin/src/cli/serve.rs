//! `origin serve`: the log, the signals, and the service between them.

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::context::Outcome;
use crate::{config::Config, serve::serve};

/// Serves until SIGTERM or Ctrl-C.
pub(super) async fn run(config: Config) -> Outcome {
    start_log();
    let listened = |error| format!("Signals cannot be listened for: {error}.");
    let mut terminate = signal(SignalKind::terminate()).map_err(listened)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(listened)?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    serve(config, stop).await.map_err(|error| error.to_string())
}

/// Lines go to standard error; `RUST_LOG` chooses which.
fn start_log() {
    let chosen =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(chosen)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
}
