//! Changes of a connection by the API, collections out of turn, and its end.

use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    id::{CollectionId, ConnectionId, FlowRef, LinkId},
    status::ConnectionStatus,
    time::UnixMillis,
};

use super::{
    Organization, TestApp,
    app::{Answer, read, wrong_fields},
};
use crate::{
    clock::Clock as _,
    store::{
        collections::CollectionOutcome,
        connections::FoundStatus,
        jobs::Job,
        proposed_credentials::{Renewal, RenewalInput},
        testing::{KINDS, NOW, end_run, fresh},
    },
};

const WEEK_MS: i64 = 7 * 24 * 3_600_000;

/// A client's connection that can be changed.
struct Scene {
    app: TestApp,
    owner: Organization,
    id: ConnectionId,
    path: String,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let owner = app.organization().await;
        let (id, _) = owner.connect(&app).await;
        // Its first collection is due.
        app.clock.advance(1000);
        let path = format!("/v2.2/connection/{id}");
        Self {
            app,
            owner,
            id,
            path,
        }
    }

    async fn patch(&self, body: Value) -> Answer {
        let body = Some(body);
        self.owner.send(Method::PATCH, &self.path, body).await
    }

    async fn switch(&self, to: bool) -> Value {
        let (status, changed) = self.patch(json!({ "isActive": to })).await;
        assert_eq!(status, 200, "{changed}");
        changed
    }

    async fn collect(&self) -> Answer {
        let path = format!("{}/collect", self.path);
        self.owner.send(Method::POST, &path, None).await
    }

    async fn claim(&self) -> Option<Job> {
        let now = self.app.clock.now();
        let claimed = self.app.test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&KINDS, now, 60_000, "w"))
        });
        claimed.await.expect("claimed")
    }

    /// Runs the due collection, which finds this.
    async fn run(&self, status: ConnectionStatus) {
        let job = self.claim().await.expect("a job is due");
        let now = self.app.clock.now();
        let run = CollectionOutcome {
            id: CollectionId::from_random(fresh()),
            found: FoundStatus {
                status,
                detail: None,
                error_detail: Some("Wrong password.".into()),
            },
            bills_found: 0,
            bills_new: 0,
            held_requests: 0,
            unproven: None,
            next_at: (!status.refuses_sign_in()).then(|| now.plus(WEEK_MS)),
            now,
        };
        let (company, id, job, run) = (self.owner.client.company.id, self.id, &job, &run);
        let ended = self.app.test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.start_collection(company, id, run.id, now).await?;
                end_run(tx, job, id, run).await
            })
        });
        assert!(ended.await.expect("ended"));
    }

    async fn set_lockout(&self, until: UnixMillis) {
        let company = self.owner.client.company.id;
        let set = self.app.test.store.tx("test", |tx| {
            Box::pin(tx.set_lockout(company, self.id, until))
        });
        set.await.expect("set");
    }
}

#[tokio::test]
async fn settings_are_changed_and_only_as_the_caller_knows_them() {
    let scene = Scene::start().await;
    let other = scene.app.organization().await;
    let patch = async |tag: &str, body: Value| {
        let request = scene.owner.request(Method::PATCH, &scene.path).json(&body);
        let answer = request.header("If-Match", tag).send().await;
        let answer = answer.expect("an answer");
        let tag = answer.headers().get("etag").cloned();
        (read(answer).await, tag)
    };
    let shown = scene.owner.request(Method::GET, &scene.path).send().await;
    let tag = shown.expect("an answer").headers()["etag"].clone();
    let tag = tag.to_str().expect("text");
    let body = json!({
        "externalId": null, "connectionOwnerEmail": "new@client.example", "utilityTypes": ["GAS", "WATER"],
        "initialSites": [], "dataCollectionStartDate": "2024-06-01",
    });
    let ((status, changed), new_tag) = patch(tag, body).await;
    assert_eq!(status, 200, "{changed}");
    for (name, value) in [
        ("externalId", json!(null)),
        ("workflowOwnerEmail", json!("new@client.example")),
        ("utilityTypes", json!(["GAS", "WATER"])),
        ("initialSites", json!([])),
        ("dataCollectionStartDate", json!("2024-06-01")),
        ("isActive", json!(true)),
        ("nextCollectionAt", json!("2025-10-09T08:53:21Z")),
    ] {
        assert_eq!(changed[name], value, "{name}");
    }
    assert_eq!(scene.owner.get(&scene.path).await.1, changed);
    assert_ne!(new_tag.expect("a tag").to_str().expect("text"), tag);
    let stale = patch(tag, json!({ "isActive": false })).await.0;
    assert_eq!(stale.0, 412, "{}", stale.1);
    let left_out = scene.patch(json!({})).await.1;
    assert_eq!(left_out, changed, "what is left out stays");
    let types = json!({ "utilityTypes": ["WATER", "GAS"] });
    let in_other_order = scene.patch(types).await.1;
    assert_eq!(in_other_order, changed);

    let cleared = json!({ "connectionOwnerEmail": null, "dataCollectionStartDate": null });
    let (_, cleared) = scene.patch(cleared).await;
    assert_eq!(cleared["workflowOwnerEmail"], Value::Null);
    assert_eq!(cleared["dataCollectionStartDate"], Value::Null);

    let wrong = json!({
        "isActive": null, "initialSites": [other.client.site.id], "utilityTypes": ["BEER"], "status": "CONNECTED",
        "connectionOwnerEmail": "nobody", "dataCollectionStartDate": "2024-13-01", "externalId": "",
    });
    let mut wrong = wrong_fields(&scene.patch(wrong).await);
    wrong.sort();
    let every = [
        "connectionOwnerEmail",
        "dataCollectionStartDate",
        "externalId",
        "initialSites[0]",
        "isActive",
        "status",
        "utilityTypes[0]",
    ];
    assert_eq!(wrong, every);
    let mut nulls = wrong_fields(
        &scene
            .patch(json!({ "initialSites": null, "utilityTypes": null }))
            .await,
    );
    nulls.sort();
    assert_eq!(nulls, ["initialSites", "utilityTypes"]);
}

#[tokio::test]
async fn who_is_switched_off_is_not_collected_until_they_are_on_again() {
    let scene = Scene::start().await;
    let listed = async |status: &str| {
        let company = scene.owner.client.company.id;
        let path = format!("/v2.2/connection/company/{company}?status={status}");
        scene.owner.get(&path).await.1["totalConnections"].clone()
    };
    let off = scene.switch(false).await;
    let expected = json!({
        "isActive": false, "status": "COMPANY_INACTIVE", "statusFirstSeenTime": "2025-10-09T08:53:21Z",
        "isCustomerActionRequired": false, "nextCollectionAt": null,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&off[name], value, "{name}");
    }
    assert_eq!(listed("COMPANY_INACTIVE").await, json!(1));
    assert_eq!(listed("PENDING").await, json!(0));
    let (_, link) = scene
        .owner
        .get(&format!("/v2.2/link/{}", scene.owner.link_id()))
        .await;
    let made = &link["createdConnections"][0];
    assert_eq!(made["status"], "COMPANY_INACTIVE");
    assert!(scene.claim().await.is_none(), "its job is gone");
    assert_eq!(scene.collect().await.0, 409);
    scene.app.clock.advance(60_000);
    assert_eq!(scene.switch(false).await, off, "it is off already");

    let on = scene.switch(true).await;
    assert_eq!(on["status"], "PENDING");
    assert_eq!(on["nextCollectionAt"], "2025-10-09T08:54:21Z");
    scene.app.clock.advance(60_000);
    assert_eq!(scene.switch(true).await, on, "it is on already");
    scene.run(ConnectionStatus::Connected).await;

    // A password that must rest is waited for.
    let until = scene.app.clock.now().plus(90_000);
    scene.set_lockout(until).await;
    scene.switch(false).await;
    let on = scene.switch(true).await;
    assert_eq!(on["nextCollectionAt"], "2025-10-09T08:56:51Z");
}

#[tokio::test]
async fn a_refused_password_is_sent_again_neither_by_a_switch_nor_by_asking() {
    let scene = Scene::start().await;
    scene.run(ConnectionStatus::PasswordIncorrect).await;
    let off = scene.switch(false).await;
    assert_eq!(off["isCustomerActionRequired"], false);
    assert_eq!(off["statusErrorDetail"], Value::Null);
    let on = scene.switch(true).await;
    let expected = json!({
        "isActive": true, "status": "PASSWORD_INCORRECT", "statusErrorDetail": "Wrong password.",
        "isCustomerActionRequired": true, "nextCollectionAt": null,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&on[name], value, "{name}");
    }
    scene.app.clock.advance(WEEK_MS);
    assert!(scene.claim().await.is_none());
    let (status, problem) = scene.collect().await;
    assert_eq!(status, 409, "{problem}");
    assert!(scene.claim().await.is_none());

    // What the client has given since was not refused.
    let new = RenewalInput {
        company: scene.owner.client.company.id,
        connection: scene.id,
        link: scene.owner.link_id(),
        flow_ref: FlowRef::from_random(fresh()),
        sealed: vec![4],
        recipe: "{}".into(),
        username_masked: None,
        session: None,
        now: scene.app.clock.now(),
    };
    let store = &scene.app.test.store;
    let renewed = store.tx("test", |tx| Box::pin(tx.renew_credentials(&new)));
    assert_eq!(renewed.await.expect("renewed"), Renewal::Proposed);
    scene.switch(false).await;
    let on = scene.switch(true).await;
    assert_eq!(on["status"], "PASSWORD_INCORRECT");
    assert_eq!(on["nextCollectionAt"], "2025-10-16T08:53:21Z");
    assert!(scene.claim().await.is_some());
}

#[tokio::test]
async fn bills_are_collected_out_of_turn_once() {
    let scene = Scene::start().await;
    let state = async || {
        let (status, answer) = scene.collect().await;
        assert_eq!(status, 202, "{answer}");
        let next = answer["connection"]["nextCollectionAt"].clone();
        (answer["state"].clone(), next)
    };
    let first = json!("2025-10-09T08:53:21Z");
    assert_eq!(state().await, (json!("ALREADY_QUEUED"), first.clone()));
    let job = scene.claim().await.expect("due");
    assert_eq!(state().await, (json!("ALREADY_RUNNING"), first));
    let company = scene.owner.client.company.id;
    let done = scene
        .app
        .test
        .store
        .tx("test", |tx| Box::pin(tx.retry_job(&job, NOW.plus(1000))));
    assert!(done.await.expect("given back"));
    scene.run(ConnectionStatus::Connected).await;

    scene.app.clock.advance(60_000);
    let path = format!("{}/collect", scene.path);
    let once = async || {
        let request = scene.owner.request(Method::POST, &path);
        let answer = request.header("Idempotency-Key", "once").send().await;
        read(answer.expect("an answer")).await
    };
    let now = json!("2025-10-09T08:54:21Z");
    let queued = once().await;
    assert_eq!(queued.1["state"], "QUEUED");
    assert_eq!(queued.1["connection"]["nextCollectionAt"], now);
    assert_eq!(once().await, queued);
    assert_eq!(state().await, (json!("ALREADY_QUEUED"), now));
    scene.run(ConnectionStatus::WebsiteDown).await;

    // The website left a password without an answer.
    scene.set_lockout(scene.app.clock.now().plus(1)).await;
    assert_eq!(scene.collect().await.0, 409);
    scene.app.clock.advance(1);
    assert_eq!(state().await.0, "QUEUED");
    scene.run(ConnectionStatus::NoAccountsFound).await;
    assert_eq!(state().await.0, "QUEUED", "there may be an account by now");
    let read = scene.app.test.store.read("test", |tx| {
        Box::pin(tx.connection_of_company(company, scene.id))
    });
    let row = read.await.expect("read").expect("a connection");
    assert_eq!(row.next_collection_at, Some(scene.app.clock.now()));
}

#[tokio::test]
async fn endpoints_are_told_what_means_something() {
    let scene = Scene::start().await;
    scene.run(ConnectionStatus::MfaTokenExpired).await;
    let update = format!("{}/link", scene.path);
    assert_eq!(scene.owner.post(&update, json!({})).await.0, 201);
    let (webhook, _) = scene.owner.webhook().await;
    let told = async || {
        let path = format!("/v2.2/webhook/{webhook}/deliveries");
        let (_, list) = scene.owner.get(&path).await;
        let all = list["deliveries"].as_array().expect("deliveries").clone();
        let mut types: Vec<_> = all.iter().map(|one| one["eventType"].clone()).collect();
        types.retain(|told| told != "webhook.test");
        types.sort_by_key(Value::to_string);
        types
    };
    scene.patch(json!({})).await;
    scene
        .patch(json!({ "utilityTypes": ["ELECTRICITY"] }))
        .await;
    assert_eq!(told().await, [Value::Null; 0]);
    scene.patch(json!({ "externalId": "other" })).await;
    assert_eq!(told().await, ["connection.updated"]);
    scene.switch(false).await;
    assert_eq!(told().await, ["connection.updated"; 2]);
    scene.switch(true).await;
    assert_eq!(told().await, ["connection.updated"; 3]);
    let deleted = scene.owner.send(Method::DELETE, &scene.path, None).await;
    assert_eq!(deleted.0, 204);
    let mut all = vec!["connection.updated"; 4];
    all.push("link.revoked");
    assert_eq!(told().await, all);
}

/// The tables that hold what signs in.
const OF_COLLECTION: [&str; 4] = ["credentials", "sign_in_lockouts", "collections", "jobs"];

#[tokio::test]
async fn a_deleted_connection_leaves_its_bills_and_nothing_that_signs_in() {
    let scene = Scene::start().await;
    let (owner, company) = (&scene.owner, scene.owner.client.company.id);
    scene.run(ConnectionStatus::PasswordIncorrect).await;
    scene.set_lockout(NOW.plus(WEEK_MS)).await;
    let update = format!("{}/link", scene.path);
    let (status, link) = owner.post(&update, json!({})).await;
    assert_eq!(status, 201, "{link}");
    let link: LinkId = serde_json::from_value(link["id"].clone()).expect("an id");
    let bills = format!("/v2.2/bill/company/{company}");
    let before = owner.get(&bills).await;
    assert_eq!(before.1["totalBills"], 1);
    let bill = before.1["bills"][0]["id"].as_str().expect("an id");

    let wrong = format!("{}?bills=burn&now=1", scene.path);
    let mut wrong = wrong_fields(&owner.send(Method::DELETE, &wrong, None).await);
    wrong.sort();
    assert_eq!(wrong, ["bills", "now"]);
    let deleted = owner.send(Method::DELETE, &scene.path, None).await;
    assert_eq!(deleted.0, 204, "{}", deleted.1);

    for table in OF_COLLECTION {
        assert_eq!(scene.app.test.rows(table).await, 0, "{table}");
    }
    let (_, link) = owner.get(&format!("/v2.2/link/{link}")).await;
    assert_eq!(link["status"], "REVOKED");
    assert_eq!(link["events"][1]["type"], "REVOKED");
    assert_eq!(owner.get(&bills).await, before);
    let file = owner
        .request(Method::GET, &format!("/v2.2/bill/{bill}/file"))
        .send()
        .await;
    assert_eq!(file.expect("an answer").status(), 200);
    let list = owner
        .get(&format!("/v2.2/connection/company/{company}"))
        .await;
    assert_eq!(list.1["totalConnections"], 0);
    let (_, link) = owner.get(&format!("/v2.2/link/{}", owner.link_id())).await;
    assert_eq!(link["createdConnections"], json!([]));
    for (method, path) in [
        (Method::GET, scene.path.clone()),
        (Method::PATCH, scene.path.clone()),
        (Method::DELETE, scene.path.clone()),
        (Method::POST, format!("{}/collect", scene.path)),
        (Method::POST, update),
        (Method::GET, format!("{}/collections", scene.path)),
        (Method::GET, format!("/v2.2/bill/connection/{}", scene.id)),
    ] {
        let body = (method == Method::PATCH).then(|| json!({}));
        let (status, _) = owner.send(method.clone(), &path, body).await;
        assert_eq!(status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn the_bills_of_a_deleted_connection_go_where_that_is_asked_for() {
    let scene = Scene::start().await;
    scene.app.organization().await.connect(&scene.app).await;
    let company = scene.owner.client.company.id;
    let bills = format!("/v2.2/bill/company/{company}");
    assert_eq!(scene.owner.get(&bills).await.1["totalBills"], 1);
    let path = format!("{}?bills=delete", scene.path);
    let deleted = scene.owner.send(Method::DELETE, &path, None).await;
    assert_eq!(deleted.0, 204, "{}", deleted.1);
    for table in ["bills", "accounts", "connection_sites"] {
        assert_eq!(scene.app.test.rows(table).await, 1, "{table} of another");
    }
    assert_eq!(scene.owner.get(&bills).await.1["totalBills"], 0);
}
