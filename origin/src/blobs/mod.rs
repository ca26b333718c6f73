//! Blobs: files that are kept outside the database, sealed, in a folder or in an S3-compatible store.
//!
//! A blob is written before the row that names it, so a row never names a blob that is not there. What no row names is
//! an orphan, and a job deletes it after two days ([`SweepBlobs`]). Content is sealed by the vault for the blob's own
//! name and company, and named by a keyed hash: who can read the storage learns neither content nor whether two
//! companies have the same file.

mod content;
mod move_files;
mod open;
mod sweep;

use std::{fmt, str::FromStr, sync::Arc};

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, path::Path};
use shared::id::CompanyId;

use crate::{
    clock::{Clock, Random},
    store::StoreError,
    vault::{AssociatedData, StreamOpener, Vault, VaultError},
};

pub use content::BlobContent;
pub use move_files::{MoveBillFiles, move_files};
pub use open::{OpenError, open, probe};
pub use sweep::{SweepBlobs, sweep};

/// What the associated data of every blob names instead of a table.
const TABLE: &str = "blobs";
const HASH_DIGITS: usize = 64;
/// For so long the same content has the same name.
const NAME_PERIOD_MS: i64 = 24 * 3_600_000;

/// Reads and writes blobs: sealed files in a folder or in an S3-compatible store.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// The name of a blob: the company, and a keyed hash of the content and the day on which it was written. As text
/// `company/64 hex digits`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobName {
    company: CompanyId,
    hash: String,
}

/// The text is not the name of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a blob")]
pub struct InvalidBlobName;

/// Why a blob cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The storage has no such blob.
    #[error("the blob {0} is not there")]
    Missing(BlobName),
    /// The storage cannot be reached or refuses.
    #[error("blob storage: {0}")]
    Storage(object_store::Error),
    /// It does not open, or nothing can be sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Its length is not that of a sealed blob.
    #[error("the blob {0} is cut off")]
    CutOff(BlobName),
}

/// Why a job on blobs stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database failed; the work goes on where it stopped when it is run again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The storage failed, or a blob cannot be sealed.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl JobError {
    /// Logs how a job ended. A database error is given on, so that the job is claimed again soon; after any other
    /// error the job's next run tries again.
    fn log(ended: Result<usize, Self>, done: &'static str) -> Result<(), StoreError> {
        match ended {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "{done}"),
            Err(Self::Store(error)) => return Err(error),
            Err(Self::Blob(error)) => tracing::error!(%error, "a job on blobs stopped"),
        }
        Ok(())
    }
}

impl Blobs {
    /// Blobs in this storage, sealed by this vault.
    #[must_use]
    pub fn new(
        objects: Arc<dyn ObjectStore>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            objects,
            vault,
            clock,
            random,
        }
    }

    /// Seals the content and writes it; its row is to be written next, within a day. The same content of the same
    /// company has the same name for a day, so a run that is repeated does not fill the storage, and then another one:
    /// nothing is ever written under the name of a blob that is old enough to be swept.
    ///
    /// # Errors
    /// [`BlobError::Storage`], [`BlobError::Vault`].
    pub async fn put(&self, company: CompanyId, content: &[u8]) -> Result<BlobName, BlobError> {
        let period = self.clock.now().0.div_euclid(NAME_PERIOD_MS);
        let name = BlobName {
            company,
            hash: self.vault.content_name(company, period, content)?,
        };
        let pieces = {
            let row = name.to_string();
            self.vault
                .seal_stream(&*self.random, name.associated_data(&row), content)?
        };
        let payload: PutPayload = pieces.into_iter().map(Bytes::from).collect();
        self.objects
            .put(&name.path(), payload)
            .await
            .map_err(BlobError::Storage)?;
        Ok(name)
    }

    /// Opens a blob. Its content comes in pieces of 64 KiB; the first one is opened before this returns, so that a
    /// blob that does not open is known before anything of it was passed on.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn open(&self, name: &BlobName) -> Result<BlobContent, BlobError> {
        let found = self
            .objects
            .get(&name.path())
            .await
            .map_err(|error| name.error(error))?;
        let length = StreamOpener::content_len(found.meta.size)
            .ok_or_else(|| BlobError::CutOff(name.clone()))?;
        BlobContent::start(&self.vault, name.clone(), length, found.into_stream()).await
    }

    /// Whether this vault sealed it: the storage may hold what another installation wrote.
    async fn sealed(&self, name: &BlobName) -> Result<bool, BlobError> {
        let range = 0..StreamOpener::HEAD_LEN as u64;
        let head = self
            .objects
            .get_range(&name.path(), range)
            .await
            .map_err(|error| name.error(error))?;
        let row = name.to_string();
        Ok(self
            .vault
            .open_stream(name.associated_data(&row), &head)
            .is_ok())
    }
}

impl BlobName {
    /// The company that owns it.
    #[must_use]
    pub fn company(&self) -> CompanyId {
        self.company
    }

    fn path(&self) -> Path {
        Path::from_iter([self.company.to_string(), self.hash.clone()])
    }

    /// What its content is sealed for; `row` is its text.
    fn associated_data<'a>(&self, row: &'a str) -> AssociatedData<'a> {
        AssociatedData {
            table: TABLE,
            row,
            owner: self.company.into(),
        }
    }

    fn error(&self, error: object_store::Error) -> BlobError {
        match error {
            object_store::Error::NotFound { .. } => BlobError::Missing(self.clone()),
            other => BlobError::Storage(other),
        }
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.company, self.hash)
    }
}

impl FromStr for BlobName {
    type Err = InvalidBlobName;

    fn from_str(text: &str) -> Result<Self, InvalidBlobName> {
        let (company, hash) = text.split_once('/').ok_or(InvalidBlobName)?;
        let is_hash = hash.len() == HASH_DIGITS
            && hash
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let name = Self {
            company: company.parse().map_err(|_| InvalidBlobName)?,
            hash: hash.to_owned(),
        };
        // A company id has more than one spelling; a name has one.
        (is_hash && name.to_string() == text)
            .then_some(name)
            .ok_or(InvalidBlobName)
    }
}

#[cfg(test)]
mod tests;
