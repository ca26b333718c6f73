//! Links of all companies at the console, and what is done with one.

use shared::{
    member::{AuditAction, MemberRole},
    status::LinkEventKind,
};

use super::{DAY_MS, Visitor, on_both_consoles};
use crate::store::{
    StoreError,
    links::{Link, LinkEvent},
    testing::new_link,
};

/// Which of these links a page of the list shows.
async fn shown(visitor: &Visitor<'_>, query: &str, links: &[&Link]) -> Vec<bool> {
    let list = visitor.get(&format!("/console/links?{query}")).await;
    assert_eq!(list.status, 200, "{query}");
    let shows = |link: &&Link| list.text.contains(&format!("/console/links/{}\"", link.id));
    links.iter().map(shows).collect()
}

#[tokio::test]
async fn links_are_listed_by_status_and_search_and_go_on_after_any_of_them() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let theirs = console.test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let member = console.visitor(organization, MemberRole::Member).await;
        let add = async |link: Link| {
            let adding = console.test.store.tx("test", |tx| {
                let link = &link;
                Box::pin(async move { tx.add_link(organization, link).await })
            });
            let added: Result<_, StoreError> = adding.await;
            assert!(added.expect("added"));
            link
        };
        let now = super::NOW;
        let ended = add(Link {
            expires_at: Some(now),
            owner_email: Some("ÖZIL@Client.Example".into()),
            created_at: now.plus(-2),
            ..new_link(company)
        })
        .await;
        let many = add(Link {
            max_uses: 3,
            // The console's own key: only with it is the URL shown.
            key_id: 1,
            external_id: Some("Site 51_x".into()),
            created_at: now.plus(-1),
            ..new_link(company)
        })
        .await;
        let first = &client.link;
        let links = [first, &many, &ended, &theirs.link];
        let none = [false; 4];
        assert_eq!(shown(&member, "", &links).await, [true, true, true, false]);
        assert_eq!(
            shown(&member, "status=ACTIVE", &links).await,
            [true, true, false, false]
        );
        assert_eq!(
            shown(&member, "status=EXPIRED", &links).await,
            [false, false, true, false]
        );
        assert_eq!(shown(&member, "status=FULFILLED", &links).await, none);
        for search in ["özil", "ÖZIL", "Özil", "öZIL@CLIENT"] {
            let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
            let found = shown(&member, &format!("search={query}"), &links).await;
            assert_eq!(found, [false, false, true, false], "{search}");
        }
        assert_eq!(
            shown(&member, "search=site+51_X", &links).await,
            [false, true, false, false]
        );
        assert_eq!(shown(&member, "search=site+510x", &links).await, none);
        // It is as long as letters are counted, not bytes.
        let long = format!("search={}", "%C3%B6".repeat(150));
        assert_eq!(shown(&member, &long, &links).await, none);
        let connections = member.get(&format!("/console/connections?{long}")).await;
        assert!(
            connections.text.contains("Nothing here"),
            "{}",
            connections.text
        );
        let after = |link: &Link| format!("after={}_{}", link.created_at.0, link.id);
        assert_eq!(
            shown(&member, &after(first), &links).await,
            [false, true, true, false]
        );
        assert_eq!(
            shown(&member, &after(&many), &links).await,
            [false, false, true, false]
        );
        let foreign = format!("/console/links?company={}", theirs.company.id);
        assert_eq!(member.get(&foreign).await.status, 404);
        let list = member.get("/console/links").await.text;
        assert!(list.contains("0 of 3 uses"), "{list}");
        assert!(list.contains("href=\"/console/links/batch\""), "{list}");
        let page = member.get(&format!("/console/links/{}", many.id)).await;
        let works = "It works until 3 connections are made.</p>";
        assert!(page.text.contains(works), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn a_link_tells_where_and_how_it_was_left() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let (company, link) = (client.company.public_id, client.link.id);
        for (detail, told) in [
            ("left at SITES", "The person left at the choice of sites<"),
            (
                "idle at SIGN_IN",
                "Nobody did anything for a while, at the sign-in<",
            ),
            (
                "replaced at PROVIDER",
                "It was begun anew elsewhere, and this one ended at the choice of the website<",
            ),
        ] {
            let event = &LinkEvent {
                kind: LinkEventKind::Abandoned,
                flow_ref: None,
                detail: Some(detail.into()),
                at: super::NOW,
            };
            let adding = console.test.store.tx("test", |tx| {
                Box::pin(tx.record_link_event(company, link, event))
            });
            let added: Result<bool, StoreError> = adding.await;
            assert!(added.expect("added"));
            let page = member.get(&format!("/console/links/{link}")).await.text;
            assert!(page.contains(told), "{told}: {page}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_gets_a_later_end_and_is_taken_back_with_a_reason() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let id = client.company.id.to_string();
        let form = [("company", id.as_str()), ("lifeDays", "7"), ("type", "GAS")];
        let here = member.post("/console/links/new", &form).await.location;
        let address = async || {
            let page = member.get(&here).await.text;
            let from = page.find("https://connect.example.com/").expect("its URL");
            let url: String = page[from..].chars().take_while(|c| *c != '"').collect();
            url
        };
        let page = member.get(&here).await.text;
        assert!(
            page.contains("Filled in for the client") && page.contains("Gas"),
            "{page}"
        );
        assert!(page.contains("0 of 1"), "{page}");
        let works = "until the connection is made, and no longer than <time";
        assert!(page.contains(works), "{page}");
        let before = address().await;
        let extend = format!("{here}/extend");
        for days in ["1", "7", "8", ""] {
            let refused = member.post(&extend, &[("lifeDays", days)]).await;
            assert_eq!(refused.status, 422, "{days}");
            assert!(
                refused.text.contains("lifeDays-problem"),
                "{}",
                refused.text
            );
        }
        assert_eq!(address().await, before);
        let extended = member.post(&extend, &[("lifeDays", "30")]).await;
        assert_eq!(extended.location, here, "{}", extended.text);
        assert_ne!(address().await, before, "a new URL");
        // What has run out gets an end again.
        console.clock.advance(31 * DAY_MS);
        let member = console
            .visitor_with(client.organization, MemberRole::Member, "late@example.com")
            .await;
        let page = member.get(&here).await.text;
        assert!(
            page.contains("Run out") && !page.contains("Take it back"),
            "{page}"
        );
        assert_eq!(member.post(&extend, &[("lifeDays", "1")]).await.status, 303);

        let revoke = format!("{here}/revoke");
        let long = "x".repeat(501);
        let refused = member.post(&revoke, &[("reason", &long)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(&long), "what was typed is kept");
        let why = "Sent to <nobody>";
        let revoked = member.post(&revoke, &[("reason", why)]).await;
        assert_eq!(revoked.location, here, "{}", revoked.text);
        for place in [here.as_str(), "/console/links"] {
            let page = member.get(place).await.text;
            assert!(page.contains("Sent to &#60;nobody&#62;"), "{page}");
            assert!(page.contains("Taken back"), "{page}");
        }
        assert_eq!(
            member.post(&extend, &[("lifeDays", "90")]).await.status,
            422
        );
        let organization = client.organization;
        let log = console.test.store.read("test", |tx| {
            Box::pin(tx.audit_events(organization, None, None, 100))
        });
        let log: Result<_, StoreError> = log.await;
        let log = log.expect("a log");
        let extended = |action: AuditAction| {
            let all = log.iter().filter(|(event, _)| event.action == action);
            all.map(|(event, _)| event.detail.clone())
                .collect::<Vec<_>>()
        };
        let extended_by = extended(AuditAction::LinkExtended);
        let is_told = |by: &Option<String>| by.as_deref().is_some_and(|by| by.ends_with(" days"));
        assert!(
            extended_by.len() == 2 && extended_by.iter().all(is_told),
            "{extended_by:?}"
        );
        assert_eq!(extended(AuditAction::LinkRevoked), [Some(why.to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn several_companies_get_a_link_each_and_are_found_by_name() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let stranger = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let mut ids = Vec::new();
        for name in ["Zebra Bakery", "Öl & Gas Handel", "Anchor Hotels"] {
            let form = [("name", name), ("externalId", "")];
            let added = member.post("/console/companies", &form).await.location;
            ids.push(added.rsplit('/').next().expect("an id").to_owned());
        }
        let list = member.get("/console/companies").await.text;
        let place = |name: &str| list.find(name).expect("listed");
        assert!(place("Anchor Hotels") < place("Zebra Bakery"), "by name");
        let list = member.get("/console/companies?search=zebra").await.text;
        assert!(list.contains("Zebra") && !list.contains("Anchor"), "{list}");
        let list = member.get("/console/companies?search=nobody").await.text;
        assert!(list.contains("No company is called that"), "{list}");

        let page = member.get("/console/links/new?search=%C3%B6l").await.text;
        assert!(
            page.contains("Öl &#38; Gas") && !page.contains("Zebra"),
            "{page}"
        );
        let chosen = format!("company={}&company={}&search=anchor", ids[0], ids[1]);
        let page = member
            .get(&format!("/console/links/new?{chosen}"))
            .await
            .text;
        assert!(page.contains("Filled in for 2 companies"), "{page}");
        let picked = format!("value=\"{}\" checked", ids[0]);
        assert!(page.contains(&picked) && page.contains("Anchor"), "{page}");
        let form = [
            ("company", ids[0].as_str()),
            ("company", ids[1].as_str()),
            ("company", ids[0].as_str()),
            ("country", "DE"),
        ];
        let made = member.post("/console/links/new", &form).await.location;
        assert_eq!(made, "/console/links?made=2");
        let list = member.get(&made).await.text;
        assert!(list.contains("2 links were made"), "{list}");
        assert!(list.contains("Zebra") && list.contains("Öl &#38; Gas"));
        let foreign = stranger.company.id.to_string();
        let form = [("company", ids[0].as_str()), ("company", &foreign)];
        assert_eq!(member.post("/console/links/new", &form).await.status, 404);
        let before = console.test.rows("links").await;
        assert_eq!(before, 2 + 2, "those of the fixture, and two");
    })
    .await;
}
