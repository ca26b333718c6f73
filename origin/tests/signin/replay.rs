//! What a replay does, and what it must never do, on websites of the test server.

use browser::BrowserError;
use origin::signin::{
    Credentials, Recipe, Verdict,
    recipe::{
        CredentialKind, FrameLocation, Locator, Locators, MfaKind, Step, SuccessMarks, VERSION,
    },
    replay,
};
use zeroize::Zeroizing;

use makes::{
    parts::form,
    site::{Answer, PASSWORD, Request, Server, USERNAME, page, redirect},
};

use crate::person::{BROWSERS, nothing_to_note, open};

pub fn credentials(password: &str) -> Credentials {
    Credentials {
        username: Zeroizing::new(USERNAME.into()),
        password: Zeroizing::new(password.into()),
        others: Vec::new(),
    }
}

/// The recipe of [`form`], bound to this origin.
pub fn recipe(start: &url::Url, origin: &str) -> Recipe {
    let at = FrameLocation {
        origin: origin.to_owned(),
        path: "/".into(),
        query: None,
        main: true,
    };
    let fill = |what, name: &str| Step::Fill {
        at: at.clone(),
        what,
        target: Locators(vec![Locator::Name(name.into())]),
    };
    Recipe {
        version: VERSION,
        start: start.clone(),
        steps: vec![
            fill(CredentialKind::Username, "user"),
            fill(CredentialKind::Password, "password"),
            Step::Submit {
                at: at.clone(),
                target: None,
            },
        ],
        success: SuccessMarks::default(),
        mfa: MfaKind::None,
    }
}

/// Tells the server of every key that reaches the page.
const SPY: &str = "<script>for (const name of ['keydown', 'input']) addEventListener(name, () => fetch('/typed', {method: 'POST'}), true);</script>";

#[tokio::test(flavor = "multi_thread")]
async fn types_into_no_other_origin() {
    fn site(request: &Request) -> Answer {
        // The login page moved to another host, with the very same form.
        match request.path.as_str() {
            "/stolen" => form(SPY),
            _ => redirect(&format!("http://localhost:{}/stolen", request.port)),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let recipe = recipe(&start, &start.origin().ascii_serialization());
    let verdict = replay(&browser, &recipe, &credentials(PASSWORD), nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert_eq!(verdict, Verdict::Unknown);
    assert!(browser.page().url().contains("/stolen"), "it was there");
    assert_eq!(server.posted("/typed"), 0, "not one key was pressed");
    assert_eq!(server.posted("/login"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn types_no_password_where_only_the_name_belongs() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            // Between the two fields the page goes to another host.
            "/" => page(format!(
                "<form method=post action=/login><input name=user><input name=password type=password></form>
                 <script>document.querySelector('[name=user]').oninput = (e) => {{
                   if (e.target.value.length > 5) location.href = 'http://localhost:{}/stolen'; }};</script>",
                request.port
            )),
            _ => form(&format!("{SPY}<script>document.querySelector('[name=password]').focus()</script>")),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let recipe = recipe(&start, &start.origin().ascii_serialization());
    let verdict = replay(&browser, &recipe, &credentials(PASSWORD), nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert_eq!(verdict, Verdict::Unknown);
    let posts = server.posts.lock().expect("no panic");
    assert!(
        posts
            .iter()
            .all(|(_, values)| !values.values().any(|value| value.contains(PASSWORD)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn types_into_nothing_that_takes_the_keyboard_away() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            // A chat of another website wants attention while the password is typed.
            "/" => page(format!(
                "<form method=post action=/login><input name=user><input name=password type=password><button>Sign in</button></form>
                 <iframe src='http://localhost:{}/chat'></iframe>
                 <script>let wants = true;
                 document.querySelector('[name=password]').oninput = (e) => {{
                   if (wants && e.target.value.length === 3) {{ wants = false; document.querySelector('iframe').focus(); }} }};
                 </script>",
                request.port
            )),
            "/chat" => page(format!("{SPY}<input><script>onfocus = () => document.querySelector('input').focus()</script>")),
            _ => page("<h1>My account</h1><a href=/logout>Sign out</a>"),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let recipe = recipe(&start, &start.origin().ascii_serialization());
    let verdict = replay(&browser, &recipe, &credentials(PASSWORD), nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert_eq!(server.posted("/typed"), 0, "no key reached the chat");
    assert_eq!(verdict, Verdict::SignedIn);
    let posts = server.posts.lock().expect("no panic");
    assert!(posts.iter().any(|(path, values)| {
        path == "/login"
            && values
                .get("password")
                .is_some_and(|value| value == PASSWORD)
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_a_refused_password_once() {
    fn site(request: &Request) -> Answer {
        if request.post {
            form("<p class=error>Invalid password</p>")
        } else {
            form("")
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let mut recipe = recipe(&start, &start.origin().ascii_serialization());
    // Even a recipe that says it twice.
    recipe.steps.extend(recipe.steps.clone());
    let verdict = replay(&browser, &recipe, &credentials("old 1"), nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert!(
        matches!(verdict, Verdict::Rejected { .. } | Verdict::Unknown),
        "{verdict:?}"
    );
    assert_eq!(server.posted("/login"), 1);
}

/// As long as [`PASSWORD`].
const WRONG: &str = "correct horse 2";

/// A page that does this once the password is as long as ours.
fn at_last_key(act: &str) -> Answer {
    form(&format!(
        "<script>const f = document.querySelector('form');
         const post = (to) => fetch(to, {{method: 'POST', body: new URLSearchParams(new FormData(f))}});
         f.password.oninput = async () => {{
           if (f.password.value.length !== {}) return;
           {act}
         }};</script>",
        PASSWORD.len()
    ))
}

/// Answers after a while, as websites do.
fn answered(request: &Request) -> Answer {
    let answer = if request.right() {
        page(
            "<h1>My account</h1><p>Balance due: 12.00</p><a href=/logout>Sign out</a>
             <script>setTimeout(() => fetch('/log', {method: 'POST', body: 'shown'}), 900)</script>",
        )
    } else {
        page("<p class=error>Invalid password</p>")
    };
    answer.after(700)
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_a_password_once_where_the_page_sends_it_by_itself() {
    fn form_of_the_page(request: &Request) -> Answer {
        match request.post {
            true if !request.right() => form("<p class=error>Invalid password</p>").after(700),
            true => answered(request),
            false => at_last_key("f.submit();"),
        }
    }
    fn script_that_empties_the_field(request: &Request) -> Answer {
        match request.post {
            true => answered(request),
            false => at_last_key(
                "const sent = post('/login'); f.password.value = '';
                 const reply = await (await sent).text();
                 if (reply.includes('Sign out')) document.body.innerHTML = reply;
                 else f.insertAdjacentHTML('beforeend', reply);",
            ),
        }
    }
    fn script_that_leaves_it(request: &Request) -> Answer {
        match request.post {
            true => answered(request),
            false => at_last_key(
                "const reply = await (await post('/login')).text();
                 if (reply.includes('Sign out')) document.body.innerHTML = reply;
                 else f.insertAdjacentHTML('beforeend', reply);",
            ),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for (name, site) in [
        ("form", form_of_the_page as fn(&Request) -> Answer),
        ("emptied", script_that_empties_the_field),
        ("left", script_that_leaves_it),
    ] {
        for password in [WRONG, PASSWORD] {
            let server = Server::start(site).await.expect("listens");
            let browser = open(server.address.port()).await;
            let start = server.url();
            let recipe = recipe(&start, &start.origin().ascii_serialization());
            let verdict = replay(&browser, &recipe, &credentials(password), nothing_to_note)
                .await
                .expect("replays")
                .verdict;
            let told = format!("{name}, {verdict:?}");
            assert_eq!(server.posted("/login"), 1, "{told}");
            if password == PASSWORD {
                assert_eq!(verdict, Verdict::SignedIn, "{told}");
            } else {
                assert!(matches!(verdict, Verdict::Rejected { .. }), "{told}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_a_password_that_the_page_only_asked_advice_for() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            "/advice" => page("strong").after(300),
            "/login" => answered(request),
            _ => at_last_key("await post('/advice');"),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let recipe = recipe(&start, &start.origin().ascii_serialization());
    let verdict = replay(&browser, &recipe, &credentials(PASSWORD), nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert_eq!(verdict, Verdict::SignedIn);
    assert_eq!((server.posted("/advice"), server.posted("/login")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn types_no_password_that_was_not_announced() {
    fn site(_: &Request) -> Answer {
        // It sends the form by itself, at the first key of the password.
        form(
            "<script>document.querySelector('[name=password]').oninput = (e) => e.target.form.submit();</script>",
        )
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let start = server.url();
    let recipe = recipe(&start, &start.origin().ascii_serialization());
    let refuse = async || Err::<(), _>(BrowserError::NoSuchFrame);
    let stopped = replay(&browser, &recipe, &credentials(PASSWORD), refuse).await;
    assert!(
        matches!(stopped, Err(BrowserError::NoSuchFrame)),
        "{stopped:?}"
    );
    assert_eq!(server.posted("/login"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_outage_and_changed_site_have_their_own_verdicts() {
    fn refuses(request: &Request) -> Answer {
        if request.post {
            form("<p class=error>Your password has changed: incorrect password</p>")
        } else {
            form("")
        }
    }
    fn is_down(_: &Request) -> Answer {
        page("<h1>Error</h1>").status(503)
    }
    fn changed(_: &Request) -> Answer {
        page("<h1>We have a new website</h1><a href=/new>Continue</a>")
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for (site, expected) in [
        (
            refuses as fn(&Request) -> Answer,
            Verdict::Rejected {
                message: Some("Your password has changed: incorrect password".into()),
            },
        ),
        (is_down, Verdict::SiteDown),
        (changed, Verdict::Unknown),
    ] {
        let server = Server::start(site).await.expect("listens");
        let browser = open(server.address.port()).await;
        let start = server.url();
        let recipe = recipe(&start, &start.origin().ascii_serialization());
        let verdict = replay(&browser, &recipe, &credentials("old 1"), nothing_to_note)
            .await
            .expect("replays")
            .verdict;
        assert_eq!(verdict, expected);
    }
}
