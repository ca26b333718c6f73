//! Where a sign-in without its client gets a one-time code from: the owner of the connection, by a page with one box.

mod owner;
mod page;

pub use owner::{OwnerCodes, OwnerCodesError};
pub use page::{CodePages, SignInAgain};
