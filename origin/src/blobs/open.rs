//! Opens the storage that the configuration names.

use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc, time::Duration};

use crate::config::{BlobConfig, S3Config};
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig,
    aws::AmazonS3Builder, local::LocalFileSystem, prefix::PrefixStore,
};

/// Waiting for a connection to the storage.
const CONNECT: Duration = Duration::from_secs(5);
/// Waiting for an answer, with the time in which the longest bill is sent over a slow line.
const READ: Duration = Duration::from_secs(120);
/// Further tries of a request that failed on the way, and the time for all of them.
const RETRIES: usize = 3;
const RETRY_TIME: Duration = Duration::from_secs(300);

/// Why the storage cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("the folder {0} cannot be made: {1}")]
    Folder(String, io::Error),
    /// The settings do not fit together, or the storage refuses.
    #[error("{0}")]
    Storage(#[from] object_store::Error),
}

/// Opens the storage. A missing folder is made, readable by this user alone. A bucket is not asked for yet.
///
/// # Errors
/// [`OpenError`].
pub fn open(config: &BlobConfig) -> Result<Arc<dyn ObjectStore>, OpenError> {
    match config {
        BlobConfig::Folder(folder) => open_folder(folder),
        BlobConfig::S3(config) => Ok(open_bucket(config)?),
    }
}

/// Whether blobs can be written, read and deleted: tries it with an object of its own.
///
/// # Errors
/// What the storage says.
pub async fn probe(objects: &dyn ObjectStore) -> Result<(), object_store::Error> {
    let name = object_store::path::Path::from("magic-links-check");
    objects.put(&name, "check".into()).await?;
    objects.get(&name).await?.bytes().await?;
    objects.delete(&name).await
}

fn open_folder(folder: &Path) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let failed = |error| OpenError::Folder(folder.display().to_string(), error);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    // The row that names a blob is durable when it is committed, so the blob must be before that.
    Ok(Arc::new(
        LocalFileSystem::new_with_prefix(folder)?.with_fsync(true),
    ))
}

fn open_bucket(config: &S3Config) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    let plain = config
        .endpoint
        .as_ref()
        .is_some_and(|url| url.scheme() == "http");
    let client = ClientOptions::new()
        .with_allow_http(plain)
        .with_connect_timeout(CONNECT)
        .with_read_timeout(READ)
        // A client that downloads slowly may take longer than any fixed time.
        .with_timeout_disabled();
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: RETRY_TIME,
    };
    // Nothing of the environment: what counts stands in the configuration.
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&config.bucket)
        .with_region(&config.region)
        .with_access_key_id(config.access_key_id.as_str())
        .with_secret_access_key(config.secret_access_key.as_str())
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    let objects = builder.build()?;
    Ok(match &config.prefix {
        Some(prefix) => Arc::new(PrefixStore::new(objects, prefix.as_str())),
        None => Arc::new(objects),
    })
}
