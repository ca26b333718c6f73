//! Rate limits per client address: each request of a visitor makes the edge sign and send one to the origin.

use crate::{error::EdgeError, request_context::RequestContext};

/// What is counted. Each has a rate limiter binding in `wrangler.toml`.
#[derive(Clone, Copy)]
pub enum Limit {
    /// Counts the flows that one address starts.
    Starts,
    /// Counts the requests about flows that one address makes.
    Flows,
}

/// Counts this request, and answers [`EdgeError::TooMany`] once there are too many. Without a binding
/// nothing is limited.
pub async fn check(ctx: &RequestContext<'_>, limit: Limit) -> Result<(), EdgeError> {
    let binding = match limit {
        Limit::Starts => "STARTS",
        Limit::Flows => "FLOWS",
    };
    let (Ok(limiter), Some(client)) = (ctx.env.rate_limiter(binding), ctx.request.client()) else {
        return Ok(());
    };
    match limiter.limit(client).await {
        Ok(outcome) if !outcome.success => Err(EdgeError::TooMany),
        Ok(_) | Err(_) => Ok(()),
    }
}
