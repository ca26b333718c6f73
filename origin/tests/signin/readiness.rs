//! A replay waits until the page is ready for its step.

use std::sync::atomic::{AtomicUsize, Ordering};

use origin::signin::{
    Recipe, Verdict,
    recipe::{
        CredentialKind, FrameLocation, Locator, Locators, MfaKind, Step, SuccessMarks, VERSION,
    },
    replay,
};

use makes::{
    parts::{DASHBOARD, form},
    site::{Answer, PASSWORD, Request, Server, USERNAME, Website, page, redirect, text},
};

use crate::{
    person::{BROWSERS, Do, Person, nothing_to_note, open},
    replay::credentials,
};

/// Asks the website again and again whether it is time, and then does `act`. It is time at the tenth answer.
fn when_it_is_time(act: &str) -> String {
    format!(
        "<script>let n = 0; const timer = setInterval(async () => {{
           const said = await (await fetch('/time?n=' + ++n)).text();
           if (said === 'now' && n) {{ clearInterval(timer); n = 0; {act} }}
         }}, 250);</script>"
    )
}

fn is_it_time(request: &Request) -> Answer {
    let n: usize = request.value("n").parse().unwrap_or(0);
    text(if n == 10 { "now" } else { "wait" })
}

/// The account behind the form; none for other paths.
fn account(request: &Request) -> Option<Answer> {
    match request.path.as_str() {
        "/time" => Some(is_it_time(request)),
        "/login" if request.right() => Some(redirect("/home").cookie("in=1")),
        "/login" => Some(form("<p class=error>Invalid password</p>")),
        "/home" if request.has_cookie("in") => Some(page(DASHBOARD)),
        "/early" | "/searched" | "/lost" => Some(text("")),
        _ => None,
    }
}

/// A recipe that fills two fields and presses Enter.
fn recipe(server: &Server, username: Locator, password: Locator) -> Recipe {
    let start = server.url();
    let at = FrameLocation {
        origin: start.origin().ascii_serialization(),
        path: "/".into(),
        query: None,
        main: true,
    };
    let fill = |what, locator| Step::Fill {
        at: at.clone(),
        what,
        target: Locators(vec![locator]),
    };
    Recipe {
        version: VERSION,
        start,
        steps: vec![
            fill(CredentialKind::Username, username),
            fill(CredentialKind::Password, password),
            Step::Submit {
                at: at.clone(),
                target: None,
            },
        ],
        success: SuccessMarks::default(),
        mfa: MfaKind::None,
    }
}

async fn replays(site: Website, recipe_of: fn(&Server) -> Recipe) -> (Server, Verdict) {
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let verdict = replay(
        &browser,
        &recipe_of(&server),
        &credentials(PASSWORD),
        nothing_to_note,
    )
    .await
    .expect("replays")
    .verdict;
    (server, verdict)
}

fn by_name(server: &Server) -> Recipe {
    let name = |name: &str| Locator::Name(name.into());
    recipe(server, name("user"), name("password"))
}

fn by_position(server: &Server) -> Recipe {
    let position = |place: &str| Locator::Position(format!("text+password/{place}/0"));
    recipe(server, position("text"), position("password"))
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_a_script_builds_late_is_waited_for() {
    fn site(request: &Request) -> Answer {
        account(request).unwrap_or_else(|| {
            page(format!(
                "<main id=app><p>One moment</p></main>{}",
                when_it_is_time(
                    "app.innerHTML = '<h1>Sign in</h1><form method=post action=/login><input name=user><input name=password type=password><button>Sign in</button></form>';"
                )
            ))
        })
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let (server, verdict) = replays(site, by_name).await;
    assert_eq!(verdict, Verdict::SignedIn);
    assert_eq!(server.posted("/login"), 1);
}

/// Nothing but its place tells the field for the user name, and the box of the site's own search stands first.
#[tokio::test(flavor = "multi_thread")]
async fn user_name_is_not_typed_into_the_search_box_that_comes_before_the_form() {
    fn site(request: &Request) -> Answer {
        account(request).unwrap_or_else(|| {
            page(format!(
                "<header><form action=/search><input></form></header><main id=app><p>One moment</p></main>
                 <script>document.querySelector('input').oninput = () => fetch('/searched', {{method: 'POST'}});</script>{}",
                when_it_is_time(
                    "app.innerHTML = '<h1>Sign in</h1><form><input><input type=password><button>Sign in</button></form>';
                     const f = app.querySelector('form'); const [user, password] = f.querySelectorAll('input');
                     f.onsubmit = async (e) => { e.preventDefault();
                       const answer = await fetch('/login', {method: 'POST', body: JSON.stringify({user: user.value, password: password.value})});
                       if (answer.redirected) location.href = '/home'; };"
                )
            ))
        })
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let (server, verdict) = replays(site, by_position).await;
    assert_eq!(server.posted("/searched"), 0, "nothing in the search box");
    assert_eq!(verdict, Verdict::SignedIn);
    assert_eq!(server.posted("/login"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_moves_in_is_used_when_it_rests() {
    fn site(request: &Request) -> Answer {
        account(request).unwrap_or_else(|| {
            form(
                "<style>@keyframes in { from { transform: translateX(-600px) } } form { animation: in 2s linear }</style>
                 <script>let rests = false; onanimationend = () => { rests = true; };
                 for (const name of ['mousedown', 'keydown']) addEventListener(name, () => rests || fetch('/early', {method: 'POST'}), true);</script>",
            )
        })
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let (server, verdict) = replays(site, by_name).await;
    assert_eq!(verdict, Verdict::SignedIn);
    assert_eq!(server.posted("/early"), 0, "not while it moves");
}

#[tokio::test(flavor = "multi_thread")]
async fn form_whose_fields_a_script_replaces_gets_the_whole_values() {
    /// Before the page's script has run, the form leads nowhere.
    const BARE: &str = "<h1>Sign in</h1><form method=post action=/lost><input name=user><input name=password type=password><button>Sign in</button></form>
        <script>function hydrate() {
          const f = document.querySelector('form'); f.innerHTML = f.innerHTML; f.action = '/login'; }</script>";
    fn on_time(request: &Request) -> Answer {
        account(request).unwrap_or_else(|| page(format!("{BARE}{}", when_it_is_time("hydrate();"))))
    }
    fn at_first_focus(request: &Request) -> Answer {
        account(request).unwrap_or_else(|| {
            page(format!(
                "{BARE}<script>addEventListener('focusin', () => setTimeout(hydrate, 400), {{once: true}});</script>"
            ))
        })
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for (name, site) in [
        ("on time", on_time as Website),
        ("at first focus", at_first_focus),
    ] {
        let (server, verdict) = replays(site, by_name).await;
        assert_eq!(verdict, Verdict::SignedIn, "{name}");
        assert_eq!(
            (server.posted("/login"), server.posted("/lost")),
            (1, 0),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn address_of_the_form_is_opened_with_the_query_that_it_needs() {
    /// The way to the form is there for the first visitor only.
    static VISITS: AtomicUsize = AtomicUsize::new(0);
    fn site(request: &Request) -> Answer {
        match (request.path.as_str(), request.value("tenant")) {
            ("/", _) if VISITS.fetch_add(1, Ordering::SeqCst) == 0 => {
                page("<a id=in href='/in?tenant=north&lang=en'>Customer login</a>")
            }
            ("/", _) => page("<h1>Welcome to our new website</h1>"),
            ("/in", "north") => form(""),
            ("/in", _) => page("<h1>Which utility?</h1>"),
            _ => account(request).unwrap_or_else(|| text("").status(404)),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person
        .act(&[
            Do::Click("#in"),
            Do::Type("[name=user]", USERNAME),
            Do::Type("[name=password]", PASSWORD),
            Do::Click("form button"),
        ])
        .await;
    let captured = person.success().await.expect("signed in");
    drop(person);
    let browser = open(server.address.port()).await;
    let verdict = replay(
        &browser,
        &captured.recipe,
        &captured.credentials,
        nothing_to_note,
    )
    .await
    .expect("replays")
    .verdict;
    assert_eq!(verdict, Verdict::SignedIn);
}
