//! What is asked, and how fast it is answered.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    http::{StatusCode, header},
    routing::post,
};
use reqwest::{Client, header::HeaderMap};
use tokio::{net::TcpListener, task::JoinSet};
use xtask::Outcome;

/// Requests at the same time, each by a key of its own: no key may call without end.
pub const AT_ONCE: usize = 16;

/// How often a second something was done that [`AT_ONCE`] did so often, all together.
pub fn per_second(times: usize, began: Instant) -> f64 {
    let done = u32::try_from(times / AT_ONCE * AT_ONCE).unwrap_or(u32::MAX);
    f64::from(done) / began.elapsed().as_secs_f64()
}

/// A request that is posted again and again.
#[derive(Clone)]
pub struct Post {
    /// The client that asks.
    pub client: Client,
    /// The address that is asked.
    pub url: String,
    /// With which headers: those of each who asks.
    pub headers: Vec<HeaderMap>,
    /// The body that is sent along.
    pub body: &'static str,
}

fn failed(error: reqwest::Error) -> String {
    format!("It was not answered as it is to be: {error}.")
}

impl Post {
    async fn send(&self, headers: &HeaderMap) -> Result<String, reqwest::Error> {
        let request = self.client.post(&self.url).headers(headers.clone());
        let answer = request.body(self.body).send().await?;
        answer.error_for_status()?.text().await
    }

    /// The body of an answer.
    pub async fn answer(&self) -> Outcome<String> {
        let headers = self.headers.first().cloned().unwrap_or_default();
        self.send(&headers).await.map_err(failed)
    }

    /// Posts it so often, and answers how often a second.
    pub async fn rate(&self, times: usize) -> Outcome<f64> {
        let post = Arc::new(self.clone());
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for headers in self.headers.clone() {
            let post = Arc::clone(&post);
            senders.spawn(async move {
                for _ in 0..times / AT_ONCE {
                    post.send(&headers).await?;
                }
                Ok::<_, reqwest::Error>(())
            });
        }
        while let Some(sent) = senders.join_next().await {
            sent.map_err(|error| error.to_string())?.map_err(failed)?;
        }
        Ok(per_second(times, began))
    }
}

/// A page that is read again and again.
pub struct Get {
    /// The client that asks.
    pub client: Client,
    /// The address that is asked.
    pub url: String,
    /// With which headers, one after the other: no key may call without end.
    pub headers: Vec<HeaderMap>,
    /// What the answer has in it as often as it has rows.
    pub row: &'static str,
    /// How many rows it has.
    pub rows: usize,
}

impl Get {
    /// Reads it so often, one after the other, and answers how many seconds one took.
    pub async fn time(&self, times: usize) -> Outcome<f64> {
        let began = Instant::now();
        for headers in self.headers.iter().cycle().take(times) {
            let request = self.client.get(&self.url).headers(headers.clone());
            let answer = request
                .send()
                .await
                .and_then(reqwest::Response::error_for_status);
            let text = answer.map_err(failed)?.text().await.map_err(failed)?;
            let rows = text.matches(self.row).count();
            if rows != self.rows {
                return Err(format!(
                    "{} has {rows} rows and not {}.",
                    self.url, self.rows
                ));
            }
        }
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        Ok(began.elapsed().as_secs_f64() / f64::from(times))
    }
}

/// A server that gives the same answer to everything.
pub struct Constant {
    url: String,
}

impl Constant {
    /// Starts it on a free port; it runs until the program ends.
    pub async fn start(answer: String) -> Outcome<Self> {
        let failed =
            |error| format!("The server with the constant answer does not start: {error}.");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let url = format!("http://{}/", listener.local_addr().map_err(failed)?);
        // It reads the body, as every handler does that answers it.
        let constant = post(async move |_: axum::body::Bytes| {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::CREATED, kind, answer)
        });
        let router = Router::new().route("/", constant);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url })
    }

    /// The address at which it listens.
    pub fn url(&self) -> String {
        self.url.clone()
    }
}
