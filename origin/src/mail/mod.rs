//! Mail to the owners of connections. Messages are laid into a folder, one file each; what carries them on is the
//! operator's mail system until the origin speaks SMTP itself.

mod deliver;
mod folder;
mod message;

pub use deliver::{DeliverNotice, DeliverNoticePayload, deliver_job};
pub use folder::MailFolder;
pub use message::Composer;
