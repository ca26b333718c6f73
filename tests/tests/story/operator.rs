//! The operators' pages: an operator comes in by an invitation, and nothing on the way keeps people out.

use tests::{accessibility::LOOKS, client::Tab, test_env::TestEnv};
use utility::authenticator;

const PASSWORD: &str = "a quiet copper kettle";

/// Signs an operator in and looks at every page, that of this connection among them.
pub(super) async fn looks_after(env: &TestEnv, connection: &str) {
    let invitation = env.invite_operator("ada@platform.example").await;
    let (base, _) = invitation.split_once("/operator/").expect("an address");
    let tab = env.open(&invitation).await;
    tab.until_text("Welcome, Ada").await;
    let mut all = barriers(env, &tab, "invitation").await;
    let key = tab.value("document.querySelector('#key').value").await;
    let key = key.as_ref().and_then(|key| key.as_str()).expect("a key");
    tab.click("#password").await;
    tab.type_text(PASSWORD).await;
    tab.click("#code").await;
    tab.type_text(&authenticator::code_of(key)).await;
    tab.press_enter().await;
    tab.until_text("Nothing waits for you").await;
    let connection = format!("connections/{connection}");
    for page in [
        "sign-in",
        "failures",
        &connection,
        "queue",
        "log",
        "account",
        "nothing",
    ] {
        tab.goto(&format!("{base}/operator/{page}")).await;
        all.extend(barriers(env, &tab, page).await);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

async fn barriers(env: &TestEnv, tab: &Tab, page: &str) -> Vec<String> {
    let name = page.replace('/', "-");
    let mut all = Vec::new();
    // Each size and each scheme once: the style sheet is that of the console, which is looked at in all.
    for (look, size, scheme) in [LOOKS[1], LOOKS[2]] {
        tab.look(size, scheme).await;
        let barriers = tab.barriers().await;
        let told = |barrier| format!("{page} ({look}): {barrier}");
        all.extend(barriers.into_iter().map(told));
        env.screenshot(tab, &format!("operator-{name}-{look}.png"))
            .await;
    }
    all
}
