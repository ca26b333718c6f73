//! Dialogs of pages: answered at once and told. The very click that opened one is not answered
//! before.

use chromiumoxide_cdp::cdp::browser_protocol::page::{
    HandleJavaScriptDialogParams, SetInterceptFileChooserDialogParams,
};

use super::effect::Effect;
use crate::{
    cdp_events::DialogOpening,
    event::{BrowserEvent, DialogKind},
    ids::PageId,
    plain_text::bounded,
};

/// Characters of a dialog's text that are told.
const MAX_MESSAGE: usize = 500;

/// What a page's session needs: no file chooser opens, each is told.
pub(crate) fn set_up(session: &str) -> Effect {
    let mut choosers = SetInterceptFileChooserDialogParams::new(true);
    choosers.cancel = Some(true);
    Effect::send(session, &choosers)
}

/// A dialog opens: leaving a page is allowed, all else dismissed.
pub(crate) fn opening(session: &str, page: Option<PageId>, dialog: &DialogOpening) -> Vec<Effect> {
    let kind = match dialog.kind.as_str() {
        "confirm" => DialogKind::Confirm,
        "prompt" => DialogKind::Prompt,
        "beforeunload" => DialogKind::BeforeUnload,
        _ => DialogKind::Alert,
    };
    let answer = HandleJavaScriptDialogParams::new(kind == DialogKind::BeforeUnload);
    let mut effects = vec![Effect::send(session, &answer)];
    effects.extend(page.map(|page| told(page, kind, &dialog.message)));
    effects
}

/// A page asked for a file and was refused.
pub(crate) fn file_chooser(page: PageId) -> Effect {
    told(page, DialogKind::FileChooser, "")
}

fn told(page: PageId, kind: DialogKind, message: &str) -> Effect {
    Effect::Emit(BrowserEvent::Dialog {
        page,
        kind,
        message: bounded(message, MAX_MESSAGE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(kind: &str) -> (String, Option<(DialogKind, String)>) {
        let dialog = DialogOpening {
            kind: kind.to_owned(),
            message: "Sure?\n".repeat(200),
        };
        let effects = opening("s", Some(PageId(1)), &dialog);
        let told = effects.iter().find_map(|effect| match effect {
            Effect::Emit(BrowserEvent::Dialog { kind, message, .. }) => {
                Some((*kind, message.clone()))
            }
            _ => None,
        });
        (format!("{:?}", effects[0]), told)
    }

    #[test]
    fn only_leaving_a_page_is_allowed_and_every_dialog_is_told() {
        for (kind, told, accept) in [
            ("alert", DialogKind::Alert, false),
            ("confirm", DialogKind::Confirm, false),
            ("prompt", DialogKind::Prompt, false),
            ("beforeunload", DialogKind::BeforeUnload, true),
            ("a new kind", DialogKind::Alert, false),
        ] {
            let (answer, event) = answered(kind);
            let expected = format!("s Page.handleJavaScriptDialog {{\"accept\":{accept}}}");
            assert_eq!(answer, expected, "{kind}");
            let (kind, message) = event.unwrap();
            assert_eq!(kind, told);
            assert_eq!(message.chars().count(), MAX_MESSAGE);
        }
    }

    #[test]
    fn a_dialog_of_an_unknown_session_is_answered_all_the_same() {
        let dialog = DialogOpening {
            kind: "alert".to_owned(),
            message: String::new(),
        };
        assert_eq!(opening("s", None, &dialog).len(), 1);
    }
}
