//! Websites that ask the browser itself for user name and password (HTTP authentication): by hand, in manual entry, and
//! again by the recipe.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use makes::{
    parts::DASHBOARD,
    site::{Answer as Page, PASSWORD, Request, Server, USERNAME, page, redirect},
};
use origin::signin::{
    Captured, Credentials, Recipe, Verdict, WatchEvent,
    drive::demand::{Answer, Reception},
    recipe::Step,
    replay,
};
use tokio::time::{Duration, Instant, timeout_at};

use crate::person::{BROWSERS, Do, Person, nothing_to_note, open};

const PATIENCE: Duration = Duration::from_secs(20);

/// How often a website was given something.
struct Given(AtomicUsize);

impl Given {
    const fn nothing() -> Self {
        Self(AtomicUsize::new(0))
    }

    fn count(&self, request: &Request) {
        let is_given = !request.authorization.is_empty();
        self.0.fetch_add(usize::from(is_given), Ordering::SeqCst);
    }

    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A front page, and an account behind a challenge.
fn account(request: &Request) -> Page {
    match request.path.as_str() {
        "/account" if request.basic() => page(DASHBOARD),
        "/account" => {
            page("<h1>Members only</h1>").challenge("Basic realm=\"Type it at evil.example\"")
        }
        _ => page("<h1>Riverside Water</h1><a id=account href=/account>My account</a>"),
    }
}

async fn until(person: &mut Person, wanted: &WatchEvent) {
    let end = Instant::now() + PATIENCE;
    loop {
        let event = timeout_at(end, person.watch.next()).await;
        if event.unwrap_or_else(|_| panic!("never: {wanted:?}")) == *wanted {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_at_the_picture_cancels_then_is_refused_and_is_in_at_last() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(account).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(&[Do::Click("#account")]).await;
    let demand = person.challenged().await;
    assert_eq!(demand.host.as_deref(), Some("127.0.0.1"));
    assert!(
        !format!("{demand:?}").contains("evil"),
        "the realm is the website's own: {demand:?}"
    );
    person.watch.answer(person.demanded, Answer::Decline);
    person.act(&[Do::See("h1")]).await;
    // The page for strangers is shown; on the way there again the website asks again.
    let front = person.browser.page();
    front.navigate(&server.url()).await.expect("answers");
    person.act(&[Do::Click("#account")]).await;
    assert!(person.challenged().await.refusal.is_none());
    person.authenticate(USERNAME, "wrong 1");
    let refused = person.verdict(PATIENCE).await;
    assert_eq!(refused, Some(Verdict::Rejected { message: None }));
    person.challenged().await;
    person.authenticate(USERNAME, "wrong 1");
    until(
        &mut person,
        &WatchEvent::NotTaken(Reception::PasswordSentBefore),
    )
    .await;
    person.challenged().await;
    person.authenticate(USERNAME, PASSWORD);
    let captured = person.success().await.expect("signed in");
    let [Step::Open { .. }, Step::Authenticate { at }] = captured.recipe.steps.as_slice() else {
        panic!("{:#?}", captured.recipe);
    };
    assert_eq!(at.origin, server.url().origin().ascii_serialization());
    assert_eq!(captured.credentials.password.as_str(), PASSWORD);
    assert!(captured.session.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn manual_entry_gives_a_refused_password_to_no_challenge_again() {
    static GIVEN: Given = Given::nothing();
    fn site(request: &Request) -> Page {
        GIVEN.count(request);
        let mut asked = request.clone();
        asked.path = "/account".to_owned();
        account(&asked)
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    until(&mut person, &WatchEvent::Working).await;
    person.challenged().await;
    person.authenticate(USERNAME, "wrong 1");
    let again = person.challenged().await;
    assert_eq!(again.refusal, Some(Verdict::Rejected { message: None }));
    person.authenticate(USERNAME, "wrong 1");
    until(
        &mut person,
        &WatchEvent::NotTaken(Reception::PasswordSentBefore),
    )
    .await;
    assert_eq!(GIVEN.times(), 1);
    person.challenged().await;
    person.authenticate(USERNAME, PASSWORD);
    person.success().await.expect("signed in");
}

/// Signs in by hand, for a recipe.
async fn captured(server: &Server) -> Captured {
    let mut person = Person::at(&server.url()).await;
    person
        .act(&[Do::Click("#account"), Do::Authenticate(USERNAME, PASSWORD)])
        .await;
    person.success().await.expect("signed in")
}

async fn replayed(server: &Server, recipe: &Recipe, credentials: &Credentials) -> Verdict {
    let browser = open(server.address.port()).await;
    let again = replay(&browser, recipe, credentials, nothing_to_note);
    again.await.expect("replays").verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn recipe_answers_the_very_origin_once() {
    static GIVEN: Given = Given::nothing();
    static MOVED: AtomicBool = AtomicBool::new(false);
    fn site(request: &Request) -> Page {
        GIVEN.count(request);
        if MOVED.load(Ordering::SeqCst) && request.is("/account") && !request.at_other_host() {
            return redirect(&request.there("/account"));
        }
        account(request)
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let Captured {
        recipe,
        mut credentials,
        ..
    } = captured(&server).await;
    let json = recipe.to_json().expect("serializes");
    assert!(
        !json.contains(PASSWORD) && !json.contains(USERNAME),
        "{json}"
    );
    let before = GIVEN.times();
    // A recipe of the same host by https.
    let mut encrypted = recipe.clone();
    for step in &mut encrypted.steps {
        if let Step::Authenticate { at } = step {
            at.origin = at.origin.replace("http:", "https:");
        }
    }
    let verdict = replayed(&server, &encrypted, &credentials).await;
    assert_ne!(verdict, Verdict::SignedIn);
    assert_eq!(GIVEN.times(), before);
    // The website leads to another host, which asks.
    MOVED.store(true, Ordering::SeqCst);
    let verdict = replayed(&server, &recipe, &credentials).await;
    assert_ne!(verdict, Verdict::SignedIn);
    assert_eq!(GIVEN.times(), before);
    MOVED.store(false, Ordering::SeqCst);
    assert_eq!(
        replayed(&server, &recipe, &credentials).await,
        Verdict::SignedIn
    );
    credentials.password = "wrong 1".to_owned().into();
    let before = GIVEN.times();
    let refused = replayed(&server, &recipe, &credentials).await;
    assert_eq!(refused, Verdict::Rejected { message: None });
    assert_eq!(GIVEN.times(), before + 1);
}

/// A form to sign in behind a challenge. Whatever password it is sent is right.
fn form_behind_a_gate(request: &Request) -> Page {
    const FORM: &str = "<h1>Sign in</h1><form method=post action=/in><label>User name <input name=user autocomplete=username></label><label>Password <input type=password name=password></label><button>Sign in</button></form>";
    match request.path.as_str() {
        _ if !request.basic() => page("<h1>Members only</h1>").challenge("Basic realm=a"),
        "/in" if request.post => redirect("/home").cookie("in=1"),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => page(FORM),
    }
}

/// Passes the gate and signs in at the form behind it, with this password.
async fn through_the_gate(server: &Server, password: &'static str) -> Captured {
    let mut person = Person::at(&server.url()).await;
    person
        .act(&[
            Do::Authenticate(USERNAME, PASSWORD),
            Do::Type("[name=user]", USERNAME),
            Do::Type("[name=password]", password),
            Do::Click("form button"),
        ])
        .await;
    person.success().await.expect("signed in")
}

#[tokio::test(flavor = "multi_thread")]
async fn recipe_passes_a_gate_with_the_password_of_the_form_behind_it_or_not_at_all() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(form_behind_a_gate).await.expect("listens");
    let same = through_the_gate(&server, PASSWORD).await;
    let steps = &same.recipe.steps;
    assert!(
        matches!(steps.first(), Some(Step::Authenticate { .. })),
        "{steps:#?}"
    );
    let again = replayed(&server, &same.recipe, &same.credentials).await;
    assert_eq!(again, Verdict::SignedIn);
    let other = through_the_gate(&server, "another 2").await;
    assert!(!other.recipe.answers_challenge(), "{:#?}", other.recipe);
    let sent = server.posted("/in");
    let again = replayed(&server, &other.recipe, &other.credentials).await;
    assert_eq!(again, Verdict::Unknown);
    assert_eq!(server.posted("/in"), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_realm_on_the_way_is_no_refusal() {
    fn site(request: &Request) -> Page {
        match request.path.as_str() {
            "/" if request.basic() => redirect("/inner/account"),
            "/" => page("").challenge("Basic realm=outer"),
            _ if request.has_cookie("asked") && request.basic() => page(DASHBOARD),
            _ => page("").challenge("Basic realm=inner").cookie("asked=1"),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(&[Do::Authenticate(USERNAME, PASSWORD)]).await;
    let inner = person.challenged().await;
    assert_eq!(inner.refusal, None);
    person.authenticate(USERNAME, PASSWORD);
    let end = Instant::now() + PATIENCE;
    loop {
        let event = timeout_at(end, person.watch.next()).await;
        match event.expect("signed in") {
            WatchEvent::Verdict(verdict) => {
                assert_eq!(verdict, Verdict::SignedIn);
                return;
            }
            WatchEvent::NotTaken(why) => panic!("{why:?}"),
            _ => {}
        }
    }
}
