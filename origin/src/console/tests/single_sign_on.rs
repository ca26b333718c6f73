//! Members come in by their organization's own provider: one that others wrote, and one of ours that does wrong what that
//! one would not.

use reqwest::header;
use shared::member::MemberRole;
use url::Url;

use super::{
    Answer, PASSWORD, TestConsole, Visitor, on_both_consoles,
    provider::{CLIENT, OtherProvider, SECRET, Wrong},
};
use crate::store::testing::NOW;

pub(super) const PAGE: &str = "/console/single-sign-on";
pub(super) const SIGN_IN: &str = "/console/sign-in/single-sign-on";

/// The provider that others wrote.
fn issuer() -> String {
    std::env::var("MAGIC_LINKS_TEST_OIDC").unwrap_or_else(|_| {
        panic!("MAGIC_LINKS_TEST_OIDC is not set: run `cargo xtask test console`, or set it to the address of an oidc-provider-mock")
    })
}

/// The value that the text has between these two.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split(after).next().expect("its end")
}

/// A sign-in that was led to the provider.
pub(super) struct Led {
    pub(super) address: Url,
    pub(super) cookie: String,
}

impl Led {
    /// What the page says that leads there.
    pub(super) fn of(led: Answer) -> Self {
        assert_eq!(led.status, 200, "{}", led.text);
        let address = between(&led.text, "content=\"0; url=", "\"").replace("&#38;", "&");
        Self {
            address: address.parse().expect("an address"),
            cookie: led.cookie.expect("a cookie"),
        }
    }

    pub(super) fn value(&self, name: &str) -> String {
        let mut values = self.address.query_pairs();
        let found = values.find(|(key, _)| key == name);
        found.expect("the parameter").1.into_owned()
    }
}

impl Visitor<'_> {
    pub(super) async fn name_provider(&self, issuer: &str) -> Answer {
        let seen = self.seen_version().await;
        self.name_provider_over(issuer, SECRET, &seen).await
    }

    /// The version that the page shows now; none where there is no page.
    pub(super) async fn seen_version(&self) -> String {
        let page = self.get(PAGE).await.text;
        let version = page.split_once("name=\"version\" value=\"");
        let version = version.and_then(|(_, rest)| rest.split('"').next());
        version.unwrap_or_default().to_owned()
    }

    /// Names a provider in the place of the one whose version was seen.
    pub(super) async fn name_provider_over(
        &self,
        issuer: &str,
        secret: &str,
        seen: &str,
    ) -> Answer {
        let form = [
            ("issuer", issuer),
            ("client", CLIENT),
            ("secret", secret),
            ("version", seen),
        ];
        self.post(PAGE, &form).await
    }
}

impl TestConsole<'_> {
    async fn lead(&self, email: &str) -> Led {
        let form = [("email", email), ("next", "/console/companies")];
        Led::of(self.post(SIGN_IN, "", &form).await)
    }

    /// Says who an account at the provider that others wrote is.
    async fn account(&self, subject: &str, email: &str, is_verified: bool) {
        let claims = serde_json::json!({ "email": email, "email_verified": is_verified });
        let request = self.http.put(format!("{}/users/{subject}", issuer()));
        let done = request.json(&claims).send().await.expect("an answer");
        assert_eq!(done.status().as_u16(), 204);
    }

    /// Signs in at the provider that others wrote, and tells the path that it leads back to.
    async fn allow(&self, led: &Led, subject: &str) -> String {
        let request = self.http.post(led.address.clone());
        let answer = request
            .form(&[("sub", subject)])
            .send()
            .await
            .expect("an answer");
        let to = answer.headers().get(header::LOCATION).expect("back");
        let to = to.to_str().expect("an address");
        let path = to.strip_prefix("https://api.example.com");
        path.expect("this console").to_owned()
    }

    async fn come(&self, email: &str, subject: &str) -> Answer {
        let led = self.lead(email).await;
        let back = self.allow(&led, subject).await;
        self.get(&back, &led.cookie).await
    }
}

#[tokio::test]
async fn a_member_comes_in_by_the_provider() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let saved = owner.name_provider(&issuer()).await;
        assert_eq!(
            saved.location,
            format!("{PAGE}?saved=yes"),
            "{}",
            saved.text
        );
        let page = owner.get(PAGE).await.text;
        assert!(page.contains("https://api.example.com/console/sign-in/single-sign-on/callback"));
        assert!(!page.contains(SECRET), "it is not shown");
        let invitation = console
            .invited(organization, MemberRole::Member, "kim@example.com")
            .await;
        let kim = "kim@example.com";
        // Subjects are the provider's own: each database has its own accounts there.
        let subject = format!("kim-{organization}");
        let other = format!("other-{organization}");

        console.account(&subject, kim, false).await;
        let unverified = console.come(kim, &subject).await;
        assert_eq!((unverified.status, &unverified.cookie), (403, &None));
        assert!(
            unverified.text.contains("is confirmed"),
            "{}",
            unverified.text
        );
        console.account(&subject, "nobody@example.com", true).await;
        let unknown = console.come(kim, &subject).await;
        assert_eq!((unknown.status, &unknown.cookie), (403, &None));
        assert!(unknown.text.contains("no member"), "{}", unknown.text);

        console.account(&subject, "Kim@Example.com", true).await;
        let led = console.lead(kim).await;
        assert_eq!(led.value("code_challenge_method"), "S256");
        assert_eq!(led.value("login_hint"), kim);
        let back = console.allow(&led, &subject).await;
        let forged = back.replace("state=", "state=x");
        let forged = console.get(&forged, &led.cookie).await;
        assert_eq!((forged.status, forged.cookie), (400, None));
        let elsewhere = console.get(&back, "").await;
        assert_eq!((elsewhere.status, elsewhere.cookie), (400, None));
        let came = console.get(&back, &led.cookie).await;
        assert_eq!(came.location, "/console/companies", "{}", came.text);
        let session = came.cookie.expect("a session");
        assert_eq!(
            console.get("/console/companies", &session).await.status,
            200
        );
        let again = console.get(&back, &led.cookie).await;
        assert_eq!((again.status, again.cookie), (400, None));
        assert_eq!(
            console.get(&invitation, "").await.status,
            410,
            "it has done its work"
        );

        // From now on the account counts and not the address.
        console.account(&other, kim, true).await;
        let refused = console.come(kim, &other).await;
        assert_eq!((refused.status, &refused.cookie), (403, &None));
        assert!(refused.text.contains("another account"), "{}", refused.text);
        console
            .account(&subject, "married@example.com", false)
            .await;
        assert_eq!(
            console.come(kim, &subject).await.location,
            "/console/companies"
        );
        // But an owner can let the member come with another one.
        let page = owner.get(PAGE).await.text;
        let (before, _) = page.split_once("/reset\"").expect("a form");
        let id = before.rsplit('/').next().expect("an id");
        owner.post(&format!("{PAGE}/{id}/reset"), &[]).await;
        assert_eq!(
            console.get("/console/companies", &session).await.status,
            303
        );
        assert_eq!(
            console.come(kim, &other).await.location,
            "/console/companies"
        );
        let log = owner.get("/console/audit-log").await.text;
        for line in [
            "Set single sign-on up",
            "Used single sign-on for the first time",
            "Reset a member",
        ] {
            assert!(log.contains(line), "{line}: {log}");
        }

        // Ten minutes, and once.
        let late = console.lead(kim).await;
        let back = console.allow(&late, &other).await;
        console.clock.advance(600_000);
        assert_eq!(console.get(&back, &late.cookie).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_hold_lets_nobody_in() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let provider = OtherProvider::start().await;
        let saved = owner.name_provider(&format!("{}/", provider.issuer)).await;
        assert_eq!(saved.status, 303, "the slash is forgiven: {}", saved.text);
        let email = "owner@example.com";
        for wrong in [
            Wrong::Nothing,
            Wrong::Key,
            Wrong::Audience,
            Wrong::Nonce,
            Wrong::Issuer,
            Wrong::Time,
        ] {
            console.clock.advance(60_000);
            let led = console.lead(email).await;
            provider.will_say(wrong, led.value("nonce"), led.value("code_challenge"));
            let back = format!("{SIGN_IN}/callback?code=c&state={}", led.value("state"));
            let came = console.get(&back, &led.cookie).await;
            if wrong == Wrong::Nothing {
                assert_eq!(came.location, "/console/companies", "{}", came.text);
            } else {
                assert_eq!((came.status, &came.cookie), (403, &None), "{wrong:?}");
                assert!(came.text.contains("does not hold"), "{}", came.text);
            }
        }
        let led = console.lead(email).await;
        let state = led.value("state");
        let denied = format!("{SIGN_IN}/callback?error=access_denied&state={state}");
        let denied = console.get(&denied, &led.cookie).await;
        assert!(
            denied.text.contains("did not let you in"),
            "{}",
            denied.text
        );
        provider.will_fail(true);
        let form = [("email", email)];
        let dead = console.post(SIGN_IN, "", &form).await;
        assert_eq!((dead.status, &dead.cookie), (502, &None));
        assert!(
            dead.text.contains("does not answer as it should"),
            "{}",
            dead.text
        );
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_of_no_use_is_told_beside_its_field() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let provider = OtherProvider::start().await;
        let none = format!("{}/nothing", provider.issuer);
        let large = format!("{}/large", provider.issuer);
        for (issuer, told) in [
            ("login.organization.example", "Enter an https address"),
            (
                "http://login.organization.example",
                "Enter an https address",
            ),
            ("https://10.0.0.1", "not on the public internet"),
            (&none, "no OpenID Connect provider"),
            (&large, "too much"),
        ] {
            let refused = owner.name_provider(issuer).await;
            assert_eq!(refused.status, 422, "{issuer}");
            let problem = between(&refused.text, "id=\"issuer-problem\" role=\"alert\">", "<");
            assert!(problem.contains(told), "{issuer}: {problem}");
            assert!(
                refused.text.contains(&format!("value=\"{issuer}\"")),
                "it is kept"
            );
        }
        owner.name_provider(&provider.issuer).await;
        let keep = async |issuer: &str| {
            let seen = owner.seen_version().await;
            owner.name_provider_over(issuer, "", &seen).await
        };
        assert_eq!(keep(&provider.issuer).await.status, 303);
        let other = keep(&issuer()).await;
        assert!(
            other.text.contains("secret-problem"),
            "it is for the one before"
        );
        let member = console.visitor(organization, MemberRole::Member).await;
        assert_eq!(member.get(PAGE).await.status, 403);
        assert_eq!(member.name_provider(&issuer()).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn who_must_use_it_has_no_other_way() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        let email = "member@example.com";
        let unused = console.post(SIGN_IN, "", &[("email", email)]).await;
        let unknown = console
            .post(SIGN_IN, "", &[("email", "nobody@example.com")])
            .await;
        assert_eq!((unused.status, unknown.status), (422, 422));
        assert_eq!(
            unused.text.replace(email, "nobody@example.com"),
            unknown.text
        );
        owner.name_provider(&issuer()).await;
        assert_eq!(member.get("/console/companies").await.status, 200);
        let ask = async |required| {
            let rule = format!("{PAGE}/rule");
            owner.post(&rule, &[("required", required)]).await
        };
        let early = ask("yes").await;
        assert_eq!(early.status, 409);
        assert!(
            early.text.contains("Sign in with it once yourself first"),
            "{}",
            early.text
        );
        let first = format!("owner-{organization}");
        console.account(&first, "owner@example.com", true).await;
        assert_eq!(console.come("owner@example.com", &first).await.status, 303);
        assert_eq!(ask("yes").await.location, PAGE);
        // Their sessions do not come back with the old rule.
        assert_eq!(ask("no").await.location, PAGE);
        assert_eq!(member.get("/console/companies").await.status, 303);
        assert_eq!(ask("yes").await.location, PAGE);

        let out = member.get("/console/companies").await;
        assert!(
            out.location.starts_with("/console/sign-in?"),
            "{}",
            out.text
        );
        let password = async |email: &str| {
            let form = [("email", email), ("password", PASSWORD)];
            console.post("/console/sign-in", "", &form).await
        };
        let refused = password(email).await;
        assert_eq!((refused.status, &refused.cookie), (403, &None));
        assert!(
            refused.text.contains("asks for single sign-on"),
            "{}",
            refused.text
        );
        assert_eq!(password("owner@example.com").await.status, 303);
        let invitation = console
            .invited(organization, MemberRole::ReadOnly, "new@example.com")
            .await;
        let shown = console.get(&invitation, "").await;
        assert!(!shown.text.contains("type=\"password\""), "{}", shown.text);
        let chosen = console
            .post(&invitation, "", &[("password", PASSWORD)])
            .await;
        assert_eq!((chosen.status, chosen.cookie), (403, None));

        let subject = format!("member-{organization}");
        console.account(&subject, email, true).await;
        let came = console.come(email, &subject).await;
        let session = came.cookie.expect("a session");
        let ask_for_authenticators = async |since| {
            let asking = console.test.store.tx("test", |tx| {
                Box::pin(tx.set_second_factor_required(organization, since))
            });
            asking.await.expect("written");
        };
        ask_for_authenticators(Some(NOW)).await;
        // The provider asks for one, or not.
        assert_eq!(
            console.get("/console/companies", &session).await.status,
            200
        );
        ask_for_authenticators(None).await;
        owner.post(&format!("{PAGE}/remove"), &[]).await;
        assert_eq!(
            console.get("/console/companies", &session).await.status,
            303
        );
        assert_eq!(password(email).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn who_belongs_to_two_organizations_comes_to_the_one_that_is_meant() {
    on_both_consoles(async |console| {
        let here = OtherProvider::start().await;
        let there = OtherProvider::start().await;
        let mut organizations = Vec::new();
        for (provider, owner) in [(&here, "a@example.com"), (&there, "b@example.com")] {
            let organization = console.test.client().await.organization;
            let owner = console
                .visitor_with(organization, MemberRole::Owner, owner)
                .await;
            owner.name_provider(&provider.issuer).await;
            console
                .visitor_with(organization, MemberRole::Member, "both@example.com")
                .await;
            organizations.push(organization);
        }
        let [first, second] = organizations[..] else {
            panic!("two");
        };
        let lead = async |meant: &str| {
            let form = [("email", "both@example.com"), ("organization", meant)];
            console.post(SIGN_IN, "", &form).await.text
        };
        let is_led_to = |page: &str, provider: &OtherProvider| {
            page.contains(&format!(
                "class=\"button main\" href=\"{}/",
                provider.issuer
            ))
        };
        for (meant, provider) in [(first, &here), (second, &there)] {
            let page = lead(&meant.to_string()).await;
            assert!(is_led_to(&page, provider), "{page}");
            assert!(!page.contains("instead"), "{page}");
        }
        let require = async |organization, since| {
            let requiring = console.test.store.tx("test", |tx| {
                Box::pin(tx.set_single_sign_on_required(organization, since))
            });
            requiring.await.expect("written");
        };
        let stranger = console.test.client().await.organization.to_string();
        for (must, other, provider) in [(first, second, &here), (second, first, &there)] {
            require(must, Some(NOW)).await;
            require(other, None).await;
            let page = lead(&stranger).await;
            assert!(is_led_to(&page, provider), "{page}");
            assert!(
                !page.contains(&other.to_string()) && !page.contains(&must.to_string()),
                "nobody learns an id: {page}"
            );
            let choice = between(&page, "name=\"choice\" value=\"", "\"");
            let elsewhere = if must == first { &there } else { &here };
            let choose = async |email: &str| {
                let form = [("email", email), ("choice", choice)];
                console.post(SIGN_IN, "", &form).await.text
            };
            let page = choose("both@example.com").await;
            assert!(is_led_to(&page, elsewhere), "{page}");
            assert!(!page.contains("instead"), "{page}");
        }
        // A password leads to the one that takes it; where none does, on to a provider.
        let form = [("email", "both@example.com"), ("password", PASSWORD)];
        assert_eq!(
            console.post("/console/sign-in", "", &form).await.status,
            303
        );
        require(first, Some(NOW)).await;
        let refused = console.post("/console/sign-in", "", &form).await;
        assert_eq!((refused.status, &refused.cookie), (403, &None));
        assert!(
            refused.text.contains("&amp;organization="),
            "{}",
            refused.text
        );
    })
    .await;
}
