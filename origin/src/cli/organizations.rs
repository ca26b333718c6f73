//! The list of organizations.

use serde_json::json;

use super::{
    context::{CommandContext, Outcome},
    options::table,
    output::{Output, failed},
};
use crate::{api_types::rfc3339, store::organizations::Organization};

pub(super) async fn list(context: &CommandContext, out: &Output) -> Outcome {
    let reading = context
        .store
        .read("cli.organizations", |tx| Box::pin(tx.organizations()));
    let organizations = reading.await.map_err(failed)?;
    let row = |organization: &Organization| {
        json!({
            "id": organization.id,
            "name": organization.name,
            "created": rfc3339(organization.created_at),
        })
    };
    let shown: Vec<_> = organizations.iter().map(row).collect();
    out.say(&json!({ "organizations": shown }), || {
        let rows = organizations
            .iter()
            .map(|organization| vec![organization.id.to_string(), organization.name.clone()]);
        let none = "There are no organizations. Add one with: origin organization add";
        table(rows.collect(), none)
    })
}
