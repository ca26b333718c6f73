//! A bill.

use bill_reader::bill::BillContent;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::bills::Bill;

/// A bill. Amounts are decimals in `chargesUnits`; what the bill does not say is null.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Bill)]
pub struct BillJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(value_type = uuid::Uuid)]
    connection_id: String,
    #[schema(value_type = uuid::Uuid)]
    account_id: String,
    #[serde(flatten)]
    content: BillContent,
    file_name: String,
    #[schema(example = "INVOICE")]
    source_type: &'static str,
}

/// A stored bill.
#[must_use]
pub fn render_bill(bill: Bill) -> BillJson {
    BillJson {
        id: bill.id.to_string(),
        connection_id: bill.connection.to_string(),
        account_id: bill.account.to_string(),
        content: bill.content,
        file_name: bill.file_name,
        source_type: "INVOICE",
    }
}
