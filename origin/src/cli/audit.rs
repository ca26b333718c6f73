//! An organization's audit log at the command line.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    options::{Of, table},
    output::{Output, failed},
};
use crate::{
    api_types::rfc3339,
    store::{
        StoreError,
        audit_events::{AuditActor, AuditCursor, AuditEvent},
    },
};

/// Lines that are read at a time.
const AT_ONCE: i64 = 200;

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// List who changed what, newest first
    List(List),
}

/// The options of `origin audit list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    of: Of,
    /// How many lines are listed at most
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    limit: usize,
}

pub(super) async fn run(context: &CommandContext, out: &Output, what: AuditCommand) -> Outcome {
    let AuditCommand::List(what) = what;
    let organization = existing_organization(context, what.of.organization).await?;
    let (mut all, mut after) = (Vec::new(), None);
    while all.len() < what.limit {
        let reading = context.store.read("cli.audit_events", |tx| {
            Box::pin(tx.audit_events(organization.id, None, after, AT_ONCE))
        });
        let rows: Result<Vec<(AuditEvent, String)>, StoreError> = reading.await;
        let rows = rows.map_err(failed)?;
        let Some((last, _)) = rows.last() else {
            break;
        };
        after = Some(AuditCursor {
            at: last.at,
            id: last.id,
        });
        all.extend(rows);
    }
    all.truncate(what.limit);
    let shown: Vec<Value> = all.iter().map(json_of).collect();
    out.say(&json!({ "events": shown }), || {
        let rows = all.iter().map(|(event, name)| {
            let told = event.detail.as_ref().or(event.subject.as_ref());
            vec![
                rfc3339(event.at),
                event.action.to_string(),
                name.clone(),
                told.cloned().unwrap_or_default(),
            ]
        });
        table(rows.collect(), "Nothing was changed yet.")
    })
}

fn json_of((event, name): &(AuditEvent, String)) -> Value {
    let (kind, id) = match event.actor {
        AuditActor::Member(id) => ("MEMBER", Some(id.to_string())),
        AuditActor::Key(id) => ("KEY", Some(id.to_string())),
        AuditActor::CommandLine => ("COMMAND_LINE", None),
    };
    json!({
        "id": event.id,
        "at": rfc3339(event.at),
        "action": event.action,
        "actor": { "type": kind, "id": id, "name": name },
        "subject": event.subject,
        "detail": event.detail,
    })
}
