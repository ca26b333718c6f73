//! What the client's own browser finds while they are at SITES.

use serde_json::json;
use tests::test_env::TestEnv;

use super::{THANKS, at_the_form, confirm, jordan, type_in};

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_named_and_ticked_before_anything_is_connected() {
    TestEnv::run("sites", async |env| {
        let link = env.link(json!({ "utilityTypes": [] })).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("What does this account cover?").await;
        tab.until_text("Found").await;
        for kind in ["ELECTRICITY", "WATER"] {
            let ticked = format!("document.querySelector('input[value={kind}]').checked");
            tab.until(&ticked, "what was found to be ticked").await;
        }
        let gas = tab
            .value("document.querySelector('input[value=GAS]').checked")
            .await;
        assert_eq!(gas, Some(json!(false)));
        env.screenshot(&tab, "found.png").await;
        let connections = env.api.collected(&env.company, 0).await;
        assert!(connections.is_empty(), "nothing is connected yet");
        tab.click("input[name=site]").await;
        tab.click("button[value=sites]").await;
        tab.until_text(THANKS).await;
    })
    .await;
}
