//! Where mail to the owners of connections goes.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use url::Url;
use zeroize::Zeroizing;

use super::reader::Reader;

/// The longest that a step of a delivery may be allowed to take, in seconds.
const MOST_SECONDS: u64 = 300;

/// The settings of mail.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The folder that messages are laid into where there is no mail server.
    pub folder: PathBuf,
    /// The address that they come from.
    pub from: lettre::Address,
    /// The mail server that sends them on. `None`: they stay in the folder.
    pub smtp: Option<SmtpConfig>,
}

/// A mail server that takes messages by SMTP.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Its host name or IP address, for which its certificate must be valid.
    pub host: String,
    /// The TCP port that the server listens on.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// What the origin signs in with. `None`: it does not sign in.
    pub login: Option<SmtpLogin>,
    /// A file of certificates (PEM) that are trusted instead of those that this machine trusts.
    pub ca_file: Option<PathBuf>,
    /// How long each step of a delivery may take.
    pub time_limit: Duration,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// By TLS from the first byte.
    Tls,
    /// By TLS after STARTTLS, without which nothing is sent.
    StartTls,
    /// Not at all, which is for a server on this very machine.
    None,
}

/// What the origin signs in to a mail server with.
#[derive(Clone)]
pub struct SmtpLogin {
    /// The name.
    pub username: String,
    /// The password. Wiped when it is dropped, never printed.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for SmtpLogin {
    /// Shows all settings but the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpLogin")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl SmtpSecurity {
    /// The port that is registered for it.
    fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// No security of this name is known.
#[derive(Debug)]
pub struct UnknownSecurity;

impl FromStr for SmtpSecurity {
    type Err = UnknownSecurity;

    fn from_str(name: &str) -> Result<Self, UnknownSecurity> {
        match name {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::StartTls),
            "none" => Ok(Self::None),
            _ => Err(UnknownSecurity),
        }
    }
}

/// Reads `[mail]`; `None` when something in it is wrong. Without an address, mail comes from `no-reply` at the host that
/// links begin with, or at `localhost` where that host is none that mail can come from.
pub(super) fn mail(
    reader: &mut Reader,
    data_dir: Option<&Path>,
    links_base: Option<&Url>,
) -> Option<MailConfig> {
    let folder = reader.or(
        "mail.folder",
        "a folder",
        data_dir.map(|dir| dir.join("mail")).unwrap_or_default(),
    );
    let host = links_base.and_then(Url::host_str).unwrap_or("localhost");
    let default = lettre::Address::new("no-reply", host)
        .or_else(|_| lettre::Address::new("no-reply", "localhost"))
        .ok()?;
    let from = reader.or("mail.from", "a mail address", default);
    let smtp = smtp(reader);
    Some(MailConfig {
        folder: folder?,
        from: from?,
        smtp: smtp?,
    })
}

/// Reads `[mail.smtp]`: `Some(None)` where there is no such server, `None` when something in it is wrong.
#[expect(clippy::option_option, reason = "not set and wrong are two things")]
fn smtp(reader: &mut Reader) -> Option<Option<SmtpConfig>> {
    let before = reader.problems.len();
    let host: Option<String> = reader.maybe("mail.smtp.host", "a host name");
    let port: Option<u16> = reader.maybe("mail.smtp.port", "a port number");
    let chosen: Option<SmtpSecurity> =
        reader.maybe("mail.smtp.security", "\"tls\", \"starttls\" or \"none\"");
    let username: Option<String> = reader.maybe("mail.smtp.username", "the name of an account");
    let password: Option<Zeroizing<String>> = reader
        .maybe("mail.smtp.password", "the account's password")
        .map(Zeroizing::new);
    let ca_file: Option<PathBuf> = reader.maybe("mail.smtp.ca_file", "a file of certificates");
    let seconds: Option<u64> = reader.maybe("mail.smtp.time_limit", "a number of seconds");

    let security = chosen.unwrap_or(SmtpSecurity::Tls);
    if host.as_deref().is_some_and(|host| !is_host(host)) {
        reader.problem(
            "mail.smtp.host",
            "is not right: expected a host name such as smtp.example.com, or an IP address",
        );
    }
    if security == SmtpSecurity::None && host.as_deref().is_some_and(|host| !is_this_machine(host))
    {
        reader.problem(
            "mail.smtp.security",
            "must be \"tls\" or \"starttls\": messages carry links, and \"none\" is for a server on this very machine",
        );
    }
    if security == SmtpSecurity::None && ca_file.is_some() {
        reader.problem(
            "mail.smtp.ca_file",
            "is of no use while mail.smtp.security is \"none\"",
        );
    }
    if port == Some(0) {
        reader.problem("mail.smtp.port", "must be from 1 to 65535");
    }
    if seconds.is_some_and(|seconds| !(1..=MOST_SECONDS).contains(&seconds)) {
        reader.problem(
            "mail.smtp.time_limit",
            format!("must be from 1 to {MOST_SECONDS} seconds"),
        );
    }
    match (&username, &password) {
        (Some(_), None) => {
            reader.missing("mail.smtp.password", "the password of mail.smtp.username")
        }
        (None, Some(_)) => {
            reader.missing("mail.smtp.username", "whose password mail.smtp.password is")
        }
        _ => {}
    }
    let others = [
        port.is_some(),
        chosen.is_some(),
        username.is_some() || password.is_some(),
        ca_file.is_some(),
        seconds.is_some(),
    ];
    if host.is_none() && others.contains(&true) {
        reader.missing(
            "mail.smtp.host",
            "the server that the other settings of [mail.smtp] are for",
        );
    }
    let login = username
        .zip(password)
        .map(|(username, password)| SmtpLogin { username, password });
    (reader.problems.len() == before).then_some(host.map(|host| SmtpConfig {
        host,
        port: port.unwrap_or(security.port()),
        security,
        login,
        ca_file,
        time_limit: Duration::from_secs(seconds.unwrap_or(30)),
    }))
}

/// Whether it is a name or an address that can be connected to.
fn is_host(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
        || lettre::Address::new("a", host).is_ok() && !host.starts_with('[')
}

/// Whether what is sent to it stays on this machine.
fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Problems, read};

    const GOOD: &str = r#"
        token_keys = ["1:000102030405060708090a0b0c0d0e0f"]
        vault_keys = ["1:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"]
        [edge]
        public_url = "https://connect.example.com"
        signing_key = "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"
        [mail.smtp]
    "#;

    fn config(smtp: &str) -> Result<Config, Problems> {
        read(&format!("{GOOD}{smtp}"), std::iter::empty())
    }

    #[test]
    fn a_mail_server_has_the_port_of_its_security() {
        assert!(config("").expect("none").mail.smtp.is_none());
        for (smtp, port) in [
            ("host = \"smtp.example.com\"", 465),
            ("host = \"smtp.example.com\"\nsecurity = \"starttls\"", 587),
            ("host = \"localhost\"\nsecurity = \"none\"", 25),
            ("host = \"::1\"\nsecurity = \"none\"\nport = 2525", 2525),
        ] {
            let smtp = config(smtp).expect("a good configuration").mail.smtp;
            assert_eq!(smtp.expect("a server").port, port);
        }
    }

    #[test]
    fn what_is_wrong_with_a_mail_server_is_said_without_its_password() {
        let login = "host = \"smtp.example.com\"\nusername = \"origin\"\npassword = \"hunter2\"";
        let printed = format!("{:?}", config(login).expect("a good configuration"));
        assert!(
            printed.contains("\"origin\"") && !printed.contains("hunter2"),
            "{printed}"
        );
        let host = "host = \"smtp.example.com\"\n";
        for (wrong, about) in [
            ("host = \"a host\"", "mail.smtp.host is not right"),
            ("port = 465", "mail.smtp.host is missing"),
            ("password = \"hunter2\"", "mail.smtp.username is missing"),
            (
                &format!("{host}username = \"origin\""),
                "mail.smtp.password is missing",
            ),
            (
                &format!("{host}security = \"ssl\""),
                "mail.smtp.security is not right",
            ),
            (
                &format!("{host}security = \"none\""),
                "mail.smtp.security must be \"tls\"",
            ),
            (
                "host = \"127.0.0.1\"\nsecurity = \"none\"\nca_file = \"ca.pem\"",
                "mail.smtp.ca_file is of no use",
            ),
            (&format!("{host}port = 0"), "mail.smtp.port must be"),
            (
                &format!("{host}time_limit = 0"),
                "mail.smtp.time_limit must be",
            ),
        ] {
            let Problems(found) = config(wrong).expect_err(about);
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert!(found.iter().any(|one| one.contains(about)), "{found:#?}");
            assert!(!found.concat().contains("hunter2"), "{found:#?}");
        }
    }
}
