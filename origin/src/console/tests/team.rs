//! Who looks after the team.

use shared::{id::MemberId, member::MemberRole};

use super::{DAY_MS, PASSWORD, Visitor, on_both_consoles};
use crate::store::StoreError;

#[tokio::test]
async fn owners_look_after_the_team_and_one_always_stays() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let wrong = [("name", "Kim"), ("email", "no address"), ("role", "MEMBER")];
        let wrong = owner.post("/console/team", &wrong).await;
        assert!(
            wrong.status == 422 && wrong.text.contains("value=\"Kim\""),
            "it is kept"
        );
        let kim = [
            ("name", "Kim"),
            ("email", "Kim@example.com"),
            ("role", "MEMBER"),
        ];
        let added = owner.post("/console/team", &kim).await;
        let (_, url) = added
            .text
            .split_once("https://api.example.com")
            .expect("an invitation");
        let path = url.split('"').next().expect("its end");
        assert_eq!(owner.post("/console/team", &kim).await.status, 422, "twice");
        let accepted = console.post(path, "", &[("password", PASSWORD)]).await;
        let kim = Visitor {
            console,
            cookie: accepted.cookie.expect("a session"),
        };
        assert_eq!(kim.get("/console/audit-log").await.status, 403);
        let (organization, store) = (client.organization, &console.test.store);
        let members = store.read("test", |tx| Box::pin(tx.members(organization)));
        let members: Result<_, StoreError> = members.await;
        let members = members.expect("members");
        let id = |email: &str| {
            let found = members.iter().find(|member| member.email == email);
            found.expect("a member").id
        };
        let (owners, kims) = (id("owner@example.com"), id("kim@example.com"));
        let team = |id: MemberId, what: &str| format!("/console/team/{id}/{what}");
        let invite = [
            ("name", "Lee"),
            ("email", "lee@example.com"),
            ("role", "OWNER"),
        ];
        assert_eq!(kim.post("/console/team", &invite).await.status, 403);
        assert_eq!(kim.post(&team(owners, "remove"), &[]).await.status, 403);

        let reader = [("role", "READ_ONLY")];
        assert_eq!(
            owner.post(&team(owners, "role"), &reader).await.status,
            409,
            "the last"
        );
        assert_eq!(owner.post(&team(owners, "remove"), &[]).await.status, 409);
        assert_eq!(
            owner
                .post(&team(kims, "role"), &[("role", "OWNER")])
                .await
                .status,
            303
        );
        assert_eq!(owner.post(&team(owners, "role"), &reader).await.status, 303);
        assert_eq!(kim.post(&team(owners, "remove"), &[]).await.status, 303);
        let out = owner.get("/console/team").await;
        assert!(out.location.starts_with("/console/sign-in"), "at once");
        let log = kim.get("/console/audit-log").await;
        for line in ["Invited a member", "Changed a role", "Removed a member"] {
            assert!(log.text.contains(line), "{line}: {}", log.text);
        }
    })
    .await;
}

#[tokio::test]
async fn the_page_says_whom_no_more_invitations_are_mailed_to() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let page = async || owner.get("/console/team").await.text;
        let before = page().await;
        let (_, rest) = before
            .split_once("action=\"/console/team/")
            .expect("a form");
        let id = rest.split('/').next().expect("an id");
        let invite = format!("/console/team/{id}/invitation");
        assert!(before.contains(&invite), "{before}");
        for _ in 0..5 {
            assert_eq!(owner.post(&invite, &[]).await.status, 200);
        }
        let often = page().await;
        assert!(often.contains("no more within a day"), "{often}");
        assert!(
            !often.contains(&invite),
            "nothing that would be refused: {often}"
        );
        assert_eq!(owner.post(&invite, &[]).await.status, 429);
        console.clock.advance(DAY_MS);
        assert!(page().await.contains(&invite));
    })
    .await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_revoked_at_once() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        assert_eq!(member.get("/console/keys").await.status, 403);
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        for (wrong, told) in [
            (vec![("name", ""), ("scope", "read")], "a name"),
            (vec![("name", "Books")], "at least one thing"),
            (
                vec![("name", "Books"), ("scope", "read"), ("addresses", "here")],
                "IP addresses",
            ),
        ] {
            let answer = owner.post("/console/keys", &wrong).await;
            assert_eq!(answer.status, 422);
            assert!(answer.text.contains(told), "{told}: {}", answer.text);
        }
        let wrong = [("addresses", "here"), ("lifeDays", "1")];
        let all = owner.post("/console/keys", &wrong).await.text;
        assert_eq!(all.matches("role=\"alert\"").count(), 4, "at once: {all}");
        assert_eq!(all.matches(" autofocus").count(), 1, "{all}");
        let form = [
            ("name", "Books"),
            ("scope", "read"),
            ("scope", "links"),
            ("addresses", "203.0.113.0/24, 2001:db8::1"),
            ("lifeDays", "30"),
        ];
        let made = owner.post("/console/keys", &form).await;
        let (_, text) = made
            .text
            .split_once("value=\"ml_production_")
            .expect("the key");
        let text = format!("ml_production_{}", text.split('"').next().expect("its end"));
        let hash = crate::api_key::hash(text.as_bytes());
        let store = &console.test.store;
        let found = store.read("test", |tx| Box::pin(tx.key_by_hash(hash)));
        let found: Result<_, StoreError> = found.await;
        let key = found.expect("the store").expect("the key");
        assert_eq!((key.name.as_str(), key.scopes.len()), ("Books", 2));
        assert_eq!(key.allowed_addresses.len(), 2);
        let list = owner.get("/console/keys").await;
        assert!(!list.text.contains(&text), "it is shown once");
        let revoke = format!("/console/keys/{}/revoke", key.id);
        assert_eq!(member.post(&revoke, &[]).await.status, 403);
        assert_eq!(owner.post(&revoke, &[]).await.status, 303);
        let found = store.read("test", |tx| Box::pin(tx.key_by_hash(hash)));
        let found: Result<_, StoreError> = found.await;
        assert_eq!(found.expect("the store"), None);
    })
    .await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_makes_nothing_again() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let word_in = |page: &str, action: &str| {
            let (_, form) = page.split_once(action).expect("the form");
            let (_, word) = form.split_once("name=\"once\" value=\"").expect("a word");
            word.split('"').next().expect("its end").to_owned()
        };
        let hook = ("url", "https://hooks.example.com/");
        let added = owner.post("/console/webhooks", &[hook]).await.text;
        let (_, endpoint) = added.split_once("href=\"/console/webhooks/").expect("it");
        let endpoint = endpoint.split('"').next().expect("its end");
        let endpoint = format!("/console/webhooks/{endpoint}");
        let (organization, store) = (client.organization, &console.test.store);
        let members = store.read("test", |tx| Box::pin(tx.members(organization)));
        let members: Result<_, StoreError> = members.await;
        let invitation = members.expect("members").first().expect("the owner").id;
        let invitation = format!("/console/team/{invitation}/invitation");
        let secret = format!("{endpoint}/secret");
        let kim = ("email", "kim@example.com");
        for (page, action, form) in [
            ("/console/keys", "/console/keys", vec![("scope", "read")]),
            ("/console/webhooks", "/console/webhooks", vec![hook]),
            (&endpoint, &secret, vec![]),
            (
                "/console/team",
                "/console/team",
                vec![kim, ("role", "MEMBER")],
            ),
            ("/console/team", &invitation, vec![]),
        ] {
            let text = owner.get(page).await.text;
            let word = word_in(&text, &format!("action=\"{action}\""));
            let form = [form, vec![("name", "Kim"), ("once", &word)]].concat();
            let made = owner.post(action, &form).await;
            assert_eq!(made.status, 200, "{action}: {}", made.text);
            let again = owner.post(action, &form).await;
            assert_eq!(again.status, 409, "{action}");
            assert!(again.text.contains("It was made already"), "{}", again.text);
            // Who goes back and enters something else means something else.
            let other = [vec![("scope", "links")], form].concat();
            let other = owner.post(action, &other).await;
            assert_ne!(other.status, 409, "{}", other.text);
        }
        let log = owner.get("/console/audit-log").await.text;
        assert_eq!(log.matches("Made an API key").count(), 2, "{log}");
    })
    .await;
}
