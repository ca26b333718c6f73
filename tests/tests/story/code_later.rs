//! A website that asks for a code at every sign-in: the owner gives it on a page of its own, while the collection waits.

use serde_json::json;
use tests::{client::Tab, test_env::TestEnv, wait::until};

use super::{
    at_the_form, bills_are_true, code_sent, collected, confirm, jordan, pick_and_leave_codes,
    type_in,
};

/// The address in the only mail that was laid out.
async fn address_in_mail(env: &TestEnv) -> String {
    until("a mail", async || {
        let mails = env.mails();
        let mail = mails.first()?;
        let (_, rest) = mail.split_once(&format!("{}/p/code/", env.edge_url))?;
        let end = rest.find(|c: char| c.is_whitespace() || c == '"')?;
        Some(format!("{}/p/code/{}", env.edge_url, rest.get(..end)?))
    })
    .await
}

async fn enter(tab: &Tab, code: &str) {
    tab.click("input[autocomplete=one-time-code]").await;
    tab.type_text(code).await;
    tab.press_enter().await;
}

/// A tab at SITES, whose client was asked for a code; so will be every sign-in from now on.
async fn signed_in_with_a_code(env: &TestEnv) -> Tab {
    env.utility.switches.set(utility::Fault::AsksCode, true);
    let owner = json!({ "connectionOwnerEmail": "owner@client.example" });
    let tab = confirm(env, &env.link(owner).await).await;
    let view = at_the_form(env, &tab).await;
    type_in(&view, &tab, jordan().email, jordan().password).await;
    enter(&tab, &code_sent(env).await).await;
    tab.until_text("What does this account cover?").await;
    tab
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gives_a_code_on_a_page_while_the_collection_waits() {
    TestEnv::run("code-later", async |env| {
        let tab = signed_in_with_a_code(env).await;
        // The client's own session would spare the code.
        env.utility.switches.end_sessions();
        pick_and_leave_codes(&tab).await;
        tab.until_text("A code may reach you").await;
        env.screenshot(&tab, "may-reach-you.png").await;

        // Who is at the last page is led to the same page as by the mail.
        tab.until_text("The website asks us for a code").await;
        let link = "document.querySelector('[data-code-page]').href";
        let address = address_in_mail(env).await;
        assert_eq!(tab.value(link).await, Some(json!(address)));
        let page = env.open(&address).await;
        page.resize(390, 844).await;
        page.until_text("***-***-0142").await;
        env.screenshot(&page, "asked.png").await;
        enter(&page, "000000").await;
        page.until_text("The website did not accept that code")
            .await;
        env.screenshot(&page, "refused.png").await;
        enter(&page, &code_sent(env).await).await;
        page.until_text("Thank you, the code was accepted").await;
        env.screenshot(&page, "accepted.png").await;

        tab.until_text("The website asks for a code, which only you get")
            .await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
        let works = &connection["worksUnattended"];
        assert_eq!(
            (&works["ok"], &works["reason"]),
            (&json!(false), &json!("CODE_NEEDED"))
        );
        tab.until_text("Your bills were found").await;
        env.screenshot(&tab, "thanks.png").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_own_session_spares_them_the_code() {
    TestEnv::run("code-spared", async |env| {
        let tab = signed_in_with_a_code(env).await;
        pick_and_leave_codes(&tab).await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
        assert_eq!(connection["worksUnattended"]["reason"], "CODE_NEEDED");
        // A mail that asked would have been written while the collection ran, long before this one.
        until("the mail that they are connected", async || {
            let mut mails = env.mails().into_iter();
            mails
                .any(|mail| mail.contains("account is connected"))
                .then_some(())
        })
        .await;
        assert_eq!(env.mails().len(), 1, "nobody was asked");
        tab.until_text("The website asks for a code, which only you get")
            .await;
    })
    .await;
}
