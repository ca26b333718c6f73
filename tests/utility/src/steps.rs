//! What stands between the right password and the account: a page for each kind of step, the same for every make.

use std::{collections::HashMap, time::Duration};

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};

use crate::{
    customers::{After, CodePage, Customer},
    faults::Fault,
    makes::Place,
    outbox::Channel,
    session::{Session, random},
    site::{Shared, Site},
    step::{Sent, Step},
    views,
};

/// So many wrong codes lock out.
const WRONG_CODES: u8 = 3;
/// As long as what is slow takes.
const SLOW: Duration = Duration::from_secs(8);

/// What follows the right password of a customer.
pub(crate) enum Next {
    /// A session, which may have a step before it.
    Session(Option<Step>),
    /// Something else than a session.
    Answer(Response),
}

/// Decides what follows the right password.
pub(crate) async fn after_password(
    site: &Site,
    headers: &HeaderMap,
    person: &'static Customer,
) -> Next {
    let switches = &site.options.switches;
    let after = match person.after {
        After::Account if switches.is(Fault::AsksCode) => {
            After::Code(Channel::Sms, CodePage::OneBox)
        }
        After::NewPassword if switches.has_new_password(person) => After::Account,
        After::Code(..) if site.sessions.remembers(headers, person) => After::Account,
        after => after,
    };
    Next::Session(match after {
        // Who is refused or locked does not come here but with a new password.
        After::Account | After::Refused | After::Locked | After::Gone => None,
        After::Slow => {
            tokio::time::sleep(SLOW).await;
            None
        }
        After::Error => return Next::Answer(views::broken()),
        After::Code(channel, page) => Some(Step::Code(send(site, person, channel, page))),
        After::Push => {
            let number = (10 + digits(2).parse().unwrap_or(0) % 90).to_string();
            let message = switches.outbox.add(person, Channel::Push, &number);
            Some(Step::Push(message.number, number))
        }
        plain => Some(Step::Plain(plain)),
    })
}

fn send(site: &Site, person: &Customer, channel: Channel, page: CodePage) -> Sent {
    // Long ones are found again wherever they should not be: six digits stand anywhere by chance.
    let code = digits(if page == CodePage::SixBoxes { 6 } else { 8 });
    if channel != Channel::Authenticator {
        let outbox = &site.options.switches.outbox;
        let message = outbox.add(person, channel, &code);
        site.options.doors.send(person, &message, outbox);
    }
    Sent {
        channel,
        page,
        code,
        wrong: 0,
    }
}

fn digits(count: usize) -> String {
    let bytes = random().into_bytes();
    let digits = bytes.chunks(2).take(count);
    let digits = digits.map(|pair| pair.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 10);
    digits.map(|digit| digit.to_string()).collect()
}

/// The session of a request that waits for a step.
fn waiting(site: &Site, headers: &HeaderMap) -> Option<(Session, &'static Customer, Step)> {
    let session = site.sessions.of(headers)?;
    let (person, step) = (session.person?, session.step.clone()?);
    Some((session, person, step))
}

/// The page of the step.
pub(crate) async fn ask(State(site): Shared, place: Place, headers: HeaderMap) -> Response {
    let Some((mut session, person, step)) = waiting(&site, &headers) else {
        return Redirect::to("/login").into_response();
    };
    if let Step::Push(message, _) = step
        && site.options.switches.outbox.is_approved(message)
    {
        return go_on(&site, &place, &mut session, None);
    }
    page(person, &step, None)
}

fn page(person: &'static Customer, step: &Step, message: Option<&str>) -> Response {
    let status = match step {
        Step::Plain(After::Maintenance) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    (status, Html(views::step(person, step, message))).into_response()
}

/// Nothing is between the session and its account any more.
fn go_on(
    site: &Site,
    place: &Place,
    session: &mut Session,
    remember: Option<&'static Customer>,
) -> Response {
    session.step = None;
    site.sessions.update(session);
    let mut response = Redirect::to(place.after_sign_in(&session.next)).into_response();
    if let Some(person) = remember {
        let cookie = site.sessions.remember(person);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Takes what was typed or pressed.
pub(crate) async fn answer(
    State(site): Shared,
    place: Place,
    headers: HeaderMap,
    Form(typed): Form<HashMap<String, String>>,
) -> Response {
    let Some((mut session, person, step)) = waiting(&site, &headers) else {
        return Redirect::to("/login").into_response();
    };
    let value = |name: &str| typed.get(name).map_or("", |value| value.trim());
    let again = |step: &Step, message| page(person, step, Some(message));
    match &step {
        Step::Code(sent) => code(&site, &place, session, person, sent.clone(), &typed),
        Step::Push(..) => again(&step, "Nothing was confirmed yet."),
        Step::Plain(After::Ways) => {
            let channel = match value("way") {
                "sms" => Channel::Sms,
                "mail" => Channel::Email,
                _ => {
                    return again(
                        &step,
                        "Please choose how you would like to receive the code.",
                    );
                }
            };
            let sent = send(&site, person, channel, CodePage::OneBox);
            session.step = Some(Step::Code(sent));
            site.sessions.update(&session);
            Redirect::to("/step").into_response()
        }
        Step::Plain(After::Question) if !value("answer").eq_ignore_ascii_case("rover") => {
            again(&step, "That answer does not match our records.")
        }
        Step::Plain(After::NewPassword) => {
            let (new, repeated) = (value("new"), value("repeated"));
            if new.len() < 8 || new != repeated {
                return again(
                    &step,
                    "Both entries must be the same, with at least 8 characters.",
                );
            }
            if new == person.password {
                return again(
                    &step,
                    "Please choose a password that you have not used before.",
                );
            }
            site.options.switches.set_password(person.email, new);
            go_on(&site, &place, &mut session, None)
        }
        Step::Plain(After::Terms) if value("agree").is_empty() => {
            again(&step, "Please accept the terms to continue.")
        }
        Step::Plain(After::Captcha) if value("human").is_empty() => {
            again(&step, "Please confirm that you are not a robot.")
        }
        Step::Plain(After::Maintenance | After::Browser | After::Odd) => page(person, &step, None),
        Step::Plain(_) => go_on(&site, &place, &mut session, None),
    }
}

/// Takes a code, or sends another one.
fn code(
    site: &Site,
    place: &Place,
    mut session: Session,
    person: &'static Customer,
    mut sent: Sent,
    typed: &HashMap<String, String>,
) -> Response {
    let value = |name: &str| typed.get(name).map_or("", |value| value.trim());
    if typed.contains_key("resend") {
        let wrong = sent.wrong;
        sent = send(site, person, sent.channel, sent.page);
        sent.wrong = wrong;
        return store(site, session, person, sent, "We sent you a new code.");
    }
    let typed: String = match sent.page {
        CodePage::SixBoxes => (1..=6).map(|at| value(&format!("digit{at}"))).collect(),
        _ => value("code").to_owned(),
    };
    if !sent.accepts(&typed) {
        sent.wrong += 1;
        if sent.wrong >= WRONG_CODES {
            site.options.switches.lock_out(person);
            site.sessions.end(&session);
            return Html(views::plain(
                "Account locked",
                "Your account has been locked after too many incorrect codes. Try again in 15 minutes or call (555) 010-0100.",
            ))
            .into_response();
        }
        return store(
            site,
            session,
            person,
            sent,
            "The code you entered is incorrect.",
        );
    }
    if sent.page == CodePage::FirstExpired {
        let again = send(site, person, sent.channel, CodePage::OneBox);
        let message = "Your code has expired. We sent you a new one.";
        return store(site, session, person, again, message);
    }
    let remember = (!value("remember").is_empty()).then_some(person);
    go_on(site, place, &mut session, remember)
}

fn store(
    site: &Site,
    mut session: Session,
    person: &'static Customer,
    sent: Sent,
    message: &str,
) -> Response {
    let step = Step::Code(sent);
    session.step = Some(step.clone());
    site.sessions.update(&session);
    page(person, &step, Some(message))
}
