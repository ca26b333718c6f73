//! What became of the rows, as a file: a line for each row.

use std::collections::HashMap;

use shared::{batch::BatchKind, id::LinkId, token::KeyRing};
use url::Url;

use super::row::cell;
use crate::{
    new_link::link_url,
    spreadsheet::{BYTE_ORDER_MARK, plain, writer, written},
    store::{
        Store, StoreError, Tx,
        batch_rows::{BatchRow, RowProblem},
        batches::Batch,
        links::LinkForFlow,
    },
};

/// Rows that are read at a time.
const AT_ONCE: i64 = 500;
/// The columns of all results.
const COLUMNS: [&str; 5] = ["line", "outcome", "column", "reason", "effects"];

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The database failed while rows were read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A line cannot be written.
    #[error("results: {0}")]
    Csv(#[from] csv::Error),
}

/// The URLs of the links that these rows of a batch of the organization's made, made again from the links' rows.
///
/// # Errors
/// When the database fails.
pub async fn urls(
    tx: &mut Tx<'_>,
    (keys, base): (&KeyRing, &Url),
    batch: &Batch,
    rows: &[BatchRow],
) -> Result<HashMap<LinkId, String>, StoreError> {
    let of = (batch.organization, batch.id);
    let links = tx.links_of_batch_rows(of, rows).await?;
    let url = |found: &LinkForFlow| link_url(keys, base, found.company.public_id, &found.link).ok();
    let made = links
        .iter()
        .filter_map(|found| Some((found.link.id, url(found)?)));
    Ok(made.collect())
}

/// All rows of a batch with what became of each.
///
/// # Errors
/// [`ResultsError`].
pub async fn csv(
    store: &Store,
    sources: (&KeyRing, &Url),
    batch: &Batch,
) -> Result<Vec<u8>, ResultsError> {
    let own: &[&str] = match batch.kind {
        BatchKind::Links => &["company", "connectionOwnerEmail", "externalId"],
        BatchKind::Companies => &["name", "externalId", "siteName"],
    };
    let mut writer = writer(BYTE_ORDER_MARK.to_vec());
    let ids: &[&str] = match batch.kind {
        BatchKind::Links => &["companyId", "linkId", "magicLinkUrl", "companyName"],
        BatchKind::Companies => &["companyId", "companyName"],
    };
    writer.write_record(COLUMNS.iter().chain(own).chain(ids))?;
    let mut after = 0;
    loop {
        let reading = store.read("batch.results", |tx| {
            Box::pin(async move {
                let rows = tx.batch_rows_after(batch.id, after, AT_ONCE).await?;
                let urls = urls(tx, sources, batch, &rows).await?;
                let of = (batch.organization, batch.id);
                let companies = tx.companies_of_batch_rows(of, &rows).await?;
                Ok::<_, StoreError>((rows, urls, companies))
            })
        });
        let (rows, urls, companies) = reading.await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.seq;
        for row in &rows {
            let mut line = told(row);
            let own = own.iter().map(|name| cell(row, name).unwrap_or_default());
            line.extend(own.map(plain));
            let id = row.company.map(|id| id.to_string());
            line.push(id.unwrap_or_default());
            if batch.kind == BatchKind::Links {
                let id = row.link.map(|id| id.to_string());
                line.push(id.unwrap_or_default());
                let url = row.link.and_then(|id| urls.get(&id).cloned());
                line.push(url.unwrap_or_default());
            }
            let company = row.company.and_then(|id| companies.get(&id));
            line.push(company.map(|name| plain(name)).unwrap_or_default());
            writer.write_record(line)?;
        }
    }
    Ok(written(writer)?)
}

/// The line, what became of it, and what is wrong with it.
fn told(row: &BatchRow) -> Vec<String> {
    let joined = |text: fn(&RowProblem) -> &str| {
        let all: Vec<_> = row.problems.iter().map(text).collect();
        plain(&all.join("; "))
    };
    let effects: Vec<_> = row.effects.iter().map(|effect| effect.as_str()).collect();
    vec![
        row.line.to_string(),
        row.outcome.to_string(),
        joined(|problem| &problem.column),
        // Some reasons are whole sentences, most are not.
        joined(|problem| problem.reason.strip_suffix('.').unwrap_or(&problem.reason)),
        effects.join(" "),
    ]
}
