//! Files fetched the way the page would: with its cookies, from its place.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide_cdp::cdp::browser_protocol::{
    io::{CloseParams, ReadParams, StreamHandle},
    network::{LoadNetworkResourceOptions, LoadNetworkResourceParams},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout_at},
};
use url::Url;

use super::{error::BrowserError, event::BrowserEvent, ids::FrameId, page::Page};

/// Longer would not fit one message of the pipe.
const MOST: usize = 32 * 1024 * 1024;

/// A file that [`Page::fetch`] has fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status of the answer; 200 when the file came as a download.
    pub status: u16,
    /// The `Content-Type` without parameters in lower case. It is empty when there was none, or when the
    /// file came as a download.
    pub content_type: String,
    /// The URL where redirects ended, or the URL that was asked for when Chromium does not say.
    pub final_url: String,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// Reads the body piece by piece, so that a longer one is left alone half-way.
const IN_PAGE: &str = r"async function (url, max) {
  const response = await fetch(url, { credentials: 'include' });
  const head = { status: response.status, type: response.headers.get('content-type') ?? '', url: response.url };
  const parts = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > max) { await reader.cancel(); return { ...head, body: null }; }
    parts.push(value);
  }
  const body = await new Promise((resolve, reject) => {
    const encoder = new FileReader();
    encoder.onload = () => resolve(encoder.result.slice(encoder.result.indexOf(',') + 1));
    encoder.onerror = () => reject(encoder.error);
    encoder.readAsDataURL(new Blob(parts));
  });
  return { ...head, body };
}";

#[derive(Deserialize)]
struct InPage {
    status: u16,
    #[serde(rename = "type")]
    kind: String,
    url: String,
    body: Option<String>,
}

impl Page {
    /// Fetches a file with the frame's cookies, at most `max_bytes` (and 32 MiB) within `timeout`. The
    /// address may be of the scheme http, https, blob or data, or relative to the frame's URL.
    ///
    /// # Errors
    /// When the frame or the browser is gone, the address has another scheme, the file is longer than
    /// allowed, does not come in time, or is refused by the network.
    pub async fn fetch(
        &self,
        frame: &FrameId,
        url: &str,
        max_bytes: usize,
        timeout: Duration,
    ) -> Result<Fetched, BrowserError> {
        let until = Instant::now() + timeout;
        let max = max_bytes.min(MOST);
        let base = {
            let state = self.core.state();
            let of = state.frames.get(frame).ok_or(BrowserError::NoSuchFrame)?;
            (of.url.clone(), of.origin.clone())
        };
        let absolute = Url::options()
            .base_url(Url::parse(&base.0).ok().as_ref())
            .parse(url)
            .map_err(|_| BrowserError::Scheme)?;
        let is_web = matches!(absolute.scheme(), "http" | "https");
        if !is_web && !matches!(absolute.scheme(), "blob" | "data") {
            return Err(BrowserError::Scheme);
        }
        // The page's own fetch tells where redirects ended, but its rules may forbid it.
        if !is_web || absolute.origin().ascii_serialization() == base.1 {
            let args = [json!(absolute.as_str()), json!(max)];
            match self
                .call_within::<InPage>(frame, IN_PAGE, &args, timeout)
                .await
            {
                Ok(fetched) => return in_page(fetched, max),
                Err(BrowserError::Script(_)) if is_web => {}
                Err(error) => return Err(error),
            }
        }
        let load = async {
            match self.load(frame, &absolute, max).await {
                // Neither policy allows it: what remains is to go there, which a file survives.
                Err(BrowserError::Refused { message, .. }) if message.contains("CSP") => {
                    self.download(&absolute, max).await
                }
                loaded => loaded,
            }
        };
        timeout_at(until, load)
            .await
            .unwrap_or(Err(BrowserError::Timeout {
                method: "Network.loadNetworkResource",
                after: timeout,
            }))
    }

    /// Goes to the address, which answers with a file: the page stays where it is. When it answers
    /// with a document, the page is there, and this is an error.
    async fn download(&self, url: &Url, max: usize) -> Result<Fetched, BrowserError> {
        let mut events = self.core.events.subscribe();
        let went = self.navigate(url).await?;
        let no_file = BrowserError::Refused {
            method: "Page.navigate",
            message: "no file".to_owned(),
        };
        if !went.is_download {
            return Err(no_file);
        }
        loop {
            match events.recv().await {
                Ok(BrowserEvent::Downloaded(file)) => {
                    return Ok(Fetched {
                        status: 200,
                        content_type: String::new(),
                        bytes: file.read(max).await?,
                        final_url: file.url,
                    });
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Err(no_file),
            }
        }
    }

    /// By the engine on the frame's behalf: not subject to the page's policies.
    async fn load(&self, frame: &FrameId, url: &Url, max: usize) -> Result<Fetched, BrowserError> {
        const LOAD: Duration = Duration::from_secs(600);
        let session = self.session_of(frame)?;
        let options = LoadNetworkResourceOptions::new(false, true);
        let mut ask = LoadNetworkResourceParams::new(url.as_str(), options);
        ask.frame_id = Some(frame.0.clone().into());
        let answer = self.core.cdp.call(Some(&session), ask, LOAD).await?;
        let resource = answer.resource;
        let status = resource.http_status_code.unwrap_or(0.0) as u16;
        let content_type = resource
            .headers
            .as_ref()
            .and_then(|headers| headers.inner().as_object())
            .and_then(|headers| {
                let found = headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                found.and_then(|(_, value)| value.as_str())
            })
            .map(media_type)
            .unwrap_or_default();
        let bytes = match resource.stream {
            Some(stream) => self.drain(&session, stream, max).await?,
            None if resource.success => Vec::new(),
            None => {
                return Err(BrowserError::Refused {
                    method: "Network.loadNetworkResource",
                    message: super::plain_text::bounded(
                        &resource.net_error_name.unwrap_or_default(),
                        80,
                    ),
                });
            }
        };
        Ok(Fetched {
            status,
            content_type,
            final_url: url.to_string(),
            bytes,
        })
    }

    async fn drain(
        &self,
        session: &str,
        stream: StreamHandle,
        max: usize,
    ) -> Result<Vec<u8>, BrowserError> {
        const PIECE: Duration = Duration::from_secs(60);
        let mut bytes = Vec::new();
        let all = loop {
            let mut ask = ReadParams::new(stream.clone());
            ask.size = Some(1024 * 1024);
            let piece = match self.core.cdp.call(Some(session), ask, PIECE).await {
                Ok(piece) => piece,
                Err(error) => break Err(error),
            };
            if piece.base64_encoded.unwrap_or(false) {
                match STANDARD.decode(&piece.data) {
                    Ok(decoded) => bytes.extend(decoded),
                    Err(_) => break Err(BrowserError::Answer { method: "IO.read" }),
                }
            } else {
                bytes.extend_from_slice(piece.data.as_bytes());
            }
            if bytes.len() > max {
                break Err(BrowserError::TooLarge(max));
            }
            if piece.eof {
                break Ok(());
            }
        };
        self.core.cdp.send(Some(session), &CloseParams::new(stream));
        all.map(|()| bytes)
    }
}

fn in_page(fetched: InPage, max: usize) -> Result<Fetched, BrowserError> {
    let body = fetched.body.ok_or(BrowserError::TooLarge(max))?;
    let bytes = STANDARD.decode(body).map_err(|_| BrowserError::Answer {
        method: "Runtime.callFunctionOn",
    })?;
    Ok(Fetched {
        status: fetched.status,
        content_type: media_type(&fetched.kind),
        final_url: fetched.url,
        bytes,
    })
}

fn media_type(header: &str) -> String {
    let kind = header.split(';').next().unwrap_or_default();
    super::plain_text::bounded(&kind.to_ascii_lowercase(), 100)
}
