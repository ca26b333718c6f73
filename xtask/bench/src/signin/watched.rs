//! One sign-in, done by a hand and watched.

use std::time::Duration;

use browser::{Browser, Launcher};
use makes::{
    Ends, Make, Telling,
    hand::{self, Do},
};
use origin::signin::{
    AnonymousVisitor, Verdict, Watch, WatchEvent,
    drive::demand::{Answer, DemandKind},
};
use tokio::time::{Instant, timeout_at};
use url::Url;
use xtask::Outcome;

/// What a sign-in came to is told within this time.
const BOUND: Duration = Duration::from_secs(18);

/// What came of one make.
pub struct Watched {
    /// Class and name of the make.
    name: String,
    /// What was told after the person's last step.
    pub told: Telling,
    /// Why the person could not do it, if so.
    stuck: Option<String>,
    ends: Ends,
}

impl Watched {
    /// A client would have been asked "Are you signed in?", or would have been left without a word.
    pub fn is_asked(&self) -> bool {
        self.told.is_asked() && !self.told.is_in() || !self.told.is_right()
    }

    /// What was missed, in words.
    pub fn missed(&self) -> Option<String> {
        if let Some(stuck) = &self.stuck {
            return Some(format!("{}: the hand is stuck: {stuck}", self.name));
        }
        let false_success = self.told.is_in() && self.ends != Ends::In;
        let how = if false_success { "FALSE SUCCESS: " } else { "" };
        (!self.told.is_right()).then(|| format!("{}: {how}{}", self.name, self.told))
    }
}

/// Signs in as the make says.
pub async fn watch(name: String, make: &Make, launcher: &Launcher, url: &Url) -> Outcome<Watched> {
    let failed = |error: browser::BrowserError| format!("{name}: {error}.");
    let browser = launcher.open(hand::profile()).await.map_err(failed)?;
    let visitor = AnonymousVisitor {
        launcher: launcher.clone(),
        profile: hand::profile(),
    };
    let watch = Watch::start(&browser, url, visitor).await;
    let mut watch = watch.map_err(failed)?;
    browser.page().navigate(url).await.map_err(failed)?;
    let mut told = Telling::of(make.ends);
    let stuck = sign_in(&browser, &mut watch, make, &mut told).await.err();
    Ok(Watched {
        name,
        told,
        stuck,
        ends: make.ends,
    })
}

async fn sign_in(
    browser: &Browser,
    watch: &mut Watch,
    make: &Make,
    told: &mut Telling,
) -> Result<(), String> {
    for steps in hand::parts(make.steps) {
        match *steps {
            [Do::Refused] => judged(watch).await?,
            [Do::Authenticate(username, password)] => {
                authenticate(watch, username, password).await?;
            }
            _ => hand::act(browser, steps).await?,
        }
    }
    let mut until = Instant::now() + BOUND;
    while let Ok(event) = timeout_at(until, watch.next()).await {
        tell(told, event)?;
        if told.is_right() {
            until = until.min(Instant::now() + told.stays_for());
        }
    }
    Ok(())
}

/// Waits until the sign-in is judged in the middle of it.
async fn judged(watch: &mut Watch) -> Result<(), String> {
    let until = Instant::now() + BOUND;
    loop {
        match timeout_at(until, watch.next()).await {
            Ok(WatchEvent::Verdict(Verdict::SignedIn)) => return Err("signed in too early".into()),
            Ok(WatchEvent::Verdict(_)) => return Ok(()),
            Ok(WatchEvent::Ended) => return Err("the browser ended".into()),
            Ok(_) => {}
            Err(_) => return Err("no verdict on the way".into()),
        }
    }
}

/// Waits until the website challenges the browser, and answers.
async fn authenticate(watch: &mut Watch, username: &str, password: &str) -> Result<(), String> {
    let until = Instant::now() + BOUND;
    loop {
        match timeout_at(until, watch.next()).await {
            Ok(WatchEvent::Demand(number, demand))
                if matches!(demand.kind, DemandKind::Challenge(_)) =>
            {
                let values = [(0, username), (1, password)];
                let values = values.map(|(id, text)| (id, text.to_owned().into()));
                watch.answer(number, Answer::Fields(values.into()));
                return Ok(());
            }
            Ok(WatchEvent::Ended) => return Err("the browser ended".into()),
            Ok(_) => {}
            Err(_) => return Err("no challenge was told".into()),
        }
    }
}

fn tell(told: &mut Telling, event: WatchEvent) -> Result<(), String> {
    match event {
        WatchEvent::Verdict(verdict) => told.verdict(verdict.name(), verdict.channel_name()),
        WatchEvent::Phase(phase) => told.phase(phase.as_str()),
        WatchEvent::SiteMessage(words) => told.says(words),
        WatchEvent::Ended => return Err("the browser ended".into()),
        // Nobody enters anything on a page of ours.
        _ => {}
    }
    Ok(())
}
