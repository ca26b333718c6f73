//! A connection update link: opened, answered with the wrong account, then with the right one.

use serde_json::json;
use tests::{test_env::TestEnv, wait::until};

use super::{
    at_the_form, bills_are_true, collected, confirm, jordan, sam, sign_in_and_finish, type_in,
};

/// The organization was told all of it, in order, and each bill once.
async fn was_told(env: &TestEnv) {
    let types = || {
        let received = env.receiver.received();
        let types = received.iter().map(|one| one["type"].as_str());
        types
            .map(|text| text.unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let expected = [
        "link.opened",
        "connection.created",
        "link.fulfilled",
        "connection.validated",
        "collection.finished",
        "link.opened",
        "collection.finished",
        "connection.repaired",
        "link.fulfilled",
        "collection.finished",
    ];
    let others = ["connection.updated", "bill.created"];
    let found = until("all webhooks", async || {
        let mut found = types();
        found.retain(|text| !others.contains(&text.as_str()));
        (found.len() >= expected.len()).then_some(found)
    })
    .await;
    assert_eq!(found, expected);
    let bills = types()
        .iter()
        .filter(|text| *text == "bill.created")
        .count();
    assert_eq!(bills, utility::bills_of(jordan().email, &env.utility).len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_link_repairs_its_connection_with_its_own_account_alone() {
    TestEnv::run("repair", async |env| {
        let url = format!("http://{}/", env.receiver.host());
        let (status, endpoint) = env.api.post("/v2.2/webhook", &json!({ "url": url })).await;
        assert_eq!(status, 201, "{endpoint}");
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        let connection = collected(env).await;
        let id = connection["id"].as_str().expect("an id").to_owned();
        env.utility
            .switches
            .set_password(jordan().email, "violet canary 77");

        let path = format!("/v2.2/connection/{id}/link");
        let (status, update) = env.api.post(&path, &json!({})).await;
        assert_eq!(
            (status, &update["type"]),
            (201, &json!("CONNECTION_UPDATE"))
        );
        let url = update["magicLinkUrl"].as_str().expect("an address");
        let tab = env.open(url).await;
        tab.until_text("Reconnect your utility account").await;
        env.screenshot(&tab, "link.png").await;
        tab.click("main form button.main").await;
        tab.until_text("It was connected as jo…@example.com").await;
        let text = tab.text().await;
        assert!(!text.contains("Use another website"), "{text}");
        let view = at_the_form(env, &tab).await;
        env.screenshot(&tab, "sign-in.png").await;
        type_in(&view, &tab, sam().email, sam().password).await;
        tab.until_text("Thanks for signing in again!").await;
        tab.until_text("This is another account").await;
        env.screenshot(&tab, "other-account.png").await;
        let unchanged = env.api.get(&format!("/v2.2/connection/{id}")).await;
        assert_eq!(unchanged["username"], connection["username"]);
        bills_are_true(env, &unchanged, jordan()).await;

        tab.click("button[value=sign-in-again]").await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, "violet canary 77").await;
        tab.until_text("Works without you").await;
        tab.until_text("Your bills were found").await;
        env.screenshot(&tab, "repaired.png").await;
        let repaired = env.api.get(&format!("/v2.2/connection/{id}")).await;
        bills_are_true(env, &repaired, jordan()).await;
        assert_eq!(repaired["worksUnattended"]["ok"], true);
        let link_id = update["id"].as_str().expect("an id");
        let link = env.api.get(&format!("/v2.2/link/{link_id}")).await;
        assert_eq!(
            (&link["status"], &link["useCount"]),
            (&json!("FULFILLED"), &json!(1))
        );

        let late = env.open(url).await;
        late.click("main form button.main").await;
        late.until_text("Everything works again").await;
        was_told(env).await;
    })
    .await;
}
