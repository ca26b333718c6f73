//! Handing messages to a mail server by SMTP (RFC 5321, RFC 6409).

use std::{error::Error as _, fmt, io, path::PathBuf, time::Duration};

use lettre::{
    Address, Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{
            AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
        },
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};

use crate::config::{SmtpConfig, SmtpSecurity};

/// The most characters that are kept of what a server says.
const MOST_WORDS: usize = 200;

/// Hands messages to one mail server, each by a connection of its own.
pub struct SmtpClient {
    config: SmtpConfig,
    hello: ClientId,
    tls: Option<TlsParameters>,
}

impl fmt::Debug for SmtpClient {
    /// The settings, which print no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpClient")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Why a mail server cannot be spoken to by the settings.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSetUpError {
    /// The file of certificates cannot be read.
    #[error("mail.smtp.ca_file {0} cannot be read: {1}")]
    CaFile(PathBuf, io::Error),
    /// The file holds no certificates.
    #[error("mail.smtp.ca_file {0} holds no certificates in the form of PEM")]
    NoCertificates(PathBuf),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(Error),
}

/// What did not go well in talking to a mail server. The sentence holds the code of the server's reply and not its words,
/// which may name the recipient.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {problem}")]
pub struct SmtpError {
    step: Step,
    problem: Problem,
}

/// The part of a delivery that was tried when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    StartTls,
    SignIn,
    Sender,
    Recipient,
    Message,
}

#[derive(Debug)]
enum Problem {
    /// The server took too long.
    TimeLimit(Duration),
    /// The server does not offer an encrypted connection.
    NoStartTls,
    /// The server takes no address outside ASCII.
    NoUtf8,
    /// The server said no, or the connection failed.
    Smtp(Error),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to the mail server failed",
            Self::StartTls => "securing the connection to the mail server failed",
            Self::SignIn => "signing in to the mail server failed",
            Self::Sender => "the mail server did not take the sender",
            Self::Recipient => "the mail server did not take the recipient",
            Self::Message => "the mail server did not take the message",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeLimit(limit) => write!(f, "it took longer than {} s", limit.as_secs()),
            Self::NoStartTls => f.write_str("the server does not offer STARTTLS"),
            Self::NoUtf8 => f.write_str("the server takes no address outside ASCII (SMTPUTF8)"),
            Self::Smtp(error) => match error.status() {
                Some(code) => write!(f, "the server said {code}"),
                None => write!(f, "{error}"),
            },
        }
    }
}

impl SmtpError {
    /// Whether the server refused this recipient or this message for good. What it says before it is told of them is
    /// about the origin's own settings, and another try may succeed once they are mended.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let is_about_the_mail = matches!(self.step, Step::Recipient | Step::Message);
        is_about_the_mail
            && match &self.problem {
                Problem::NoUtf8 => true,
                Problem::Smtp(error) => error.is_permanent(),
                Problem::TimeLimit(_) | Problem::NoStartTls => false,
            }
    }

    /// What went wrong with the server's own words, as an operator needs it to mend the settings.
    #[must_use]
    pub fn explanation(&self) -> String {
        format!("{}: {}", self.step, self.words())
    }

    /// What the server said, with its code, as short plain text without mail addresses; or what else went wrong.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.problem {
            Problem::Smtp(error) => match (error.status(), error.source()) {
                (Some(code), Some(said)) => plain(&format!("{code} {said}")),
                _ => plain(&self.problem.to_string()),
            },
            problem => problem.to_string(),
        }
    }
}

impl SmtpClient {
    /// A client of the server that the settings name; mail comes from `from`. Connects to nothing yet.
    ///
    /// # Errors
    /// [`SmtpSetUpError`]
    pub fn new(config: &SmtpConfig, from: &Address) -> Result<Self, SmtpSetUpError> {
        let tls = match config.security {
            SmtpSecurity::None => None,
            SmtpSecurity::Tls | SmtpSecurity::StartTls => Some(tls(config)?),
        };
        Ok(Self {
            config: config.clone(),
            // A name that belongs to the sender, as servers want it; the name of this machine is often none at all.
            hello: ClientId::Domain(from.domain().to_owned()),
            tls,
        })
    }

    /// Hands a message to the server.
    ///
    /// # Errors
    /// [`SmtpError`]
    pub async fn send(&self, message: &Message) -> Result<(), SmtpError> {
        let envelope = message.envelope();
        let mut connection = self.connect().await?;
        let connection = &mut connection;
        let addresses = || envelope.to().iter().chain(envelope.from());
        let mut parameters = Vec::new();
        if addresses().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !connection
                .server_info()
                .supports_feature(Extension::SmtpUtfEight)
            {
                return Err(SmtpError {
                    step: Step::Recipient,
                    problem: Problem::NoUtf8,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let sender = Mail::new(envelope.from().cloned(), parameters);
        self.limited(Step::Sender, connection.command(sender))
            .await?;
        for recipient in envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), Vec::new());
            self.limited(Step::Recipient, connection.command(recipient))
                .await?;
        }
        self.limited(Step::Message, connection.command(Data))
            .await?;
        let body = message.formatted();
        self.limited(Step::Message, connection.message(&body))
            .await?;
        self.leave(connection).await;
        Ok(())
    }

    /// Connects as for a message, and sends none.
    ///
    /// # Errors
    /// [`SmtpError`]
    pub async fn probe(&self) -> Result<(), SmtpError> {
        let mut connection = self.connect().await?;
        self.leave(&mut connection).await;
        Ok(())
    }

    /// Connects, secures the connection, and signs in.
    async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let config = &self.config;
        let from_the_start = match config.security {
            SmtpSecurity::Tls => self.tls.clone(),
            SmtpSecurity::StartTls | SmtpSecurity::None => None,
        };
        let connecting = AsyncSmtpConnection::connect_tokio1(
            (config.host.as_str(), config.port),
            Some(config.time_limit),
            &self.hello,
            from_the_start,
            None,
        );
        let mut connection = self.limited(Step::Connect, connecting).await?;
        if let (SmtpSecurity::StartTls, Some(tls)) = (config.security, &self.tls) {
            if !connection.can_starttls() {
                return Err(SmtpError {
                    step: Step::StartTls,
                    problem: Problem::NoStartTls,
                });
            }
            let upgrading = connection.starttls(tls.clone(), &self.hello);
            self.limited(Step::StartTls, upgrading).await?;
        }
        if let Some(login) = &config.login {
            let credentials = Credentials::new(login.username.clone(), login.password.to_string());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signing_in = connection.auth(&mechanisms, &credentials);
            self.limited(Step::SignIn, signing_in).await?;
        }
        Ok(connection)
    }

    /// Says goodbye. The message is the server's by now, whatever it answers.
    async fn leave(&self, connection: &mut AsyncSmtpConnection) {
        let left = tokio::time::timeout(self.config.time_limit, connection.abort());
        if left.await.is_err() {
            tracing::debug!("a mail server did not say goodbye");
        }
    }

    async fn limited<T>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, SmtpError> {
        let limit = self.config.time_limit;
        let problem = match tokio::time::timeout(limit, work).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => Problem::Smtp(error),
            Err(_) => Problem::TimeLimit(limit),
        };
        Err(SmtpError { step, problem })
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, SmtpSetUpError> {
    let mut tls = TlsParametersBuilder::new(config.host.clone());
    if let Some(file) = &config.ca_file {
        let pem =
            std::fs::read(file).map_err(|error| SmtpSetUpError::CaFile(file.clone(), error))?;
        // A file without any would leave nothing to trust, and say so only at the first message.
        if !pem.windows(PEM.len()).any(|part| part == PEM) {
            return Err(SmtpSetUpError::NoCertificates(file.clone()));
        }
        let certificates = Certificate::from_pem(&pem)
            .map_err(|_| SmtpSetUpError::NoCertificates(file.clone()))?;
        tls = tls
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificates);
    }
    tls.build().map_err(SmtpSetUpError::Tls)
}

/// How a certificate begins in the form of PEM.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// What a server said, for people: one line of bounded length, in which mail addresses are left out.
pub(super) fn plain(said: &str) -> String {
    let said = said.replace(|c: char| c.is_control(), " ");
    let words = said
        .split_whitespace()
        .map(|word| if word.contains('@') { "…" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_server_are_one_short_line_without_addresses() {
        let said = "550 5.1.1 <owner@client.example>:\r\n\u{1b}[31mno such\tuser";
        assert_eq!(plain(said), "550 5.1.1 … [31mno such user");
        assert_eq!(plain(&"é".repeat(1_000)).chars().count(), MOST_WORDS);
    }
}
