//! Sign-ins that ask for more than a user name and a password.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use origin::signin::{
    Captured, Verdict,
    drive::demand::{Answer, FieldKind},
    recipe::{CredentialKind, Step},
    replay,
};
use zeroize::Zeroizing;

use makes::{
    parts::{DASHBOARD, form},
    site::{self, PASSWORD, Request, Server, USERNAME, page, redirect},
};

use crate::{
    manual_entry::demand,
    person::{BROWSERS, Do, Person, nothing_to_note, open, signs_in_again},
};

const PATIENCE: Duration = Duration::from_secs(20);
const CONTRACT: &str = "V-204817";

fn contract_site(request: &Request) -> site::Answer {
    match request.path.as_str() {
        "/in" if request.right() && request.value("contract") == CONTRACT => {
            redirect("/home").cookie("in=1")
        }
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => page(
            "<h1>Sign in</h1><form method=post action=/in><label>Contract number <input name=contract></label>
             <label>User name <input name=user></label><label>Password <input name=password type=password></label>
             <label>Voucher <input name=voucher></label><button>Log in</button></form>",
        ),
    }
}

fn has_all(captured: &Captured) {
    let credentials = &captured.credentials;
    assert_eq!(credentials.username.as_str(), USERNAME);
    assert_eq!(credentials.password.as_str(), PASSWORD);
    let values: Vec<_> = credentials
        .others
        .iter()
        .map(|other| other.value.as_str())
        .collect();
    assert_eq!(values, [CONTRACT]);
    let filled = captured.recipe.steps.iter().filter_map(|step| match step {
        Step::Fill { what, .. } => Some(*what),
        _ => None,
    });
    let filled: Vec<_> = filled.collect();
    let expected = [
        CredentialKind::Other(0),
        CredentialKind::Username,
        CredentialKind::Password,
    ];
    assert_eq!(filled, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_number_beside_user_and_password_is_kept_and_typed_again() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(contract_site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    let steps = [
        Do::Type("[name=contract]", CONTRACT),
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", PASSWORD),
        Do::Click("form button"),
    ];
    person.act(&steps).await;
    let mut captured = person.success().await.expect("signed in");
    drop(person);
    has_all(&captured);
    signs_in_again(&captured, server.address.port()).await;

    // Where the recipe no longer leads, the field is known by its label, and the new recipe fits the stored values.
    for step in &mut captured.recipe.steps {
        if let Step::Fill { target, .. } = step {
            target.0.clear();
        }
    }
    captured.credentials.others[0].key = 5;
    let browser = open(server.address.port()).await;
    let healed = replay(
        &browser,
        &captured.recipe,
        &captured.credentials,
        nothing_to_note,
    );
    let healed = healed.await.expect("signs in");
    assert_eq!(healed.verdict, Verdict::SignedIn);
    captured.recipe = healed.healed.expect("another recipe");
    drop(browser);
    signs_in_again(&captured, server.address.port()).await;
    assert_eq!(server.posted("/in"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_number_is_asked_for_in_manual_entry_too() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(contract_site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let asked = demand(&mut person).await;
    let values = asked.fields().iter().map(|field| {
        let text = match (field.kind, field.label.as_str()) {
            (FieldKind::Identifier, _) => USERNAME,
            (FieldKind::Password, _) => PASSWORD,
            (FieldKind::Text, "Contract number") => CONTRACT,
            // The voucher is left out.
            _ => "",
        };
        assert_eq!(field.required, field.kind != FieldKind::Text);
        (field.id, Zeroizing::new(text.to_owned()))
    });
    let answer = Answer::Fields(values.collect());
    person.watch.answer(person.demanded, answer);
    let captured = person.success().await.expect("signed in");
    drop(person);
    has_all(&captured);
    signs_in_again(&captured, server.address.port()).await;
}

fn asks(question: &str) -> site::Answer {
    page(format!(
        "<h1>Security question</h1><form method=post action=/answer><label>{question} <input name=answer></label>
         <button>Continue</button></form>"
    ))
}

/// By now the website asks something else.
static ASKS_OTHERWISE: AtomicBool = AtomicBool::new(false);

fn question_site(request: &Request) -> site::Answer {
    match request.path.as_str() {
        "/login" if request.right() => redirect("/question"),
        "/question" if ASKS_OTHERWISE.load(Ordering::Relaxed) => {
            asks("What was the name of your first teacher?")
        }
        "/question" => asks("What was the name of your first pet?"),
        "/answer" if request.value("answer") == "Rover" => redirect("/home").cookie("in=1"),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => form(""),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_question_is_answered_again_and_another_one_is_not() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(question_site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person
        .act(&[
            Do::Type("[name=user]", USERNAME),
            Do::Type("[name=password]", PASSWORD),
            Do::Click("form button"),
        ])
        .await;
    assert_eq!(person.verdict(PATIENCE).await, Some(Verdict::Question));
    person
        .act(&[Do::Type("[name=answer]", "Rover"), Do::Click("form button")])
        .await;
    let captured = person.success().await.expect("signed in");
    drop(person);
    assert_eq!(captured.credentials.password.as_str(), PASSWORD);
    signs_in_again(&captured, server.address.port()).await;
    assert_eq!(server.posted("/answer"), 2);

    ASKS_OTHERWISE.store(true, Ordering::Relaxed);
    let browser = open(server.address.port()).await;
    let otherwise = replay(
        &browser,
        &captured.recipe,
        &captured.credentials,
        nothing_to_note,
    );
    let otherwise = otherwise.await.expect("ends");
    assert_eq!(otherwise.verdict, Verdict::Question);
    assert_eq!(server.posted("/answer"), 2);
}
