//! Manual entry's page.

use shared::{
    entry::{CodeSource, EntryChoice, EntryField, EntryMfaOption, EntryView},
    status::{CodeChannel, EntryProblem, ErrorCode, FieldKind, MfaOptionKind, Phase},
    wire::{SignInView, StepView},
};

use super::{EVIL, html, sign_in, view};
use crate::pages::{EntryPage, Shell};

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
        }),
        elsewhere: true,
        host: Some(EVIL.into()),
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
    }
}
