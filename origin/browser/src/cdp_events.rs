//! Events, of which only what is used is read: unknown fields, kinds and values never fail.

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Bytes of a URL that are kept; a website may make its own (`data:`) as long as it likes.
const URL: usize = 16 * 1024;

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(short(String::deserialize(from)?))
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

fn optional_secret<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::<String>::deserialize(from).map(|secret| secret.map(Zeroizing::new))
}

fn short(mut url: String) -> String {
    if url.len() > URL {
        url.truncate(url.floor_char_boundary(URL));
        url.shrink_to_fit();
    }
    url
}

/// An event that something is made of.
pub(crate) enum Event<'a> {
    ScreencastFrame(ScreencastFrameEvent<'a>),
    BindingCalled(BindingCalled),
    ContextCreated(ContextCreated),
    ContextDestroyed(ContextDestroyed),
    ContextsCleared,
    RequestWillBeSent(RequestWillBeSent),
    ResponseReceived(ResponseReceived),
    LoadingFinished(RequestOver),
    LoadingFailed(RequestOver),
    RequestPaused(PausedRequestEvent),
    /// `Fetch.authRequired`
    AuthRequired(AuthRequired),
    WebSocketFrameSent,
    FrameAttached(FrameAttached),
    FrameDetached(FrameDetached),
    FrameNavigated(FrameNavigated),
    /// `Page.frameRequestedNavigation`
    NavigationRequested(NavigationRequested),
    /// `Page.frameStartedNavigating`
    NavigationStarted(NavigationStarted),
    NavigatedWithinDocument(NavigatedWithinDocument),
    /// `Page.frameStartedLoading`
    LoadingStarted(FrameOnly),
    /// `Page.frameStoppedLoading`
    LoadingStopped(FrameOnly),
    DialogOpening(DialogOpening),
    FileChooserOpened,
    Attached(Attached),
    Detached(Detached),
    Crashed,
    DownloadBegins(DownloadBegins),
    DownloadProgress(DownloadProgress),
}

impl<'a> Event<'a> {
    /// The event that Chromium says; `None` for one that nothing is made of.
    ///
    /// # Errors
    /// When its parameters are not understood.
    pub fn parse(method: &str, params: &'a RawValue) -> Option<Result<Self, serde_json::Error>> {
        let params = params.get();
        Some(match method {
            "Page.screencastFrame" => read(params, Self::ScreencastFrame),
            "Runtime.bindingCalled" => read(params, Self::BindingCalled),
            "Runtime.executionContextCreated" => read(params, Self::ContextCreated),
            "Runtime.executionContextDestroyed" => read(params, Self::ContextDestroyed),
            "Runtime.executionContextsCleared" => Ok(Self::ContextsCleared),
            "Network.requestWillBeSent" => read(params, Self::RequestWillBeSent),
            "Network.responseReceived" => read(params, Self::ResponseReceived),
            "Network.loadingFinished" => read(params, Self::LoadingFinished),
            "Network.loadingFailed" => read(params, Self::LoadingFailed),
            "Fetch.requestPaused" => Ok(Self::RequestPaused(PausedRequestEvent::read(params))),
            "Fetch.authRequired" => read(params, Self::AuthRequired),
            "Network.webSocketFrameSent" => Ok(Self::WebSocketFrameSent),
            "Page.frameAttached" => read(params, Self::FrameAttached),
            "Page.frameDetached" => read(params, Self::FrameDetached),
            "Page.frameNavigated" => read(params, Self::FrameNavigated),
            "Page.frameRequestedNavigation" => read(params, Self::NavigationRequested),
            "Page.frameStartedNavigating" => read(params, Self::NavigationStarted),
            "Page.navigatedWithinDocument" => read(params, Self::NavigatedWithinDocument),
            "Page.frameStartedLoading" => read(params, Self::LoadingStarted),
            "Page.frameStoppedLoading" => read(params, Self::LoadingStopped),
            "Page.javascriptDialogOpening" => read(params, Self::DialogOpening),
            "Page.fileChooserOpened" => Ok(Self::FileChooserOpened),
            "Target.attachedToTarget" => read(params, Self::Attached),
            "Target.detachedFromTarget" => read(params, Self::Detached),
            "Inspector.targetCrashed" => Ok(Self::Crashed),
            "Browser.downloadWillBegin" => read(params, Self::DownloadBegins),
            "Browser.downloadProgress" => read(params, Self::DownloadProgress),
            _ => return None,
        })
    }
}

fn read<'a, T: Deserialize<'a>, E>(
    params: &'a str,
    event: impl FnOnce(T) -> E,
) -> Result<E, serde_json::Error> {
    serde_json::from_str(params).map(event)
}

/// A frame as `Page.frameNavigated` tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameBody {
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
pub(crate) struct FrameNavigated {
    pub frame: FrameBody,
}

/// A page asks for another document in one of its frames.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigationRequested {
    pub frame_id: String,
    #[serde(default)]
    pub reason: String,
}

/// The browser begins to get another document, whoever wants it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigationStarted {
    pub frame_id: String,
    #[serde(default)]
    pub navigation_type: String,
    #[serde(default)]
    pub loader_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigatedWithinDocument {
    pub frame_id: String,
    #[serde(deserialize_with = "url")]
    pub url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameAttached {
    pub frame_id: String,
    pub parent_frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameDetached {
    pub frame_id: String,
    #[serde(default)]
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameOnly {
    pub frame_id: String,
}

#[derive(Deserialize)]
pub(crate) struct ContextCreated {
    pub context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
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
pub(crate) struct AuxData {
    #[serde(default)]
    pub frame_id: String,
    #[serde(default)]
    pub is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContextDestroyed {
    pub execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BindingCalled {
    pub name: String,
    /// It may hold what the client typed.
    #[serde(deserialize_with = "secret")]
    pub payload: Zeroizing<String>,
    pub execution_context_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attached {
    pub session_id: String,
    pub target_info: TargetInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetInfo {
    pub target_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub parent_frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detached {
    pub session_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DialogOpening {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestWillBeSent {
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
pub(crate) struct Request {
    #[serde(deserialize_with = "url")]
    pub url: String,
    pub method: String,
    #[serde(default)]
    pub has_post_data: bool,
    #[serde(default)]
    pub headers: RequestHeaders,
}

/// Of the headers of a request only whether one is there: what they say is passed over unread.
#[derive(Default)]
pub(crate) struct RequestHeaders {
    pub has_authorization: bool,
}

impl<'de> Deserialize<'de> for RequestHeaders {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let all = std::collections::BTreeMap::<String, IgnoredAny>::deserialize(from)?;
        let mut names = all.keys();
        Ok(Self {
            has_authorization: names.any(|name| name.eq_ignore_ascii_case("authorization")),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived {
    pub request_id: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    pub response: ResponseHead,
    pub frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseHead {
    #[serde(deserialize_with = "url")]
    pub url: String,
    pub status: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOver {
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
pub(crate) struct DownloadBegins {
    pub guid: String,
    #[serde(default, deserialize_with = "url")]
    pub url: String,
    #[serde(default)]
    pub suggested_filename: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadProgress {
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
pub(crate) struct ScreencastFrameEvent<'a> {
    /// The picture: a JPEG in base64.
    #[serde(borrow)]
    pub data: std::borrow::Cow<'a, str>,
    pub metadata: ScreencastMetadata,
    pub session_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreencastMetadata {
    pub device_width: f64,
    pub device_height: f64,
}

/// A request that waits for a decision. It must get one, whatever can be read of it.
pub(crate) enum PausedRequestEvent {
    Understood(RequestPaused),
    /// Only its id could be read, if that.
    NotUnderstood {
        request_id: Option<String>,
    },
}

impl PausedRequestEvent {
    fn read(params: &str) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct RequestIdOnly {
            request_id: String,
        }
        if let Ok(paused) = serde_json::from_str(params) {
            return Self::Understood(paused);
        }
        let only: Option<RequestIdOnly> = serde_json::from_str(params).ok();
        Self::NotUnderstood {
            request_id: only.map(|only| only.request_id),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPaused {
    pub request_id: String,
    pub request: PausedRequestBody,
    #[serde(default)]
    pub frame_id: String,
    #[serde(default)]
    pub resource_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PausedRequestBody {
    pub url: String,
    pub method: String,
    /// It may hold what the client typed.
    #[serde(default, deserialize_with = "optional_secret")]
    pub post_data: Option<Zeroizing<String>>,
    #[serde(default)]
    pub has_post_data: bool,
}

/// A request that was answered with a demand for user name and password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthRequired {
    pub request_id: String,
    pub request: AuthRequiredRequest,
    #[serde(default)]
    pub frame_id: String,
    #[serde(default)]
    pub resource_type: String,
    pub auth_challenge: AuthChallenge,
}

#[derive(Deserialize)]
pub(crate) struct AuthRequiredRequest {
    #[serde(deserialize_with = "url")]
    pub url: String,
}

#[derive(Deserialize)]
pub(crate) struct AuthChallenge {
    #[serde(default)]
    pub source: String,
    #[serde(deserialize_with = "url")]
    pub origin: String,
    pub scheme: String,
    #[serde(default)]
    pub realm: String,
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
