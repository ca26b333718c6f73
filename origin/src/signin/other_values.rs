//! The values beside user name and password that a sign-in was given: further fields of its forms, and answers to
//! security questions.

use zeroize::Zeroizing;

use super::{
    credential_fields::{Value, further},
    credentials::{OtherKind, OtherValue},
    field_roles,
    locators::field_locators,
    recipe::{CredentialKind, FrameLocation, Locator, Locators, Step},
    words::says,
};

/// Further values that are kept of one sign-in.
pub const OTHERS_LIMIT: usize = 8;
/// Characters of a value that is kept.
const VALUE_LIMIT: usize = 512;
/// Characters of a label that is kept.
const LABEL_LIMIT: usize = 300;

/// A value that was sent, and the field that it stood in.
#[derive(Clone)]
pub struct SentValue {
    /// The text of the field.
    pub text: Zeroizing<String>,
    at: FrameLocation,
    target: Locators,
    label: String,
    /// The field's place among those of its document.
    k: u32,
    /// By its own words it takes a user name.
    is_named: bool,
}

impl SentValue {
    /// What was typed into a field of this frame.
    pub fn new(value: &Value, at: &FrameLocation) -> Self {
        Self {
            text: value.text.clone(),
            at: at.clone(),
            target: field_locators(&value.field),
            label: value.field.label.chars().take(LABEL_LIMIT).collect(),
            k: value.field.k,
            is_named: field_roles::names_a_user(&value.field),
        }
    }

    /// The step that fills its field.
    pub fn fill(&self, what: CredentialKind) -> Step {
        Step::Fill {
            at: self.at.clone(),
            what,
            target: self.target.clone(),
        }
    }

    /// Whether both were asked for by fields that tell themselves apart, so that neither is the other once more.
    pub fn is_beside(&self, other: &Self) -> bool {
        let is_known =
            names(&self.target).next().is_some() && names(&other.target).next().is_some();
        is_known && self.text != other.text && !is_same_field(&self.target, &other.target)
    }
}

/// What a form with a password was sent with.
pub struct SentForm {
    /// The user name, if there was one.
    pub username: Option<SentValue>,
    /// The password.
    pub password: SentValue,
    /// The further values.
    pub others: Vec<SentValue>,
}

impl SentForm {
    /// The form of these values, in a frame.
    pub fn new(
        mine: &[&Value],
        username: Option<&Value>,
        password: &Value,
        at: &FrameLocation,
    ) -> Self {
        let others = further(mine, &[username, Some(password)]);
        let others = others.into_iter().map(|value| SentValue::new(value, at));
        Self {
            username: username.map(|value| SentValue::new(value, at)),
            password: SentValue::new(password, at),
            others: others.collect(),
        }
    }
}

/// What tells a field apart, wherever it stands.
fn names(target: &Locators) -> impl Iterator<Item = &Locator> {
    let locators = target.0.iter();
    locators.filter(|locator| !matches!(locator, Locator::Position(_)))
}

fn is_same_field(one: &Locators, other: &Locators) -> bool {
    names(one).any(|name| other.0.contains(name))
}

/// The steps of a sign-in so far, and the further values that they type.
#[derive(Clone, Default)]
pub struct Filled {
    /// The steps.
    pub steps: Vec<Step>,
    /// The values that the steps name by their keys.
    pub others: Vec<OtherValue>,
}

impl Filled {
    /// Adds the steps that fill a form, in the order of its fields. A field that is filled already stays as it is.
    pub fn fill(&mut self, name: Option<&SentValue>, others: &[SentValue]) {
        let others = others.iter().map(|value| (value, false));
        let mut all: Vec<_> = others.chain(name.map(|value| (value, true))).collect();
        all.sort_by_key(|(value, _)| value.k);
        for (value, is_name) in all {
            let what = if is_name {
                CredentialKind::Username
            } else if let Some(key) = self.keep(value) {
                CredentialKind::Other(key)
            } else {
                continue;
            };
            let step = value.fill(what);
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
    }

    /// Whether one of the steps fills the field of this value: it was asked for before.
    pub fn fills(&self, value: &SentValue) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Fill { at, target, .. } => {
                *at == value.at && is_same_field(target, &value.target)
            }
            _ => false,
        })
    }

    /// Adds a form that came after the one with `first`, and has another field like it. The user name is the one whose
    /// field says so, else the later one; the other is a further value.
    pub fn fill_second(
        &mut self,
        first: &SentValue,
        second: SentValue,
        others: &[SentValue],
    ) -> SentValue {
        if first.is_named && !second.is_named {
            let mut others = others.to_vec();
            others.push(second);
            self.fill(None, &others);
            return first.clone();
        }
        let fills_first = first.fill(CredentialKind::Username);
        if let Some(key) = self.keep(first) {
            for step in &mut self.steps {
                if *step == fills_first {
                    *step = first.fill(CredentialKind::Other(key));
                }
            }
        } else {
            self.steps.retain(|step| *step != fills_first);
        }
        self.fill(Some(&second), others);
        second
    }

    /// Keeps a value and tells its key; none when there are too many, or it is too long.
    fn keep(&mut self, value: &SentValue) -> Option<u8> {
        if value.text.chars().count() > VALUE_LIMIT {
            return None;
        }
        let before = self.steps.iter().find_map(|step| match step {
            Step::Fill {
                at,
                what: CredentialKind::Other(key),
                target,
            } if *at == value.at && *target == value.target => Some(*key),
            _ => None,
        });
        let mut kept = self.others.iter_mut();
        if let Some(kept) = kept.find(|kept| Some(kept.key) == before) {
            kept.value = value.text.clone();
            return before;
        }
        let (kind, label) = (OtherKind::Field, value.label.clone());
        push(&mut self.others, kind, label, value.text.clone())
    }
}

/// Keeps the answer to a security question that a website of this origin asked. It takes the place of an earlier answer
/// to the same question.
pub fn keep_answer(others: &mut Vec<OtherValue>, origin: &str, value: &Value) {
    let label = &value.field.label;
    let is_short = value.text.chars().count() <= VALUE_LIMIT && label.chars().count() < LABEL_LIMIT;
    if !is_short || !is_question(label) {
        return;
    }
    others.retain(|other| !other.answers(origin, label));
    let kind = OtherKind::Answer {
        origin: origin.to_owned(),
    };
    push(others, kind, label.clone(), value.text.clone());
}

/// Adds a value with a key of its own.
fn push(
    others: &mut Vec<OtherValue>,
    kind: OtherKind,
    label: String,
    value: Zeroizing<String>,
) -> Option<u8> {
    let free = |key: &u8| others.iter().all(|other| other.key != *key);
    let key = (0..u8::try_from(OTHERS_LIMIT).ok()?).find(free)?;
    others.push(OtherValue {
        key,
        kind,
        label,
        value,
    });
    Some(key)
}

/// Whether a label is a question itself: what only says that an answer goes there stands beside every question.
fn is_question(label: &str) -> bool {
    let text = comparable(label);
    let words = text.split(' ').count();
    let unspaced = label.chars().filter(|c| !c.is_ascii()).count() > 6;
    let is_long = words > 2 || unspaced;
    let asks = label.contains(['?', '？', '؟']) && is_long;
    asks || (words > 1 || unspaced) && !says(&text, "answer names")
}

/// A label as it is compared: letters and digits, in lower case, whatever stands between them.
pub fn comparable(label: &str) -> String {
    let lower = label.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_label_that_asks_is_a_question() {
        for (label, expected) in [
            ("What was the name of your first pet?", true),
            ("Security question: Which town were you born in?", true),
            ("Mother's maiden name", true),
            ("母親の旧姓は何ですか？", true),
            ("Answer", false),
            ("Your answer:", false),
            ("Answer?", false),
            ("Antwort auf die Sicherheitsfrage", false),
            ("", false),
        ] {
            assert_eq!(is_question(label), expected, "{label}");
        }
    }
}
