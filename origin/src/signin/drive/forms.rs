//! Which form of the observed pages a demand is about, by what its fields are for. Pure.

use super::{
    super::{
        code_channel,
        field_roles::{self, Purpose, Role},
        frames::{Frames, Seen},
        locators::field_locators,
        recipe::{FrameLocation, Locator, Locators},
        report::{Field, State},
        verdict::CodeChannel,
    },
    demand::{Choice, DemandedField, FieldKind, MfaOption, MfaOptionKind},
    elements::ElementKind,
};

/// Questions have no more fields than this.
const QUESTION_FIELDS: usize = 3;

/// So many fields of a form are asked for beside user name and password.
const FURTHER_FIELDS: usize = 6;

/// What kind of form is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signin) enum FormKind {
    /// A user name, a password, or both.
    Login,
    /// A one-time code.
    Code(Option<CodeChannel>),
    /// The answer to a question.
    Question,
}

/// A field of a form, and what is demanded for it.
#[derive(Debug, Clone)]
pub(in crate::signin) struct FormField {
    /// What an answerer sees of it.
    pub(in crate::signin) demanded: DemandedField,
    /// The locators that find the element again.
    pub(in crate::signin) locators: Locators,
    /// The kind of its element.
    pub(in crate::signin) element: ElementKind,
    /// Whether the field holds something already.
    pub(in crate::signin) filled: bool,
    /// Whether it holds something that nobody can change.
    pub(in crate::signin) fixed: bool,
}

/// A form as it is observed.
#[derive(Debug, Clone)]
pub(in crate::signin) struct ObservedForm {
    /// Names this form: its document and its fields.
    pub(in crate::signin) identity: String,
    /// The frame that it is in.
    pub(in crate::signin) at: FrameLocation,
    /// The fields to fill, in the order to fill them: a password is last.
    pub(in crate::signin) fields: Vec<FormField>,
    /// The button that sends it.
    pub(in crate::signin) button: Option<Locators>,
}

/// The form of this kind that can be seen; one with a password before one that asks for a user name alone.
pub(in crate::signin) fn observed_form(frames: &Frames, kind: FormKind) -> Option<ObservedForm> {
    let has_password = |form: &ObservedForm| {
        let mut fields = form.fields.iter();
        fields.any(|field| field.element == ElementKind::Password)
    };
    let all = frames.values().flat_map(|seen| forms_in(seen, kind));
    all.min_by_key(|form| !has_password(form))
}

fn forms_in(seen: &Seen, kind_wanted: FormKind) -> Vec<ObservedForm> {
    let (Some(state), Some(at)) = (seen.state.as_ref(), seen.location()) else {
        return Vec::new();
    };
    let groups = field_roles::group_numbers(state).into_iter();
    let forms = groups.filter_map(|group| {
        let fields = wanted_fields(state, group, kind_wanted);
        let first = fields.first()?;
        let keys: Vec<String> = fields
            .iter()
            .map(|(field, _)| field.k.to_string())
            .collect();
        let identity = format!("{}/{}", seen.doc, keys.join("+"));
        let shape = first.0.pos.split('/').next().unwrap_or("");
        let button = (!shape.is_empty())
            .then(|| Locators(vec![Locator::Position(format!("{shape}/submit/0"))]));
        let fields: Vec<FormField> = (0..)
            .zip(&fields)
            .map(|(id, (field, kind))| FormField {
                demanded: DemandedField {
                    id,
                    kind: *kind,
                    // "Digit 1" is no label of a whole code.
                    label: if field.max == 1 {
                        String::new()
                    } else {
                        field.label.clone()
                    },
                    autocomplete: field.ac.clone(),
                    numeric: matches!(field.mode.as_str(), "numeric" | "decimal" | "tel")
                        || matches!(field.kind.as_str(), "number" | "tel"),
                    // No page says for sure which of its further fields it needs.
                    required: kind_wanted != FormKind::Login || *kind != FieldKind::Text,
                    origin: at.origin.clone(),
                    other: None,
                },
                locators: field_locators(field),
                filled: field.filled,
                fixed: field.ro && field.filled,
                element: if field.pw {
                    ElementKind::Password
                } else {
                    ElementKind::Text
                },
            })
            .collect();
        let remember = remember_field(state, &at.origin, fields.len(), kind_wanted);
        Some(ObservedForm {
            identity,
            at: at.clone(),
            fields: fields.into_iter().chain(remember).collect(),
            button,
        })
    });
    forms.collect()
}

/// The box beside a code that lets the website remember this browser.
fn remember_field(state: &State, origin: &str, id: usize, kind: FormKind) -> Option<FormField> {
    let is_asked = matches!(kind, FormKind::Code(_)) && !state.remember.is_empty();
    let id = u32::try_from(id).ok()?;
    is_asked.then(|| FormField {
        demanded: DemandedField {
            id,
            kind: FieldKind::Remember,
            label: state.remember.clone(),
            autocomplete: String::new(),
            numeric: false,
            required: false,
            origin: origin.to_owned(),
            other: None,
        },
        locators: Locators(Vec::new()),
        element: ElementKind::Checkbox,
        filled: false,
        fixed: false,
    })
}

/// The fields of a group that a person would fill, with what each is. Empty when the group is of another kind.
fn wanted_fields(state: &State, group: i64, kind: FormKind) -> Vec<(&Field, FieldKind)> {
    let visible = state.fields.iter();
    let visible: Vec<&Field> = visible.filter(|f| f.group == group && f.vis).collect();
    // What is filled and cannot be changed asks for nothing. What is empty may be waiting for the page's scripts.
    let asks = |field: &Field| !(field.ro && field.filled);
    let usable: Vec<&Field> = visible
        .iter()
        .copied()
        .filter(|field| asks(field))
        .collect();
    let with_role = |role: Role| {
        usable
            .iter()
            .copied()
            .filter(move |f| field_roles::role(f) == role)
    };
    match (kind, field_roles::purpose(state, group)) {
        (FormKind::Login, Purpose::Login | Purpose::UsernameStep) => {
            let passwords = || usable.iter().copied().filter(|field| field.pw);
            let first = usable.iter().position(|field| !field.pw).unwrap_or(0);
            // A password before the user name is a decoy when there is another after it.
            let password = passwords()
                .find(|field| usable.iter().skip(first).any(|other| other.k == field.k))
                .or_else(|| passwords().next());
            let place = |of: &Field| visible.iter().position(|field| field.k == of.k);
            let end = password.and_then(place);
            let before = |field: &Field| end.is_none_or(|end| place(field) < Some(end));
            // Beside a password the name that the website keeps is the identifier, although nobody can change it.
            let among = if password.is_some() {
                &visible
            } else {
                &usable
            };
            let name = field_roles::identifier(among, before);
            // Other values in the same form are part of who signs in.
            let further = usable.iter().copied().filter(|field| {
                let is_name = name.is_some_and(|name| name.k == field.k);
                field_roles::is_further(field) && !is_name
            });
            let further = further.take(FURTHER_FIELDS);
            let name = name.map(|field| (field, FieldKind::Identifier));
            let password = password.map(|field| (field, FieldKind::Password));
            let further = further.map(|field| (field, FieldKind::Text));
            name.into_iter().chain(further).chain(password).collect()
        }
        // Some forms ask for the code beside the password, once that is right.
        (FormKind::Code(channel), Purpose::Code | Purpose::Login) => {
            let kind = if channel == Some(CodeChannel::Totp) {
                FieldKind::TotpCode
            } else {
                FieldKind::Code
            };
            // Of one box for each digit the first takes the whole code.
            let boxes = usable.iter().copied().find(|field| field.max == 1);
            let field = boxes.or_else(|| with_role(Role::Code).next());
            field.map(|field| (field, kind)).into_iter().collect()
        }
        (FormKind::Question, Purpose::Other) => {
            let texts: Vec<_> = usable
                .iter()
                .copied()
                .filter(|f| matches!(field_roles::role(f), Role::Text | Role::Username))
                .map(|field| (field, FieldKind::Text))
                .collect();
            if texts.len() <= QUESTION_FIELDS {
                texts
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}

/// Something to pick from, as the page shows it.
#[derive(Debug, Clone)]
pub(in crate::signin) struct ObservedOption {
    /// The frame that it is in.
    pub(in crate::signin) at: FrameLocation,
    /// The text of the control.
    pub(in crate::signin) label: String,
    /// Whether it is a radio button, which is to be sent after it was picked.
    pub(in crate::signin) radio: bool,
}

/// The options that the pages show: those that name a channel for a code, or else all radio buttons.
pub(in crate::signin) fn observed_options(frames: &Frames) -> Vec<ObservedOption> {
    let mut all = Vec::new();
    for seen in frames.values() {
        let (Some(state), Some(at)) = (&seen.state, seen.location()) else {
            continue;
        };
        for option in &state.options {
            let radio = option.strip_prefix("( ) ");
            all.push(ObservedOption {
                at: at.clone(),
                label: radio.unwrap_or(option).to_owned(),
                radio: radio.is_some(),
            });
        }
    }
    let ways = |option: &ObservedOption| channel_of(option).is_some();
    if all.iter().any(ways) {
        all.retain(ways);
    } else {
        all.retain(|option| option.radio);
    }
    all
}

fn channel_of(option: &ObservedOption) -> Option<CodeChannel> {
    code_channel::channel(&option.label.to_lowercase())
}

/// The options as ways to prove who one is, if they are.
pub(in crate::signin) fn as_mfa_options(options: &[ObservedOption]) -> Option<Vec<MfaOption>> {
    let options = (0..).zip(options).map(|(id, option)| {
        let kind = match channel_of(option)? {
            CodeChannel::Sms => MfaOptionKind::Sms,
            CodeChannel::Call => MfaOptionKind::Call,
            CodeChannel::Email => MfaOptionKind::Email,
            CodeChannel::Totp => MfaOptionKind::Totp,
        };
        Some(MfaOption {
            id,
            kind,
            label: option.label.clone(),
            target: code_channel::source(&[&option.label]).1,
        })
    });
    options.collect()
}

/// The options as things to pick from.
pub(in crate::signin) fn as_choices(options: &[ObservedOption]) -> Vec<Choice> {
    let options = (0..).zip(options);
    let choice = |(id, option): (u32, &ObservedOption)| Choice {
        id,
        label: option.label.clone(),
        description: None,
    };
    options.map(choice).collect()
}

#[cfg(test)]
#[path = "forms_tests.rs"]
mod tests;
