//! What members see and change.

use std::collections::BTreeSet;

use shared::{
    id::FlowRef,
    member::{AuditAction, MemberRole},
};

use super::on_both_consoles;
use crate::store::{
    StoreError,
    finish::FinishInput,
    testing::{finish, finish_input, fresh, new_bill},
};

#[tokio::test]
async fn a_client_is_added_and_gets_a_link() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let visitor = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let added = visitor
            .post("/console/companies", &[("name", " Blue <Bakery> ")])
            .await;
        assert_eq!(added.status, 303, "{}", added.text);
        let company = added.location.clone();
        let shown = visitor.get(&company).await;
        assert!(
            shown.text.contains("Blue &#60;Bakery&#62;"),
            "{}",
            shown.text
        );
        let site = [("name", "Mill"), ("address", "3 Mill Road")];
        let site = visitor.post(&format!("{company}/sites"), &site).await;
        assert_eq!(site.location, company);
        let id = company.rsplit('/').next().expect("an id");
        let page = visitor
            .get(&format!("/console/links/new?company={id}"))
            .await;
        assert!(page.text.contains("3 Mill Road"), "{}", page.text);

        let wrong = [
            ("company", id),
            ("url", "no address"),
            ("ownerEmail", "nobody"),
            ("startDate", "tomorrow"),
            ("country", "GB"),
        ];
        let wrong = visitor.post("/console/links/new", &wrong).await;
        assert_eq!(wrong.status, 422);
        for kept in ["no address", "nobody", "value=\"GB\" selected"] {
            assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
        }
        assert_eq!(
            wrong.text.matches("class=\"problem\"").count(),
            3,
            "each at its field"
        );

        let right = [
            ("company", id),
            ("url", "utility.example/login"),
            ("type", "WATER"),
            ("ownerEmail", "owner@client.example"),
            ("lifeDays", "7"),
        ];
        let made = visitor.post("/console/links/new", &right).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let link = visitor.get(&made.location).await;
        assert!(
            link.text.contains("https://connect.example.com/p/connect/"),
            "{}",
            link.text
        );
        assert!(link.text.contains("<svg"), "{}", link.text);
        let list = visitor.get("/console/connections").await;
        assert!(list.text.contains("Invited") && list.text.contains("owner@client.example"));
        let none = visitor.get("/console/connections?search=nobody").await;
        assert!(none.text.contains("Nothing here"), "{}", none.text);

        let revoked = visitor
            .post(&format!("{}/revoke", made.location), &[])
            .await;
        assert_eq!(revoked.location, made.location);
        let link = visitor.get(&made.location).await;
        assert!(!link.text.contains("/p/connect/"), "{}", link.text);
        let organization = client.organization;
        let log = console.test.store.read("test", |tx| {
            Box::pin(tx.audit_events(organization, None, None, 100))
        });
        let log: Result<_, StoreError> = log.await;
        let mut actions: Vec<_> = log
            .expect("a log")
            .into_iter()
            .map(|(event, _)| event.action)
            .collect();
        actions.sort();
        let mut expected = [
            AuditAction::PasswordChanged,
            AuditAction::SignedIn,
            AuditAction::CompanyAdded,
            AuditAction::SiteAdded,
            AuditAction::LinkMade,
            AuditAction::LinkRevoked,
        ];
        expected.sort();
        assert_eq!(actions, expected);
    })
    .await;
}

#[tokio::test]
async fn who_only_reads_changes_nothing() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        assert_eq!(reader.get("/console/connections").await.status, 200);
        let company = format!("/console/companies/{}", client.company.id);
        let link = format!("/console/links/{}/revoke", client.link.id);
        let id = client.company.id.to_string();
        let posts: [(&str, &[(&str, &str)]); 4] = [
            ("/console/companies", &[("name", "Mill")]),
            (&format!("{company}/sites"), &[("name", "Mill")]),
            ("/console/links/new", &[("company", &id)]),
            (&link, &[]),
        ];
        for (path, form) in posts {
            assert_eq!(reader.post(path, form).await.status, 403, "{path}");
        }
        let page = reader.get(&company).await;
        assert!(!page.text.contains("Add a site"), "{}", page.text);
        let link = format!("/console/links/{}", client.link.id);
        let link = reader.get(&link).await;
        assert!(link.text.contains("Active"), "{}", link.text);
        assert!(
            !link.text.contains("/p/connect/"),
            "who only reads gets no link to use"
        );
    })
    .await;
}

#[tokio::test]
async fn another_organizations_things_are_as_unknown_as_none() {
    on_both_consoles(async |console| {
        let [ours, theirs] = [console.test.client().await, console.test.client().await];
        let visitor = console.visitor(ours.organization, MemberRole::Owner).await;
        let (company, link) = (theirs.company.id, theirs.link.id);
        let connection = console.test.connect(&theirs).await;
        let bill = new_bill(company, connection, 1);
        let stored = console
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_bill(&bill)));
        let stored: Result<_, StoreError> = stored.await;
        stored.expect("a bill");
        for path in [
            format!("/console/connections/{connection}"),
            format!("/console/bills/{}", bill.id),
            format!("/console/bills/{}/file", bill.id),
            format!("/console/companies/{company}"),
            format!("/console/connections?company={company}"),
            format!("/console/links/new?company={company}"),
            format!("/console/links/{link}"),
        ] {
            assert_eq!(visitor.get(&path).await.status, 404, "{path}");
        }
        let id = company.to_string();
        let posts: [(&str, &[(&str, &str)]); 3] = [
            (
                &format!("/console/companies/{company}/sites"),
                &[("name", "Mill")],
            ),
            ("/console/links/new", &[("company", &id)]),
            (&format!("/console/links/{link}/revoke"), &[]),
        ];
        for (path, form) in posts {
            assert_eq!(visitor.post(path, form).await.status, 404, "{path}");
        }
        for what in ["link", "collect", "pause", "resume", "delete"] {
            let path = format!("/console/connections/{connection}/{what}");
            assert_eq!(visitor.post(&path, &[]).await.status, 404, "{path}");
        }
        // Any id of another organization is one that ours does not have.
        for path in [
            format!("/console/keys/{company}/revoke"),
            format!("/console/team/{company}/remove"),
            format!("/console/team/{company}/invitation"),
        ] {
            assert_eq!(visitor.post(&path, &[]).await.status, 404, "{path}");
        }
        let list = visitor.get("/console/connections").await;
        assert!(
            list.text.contains(&ours.link.id.to_string()),
            "{}",
            list.text
        );
        assert!(!list.text.contains(&link.to_string()), "{}", list.text);
    })
    .await;
}

#[tokio::test]
async fn a_long_list_goes_on_where_the_page_before_ended() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let flow_ref = FlowRef::from_random(fresh());
        for _ in 0..60 {
            let input = FinishInput {
                flow_ref,
                ..finish_input(&client)
            };
            let made = console
                .test
                .store
                .tx("test", |tx| Box::pin(finish(tx, &input)));
            made.await.expect("a connection");
        }
        let visitor = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let first = visitor.get("/console/connections?view=waiting").await;
        assert_eq!(
            first.text.matches("<tr").count(),
            51,
            "a head and fifty rows"
        );
        let (_, more) = first.text.split_once("class=\"pages\"").expect("more rows");
        let (_, more) = more.split_once("href=\"").expect("an address");
        let more = more
            .split('"')
            .next()
            .expect("its end")
            .replace("&#38;", "&");
        let rows = |text: &str| -> BTreeSet<String> {
            let parts = text.split("href=\"/console/connections/").skip(1);
            parts
                .filter_map(|part| Some(part.get(..36)?.to_owned()))
                .collect()
        };
        let second = visitor.get(&more).await;
        assert!(rows(&first.text).is_disjoint(&rows(&second.text)));
        assert_eq!(rows(&first.text).len() + rows(&second.text).len(), 60);
        assert_eq!(second.text.matches("<tr").count(), 11, "{}", second.text);
        assert!(!second.text.contains("class=\"pages\""));
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_paused_resumed_collected_and_deleted() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let id = console.test.connect(&client).await;
        let page = format!("/console/connections/{id}");
        let at = |what: &str| format!("{page}/{what}");
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        for what in ["collect", "pause", "resume", "delete", "link"] {
            assert_eq!(reader.post(&at(what), &[]).await.status, 403, "{what}");
        }
        let collected = member.post(&at("collect"), &[]).await.location;
        assert!(
            member
                .get(&collected)
                .await
                .text
                .contains("as soon as there is room")
        );
        let paused = member.post(&at("pause"), &[]).await.location;
        let paused = member.get(&paused).await;
        assert!(paused.text.contains("nobody is asked"), "{}", paused.text);
        assert!(paused.text.contains("You paused it"), "{}", paused.text);
        let refused = member.post(&at("collect"), &[]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("Resume it first"), "{}", refused.text);
        assert_eq!(
            member.post(&at("link"), &[]).await.status,
            409,
            "nothing to repair"
        );
        let list = member.get("/console/connections?view=paused").await;
        assert!(list.text.contains(&id.to_string()), "{}", list.text);
        let resumed = member.post(&at("resume"), &[]).await.location;
        assert!(resumed.starts_with(&page), "{resumed}");
        let link = member.post(&at("link"), &[]).await;
        assert!(
            link.location.starts_with("/console/links/"),
            "{}",
            link.text
        );
        let deleted = member.post(&at("delete"), &[]).await;
        let list = member.get(&deleted.location).await.text;
        assert!(list.contains("The connection was deleted."), "{list}");
        let attention = "/console/connections?view=needs-attention";
        let list = member.get(attention).await.text;
        assert!(list.contains("All is well"), "{list}");
        assert_eq!(member.get(&page).await.status, 404);
        assert_eq!(member.post(&at("pause"), &[]).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn what_is_searched_for_is_found_and_views_hold_what_they_say() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let added = member
            .post("/console/companies", &[("name", "Österreich Energie")])
            .await;
        let id = added.location.rsplit('/').next().expect("an id").to_owned();
        let made = member.post("/console/links/new", &[("company", &id)]).await;
        let connection = console.test.connect(&client).await.to_string();
        let link = made.location;
        let shows = async |query: &str| {
            let list = member
                .get(&format!("/console/connections?{query}"))
                .await
                .text;
            (list.contains(&connection), list.contains(&link))
        };
        assert_eq!(shows("").await, (true, true), "both, in one list");
        for found in [
            "Österreich",
            "energie",
            "ENERGIE",
            "österreich",
            "ÖSTERREICH ENERGIE",
        ] {
            let query: String = url::form_urlencoded::byte_serialize(found.as_bytes()).collect();
            assert_eq!(
                shows(&format!("search={query}")).await,
                (false, true),
                "{found}"
            );
        }
        assert_eq!(shows("search=utility.example").await, (true, false));
        let mut bill = new_bill(client.company.id, connection.parse().expect("an id"), 1);
        bill.account.account_number = "AB 12-345.678/9".into();
        let bill = &bill;
        let stored = console
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_bill(bill)));
        let stored: Result<_, StoreError> = stored.await;
        stored.expect("a bill");
        for number in ["6789", "ab12345", "45.678%2F9"] {
            let found = shows(&format!("search={number}")).await;
            assert_eq!(found, (true, false), "{number}");
        }
        assert_eq!(
            shows("search=%25").await,
            (false, false),
            "a sign as any other"
        );
        assert_eq!(shows("view=invited").await, (false, true));
        assert_eq!(
            shows("view=waiting").await,
            (true, false),
            "its first collection"
        );
        for none in ["connected", "needs-attention", "paused"] {
            assert_eq!(
                shows(&format!("view={none}")).await,
                (false, false),
                "{none}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn guides_are_read_by_every_member() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let list = reader.get("/console/guides").await;
        assert!(list.text.contains("/console/guides/cookbook"));
        let guide = reader.get("/console/guides/senders").await;
        assert!(
            guide
                .text
                .contains("<h1>Sending links to your clients</h1>")
        );
        assert_eq!(reader.get("/console/guides/other").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn an_address_to_which_forms_are_posted_leads_to_their_page() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        for (path, page) in [
            ("/console/links/x/send", "/console/links/x"),
            ("/console/links/x/extend", "/console/links/x"),
            ("/console/links/batch/x/make", "/console/links/batch/x"),
            ("/console/connections/x/link", "/console/connections/x"),
            ("/console/companies/x/sites", "/console/companies/x"),
            ("/console/team/x/invitation", "/console/team"),
            ("/console/team/authenticators", "/console/team"),
            ("/console/keys/x/revoke", "/console/keys"),
            ("/console/webhooks/x/secret", "/console/webhooks/x"),
            (
                "/console/webhooks/x/deliveries/y/replay",
                "/console/webhooks/x/deliveries/y",
            ),
            ("/console/account/password", "/console/account"),
            (
                "/console/account/authenticator/confirm",
                "/console/account/authenticator",
            ),
            ("/console/sign-out", "/console/connections"),
        ] {
            let led = member.get(path).await;
            assert_eq!((led.status, led.location.as_str()), (303, page), "{path}");
        }
        // What can only be looked at takes no form.
        assert_eq!(member.post("/console/bills", &[]).await.status, 405);
    })
    .await;
}
