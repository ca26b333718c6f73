//! Which form is found on an observed page.

use serde_json::{Value, json};

use super::{
    super::super::observe_tests::{LOGIN, Story, field, state},
    *,
};

fn page(fields: &[Value], options: &[&str]) -> Story {
    let mut page = state(json!(fields), json!([]), json!({}));
    page["options"] = json!(options);
    page["groups"] = json!([
        {"group": 1, "words": "", "buttons": ["Log in"]},
        {"group": 2, "words": "search", "buttons": ["Search"]},
    ]);
    let mut story = Story::opens(LOGIN);
    story.looks("a", page);
    story
}

fn kinds(story: &Story, kind: FormKind) -> Vec<FieldKind> {
    let form = observed_form(story.observer.frames(), kind);
    let fields = form.into_iter().flat_map(|form| form.fields);
    fields.map(|field| field.demanded.kind).collect()
}

#[test]
fn login_form_is_found_beside_the_search_of_the_site() {
    let mut search = field(1, "search", "term");
    search["group"] = json!(2);
    let mut name = field(2, "text", "user");
    name["pos"] = json!("text+password/text/0");
    let story = page(&[search, name, field(3, "password", "password")], &[]);
    let form = observed_form(story.observer.frames(), FormKind::Login).expect("a form");
    assert_eq!(form.identity, "a/2+3");
    assert_eq!(
        form.button,
        Some(Locators(vec![Locator::Position(
            "text+password/submit/0".into()
        )]))
    );
    assert_eq!(
        kinds(&story, FormKind::Login),
        [FieldKind::Identifier, FieldKind::Password]
    );
    assert!(kinds(&story, FormKind::Code(None)).is_empty());
    assert!(kinds(&story, FormKind::Question).is_empty());
}

#[test]
fn further_fields_of_a_login_form_are_asked_for_and_may_be_left_out() {
    let fields = [
        field(1, "text", "contract"),
        field(2, "text", "user"),
        field(3, "text", "captcha"),
        field(4, "password", "password"),
    ];
    let story = page(&fields, &[]);
    let form = observed_form(story.observer.frames(), FormKind::Login).expect("a form");
    let asked = form.fields.iter().map(|field| &field.demanded);
    let asked: Vec<_> = asked.map(|field| (field.kind, field.required)).collect();
    let expected = [
        (FieldKind::Identifier, true),
        (FieldKind::Text, false),
        (FieldKind::Password, true),
    ];
    assert_eq!(asked, expected);
}

#[test]
fn boxes_for_each_digit_are_one_field_for_the_code() {
    let boxes: Vec<Value> = (1..=6)
        .map(|k| {
            let mut digit = field(k, "tel", "d");
            digit["max"] = json!(1);
            digit
        })
        .collect();
    let story = page(&boxes, &[]);
    let totp = FormKind::Code(Some(CodeChannel::Totp));
    assert_eq!(kinds(&story, totp), [FieldKind::TotpCode]);
    assert_eq!(kinds(&story, FormKind::Code(None)), [FieldKind::Code]);
}

#[test]
fn answers_to_a_question_are_text() {
    let story = page(&[field(1, "text", "a1"), field(2, "text", "a2")], &[]);
    assert_eq!(
        kinds(&story, FormKind::Question),
        [FieldKind::Text, FieldKind::Text]
    );
}

#[test]
fn ways_to_get_a_code_are_told_from_other_buttons() {
    let options = [
        "( ) Text message to ***4711",
        "( ) Email to a***@example.com",
        "Send code",
    ];
    let story = page(&[], &options);
    let observed = observed_options(story.observer.frames());
    let ways = as_mfa_options(&observed).expect("ways");
    let told: Vec<_> = ways
        .iter()
        .map(|way| (way.id, way.kind, way.target.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (0, MfaOptionKind::Sms, Some("***4711")),
            (1, MfaOptionKind::Email, Some("a***@example.com")),
        ]
    );
    let accounts = observed_options(
        page(&[], &["( ) Home", "( ) Office", "Go on"])
            .observer
            .frames(),
    );
    assert_eq!(as_mfa_options(&accounts), None);
    let labels: Vec<_> = as_choices(&accounts)
        .into_iter()
        .map(|choice| choice.label)
        .collect();
    assert_eq!(labels, ["Home", "Office"]);
}
