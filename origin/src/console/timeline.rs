//! What happened to a link, or to a connection and the links that made and repaired it.

use shared::status::{ConnectionStatus, LinkKind};

use super::{
    link_words::event_words,
    words::{Moment, status_words},
};
use crate::store::{collections::Collection, links::LinkEvent};

/// One thing that happened, and when.
pub(super) struct TimelineEntry {
    pub(super) at: Moment,
    pub(super) text: String,
}

impl TimelineEntry {
    pub(super) fn of_link(event: &LinkEvent) -> Self {
        Self {
            at: Moment::at(event.at),
            text: event_words(event),
        }
    }
}

/// What happened to a connection, newest first.
pub(super) fn of_connection(
    events: &[(LinkKind, LinkEvent)],
    runs: &[Collection],
) -> Vec<TimelineEntry> {
    let of_links = events.iter().map(|(kind, event)| {
        let link = match kind {
            LinkKind::Company => "Link",
            LinkKind::ConnectionUpdate => "Update link",
        };
        (event.at, format!("{link}: {}", event_words(event)))
    });
    let of_runs = runs
        .iter()
        .map(|run| (run.finished_at.unwrap_or(run.started_at), run_words(run)));
    let mut entries: Vec<_> = of_links.chain(of_runs).collect();
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let entries = entries.into_iter();
    entries
        .map(|(at, text)| TimelineEntry {
            at: Moment::at(at),
            text,
        })
        .collect()
}

/// What a collection came to.
fn run_words(run: &Collection) -> String {
    let (seen, new) = (run.bills_found, run.bills_new);
    let bills = match seen {
        0 => String::new(),
        1 => format!("1 bill seen, {new} new"),
        _ => format!("{seen} bills seen, {new} new"),
    };
    let told = match run.status {
        _ if run.other_accounts.is_some() => {
            "another account was signed in to, so nothing was changed"
        }
        None => "it began, and has not ended",
        Some(ConnectionStatus::Connected) if bills.is_empty() => "it worked, no bills were seen",
        Some(ConnectionStatus::Connected) => "",
        Some(status) => status_words(status, false).label,
    };
    let parts = [told, &bills].into_iter().filter(|part| !part.is_empty());
    format!("Collection: {}", parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use shared::{
        id::{CollectionId, ConnectionId},
        proof::FoundAccounts,
        status::LinkEventKind,
        time::UnixMillis,
    };

    use super::*;

    fn run(at: i64, status: Option<ConnectionStatus>, (seen, new): (i64, i64)) -> Collection {
        Collection {
            id: CollectionId::from_random([1; 16]),
            connection: ConnectionId::from_random([2; 16]),
            started_at: UnixMillis(at),
            finished_at: status.map(|_| UnixMillis(at + 1)),
            signed_in_at: None,
            status,
            status_detail: None,
            bills_found: seen,
            bills_new: new,
            bills_expected: seen,
            held_requests: 0,
            other_accounts: None,
        }
    }

    #[test]
    fn links_and_collections_stand_in_one_line_newest_first() {
        let event = |at, kind| LinkEvent {
            kind,
            flow_ref: None,
            detail: None,
            at: UnixMillis(at),
        };
        let events = [
            (LinkKind::Company, event(10, LinkEventKind::Created)),
            (LinkKind::Company, event(20, LinkEventKind::Fulfilled)),
            (LinkKind::ConnectionUpdate, event(50, LinkEventKind::Opened)),
        ];
        let runs = [
            run(60, None, (0, 0)),
            Collection {
                other_accounts: Some(FoundAccounts::default()),
                ..run(55, Some(ConnectionStatus::Connected), (0, 0))
            },
            run(40, Some(ConnectionStatus::PasswordIncorrect), (0, 0)),
            run(35, Some(ConnectionStatus::Connected), (0, 0)),
            run(30, Some(ConnectionStatus::Connected), (13, 2)),
        ];
        let told = of_connection(&events, &runs);
        let told: Vec<_> = told.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(
            told,
            [
                "Collection: it began, and has not ended",
                "Collection: another account was signed in to, so nothing was changed",
                "Update link: A person opened it",
                "Collection: Password refused",
                "Collection: it worked, no bills were seen",
                "Collection: 13 bills seen, 2 new",
                "Link: The connection was made",
                "Link: The link was made",
            ]
        );
    }
}
