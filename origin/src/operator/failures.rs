//! The connections that wait for an operator, of all organizations.

use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;
use shared::{
    api_key::ApiKeyEnvironment, id::ConnectionId, status::ConnectionStatus, time::UnixMillis,
};
use url::form_urlencoded;

use super::{
    door::HOME,
    error::OperatorError,
    page::{Place, Shell, render},
    session::Operating,
    words::{counted, detail_words},
};
use crate::{
    console::{Moment, StatusWords, status_words},
    store::{
        StoreError,
        investigations::{
            Investigation, InvestigationCursor, InvestigationFilter, WebsiteInvestigations,
        },
    },
};

/// Rows of a page.
const ROWS: usize = 50;
/// Websites that are counted: those with most connections that wait.
const WEBSITES: i64 = 20;
/// The longest name of a website that is looked for, in bytes.
const WEBSITE_MAX: usize = 300;

/// Which rows: what stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    website: Option<String>,
    status: Option<String>,
    since: Option<i64>,
    id: Option<String>,
}

impl Asked {
    fn filter(&self) -> InvestigationFilter {
        let website = self.website.as_ref().map(|website| website.trim());
        let website = website.filter(|it| !it.is_empty() && it.len() <= WEBSITE_MAX);
        let status = self.status.as_ref().and_then(|status| status.parse().ok());
        InvestigationFilter {
            website: website.map(str::to_owned),
            status,
        }
    }

    fn after(&self) -> Option<InvestigationCursor> {
        let id: ConnectionId = self.id.as_ref()?.parse().ok()?;
        let since = UnixMillis(self.since?);
        Some(InvestigationCursor { since, id })
    }
}

/// The address of the rows that a filter leaves, after a row.
fn address(filter: &InvestigationFilter, after: Option<&Investigation>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(website) = &filter.website {
        query.append_pair("website", website);
    }
    if let Some(status) = filter.status {
        query.append_pair("status", status.as_str());
    }
    if let Some(after) = after {
        query.append_pair("since", &after.since.0.to_string());
        query.append_pair("id", &after.id.to_string());
    }
    let query = query.finish();
    if query.is_empty() {
        return HOME.to_owned();
    }
    format!("{HOME}?{query}")
}

#[derive(Template)]
#[template(path = "operator/failures.html")]
struct FailuresPage<'a> {
    shell: Shell<'a>,
    filter: &'a InvestigationFilter,
    websites: &'a [WebsiteInvestigations],
    rows: &'a [Investigation],
    is_later: bool,
    /// The address of the next page.
    more: Option<String>,
}

impl FailuresPage<'_> {
    fn is_narrowed(&self) -> bool {
        *self.filter != InvestigationFilter::default()
    }

    /// The statuses that can be asked for: a connection that works waits for nobody.
    fn statuses(&self) -> impl Iterator<Item = ConnectionStatus> {
        let all = ConnectionStatus::ALL.iter().copied();
        all.filter(|status| {
            !matches!(
                status,
                ConnectionStatus::Connected | ConnectionStatus::CompanyInactive
            )
        })
    }

    fn label(&self, status: &ConnectionStatus) -> &'static str {
        status_words(*status, false).label
    }

    fn is_status(&self, status: &ConnectionStatus) -> bool {
        self.filter.status == Some(*status)
    }

    fn is_website(&self, name: &str) -> bool {
        self.filter.website.as_deref() == Some(name)
    }

    /// The website that is asked for, where it is none of those that are counted.
    fn other_website(&self) -> Option<&str> {
        let website = self.filter.website.as_deref()?;
        let is_counted = self.websites.iter().any(|one| one.website == website);
        (!is_counted).then_some(website)
    }

    fn website_address(&self, website: &WebsiteInvestigations) -> String {
        let filter = InvestigationFilter {
            website: Some(website.website.clone()),
            status: None,
        };
        address(&filter, None)
    }

    fn first(&self) -> String {
        address(self.filter, None)
    }

    /// "14 connections of 5 organizations".
    fn counts(&self, website: &WebsiteInvestigations) -> String {
        let connections = counted(website.connections, "connection");
        let organizations = counted(website.organizations, "organization");
        format!("{connections} of {organizations}")
    }

    fn words(&self, row: &Investigation) -> StatusWords {
        status_words(row.status, false)
    }

    fn detail(&self, row: &Investigation) -> &'static str {
        row.detail.map(detail_words).unwrap_or_default()
    }

    fn is_sandbox(&self, row: &Investigation) -> bool {
        row.environment == ApiKeyEnvironment::Sandbox
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }
}

/// Shows a page of the list, newest first, with the websites where most of them are.
pub(super) async fn list(
    me: Operating,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, OperatorError> {
    let (filter, after) = (&asked.filter(), asked.after());
    let most = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let reading = me.state.door.store.read("operator.failures", |tx| {
        Box::pin(async move {
            let rows = tx.investigations(filter, after, most).await?;
            let websites = tx.websites_under_investigation(WEBSITES).await?;
            Ok::<_, StoreError>((rows, websites))
        })
    });
    let (mut rows, websites) = reading.await?;
    let is_more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let last = rows.last().filter(|_| is_more);
    render(&FailuresPage {
        shell: Shell::new(&me, Place::Failures),
        filter,
        websites: &websites,
        is_later: after.is_some(),
        more: last.map(|last| address(filter, Some(last))),
        rows: &rows,
    })
}
