//! The console as members use it: by HTTP, on both databases.

use std::sync::Arc;

use object_store::memory::InMemory;
use reqwest::{Response, header, redirect::Policy};
use shared::{
    id::{FlowRef, MemberId, OrganizationId},
    member::{AuditAction, MemberRole},
    signing::SigningKey,
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{ConsoleDoor, invitation, router};
use crate::{
    blobs::Blobs,
    clock::{Clock as _, SystemRandom, TestClock, TestRandom},
    config::{Secret32, VaultKey},
    edge_push::EdgePush,
    store::{
        StoreError,
        finish::FinishInput,
        members::Member,
        testing::{NOW, TestStore, finish, finish_input, fresh, on_both},
    },
    vault::Vault,
};

const PASSWORD: &str = "correct horse battery";
const DAY_MS: i64 = 86_400_000;

/// A console on a port of its own.
struct TestConsole<'a> {
    test: &'a TestStore,
    clock: Arc<TestClock>,
    base: String,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for TestConsole<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Runs `body` with a console on both databases.
async fn on_both_consoles(body: impl AsyncFn(&TestConsole<'_>)) {
    on_both(async |test| {
        let clock = Arc::new(TestClock::at(NOW));
        let random = Arc::new(TestRandom::default());
        let nowhere = "http://127.0.0.1:9".parse().expect("an address");
        let edge = EdgePush::new(
            &nowhere,
            0,
            SigningKey::new(&[7; 32]),
            clock.clone(),
            random.clone(),
        );
        let vault = Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let router = router(ConsoleDoor {
            store: test.store.clone(),
            blobs: Blobs::new(
                Arc::new(InMemory::new()),
                Arc::new(vault),
                clock.clone(),
                random.clone(),
            ),
            clock: clock.clone(),
            random,
            token_keys: Arc::new("1:000102030405060708090a0b0c0d0e0f".parse().expect("keys")),
            links_base: "https://connect.example.com".parse().expect("an address"),
            edge: Arc::new(edge.expect("a client")),
        });
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("served");
        });
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        let console = TestConsole {
            test,
            clock,
            base,
            http: http.build().expect("a client"),
            server,
        };
        body(&console).await;
    })
    .await;
}

/// What a page says: status, where it leads to, cookie and text.
struct Answer {
    status: u16,
    location: String,
    cookie: Option<String>,
    text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let text = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().expect("a text").to_owned())
        };
        let cookie = text(header::SET_COOKIE);
        Self {
            status: response.status().as_u16(),
            location: text(header::LOCATION).unwrap_or_default(),
            cookie: cookie.map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned()),
            text: response.text().await.expect("a body"),
        }
    }
}

/// Somebody who is signed in.
struct Visitor<'a> {
    console: &'a TestConsole<'a>,
    cookie: String,
}

impl TestConsole<'_> {
    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.base));
        let request = request.header(header::COOKIE, cookie);
        Answer::of(request.send().await.expect("an answer")).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header(header::COOKIE, cookie).form(form);
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// A member of the organization, and the path of their invitation.
    async fn invited(&self, organization: OrganizationId, role: MemberRole, email: &str) -> String {
        let member = Member {
            id: MemberId::from_random(fresh()),
            organization,
            email: email.into(),
            name: "Robin".into(),
            role,
            has_password: false,
            created_at: NOW,
            last_signed_in_at: None,
        };
        let (member, random, now) = (&member, &SystemRandom, self.clock.now());
        let base = "https://api.example.com".parse().expect("an address");
        let base = &base;
        let inviting = self.test.store.tx("test", |tx| {
            Box::pin(async move {
                assert!(tx.add_member(member).await?, "the address is free");
                invitation(tx, base, (random, now), member.id).await
            })
        });
        let url: Result<String, StoreError> = inviting.await;
        let url = url.expect("an invitation");
        let path = url.strip_prefix("https://api.example.com");
        path.expect("an address of the console").to_owned()
    }

    /// Signs a new member in, by their invitation.
    async fn visitor(&self, organization: OrganizationId, role: MemberRole) -> Visitor<'_> {
        let email = format!("{}@example.com", role.as_str().to_lowercase());
        let path = self.invited(organization, role, &email).await;
        let answer = self.post(&path, "", &[("password", PASSWORD)]).await;
        assert_eq!(answer.location, "/console/connections", "{}", answer.text);
        Visitor {
            console: self,
            cookie: answer.cookie.expect("a session"),
        }
    }
}

impl Visitor<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.console.get(path, &self.cookie).await
    }

    /// Posts a form with the secret word that stands in the session's pages.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let page = self.get("/console/companies").await.text;
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value");
        let form = [form, &[("csrf", word)]].concat();
        self.console.post(path, &self.cookie, &form).await
    }
}

#[tokio::test]
async fn an_invitation_lets_its_member_in_once() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let path = console
            .invited(organization, MemberRole::Owner, "robin@example.com")
            .await;
        for _ in 0..2 {
            // A scanner of mails opens it as well.
            let shown = console.get(&path, "").await;
            assert_eq!((shown.status, shown.cookie), (200, None));
        }
        let short = console.post(&path, "", &[("password", "too short")]).await;
        assert_eq!((short.status, short.cookie), (422, None));
        let accepted = console.post(&path, "", &[("password", PASSWORD)]).await;
        assert_eq!(accepted.status, 303);
        let cookie = accepted.cookie.expect("a session");
        assert_eq!(
            console.get("/console/connections", &cookie).await.status,
            200
        );
        let again = console.post(&path, "", &[("password", PASSWORD)]).await;
        assert_eq!((again.status, again.cookie), (410, None));

        let late = console
            .invited(organization, MemberRole::Member, "late@example.com")
            .await;
        console.clock.advance(7 * DAY_MS);
        assert_eq!(console.get(&late, "").await.status, 410);
        let late = console.post(&late, "", &[("password", PASSWORD)]).await;
        assert_eq!((late.status, late.cookie), (410, None));
    })
    .await;
}

#[tokio::test]
async fn who_knows_the_password_is_let_in_and_nobody_is_told_which_half_is_wrong() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let sign_in = async |email: &str, password: &str| {
            let form = [
                ("email", email),
                ("password", password),
                ("next", "/console/companies"),
            ];
            console.post("/console/sign-in", "", &form).await
        };
        let wrong = sign_in("member@example.com", "not the password").await;
        let unknown = sign_in("nobody@example.com", PASSWORD).await;
        assert_eq!((wrong.status, wrong.cookie), (422, None));
        assert_eq!((unknown.status, unknown.cookie), (422, None));
        let sentence = "do not belong together";
        assert!(wrong.text.contains(sentence) && unknown.text.contains(sentence));
        assert!(!wrong.text.contains("not the password"), "it is not shown");
        let right = sign_in("Member@Example.com", PASSWORD).await;
        assert_eq!(
            (right.status, right.location.as_str()),
            (303, "/console/companies")
        );
        for _ in 0..8 {
            sign_in("member@example.com", "guess").await;
        }
        let limited = sign_in("member@example.com", PASSWORD).await;
        assert_eq!((limited.status, limited.cookie), (429, None));
        console.clock.advance(60_000);
        let later = sign_in("member@example.com", PASSWORD).await;
        assert_eq!(later.status, 303);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_hand() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let visitor = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let home = "/console/connections";
        console.clock.advance(6 * DAY_MS);
        assert_eq!(visitor.get(home).await.status, 200);
        console.clock.advance(6 * DAY_MS);
        assert_eq!(visitor.get(home).await.status, 200, "it is in use");
        let form = [("email", "member@example.com"), ("password", PASSWORD)];
        let other = console.post("/console/sign-in", "", &form).await;
        let other = other.cookie.expect("a session");
        let left = visitor
            .post("/console/sign-out", &[("everywhere", "yes")])
            .await;
        assert_eq!(left.location, "/console/sign-in");
        for cookie in [&visitor.cookie, &other] {
            let out = console.get(home, cookie).await;
            assert_eq!(
                out.location,
                "/console/sign-in?next=%2Fconsole%2Fconnections"
            );
        }
        let form = [("email", "member@example.com"), ("password", PASSWORD)];
        let idle = console.post("/console/sign-in", "", &form).await;
        let idle = idle.cookie.expect("a session");
        console.clock.advance(7 * DAY_MS);
        assert_eq!(console.get(home, &idle).await.status, 303, "nobody used it");
    })
    .await;
}

#[tokio::test]
async fn a_form_needs_the_word_of_its_session() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let visitor = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let form = [("name", "Mill"), ("csrf", "guessed")];
        let refused = console
            .post("/console/companies", &visitor.cookie, &form)
            .await;
        assert_eq!(refused.status, 403);
        let request = console
            .http
            .post(format!("{}/console/companies", console.base));
        let request = request
            .header(header::COOKIE, &visitor.cookie)
            .header(header::ORIGIN, "https://evil.example")
            .form(&form);
        assert_eq!(
            request.send().await.expect("an answer").status().as_u16(),
            403
        );
        let all = visitor.get("/console/companies").await;
        assert!(!all.text.contains("Mill"), "{}", all.text);
    })
    .await;
}

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
        let log = console
            .test
            .store
            .read("test", |tx| Box::pin(tx.audit_events(organization, 100)));
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
    })
    .await;
}

#[tokio::test]
async fn another_organizations_things_are_as_unknown_as_none() {
    on_both_consoles(async |console| {
        let [ours, theirs] = [console.test.client().await, console.test.client().await];
        let visitor = console.visitor(ours.organization, MemberRole::Owner).await;
        let (company, link) = (theirs.company.id, theirs.link.id);
        for path in [
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
            first.text.matches("<tr>").count(),
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
        let second = visitor.get(&more).await;
        assert_eq!(second.text.matches("<tr>").count(), 11, "{}", second.text);
        assert!(!second.text.contains("class=\"pages\""));
    })
    .await;
}
