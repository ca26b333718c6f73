//! Whose signatures (DKIM, RFC 6376) a mail bears and keeps, and whether it came from where its sender sends from (SPF,
//! RFC 7208).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, MessageAuthenticator,
    hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
    spf::verify::SpfParameters,
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::Envelope;

/// The keys of all signatures of a mail may take so long to be looked up.
const PATIENCE: Duration = Duration::from_secs(5);
/// A mail with more signatures is not checked: each costs look-ups.
const SIGNATURES_MAX: usize = 8;
/// The header that bears a signature.
const SIGNATURE: &[u8] = b"dkim-signature";
/// A mail with more headers is not checked: each is compared with all that a signature names.
const HEADERS_MAX: usize = 500;
/// A mail with a signature that names more headers is not checked.
const NAMED_MAX: usize = 100;

/// What the domain of a mail's sender says of the host that the mail came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpfCheck {
    /// The domain of the envelope's sender, lower case.
    pub domain: String,
    /// What the policy of that domain says of the host that brought the mail.
    pub result: SpfResult,
}

/// The results of SPF (RFC 7208, 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SpfResult {
    /// The host may send for the domain.
    Pass,
    /// The host may not send for the domain.
    Fail,
    /// It probably may not.
    SoftFail,
    /// The domain says nothing of the host.
    Neutral,
    /// The domain has no policy.
    None,
    /// It could not be found out now.
    TempError,
    /// The domain's policy cannot be read.
    PermError,
}

/// Checks the signatures and the senders of mails. Cheap to clone.
#[derive(Clone)]
pub struct MailAuthentication(Option<Arc<MessageAuthenticator>>);

impl MailAuthentication {
    /// Asks this DNS server for keys, or those of this machine.
    #[must_use]
    pub fn new(dns: Option<SocketAddr>) -> Self {
        let authenticator = match dns {
            None => MessageAuthenticator::new_system_conf(),
            Some(server) => {
                let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
                (udp.port, tcp.port) = (server.port(), server.port());
                let mut server = NameServerConfig::udp_and_tcp(server.ip());
                server.connections = vec![udp, tcp];
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                MessageAuthenticator::new(config, ResolverOpts::default())
            }
        };
        if let Err(error) = &authenticator {
            tracing::warn!(%error, "there is no DNS: no mail counts as signed");
        }
        Self(authenticator.ok().map(Arc::new))
    }

    /// What the domain of the envelope's sender says of the host that the mail came from. `None` when the door was not told
    /// both, as for mails that the edge brings.
    pub async fn spf(&self, envelope: &Envelope) -> Option<SpfCheck> {
        let authenticator = self.0.clone()?;
        let (sender, client) = (envelope.sender.clone()?, envelope.client?);
        let domain = sender.rsplit_once('@')?.1.to_lowercase();
        let asked = domain.clone();
        let checked = tokio::spawn(async move {
            let parameters = SpfParameters::verify_mail_from(client, &asked, &asked, &sender);
            authenticator.verify_spf(parameters).await.result()
        });
        let abort = checked.abort_handle();
        let result = match timeout(PATIENCE, checked).await {
            Ok(Ok(result)) => result_of(result),
            Ok(Err(_)) | Err(_) => {
                abort.abort();
                SpfResult::TempError
            }
        };
        Some(SpfCheck { domain, result })
    }

    /// The domains, lower case, whose signature covers the whole body and the sender of a mail, and holds. Empty when that
    /// cannot be found out.
    pub async fn signers(&self, raw: &Bytes) -> Vec<String> {
        let Some(authenticator) = self.0.clone() else {
            return Vec::new();
        };
        let raw = raw.clone();
        // In a task of its own, which alone ends if the mail brings the parser down.
        let checked = tokio::spawn(async move {
            let Some(message) = bounded(&raw) else {
                return Vec::new();
            };
            let outputs = authenticator.verify_dkim(&message).await;
            outputs.iter().filter_map(signer).collect()
        });
        let abort = checked.abort_handle();
        match timeout(PATIENCE, checked).await {
            Ok(found) => found.unwrap_or_default(),
            Err(_) => {
                abort.abort();
                Vec::new()
            }
        }
    }
}

fn result_of(result: mail_auth::SpfResult) -> SpfResult {
    use mail_auth::SpfResult as Found;
    match result {
        Found::Pass => SpfResult::Pass,
        Found::Fail => SpfResult::Fail,
        Found::SoftFail => SpfResult::SoftFail,
        Found::Neutral => SpfResult::Neutral,
        Found::None => SpfResult::None,
        Found::TempError => SpfResult::TempError,
        Found::PermError => SpfResult::PermError,
    }
}

/// The mail, if it has one sender and it takes little to check all of its signatures. The parser hashes the body for each signature, so they are
/// counted before.
fn bounded(raw: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let headers = || {
        raw.split(|byte| *byte == b'\n')
            .take_while(|line| !matches!(line, [] | [b'\r']))
            .filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t"))
    };
    let is_signature = |line: &&[u8]| {
        line.get(..SIGNATURE.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(SIGNATURE))
    };
    if headers().count() > HEADERS_MAX || headers().filter(is_signature).count() > SIGNATURES_MAX {
        return None;
    }
    let message = AuthenticatedMessage::parse(raw)?;
    // A signature covers the last of several senders, and readers show another.
    let is_sender = |name: &[u8]| name.trim_ascii().eq_ignore_ascii_case(b"from");
    let mut senders = message.headers.iter().filter(|(name, _)| is_sender(name));
    if senders.next().is_none() || senders.next().is_some() {
        return None;
    }
    let mut signatures = message.dkim_headers.iter();
    signatures
        .all(|signature| signature.header.h.len() <= NAMED_MAX)
        .then_some(message)
}

fn signer(output: &DkimOutput<'_>) -> Option<String> {
    let signature = output.signature()?;
    // A signature of a part of the body says nothing of what somebody put behind it.
    let covers = signature.l == 0
        && signature
            .h
            .iter()
            .any(|header| header.eq_ignore_ascii_case("from"));
    let holds = *output.result() == DkimResult::Pass;
    (covers && holds).then(|| signature.d.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_is_dear_to_check_is_not_checked() {
        let is_bounded = |signatures: usize, named: usize, others: usize| {
            let signature = format!(
                "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; bh=YQ==; b=YQ==; h={}from\r\n",
                "x:".repeat(named - 1)
            );
            let raw = format!(
                "{}{}From: a@a.example\r\n\r\nbody\r\n",
                signature.repeat(signatures),
                "X: y\r\n".repeat(others)
            );
            let message = bounded(raw.as_bytes());
            if let Some(message) = &message {
                assert_eq!(message.dkim_headers.len(), signatures);
            }
            message.is_some()
        };
        assert!(is_bounded(8, 100, 400));
        assert!(!is_bounded(9, 100, 400));
        assert!(!is_bounded(8, 101, 400));
        assert!(!is_bounded(8, 100, 500));
    }
}
