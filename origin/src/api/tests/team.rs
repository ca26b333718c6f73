//! The team by API.

use reqwest::Method;
use serde_json::{Value, json};
use shared::api_key::ApiKeyScope::{Admin, Connections, Links, Read};

use super::{
    TestApp,
    app::{Organization, read, wrong_fields},
};

fn person(name: &str, role: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@Organization.example"), "role": role })
}

async fn invite(organization: &Organization, name: &str, role: &str) -> (String, Value) {
    let (status, invited) = organization.post("/v2.2/member", person(name, role)).await;
    assert_eq!(status, 201, "{invited}");
    let id = invited["id"].as_str().expect("an id");
    (format!("/v2.2/member/{id}"), invited)
}

#[tokio::test]
async fn a_team_is_looked_after_by_api_and_an_owner_always_stays() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wrong = json!({ "email": "nobody", "role": "BOSS", "more": 1 });
    let mut wrong = wrong_fields(&organization.post("/v2.2/member", wrong).await);
    wrong.sort();
    assert_eq!(wrong, ["email", "more", "name", "role"]);

    let (owner, invited) = invite(&organization, "robin", "OWNER").await;
    assert_eq!(invited["email"], "robin@organization.example");
    let url = invited["invitationUrl"].as_str().expect("an address");
    assert!(
        url.starts_with(&format!("{}/console/sign-in/", app.base)),
        "{url}"
    );
    assert_eq!(app.test.rows("outgoing_mails").await, 1, "it is mailed");
    let again = organization.post("/v2.2/member", person("robin", "MEMBER"));
    assert_eq!(again.await.0, 409, "the address is taken");

    let patch = async |path: &str, change: Value| {
        let change = organization.send(Method::PATCH, path, Some(change));
        change.await.0
    };
    assert_eq!(patch(&owner, json!({ "role": "MEMBER" })).await, 409);
    let remove = async |path: &str| organization.send(Method::DELETE, path, None).await.0;
    assert_eq!(remove(&owner).await, 409);

    let (kim, _) = invite(&organization, "kim", "READ_ONLY").await;
    let answer = organization.request(Method::GET, &kim).send().await;
    let tag = answer.expect("an answer").headers()["etag"].clone();
    assert_eq!(patch(&kim, json!({ "role": "OWNER" })).await, 200);
    let late = organization.request(Method::PATCH, &kim);
    let late = late.header("if-match", tag).json(&json!({ "name": "K" }));
    assert_eq!(
        read(late.send().await.expect("an answer")).await.0,
        412,
        "it was changed since"
    );
    assert_eq!(patch(&owner, json!({ "role": "MEMBER" })).await, 200);
    assert_eq!(remove(&owner).await, 204);
    assert_eq!(organization.get(&owner).await.0, 404);
    let (_, list) = organization.get("/v2.2/member?limit=1").await;
    assert_eq!(
        (&list["totalMembers"], &list["members"][0]["role"]),
        (&json!(1), &json!("OWNER")),
        "{list}"
    );
    assert_eq!(list["members"][0].get("invitationUrl"), None, "shown once");
}

#[tokio::test]
async fn an_invitation_is_made_once_for_each_call_and_ends_the_ones_before() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (kim, invited) = invite(&organization, "kim", "MEMBER").await;
    let call = async || {
        let again = organization.request(Method::POST, &format!("{kim}/invitation"));
        let again = again.header("Idempotency-Key", "again").send().await;
        read(again.expect("an answer")).await
    };
    let (status, first) = call().await;
    assert_eq!(status, 201, "{first}");
    assert_ne!(first["invitationUrl"], invited["invitationUrl"]);
    assert_eq!(call().await, (201, first), "as it was answered at first");
    assert_eq!(
        app.test.rows("member_sign_in_tokens").await,
        1,
        "the last one alone"
    );
}

#[tokio::test]
async fn a_key_lets_nobody_do_more_than_itself() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (owner, _) = invite(&organization, "robin", "OWNER").await;
    let (kim, _) = invite(&organization, "kim", "READ_ONLY").await;
    let key = organization
        .new_key(&[Admin, Read, Links, Connections])
        .await;
    let all = organization.with_key(key);
    let reader = organization.with_key(organization.new_key(&[Admin, Read]).await);
    let refused = reader.post("/v2.2/member", person("lee", "OWNER")).await;
    assert_eq!(wrong_fields(&refused), ["role"]);
    let raise = Some(json!({ "role": "MEMBER" }));
    let raise = reader.send(Method::PATCH, &kim, raise.clone()).await;
    assert_eq!(wrong_fields(&raise), ["role"]);
    let invitation = format!("{owner}/invitation");
    assert_eq!(
        reader.post(&invitation, json!({})).await.0,
        409,
        "it would let in as the owner"
    );
    assert_eq!(all.post(&invitation, json!({})).await.0, 201);
    let invitation = format!("{kim}/invitation");
    assert_eq!(reader.post(&invitation, json!({})).await.0, 201);

    let sandbox = json!({ "name": "x", "environment": "SANDBOX", "scopes": ["admin", "read"] });
    let (_, made) = organization.post("/v2.2/key", sandbox).await;
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    let sandbox = organization.with_key((text("id"), text("key")));
    assert_eq!(sandbox.get("/v2.2/member").await.0, 200);
    assert_eq!(
        sandbox
            .post("/v2.2/member", person("lee", "READ_ONLY"))
            .await
            .0,
        403,
        "the console shows production"
    );
    assert_eq!(sandbox.send(Method::DELETE, &kim, None).await.0, 403);
}
