//! Sign-ins that succeed, each in its own way: recognised, captured, and repeated from the recipe.

use origin::signin::{Recipe, Verdict, replay};

use makes::{
    parts::{DASHBOARD, RIGHT, enter, form},
    site::{Answer, PASSWORD, Request, Server, USERNAME, Website, page, redirect},
    succeeding,
};

use crate::person::{BROWSERS, Do, Person, nothing_to_note, open};

/// Signs in by hand, then again from the recipe in a fresh browser.
async fn succeeds(name: &str, site: Website, steps: &[Do], password: &str, again: Option<Verdict>) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(steps).await;
    let captured = match person.success().await {
        Ok(captured) => captured,
        Err(verdicts) => panic!(
            "not signed in to {name}: {verdicts:?}, the site said {:?}",
            person.message
        ),
    };
    assert_eq!(captured.credentials.username.as_str(), USERNAME);
    assert_eq!(captured.credentials.password.as_str(), password);
    drop(person);
    let json = captured.recipe.to_json().expect("serializes");
    assert!(
        !json.contains(PASSWORD) && !json.contains(USERNAME),
        "no secret in {json}"
    );
    let Some(again) = again else { return };
    let recipe = Recipe::from_json(&json).expect("own output");
    let browser = open(server.address.port()).await;
    let verdict = replay(&browser, &recipe, &captured.credentials, nothing_to_note)
        .await
        .expect("replays")
        .verdict;
    assert_eq!(verdict, again, "{name}: {json}");
}

async fn succeed(class: &str, again: bool) {
    let classes = succeeding::CLASSES.iter();
    let makes = classes
        .filter(|of| of.name == class)
        .flat_map(|of| of.makes);
    let all: Vec<_> = makes
        .map(|make| {
            let again = again.then_some(Verdict::SignedIn);
            tokio::spawn(succeeds(make.name, make.site, make.steps, PASSWORD, again))
        })
        .collect();
    assert!(!all.is_empty(), "no class is called {class}");
    for one in all {
        one.await.expect("signed in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages() {
    succeed("pages", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn let_in() {
    succeed("let_in", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges() {
    succeed("challenges", true).await;
}

/// A code is asked for after the password: no part of what is kept.
#[tokio::test(flavor = "multi_thread")]
async fn one_time_code_is_no_part_of_the_recipe() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/code"),
            "/code" => page(
                "<h1>Enter your verification code</h1><form method=post action=/home><input name=otp autocomplete=one-time-code><button>Verify</button></form>",
            ),
            "/home" => page(DASHBOARD),
            _ => form(""),
        }
    }
    let steps = [
        RIGHT,
        &[
            Do::Refused,
            Do::Type("[name=otp]", "123456"),
            Do::Click("form button"),
        ],
    ]
    .concat();
    let code = Verdict::CodeNeeded {
        channel: None,
        target: None,
        refused: None,
    };
    succeeds(
        "a code after the password",
        site,
        &steps,
        PASSWORD,
        Some(code),
    )
    .await;
}

/// The site demands a new password: that is the one to keep.
#[tokio::test(flavor = "multi_thread")]
async fn new_password_replaces_the_one_that_was_sent() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/renew"),
            "/renew" => page("<h1>Your password has expired</h1><form method=post action=/home><input name=n1 type=password placeholder='New password'>
                <input name=n2 type=password placeholder='Repeat new password'><button>Save</button></form>"),
            "/home" => page(DASHBOARD),
            _ => form(""),
        }
    }
    let steps = [
        RIGHT,
        &[
            Do::Refused,
            Do::Type("[name=n1]", "fresh 2"),
            Do::Type("[name=n2]", "fresh 2"),
            Do::Click("form button"),
        ],
    ]
    .concat();
    succeeds("a second try", site, &steps, "fresh 2", None).await;
}

/// Nothing proves it: the client is asked, and what he says counts; the recipe then knows the marks.
#[tokio::test(flavor = "multi_thread")]
async fn unproven_sign_in_is_believed_when_the_client_says_so() {
    fn site(request: &Request) -> Answer {
        if request.is("/home") {
            return page(
                "<main><h1>Overview</h1><table><tr><th>Invoices</th><th>Balance</th></tr><tr><td>7</td><td>12.00</td></tr></table></main>",
            );
        }
        enter(request, form("")).unwrap_or_else(|| form(""))
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(RIGHT).await;
    assert_eq!(
        person.verdict(std::time::Duration::from_secs(15)).await,
        Some(Verdict::Unknown)
    );
    person.watch.client_says_signed_in(true);
    let captured = person.success().await.expect("believed");
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
