//! Pages between the password and the account: what the client clicks there becomes a part of the recipe.

use origin::signin::{Verdict, recipe::MfaKind};

use makes::{
    parts::{DASHBOARD, form},
    site::{self, PASSWORD, Request, Server, USERNAME, page, redirect},
};

use crate::person::{BROWSERS, Do, Person, signs_in_again};

const CODE: &str = "314159";

const PASSWORD_IS_SENT: [Do; 3] = [
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

/// Signs in by hand, and then again by the recipe.
async fn is_repeated(website: site::Website, then: &[Do]) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(website).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(&PASSWORD_IS_SENT).await;
    person.act(then).await;
    let captured = person.success().await.expect("signed in");
    drop(person);
    signs_in_again(&captured, server.address.port()).await;
    assert_eq!(server.posted("/login"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_and_a_question_to_stay_signed_in_are_answered_again() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/terms"),
            "/terms" if request.post => redirect("/stay"),
            "/terms" => page(
                "<h1>Our terms have changed</h1><p>Please read and accept them.</p>
                 <form method=post action=/terms><button id=accept>I accept</button></form>",
            ),
            "/stay" => page(
                "<h1>Stay signed in?</h1><p>This is asked each time.</p><a href=/enter id=no>Not now</a> <a href=/forever>Yes</a>",
            ),
            "/enter" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    is_repeated(site, &[Do::Click("#accept"), Do::Click("#no")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_account_to_pick_at_an_identity_provider_are_answered_again() {
    fn site(request: &Request) -> site::Answer {
        // The identity provider is another host of the same server.
        let provider = format!("http://localhost:{}", request.port);
        let utility = format!("http://127.0.0.1:{}", request.port);
        match request.path.as_str() {
            "/" => page(format!(
                "<h1>Energy</h1><a id=enter href={provider}/idp>Continue</a>"
            )),
            "/login" if request.right() => redirect("/pick"),
            "/pick" => page(
                "<h1>Choose an account</h1><ul><li><a href=/consent id=first>12 Mill Lane</a></li>
                 <li><a href=/other>3 Weir Road</a></li></ul>",
            ),
            "/consent" => page(format!(
                "<h1>Energy wants to know who you are</h1><form method=get action={utility}/back><button id=allow>Allow</button></form>"
            )),
            "/back" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(&[Do::Click("#enter")]).await;
    person.act(&PASSWORD_IS_SENT).await;
    person
        .act(&[Do::Click("#first"), Do::Click("#allow")])
        .await;
    let captured = person.success().await.expect("signed in");
    drop(person);
    signs_in_again(&captured, server.address.port()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recipe_knows_that_a_code_was_asked_and_how_it_travelled() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/code"),
            "/code" if request.value("otp") == CODE => redirect("/home").cookie("in=1"),
            "/code" => page(
                "<h1>Enter the code</h1><p>We sent a text message to ***4711.</p>
                 <form method=post action=/code><input name=otp maxlength=6 inputmode=numeric><button>Verify</button></form>",
            ),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(&PASSWORD_IS_SENT).await;
    assert!(matches!(
        person.verdict(std::time::Duration::from_secs(20)).await,
        Some(Verdict::CodeNeeded { .. })
    ));
    person
        .act(&[Do::Type("[name=otp]", CODE), Do::Click("form button")])
        .await;
    let captured = person.success().await.expect("signed in");
    assert_eq!(captured.recipe.mfa, MfaKind::Sms);
    let recipe = captured.recipe.to_json().expect("JSON");
    assert!(
        !recipe.contains(CODE),
        "a code is nobody's to keep: {recipe}"
    );
}
