//! Saved views: a list's filter and search under a name, above the list's table.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{
    id::SavedViewId,
    member::{AuditAction, SavedList},
};
use url::form_urlencoded;

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{
    clock::bytes,
    store::{StoreError, Tx, saved_views::SavedView},
};

/// Views that one member may have.
const MOST: i64 = 50;
/// The longest name, in characters.
const NAME_MAX: usize = 60;
/// The longest filter, in bytes.
const QUERY_MAX: usize = 2000;

/// Where a list is, and the fields of its filter.
fn list_of(list: SavedList) -> (&'static str, &'static [&'static str]) {
    match list {
        SavedList::Connections => ("/console/connections", &["view", "search", "company"]),
        SavedList::Links => ("/console/links", &["status", "search", "company"]),
        SavedList::Bills => (
            "/console/bills",
            &[
                "company",
                "connection",
                "site",
                "utilityType",
                "from",
                "to",
                "flagged",
            ],
        ),
    }
}

fn place_of(list: SavedList) -> Place {
    match list {
        SavedList::Connections => Place::Connections,
        SavedList::Links => Place::Links,
        SavedList::Bills => Place::Bills,
    }
}

/// The address of a list with this filter.
fn address(list: SavedList, query: &str) -> String {
    let (path, _) = list_of(list);
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The filter in the one spelling by which a list knows its view again: what is no field of the list is left out.
fn plain_query(list: SavedList, query: &str) -> String {
    let (_, fields) = list_of(list);
    let mut plain = form_urlencoded::Serializer::new(String::new());
    for name in fields {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        if let Some((_, value)) = pairs.find(|(key, value)| key == name && !value.is_empty()) {
            plain.append_pair(name, &value);
        }
    }
    plain.finish()
}

/// The views of a list, as the list's page shows them.
pub(super) struct SavedViews {
    /// Which list it is.
    pub(super) list: SavedList,
    /// The filter that the page shows.
    pub(super) query: String,
    /// All that the member sees.
    pub(super) views: Vec<SavedView>,
}

impl SavedViews {
    /// Those that the member sees beside this filter of the list.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        me: &SignedIn,
        list: SavedList,
        query: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            list,
            query: plain_query(list, query),
            views: tx.saved_views(&me.member, list).await?,
        })
    }

    /// The address of the list as the view has it.
    pub(super) fn address(&self, view: &SavedView) -> String {
        address(view.list, &view.query)
    }

    /// Whether the page shows it now.
    pub(super) fn is_current(&self, view: &SavedView) -> bool {
        view.query == self.query
    }

    /// The view that the page shows now.
    pub(super) fn current(&self) -> Option<&SavedView> {
        let mut views = self.views.iter();
        views.find(|view| self.is_current(view))
    }

    /// Whether there is a filter that has no name yet.
    pub(super) fn can_save(&self) -> bool {
        !self.query.is_empty() && self.query.len() <= QUERY_MAX && self.current().is_none()
    }
}

/// Whether the member may rename and remove the view: it is theirs, or the team's and they are an owner.
fn may_change(me: &SignedIn, view: &SavedView) -> bool {
    view.member == me.member.id || me.member.role.may_administer()
}

/// What somebody entered, and what is wrong with it.
struct Filled {
    name: String,
    is_shared: bool,
    wrong: Option<Wrong>,
}

/// The page with the form for a view, new or not.
#[derive(Template)]
#[template(path = "console/saved_view.html")]
struct ViewPage<'a> {
    shell: Shell<'a>,
    /// The view that is changed; none while it is made.
    view: Option<&'a SavedView>,
    list: SavedList,
    query: &'a str,
    back: String,
    filled: Filled,
}

impl ViewPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.filled.wrong, field)
    }
}

fn page(
    me: &SignedIn,
    status: StatusCode,
    (view, list, query): (Option<&SavedView>, SavedList, &str),
    filled: Filled,
) -> Result<Response, ConsoleError> {
    let html = render(&ViewPage {
        shell: Shell::new(me, place_of(list)),
        view,
        list,
        query,
        back: address(list, query),
        filled,
    })?;
    Ok((status, html).into_response())
}

impl Filled {
    fn of(me: &SignedIn, form: &Form) -> Self {
        let name = form.text("name");
        let is_fine = !name.is_empty()
            && name.chars().count() <= NAME_MAX
            && !name.contains(char::is_control);
        Self {
            name: name.to_owned(),
            is_shared: form.text("shared") == "yes" && me.member.role.may_write(),
            wrong: (!is_fine).then(|| Wrong::new("name", "Enter a name of at most 60 characters.")),
        }
    }

    fn told(mut self, told: &'static str) -> Self {
        self.wrong = Some(Wrong::new("name", told));
        self
    }
}

const DUPLICATE: &str = "You have a view of this name already: choose another name.";

/// What became of a new view.
enum Added {
    Done,
    Duplicate,
    TooMany,
}

/// Saves the filter that the form names.
pub(super) async fn add(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let list: SavedList = form
        .text("list")
        .parse()
        .map_err(|_| ConsoleError::OldForm)?;
    let query = plain_query(list, form.text("query"));
    if query.is_empty() || query.len() > QUERY_MAX {
        return Err(ConsoleError::OldForm);
    }
    let filled = Filled::of(&me, &form);
    let refuse = |status, filled| page(&me, status, (None, list, &query), filled);
    if filled.wrong.is_some() {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, filled);
    }
    let view = SavedView {
        id: SavedViewId::from_random(bytes(&*me.console.door.random)),
        organization: me.organization.id,
        member: me.member.id,
        list,
        name: filled.name.clone(),
        query: query.clone(),
        shared_at: filled.is_shared.then_some(me.now),
        created_at: me.now,
    };
    let event = audit(&me, AuditAction::SavedViewAdded, &view);
    let (member, view, event) = (&me.member, &view, &event);
    let adding = me.console.door.store.tx("console.add_saved_view", |tx| {
        Box::pin(async move {
            if tx.count_saved_views(member).await? >= MOST {
                return Ok(Added::TooMany);
            }
            if !tx.add_saved_view(view).await? {
                return Ok(Added::Duplicate);
            }
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(Added::Done)
        })
    });
    match adding.await? {
        Added::Done => Ok(Redirect::to(&address(list, &query)).into_response()),
        Added::Duplicate => refuse(StatusCode::UNPROCESSABLE_ENTITY, filled.told(DUPLICATE)),
        Added::TooMany => refuse(
            StatusCode::CONFLICT,
            filled.told("You have 50 views, which is the most: remove one first."),
        ),
    }
}

fn audit(
    me: &SignedIn,
    did: AuditAction,
    view: &SavedView,
) -> crate::store::audit_events::AuditEvent {
    me.audit(did, Some(view.id.to_string()), Some(view.name.clone()))
}

/// The view of this id, if the member may change it.
async fn own(me: &SignedIn, id: &str) -> Result<SavedView, ConsoleError> {
    let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let member = &me.member;
    let reading = me.console.door.store.read("console.saved_view", |tx| {
        Box::pin(tx.saved_view(member, id))
    });
    let view = reading.await?.ok_or(ConsoleError::NotFound)?;
    if may_change(me, &view) {
        Ok(view)
    } else {
        Err(ConsoleError::Forbidden)
    }
}

/// Shows the form that renames and removes a view.
pub(super) async fn show(me: SignedIn, Path(id): Path<String>) -> Result<Response, ConsoleError> {
    let view = own(&me, &id).await?;
    let filled = Filled {
        name: view.name.clone(),
        is_shared: view.shared_at.is_some(),
        wrong: None,
    };
    let of = (Some(&view), view.list, view.query.as_str());
    page(&me, StatusCode::OK, of, filled)
}

/// Gives a view another name, and says who sees it.
pub(super) async fn change(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let before = own(&me, &id).await?;
    let filled = Filled::of(&me, &form);
    let of = (Some(&before), before.list, before.query.as_str());
    let refuse = |filled| page(&me, StatusCode::UNPROCESSABLE_ENTITY, of, filled);
    if filled.wrong.is_some() {
        return refuse(filled);
    }
    let view = SavedView {
        name: filled.name.clone(),
        shared_at: filled.is_shared.then(|| before.shared_at.unwrap_or(me.now)),
        ..before.clone()
    };
    let event = audit(&me, AuditAction::SavedViewChanged, &view);
    let (changed, event) = (&view, &event);
    let changing = me.console.door.store.tx("console.change_saved_view", |tx| {
        Box::pin(async move {
            if !tx.change_saved_view(changed).await? {
                return Ok(false);
            }
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    if !changing.await? {
        return refuse(filled.told(DUPLICATE));
    }
    Ok(Redirect::to(&address(view.list, &view.query)).into_response())
}

/// Removes a view; the list stays as it is.
pub(super) async fn remove(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let view = own(&me, &id).await?;
    let event = audit(&me, AuditAction::SavedViewRemoved, &view);
    let (removed, event) = (&view, &event);
    let removing = me.console.door.store.tx("console.remove_saved_view", |tx| {
        Box::pin(async move {
            if tx.remove_saved_view(removed).await? {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, ConsoleError>(())
        })
    });
    removing.await?;
    Ok(Redirect::to(&address(view.list, &view.query)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_one_spelling_and_nothing_else_in_it() {
        let plain = |query| plain_query(SavedList::Connections, query);
        assert_eq!(plain("search=a+b&view=paused"), "view=paused&search=a+b");
        assert_eq!(plain("after=1_2&search=&view=paused&x=y"), "view=paused");
        assert_eq!(plain("search=%0d%0aX:%20y"), "search=%0D%0AX%3A+y");
    }
}
