//! Bytes both ways, with an end.

use std::{
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::request_head::{Form, Head};

/// How long a tunnel stays open while neither side sends anything.
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
    let alive = Alive(Mutex::new(Instant::now()));
    let both = async {
        tokio::join!(
            copy(from_browser, to_upstream, &alive),
            copy(from_upstream, to_browser, &alive)
        )
    };
    let _ = timeout(LIFE, both).await;
}

/// When either side last said something: a download is one side's long silence.
struct Alive(Mutex<Instant>);

impl Alive {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn until(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) + IDLE
    }
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, alive: &Alive) {
    let mut buffer = vec![0; 16 * 1024];
    let mut carried = 0;
    while carried < MAX_BYTES {
        let Ok(n @ 1..) = read(&mut from, &mut buffer, alive).await else {
            break;
        };
        alive.now();
        let bytes = buffer.get(..n).unwrap_or_default();
        if !matches!(timeout(IDLE, to.write_all(bytes)).await, Ok(Ok(()))) {
            break;
        }
        carried += n as u64;
    }
    let _ = to.shutdown().await;
}

/// Waits for bytes for as long as the tunnel is alive.
async fn read(
    from: &mut (impl AsyncRead + Unpin),
    buffer: &mut [u8],
    alive: &Alive,
) -> io::Result<usize> {
    loop {
        let until = alive.until();
        match timeout_at(until, from.read(buffer)).await {
            Ok(read) => return read,
            Err(_) if alive.until() > until => {}
            Err(idle) => return Err(idle.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_long_answer_keeps_an_idle_request_direction_open() {
        let (browser, mut page) = tokio::io::duplex(64);
        let (upstream, mut website) = tokio::io::duplex(64);
        let (from_browser, to_browser) = tokio::io::split(browser);
        let (from_upstream, to_upstream) = tokio::io::split(upstream);
        let carry = tokio::spawn(async move {
            let alive = Alive(Mutex::new(Instant::now()));
            tokio::join!(
                copy(from_browser, to_upstream, &alive),
                copy(from_upstream, to_browser, &alive)
            )
        });
        let mut byte = [0];
        for _ in 0..3 {
            tokio::time::advance(IDLE * 2 / 3).await;
            website.write_all(b"x").await.unwrap();
            assert_eq!(page.read(&mut byte).await.unwrap(), 1);
        }
        // The question's side was never closed.
        page.write_all(b"y").await.unwrap();
        assert_eq!(website.read(&mut byte).await.unwrap(), 1);
        // Both silent: over.
        carry.await.unwrap();
        assert_eq!(website.read(&mut byte).await.unwrap(), 0);
        assert_eq!(page.read(&mut byte).await.unwrap(), 0);
    }
}
