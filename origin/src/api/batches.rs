//! Batches: many links from one file, worked through after the call.

use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    batch::{BatchKind, BatchStatus, RowEffect, RowOutcome},
    id::{BatchId, OrganizationId},
    member::AuditAction,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    ApiProblem,
    call::{Call, Id},
    company_bills::wanted,
    fields::{Query, is_sent_as},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::{
    api_types::rfc3339,
    batch::{self, MAX_BYTES, NewBatch},
    bill_export::ExportFormat,
    store::{Tx, batch_rows::BatchRow, batches::Batch},
};

/// The media types of a file of rows.
const KINDS: [&str; 2] = ["text/csv", "application/octet-stream"];

/// A file of links, and how far it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkBatch)]
pub(super) struct BatchJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(value_type = schema::BatchStatus)]
    status: BatchStatus,
    /// Whether it is only told what would become of each row.
    dry_run: bool,
    /// Whether companies and sites are added that rows name and that are not there.
    create_missing: bool,
    /// How many rows it has.
    total: i64,
    /// How many of them made their link; in a dry run, how many would.
    made: i64,
    /// How many of them have something wrong.
    failed: i64,
    #[schema(format = DateTime)]
    created: String,
    /// When its first row was looked at.
    #[schema(format = DateTime)]
    started: Option<String>,
    /// When its last row was done.
    #[schema(format = DateTime)]
    finished: Option<String>,
}

/// A page of batches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkBatchPage)]
pub(super) struct BatchPage {
    total_batches: i64,
    #[serde(flatten)]
    info: PageInfo,
    batches: Vec<BatchJson>,
}

/// Something that is wrong with a row.
#[derive(Serialize, ToSchema)]
#[schema(as = RowProblem)]
pub(super) struct ProblemJson {
    /// The column, as the file calls it; empty where it is the row as a whole.
    #[schema(example = "connectionOwnerEmail")]
    column: String,
    /// What is wrong, one sentence.
    #[schema(example = "must be a mail address of at most 254 characters")]
    reason: String,
}

/// What became of a row.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkBatchRow)]
pub(super) struct RowJson {
    /// The line of the file in which it begins.
    line: i64,
    #[schema(value_type = schema::RowOutcome)]
    outcome: RowOutcome,
    /// All that is wrong with it.
    problems: Vec<ProblemJson>,
    /// What it did to companies and sites, or would do.
    #[schema(value_type = Vec<schema::RowEffect>)]
    effects: Vec<RowEffect>,
    /// Its company, as the file has it.
    company: Option<String>,
    /// The id of the company, once it is there.
    #[schema(value_type = Option<uuid::Uuid>)]
    company_id: Option<String>,
    /// The name of the company, once it is there.
    company_name: Option<String>,
    connection_owner_email: Option<String>,
    external_id: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    link_id: Option<String>,
    /// What the client opens.
    magic_link_url: Option<String>,
}

/// A page of rows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkBatchResults)]
pub(super) struct ResultsPage {
    total_rows: i64,
    #[serde(flatten)]
    info: PageInfo,
    rows: Vec<RowJson>,
}

/// How a file is worked through.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `add` reads")]
pub(super) struct HowQuery {
    /// Tells what would become of each row, and changes nothing.
    #[param(default = false)]
    dry_run: Option<bool>,
    /// Adds companies and sites that rows name and that are not there.
    #[param(default = false)]
    create_missing: Option<bool>,
}

/// The parameters that narrow the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `results` reads")]
pub(super) struct OutcomeQuery {
    /// Lists only rows that came out so.
    #[param(value_type = Option<schema::RowOutcome>)]
    outcome: Option<String>,
}

/// A file of rows, as it was sent.
pub(super) struct File(Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiProblem> {
        if !is_sent_as(&request, &KINDS) {
            return Err(ApiProblem::UnsupportedMediaType("text/csv"));
        }
        let bytes = to_bytes(request.into_body(), MAX_BYTES).await;
        bytes.map(Self).map_err(|_| ApiProblem::TooLarge(MAX_BYTES))
    }
}

/// Lists the batches of links, newest first.
#[utoipa::path(get, path = "/v2.2/link/batch", tag = "Links", operation_id = "listLinkBatches",
    params(Paging),
    responses((status = 200, body = BatchPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<BatchPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let (organization, environment) = (call.organization, Some(call.key.environment));
    let reading = call.tx.read("api.list_batches", |tx| {
        Box::pin(async move {
            Ok(tx
                .batches(organization, BatchKind::Links, environment, page)
                .await?)
        })
    });
    let found = reading.await?;
    Ok(Json(BatchPage {
        total_batches: found.total,
        info: paging::info(page, found.total),
        batches: found.rows.iter().map(render).collect(),
    }))
}

/// Makes many links from one file: a row each, 10,000 at most. The first line names the columns: `company` (a company's id,
/// your own id of it, or its name), the fields of a single link (`initialSites` as ids or names, separated by `;` or `|`, and
/// `utilityTypes` likewise), and `send` (`yes` or `no`: whether the link is mailed to `connectionOwnerEmail`). How spreadsheets
/// write such files is understood: commas, semicolons or tabs, quotes, a byte order mark, UTF-16 and Windows-1252.
///
/// The rows are worked through after this call. A row with something wrong makes nothing and stops no other one; read
/// what became of each at `/v2.2/link/batch/{batch_id}/results`. A batch is forgotten after 90 days; its links are not.
#[utoipa::path(post, path = "/v2.2/link/batch", tag = "Links", operation_id = "makeLinkBatch",
    params(HowQuery),
    request_body(content((String = "text/csv", example = "company,url,connectionOwnerEmail\nMeadow Lane Bakery,https://utility.example/login,owner@client.example\n"),
        (String = "application/octet-stream"))),
    responses((status = 202, body = BatchJson),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "Twenty batches are not done yet"),
        (status = 413, body = ProblemBody, content_type = "application/problem+json", description = "The file is larger than 8 MiB"),
        (status = 415, body = ProblemBody, content_type = "application/problem+json", description = "The body was not sent as `text/csv`"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json",
            description = "The file as a whole is not right: `errors` names columns, or `file`")))]
pub(super) async fn add(
    call: Call,
    Query(mut query): Query,
    File(file): File,
) -> Result<Answer, ApiProblem> {
    let is_dry_run = query.switch("dryRun").unwrap_or(false);
    let creates_missing = query.switch("createMissing").unwrap_or(false);
    query.done()?;
    let rows = batch::read(BatchKind::Links, &file).map_err(ApiProblem::Fields)?;
    let random = &*call.door.random;
    let new = NewBatch {
        organization: call.organization,
        environment: call.key.environment,
        kind: BatchKind::Links,
        file_name: None,
        is_dry_run,
        creates_missing,
    };
    let added = new.row(random, call.now, &rows);
    let (added, rows, audit) = (&added, &rows.rows, &call.audit);
    let done = call.tx.with_body(&file).once("api.add_batch", |tx| {
        Box::pin(async move {
            if !batch::add(tx, random, added, rows).await? {
                return Err(ApiProblem::Conflict(
                    "Twenty batches are not done yet, which is the most: wait until one is.",
                ));
            }
            if !is_dry_run {
                let (id, told) = (added.id.to_string(), format!("{} rows", added.total));
                audit
                    .did(tx, AuditAction::LinkBatchMade, Some(id), Some(told))
                    .await?;
            }
            Ok((Answer::new(StatusCode::ACCEPTED, &render(added))?, ()))
        })
    });
    let (answer, is_new) = done.await?;
    if is_new.is_some() {
        let (organization, rows) = (call.organization, added.total);
        tracing::info!(%organization, batch = %added.id, rows, is_dry_run, "a batch of links was sent");
    }
    Ok(answer)
}

/// Reads how far a batch is.
#[utoipa::path(get, path = "/v2.2/link/batch/{batch_id}", tag = "Links", operation_id = "getLinkBatch",
    params(("batch_id" = uuid::Uuid, Path, description = "The batch's id")),
    responses((status = 200, body = BatchJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<BatchId>) -> Result<Json<BatchJson>, ApiProblem> {
    let organization = call.organization;
    let reading = call.tx.read("api.get_batch", |tx| {
        Box::pin(async move { own(tx, organization, id).await })
    });
    Ok(Json(render(&reading.await?)))
}

/// Lists what became of the rows of a batch, in their order. With `Accept: text/csv` all of them are given at once, a line
/// each; `outcome`, `limit` and `page` are for the JSON list alone.
#[utoipa::path(get, path = "/v2.2/link/batch/{batch_id}/results", tag = "Links", operation_id = "getLinkBatchResults",
    params(("batch_id" = uuid::Uuid, Path, description = "The batch's id"), OutcomeQuery, Paging),
    responses((status = 200, content((ResultsPage = "application/json"), (String = "text/csv"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn results(
    call: Call,
    Id(id): Id<BatchId>,
    headers: HeaderMap,
    Query(mut query): Query,
) -> Result<Response, ApiProblem> {
    let page = paging::page(&mut query);
    let outcome = query.choice("outcome", RowOutcome::ALL, RowOutcome::as_str);
    query.done()?;
    let (organization, door) = (call.organization, &call.door);
    let sources = (&*door.token_keys, &door.links_base);
    let reading = call.tx.read("api.batch_results", |tx| {
        Box::pin(async move {
            let batch = own(tx, organization, id).await?;
            let found = tx
                .batch_rows((organization, id), outcome, false, page)
                .await?;
            let urls = batch::urls(tx, sources, &batch, &found.rows).await?;
            let of = (organization, id);
            let companies = tx.companies_of_batch_rows(of, &found.rows).await?;
            Ok((batch, found, urls, companies))
        })
    });
    let (batch, found, urls, companies) = reading.await?;
    let by_accept = [(header::VARY, HeaderValue::from_static("Accept"))];
    if matches!(wanted(&headers), Some(ExportFormat::Csv(_))) {
        let kind = "text/csv; charset=utf-8; header=present";
        let name = "attachment; filename=\"links.csv\"";
        let file = batch::csv(&door.store, sources, &batch).await?;
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
        ];
        return Ok((by_accept, headers, file).into_response());
    }
    let rows = found.rows.into_iter().map(|row| {
        let url = row.link.and_then(|link| urls.get(&link).cloned());
        let company = row.company.and_then(|id| companies.get(&id).cloned());
        render_row(row, url, company)
    });
    let answer = Json(ResultsPage {
        total_rows: found.total,
        info: paging::info(page, found.total),
        rows: rows.collect(),
    });
    Ok((by_accept, answer).into_response())
}

/// The organization's batch of links; another's is as unknown as none.
async fn own(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: BatchId,
) -> Result<Batch, ApiProblem> {
    let found = tx.batch(organization, id).await?;
    let found = found.filter(|batch| batch.kind == BatchKind::Links);
    found.ok_or(ApiProblem::NotFound)
}

fn render(batch: &Batch) -> BatchJson {
    BatchJson {
        id: batch.id.to_string(),
        status: batch.status(),
        dry_run: batch.is_dry_run,
        create_missing: batch.creates_missing,
        total: batch.total,
        made: batch.good,
        failed: batch.failed,
        created: rfc3339(batch.created_at),
        started: batch.started_at.map(rfc3339),
        finished: batch.finished_at.map(rfc3339),
    }
}

fn render_row(mut row: BatchRow, url: Option<String>, company: Option<String>) -> RowJson {
    let problems = row.problems.into_iter().map(|problem| ProblemJson {
        column: problem.column,
        reason: problem.reason,
    });
    RowJson {
        line: row.line,
        outcome: row.outcome,
        problems: problems.collect(),
        effects: row.effects,
        company: row.cells.remove("company"),
        company_id: row.company.map(|id| id.to_string()),
        company_name: company,
        connection_owner_email: row.cells.remove("connectionOwnerEmail"),
        external_id: row.cells.remove("externalId"),
        link_id: row.link.map(|id| id.to_string()),
        magic_link_url: url,
    }
}
