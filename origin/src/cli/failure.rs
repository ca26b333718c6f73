//! `origin failure`: what a connection's sign-in saw when it failed last.

use std::{fs, path::Path};

use serde_json::json;
use shared::id::{CompanyId, ConnectionId};

use super::{
    context::{CommandContext, Outcome},
    files::{private, written},
    output::{Output, failed},
};
use crate::{collection::kept_failure, vault::Vault};

/// Writes the newest failure into a folder: `failure.json`, `page.txt` and, if there is one, `page.jpg`.
pub(super) async fn write(
    context: &CommandContext,
    out: &Output,
    of: (CompanyId, ConnectionId),
    folder: &Path,
) -> Outcome {
    let vault = &Vault::new(&context.config.vault_keys);
    let read = context
        .store
        .read("cli.failure", |tx| Box::pin(kept_failure(tx, vault, of)));
    let kept = read.await.map_err(failed)?;
    let kept =
        kept.ok_or("No sign-in of this company's connection has failed without an answer.")?;
    let failure = kept
        .seen
        .ok_or("The failure does not open: is its vault key configured?")?;
    let shown = json!({
        "failedAt": kept.failed_at.0,
        "reason": failure.reason,
        "verdict": failure.verdict,
        "step": failure.step,
        "searched": failure.searched,
        "passwordTyped": failure.password_typed,
        "address": failure.address,
    });
    let text = serde_json::to_string_pretty(&shown)
        .map_err(|error| format!("No JSON for the failure: {error}"))?;
    fs::create_dir_all(folder)
        .map_err(|error| format!("The folder {} cannot be made: {error}", folder.display()))?;
    let mut files = vec![
        ("failure.json", text.into_bytes()),
        ("page.txt", failure.outline.clone().into_bytes()),
    ];
    files.extend(failure.picture().map(|picture| ("page.jpg", picture)));
    for (name, content) in &files {
        let path = folder.join(name);
        written(private(&path)?, &path, content)?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    out.say(&json!({ "failure": shown, "files": names }), || {
        format!("Wrote {} to {}.", names.join(", "), folder.display())
    })
}
