//! Where a sign-in without its client gets a one-time code from: the authenticator of its connection, a channel that
//! messages with codes come by, or the owner of the connection, by a page with one box.

mod authenticator;
mod authenticator_codes;
mod channel_set_up;
mod channels;
mod confirmation;
mod owner;
mod page;

pub use authenticator::{Authenticator, InvalidAuthenticator};
pub use authenticator_codes::AuthenticatorCodes;
pub use channel_set_up::{CodeChannels, InboundAddresses, TakenCode};
pub use channels::{ChannelCodes, Delivered};
pub use confirmation::{ForwardingConfirmation, open_confirmation, seal_confirmation};
pub use owner::{OwnerCodes, OwnerCodesError};
pub use page::{CodePages, SignInAgain, code_page_path};
