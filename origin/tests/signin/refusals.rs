//! Sign-ins that fail, each in its own way: not one may end as signed in.

use makes::{Make, Telling, failing, site::Server};
use origin::signin::WatchEvent;
use tokio::time::{Duration, Instant, timeout_at};

use crate::person::{BROWSERS, Person};

/// What a sign-in came to is told within this time.
const BOUND: Duration = Duration::from_secs(18);

/// Nothing when the sign-in is told as what it is; else what was told.
async fn missed(make: &Make) -> Option<String> {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(make.site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(make.steps).await;
    let mut told = Telling::of(make.ends);
    let mut until = Instant::now() + BOUND;
    while let Ok(event) = timeout_at(until, person.watch.next()).await {
        match event {
            WatchEvent::Verdict(verdict) => told.verdict(verdict.name(), verdict.channel_name()),
            WatchEvent::Phase(phase) => told.phase(phase.as_str()),
            WatchEvent::SiteMessage(message) => told.says(message),
            WatchEvent::Ended => panic!("the browser ended"),
            _ => {}
        }
        if told.is_right() {
            until = until.min(Instant::now() + told.stays_for());
        }
    }
    assert!(
        person.watch.captured().is_none(),
        "nothing is captured before success"
    );
    (!told.is_right()).then(|| format!("{}: {told}", make.name))
}

async fn fail(class: &str) {
    let classes = failing::CLASSES.iter();
    let makes = classes
        .filter(|of| of.name == class)
        .flat_map(|of| of.makes);
    let all = futures_util::future::join_all(makes.map(missed)).await;
    assert!(!all.is_empty(), "no class is called {class}");
    let missed: Vec<String> = all.into_iter().flatten().collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

macro_rules! fail {
    ($($class:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $class() {
            fail(stringify!($class)).await;
        })*

        #[test]
        fn every_class_of_makes_that_fail_is_tried() {
            let tried = [$(stringify!($class)),*];
            assert!(failing::CLASSES.iter().map(|class| class.name).eq(tried));
        }
    };
}

fail! { pages scripts first_steps codes approvals questions locked consent obstacles shapes languages look_alikes challenges }
