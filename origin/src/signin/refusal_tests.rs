//! What counts as a refusal, and for how long: no browser, no clock.

use serde_json::{Value, json};

use super::{
    observe_tests::{HOME, LOGIN, Story, field, home, login, state},
    verdict::Verdict,
};

/// A page without a form, with these texts and marks.
fn page(messages: &[(&str, &str)], marks: Value) -> Value {
    let messages = messages.iter();
    let messages: Vec<Value> = messages
        .map(|(text, from)| json!({"text": text, "from": from}))
        .collect();
    state(json!([]), json!(messages), marks)
}

/// The form again, with a text in it.
fn form(text: &str, from: &str) -> Value {
    let mut state = login(text);
    for message in state["messages"].as_array_mut().expect("messages") {
        message["from"] = json!(from);
    }
    state
}

/// A form in which nothing was typed yet.
fn untouched(text: &str, from: &str) -> Value {
    let mut state = form(text, from);
    for field in state["fields"].as_array_mut().expect("fields") {
        field["typed"] = json!(false);
        field["filled"] = json!(false);
    }
    state
}

fn rejected(message: &str) -> Option<Verdict> {
    Some(Verdict::Rejected {
        message: Some(message.into()),
    })
}

/// One that was refused once, in the document `a` of an app, and types again there.
fn refused_once() -> Story {
    let mut story = Story::sent();
    story.posts_and_is_answered("1", 200);
    story.looks("a", form("Invalid password", "alert"));
    assert_eq!(story.verdict_after(2000), rejected("Invalid password"));
    story.report("a", json!({"t": "typed", "k": 2, "value": "again"}));
    story
}

#[test]
fn right_after_wrong_in_one_document_is_asked_about_when_nothing_proves_it() {
    let account = json!({"account": ["bills", "usage"]});
    for messages in [
        &[] as &[_],
        // The old message is still there, alone or within the text of the page.
        &[("Invalid password", "alert")],
        &[("Invalid password Your next bill is due on 3 May", "page")],
        &[("Invalid password", "error"), ("Loading…", "status")],
    ] {
        let mut story = refused_once();
        story.sends("a");
        story.posts_and_is_answered("2", 200);
        story.looks("a", page(messages, account.clone()));
        assert_eq!(story.verdict_after(3000), None, "{messages:?}");
        assert_eq!(story.verdict_after(2000), Some(Verdict::Unknown));
    }
}

#[test]
fn right_after_wrong_in_one_document_is_proven_like_any_other() {
    let mut story = refused_once();
    story.sends("a");
    story.posts_and_is_answered("2", 200);
    let mut home = home();
    home["messages"] = json!([{"text": "Invalid password", "from": "alert"}]);
    story.looks("a", home);
    assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn));
}

#[test]
fn a_try_after_a_refusal_counts_even_if_only_a_click_tells_of_it() {
    let mut story = refused_once();
    story.report(
        "a",
        json!({"t": "submit", "group": 1, "sure": false, "button": null}),
    );
    story.posts_and_is_answered("2", 200);
    story.looks("a", page(&[], json!({"account": ["bills"]})));
    let status = story.after(5000);
    assert_eq!(status.attempt, 2);
    assert_eq!(
        (status.verdict, status.message),
        (Some(Verdict::Unknown), None)
    );
}

#[test]
fn wrong_twice_in_one_document_is_refused_twice() {
    // The page takes the message away and says it again.
    let mut story = refused_once();
    story.sends("a");
    story.looks("a", login(""));
    story.posts_and_is_answered("2", 200);
    story.looks("a", form("Invalid password", "alert"));
    assert_eq!(story.verdict_after(1000), rejected("Invalid password"));
    // The page leaves it there: only time tells that this is the answer.
    let mut story = refused_once();
    story.sends("a");
    story.posts_and_is_answered("2", 200);
    story.looks("a", form("Invalid password", "alert"));
    assert_eq!(story.verdict_after(2500), None);
    assert_eq!(story.verdict_after(1000), rejected("Invalid password"));
}

#[test]
fn words_of_a_form_that_is_hidden_now_count_only_while_they_can_be_read() {
    let hidden = |messages| {
        let mut state = page(messages, json!({}));
        let mut password = field(2, "password", "password");
        password["vis"] = json!(false);
        state["fields"] = json!([password]);
        state
    };
    let mut story = Story::sent();
    story.posts_and_is_answered("1", 200);
    story.looks("a", form("Wrong password", "alert"));
    story.looks("a", hidden(&[("Wrong password", "alert")]));
    assert_eq!(story.verdict_after(1000), rejected("Wrong password"));
    story.looks("a", hidden(&[]));
    assert_eq!(story.verdict_after(1000), None);
    assert_eq!(story.verdict_after(4000), Some(Verdict::Unknown));
}

#[test]
fn what_stands_on_every_page_is_no_answer() {
    let warning = "Never give your password to anybody; a wrong e-mail address is a sign of fraud";
    for from in ["alert", "error", "banner"] {
        let mut story = Story::opens(LOGIN);
        story.looks("a", untouched(warning, from));
        story.types("a");
        story.sends("a");
        story.goes(HOME, 200);
        story.looks("b", page(&[(warning, from)], json!({"account": ["bills"]})));
        let status = story.after(6000);
        assert_eq!(
            (status.verdict, status.message),
            (Some(Verdict::Unknown), None),
            "{from}"
        );
    }
}

#[test]
fn neither_work_in_progress_nor_a_banner_is_quoted() {
    for (text, from) in [
        ("Loading…", "alert"),
        ("Please wait", "error"),
        ("Bitte warten", "alert"),
        ("We use cookies to improve your experience", "banner"),
        ("Planned maintenance on Sunday", "banner"),
    ] {
        let mut story = Story::sent();
        story.goes(LOGIN, 200);
        story.looks("b", form(text, from));
        let status = story.after(3000);
        assert_eq!(
            status.verdict,
            Some(Verdict::Rejected { message: None }),
            "{text}"
        );
        assert_eq!(status.message, None, "{text}");
    }
    let mut story = Story::sent();
    story.goes(LOGIN, 200);
    story.looks("b", form("Your password is wrong", "banner"));
    assert_eq!(
        story.verdict_after(2000),
        rejected("Your password is wrong")
    );
}

#[test]
fn a_request_to_check_the_details_is_a_refusal() {
    let text = "Please check your details and try again.";
    let mut story = Story::sent();
    story.posts_and_is_answered("1", 200);
    story.looks("a", form(text, "near"));
    assert_eq!(story.verdict_after(2000), rejected(text));
}

#[test]
fn a_sign_out_that_was_hidden_before_and_is_shown_now_is_proof() {
    for (before, after, verdict) in [
        ((0, 1), (1, 0), Verdict::SignedIn),
        ((0, 1), (0, 1), Verdict::Unknown),
        ((1, 0), (1, 0), Verdict::Unknown),
        ((1, 1), (1, 1), Verdict::Unknown),
    ] {
        for doc in ["a", "b"] {
            let marks = |(shown, hidden): (u32, u32)| json!({"signOut": shown, "signOutHidden": hidden, "account": ["bills"]});
            let mut story = Story::opens(LOGIN);
            let mut start = untouched("", "near");
            start["marks"]["signOut"] = json!(before.0);
            start["marks"]["signOutHidden"] = json!(before.1);
            story.looks("a", start);
            story.types("a");
            story.sends("a");
            if doc == "b" {
                story.goes(HOME, 200);
            } else {
                story.posts_and_is_answered("1", 200);
            }
            story.looks(doc, page(&[], marks(after)));
            let came = story.verdict_after(6000);
            assert_eq!(came, Some(verdict.clone()), "{before:?} {after:?} {doc}");
        }
    }
}

#[test]
fn a_form_that_cannot_be_seen_is_not_taken_for_gone() {
    let mut blind = home();
    blind["blind"] = json!(true);
    blind["skipped"] = json!(1);
    let mut story = Story::sent();
    story.goes(HOME, 200);
    story.looks("b", blind);
    assert_eq!(story.verdict_after(6000), Some(Verdict::Unknown));
    // Once it can be seen, it can be told.
    story.looks("b", home());
    assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn));

    let mut story = Story::sent();
    story.goes(HOME, 200);
    story.looks("b", home());
    story.report("b", json!({"t": "failed", "name": "click"}));
    assert_eq!(story.verdict_after(6000), Some(Verdict::Unknown));
}
