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
    let listed = json!({ "origins": ["https://acme.example"] });
    let listing = organization.send(reqwest::Method::PUT, "/v2.2/redirect-origins", Some(listed));
    assert_eq!(listing.await.0, 200);
    let body = json!({
        "url": "utility.example/login", "country": "gb", "initialSites": [site],
        "utilityTypes": ["GAS", "ELECTRICITY"], "connectionOwnerEmail": "owner@client.example",
        "dataCollectionStartDate": "2025-01-01", "expiresInSeconds": 60,
        "redirectUrl": "https://acme.example/done", "externalId": "7", "locale": "en",
        "maxUses": 3,
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
        (&made["connectionId"], &made["useCount"], &made["maxUses"]),
        (&Value::Null, &json!(0), &json!(3))
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
        (
            &made["expiresAt"],
            &made["prefill"]["url"],
            &made["maxUses"]
        ),
        (&Value::Null, &Value::Null, &json!(1))
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
        "locale": "en_GB", "expiresInSecond": 1, "maxUses": 101,
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
            "maxUses",
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
    let too_long = json!({ "reason": "x".repeat(501) });
    assert_eq!(
        wrong_fields(&organization.post(&path, too_long).await),
        ["reason"]
    );
    for body in [
        json!({ "reason": "Sent to the wrong address." }),
        json!({ "reason": "Another one." }),
    ] {
        let (status, revoked) = organization.post(&path, body).await;
        assert_eq!((status, &revoked["status"]), (200, &json!("REVOKED")));
        assert_eq!(revoked["revokedReason"], "Sent to the wrong address.");
    }
    let log = organization.get(path.trim_end_matches("/revoke")).await.1;
    assert_eq!(log["events"][1]["detail"], "Sent to the wrong address.");
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

#[tokio::test]
async fn an_extended_link_has_another_url_and_the_old_one_keeps_its_end() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization
        .make_link(json!({ "expiresInSeconds": 60 }))
        .await;
    let link = format!("/v2.2/link/{}", made["id"].as_str().expect("an id"));
    let extend = async |seconds: Value| {
        let body = json!({ "expiresInSeconds": seconds });
        organization.post(&format!("{link}/extend"), body).await
    };
    for wrong in [json!(60), json!(59), json!(null), json!("90")] {
        let answer = extend(wrong.clone()).await;
        assert_eq!(wrong_fields(&answer), ["expiresInSeconds"], "{wrong}");
    }
    let (status, extended) = extend(json!(3600)).await;
    assert_eq!(
        (status, &extended["expiresAt"], &extended["status"]),
        (200, &json!("2025-10-09T09:53:20Z"), &json!("ACTIVE"))
    );
    let end = |answer: &Value| {
        let token = answer["companyMagicLinkSecret"].as_str().expect("a token");
        let company = organization.public_company();
        let claims = shared::token::open(&app.keys, LinkKind::Company, &company, token);
        claims.expect("opens").expires
    };
    assert_ne!(made["magicLinkUrl"], extended["magicLinkUrl"]);
    assert_eq!(end(&made), Some(NOW.plus(60_000)));
    assert_eq!(end(&extended), Some(NOW.plus(3_600_000)));
    let (_, read) = organization.get(&link).await;
    assert_eq!(read["magicLinkUrl"], extended["magicLinkUrl"]);
    assert_eq!(read["events"][1]["type"], "EXTENDED");

    // What ran out is opened again by its new URL.
    app.clock.advance(3_600_000);
    assert_eq!(organization.get(&link).await.1["status"], "EXPIRED");
    assert_eq!(extend(json!(60)).await.1["status"], "ACTIVE");

    let endless = format!("/v2.2/link/{}/extend", organization.link_id());
    let body = json!({ "expiresInSeconds": 60 });
    assert_eq!(organization.post(&endless, body.clone()).await.0, 409);
    organization.connect(&app).await;
    assert_eq!(organization.post(&endless, body).await.0, 409, "used");
    organization
        .post(&format!("{link}/revoke"), json!({}))
        .await;
    assert_eq!(extend(json!(3600)).await.0, 409, "revoked");
}

#[tokio::test]
async fn a_list_of_links_is_narrowed_by_its_query() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    organization.connect(&app).await;
    let made = organization
        .make_link(json!({ "externalId": "8 a", "connectionOwnerEmail": "else@client.example" }))
        .await;
    let path = format!("/v2.2/link/company/{}", organization.client.company.id);
    for (query, total) in [
        ("status=ACTIVE,FULFILLED", 2),
        ("status=ACTIVE", 1),
        ("type=CONNECTION_UPDATE", 0),
        ("type=COMPANY&externalId=8+a", 1),
        ("connectionOwnerEmail=else@client.example", 1),
    ] {
        let (_, found) = organization.get(&format!("{path}?{query}")).await;
        assert_eq!(found["totalLinks"], total, "{query}");
        if total == 1 {
            assert_eq!(found["links"][0]["id"], made["id"], "{query}");
        }
    }
    let wrong = organization
        .get(&format!("{path}?status=USED&type=company"))
        .await;
    assert_eq!(wrong_fields(&wrong), ["status[0]", "type"]);
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
    organization.make_link(json!({})).await;
    assert_eq!(pushed.lock().expect("no panic").len(), 1, "it is there");
    // An edge that is gone stops no link: neither of a company whose brand it has, nor of a new one.
    server.abort();
    assert!(server.await.is_err());
    organization.make_link(json!({})).await;
    let new = json!({ "name": "Red Bakery" });
    let (_, company) = organization.post("/v2.2/company", new).await;
    let id = company["id"].as_str().expect("an id");
    let path = format!("/v2.2/connection/company/{id}/link");
    assert_eq!(organization.post(&path, json!({})).await.0, 201);
}
