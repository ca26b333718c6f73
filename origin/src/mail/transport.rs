//! Where messages go: to a mail server, or into a folder.

use std::io;

use lettre::Message;

use super::{
    MailFolder,
    smtp::{SmtpClient, SmtpError, SmtpSetUpError},
};
use crate::config::MailConfig;

/// Where messages are handed over: a mail server, or a folder.
#[derive(Debug)]
pub enum Transport {
    /// A mail server, which sends them on.
    Smtp(SmtpClient),
    /// A folder, from which the operator's mail system may take them.
    Folder(MailFolder),
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The mail server did not take it.
    #[error(transparent)]
    Smtp(#[from] SmtpError),
    /// The folder cannot be written.
    #[error("the mail folder cannot be written: {0}")]
    Folder(#[from] io::Error),
}

impl Transport {
    /// The transport that the settings ask for. Connects to nothing yet.
    ///
    /// # Errors
    /// [`SmtpSetUpError`] when the mail server cannot be spoken to by these settings.
    pub fn new(config: &MailConfig) -> Result<Self, SmtpSetUpError> {
        Ok(match &config.smtp {
            Some(smtp) => Self::Smtp(SmtpClient::new(smtp, &config.from)?),
            None => Self::Folder(MailFolder::new(config.folder.clone())),
        })
    }

    /// Hands over the message of the mail or notice with this id.
    ///
    /// # Errors
    /// [`DeliveryError`]
    pub async fn deliver(&self, id: &str, message: &Message) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(client) => client.send(message).await?,
            Self::Folder(folder) => folder.put(id, message.formatted()).await?,
        }
        Ok(())
    }
}

impl DeliveryError {
    /// The words with which the message was refused for good; `None` when another try may succeed.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Smtp(error) if error.is_refusal() => Some(error.words()),
            Self::Smtp(_) | Self::Folder(_) => None,
        }
    }
}
