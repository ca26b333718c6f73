//! The console: a member comes in by an invitation, makes a link, and looks after the connection that comes of it.

use serde_json::json;
use tests::{accessibility::LOOKS, api::Link, client::Tab, test_env::TestEnv};

use super::{at_the_form, confirm, jordan, operator, pick_sites, type_in};

const EMAIL: &str = "robin@brightside.example";
const PASSWORD: &str = "a quiet copper kettle";

async fn fill(tab: &Tab, selector: &str, text: &str) {
    tab.click(selector).await;
    tab.type_text(text).await;
}

/// A file with a row that is wrong, checked.
async fn checked_batch(tab: &Tab, base: &str) -> String {
    tab.goto(&format!("{base}/console/links/batch")).await;
    // Lines are pasted, not typed.
    let paste = r"document.querySelector('#text').value = 'company\nMeadow Lane Bakery\nNobody\n'";
    tab.value(paste).await;
    tab.click("button.main").await;
    tab.until_text("Problem").await;
    let address = tab.address().await;
    let (_, path) = address.split_once("/console").expect("the console");
    format!("/console{path}")
}

/// An endpoint that nobody answers at, and what was to be sent there.
async fn webhook(env: &TestEnv) -> (String, String) {
    let url = json!({ "url": "https://hooks.brightside.example/" });
    let (_, endpoint) = env.api.post("/v2.2/webhook", &url).await;
    let endpoint = endpoint["id"].as_str().expect("an id").to_owned();
    let test = format!("/v2.2/webhook/{endpoint}/test");
    let (_, delivery) = env.api.post(&test, &json!({})).await;
    let delivery = delivery["id"].as_str().expect("an id");
    let endpoint = format!("/console/webhooks/{endpoint}");
    let delivery = format!("{endpoint}/deliveries/{delivery}");
    (endpoint, delivery)
}

/// Looks at every page for what keeps people out, and at what a bill's page shows of its file.
async fn has_no_barriers(env: &TestEnv, tab: &Tab) {
    let here = tab.address().await;
    let (base, _) = here.split_once("/console").expect("the console");
    let linked = async |page: &str, selector: &str| {
        tab.goto(&format!("{base}{page}")).await;
        let href = format!("document.querySelector({selector:?})?.getAttribute('href')");
        let href = tab.value(&href).await;
        let href = href.as_ref().and_then(|href| href.as_str());
        href.unwrap_or_else(|| panic!("{selector} on {page}"))
            .to_owned()
    };
    let checked = checked_batch(tab, base).await;
    let (endpoint, delivery) = webhook(env).await;
    let connection = linked("/console/connections", "tbody [href*='/connections/']").await;
    let link = linked("/console/links", "tbody [href*='/links/']").await;
    let bill = linked("/console/bills", "tbody th [href*='/bills/']").await;
    let company = format!("/console/companies/{}", env.company);
    let site = linked(&company, "tbody [href*='/sites/']").await;
    let pages = [
        "/console/connections".to_owned(),
        "/console/connections?search=nothing".to_owned(),
        format!("{connection}/edit"),
        connection,
        "/console/links".to_owned(),
        link,
        format!("/console/links/new?company={}", env.company),
        "/console/links/batch".to_owned(),
        checked,
        "/console/bills?from=tomorrow".to_owned(),
        "/console/bills".to_owned(),
        bill.clone(),
        "/console/companies".to_owned(),
        "/console/companies/import".to_owned(),
        format!("{company}/edit"),
        company,
        site,
        "/console/team".to_owned(),
        "/console/keys".to_owned(),
        "/console/audit-log".to_owned(),
        "/console/account".to_owned(),
        "/console/account/authenticator".to_owned(),
        "/console/brand".to_owned(),
        "/console/redirects".to_owned(),
        "/console/notifications".to_owned(),
        "/console/webhooks".to_owned(),
        endpoint,
        delivery,
        "/console/single-sign-on".to_owned(),
        "/console/guides".to_owned(),
        "/console/guides/senders".to_owned(),
        "/console/sandbox".to_owned(),
        "/console/mail".to_owned(),
        "/console/nothing".to_owned(),
    ];
    let mut all = Vec::new();
    for page in pages {
        tab.goto(&format!("{base}{page}")).await;
        let name = page
            .trim_start_matches("/console/")
            .replace(['/', '?'], "-");
        for (look, size, scheme) in LOOKS {
            tab.look(size, scheme).await;
            let barriers = tab.barriers().await;
            let told = |barrier| format!("{page} ({look}): {barrier}");
            all.extend(barriers.into_iter().map(told));
            env.screenshot(tab, &format!("{name}-{look}.png")).await;
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    tab.goto(&format!("{base}{bill}")).await;
    tab.until("document.querySelector('iframe')", "the bill's file")
        .await;
    env.screenshot(tab, "bill.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_makes_a_link_and_sees_what_comes_of_it() {
    TestEnv::run("console", async |env| {
        let invitation = env.invite(EMAIL, "owner").await;
        let tab = env.open(&invitation).await;
        tab.until_text("Welcome, Robin").await;
        fill(&tab, "#password", PASSWORD).await;
        tab.press_enter().await;
        tab.until_text("Invite your first client").await;
        env.screenshot(&tab, "empty.png").await;

        tab.click(".empty a.main").await;
        tab.until_text("Filled in for Meadow Lane Bakery").await;
        fill(&tab, "#url", &format!("{}/login", env.utility_url)).await;
        tab.click("input[value=ELECTRICITY]").await;
        tab.click("input[value=WATER]").await;
        fill(&tab, "#ownerEmail", "owner@client.example").await;
        env.screenshot(&tab, "new-link.png").await;
        tab.press_enter().await;
        tab.until("document.querySelector('#link')", "the link")
            .await;
        env.screenshot(&tab, "link.png").await;
        let url = tab.value("document.querySelector('#link').value").await;
        let url = url.as_ref().and_then(|url| url.as_str());
        let link = Link {
            id: tab
                .address()
                .await
                .rsplit('/')
                .next()
                .expect("an id")
                .to_owned(),
            url: url.expect("an address").to_owned(),
        };

        let client = confirm(env, &link).await;
        let view = at_the_form(env, &client).await;
        type_in(&view, &client, jordan().email, jordan().password).await;
        pick_sites(&client).await;
        client.until_text("Your bills were found").await;

        tab.click("header nav a").await;
        tab.until(
            "document.querySelector('tbody .status.good')",
            "the connection",
        )
        .await;
        tab.until_text("owner@client.example").await;
        env.screenshot(&tab, "connections.png").await;
        tab.click("tbody th a").await;
        tab.until_text("Yes, it was proven").await;
        tab.until(
            "document.querySelectorAll('a[href$=\"/file\"]').length > 3",
            "its bills",
        )
        .await;
        env.screenshot(&tab, "connection.png").await;
        tab.click("[formaction$='/pause']").await;
        tab.until_text("You paused it").await;
        tab.click("[formaction$='/resume']").await;
        tab.until_text("Collect now").await;
        tab.click("[formaction$='/link']").await;
        tab.until_text("Connection update link for Meadow Lane Bakery")
            .await;
        // What cannot be taken back is asked for once more.
        tab.click("[data-sure]").await;
        tab.until_text("Really take it back?").await;
        tab.click("[data-sure]").await;
        tab.until_text("The link was taken back").await;

        has_no_barriers(env, &tab).await;

        tab.click("header form button").await;
        tab.until_text("Sign in to the console").await;
        fill(&tab, "#email", EMAIL).await;
        fill(&tab, "#password", PASSWORD).await;
        tab.press_enter().await;
        tab.until("document.querySelector('tbody')", "the connections")
            .await;
        let old = env.open(&invitation).await;
        old.until_text("was used or has run out").await;
        let connections = env.api.collected(&env.company, 1).await;
        assert_eq!(
            connections[0]["workflowOwnerEmail"],
            json!("owner@client.example")
        );
        let connection = connections[0]["id"].as_str().expect("an id");
        operator::looks_after(env, connection).await;
    })
    .await;
}
