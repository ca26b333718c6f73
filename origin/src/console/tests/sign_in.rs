//! Who is let in, and for how long.

use reqwest::header;
use shared::member::MemberRole;

use super::{DAY_MS, PASSWORD, on_both_consoles};

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
        // Who guesses elsewhere keeps nobody out.
        let form = [("email", "member@example.com"), ("password", PASSWORD)];
        let request = console
            .http
            .post(format!("{}/console/sign-in", console.base));
        let request = request.header("x-forwarded-for", "203.0.113.9").form(&form);
        let elsewhere = request.send().await.expect("an answer");
        assert_eq!(elsewhere.status().as_u16(), 303);
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
async fn a_new_password_ends_the_other_sessions() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let visitor = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let form = [("email", "member@example.com"), ("password", PASSWORD)];
        let other = console.post("/console/sign-in", "", &form).await;
        let other = other.cookie.expect("a session");
        let change = async |old: &str, new: &str| {
            let form = [("old-password", old), ("new-password", new)];
            visitor
                .post("/console/account/password", &form)
                .await
                .status
        };
        assert_eq!(change("wrong", "another fine password").await, 422);
        assert_eq!(change(PASSWORD, "short").await, 422);
        assert_eq!(console.get("/console/team", &other).await.status, 200);
        assert_eq!(change(PASSWORD, "another fine password").await, 200);
        assert_eq!(console.get("/console/team", &other).await.status, 303);
        assert_eq!(visitor.get("/console/team").await.status, 200);
        let old = console.post("/console/sign-in", "", &form).await;
        assert_eq!(old.status, 422);
    })
    .await;
}
