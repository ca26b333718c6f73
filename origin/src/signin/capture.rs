//! Keeps what the client typed, across documents, frames and origins, and makes the steps of a recipe from it.

mod challenge;

use std::{collections::BTreeMap, fmt};

use zeroize::Zeroizing;

use self::challenge::leads_there;
use super::{
    credential_fields::{
        Value, choose_group, forget, forget_sent_values, further, is_password, other_username,
        pick_username, pick_username_alone,
    },
    credentials::Credentials,
    field_roles::{self, Purpose, Role},
    frames::{FrameKey, Seen},
    locators::control_locators,
    other_values::{Filled, SentForm, SentValue, keep_answer},
    recipe::{CredentialKind, FrameLocation, Locators, Step},
    report::{Control, State},
    shown_forms::{refuses_new_password, sends_code, shows_code},
};

/// A user name and its password may be typed on two pages this far apart (milliseconds).
const MERGE_WINDOW_MS: u64 = 5 * 60 * 1000;
/// Steps before the password that a recipe keeps.
const TRAIL_LIMIT: usize = 12;
/// Pages between password and account have fewer characters than this.
const BETWEEN: u32 = 1_500;
/// Frames whose typing is kept.
const FRAME_LIMIT: usize = 64;

/// What kind of form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submission {
    /// A password, with or without a user name.
    Password,
    /// A user name alone.
    Username,
    /// A one-time code.
    Code,
    /// A new password.
    NewPassword,
    /// Something that is no sign-in.
    Other,
}

/// All that the client typed and sent so far.
#[derive(Default)]
pub struct Capture {
    typed: BTreeMap<FrameKey, Document>,
    trail: Filled,
    username: Option<Username>,
    sent: Option<Sent>,
    chosen: Option<Chosen>,
    /// What a challenge (HTTP authentication) was answered with that the website took.
    gate: Option<Credentials>,
}

struct Document {
    doc: String,
    at: FrameLocation,
    values: BTreeMap<u32, Value>,
}

struct Username {
    value: SentValue,
    at: u64,
    /// It came with a form that is plainly for a user name.
    sure: bool,
}

/// The newest password that was sent, and the steps that sent it.
struct Sent {
    at: u64,
    credentials: Credentials,
    steps: Vec<Step>,
}

/// A new password that was sent, and that the website may still refuse.
struct Chosen {
    key: FrameKey,
    doc: String,
    password: Zeroizing<String>,
}

impl Username {
    fn is_recent(&self, now: u64) -> bool {
        now.saturating_sub(self.at) < MERGE_WINDOW_MS
    }

    /// Whether it is one of two values that the website asks for, one after the other.
    fn is_before(&self, now: u64, second: &SentValue) -> bool {
        self.sure && self.is_recent(now) && self.value.is_beside(second)
    }
}

impl Capture {
    /// The person typed into a field.
    pub fn typed(
        &mut self,
        now: u64,
        key: &FrameKey,
        seen: &Seen,
        k: u32,
        text: Zeroizing<String>,
    ) {
        let Some(at) = seen.location() else {
            return;
        };
        if self.typed.len() >= FRAME_LIMIT && !self.typed.contains_key(key) {
            return;
        }
        let fresh = || Document {
            doc: seen.doc.clone(),
            at,
            values: BTreeMap::new(),
        };
        let same = self.typed.get(key).is_some_and(|of| of.doc == seen.doc);
        if !same {
            self.typed.insert(key.clone(), fresh());
        }
        let Some(entry) = self.typed.get_mut(key) else {
            return;
        };
        if text.is_empty() {
            entry.values.remove(&k);
            return;
        }
        let field = seen
            .state
            .as_ref()
            .and_then(|state| state.fields.iter().find(|f| f.k == k))
            .cloned();
        let field = field
            .or_else(|| entry.values.get(&k).map(|v| v.field.clone()))
            .unwrap_or_default();
        // A one-time code is nobody's to keep.
        if field_roles::role(&field) == Role::Code {
            return;
        }
        entry.values.insert(
            k,
            Value {
                text,
                at: now,
                field,
            },
        );
    }

    /// A frame's new state: fields may have been named after they were typed into.
    pub fn state(&mut self, key: &FrameKey, doc: &str, state: &State) {
        let again = |chosen: &Chosen| chosen.key == *key && chosen.doc != doc;
        if refuses_new_password(state) && self.chosen.as_ref().is_some_and(again) {
            self.chosen = None;
        }
        let Some(document) = self
            .typed
            .get_mut(key)
            .filter(|document| document.doc == doc)
        else {
            return;
        };
        for (k, value) in &mut document.values {
            if let Some(field) = state
                .fields
                .iter()
                .find(|f| f.k == *k && (f.vis || value.field.k == 0))
            {
                value.field = field.clone();
            }
        }
        document
            .values
            .retain(|_, value| field_roles::role(&value.field) != Role::Code);
    }

    /// The person clicked something that may lead to the form.
    pub fn clicked(&mut self, seen: &Seen, control: &Control) {
        // "Remind me later", below what a script said of it.
        let same = self.chosen.as_ref().is_some_and(|it| it.doc == seen.doc);
        if same && seen.state.as_ref().is_some_and(refuses_new_password) {
            self.chosen = None;
        }
        let (Some(at), target) = (seen.location(), control_locators(control)) else {
            return;
        };
        if target.0.is_empty() {
            return;
        }
        let step = Step::Open { at, target };
        if let Some(sent) = self.sent.as_mut().filter(|_| stands_between(seen)) {
            let is_new = sent.steps.last() != Some(&step);
            if is_new && sent.steps.len() < TRAIL_LIMIT {
                sent.steps.push(step.clone());
            }
        }
        self.push(step);
    }

    fn push(&mut self, step: Step) {
        let steps = &mut self.trail.steps;
        if steps.last() == Some(&step) {
            return;
        }
        if steps.len() >= TRAIL_LIMIT {
            // What leads to the form stands last. Without its answer to a challenge the way there is closed.
            let is_click = |step: &Step| matches!(step, Step::Open { .. });
            let first = steps.iter().position(is_click);
            steps.remove(first.unwrap_or(0));
        }
        steps.push(step);
    }

    /// Whether a password is typed in this page and not yet sent.
    #[must_use]
    pub fn password_waits(&self, key: &FrameKey) -> bool {
        let sent = self.sent.as_ref().map(|sent| &sent.credentials.password);
        self.typed.get(key).is_some_and(|document| {
            document
                .values
                .values()
                .any(|v| is_password(&v.field) && Some(&v.text) != sent)
        })
    }

    /// The user name that was sent last, alone or with its password.
    #[must_use]
    pub fn sent_username(&self) -> Option<&str> {
        let with_password = self.sent.as_ref().map(|sent| &sent.credentials.username);
        let alone = || self.username.as_ref().map(|username| &username.value.text);
        with_password.or_else(alone).map(|name| name.as_str())
    }

    /// The person sent a form: which, 0 when not known, and with what button. `is_asked` says whether the website asks a
    /// security question.
    pub fn submitted(
        &mut self,
        now: u64,
        key: &FrameKey,
        seen: &Seen,
        group: i64,
        button: Option<&Control>,
        is_asked: bool,
    ) -> Submission {
        let empty = BTreeMap::new();
        let typed = self.typed.get(key).filter(|d| d.doc == seen.doc);
        let values = typed.map_or(&empty, |d| &d.values);
        // Where it was typed: the frame may show another website by now.
        let at = typed.map_or_else(|| seen.location(), |d| Some(d.at.clone()));
        let (Some(state), Some(at)) = (&seen.state, at) else {
            return Submission::Other;
        };
        // The values of a code are not kept: those of the password, in the same document, were sent before.
        if sends_code(state, group) {
            return Submission::Code;
        }
        let group = choose_group(values, group);
        let purpose = field_roles::purpose(state, group);
        let mine: Vec<&Value> = values.values().filter(|v| v.field.group == group).collect();
        let target = button
            .map(control_locators)
            .filter(|target| !target.0.is_empty());
        if purpose == Purpose::Other && is_asked && keep_answers(&mut self.sent, &mine, &at) {
            return Submission::Other;
        }
        match purpose {
            Purpose::Code => return Submission::Code,
            // The very same password goes once more with the code that was asked for beside it.
            Purpose::Login if shows_code(state, group) && self.sent_before(&mine) => {
                return Submission::Code;
            }
            Purpose::NewPassword => {
                self.new_password(key, &seen.doc, group);
                return Submission::NewPassword;
            }
            Purpose::Other if mine.iter().any(|v| v.field.pw) => return Submission::Other,
            _ => {}
        }
        if let Some(password) = mine
            .iter()
            .filter(|v| is_password(&v.field))
            .max_by_key(|v| v.at)
        {
            let username =
                pick_username(&mine, password).or_else(|| other_username(values, password));
            let form = SentForm::new(&mine, username, password, &at);
            self.send(now, at, form, target);
            return Submission::Password;
        }
        let Some(name) = pick_username_alone(&mine) else {
            return Submission::Other;
        };
        // Enter in the user name's field, while the password is still to be typed.
        if purpose == Purpose::Login {
            return Submission::Other;
        }
        let sure = purpose == Purpose::UsernameStep;
        if !sure && (mine.len() != 1 || self.username.as_ref().is_some_and(|u| u.sure)) {
            return Submission::Other;
        }
        let others = further(&mine, &[Some(name)]).into_iter();
        let others: Vec<_> = others.map(|value| SentValue::new(value, &at)).collect();
        let name = SentValue::new(name, &at);
        let first = self.username.take();
        let is_new = sure && !self.trail.fills(&name);
        let first = first.filter(|first| is_new && first.is_before(now, &name));
        let value = if let Some(first) = first {
            self.trail.fill_second(&first.value, name, &others)
        } else {
            self.forget_username_steps();
            self.trail.fill(Some(&name), &others);
            name
        };
        self.username = Some(Username {
            value,
            at: now,
            sure,
        });
        self.push(Step::Submit { at, target });
        if sure {
            Submission::Username
        } else {
            Submission::Other
        }
    }

    /// Whether one of these is the password that was sent last.
    fn sent_before(&self, values: &[&Value]) -> bool {
        let sent = self.sent.as_ref().map(|sent| &sent.credentials.password);
        let mut passwords = values.iter().filter(|value| is_password(&value.field));
        sent.is_some_and(|sent| passwords.any(|value| *value.text == **sent))
    }

    /// A second try begins where the first one did.
    fn forget_username_steps(&mut self) {
        let mut steps = self.trail.steps.iter();
        let first = steps.position(|step| matches!(step, Step::Fill { .. }));
        if let Some(first) = first {
            self.trail.steps.truncate(first);
        }
        self.trail.others.clear();
    }

    fn send(&mut self, now: u64, at: FrameLocation, form: SentForm, button: Option<Locators>) {
        let mut filled = self.trail.clone();
        let earlier = self.username.as_ref().filter(|u| u.is_recent(now));
        let SentForm {
            username,
            password,
            others,
        } = form;
        let username = match (username, earlier) {
            (Some(name), Some(first)) if first.is_before(now, &name) => {
                Some(filled.fill_second(&first.value, name, &others))
            }
            (None, Some(first)) => {
                filled.fill(None, &others);
                Some(first.value.clone())
            }
            (name, _) => {
                // On some pages the password appears once the user name is sent.
                let is_filled = name.as_ref().is_some_and(|name| {
                    let fill = name.fill(CredentialKind::Username);
                    filled.steps.contains(&fill)
                });
                if !is_filled {
                    filled.steps.retain(leads_there);
                    filled.others.clear();
                }
                filled.fill(name.as_ref(), &others);
                name
            }
        };
        filled.steps.push(password.fill(CredentialKind::Password));
        filled.steps.push(Step::Submit { at, target: button });
        self.chosen = None;
        let username = username.map(|name| name.text).unwrap_or_default();
        if !self.passes_gate(&username, &password.text) {
            let is_gate = |step: &Step| matches!(step, Step::Authenticate { .. });
            filled.steps.retain(|step| !is_gate(step));
        }
        self.sent = Some(Sent {
            at: now,
            credentials: Credentials {
                username,
                password: password.text,
                others: filled.others,
            },
            steps: filled.steps,
        });
    }

    /// The website demanded a new password and the person chose one: it replaces the old one, unless
    /// it is refused.
    fn new_password(&mut self, key: &FrameKey, doc: &str, group: i64) {
        self.chosen = None;
        let Some(document) = self.typed.get(key).filter(|typed| typed.doc == doc) else {
            return;
        };
        let new: Vec<&Value> = document
            .values
            .values()
            .filter(|v| v.field.group == group && v.field.pw)
            .collect();
        // The last two typed alike are "new" and "again"; an older one before them is the current.
        let chosen = new
            .iter()
            .rev()
            .take(2)
            .map(|v| &v.text)
            .collect::<Vec<_>>();
        let agreed = match chosen.as_slice() {
            [one] => Some((*one).clone()),
            [a, b] if a == b => Some((*a).clone()),
            _ => None,
        };
        self.chosen = agreed.map(|password| Chosen {
            key: key.clone(),
            doc: doc.to_owned(),
            password,
        });
    }

    /// The newest credentials that were sent, and the steps that sent them. When nothing was seen
    /// to be sent, what was typed last: the client alone can have said that it worked.
    #[must_use]
    pub fn take(&mut self) -> Option<(Credentials, Vec<Step>)> {
        if self.sent.is_none() {
            self.send_unseen();
        }
        if let (Some(sent), Some(chosen)) = (&mut self.sent, self.chosen.take()) {
            sent.credentials.password = chosen.password;
        }
        let sent = self.sent.as_ref();
        let sent = sent.filter(|sent| !sent.credentials.password.is_empty())?;
        let mut steps = sent.steps.clone();
        for step in &mut steps {
            forget(step, &sent.credentials);
        }
        forget_sent_values(&mut steps);
        Some((sent.credentials.clone(), steps))
    }

    fn send_unseen(&mut self) {
        let newest = |document: &Document| {
            let passwords = document.values.values().filter(|v| is_password(&v.field));
            passwords.map(|v| v.at).max()
        };
        let document = self.typed.values().max_by_key(|document| newest(document));
        let Some(document) = document.filter(|document| newest(document).is_some()) else {
            return;
        };
        let values = &document.values;
        let all: Vec<&Value> = values.values().collect();
        let passwords = all.iter().filter(|v| is_password(&v.field));
        let Some(password) = passwords.max_by_key(|v| v.at) else {
            return;
        };
        let (at, now) = (document.at.clone(), password.at);
        let of_form = |value: &&&Value| value.field.group == password.field.group;
        let mine: Vec<&Value> = all.iter().filter(of_form).copied().collect();
        let form = SentForm::new(&mine, pick_username(&all, password), password, &at);
        self.send(now, at, form, None);
    }
}

/// Keeps what was typed since the password was sent, as answers to the questions that stand beside it. False when there is
/// no such thing.
fn keep_answers(sent: &mut Option<Sent>, mine: &[&Value], at: &FrameLocation) -> bool {
    let Some(sent) = sent else {
        return false;
    };
    let mut answers = further(mine, &[]);
    answers.retain(|answer| answer.at > sent.at);
    for answer in &answers {
        keep_answer(&mut sent.credentials.others, &at.origin, answer);
    }
    !answers.is_empty()
}

/// Whether the page may stand between the password and the account: a consent, a question whether to stay signed in,
/// terms, accounts to pick from. What is clicked inside the account is no part of signing in, and may change something.
fn stands_between(seen: &Seen) -> bool {
    seen.state
        .as_ref()
        .is_some_and(|state| state.text.length < BETWEEN && state.marks.account.len() < 2)
}

impl fmt::Debug for Capture {
    /// Without what was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Capture({} frames)", self.typed.len())
    }
}
