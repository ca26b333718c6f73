//! A bill whose file a website made anew, and which says something else now.

use bill_reader::bill::BillContent;
use shared::id::{BillId, CompanyId, ConnectionId};

use super::{StoreError, Tx, bills::NewBill, row};

impl Tx<'_> {
    /// The stored bill of this key, if what was read of its new file is something else, and no more doubtful than what is
    /// stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changed_bill(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        natural_key: &str,
        content: &BillContent,
    ) -> Result<Option<BillId>, StoreError> {
        let found = sqlx::query(
            "SELECT id, bill FROM bills WHERE connection_id = $1 AND company_id = $2 AND natural_key = $3",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(natural_key.to_owned())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let stored: BillContent = row::json(&found, "bill")?;
        if stored == *content || content.flags.len() > stored.flags.len() {
            return Ok(None);
        }
        Ok(Some(row::parsed(&found, "id")?))
    }

    /// Puts another content and file in the place of those of a bill of the company, and remembers which file it was: see
    /// [`Self::has_bill_file`]. False when it has no such bill.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_bill(&mut self, id: BillId, now: &NewBill) -> Result<bool, StoreError> {
        let company = now.account.company;
        let found = sqlx::query("SELECT content_hash FROM bills WHERE id = $1 AND company_id = $2")
            .bind(id.to_string())
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?;
        let Some(found) = found else {
            return Ok(false);
        };
        let replaced = replaced(&row::blob(&found, "content_hash")?);
        // The last twenty are remembered.
        let changed = sqlx::query(
            "UPDATE bills SET bill = $3, bill_date = $4, content_hash = $5, blob = $6, file_name = $7, \
               replaced_hashes = SUBSTR(CAST($8 AS TEXT) || replaced_hashes, 1, 1300) \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(row::to_json(&now.content, "bill")?)
        .bind(now.content.bill_date.map(|day| day.to_string()))
        .bind(now.content_hash.to_vec())
        .bind(now.blob.clone())
        .bind(now.file_name.clone())
        .bind(replaced)
        .execute(self.sql())
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        // A file that was still in the database is the one before.
        sqlx::query("DELETE FROM bill_files WHERE bill_id = $1")
            .bind(id.to_string())
            .execute(self.sql())
            .await?;
        Ok(true)
    }
}

/// How the hash of a replaced file is written: 65 characters.
pub(super) fn replaced(content_hash: &[u8]) -> String {
    let mut text: String = content_hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    text.push(' ');
    text
}
