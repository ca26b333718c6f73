//! What proves a sign-in, and what only looks like it: no browser, no clock.

use serde_json::{Value, json};
use shared::status::Phase;

use super::{
    observe_tests::{HOME, LOGIN, Story, field, home, login, state},
    verdict::{CodeRefusal, Verdict},
};

/// After the password the page under another address shows these texts, marks and buttons.
fn shows(messages: &[(&str, &str)], marks: Value, buttons: &[&str]) -> Story {
    let mut story = Story::sent();
    story.goes(HOME, 200);
    story.looks("b", page(messages, marks, buttons));
    story
}

fn page(messages: &[(&str, &str)], marks: Value, buttons: &[&str]) -> Value {
    let messages = messages.iter();
    let messages: Vec<Value> = messages
        .map(|(text, from)| json!({"text": text, "from": from}))
        .collect();
    let mut page = state(json!([]), json!(messages), marks);
    page["options"] = json!(buttons);
    page
}

fn in_account() -> Value {
    json!({"signOut": 1, "account": ["bills", "account"], "greeting": true})
}

#[test]
fn a_consent_is_no_success_whatever_stands_above_it() {
    for heading in [
        "Please accept our terms of use",
        "Energy would like to access your account",
        "Aktualisierte Nutzungsbedingungen",
    ] {
        let buttons = ["I accept", "Zustimmen"];
        let mut story = shows(&[(heading, "heading")], in_account(), &buttons);
        assert_eq!(story.verdict_after(20_000), Some(Verdict::ConsentNeeded));
        // It is accepted by a button that sends nothing that was typed.
        story.goes("https://utility.test/account", 200);
        story.looks("c", home());
        assert_eq!(
            story.verdict_after(2500),
            Some(Verdict::SignedIn),
            "{heading}"
        );
    }
}

#[test]
fn words_on_cookies_or_without_a_button_ask_for_no_consent() {
    for (text, from, buttons) in [
        (
            "We use cookies: see our privacy policy",
            "heading",
            &["Accept all"] as &[_],
        ),
        ("Terms of use", "heading", &["Menu"]),
        ("Our terms of use have changed", "status", &["Accept"]),
    ] {
        let mut story = shows(&[(text, from)], in_account(), buttons);
        assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn), "{text}");
    }
}

#[test]
fn an_approval_elsewhere_is_waited_for_without_a_question() {
    let text = "Approve this request in the mobile app to continue.";
    let mut story = shows(&[(text, "near")], in_account(), &[]);
    let status = story.after(60_000);
    assert_eq!(status.verdict, None);
    assert_eq!(status.phase, Phase::AwaitingExternalAction);
    assert_eq!(status.message.as_deref(), Some(text));
    story.goes("https://utility.test/account", 200);
    story.looks("c", home());
    assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn));
}

#[test]
fn a_code_that_was_refused_is_told_from_one_that_is_asked_for() {
    let ask = |said: &str| {
        let said = json!([{"text": said, "from": "error"}]);
        state(json!([field(3, "text", "otp")]), said, json!({}))
    };
    let code = |refused| {
        Some(Verdict::CodeNeeded {
            channel: None,
            target: None,
            refused,
        })
    };
    let mut story = Story::sent();
    story.goes("https://utility.test/code", 200);
    // Nothing was sent yet that could be refused.
    story.looks("b", ask("An expired code cannot be used"));
    assert_eq!(story.verdict_after(2000), code(None));
    for (doc, said, refusal) in [
        ("c", "The code is not correct", CodeRefusal::Wrong),
        ("d", "This code has expired", CodeRefusal::Expired),
    ] {
        let before = if doc == "c" { "b" } else { "c" };
        story.report(before, json!({"t": "typed", "k": 3, "value": "123456"}));
        story.now += 2000;
        story.sends(before);
        story.goes("https://utility.test/code", 200);
        story.looks(doc, ask(said));
        let status = story.after(2000);
        assert_eq!(status.verdict, code(Some(refusal)), "{said}");
        assert_eq!(status.message.as_deref(), Some(said));
    }
}

#[test]
fn a_code_sent_from_the_document_of_the_password_is_no_second_password() {
    let mut code = field(3, "text", "otp");
    code["group"] = json!(2);
    let ask = |messages: Value| {
        let mut page = state(json!([code]), messages, json!({}));
        page["groups"] = json!([{"group": 2, "words": "", "buttons": ["Verify"]}]);
        page
    };
    let mut story = Story::sent();
    story.posts_and_is_answered("login", 200);
    story.looks("a", ask(json!([])));
    story.now += 2000;
    story.report("a", json!({"t": "typed", "k": 3, "value": "123456"}));
    story.report(
        "a",
        json!({"t": "submit", "group": 2, "sure": true, "button": null}),
    );
    story.posts_and_is_answered("code", 400);
    story.looks("a", ask(json!([{"text": "Invalid code", "from": "error"}])));
    let status = story.after(2000);
    assert_eq!(status.attempt, 1);
    let refused = Some(Verdict::CodeNeeded {
        channel: None,
        target: None,
        refused: Some(CodeRefusal::Wrong),
    });
    assert_eq!(status.verdict, refused);
}

#[test]
fn the_clients_own_name_proves_it_together_with_a_way_out_alone() {
    let cases = [
        (
            json!({"names": ["ada"], "signOut": 1}),
            false,
            "too short a name",
        ),
        (
            json!({"names": ["ada@example.com"], "signOut": 1}),
            true,
            "with a way out",
        ),
        (
            json!({"names": ["Signed in as ADA@example.com"], "signedInAs": true}),
            true,
            "as whom",
        ),
        (json!({"names": ["ada@example.com"]}), false, "alone"),
        (
            json!({"names": ["bob@example.com"], "signOut": 1}),
            false,
            "another name",
        ),
        (
            json!({"names": ["ada@example.com"], "signedInAs": true, "sends": 1}),
            false,
            "a button goes on",
        ),
        (
            json!({"names": ["We sent a link to ada@example.com that you have to open"], "signOut": 1}),
            false,
            "in a sentence",
        ),
    ];
    for (marks, is_in, what) in cases {
        let mut story = Story::opens(LOGIN);
        story.looks("a", login(""));
        let name = if what == "too short a name" {
            "ada"
        } else {
            "ada@example.com"
        };
        story.report("a", json!({"t": "typed", "k": 1, "value": name}));
        story.report("a", json!({"t": "typed", "k": 2, "value": "s3cret"}));
        story.sends("a");
        story.goes(HOME, 200);
        story.looks("b", page(&[], marks, &[]));
        let expected = if is_in {
            Verdict::SignedIn
        } else {
            Verdict::Unknown
        };
        assert_eq!(story.verdict_after(20_000), Some(expected), "{what}");
    }
}

#[test]
fn a_script_that_its_website_lets_in_proves_it_together_with_the_account() {
    for (status, account, is_in) in [
        (200, json!(["usage"]), true),
        (200, json!([]), false),
        (200, json!(["menu"]), false),
        (200, json!(["menu", "usage"]), true),
        (403, json!(["usage"]), false),
    ] {
        let mut story = Story::sent();
        story.posts_and_is_answered("login", 200);
        story.shows_who_it_is("me", status);
        story.goes(HOME, 200);
        story.looks("b", page(&[], json!({ "account": account }), &[]));
        let verdict = story.verdict_after(20_000);
        assert_eq!(
            verdict == Some(Verdict::SignedIn),
            is_in,
            "{status} {account}"
        );
    }
}

#[test]
fn coming_back_from_an_identity_provider_proves_it_together_with_the_account() {
    for (home, way_in_before, is_in) in [
        (HOME, 1, true),
        (HOME, 0, false),
        ("https://other.test/home", 1, false),
    ] {
        let mut story = Story::opens("https://utility.test/");
        story.looks("start", page(&[], json!({"signIn": way_in_before}), &[]));
        story.goes("https://identity.test/login", 200);
        story.looks("a", login(""));
        story.types("a");
        story.sends("a");
        story.goes(home, 200);
        story.looks("b", page(&[], json!({"account": ["bills", "usage"]}), &[]));
        let verdict = story.verdict_after(20_000);
        assert_eq!(
            verdict == Some(Verdict::SignedIn),
            is_in,
            "{home} {way_in_before}"
        );
    }
}

#[test]
fn an_error_that_comes_back_from_an_identity_provider_proves_nothing() {
    for (home, is_in) in [
        (HOME, true),
        ("https://utility.test/home?error=access_denied", false),
        (
            "https://utility.test/home#error=access_denied&state=x",
            false,
        ),
        ("https://utility.test/#/home?error=access_denied", false),
        ("https://utility.test/#/home?state=x", true),
    ] {
        let mut story = Story::opens("https://utility.test/");
        story.looks("start", page(&[], json!({"signIn": 1}), &[]));
        story.goes("https://identity.test/login", 200);
        story.looks("a", login(""));
        story.types("a");
        story.sends("a");
        story.goes(home, 200);
        let marks = json!({"account": ["bills"], "signOutHidden": 1});
        story.looks("b", page(&[], marks, &[]));
        let verdict = story.verdict_after(20_000);
        assert_eq!(verdict == Some(Verdict::SignedIn), is_in, "{home}");
    }
}

#[test]
fn a_browser_that_is_not_wanted_is_told() {
    let text = "Your browser is not supported";
    let mut story = shows(&[(text, "heading")], json!({}), &[]);
    let status = story.after(4000);
    assert_eq!(status.verdict, Some(Verdict::BrowserUnsupported));
    assert_eq!(status.message.as_deref(), Some(text));
}

#[test]
fn a_form_that_another_page_hides_does_not_hide_a_proof() {
    let mut hidden = field(9, "password", "password");
    hidden["vis"] = json!(false);
    for (doc, marks, is_in) in [
        ("b", in_account(), true),
        ("a", in_account(), false),
        ("b", json!({"signOut": 1, "account": ["bills"]}), false),
    ] {
        let mut story = Story::sent();
        if doc == "b" {
            story.goes(HOME, 200);
        }
        story.looks(doc, state(json!([hidden]), json!([]), marks));
        let verdict = story.verdict_after(20_000);
        assert_eq!(verdict == Some(Verdict::SignedIn), is_in, "{doc}");
    }
}

#[test]
fn being_let_in_with_a_way_out_proves_no_more_than_a_step_on_a_short_page() {
    for (marks, length, is_in) in [
        (json!({"signOut": 1}), 500, false),
        (json!({"signOutHidden": 1}), 500, false),
        (json!({"signOut": 1}), 5_000, true),
        (json!({"signOutHidden": 1, "greeting": true}), 500, true),
        (json!({"signOutHidden": 1}), 5_000, true),
        (json!({"signOutHidden": 1, "signInHidden": 1}), 5_000, false),
    ] {
        let mut story = Story::sent();
        story.posts_and_is_answered("login", 200);
        story.shows_who_it_is("methods", 200);
        story.goes(HOME, 200);
        let what = format!("{marks} {length}");
        let mut shown = page(&[], marks, &[]);
        shown["text"]["length"] = json!(length);
        story.looks("b", shown);
        let verdict = story.verdict_after(20_000);
        assert_eq!(verdict == Some(Verdict::SignedIn), is_in, "{what}");
    }
}

#[test]
fn a_code_field_beside_the_password_asks_for_a_code_only_once_the_password_is_taken() {
    // A user name alone led to a form with a field for those who have a second factor.
    let mut story = Story::opens(LOGIN);
    story.looks(
        "a",
        state(json!([field(1, "text", "user")]), json!([]), json!({})),
    );
    story.report("a", json!({"t": "typed", "k": 1, "value": "ada"}));
    story.sends("a");
    story.goes(LOGIN, 200);
    let both = |bad: bool, captcha: bool| {
        let mut password = field(2, "password", "password");
        password["bad"] = json!(bad);
        let fields = json!([field(1, "text", "user"), password, field(3, "text", "otp")]);
        let mut shown = state(fields, json!([]), json!({}));
        shown["captcha"] = json!(captcha);
        shown
    };
    story.looks("b", both(false, false));
    assert_eq!(story.verdict_after(6000), None);
    for (bad, captcha, asks) in [
        (false, false, true),
        (true, false, false),
        (false, true, false),
    ] {
        let mut story = Story::sent();
        story.posts_and_is_answered("login", 200);
        story.looks("a", both(bad, captcha));
        let verdicts: Vec<_> = (0..24).filter_map(|_| story.verdict_after(250)).collect();
        let is_code = |verdict: &Verdict| matches!(verdict, Verdict::CodeNeeded { .. });
        assert_eq!(
            verdicts.iter().any(is_code),
            asks,
            "{bad} {captcha}: {verdicts:?}"
        );
    }
}

#[test]
fn the_client_has_time_anew_on_each_page_before_the_account() {
    for (goes_on, asked_after) in [(false, 3_000), (true, 13_000)] {
        let mut story = shows(&[("Peaaegu valmis", "heading")], json!({}), &["Edasi"]);
        let mut working = page(&[("Peaaegu valmis", "heading")], json!({}), &["Edasi"]);
        working["busy"] = json!(true);
        story.looks("b", working);
        assert_eq!(story.verdict_after(10_000), None);
        if goes_on {
            story.report("b", json!({"t": "click", "control": {"id": "", "name": "", "label": "Edasi", "pos": ""}}));
        }
        assert_eq!(story.verdict_after(asked_after - 2_000), None, "{goes_on}");
        assert_eq!(story.verdict_after(2_000), Some(Verdict::Unknown));
    }
}
