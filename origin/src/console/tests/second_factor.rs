//! Signing in with an authenticator.

use shared::member::MemberRole;

use super::{super::session::hash_of, Answer, PASSWORD, TestConsole, Visitor, on_both_consoles};
use crate::{clock::Clock as _, codes::Authenticator, store::StoreError};

const PAGE: &str = "/console/account/authenticator";
const MINUTE_MS: i64 = 60_000;

/// The app on the member's phone, which read the page's key.
fn app(page: &str) -> Authenticator {
    let (_, rest) = page.split_once("id=\"key\" value=\"").expect("a key");
    let key = rest.split('"').next().expect("its end");
    Authenticator::parse(key).expect("a secret")
}

fn recovery_codes(page: &str) -> Vec<String> {
    let codes = page.split("<li><code>").skip(1);
    let codes = codes.map(|code| code.split('<').next().expect("its end").to_owned());
    codes.collect()
}

impl TestConsole<'_> {
    fn code(&self, app: &Authenticator) -> String {
        let step = app.time_step(self.clock.now());
        app.code(step).to_string()
    }

    /// Gives the password: what the console waits with for the code.
    async fn password(&self, email: &str) -> Answer {
        let form = [("email", email), ("password", PASSWORD)];
        self.post("/console/sign-in", "", &form).await
    }

    async fn enter(&self, cookie: &str, field: &str, code: &str) -> Answer {
        let form = [(field, code), ("next", "/console/team")];
        self.post("/console/sign-in/code", cookie, &form).await
    }
}

impl Visitor<'_> {
    /// Sets an authenticator up: the app, and the recovery codes.
    async fn set_up(&self) -> (Authenticator, Vec<String>) {
        let begin = format!("{PAGE}/begin");
        let wrong = self.post(&begin, &[("begin-password", "not this")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        assert!(!wrong.text.contains("<svg"), "{}", wrong.text);
        let begun = self.post(&begin, &[("begin-password", PASSWORD)]).await;
        assert_eq!(begun.location, PAGE, "{}", begun.text);
        let page = self.get(PAGE).await.text;
        assert!(page.contains("<svg"), "{page}");
        let app = app(&page);
        let wrong = self
            .post(&format!("{PAGE}/confirm"), &[("code", "12")])
            .await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        let code = self.console.code(&app);
        let done = self
            .post(&format!("{PAGE}/confirm"), &[("code", &code)])
            .await;
        let codes = recovery_codes(&done.text);
        assert_eq!(codes.len(), 10, "{}", done.text);
        (app, codes)
    }
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_taken_once() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let role = MemberRole::Owner;
        let owner = console.visitor(client.organization, role).await;
        let email = "owner@example.com";
        let elsewhere = console.password(email).await.cookie.expect("a session");
        assert_eq!(console.get("/console/team", &elsewhere).await.status, 200);
        let (app, codes) = owner.set_up().await;
        // What the password alone has opened is over.
        assert_eq!(console.get("/console/team", &elsewhere).await.status, 303);

        let first = console.password(email).await;
        assert!(
            first.location.starts_with("/console/sign-in/code?"),
            "{}",
            first.text
        );
        let waiting = first.cookie.expect("a cookie");
        // It is no session.
        let outside = console.get("/console/team", &waiting).await;
        assert_eq!(outside.status, 303);
        assert!(outside.location.starts_with("/console/sign-in?"));
        let page = console.get(&first.location, &waiting).await;
        assert!(page.text.contains("one-time-code"), "{}", page.text);
        let used = console.enter(&waiting, "code", &console.code(&app)).await;
        assert_eq!(used.status, 422, "that of the set-up was used");
        console.clock.advance(MINUTE_MS);
        let code = console.code(&app);
        let entered = console.enter(&waiting, "code", &code).await;
        assert_eq!(entered.location, "/console/team", "{}", entered.text);
        let visitor = Visitor {
            console,
            cookie: entered.cookie.expect("a session"),
        };
        assert_eq!(visitor.get("/console/team").await.status, 200);
        let second = console.enter(&waiting, "code", &code).await;
        assert!(second.location.contains("again=yes"), "it is over");
        let waiting = console.password(email).await.cookie.expect("a cookie");
        assert_eq!(
            console.enter(&waiting, "code", &code).await.status,
            422,
            "twice"
        );

        // A recovery code lets in once, however it is typed.
        let typed = codes[0].to_lowercase().replace('-', " ");
        let entered = console.enter(&waiting, "recovery", &typed).await;
        assert_eq!(entered.location, "/console/team", "{}", entered.text);
        let waiting = console.password(email).await.cookie.expect("a cookie");
        for _ in 0..5 {
            let again = console.enter(&waiting, "recovery", &codes[0]).await;
            assert_eq!(again.status, 422, "once");
        }
        // After five of them the password is asked for again.
        let late = console.enter(&waiting, "recovery", &codes[1]).await;
        assert!(late.location.contains("again=yes"), "{}", late.text);
        let again = console.get(&late.location, "").await;
        assert!(again.text.contains("Begin with the password again"));
        // Others who know the password try no more codes than that, from wherever.
        console.clock.advance(10 * MINUTE_MS);
        let mut refused = 0;
        for _ in 0..4 {
            let waiting = console.password(email).await.cookie.expect("a cookie");
            for _ in 0..4 {
                let tried = console.enter(&waiting, "code", "000000").await;
                refused += i32::from(tried.status == 429);
            }
        }
        assert_eq!(refused, 6);
        let log = owner.get("/console/audit-log").await.text;
        assert!(log.contains("Added an authenticator"));
        assert!(log.contains("Signed in with a recovery code"));
    })
    .await;
}

#[tokio::test]
async fn it_is_switched_off_by_the_password_or_by_an_owner() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        let (_, codes) = member.set_up().await;
        let wrong = [("renew-password", "not this one")];
        let wrong = member.post(&format!("{PAGE}/codes"), &wrong).await;
        assert_eq!(wrong.status, 422);
        let right = [("renew-password", PASSWORD)];
        let renewed = member.post(&format!("{PAGE}/codes"), &right).await;
        let others = recovery_codes(&renewed.text);
        assert!(others.len() == 10 && !others.contains(&codes[0]));
        let waiting = console.password("member@example.com").await;
        let waiting = waiting.cookie.expect("a cookie");
        let old = console.enter(&waiting, "recovery", &codes[0]).await;
        assert_eq!(old.status, 422, "it ended");
        let wrong = [("off-password", "not this one")];
        let wrong = member.post(&format!("{PAGE}/remove"), &wrong).await;
        assert_eq!(wrong.status, 422);
        let right = [("off-password", PASSWORD)];
        member.post(&format!("{PAGE}/remove"), &right).await;
        // What waited for a code of it is over.
        let late = console.enter(&waiting, "recovery", &others[0]).await;
        assert!(late.location.contains("again=yes"));
        let entered = console.password("member@example.com").await;
        assert_eq!(entered.location, "/console/connections");

        // Passwords can be tried again.
        console.clock.advance(10 * MINUTE_MS);
        member.set_up().await;
        let team = owner.get("/console/team").await.text;
        assert!(team.contains("Reset the authenticator of Robin"), "{team}");
        let (_, rest) = team.split_once("/authenticator\"").expect("a form");
        assert!(!rest.contains("/authenticator\""), "of one member alone");
        let (before, _) = team.split_once("/authenticator\"").expect("a form");
        let id = before.rsplit('/').next().expect("an id");
        let path = format!("/console/team/{id}/authenticator");
        assert_eq!(member.post(&path, &[]).await.status, 403);
        assert_eq!(owner.post(&path, &[]).await.status, 303);
        let entered = console.password("member@example.com").await;
        assert_eq!(entered.location, "/console/connections");
    })
    .await;
}

#[tokio::test]
async fn no_code_is_taken_of_an_authenticator_that_was_not_confirmed() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let member = console.visitor(organization, MemberRole::Member).await;
        let begin = [("begin-password", PASSWORD)];
        member.post(&format!("{PAGE}/begin"), &begin).await;
        let app = app(&member.get(PAGE).await.text);
        let ends = console.clock.now().plus(MINUTE_MS);
        let adding = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                let members = tx.members(organization).await?;
                let id = members.first().expect("the member").id;
                tx.add_member_sign_in(hash_of("waits"), id, ends).await
            })
        });
        let added: Result<_, StoreError> = adding.await;
        added.expect("added");
        let waiting = "__Host-console-code=waits";
        let tried = console.enter(waiting, "code", &console.code(&app)).await;
        assert!(tried.location.contains("again=yes"), "{}", tried.location);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_no_way_around_it() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        let (app, _) = member.set_up().await;
        let team = owner.get("/console/team").await.text;
        let forms: Vec<_> = team.split("/invitation\"").collect();
        let id = forms[1].rsplit('/').next().expect("an id");
        let invited = owner
            .post(&format!("/console/team/{id}/invitation"), &[])
            .await;
        let (_, url) = invited
            .text
            .split_once("https://api.example.com")
            .expect("one");
        let path = url.split('"').next().expect("its end");
        let accepted = console.post(path, "", &[("password", PASSWORD)]).await;
        assert!(
            accepted.location.starts_with("/console/sign-in/code?"),
            "{}",
            accepted.text
        );
        console.clock.advance(MINUTE_MS);
        let waiting = accepted.cookie.expect("a cookie");
        let entered = console.enter(&waiting, "code", &console.code(&app)).await;
        assert_eq!(entered.location, "/console/team");
    })
    .await;
}

#[tokio::test]
async fn who_must_have_one_is_led_to_it() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let member = console.visitor(organization, MemberRole::Member).await;
        owner.set_up().await;
        let rule = "/console/team/authenticators";
        assert_eq!(member.post(rule, &[("required", "yes")]).await.status, 403);
        assert_eq!(owner.post(rule, &[("required", "yes")]).await.status, 303);
        assert_eq!(owner.get("/console/team").await.status, 200);
        for path in [
            "/console/connections",
            "/console/account",
            "/console/nothing",
        ] {
            let led = member.get(path).await;
            assert_eq!((led.status, led.location.as_str()), (303, PAGE), "{path}");
        }
        let page = member.get(PAGE).await.text;
        assert!(page.contains("Your organization asks everybody"), "{page}");
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value");
        let word = [("csrf", word), ("begin-password", PASSWORD)];
        let begin = format!("{PAGE}/begin");
        console.post(&begin, &member.cookie, &word).await;
        let app = app(&member.get(PAGE).await.text);
        let code = console.code(&app);
        let form = [word[0], ("code", &code)];
        let confirm = format!("{PAGE}/confirm");
        let done = console.post(&confirm, &member.cookie, &form).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(member.get("/console/connections").await.status, 200);
    })
    .await;
}
