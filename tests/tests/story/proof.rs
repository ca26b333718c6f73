//! The thanks page: what the first collection proves, or why it does not.

use serde_json::{Value, json};
use tests::{client::Tab, test_env::TestEnv};
use utility::customers::{Customer, find};

use super::{
    at_the_form, bills_are_true, collected, confirm, jordan, pick, sign_in_and_finish, type_in,
};

/// A customer without accounts.
fn casey() -> &'static Customer {
    find("casey@example.com").expect("without a service")
}

/// The thanks page of a tab, which must not have been loaded anew since [`mark`].
async fn until_told(tab: &Tab, text: &str) {
    tab.until_text(text).await;
    let mark = tab.value("window.mark === 1").await;
    assert_eq!(mark, Some(json!(true)), "told by events, without a reload");
}

async fn mark(tab: &Tab) {
    tab.value("window.mark = 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thanks_page_tells_live_that_it_works_and_how_many_bills_there_are() {
    TestEnv::run("proof", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("What does this account cover?").await;
        env.utility.switches.set(utility::Fault::Held, true);
        pick(&tab).await;
        mark(&tab).await;
        until_told(&tab, "Signing in by ourselves").await;
        until_told(&tab, "You can close this page at any time").await;
        env.screenshot(&tab, "signing-in.png").await;
        env.utility.switches.set(utility::Fault::Held, false);
        until_told(&tab, "Works without you").await;
        let connection = collected(env).await;
        until_told(&tab, "Your bills were found").await;
        env.screenshot(&tab, "found.png").await;
        let text = tab.text().await;
        let all = utility::bills_of(jordan().email, &env.utility).len();
        assert!(text.contains(&format!("Bills\n{all}")), "{text}");
        for account in jordan().accounts {
            let ending = account.number.get(account.number.len() - 4..);
            let ending = format!("··{}", ending.unwrap_or_default());
            assert!(text.contains(&ending), "{ending}: {text}");
            assert!(!text.contains(account.number), "{text}");
        }
        let works = &connection["worksUnattended"];
        assert_eq!(
            (&works["ok"], &works["reason"]),
            (&json!(true), &Value::Null)
        );
        // Without a script, or later, the page says the same.
        tab.reload().await;
        tab.until_text("Your bills were found").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_cannot_be_repeated_says_what_is_missing_and_is_not_repeated() {
    TestEnv::run("not-proven", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("What does this account cover?").await;
        env.utility
            .switches
            .set_password(jordan().email, "violet canary 77");
        pick(&tab).await;
        mark(&tab).await;
        until_told(&tab, "The website refused the password").await;
        until_told(&tab, "you will be asked to sign in once more").await;
        env.screenshot(&tab, "refused.png").await;
        let text = tab.text().await;
        assert!(!text.contains("Works without you"), "{text}");
        let connection = collected(env).await;
        let works = &connection["worksUnattended"];
        assert_eq!(works["ok"], false);
        assert_eq!(works["reason"], "PASSWORD_INCORRECT");
        assert_eq!(connection["nextCollectionAt"], Value::Null);
        assert_eq!(env.utility.switches.sign_ins(), 2, "the client's, and one");

        tab.click("[data-reason=PASSWORD_INCORRECT] button").await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, "violet canary 77").await;
        tab.until_text("Works without you").await;
        let connection = collected(env).await;
        tab.until_text("Your bills were found").await;
        bills_are_true(env, &connection, jordan()).await;
        assert_eq!(connection["worksUnattended"]["ok"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_bills_says_so_on_the_thanks_page() {
    TestEnv::run("no-bills", async |env| {
        let link = env.link(json!({})).await;
        let tab = confirm(env, &link).await;
        sign_in_and_finish(env, &tab, casey()).await;
        mark(&tab).await;
        until_told(&tab, "Works without you").await;
        collected(env).await;
        until_told(&tab, "There are no bills in this account so far").await;
        env.screenshot(&tab, "no-bills.png").await;
    })
    .await;
}
