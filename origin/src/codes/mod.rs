//! Where a sign-in without its client gets a one-time code from: the authenticator of its connection, a channel that
//! messages with codes come by, or the owner of the connection, by a page with one box.

mod authenticator;
mod authenticator_codes;
mod channel_set_up;
mod channels;
mod confirmation;
mod envelope;
mod follow;
mod forwarding_answer;
mod inbox;
mod mail_authentication;
mod owner;
mod page;
#[cfg(test)]
mod tests;

pub use authenticator::{Authenticator, InvalidAuthenticator};
pub use authenticator_codes::AuthenticatorCodes;
pub use channel_set_up::{CodeChannels, InboundAddresses, TakenCode};
pub use channels::{ChannelCodes, Delivered};
pub use confirmation::{ForwardingConfirmation, open_confirmation, seal_confirmation};
pub use envelope::Envelope;
pub use follow::FollowsLinks;
pub use forwarding_answer::{ForwardingAnswer, MailProvider, certain_link};
pub use inbox::{Inbox, Received};
pub use mail_authentication::{MailAuthentication, SpfCheck, SpfResult};
pub use owner::{OwnerCodes, OwnerCodesError};
pub use page::{CodePages, SignInAgain, code_page_path};
