//! Data Input > Connections: every connection of the organization, and the links that nobody has used yet.

use std::{cmp::Reverse, collections::HashMap, str::FromStr};

use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;
use shared::{
    id::{ConnectionId, InvalidId, LinkId},
    member::{AuditAction, SavedList},
    provider::ProviderUrl,
    status::ConnectionStatus,
    time::UnixMillis,
};
use url::form_urlencoded;

use super::{
    door::HOME,
    error::ConsoleError,
    live,
    page::{Place, Shell, render},
    saved_views::SavedViews,
    session::SignedIn,
    words::{INVITED, Moment, StatusWords, day_text_words, status_words},
};
use crate::store::{
    StoreError, Tx,
    companies::Company,
    overview::{COUNT_MAX, ConnectionOverview, Cursor, OverviewFilter, UnusedLink},
};

/// Rows on a page.
const ROWS: i64 = 50;
/// The longest search, in bytes.
pub(super) const SEARCH_MAX: usize = 200;

/// Which rows a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    All,
    NeedsClient,
    Invited,
    Connected,
    Waiting,
    Paused,
}

impl View {
    const ALL: [Self; 6] = [
        Self::All,
        Self::NeedsClient,
        Self::Invited,
        Self::Connected,
        Self::Waiting,
        Self::Paused,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::NeedsClient => "needs-attention",
            Self::Invited => "invited",
            Self::Connected => "connected",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::NeedsClient => "Needs attention",
            Self::Invited => "Invited",
            Self::Connected => "Connected",
            Self::Waiting => "We are on it",
            Self::Paused => "Paused",
        }
    }

    fn statuses(self) -> Vec<ConnectionStatus> {
        let all = ConnectionStatus::ALL.iter().copied();
        match self {
            Self::All | Self::Invited | Self::Paused => Vec::new(),
            Self::NeedsClient => all.filter(|status| status.needs_client()).collect(),
            Self::Connected => vec![ConnectionStatus::Connected],
            Self::Waiting => all
                .filter(|status| !status.needs_client() && *status != ConnectionStatus::Connected)
                .collect(),
        }
    }

    fn has_links(self) -> bool {
        matches!(self, Self::All | Self::Invited)
    }
}

/// What stands behind the page's address.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    view: Option<String>,
    search: Option<String>,
    company: Option<String>,
    /// The row after which the page begins, as [`after`] writes it.
    after: Option<String>,
    /// What was done to a connection that is no more.
    done: Option<String>,
}

impl Asked {
    /// Whether a connection was deleted just now.
    fn was_deleted(&self) -> bool {
        self.done.as_deref() == Some(AuditAction::ConnectionDeleted.as_str())
    }

    fn view(&self) -> View {
        let mut views = View::ALL.into_iter();
        views
            .find(|view| self.view.as_deref() == Some(view.name()))
            .unwrap_or(View::All)
    }

    fn search(&self) -> &str {
        let search = self.search.as_deref().unwrap_or_default().trim();
        if search.chars().count() > SEARCH_MAX {
            ""
        } else {
            search
        }
    }

    /// What is listed; an id of a company that is none names nothing.
    fn filter(&self) -> Result<OverviewFilter, ConsoleError> {
        let view = self.view();
        let company = self.company.as_deref().map(str::parse).transpose();
        Ok(OverviewFilter {
            company: company.map_err(|_: InvalidId| ConsoleError::NotFound)?,
            statuses: view.statuses(),
            is_inactive: (view != View::All).then_some(view == View::Paused),
            search: self.search().to_owned(),
        })
    }

    /// The place after which the page begins: the time, and the id.
    fn after(&self) -> Option<(UnixMillis, &str)> {
        let (at, id) = self.after.as_deref()?.split_once('_')?;
        Some((UnixMillis(at.parse().ok()?), id))
    }

    /// The address of this list with another view or another beginning.
    fn address(&self, view: View, after: Option<&str>) -> String {
        match self.query(view, after) {
            none if none.is_empty() => HOME.to_owned(),
            query => format!("{HOME}?{query}"),
        }
    }

    /// What stands behind the question mark of such an address.
    fn query(&self, view: View, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if view != View::All {
            query.append_pair("view", view.name());
        }
        if !self.search().is_empty() {
            query.append_pair("search", self.search());
        }
        if let Some(company) = &self.company {
            query.append_pair("company", company);
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        query.finish()
    }
}

/// A row of the list.
enum Row {
    /// A connection, and how far its collection is; empty while none runs.
    Connection(ConnectionOverview, String),
    Link(UnusedLink),
}

impl Row {
    /// Where it stands in the list: rows are in the order of time, and then of their ids.
    fn place(&self) -> (UnixMillis, String) {
        match self {
            Self::Connection(row, _) => (row.created_at, row.id.to_string()),
            Self::Link(row) => (row.created_at, row.id.to_string()),
        }
    }

    /// The id of the connection that its page follows.
    fn followed(&self) -> Option<ConnectionId> {
        match self {
            Self::Connection(row, _) => Some(row.id),
            Self::Link(_) => None,
        }
    }

    /// How far the collection is that runs; empty while none does.
    fn progress(&self) -> &str {
        match self {
            Self::Connection(_, progress) => progress,
            Self::Link(_) => "",
        }
    }

    fn company(&self) -> &str {
        match self {
            Self::Connection(row, _) => &row.company_name,
            Self::Link(row) => &row.company_name,
        }
    }

    fn words(&self) -> StatusWords {
        match self {
            Self::Connection(row, _) => status_words(row.status, row.inactive_at.is_some()),
            Self::Link(_) => INVITED,
        }
    }

    /// Who must act, or what is known of a link.
    fn remark(&self) -> &str {
        match self {
            Self::Connection(..) => self.words().who,
            Self::Link(row) if row.opened_at.is_some() => "Opened, not finished",
            Self::Link(_) => "Not opened yet",
        }
    }

    /// The website's own words about what went wrong.
    fn website_says(&self) -> Option<&str> {
        match self {
            Self::Connection(row, _) => row.error_detail.as_deref(),
            Self::Link(_) => None,
        }
    }

    fn provider(&self) -> String {
        match self {
            Self::Connection(row, _) => row.provider.clone(),
            Self::Link(row) => {
                let url = row.provider_url.as_ref();
                url.map(ProviderUrl::host).unwrap_or_default()
            }
        }
    }

    /// The page about it.
    fn address(&self) -> String {
        match self {
            Self::Connection(row, _) => format!("{}/{}", HOME, row.id),
            Self::Link(row) => format!("/console/links/{}", row.id),
        }
    }

    fn owner(&self) -> &str {
        let owner = match self {
            Self::Connection(row, _) => &row.owner_email,
            Self::Link(row) => &row.owner_email,
        };
        owner.as_deref().unwrap_or_default()
    }

    fn accounts(&self) -> Option<i64> {
        match self {
            Self::Connection(row, _) => Some(row.accounts),
            Self::Link(_) => None,
        }
    }

    fn newest_bill(&self) -> Option<String> {
        match self {
            Self::Connection(row, _) => row.newest_bill.as_deref().map(day_text_words),
            Self::Link(_) => None,
        }
    }

    fn last(&self) -> Option<Moment> {
        match self {
            Self::Connection(row, _) => row.last_collection_at.map(Moment::at),
            Self::Link(row) => row.opened_at.map(Moment::at),
        }
    }

    fn next(&self) -> Option<Moment> {
        match self {
            Self::Connection(row, _) if row.inactive_at.is_none() => {
                row.next_collection_at.map(Moment::at)
            }
            Self::Connection(..) | Self::Link(_) => None,
        }
    }
}

#[derive(Template)]
#[template(path = "console/connections.html")]
struct ConnectionsPage<'a> {
    shell: Shell<'a>,
    asked: &'a Asked,
    view: View,
    rows: Vec<Row>,
    company: Option<&'a Company>,
    /// The address of the page that follows, if there are more rows.
    more: Option<String>,
    needs_client: i64,
    /// Whether the organization has a company: without one nothing can be connected.
    has_companies: bool,
    saved: SavedViews,
}

impl ConnectionsPage<'_> {
    fn views(&self) -> [View; 6] {
        View::ALL
    }

    /// How many need their client, as the navigation shows it.
    fn count(&self, view: View) -> Option<String> {
        let count = self.needs_client;
        (view == View::NeedsClient && count > 0).then(|| {
            if count >= COUNT_MAX {
                format!("{}+", COUNT_MAX - 1)
            } else {
                count.to_string()
            }
        })
    }

    /// Whether nothing is listed because no connection needs its client.
    fn is_all_well(&self) -> bool {
        self.view == View::NeedsClient && self.needs_client == 0
    }

    /// Whether something narrows the list down.
    fn is_narrowed(&self) -> bool {
        self.view != View::All
            || !self.asked.search().is_empty()
            || self.company.is_some()
            || self.asked.after.is_some()
    }
}

/// What the list is made of.
struct Found {
    rows: Vec<Row>,
    company: Option<Company>,
    needs_client: i64,
    has_companies: bool,
    saved: SavedViews,
}

/// Shows a page of connections and unused links, newest first.
pub(super) async fn list(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    let (who, organization) = (&me, me.organization.id);
    let (view, filter) = (asked.view(), asked.filter()?);
    let (wanted, place) = (&filter, asked.after());
    let query = &asked.query(view, None);
    let finding = me.console.door.store.read("console.connections", |tx| {
        Box::pin(async move {
            let company = match wanted.company {
                Some(id) => tx.company(organization, id).await?,
                None => None,
            };
            if wanted.company.is_some() && company.is_none() {
                return Err(ConsoleError::NotFound);
            }
            let rows = rows(tx, who, (view, wanted), place).await?;
            let mut needs_client = 0;
            for status in View::NeedsClient.statuses() {
                needs_client += tx.count_connections(organization, status).await?;
            }
            let saved = SavedViews::of(tx, who, SavedList::Connections, query).await?;
            Ok(Found {
                saved,
                has_companies: !rows.is_empty() || tx.has_companies(organization).await?,
                rows,
                company,
                needs_client,
            })
        })
    });
    let mut found = finding.await?;
    let is_more = found.rows.len() > usize::try_from(ROWS).unwrap_or_default();
    found
        .rows
        .truncate(usize::try_from(ROWS).unwrap_or_default());
    let last = found.rows.last().filter(|_| is_more).map(Row::place);
    let more = last.map(|(at, id)| asked.address(view, Some(&format!("{}_{id}", at.0))));
    render(&ConnectionsPage {
        shell: Shell::new(&me, Place::Connections),
        asked: &asked,
        view,
        rows: found.rows,
        company: found.company.as_ref(),
        more,
        needs_client: found.needs_client,
        has_companies: found.has_companies,
        saved: found.saved,
    })
}

/// Connections and links in one order, one more than a page has.
async fn rows(
    tx: &mut Tx<'_>,
    me: &SignedIn,
    (view, filter): (View, &OverviewFilter),
    after: Option<(UnixMillis, &str)>,
) -> Result<Vec<Row>, StoreError> {
    let (organization, now) = (me.organization.id, me.now);
    let most = ROWS + 1;
    let mut rows = Vec::new();
    if view != View::Invited {
        let after = cursor::<ConnectionId>(after);
        let found = tx
            .connection_overviews(organization, filter, after, most)
            .await?;
        let ids: Vec<_> = found.iter().map(|row| row.id).collect();
        let progress = live::progress(me, tx, &ids).await?;
        let mut runs: HashMap<_, _> = progress.into_iter().map(|one| (one.id, one.run)).collect();
        rows.extend(found.into_iter().map(|row| {
            let run = runs.remove(&row.id).flatten();
            Row::Connection(row, live::run_words(run))
        }));
    }
    if view.has_links() {
        let after = cursor::<LinkId>(after);
        let found = tx
            .unused_links(organization, filter, now, (after, most))
            .await?;
        rows.extend(found.into_iter().map(Row::Link));
    }
    rows.sort_by_key(|row| Reverse(row.place()));
    Ok(rows)
}

/// Ids of both kinds are one order, so that the place of a link is one among connections as well.
fn cursor<T: FromStr>(after: Option<(UnixMillis, &str)>) -> Option<Cursor<T>> {
    let (created_at, id) = after?;
    let id = id.parse().ok()?;
    Some(Cursor { created_at, id })
}
