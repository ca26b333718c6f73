//! A file of links at the command line: read, worked to its end, and its results written down.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{Args, Subcommand};
use serde_json::json;
use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, BatchStatus},
    member::AuditAction,
};
use tokio::sync::watch;

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    files::{private, written},
    options::Of,
    output::{Output, failed},
};
use crate::{
    batch::{self, NewBatch, WorkBatch},
    fields::FieldError,
    jobs::{Registry, Settings, WaitingRuns, Worker},
    store::{StoreError, batches::Batch},
};

/// How often it is asked how far the batch is.
const POLL: Duration = Duration::from_millis(200);

#[derive(Subcommand)]
pub(super) enum BatchCommand {
    /// Make many links from one file, and write each with its URL into another file
    Run(Run),
}

/// The options of `origin batch run`.
#[derive(Args)]
pub(super) struct Run {
    /// CSV file of the rows, as for POST /v2.2/link/batch
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    of: Of,
    /// Only tell what would become of each row
    #[arg(long)]
    dry_run: bool,
    /// Add companies and sites that rows name and that are not there
    #[arg(long)]
    create: bool,
    /// The rows name companies for trying things out
    #[arg(long)]
    sandbox: bool,
    /// CSV file to write the rows with their outcomes and URLs into; a file that is there is left alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(context: &CommandContext, out: &Output, what: BatchCommand) -> Outcome {
    let BatchCommand::Run(what) = what;
    let organization = existing_organization(context, what.of.organization).await?;
    let shown = what.file.display();
    let bytes = std::fs::read(&what.file)
        .map_err(|error| format!("The file {shown} cannot be read: {error}."))?;
    let rows = batch::read(BatchKind::Links, &bytes).map_err(|wrong| {
        let line = |error: &FieldError| format!("- {} {}", error.field, error.detail);
        let lines: Vec<_> = wrong.iter().map(line).collect();
        format!("The file {shown} cannot be used:\n{}", lines.join("\n"))
    })?;
    // Before anything is made: links that nobody can read were made for nothing.
    let results = private(&what.out)?;
    let name = what.file.file_name().map(|name| name.to_string_lossy());
    let new = NewBatch {
        organization: organization.id,
        environment: match what.sandbox {
            true => ApiKeyEnvironment::Sandbox,
            false => ApiKeyEnvironment::Production,
        },
        kind: BatchKind::Links,
        file_name: name.as_deref(),
        is_dry_run: what.dry_run,
        creates_missing: what.create,
    };
    let author = &context.author(organization.id);
    let added = &new.row(author.random, author.now, &rows);
    let rows = &rows.rows;
    let adding = context.store.tx("cli.add_batch", |tx| {
        Box::pin(async move {
            if !batch::add(tx, author.random, added, rows).await? {
                return Ok(false);
            }
            if !added.is_dry_run {
                let (id, told) = (added.id.to_string(), format!("{} rows", added.total));
                let did = AuditAction::LinkBatchMade;
                author.did(tx, did, Some(id), Some(told)).await?;
            }
            Ok::<_, StoreError>(true)
        })
    });
    if !adding.await.map_err(failed)? {
        return Err(
            "Twenty batches are not done yet, which is the most: wait until one is.".into(),
        );
    }
    let done = worked(context, added).await?;
    let sources = context.link_sources();
    let csv = batch::csv(&context.store, (sources.keys, sources.base), &done)
        .await
        .map_err(|error| error.to_string())?;
    written(results, &what.out, &csv)?;
    let told = json!({
        "id": done.id, "dryRun": done.is_dry_run, "total": done.total, "made": done.good,
        "failed": done.failed, "out": what.out,
    });
    out.say(&told, || {
        let doing = if done.is_dry_run { "Good" } else { "Made" };
        let (good, failed, file) = (done.good, done.failed, what.out.display());
        format!("{doing}: {good}, with problems: {failed}. Each row stands in {file}.")
    })
}

/// Works the batch to its end in this process, unless a node that serves takes it first: whoever claims the job does it.
/// What is stopped goes on when a node serves.
async fn worked(context: &CommandContext, added: &Batch) -> Outcome<Batch> {
    let work = WorkBatch {
        store: context.store.clone(),
        token_keys: Arc::clone(&context.token_keys),
        links_base: context.config.edge.public_url.clone(),
        sandbox: context.config.sandbox.clone(),
        clock: Arc::clone(&context.clock),
        random: Arc::clone(&context.random),
    };
    let registry = Registry::new(Arc::clone(&context.clock), Arc::clone(&context.random));
    let worker = Worker {
        store: context.store.clone(),
        clock: Arc::clone(&context.clock),
        registry: Arc::new(registry.with(work)),
        settings: Settings::new(1, format!("cli-{}", added.id)),
        waiting: WaitingRuns::default(),
    };
    let stop = watch::Sender::new(false);
    let worker = tokio::spawn(worker.run(stop.subscribe()));
    let mut told = -1;
    let done = loop {
        let (organization, id) = (added.organization, added.id);
        let reading = context
            .store
            .read("cli.batch", |tx| Box::pin(tx.batch(organization, id)));
        let reading: Result<_, StoreError> = reading.await;
        let batch = reading.map_err(failed)?;
        let batch = batch.ok_or("The batch was removed meanwhile.")?;
        if batch.done() != told {
            told = batch.done();
            eprintln!("{told} of {} rows", batch.total);
        }
        if batch.status() == BatchStatus::Done {
            break batch;
        }
        tokio::time::sleep(POLL).await;
    };
    stop.send_replace(true);
    worker.await.map_err(|error| error.to_string())?;
    Ok(done)
}
