//! The picture is scrolled to what is typed into, and left alone where the client scrolls.

use serde_json::json;
use tests::{client::Tab, live_view::LiveView, test_env::TestEnv, wait::until};

use super::{at_the_form, jordan};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_into_is_in_sight_on_a_phone() {
    TestEnv::run("focus", async |env| {
        let link = env.link(json!({})).await;
        let tab = env.open(&link.url).await;
        tab.resize(390, 844).await;
        tab.click("main form button.main").await;
        let view = at_the_form(env, &tab).await;
        until_in_sight(&tab, &view, "#email").await;
        env.screenshot(&tab, "first.png").await;
        let hint = "document.querySelector('.typing').getAttribute('aria-describedby') === \
                    document.querySelector('[data-stage]').previousElementSibling.id";
        assert_eq!(tab.value(hint).await, Some(json!(true)), "said before");

        view.fill("#email", jordan().email).await;
        scroll_up(&tab).await;
        tab.press_tab().await;
        until_in_sight(&tab, &view, "#password").await;
        scroll_up(&tab).await;
        tab.type_text("x").await;
        until_in_sight(&tab, &view, "#password").await;
        env.screenshot(&tab, "typed.png").await;
        // The keyboard on the screen comes up.
        tab.value(KEYBOARD).await;
        until_above(&tab, &view, "#password", KEYBOARD_TOP).await;
        // So does what is typed next, which is tapped.
        view.fill("#email", jordan().email).await;
        until_above(&tab, &view, "#email", KEYBOARD_TOP).await;
        until_above(&tab, &view, "#password", KEYBOARD_TOP).await;
    })
    .await;
}

/// What is left of the window above the keyboard, and how the browser tells a page.
const KEYBOARD_TOP: &str = "380";
const KEYBOARD: &str = "Object.defineProperty(visualViewport, 'height', { value: 380 }); \
    visualViewport.dispatchEvent(new Event('resize'))";

async fn scroll_up(tab: &Tab) {
    tab.until("(scrollTo(0, 0), scrollY === 0)", "the top")
        .await;
}

/// Waits until all of a field of the website is inside the window.
async fn until_in_sight(tab: &Tab, view: &LiveView<'_>, selector: &str) {
    until_above(tab, view, selector, "innerHeight").await;
}

async fn until_above(tab: &Tab, view: &LiveView<'_>, selector: &str, end: &str) {
    until(&format!("{selector} in sight"), async || {
        let (top, bottom) = view.shown_at(selector).await?;
        let end = tab.value(end).await?.as_f64()?;
        (top >= 0.0 && bottom <= end).then_some(())
    })
    .await;
}
