//! Mail: notices to owners of connections, links that are sent, invitations, and word to an organization's owners.
//! Messages go to a mail server by SMTP or, where there is none, into a folder, one file each.

mod attempt;
mod bounce;
mod composer;
mod deliver;
mod deliver_mail;
mod folder;
mod laid_out;
mod letter;
mod letters;
mod logo;
mod outbox;
mod smtp;
#[cfg(test)]
mod tests;
mod transport;
mod unsubscribe;

pub use attempt::MailServices;
pub use bounce::{bounced_id, note_bounce};
pub use composer::Composer;
pub use deliver::{DeliverNotice, DeliverNoticePayload, deliver_job};
pub use deliver_mail::{DeliverMail, DeliverMailPayload};
pub use folder::MailFolder;
pub use laid_out::LaidOutMail;
pub use outbox::{
    InvitationError, LINK_MAILS_A_DAY, LINK_MAILS_TO_ONE_A_DAY, SentOften, invited_often,
    link_mails_left, queue_connected, queue_invitation, queue_link_mail, queue_webhook_off,
    send_link_again,
};
pub use smtp::{SmtpClient, SmtpError, SmtpSetUpError};
pub use transport::{DeliveryError, Transport};
pub use unsubscribe::Subscriptions;
