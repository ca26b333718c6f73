//! Webhook endpoints at the console.

use shared::member::MemberRole;

use super::on_both_consoles;

const URL: &str = "https://hooks.example.com/in";

/// The path of the first endpoint of the list.
fn path_in(page: &str) -> String {
    let (_, rest) = page.split_once("href=\"/console/webhooks/").expect("one");
    let id = rest.split('"').next().expect("its end");
    format!("/console/webhooks/{id}")
}

fn secret_in(page: &str) -> &str {
    let (_, rest) = page.split_once("value=\"whsec_").expect("a secret");
    rest.split('"').next().expect("its end")
}

#[tokio::test]
async fn an_owner_adds_tests_changes_and_removes_an_endpoint() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let (organization, role) = (client.organization, MemberRole::Owner);
        let owner = console.visitor(organization, role).await;
        let empty = owner.get("/console/webhooks").await;
        assert!(empty.text.contains("No endpoints yet"), "{}", empty.text);
        let wrong = [
            ("url", "http://hooks.example.com/"),
            ("event", "bill.created"),
        ];
        let wrong = owner.post("/console/webhooks", &wrong).await;
        assert!(wrong.status == 422 && wrong.text.contains("id=\"url-problem\""));
        assert!(
            wrong.text.contains("value=\"bill.created\" checked"),
            "it is kept"
        );
        let inside = [("url", "https://10.0.0.1/")];
        let inside = owner.post("/console/webhooks", &inside).await;
        assert!(inside.text.contains("not on the public internet"));

        let right = [
            ("url", URL),
            ("description", "Billing"),
            ("event", "bill.created"),
        ];
        let made = owner.post("/console/webhooks", &right).await;
        let secret = secret_in(&made.text).to_owned();
        let path = path_in(&made.text);
        let list = owner.get("/console/webhooks").await;
        assert!(list.text.contains("Billing") && !list.text.contains(&secret));

        let tested = owner.post(&format!("{path}/test"), &[]).await;
        assert_eq!(tested.status, 303, "{}", tested.text);
        let page = owner.get(&tested.location).await;
        assert!(page.text.contains("A test is on its way"), "{}", page.text);
        let (_, rest) = page.text.split_once("/deliveries/").expect("a delivery");
        let delivery = rest.split('"').next().expect("its end");
        let delivery = format!("{path}/deliveries/{delivery}");
        let shown = owner.get(&delivery).await;
        assert!(shown.text.contains("webhook.test") && shown.text.contains("endpointId"));
        let again = owner.post(&format!("{delivery}/replay"), &[]).await;
        assert_eq!(again.status, 303, "{}", again.text);
        let page = owner.get(&path).await;
        assert!(page.text.contains("Deliveries (2)"), "{}", page.text);

        let old = [("version", "7"), ("url", URL), ("description", "Mine")];
        let old = owner.post(&path, &old).await;
        assert!(
            old.status == 409 && old.text.contains("value=\"Mine\""),
            "{}",
            old.text
        );
        let new = [("version", "1"), ("url", URL), ("description", "Ours")];
        assert_eq!(owner.post(&path, &new).await.status, 303);
        // Whose form was refused has not seen what others saved since.
        let wrong = [("version", "1"), ("url", "http://x.example")];
        let wrong = owner.post(&path, &wrong).await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text.contains("name=\"version\" value=\"1\""),
            "{}",
            wrong.text
        );
        assert_eq!(owner.post(&path, &new).await.status, 409);
        let page = owner.get(&path).await;
        assert!(page.text.contains("Ours") && page.text.contains("<dd>Everything</dd>"));

        let other = owner.post(&format!("{path}/secret"), &[]).await;
        assert_ne!(secret_in(&other.text), secret);
        let page = owner.get(&path).await;
        assert!(page.text.contains("Old secret until"), "{}", page.text);

        let off = owner.post(&format!("{path}/switch"), &[("on", "no")]).await;
        let page = owner.get(&off.location).await;
        assert!(page.text.contains("Your organization switched it off."));
        assert_eq!(owner.post(&format!("{path}/test"), &[]).await.status, 409);
        assert_eq!(
            owner.post(&format!("{delivery}/replay"), &[]).await.status,
            409
        );
        owner
            .post(&format!("{path}/switch"), &[("on", "yes")])
            .await;

        let stranger = console.test.client().await;
        let stranger = console.visitor(stranger.organization, role).await;
        for other in [&path, &delivery] {
            assert_eq!(stranger.get(other).await.status, 404, "{other}");
        }
        for what in ["", "/secret", "/test", "/switch", "/remove"] {
            let fields = [("version", "1"), ("url", URL)];
            let answer = stranger.post(&format!("{path}{what}"), &fields).await;
            assert_eq!(answer.status, 404, "{what}");
        }
        let gone = owner.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(gone.location, "/console/webhooks");
        assert_eq!(owner.get(&path).await.status, 404);
        let log = owner.get("/console/audit-log").await.text;
        for told in [
            "Added a webhook endpoint",
            "Changed a webhook endpoint",
            "Made another webhook secret",
            "Sent a webhook test",
            "Sent a webhook again",
            "Removed a webhook endpoint",
        ] {
            assert!(log.contains(told), "{told}");
        }
        assert!(
            log.contains("Ours (hooks.example.com)") && !log.contains("hooks.example.com/"),
            "the rest of an address may be a secret: {log}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_of_the_sandbox_is_chosen_and_shown() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let role = MemberRole::Owner;
        let owner = console.visitor(client.organization, role).await;
        owner.post("/console/webhooks", &[("url", URL)]).await;
        let list = owner.get("/console/webhooks").await;
        let mark = "<small>Sandbox</small>";
        assert!(!list.text.contains(mark), "production by default");
        let fields = [("url", URL), ("sandbox", "yes")];
        owner.post("/console/webhooks", &fields).await;
        let list = owner.get("/console/webhooks").await;
        assert_eq!(list.text.matches(mark).count(), 1, "{}", list.text);
    })
    .await;
}

#[tokio::test]
async fn endpoints_are_for_owners() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let role = MemberRole::Member;
        let member = console.visitor(client.organization, role).await;
        assert_eq!(member.get("/console/webhooks").await.status, 403);
        let posted = member.post("/console/webhooks", &[("url", URL)]).await;
        assert_eq!(posted.status, 403);
        let team = member.get("/console/team").await;
        assert!(!team.text.contains("/console/webhooks"));
    })
    .await;
}
