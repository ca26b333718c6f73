//! What the edge asks the origin, and what it makes of the answers.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use shared::{id::PublicCompanyId, signing::CLIENT_HEADER, wire::FLOW_HEADER};
use tests::{edge::Edge, origin_stub::OriginStub};
use tokio::time::Instant;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::support::{
    FORM, Page, SIGNING_KEY, Visitor, brand, claims, company, link, start_edge,
    start_edge_with_limit,
};

/// A secret of node 0.
const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAA";
const FLOW_REF: &str = "99999999-9999-4999-8999-999999999999";

pub(super) async fn start_both(name: &str) -> (OriginStub, Edge, Visitor) {
    let origin = OriginStub::start(SIGNING_KEY).await;
    let edge = start_edge(name, &origin.origins).await;
    let visitor = Visitor::of(&edge);
    (origin, edge, visitor)
}

#[tokio::test]
async fn a_brand_is_fetched_once_and_then_cached() {
    let (origin, edge, visitor) = start_both("brand-of-origin").await;
    origin.respond("/edge/brand", 200, brand("Harbor"));
    let company = company();
    let path = link(&company, &claims());
    for _ in 0..3 {
        let page = visitor.get(&path).await;
        assert!(
            page.text.contains("<p class=\"name\">Harbor</p>"),
            "{}",
            page.text
        );
    }
    let asked = origin.take_requests();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].path, "/edge/brand");
    assert_eq!(asked[0].body, json!({ "publicCompanyId": company }));
    // From then on KV has it.
    let edge = edge.restart().await;
    let page = Visitor::of(&edge).get(&path).await;
    assert!(
        page.text.contains("<p class=\"name\">Harbor</p>"),
        "{}",
        page.text
    );
    assert!(origin.take_requests().is_empty());
    // Whoever makes up addresses does not reach the origin.
    let page = Visitor::of(&edge)
        .get(&format!("/p/connect/{}/x", crate::support::company()))
        .await;
    assert_eq!(page.status, 404);
    assert!(origin.take_requests().is_empty());
    edge.stop().await;
}

#[tokio::test]
async fn a_slow_origin_gives_a_neutral_page_in_time() {
    let (origin, edge, visitor) = start_both("slow").await;
    origin.respond("/edge/brand", 200, brand("Harbor"));
    origin.delay_answers(Duration::from_secs(20));
    let path = link(&company(), &claims());
    // The isolate is warm.
    visitor.get("/p/ready").await;
    let start = Instant::now();
    let page = visitor.get(&path).await;
    let took = start.elapsed();
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("Harbor"), "{}", page.text);
    assert!(
        took > Duration::from_millis(250) && took < Duration::from_secs(5),
        "{took:?}"
    );
    edge.stop().await;
}

#[tokio::test]
async fn the_rate_limit_of_one_address_is_kept() {
    let origin = OriginStub::start(SIGNING_KEY).await;
    let edge = start_edge_with_limit("limits", &origin.origins, Some(3)).await;
    let visitor = Visitor::of(&edge);
    let started = json!({ "secret": SECRET, "flowRef": FLOW_REF });
    origin.respond("/edge/flow/start", 201, started);
    let company = company();
    let path = link(&company, &claims());
    let flow = format!("/p/connect/{company}/flow/{SECRET}");
    let start = async || {
        visitor
            .post(&path, "url=https%3A%2F%2Fa.example&country=CH")
            .await
    };
    let look = async || visitor.get(&flow).await;
    // Counted apart; opening a link is not counted at all.
    for page in [start().await, start().await, start().await] {
        assert_eq!(page.status, 303, "{}", page.text);
    }
    for page in [look().await, look().await, look().await] {
        assert_eq!(page.status, 404, "{}", page.text);
    }
    let _ = origin.take_requests();
    for page in [start().await, look().await] {
        assert_eq!(page.status, 429, "{}", page.text);
        assert_eq!(page.headers["retry-after"], "60");
        assert!(page.text.contains("<h1"), "{}", page.text);
    }
    for _ in 0..5 {
        assert_eq!(visitor.get(&path).await.status, 200);
    }
    let asked = origin.take_requests();
    assert!(
        asked.iter().all(|asked| asked.path == "/edge/brand"),
        "{asked:?}"
    );
    edge.stop().await;
}

#[tokio::test]
async fn the_first_post_starts_a_flow_and_redirects_to_it() {
    let (origin, edge, visitor) = start_both("start").await;
    let company = company();
    let claims = claims();
    let path = link(&company, &claims);
    let started = json!({ "secret": SECRET, "flowRef": FLOW_REF });
    origin.respond("/edge/flow/start", 201, started.clone());

    // Opening a link tells the origin nothing but whose brand is wanted.
    visitor.get(&path).await;
    Page::of(visitor.request("HEAD", &path)).await;
    assert!(
        origin
            .take_requests()
            .iter()
            .all(|asked| asked.path == "/edge/brand")
    );

    let request = visitor.request("POST", &path).header("origin", "null");
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header("accept-language", "fr");
    let body = "url=coned.com%2Flogin&country=us";
    let page = Page::of(request.header("content-type", FORM).body(body)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(
        page.header("location"),
        format!("/p/connect/{company}/flow/{SECRET}")
    );
    let asked = origin.take_requests().pop().expect("it was asked");
    assert_eq!(asked.path, "/edge/flow/start");
    let token = path.rsplit('/').next().unwrap_or_default();
    assert_eq!(
        asked.body,
        json!({
            "publicCompanyId": company, "kind": "COMPANY", "token": token,
            "provider": { "url": "https://coned.com/login", "country": "US" }, "acceptLanguage": "fr",
        })
    );
    assert!(
        asked.headers.get(CLIENT_HEADER).is_some(),
        "{:?}",
        asked.headers
    );

    for (status, refusal, page_status, words) in [
        (410, "invalid", 404, "ask for a new link"),
        (410, "used", 410, "This link was already used"),
        (409, "busy", 429, "open in several places"),
    ] {
        origin.respond("/edge/flow/start", status, json!({ "refusal": refusal }));
        let page = visitor.post(&path, body).await;
        assert_eq!(page.status, page_status, "{refusal}");
        assert!(page.text.contains(words), "{}", page.text);
    }
    for (status, answer) in [
        (500, json!({})),
        (201, json!({ "secret": "../../x", "flowRef": FLOW_REF })),
        (409, json!("?")),
    ] {
        origin.respond("/edge/flow/start", status, answer);
        let page = visitor.post(&path, body).await;
        assert_eq!(page.status, 503, "{}", page.text);
    }
    edge.stop().await;
}

fn view(company: &PublicCompanyId, step: Value) -> Value {
    json!({
        "flowRef": FLOW_REF, "publicCompanyId": company, "companyName": "Bakery <Lane>",
        "providerHost": "www.coned.com", "country": "US", "repair": null, "version": 7, "step": step,
    })
}

fn at_provider(problem: Option<&str>) -> Value {
    let problems = json!({ "url": problem, "country": null });
    json!({ "PROVIDER": { "url": "https://www.coned.com/", "problems": problems, "unreachable": false } })
}

fn at_sites(sites: &Value) -> Value {
    let problems = json!({ "sites": null, "utilityTypes": null });
    json!({ "SITES": { "sites": sites, "utilityTypes": ["GAS"], "problems": problems, "connectedOn": null, "seen": null } })
}

#[tokio::test]
async fn every_step_of_the_flow_renders_a_page() {
    let (origin, edge, visitor) = start_both("steps").await;
    let company = company();
    let path = format!("/p/connect/{company}/flow/{SECRET}");
    let site = "11111111-1111-4111-8111-111111111111";
    let sign_in = |ask: bool| {
        json!({ "SIGN_IN": {
        "phase": "AWAITING_INPUT", "live": true, "manual": false, "entry": null, "handedOver": false, "notSent": false,
        "askSignedIn": ask, "siteMessage": "<Wrong>", "errorCode": null } })
    };
    let entry = json!({ "SIGN_IN": {
        "phase": "AWAITING_INPUT", "live": true, "manual": true, "handedOver": false, "notSent": false,
        "askSignedIn": false, "siteMessage": null, "errorCode": null,
        "entry": {
            "number": 2, "publicKey": "key", "mfaOptions": [], "choices": [], "elsewhere": null, "offers": [], "host": null, "challengedBy": null, "challengeEncrypted": true, "problem": null, "minutesLeft": null,
            "fields": [{ "id": 0, "type": "totp_code", "label": "<Token>", "autocomplete": "", "numeric": true, "required": true }],
            "code": { "channel": "totp", "target": null, "askedAnew": false },
        } } });
    let sites = json!([{ "id": site, "name": "A & B", "address": null, "selected": true }]);
    for (step, status, words) in [
        (at_provider(None), 200, "value=\"https://www.coned.com/\""),
        (
            at_provider(Some("SCHEME")),
            200,
            "The address must start with https:// or http://.",
        ),
        (sign_in(false), 200, "data-ask hidden>"),
        (sign_in(true), 200, "data-ask>"),
        (entry, 200, "&#60;Token&#62;</label>"),
        (at_sites(&sites), 200, "value=\"GAS\" checked>"),
        (at_sites(&sites), 200, "<b>A &#38; B</b>"),
        (
            json!({ "FORWARDING": {
                "connectionId": FLOW_REF, "channel": "email", "trustedUntil": 1_777_766_400_000_i64, "owner": "jo…@example.com", "hour": 17,
                "channels": [
                    { "type": "AUTHENTICATOR", "state": "WAITING", "address": null, "confirmation": null },
                    { "type": "EMAIL", "state": null, "address": null, "confirmation": null },
                ],
                "publicKey": "key", "number": 1, "problem": null, "code": { "code": "<287082>", "until": 1 }, "isCodeSoon": false,
                "website": "HIDDEN", "unread": null, "proof": { "state": "SIGNING_IN" },
            } }),
            200,
            "&#60;287082&#62;</strong>",
        ),
        (
            json!({ "DONE": { "connectionId": FLOW_REF, "isRepair": false, "codeWasAsked": false, "hasProvenChannel": false, "proof": { "state": "NO_BILLS" } } }),
            200,
            "Thanks for connecting your utility account!",
        ),
        (
            json!({ "REFUSED": "USED" }),
            410,
            "was used in the meantime",
        ),
    ] {
        let with_script = ["SIGN_IN", "SITES", "FORWARDING"];
        let has_script = with_script.iter().any(|name| step.get(name).is_some());
        origin.respond("/edge/flow/view", 200, view(&company, step.clone()));
        let page = visitor.get(&path).await;
        assert_eq!(page.status, status, "{step}: {}", page.text);
        assert!(page.text.contains(words), "{step}: {}", page.text);
        assert_eq!(page.text.contains("<script"), has_script, "{step}");
    }
    let asked = origin.take_requests();
    let flows: Vec<_> = asked
        .iter()
        .filter(|asked| asked.path == "/edge/flow/view")
        .collect();
    assert_eq!(flows.len(), 10);
    assert!(
        flows
            .iter()
            .all(|asked| asked.headers[FLOW_HEADER] == SECRET)
    );

    // Another company's page, and a flow that is over.
    origin.respond(
        "/edge/flow/view",
        200,
        view(&crate::support::company(), at_provider(None)),
    );
    assert_eq!(visitor.get(&path).await.status, 404);
    origin.respond("/edge/flow/view", 404, Value::Null);
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 404);
    assert!(
        page.text.contains("This session has ended")
            && page.text.contains("Otherwise nothing was saved")
    );
    origin.respond("/edge/flow/view", 500, Value::Null);
    let page = visitor.get(&path).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("Try again"), "{}", page.text);
    edge.stop().await;
}

#[tokio::test]
async fn form_fields_of_a_step_reach_the_origin() {
    let (origin, edge, visitor) = start_both("acts").await;
    let company = company();
    let path = format!("/p/connect/{company}/flow/{SECRET}");
    origin.respond("/edge/flow/act", 200, view(&company, at_sites(&json!([]))));
    let site = "11111111-1111-4111-8111-111111111111";
    for (form, act) in [
        (
            "act=provider&url=coned.com&country=US",
            json!({ "act": "provider", "url": "coned.com", "country": "US" }),
        ),
        ("act=signed-in", json!({ "act": "signedIn", "yes": true })),
        (
            "act=manual-entry",
            json!({ "act": "enterManually", "manual": true }),
        ),
        (
            "act=enter&key=a&sealed=b",
            json!({ "act": "enter", "public_key": "a", "sealed": "b" }),
        ),
        ("act=try-again", json!({ "act": "tryAgain" })),
        (
            &format!("act=sites&ticked=site&site={site}&type=GAS"),
            json!({
                "act": "sites", "sites": [site], "utility_types": ["GAS"],
                "shown": { "sites": true, "utilityTypes": false },
            }),
        ),
        ("act=add-more", json!({ "act": "addMore" })),
    ] {
        let page = visitor.post(&path, form).await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (303, path.as_str()),
            "{form}"
        );
        let asked = origin.take_requests().pop().expect("it was asked");
        assert_eq!((asked.path.as_str(), &asked.body), ("/edge/flow/act", &act));
    }
    let request = visitor
        .request("POST", &path)
        .header("origin", "https://evil.example");
    let page = Page::of(request.header("content-type", FORM).body("act=leave")).await;
    assert_eq!(page.status, 403);
    assert_eq!(visitor.post(&path, "act=other").await.status, 400);
    assert!(
        origin
            .take_requests()
            .iter()
            .all(|asked| asked.path != "/edge/flow/act")
    );
    let page = visitor.post(&path, "act=leave").await;
    let left = format!("{path}/left");
    assert_eq!(
        (page.status.as_u16(), page.header("location")),
        (303, left.as_str())
    );
    let page = visitor.get(&left).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("You have left"), "{}", page.text);

    let done = json!({ "DONE": { "connectionId": FLOW_REF, "isRepair": false, "codeWasAsked": false, "hasProvenChannel": false, "proof": { "state": "NO_BILLS" } } });
    origin.respond("/edge/flow/act", 200, view(&company, done));
    let page = visitor.post(&path, "act=leave").await;
    let connected = format!("{left}/connected");
    assert_eq!(page.header("location"), connected);
    let page = visitor.get(&connected).await;
    assert!(
        page.text.contains("Your utility account is connected"),
        "{}",
        page.text
    );
    edge.stop().await;
}

#[tokio::test]
async fn who_leaves_is_led_back_to_where_the_link_says_and_nowhere_else() {
    let (origin, edge, visitor) = start_both("left").await;
    let company = company();
    let path = format!("/p/connect/{company}/flow/{SECRET}");
    let url = "https://portal.example/?a=b&status=EXIT";
    let mut view = view(&company, at_provider(None));
    view["redirect"] = json!({ "url": url, "host": "portal.example" });
    origin.respond("/edge/flow/act", 200, view);
    let page = visitor.post(&path, "act=leave").await;
    let to = page.header("location").to_owned();
    let page = visitor.get(&to).await;
    let link = "href=\"https://portal.example/?a=b&#38;status=EXIT\"";
    assert!(page.text.contains(link), "{}", page.text);
    assert!(page.text.contains("Back to portal.example"));

    let (_, signature) = to.split_once("&signature=").expect("a signature");
    let elsewhere = "aHR0cHM6Ly9ldmlsLmV4YW1wbGUv";
    let forged = format!("{path}/left?to={elsewhere}&signature={signature}");
    let page = visitor.get(&forged).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("You have left"), "{}", page.text);
    assert!(!page.text.contains("Back to"), "{}", page.text);
    edge.stop().await;
}

#[tokio::test]
async fn the_live_view_socket_is_passed_through_unchanged() {
    let (origin, edge, visitor) = start_both("live").await;
    let path = format!("/p/connect/{}/flow/{SECRET}", company());
    origin.respond(
        "/edge/flow/ticket",
        200,
        json!({ "ticket": "abc", "more": "never sent" }),
    );
    let page = visitor.post(&format!("{path}/ticket"), "").await;
    assert_eq!(
        (page.status.as_u16(), page.text.as_str()),
        (200, r#"{"ticket":"abc"}"#)
    );
    let request = visitor.request("POST", &format!("{path}/ticket"));
    assert_eq!(
        Page::of(request.header("origin", "https://evil.example"))
            .await
            .status,
        403
    );

    let address = format!(
        "{}{path}/live?ticket=abc",
        edge.url().replacen("http", "ws", 1)
    );
    let open = async |page: &str, protocol: &'static str| {
        let mut request = address.as_str().into_client_request().expect("an address");
        let headers = request.headers_mut();
        headers.insert("origin", page.parse().expect("a header"));
        headers.insert(
            "sec-websocket-protocol",
            protocol.parse().expect("a header"),
        );
        connect_async(request).await
    };
    match open("https://evil.example", shared::live::PROTOCOL).await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("another website's page opened it: {other:?}"),
    }
    let _ = origin.take_requests();
    let (mut socket, response) = open(&edge.url(), shared::live::PROTOCOL)
        .await
        .expect("it opens");
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        shared::live::PROTOCOL
    );
    let frame: Vec<u8> = (0..600_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    for message in [Message::text("hello"), Message::binary(frame)] {
        socket.send(message.clone()).await.expect("it is sent");
        assert_eq!(
            socket.next().await.expect("a message").expect("a good one"),
            message
        );
    }
    let asked = origin.take_requests().pop().expect("it was asked");
    assert_eq!(asked.headers[FLOW_HEADER], SECRET);
    assert_eq!(asked.headers[shared::wire::TICKET_HEADER], "abc");

    let page = visitor.get(&format!("{path}/live?ticket=abc")).await;
    assert_eq!(page.status, 405, "no upgrade was asked for");
    edge.stop().await;
}

#[tokio::test]
async fn a_page_that_waits_for_changes_is_told_the_version_alone() {
    let (origin, edge, visitor) = start_both("state").await;
    let path = format!("/p/connect/{}/flow/{SECRET}/state?seen=7", company());
    let state = json!({ "version": 8, "more": "than was agreed" });
    origin.respond("/edge/flow/state", 200, state);
    let answer = visitor.get(&path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (200, r#"{"version":8}"#)
    );
    let asked = origin.take_requests().pop().expect("it was asked");
    assert_eq!(asked.body, json!({ "seen": 7 }));
    origin.respond("/edge/flow/state", 404, Value::Null);
    assert_eq!(visitor.get(&path).await.status, 404);
    edge.stop().await;
}
