//! Mails are written in the transaction of what they tell of; a job delivers them.

use shared::{
    id::{JobId, MailId, MemberId, OrganizationId, WebhookEndpointId},
    member::MemberRole,
    time::UnixMillis,
};

use super::deliver_mail::{associated, deliver_mail_job};
use crate::{
    clock::{Random, bytes},
    store::{
        StoreError, Tx,
        connections::Connection,
        links::Link,
        members::Member,
        outgoing_mails::{MailContent, OutgoingMail},
    },
    vault::{Vault, VaultError},
};

/// Mails with one link that may be sent within a day, and mails that bring one member an invitation.
pub const LINK_MAILS_A_DAY: usize = 5;
/// Mails with links that one address may be sent within a day by one organization, whichever links they are.
pub const LINK_MAILS_TO_ONE_A_DAY: usize = 20;
const DAY_MS: i64 = 24 * 3_600_000;

/// The link or invitation was sent as often as it may be within a day, or its recipient got as many links as may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentOften {
    /// When it may be sent once more.
    pub again_at: UnixMillis,
}

/// How many more links may be mailed to the address today. Of several who ask at the same time each may count the others out.
///
/// # Errors
/// When the database fails.
pub async fn link_mails_left(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    recipient: &str,
    now: UnixMillis,
) -> Result<usize, StoreError> {
    let since = now.plus(-DAY_MS);
    let sent = tx
        .link_mails_to_since(organization, recipient, since)
        .await?;
    Ok(LINK_MAILS_TO_ONE_A_DAY.saturating_sub(sent.len()))
}

/// Writes the mail that brings the link to `recipient`, and queues its delivery. Who calls it has asked [`link_mails_left`].
///
/// # Errors
/// When the link is not there or the database fails.
pub async fn queue_link_mail(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, link): (OrganizationId, &Link),
    recipient: &str,
    now: UnixMillis,
) -> Result<MailId, StoreError> {
    let content = MailContent::Link {
        company: link.company,
        link: link.id,
        connection: link.connection,
    };
    queue(tx, random, (organization, content), recipient, now).await
}

/// As [`queue_link_mail`], for a link that may have been sent before: refused when that was done too often of late. Who
/// sends the same link at the same time waits for this transaction.
///
/// # Errors
/// When the database fails.
pub async fn send_link_again(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, link): (OrganizationId, &Link),
    recipient: &str,
    now: UnixMillis,
) -> Result<Result<MailId, SentOften>, StoreError> {
    tx.lock_link_stream(link.company, link.id).await?;
    let since = now.plus(-DAY_MS);
    let of_link = tx.link_mails_since(link.company, link.id, since).await?;
    let to_one = tx
        .link_mails_to_since(organization, recipient, since)
        .await?;
    let often =
        too_often(&of_link, LINK_MAILS_A_DAY).max(too_often(&to_one, LINK_MAILS_TO_ONE_A_DAY));
    if let Some(again_at) = often {
        return Ok(Err(SentOften { again_at }));
    }
    let queued = queue_link_mail(tx, random, (organization, link), recipient, now);
    Ok(Ok(queued.await?))
}

/// When something may be sent again after these of the last day, of which there may be so many; `None`: now.
fn too_often(sent: &[UnixMillis], most: usize) -> Option<UnixMillis> {
    // Each counts for a day.
    let first = sent.iter().rev().nth(most - 1);
    first.map(|at| at.plus(DAY_MS))
}

/// Writes the mail that tells the owner of a connection that it works, if it has an owner and the organization wants it.
///
/// # Errors
/// When the database fails.
pub async fn queue_connected(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    connection: &Connection,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let Some(owner) = &connection.owner_email else {
        return Ok(());
    };
    let organization = tx.organization_of(connection.company).await?;
    if !tx.owner_mails(organization).await?.of_connected {
        return Ok(());
    }
    let content = MailContent::Connected {
        company: connection.company,
        connection: connection.id,
    };
    queue(tx, random, (organization, content), owner, now).await?;
    Ok(())
}

/// Why an invitation cannot be mailed.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The member was invited as often as may be within a day.
    #[error("the member was invited often enough today")]
    SentOften(SentOften),
    /// The database failed while the mail was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its address cannot be sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// The members to whom no further invitation may be mailed now.
///
/// # Errors
/// When the database fails.
pub async fn invited_often(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: UnixMillis,
) -> Result<Vec<MemberId>, StoreError> {
    let since = now.plus(-DAY_MS);
    tx.members_invited_since(organization, LINK_MAILS_A_DAY, since)
        .await
}

/// Writes the mail that brings a member the address of an invitation, in the place of one that was not delivered yet.
///
/// # Errors
/// [`InvitationError`]
pub async fn queue_invitation(
    tx: &mut Tx<'_>,
    (vault, random): (&Vault, &dyn Random),
    member: &Member,
    url: &str,
    now: UnixMillis,
) -> Result<(), InvitationError> {
    let since = now.plus(-DAY_MS);
    let sent = tx.invitation_mails_since(member.id, since).await?;
    if let Some(again_at) = too_often(&sent, LINK_MAILS_A_DAY) {
        return Err(InvitationError::SentOften(SentOften { again_at }));
    }
    tx.drop_invitation_mails(member.id, now).await?;
    let id = MailId::from_random(bytes(random));
    let row = id.to_string();
    let associated = associated(&row, member.organization);
    let sealed = vault.seal(random, associated, url.as_bytes())?;
    let content = MailContent::Invitation {
        member: member.id,
        sealed_url: sealed.bytes,
    };
    let mail = OutgoingMail {
        id,
        organization: member.organization,
        content,
        recipient: member.email.clone(),
        created_at: now,
    };
    write(tx, random, &mail).await?;
    Ok(())
}

/// Writes the mails that tell the organization's owners that an endpoint was switched off.
///
/// # Errors
/// When the database fails.
pub async fn queue_webhook_off(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, endpoint): (OrganizationId, WebhookEndpointId),
    now: UnixMillis,
) -> Result<(), StoreError> {
    let members = tx.members(organization).await?;
    for owner in members.iter().filter(|one| one.role == MemberRole::Owner) {
        let content = MailContent::WebhookOff { endpoint };
        queue(tx, random, (organization, content), &owner.email, now).await?;
    }
    Ok(())
}

async fn queue(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, content): (OrganizationId, MailContent),
    recipient: &str,
    now: UnixMillis,
) -> Result<MailId, StoreError> {
    let mail = OutgoingMail {
        id: MailId::from_random(bytes(random)),
        organization,
        content,
        recipient: recipient.to_owned(),
        created_at: now,
    };
    write(tx, random, &mail).await?;
    Ok(mail.id)
}

async fn write(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    mail: &OutgoingMail,
) -> Result<(), StoreError> {
    tx.add_outgoing_mail(mail).await?;
    let job = deliver_mail_job(JobId::from_random(bytes(random)), mail)?;
    tx.enqueue(&job).await
}
