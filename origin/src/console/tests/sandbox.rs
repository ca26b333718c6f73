//! The sandbox at the console.

use shared::member::MemberRole;

use super::on_both_consoles;
use crate::utilities::listed;

#[tokio::test]
async fn a_sandbox_company_is_made_and_connects_sample_websites_alone() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let role = MemberRole::Member;
        let member = console.visitor(client.organization, role).await;
        let page = member.get("/console/sandbox").await;
        for shown in ["https://*.sandbox.example/", "http://*.localhost:7400/"] {
            assert!(page.text.contains(shown), "{}", page.text);
        }
        assert!(
            !page.text.contains("Make a sandbox key"),
            "keys are for owners"
        );
        let fields = [("name", "Trial"), ("sandbox", "yes")];
        let made = member.post("/console/companies", &fields).await;
        let page = member.get("/console/sandbox").await;
        assert!(page.text.contains(&made.location), "{}", page.text);
        let company = made.location.rsplit('/').next().expect("an id");
        let real = client.company.id.to_string();
        let first = listed().first().expect("a listed utility");
        let option = format!("<option value=\"{}\">{}", first.host, first.name);
        for (company, is_suggested) in [(company, false), (&real, true)] {
            let page = format!("/console/links/new?company={company}");
            let text = member.get(&page).await.text;
            assert_eq!(text.contains(&option), is_suggested, "{option}");
        }
        for (company, url, status) in [
            (company, "power.sandbox.example", 303),
            (company, "modal.localhost:7400", 303),
            (company, "power.example", 422),
            (&real, "power.sandbox.example", 422),
            (&real, "power.example", 303),
        ] {
            let fields = [("company", company), ("url", url)];
            let made = member.post("/console/links/new", &fields).await;
            assert_eq!(made.status, status, "{url}: {}", made.text);
        }
        let reader = MemberRole::ReadOnly;
        let reader = console.visitor(client.organization, reader).await;
        let page = reader.get("/console/sandbox").await;
        assert!(
            !page.text.contains("Add a sandbox company</h2>"),
            "{}",
            page.text
        );
    })
    .await;
}
