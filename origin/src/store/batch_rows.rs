//! The rows of batches: what each says, and what became of it.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use shared::{
    batch::{RowEffect, RowOutcome},
    id::{BatchId, CompanyId, LinkId, OrganizationId},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Page, PageOf, StoreError, Tx,
    links::{self, LinkForFlow},
    row,
};

/// Rows that one statement writes.
const AT_ONCE: usize = 200;

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The column, as the file calls it; empty where it is the row as a whole.
    pub column: String,
    /// What is wrong, one sentence.
    pub reason: String,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number among the rows, from 1.
    pub seq: i64,
    /// The line of the file in which it begins.
    pub line: i64,
    /// What it says, by our names of the columns, without what is empty.
    pub cells: BTreeMap<String, String>,
    /// What became of it.
    pub outcome: RowOutcome,
    /// All that is wrong with it.
    pub problems: Vec<RowProblem>,
    /// What it did beside, or would do.
    pub effects: Vec<RowEffect>,
    /// The company that it is about, once that is there.
    pub company: Option<CompanyId>,
    /// The link that it made.
    pub link: Option<LinkId>,
}

impl Tx<'_> {
    /// Writes the rows of a new batch.
    ///
    /// # Errors
    /// When the batch does not exist or the database fails.
    pub async fn add_batch_rows(
        &mut self,
        batch: BatchId,
        rows: &[BatchRow],
    ) -> Result<(), StoreError> {
        for rows in rows.chunks(AT_ONCE) {
            let places: Vec<String> = (0..rows.len())
                .map(|place| {
                    let (first, second, third) = (3 * place + 3, 3 * place + 4, 3 * place + 5);
                    format!("($1, ${first}, ${second}, ${third}, $2, '[]', '[]')")
                })
                .collect();
            let statement = format!(
                "INSERT INTO batch_rows (batch_id, seq, line, cells, outcome, problems, effects) VALUES {}",
                places.join(", ")
            );
            let mut adding = sqlx::query(AssertSqlSafe(statement))
                .bind(batch.to_string())
                .bind(RowOutcome::Waiting.as_str());
            for one in rows {
                adding = adding
                    .bind(one.seq)
                    .bind(one.line)
                    .bind(row::to_json(&one.cells, "cells")?);
            }
            adding.execute(self.sql()).await?;
        }
        Ok(())
    }

    /// Writes the rows of a batch once more, for another one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn copy_batch_rows(&mut self, from: BatchId, to: BatchId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO batch_rows (batch_id, seq, line, cells, outcome, problems, effects) \
             SELECT $2, seq, line, cells, $3, '[]', '[]' FROM batch_rows WHERE batch_id = $1",
        )
        .bind(from.to_string())
        .bind(to.to_string())
        .bind(RowOutcome::Waiting.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The rows after the `after`th, at most `limit`, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch_rows_after(
        &mut self,
        batch: BatchId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<BatchRow>, StoreError> {
        sqlx::query(
            "SELECT * FROM batch_rows WHERE batch_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        )
        .bind(batch.to_string())
        .bind(after)
        .bind(limit)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// A page of the rows of a batch of the organization's, those that failed first where `failed_first`, else in their
    /// order; only those with this outcome where one is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch_rows(
        &mut self,
        (organization, batch): (OrganizationId, BatchId),
        outcome: Option<RowOutcome>,
        failed_first: bool,
        page: Page,
    ) -> Result<PageOf<BatchRow>, StoreError> {
        let outcome = outcome.map_or("", RowOutcome::as_str);
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM batch_rows r JOIN batches b ON b.id = r.batch_id \
             WHERE r.batch_id = $1 AND b.organization_id = $2 AND ($3 = '' OR r.outcome = $3)",
        )
        .bind(batch.to_string())
        .bind(organization.to_string())
        .bind(outcome)
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT r.* FROM batch_rows r JOIN batches b ON b.id = r.batch_id \
             WHERE r.batch_id = $1 AND b.organization_id = $2 AND ($3 = '' OR r.outcome = $3) \
             ORDER BY CASE WHEN $4 = 1 AND r.outcome = 'FAILED' THEN 0 ELSE 1 END, r.seq LIMIT $5 OFFSET $6",
        )
        .bind(batch.to_string())
        .bind(organization.to_string())
        .bind(outcome)
        .bind(i64::from(failed_first))
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The links that these rows of a batch of the organization's made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links_of_batch_rows(
        &mut self,
        (organization, batch): (OrganizationId, BatchId),
        rows: &[BatchRow],
    ) -> Result<Vec<LinkForFlow>, StoreError> {
        let made = || {
            rows.iter()
                .filter(|row| row.link.is_some())
                .map(|row| row.seq)
        };
        let (Some(first), Some(last)) = (made().min(), made().max()) else {
            return Ok(Vec::new());
        };
        sqlx::query(links::select_with_company!(
            "batch_rows r JOIN links l ON l.id = r.link_id",
            "r.batch_id = $1 AND r.seq >= $3 AND r.seq <= $4 AND c.organization_id = $2"
        ))
        .bind(batch.to_string())
        .bind(organization.to_string())
        .bind(first)
        .bind(last)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(links::read_with_company)
        .collect()
    }

    /// The names of the companies that these rows of a batch of the organization's are about.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_of_batch_rows(
        &mut self,
        (organization, batch): (OrganizationId, BatchId),
        rows: &[BatchRow],
    ) -> Result<HashMap<CompanyId, String>, StoreError> {
        let known = || {
            let known = rows.iter().filter(|row| row.company.is_some());
            known.map(|row| row.seq)
        };
        let (Some(first), Some(last)) = (known().min(), known().max()) else {
            return Ok(HashMap::new());
        };
        sqlx::query(
            "SELECT DISTINCT c.id, c.name FROM batch_rows r JOIN companies c ON c.id = r.company_id \
             WHERE r.batch_id = $1 AND r.seq >= $3 AND r.seq <= $4 AND c.organization_id = $2",
        )
        .bind(batch.to_string())
        .bind(organization.to_string())
        .bind(first)
        .bind(last)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((row::parsed(found, "id")?, row::text(found, "name")?)))
        .collect()
    }

    /// Writes what became of rows that were waiting.
    ///
    /// # Errors
    /// When one of them was done already, or the database fails.
    pub async fn settle_batch_rows(
        &mut self,
        batch: BatchId,
        settled: &[BatchRow],
    ) -> Result<(), StoreError> {
        for rows in settled.chunks(AT_ONCE) {
            let places: Vec<String> = (0..rows.len())
                .map(|place| {
                    let values: Vec<_> = (0..8)
                        .map(|of| format!("${}", 8 * place + of + 3))
                        .collect();
                    format!("($1, {})", values.join(", "))
                })
                .collect();
            // They are all there: what cannot be added is changed, by one statement.
            let statement = format!(
                "INSERT INTO batch_rows (batch_id, seq, line, cells, outcome, problems, effects, company_id, link_id) \
                 VALUES {} ON CONFLICT (batch_id, seq) DO UPDATE SET outcome = excluded.outcome, \
                   problems = excluded.problems, effects = excluded.effects, company_id = excluded.company_id, \
                   link_id = excluded.link_id WHERE batch_rows.outcome = $2",
                places.join(", ")
            );
            let mut settling = sqlx::query(AssertSqlSafe(statement))
                .bind(batch.to_string())
                .bind(RowOutcome::Waiting.as_str());
            for one in rows {
                settling = settling
                    .bind(one.seq)
                    .bind(one.line)
                    .bind(row::to_json(&one.cells, "cells")?)
                    .bind(one.outcome.as_str())
                    .bind(row::to_json(&one.problems, "problems")?)
                    .bind(row::to_json(&one.effects, "effects")?)
                    .bind(one.company.map(|id| id.to_string()))
                    .bind(one.link.map(|id| id.to_string()));
            }
            let done = settling.execute(self.sql()).await?;
            if usize::try_from(done.rows_affected()) != Ok(rows.len()) {
                return Err(StoreError::Contended);
            }
        }
        Ok(())
    }

    /// Forgets what a dry run found, which is begun anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_dry_run(&mut self, batch: BatchId) -> Result<(), StoreError> {
        for statement in [
            "UPDATE batch_rows SET outcome = 'WAITING', problems = '[]', effects = '[]', company_id = NULL \
             WHERE batch_id = $1 AND outcome <> 'WAITING' AND link_id IS NULL",
            "UPDATE batches SET good = 0, failed = 0 WHERE id = $1 AND is_dry_run = 1",
        ] {
            sqlx::query(statement)
                .bind(batch.to_string())
                .execute(self.sql())
                .await?;
        }
        Ok(())
    }
}

fn read(found: &AnyRow) -> Result<BatchRow, StoreError> {
    Ok(BatchRow {
        seq: row::number(found, "seq")?,
        line: row::number(found, "line")?,
        cells: row::json(found, "cells")?,
        outcome: row::parsed(found, "outcome")?,
        problems: row::json(found, "problems")?,
        effects: row::json(found, "effects")?,
        company: row::maybe_parsed(found, "company_id")?,
        link: row::maybe_parsed(found, "link_id")?,
    })
}
