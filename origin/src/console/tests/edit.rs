//! What members change of companies, sites and connections, and that nothing that was typed is lost.

use reqwest::header;
use shared::member::{AuditAction, MemberRole};

use super::{Answer, TestConsole, on_both_consoles};
use crate::store::StoreError;

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().expect("its value").to_owned()
}

async fn actions(
    console: &TestConsole<'_>,
    client: &crate::store::testing::Client,
) -> Vec<AuditAction> {
    let organization = client.organization;
    let log = console.test.store.read("test", |tx| {
        Box::pin(tx.audit_events(organization, None, None, 100))
    });
    let log: Result<_, StoreError> = log.await;
    let log = log.expect("a log").into_iter();
    log.map(|(event, _)| event.action).collect()
}

#[tokio::test]
async fn a_company_and_a_site_are_changed_by_who_has_seen_what_stands_there() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let theirs = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let company = format!("/console/companies/{}", client.company.id);
        let site = format!("/console/sites/{}", client.site.id);
        for (here, field, action) in [
            (
                format!("{company}/edit"),
                "externalId",
                AuditAction::CompanyChanged,
            ),
            (format!("{site}/edit"), "address", AuditAction::SiteChanged),
        ] {
            assert_eq!(reader.get(&here).await.status, 403);
            let form = member.get(&here).await.text;
            let version = hidden(&form, "version");
            let other = if field == "address" {
                "2 Mill Lane"
            } else {
                "K-7"
            };
            let post = async |name: &str, version: &str| {
                let form = [("name", name), (field, other), ("version", version)];
                member.post(&here, &form).await
            };
            assert_eq!(reader.post(&here, &[("name", "x")]).await.status, 403);
            let empty = post(" ", &version).await;
            assert_eq!(empty.status, 422);
            assert!(
                empty.text.contains(other),
                "what was typed is kept: {}",
                empty.text
            );
            let saved = post("Red Bakery", &version).await;
            assert_eq!(saved.location, company, "{}", saved.text);
            assert!(member.get(&company).await.text.contains("Red Bakery"));
            // Somebody else still has the form of before, which is refused for another reason first.
            let empty = post(" ", &version).await;
            let old = post("Green Bakery", &hidden(&empty.text, "version")).await;
            assert_eq!(old.status, 409);
            assert!(
                old.text.contains("The name is “Red Bakery” now"),
                "{}",
                old.text
            );
            assert!(old.text.contains("value=\"Green Bakery\""), "{}", old.text);
            let knowingly = post("Green Bakery", &hidden(&old.text, "version")).await;
            assert_eq!(knowingly.status, 303, "{}", knowingly.text);
            let log = actions(console, &client).await;
            assert_eq!(log.iter().filter(|one| **one == action).count(), 2);
        }
        let taken = [("name", "Another"), ("externalId", "K-7")];
        let taken = member.post("/console/companies", &taken).await;
        assert_eq!(taken.status, 422);
        assert!(taken.text.contains("the id of another company"));
        let added = [("name", "Another"), ("externalId", "K-8")];
        let added = member.post("/console/companies", &added).await.location;
        let here = format!("{added}/edit");
        let version = hidden(&member.get(&here).await.text, "version");
        let change = |id| {
            [
                ("name", "Other"),
                ("externalId", id),
                ("version", &*version),
            ]
        };
        let taken = member.post(&here, &change("K-7")).await;
        assert_eq!(taken.status, 422);
        assert!(taken.text.contains("the id of another company"));
        assert_eq!(member.post(&here, &change("K-8")).await.status, 303);
        for path in [
            format!("/console/companies/{}/edit", theirs.company.id),
            format!("/console/sites/{}/edit", theirs.site.id),
        ] {
            assert_eq!(member.get(&path).await.status, 404, "{path}");
            let post = member.post(&path, &[("name", "x")]).await;
            assert_eq!(post.status, 404, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_changed_as_by_the_api() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let theirs = console.test.client().await;
        let id = console.test.connect(&client).await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let here = format!("/console/connections/{id}/edit");
        assert_eq!(reader.get(&here).await.status, 403);
        let page = reader.get(&format!("/console/connections/{id}")).await.text;
        assert!(!page.contains("/edit"), "no way there: {page}");
        let form = member.get(&here).await.text;
        let version = hidden(&form, "version");
        let site = client.site.id.to_string();
        let wrong = [
            ("ownerEmail", "nobody"),
            ("startDate", "tomorrow"),
            ("externalId", "ours <1>"),
            ("version", &version),
        ];
        let refused = member.post(&here, &wrong).await;
        assert_eq!(refused.status, 422);
        for kept in ["nobody", "tomorrow", "ours &#60;1&#62;"] {
            assert!(refused.text.contains(kept), "{kept}: {}", refused.text);
        }
        let stranger = theirs.site.id.to_string();
        let strange = [("site", stranger.as_str()), ("version", &version)];
        assert_eq!(member.post(&here, &strange).await.status, 404);
        let right = [
            ("ownerEmail", "new@client.example"),
            ("startDate", "2025-06-01"),
            ("externalId", "ours-1"),
            ("type", "WATER"),
            ("type", "GAS"),
            ("site", &site),
            ("version", &version),
        ];
        let saved = member.post(&here, &right).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let shown = member.get(&saved.location).await.text;
        for told in [
            "It is saved",
            "new@client.example",
            "1 Jun 2025",
            "ours-1",
            "Gas, Water",
        ] {
            assert!(shown.contains(told), "{told}: {shown}");
        }
        // Whose form was refused for another reason has not seen that either.
        let refused = member.post(&here, &wrong).await;
        let seen = hidden(&refused.text, "version");
        let old = member
            .post(&here, &[("externalId", "x"), ("version", &seen)])
            .await;
        assert_eq!(old.status, 409, "{}", old.text);
        assert!(old.text.contains("Your id: “ours-1” now"), "{}", old.text);
        assert!(old.text.contains("value=\"x\""), "{}", old.text);
        let log = actions(console, &client).await;
        let changed = |one: &&AuditAction| **one == AuditAction::ConnectionChanged;
        assert_eq!(log.iter().filter(changed).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_typed_outlives_the_session() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let form = [("name", "Mill & Co"), ("externalId", "\"7\"")];
        let out = console.post("/console/companies", "", &form).await;
        assert_eq!(out.status, 401);
        assert!(out.text.contains("Sign in in another tab"), "{}", out.text);
        assert!(out.text.contains("value=\"Mill &#38; Co\""), "{}", out.text);
        // It has a secret word of this browser, with which it is taken as soon as there is a session.
        let word = hidden(&out.text, "csrf");
        let kept = [&form[..], &[("csrf", &word)]].concat();
        let browser = format!("{}; {}", member.cookie, out.cookie.expect("a cookie"));
        let sent = console.post("/console/companies", &browser, &kept).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        // Another browser does not know the word, and nor does a form without one.
        let refused = console
            .post("/console/companies", &member.cookie, &kept)
            .await;
        assert_eq!(refused.status, 403);
        let form = [("name", "Mill & Co"), ("externalId", "\"8\"")];
        let again = console
            .post("/console/companies", &member.cookie, &form)
            .await;
        assert_eq!(again.status, 403);
        assert!(
            again.text.contains("value=\"&#34;8&#34;\""),
            "{}",
            again.text
        );
        let csrf = hidden(&again.text, "csrf");
        let form = [&form[..], &[("csrf", &csrf)]].concat();
        let sent = console
            .post("/console/companies", &member.cookie, &form)
            .await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        // A secret is not shown on any page, whatever the field is called that holds it.
        for page in ["/console/account", "/console/account/authenticator"] {
            let form = member.get(page).await.text;
            let fields = form.split(" name=\"").skip(1);
            let fields = fields.map(|rest| rest.split('"').next().expect("a name"));
            let secrets: Vec<_> = fields.map(|name| (name, "secret of mine")).collect();
            assert!(secrets.len() > 1, "{form}");
            for secret in secrets {
                let actions = form.split(" action=\"/console/account").skip(1);
                for action in actions.map(|rest| rest.split('"').next().expect("an address")) {
                    let path = format!("/console/account{action}");
                    for cookie in ["", &member.cookie] {
                        let out = console.post(&path, cookie, &[secret]).await;
                        assert!(matches!(out.status, 401 | 403), "{path}: {}", out.status);
                        assert!(!out.text.contains("of mine"), "{}", out.text);
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_leads_back_to_where_the_person_was() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let id = console.test.connect(&client).await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let here = format!("/console/connections/{id}");
        member.post(&format!("{here}/pause"), &[]).await;
        let csrf = hidden(&member.get(&here).await.text, "csrf");
        let refused = async |from: &str| {
            let request = console.http.post(format!("{}{here}/collect", console.base));
            let request = request
                .header(header::COOKIE, &member.cookie)
                .header(header::REFERER, from)
                .form(&[("csrf", &csrf)]);
            let answer = Answer::of(request.send().await.expect("an answer")).await;
            assert_eq!(answer.status, 409, "{}", answer.text);
            answer.text
        };
        let back = format!("href=\"{here}?done=x\"");
        let ours = refused(&format!("{}{here}?done=x", console.base)).await;
        assert!(ours.contains(&back), "{ours}");
        let proxied = refused(&format!("https://api.example.com{here}?done=x")).await;
        assert!(proxied.contains(&back), "{proxied}");
        let strange = refused(&format!("https://evil.example{here}?done=x")).await;
        assert!(!strange.contains(&back), "{strange}");
        assert!(
            strange.contains("href=\"/console/connections\""),
            "{strange}"
        );
    })
    .await;
}
