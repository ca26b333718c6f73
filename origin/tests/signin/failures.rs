//! What is kept of a sign-in that fails: where and why, and nothing that anybody typed or owns.

use origin::signin::{FailureReason, SignInFailure, StepKind, Verdict, replay};

use makes::{
    parts::form,
    site::{Answer, PASSWORD, Request, Server, USERNAME, Website, page, redirect},
};

use crate::{
    healing::old_recipe,
    person::{BROWSERS, nothing_to_note, open},
    replay::{credentials, recipe},
};

/// A page for this person, with what they typed.
fn personal(number: &str, typed: &str) -> String {
    format!(
        "<h1>News for our customers</h1><p>Customer {number}, write to c{number}@mail.example. You are {USERNAME}.</p>
         <label for=place>Look for a place</label> <input id=place name=where_to value='{typed}' placeholder='Town'>
         <textarea id=note>{typed}</textarea> <select id=which><option>{typed}</option></select>
         <div contenteditable id=free style='width:200px;height:20px'>{typed}</div><div id=open></div><div id=closed></div>
         <script>for (const mode of ['open', 'closed'])
           document.getElementById(mode).attachShadow({{ mode }}).innerHTML = '<p>Meter {number}</p><input value=\"{typed}\">';</script>"
    )
}

async fn fails(site: Website, verdict: Verdict, is_gone: bool) -> SignInFailure {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let recipe = if is_gone {
        old_recipe(&server.url())
    } else {
        recipe(&server.url(), &server.url().origin().ascii_serialization())
    };
    let replayed = replay(&browser, &recipe, &credentials(PASSWORD), nothing_to_note)
        .await
        .expect("replays");
    assert_eq!(replayed.verdict, verdict);
    *replayed.failure.expect("a failure")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_gone_is_told_without_what_is_personal() {
    fn one(_: &Request) -> Answer {
        page(personal("471100", "Springfield"))
    }
    fn other(_: &Request) -> Answer {
        page(personal("982255", "Shelbyville"))
    }
    let runs = [one, other].map(|site: Website| tokio::spawn(fails(site, Verdict::Unknown, true)));
    let [one, other] = runs;
    let (one, other) = (one.await.expect("no panic"), other.await.expect("no panic"));
    assert_eq!(one.reason, FailureReason::FormNotFound);
    let step = one.step.clone().expect("the step");
    assert_eq!((step.index, step.kind), (0, StepKind::FillUsername));
    assert!(one.searched && !one.password_typed);
    let text = serde_json::to_string(&one).expect("plain");
    for hidden in ["4711", "Springfield", "mail.example", USERNAME, PASSWORD] {
        assert!(!text.contains(hidden), "{hidden}: {}", one.outline);
    }
    for shown in [
        "where_to",
        "<textarea id=\"note\"",
        "Look for a place",
        "News for our customers",
    ] {
        assert!(one.outline.contains(shown), "{shown}: {}", one.outline);
    }
    assert_eq!(one.outline, other.outline);
    let picture = one.picture().expect("a picture");
    assert!(picture.starts_with(&[0xff, 0xd8]), "a JPEG");
    assert!(Some(picture) == other.picture(), "the same for everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_must_do_is_told_and_an_account_has_no_words() {
    fn code(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/code"),
            "/code" => page(
                "<h1>Enter your verification code</h1><p>Welcome back, Ada. We sent it to +1 555 0100.</p>
                 <form method=post action=/home><input name=otp autocomplete=one-time-code><button>Verify</button></form>
                 <a href=/logout>Sign out</a>",
            ),
            _ => form(""),
        }
    }
    let asked = Verdict::CodeNeeded {
        channel: None,
        target: None,
        refused: None,
    };
    let failure = fails(code, asked, false).await;
    assert_eq!(failure.reason, FailureReason::ClientNeeded);
    assert!(failure.password_typed && !failure.searched && failure.step.is_none());
    assert!(failure.address.ends_with("/code"), "{}", failure.address);
    assert!(
        failure.outline.contains("name=\"otp\""),
        "{}",
        failure.outline
    );
    for hidden in ["Ada", "Welcome", "Verify"] {
        assert!(!failure.outline.contains(hidden), "{}", failure.outline);
    }
    assert!(failure.picture.is_some());
    let debug = format!("{failure:?}");
    assert!(
        !debug.contains("otp") && !debug.contains("127.0.0.1"),
        "{debug}"
    );
}
