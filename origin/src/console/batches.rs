//! Files of rows: many links at once, and the import of companies. A file is checked first, and then done.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, BatchStatus},
    id::BatchId,
    member::AuditAction,
};

use super::{
    FORM_MAX,
    batch_page::BatchPage,
    door::ConsoleState,
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
    upload::Upload,
    words::Moment,
};
use crate::{
    batch::{self, MAX_BYTES, NewBatch},
    fields::FieldError,
    spreadsheet::{BYTE_ORDER_MARK, writer, written},
    store::{Page, PageOf, StoreError, batches::Batch},
};

/// Rows on a page.
const ROWS: i64 = 100;
/// Files that the list shows.
const FILES: i64 = 20;

/// The pages of one kind of files.
pub(super) fn router(kind: BatchKind) -> Router<Arc<ConsoleState>> {
    let base = base(kind);
    let sent = post(move |me: SignedIn, upload: Upload| send(kind, me, upload))
        .layer(DefaultBodyLimit::max(MAX_BYTES + FORM_MAX));
    Router::new()
        .route(base, get(move |me: SignedIn| list(kind, me)).merge(sent))
        .route(
            &format!("{base}/template.csv"),
            get(move |_: SignedIn| async move { template(kind) }),
        )
        .route(
            &format!("{base}/{{id}}"),
            get(move |me: SignedIn, id: Path<String>, asked: Query<Asked>| {
                show(kind, me, id, asked)
            }),
        )
        .route(
            &format!("{base}/{{id}}/make"),
            post(move |me: SignedIn, id: Path<String>, form: Form| make(kind, me, id, form)),
        )
        .route(
            &format!("{base}/{{id}}/results.csv"),
            get(move |me: SignedIn, id: Path<String>| results(kind, me, id)),
        )
}

/// Where the pages begin.
pub(super) fn base(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::Links => "/console/links/batch",
        BatchKind::Companies => "/console/companies/import",
    }
}

fn place(kind: BatchKind) -> Place {
    match kind {
        BatchKind::Links => Place::Connections,
        BatchKind::Companies => Place::Companies,
    }
}

/// One thing or several, in words.
pub(super) fn counted(kind: BatchKind, count: i64) -> String {
    let things = match (kind, count) {
        (BatchKind::Links, 1) => "link",
        (BatchKind::Links, _) => "links",
        (BatchKind::Companies, 1) => "row",
        (BatchKind::Companies, _) => "rows",
    };
    format!("{} {things}", grouped(count))
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How a batch stands, in words and a tone.
pub(super) fn state_words(batch: &Batch) -> (String, &'static str) {
    match batch.status() {
        BatchStatus::Pending => ("Waits for its turn".into(), "waits"),
        BatchStatus::Running => {
            let (done, total) = (grouped(batch.done()), grouped(batch.total));
            let doing = match batch.is_dry_run {
                true => "Checking",
                false => "Working",
            };
            (format!("{doing}: {done} of {total}"), "waits")
        }
        BatchStatus::Done => {
            let rows = counted(BatchKind::Companies, batch.good);
            let done = match (batch.is_dry_run, batch.kind) {
                (true, _) => format!("{rows} good"),
                (false, BatchKind::Links) => format!("{} made", counted(batch.kind, batch.good)),
                (false, BatchKind::Companies) => format!("{rows} imported"),
            };
            match batch.failed {
                0 => (done, "good"),
                failed => (format!("{done}, {} with problems", grouped(failed)), "bad"),
            }
        }
    }
}

#[derive(Template)]
#[template(path = "console/batches.html")]
struct BatchesPage<'a> {
    shell: Shell<'a>,
    kind: BatchKind,
    found: &'a [Batch],
    /// What was pasted, and what is wrong with it or with the file.
    text: &'a str,
    creates_missing: bool,
    wrong: &'a [FieldError],
}

impl BatchesPage<'_> {
    fn base(&self) -> &'static str {
        base(self.kind)
    }

    fn columns(&self) -> &'static [(&'static str, &'static str)] {
        batch::titles(self.kind)
    }

    fn is_links(&self) -> bool {
        self.kind == BatchKind::Links
    }

    fn state(&self, batch: &Batch) -> (String, &'static str) {
        state_words(batch)
    }

    fn count(&self, rows: i64) -> String {
        grouped(rows)
    }

    fn sent(&self, batch: &Batch) -> Moment {
        Moment::at(batch.created_at)
    }
}

/// Lists the last files above the form for a new one.
async fn list(kind: BatchKind, me: SignedIn) -> Result<Response, ConsoleError> {
    list_page(kind, &me, &Upload::default(), &[]).await
}

async fn list_page(
    kind: BatchKind,
    me: &SignedIn,
    upload: &Upload,
    wrong: &[FieldError],
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let page = Page {
        limit: FILES,
        number: 1,
    };
    let reading = me.console.door.store.read("console.batches", |tx| {
        Box::pin(tx.batches(organization, kind, None, page))
    });
    let found = reading.await?.rows;
    let html = render(&BatchesPage {
        shell: Shell::new(me, place(kind)),
        kind,
        found: &found,
        text: &upload.text,
        creates_missing: upload.creates_missing,
        wrong,
    })?;
    let status = match wrong {
        [] => StatusCode::OK,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, html).into_response())
}

/// Takes a file to be checked, and leads to what is found.
async fn send(kind: BatchKind, me: SignedIn, upload: Upload) -> Result<Response, ConsoleError> {
    me.check_word(&upload.csrf)?;
    me.must_write()?;
    let bytes = match upload.file.is_empty() {
        false => &*upload.file,
        true => upload.text.as_bytes(),
    };
    let read = match bytes.trim_ascii().is_empty() {
        false => batch::read(kind, bytes),
        true => Err(vec![FieldError {
            field: "file".into(),
            detail: "is missing: choose one, or paste rows".into(),
        }]),
    };
    let rows = match read {
        Ok(rows) => rows,
        Err(wrong) => return list_page(kind, &me, &upload, &wrong).await,
    };
    let door = &me.console.door;
    let new = NewBatch {
        organization: me.organization.id,
        environment: ApiKeyEnvironment::Production,
        kind,
        file_name: Some(&*upload.file_name),
        is_dry_run: true,
        creates_missing: upload.creates_missing,
    };
    let added = new.row(&*door.random, me.now, &rows);
    let (random, added, rows) = (&*door.random, &added, &rows.rows);
    let adding = door.store.tx("console.add_batch", |tx| {
        Box::pin(batch::add(tx, random, added, rows))
    });
    if !adding.await? {
        let wrong = FieldError {
            field: "file".into(),
            detail: "cannot be taken yet: twenty are not done, wait until one is".into(),
        };
        return list_page(kind, &me, &upload, &[wrong]).await;
    }
    Ok(Redirect::to(&format!("{}/{}", base(kind), added.id)).into_response())
}

/// What stands behind the address of a batch.
#[derive(Deserialize)]
struct Asked {
    page: Option<String>,
}

/// The organization's batch of this kind.
async fn own(kind: BatchKind, me: &SignedIn, id: &str) -> Result<Batch, ConsoleError> {
    let id: BatchId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.batch", |tx| Box::pin(tx.batch(organization, id)));
    let found = reading.await?.filter(|batch| batch.kind == kind);
    found.ok_or(ConsoleError::NotFound)
}

/// Shows how far it is, and its rows: those with problems first.
async fn show(
    kind: BatchKind,
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    let batch = own(kind, &me, &id).await?;
    let number = asked.page.and_then(|page| page.parse().ok());
    let number = number.filter(|page| (1..1_000_000).contains(page));
    let page = Page {
        limit: ROWS,
        number: number.unwrap_or(1),
    };
    let of = (me.organization.id, batch.id);
    let (found, companies) = match batch.status() {
        BatchStatus::Done => {
            let reading = me.console.door.store.read("console.batch_rows", |tx| {
                Box::pin(async move {
                    let found = tx.batch_rows(of, None, true, page).await?;
                    let companies = tx.companies_of_batch_rows(of, &found.rows).await?;
                    Ok::<_, StoreError>((found, companies))
                })
            });
            reading.await?
        }
        // The page shows how far it is, and no rows.
        BatchStatus::Pending | BatchStatus::Running => {
            let (rows, total) = (Vec::new(), 0);
            (PageOf { rows, total }, HashMap::new())
        }
    };
    let html = render(&BatchPage {
        shell: Shell::new(&me, place(kind)),
        batch: &batch,
        found: &found,
        companies,
        page,
    })?;
    Ok(html.into_response())
}

/// Does what was checked, and leads to it; once, however often the button is pressed.
async fn make(
    kind: BatchKind,
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let checked = own(kind, &me, &id).await?;
    if !checked.is_dry_run || checked.status() != BatchStatus::Done {
        return Err(ConsoleError::NotFound);
    }
    let random = &*me.console.door.random;
    let new = batch::followed(&checked, random, me.now);
    let action = match kind {
        BatchKind::Links => AuditAction::LinkBatchMade,
        BatchKind::Companies => AuditAction::CompaniesImported,
    };
    let detail = new.file_name.clone();
    let event = me.audit(action, Some(new.id.to_string()), detail);
    let (checked, new, event) = (&checked, &new, &event);
    let making = me.console.door.store.tx("console.make_batch", |tx| {
        Box::pin(async move {
            let id = batch::follow(tx, random, checked, new).await?;
            if id == new.id {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, StoreError>(id)
        })
    });
    let id = making.await?;
    Ok(Redirect::to(&format!("{}/{id}", base(kind))).into_response())
}

/// Sends the rows with what became of each. Who has the URL of a link can use it, so who only reads gets none.
async fn results(
    kind: BatchKind,
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let batch = own(kind, &me, &id).await?;
    let door = &me.console.door;
    let sources = (&*door.token_keys, &door.links_base);
    let file = batch::csv(&door.store, sources, &batch).await?;
    Ok(csv_file("results.csv", file))
}

/// Sends a file with the names of the columns and nothing else.
fn template(kind: BatchKind) -> Result<Response, ConsoleError> {
    let mut lines = writer(BYTE_ORDER_MARK.to_vec());
    let names = batch::titles(kind).iter().map(|(name, _)| name);
    lines
        .write_record(names)
        .map_err(batch::ResultsError::from)?;
    let file = written(lines).map_err(batch::ResultsError::from)?;
    let name = match kind {
        BatchKind::Links => "links.csv",
        BatchKind::Companies => "companies.csv",
    };
    Ok(csv_file(name, file))
}

fn csv_file(name: &str, file: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let name = name.unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, file).into_response()
}
