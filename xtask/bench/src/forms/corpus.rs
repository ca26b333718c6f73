//! The folder of labelled pages, and a server for them on loopback. Nothing else can be reached from a page.

use std::{fs, net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::net::TcpListener;
use url::Url;
use xtask::Outcome;

#[derive(Deserialize)]
struct Entry {
    html: String,
}

/// The names of the pages that the folder's `index.json` lists.
pub fn names(corpus: &Path) -> Outcome<Vec<String>> {
    let index = corpus.join("index.json");
    let text = xtask::files::read(&index)?;
    let entries: Vec<Entry> = serde_json::from_str(&text)
        .map_err(|error| format!("{} is no list of pages: {error}.", index.display()))?;
    Ok(entries.into_iter().map(|entry| entry.html).collect())
}

/// Serves the pages of a folder.
pub struct CorpusServer {
    address: SocketAddr,
}

impl CorpusServer {
    /// Starts on a free port; it ends with the runtime.
    pub async fn start(corpus: &Path) -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("The pages cannot be served: {error}.");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let router = Router::new()
            .route("/page/{name}", get(page))
            .fallback(|| async { StatusCode::NO_CONTENT })
            .with_state(Arc::from(corpus));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address })
    }

    /// The server's address as `host:port`, which the browser must be allowed to reach.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of a page.
    pub fn url(&self, name: &str) -> Outcome<Url> {
        let base = format!("http://{}/page/", self.address);
        Url::parse(&base)
            .and_then(|base| base.join(name))
            .map_err(|error| format!("{name} is no name of a page: {error}."))
    }
}

async fn page(State(corpus): State<Arc<Path>>, UrlPath(name): UrlPath<String>) -> Response {
    if name.contains(['/', '\\']) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match fs::read(corpus.join(&name)) {
        // Fragments become documents, and documents stay what they are.
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let is_whole = text
                .get(..200.min(text.len()))
                .is_some_and(|head| head.to_ascii_lowercase().contains("<!doctype"));
            let start = if is_whole {
                ""
            } else {
                "<!doctype html><meta charset=utf-8><title>Page</title>\n"
            };
            Html(format!("{start}{text}")).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
