//! Whose signatures (DKIM) a mail bears and keeps.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, MessageAuthenticator,
    hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
};
use tokio::time::timeout;

/// The keys of all signatures of a mail may take so long to be looked up.
const PATIENCE: Duration = Duration::from_secs(5);
/// A mail with more signatures is not checked: each costs look-ups.
const SIGNATURES_MAX: usize = 8;

/// Checks the signatures of mails. Cheap to clone.
#[derive(Clone)]
pub struct MailSignatures(Option<Arc<MessageAuthenticator>>);

impl MailSignatures {
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

    /// The domains, lower case, whose signature covers the whole body and the sender of a mail, and holds. Empty when that
    /// cannot be found out.
    pub async fn of(&self, raw: &Bytes) -> Vec<String> {
        let Some(authenticator) = self.0.clone() else {
            return Vec::new();
        };
        let raw = raw.clone();
        // In a task of its own, which alone ends if the mail brings the parser down.
        let checked = tokio::spawn(async move {
            let Some(message) = AuthenticatedMessage::parse(&raw) else {
                return Vec::new();
            };
            if message.dkim_headers.len() > SIGNATURES_MAX {
                return Vec::new();
            }
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
