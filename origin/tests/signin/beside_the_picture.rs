//! What a client who signs in by hand may answer beside the page: a code, a way to get one, an approval.

use std::time::Duration;

use makes::{
    parts::{DASHBOARD, RIGHT, form},
    site::{self, Request, Server, page, redirect},
};
use origin::signin::{
    CodeRefusal, Verdict, WatchEvent,
    drive::demand::{Answer, Demand, DemandKind, FieldKind, OfferKind, Reception},
};
use shared::status::CodeChannel;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::person::{BROWSERS, Do, Person};

const PATIENCE: Duration = Duration::from_secs(40);
const CODE: &str = "314159";

/// Waits for the first event that fits.
async fn until<T>(person: &mut Person, fits: impl Fn(&WatchEvent) -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        let event = timeout_at(end, person.watch.next());
        let event = event.await.expect("it is told");
        if let WatchEvent::Demand(number, _) = &event {
            person.demanded = *number;
        }
        if let Some(found) = fits(&event) {
            return found;
        }
    }
}

async fn asked(person: &mut Person) -> Demand {
    until(person, |event| match event {
        WatchEvent::Demand(_, demand) => Some(demand.clone()),
        _ => None,
    })
    .await
}

/// The demand of this kind; others may be told before it.
async fn demanded(person: &mut Person, kind: &DemandKind) -> Demand {
    until(person, |event| match event {
        WatchEvent::Demand(_, demand) if demand.kind == *kind => Some(demand.clone()),
        _ => None,
    })
    .await
}

async fn signed_in(person: &mut Person) {
    until(person, |event| {
        (*event == WatchEvent::Verdict(Verdict::SignedIn)).then_some(())
    })
    .await;
}

fn enter(person: &mut Person, demand: &Demand, code: &str) {
    let values = demand.fields().iter().map(|field| {
        let text = match field.kind {
            FieldKind::Remember => "yes",
            _ => code,
        };
        (field.id, Zeroizing::new(text.to_owned()))
    });
    let answer = Answer::Fields(values.collect());
    person.watch.answer(person.demanded, answer);
}

fn home(request: &Request) -> site::Answer {
    match request.path.as_str() {
        "/login" if request.right() => redirect("/code"),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => form(""),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_typed_for_a_client_at_the_picture_and_never_twice() {
    fn site(request: &Request) -> site::Answer {
        let ask = |said: &str| {
            page(format!(
                "<h1>Verification code</h1>{said}<p>We sent a text message to ***4711.</p><form method=post action=/check>
                 <label>Code <input name=otp maxlength=6 inputmode=numeric></label>
                 <label><input type=checkbox name=trust> Remember this device for 30 days</label><button>Verify</button></form>"
            ))
        };
        match request.path.as_str() {
            "/code" => ask(""),
            "/check" if request.value("otp") == CODE && request.value("trust") == "on" => {
                redirect("/home").cookie("in=1")
            }
            "/check" => ask("<p role=alert>The code you entered is incorrect.</p>"),
            _ => home(request),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(RIGHT).await;
    let first = asked(&mut person).await;
    let DemandKind::Code {
        channel, target, ..
    } = &first.kind
    else {
        panic!("{first:?}");
    };
    assert_eq!(*channel, Some(CodeChannel::Sms));
    assert_eq!(target.as_deref(), Some("***4711"));
    let kinds: Vec<FieldKind> = first.fields().iter().map(|field| field.kind).collect();
    assert_eq!(kinds, [FieldKind::Code, FieldKind::Remember]);
    assert_eq!(
        first.fields().last().expect("the box").label,
        "Remember this device for 30 days"
    );

    enter(&mut person, &first, "111111");
    until(&mut person, |event| match event {
        WatchEvent::SiteMessage(Some(said)) => said.contains("incorrect").then_some(()),
        _ => None,
    })
    .await;
    let refused = |event: &WatchEvent| match event {
        WatchEvent::Verdict(Verdict::CodeNeeded { refused, .. }) => *refused,
        _ => None,
    };
    assert_eq!(until(&mut person, refused).await, CodeRefusal::Wrong);
    let again = asked(&mut person).await;
    enter(&mut person, &again, "111111");
    until(&mut person, |event| {
        (*event == WatchEvent::NotTaken(Reception::CodeUsedBefore)).then_some(())
    })
    .await;
    assert_eq!(server.posted("/check"), 1);
    let again = asked(&mut person).await;
    enter(&mut person, &again, CODE);
    signed_in(&mut person).await;
    assert_eq!(server.posted("/check"), 2);
    assert!(person.watch.captured().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn code_goes_into_six_boxes_that_do_not_lead_from_one_to_the_next() {
    fn site(request: &Request) -> site::Answer {
        let boxes: String = (1..=6)
            .map(|n| {
                format!(
                    "<input aria-label='Digit {n}' inputmode=numeric maxlength=1 size=1 name=d{n}>"
                )
            })
            .collect();
        let code: String = (1..=6)
            .map(|n| request.value(&format!("d{n}")).to_owned())
            .collect();
        match request.path.as_str() {
            "/code" => page(format!(
                "<h1>Enter the code</h1><p>Sent by SMS to ***4711</p><form method=post action=/check>{boxes}<button>Verify</button></form><a href=/ id=back>Back</a>"
            )),
            "/check" if code == CODE => redirect("/home").cookie("in=1"),
            _ => home(request),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(RIGHT).await;
    asked(&mut person).await;
    // The client goes back in the page: there is nothing to answer any more.
    person.act(&[Do::Click("#back")]).await;
    until(&mut person, |event| {
        (*event == WatchEvent::Withdrawn).then_some(())
    })
    .await;
    person.act(RIGHT).await;
    let code = asked(&mut person).await;
    assert_eq!(code.fields().len(), 1, "{code:?}");
    assert_eq!(code.fields().first().expect("one").label, "");
    enter(&mut person, &code, CODE);
    signed_in(&mut person).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn number_of_an_approval_is_told_in_both_ways() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/code" => page(
                "<div>ada@example.com</div><h1>Approve sign in request</h1><p>Open your Authenticator app, and enter the number shown to sign in.</p>
                 <div id=number style='font-size:40px'>42</div><div id=clock>60</div><button id=anew onclick='number.textContent = 77'>Refresh</button><a href=/approved id=approved>I can't use my app right now</a>
                 <script>setInterval(() => { clock.textContent -= 1; }, 300);</script>",
            ),
            "/approved" => redirect("/home").cookie("in=1"),
            _ => home(request),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(RIGHT).await;
    // The page may be read before all of it is there: the number is told as soon as it is.
    let number = |shown: &str| DemandKind::ExternalAction {
        shown: Some(shown.into()),
    };
    demanded(&mut person, &number("42")).await;
    person.watch.enter_manually(true);
    let manual = demanded(&mut person, &number("42")).await;
    let other_way = manual.offers.first().expect("another way");
    assert_eq!(other_way.kind, OfferKind::OtherWay);
    person.act(&[Do::Click("#anew")]).await;
    demanded(&mut person, &number("77")).await;
    person.watch.answer(person.demanded, Answer::Choose(0));
    signed_in(&mut person).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_code_is_asked_for_by_the_websites_own_control_once_in_a_while() {
    fn site(request: &Request) -> site::Answer {
        match request.path.as_str() {
            "/code" | "/resend" => page(
                "<h1>Verification code</h1><p>We e-mailed a code to a***@example.com.</p><form method=post action=/check>
                 <input name=otp autocomplete=one-time-code><button>Verify</button></form>
                 <form method=post action=/resend><button>Send a new code</button></form><a href=/ways>Try another way</a>",
            ),
            "/ways" => page(
                "<h1>How should we send your verification code?</h1><form method=post action=/code>
                 <label><input type=radio name=way value=sms> Text message to ***4711</label>
                 <label><input type=radio name=way value=mail> Email to a***@example.com</label><button>Send code</button></form>",
            ),
            "/check" if request.value("otp") == CODE => redirect("/home").cookie("in=1"),
            _ => home(request),
        }
    }
    for manual in [false, true] {
        let _turn = BROWSERS.acquire().await.expect("never closed");
        let server = Server::start(site).await.expect("listens");
        let mut person = Person::at(&server.url()).await;
        person.act(RIGHT).await;
        let mut code = asked(&mut person).await;
        if manual {
            person.watch.enter_manually(true);
            code = asked(&mut person).await;
        }
        let kinds: Vec<OfferKind> = code.offers.iter().map(|offer| offer.kind).collect();
        assert_eq!(kinds, [OfferKind::Resend, OfferKind::OtherWay], "{manual}");
        person.watch.answer(person.demanded, Answer::Choose(0));
        let again = asked(&mut person).await;
        assert_eq!(server.posted("/resend"), 1, "{manual}");
        assert!(!again.again, "it is no refusal of a code");
        person.watch.answer(person.demanded, Answer::Choose(0));
        until(&mut person, |event| {
            (*event == WatchEvent::NotTaken(Reception::TooSoon)).then_some(())
        })
        .await;
        assert_eq!(server.posted("/resend"), 1, "{manual}");
        asked(&mut person).await;
        person.watch.answer(person.demanded, Answer::Choose(1));
        let ways = asked(&mut person).await;
        assert!(
            matches!(ways.kind, DemandKind::MfaOptions(_)),
            "{manual}: {ways:?}"
        );
        person.watch.answer(person.demanded, Answer::Choose(1));
        let code = asked(&mut person).await;
        enter(&mut person, &code, CODE);
        signed_in(&mut person).await;
    }
}
