//! Ids, one type for each kind, so that one can never be passed for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id (expected a UUID)")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from 16 random bytes (RFC 9562 version 4).
            #[must_use]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }

            /// The id's 16 bytes as they stand; the inverse of [`Self::as_bytes`].
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The id's 16 bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the hyphenated form alone, so that one id has one spelling in URLs.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    )*};
}

ids! {
    /// An organization: it has keys, a brand and companies.
    OrganizationId;
    /// A company's private id: what the organization's API uses. Never in a link.
    CompanyId;
    /// A company's public id: the only id in a link's URL.
    PublicCompanyId;
    /// A place of a company that uses energy or water.
    SiteId;
    /// A link, company link or connection update link.
    LinkId;
    /// A flow's public name, for logs, events and support. Never opens anything.
    FlowRef;
    /// A connection to a utility account.
    ConnectionId;
    /// A utility account that a connection found.
    AccountId;
    /// A bill.
    BillId;
    /// One run that collects the bills of a connection.
    CollectionId;
    /// What answers for a connection when a sign-in is asked for a code.
    CodeChannelId;
    /// A code that a sign-in waits for.
    CodeRequestId;
    /// Something that the owner of a connection is told.
    NoticeId;
    /// A mail that is no notice.
    MailId;
    /// A mail address as one that an organization sends reminders to. It says nothing of the address.
    MailSubscriptionId;
    /// An address of an organization to which webhooks are sent.
    WebhookEndpointId;
    /// Something that an organization's endpoints are told. It is the `webhook-id` of each of its messages.
    WebhookEventId;
    /// The message of one event to one endpoint.
    WebhookDeliveryId;
    /// A job in the queue.
    JobId;
    /// A person of an organization, who signs in to the console.
    MemberId;
    /// Somebody who runs the platform.
    OperatorId;
    /// A line of the operators' log.
    OperatorEventId;
    /// A line of an organization's audit log.
    AuditEventId;
    /// An API key's public name; the key itself is kept as a hash.
    ApiKeyId;
    /// A filter of one of the console's lists, under a name.
    SavedViewId;
    /// A file of rows that is worked through.
    BatchId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        let id = LinkId::from_random([7; 16]);
        let text = id.to_string();
        assert_eq!(text.parse::<LinkId>(), Ok(id));
        assert_eq!(text.replace('-', "").parse::<LinkId>(), Err(InvalidId));
        assert_eq!(format!("{{{text}}}").parse::<LinkId>(), Err(InvalidId));
        assert_eq!("".parse::<LinkId>(), Err(InvalidId));
    }
}
