//! What the client's own browser finds while they are at SITES.

use serde_json::json;
use tests::{test_env::TestEnv, wait::until};
use utility::customers::find;

use super::{THANKS, at_the_form, confirm, jordan, sign_in_and_finish, type_in};

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_named_and_ticked_before_anything_is_connected() {
    TestEnv::run("sites", async |env| {
        let link = env.link(json!({ "utilityTypes": [] })).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("What does this account cover?").await;
        // Who is told that they need not wait is refused only for what is theirs to say.
        tab.click("button[value=sites]").await;
        tab.until_text("Choose at least one site.").await;
        // Who is faster with one question keeps the help with the other, and the answer when the page is loaded again.
        tab.click("input[name=site]").await;
        tab.reload().await;
        let site = "document.querySelector('input[name=site]').checked";
        tab.until(site, "the site to be ticked still").await;
        tab.until_text("Found").await;
        for kind in ["ELECTRICITY", "WATER"] {
            let ticked = format!("document.querySelector('input[value={kind}]').checked");
            tab.until(&ticked, "what was found to be ticked").await;
        }
        let gas = tab
            .value("document.querySelector('input[value=GAS]').checked")
            .await;
        assert_eq!(gas, Some(json!(false)));
        let refused = tab.value("document.querySelector('#types.wrong') !== null");
        assert_eq!(refused.await, Some(json!(false)), "it was never asked for");
        env.screenshot(&tab, "found.png").await;
        let connections = env.api.collected(&env.company, 0).await;
        assert!(connections.is_empty(), "nothing is connected yet");
        tab.click("button[value=sites]").await;
        tab.until_text(THANKS).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_connected_already_is_recognised_by_its_number() {
    TestEnv::run("connected-already", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        tab.until_text("Works without you").await;
        let before = env.api.collected(&env.company, 1).await.remove(0);

        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        let morgan = find("morgan@example.com").expect("of the same household");
        type_in(&view, &tab, morgan.email, morgan.password).await;
        tab.until_text("This account is connected already").await;
        env.screenshot(&tab, "recognised.png").await;
        tab.click("button[value=update-earlier]").await;
        let after = until("the other user name", async || {
            let connection = env.api.collected(&env.company, 1).await.remove(0);
            (connection["username"] != before["username"]).then_some(connection)
        });
        assert_eq!(after.await["id"], before["id"], "no second connection");
        tab.until_text("Works without you").await;
    })
    .await;
}
