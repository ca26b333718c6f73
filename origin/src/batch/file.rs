//! A file that was sent: its rows, and the batch that they become.

use std::collections::BTreeMap;

use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, RowOutcome},
    id::{BatchId, JobId, OrganizationId},
    time::UnixMillis,
};

use super::{
    WorkBatch, WorkBatchPayload, columns, decode,
    row::{EXTRA, TOO_LONG},
    table,
};
use crate::{
    clock::{Random, bytes},
    fields::FieldError,
    jobs::new_job,
    store::{StoreError, Tx, batch_rows::BatchRow, batches::Batch, jobs::NewJob},
};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most rows of a file.
pub const MAX_ROWS: usize = 10_000;
/// The longest cell, in characters: five hundred ids of sites have room in it.
const MAX_CELL: usize = 20_000;
/// The longest name of a file that is kept, in characters.
const MAX_FILE_NAME: usize = 200;

/// What stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsOfFile {
    /// What the file calls the columns that are known, by our names.
    pub columns: BTreeMap<String, String>,
    /// Its rows, which wait.
    pub rows: Vec<BatchRow>,
}

/// Reads a file of rows.
///
/// # Errors
/// What is wrong with the file as a whole, by the names of columns or as `file`. What is wrong with a row is found when
/// that is worked.
pub fn read(kind: BatchKind, bytes: &[u8]) -> Result<RowsOfFile, Vec<FieldError>> {
    let wrong = |detail: String| {
        vec![FieldError {
            field: "file".into(),
            detail,
        }]
    };
    if bytes.len() > MAX_BYTES {
        return Err(wrong(format!("may have {MAX_BYTES} bytes at most")));
    }
    let text = decode::text_of(bytes).map_err(|error| wrong(error.to_string()))?;
    let table = table::read(&text).map_err(|error| wrong(error.to_string()))?;
    let is_used = |place: usize| {
        let mut rows = table.rows.iter();
        rows.any(|row| row.cells.get(place).is_some_and(|cell| !cell.is_empty()))
    };
    let (places, columns) = columns::matched(kind, &table.header, is_used)?;
    let rows = (1..).zip(table.rows).map(|(seq, line)| BatchRow {
        seq,
        line: line.number,
        cells: cells(&places, line.cells),
        outcome: RowOutcome::Waiting,
        problems: Vec::new(),
        effects: Vec::new(),
        company: None,
        link: None,
    });
    Ok(RowsOfFile {
        columns,
        rows: rows.collect(),
    })
}

/// The cells by the names of their columns, without those that are empty.
fn cells(places: &[Option<&'static str>], cells: Vec<String>) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for (place, cell) in cells.into_iter().enumerate() {
        if cell.is_empty() {
            continue;
        }
        let name = match places.get(place) {
            Some(Some(name)) => *name,
            // A column without a name has no cell that says something.
            Some(None) | None => EXTRA,
        };
        if name == EXTRA {
            named.insert(EXTRA.to_owned(), String::new());
        } else if cell.chars().nth(MAX_CELL).is_some() {
            named.insert(TOO_LONG.to_owned(), name.to_owned());
        } else {
            named.insert(name.to_owned(), cell);
        }
    }
    named
}

/// How a file is to be worked through.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch<'a> {
    /// The organization that sent it.
    pub organization: OrganizationId,
    /// The environment of the companies that its rows name.
    pub environment: ApiKeyEnvironment,
    /// What its rows are.
    pub kind: BatchKind,
    /// The name of the file.
    pub file_name: Option<&'a str>,
    /// Whether it is only told what would become of each row.
    pub is_dry_run: bool,
    /// Whether companies and sites are added that are not there.
    pub creates_missing: bool,
}

impl NewBatch<'_> {
    /// The row of such a batch, which waits.
    #[must_use]
    pub fn row(self, random: &dyn Random, now: UnixMillis, file: &RowsOfFile) -> Batch {
        let file_name = self.file_name.map(|name| {
            let plain = name.chars().filter(|c| !c.is_control());
            plain.take(MAX_FILE_NAME).collect::<String>()
        });
        Batch {
            id: BatchId::from_random(bytes(random)),
            organization: self.organization,
            environment: self.environment,
            kind: self.kind,
            file_name: file_name.filter(|name| !name.is_empty()),
            columns: file.columns.clone(),
            is_dry_run: self.is_dry_run,
            creates_missing: self.creates_missing,
            total: i64::try_from(file.rows.len()).unwrap_or(i64::MAX),
            good: 0,
            failed: 0,
            created_at: now,
            started_at: None,
            finished_at: None,
            followed_by: None,
        }
    }
}

/// Batches of an organization that may wait or be worked at the same time.
const MAX_UNFINISHED: i64 = 20;

/// Writes a batch with its rows, and queues its work. False when too many of the organization are not done yet: nothing is
/// written then.
///
/// # Errors
/// When the database fails.
pub async fn add(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    batch: &Batch,
    rows: &[BatchRow],
) -> Result<bool, StoreError> {
    // Of two that come at the same time, one waits for the other.
    tx.lock_organization(batch.organization).await?;
    if tx.unfinished_batches(batch.organization).await? >= MAX_UNFINISHED {
        return Ok(false);
    }
    tx.add_batch(batch).await?;
    tx.add_batch_rows(batch.id, rows).await?;
    tx.enqueue(&job(random, batch)?).await?;
    Ok(true)
}

/// The batch that does what a dry run checked.
#[must_use]
pub fn followed(dry_run: &Batch, random: &dyn Random, now: UnixMillis) -> Batch {
    Batch {
        id: BatchId::from_random(bytes(random)),
        is_dry_run: false,
        good: 0,
        failed: 0,
        created_at: now,
        started_at: None,
        finished_at: None,
        followed_by: None,
        ..dry_run.clone()
    }
}

/// Writes the batch [`followed`] with the rows of the dry run, and queues its work. The batch that does it: it is another
/// one where that was asked for before.
///
/// # Errors
/// When the database fails.
pub async fn follow(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    dry_run: &Batch,
    new: &Batch,
) -> Result<BatchId, StoreError> {
    if !tx
        .follow_batch(dry_run.organization, dry_run.id, new.id)
        .await?
    {
        let known = tx.batch(dry_run.organization, dry_run.id).await?;
        return Ok(known.and_then(|it| it.followed_by).unwrap_or(new.id));
    }
    tx.add_batch(new).await?;
    tx.copy_batch_rows(dry_run.id, new.id).await?;
    tx.enqueue(&job(random, new)?).await?;
    Ok(new.id)
}

/// The job that works the rows. Those of one organization are worked one after the other: a company that two files name
/// is added once.
fn job(random: &dyn Random, batch: &Batch) -> Result<NewJob, StoreError> {
    let payload = WorkBatchPayload {
        organization: batch.organization,
        batch: batch.id,
    };
    let now = batch.created_at;
    let job = new_job::<WorkBatch>(JobId::from_random(bytes(random)), &payload, now, now)?;
    Ok(NewJob {
        exclusion_key: Some(format!("batches:{}", batch.organization)),
        ..job
    })
}
