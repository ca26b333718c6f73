//! Draining the outbox of webhooks against a bare loop that posts the same requests to the same server, as many at a
//! time. Rounds alternate and ratios are medians, because machines have moods.

mod outbox;
mod receiver;

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use xtask::Outcome;

use self::{
    outbox::Installation,
    receiver::{Receiver, Request},
};
use crate::edge::median;

/// Events of a round.
const EVENTS: usize = 1000;
/// Links that they are told of, evenly: so many can be on their way at the same time.
const LINKS: usize = 250;
/// Requests at the same time, in the bare loop as in the program.
const AT_ONCE: usize = 8;
/// How often each is measured.
const ROUNDS: usize = 5;

/// Measures and prints one JSON object as its last line.
pub fn run() -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(measure())
}

async fn measure() -> Outcome {
    let receiver = Receiver::start().await?;
    let installation = Installation::make(&receiver, LINKS).await?;
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.map_err(|error| format!("Nothing can be posted: {error}."))?;
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        installation.tell(EVENTS).await?;
        receiver.keep_requests();
        let began = Instant::now();
        installation.drain().await?;
        let drained = began.elapsed();
        let requests = receiver.take_requests();
        if requests.len() != EVENTS {
            return Err(format!("{} of {EVENTS} events were sent.", requests.len()));
        }
        receiver.keep_requests();
        let bare = post(&client, &receiver.url(), requests).await?;
        receiver.take_requests();
        // The first round warms up.
        if round > 0 {
            println!(
                "  round {round}: drained {:>6.0} events/s, bare loop {:>6.0} requests/s",
                rate(drained),
                rate(bare)
            );
            ratios.push(rate(drained) / rate(bare));
        }
    }
    let ratio = (median(ratios) * 1000.0).round() / 1000.0;
    println!("{}", json!({ "bench": "webhooks", "drain_vs_bare": ratio }));
    Ok(())
}

fn rate(took: Duration) -> f64 {
    let events = u32::try_from(EVENTS).unwrap_or(u32::MAX);
    f64::from(events) / took.as_secs_f64()
}

/// Posts all of it, and answers how long that took.
async fn post(client: &reqwest::Client, url: &str, requests: Vec<Request>) -> Outcome<Duration> {
    let began = Instant::now();
    let mut posts = stream::iter(requests)
        .map(|request| {
            let post = client.post(url).headers(request.headers).body(request.body);
            async move { post.send().await?.error_for_status()?.bytes().await }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(posted) = posts.next().await {
        posted.map_err(|error| format!("The bare loop was not answered: {error}."))?;
    }
    Ok(began.elapsed())
}
