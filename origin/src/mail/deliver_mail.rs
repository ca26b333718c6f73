//! Delivering a mail that is no notice, as a kind of job.

use serde::{Deserialize, Serialize};
use shared::{
    id::{JobId, MailId, OrganizationId},
    status::{ConnectionStatus, LinkKind, LinkStatus},
    time::UnixMillis,
};
use zeroize::Zeroizing;

use super::{
    attempt::{Attempt, MailServices},
    composer::ComposeError,
    letter::Sender,
};
use crate::{
    jobs::{Context, Ended, Kind, new_job},
    store::{
        StoreError,
        jobs::NewJob,
        outgoing_mails::{DueMail, MailAbout, MailContent, MailEnd, OutgoingMail, TABLE},
    },
    vault::{AssociatedData, Owner},
};

/// Delivers each mail as one message.
pub struct DeliverMail(pub MailServices);

/// The mail that is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverMailPayload {
    /// The organization in whose name it is sent.
    pub organization: OrganizationId,
    /// The mail that is delivered.
    pub mail: MailId,
}

impl Kind for DeliverMail {
    const NAME: &'static str = "DELIVER_MAIL";
    type Payload = DeliverMailPayload;

    fn dedupe_key(payload: &DeliverMailPayload) -> String {
        format!("{}:{}", Self::NAME, payload.mail)
    }

    async fn run(
        &self,
        context: &Context,
        payload: DeliverMailPayload,
    ) -> Result<Ended, StoreError> {
        let services = &self.0;
        let due = services.store.read("mail.due_mail", |tx| {
            Box::pin(tx.due_mail(payload.organization, payload.mail))
        });
        let Some(due) = due.await? else {
            return Ok(Ended::Done);
        };
        let now = services.clock.now();
        if !is_true(&due, now) {
            return self.end(context, &due, &MailEnd::Dropped, now).await;
        }
        let mail = due.mail.id;
        let message = match self.message(&due, now) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%mail, %error, "a mail cannot be written");
                let end = MailEnd::Refused(error.words());
                return self.end(context, &due, &end, now).await;
            }
        };
        let tries = context.job.attempts;
        match services.attempt(&mail.to_string(), &message, tries).await {
            Attempt::Ended(end) => self.end(context, &due, &end, now).await,
            Attempt::Again(at) => Ok(Ended::Retry(at)),
        }
    }
}

impl DeliverMail {
    fn message(&self, due: &DueMail, now: UnixMillis) -> Result<lettre::Message, ComposeError> {
        let services = &self.0;
        let invitation = match &due.mail.content {
            MailContent::Invitation { sealed_url, .. } => self.opened(&due.mail, sealed_url)?,
            _ => Zeroizing::default(),
        };
        let keys = &services.token_keys;
        let letter = services.composer.mail_letter(keys, due, &invitation)?;
        let sender = sender(due);
        let (id, recipient) = (due.mail.id.to_string(), &due.mail.recipient);
        services
            .composer
            .message(&id, (&letter, sender), recipient, now)
    }

    /// The address that the mail's row keeps sealed.
    fn opened(
        &self,
        mail: &OutgoingMail,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, ComposeError> {
        let row = mail.id.to_string();
        let opened = self
            .0
            .vault
            .open(associated(&row, mail.organization), sealed)?;
        let text = String::from_utf8(opened.to_vec()).map_err(|_| ComposeError::NoText)?;
        Ok(Zeroizing::new(text))
    }

    /// Ends the mail. What became of one with a link stands in the link's log.
    async fn end(
        &self,
        context: &Context,
        due: &DueMail,
        end: &MailEnd,
        now: UnixMillis,
    ) -> Result<Ended, StoreError> {
        let (mail, job) = (&due.mail, &context.job);
        let line = match &due.about {
            MailAbout::Link(found, _) => end
                .log_line(&mail.recipient, now)
                .map(|line| (found.company.public_id, found.link.id, line)),
            _ => None,
        };
        let line = line.as_ref();
        let written = self.0.store.tx("mail.end_mail", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok(());
                }
                tx.end_mail(mail.organization, mail.id, end, now).await?;
                if let Some((company, link, line)) = line {
                    tx.record_link_event(*company, *link, line).await?;
                }
                tx.complete_job(job).await.map(|_| ())
            })
        });
        written.await?;
        Ok(Ended::Written)
    }
}

/// In whose name it is sent: what members get is not for clients, and has no brand.
fn sender(due: &DueMail) -> Sender<'_> {
    let is_for_clients = matches!(due.about, MailAbout::Link(..) | MailAbout::Connected(..));
    let brand = due.brand.as_ref().filter(|_| is_for_clients);
    Sender::new(&due.organization.name, brand)
}

/// Whether it still is as the mail says.
fn is_true(due: &DueMail, now: UnixMillis) -> bool {
    match &due.about {
        MailAbout::Link(found, connection) => {
            let can_be_used = match connection {
                Some(connection) => connection.inactive_at.is_none(),
                None => found.link.kind == LinkKind::Company,
            };
            found.link.status(now) == LinkStatus::Active && can_be_used
        }
        MailAbout::Connected(connection, _) => connection.status == ConnectionStatus::Connected,
        MailAbout::Invitation(_) => true,
        MailAbout::WebhookOff(endpoint) => endpoint.disabled.is_some(),
    }
}

/// What the address of an invitation is sealed for: the row of its mail.
pub(super) fn associated(row: &str, organization: OrganizationId) -> AssociatedData<'_> {
    AssociatedData {
        table: TABLE,
        row,
        owner: Owner::Organization(organization),
    }
}

/// The job that delivers a mail at once.
///
/// # Errors
/// [`StoreError::Corrupt`] when the payload has no JSON form.
pub(super) fn deliver_mail_job(id: JobId, mail: &OutgoingMail) -> Result<NewJob, StoreError> {
    let payload = DeliverMailPayload {
        organization: mail.organization,
        mail: mail.id,
    };
    new_job::<DeliverMail>(id, &payload, mail.created_at, mail.created_at)
}
