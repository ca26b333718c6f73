//! What the API says of a connection, a bill, a link or an endpoint, as JSON: webhooks and commands say it in the same shapes.
//!
//! Pure: rows of the store in, values that serialize out. Names, order and meaning of the fields are the API's.

mod bill;
mod connection;
mod link;
pub mod schema;
mod webhook;

pub use bill::{BillJson, render_bill};
pub use connection::{
    AccountJson, CollectionJson, CompanyRef, ConnectionJson, Datasource, WorksUnattendedJson,
    render_account, render_collection, render_connection,
};
pub use link::{
    CreatedConnection, EventJson, LinkAddress, LinkJson, LinkWithEvents, Prefill, render_event,
    render_link,
};
pub use webhook::{
    DeliveryJson, RequestJson, ResponseJson, WebhookJson, render_delivery, render_webhook,
};

use shared::time::UnixMillis;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// RFC 3339 in UTC, with milliseconds where there are any.
#[must_use]
pub fn rfc3339(at: UnixMillis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(rfc3339(UnixMillis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            rfc3339(UnixMillis(1_760_000_000_123)),
            "2025-10-09T08:53:20.123Z"
        );
    }
}
