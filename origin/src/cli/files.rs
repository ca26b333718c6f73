//! Files that commands write.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use axum::body::Body;
use futures_util::TryStreamExt as _;

use super::context::Outcome;

/// A new file that nobody else can read; one that is there is left alone.
pub(super) fn private(path: &Path) -> Outcome<File> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| cannot(path, &error))
}

/// Writes the whole content.
pub(super) fn written(mut file: File, path: &Path, content: &[u8]) -> Outcome {
    file.write_all(content)
        .map_err(|error| cannot(path, &error))
}

/// Writes what is sent piece by piece: how many bytes.
pub(super) async fn streamed(mut file: File, path: &Path, body: Body) -> Outcome<usize> {
    let (mut pieces, mut length) = (body.into_data_stream(), 0);
    while let Some(piece) = pieces.try_next().await.map_err(|error| error.to_string())? {
        length += piece.len();
        file.write_all(&piece)
            .map_err(|error| cannot(path, &error))?;
    }
    Ok(length)
}

/// Removes a file that was made for what does not come.
pub(super) fn given_up(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(%error, "an empty file stays");
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be written: {error}.", path.display())
}
