//! Settings > Audit log: what members did at the console, and what keys did by API.

use askama::Template;
use axum::{extract::Query, response::Html};
use serde::Deserialize;
use shared::{member::AuditAction, time::UnixMillis};
use url::form_urlencoded;

use super::{
    error::ConsoleError,
    page::{Place, Shell, render},
    session::SignedIn,
    words::{Moment, audit_words},
};
use crate::store::audit_events::{AuditActor, AuditCursor, AuditEvent, COMMAND_LINE};

/// Lines on a page.
const LINES: usize = 50;

/// What the address of the page asks for.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The one whose lines alone are shown, as [`spelled`] writes it.
    who: Option<String>,
    /// The line after which the page begins, as [`Asked::address`] writes it.
    after: Option<String>,
}

impl Asked {
    fn actor(&self) -> Option<AuditActor> {
        let who = self.who.as_deref()?;
        if who == COMMAND_LINE {
            return Some(AuditActor::CommandLine);
        }
        let (kind, id) = who.split_once(':')?;
        match kind {
            "member" => id.parse().ok().map(AuditActor::Member),
            "key" => id.parse().ok().map(AuditActor::Key),
            _ => None,
        }
    }

    fn after(&self) -> Option<AuditCursor> {
        let (at, id) = self.after.as_deref()?.split_once('_')?;
        Some(AuditCursor {
            at: UnixMillis(at.parse().ok()?),
            id: id.parse().ok()?,
        })
    }

    /// The address of the page that begins after this line.
    fn address(&self, last: &AuditEvent) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(actor) = self.actor() {
            query.append_pair("who", &spelled(actor));
        }
        query.append_pair("after", &format!("{}_{}", last.at.0, last.id));
        format!("/console/audit-log?{}", query.finish())
    }
}

/// Who it is, as the address names them.
fn spelled(actor: AuditActor) -> String {
    match actor {
        AuditActor::Member(id) => format!("member:{id}"),
        AuditActor::Key(id) => format!("key:{id}"),
        AuditActor::CommandLine => COMMAND_LINE.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "console/audit_log.html")]
struct AuditLogPage<'a> {
    shell: Shell<'a>,
    events: &'a [(AuditEvent, String)],
    actors: &'a [(AuditActor, String)],
    actor: Option<AuditActor>,
    /// Whether the page shows what is older than the newest.
    is_later: bool,
    /// The address of the page that follows, if there is more.
    more: Option<String>,
}

impl AuditLogPage<'_> {
    fn at(&self, event: &AuditEvent) -> Moment {
        Moment::at(event.at)
    }

    fn told(&self, event: &AuditEvent) -> &'static str {
        audit_words(event.action)
    }

    fn is_member(&self, actor: &AuditActor) -> bool {
        matches!(actor, AuditActor::Member(_))
    }

    fn is_command_line(&self, actor: &AuditActor) -> bool {
        *actor == AuditActor::CommandLine
    }

    /// Who runs the installation.
    fn command_line(&self) -> &'static str {
        COMMAND_LINE
    }

    fn is_key(&self, actor: &AuditActor) -> bool {
        matches!(actor, AuditActor::Key(_))
    }

    fn spelled(&self, actor: &AuditActor) -> String {
        spelled(*actor)
    }

    fn is_chosen(&self, actor: &AuditActor) -> bool {
        self.actor == Some(*actor)
    }

    /// The page about what was changed, where it has one.
    fn address(&self, event: &AuditEvent) -> Option<String> {
        let place = match event.action {
            AuditAction::CompanyAdded | AuditAction::CompanyChanged => "companies",
            AuditAction::LinkMade
            | AuditAction::UpdateLinkMade
            | AuditAction::LinkExtended
            | AuditAction::LinkRevoked => "links",
            AuditAction::ConnectionChanged
            | AuditAction::CollectionAsked
            | AuditAction::ConnectionPaused
            | AuditAction::ConnectionResumed => "connections",
            AuditAction::LinkBatchMade => "links/batch",
            AuditAction::CompaniesImported => "companies/import",
            _ => return None,
        };
        let id = event.subject.as_deref()?;
        Some(format!("/console/{place}/{id}"))
    }
}

/// Shows a page of the log, newest first.
pub(super) async fn show(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    me.must_administer()?;
    let organization = me.organization.id;
    let (actor, after) = (asked.actor(), asked.after());
    let most = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    let reading = me.console.door.store.read("console.audit_log", |tx| {
        Box::pin(async move {
            let events = tx.audit_events(organization, actor, after, most).await?;
            Ok::<_, ConsoleError>((events, tx.audit_actors(organization).await?))
        })
    });
    let (mut events, actors) = reading.await?;
    let is_more = events.len() > LINES;
    events.truncate(LINES);
    let last = events.last().filter(|_| is_more);
    let more = last.map(|(last, _)| asked.address(last));
    render(&AuditLogPage {
        shell: Shell::new(&me, Place::Settings),
        events: &events,
        actors: &actors,
        actor,
        is_later: after.is_some(),
        more,
    })
}
