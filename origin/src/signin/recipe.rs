//! How to sign in again: where each field stands, bound to the exact origin it was typed into.

use browser::Challenge;
use serde::{Deserialize, Serialize};
use url::Url;

use super::locators::lasting_query;
use super::verdict::{CodeChannel, Verdict};

/// The version that [`Recipe`] is written in. [`CredentialKind::Other`] and [`Step::Authenticate`] did not make another
/// one: recipes without them read as ever, and a program from before refuses one that has them as no recipe, so that it
/// never gives a part of what belongs together. Only connections that need such a thing are beyond it.
pub const VERSION: u16 = 1;

/// How to sign in again. Holds no secret: the values are in [`Credentials`](super::Credentials).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// [`VERSION`]; a reader refuses versions that it does not know.
    pub version: u16,
    /// The address that the client began at, with its query.
    pub start: Url,
    /// The steps, in the order in which the client did them.
    pub steps: Vec<Step>,
    /// The marks of the page that followed the sign-in.
    pub success: SuccessMarks,
    /// The second factor that the sign-in asked for.
    pub mfa: MfaKind,
}

/// One step of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "do")]
pub enum Step {
    /// Click something that leads to the form. Left out when the form is there already.
    Open {
        /// The frame that the element is in.
        at: FrameLocation,
        /// The element to click.
        target: Locators,
    },
    /// Type a credential; only ever into a frame whose origin is exactly the place's.
    Fill {
        /// The frame that the element is in.
        at: FrameLocation,
        /// The credential to type.
        what: CredentialKind,
        /// The field to type into.
        target: Locators,
    },
    /// Send the form.
    Submit {
        /// The frame that the element is in.
        at: FrameLocation,
        /// The button to click. Without one, Enter is pressed in the field that was filled last.
        target: Option<Locators>,
    },
    /// Answer the website's challenge (HTTP authentication) with user name and password; only ever one of exactly the
    /// place's origin.
    Authenticate {
        /// The page whose document was held for it.
        at: FrameLocation,
    },
}

/// Which credential goes into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialKind {
    /// The user name.
    Username,
    /// The password.
    Password,
    /// The further value with this key ([`OtherValue`](super::credentials::OtherValue)).
    Other(u8),
}

/// Where a frame is, as the browser (never the page) tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameLocation {
    /// Scheme, host and port, exactly: `https://login.example.com`, default ports left out.
    pub origin: String,
    /// The path of the frame's URL.
    pub path: String,
    /// The query of a page's URL, as far as it lasts: without values that were typed or look made for one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Whether the frame is the page itself and not inside another frame.
    pub main: bool,
}

impl Step {
    /// The frame that the step acts in.
    #[must_use]
    pub fn at(&self) -> &FrameLocation {
        let (Self::Open { at, .. }
        | Self::Fill { at, .. }
        | Self::Submit { at, .. }
        | Self::Authenticate { at }) = self;
        at
    }

    /// The same, to be changed.
    pub(super) fn at_mut(&mut self) -> &mut FrameLocation {
        let (Self::Open { at, .. }
        | Self::Fill { at, .. }
        | Self::Submit { at, .. }
        | Self::Authenticate { at }) = self;
        at
    }
}

impl FrameLocation {
    /// The page that a website holds back until its challenge is answered; none when its address is not understood.
    pub(super) fn of_challenge(challenge: &Challenge) -> Option<Self> {
        let url = Url::parse(&challenge.url).ok()?;
        Some(Self {
            origin: challenge.origin.clone(),
            path: url.path().to_owned(),
            query: lasting_query(&url),
            main: true,
        })
    }

    /// The address to open the frame's page by: `start` if that is the same page, since it has its whole query.
    #[must_use]
    pub fn address(&self, start: Option<&Url>) -> Option<Url> {
        let same = |url: &&Url| {
            url.origin().ascii_serialization() == self.origin && url.path() == self.path
        };
        if let Some(start) = start.filter(same) {
            return Some(start.clone());
        }
        let mut address: Url = format!("{}{}", self.origin, self.path).parse().ok()?;
        address.set_query(self.query.as_deref());
        Some(address)
    }
}

/// Several ways to find one element again, best first. The first that finds exactly one element is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locators(pub Vec<Locator>);

/// One way to find an element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "by", content = "is")]
pub enum Locator {
    /// Its `autocomplete`.
    Autocomplete(String),
    /// Its `id`, unless it looks generated.
    Id(String),
    /// Its `name`.
    Name(String),
    /// Its label, placeholder or, for a button or link, its text.
    Label(String),
    /// Its place in a form of the same shape: the shape, the kind of element, and the place among the visible
    /// elements of that kind in that form, from 0: `email+password/password/0`.
    Position(String),
}

impl Locator {
    /// The text that this locator compares with the page.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Autocomplete(text)
            | Self::Id(text)
            | Self::Name(text)
            | Self::Label(text)
            | Self::Position(text) => text,
        }
    }
}

/// How to tell that a sign-in worked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuccessMarks {
    /// Origin and path that the page had then, without query.
    pub url: Option<String>,
    /// A control to sign out was there.
    pub sign_out: bool,
    /// A control to sign in was there all the same.
    #[serde(default)]
    pub sign_in: bool,
    /// A hidden login form was there all the same.
    #[serde(default)]
    pub hidden_form: bool,
    /// Kinds of account words that the page showed then.
    pub account: Vec<String>,
}

/// The kinds of second factors that a recipe knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaKind {
    /// None was asked for.
    #[default]
    None,
    /// A code, and the website did not say how it travels.
    Code,
    /// A code in a text message.
    Sms,
    /// A code by phone call.
    Call,
    /// A code by mail.
    Email,
    /// A code of an authenticator app.
    Totp,
    /// A confirmation on a phone.
    Push,
    /// A security question.
    Question,
}

impl MfaKind {
    /// The second factor that this verdict asks for, if it does.
    #[must_use]
    pub fn asked_by(verdict: &Verdict) -> Option<Self> {
        match verdict {
            Verdict::CodeNeeded { channel, .. } => Some(match channel {
                None => Self::Code,
                Some(CodeChannel::Sms) => Self::Sms,
                Some(CodeChannel::Call) => Self::Call,
                Some(CodeChannel::Email) => Self::Email,
                Some(CodeChannel::Totp) => Self::Totp,
            }),
            Verdict::Question => Some(Self::Question),
            _ => None,
        }
    }
}

impl Recipe {
    /// Whether a challenge (HTTP authentication) is answered on the way in. What a browser keeps of such a sign-in is
    /// worth nothing in another one: the credentials go along with every request.
    #[must_use]
    pub fn answers_challenge(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| matches!(step, Step::Authenticate { .. }))
    }

    /// Reads a stored recipe.
    ///
    /// # Errors
    /// When the JSON is no recipe, or one of a version this program does not know.
    pub fn from_json(json: &str) -> Result<Self, RecipeError> {
        let recipe: Self = serde_json::from_str(json)?;
        if recipe.version != VERSION {
            return Err(RecipeError::Version(recipe.version));
        }
        Ok(recipe)
    }

    /// The JSON to store.
    ///
    /// # Errors
    /// Never for a recipe that a sign-in made; the serializer's signature has one.
    pub fn to_json(&self) -> Result<String, RecipeError> {
        Ok(serde_json::to_string(self)?)
    }
}

/// A stored recipe cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// Written by a program that knows more.
    #[error("recipe version {0} is not known")]
    Version(u16),
    /// Not a recipe.
    #[error("not a recipe")]
    Json(#[from] serde_json::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_keeps_the_query_of_the_start_or_of_the_recorded_page() {
        let at = FrameLocation {
            origin: "https://login.example.com".into(),
            path: "/in".into(),
            query: Some("tenant=north".into()),
            main: true,
        };
        let start = |url: &str| url.parse::<Url>().expect("a URL");
        for (url, expected) in [
            (
                "https://example.com/",
                "https://login.example.com/in?tenant=north",
            ),
            (
                "https://login.example.com/in?a=1#x",
                "https://login.example.com/in?a=1#x",
            ),
            (
                "http://login.example.com/in?a=1",
                "https://login.example.com/in?tenant=north",
            ),
        ] {
            let address = at.address(Some(&start(url))).expect("an address");
            assert_eq!(address.as_str(), expected, "{url}");
        }
    }

    #[test]
    fn json_round_trips_and_other_versions_are_refused() {
        let at = FrameLocation {
            origin: "https://login.example.com".into(),
            path: "/in".into(),
            query: None,
            main: true,
        };
        let recipe = Recipe {
            version: VERSION,
            start: "https://example.com/".parse().expect("a URL"),
            steps: vec![
                Step::Fill {
                    at: at.clone(),
                    what: CredentialKind::Other(3),
                    target: Locators(vec![Locator::Name("contract".into())]),
                },
                Step::Fill {
                    at: at.clone(),
                    what: CredentialKind::Password,
                    target: Locators(vec![Locator::Position("password/0".into())]),
                },
                Step::Submit { at, target: None },
            ],
            success: SuccessMarks::default(),
            mfa: MfaKind::None,
        };
        let json = recipe.to_json().expect("serializes");
        assert_eq!(Recipe::from_json(&json).expect("own output"), recipe);
        assert!(json.contains(r#""what":{"other":3}"#), "{json}");
        let newer = json.replace("\"version\":1", "\"version\":9");
        assert!(matches!(
            Recipe::from_json(&newer),
            Err(RecipeError::Version(9))
        ));
    }

    #[test]
    fn recipes_from_before_further_values_are_read() {
        let json = r#"{"version":1,"start":"https://example.com/","steps":[
            {"do":"fill","at":{"origin":"https://example.com","path":"/in","main":true},"what":"username","target":[{"by":"name","is":"user"}]},
            {"do":"fill","at":{"origin":"https://example.com","path":"/in","main":true},"what":"password","target":[]},
            {"do":"submit","at":{"origin":"https://example.com","path":"/in","main":true},"target":null}],
            "success":{"url":null,"signOut":true,"account":[]},"mfa":"NONE"}"#;
        let recipe = Recipe::from_json(json).expect("a recipe");
        let kinds = recipe.steps.iter().filter_map(|step| match step {
            Step::Fill { what, .. } => Some(*what),
            _ => None,
        });
        let kinds: Vec<_> = kinds.collect();
        assert_eq!(kinds, [CredentialKind::Username, CredentialKind::Password]);
    }
}
