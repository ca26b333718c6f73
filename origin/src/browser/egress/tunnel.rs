//! Bytes both ways, with an end.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::head::{Form, Head};

/// Neither side says anything.
const IDLE: Duration = Duration::from_secs(180);
/// A browser lives 45 minutes at most.
const LIFE: Duration = Duration::from_secs(3600);
/// In one direction of one connection.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Runs until either side ends, or it idles, or it has lived or carried enough.
pub(super) async fn run(mut browser: TcpStream, mut upstream: TcpStream, head: Head) {
    let began = match head.form {
        Form::Tunnel => {
            browser
                .write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                .await
        }
        Form::Plain(bytes) => upstream.write_all(&bytes).await,
    };
    if began.is_err() {
        return;
    }
    let (from_browser, to_browser) = browser.split();
    let (from_upstream, to_upstream) = upstream.split();
    let both = async {
        tokio::join!(
            copy(from_browser, to_upstream),
            copy(from_upstream, to_browser)
        )
    };
    let _ = timeout(LIFE, both).await;
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut buffer = vec![0; 16 * 1024];
    let mut carried = 0;
    while carried < MAX_BYTES {
        let Ok(Ok(n @ 1..)) = timeout(IDLE, from.read(&mut buffer)).await else {
            break;
        };
        let bytes = buffer.get(..n).unwrap_or_default();
        if !matches!(timeout(IDLE, to.write_all(bytes)).await, Ok(Ok(()))) {
            break;
        }
        carried += n as u64;
    }
    let _ = to.shutdown().await;
}
