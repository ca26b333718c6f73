//! The content of a blob, opened piece by piece.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};

use super::{BlobError, BlobName};
use crate::vault::{StreamOpener, Vault};

/// The content of a blob. Never more than two pieces of it are in memory.
pub struct BlobContent {
    /// Its length in bytes.
    pub length: u64,
    first: Bytes,
    rest: Segments,
}

impl BlobContent {
    pub(super) async fn start(
        vault: &Arc<Vault>,
        name: BlobName,
        length: u64,
        sealed: BoxStream<'static, object_store::Result<Bytes>>,
    ) -> Result<Self, BlobError> {
        let mut rest = Segments {
            name,
            sealed,
            buffer: BytesMut::new(),
            opener: None,
        };
        let first = rest.start(vault).await?;
        Ok(Self {
            length,
            first,
            rest,
        })
    }

    /// Its pieces in order. An error in between means that the rest was lost or changed.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + 'static {
        let rest = stream::try_unfold(self.rest, |mut rest| async move {
            Ok(rest.next().await?.map(|piece| (piece, rest)))
        });
        stream::iter([Ok(self.first)]).chain(rest)
    }

    /// Reads the whole content into memory.
    ///
    /// # Errors
    /// [`BlobError`], when a piece was lost or changed.
    pub async fn read(mut self) -> Result<Vec<u8>, BlobError> {
        let mut content = self.first.to_vec();
        while let Some(piece) = self.rest.next().await? {
            content.extend_from_slice(&piece);
        }
        Ok(content)
    }
}

/// Sealed bytes as they arrive, and what opens them.
struct Segments {
    name: BlobName,
    sealed: BoxStream<'static, object_store::Result<Bytes>>,
    buffer: BytesMut,
    /// Gone once the last segment is opened.
    opener: Option<StreamOpener>,
}

impl Segments {
    /// Opens head and first segment.
    async fn start(&mut self, vault: &Vault) -> Result<Bytes, BlobError> {
        while self.buffer.len() < StreamOpener::HEAD_LEN {
            if !self.receive().await? {
                return Err(BlobError::CutOff(self.name.clone()));
            }
        }
        let head = self.buffer.split_to(StreamOpener::HEAD_LEN);
        let row = self.name.to_string();
        self.opener = Some(vault.open_stream(self.name.associated_data(&row), &head)?);
        Ok(self.next().await?.unwrap_or_default())
    }

    /// The content of the next segment; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        if self.opener.is_none() {
            return Ok(None);
        }
        // Only what follows a segment tells that it is not the last one.
        while self.buffer.len() <= StreamOpener::SEALED_SEGMENT_LEN {
            if !self.receive().await? {
                let last = self.opener.take();
                return Ok(last
                    .map(|opener| opener.last(&self.buffer))
                    .transpose()?
                    .map(Bytes::from));
            }
        }
        let Some(opener) = &mut self.opener else {
            return Ok(None);
        };
        let segment = self.buffer.split_to(StreamOpener::SEALED_SEGMENT_LEN);
        Ok(Some(opener.next(&segment)?.into()))
    }

    /// Waits for more sealed bytes; `false` at their end.
    async fn receive(&mut self) -> Result<bool, BlobError> {
        let Some(arrived) = self.sealed.next().await else {
            return Ok(false);
        };
        let arrived = arrived.map_err(|error| self.name.error(error))?;
        self.buffer.extend_from_slice(&arrived);
        Ok(true)
    }
}
