//! Asks the origin what any of its nodes can answer.

use serde::Serialize;

use crate::{
    error::EdgeError,
    origin::{self, OriginRequest, OriginResponse},
    rate_limit::{self, Limit},
    request_context::RequestContext,
    runtime,
};

/// How long a visitor waits for a page, in milliseconds.
pub const TIMEOUT_MS: u32 = 15_000;
/// Nodes that are tried before the visitor is told to come back.
const TRIES: usize = 2;

/// What the answer holds, if it is a good one.
pub fn read<T: serde::de::DeserializeOwned>(answer: &OriginResponse) -> Result<T, EdgeError> {
    if answer.status != 200 {
        return Err(answer.unexpected());
    }
    answer.read()
}

/// Asks one node after the other, from a random one on, until one answers: 200 or 404.
pub async fn ask(
    ctx: &RequestContext<'_>,
    path: &'static str,
    body: &impl Serialize,
    timeout_ms: u32,
) -> Result<OriginResponse, EdgeError> {
    rate_limit::check(ctx, Limit::Flows).await?;
    let body = serde_json::to_string(body).map_err(|_| EdgeError::NotUnderstood)?;
    let client = ctx.request.client();
    let [byte] = runtime::random()?;
    let mut last = EdgeError::Origin("there is no node".into());
    for node in ctx.settings.origins.nodes_from(byte).take(TRIES) {
        let call = OriginRequest {
            node,
            path,
            body: body.clone(),
            flow: None,
            client: client.as_deref(),
            timeout_ms,
        };
        match origin::call(&ctx.settings, &call).await {
            Ok(answer) if matches!(answer.status, 200 | 404) => return Ok(answer),
            Ok(answer) => last = answer.unexpected(),
            Err(error) => last = error,
        }
    }
    Err(last)
}
