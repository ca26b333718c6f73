//! What stories leave of what was typed.

use serde_json::{Value, json};

use super::{
    credentials::{Captured, OtherKind},
    observe_tests::{HOME, LOGIN, Story, field, home, state},
    recipe::{CredentialKind, Step},
};

fn captured(story: &mut Story) -> Captured {
    let start = LOGIN.parse().expect("a URL");
    story.observer.captured(&start).expect("captured")
}

/// What the steps type, in their order.
fn filled(captured: &Captured) -> Vec<CredentialKind> {
    let steps = captured.recipe.steps.iter();
    let kinds = steps.filter_map(|step| match step {
        Step::Fill { what, .. } => Some(*what),
        _ => None,
    });
    kinds.collect()
}

/// The further values with their labels.
fn others(captured: &Captured) -> Vec<(u8, &str, &str)> {
    let others = captured.credentials.others.iter();
    let told = others.map(|other| (other.key, other.label.as_str(), other.value.as_str()));
    told.collect()
}

fn labelled(k: u32, kind: &str, name: &str, label: &str) -> Value {
    let mut field = field(k, kind, name);
    field["label"] = json!(label);
    field
}

/// Types a value into each of these fields (its number and `v`), and sends them.
fn fills_and_sends(story: &mut Story, doc: &str, fields: &[Value], button: &str) {
    let mut form = state(json!(fields), json!([]), json!({}));
    form["groups"] = json!([{"group": 1, "words": "", "buttons": [button], "submit": button}]);
    story.looks(doc, form);
    for field in fields {
        let value = format!("v{}", field["k"]);
        story.report(doc, json!({"t": "typed", "k": field["k"], "value": value}));
    }
    story.sends(doc);
}

#[test]
fn further_fields_of_a_form_are_kept_and_no_codes_searches_or_hidden_ones() {
    let mut story = Story::opens(LOGIN);
    let mut postcode = labelled(5, "text", "zip", "Postcode");
    postcode["ac"] = json!("postal-code");
    let mut hidden = field(9, "text", "trap");
    hidden["vis"] = json!(false);
    let fields = [
        labelled(1, "text", "user", "User name"),
        labelled(2, "text", "contract", "Contract number"),
        postcode,
        field(6, "text", "otpCode"),
        field(7, "text", "captcha"),
        field(8, "search", "q"),
        hidden,
        field(10, "password", "password"),
    ];
    fills_and_sends(&mut story, "a", &fields, "Log in");
    let captured = captured(&mut story);
    assert_eq!(captured.credentials.username.as_str(), "v1");
    assert_eq!(captured.credentials.password.as_str(), "v10");
    assert_eq!(
        others(&captured),
        [(0, "Contract number", "v2"), (1, "Postcode", "v5")]
    );
    let expected = [
        CredentialKind::Username,
        CredentialKind::Other(0),
        CredentialKind::Other(1),
        CredentialKind::Password,
    ];
    assert_eq!(filled(&captured), expected);
}

#[test]
fn no_more_further_values_are_kept_than_eight() {
    let mut story = Story::opens(LOGIN);
    let more = (2..14).map(|k| field(k, "text", &format!("part{k}")));
    let mut fields = vec![field(1, "email", "mail")];
    fields.extend(more);
    fields.push(field(20, "password", "password"));
    fills_and_sends(&mut story, "a", &fields, "Log in");
    let captured = captured(&mut story);
    assert_eq!(captured.credentials.username.as_str(), "v1");
    assert_eq!(captured.credentials.others.len(), 8);
    assert_eq!(filled(&captured).len(), 10);
}

#[test]
fn two_identifiers_on_two_pages_are_both_kept_and_a_second_try_is_no_second_one() {
    let contract = labelled(1, "text", "customer", "Customer number");
    let user = labelled(2, "text", "user", "User name");
    let password = field(3, "password", "password");
    let pages = |first: &Value, second: &[Value]| {
        let mut story = Story::opens(LOGIN);
        // The first page is filled twice: the website did not know the first number.
        for doc in ["a", "b"] {
            story.goes(LOGIN, 200);
            fills_and_sends(&mut story, doc, std::slice::from_ref(first), "Next");
        }
        story.goes("https://utility.test/password", 200);
        fills_and_sends(&mut story, "c", second, "Log in");
        captured(&mut story)
    };
    let both = pages(&contract, &[user.clone(), password.clone()]);
    assert_eq!(both.credentials.username.as_str(), "v2");
    assert_eq!(others(&both), [(0, "Customer number", "v1")]);
    let expected = [
        CredentialKind::Other(0),
        CredentialKind::Username,
        CredentialKind::Password,
    ];
    assert_eq!(filled(&both), expected);
    // The user name is the one that says so, whichever page asks for it.
    let swapped = pages(&user, &[contract, password]);
    assert_eq!(swapped.credentials.username.as_str(), "v2");
    assert_eq!(others(&swapped), [(0, "Customer number", "v1")]);
    let expected = [
        CredentialKind::Username,
        CredentialKind::Other(0),
        CredentialKind::Password,
    ];
    assert_eq!(filled(&swapped), expected);
}

#[test]
fn answer_to_a_question_is_kept_with_it_and_the_last_one_counts() {
    for (doc, label, expected) in [
        ("b", "What was your first pet?", 1),
        // A script shows it in the document that had the password.
        ("a", "What was your first pet?", 1),
        ("b", "Your answer", 0),
    ] {
        let mut story = Story::sent();
        if doc == "b" {
            story.goes("https://utility.test/question", 200);
        }
        let mut asks = state(
            json!([labelled(5, "text", "answer", label)]),
            json!([{"text": "Security question", "from": "heading"}]),
            json!({}),
        );
        asks["groups"] = json!([{"group": 1, "words": "", "buttons": ["Continue"]}]);
        story.looks(doc, asks);
        story.after(3_000);
        for value in ["Rex", "Rover"] {
            story.report(doc, json!({"t": "typed", "k": 5, "value": value}));
            story.sends(doc);
        }
        let captured = captured(&mut story);
        assert_eq!(captured.credentials.username.as_str(), "ada");
        assert_eq!(captured.credentials.others.len(), expected, "{doc} {label}");
        for other in &captured.credentials.others {
            let origin = "https://utility.test".to_owned();
            assert!(other.kind == OtherKind::Answer { origin });
            assert_eq!(other.value.as_str(), "Rover");
        }
        let both = [CredentialKind::Username, CredentialKind::Password];
        assert_eq!(filled(&captured), both);
    }
}

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
