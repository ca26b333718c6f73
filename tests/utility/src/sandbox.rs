//! The sandbox's own pages: what there is to try, the faults, and the messages that were sent. A form of theirs is their
//! API: `POST /sandbox/faults` with `fault` and `on`.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    customers::{CUSTOMERS, Customer},
    faults::{FAULTS, Fault},
    makes::{MAKES, Make, Place},
    outbox::{Channel, Message},
    site::{Shared, Site},
    views::render,
};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/sandbox", get(start))
        .route("/sandbox/faults", post(fault))
        .route("/sandbox/outbox", get(outbox))
        .route("/sandbox/outbox/forward", post(forward))
        .route("/sandbox/outbox/pick", post(pick))
}

#[derive(Template)]
#[template(path = "sandbox.html")]
struct Start<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    base: &'a str,
    makes: &'static [Make],
    customers: &'static [Customer],
    faults: Vec<(&'static str, &'static str, bool)>,
}

async fn start(State(site): Shared, headers: HeaderMap) -> Html<String> {
    let place = Place::of(&headers);
    let switches = &site.options.switches;
    Html(render(&Start {
        person: None,
        here: "",
        base: &place.base,
        makes: MAKES,
        customers: CUSTOMERS,
        faults: FAULTS
            .iter()
            .map(|(fault, name, what)| (*name, *what, switches.is(*fault)))
            .collect(),
    }))
}

#[derive(Deserialize)]
struct Switched {
    fault: String,
    #[serde(default)]
    on: String,
}

async fn fault(State(site): Shared, Form(switched): Form<Switched>) -> Response {
    let switches = &site.options.switches;
    match (switched.fault.as_str(), Fault::named(&switched.fault)) {
        (_, Some(fault)) => switches.set(fault, switched.on == "yes"),
        ("end-sessions", None) => switches.end_sessions(),
        ("reset", None) => switches.reset(),
        _ => return StatusCode::NOT_FOUND.into_response(),
    }
    Redirect::to("/sandbox").into_response()
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct Sent {
    person: Option<&'static Customer>,
    here: &'static str,
    messages: Vec<Message>,
    forwarded: Vec<(&'static str, String)>,
    authenticator: String,
    customers: &'static [Customer],
}

async fn outbox(State(site): Shared) -> Html<String> {
    let outbox = &site.options.switches.outbox;
    let ways = [Channel::Email, Channel::Sms];
    let all = CUSTOMERS
        .iter()
        .flat_map(|person| ways.map(|way| (person.email, outbox.forwarded(person.email, way))));
    Html(render(&Sent {
        person: None,
        here: "",
        messages: outbox.messages(),
        forwarded: all.filter_map(|(email, to)| Some((email, to?))).collect(),
        authenticator: crate::authenticator::code_now(),
        customers: CUSTOMERS,
    }))
}

#[derive(Deserialize)]
struct Forwarded {
    user: String,
    to: String,
}

async fn forward(State(site): Shared, Form(forwarded): Form<Forwarded>) -> Redirect {
    let outbox = &site.options.switches.outbox;
    outbox.forward(&forwarded.user, forwarded.to.trim());
    Redirect::to("/sandbox/outbox")
}

#[derive(Deserialize)]
struct Picked {
    message: u32,
    number: String,
}

async fn pick(State(site): Shared, Form(picked): Form<Picked>) -> Redirect {
    let outbox = &site.options.switches.outbox;
    outbox.pick(picked.message, &picked.number);
    Redirect::to("/sandbox/outbox")
}
