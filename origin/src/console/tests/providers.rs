//! Providers that differ from most others, and owners who name them at the same time.

use shared::member::MemberRole;

use super::{
    Answer, on_both_consoles,
    provider::{Habits, OtherProvider, SECRET, Wrong},
    single_sign_on::{Led, PAGE, SIGN_IN},
};

#[tokio::test]
async fn providers_that_want_the_secret_in_the_body_or_tell_the_address_apart_are_understood() {
    on_both_consoles(async |console| {
        for (secret_in_body, email_apart) in [(true, false), (false, true), (true, true)] {
            let organization = console.test.client().await.organization;
            let owner = console
                .visitor_with(organization, MemberRole::Owner, "owner@example.com")
                .await;
            let organization_id = organization.to_string();
            let provider = OtherProvider::start().await;
            owner.name_provider(&provider.issuer).await;
            let come = async |habits: Habits| {
                provider.has_habits(habits);
                let form = [
                    ("email", "owner@example.com"),
                    ("organization", organization_id.as_str()),
                ];
                let led = Led::of(console.post(SIGN_IN, "", &form).await);
                let (nonce, challenge) = (led.value("nonce"), led.value("code_challenge"));
                provider.will_say(Wrong::Nothing, nonce, challenge);
                let back = format!("{SIGN_IN}/callback?code=c&state={}", led.value("state"));
                console.get(&back, &led.cookie).await
            };
            let habits = Habits {
                secret_in_body,
                email_apart,
                other_person: false,
            };
            if email_apart {
                let other = Habits {
                    other_person: true,
                    ..habits
                };
                let refused = come(other).await;
                assert_eq!(
                    (refused.status, &refused.cookie),
                    (403, &None),
                    "{habits:?}"
                );
            }
            let came = come(habits).await;
            assert_eq!(
                came.location, "/console/connections",
                "{habits:?}: {}",
                came.text
            );
            assert!(came.cookie.is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_save_at_the_same_time_the_second_is_told() {
    on_both_consoles(async |console| {
        let organization = console.test.client().await.organization;
        let first = console.visitor(organization, MemberRole::Owner).await;
        let second = console
            .visitor_with(organization, MemberRole::Owner, "second@example.com")
            .await;
        let (ours, theirs) = (OtherProvider::start().await, OtherProvider::start().await);
        let seen = second.seen_version().await;
        // The second one's provider is still asked what it is while the first one saves.
        let pause = theirs.pauses();
        let (late, ()) = tokio::join!(
            second.name_provider_over(&theirs.issuer, SECRET, &seen),
            async {
                pause.is_asked.notified().await;
                let saved = first.name_provider(&ours.issuer).await;
                assert_eq!(saved.status, 303, "{}", saved.text);
                pause.may_answer.notify_one();
            }
        );
        let stands = async |refused: Answer| {
            assert_eq!(refused.status, 409);
            assert!(
                refused.text.contains("Somebody else changed"),
                "{}",
                refused.text
            );
            let page = first.get(PAGE).await.text;
            assert!(
                page.contains(&ours.issuer) && !page.contains(&theirs.issuer),
                "{page}"
            );
        };
        stands(late).await;
        // Nor does who still looks at the page of before.
        stands(
            second
                .name_provider_over(&theirs.issuer, SECRET, &seen)
                .await,
        )
        .await;
        let knowingly = second.name_provider(&theirs.issuer).await;
        assert_eq!(knowingly.status, 303, "{}", knowingly.text);
        let log = first.get("/console/audit-log").await.text;
        assert_eq!(log.matches("Set single sign-on up").count(), 2, "{log}");
    })
    .await;
}
