//! Where the files of bills are kept: a folder, or a bucket of an S3-compatible store.

use std::path::{Path, PathBuf};

use url::Url;
use zeroize::Zeroizing;

use super::reader::Reader;

/// The place where blobs are kept.
#[derive(Debug, Clone)]
pub enum BlobConfig {
    /// In a folder of this machine, or in one that all nodes share.
    Folder(PathBuf),
    /// In a bucket of an S3-compatible store.
    S3(S3Config),
}

/// A bucket of an S3-compatible store.
#[derive(Clone)]
pub struct S3Config {
    /// The bucket, which exists already.
    pub bucket: String,
    /// What the names of all blobs begin with, for a bucket that holds other things too.
    pub prefix: Option<String>,
    /// Scheme, host and port of the store; Amazon's own when not set.
    pub endpoint: Option<Url>,
    /// The region that requests are signed for.
    pub region: String,
    /// The id of the access key.
    pub access_key_id: Zeroizing<String>,
    /// The access key. Wiped when it is dropped, never printed.
    pub secret_access_key: Zeroizing<String>,
}

impl std::fmt::Debug for S3Config {
    /// Without the access key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Config")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("endpoint", &self.endpoint.as_ref().map(Url::as_str))
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Reads `[blobs]`; `None` when something in it is wrong. `is_shared`: other nodes may use the same database, and then
/// the same blobs, so that their place must be said.
pub(super) fn blobs(
    reader: &mut Reader,
    data_dir: Option<&Path>,
    is_shared: bool,
) -> Option<BlobConfig> {
    let folder: Option<PathBuf> = reader.maybe("blobs.folder", "a folder");
    let bucket: Option<String> = reader.maybe("blobs.bucket", "the name of a bucket");
    let prefix: Option<String> = reader.maybe("blobs.prefix", "a text without spaces");
    let endpoint = reader.web_address("blobs.endpoint");
    let region = reader.or("blobs.region", "a region", "us-east-1".to_owned());
    let mut key = |path, meaning| {
        let text = reader.maybe::<String>(path, meaning).map(Zeroizing::new);
        if text.is_none() && bucket.is_some() {
            reader.missing(path, meaning);
        }
        text
    };
    let access_key_id = key("blobs.access_key_id", "the id of the bucket's access key");
    let secret_access_key = key("blobs.secret_access_key", "the bucket's access key");
    let Some(bucket) = bucket else {
        if endpoint.is_some() || access_key_id.is_some() || secret_access_key.is_some() {
            reader.missing("blobs.bucket", "the bucket that the other settings are for");
        }
        if is_shared && folder.is_none() {
            reader.problem(
                "blobs.bucket or blobs.folder",
                "is missing: all nodes that share a PostgreSQL database keep bill files in one place",
            );
            return None;
        }
        return Some(BlobConfig::Folder(match folder {
            Some(folder) => folder,
            None => data_dir?.join("blobs"),
        }));
    };
    Some(BlobConfig::S3(S3Config {
        bucket,
        prefix,
        endpoint,
        region: region?,
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?,
    }))
}
