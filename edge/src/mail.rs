//! Mails that are routed to the Worker: each goes to the origin, which alone knows whose address it is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::inbound_mail::{InboundMail, MAIL_MAX};
use worker::{Env, ForwardableEmailMessage};

use crate::{
    error::EdgeError,
    log,
    origin::{self, OriginRequest},
    runtime,
    settings::Settings,
};

/// How long to wait for the origin, in milliseconds: it looks up the keys of signatures meanwhile.
const TIMEOUT_MS: u32 = 15_000;
/// Nodes that are asked before the mail is given up.
const TRIES: usize = 3;

/// Hands a mail to the origin. What the origin has no address for is refused, so that its sender hears of it. What it drops
/// because it is too long or one of too many is taken: an address that refuses mail for good is forwarded to no more.
///
/// # Errors
/// When no node of the origin took the mail. Where a node may have taken it without saying so, no other one is asked.
pub async fn receive(message: &ForwardableEmailMessage, env: &Env) -> Result<(), EdgeError> {
    let settings = Settings::of_isolate(env)?;
    if message.raw_size() > MAIL_MAX as f64 {
        message.set_reject("This message is too long.");
        return Ok(());
    }
    let raw = message.raw_bytes().await?;
    let mail = InboundMail {
        recipient: message.to(),
        raw: STANDARD.encode(raw),
    };
    let body = serde_json::to_string(&mail).map_err(|_| EdgeError::NotUnderstood)?;
    let [byte] = runtime::random()?;
    let mut last = EdgeError::Origin("there is no node".into());
    for node in settings.origins.nodes_from(byte).take(TRIES) {
        let call = OriginRequest {
            node,
            path: "/edge/mail",
            body: body.clone(),
            flow: None,
            client: None,
            timeout_ms: TIMEOUT_MS,
        };
        match origin::call(&settings, &call).await {
            Ok(answer) if answer.status == 204 => return Ok(()),
            Ok(answer) if answer.status == 404 => {
                log::line("mail.refused", &[("status", "404")]);
                message.set_reject("This address takes no such message.");
                return Ok(());
            }
            Ok(answer) if matches!(answer.status, 413 | 429) => {
                log::line("mail.dropped", &[("status", &answer.status.to_string())]);
                return Ok(());
            }
            Ok(answer) => last = answer.unexpected(),
            Err(error @ EdgeError::TimedOut(_)) => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}
