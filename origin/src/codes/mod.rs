//! Where a sign-in without its client gets a one-time code from: the owner of the connection, by a page with one box.

mod authenticator;
mod authenticator_codes;
mod channels;
mod owner;
mod page;

pub use authenticator::{Authenticator, InvalidAuthenticator};
pub use authenticator_codes::AuthenticatorCodes;
pub use channels::{CodeChannels, InboundAddresses, TakenCode};
pub use owner::{OwnerCodes, OwnerCodesError};
pub use page::{CodePages, SignInAgain, code_page_path};
