//! Manual entry: the client answers beside the page, and the driver finds the form and types.

use std::time::Duration;

use origin::signin::{
    Verdict, WatchEvent,
    drive::demand::{Answer, Demand, DemandKind, FieldKind, MfaOptionKind, Reception},
};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use makes::{
    parts::{DASHBOARD, form},
    site::{self, PASSWORD, Request, Server, USERNAME, page, redirect, text},
};

use crate::person::{BROWSERS, Do, Person, signs_in_again};

const PATIENCE: Duration = Duration::from_secs(60);
const CODE: &str = "314159";

/// What the watch told of a sign-in by manual entry.
#[derive(Debug, PartialEq)]
enum Told {
    Demand(u32, Demand),
    NotTaken(Reception),
    HandedOver,
    SignedIn,
}

/// The next thing that a client would be told.
async fn next(person: &mut Person) -> Told {
    let until = Instant::now() + PATIENCE;
    loop {
        let event = timeout_at(until, person.watch.next())
            .await
            .expect("something is told");
        return match event {
            WatchEvent::Demand(number, demand) => Told::Demand(number, demand),
            WatchEvent::NotTaken(reception) => Told::NotTaken(reception),
            WatchEvent::HandedOver => Told::HandedOver,
            WatchEvent::Verdict(Verdict::SignedIn) => Told::SignedIn,
            WatchEvent::Ended => panic!("the browser ended"),
            WatchEvent::Phase(_)
            | WatchEvent::SiteMessage(_)
            | WatchEvent::Working
            | WatchEvent::Withdrawn
            | WatchEvent::Verdict(_) => continue,
        };
    }
}

pub async fn demand(person: &mut Person) -> Demand {
    match next(person).await {
        Told::Demand(number, demand) => {
            person.demanded = number;
            demand
        }
        other => panic!("{other:?}"),
    }
}

fn kinds(demand: &Demand) -> Vec<FieldKind> {
    demand.fields().iter().map(|field| field.kind).collect()
}

/// Answers with a value for each kind of field.
fn answer(person: &mut Person, demand: &Demand, name: &str, password: &str) {
    let values = demand.fields().iter().map(|field| {
        let text = match field.kind {
            FieldKind::Identifier => name,
            FieldKind::Password => password,
            FieldKind::Code | FieldKind::TotpCode => CODE,
            FieldKind::Text => "Rover",
            FieldKind::Remember => "yes",
        };
        (field.id, Zeroizing::new(text.to_owned()))
    });
    person
        .watch
        .answer(person.demanded, Answer::Fields(values.collect()));
}

/// Signs in by manual entry with what is right, and then again by the recipe.
async fn signs_in(site: site::Website, start: &str, demanded: &[&[FieldKind]]) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let url = server.url().join(start).expect("a path");
    let mut person = Person::at(&url).await;
    person.watch.enter_manually(true);
    for kinds_wanted in demanded {
        let demand = demand(&mut person).await;
        assert_eq!(kinds(&demand), *kinds_wanted, "{demand:?}");
        answer(&mut person, &demand, USERNAME, PASSWORD);
    }
    assert_eq!(next(&mut person).await, Told::SignedIn);
    let captured = person.watch.captured().expect("credentials and recipe");
    assert_eq!(captured.credentials.username.as_str(), USERNAME);
    assert_eq!(captured.credentials.password.as_str(), PASSWORD);
    drop(person);
    signs_in_again(&captured, server.address.port()).await;
}

const BOTH: &[FieldKind] = &[FieldKind::Identifier, FieldKind::Password];

fn home_of(request: &Request) -> Option<site::Answer> {
    match request.path.as_str() {
        "/in" if request.right() => Some(redirect("/home").cookie("in=1")),
        "/in" if request.post => Some(form("<p role=alert>Wrong user name or password.</p>")),
        "/home" if request.has_cookie("in") => Some(page(DASHBOARD)),
        _ => None,
    }
}

/// Nothing on the page proves it, and nobody is asked: anonymous visitors are led to the form from there.
#[tokio::test(flavor = "multi_thread")]
async fn page_that_asks_who_is_anonymous_is_no_reason_to_hand_over() {
    let mut makes = makes::succeeding::let_in::MAKES.iter();
    let make = makes
        .find(|make| make.name == "overview_in_unknown_words_that_asks_who_is_anonymous")
        .expect("a make");
    signs_in(make.site, "/sartu", &[BOTH]).await;
}

const LOGIN: &str = "<form method=post action=/in><label>Customer number <input name=user></label>\
    <label>Password <input name=password type=password></label><button>Log in</button></form>";

#[tokio::test(flavor = "multi_thread")]
async fn way_from_the_home_page_through_a_cookie_question_is_found_and_repeated() {
    fn site(request: &Request) -> site::Answer {
        home_of(request).unwrap_or_else(|| match request.path.as_str() {
            "/customers" => page("<h1>Customer area</h1><a href=/enter>Anmelden</a>"),
            "/enter" => page(LOGIN),
            _ => page(
                "<style>#cookies{position:fixed;inset:0;background:#fffd}</style>
                 <header><nav><a href=/>Home</a><a href=/tariffs>Tariffs</a><a href=/customers>My account</a></nav></header>
                 <h1>Energy for everybody</h1>
                 <div id=cookies><p>We use cookies.</p><button onclick='cookies.remove()'>Accept all</button>
                 <button onclick='cookies.remove()'>Reject all</button></div>",
            ),
        })
    }
    signs_in(site, "/", &[BOTH]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn form_in_a_dialog_and_form_on_two_pages_are_filled() {
    fn dialog(request: &Request) -> site::Answer {
        home_of(request).unwrap_or_else(|| {
            page(format!(
                "<header><button onclick='box.showModal()'>Sign in</button></header><h1>Water</h1><dialog id=box>{LOGIN}</dialog>"
            ))
        })
    }
    signs_in(dialog, "/", &[BOTH]).await;
    fn two_pages(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/name" => page(
                "<form method=post action=/login><input name=password type=password><button>Log in</button></form>",
            ),
            "/login" if request.value("password") == PASSWORD => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => page(
                "<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>",
            ),
        }
    }
    signs_in(
        two_pages,
        "/",
        &[&[FieldKind::Identifier], &[FieldKind::Password]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_password_is_asked_again_in_the_websites_words_and_never_sent_twice() {
    fn site(request: &Request) -> site::Answer {
        home_of(request).unwrap_or_else(|| form(""))
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(|request| match request.path.as_str() {
        "/login" if request.right() => redirect("/home").cookie("in=1"),
        "/login" => form("<p role=alert>Wrong user name or password.</p>"),
        _ => site(request),
    })
    .await
    .expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let first = demand(&mut person).await;
    assert_eq!(first.refusal, None);
    answer(&mut person, &first, USERNAME, "wrong");
    let second = demand(&mut person).await;
    assert!(
        matches!(second.refusal, Some(Verdict::Rejected { .. })),
        "{second:?}"
    );
    assert_eq!(
        second.site_message.as_deref(),
        Some("Wrong user name or password.")
    );
    answer(&mut person, &second, USERNAME, "wrong");
    assert_eq!(
        next(&mut person).await,
        Told::NotTaken(Reception::PasswordSentBefore)
    );
    let third = demand(&mut person).await;
    assert_eq!(
        server.posted("/login"),
        1,
        "what was refused is not sent again"
    );
    answer(&mut person, &third, USERNAME, PASSWORD);
    assert_eq!(next(&mut person).await, Told::SignedIn);
    let captured = person.watch.captured().expect("credentials");
    assert_eq!(captured.credentials.password.as_str(), PASSWORD);
    assert_eq!(server.posted("/login"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_that_keeps_the_name_is_not_asked_for_before_it_is_known_for_a_refusal() {
    fn site(request: &Request) -> site::Answer {
        let kept = || {
            page(
                "<h1>Sign in</h1><form method=post action=/login><label>User <input name=user value='ada@example.com'></label>
                 <label>Password <input name=password type=password></label><button>Log in</button></form>
                 <script>setTimeout(() => fetch('/slow', {method: 'POST'}), 900)</script>",
            )
        };
        match request.path.as_str() {
            "/login" if !request.right() => kept(),
            "/slow" => text("").after(1_000),
            "/login" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let first = demand(&mut person).await;
    answer(&mut person, &first, USERNAME, "wrong");
    let second = demand(&mut person).await;
    assert!(
        matches!(second.refusal, Some(Verdict::Rejected { .. })),
        "{second:?}"
    );
    assert!(kinds(&second).contains(&FieldKind::Password), "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn right_password_is_sent_again_with_the_corrected_name_of_a_page_before() {
    fn site(request: &Request) -> site::Answer {
        let name = |said: &str| {
            page(format!(
                "<p role=alert>{said}</p><form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>"
            ))
        };
        match request.path.as_str() {
            "/name" => page(format!(
                "<form method=post action=/login><input type=hidden name=user value='{}'>
                 <input name=password type=password><button>Log in</button></form>",
                request.value("user")
            )),
            "/login" if request.right() => redirect("/home").cookie("in=1"),
            "/login" => name("Wrong user name or password."),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => name(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    for name in ["bob", USERNAME] {
        let asked = demand(&mut person).await;
        assert_eq!(kinds(&asked), [FieldKind::Identifier], "{asked:?}");
        answer(&mut person, &asked, name, PASSWORD);
        let asked = demand(&mut person).await;
        assert_eq!(kinds(&asked), [FieldKind::Password], "{asked:?}");
        answer(&mut person, &asked, name, PASSWORD);
    }
    assert_eq!(next(&mut person).await, Told::SignedIn);
    assert_eq!(server.posted("/login"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn way_and_code_are_asked_as_data() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/way"),
            "/way" => page(
                "<h1>How should we send your verification code?</h1><form method=post action=/code>
                 <label><input type=radio name=way value=sms> Text message to ***4711</label>
                 <label><input type=radio name=way value=mail> Email to a***@example.com</label><button>Send code</button></form>",
            ),
            "/code" if request.value("way") == "mail" => page(
                "<h1>Enter your verification code</h1><p>We sent it to a***@example.com</p>
                 <form method=post action=/verify><input name=otp maxlength=6><button>Verify</button></form>",
            ),
            "/verify" if request.value("otp") == CODE => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let login = demand(&mut person).await;
    answer(&mut person, &login, USERNAME, PASSWORD);
    let ways = demand(&mut person).await;
    let DemandKind::MfaOptions(options) = &ways.kind else {
        panic!("{ways:?}");
    };
    let mail = options
        .iter()
        .find(|option| option.kind == MfaOptionKind::Email);
    person.watch.answer(
        person.demanded,
        Answer::Choose(mail.expect("a way by mail").id),
    );
    let code = demand(&mut person).await;
    let DemandKind::Code { target, .. } = &code.kind else {
        panic!("{code:?}");
    };
    assert_eq!(target.as_deref(), Some("a***@example.com"));
    answer(&mut person, &code, USERNAME, PASSWORD);
    assert_eq!(next(&mut person).await, Told::SignedIn);
    let captured = person.watch.captured().expect("credentials");
    assert_eq!(captured.credentials.password.as_str(), PASSWORD);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_handed_over_on_the_very_same_page() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/puzzle"),
            "/puzzle" => page(
                "<h1>Are you human?</h1><p>Please solve the captcha.</p>
                 <div class=captcha style='width:300px;height:80px'><a href=/solved id=puzzle>I am not a robot</a></div>",
            ),
            "/solved" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let login = demand(&mut person).await;
    answer(&mut person, &login, USERNAME, PASSWORD);
    assert_eq!(next(&mut person).await, Told::HandedOver);
    person.act(&[Do::Click("#puzzle")]).await;
    assert_eq!(next(&mut person).await, Told::SignedIn);
    assert!(person.watch.captured().is_some());
    assert_eq!(server.posted("/login"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_values_are_remembered_while_the_client_uses_the_page_by_hand() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(|request| match request.path.as_str() {
        "/login" => form("<p role=alert>Wrong user name or password.</p>"),
        _ => form(""),
    })
    .await
    .expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    let first = demand(&mut person).await;
    answer(&mut person, &first, USERNAME, "wrong");
    demand(&mut person).await;
    person.watch.enter_manually(false);
    person.watch.enter_manually(true);
    let again = demand(&mut person).await;
    assert_eq!(again.refusal, None, "it is not told as one of a new try");
    answer(&mut person, &again, USERNAME, "wrong");
    assert_eq!(
        next(&mut person).await,
        Told::NotTaken(Reception::PasswordSentBefore)
    );
    assert_eq!(server.posted("/login"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_may_change_between_both_ways_at_any_moment() {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(|request| match request.path.as_str() {
        "/login" if request.right() => redirect("/home").cookie("in=1"),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => form(""),
    })
    .await
    .expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.watch.enter_manually(true);
    demand(&mut person).await;
    person.watch.enter_manually(false);
    person
        .act(&[Do::Type("[name=user]", "somebody else")])
        .await;
    person.watch.enter_manually(true);
    // What stands in the field already is asked for all the same.
    let login = demand(&mut person).await;
    assert_eq!(kinds(&login), BOTH, "{login:?}");
    answer(&mut person, &login, USERNAME, PASSWORD);
    assert_eq!(next(&mut person).await, Told::SignedIn);
    let captured = person.watch.captured().expect("credentials");
    assert_eq!(captured.credentials.username.as_str(), USERNAME);
}
