use askama::Template;
use messages::codes::Explanation;
use shared::{
    entry::{CodeSource, EntryField, EntryView},
    id::FlowRef,
    status::{FieldKind, Phase},
    wire::{FlowView, RepairView, SignInView},
};

use super::{Shell, render, shown_host};
use crate::reply::{Reply, Script};

/// Step 2 without the website's picture: manual entry.
#[derive(Template)]
#[template(path = "entry.html")]
pub struct EntryPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of the flow's page: the script adds `/state`.
    pub path: &'a str,
    /// The version of what the page shows.
    pub version: u64,
    /// What values are sealed for.
    pub flow_ref: FlowRef,
    /// The connection that the flow repairs, if it exists already.
    pub repair: Option<&'a RepairView>,
    /// The state of the sign-in.
    pub sign_in: &'a SignInView,
    /// What can be entered or chosen now, as HTML.
    pub part: String,
    /// Why the website refused what was entered last.
    pub trouble: Option<Explanation>,
}

impl<'a> EntryPage<'a> {
    /// Makes the page of a flow that is at SIGN_IN, in manual entry.
    pub fn new(
        shell: &'a Shell,
        flow: &'a FlowView,
        sign_in: &'a SignInView,
        path: &'a str,
    ) -> Self {
        Self {
            shell,
            host: shown_host(&flow.provider_host),
            path,
            version: flow.version,
            flow_ref: flow.flow_ref,
            repair: flow.repair.as_ref(),
            sign_in,
            part: EntryPart::html(shell, sign_in),
            trouble: sign_in
                .error_code
                .map(|code| shell.text.sign_in_error(code)),
        }
    }

    /// Whether the visitor only has to wait.
    fn is_working(&self) -> bool {
        self.sign_in.entry.is_none()
    }

    /// What goes on meanwhile, in words.
    fn progress(&self) -> Option<String> {
        let text = self.shell.text;
        match self.sign_in.phase {
            Phase::Discovering => Some(text.entry_looking(self.host).to_string()),
            Phase::Submitting | Phase::Completed => {
                Some(text.entry_submitting(self.host).to_string())
            }
            Phase::AwaitingInput | Phase::AwaitingExternalAction if self.is_working() => {
                Some(text.entry_submitting(self.host).to_string())
            }
            Phase::AwaitingInput | Phase::AwaitingExternalAction => {
                time_left(self.shell, self.sign_in.entry.as_deref())
            }
        }
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, Some(Script::OwnOrigin))
    }
}

/// How long an answer is still waited for, in words, once that is not long any more.
pub fn time_left(shell: &Shell, entry: Option<&EntryView>) -> Option<String> {
    let minutes = entry?.minutes_left?;
    Some(shell.text.entry_minutes_left(minutes).to_string())
}

/// What can be entered or chosen: a part of two pages.
#[derive(Template)]
#[template(path = "entry_part.html")]
pub struct EntryPart<'a> {
    shell: &'a Shell,
    entry: &'a EntryView,
    /// In manual entry; else the website's picture stands below.
    manual: bool,
}

impl<'a> EntryPart<'a> {
    /// The HTML of what can be entered now; empty when that is nothing.
    pub fn html(shell: &'a Shell, sign_in: &'a SignInView) -> String {
        let part = sign_in.entry.as_deref().map(|entry| Self {
            shell,
            entry,
            manual: sign_in.manual,
        });
        // Nothing but a writer that fails makes our templates fail.
        part.and_then(|part| part.render().ok()).unwrap_or_default()
    }

    /// The HTML of what can be entered where there is no website to look at; empty when that is nothing.
    pub fn alone(shell: &'a Shell, entry: Option<&'a EntryView>) -> String {
        let part = entry.map(|entry| Self {
            shell,
            entry,
            manual: true,
        });
        part.and_then(|part| part.render().ok()).unwrap_or_default()
    }

    /// The website's own label, or ours.
    fn label<'b>(&self, field: &'b EntryField) -> &'b str {
        if !field.label.is_empty() {
            return &field.label;
        }
        let text = self.shell.text;
        match field.kind {
            FieldKind::Identifier => text.field_identifier(),
            FieldKind::Password => text.field_password(),
            FieldKind::Code | FieldKind::TotpCode => text.field_code(),
            FieldKind::Text | FieldKind::Remember => text.field_text(),
        }
    }

    /// Where the code comes from, as far as the website says.
    fn code_asked(&self, code: &CodeSource) -> String {
        let text = self.shell.text;
        match &code.target {
            Some(target) => text.code_sent_to(code.channel, target),
            None => text.code_asked_from(code.channel).to_owned(),
        }
    }

    fn is_box(&self, field: &EntryField) -> bool {
        field.kind == FieldKind::Remember
    }

    fn is_password(&self, field: &EntryField) -> bool {
        field.kind == FieldKind::Password
    }

    /// The attributes of the input that tell browsers and password managers what it takes. Tokens of the website's own
    /// are left out: they are not ours to trust.
    fn attributes(&self, field: &EntryField) -> &'static str {
        match field.kind {
            FieldKind::Identifier => "\u{20}type=\"text\" autocomplete=\"username\"",
            FieldKind::Password => "\u{20}type=\"password\" autocomplete=\"current-password\"",
            // Some codes that are sent have letters, which a numeric keyboard does not offer.
            FieldKind::Code if !field.numeric => {
                "\u{20}type=\"text\" autocomplete=\"one-time-code\""
            }
            FieldKind::Code | FieldKind::TotpCode => {
                "\u{20}type=\"text\" inputmode=\"numeric\" autocomplete=\"one-time-code\""
            }
            FieldKind::Text | FieldKind::Remember => "\u{20}type=\"text\" autocomplete=\"off\"",
        }
    }
}
