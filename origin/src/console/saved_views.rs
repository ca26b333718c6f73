//! Saved views: a list's filter and search under a name, above the list's table.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{
    id::{MemberId, SavedViewId},
    member::{AuditAction, SavedList},
    text::{is_blank, is_control},
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

/// Views that one member may have, and that one team may share.
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
    /// Who sees them.
    member: MemberId,
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
            member: me.member.id,
        })
    }

    /// The address of the list as the view has it.
    pub(super) fn address(&self, view: &SavedView) -> String {
        address(view.list, &view.query)
    }

    /// Whether the page shows it now.
    pub(super) fn is_current(&self, view: &SavedView) -> bool {
        self.current().is_some_and(|current| current.id == view.id)
    }

    /// The view that the page shows now: where several are the same, one's own.
    pub(super) fn current(&self) -> Option<&SavedView> {
        let views = self.views.iter().filter(|view| view.query == self.query);
        views.min_by_key(|view| view.member != self.member)
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
    /// What the form says; who only reads leaves as it was whether the team sees the view.
    fn of(me: &SignedIn, form: &Form, was_shared: bool) -> Self {
        let name = form.text("name");
        let is_fine =
            !is_blank(name) && name.chars().count() <= NAME_MAX && !name.contains(is_control);
        Self {
            name: name.to_owned(),
            is_shared: match me.member.role.may_write() {
                true => form.text("shared") == "yes",
                false => was_shared,
            },
            wrong: (!is_fine).then(|| Wrong::new("name", "Enter a name of at most 60 characters.")),
        }
    }

    fn told(mut self, field: &'static str, told: &'static str) -> Self {
        self.wrong = Some(Wrong::new(field, told));
        self
    }
}

/// What became of a view that was to be written.
enum Written {
    Done,
    Duplicate,
    TooMany,
    TooManyShared,
}

impl Written {
    /// The page that follows: the list, or the form with what is wrong.
    fn answer(
        self,
        me: &SignedIn,
        (view, list, query): (Option<&SavedView>, SavedList, &str),
        filled: Filled,
    ) -> Result<Response, ConsoleError> {
        let (field, told) = match self {
            Self::Done => return Ok(Redirect::to(&address(list, query)).into_response()),
            Self::Duplicate => (
                "name",
                "You have a view of this name already: choose another name.",
            ),
            Self::TooMany => (
                "name",
                "You have 50 views, which is the most: remove one first.",
            ),
            Self::TooManyShared => (
                "shared",
                "Your team shares 50 views, which is the most: keep this one to yourself, or remove one first.",
            ),
        };
        let status = match self {
            Self::Duplicate => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        page(me, status, (view, list, query), filled.told(field, told))
    }
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
    let filled = Filled::of(&me, &form, false);
    let of = (None, list, query.as_str());
    if filled.wrong.is_some() {
        return page(&me, StatusCode::UNPROCESSABLE_ENTITY, of, filled);
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
                return Ok(Written::TooMany);
            }
            if view.shared_at.is_some() && is_full(tx, view).await? {
                return Ok(Written::TooManyShared);
            }
            if !tx.add_saved_view(view).await? {
                return Ok(Written::Duplicate);
            }
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(Written::Done)
        })
    });
    adding.await?.answer(&me, of, filled)
}

/// Whether the team shares as many views as may be.
async fn is_full(tx: &mut Tx<'_>, view: &SavedView) -> Result<bool, StoreError> {
    Ok(tx.count_shared_views(view.organization).await? >= MOST)
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
    let view = reading.await?.ok_or(ConsoleError::ViewGone)?;
    if may_change(me, &view) {
        Ok(view)
    } else {
        Err(ConsoleError::ViewOfAnother)
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
    let filled = Filled::of(&me, &form, before.shared_at.is_some());
    let of = (Some(&before), before.list, before.query.as_str());
    if filled.wrong.is_some() {
        return page(&me, StatusCode::UNPROCESSABLE_ENTITY, of, filled);
    }
    let view = SavedView {
        name: filled.name.clone(),
        shared_at: filled.is_shared.then(|| before.shared_at.unwrap_or(me.now)),
        ..before.clone()
    };
    let event = |did| audit(&me, did, &view);
    let changed = event(AuditAction::SavedViewChanged);
    let removed = event(AuditAction::SavedViewRemoved);
    let (before, view, changed, removed) = (&before, &view, &changed, &removed);
    let changing = me.console.door.store.tx("console.change_saved_view", |tx| {
        Box::pin(async move {
            let maker = tx.member(view.organization, view.member).await?;
            if view.shared_at.is_none() && maker.is_none() {
                // Nobody would see it any more.
                tx.remove_saved_view(view).await?;
                tx.add_audit_event(removed).await?;
                return Ok(Written::Done);
            }
            let becomes_shared = view.shared_at.is_some() && before.shared_at.is_none();
            if becomes_shared && is_full(tx, view).await? {
                return Ok(Written::TooManyShared);
            }
            if !tx.change_saved_view(view).await? {
                return Ok(Written::Duplicate);
            }
            tx.add_audit_event(changed).await?;
            Ok::<_, ConsoleError>(Written::Done)
        })
    });
    changing.await?.answer(&me, of, filled)
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
