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
    })
    .await;
}

async fn scroll_up(tab: &Tab) {
    tab.until("(scrollTo(0, 0), scrollY === 0)", "the top")
        .await;
}

/// Waits until all of a field of the website is inside the window.
async fn until_in_sight(tab: &Tab, view: &LiveView<'_>, selector: &str) {
    until(&format!("{selector} in sight"), async || {
        let (top, bottom) = view.shown_at(selector).await?;
        let height = tab.value("innerHeight").await?.as_f64()?;
        (top >= 0.0 && bottom <= height).then_some(())
    })
    .await;
}
