//! The closed sets of webhooks, spelled as the API spells them.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What an organization's endpoint is told.
    WebhookEventType {
        /// Somebody began with the link.
        LinkOpened = "link.opened",
        /// Whoever began with the link left before the end.
        LinkAbandoned = "link.abandoned",
        /// The link has made its connection, or its connection works again.
        LinkFulfilled = "link.fulfilled",
        /// The organization took the link back.
        LinkRevoked = "link.revoked",
        /// A client connected an account.
        ConnectionCreated = "connection.created",
        /// Something of the connection changed that is more than a time.
        ConnectionUpdated = "connection.updated",
        /// The sign-in was repeated without the client, which it was not known to allow.
        ConnectionValidated = "connection.validated",
        /// Only the client can heal the connection: the event carries a link for that.
        ConnectionCustomerActionRequired = "connection.customer_action_required",
        /// The connection works again after it needed its client.
        ConnectionRepaired = "connection.repaired",
        /// A sign-in waits for a one-time code: the event carries the page on which it can be given.
        ConnectionCodeNeeded = "connection.code_needed",
        /// A bill was stored.
        BillCreated = "bill.created",
        /// What is known of a stored bill changed.
        BillUpdated = "bill.updated",
        /// A collection ended, well or not.
        CollectionFinished = "collection.finished",
        /// The organization tries its endpoint.
        WebhookTest = "webhook.test",
    }
}

impl WebhookEventType {
    /// What an endpoint can choose: a test is sent whatever it wants.
    pub fn choices() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|one| *one != Self::WebhookTest)
    }
}

closed_set! {
    /// How the message of one event to one endpoint stands.
    WebhookDeliveryState {
        /// It is to be sent, for the first time or again.
        Pending = "PENDING",
        /// The endpoint took it.
        Delivered = "DELIVERED",
        /// The endpoint never took it, and it is not sent again.
        Failed = "FAILED",
        /// It was no longer true before it was sent.
        Dropped = "DROPPED",
    }
}

closed_set! {
    /// Why nothing is sent to an endpoint.
    WebhookDisabledReason {
        /// The organization switched it off.
        SwitchedOff = "SWITCHED_OFF",
        /// The endpoint answered that it is gone (410).
        Gone = "GONE",
        /// The endpoint took nothing for days.
        Failing = "FAILING",
    }
}

closed_set! {
    /// Why no answer of an endpoint came.
    WebhookFault {
        /// It took longer than 15 seconds.
        Timeout = "TIMEOUT",
        /// The host name does not resolve.
        Dns = "DNS",
        /// The host resolves to an address, or names a port, that must not be reached.
        BlockedAddress = "BLOCKED_ADDRESS",
        /// No connection came about, or no encryption that can be trusted.
        Unreachable = "UNREACHABLE",
        /// The connection ended before the answer.
        BrokenOff = "BROKEN_OFF",
    }
}
