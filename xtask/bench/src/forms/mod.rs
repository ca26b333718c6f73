//! The form to sign in on saved pages whose answers are known: what the watcher and the driver make of them.
//!
//! The folder has an `index.json`, a list of objects with the name of a page in `html`. Pages carry the answers in
//! attributes: `data-manual-scoring` says what a field is (`username`, `emailAddress`, `password`, `password.current`,
//! `password.new`, …), `data-manual-submit` marks the buttons that send. What cannot be seen does not count, nor does the
//! sending of a form that lies under something else, where nobody can click. A form with one password and nothing personal
//! is a form to sign in, unless the page's name says that it is for something else and no login, and no other form of it
//! is plainly for that; so is, on a page that is called a login, a form with a user name alone, and one with one password
//! beside something personal. A button that is disabled is enabled before it is clicked: saved pages run no scripts.

mod corpus;
mod page;

use std::path::Path;

use browser::{BrowserConfig, Launcher};
use serde_json::json;
use xtask::{Outcome, setup};

use self::{
    corpus::{CorpusServer, names},
    page::{PageResult, measure},
};

/// Pages that are measured at the same time.
const AT_ONCE: usize = 2;

/// Measures and prints one JSON object as its last line; before it, what was missed, a line each.
pub fn run(corpus: &Path, only: &str) -> Outcome {
    let names: Vec<String> = names(corpus)?
        .into_iter()
        .filter(|name| name.contains(only))
        .collect();
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let results = runtime.block_on(measure_all(corpus, names))?;
    report(&results);
    Ok(())
}

async fn measure_all(corpus: &Path, names: Vec<String>) -> Outcome<Vec<PageResult>> {
    let server = CorpusServer::start(corpus).await?;
    let launcher = Launcher::new(BrowserConfig {
        executable: setup::chromium().ok_or("There is no Chromium.")?,
        warm: AT_ONCE,
        allowed_private_hosts: vec![server.host()],
        ..BrowserConfig::default()
    });
    let mut results = Vec::new();
    for together in names.chunks(AT_ONCE) {
        let measured = together
            .iter()
            .map(|name| measure(&launcher, &server, name));
        for result in futures_util::future::join_all(measured).await {
            results.push(result?);
        }
        if results.len() % 40 < AT_ONCE {
            println!("  {} of {} pages", results.len(), names.len());
        }
    }
    Ok(results)
}

/// How many of the known answers were found.
#[derive(Default)]
struct Share {
    right: u32,
    of: u32,
}

impl Share {
    fn of<'a>(answers: impl Iterator<Item = &'a Option<bool>>) -> Self {
        answers
            .flatten()
            .fold(Self::default(), |share, right| Self {
                right: share.right + u32::from(*right),
                of: share.of + 1,
            })
    }

    /// Between 0 and 1, in thousandths; nothing is known of no answers.
    fn ratio(&self) -> Option<f64> {
        (self.of > 0)
            .then(|| (f64::from(self.right) * 1000.0 / f64::from(self.of)).round() / 1000.0)
    }
}

fn report(results: &[PageResult]) {
    for result in results {
        for missed in result.missed() {
            println!("{}: {missed}", result.name);
        }
    }
    let password = Share::of(results.iter().map(|result| &result.password));
    let identifier = Share::of(results.iter().map(|result| &result.identifier));
    let submit = Share::of(results.iter().map(|result| &result.submit));
    let false_login = Share::of(results.iter().map(|result| &result.taken_for_login));
    let submission = Share::of(results.iter().map(|result| &result.submission_seen));
    for (what, share) in [
        ("password", &password),
        ("identifier", &identifier),
        ("submit", &submit),
        ("other forms taken for logins", &false_login),
        ("submission seen", &submission),
    ] {
        println!("{what}: {} of {}", share.right, share.of);
    }
    println!(
        "{}",
        json!({
            "bench": "forms",
            "password": password.ratio(),
            "identifier": identifier.ratio(),
            "submit": submit.ratio(),
            "false_login": false_login.ratio(),
            "submission_seen": submission.ratio(),
        })
    );
}
