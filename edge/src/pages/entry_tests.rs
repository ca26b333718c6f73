//! Manual entry's page.

use shared::{
    code_page::CodeView,
    entry::{Approval, CodeSource, EntryChoice, EntryField, EntryMfaOption, EntryOffer, EntryView},
    status::{
        CodeChannel, CodeRequestStatus, EntryProblem, ErrorCode, FieldKind, MfaOptionKind,
        OfferKind, Phase,
    },
    wire::{SignInView, StepView},
};

use super::{EVIL, code_view, html, sign_in, view};
use crate::pages::{CodePage, EntryPage, Shell, SignInPage};

/// Manual entry as it may look: with each problem, before anything is asked, and with all that can be asked.
pub(super) fn entries() -> Vec<SignInView> {
    let field = |(id, kind): (u32, &FieldKind)| EntryField {
        id,
        kind: *kind,
        label: EVIL.repeat(usize::from(id % 2 == 0)),
        autocomplete: EVIL.into(),
        numeric: id % 2 == 0,
        required: id > 1,
    };
    let everything = |problem: Option<EntryProblem>| EntryView {
        number: 3,
        public_key: EVIL.into(),
        fields: (0..).zip(FieldKind::ALL).map(field).collect(),
        mfa_options: vec![EntryMfaOption {
            id: 0,
            kind: MfaOptionKind::Sms,
            label: EVIL.into(),
            target: Some(EVIL.into()),
        }],
        choices: vec![EntryChoice {
            id: 1,
            label: EVIL.into(),
            description: Some(EVIL.into()),
        }],
        code: problem.is_some().then(|| CodeSource {
            channel: Some(CodeChannel::Sms),
            target: Some(EVIL.into()),
            asked_anew: true,
        }),
        elsewhere: Some(Approval {
            shown: Some(EVIL.into()),
        }),
        offers: vec![EntryOffer {
            id: 0,
            kind: OfferKind::Resend,
            label: EVIL.into(),
        }],
        host: Some(EVIL.into()),
        challenged_by: Some(EVIL.into()),
        challenge_encrypted: false,
        problem,
        minutes_left: Some(1),
    };
    let problems = EntryProblem::ALL.iter().copied().map(Some).chain([None]);
    let views = problems.map(|problem| Some(Box::new(everything(problem))));
    let all = views.chain([None]).map(|entry| SignInView {
        phase: if entry.is_some() {
            Phase::AwaitingInput
        } else {
            Phase::Discovering
        },
        manual: true,
        entry,
        ..sign_in(true, Some(ErrorCode::CodeInvalid))
    });
    all.collect()
}

#[test]
fn nothing_that_is_entered_can_leave_the_page_unsealed() {
    let [shell, _] = Shell::samples();
    for sign_in in entries() {
        let view = view(StepView::SignIn(sign_in.clone()));
        let reply = EntryPage::new(&shell, &view, &sign_in, "/p").reply();
        let inputs: Vec<&str> = html(&reply).split("<input ").skip(1).collect();
        let mut values = 0;
        for input in inputs {
            let tag = input.split('>').next().unwrap_or_default();
            if !tag.starts_with("type=\"hidden\"") {
                assert!(!tag.contains(" name="), "{tag}");
                values += 1;
            }
        }
        let asked = sign_in.entry.map_or(0, |entry| entry.fields.len());
        assert_eq!(values, asked);
        let hides = " type=\"password\" autocomplete=\"current-password\"";
        assert_eq!(html(&reply).contains(hides), asked > 0);
    }
}

#[test]
fn code_is_asked_above_the_picture_and_leaves_no_trace_when_it_is_not() {
    let [shell, _] = Shell::samples();
    let page = |entry: Option<EntryView>| {
        let sign_in = SignInView {
            entry: entry.map(Box::new),
            ..sign_in(true, None)
        };
        let view = view(StepView::SignIn(sign_in.clone()));
        let page = SignInPage::new(&shell, &view, &sign_in, "/p");
        html(&page.reply("https://edge.example")).to_owned()
    };
    let asked = EntryView {
        number: 4,
        public_key: "key".into(),
        fields: vec![
            EntryField {
                id: 0,
                kind: FieldKind::Code,
                label: String::new(),
                autocomplete: String::new(),
                numeric: true,
                required: true,
            },
            EntryField {
                id: 1,
                kind: FieldKind::Remember,
                label: "Trust this browser".into(),
                autocomplete: String::new(),
                numeric: false,
                required: false,
            },
        ],
        mfa_options: Vec::new(),
        choices: Vec::new(),
        code: Some(CodeSource {
            channel: Some(CodeChannel::Sms),
            target: Some("··42".into()),
            asked_anew: false,
        }),
        elsewhere: None,
        offers: vec![EntryOffer {
            id: 0,
            kind: OfferKind::Resend,
            label: "Send it again".into(),
        }],
        host: None,
        challenged_by: None,
        challenge_encrypted: true,
        problem: None,
        minutes_left: None,
    };
    let code = page(Some(asked.clone()));
    let Some((above, picture)) = code.split_once("<section id=\"live\"") else {
        unreachable!("no picture");
    };
    for wanted in [
        "The website sent a code to ··42 by text message.",
        "inputmode=\"numeric\" autocomplete=\"one-time-code\"",
        "data-kind=\"remember\" checked",
        "So that the website asks you less often.",
        "value=\"0\">Send it again</button>",
        "data-key=\"key\"",
    ] {
        assert!(above.contains(wanted), "{wanted}: {above}");
    }
    assert!(!picture.contains("one-time-code"));
    let approval = page(Some(EntryView {
        fields: Vec::new(),
        code: None,
        elsewhere: Some(Approval {
            shown: Some("42".into()),
        }),
        ..asked.clone()
    }));
    assert!(approval.contains("<strong class=\"match\">42</strong>"));
    assert!(
        !approval.contains("value=\"proceed\""),
        "the picture goes on by itself"
    );
    let field = |id, kind| EntryField {
        id,
        kind,
        label: String::new(),
        autocomplete: String::new(),
        numeric: false,
        required: true,
    };
    let challenge = page(Some(EntryView {
        fields: vec![
            field(0, FieldKind::Identifier),
            field(1, FieldKind::Password),
        ],
        code: None,
        offers: Vec::new(),
        challenged_by: Some("my.utility.example".into()),
        ..asked
    }));
    for wanted in [
        "The website asks for your user name and password",
        "What you enter is given to my.utility.example alone.",
        "autocomplete=\"username\"",
        "autocomplete=\"current-password\"",
        "value=\"0\">Cancel</button>",
    ] {
        assert!(challenge.contains(wanted), "{wanted}: {challenge}");
    }
    assert!(!challenge.contains("not encrypted"), "{challenge}");
    assert!(!challenge.contains("Or use the website below"));
    let nothing = page(None);
    assert!(nothing.contains("data-part>\n</div>"), "{nothing}");
    assert!(!nothing.contains("Signing in to"), "{nothing}");
    let sent = SignInView {
        phase: Phase::Submitting,
        entry: None,
        ..super::sign_in(true, None)
    };
    let flow = view(StepView::SignIn(sent.clone()));
    let page = SignInPage::new(&shell, &flow, &sent, "/p").reply("https://edge.example");
    let goes_on = "role=\"status\" data-progress data-working>Signing in to ";
    let (before, after) = html(&page).split_once(goes_on).unwrap_or_default();
    assert!(!before.is_empty(), "{}", html(&page));
    // What is read out by itself is in no other part that is: it would be heard twice.
    assert!(!before.contains("aria-live"), "{before}");
    assert!(after.contains("aria-live=\"polite\""), "{after}");
}

#[test]
fn the_end_of_the_time_for_a_code_is_said_where_it_is_heard() {
    let [shell, _] = Shell::samples();
    let asked = entries().into_iter().find(|sign_in| {
        let entry = sign_in.entry.as_ref();
        entry.is_some_and(|entry| entry.minutes_left.is_some())
    });
    let Some(asked) = asked else {
        unreachable!("none is nearly over");
    };
    let flow = view(StepView::SignIn(asked.clone()));
    let page = EntryPage::new(&shell, &flow, &asked, "/p").reply();
    let said = "role=\"status\" data-progress>One minute is left for an answer.";
    assert!(html(&page).contains(said), "{}", html(&page));
    let code = CodeView {
        entry: asked.entry,
        ..code_view(CodeRequestStatus::Waiting)
    };
    let page = CodePage::new(&shell, &code, "/p/code/x/y").reply();
    assert!(html(&page).contains(said), "{}", html(&page));
}
