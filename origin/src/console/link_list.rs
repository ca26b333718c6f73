//! The links of all companies, used or not.

use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;
use shared::{
    id::{CompanyId, LinkId},
    member::SavedList,
    provider::ProviderUrl,
    status::{LinkKind, LinkStatus},
    time::UnixMillis,
};
use url::form_urlencoded;

use super::{
    companies::own_company,
    connections::SEARCH_MAX,
    error::ConsoleError,
    links::link_status_words,
    page::{Place, Shell, render},
    saved_views::SavedViews,
    session::SignedIn,
    words::Moment,
};
use crate::store::{
    companies::Company,
    link_lists::LinkListFilter,
    links::{Link, LinkForFlow},
    overview::Cursor,
};

/// Where the list is.
const HERE: &str = "/console/links";
/// Rows on a page.
const ROWS: i64 = 50;

/// The views: all, and one for each status.
const VIEWS: [Option<LinkStatus>; 5] = [
    None,
    Some(LinkStatus::Active),
    Some(LinkStatus::Fulfilled),
    Some(LinkStatus::Expired),
    Some(LinkStatus::Revoked),
];

/// What stands behind the list's address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    status: String,
    search: String,
    company: String,
    /// The link after which the page begins: its time and its id.
    after: String,
    /// How many links were made just now.
    made: String,
}

impl Asked {
    /// How many links were made just now, if that led here.
    fn made(&self) -> Option<u16> {
        self.made.parse().ok()
    }

    fn status(&self) -> Option<LinkStatus> {
        self.status.parse().ok()
    }

    fn search(&self) -> &str {
        let search = self.search.trim();
        if search.chars().count() > SEARCH_MAX {
            ""
        } else {
            search
        }
    }

    fn company(&self) -> Result<Option<CompanyId>, ConsoleError> {
        if self.company.is_empty() {
            return Ok(None);
        }
        let company = self.company.parse();
        company.map(Some).map_err(|_| ConsoleError::NotFound)
    }

    fn after(&self) -> Option<Cursor<LinkId>> {
        let (at, id) = self.after.split_once('_')?;
        Some(Cursor {
            created_at: UnixMillis(at.parse().ok()?),
            id: id.parse().ok()?,
        })
    }

    /// The address of this list with another status or another beginning.
    fn address(&self, status: Option<LinkStatus>, after: &str) -> String {
        match self.query(status, after) {
            none if none.is_empty() => HERE.to_owned(),
            query => format!("{HERE}?{query}"),
        }
    }

    /// What stands behind the question mark of such an address.
    fn query(&self, status: Option<LinkStatus>, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("status", status.map_or("", LinkStatus::as_str)),
            ("search", self.search()),
            ("company", &self.company),
            ("after", after),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "console/links.html")]
struct LinksPage<'a> {
    shell: Shell<'a>,
    asked: &'a Asked,
    status: Option<LinkStatus>,
    rows: &'a [LinkForFlow],
    company: Option<&'a Company>,
    /// The address of the page that follows, if there are more rows.
    more: Option<String>,
    saved: SavedViews,
}

impl LinksPage<'_> {
    fn views(&self) -> [Option<LinkStatus>; 5] {
        VIEWS
    }

    fn view_title(&self, view: &Option<LinkStatus>) -> &'static str {
        view.map_or("All", |status| link_status_words(status).0)
    }

    fn is_narrowed(&self) -> bool {
        self.asked.address(self.status, &self.asked.after) != HERE
    }

    fn status_words(&self, link: &Link) -> (&'static str, &'static str) {
        link_status_words(link.status(self.shell.me.now))
    }

    /// What there is to say beside the status.
    fn remark(&self, link: &Link) -> String {
        if let Some(reason) = &link.revoked_reason {
            return reason.clone();
        }
        if link.max_uses > 1 {
            return format!("{} of {} uses", link.use_count, link.max_uses);
        }
        String::new()
    }

    fn kind(&self, link: &Link) -> &'static str {
        match link.kind {
            LinkKind::Company => "Connects an account",
            LinkKind::ConnectionUpdate => "Repairs a connection",
        }
    }

    fn website(&self, link: &Link) -> String {
        let url = link.provider_url.as_ref();
        url.map(ProviderUrl::host).unwrap_or_default()
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }
}

/// Shows a page of links, newest first.
pub(super) async fn list(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    let (organization, now) = (me.organization.id, me.now);
    let company = asked.company()?;
    let filter = &LinkListFilter {
        company,
        status: asked.status(),
        kind: None,
        search: asked.search().to_owned(),
    };
    let after = asked.after();
    let (who, query) = (&me, &asked.query(filter.status, ""));
    let reading = me.console.door.store.read("console.links", |tx| {
        Box::pin(async move {
            let company = match company {
                Some(id) => Some(own_company(tx, organization, id).await?),
                None => None,
            };
            let rows = tx.links_after(organization, filter, now, (after, ROWS + 1));
            let rows = rows.await?;
            let saved = SavedViews::of(tx, who, SavedList::Links, query).await?;
            Ok::<_, ConsoleError>((rows, company, saved))
        })
    });
    let (mut rows, company, saved) = reading.await?;
    let most = usize::try_from(ROWS).unwrap_or_default();
    let is_more = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().filter(|_| is_more);
    let more = last.map(|last| {
        let after = format!("{}_{}", last.link.created_at.0, last.link.id);
        asked.address(filter.status, &after)
    });
    render(&LinksPage {
        shell: Shell::new(&me, Place::Links),
        status: filter.status,
        asked: &asked,
        rows: &rows,
        company: company.as_ref(),
        more,
        saved,
    })
}
