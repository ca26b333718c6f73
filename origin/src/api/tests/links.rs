//! Links by the API.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::put,
};
use serde_json::{Value, json};
use shared::{
    id::{LinkId, SiteId},
    signing::{
        Direction, ID_HEADER, Message, NODE_HEADER, Proof, SIGNATURE_HEADER, SigningKey,
        TIME_HEADER, verify,
    },
    status::LinkKind,
    wire::BrandPush,
};

use super::{
    TestApp,
    app::{EDGE_KEY, wrong_fields},
};
use crate::store::testing::{NOW, fresh};

#[tokio::test]
async fn a_full_link_comes_back_and_its_url_opens() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let site = organization.client.site.id.to_string();
    let body = json!({
        "url": "utility.example/login", "country": "gb", "initialSites": [site],
        "utilityTypes": ["GAS", "ELECTRICITY"], "connectionOwnerEmail": "owner@client.example",
        "dataCollectionStartDate": "2025-01-01", "expiresInSeconds": 60,
        "redirectUrl": "https://acme.example/done", "externalId": "7", "locale": "en",
    });
    let made = organization.make_link(body).await;
    assert_eq!(
        (&made["type"], &made["status"]),
        (&json!("COMPANY"), &json!("ACTIVE"))
    );
    assert_eq!(
        made["companyId"],
        organization.client.company.id.to_string()
    );
    assert_eq!(
        made["publicCompanyId"],
        organization.public_company().to_string()
    );
    assert_eq!(
        (&made["connectionId"], &made["useCount"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(
        (&made["createdAt"], &made["expiresAt"]),
        (
            &json!("2025-10-09T08:53:20Z"),
            &json!("2025-10-09T08:54:20Z")
        )
    );
    assert_eq!(
        made["prefill"],
        json!({
            "url": "https://utility.example/login", "country": "GB", "initialSites": [site],
            "utilityTypes": ["GAS", "ELECTRICITY"], "connectionOwnerEmail": "owner@client.example",
            "dataCollectionStartDate": "2025-01-01", "redirectUrl": "https://acme.example/done",
            "externalId": "7", "locale": "en",
        })
    );

    let token = made["companyMagicLinkSecret"].as_str().expect("a token");
    let public = organization.public_company();
    assert_eq!(
        made["magicLinkUrl"],
        format!("https://connect.example.com/p/connect/{public}/{token}")
    );
    let claims = shared::token::open(&app.keys, LinkKind::Company, &public, token).expect("opens");
    assert_eq!(claims.link.to_string(), made["id"].as_str().expect("an id"));
    assert_eq!(claims.expires, Some(NOW.plus(60_000)));
    assert_eq!(
        claims.provider.map(|url| url.to_string()).as_deref(),
        Some("https://utility.example/login")
    );

    let path = format!("/v2.2/link/{}", claims.link);
    let (status, mut again) = organization.get(&path).await;
    let events = again.as_object_mut().and_then(|link| link.remove("events"));
    assert_eq!((status, &again), (200, &made), "the same URL again");
    assert_eq!(
        events,
        Some(
            json!([{ "type": "CREATED", "at": "2025-10-09T08:53:20Z", "flowRef": null, "detail": null }])
        )
    );
    app.clock.advance(60_000);
    assert_eq!(organization.get(&path).await.1["status"], "EXPIRED");
}

#[tokio::test]
async fn an_empty_link_needs_nothing() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (status, made) = organization
        .send(reqwest::Method::POST, &organization.links_path(), None)
        .await;
    assert_eq!(status, 201, "no body at all");
    assert_eq!(
        (&made["expiresAt"], &made["prefill"]["url"]),
        (&Value::Null, &Value::Null)
    );
    organization
        .make_link(json!({ "url": null, "utilityTypes": null }))
        .await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let post = async |body: Value| organization.post(&organization.links_path(), body).await;
    let answer = post(json!({
        "url": "ftp://x", "country": "UK", "initialSites": ["x", 5, other.client.site.id],
        "utilityTypes": ["BEER", "GAS", "GAS"],
        "connectionOwnerEmail": "me", "dataCollectionStartDate": "2025-02-30",
        "expiresInSeconds": 59, "redirectUrl": "http://acme.example", "externalId": "a\nb",
        "locale": "en_GB", "expiresInSecond": 1,
    }))
    .await;
    let mut fields = wrong_fields(&answer);
    fields.sort();
    assert_eq!(
        fields,
        [
            "connectionOwnerEmail",
            "country",
            "dataCollectionStartDate",
            "expiresInSecond",
            "expiresInSeconds",
            "externalId",
            "initialSites[0]",
            "initialSites[1]",
            "initialSites[2]",
            "locale",
            "redirectUrl",
            "url",
            "utilityTypes[0]",
            "utilityTypes[2]",
        ]
    );
    let strangers = json!({ "initialSites": [organization.client.site.id, other.client.site.id, SiteId::from_random(fresh())] });
    assert_eq!(
        wrong_fields(&post(strangers).await),
        ["initialSites[1]", "initialSites[2]"]
    );
    assert_eq!(
        wrong_fields(&post(json!({ "datasourceId": "x" })).await),
        ["datasourceId"]
    );
    assert_eq!(
        wrong_fields(&post(json!({ "datasourceId": "x", "url": "a.example" })).await),
        ["datasourceId"]
    );
    for wrong in [
        json!(59.5),
        json!("60"),
        json!(1e30),
        json!(true),
        json!(-60),
    ] {
        let answer = post(json!({ "expiresInSeconds": wrong })).await;
        assert_eq!(wrong_fields(&answer), ["expiresInSeconds"], "{wrong}");
    }
    assert_eq!(app.test.rows("links").await, 2, "those of the fixture");
}

#[tokio::test]
async fn a_provider_url_that_fits_no_link_names_the_longest() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let base = "https://connect.example.com".parse().expect("an address");
    let max = crate::link_url::max_provider_len(&base);
    let url = |length: usize| {
        format!(
            "https://utility.example/{}",
            "x".repeat(length - "utility.example/".len())
        )
    };
    let body =
        |url: String| json!({ "url": url, "country": "GB", "expiresInSeconds": 315_360_000 });
    let made = organization.make_link(body(url(max))).await;
    assert!(
        made["magicLinkUrl"]
            .as_str()
            .is_some_and(|url| url.len() <= 300),
        "{made}"
    );
    let answer = organization
        .post(&organization.links_path(), body(url(300)))
        .await;
    assert_eq!(wrong_fields(&answer), ["url"]);
    let detail = answer.1["errors"][0]["detail"]
        .as_str()
        .expect("a sentence");
    assert!(
        detail.contains(&format!("at most {max} characters")),
        "{detail}"
    );
}

#[tokio::test]
async fn links_are_listed_newest_first_in_pages() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = format!("/v2.2/link/company/{}", organization.client.company.id);
    let mut ids = vec![organization.link_id().to_string()];
    for _ in 0..2 {
        app.clock.advance(1000);
        let made = organization.make_link(json!({})).await;
        ids.insert(0, made["id"].as_str().expect("an id").to_owned());
    }
    let (_, all) = organization.get(&path).await;
    let listed: Vec<_> = all["links"]
        .as_array()
        .expect("links")
        .iter()
        .map(|link| link["id"].clone())
        .collect();
    assert_eq!(listed, ids);
    let (_, second) = organization.get(&format!("{path}?limit=2&page=2")).await;
    let expected = json!({ "totalLinks": 3, "perPage": 2, "totalPages": 2, "currentPage": 2, "hasNext": false, "hasPrevious": true });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&second[name], value, "{name}");
    }
    assert_eq!(second["links"].as_array().map(Vec::len), Some(1));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("size=3", "size"),
        ("page=1&page=2", "page"),
    ] {
        assert_eq!(
            wrong_fields(&organization.get(&format!("{path}?{query}")).await),
            [field],
            "{query}"
        );
    }
}

#[tokio::test]
async fn revoking_ends_a_link_unless_it_was_used() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization.make_link(json!({})).await;
    let path = format!("/v2.2/link/{}/revoke", made["id"].as_str().expect("an id"));
    for _ in 0..2 {
        let (status, revoked) = organization.post(&path, json!({})).await;
        assert_eq!((status, &revoked["status"]), (200, &json!("REVOKED")));
    }
    organization.connect(&app).await;
    let used = format!("/v2.2/link/{}", organization.link_id());
    assert_eq!(
        organization
            .post(&format!("{used}/revoke"), json!({}))
            .await
            .0,
        409
    );
    let (_, link) = organization.get(&used).await;
    assert_eq!(
        (&link["status"], &link["useCount"]),
        (&json!("FULFILLED"), &json!(1))
    );
    assert_eq!(link["createdConnections"][0]["status"], "PENDING");
    assert_eq!(
        link["createdConnections"][0]["datasourceName"],
        "utility.example"
    );
    let nobody = LinkId::from_random(fresh());
    assert_eq!(
        organization
            .post(&format!("/v2.2/link/{nobody}/revoke"), json!({}))
            .await
            .0,
        404
    );
}

type Pushed = Arc<Mutex<Vec<BrandPush>>>;

/// An edge that believes what the origin signed, and nothing else.
async fn take_brand(State(pushed): State<Pushed>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let message = Message {
        direction: Direction::OriginToEdge,
        node: header(NODE_HEADER).parse().expect("a node"),
        method: "PUT",
        path_and_query: "/p/brand",
        body: &body,
        client: None,
        flow: None,
        ticket: None,
        websocket_key: None,
    };
    let proof = Proof {
        signature: header(SIGNATURE_HEADER),
        time: header(TIME_HEADER),
        id: header(ID_HEADER),
    };
    if verify(&SigningKey::new(&EDGE_KEY), &message, &proof, NOW).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let push = serde_json::from_slice(&body).expect("a brand");
    pushed.lock().expect("no panic").push(push);
    StatusCode::NO_CONTENT
}

#[tokio::test]
async fn the_brand_is_at_the_edge_before_the_link_is_known() {
    let pushed = Pushed::default();
    let edge = Router::new()
        .route("/p/brand", put(take_brand))
        .with_state(pushed.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let server = tokio::spawn(async move { axum::serve(listener, edge).await });

    let app = TestApp::builder().edge(&base).start().await;
    let organization = app.organization().await;
    organization.make_link(json!({})).await;
    assert!(
        pushed.lock().expect("no panic").is_empty(),
        "no brand, nothing to push"
    );
    let brand: shared::brand::Brand = serde_json::from_value(
        json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff" }),
    )
    .expect("a brand");
    app.test
        .store
        .tx("test", |tx| {
            Box::pin(tx.set_brand(organization.id, &brand, NOW))
        })
        .await
        .expect("set");
    organization.make_link(json!({})).await;
    {
        let pushed = pushed.lock().expect("no panic");
        let [push] = pushed.as_slice() else {
            panic!("one push")
        };
        assert_eq!(
            (push.public_company_id, &push.brand),
            (organization.public_company(), &brand)
        );
    }
    // An edge that is gone stops no link.
    server.abort();
    assert!(server.await.is_err());
    organization.make_link(json!({})).await;
}
