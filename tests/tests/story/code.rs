//! A code that the website asks for in the live view, answered above the picture.

use serde_json::json;
use tests::test_env::TestEnv;

use super::{THANKS, at_the_form, code_sent, confirm, jordan, pick_sites, type_in};

/// The control for the code, and where the picture begins.
const INPUT: &str = "#entry input[autocomplete=one-time-code]";

/// What says that something entered above the picture goes on, and a script that notes what it says.
const PROGRESS: &str = "document.querySelector('#entry [data-progress]')";
const NOTES_PROGRESS: &str = "window.noted = []; new MutationObserver(() => \
    noted.push(document.querySelector('#entry [data-progress]').textContent)) \
    .observe(document.querySelector('#entry'), { childList: true, subtree: true }); true";

#[tokio::test(flavor = "multi_thread")]
async fn a_client_answers_a_code_above_the_picture_from_a_phone() {
    TestEnv::run("code", async |env| {
        env.utility.switches.set(utility::Fault::AsksCode, true);
        let link = env
            .link(json!({ "url": format!("{}/login", env.utility_url) }))
            .await;
        let tab = confirm(env, &link).await;
        tab.resize(390, 844).await;
        let view = at_the_form(env, &tab).await;
        type_in(&view, &tab, jordan().email, jordan().password).await;
        tab.until_text("The website sent a code to ***-***-0142 by text message.")
            .await;
        env.screenshot(&tab, "asked-on-a-phone.png").await;
        let above = format!(
            "document.querySelector('{INPUT}').getBoundingClientRect().bottom <= \
             document.querySelector('#live').getBoundingClientRect().top"
        );
        assert_eq!(
            tab.value(&above).await,
            Some(json!(true)),
            "it covers nothing"
        );
        let size = format!(
            "parseFloat(getComputedStyle(document.querySelector('{INPUT}')).fontSize) >= 16"
        );
        assert_eq!(tab.value(&size).await, Some(json!(true)));
        tab.value(NOTES_PROGRESS).await;
        tab.click(INPUT).await;
        tab.type_text("111111").await;
        tab.press_enter().await;
        tab.until_text("The website did not accept that code").await;
        let said = tab.value("noted").await.map(|said| said.to_string());
        assert!(
            said.is_some_and(|said| said.contains("Signing in to localhost")),
            "it was entered"
        );
        let silent = format!("{PROGRESS}.textContent === ''");
        tab.until(&silent, "the end of it").await;
        tab.until_text("The code you entered is incorrect.").await;
        tab.until(
            &format!("document.querySelector('{INPUT}')?.value === ''"),
            "the code asked for again",
        )
        .await;
        env.screenshot(&tab, "refused-on-a-phone.png").await;
        tab.resize(1280, 900).await;
        env.screenshot(&tab, "refused-on-a-desktop.png").await;
        // The proof, which follows, is not asked for a code.
        env.utility.switches.set(utility::Fault::AsksCode, false);
        tab.click(INPUT).await;
        tab.type_text(&code_sent(env).await).await;
        tab.press_enter().await;
        pick_sites(&tab).await;
        tab.until_text("How should we get the next code?").await;
        tab.resize(390, 844).await;
        env.screenshot(&tab, "codes-from-now-on-on-a-phone.png")
            .await;
        tab.click("button[value=leave-forwarding]").await;
        tab.until_text(THANKS).await;
    })
    .await;
}
