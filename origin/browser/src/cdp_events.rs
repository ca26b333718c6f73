//! Events, of which only what is used is read: unknown fields, kinds and values never fail.

use serde::{Deserialize, Deserializer};

/// Bytes of a URL that are kept; a website may make its own (`data:`) as long as it likes.
const URL: usize = 16 * 1024;

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(short(String::deserialize(from)?))
}

fn short(mut url: String) -> String {
    if url.len() > URL {
        url.truncate(url.floor_char_boundary(URL));
        url.shrink_to_fit();
    }
    url
}

/// A frame as `Page.frameNavigated` tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameBody {
    pub id: String,
    pub parent_id: Option<String>,
    #[serde(default)]
    pub loader_id: String,
    #[serde(default, deserialize_with = "url")]
    pub url: String,
    #[serde(default, deserialize_with = "url")]
    pub url_fragment: String,
    #[serde(default, deserialize_with = "url")]
    pub security_origin: String,
}

#[derive(Deserialize)]
pub(super) struct FrameNavigated {
    pub frame: FrameBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedWithinDocument {
    pub frame_id: String,
    #[serde(deserialize_with = "url")]
    pub url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameAttached {
    pub frame_id: String,
    pub parent_frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameDetached {
    pub frame_id: String,
    #[serde(default)]
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameOnly {
    pub frame_id: String,
}

#[derive(Deserialize)]
pub(super) struct ContextCreated {
    pub context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    pub id: i64,
    #[serde(default, deserialize_with = "url")]
    pub origin: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub unique_id: String,
    #[serde(default)]
    pub aux_data: AuxData,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuxData {
    #[serde(default)]
    pub frame_id: String,
    #[serde(default)]
    pub is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContextDestroyed {
    pub execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BindingCalled {
    pub name: String,
    pub payload: String,
    pub execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attached {
    pub session_id: String,
    pub target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetInfo {
    pub target_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub parent_frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Detached {
    pub session_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DialogOpening {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestWillBeSent {
    pub request_id: String,
    pub request: Request,
    #[serde(rename = "type", default)]
    pub kind: String,
    pub frame_id: Option<String>,
    /// Names the document that asks; empty for workers.
    #[serde(default)]
    pub loader_id: String,
    pub redirect_response: Option<ResponseHead>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    #[serde(deserialize_with = "url")]
    pub url: String,
    pub method: String,
    #[serde(default)]
    pub has_post_data: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseReceived {
    pub request_id: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    pub response: ResponseHead,
    pub frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResponseHead {
    #[serde(deserialize_with = "url")]
    pub url: String,
    pub status: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestOver {
    pub request_id: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub error_text: String,
    #[serde(default)]
    pub canceled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DownloadBegins {
    pub guid: String,
    #[serde(default, deserialize_with = "url")]
    pub url: String,
    #[serde(default)]
    pub suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DownloadProgress {
    pub guid: String,
    #[serde(default)]
    pub total_bytes: f64,
    #[serde(default)]
    pub received_bytes: f64,
    #[serde(default)]
    pub state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScreencastFrameEvent<'a> {
    /// base64.
    #[serde(borrow)]
    pub data: std::borrow::Cow<'a, str>,
    pub metadata: ScreencastMetadata,
    pub session_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScreencastMetadata {
    pub device_width: f64,
    pub device_height: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_url_is_cut_between_characters() {
        assert_eq!(short("https://a.test/".to_owned()), "https://a.test/");
        let long = short(format!("data:x{}", "ä".repeat(URL)));
        assert_eq!(long.len(), URL);
        let text = serde_json::json!({ "frameId": "f", "url": "ä".repeat(URL) });
        let renamed: NavigatedWithinDocument = serde_json::from_value(text).unwrap();
        assert_eq!(renamed.url.len(), URL);
    }
}
