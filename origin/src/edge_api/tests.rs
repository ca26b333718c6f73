//! The edge door over a real socket.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use reqwest::{RequestBuilder, Response};
use serde::Serialize;
use shared::{
    brand::Brand,
    signing::{CLIENT_HEADER, Direction, Message, SigningKey, Stamp, sign},
    time::UnixMillis,
    wire::{
        BrandQuery, FLOW_HEADER, FlowAction, FlowView, Refusal, StartFlow, StartedFlow, StepView,
        TICKET_HEADER,
    },
};

use super::{EdgeDoor, router};
use crate::{
    clock::SystemRandom,
    codes::{ChannelCodes, CodePages, FollowsLinks, Inbox, MailAuthentication},
    flow::tests::{
        test_env::{NOW, TestEnv, ring},
        website::Website,
    },
    store::StoreError,
};

const PROVIDER: &str = "https://power.example/";

/// The edge's side of the door.
struct Edge {
    base: String,
    key: SigningKey,
    client: reqwest::Client,
    count: AtomicU8,
}

/// A request that the edge could make, and the ways in which a stranger's differs.
struct SignedRequest<'a> {
    method: &'a str,
    path: &'a str,
    signed_path: &'a str,
    body: Vec<u8>,
    signed_body: Vec<u8>,
    flow: Option<&'a str>,
    signed_flow: Option<&'a str>,
    node: u8,
    direction: Direction,
    time: UnixMillis,
    id: Option<[u8; 16]>,
}

impl<'a> SignedRequest<'a> {
    fn post(path: &'a str, flow: Option<&'a str>, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("JSON");
        Self {
            method: "POST",
            path,
            signed_path: path,
            signed_body: body.clone(),
            body,
            flow,
            signed_flow: flow,
            node: 3,
            direction: Direction::EdgeToOrigin,
            time: NOW,
            id: None,
        }
    }
}

fn inbox(env: &TestEnv) -> Arc<Inbox> {
    let codes = ChannelCodes {
        store: env.store.clone(),
        vault: Arc::new(crate::vault::Vault::new(&[])),
        clock: env.clock.clone(),
        random: Arc::new(SystemRandom),
    };
    let domain = Some("codes.example".to_owned());
    let authentication = MailAuthentication::new(None);
    let answers_none = FollowsLinks {
        providers: Vec::new(),
        browser: browser::BrowserConfig::default(),
    };
    Arc::new(Inbox::new(
        codes,
        authentication,
        Arc::new(answers_none),
        domain,
        Vec::new(),
    ))
}

impl Edge {
    async fn of(env: &TestEnv, host: Option<&str>) -> Self {
        let key = SigningKey::new(&[9; 32]);
        let door = EdgeDoor::new(
            3,
            env.flows.clone(),
            CodePages {
                store: env.store.clone(),
                token_keys: Arc::new(ring()),
                clock: env.clock.clone(),
                random: Arc::new(SystemRandom),
                sign_in_again: Arc::new(|_, _, _| Err(StoreError::Corrupt { column: "unused" })),
            },
            inbox(env),
            key.clone(),
            host.map(str::to_owned),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router(door)).await });
        Self {
            base: format!("http://{address}"),
            key,
            client: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(20))
                .build()
                .expect("a client"),
            count: AtomicU8::new(0),
        }
    }

    fn request(&self, call: &SignedRequest<'_>) -> RequestBuilder {
        let client = "203.0.113.7";
        let message = Message {
            direction: call.direction,
            node: call.node,
            method: call.method,
            path_and_query: call.signed_path,
            body: &call.signed_body,
            client: Some(client),
            flow: call.signed_flow,
            ticket: None,
            websocket_key: None,
        };
        let fresh = [self.count.fetch_add(1, Ordering::Relaxed); 16];
        let stamp = Stamp {
            time: call.time,
            id: call.id.unwrap_or(fresh),
        };
        let headers = sign(&self.key, &message, &stamp);
        let method = call.method.parse().expect("a method");
        let mut request = self
            .client
            .request(method, format!("{}{}", self.base, call.path));
        for (name, value) in headers.pairs() {
            request = request.header(name, value);
        }
        if let Some(flow) = call.flow {
            request = request.header(FLOW_HEADER, flow);
        }
        request
            .header(CLIENT_HEADER, client)
            .body(call.body.clone())
    }

    async fn send(&self, call: &SignedRequest<'_>) -> Response {
        self.request(call).send().await.expect("an answer")
    }

    async fn start(&self, start: &StartFlow) -> Response {
        self.send(&SignedRequest::post("/edge/flow/start", None, start))
            .await
    }
}

/// 401, and not a word more.
async fn is_unauthorized(answer: Response) {
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.text().await.expect("a body"), "");
}

#[tokio::test]
async fn start_view_and_act_answer_the_flow() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, None).await;
    let link = env.link(None).await;
    let answer = edge.start(&env.start_of(&link.token, PROVIDER)).await;
    assert_eq!(answer.status(), 201);
    let flow: StartedFlow = answer.json().await.expect("a flow");
    let secret = Some(flow.secret.as_str());
    let answer = edge
        .send(&SignedRequest::post("/edge/flow/view", secret, &()))
        .await;
    let view: FlowView = answer.json().await.expect("a view");
    assert_eq!(view.flow_ref, flow.flow_ref);
    let answer = edge
        .send(&SignedRequest::post(
            "/edge/flow/act",
            secret,
            &FlowAction::ChangeProvider,
        ))
        .await;
    let view: FlowView = answer.json().await.expect("a view");
    assert!(matches!(view.step, StepView::Provider(_)));
    let answer = edge
        .send(&SignedRequest::post("/edge/flow/ticket", secret, &()))
        .await;
    assert_eq!(answer.status(), 409, "PROVIDER has no live view");
    let answer = edge
        .send(&SignedRequest::post(
            "/edge/flow/act",
            secret,
            &FlowAction::Leave,
        ))
        .await;
    assert_eq!(answer.status(), 200, "it is shown a last time");
    let answer = edge
        .send(&SignedRequest::post("/edge/flow/view", secret, &()))
        .await;
    assert_eq!(answer.status(), 404);
    let kind = answer.headers().get("content-type").expect("a type");
    assert_eq!(kind, "application/problem+json");
}

#[tokio::test]
async fn each_refusal_has_its_own_status() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let edge = Edge::of(&env, None).await;
    let answer = edge.start(&env.start_of("forged", PROVIDER)).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(
        answer.json::<Refusal>().await.expect("a refusal"),
        Refusal::Invalid
    );
    let link = env.link(None).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        let flow = env.start(&link, &website.url("/login")).await;
        sessions.push(env.viewer_session(&flow).await);
    }
    let answer = edge.start(&env.start_of(&link.token, PROVIDER)).await;
    assert_eq!(answer.status(), 409);
    assert_eq!(
        answer.json::<Refusal>().await.expect("a refusal"),
        Refusal::Busy
    );
    let answer = edge
        .send(&SignedRequest::post(
            "/edge/flow/start",
            None,
            &"not a start",
        ))
        .await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn unsigned_and_altered_requests_get_401_without_a_body() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, None).await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let secret = Some(flow.secret.as_str());
    let view = || SignedRequest::post("/edge/flow/view", secret, &());
    assert_eq!(
        edge.send(&view()).await.status(),
        200,
        "signed as it should be"
    );

    let leave = serde_json::to_vec(&FlowAction::Leave).expect("JSON");
    let long_ago = NOW.plus(-61_000);
    type Change = Box<dyn Fn(&mut SignedRequest<'_>)>;
    let changes: Vec<(&str, Change)> = vec![
        (
            "another path",
            Box::new(|k| k.signed_path = "/edge/flow/ticket"),
        ),
        (
            "another query",
            Box::new(|k| k.path = "/edge/flow/view?x=1"),
        ),
        ("another body", Box::new(move |k| k.body.clone_from(&leave))),
        (
            "another flow",
            Box::new(|k| k.signed_flow = Some("AAAAAAAAAAAAAAAAAAAAAAA")),
        ),
        ("another node", Box::new(|k| k.node = 4)),
        (
            "the other direction",
            Box::new(|k| k.direction = Direction::OriginToEdge),
        ),
        ("too old", Box::new(move |k| k.time = long_ago)),
        ("too large", Box::new(|k| k.body = vec![b' '; 300 * 1024])),
    ];
    for (what, change) in changes {
        let mut call = view();
        change(&mut call);
        println!("{what}");
        is_unauthorized(edge.send(&call).await).await;
    }
    let plain = edge.client.post(format!("{}/edge/flow/view", edge.base));
    is_unauthorized(plain.send().await.expect("an answer")).await;
    for path in ["/", "/edge/brand", "/edge/flow/live", "/nowhere"] {
        let plain = edge.client.get(format!("{}{path}", edge.base));
        is_unauthorized(plain.send().await.expect("an answer")).await;
    }
    let twice = edge
        .request(&view())
        .header(TICKET_HEADER, "a")
        .header(TICKET_HEADER, "b");
    is_unauthorized(twice.send().await.expect("an answer")).await;
}

#[tokio::test]
async fn a_replayed_request_is_refused() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, None).await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let mut call = SignedRequest::post("/edge/flow/view", Some(&flow.secret), &());
    call.id = Some([200; 16]);
    assert_eq!(edge.send(&call).await.status(), 200);
    is_unauthorized(edge.send(&call).await).await;
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, Some("door.example")).await;
    let query = BrandQuery {
        public_company_id: env.public_company,
    };
    let call = SignedRequest::post("/edge/brand", None, &query);
    is_unauthorized(edge.send(&call).await).await;
    let named = edge.request(&call).header("host", "door.example");
    let answer = named.send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "let in");
    // An organization that has set none is shown by its name.
    let brand: Brand = answer.json().await.expect("a brand");
    assert!(!brand.name.is_empty() && brand.logo.is_none());
}

#[tokio::test]
async fn the_live_view_needs_an_upgrade_and_a_ticket() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, None).await;
    let flow = env.start(&env.link(None).await, PROVIDER).await;
    let mut call = SignedRequest::post("/edge/flow/live", Some(&flow.secret), &());
    call.method = "GET";
    let answer = edge.send(&call).await;
    assert!(answer.status().is_client_error(), "{}", answer.status());
    assert_ne!(
        answer.status(),
        401,
        "let in, but there is nothing to upgrade"
    );
}

#[tokio::test]
async fn the_proof_is_a_stream_for_a_flow_that_has_one() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let edge = Edge::of(&env, None).await;
    let flow = env.at_sites(&env.link(None).await, &website).await;
    let mut call = SignedRequest::post("/edge/flow/progress", Some(&flow.secret), &());
    call.method = "GET";
    assert_eq!(edge.send(&call).await.status(), 204, "nothing to wait for");
    env.act(&flow, env.pick()).await;
    let mut answer = edge.send(&call).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let chunk = answer
        .chunk()
        .await
        .expect("an open line")
        .expect("an event");
    let event = String::from_utf8(chunk.to_vec()).expect("text");
    let lines: Vec<&str> = event.lines().collect();
    assert!(lines.contains(&"data: {\"state\":\"WAITING\"}"), "{event}");
    assert!(lines.contains(&"retry: 3000"), "{event}");
    env.flows.stop().await;
    assert_eq!(answer.chunk().await.expect("a good end"), None);

    let mut call = SignedRequest::post("/edge/flow/progress", Some("unknown"), &());
    call.method = "GET";
    assert_eq!(edge.send(&call).await.status(), 404);
}

#[tokio::test]
async fn a_mail_is_taken_for_addresses_that_somebody_has() {
    let env = TestEnv::without_browser().await;
    let edge = Edge::of(&env, None).await;
    let mail = shared::inbound_mail::InboundMail {
        recipient: "nobody@codes.example".into(),
        // Longer than any other body.
        raw: "QUJD".repeat(200_000),
    };
    let call = SignedRequest::post("/edge/mail", None, &mail);
    assert_eq!(edge.send(&call).await.status(), 404, "let in");
    let call = SignedRequest::post("/edge/code/view", None, &mail);
    is_unauthorized(edge.send(&call).await).await;
}
