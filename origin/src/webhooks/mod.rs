//! Webhooks: what endpoints of organizations are told, signed as Standard Webhooks asks for.
//!
//! Whoever changes something tells it in the same transaction ([`Outbox`]); a job of each endpoint delivers
//! ([`DeliverWebhooks`]).

mod address;
mod connection_events;
mod deliver;
mod endpoints;
mod message;
mod outbox;
mod secret;
mod sender;
mod signature;
#[cfg(test)]
mod tests;
mod watch;

pub use address::{EndpointAddresses, InvalidEndpointUrl};
pub use connection_events::RunEvents;
pub use deliver::{DeliverWebhooks, DeliverWebhooksPayload, TIME_LIMIT};
pub use endpoints::{
    EndpointChange, EndpointRefused, NewEndpoint, add_endpoint, change_endpoint, endpoint,
    new_endpoint, remove_endpoint, rotate_secret, send_again, send_test,
};
pub use outbox::Outbox;
pub use secret::{WebhookSecret, seal_secret};
pub use sender::guarded_client;
pub use watch::{Watched, watch};
