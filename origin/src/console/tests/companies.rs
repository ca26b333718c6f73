//! Companies and sites that are deleted, and names that are refused.

use shared::member::{AuditAction, MemberRole};

use super::on_both_consoles;
use crate::store::{StoreError, testing::new_bill};

#[tokio::test]
async fn a_company_and_a_site_are_deleted_and_the_page_says_what_comes_first() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let theirs = console.test.client().await;
        let company = client.company.id;
        let connection = console.test.connect(&client).await;
        let bill = &new_bill(company, connection, 1);
        let adding = console
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_bill(bill)));
        adding.await.expect("a bill");
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let page = format!("/console/companies/{company}");
        let delete = format!("{page}/delete");
        let site = format!("/console/sites/{}", client.site.id);
        assert!(!reader.get(&page).await.text.contains("Delete"));
        for path in [&delete, &format!("{site}/delete")] {
            assert_eq!(reader.post(path, &[]).await.status, 403, "{path}");
        }
        for path in [
            format!("/console/companies/{}/delete", theirs.company.id),
            format!("/console/sites/{}/delete", theirs.site.id),
        ] {
            assert_eq!(member.post(&path, &[]).await.status, 404, "{path}");
        }

        let form = member.get(&format!("{site}/edit")).await.text;
        assert!(
            form.contains(&format!("action=\"{site}/delete\"")),
            "{form}"
        );
        let deleted = member.post(&format!("{site}/delete"), &[]).await;
        assert_eq!(deleted.location, format!("{page}?done=SITE_DELETED"));
        let shown = member.get(&deleted.location).await.text;
        assert!(shown.contains("The site was deleted."), "{shown}");
        assert!(shown.contains("No sites yet"), "{shown}");

        assert!(shown.contains("First delete its connection"), "{shown}");
        assert!(!shown.contains("Delete company</button>"), "{shown}");
        let early = member.post(&delete, &[]).await;
        assert_eq!(early.status, 409);
        assert!(
            early.text.contains("The company has connections"),
            "{}",
            early.text
        );
        member
            .post(&format!("/console/connections/{connection}/delete"), &[])
            .await;
        let shown = member.get(&page).await.text;
        assert!(shown.contains("Delete its bill as well"), "{shown}");
        let kept = member.post(&delete, &[]).await;
        assert_eq!(kept.status, 409);
        assert!(kept.text.contains("The company has bills"), "{}", kept.text);
        let deleted = member.post(&delete, &[("bills", "delete")]).await;
        assert_eq!(deleted.location, "/console/companies?done=COMPANY_DELETED");
        let list = member.get(&deleted.location).await.text;
        assert!(list.contains("The company was deleted."), "{list}");
        assert!(!list.contains("Blue Bakery"), "{list}");
        for path in [
            page,
            format!("/console/links/{}", client.link.id),
            format!("/console/connections/{connection}"),
        ] {
            assert_eq!(member.get(&path).await.status, 404, "{path}");
        }
        // Lists that are filtered by it, as saved views may be, go on.
        for list in ["connections", "links", "bills"] {
            let path = format!("/console/{list}?company={company}");
            assert!(member.get(&path).await.status < 500, "{path}");
        }
        let organization = client.organization;
        let log = console.test.store.read("test", |tx| {
            Box::pin(tx.audit_events(organization, None, None, 100))
        });
        let log: Result<_, StoreError> = log.await;
        let log = log.expect("a log");
        let named = log
            .iter()
            .find(|(event, _)| event.action == AuditAction::CompanyDeleted);
        let (event, _) = named.expect("a line");
        assert_eq!(event.detail.as_deref(), Some("Blue Bakery"));
    })
    .await;
}

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
