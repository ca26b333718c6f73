//! Who is let in, and by what.

use shared::{id::MemberId, member::MemberRole};

use super::{Answer, EMAIL, MINUTE_MS, PASSWORD, TestPages, app, on_both_pages};
use crate::{
    clock::Clock as _,
    codes::Authenticator,
    console::hash_of,
    store::{
        StoreError,
        members::Member,
        testing::{NOW, fresh},
    },
};

const PAGES: [&str; 5] = [
    "/operator/failures",
    "/operator/queue",
    "/operator/log",
    "/operator/account",
    "/operator/nothing",
];

impl TestPages<'_> {
    async fn enter(&self, password: &str, code: &str) -> Answer {
        let next = "/operator/log";
        let form = [
            ("email", EMAIL),
            ("password", password),
            ("code", code),
            ("next", next),
        ];
        self.post("/operator/sign-in", "", &form).await
    }

    async fn enter_with(&self, app: &Authenticator) -> Answer {
        self.enter(PASSWORD, &self.code(app)).await
    }
}

#[tokio::test]
async fn an_invitation_sets_password_and_authenticator_at_once() {
    on_both_pages(&[], async |pages| {
        let (id, path) = pages.invited().await;
        let page = pages.get(&path, "").await.text();
        assert!(page.contains("Welcome, Ada") && page.contains("<svg"));
        let app = app(&page);
        let code = pages.code(&app);
        for (password, code, told) in [
            ("short", code.as_str(), "ten characters or more"),
            (PASSWORD, "000000", "This code is not right"),
            (PASSWORD, "", "This code is not right"),
        ] {
            let form = [("password", password), ("code", code)];
            let refused = pages.post(&path, "", &form).await;
            assert_eq!(refused.status, 422);
            assert!(refused.text().contains(told), "{told}");
        }
        // Nobody is let in by one of them alone.
        assert_eq!(pages.enter(PASSWORD, &code).await.status, 422);
        let form = [("password", PASSWORD), ("code", &code)];
        let accepted = pages.post(&path, "", &form).await;
        let cookie = accepted.cookie.expect("a session");
        assert!(cookie.starts_with("__Host-operator="));
        assert_eq!(pages.get("/operator/failures", &cookie).await.status, 200);
        assert_eq!(pages.get(&path, "").await.status, 410, "once");
        assert_eq!(pages.post(&path, "", &form).await.status, 410, "once");

        // No more codes are tried than that, be it there or with the password.
        let again = pages.invite(id).await;
        let mut last = 0;
        for _ in 0..10 {
            let form = [("password", PASSWORD), ("code", "000000")];
            last = pages.post(&again, "", &form).await.status;
        }
        assert_eq!(last, 429);
        pages.clock.advance(MINUTE_MS / 2);
        let code = pages.code(&app);
        assert_eq!(pages.enter(PASSWORD, &code).await.status, 429);

        let log = pages.get("/operator/log", &cookie).await.text();
        assert!(log.contains("Chose a password and set an authenticator up"));
        let now = pages.clock.now();
        let removing = pages
            .test
            .store
            .tx("test", |tx| Box::pin(tx.remove_operator(id, now)));
        removing.await.expect("removed");
        assert_eq!(pages.get("/operator/failures", &cookie).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn password_and_code_let_in_and_each_code_is_taken_once() {
    on_both_pages(&[], async |pages| {
        let visitor = pages.visitor().await;
        let app = &visitor.app;
        assert_eq!(
            pages.enter_with(app).await.status,
            422,
            "that of the set-up"
        );
        pages.clock.advance(MINUTE_MS);
        assert_eq!(pages.enter(PASSWORD, "000000").await.status, 422);
        let code = pages.code(app);
        assert_eq!(pages.enter("not this one at all", &code).await.status, 422);
        let entered = pages.enter(PASSWORD, &code).await;
        assert_eq!(entered.location, "/operator/log", "{}", entered.text());
        let cookie = entered.cookie.expect("a session");
        assert_eq!(pages.enter(PASSWORD, &code).await.status, 422, "twice");

        // A form without the session's word does nothing, nor does one of another website.
        let everywhere = [("everywhere", "yes")];
        let leave = "/operator/sign-out";
        assert_eq!(pages.post(leave, &cookie, &everywhere).await.status, 403);
        assert_eq!(pages.get(leave, &cookie).await.location, "/operator");
        let foreign = pages.http.post(format!("{}{leave}", pages.base));
        let foreign = foreign.header("origin", "https://evil.example");
        assert_eq!(foreign.send().await.expect("an answer").status(), 403);
        assert_eq!(visitor.post(leave, &everywhere).await.status, 303);
        for session in [&cookie, &visitor.cookie] {
            assert_eq!(pages.get("/operator/log", session).await.status, 303);
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_end_by_themselves() {
    on_both_pages(&[], async |pages| {
        let visitor = pages.visitor().await;
        let log = "/operator/log";
        for _ in 0..14 {
            pages.clock.advance(50 * MINUTE_MS);
            assert_eq!(visitor.get(log).await.status, 200);
        }
        pages.clock.advance(50 * MINUTE_MS);
        assert_eq!(visitor.get(log).await.status, 303, "twelve hours");
        let entered = pages.enter_with(&visitor.app).await;
        let cookie = entered.cookie.expect("a session");
        pages.clock.advance(61 * MINUTE_MS);
        assert_eq!(pages.get(log, &cookie).await.status, 303, "an hour idle");
    })
    .await;
}

#[tokio::test]
async fn members_are_no_operators_and_operators_no_members() {
    on_both_pages(&[], async |pages| {
        let organization = pages.test.client().await.organization;
        let member = Member {
            id: MemberId::from_random(fresh()),
            organization,
            email: EMAIL.into(),
            name: "Robin".into(),
            role: MemberRole::Owner,
            has_password: false,
            has_second_factor: false,
            created_at: NOW,
            last_signed_in_at: None,
        };
        let visitor = pages.visitor().await;
        let (_, token) = visitor.cookie.split_once('=').expect("a cookie");
        let (member, operators, ends) = (&member, hash_of(token), NOW.plus(MINUTE_MS));
        let looking = pages.test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.add_member(member).await?;
                let hash = hash_of("members");
                tx.add_member_session(hash, (member.id, false), NOW, ends)
                    .await?;
                tx.member_session(operators, NOW, NOW.plus(-1)).await
            })
        });
        let found: Result<_, StoreError> = looking.await;
        assert_eq!(found.expect("looked"), None, "no session of a member");
        for path in PAGES {
            for cookie in [
                "",
                "__Host-console=members",
                "__Host-operator=members",
                &format!("__Host-console={token}"),
            ] {
                let answer = pages.get(path, cookie).await;
                assert_eq!(answer.status, 303, "{path} {cookie}");
                assert!(answer.location.starts_with("/operator/sign-in?next="));
            }
        }
        assert_eq!(visitor.get("/operator/nothing").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn elsewhere_nothing_is_there() {
    on_both_pages(&["203.0.113.0/24"], async |pages| {
        let visitor = pages.visitor().await;
        for path in PAGES.into_iter().chain(["/operator", "/operator/sign-in"]) {
            for address in ["198.51.100.9", "unreadable"] {
                let answer = pages.get_from(path, &visitor.cookie, address).await;
                assert_eq!((answer.status, answer.bytes.len()), (404, 0), "{path}");
            }
        }
        assert_eq!(visitor.get("/operator/failures").await.status, 200);
    })
    .await;
}
