//! What stories leave of what was typed.

use serde_json::json;

use super::observe_tests::{HOME, LOGIN, Story, field, home, state};

#[test]
fn a_name_and_its_password_are_merged_within_five_minutes() {
    for (wait, name) in [(60_000, "ada"), (6 * 60_000, "")] {
        let mut story = Story::opens(LOGIN);
        let step = json!({"group": 1, "words": "", "buttons": ["Next"]});
        let mut first = state(json!([field(1, "text", "user")]), json!([]), json!({}));
        first["groups"] = json!([step]);
        story.looks("a", first);
        story.report("a", json!({"t": "typed", "k": 1, "value": "ada"}));
        story.sends("a");
        story.goes("https://login.test/password", 200);
        story.looks(
            "b",
            state(
                json!([field(2, "password", "password")]),
                json!([]),
                json!({}),
            ),
        );
        assert_eq!(
            story.verdict_after(wait),
            None,
            "a name alone is no sign-in"
        );
        story.report("b", json!({"t": "typed", "k": 2, "value": "s3cret"}));
        story.sends("b");
        let captured = story
            .observer
            .captured(&LOGIN.parse().expect("a URL"))
            .expect("captured");
        assert_eq!(captured.credentials.username.as_str(), name);
    }
}

#[test]
fn a_new_password_that_is_refused_is_not_kept() {
    let demand = |message: &str| {
        state(
            json!([
                field(5, "password", "newPassword"),
                field(6, "password", "repeatNewPassword")
            ]),
            json!([{"text": message, "from": "error"}]),
            json!({}),
        )
    };
    let later = json!({"t": "click", "control": {"id": "", "name": "", "label": "Remind me later", "pos": ""}});
    // Refused on a page of its own, in the same page, and not at all.
    for (again, click, kept) in [
        (Some("c"), false, "s3cret"),
        (None, true, "s3cret"),
        (None, false, "n3w"),
    ] {
        let mut story = Story::sent();
        story.goes("https://utility.test/renew", 200);
        story.looks("b", demand("Your password is old"));
        for k in [5, 6] {
            story.report("b", json!({"t": "typed", "k": k, "value": "n3w"}));
        }
        story.sends("b");
        if let Some(doc) = again {
            story.goes("https://utility.test/renew", 200);
            story.looks(doc, demand("Too weak"));
        }
        if click {
            story.report("b", later.clone());
        }
        story.goes(HOME, 200);
        story.looks("d", home());
        let start = LOGIN.parse().expect("a URL");
        let captured = story.observer.captured(&start).expect("captured");
        assert_eq!(
            captured.credentials.password.as_str(),
            kept,
            "{again:?} {click}"
        );
    }
}
