//! Where a flow stands, with all that only this step holds.

use shared::{
    id::ConnectionId,
    status::Step,
    wire::{FinishRefusal, ProviderProblems},
};

use crate::{
    flow::steps::{
        done::Done,
        forwarding::{AskedForCode, Forwarding},
        look_up::AccountLookUp,
        open_website::SignedInWebsite,
        sign_in::SignIn,
        sites::Sites,
    },
    signin::Captured,
};

/// The step where the flow stands, with all that only this step holds: leaving a step drops it.
pub(super) enum StepState {
    /// What is wrong with what was entered last.
    Provider(ProviderProblems),
    SignIn(Box<SignIn>),
    Sites {
        sites: Box<Sites>,
        signed_in: Box<SignedIn>,
        connection: ConnectionId,
        look_up: Option<AccountLookUp>,
    },
    Forwarding(Box<Forwarding>),
    Done(Box<Done>),
    /// The link was no longer good at the finish. Nothing can be done here but to leave.
    Refused(FinishRefusal),
}

/// A sign-in that is over, with what it left.
pub(super) struct SignedIn {
    pub captured: Box<Captured>,
    /// How the website asked for a code, if it did.
    pub asked_for_code: Option<AskedForCode>,
    /// The browser, while it looks for accounts, and while codes may have to be set up in it.
    pub website: Option<SignedInWebsite>,
}

impl StepState {
    /// Which step it is, as the log and the API name it.
    pub(super) fn step(&self) -> Step {
        match self {
            // Who was refused holds nothing any more.
            Self::Provider(_) | Self::Refused(_) => Step::Provider,
            Self::SignIn(_) => Step::SignIn,
            Self::Sites { .. } => Step::Sites,
            Self::Forwarding(_) => Step::Forwarding,
            Self::Done(_) => Step::Done,
        }
    }

    /// The step PROVIDER, without a problem in its fields.
    pub fn provider() -> Self {
        Self::Provider(ProviderProblems::default())
    }
}
