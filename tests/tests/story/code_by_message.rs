//! Codes that the website sends by mail and by text message, which really reach the origin: the collection needs nobody.

use serde_json::json;
use tests::{client::Tab, test_env::TestEnv, wait::until};

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
    // What is pressed stays where it is, for who presses twice.
    let make = format!("#way-{kind} button[value=add-code-channel]");
    let top = format!("document.querySelector('#way-{kind}').getBoundingClientRect().top");
    tab.centre(&make).await;
    let before = tab.value(&format!("window.stays = {top}")).await;
    tab.click(&make).await;
    let address = format!("#way-{kind} .address");
    tab.until(
        &format!("document.querySelector('{address}')"),
        "an address",
    )
    .await;
    let moved = format!("Math.abs({top} - window.stays) < 2");
    assert_eq!(tab.value(&moved).await, Some(json!(true)), "{before:?}");
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
    tab.until_text("The next codes reach us").await;
    let focused = format!("document.activeElement.closest('#way-{kind}') !== null");
    tab.until(&focused, "the focus to stay where it was").await;
    env.screenshot(tab, "proven.png").await;
    tab.click("button[value=leave-forwarding]").await;
    tab.until_text(THANKS).await;
    tab.until_text("Works without you").await;
    let connection = collected(env).await;
    assert_eq!(connection["status"], "CONNECTED", "{connection}");
    assert_eq!(connection["worksUnattended"]["ok"], json!(true));
    assert_eq!(env.mails().len(), 0, "nobody was asked");
}

/// Repairs the connection on our own page. The way of its codes is there already, and nothing more is asked for.
async fn repair_by_manual_entry(env: &TestEnv, user: &str) {
    let connection = collected(env).await;
    let id = connection["id"].as_str().expect("an id");
    let path = format!("/v2.2/connection/{id}/link");
    let (status, update) = env.api.post(&path, &json!({})).await;
    assert_eq!(status, 201, "{update}");
    let tab = env.open(update["magicLinkUrl"].as_str().expect("an address"));
    let tab = tab.await;
    tab.click("main form button.main").await;
    tab.click("button[value=manual-entry]").await;
    tab.click("input[data-kind=identifier]").await;
    tab.type_text(user).await;
    tab.press_tab().await;
    tab.type_text(PASSWORD).await;
    let outbox = &env.utility.switches.outbox;
    let before = outbox.code_for(user);
    tab.press_enter().await;
    tab.until(
        "document.activeElement?.dataset.kind === 'code'",
        "the keyboard in the box for the code",
    )
    .await;
    let code = until("another code", async || {
        outbox
            .code_for(user)
            .filter(|code| Some(code) != before.as_ref())
    });
    tab.type_text(&code.await).await;
    tab.press_enter().await;
    tab.until_text("The next codes reach us").await;
    tab.until_text("Works: the website took a code of it.")
        .await;
    tab.click("button[value=leave-forwarding]").await;
    tab.until_text("Thanks for signing in again!").await;
    tab.until_text("Works without you").await;
    let text = tab.text().await;
    assert!(!text.contains("Choose how codes reach us"), "{text}");
    assert!(!text.contains("A code may reach you"), "{text}");
    env.screenshot(&tab, "repaired.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_by_mail_are_forwarded_and_read() {
    TestEnv::run("code-by-mail", async |env| {
        let user = "mail@example.com";
        let tab = at_forwarding(env, user).await;
        forward_and_try(env, &tab, user, "EMAIL").await;
        repair_by_manual_entry(env, user).await;
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
