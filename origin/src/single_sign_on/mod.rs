//! Single sign-on: members sign in at a provider of their organization, by OpenID Connect (authorization code with PKCE).
//!
//! The provider is an address that a stranger named. Whatever is asked of it goes through the egress guard's rules, is
//! bounded in size and time, and follows no redirect; the crate `openidconnect` reads and verifies what comes back.

mod attempt;
mod http;
mod provider;

pub use attempt::Attempt;
pub use provider::{Identity, Provider, ProviderError, Registration};
