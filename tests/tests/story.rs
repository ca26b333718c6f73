//! The story: a link is made, opened and finished, and its bills are collected. And what can go
//! wrong on the way.

#[path = "story/authenticator.rs"]
mod authenticator;
#[path = "story/challenge.rs"]
mod challenge;
#[path = "story/code.rs"]
mod code;
#[path = "story/code_by_message.rs"]
mod code_by_message;
#[path = "story/code_later.rs"]
mod code_later;
#[path = "story/console.rs"]
mod console;
#[path = "story/focus.rs"]
mod focus;
#[path = "story/manual_entry.rs"]
mod manual_entry;
#[path = "story/operator.rs"]
mod operator;
#[path = "story/proof.rs"]
mod proof;
#[path = "story/repair.rs"]
mod repair;
#[path = "story/sites.rs"]
mod sites;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{
    api::Link,
    client::Tab,
    live_view::LiveView,
    test_env::{BRAND, TestEnv},
    wait::until,
};
use utility::customers::{CUSTOMERS, Customer};

const THANKS: &str = "Thanks for connecting your utility account!";

/// The customer of the sample utility whose account it is.
fn jordan() -> &'static Customer {
    &CUSTOMERS[0]
}

/// The code that the sample utility sent last, once there is one.
async fn code_sent(env: &TestEnv) -> String {
    let outbox = &env.utility.switches.outbox;
    until("a code", async || outbox.code_for(jordan().email)).await
}

fn sam() -> &'static Customer {
    &CUSTOMERS[1]
}

/// Opens a link and confirms the website.
async fn confirm(env: &TestEnv, link: &Link) -> Tab {
    let tab = env.open(&link.url).await;
    tab.until_text("Connect your utility account").await;
    tab.until_text(BRAND).await;
    let filled = tab.value("document.querySelector('#url').value").await;
    assert_eq!(filled, Some(json!(format!("{}/login", env.utility_url))));
    tab.click("main form button.main").await;
    tab.until("document.querySelector('#live')", "the live view's page")
        .await;
    tab.until("document.activeElement.localName === 'h1'", "its beginning")
        .await;
    tab
}

/// The live view of a tab at SIGN_IN, showing the utility's sign-in form.
async fn at_the_form<'a>(env: &TestEnv, tab: &'a Tab) -> LiveView<'a> {
    let mirror = env.open_mirror("/login").await;
    let view = LiveView::of(tab, mirror);
    view.until_as_mirror().await;
    view
}

async fn type_in(view: &LiveView<'_>, tab: &Tab, email: &str, password: &str) {
    view.fill("#email", email).await;
    view.fill("#password", password).await;
    tab.press_enter().await;
}

/// Picks the first site, keeps the utility types of the link, and finishes.
async fn pick(tab: &Tab) {
    pick_sites(tab).await;
    tab.until_text(THANKS).await;
}

/// As [`pick`], where the sign-in asked for a code: how codes reach us is left for later.
async fn pick_and_leave_codes(tab: &Tab) {
    pick_sites(tab).await;
    tab.until_text("How should we get the next code?").await;
    tab.click("button[value=leave-forwarding]").await;
    tab.until_text(THANKS).await;
}

/// At FORWARDING, with a way for codes set up: waits until the website has taken a code of it. The first collection may
/// be in time for that; else another sign-in is asked for.
async fn until_proven(tab: &Tab) {
    let again = "document.querySelector('button[value=try-codes]') !== null";
    let proven = "document.body.innerText.includes('Works: the website took a code of it.')";
    tab.until(
        &format!("{again} || {proven}"),
        "the first collection to be over",
    )
    .await;
    if tab.value(again).await == Some(json!(true)) {
        tab.click("button[value=try-codes]").await;
    }
    tab.until(proven, "a code that was taken").await;
}

async fn pick_sites(tab: &Tab) {
    tab.until_text("What does this account cover?").await;
    tab.click("input[name=site]").await;
    tab.click("button[value=sites]").await;
}

async fn sign_in_and_finish(env: &TestEnv, tab: &Tab, person: &Customer) {
    let view = at_the_form(env, tab).await;
    type_in(&view, tab, person.email, person.password).await;
    pick(tab).await;
}

/// The only connection, once its first collection is over.
async fn collected(env: &TestEnv) -> Value {
    env.api.collected(&env.company, 1).await.remove(0)
}

fn cents(value: &Value) -> i64 {
    let number = value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no amount"));
    (number * 100.0).round() as i64
}

/// The API has the customer's bills, each with its true amounts, and their files.
async fn bills_are_true(env: &TestEnv, connection: &Value, person: &Customer) {
    assert_eq!(connection["status"], "CONNECTED", "{connection}");
    let bills = env.api.bills(connection).await;
    let mut found = BTreeMap::new();
    for bill in &bills {
        let invoice = bill["invoiceId"].as_str().unwrap_or_default().to_owned();
        let usage = bill["usageData"][0]["quantity"].as_f64();
        let amounts = (
            cents(&bill["totalCharges"]),
            bill["billDate"].clone(),
            usage,
        );
        found.insert(invoice, amounts);
        let file = format!(
            "/v2.2/bill/{}/file",
            bill["id"].as_str().unwrap_or_default()
        );
        assert!(env.api.bytes(&file).await.starts_with(b"%PDF-"));
    }
    let expected: BTreeMap<_, _> = utility::bills_of(person.email, &env.utility)
        .into_iter()
        .map(|bill| {
            let date = json!(bill.bill_date.to_string());
            (
                bill.invoice.clone(),
                (bill.total_due(), date, Some(f64::from(bill.usage))),
            )
        })
        .collect();
    assert_eq!(found, expected);
    let numbers = |accounts: &mut dyn Iterator<Item = String>| {
        let mut numbers: Vec<_> = accounts.collect();
        numbers.sort();
        numbers
    };
    let accounts = connection["accounts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut accounts = accounts.iter().map(|account| {
        account["accountNumber"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    let mut true_ones = person
        .accounts
        .iter()
        .map(|account| account.number.to_owned());
    assert_eq!(numbers(&mut accounts), numbers(&mut true_ones));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_link_leads_to_collected_bills() {
    TestEnv::run("story", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        env.screenshot(&tab, "thanks.png").await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
        assert_eq!(connection["username"], "jo…@example.com");
        let events = env.api.events(&link).await;
        let good_run = [
            "CREATED",
            "OPENED",
            "SIGN_IN_STARTED",
            "SIGNED_IN",
            "FULFILLED",
        ];
        assert_eq!(events, good_run);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_then_the_right_one_signs_in() {
    TestEnv::run("wrong-password", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, "not my password").await;

        let mirror = view.mirror();
        mirror.click("#email").await;
        mirror.type_text(jordan().email).await;
        mirror.click("#password").await;
        mirror.type_text("not my password").await;
        mirror.press_enter().await;
        mirror
            .until(
                "document.querySelector('[role=alert]')",
                "the utility's refusal",
            )
            .await;

        view.until_as_mirror().await;
        tab.until("location.pathname.includes('/flow/')", "the flow")
            .await;
        // The website kept the user name: only the password is typed again.
        view.fill("#password", jordan().password).await;
        tab.press_enter().await;
        pick(&tab).await;
        let connection = collected(env).await;
        assert_eq!(connection["username"], "jo…@example.com");
        bills_are_true(env, &connection, jordan()).await;
        let events = env.api.events(&link).await;
        assert!(events.contains(&"SIGN_IN_FAILED".to_owned()), "{events:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_forged_and_revoked_links_show_an_error_page() {
    TestEnv::run("links-that-do-not-open", async |env| {
        let revoked = env.link(json!({})).await;
        // Confirming is the first thing that asks the origin.
        let tab = env.open(&revoked.url).await;
        tab.until_text("Connect your utility account").await;
        env.api.revoke(&revoked).await;
        tab.click("main form button.main").await;
        tab.until("!document.querySelector('#url')", "another page")
            .await;
        let refused = tab.text().await;

        let good = env.link(json!({})).await;
        let mut forged = good.url.clone();
        let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
        forged.push(last);
        let tab = env.open(&forged).await;
        assert_eq!(tab.text().await, refused, "forged and revoked look alike");

        let tab = env.open(&env.expired(&good)).await;
        assert_eq!(tab.text().await, refused, "expired and revoked look alike");
        assert!(env.api.connections(&env.company).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_link_says_that_it_was_used() {
    TestEnv::run("used", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        let again = env.open(&link.url).await;
        again.click("main form button.main").await;
        again
            .until("!document.querySelector('#url')", "another page")
            .await;
        let text = again.text().await;
        assert!(text.contains("This link was already used"), "{text}");
        assert_eq!(env.api.connections(&env.company).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_website_can_be_tried_again_and_a_revoked_link_cannot_finish() {
    TestEnv::run("down-and-revoked", async |env| {
        let link = env.link(json!({})).await;
        env.utility.switches.set(utility::Fault::Down, true);
        let tab = confirm(env, &link).await;
        tab.until(
            "document.querySelector('button[value=try-again]')",
            "what to do about it",
        )
        .await;
        env.screenshot(&tab, "down.png").await;
        env.utility.switches.set(utility::Fault::Down, false);
        tab.click("button[value=try-again]").await;
        tab.until("document.querySelector('#live canvas')", "the live view")
            .await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("What does this account cover?").await;
        env.screenshot(&tab, "sites.png").await;
        // Nothing ticked: said, and the utility type of the link stays ticked.
        tab.click("button[value=sites]").await;
        tab.until_text("Choose at least one site.").await;
        env.api.revoke(&link).await;
        tab.reload().await;
        tab.until(
            "!document.querySelector('input[name=site]')",
            "another page",
        )
        .await;
        let text = tab.text().await;
        assert!(!text.contains(THANKS), "{text}");
        env.screenshot(&tab, "revoked.png").await;
        assert!(env.api.connections(&env.company).await.is_empty());
        let last = env.api.events(&link).await.pop();
        assert_eq!(last.as_deref(), Some("REFUSED"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_more_data_in_the_same_flow_makes_a_second_connection() {
    TestEnv::run("add-more", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        tab.click("button[value=add-more]").await;
        tab.until(
            "document.querySelector('#url')?.value === ''",
            "an empty form for a website",
        )
        .await;
        tab.click("#url").await;
        tab.type_text(&format!("{}/login", env.utility_url)).await;
        tab.click("button[value=provider]").await;
        tab.until("document.querySelector('#live canvas')", "the live view")
            .await;
        sign_in_and_finish(env, &tab, sam()).await;
        let mut connections = env.api.collected(&env.company, 2).await;
        connections.sort_by_key(|connection| connection["username"].to_string());
        bills_are_true(env, &connections[0], jordan()).await;
        bills_are_true(env, &connections[1], sam()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_live_view_reads_that_they_have_left() {
    TestEnv::run("leave", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        at_the_form(env, &tab).await;
        tab.click("button[value=leave]").await;
        tab.until_text("You have left").await;

        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        tab.click("button[value=add-more]").await;
        tab.click("button[value=leave]").await;
        tab.until_text("Your utility account is connected").await;
        assert_eq!(env.api.connections(&env.company).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_refresh_keeps_the_step_of_the_flow() {
    TestEnv::run("refresh", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let address = tab.address().await;
        let view = at_the_form(env, &tab).await;
        view.fill("#email", jordan().email).await;
        tab.reload().await;
        assert_eq!(tab.address().await, address);
        // The same browser, with what was typed so far.
        view.mirror().click("#email").await;
        view.mirror().type_text(jordan().email).await;
        view.until_as_mirror().await;
        view.fill("#password", jordan().password).await;
        tab.press_enter().await;
        tab.until_text("What does this account cover?").await;
        tab.reload().await;
        pick(&tab).await;
        tab.reload().await;
        tab.until_text(THANKS).await;
        assert_eq!(tab.address().await, address);
        assert_eq!(env.api.connections(&env.company).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_flows_at_once_stay_separate() {
    TestEnv::run("two-flows", async |env| {
        let (first, second) = (env.link(json!({})).await, env.link(json!({})).await);
        let one = confirm(env, &first).await;
        let two = confirm(env, &second).await;
        assert_ne!(one.address().await, two.address().await);
        let (view_one, view_two) = (at_the_form(env, &one).await, at_the_form(env, &two).await);
        // Hands in turn, on two keyboards.
        view_one.fill("#email", jordan().email).await;
        view_two.fill("#email", sam().email).await;
        view_one.fill("#password", jordan().password).await;
        view_two.fill("#password", sam().password).await;
        one.press_enter().await;
        two.press_enter().await;
        pick(&one).await;
        pick(&two).await;
        let mut connections = env.api.collected(&env.company, 2).await;
        connections.sort_by_key(|connection| connection["username"].to_string());
        bills_are_true(env, &connections[0], jordan()).await;
        bills_are_true(env, &connections[1], sam()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_again_after_the_origin_restarted_during_a_sign_in() {
    TestEnv::run("restart", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        view.fill("#email", jordan().email).await;
        env.stop_origin().await;
        env.start_origin().await;
        tab.reload().await;
        let text = tab.text().await;
        assert!(text.contains("This session has ended"), "{text}");
        assert!(text.contains("open your link again"), "{text}");
        env.screenshot(&tab, "after-restart.png").await;

        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, jordan()).await;
        let connection = collected(env).await;
        bills_are_true(env, &connection, jordan()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_killed_while_a_password_is_typed_leaves_it_nowhere() {
    // The search for secrets follows every story.
    TestEnv::run("killed", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        view.fill("#email", jordan().email).await;
        view.fill("#password", jordan().password).await;
        env.kill_origin().await;
        env.start_origin().await;
        tab.reload().await;
        tab.until_text("This session has ended").await;
        assert!(env.api.connections(&env.company).await.is_empty());
    })
    .await;
}
