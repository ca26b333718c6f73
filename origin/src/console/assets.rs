//! The style sheet and the scripts of the console, part of the program. Their path holds a version made of their contents, so
//! that browsers may keep them for good.

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::door::ConsoleState;

/// The colours are those of the public pages.
const STYLE: &str = concat!(
    include_str!("../../../edge/assets/page/colors.css"),
    include_str!("console.css"),
    include_str!("navigation.css"),
    include_str!("lists.css"),
    include_str!("bills.css"),
    include_str!("batch.css"),
    include_str!("guides.css"),
    include_str!("settings.css"),
    include_str!("outside.css"),
    include_str!("operator.css"),
    include_str!("touch.css")
);
const SCRIPT: &str = include_str!("console.js");
const BATCH_SCRIPT: &str = include_str!("batch.js");
/// Loaded by pages that show connections.
const LIVE_SCRIPT: &str = include_str!("live.js");

/// Bytes of the hash that the version is.
const VERSION_LEN: usize = 9;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::new()
        .chain_update(STYLE)
        .chain_update(SCRIPT)
        .chain_update(BATCH_SCRIPT)
        .chain_update(LIVE_SCRIPT)
        .finalize();
    URL_SAFE_NO_PAD.encode(hash.iter().take(VERSION_LEN).copied().collect::<Vec<_>>())
});

/// The version in the paths of all assets.
pub(crate) fn version() -> &'static str {
    &VERSION
}

pub(super) fn router() -> Router<Arc<ConsoleState>> {
    Router::new().route("/console/assets/{version}/{name}", get(serve))
}

async fn serve(Path((asked, name)): Path<(String, String)>) -> Response {
    let (kind, text) = match name.as_str() {
        "console.css" => ("text/css; charset=utf-8", STYLE),
        "console.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "batch.js" => ("text/javascript; charset=utf-8", BATCH_SCRIPT),
        "live.js" => ("text/javascript; charset=utf-8", LIVE_SCRIPT),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // An old page may still ask for the version before.
    let kept = if asked == version() {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)],
        text,
    )
        .into_response()
}
