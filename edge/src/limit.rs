//! How much one address may ask of the origin: whatever asks is signed, by anybody's wish.

use crate::{At, error::EdgeError};

/// What is counted, a binding of `wrangler.toml` each.
#[derive(Clone, Copy)]
pub enum Limit {
    /// Flows begun.
    Starts,
    /// Requests about a flow.
    Flows,
}

/// Counts this request; [`EdgeError::TooMany`] once there are too many. Where nobody counts, nothing
/// is limited.
pub async fn count(at: &At<'_>, limit: Limit) -> Result<(), EdgeError> {
    let binding = match limit {
        Limit::Starts => "STARTS",
        Limit::Flows => "FLOWS",
    };
    let (Ok(limiter), Some(client)) = (at.env.rate_limiter(binding), at.visit.client()) else {
        return Ok(());
    };
    match limiter.limit(client).await {
        Ok(outcome) if !outcome.success => Err(EdgeError::TooMany),
        Ok(_) | Err(_) => Ok(()),
    }
}
