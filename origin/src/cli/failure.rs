//! `origin failure`: what a connection's sign-in saw when it failed last.

use std::{fs, path::Path};

use serde_json::json;
use shared::{
    id::{CompanyId, ConnectionId},
    status::{ConnectionStatus, StatusDetail},
};

use super::{
    context::{CommandContext, Outcome},
    files::{private, written},
    output::{Output, failed},
};
use crate::{
    api_types::rfc3339,
    collection::kept_failure,
    store::{StoreError, collections::Collection},
    vault::Vault,
};

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
    let Some(kept) = read.await.map_err(failed)? else {
        let read = context.store.read("cli.failure", |tx| {
            Box::pin(async move {
                let connection = tx.connection_of_company(of.0, of.1).await?;
                Ok::<_, StoreError>((connection, tx.last_collection(of.0, of.1).await?))
            })
        });
        let (connection, last) = read.await.map_err(failed)?;
        let connection = connection.ok_or("The company has no such connection.")?;
        let status = (connection.status, connection.status_detail);
        return Err(known_instead(status, last.as_ref()));
    };
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

/// What is known of a connection of which no failed sign-in was kept: a collection may fail after its sign-in, too.
fn known_instead(
    (status, detail): (ConnectionStatus, Option<StatusDetail>),
    last: Option<&Collection>,
) -> String {
    let detail = detail.map_or(String::new(), |detail| format!(" {}", detail.as_str()));
    let status = status.as_str();
    let last = match last {
        None => "It was not collected yet.".to_owned(),
        Some(last) => format!(
            "Its last collection, of {}, {} and found {} of the {} bills that it saw announced; {} requests were held back \
             because they might have changed the account.",
            rfc3339(last.started_at),
            if last.signed_in_at.is_some() {
                "signed in"
            } else {
                "did not sign in"
            },
            last.bills_found,
            last.bills_expected,
            last.held_requests,
        ),
    };
    format!(
        "No sign-in of this connection has failed without an answer. Its status is {status}{detail}. {last}"
    )
}

#[cfg(test)]
mod tests {
    use shared::{id::CollectionId, time::UnixMillis};

    use super::*;

    #[test]
    fn what_is_known_without_a_failed_sign_in_is_said() {
        let status = (
            ConnectionStatus::UnderInvestigation,
            Some(StatusDetail::SiteChanged),
        );
        let collection = Collection {
            id: CollectionId::from_bytes([1; 16]),
            connection: ConnectionId::from_bytes([2; 16]),
            started_at: UnixMillis(1_795_000_000_000),
            finished_at: Some(UnixMillis(1_795_000_050_000)),
            signed_in_at: Some(UnixMillis(1_795_000_010_000)),
            status: Some(status.0),
            status_detail: status.1,
            bills_found: 0,
            bills_new: 0,
            bills_expected: 8,
            held_requests: 2,
            other_accounts: None,
        };
        let said = known_instead(status, Some(&collection));
        for part in [
            "Its status is UNDER_INVESTIGATION SITE_CHANGED.",
            "of 2026-11-18T",
            "signed in and found 0 of the 8 bills",
            "2 requests were held back",
        ] {
            assert!(said.contains(part), "{said}");
        }
        let said = known_instead((ConnectionStatus::Pending, None), None);
        assert!(said.ends_with("Its status is PENDING. It was not collected yet."));
    }
}
