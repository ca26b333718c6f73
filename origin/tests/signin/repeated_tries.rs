//! Refusals: told when they are meant, and over when what was sent next was accepted.

use std::time::Duration;

use origin::signin::Verdict;

use makes::{
    parts::{form, script_form},
    site::{Answer, PASSWORD, Request, Server, USERNAME, Website, json, page},
};

use crate::person::{BROWSERS, Do, Person};

/// What is waited for comes within this time.
const BOUND: Duration = Duration::from_secs(20);

const WRONG: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", "wrong 1"),
    Do::Click("form button"),
];
const WRONG_THEN_RIGHT: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", "wrong 1"),
    Do::Click("#send"),
    Do::Refused,
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("#send"),
];

/// What a person sees after these steps: the first verdict and the website's words.
async fn ends(site: Website, steps: &[Do], expected: Verdict) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(steps).await;
    person.message = None;
    let verdict = person.verdict(BOUND).await;
    assert_eq!(
        verdict,
        Some(expected),
        "the site said {:?}",
        person.message
    );
    if let Some(Verdict::Unknown) = verdict {
        assert_eq!(person.message, None, "nothing is quoted as an answer");
    }
}

/// An app whose form stays in the document. `wrong` and `right` are what it does with the answer.
fn app(request: &Request, wrong: &str, right: &str) -> Answer {
    if request.post {
        return json(if request.right() { 200 } else { 400 }, "{}");
    }
    page(format!(
        "<body><div id=panel><h1>Sign in</h1><form id=f><input name=user placeholder='User name'>
         <input name=password type=password placeholder=Password><button id=send>Log in</button></form>
         <p id=message class=error></p></div><main id=account hidden><h1>Your energy</h1>
         <p>Next bill: 3 December</p><a href=/bills>Bills</a> <a href=/usage>Usage</a></main>
         <div id=more></div><script>f.addEventListener('submit', async (event) => {{
           event.preventDefault();
           const body = JSON.stringify({{user: f.user.value, password: f.password.value}});
           const answer = await fetch('/api/login', {{method: 'POST', body}});
           if (answer.ok) {{ {right} }} else {{ {wrong} f.reset(); }}
         }});</script>"
    ))
}

const SAYS_NO: &str = "message.textContent = 'The password is not correct.';";
const SHOWS_ACCOUNT: &str = "account.hidden = false;";

macro_rules! ends {
    ($($name:ident($request:ident) $answer:block, $steps:expr => $verdict:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            fn site($request: &Request) -> Answer $answer
            ends(site, $steps, $verdict).await;
        }
    )*};
}

fn rejected(message: &str) -> Verdict {
    Verdict::Rejected {
        message: Some(message.to_owned()),
    }
}

ends! {
    wrong_then_right_with_the_form_hidden_is_asked_about(request) {
        app(request, SAYS_NO, &format!("panel.hidden = true; {SHOWS_ACCOUNT}"))
    }, WRONG_THEN_RIGHT => Verdict::Unknown;

    wrong_then_right_with_the_form_folded_is_asked_about(request) {
        app(request, SAYS_NO, &format!("panel.style = 'max-height: 0; overflow: hidden'; {SHOWS_ACCOUNT}"))
    }, WRONG_THEN_RIGHT => Verdict::Unknown;

    wrong_then_right_with_the_message_left_in_sight_is_asked_about(request) {
        app(request, &format!("{SAYS_NO} more.append(message);"), &format!("panel.hidden = true; {SHOWS_ACCOUNT}"))
    }, WRONG_THEN_RIGHT => Verdict::Unknown;

    wrong_then_right_with_the_form_removed_is_signed_in(request) {
        app(request, SAYS_NO, &format!("panel.remove(); {SHOWS_ACCOUNT} account.insertAdjacentHTML('beforeend', '<a href=/logout>Sign out</a>');"))
    }, WRONG_THEN_RIGHT => Verdict::SignedIn;

    wrong_then_right_sent_by_a_box_that_is_no_button_is_asked_about(request) {
        if request.post { return json(if request.right() { 200 } else { 400 }, "{}"); }
        page("<body><div id=panel><h1>Sign in</h1><input id=u name=user placeholder='User name'>
              <input id=p name=password type=password placeholder=Password><div id=send onclick='go()' style='width:90px'>Enter here</div>
              <p id=message class=error></p></div><main id=account hidden><h1>Your energy</h1><a href=/bills>Bills</a></main>
              <script>async function go() {
                const answer = await fetch('/api/login', {method: 'POST', body: JSON.stringify({user: u.value, password: p.value})});
                if (answer.ok) { panel.hidden = true; account.hidden = false; return; }
                message.textContent = 'The password is not correct.'; u.value = ''; p.value = '';
              } p.onkeydown = (event) => { if (event.key === 'Enter') go(); };</script>")
    }, &[
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", "wrong 1"),
        Do::Press("Enter"),
        Do::Refused,
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", PASSWORD),
        Do::Click("#send"),
    ] => Verdict::Unknown;

    wrong_twice_in_an_app_is_refused_twice(request) {
        app(request, SAYS_NO, SHOWS_ACCOUNT)
    }, &[
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", "wrong 1"),
        Do::Click("#send"),
        Do::Refused,
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", "wrong 2"),
        Do::Click("#send"),
    ] => rejected("The password is not correct.");

    request_to_check_the_details_is_a_refusal(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("message.textContent = 'Please check your details and try again.';")
    }, WRONG => rejected("Please check your details and try again.");

    request_to_check_the_details_in_german_is_a_refusal(request) {
        if request.post { return form("<p>Bitte überprüfen Sie Ihre Angaben und versuchen Sie es erneut.</p>"); }
        form("")
    }, WRONG => rejected("Bitte überprüfen Sie Ihre Angaben und versuchen Sie es erneut.");

    work_without_end_is_not_quoted(request) {
        if request.post { return json(200, "{}"); }
        script_form("app.innerHTML = '<div role=alert>Loading…</div><p class=notice>Please wait</p>';")
    }, WRONG => Verdict::Unknown;

    banner_on_every_page_is_no_refusal(request) {
        let banner = "<div role=alert class=alert>Somebody asks for your password by mail? That is wrong, and not us.</div>";
        if request.post { return page(format!("{banner}<h1>Your energy</h1><a href=/bills>Bills</a> <a href=/usage>Usage</a>")); }
        form(banner)
    }, WRONG => Verdict::Unknown;

    banner_beside_the_form_is_not_quoted(request) {
        let banner = "<div class='notice cookie-notice' role=alert>We use cookies to improve our website.</div>";
        if request.post { return form(banner); }
        form("")
    }, WRONG => Verdict::Rejected { message: None };
}
