//! What is asked of a provider.

use std::{pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use shared::webhook::WebhookFault;
use url::Url;

use crate::webhooks::{EndpointAddresses, guarded_client};

/// All of one request may take so long.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes. Lists of keys are the longest: some tens of kilobytes.
const ANSWER_MAX: usize = 256 * 1024;

/// Why nothing came back that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum HttpFault {
    /// The address is none that may be reached.
    #[error("the address must not be reached")]
    Blocked,
    /// Nothing answered, or not in time.
    #[error("no answer")]
    Unreachable,
    /// The answer is longer than what is read.
    #[error("the answer is too long")]
    TooLong,
}

/// Sends requests as the egress guard's rules allow.
pub(super) struct GuardedHttp<'a>(pub(super) &'a EndpointAddresses);

impl GuardedHttp<'_> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFault> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpFault::Blocked)?;
        let opening = guarded_client(self.0, &url, TIME_LIMIT, "SingleSignOn/1.0");
        let client = opening.await.map_err(|fault| match fault {
            WebhookFault::BlockedAddress => HttpFault::Blocked,
            _ => HttpFault::Unreachable,
        })?;
        let broken = |_: reqwest::Error| HttpFault::Unreachable;
        let request = reqwest::Request::try_from(request).map_err(broken)?;
        let mut response = client.execute(request).await.map_err(broken)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Err(HttpFault::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        std::mem::swap(answer.headers_mut(), response.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for GuardedHttp<'_> {
    type Error = HttpFault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
