//! Manual entry, from the website's first page to collected bills.

use serde_json::json;
use tests::test_env::TestEnv;

use super::{bills_are_true, collected, jordan, pick};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_enters_the_sign_in_on_our_page_from_a_phone_and_by_keyboard() {
    TestEnv::run("manual", async |env| {
        // The driver finds the way from the website's first page by itself.
        let link = env.link(json!({ "url": env.utility_url })).await;
        let tab = env.open(&link.url).await;
        tab.resize(390, 844).await;
        tab.click("main form button.main").await;
        tab.click("button[value=manual-entry]").await;
        // Large text leaves room for the password.
        tab.rectangle("input[data-kind=password]").await;
        tab.value("document.documentElement.style.fontSize = '200%'")
            .await;
        let [_, _, width, _] = tab.rectangle("input[data-kind=password]").await;
        assert!(width > 250.0, "{width}");
        tab.value("document.documentElement.style.fontSize = ''")
            .await;
        tab.click("input[data-kind=identifier]").await;
        tab.type_text(jordan().email).await;
        tab.press_tab().await;
        tab.type_text("not the password").await;
        tab.press_enter().await;
        tab.until_text("The website did not accept that sign-in")
            .await;
        tab.until_text("The website says:").await;
        env.screenshot(&tab, "refused.png").await;
        // The user name is still there, and the keyboard is in the empty field.
        tab.until(
            "document.activeElement?.dataset.kind === 'password'",
            "the keyboard in the password's field",
        )
        .await;
        let name = "document.querySelector('[data-kind=identifier]').value";
        assert_eq!(tab.value(name).await, Some(json!(jordan().email)));
        tab.type_text(jordan().password).await;
        tab.press_enter().await;
        pick(&tab).await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
        assert_eq!(connection["worksUnattended"]["ok"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_leads_to_the_website_itself() {
    TestEnv::run("handed-over", async |env| {
        // A page that no way to sign in leads from.
        let link = env.link(json!({ "url": format!("{}/style.css", env.utility_url) }));
        let tab = env.open(&link.await.url).await;
        tab.click("main form button.main").await;
        tab.click("button[value=manual-entry]").await;
        tab.click("input[data-kind=identifier]").await;
        tab.type_text(jordan().email).await;
        tab.press_tab().await;
        tab.type_text(jordan().password).await;
        tab.press_enter().await;
        tab.until_text("Please go on here").await;
        tab.until(
            "document.querySelector('#live canvas')",
            "the website's picture",
        )
        .await;
    })
    .await;
}
