//! Mail to the owners of connections. Messages go to a mail server by SMTP or, where there is none, into a folder, one
//! file each.

mod deliver;
mod folder;
mod message;
mod smtp;
#[cfg(test)]
mod tests;
mod transport;

pub use deliver::{DeliverNotice, DeliverNoticePayload, deliver_job};
pub use folder::MailFolder;
pub use message::Composer;
pub use smtp::{SmtpClient, SmtpError, SmtpSetUpError};
pub use transport::{DeliveryError, Transport};
