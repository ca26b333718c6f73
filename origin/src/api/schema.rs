//! The closed sets of values, for the OpenAPI document.

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
        pub(super) struct $name;

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
    /// What a link does.
    LinkKind = shared::status::LinkKind;
    /// Where a link stands.
    LinkStatus = shared::status::LinkStatus;
    /// What happened to a link.
    LinkEventKind = shared::status::LinkEventKind;
    /// Where a connection stands.
    ConnectionStatus = shared::status::ConnectionStatus;
    /// What refines that.
    StatusDetail = shared::status::StatusDetail;
    /// What a bill is for.
    UtilityType = shared::status::UtilityType;
}

/// A PDF's bytes.
pub(super) struct Pdf;

impl PartialSchema for Pdf {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type("application/pdf")
            .into()
    }
}

impl ToSchema for Pdf {}
