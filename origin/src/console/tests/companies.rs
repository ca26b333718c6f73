//! Names of companies and sites that are refused.

use shared::member::MemberRole;

use super::on_both_consoles;

#[tokio::test]
async fn a_name_that_is_shown_in_another_order_than_it_is_written_is_refused() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let sites = format!("/console/companies/{}/sites", client.company.id);
        let told = "must not contain control characters";
        for (path, form) in [
            (
                "/console/companies",
                [("name", "Blue\u{202e}yrekaB"), ("externalId", "")],
            ),
            (
                "/console/companies",
                [("name", "Blue"), ("externalId", "a\u{2066}b")],
            ),
            (&sites, [("name", "Shop\u{2069}"), ("address", "")]),
            (&sites, [("name", "Shop"), ("address", "1\u{0}")]),
        ] {
            let refused = member.post(path, &form).await;
            assert_eq!(refused.status, 422, "{form:?}");
            assert!(refused.text.contains(told), "{}", refused.text);
        }
        let named = [("name", "חברת החשמל")];
        assert_eq!(member.post("/console/companies", &named).await.status, 303);
    })
    .await;
}
