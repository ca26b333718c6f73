//! A file of links at the command line: read, worked to its end, and its results written down.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::{Args, Subcommand};
use serde_json::json;
use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, BatchStatus},
    id::{BatchId, OrganizationId},
    member::AuditAction,
};
use tokio::sync::watch;

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    files::{given_up, private, written},
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
    /// Write the rows of a batch with their outcomes and URLs, such as after `run` was stopped
    Results {
        /// Id of the batch
        #[arg(value_name = "ID")]
        id: BatchId,
        #[command(flatten)]
        of: Of,
        /// CSV file to write; one that is there is left alone
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
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
    match what {
        BatchCommand::Run(what) => make(context, out, what).await,
        BatchCommand::Results { id, of, out: file } => {
            let batch = existing(context, of.organization, id).await?;
            let results = private(&file)?;
            write_results(context, &batch, (results, &file)).await?;
            tell(out, &batch, &file)
        }
    }
}

async fn make(context: &CommandContext, out: &Output, what: Run) -> Outcome {
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
    let is_added = adding.await.map_err(failed);
    if !matches!(is_added, Ok(true)) {
        given_up(&what.out);
    }
    if !is_added? {
        return Err(
            "Twenty batches are not done yet, which is the most: wait until one is.".into(),
        );
    }
    eprintln!("Batch {}", added.id);
    let done = worked(context, added).await?;
    write_results(context, &done, (results, &what.out)).await?;
    tell(out, &done, &what.out)
}

async fn write_results(
    context: &CommandContext,
    batch: &Batch,
    (file, path): (File, &Path),
) -> Outcome {
    let sources = context.link_sources();
    let csv = batch::csv(&context.store, (sources.keys, sources.base), batch).await;
    written(file, path, &csv.map_err(|error| error.to_string())?)
}

fn tell(out: &Output, batch: &Batch, file: &Path) -> Outcome {
    let told = json!({
        "id": batch.id, "dryRun": batch.is_dry_run, "total": batch.total, "made": batch.good,
        "failed": batch.failed, "out": file,
    });
    out.say(&told, || {
        let doing = if batch.is_dry_run { "Good" } else { "Made" };
        let waiting = match batch.total - batch.done() {
            0 => String::new(),
            rows => format!(", not done yet: {rows}"),
        };
        let (good, failed, file) = (batch.good, batch.failed, file.display());
        format!("{doing}: {good}, with problems: {failed}{waiting}. Each row stands in {file}.")
    })
}

async fn existing(
    context: &CommandContext,
    organization: OrganizationId,
    id: BatchId,
) -> Outcome<Batch> {
    let reading = context
        .store
        .read("cli.batch", |tx| Box::pin(tx.batch(organization, id)));
    let batch: Result<_, StoreError> = reading.await;
    let batch = batch.map_err(failed)?;
    batch.ok_or_else(|| format!("The organization has no batch {id}."))
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
        let batch = existing(context, added.organization, added.id).await?;
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
