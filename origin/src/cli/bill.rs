//! Bills at the command line: listed, exported, and their files.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use shared::{
    id::{BillId, CompanyId, ConnectionId, SiteId},
    member::AuditAction,
    status::UtilityType,
};

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    files::{given_up, private, streamed},
    options::{Of, one_of, table},
    output::{Output, failed},
};
use crate::{
    api_types::{BillJson, render_bill},
    bill_csv::Columns,
    bill_download::{self, ShownAs},
    bill_export::{self, ExportFormat},
    store::{
        StoreError,
        bill_lists::{BillFilter, BillsOf, ListedBill},
    },
    text_values::CalendarDate,
};

/// Bills that are read at a time.
const AT_ONCE: i64 = 200;

#[derive(Subcommand)]
pub(super) enum BillCommand {
    /// List bills, newest first
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Write all bills that are meant into a file
    Export {
        #[command(flatten)]
        which: Which,
        /// How they are written
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// File to write; one that is there is left alone
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the file of a bill, as the utility made it
    File {
        /// Id of the bill
        #[arg(value_name = "ID")]
        id: BillId,
        #[command(flatten)]
        of: Of,
        /// File to write; one that is there is left alone
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// How bills are written down.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// Comma-separated values, a line for each bill
    Csv,
    /// JSON Lines, an object for each bill
    Jsonl,
}

/// Which bills are meant.
#[derive(Args)]
pub(super) struct Which {
    #[command(flatten)]
    of: Of,
    /// Only bills of this company
    #[arg(long, value_name = "ID")]
    company: Option<CompanyId>,
    /// Only bills of this connection
    #[arg(long, value_name = "ID", conflicts_with = "company")]
    connection: Option<ConnectionId>,
    /// Only bills of this day and later
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<String>,
    /// Only bills of this day and earlier
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Option<String>,
    /// Only bills at this site
    #[arg(long, value_name = "ID")]
    site: Option<SiteId>,
    /// Only bills of accounts of this type, such as ELECTRICITY
    #[arg(long, value_name = "TYPE", value_parser = one_of(UtilityType::ALL, UtilityType::as_str))]
    utility_type: Option<UtilityType>,
    /// Only bills that somebody should look at
    #[arg(long)]
    flagged: bool,
}

fn day(text: &str) -> Result<String, String> {
    let day = text.parse::<CalendarDate>();
    day.map(|day| day.0).map_err(|error| error.to_string())
}

impl Which {
    fn bills(&self) -> BillsOf {
        match (self.company, self.connection) {
            (_, Some(connection)) => BillsOf::Connection(connection),
            (Some(company), None) => BillsOf::Company(company),
            (None, None) => BillsOf::Organization,
        }
    }

    fn filter(&self) -> BillFilter {
        BillFilter {
            from: self.from.clone(),
            to: self.to.clone(),
            site: self.site,
            utility_type: self.utility_type,
            is_flagged: self.flagged,
        }
    }

    /// What the audit log says that it was an export of.
    fn subject(&self) -> Option<String> {
        match self.bills() {
            BillsOf::Organization => None,
            BillsOf::Company(id) => Some(id.to_string()),
            BillsOf::Connection(id) => Some(id.to_string()),
        }
    }
}

pub(super) async fn run(context: &CommandContext, out: &Output, what: BillCommand) -> Outcome {
    match what {
        BillCommand::List { which } => list(context, out, &which).await,
        BillCommand::Export {
            which,
            format,
            out: file,
        } => export(context, out, &which, (format, &file)).await,
        BillCommand::File { id, of, out: file } => write_file(context, out, (of, id), &file).await,
    }
}

async fn list(context: &CommandContext, out: &Output, which: &Which) -> Outcome {
    let organization = existing_organization(context, which.of.organization).await?;
    let (bills, filter) = (which.bills(), &which.filter());
    let (mut all, mut place) = (Vec::new(), None);
    loop {
        let after = place.as_ref();
        let reading = context.store.read("cli.bills", |tx| {
            Box::pin(tx.bills_after(organization.id, bills, filter, (after, AT_ONCE)))
        });
        let rows: Result<_, StoreError> = reading.await;
        let rows = rows.map_err(failed)?;
        let Some(last) = rows.last() else {
            break;
        };
        place = Some(last.place());
        all.extend(rows);
    }
    let lines: Vec<_> = all.iter().map(line).collect();
    let shown: Vec<BillJson> = all.into_iter().map(|row| render_bill(row.bill)).collect();
    out.say(&json!({ "bills": shown }), || {
        table(lines, "There are no such bills.")
    })
}

fn line(row: &ListedBill) -> Vec<String> {
    let date = row.bill.content.bill_date.map(|day| day.to_string());
    vec![
        row.bill.id.to_string(),
        date.unwrap_or_else(|| "-".into()),
        row.account_number.clone(),
        row.provider.clone(),
        row.company_name.clone(),
    ]
}

async fn export(
    context: &CommandContext,
    out: &Output,
    which: &Which,
    (format, path): (Format, &Path),
) -> Outcome {
    let organization = existing_organization(context, which.of.organization).await?;
    let file = private(path)?;
    let (author, subject) = (&context.author(organization.id), which.subject());
    let telling = context.store.tx("cli.export_bills", |tx| {
        let subject = subject.clone();
        Box::pin(author.did(tx, AuditAction::BillsExported, subject, None))
    });
    telling.await.map_err(failed)?;
    let format = match format {
        Format::Csv => ExportFormat::Csv(Columns::OfCompanies),
        Format::Jsonl => ExportFormat::JsonLines,
    };
    let of = (organization.id, which.bills());
    let sent = bill_export::response(context.store.clone(), of, which.filter(), format);
    let length = streamed(file, path, sent.into_body()).await?;
    out.say(&json!({ "out": path, "bytes": length }), || {
        format!("Wrote {length} bytes to {}.", path.display())
    })
}

async fn write_file(
    context: &CommandContext,
    out: &Output,
    (of, id): (Of, BillId),
    path: &Path,
) -> Outcome {
    // Before the log says so: what cannot be written is not handed out.
    let out_file = private(path)?;
    let author = &context.author(of.organization);
    let reading = context.store.tx("cli.bill_file", |tx| {
        Box::pin(async move {
            let Some(file) = tx.bill_file(author.organization, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let (did, name) = (AuditAction::BillDownloaded, Some(file.name.clone()));
            author.did(tx, did, Some(id.to_string()), name).await?;
            Ok(Some(file))
        })
    });
    let file = reading.await.map_err(failed)?;
    let Some(file) = file else {
        given_up(path);
        return Err(format!("The organization has no bill {id}."));
    };
    let sent = bill_download::response(&context.blobs()?, id, file, ShownAs::Download).await;
    let sent = sent.map_err(|error| format!("The file cannot be read: {error}."))?;
    let length = streamed(out_file, path, sent.into_body()).await?;
    out.say(&json!({ "id": id, "out": path, "bytes": length }), || {
        format!("Wrote {length} bytes to {}.", path.display())
    })
}
