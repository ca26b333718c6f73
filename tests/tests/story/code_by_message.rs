//! Codes that the website sends by mail and by text message, which really reach the origin: the collection needs nobody.

use serde_json::json;
use tests::{client::Tab, test_env::TestEnv};

use super::{THANKS, at_the_form, collected, confirm, pick_sites, type_in, until_proven};

const PASSWORD: &str = "river stone 5";

/// A tab at FORWARDING, whose client was asked for a code.
async fn at_forwarding(env: &TestEnv, user: &str) -> Tab {
    let tab = confirm(env, &env.link(json!({})).await).await;
    let view = at_the_form(env, &tab).await;
    type_in(&view, &tab, user, PASSWORD).await;
    let field = "input[autocomplete=one-time-code]";
    tab.until(
        &format!("document.querySelector('{field}')"),
        "a box for the code",
    )
    .await;
    let code = env.utility.switches.outbox.code_for(user);
    tab.click(field).await;
    tab.type_text(&code.expect("a code was sent")).await;
    tab.press_enter().await;
    pick_sites(&tab).await;
    tab.until_text("How should we get the next code?").await;
    tab
}

/// Has the codes of `user` sent to an address of the connection's own, and lets a sign-in of ours prove it.
async fn forward_and_try(env: &TestEnv, tab: &Tab, user: &str, kind: &str) {
    let way = format!("document.querySelector('#way-{kind}')");
    tab.until(&format!("{way}?.open"), "the way that the code came by")
        .await;
    tab.click(&format!("#way-{kind} button[value=add-code-channel]"))
        .await;
    let address = format!("#way-{kind} .address");
    tab.until(
        &format!("document.querySelector('{address}')"),
        "an address",
    )
    .await;
    tab.click(&format!("#way-{kind} [data-copies]")).await;
    tab.until_text("Copied").await;
    env.screenshot(tab, "an-address.png").await;
    let shown = format!("document.querySelector('{address}').textContent");
    let shown = tab.value(&shown).await;
    let address = shown.as_ref().and_then(|shown| shown.as_str());
    env.utility
        .switches
        .outbox
        .forward(user, address.expect("a text"));
    until_proven(tab).await;
    env.screenshot(tab, "proven.png").await;
    tab.click("button[value=leave-forwarding]").await;
    tab.until_text(THANKS).await;
    tab.until_text("Works without you").await;
    let connection = collected(env).await;
    assert_eq!(connection["status"], "CONNECTED", "{connection}");
    assert_eq!(connection["worksUnattended"]["ok"], json!(true));
    assert_eq!(env.mails().len(), 0, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_by_mail_are_forwarded_and_read() {
    TestEnv::run("code-by-mail", async |env| {
        let user = "mail@example.com";
        let tab = at_forwarding(env, user).await;
        forward_and_try(env, &tab, user, "EMAIL").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_by_text_message_are_read() {
    TestEnv::run("code-by-text", async |env| {
        let user = "sms@example.com";
        let tab = at_forwarding(env, user).await;
        forward_and_try(env, &tab, user, "SMS").await;
    })
    .await;
}
