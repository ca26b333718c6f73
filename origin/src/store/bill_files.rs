//! Where the files of bills are: in blobs, and for a while in the database, where earlier versions kept them.

use shared::id::{BillId, CompanyId, OrganizationId};
use sqlx::AssertSqlSafe;

use super::{StoreError, Tx, row};

/// The file of one bill: its name and where its content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillFile {
    /// The name of the file for people.
    pub name: String,
    /// The place where the content of the file is.
    pub content: FileContent,
}

/// Where the content of a file is.
#[derive(Clone, PartialEq, Eq)]
pub enum FileContent {
    /// In the blob of this name.
    Blob(String),
    /// Here: it was not moved out of the database yet.
    Here(Vec<u8>),
}

impl std::fmt::Debug for FileContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blob(name) => write!(f, "Blob({name})"),
            Self::Here(content) => write!(f, "Here({} bytes)", content.len()),
        }
    }
}

/// A file that is still in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct FileInDatabase {
    /// The bill that it belongs to.
    pub bill: BillId,
    /// The company of the bill.
    pub company: CompanyId,
    /// The content of the file, unsealed.
    pub content: Vec<u8>,
}

impl Tx<'_> {
    /// The file of the organization's bill.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bill_file(
        &mut self,
        organization: OrganizationId,
        id: BillId,
    ) -> Result<Option<BillFile>, StoreError> {
        let Some(found) = sqlx::query(
            "SELECT b.file_name, b.blob, f.content FROM bills b JOIN companies c ON c.id = b.company_id \
             LEFT JOIN bill_files f ON f.bill_id = b.id WHERE b.id = $1 AND c.organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        else {
            return Ok(None);
        };
        let content = match row::maybe_text(&found, "blob")? {
            Some(name) => FileContent::Blob(name),
            None => FileContent::Here(row::blob(&found, "content")?),
        };
        Ok(Some(BillFile {
            name: row::text(&found, "file_name")?,
            content,
        }))
    }

    /// Any file that is still in the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file_to_move(&mut self) -> Result<Option<FileInDatabase>, StoreError> {
        sqlx::query(
            "SELECT b.id, b.company_id, f.content FROM bill_files f JOIN bills b ON b.id = f.bill_id \
             ORDER BY f.bill_id LIMIT 1",
        )
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(FileInDatabase {
                bill: row::parsed(&found, "id")?,
                company: row::parsed(&found, "company_id")?,
                content: row::blob(&found, "content")?,
            })
        })
        .transpose()
    }

    /// Notes the blob that a file was moved to, and removes the file from the database. A file that was moved already
    /// keeps its first blob.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file_moved(&mut self, bill: BillId, blob: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE bills SET blob = $2 WHERE id = $1 AND blob IS NULL")
            .bind(bill.to_string())
            .bind(blob.to_owned())
            .execute(self.sql())
            .await?;
        sqlx::query("DELETE FROM bill_files WHERE bill_id = $1")
            .bind(bill.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Those of these blobs that a row names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn blobs_with_row(&mut self, names: &[String]) -> Result<Vec<String>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
        // Only placeholders are put into the text.
        let sql = format!(
            "SELECT DISTINCT blob FROM bills WHERE blob IN ({})",
            places.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for name in names {
            query = query.bind(name.clone());
        }
        query
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(|found| row::text(found, "blob"))
            .collect()
    }
}
