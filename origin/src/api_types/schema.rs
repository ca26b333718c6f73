//! The closed sets of values, for the OpenAPI document.

use shared::webhook;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

macro_rules! closed_sets {
    ($($(#[$doc:meta])* $name:ident = $set:path;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let values = <$set>::ALL.iter().map(|value| value.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values)).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

closed_sets! {
    /// What an API key may be used for.
    ApiKeyScope = shared::api_key::ApiKeyScope;
    /// Whether an API key is for trying things out.
    ApiKeyEnvironment = shared::api_key::ApiKeyEnvironment;
    /// What members may do at the console.
    MemberRole = shared::member::MemberRole;
    /// The kinds of links.
    LinkKind = shared::status::LinkKind;
    /// The states of a link.
    LinkStatus = shared::status::LinkStatus;
    /// What happened to a link.
    LinkEventKind = shared::status::LinkEventKind;
    /// The states of a connection.
    ConnectionStatus = shared::status::ConnectionStatus;
    /// The details that refine the state of a connection.
    StatusDetail = shared::status::StatusDetail;
    /// Why it is not proven that a sign-in can be repeated without the client.
    UnattendedReason = shared::status::UnattendedReason;
    /// The types of utilities that bills are for.
    UtilityType = shared::status::UtilityType;
    /// What webhooks tell.
    WebhookEventType = shared::webhook::WebhookEventType;
    /// How far a batch is.
    BatchStatus = shared::batch::BatchStatus;
    /// What became of a row of a batch.
    RowOutcome = shared::batch::RowOutcome;
    /// What a row of a batch did to companies and sites, or would do.
    RowEffect = shared::batch::RowEffect;
    /// How the message of one event to one endpoint stands.
    WebhookDeliveryState = shared::webhook::WebhookDeliveryState;
    /// Why nothing is sent to an endpoint.
    WebhookDisabledReason = shared::webhook::WebhookDisabledReason;
    /// Why no answer of an endpoint came.
    WebhookFault = shared::webhook::WebhookFault;
}

/// What an endpoint can choose to be told: a test is sent whatever it wants.
pub struct WebhookEventChoice;

impl PartialSchema for WebhookEventChoice {
    fn schema() -> RefOr<Schema> {
        let values = webhook::WebhookEventType::choices().map(|one| one.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(values))
            .into()
    }
}

impl ToSchema for WebhookEventChoice {}

/// The bytes of a PDF file.
pub struct Pdf;

impl PartialSchema for Pdf {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type("application/pdf")
            .into()
    }
}

impl ToSchema for Pdf {}
