//! A website that leaves it to the browser to ask for user name and password, answered above the picture.

use serde_json::json;
use tests::test_env::TestEnv;

use super::{bills_are_true, collected, jordan, pick};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_answers_the_browsers_own_question_by_keyboard_from_a_phone() {
    TestEnv::run("challenge", async |env| {
        let (_, port) = env.utility_url.rsplit_once(':').expect("a port");
        let account = format!("http://basic.localhost:{port}/account");
        let link = env.link(json!({ "url": account })).await;
        let tab = env.open(&link.url).await;
        tab.resize(390, 844).await;
        tab.click("main form button.main").await;
        tab.until_text("The website asks for your user name and password")
            .await;
        tab.until_text("What you enter is given to basic.localhost alone.")
            .await;
        env.screenshot(&tab, "asked-on-a-phone.png").await;
        // Without an answer the website's own page comes, and the question is gone.
        tab.click("#entry button[name=id]").await;
        tab.until(
            "document.querySelector('#entry [data-kind=password]') === null",
            "the question to be gone",
        )
        .await;
        tab.click("[data-go=reload]").await;
        tab.click("#entry [data-kind=identifier]").await;
        tab.type_text(jordan().email).await;
        tab.press_tab().await;
        tab.type_text("not the password").await;
        tab.press_enter().await;
        tab.until_text("The website did not accept that sign-in")
            .await;
        tab.until(
            "document.activeElement?.dataset.kind === 'password'",
            "the keyboard in the password's field",
        )
        .await;
        env.screenshot(&tab, "refused-on-a-phone.png").await;
        tab.type_text(jordan().password).await;
        tab.press_enter().await;
        pick(&tab).await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
        assert_eq!(connection["worksUnattended"]["ok"], true);
    })
    .await;
}
