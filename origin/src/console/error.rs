//! Why a page cannot be shown: one place gives each its status and its sentence.

use axum::{
    Extension,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use url::form_urlencoded;

use super::{door::AUTHENTICATOR, password::HashFailed, words};
use crate::{
    batch::ResultsError,
    bill_download::DownloadError,
    collection::CollectRefused,
    companies::CompanyRefused,
    connections::ConnectionRefused,
    links::LinkRefused,
    new_link::LinkUrlProblem,
    store::{StoreError, TxError},
    team::TeamRefused,
    vault::VaultError,
    webhooks::EndpointRefused,
};

/// Why a request to the console is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsoleError {
    /// Nobody is signed in. Who asked for a page comes to this path after signing in; who sent a form has none.
    #[error("not signed in")]
    SignedOut(Option<String>),
    /// The organization asks for an authenticator, which the member has not added yet.
    #[error("second factor needed")]
    SecondFactorNeeded,
    /// There is no such page, or it is another organization's.
    #[error("not found")]
    NotFound,
    /// The member's role does not allow it.
    #[error("forbidden")]
    Forbidden,
    /// The saved view was removed, or is not shared any more.
    #[error("view gone")]
    ViewGone,
    /// The saved view is another member's.
    #[error("view of another")]
    ViewOfAnother,
    /// The company is not deleted.
    #[error("company: {0}")]
    Company(CompanyRefused),
    /// The connection is not to be collected now.
    #[error("collect: {0}")]
    Collect(CollectRefused),
    /// The webhook endpoint is sent nothing, or not changed.
    #[error("endpoint: {0}")]
    Endpoint(EndpointRefused),
    /// The link has made its connection: it cannot be taken back.
    #[error("link used")]
    LinkUsed,
    /// The team stays as it is.
    #[error("team: {0}")]
    Team(TeamRefused),
    /// The form was sent before: what it made is shown only once.
    #[error("made already")]
    MadeAlready,
    /// The form was posted from another website.
    #[error("other origin")]
    OtherOrigin,
    /// The form does not belong to this session: it is an old page.
    #[error("old form")]
    OldForm,
    /// The form is too long.
    #[error("too long")]
    TooLong,
    /// The member follows as many pages at the same time as may be.
    #[error("too many streams")]
    TooMany,
    /// The database failed, or holds what this program never writes.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// The mail folder cannot be read.
    #[error("mail folder: {0}")]
    MailFolder(#[from] std::io::Error),
    /// Nothing can be sealed.
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// The file of a bill cannot be sent.
    #[error("file: {0}")]
    Download(#[from] DownloadError),
    /// The results of a batch cannot be written down.
    #[error("batch: {0}")]
    Results(#[from] ResultsError),
    /// The URL of a link cannot be made: a key is missing.
    #[error("link: {0}")]
    Link(#[from] LinkUrlProblem),
    /// The page could not be put together from its template.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
}

impl From<TeamRefused> for ConsoleError {
    fn from(refused: TeamRefused) -> Self {
        match refused {
            TeamRefused::Unknown => Self::NotFound,
            TeamRefused::Store(error) => Self::Store(error),
            TeamRefused::Vault(error) => Self::Vault(error),
            TeamRefused::Taken
            | TeamRefused::TooMany
            | TeamRefused::InvitedOften { .. }
            | TeamRefused::LastOwner => Self::Team(refused),
        }
    }
}

impl From<ConnectionRefused> for ConsoleError {
    fn from(refused: ConnectionRefused) -> Self {
        match refused {
            ConnectionRefused::Unknown => Self::NotFound,
            ConnectionRefused::Collect(refused) => Self::Collect(refused),
            ConnectionRefused::Store(error) => Self::Store(error),
        }
    }
}

impl From<LinkRefused> for ConsoleError {
    fn from(refused: LinkRefused) -> Self {
        match refused {
            LinkRefused::Unknown => Self::NotFound,
            LinkRefused::Store(error) => Self::Store(error),
            LinkRefused::SwitchedOff => Self::Collect(CollectRefused::SwitchedOff),
            LinkRefused::Fulfilled => Self::LinkUsed,
            // What else there is stands beside the field of a form; another form is an old one.
            LinkRefused::Fields(_)
            | LinkRefused::Expired
            | LinkRefused::Revoked
            | LinkRefused::Endless
            | LinkRefused::SentOften { .. } => Self::OldForm,
        }
    }
}

impl TxError for ConsoleError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<EndpointRefused> for ConsoleError {
    fn from(refused: EndpointRefused) -> Self {
        match refused {
            EndpointRefused::Unknown => Self::NotFound,
            EndpointRefused::Store(error) => Self::Store(error),
            EndpointRefused::SwitchedOff | EndpointRefused::TooMany => Self::Endpoint(refused),
        }
    }
}

/// What a page says of a refusal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) advice: &'static str,
    /// Whether a form is offered once more.
    pub(super) offer: Offer,
}

/// Whether a form that was refused is offered once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// It would be refused again.
    Nothing,
    /// It is taken after a sign-in.
    AfterSignIn,
    /// It is taken with the secret word of the session that is open now.
    Now,
}

impl ConsoleError {
    /// What the page says of it.
    pub(super) fn told(&self) -> Told {
        let (status, title, advice) = self.words();
        Told {
            status,
            title,
            advice,
            offer: match self {
                Self::SignedOut(_) => Offer::AfterSignIn,
                Self::OldForm => Offer::Now,
                _ => Offer::Nothing,
            },
        }
    }

    fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::SignedOut(_) => (
                StatusCode::UNAUTHORIZED,
                "You are signed out",
                "Sign in and try again.",
            ),
            Self::SecondFactorNeeded => (
                StatusCode::FORBIDDEN,
                "Add an authenticator first",
                "Your organization asks all members for it.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "It may have been removed, or the address is not complete.",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "You may not do that",
                "Ask an owner of your organization to do it, or to give you another role.",
            ),
            Self::ViewGone => (
                StatusCode::NOT_FOUND,
                "This view is gone",
                "Somebody removed it, or keeps it to themselves now. What it listed is still there.",
            ),
            Self::ViewOfAnother => (
                StatusCode::FORBIDDEN,
                "This view is somebody else's",
                "Whoever made it can change it, and so can an owner. You can save one like it under a name of your own.",
            ),
            Self::Company(CompanyRefused::HasBills) => (
                StatusCode::CONFLICT,
                "The company has bills",
                "They were kept when their connections were deleted. Go back, and tick that they are deleted as well.",
            ),
            Self::Company(_) => (
                StatusCode::CONFLICT,
                "The company has connections",
                "Delete each of its connections first: the client's sign-in is removed with it.",
            ),
            Self::Collect(refused) => {
                let (title, advice) = words::collect_words(*refused);
                (StatusCode::CONFLICT, title, advice)
            }
            Self::Endpoint(_) => (
                StatusCode::CONFLICT,
                "The endpoint is switched off",
                "Switch it on first: what waits for it is sent then as well.",
            ),
            Self::LinkUsed => (
                StatusCode::CONFLICT,
                "The link was used meanwhile",
                "It made its connection, so there is nothing to take back. Pause or delete the connection instead.",
            ),
            Self::Team(TeamRefused::InvitedOften { .. }) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Five invitations are on their way",
                "No more are mailed to one member within a day. The last one lets them in for a week: have them look for it, in the folder for spam as well.",
            ),
            Self::Team(_) => (
                StatusCode::CONFLICT,
                "The team stays as it is",
                "An organization needs an owner and has 500 members at most, each with a mail address of their own.",
            ),
            Self::MadeAlready => (
                StatusCode::CONFLICT,
                "It was made already",
                "Its secret is shown only once. If you do not have it, go back and make another one.",
            ),
            Self::OtherOrigin | Self::OldForm => (
                StatusCode::FORBIDDEN,
                "That page was too old",
                "Nothing was changed. Go back, load the page again and repeat what you did.",
            ),
            Self::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "That was too much at once",
                "Nothing was changed. Go back and shorten what you entered.",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "That was too much at once",
                "Close another tab of the console first.",
            ),
            Self::Store(_)
            | Self::MailFolder(_)
            | Self::Vault(_)
            | Self::Hash(_)
            | Self::Download(_)
            | Self::Results(_)
            | Self::Link(_)
            | Self::Template(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here",
                "Nothing is lost. Try again in a moment.",
            ),
        }
    }
}

impl IntoResponse for ConsoleError {
    fn into_response(self) -> Response {
        if let Self::SignedOut(Some(next)) = &self {
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            return Redirect::to(&format!("/console/sign-in?next={next}")).into_response();
        }
        if let Self::SecondFactorNeeded = &self {
            return Redirect::to(AUTHENTICATOR).into_response();
        }
        let told = self.told();
        if told.status.is_server_error() {
            tracing::error!(error = %self, "a page of the console failed");
        }
        // The page is made where the request is known.
        (told.status, Extension(told), told.title).into_response()
    }
}
