//! What a sign-in needs next, and the answers to it: the words of the conversation between the driver and
//! whoever answers (a person, the vault, a channel for codes).

use std::{fmt, future::Future, mem::discriminant};

use shared::status::CodeChannel;
pub use shared::status::{FieldKind, MfaOptionKind, OfferKind};
use zeroize::Zeroizing;

pub use crate::signin::report::Offer;
use crate::signin::{
    judge::SignInStatus,
    verdict::{CodeRefusal, Verdict},
};

/// One turn of the conversation: the next demand, or the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// The sign-in goes on once this is answered.
    Needs(Demand),
    /// The sign-in is over, and came to this.
    Over(Verdict),
}

/// What a sign-in needs before it can go on. All texts come from the website: plain text, bounded, not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The kind of demand, with what an answerer must know.
    pub kind: DemandKind,
    /// The website's own words about the sign-in, at most 300 characters.
    pub site_message: Option<String>,
    /// Whether the website asks again for what it has just got: the last answer was not accepted.
    pub again: bool,
    /// With what the website refused the try before this one. Only in manual entry: elsewhere a refusal is the end.
    pub refusal: Option<Verdict>,
    /// The host of the page or frame whose form it is, when it is about a form that was observed.
    pub host: Option<String>,
    /// What the page offers to do beside what it asks for, where it asks for a code or an approval.
    /// [`Answer::Choose`] with the index of one presses the website's own control, and answers nothing.
    pub offers: Vec<Offer>,
}

/// The things that a sign-in can need next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DemandKind {
    /// Values for these fields: user name, password, or answers to security questions.
    Fields(Vec<DemandedField>),
    /// User name and password, for the website's challenge (HTTP authentication): [`Demand::host`] holds a page back until
    /// it gets them. [`Answer::Decline`] lets it show what it has for those who do not sign in.
    Challenge(Vec<DemandedField>),
    /// A one-time code.
    Code {
        /// The field for it, and the box that lets the website remember this browser, if there is one.
        fields: Vec<DemandedField>,
        /// How the code travels, when the page says so.
        channel: Option<CodeChannel>,
        /// Where it was sent, as the website masks it (`j***@example.com`).
        target: Option<String>,
        /// Why another one is asked for, when one was sent and refused.
        refused: Option<CodeRefusal>,
    },
    /// One of these ways to prove who one is.
    MfaOptions(Vec<MfaOption>),
    /// One of these things: accounts to pick from, for one.
    Choices(Vec<Choice>),
    /// Something outside of the page: to confirm the sign-in on a phone.
    ExternalAction {
        /// The digits that the page shows, to be matched or typed there.
        shown: Option<String>,
    },
    /// Nothing is proven: is the client signed in?
    IsSignedIn,
    /// A person signs in by hand in the page. The next demand tells the next change.
    ByHand {
        /// How it stands now.
        status: SignInStatus,
        /// What the person may answer beside the page instead: a code, a way to get one, an approval.
        beside: Option<Box<Demand>>,
    },
    /// Only in manual entry: what the page wants now cannot be asked as data, so a person must go on in the page. The
    /// verdict says what it came to so far.
    HandOver(Verdict),
}

/// A field to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandedField {
    /// Names the field within its demand.
    pub id: u32,
    /// The kind of value that the field takes.
    pub kind: FieldKind,
    /// The field's label or placeholder. Empty when it has none.
    pub label: String,
    /// The field's `autocomplete`. Empty when it has none.
    pub autocomplete: String,
    /// Whether the website asks for digits alone, by a field for numbers.
    pub numeric: bool,
    /// Whether the sign-in cannot go on without it.
    pub required: bool,
    /// The origin of the frame that the field is in.
    pub origin: String,
    /// The key of the further value that a recipe says goes into it.
    pub other: Option<u8>,
}

/// One way to prove who one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaOption {
    /// Names the option within its demand.
    pub id: u32,
    /// The way in which the code is sent.
    pub kind: MfaOptionKind,
    /// The words of the website.
    pub label: String,
    /// Where the code would be sent, as the website masks it.
    pub target: Option<String>,
}

/// One of several things to pick from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Names the choice within its demand.
    pub id: u32,
    /// The words of the website.
    pub label: String,
    /// What else the website says of it.
    pub description: Option<String>,
}

/// The answer to a demand. `Debug` shows no value.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// A value for each field, by its id. For [`DemandKind::Fields`], [`DemandKind::Challenge`] and [`DemandKind::Code`].
    Fields(Vec<(u32, Zeroizing<String>)>),
    /// The id of the option or choice, or the index of the offer.
    Choose(u32),
    /// It was done, or may still be done: go on. For [`DemandKind::ExternalAction`].
    Proceed,
    /// For [`DemandKind::IsSignedIn`] and [`DemandKind::ByHand`]: yes is believed, no waits for another try.
    SignedIn(bool),
    /// There is no answer: the sign-in ends with the verdict that the demand stands for.
    Decline,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fields(_) => "Fields(…)",
            Self::Choose(_) => "Choose(…)",
            Self::Proceed => "Proceed",
            Self::SignedIn(_) => "SignedIn(…)",
            Self::Decline => "Decline",
        })
    }
}

/// What the driver says to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It was taken and carried out.
    Taken,
    /// The driver waits for no answer now.
    NothingAsked,
    /// The answer does not fit the demand, or a required field is missing. The demand stands.
    DoesNotFit,
    /// This code was typed before: a code is never used twice. The demand stands.
    CodeUsedBefore,
    /// This password was typed before: a password is sent once. The demand stands.
    PasswordSentBefore,
    /// The website was asked for another code a moment ago, or often enough. The demand stands.
    TooSoon,
}

/// A person, the vault or a channel of codes that answers the demands of a sign-in.
pub trait Answerer {
    /// Why no answer can be given at all: ends the sign-in.
    type Error;

    /// Answers a demand. May take minutes: the driver has no deadline here, and types nothing meanwhile.
    /// The future is dropped when the page goes on by itself.
    fn answer(&mut self, demand: &Demand) -> impl Future<Output = Result<Answer, Self::Error>>;
}

impl DemandKind {
    /// Whether both ask for the same kind of things.
    pub(super) fn asks_same(&self, other: &Self) -> bool {
        let kinds = |kind: &Self| -> Vec<FieldKind> {
            let kinds = kind.fields().iter().map(|field| field.kind);
            kinds.filter(|kind| *kind != FieldKind::Remember).collect()
        };
        discriminant(self) == discriminant(other) && kinds(self) == kinds(other)
    }

    /// Whether a password is asked for.
    pub(super) fn asks_password(&self) -> bool {
        let mut fields = self.fields().iter();
        fields.any(|field| field.kind == FieldKind::Password)
    }

    /// Whether the page's own offers go with it.
    pub(super) fn has_offers(&self) -> bool {
        matches!(self, Self::Code { .. } | Self::ExternalAction { .. })
    }

    /// The fields that are asked for, if any.
    #[must_use]
    pub fn fields(&self) -> &[DemandedField] {
        match self {
            Self::Fields(fields) | Self::Challenge(fields) | Self::Code { fields, .. } => fields,
            _ => &[],
        }
    }
}

impl Demand {
    /// The fields that this demand asks for, if any.
    #[must_use]
    pub fn fields(&self) -> &[DemandedField] {
        self.kind.fields()
    }
}
