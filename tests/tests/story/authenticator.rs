//! A website that asks for the code of an authenticator: its secret is read in the website's own window, and the
//! collection makes the codes.

use serde_json::json;
use tests::{client::Tab, test_env::TestEnv, wait::until};
use utility::authenticator;

use super::{THANKS, at_the_form, collected, confirm, pick_sites, type_in, until_proven};

const USER: &str = "authenticator@example.com";
const PASSWORD: &str = "river stone 5";

async fn enter(tab: &Tab, field: &str, text: &str) {
    tab.click(field).await;
    tab.type_text(text).await;
    tab.press_enter().await;
}

/// Has a code shown. One that is nearly over is not: then the next one is.
async fn show_code(tab: &Tab) {
    let says = |text: &str| format!("document.body.innerText.includes('{text}')");
    let (shown, over) = (
        says("Enter this code on the website now:"),
        says("in half a minute"),
    );
    let before = authenticator::code_now();
    tab.click("button[value=show-code]").await;
    tab.until(&format!("{shown} || {over}"), "an answer").await;
    if tab.value(&over).await == Some(json!(true)) {
        let next = async || (authenticator::code_now() != before).then_some(());
        until("the next code", next).await;
        tab.click("button[value=show-code]").await;
    }
    tab.until(&shown, "a code").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_is_set_up_in_the_websites_window_and_makes_the_codes() {
    TestEnv::run("authenticator", async |env| {
        let owner = json!({ "connectionOwnerEmail": "owner@client.example" });
        let tab = confirm(env, &env.link(owner).await).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, USER, PASSWORD).await;
        tab.until_text("Enter the code that your authenticator app shows now.")
            .await;
        let field = "input[autocomplete=one-time-code]";
        enter(&tab, field, &authenticator::code_now()).await;
        pick_sites(&tab).await;
        tab.until_text("How should we get the next code?").await;
        tab.resize(390, 844).await;
        env.screenshot(&tab, "choose-a-way-on-a-phone.png").await;
        tab.resize(1280, 900).await;
        env.screenshot(&tab, "choose-a-way.png").await;

        // Where things are on the website, as somebody else sees it who is signed in.
        let mirror = view.mirror();
        mirror.click("#email").await;
        mirror.type_text(USER).await;
        enter(mirror, "#password", PASSWORD).await;
        mirror
            .until("document.querySelector('#code')", "its question")
            .await;
        enter(mirror, "#code", &authenticator::code_now()).await;
        let profile = "nav.tabs a[href='/account/profile']";
        mirror
            .until(
                &format!("document.querySelector(\"{profile}\")"),
                "the account",
            )
            .await;
        tab.click("button[value=show-website]").await;
        // On whatever page the search for accounts has left it; all of them have the same menu.
        view.until_shown().await;
        env.screenshot(&tab, "the-website.png").await;
        view.click(profile).await;
        mirror.click(profile).await;
        view.until_as_mirror().await;
        let set_up = "a[href='/account/authenticator']";
        view.click(set_up).await;
        mirror.click(set_up).await;
        view.until_as_mirror().await;
        tab.click("button[value=read-qr-code]").await;
        tab.until_text("The key is saved.").await;
        show_code(&tab).await;
        env.screenshot(&tab, "the-key-is-read.png").await;
        tab.click("button[value=hide-website]").await;
        until_proven(&tab).await;
        env.screenshot(&tab, "proven.png").await;
        tab.click("button[value=leave-forwarding]").await;
        tab.until_text(THANKS).await;
        tab.until_text("Works without you").await;
        let connection = collected(env).await;
        assert_eq!(connection["status"], "CONNECTED", "{connection}");
        assert_eq!(connection["worksUnattended"]["ok"], json!(true));
    })
    .await;
}
