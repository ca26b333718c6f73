//! Mails that came back after a mail server had taken them, which may be before it is written down that it had.

use shared::{
    id::{LinkId, PublicCompanyId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// A mail or notice that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounced {
    /// The link that it brought, and the company of the link.
    pub link: Option<(PublicCompanyId, LinkId)>,
}

impl Tx<'_> {
    /// Notes that the mail or notice with this id came back, with the words that say why. Who cannot be reached is not
    /// reminded. `None`, and nothing is written, when there is none, or it was noted before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_bounce(
        &mut self,
        id: &str,
        words: &str,
        now: UnixMillis,
    ) -> Result<Option<Bounced>, StoreError> {
        for (update, select) in [
            (
                "UPDATE outgoing_mails SET refusal = $2 \
                 WHERE id = $1 AND dropped_at IS NULL AND refusal IS NULL",
                "SELECT m.link_id, c.public_id FROM outgoing_mails m \
                 LEFT JOIN companies c ON c.id = m.company_id WHERE m.id = $1",
            ),
            (
                "UPDATE notices SET refusal = $2 \
                 WHERE id = $1 AND dropped_at IS NULL AND refusal IS NULL",
                "SELECT n.link_id, c.public_id FROM notices n \
                 JOIN companies c ON c.id = n.company_id WHERE n.id = $1",
            ),
        ] {
            let noted = sqlx::query(update)
                .bind(id.to_owned())
                .bind(words.to_owned())
                .execute(self.sql())
                .await?;
            if noted.rows_affected() == 0 {
                continue;
            }
            self.drop_reminders(id, now).await?;
            let found = sqlx::query(select).bind(id.to_owned());
            let found = found.fetch_one(self.sql()).await?;
            return Ok(Some(Bounced {
                link: link(&found)?,
            }));
        }
        Ok(None)
    }

    /// Ends the reminder that follows a notice, which may not have ended itself yet.
    async fn drop_reminders(&mut self, notice: &str, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE notices SET dropped_at = $2 WHERE id <> $1 AND delivered_at IS NULL AND dropped_at IS NULL AND EXISTS ( \
               SELECT 1 FROM notices b WHERE b.id = $1 AND b.connection_id = notices.connection_id \
                 AND b.kind = notices.kind AND b.recipient = notices.recipient)",
        )
        .bind(notice.to_owned())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }
}

fn link(found: &AnyRow) -> Result<Option<(PublicCompanyId, LinkId)>, StoreError> {
    let link = row::maybe_parsed(found, "link_id")?;
    let company = row::maybe_parsed(found, "public_id")?;
    Ok(company.zip(link))
}
