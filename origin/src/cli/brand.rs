//! Sets an organization's brand.

use std::path::Path;

use serde_json::{Value, json};
use shared::{brand::Brand, id::OrganizationId, member::AuditAction};

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    output::{Output, failed},
};
use crate::{
    brand_push::{Pushed, push_to_all, set_brand},
    serve,
};

/// The largest brand file in bytes: a logo of 64 KiB in base64, and the rest.
const MAX_FILE: u64 = 256 * 1024;

pub(super) async fn set(
    context: &CommandContext,
    out: &Output,
    organization: OrganizationId,
    file: &Path,
) -> Outcome {
    let organization = existing_organization(context, organization).await?;
    let brand = read(file)?;
    let (author, wanted) = (&context.author(organization.id), &brand);
    let setting = context.store.tx("cli.set_brand", |tx| {
        Box::pin(async move {
            let sources = (author.random, author.now);
            set_brand(tx, author.organization, wanted, sources).await?;
            let (did, name) = (AuditAction::BrandChanged, wanted.name.clone());
            author.did(tx, did, None, Some(name)).await
        })
    });
    setting.await.map_err(failed)?;
    let companies = context
        .store
        .read("cli.branded_companies", |tx| {
            Box::pin(tx.branded_companies(organization.id))
        })
        .await
        .map_err(failed)?;
    let push = serve::edge_push(&context.config, &context.clock, &context.random)
        .map_err(|error| error.to_string())?;
    let Pushed {
        companies: pushed,
        all,
    } = push_to_all(&push, &brand, &companies).await;
    out.say(
        &json!({ "organization": organization.id, "companies": all, "pushed": pushed }),
        || {
            let note = if pushed == all {
                ""
            } else {
                " (the edge did not answer for the rest: the origin goes on trying while it runs)"
            };
            format!(
                "Set the brand of {}; handed to the edge for {pushed} of {all} companies{note}.",
                organization.name
            )
        },
    )
}

fn read(file: &Path) -> Outcome<Brand> {
    let shown = file.display();
    let size = std::fs::metadata(file)
        .map_err(|error| format!("{shown} cannot be read: {error}."))?
        .len();
    if size > MAX_FILE {
        return Err(format!(
            "{shown} has {size} bytes: a brand has {MAX_FILE} at most."
        ));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{shown} cannot be read: {error}."))?;
    let brand: Brand =
        serde_json::from_str(&text).map_err(|error| format!("{shown} is no brand: {error}."))?;
    let mut lines: Vec<String> = unknown_names(&text, &brand)
        .iter()
        .map(|name| format!("- A brand has no {name:?}."))
        .collect();
    let problems = brand.problems_when_new();
    lines.extend(problems.iter().map(|problem| format!("- {problem}")));
    if lines.is_empty() {
        return Ok(brand);
    }
    Err(format!("{shown} cannot be used:\n{}", lines.join("\n")))
}

/// The names in the file that a brand does not have: each is a value that would be lost.
fn unknown_names(text: &str, brand: &Brand) -> Vec<String> {
    let written = serde_json::from_str(text);
    let known = serde_json::to_value(brand);
    let (Ok(Value::Object(written)), Ok(known)) = (written, known) else {
        return Vec::new();
    };
    let is_unknown = |name: &String| known.get(name).is_none();
    written
        .into_iter()
        .map(|(name, _)| name)
        .filter(is_unknown)
        .collect()
}
