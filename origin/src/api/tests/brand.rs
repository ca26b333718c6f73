//! The brand: set, read, and brought to the edge by a job.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{Json, Router, http::StatusCode, routing::put};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{signing::SigningKey, wire::BrandPush};

use super::{
    TestApp,
    app::{EDGE_KEY, wrong_fields},
};
use crate::{
    brand_push::PushBrand,
    clock::{Clock as _, TestRandom},
    edge_push::EdgePush,
    jobs::{Context, Ended, Kind as _, WaitingRuns},
    store::jobs::KnownKind,
};

const PATH: &str = "/v2.2/brand";

#[tokio::test]
async fn a_brand_is_set_and_queued_for_the_edge() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let set = async |body: Value| organization.send(Method::PUT, PATH, Some(body)).await;
    assert_eq!(organization.get(PATH).await.0, 404);

    let brand = json!({
        "name": "Harbor", "logo": null, "accent": "#0b5fff", "onAccent": "#ffffff", "font": null,
        "supportEmail": "help@harbor.example", "frameAncestors": ["https://portal.harbor.example"],
    });
    assert_eq!(set(brand.clone()).await, (200, brand.clone()));
    assert_eq!(organization.get(PATH).await, (200, brand));
    assert_eq!(other.get(PATH).await.0, 404, "it is another's");

    let wrong = json!({
        "name": "", "accent": "blue", "supportEmail": "x", "logo": "https://a.example/logo.png", "more": 1,
    });
    let mut fields = wrong_fields(&set(wrong).await);
    fields.sort();
    assert_eq!(
        fields,
        ["accent", "more", "name", "onAccent", "supportEmail"]
    );
    let unreadable = json!({
        "name": "Harbor", "accent": "#ffffff", "onAccent": "#fefefe", "logo": "https://a.example/logo.png",
        "frameAncestors": ["http://a.example"],
    });
    let mut fields = wrong_fields(&set(unreadable).await);
    fields.sort();
    assert_eq!(fields, ["frameAncestors", "logo", "onAccent"]);
}

#[tokio::test]
async fn a_brand_is_brought_to_the_edge_when_it_answers() {
    let pushed = Arc::new(Mutex::new(Vec::new()));
    let is_away = Arc::new(AtomicBool::new(true));
    let (taken, away) = (Arc::clone(&pushed), Arc::clone(&is_away));
    let edge = Router::new().route(
        "/p/brand",
        put(async move |Json(push): Json<BrandPush>| {
            if away.load(Ordering::Relaxed) {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            let one = (push.public_company_id, push.brand.name);
            taken.lock().expect("no panic").push(one);
            StatusCode::NO_CONTENT
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0");
    let listener = listener.await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let server = tokio::spawn(async move { axum::serve(listener, edge).await });

    let app = TestApp::builder().edge(&base).start().await;
    let organization = app.organization().await;
    let brand = json!({ "name": "Harbor", "accent": "#0b5fff", "onAccent": "#ffffff" });
    let set = organization.send(Method::PUT, PATH, Some(brand)).await;
    assert_eq!(set.0, 200);
    // Who sets a brand does not wait for the edge.
    let ran = run_push(&app, &base).await;
    assert!(
        matches!(ran, Ended::Retry(at) if at > app.clock.now()),
        "{ran:?}"
    );
    assert!(pushed.lock().expect("no panic").is_empty());

    is_away.store(false, Ordering::Relaxed);
    app.clock.advance(60_000);
    assert_eq!(run_push(&app, &base).await, Ended::Done);
    let wanted = (organization.public_company(), "Harbor".to_owned());
    assert_eq!(*pushed.lock().expect("no panic"), [wanted]);
    server.abort();
}

/// Runs the job that waits, with the edge there.
async fn run_push(app: &TestApp, edge: &str) -> Ended {
    let now = app.clock.now();
    let kinds = [KnownKind {
        name: PushBrand::NAME,
        version: PushBrand::VERSION,
    }];
    let claimed = app
        .test
        .store
        .tx("test", |tx| Box::pin(tx.claim_job(&kinds, now, 1, "node")));
    let job = claimed.await.expect("the store").expect("a job");
    let payload = serde_json::from_str(&job.payload).expect("its payload");
    let (clock, random) = (app.clock.clone(), Arc::new(TestRandom::default()));
    let base = edge.parse().expect("an address");
    let key = SigningKey::new(&EDGE_KEY);
    let push = PushBrand {
        store: app.test.store.clone(),
        clock: clock.clone(),
        edge: Arc::new(EdgePush::new(&base, 4, key, clock, random).expect("a client")),
    };
    let context = Context::new(job, WaitingRuns::default());
    push.run(&context, payload).await.expect("a run")
}
